"""The lock of criteria: digests, times and the chain of earlier locks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from conformity.model.base import digest_of
from conformity.model.criteria_lock import CriteriaLock, bounds_of, holds_the_same, new_lock
from tests.support.assessments import bound, criterion, exhibit, manifest

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)


def chain(*states: tuple[dict[str, Any], ...]) -> CriteriaLock:
    """Return the last of several locks, a day apart, each with these bounds."""
    held: CriteriaLock | None = None
    for number, state in enumerate(states):
        held = new_lock([bound(**one) for one in state], "tool 1", FIRST + timedelta(days=number), held)
    assert held is not None
    return held


A, B, LOOSE = {"id": "a"}, {"id": "b"}, {"id": "a", "at_most": 0.5}


def test_the_time_is_kept_in_utc_to_the_second() -> None:
    moment = datetime(2026, 10, 1, 2, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    held = new_lock([bound()], "tool 1", moment)
    assert (held.locked_at, held.criteria[0].locked_at, held.fault()) == (FIRST, FIRST, None)


def test_the_same_bounds_at_the_same_time_give_the_same_digest() -> None:
    assert chain((A, B)).sha256 == chain((A, B)).sha256
    assert chain((A, B)).sha256 != chain((B, A)).sha256
    assert chain((A,)).criteria[0].sha256 == digest_of(bound(**A))


def test_an_unchanged_bound_keeps_its_time_and_a_changed_one_does_not() -> None:
    held = chain((A, B), (LOOSE, B), (LOOSE, B, {"id": "c"}))
    assert [one.locked_at for one in held.criteria] == [SECOND, FIRST, THIRD]
    assert (held.fault(), len(held.earlier)) == (None, 2)


def test_a_bound_that_was_given_up_and_comes_back_has_the_time_of_its_return() -> None:
    held = chain((A, B), (B,), (A, B))
    assert [one.locked_at for one in held.criteria] == [THIRD, FIRST]
    assert held.given_up() == ()


def test_what_earlier_locks_held_otherwise_is_given_up() -> None:
    held = chain((A, B), (LOOSE,), ({"id": "c"},))
    assert [(one.criterion.id, one.criterion.at_most) for one in held.given_up()] == [
        ("a", 0.1),
        ("b", 0.1),
        ("a", 0.5),
    ]


def test_an_entry_is_found_by_its_id() -> None:
    held = chain((A, B))
    found = held.entry(bound(**B).id)
    assert found is not None
    assert found.criterion.id == "b"
    assert held.entry(bound(id="c").id) is None


def test_levels_claimed_in_documents_are_left_out() -> None:
    declared = manifest(
        criteria=(criterion(), criterion(id="told", claimed_in="record")), exhibits=(exhibit(),)
    )
    assert [one.id for one in bounds_of(declared.criteria)] == ["gap-sex"]
    held = new_lock(declared.criteria, "tool 1", FIRST)
    assert [one.criterion.id for one in held.criteria] == ["gap-sex"]
    assert holds_the_same(held, declared.criteria)


@pytest.mark.parametrize(
    ("state", "same"), [((A, B), True), ((B, A), True), ((A,), False), ((A, B, LOOSE), False)]
)
def test_a_lock_holds_the_same_bounds_in_any_order(state: tuple[dict[str, Any], ...], same: bool) -> None:
    assert holds_the_same(chain((A, B)), [bound(**one) for one in state]) is same


def changed(held: CriteriaLock, **fields: Any) -> str | None:
    """Return what is found of a lock of which some fields were changed by hand."""
    return held.model_copy(update=fields).fault()


def test_every_change_by_hand_shows() -> None:
    held = chain((A, B), (LOOSE, B))
    first, second = held.criteria
    swapped = first.model_copy(update={"criterion": bound(id="a", at_most=0.9)})
    older = first.model_copy(update={"locked_at": FIRST})
    past = held.earlier[0]
    assert changed(held, criteria=(swapped, second)) == "the digest of a is not that of the bound beside it"
    own = "its digest is not that of its content"
    for fields in ({"tool": "tool 2"}, {"locked_at": FIRST}, {"criteria": (first,)}, {"earlier": ()}):
        assert changed(held, **fields) == own
    assert changed(held, criteria=(older, second)) == own
    lost = past.model_copy(update={"criteria": past.criteria[:1]})
    of_past = "the digest of the lock of 2026-10-01 is not that of its content"
    assert changed(held, earlier=(lost,)) == of_past
    other = past.criteria[0].model_copy(update={"criterion": bound(id="a", at_most=0.9)})
    assert changed(held, earlier=(past.model_copy(update={"criteria": (other,)}),)) == (
        "the digest of a is not that of the bound beside it"
    )


def test_a_time_that_no_earlier_lock_bears_out_shows_even_with_a_new_digest() -> None:
    honest = chain((A,), (LOOSE,))
    entry = honest.criteria[0].model_copy(update={"locked_at": FIRST})
    forged = honest.model_copy(update={"criteria": (entry,)})
    content = {
        "tool": forged.tool,
        "locked_at": forged.locked_at.isoformat(),
        "criteria": [entry.model_dump(mode="json")],
        "earlier": [one.model_dump(mode="json") for one in forged.earlier],
    }
    found = forged.model_copy(update={"sha256": digest_of(content)}).fault()
    assert found == "a is said to be locked since a time that no lock bears out"


def test_a_lock_reads_back_as_it_was_written() -> None:
    held = chain((A, {"id": "b", "fixed_at": date(2026, 9, 1)}), (LOOSE,))
    again = CriteriaLock.model_validate_json(held.model_dump_json())
    assert (again, again.fault()) == (held, None)
    assert again.lock_schema == "conformity/criteria-lock/v1"


def test_a_lock_holds_at_least_one_bound() -> None:
    with pytest.raises(ValueError, match="at least 1 item"):
        new_lock([], "tool 1", FIRST)
