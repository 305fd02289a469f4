"""Identifiers are found by form, confirmed by check, and told from chance."""

from __future__ import annotations

import random
import re

import pytest

from conformity.engines.chance import seen_with, standing, tail
from conformity.engines.patterns import (
    ANY_NET,
    HEADER,
    LETTERS,
    NETS,
    WORD,
    pattern,
    patterns,
    unchecked_states,
)
from conformity.errors import DataError

# Published examples: ISO 13616 registry (IBAN), card networks' test numbers, RFC 5737, 3849 and 2606
# (documentation addresses and domains), RFC 7519 (token), python-stdnum's documented examples for national
# numbers, the European Commission's TIN sheets (Luxembourg, Hungarian tax number). The Hungarian social
# security number by hand: 3*1+7*2+3*3+7*4+3*5+7*6+3*7+7*8 = 188.
VALID = {
    "access_key": ["AKIA" + "IOSFODNN7EXAMPLE", "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"],
    "at_tin": ["59-119/9013"],
    "at_vnr": ["1237 010180"],
    "be_nn": ["85.07.30-033.28", "98472899765"],
    "bg_egn": ["8032056031"],
    "bg_pnf": ["7111042925"],
    "birth_date": [
        "1961-04-12",
        "12.04.1961",
        "04/30/61",
        "19610412",
        "1961-04-12 00:00:00",
        "1961-04-12T00:00",
    ],
    "coordinates": ["48.85341, 2.34880", "-33.868;151.209"],
    "cz_rc": ["710319/2745", "7103192745"],
    "de_idnr": ["36574261809", "36 574 261 809"],
    "dk_cpr": ["211062-5629"],
    "ee_ik": ["36805280109"],
    "email": ["a.b+c@example.com", "x@mail.example.co.uk"],
    "es_dni": ["54362315K", "54362315-K"],
    "es_nie": ["X-2482300-W"],
    "eu_vat": ["BE 0697.449.992", "NL004495445B01", "FR 61 954 506 077", "ATU57194903"],
    "fi_hetu": ["131052-308T"],
    "fr_nif": ["30 23 217 600 053"],
    "fr_nir": ["295109912611193", "2 95 10 99 126 111 93"],
    "gr_afm": ["094259216"],
    "gr_amka": ["01013099997"],
    "hr_oib": ["33392005961"],
    "hu_taj": ["123 456 788"],
    "hu_tax": ["8071592153"],
    "iban": ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NO9386011117947"],
    "ie_pps": ["6433435F", "6433435FT"],
    "imei": ["490154203237518"],
    "ipv4": ["192.0.2.1", "10.0.0.255"],
    "ipv6": ["2001:db8::1", "fe80:0:0:0:1:2:3:4"],
    "it_codice_fiscale": ["RCCMNL83S18D969H"],
    "jwt": [
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEz.dBjftJeZ4CVPmB92K27uhbUJU1p1r"
    ],
    "known_address": ["10 Downing Street", "Hauptstraße 5", "10115 Berlin"],
    "known_name": ["Anna", "Jürgen MÜLLER", "μαρία παπαδοπούλου"],
    "latitude_longitude": ["48.85341", "-0.127758"],
    "licence_plate": ["B-MW 1234", "AB123CD"],
    "lt_asmens": ["33309240064"],
    "lu_matricule": ["1893120105732"],
    "lv_pk": ["161175-19997"],
    "mac": ["00:00:5e:00:53:01", "00-00-5E-00-53-01", "0000.5e00.5301"],
    "mt_id": ["0123456M"],
    "nl_bsn": ["111222333"],
    "passport": ["C01X00T47", "AB1234567"],
    "payment_card": ["4111 1111 1111 1111", "378282246310005", "5555-5555-5555-4444", "3782 822463 10005"],
    "person_name": ["Anna", "O’Brien, Anna-Maria", "Łukasik"],
    "phone": ["+44 20 7946 0018", "+49 30 901820", "+1 (202) 456-1111", "0049 30 901820"],
    "phone_bare": ["030 901820", "0142685300", "301234567", "01.42.68.53.00"],
    "phone_formatted": ["(202) 456-1111", "030 90182001", "01 42 68 53 00", "202-456-1111", "202.456.1111"],
    "phone_said": ["Tel. 030 901820", "call me at (88) 684-334"],
    "pl_pesel": ["44051401359"],
    "postal_address": ["10 Downing Street", "Hauptstraße 5"],
    "private_key": ["-----BEGIN" + " RSA PRIVATE KEY-----\nMIIB", "-----BEGIN" + " PRIVATE KEY-----"],
    "pt_cc": ["00000000 0 ZZ4"],
    "pt_nif": ["501964843"],
    "ro_cnp": ["1630615123457"],
    "se_personnummer": ["880320-0016", "8803200016", "198803200016"],
    "si_emso": ["0101006500006"],
    "sk_rc": ["710319/2745"],
    "url_user": [
        "https://ann:secret@example.com/",
        "http://example.org/?user=ann",
        "https://example.org/users/ann",
        "https://example.org/~ann",
    ],
    "us_ssn": ["536-90-4399"],
}
WRONG = {
    "access_key": ["AKIA" + "A" * 16],
    "birth_date": ["1961-13-45", "1790-01-01", "31/31/1961", "1961-04"[:4] + "-00-10"],
    "coordinates": ["95.123, 10.123", "10.123, 190.123"],
    "de_idnr": ["36574261890"],
    "dk_cpr": ["310262-5629"],
    "email": ["a..b@example.com", ".a@example.com", "a@-example.com", "a@example..com", "a" * 250 + "@b.com"],
    "es_dni": ["54362315Z"],
    "fr_nir": ["295109912611192"],
    "hu_taj": ["123456789", "000000000"],
    "hu_tax": ["8071592154"],
    "iban": ["GB82WEST12345698765433"],
    "imei": ["490154203237519", "000000000000000"],
    "ipv4": ["300.1.1.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"],
    "ipv6": ["12:30:45", "::", "ff02::1"],
    "it_codice_fiscale": ["RCCMNL83S18D969A"],
    "jwt": ["eyJhYmNkZWZnaGk.eyJhYmNkZWZnaGk.x", "eyJ0eXAiOiJKV1QiL.eyJhYmNkZWZnaGk."],
    "known_address": ["Room 12", "Parkplatz 5"],
    "known_name": ["Florence", "Müller GmbH"],
    "latitude_longitude": ["0.000", "181.234"],
    "lu_matricule": ["1893120105733", "1893120105722", "1893133905732"],
    "mac": ["00:00:00:00:00:00", "01:00:5e:00:00:01"],
    "nl_bsn": ["111222334"],
    "passport": ["000000000"],
    "payment_card": ["4111 1111 1111 1112"],
    "person_name": ["anna", "One Two Three Four Five Six"],
    "phone": ["+1 000 000 0000", "+999 1234 5678"],
    "phone_bare": ["1990-01-01", "12.345.678", "0000000"],
    "phone_formatted": ["(20) 123456"],
    "phone_said": ["call 12-03-1998", "call 000 0000"],
    "pl_pesel": ["44051401358"],
    "postal_address": ["12345", "1 a", "12"],
    "se_personnummer": ["880320-0018", "8803200018"],
    "url_user": ["https://example.com/a", "http://localhost/users/ann", "https://[::1"],
    "us_ssn": ["000-12-3456", "123-45-0000"],
}
OTHER_FORM = {
    "email": ["a@b", "a b@example.com", "see a@example.com"],
    "phone": ["205-221-9156", "37.7749", "4420", "0049301234567"],
    "payment_card": ["1234567890123456", "411111111111", "41111111111111111111", "490154203237518"],
    "ipv4": ["1.2.3", "1.2.3.4.5"],
    "url_user": ["example.com"],
    "us_ssn": ["536904399"],
    "person_name": ["a@b.c", "R2D2"],
}


