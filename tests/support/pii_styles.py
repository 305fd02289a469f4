"""What the columns of synthetic tables are called, and how their cells are written, half by half."""

from __future__ import annotations

import random

from tests.support.pii_tables import (
    Maker,
    born,
    digits,
    drawn,
    email,
    person,
    recent,
    sentence,
    text_with_address,
)
from tests.support.pii_values import STREETS

Positive = tuple[str, list[str], Maker]
Negative = tuple[list[str], Maker]


def _form(text: str) -> Maker:
    """Return a maker of texts with random digits."""
    return lambda draw, row: digits(draw, text)


def _one_of(*texts: str) -> Maker:
    """Return a maker of one of some texts with random digits."""
    return lambda draw, row: digits(draw, draw.choice(texts))


def _count(start: int) -> Maker:
    """Return a maker of consecutive numbers."""
    return lambda draw, row: str(start + row)


def _amount(low: float, high: float, places: int) -> Maker:
    """Return a maker of numbers."""
    return lambda draw, row: f"{draw.uniform(low, high):.{places}f}"


def _whole(low: int, high: int) -> Maker:
    """Return a maker of whole numbers."""
    return lambda draw, row: str(draw.randrange(low, high))


def _ip(draw: random.Random, row: int) -> str:
    """Return an internet address."""
    del row
    return f"{draw.randrange(1, 223)}.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(1, 255)}"


def _hex(form: str) -> Maker:
    """Return a maker of texts with random hexadecimal digits."""
    return lambda draw, row: "".join(draw.choice("0123456789abcdef") if c == "#" else c for c in form)


def _street(form: str) -> Maker:
    """Return a maker of postal addresses."""
    return lambda draw, row: digits(draw, form.replace("s", "\0")).replace("\0", draw.choice(STREETS))


def _named(form: str) -> Maker:
    """Return a maker of names."""
    return lambda draw, row: person(draw, form)


def _dated(maker: object, form: str) -> Maker:
    """Return a maker of dates."""
    return lambda draw, row: maker(draw, row, form)  # type: ignore[operator]


def _place(draw: random.Random, row: int) -> str:
    """Return coordinates."""
    del row
    return f"{draw.uniform(36, 60):.5f}, {draw.uniform(-9, 28):.5f}"


