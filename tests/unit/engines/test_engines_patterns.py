"""Identifiers are found by form, confirmed by check, and told from chance."""

from __future__ import annotations

import random
import re

import pyarrow as pa
import pytest

from conformity.engines import columns, matching
from conformity.engines.chance import standing, tail
from conformity.engines.frame import open_frame
from conformity.engines.patterns import pattern, patterns
from conformity.errors import DataError
from conformity.model.tally import PatternCounts
from tests.support.tables import Opener

# Published examples: ISO 13616 registry (IBAN), card networks' test numbers, RFC 5737 and RFC 2606
# (documentation addresses and domains), python-stdnum's documented examples for national numbers.
VALID = {
    "de_idnr": ["36574261809"],
    "email": ["a.b+c@example.com", "x@mail.example.co.uk"],
    "es_dni": ["54362315K", "54362315-K"],
    "fr_nir": ["295109912611193"],
    "iban": ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NO9386011117947"],
    "ipv4": ["192.0.2.1", "10.0.0.255"],
    "it_codice_fiscale": ["RCCMNL83S18D969H"],
    "nl_bsn": ["111222333"],
    "payment_card": ["4111 1111 1111 1111", "378282246310005", "5555-5555-5555-4444", "3782 822463 10005"],
    "phone": ["+44 20 7946 0018", "+49 30 901820", "+1 (202) 456-1111"],
    "pl_pesel": ["44051401359"],
    "url": ["https://example.com", "http://www.example.org/a?b=c#d"],
    "us_ssn": ["536-90-4399"],
}
WRONG = {
    "de_idnr": ["36574261890"],
    "email": ["a..b@example.com", ".a@example.com", "a@-example.com", "a@example..com", "a" * 250 + "@b.com"],
    "es_dni": ["54362315Z"],
    "fr_nir": ["295109912611192"],
    "iban": ["GB82WEST12345698765433"],
    "ipv4": ["300.1.1.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"],
    "it_codice_fiscale": ["RCCMNL83S18D969A"],
    "nl_bsn": ["111222334"],
    "payment_card": ["4111 1111 1111 1112"],
    "phone": ["+1 000 000 0000", "+999 1234 5678"],
    "pl_pesel": ["44051401358"],
    "url": ["http://localhost", "https://[::1"],
    "us_ssn": ["000-12-3456", "123-45-0000"],
}
OTHER_FORM = {
    "email": ["a@b", "a b@example.com", "see a@example.com"],
    "phone": ["205-221-9156", "37.7749", "4420"],
    "payment_card": ["1234567890123456", "411111111111", "41111111111111111111"],
    "ipv4": ["1.2.3", "1.2.3.4.5"],
    "url": ["example.com", "ftp://example.com"],
    "us_ssn": ["536904399"],
}


def test_every_pattern_has_examples() -> None:
    assert set(VALID) == set(WRONG) == set(patterns())
    assert list(patterns()) == sorted(patterns())


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in VALID for text in VALID[name]])
def test_valid_identifiers(name: str, text: str) -> None:
    assert re.match(pattern(name).expression, text)
    assert pattern(name).verify(text)


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
    with pytest.raises(DataError, match="there is no pattern 'name'; known are de_idnr, email"):
        pattern("name")


DIGITS = {
    "de_idnr": "{first}{ten}",
    "nl_bsn": "{nine}",
    "payment_card": "4{fifteen}",
    "pl_pesel": "{eleven}",
    "fr_nir": "1{fourteen}",
    "iban": "DE{twenty}",
}


@pytest.mark.parametrize("name", DIGITS)
def test_arbitrary_digits_pass_no_more_often_than_by_chance(name: str) -> None:
    draw = random.Random(20260727)
    sizes = {"nine": 9, "ten": 10, "eleven": 11, "fourteen": 14, "fifteen": 15, "twenty": 20}

    def number() -> str:
        parts = {word: "".join(draw.choices("0123456789", k=size)) for word, size in sizes.items()}
        return DIGITS[name].format(first=draw.choice("123456789"), **parts)

    one = pattern(name)
    assert one.chance is not None
    passed = sum(one.verify(number()) for _ in range(4000))
    # Four standard errors above the stated chance.
    assert passed / 4000 <= one.chance + 4 * (one.chance * (1 - one.chance) / 4000) ** 0.5


def test_the_tail_of_the_binomial() -> None:
    """By hand: P(X >= 2 | n = 3, p = 1/10) = 3 * 0.01 * 0.9 + 0.001 = 0.028."""
    assert tail(3, 2, 0.1) == pytest.approx(0.028)
    assert tail(3, 0, 0.1) == 1.0
    assert tail(3, 3, 0.1) == pytest.approx(0.001)


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


def test_matches_are_counted_and_distinct_values_verified(opened: Opener) -> None:
    content = (
        "mail,card,n\n"
        " a@example.com ,4111111111111111,1\n"
        "a@example.com,4111111111111112,2\n"
        "b@example.com,,3\n"
        "none,x,4\n"
        ",4111111111111112,5\n"
    )
    (tally,) = opened(content).tally([PatternCounts(patterns=("payment_card", "email", "email"))])
    assert tally.columns == (
        "column",
        "pattern",
        "filled",
        "matching",
        "distinct_tested",
        "distinct_verified",
    )
    assert tally.entries == (
        ("card", "email", 4, 0, 0, 0),
        ("card", "payment_card", 4, 3, 2, 1),
        ("mail", "email", 4, 3, 2, 2),
        ("mail", "payment_card", 4, 0, 0, 0),
        ("n", "email", 5, 0, 0, 0),
        ("n", "payment_card", 5, 0, 0, 0),
    )
    assert "4111" not in tally.model_dump_json()


def test_card_numbers_kept_as_integers_are_found() -> None:
    table = open_frame(pa.table({"card": [4111111111111111, None], "x": [1.5, 2.5]}))
    (tally,) = table.tally([PatternCounts(patterns=("payment_card",))])
    assert tally.entries == (("card", "payment_card", 1, 1, 1, 1),)


def test_the_sample_is_bounded_and_always_the_same(opened: Opener) -> None:
    table = opened("mail,x\n" + "".join(f"p{n}@example.com,1\n" for n in range(50)))
    spec = PatternCounts(patterns=("email",), sample=7)
    first, second = table.tally([spec])[0], table.tally([spec])[0]
    assert first == second
    assert ("mail", "email", 50, 50, 7, 7) in first.entries


def test_columns_are_searched_in_blocks_too(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    table = opened("a,b,c\nx@example.com,4111111111111111,y@example.com\n")
    spec = PatternCounts(patterns=("email", "payment_card"))
    whole = table.tally([spec])
    for module in (columns, matching):
        monkeypatch.setattr(module, "BLOCK", 2)
    assert table.tally([spec]) == whole


def test_nothing_to_search_gives_no_matches(opened: Opener) -> None:
    assert opened("a\nx\n").tally([PatternCounts(patterns=())])[0].entries == ()
    table = open_frame(pa.table({"x": [1.5]}))
    assert table.tally([PatternCounts(patterns=("email",))])[0].entries == ()
