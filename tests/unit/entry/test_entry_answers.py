"""A measurement as a row holds nothing from which the size of a small group would follow."""

from __future__ import annotations

from conformity.entry.answers import measurement_answer
from conformity.entry.telling import Telling
from conformity.model.measurement import Count, NotAvailable
from tests.support.assessments import measured, observation


def test_a_number_that_is_not_available_tells_no_cases() -> None:
    missing = measured(
        NotAvailable(why="too_few_cases", reason="no label", n=5995), by=("city",), group=("Vienna",)
    )
    seen = observation(
        measured(Count(value=6000, unit="rows"), metric="rows", by=()),
        measured(Count(value=5995, unit="rows"), metric="group_size", by=("city",), group=("Vienna",)),
        measured(Count(value=5, unit="rows"), metric="group_size", by=("city",), group=("Graz",)),
        missing,
    )
    told = measurement_answer(missing, Telling.of([seen]))
    assert (told.n, told.not_available) == (None, "no label")