def test_every_pattern_has_examples() -> None:
    assert set(VALID) == set(patterns())
    assert set(WRONG) <= set(patterns())
    assert list(patterns()) == sorted(patterns())


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in VALID for text in VALID[name]])
def test_valid_identifiers(name: str, text: str) -> None:
    assert re.match(pattern(name).expression, text)
    assert pattern(name).fits(text)
    assert pattern(name).verify(text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in VALID for text in VALID[name]])
def test_the_quick_search_finds_what_a_pattern_finds(name: str, text: str) -> None:
    net = pattern(name).net
    if net == LETTERS:
        assert re.search(WORD, text)
    elif net != HEADER:
        assert re.search(NETS[net], text)
        assert re.search(ANY_NET, f"and {text} too")


@pytest.mark.parametrize(
    ("name", "text"), [(n, t) for n in VALID for t in VALID[n] if pattern(n).within and not pattern(n).listed]
)
def test_identifiers_are_found_inside_longer_text(name: str, text: str) -> None:
    told = f"please see {text}, then (again) go on"
    if name != "private_key":
        assert any(pattern(name).verify(part) for part in pattern(name).found_in(told))
    assert re.search(pattern(name).inside, told)


@pytest.mark.parametrize("name", ["payment_card", "iban", "us_ssn", "be_nn", "it_codice_fiscale", "es_dni"])
def test_parts_of_longer_numbers_are_no_identifiers(name: str) -> None:
    for text in VALID[name]:
        assert pattern(name).found_in(f"9{text}9, x{text}x and 1.{text}") == []


