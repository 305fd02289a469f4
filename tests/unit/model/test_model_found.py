"""A page of findings, cut short: the cursor goes on where it ends."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from conformity.model.found import FindingsPage, FoundFinding, Wanted, cursor_of

SEAL = "sha256:" + "ab" * 32


def page(**changes: Any) -> FindingsPage:
    """Return the second page of five findings, with the last three."""
    told = {
        "system": "Scorer 1",
        "assessment_version": "1.0.0",
        "assessment_sha256": SEAL,
        "total": 5,
        "start": 2,
        "findings": (),
        "next_cursor": None,
    }
    made = FindingsPage.model_validate({**told, **changes})
    found = tuple(
        FoundFinding.model_validate(
            {
                "requirement": f"art{number}",
                "ref": f"Art. {number}",
                "title": "A row",
                "verdict": "undetermined",
                "basis": None,
                "reason": "Not settled.",
            }
        )
        for number in (3, 4, 5)
    )
    return made.model_copy(update={"findings": found})


@pytest.mark.parametrize(("count", "cursor"), [(0, "2"), (1, "3"), (2, "4"), (3, None), (9, None)])
def test_a_page_cut_short_goes_on_after_what_it_holds(count: int, cursor: str | None) -> None:
    cut = page().first(count)
    assert [one.requirement for one in cut.findings] == ["art3", "art4", "art5"][:count]
    assert cut.next_cursor == (f"{cursor}.abababababab" if cursor else None)
    assert cut.next_cursor == (cursor_of(int(cursor), SEAL) if cursor else None)


@pytest.mark.parametrize("name", ["total", "start"])
def test_nothing_is_counted_below_none(name: str) -> None:
    assert getattr(page(**{name: 0}), name) == 0
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        page(**{name: -1})


def test_what_is_wanted_is_a_verdict_or_all_that_is_open() -> None:
    wanted: TypeAdapter[str] = TypeAdapter(Wanted)
    assert [wanted.validate_python(one) for one in ("open", "not_met")] == ["open", "not_met"]
    with pytest.raises(ValidationError):
        wanted.validate_python("closed")
