"""What a terminal and a chat may tell: no rare value, nothing about a few people."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.entry.telling import Telling
from conformity.model.measurement import Count, NotAvailable, Scalar
from tests.support.assessments import measured, observation

RARE = measured(Count(value=3, unit="rows"), metric="group_size", by=("city",), group=("Canary",))
COMMON = measured(Count(value=60, unit="rows"), metric="group_size", by=("city",), group=("Oslo",))
TELLING = Telling.of([observation(RARE, COMMON)])


def test_a_value_of_few_people_is_not_named() -> None:
    assert TELLING.about(RARE) == "city=(rare value)"
    assert TELLING.about(COMMON) == "city=Oslo"
    assert TELLING.about(measured(Count(value=1, unit="rows"), by=("a", "b"))) == "a × b"
    assert TELLING.words("few are 'Canary', many 'Oslo'") == "few are (rare value), many 'Oslo'"


@pytest.mark.parametrize(
    ("result", "changes", "withheld"),
    [
        (Count(value=9, unit="rows"), {}, True),
        (Count(value=10, unit="rows"), {}, False),
        (Count(value=0, unit="rows"), {}, False),
        (Count(value=3, unit="columns"), {}, False),
        (Count(value=3, unit="rows"), {"metric": "k_anonymity"}, False),
        (Scalar(value=0.5, unit="1", n=9), {"by": ("c",), "group": ("x",)}, True),
        (Scalar(value=0.5, unit="1", n=9), {"by": ("c",)}, False),
        (NotAvailable(why="too_few_cases", reason="few", n=9), {"by": ("c",), "group": ("x",)}, True),
    ],
)
def test_few_people_are_withheld(result: Any, changes: dict[str, Any], withheld: bool) -> None:
    assert TELLING.is_withheld(measured(result, **changes)) is withheld
    assert TELLING.withheld == "withheld: it is about fewer than 10 rows"
