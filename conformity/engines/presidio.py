"""Presidio as a further detector: its recognisers of patterns, and of names where a model is installed.

Imported when the extra ``presidio`` is installed and asked for only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from conformity.errors import DataError

LEAST_SCORE = 0.5
"""The least score of a result; Presidio gives lower ones to forms without a check or a word beside them."""

_MODELS = ("en_core_web_lg", "en_core_web_md", "en_core_web_sm")

KINDS = {
    "CREDIT_CARD": "payment_card",
    "EMAIL_ADDRESS": "email",
    "ES_NIE": "es_nie",
    "ES_NIF": "es_dni",
    "FI_PERSONAL_IDENTITY_CODE": "fi_hetu",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ipv4",
    "IT_FISCAL_CODE": "it_codice_fiscale",
    "MAC_ADDRESS": "mac",
    "PERSON": "person_name",
    "PHONE_NUMBER": "phone",
    "PL_PESEL": "pl_pesel",
    "US_SSN": "us_ssn",
}
"""Presidio's entities, and the patterns that stand for the same; others are too coarse to be told."""


class Found(Protocol):
    """One result of an analyzer."""

    entity_type: str
    """What it found, by Presidio's name."""
    score: float
    """How sure it is, in [0, 1]."""


class Analyzer(Protocol):
    """What is used of Presidio's ``AnalyzerEngine``."""

    def analyze(self, text: str, language: str, entities: list[str]) -> Sequence[Found]:
        """Return what is found in a text."""
        ...


class Presidio:
    """Asks an analyzer for the entities that a pattern of this package stands for."""

    def __init__(self, engine: Analyzer) -> None:
        """Keep the analyzer."""
        self._engine = engine

    def kinds_in(self, text: str) -> frozenset[str]:
        """Return the kinds of personal data in a text, by the names of patterns.

        Raises:
            DataError: the analyzer fails; its message, which may hold the text, is left out.
        """
        try:
            results = self._engine.analyze(text=text, language="en", entities=sorted(KINDS))
        except Exception as error:
            raise DataError(
                f"Presidio failed on a value ({type(error).__name__}); update or remove it, and count again"
            ) from None
        return frozenset(
            KINDS[one.entity_type] for one in results if one.score >= LEAST_SCORE and one.entity_type in KINDS
        )


def analyzer() -> Analyzer:
    """Return Presidio's engine with a spaCy model that is installed, or with patterns only.

    Nothing is fetched: a missing model is left out, and so is the list of internet domains that Presidio's
    check of e-mail addresses would update.

    Raises:
        DataError: Presidio cannot be loaded.
    """
    try:
        return _loaded(next((name for name in _MODELS if find_spec(name)), None))
    except Exception as error:
        raise DataError(
            f"Presidio cannot be loaded ({type(error).__name__}); install conformity-report[presidio] again"
        ) from error


def _loaded(model: str | None) -> Analyzer:
    """Return Presidio's engine, with a model or without."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    _keep_offline()
    language = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": model or "blank"}])
    if model:
        language.load()
    else:
        language.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=language)
    remove: Callable[[str], Any] = registry.remove_recognizer
    if not model:
        remove("SpacyRecognizer")
    engine: Analyzer = AnalyzerEngine(registry=registry, nlp_engine=language, supported_languages=["en"])
    return engine


def _keep_offline() -> None:
    """Let the list of internet domains be the one that came with its library."""
    import tldextract

    # Presidio asks the module's own instance, which would fetch a newer list when it is first used.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
