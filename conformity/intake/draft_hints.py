"""Words in column names and values that hint at what a column means, in several languages of the EU.

All words are lower case and without accents. A hint is only a hint: whatever is drafted from it is
marked as a guess.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    """Return the words of ``text``."""
    return frozenset(text.split())


PROTECTED: dict[str, frozenset[str]] = {
    "sex or gender": _words(
        "sex gender geschlecht sexe genre sexo genero sesso genere geslacht kon kjonn koen plec sukupuoli "
        "pohlavi pohlavie spol sugu"
    ),
    "age": _words(
        "age alter lebensalter edad eta leeftijd idade alder wiek ika vek ages agegroup altersgruppe"
    ),
    "race or ethnic origin": _words(
        "race ethnicity ethnic ethnie rasse ethnizitat herkunft raza etnia razza raca etniciteit afkomst "
        "origine origen etnisk pochodzenie"
    ),
    "nationality": _words(
        "nationality citizenship native nationalitat staatsangehorigkeit nationalite citoyennete "
        "nacionalidad ciudadania nazionalita cittadinanza nacionalidade nationaliteit nationalitet "
        "medborgarskap obywatelstwo narodowosc kansalaisuus"
    ),
    "religion or belief": _words(
        "religion religious creed konfession religione religioso religie godsdienst religiao uskonto wyznanie"
    ),
    "disability": _words(
        "disability disabled handicap behinderung invalidite discapacidad disabilita deficiencia "
        "beperking funktionsnedsattning niepelnosprawnosc vammaisuus"
    ),
    "marital status": _words(
        "marital marriage married familienstand matrimonial matrimonio conjugal maritale burgerlijke "
        "civilstand sivilstand siviilisaaty"
    ),
    "language": _words("language mothertongue muttersprache langue idioma lingua jezyk sprache"),
    "sexual orientation": _words("orientation orientierung orientacion orientamento orientatie"),
    "pregnancy": _words("pregnancy pregnant schwanger enceinte embarazo gravidanza zwanger"),
}
"""Traits by which people are often treated unequally, with words that name them in headers."""

PROTECTED_VALUES: dict[str, frozenset[str]] = {
    "sex or gender": _words(
        "male female man woman men women mann frau mannlich weiblich divers homme femme masculin feminin "
        "hombre mujer masculino femenino uomo donna maschio femmina vrouw kvinna kvinne mezczyzna kobieta "
        "nonbinary diverse"
    ),
    "race or ethnic origin": _words("white black asian hispanic latino african-american caucasian roma arab"),
    "marital status": _words(
        "single married divorced widowed separated ledig verheiratet geschieden verwitwet celibataire "
        "marie divorce veuf soltero casado divorciado viudo"
    ),
}
"""Values that name such a trait even where the header does not."""

QUASI: frozenset[str] = _words(
    "zip zipcode postcode postal postleitzahl plz cap cep postnummer city town ort stadt ville ciudad citta "
    "cidade gemeente municipality gemeinde commune comune region county province provincia bundesland "
    "district canton birth birthday birthdate birthyear dob born geburtsdatum geburtsjahr naissance "
    "nacimiento nascita nascimento geboortedatum occupation job beruf profession profesion professione "
    "beroep employer education schooling bildung country land pays pais paese nationality"
)
"""Words for what is not an identifier alone but may single a person out together with others."""

DIRECT: frozenset[str] = _words(
    "surname lastname firstname fullname forename vorname nachname prenom nom nombre apellido apellidos "
    "cognome sobrenome voornaam achternaam email mail phone telephone mobile telefon telefono telefoon "
    "handy address street adresse strasse direccion indirizzo endereco passport ssn iban creditcard dni "
    "nie bsn pesel nif taxid username customername clientname "
    "personname applicantname"
)
"""Words for what names or reaches a person."""

PERSON_ID: frozenset[str] = _words(
    "id ids uuid guid identifier kennung nummer customerid personid userid clientid applicantid"
)
"""Words for a number given to each person or row."""

LABEL: tuple[str, ...] = (
    "label",
    "labels",
    "target",
    "y_true",
    "ground_truth",
    "y",
    "outcome",
    "class",
    "actual",
    "default",
    "approved",
    "hired",
    "income",
    "churn",
    "fraud",
    "survived",
    "recid",
    "ziel",
    "zielvariable",
    "cible",
    "objetivo",
    "etichetta",
    "etiqueta",
    "etiquette",
)
"""Words for what happened in truth; the earlier, the likelier."""

PREDICTION: tuple[str, ...] = (
    "prediction",
    "predictions",
    "predicted",
    "y_pred",
    "yhat",
    "y_hat",
    "pred",
    "decision",
    "vorhersage",
    "entscheidung",
    "prevision",
    "prediccion",
    "predizione",
    "previsao",
    "voorspelling",
    "prognoza",
)
"""Words for what the system decided; the earlier, the likelier."""

SCORE: tuple[str, ...] = (
    "score",
    "scores",
    "probability",
    "proba",
    "prob",
    "y_score",
    "confidence",
    "wahrscheinlichkeit",
    "probabilite",
    "probabilidad",
    "probabilita",
    "punteggio",
    "puntuacion",
    "kans",
)
"""Words for the number on which the decision rests; the earlier, the likelier."""

FAVOURABLE: frozenset[str] = _words(
    "1 1.0 yes true y t approved accepted accept granted grant hired hire good pass passed positive "
    "selected >50k >50k. ja oui si sim paid repaid"
)
"""Values that usually mean the outcome that a person wishes for."""

ADVERSE: frozenset[str] = _words(
    "default defaulted fraud fraudulent churn risk risky recid recidivism failure failed death died "
    "arrest delinquent delinquency late rejected denied ausfall betrug fraude frode"
)
"""Words in a header which tell that a yes is the outcome that nobody wishes for."""

PURPOSES: dict[str, frozenset[str]] = {
    "training": _words("train training fit"),
    "validation": _words("val valid validation dev eval"),
    "testing": _words("test testing holdout scored predictions"),
    "operation": _words("prod production live operation operations log"),
}
"""Words in a file's name which tell what the data are used for."""
