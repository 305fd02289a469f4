"""What is printed of a measurement, and what is withheld."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformity.model.base import SubjectId
from conformity.model.measurement import Measurement
from conformity.model.subject import Membership
from conformity.render.assets import words_in
from conformity.render.locale import locale_for
from conformity.render.views.context import Context
from conformity.render.views.figures import bound_words, figure, where
from tests.unit.render.render_records import LIMIT, Records, count, measurement, missing, scalar

SEX, EDUCATION = ("SEX",), ("EDUCATION",)


@pytest.fixture(scope="module")
def context(records: Records) -> Context:
    """Return the context of the usual records."""
    return Context(records[0], records[1], LIMIT, locale_for("en"), words_in("en"))


def made(*args: Any, **kwargs: Any) -> Measurement:
    """Return a measurement as a value."""
    return Measurement.model_validate(measurement(*args, **kwargs))


@pytest.mark.parametrize(
    ("n", "value", "shown"),
    [(9, "not shown", False), (22, "not shown", False), (25, "0.41", True), (26, "0.41", True)],
)
def test_a_rate_of_fewer_people_than_the_limit_is_not_shown(
    context: Context, n: int, value: str, shown: bool
) -> None:
    printed = figure(context, made("selection_rate", scalar(0.412, n, 0.1, 0.7), SEX, ("1",)))
    assert (printed.value, printed.shown) == (value, shown)
    assert printed.n == ("< 10" if n < LIMIT else str(n))
    assert printed.interval == ("0.10 to 0.70" if shown else "")
    assert ("fewer than 10" in printed.why) is not shown


@pytest.mark.parametrize(
    ("people", "shown"),
    [(0, True), (1, False), (9, False), (10, True), (490, True), (491, False), (499, False), (500, True)],
)
def test_a_rate_made_of_few_people_is_not_shown(context: Context, people: int, shown: bool) -> None:
    # 9 of 500 are 0.018: the rate and the number of cases give the 9 away, and so do 491 of 500.
    rate = scalar(people / 500, 500)
    assert figure(context, made("selection_rate", rate, SEX, ("1",))).shown is shown
    assert figure(context, made("duplicate_share", rate)).shown is shown
    assert figure(context, made("f1", rate, SEX, ("1",))).shown
    assert figure(context, made("disparate_impact_ratio", rate, SEX)).shown


def sized(records: Records, sizes: dict[str, int]) -> Context:
    """Return a context in which the levels of education have these sizes, and no other groups any."""
    measured = [
        made(
            "group_size",
            count(size, "rows"),
            EDUCATION,
            (group,),
        )
        for group, size in sizes.items()
    ]
    seen = records[1].observations[0].model_copy(update={"measurements": tuple(measured)})
    evidence = records[1].model_copy(update={"observations": (seen,)})
    return Context(records[0], evidence, LIMIT, locale_for("en"), words_in("en"))


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"1": 7, "2": 30, "3": 500}, {"1", "2"}),
        ({"1": 7, "2": 3, "3": 500}, {"1", "2"}),
        ({"1": 10, "2": 30, "3": 500}, set()),
        ({"1": 7}, {"1"}),
    ],
)
def test_one_small_group_alone_takes_the_next_smallest_with_it(
    records: Records, sizes: dict[str, int], hidden: set[str]
) -> None:
    context = sized(records, sizes)

    def shows(group: str, size: int) -> bool:
        return figure(context, made("group_size", count(size, "rows"), EDUCATION, (group,))).shown

    assert {group for group, size in sizes.items() if not shows(group, size)} == hidden


def test_of_the_next_smallest_group_neither_size_nor_share_nor_cases_are_printed(records: Records) -> None:
    context, place = sized(records, {"1": 7, "2": 30, "3": 507}), (EDUCATION, ("2",))
    size = figure(context, made("group_size", count(30, "rows"), *place))
    share = figure(context, made("group_share", scalar(30 / 544, 544), *place))
    rate = figure(context, made("selection_rate", scalar(0.5, 30), *place))
    assert (size.value, share.value) == ("not shown", "not shown")
    assert "subtraction" in size.why
    assert (rate.value, rate.n) == ("0.500", "not shown")


def test_where_cases_are_withheld_no_interval_tells_them(records: Records) -> None:
    """From Wilson's interval of 0.5 the number of cases is z² (1 / width² - 1): 30 of 0.332 to 0.668."""
    context = sized(records, {"1": 7, "2": 30, "3": 507})
    assert round(1.96**2 * (1 / 0.3366**2 - 1)) == 30
    rate = scalar(0.5, 30, 0.3317, 0.6683)
    hidden = figure(context, made("selection_rate", rate, EDUCATION, ("2",)))
    assert (hidden.value, hidden.interval, hidden.range) == ("0.50", "", "")
    shown = figure(context, made("selection_rate", scalar(0.5, 507, 0.4566, 0.5434), EDUCATION, ("3",)))
    assert shown.interval == "0.457 to 0.543"


