"""Answers to a chat are short and give away no small number of people."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.entry.answers import measurements
from conformity.model.evidence import Isolation
from conformity.model.measurement import Count, NotAvailable, Result
from conformity.model.summary import ScanResult
from tests.support.assessments import measured, observation, record, scalar

LIMIT = 10


def answered(result: Result, **changes: Any) -> dict[str, Any]:
    """Return the one measurement of an answer."""
    seen = observation(measured(result, **changes), notes=("a note", "a note"))
    scan = ScanResult(
        subject=record("test"),
        observations=(seen, observation(outcome="error", reason="It failed.")),
        isolation=Isolation(mechanism="none", guarantees=()),
    )
    content = measurements(scan, ["fairness"], LIMIT).structured_content
    assert content is not None
    assert content["not_measured"] == ["fairness/gap: It failed."]
    assert content["notes"] == ["a note"]
    (one,) = content["measurements"]
    return dict(one)


@pytest.mark.parametrize(
    ("result", "changes", "withheld"),
    [
        pytest.param(Count(value=9, unit="rows"), {}, True, id="nine rows"),
        pytest.param(Count(value=10, unit="rows"), {}, False, id="ten rows"),
        pytest.param(Count(value=0, unit="rows"), {}, False, id="no rows"),
        pytest.param(Count(value=3, unit="names"), {}, False, id="three names"),
        pytest.param(Count(value=3, unit="rows"), {"metric": "k_anonymity", "by": ()}, False, id="k"),
        pytest.param(scalar(0.5, 0.4, 0.6, n=9), {"group": ("f",)}, True, id="rate of nine"),
        pytest.param(scalar(0.5, 0.4, 0.6, n=10), {"group": ("f",)}, True, id="rate of ten, five of them"),
        pytest.param(scalar(0.5, 0.4, 0.6, n=9), {}, True, id="gap whose smallest group is nine"),
        pytest.param(NotAvailable(why="too_few_cases", reason="few", n=3), {"group": ("f",)}, True, id="few"),
        pytest.param(NotAvailable(why="undefined", reason="none"), {"group": ("f",)}, False, id="none"),
    ],
)
def test_small_counts_of_people_are_withheld(result: Result, changes: dict[str, Any], withheld: bool) -> None:
    one = answered(result, **changes)
    assert ("withheld" in (one["not_available"] or "")) == withheld
    if withheld:
        assert (one["value"], one["n"]) == (None, None)