def test_every_member_state_has_a_number_or_a_reason() -> None:
    """Art. 52 TEU lists 27 states."""
    states = {one.state for one in patterns().values() if one.state}
    listed = re.findall("..", "ATBEBGCYCZDEDKEEESFIFRGRHRHUIEITLTLULVMTNLPLPTROSESISK")
    assert states | set(unchecked_states()) == set(listed)
    assert len(listed) == 27
    assert all(len(reason) > 40 for reason in unchecked_states().values())
    needing_names = {p.state for p in patterns().values() if p.state and not p.alone}
    assert {"MT", "DK"} <= needing_names & set(unchecked_states())


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in WRONG for text in WRONG[name]])
def test_wrong_identifiers_have_the_form_only(name: str, text: str) -> None:
    assert re.match(pattern(name).expression, text)
    assert not pattern(name).verify(text)


@pytest.mark.parametrize(("name", "text"), [(n, text) for n in OTHER_FORM for text in OTHER_FORM[n]])
def test_other_forms(name: str, text: str) -> None:
    assert not re.match(pattern(name).expression, text)


def test_validators_take_any_text() -> None:
    texts = ("", "x", "+", "@", "é", "1" * 99, "http://[")
    for one in patterns().values():
        assert {type(one.verify(text)) for text in texts} == {bool}


def test_an_unknown_pattern_is_refused() -> None:
    with pytest.raises(DataError, match="there is no pattern 'name'; known are access_key, at_tin"):
        pattern("name")


FORMS = {
    "at_tin": "#########",
    "at_vnr": "##########",
    "be_nn": "###########",
    "bg_egn": "##########",
    "bg_pnf": "##########",
    "cz_rc": "##########",
    "de_idnr": "###########",
    "ee_ik": "###########",
    "es_dni": "########@",
    "es_nie": "X#######@",
    "eu_vat": "DE#########",
    "fi_hetu": "######-####",
    "fr_nif": "#############",
    "fr_nir": "1##############",
    "gr_afm": "#########",
    "gr_amka": "###########",
    "hr_oib": "###########",
    "hu_taj": "#########",
    "hu_tax": "8#########",
    "iban": "DE####################",
    "ie_pps": "#######@",
    "imei": "###############",
    "it_codice_fiscale": "@@@@@@##A##A###@",
    "lt_asmens": "###########",
    "lu_matricule": "19###########",
    "lv_pk": "###########",
    "nl_bsn": "#########",
    "payment_card": "4###############",
    "pl_pesel": "###########",
    "pt_cc": "########0ZZ#",
    "pt_nif": "#########",
    "ro_cnp": "#############",
    "se_personnummer": "##########",
    "si_emso": "#############",
    "sk_rc": "##########",
}


@pytest.mark.parametrize("name", sorted(FORMS))
def test_arbitrary_digits_pass_no_more_often_than_by_chance(name: str) -> None:
    draw = random.Random(20260727)
    one = pattern(name)
    assert one.chance is not None
    tries = 3000
    passed = 0
    for _ in range(tries):
        text = "".join(draw.choice("0123456789") if c == "#" else c for c in FORMS[name])
        text = "".join(draw.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") if c == "@" else c for c in text)
        passed += one.verify(text)
    # Four standard errors above the stated chance.
    assert passed / tries <= one.chance + 4 * (one.chance * (1 - one.chance) / tries) ** 0.5


def test_every_pattern_with_a_checksum_is_held_against_chance() -> None:
    assert set(FORMS) == {one.name for one in patterns().values() if one.chance is not None}


def test_the_tail_of_the_binomial() -> None:
    """By hand: P(X >= 2 | n = 3, p = 1/10) = 3 * 0.01 * 0.9 + 0.001 = 0.028."""
    assert tail(3, 2, 0.1) == pytest.approx(0.028)
    assert tail(3, 0, 0.1) == 1.0
    assert tail(3, 3, 0.1) == pytest.approx(0.001)


def test_rivals_share_the_chance_of_being_wrong() -> None:
    """By hand: four passes of four by a chance of 1/10 are 1 in 10,000; ten patterns need 1 in 10,000."""
    assert standing(4, 4, 0.1, rivals=9) == "confirmed"
    assert standing(4, 4, 0.1, rivals=11) == "undecided"


def test_the_power_to_see_a_rare_kind() -> None:
    """By hand: 1 - 0.5^2 = 0.75."""
    assert seen_with(0.5, 2) == 0.75
    assert seen_with(0.0, 10) == 0.0


@pytest.mark.parametrize(
    ("tested", "verified", "chance", "expected"),
    [
        (0, 0, 0.1, "dismissed"),
        (1000, 100, 0.1, "dismissed"),
        (1000, 499, 0.1, "dismissed"),
        (1000, 500, 0.1, "confirmed"),
        (4, 4, 0.1, "confirmed"),
        (2, 2, 0.1, "undecided"),
        (2, 1, 0.1, "undecided"),
        (1, 0, 0.1, "dismissed"),
        (4, 2, 0.1, "dismissed"),
        (1, 1, None, "confirmed"),
        (2, 1, None, "confirmed"),
        (3, 1, None, "dismissed"),
    ],
)
def test_standing(tested: int, verified: int, chance: float | None, expected: str) -> None:
    assert standing(tested, verified, chance) == expected