def test_sizes_are_taken_from_rates_where_none_were_counted(context: Context) -> None:
    # EDUCATION 5 has 7 cases, so the next smallest, 141 without a level, is withheld with it.
    assert ("test", EDUCATION, ("(missing)",)) in context.partners
    assert not any(by == SEX for _, by, _ in context.partners)


def test_a_bound_carries_the_unit_of_its_metric(context: Context) -> None:
    criterion = context.assessment.manifest.criteria[1].model_copy(
        update={"metric": "inference_energy_kwh_per_1000", "at_most": 0.01}
    )
    assert bound_words(context, criterion) == "at most 0.01 kWh"


@pytest.mark.parametrize(("value", "text"), [(0, "< 10 rows"), (9, "< 10 rows"), (10, "10 rows")])
def test_a_small_count_in_a_group_is_not_shown(context: Context, value: int, text: str) -> None:
    assert figure(context, made("group_size", count(value, "rows"), SEX, ("1",))).value == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 rows"), (1, "< 10 rows"), (9, "< 10 rows"), (10, "10 rows")]
)
def test_a_small_count_of_people_in_a_whole_table_is_not_shown(
    context: Context, value: int, text: str
) -> None:
    assert figure(context, made("rows", count(value, "rows"))).value == text


@pytest.mark.parametrize("result", [scalar(3, 9000, unit="rows"), count(3, "rows")])
def test_a_smallest_group_is_withheld_but_k_is_not(context: Context, result: dict[str, Any]) -> None:
    assert figure(context, made("smallest_group", result, SEX)).value == "< 10 rows"
    assert figure(context, made("k_anonymity", result, SEX)).value == "3 rows"


def test_counts_of_other_things_are_shown(context: Context) -> None:
    assert figure(context, made("identifier_columns", count(3, "columns"))).value == "3 columns"
    assert figure(context, made("missing_cells", count(3, "cells"), ("LIMIT_BAL",))).value == "< 10 cells"
    assert figure(context, made("dangerous_globals", count(3, "rows"), subject="model")).value == "3 rows"


def test_an_absent_number_is_words_and_never_zero(context: Context) -> None:
    printed = figure(context, made("selection_rate", missing("no predictions", 4), SEX, ("1",)))
    assert (printed.value, printed.why, printed.n, printed.shown) == (
        "no number",
        "no predictions",
        "< 10",
        False,
    )


def test_a_figure_beside_its_criterion_keeps_the_digits_that_decide(context: Context) -> None:
    printed = figure(context, made("disparate_impact_ratio", scalar(0.7996, 1510, 0.74, 0.80004), EDUCATION))
    assert printed.value == "0.7996"
    assert printed.interval == "0.740 to 0.80004"
    assert printed.method == "Wilson score"


def test_a_level_other_than_usual_is_printed(context: Context) -> None:
    printed = figure(context, made("accuracy", scalar(0.5, 500, 0.4, 0.6, level=0.99), SEX, ("1",)))
    assert printed.interval == "0.40 to 0.60 (99 %)"


