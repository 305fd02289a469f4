"""Which name belongs to which seal is told by numbers; names that none tells apart stay open."""

from __future__ import annotations

from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.pipeline.reproducing.naming import Names, names_of, without_open
from tests.support.assessments import measured, scalar

A, B, C = "#" + "a" * 16, "#" + "b" * 16, "#" + "c" * 16


def of(group: str, result: Result, **changes: object) -> Measurement:
    """Return a measurement of one group."""
    return measured(result, group=(group,), **changes)


def test_groups_are_told_apart_by_their_numbers() -> None:
    again = [of(A, scalar(0.1, 0, 0.2)), of(B, scalar(0.5, 0.4, 0.6)), of("x", scalar(0.7, 0.6, 0.8))]
    recorded = [of("north", scalar(0.5, 0.4, 0.6)), of("south", scalar(0.1, 0, 0.2)), again[2]]
    assert names_of([(again, recorded)]) == Names({A: "south", B: "north"})


def test_one_forged_number_does_not_change_a_name() -> None:
    true = [scalar(0.1, 0, 0.2), scalar(0.3, 0.2, 0.4)]
    again = [of(A, true[0]), of(A, true[1], metric="rate"), of(B, scalar(0.9, 0.8, 1))]
    recorded = [
        of("south", scalar(0.2, 0.1, 0.3)),
        of("south", true[1], metric="rate"),
        of("north", again[2].result),
    ]
    assert names_of([(again, recorded)]).sure == {A: "south", B: "north"}


def test_names_with_the_same_numbers_stay_open() -> None:
    few = NotAvailable(why="too_few_cases", reason="Fewer than 30 cases.", n=12)
    again, recorded = [of(A, few), of(B, few)], [of("north", few), of("south", few)]
    names = names_of([(again, recorded)])
    assert names == Names({}, frozenset({A, B, "north", "south"}))
    assert without_open(again, names) == without_open(recorded, names)


def test_what_is_told_elsewhere_settles_what_is_open_here() -> None:
    few = NotAvailable(why="too_few_cases", reason="Fewer than 30 cases.", n=12)
    again = [of(A, few), of(B, few), of(A, Count(value=44, unit="rows"), metric="rows")]
    recorded = [of("north", few), of("south", few), of("south", Count(value=44, unit="rows"), metric="rows")]
    assert names_of([(again, recorded)]) == Names({A: "south", B: "north"})


def test_a_seal_without_a_name_in_the_record_is_given_none() -> None:
    few = NotAvailable(why="too_few_cases", reason="Fewer than 30 cases.", n=12)
    again, recorded = [of(A, few), of(C, few)], [of("north", few), of(C, few)]
    assert names_of([(again, recorded)]).sure == {A: "north"}


def test_a_seal_whose_name_another_has_taken_is_left_without() -> None:
    one, other = scalar(0.1, 0, 0.2), Count(value=5, unit="rows")
    again = [of(A, one), of(A, other, metric="rows"), of(B, one)]
    recorded = [of("north", one), of("north", other, metric="rows")]
    assert names_of([(again, recorded)]) == Names({A: "north"})


def test_a_group_of_fewer_columns_or_none_names_nothing() -> None:
    one = scalar(0.1, 0, 0.2)
    again = [measured(one, by=("SEX",), group=(A,)), measured(one, by=(), group=(B,))]
    assert names_of([(again, [measured(one, by=("SEX",), group=())])]) == Names()
    assert names_of([(again[1:], [measured(one, by=(), group=("x",))])]).sure == {B: "x"}


def test_a_number_that_very_many_groups_have_tells_nothing() -> None:
    few = NotAvailable(why="too_few_cases", reason="Fewer than 30 cases.", n=12)
    again = [of(f"#{n:016x}", few) for n in range(101)]
    assert names_of([(again, [of(f"name {n}", few) for n in range(101)])]) == Names()