TUNED: list[Positive] = [
    ("email", ["email", "contact", "E-Mail-Adresse", "x1"], email),
    (
        "phone",
        ["phone", "Telefon", "c7"],
        _one_of("+49 30 90182###", "+33 1 42 68 5# ##", "+39 06 698# ####"),
    ),
    ("phone", ["Telefonnummer", "tel", "mobile_no"], _one_of("030 90182###", "0171 23#####", "089/2351####")),
    ("iban", ["iban", "konto", "v2"], drawn("DE##37040044##########", "iban")),
    ("payment_card", ["card_number", "n", "cc_no"], drawn("4##############" + "#", "payment_card")),
    ("ip", ["ip", "client_ip", "src"], _ip),
    ("mac", ["mac", "device"], _hex("0#:#a:##:##:##:##".replace("0#", "00"))),
    ("birth_date", ["birth_date", "Geburtsdatum", "dob"], born),
    ("birth_date", ["date_of_birth", "geb_dat"], _dated(born, "%d.%m.%Y")),
    ("national", ["pesel", "id"], drawn("ymd#####", "pl_pesel")),
    ("national", ["steuer_id", "nr"], drawn("###########", "de_idnr")),
    ("national", ["bsn", "code"], drawn("#########", "nl_bsn")),
    ("national", ["dni", "documento"], drawn("########@", "es_dni")),
    (
        "national",
        ["nir", "numero"],
        drawn("2###1############".replace("1############", "0699#########")[:15], "fr_nir"),
    ),
    ("person_name", ["name", "Vorname", "last_name", "full_name"], _named("f l")),
    ("person_name", ["Nachname", "surname", "nom"], _named("l")),
    ("postal_address", ["address", "Anschrift", "street"], _street("s ##, ##### Ort")),
    ("place", ["latitude", "lat"], _amount(36, 60, 5)),
    ("secret", ["api_key", "token"], _form("AKIA" + "7QZ#XV#PLM#2RT#K")),
    ("email", ["comment", "notes"], text_with_address),
    ("licence_plate", ["kennzeichen", "plate"], _one_of("B-MW ####", "M-AB ###", "HH-XY ##")),
]
PLAIN: list[Negative] = [
    (["amount", "price", "salary"], _amount(5, 90_000, 2)),
    (["income"], _whole(10_000, 99_000)),
    (["customer_id", "order_no"], _count(100_000_001)),
    (["account_ref"], _count(4_000_000_000_000_000)),
    (["created_at", "event_date"], recent),
    (["timestamp"], _dated(recent, "%Y-%m-%d 12:%d:07")),
    (["epoch"], _whole(1_600_000_000, 1_700_000_000)),
    (["category", "status"], _one_of("A", "B", "C", "open", "closed")),
    (["product_name", "company"], _one_of("Blue Chair", "Desk ##", "Lamp", "Acme GmbH")),
    (["zip", "plz"], _form("#####")),
    (["uuid"], _hex("########-####-4###-a###-############")),
    (["score", "ratio"], _amount(0, 1, 6)),
    (["version"], _one_of("1.#.#", "2.##.#")),
    (["text", "remark"], sentence),
    (["ean"], _form("40########## #".replace(" ", ""))),
    (["age"], _whole(18, 90)),
    (["sku", "part"], _form("AB-####-##")),
]
HELD_OUT: list[Positive] = [
    ("email", ["kontakt", "adr_elec", "Correo electrónico", "COL_9", "E_MAIL_ADDR"], email),
    (
        "phone",
        ["Nº de teléfono", "GSM nr", "telefono_cell", "f3"],
        _one_of("+34 91 411 1#11", "0034 93 412 2###", "+40 21 312 3###"),
    ),
    (
        "phone",
        ["tel_dom", "phone1", "Puhelinnumero"],
        _one_of("01 42 68 53 ##", "04 91 13 8# ##", "0142685###"),
    ),
    ("phone", ["HomePhone", "ph_no"], _one_of("(212) 736-5###", "415-736-5###")),
    (
        "iban",
        ["rekeningnummer", "acct", "IBAN_NR"],
        drawn("NL##ABNA0########".replace("########", "#########"), "iban"),
    ),
    (
        "payment_card",
        ["pan", "kaartnummer", "zahlungsmittel"],
        drawn("5### #### #### ####".replace("5###", "54##"), "payment_card"),
    ),
    ("ip", ["remote_addr", "quelle", "host_ip"], _ip),
    ("ip", ["v6"], _hex("2001:db8:####:##::#")),
    (
        "birth_date",
        ["fecha_nac", "DTNASC", "syntymäaika", "Född", "data_urodzenia"],
        _dated(born, "%d/%m/%Y"),
    ),
    ("birth_date", ["naissance", "BirthDt", "geboortedatum", "birthday"], _dated(born, "%Y%m%d")),
    ("national", ["CNP", "cod"], drawn("1ymd######", "ro_cnp")),
    ("national", ["henkilötunnus", "tunnus"], drawn("dmy-###@", "fi_hetu")),
    ("national", ["rodné číslo", "r_cislo"], drawn("ymd/####", "cz_rc")),
    ("national", ["codice_fiscale", "CF", "k2"], drawn("@@@@@@##A##A###@", "it_codice_fiscale")),
    ("national", ["OIB", "ident"], drawn("###########", "hr_oib")),
    ("national", ["EGN"], drawn("ymd####", "bg_egn")),
    ("national", ["personnr", "pers_nr"], drawn("ymd-####", "se_personnummer")),
    ("national", ["rijksregisternummer", "rr_nr"], drawn("ymd#####", "be_nn")),
    ("national", ["NIF", "contribuinte_nr"], drawn("2########", "pt_nif")),
    ("national", ["PPSN"], drawn("#######@", "ie_pps")),
    ("vat", ["vat_no", "btw-nummer"], drawn("NL#########B01", "eu_vat")),
    (
        "person_name",
        ["primer_apellido", "Sukunimi", "nazwisko", "cust_nm", "Achternaam", "Efternamn"],
        _named("l"),
    ),
    ("person_name", ["prenom", "given", "imię", "jméno", "forename"], _named("f")),
    ("person_name", ["patient", "Name des Kunden", "employee_name", "nome completo"], _named("l, f")),
    (
        "postal_address",
        ["Dirección", "adresse_1", "indirizzo", "addr_line_1", "osoite", "Wohnort_Str"],
        _street("s ##"),
    ),
    ("place", ["Breitengrad", "gps_lng", "longitud"], _amount(3, 28, 6)),
    ("place", ["position", "standort"], _place),
    ("device", ["imei", "handset"], drawn("35#############", "imei")),
    ("secret", ["gh", "credential"], _hex("ghp_####################################")),
    ("email", ["commentaire", "Freitext", "obs"], text_with_address),
    (
        "passport",
        ["passport_no", "Reisepassnummer", "pasaporte"],
        _one_of("C0#X##T##".replace("0#", "01"), "AB#######", "X#######"),
    ),
]
HELD_OUT_PLAIN: list[Negative] = [
    (["importe", "Betrag_EUR", "montant"], _amount(-500, 900, 2)),
    (["balance"], _whole(-50_000, 9_000_000)),
    (["rec_id", "Vorgangsnummer", "ticket"], _count(3_240_000_017)),
    (["batch"], _form("###########")),
    (["lot_nr", "serial"], _form("##########")),
    (["ref_no", "Beleg"], _form("#########")),
    (["barcode", "gtin"], _form("#############")),
    (["transaction"], _form("################")),
    (["fecha_alta", "signup_date", "Buchungstag"], _dated(recent, "%d.%m.%Y")),
    (["opened"], _dated(recent, "%Y%m%d")),
    (["ts_ms"], _whole(1_600_000_000_000, 1_700_000_000_000)),
    (["kategorie", "segment", "tier"], _one_of("gold", "silber", "bronze", "1", "2")),
    (["has_phone", "email_opt_in", "name_verified"], _one_of("true", "false")),
    (
        ["city_name", "product", "employer", "Firmenname"],
        _one_of("Berlin", "Oslo", "Prague", "Contoso Ltd", "Kvik AS"),
    ),
    (["file_name", "hostname"], _one_of("scan_###.pdf", "srv-##", "img##.png")),
    (["sha1"], _hex("########################################")),
    (["weight_kg", "temperature", "lat_ms"], _amount(0, 150, 4)),
    (["rate", "prob"], _amount(0, 1, 9)),
    (["firmware", "build"], _one_of("10.#.###", "v3.#.#", "4.0.#-rc#")),
    (["descrizione", "Betreff", "summary"], sentence),
    (["isbn"], _form("978##########")),
    (["duration_s", "phone_calls", "card_count"], _whole(0, 4_000)),
    (["time", "Uhrzeit"], _one_of("12:##:##", "0#:1#:4#")),
    (["year_built", "model_year"], _whole(1950, 2024)),
    (["article", "code_produit"], _one_of("X######", "QA##-####", "ZZ####A")),
    (["web", "site"], _one_of("https://example.com/p/##", "https://shop.example.org/item?x=##")),
    (["phone_model", "card_type"], _one_of("Pixel #", "Visa", "iPhone 1#")),
]
POSITIVES = (TUNED, HELD_OUT)
NEGATIVES = (PLAIN, HELD_OUT_PLAIN)