def test_physical_quantities_carry_their_unit(context: Context) -> None:
    energy = made("inference_energy_kwh_per_1000", scalar(2.71e-7, 5, 1.5e-7, 4e-7, "kWh"), subject="model")
    assert figure(context, energy).value == "2.71 × 10⁻⁷ kWh"
    assert figure(context, energy).interval == "1.50 × 10⁻⁷ to 4.00 × 10⁻⁷"
    assert figure(context, made("other", scalar(12.0, 5, unit="s"), subject="model")).value == "12 s"


@pytest.mark.parametrize(
    ("at", "text"),
    [(0, "at least 0.8"), (1, "at most 0.1"), (3, "0.2 to 0.5")],
)
def test_bounds_are_put_in_words(context: Context, at: int, text: str) -> None:
    assert bound_words(context, context.assessment.manifest.criteria[at]) == text


def test_groups_are_named_as_the_manifest_says(context: Context) -> None:
    def of(by: tuple[str, ...], group: tuple[str, ...] = (), metric: str = "selection_rate") -> str:
        return where(context, made(metric, scalar(0.5, 500), by, group))

    assert of(SEX, ("1",)) == "SEX: male"
    assert of(SEX, ("2",)) == "SEX: female"
    assert of(SEX, ("9",)) == "SEX: 9"
    assert of(("SEX", "EDUCATION"), ("2", "(missing)")) == "SEX × EDUCATION: female · (missing)"
    assert of(SEX) == "SEX, across all groups"
    assert of(("LIMIT_BAL",), metric="missing_share") == "LIMIT_BAL"
    assert of(()) == "whole subject"
    assert context.value_name("model", "SEX", "1") == "1"


def test_unknown_ids_are_printed_as_they_are(context: Context) -> None:
    assert context.metric_title("no_such_metric") == "no such metric"
    assert context.probe_title("no/such") == "no/such"
    assert context.subject_title("nobody") == "nobody"
    assert context.requirement_link("art99.1").anchor is None
    assert context.evidence_link("EV-0000000000").anchor is None


@pytest.mark.parametrize(("people", "value"), [(9, "not shown"), (10, "0.001")])
def test_the_share_of_a_small_group_is_withheld_because_it_tells_its_size(
    context: Context, people: int, value: str
) -> None:
    share = made("group_share", scalar(people / 15_000, 15_000), EDUCATION, ("5",))
    assert figure(context, share).value == value
    assert figure(context, made("group_share", missing("no rows"), EDUCATION, ("5",))).value == "no number"


def test_of_a_model_held_against_two_tables_a_share_of_few_is_withheld(context: Context) -> None:
    share = scalar(0.015, 200)
    metric = "membership_found_at_1_percent"
    assert figure(context, made(metric, share, subject="model")).shown
    asked = context.subjects["model"].model_copy(
        update={"membership": Membership(members=SubjectId("train"), others=SubjectId("test"))}
    )
    other = replace(context)
    other.__dict__["subjects"] = {**context.subjects, "model": asked}
    assert not figure(other, made(metric, share, subject="model")).shown


@pytest.mark.parametrize(
    ("low", "high", "value", "between"),
    [
        (0.741, 0.839, "0.790", "0.741 to 0.839"),
        (0.739, 0.841, "0.79", "0.74 to 0.84"),
    ],
)
def test_a_share_has_as_many_places_as_its_interval_allows(
    context: Context, low: float, high: float, value: str, between: str
) -> None:
    printed = figure(context, made("selection_rate", scalar(0.7904, 500, low, high), SEX, ("1",)))
    assert (printed.value, printed.interval) == (value, between)


def test_a_wide_interval_does_not_round_a_number_across_its_bound(context: Context) -> None:
    one = made("disparate_impact_ratio", scalar(0.7996, 1510, 0.7, 0.9), ("EDUCATION",))
    assert figure(context, one).value == "0.7996"
