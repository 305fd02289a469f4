"""Columns and texts with names and addresses are told against luck, and never by a lone hit."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from conformity.engines.chance import listed
from conformity.engines.frame import open_frame
from conformity.engines.identify import identified
from conformity.engines.matches import Identified, matches_of
from conformity.engines.patterns import LETTERS, NETS, patterns
from conformity.model.tally import PatternCounts
from tests.support.pii_values import FIRST, LAST

SPEC = PatternCounts(patterns=("known_address", "known_name", "person_name"))
PEOPLE = [f"{first} {last}" for first, last in zip(FIRST, LAST, strict=False)]
STREETS = [f"{last}straße {n}" for n, last in enumerate(LAST, start=1) if "'" not in last]
# Names of towns in the Union, some of which are names of people as well.
TOWNS = re.findall(
    "[A-Za-z]+",
    "Berlin Paris Florence Victoria Valencia Lourdes Nancy Roma Wien Praha Sofia Helsinki Tallinn Riga "
    "Vilnius Warszawa Budapest Zagreb Ljubljana Lisboa Madrid Dublin Bruxelles Amsterdam Luxembourg Lund",
)


def found(**columns: list[str]) -> list[Identified]:
    """Return what the columns hold."""
    return identified(open_frame(pa.table(columns)).tally([SPEC])[0])


def test_names_are_told_whatever_the_column_is_called() -> None:
    (one,) = found(c7=PEOPLE)
    assert (one.kinds, one.confidence, one.inside) == (("person_name",), "likely", False)
    assert one.cells == one.filled == len(PEOPLE)
    assert one.share == pytest.approx(one.verified / len(PEOPLE))
    (small,) = found(c7=[name.lower() for name in PEOPLE])
    assert small.confidence == "likely"


def test_greek_and_cyrillic_capitals_are_names_too() -> None:
    greek = [f"{first} ΠΑΠΑΔΟΠΟΥΛΟΣ" for first in ["ΓΙΩΡΓΟΣ", "ΝΙΚΟΣ", "ΜΑΡΙΑ", "ΕΛΕΝΗ", "ΣΟΦΙΑ"]]
    cyrillic = [f"{first} георгиев" for first in ["иван", "георги", "димитър", "стоян", "петър"]]
    (one,) = found(c7=greek + cyrillic)
    assert (one.confidence, one.verified) == ("likely", 10)


def test_the_columns_name_confirms_or_denies() -> None:
    (agreed,) = found(Kundenname=PEOPLE)
    assert (agreed.kinds, agreed.confidence, agreed.share) == (("person_name",), "confirmed", 1.0)
    (denied,) = found(company=PEOPLE)
    assert denied.confidence == "possible"
    (other,) = found(full_name=[f"{name} {n}" if n > 4 else name for n, name in enumerate(PEOPLE)] + PEOPLE)
    assert other.confidence == "likely"


def test_addresses_are_told_whatever_the_column_is_called() -> None:
    (one,) = found(c7=STREETS)
    assert (one.kinds, one.confidence, one.inside) == (("postal_address",), "likely", False)


def test_few_names_among_many_cells_are_possible() -> None:
    others = [f"Qwert{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(40)]
    (one,) = found(c7=PEOPLE + others)
    assert (one.confidence, one.inside) == ("possible", False)
    assert found(company=PEOPLE + others) == []
    assert found(c7=PEOPLE[:4] + others) == []


def test_towns_and_lone_hits_are_no_names() -> None:
    assert found(c7=TOWNS) == []
    assert found(c7=PEOPLE[:9]) == []
    assert found(c7=["Anna Schmidt rang", *(f"order {n} is late" for n in range(50))]) == []


def test_names_and_addresses_inside_texts() -> None:
    plain = [f"the order number {n} came late" for n in range(40)]
    few = [f"please ring {name} about it today" for name in PEOPLE[:3]]
    many = [f"please ring {name} about it today" for name in PEOPLE]
    moved = [f"I have moved to {street} last week" for street in STREETS]
    (low,) = found(note=plain + few)
    assert (low.kinds, low.confidence, low.inside, low.cells) == (("person_name",), "possible", True, 3)
    (medium,) = found(note=plain + many)
    assert (medium.confidence, medium.inside) == ("likely", True)
    (address,) = found(note=plain + moved)
    assert (address.kinds, address.confidence) == (("postal_address",), "likely")


def test_what_is_known_as_a_whole_is_not_told_inside_too() -> None:
    texts = [f"{name} is here now and waits" for name in PEOPLE[:5]]
    (one,) = found(c7=PEOPLE * 2 + texts)
    assert not one.inside


def test_only_different_texts_with_letters_are_looked_at() -> None:
    tally = open_frame(pa.table({"c": ["7", "8 9", *PEOPLE]})).tally([SPEC])[0]
    assert {match.drawn for match in matches_of(tally)} == {len(PEOPLE)}
    assert LETTERS not in NETS


def test_luck_and_lone_hits() -> None:
    """By hand: 3 of 3 by a luck of 1/20 are 1 in 8,000; 3 of 60 are what luck gives."""
    assert listed(3, 3, 0.05)
    assert not listed(2, 2, 0.001)
    assert not listed(60, 3, 0.05)


def test_lists_stand_for_a_kind_that_a_column_name_may_say_too() -> None:
    for one in patterns().values():
        assert (one.listed is not None) == (one.net == LETTERS)
        assert one.stands_for in patterns()
        assert one.hinted_in("Anna Schmidt") == (one.name == "known_name") or one.listed is None
