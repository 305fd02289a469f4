"""What a terminal and a chat may tell: no rare value, nothing about a few people."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.entry.telling import Telling
from conformity.model.measurement import Count, NotAvailable, Scalar
from conformity.probes.shared.wording import group_in_words
from tests.support.assessments import measured, observation

RARE = measured(Count(value=3, unit="rows"), metric="group_size", by=("city",), group=("Canary",))
COMMON = measured(Count(value=60, unit="rows"), metric="group_size", by=("city",), group=("Oslo",))
TELLING = Telling.of([observation(RARE, COMMON)])


def test_a_value_of_few_people_is_not_named() -> None:
    assert TELLING.about(RARE) == "city=(rare value)"
    assert TELLING.about(COMMON) == "city=Oslo"
    assert TELLING.about(measured(Count(value=1, unit="rows"), by=("a", "b"))) == "a × b"
    assert TELLING.words("few are 'Canary', many 'Oslo'") == "few are (rare value), many 'Oslo'"
    assert TELLING.words("it has 3 rows") == "it has < 10 rows"


@pytest.mark.parametrize("value", ["Sinead O'Neill", "a" * 60, "C:\\people"])
def test_a_value_is_not_named_however_it_is_quoted(value: str) -> None:
    one = measured(Count(value=1, unit="rows"), metric="group_size", by=("city",), group=(value,))
    telling = Telling.of([observation(one)])
    for said in (group_in_words((value,)), repr(value)):
        assert telling.words(f"the group {said} is small") == "the group (rare value) is small"
    assert telling.words(f"the groups are {repr(value)[:30]}") == "the groups are (rare value)"


@pytest.mark.parametrize(
    ("result", "changes", "withheld"),
    [
        (Count(value=9, unit="rows"), {}, True),
        (Count(value=10, unit="rows"), {}, False),
        (Count(value=0, unit="rows"), {}, False),
        (Count(value=3, unit="columns"), {}, False),
        (Count(value=3, unit="rows"), {"metric": "k_anonymity"}, False),
        (Scalar(value=0.5, unit="1", n=9), {"by": ("c",), "group": ("x",)}, True),
        (Scalar(value=0.5, unit="1", n=9), {"by": ("c",)}, True),
        (Scalar(value=0.003, unit="1", n=1000), {}, True),
        (Scalar(value=0.5, unit="1", n=1000), {}, False),
        (Scalar(value=4.2, unit="people", n=1000), {}, True),
        (Scalar(value=1.5, unit="kWh", n=2), {"by": ()}, False),
        (Count(value=3, unit="cells"), {}, True),
        (NotAvailable(why="undefined", reason="one group", n=900), {"by": ("c",)}, False),
        (NotAvailable(why="too_few_cases", reason="few", n=9), {"by": ("c",), "group": ("x",)}, True),
    ],
)
def test_few_people_are_withheld(result: Any, changes: dict[str, Any], withheld: bool) -> None:
    assert TELLING.is_withheld(measured(result, **changes)) is withheld
    assert TELLING.withheld == "withheld: it is about fewer than 10 rows"
