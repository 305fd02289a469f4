"""Subtraction tried on what is printed: no count of a few people may come out.

The cells are those of two attributes of a real table of 15,000 loans, by label and prediction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from conformity.model.measurement import Measurement
from conformity.probes.registry import probe_specs
from conformity.render.assets import words_in
from conformity.render.locale import locale_for
from conformity.render.views.context import Context
from conformity.render.views.figures import figure
from conformity.render.views.subtraction import Extremes, rates_beside_few
from tests.unit.render.render_records import LIMIT, Records, count, measurement, missing, scalar

Cells = dict[str, tuple[int, int, int, int]]
"""True positives, false negatives, false positives and true negatives of each group."""

MARRIAGE: Cells = {
    "0": (15, 6, 2, 1),
    "1": (4618, 593, 777, 852),
    "2": (5628, 694, 801, 847),
    "3": (115, 13, 17, 21),
}
EDUCATION: Cells = {
    "0": (6, 0, 0, 0),
    "1": (3955, 335, 550, 485),
    "2": (4672, 691, 757, 880),
    "3": (1534, 268, 277, 351),
    "4": (60, 2, 4, 0),
    "5": (124, 8, 6, 4),
    "6": (25, 2, 3, 1),
}
RATES = ("accuracy", "label_rate", "selection_rate", "true_positive_rate", "false_positive_rate",
         "negative_predictive_value", "positive_predictive_value", "false_omission_rate")  # fmt: skip
ATTRIBUTES = {"MARRIAGE": MARRIAGE, "EDUCATION": EDUCATION}


def parts(cells: tuple[int, ...], metric: str) -> tuple[int, int]:
    """Return numerator and denominator of a rate."""
    tp, fn, fp, tn = cells
    return {
        "accuracy": (tp + tn, sum(cells)),
        "label_rate": (tp + fn, sum(cells)),
        "selection_rate": (tp + fp, sum(cells)),
        "true_positive_rate": (tp, tp + fn),
        "false_positive_rate": (fp, fp + tn),
        "negative_predictive_value": (tn, tn + fn),
        "positive_predictive_value": (tp, tp + fp),
        "false_omission_rate": (fn, tn + fn),
    }[metric]


def whole(cells: Cells) -> tuple[int, ...]:
    """Return the cells of everybody."""
    return tuple(sum(column) for column in zip(*cells.values(), strict=True))


def of_groups(column: str, cells: Cells) -> Iterator[dict[str, Any]]:
    """Yield what the probes publish of the groups of a column."""
    by = (column,)
    for group, four in cells.items():
        yield measurement("group_size", count(sum(four), "rows"), by, (group,))
        for name, number in zip(("true_positives", "false_negatives", "false_positives", "true_negatives"),
                                four, strict=True):  # fmt: skip
            yield measurement(name, count(number, "rows"), by, (group,))
        for metric in RATES:
            won, n = parts(four, metric)
            result = scalar(won / n, n) if n >= 30 else missing("too few cases", n)
            yield measurement(metric, result, by, (group,))
        negatives = four[2] + four[3]
        auc = scalar(0.75, negatives) if negatives >= 30 else missing("too few cases", negatives)
        yield measurement("auc", auc, by, (group,))


def gap(cells: Cells, metric: str) -> tuple[float, int]:
    """Return the largest difference of a rate among groups of 30 cases, and the fewest cases."""
    seen = [parts(four, metric) for four in cells.values()]
    large = [(won / n, n) for won, n in seen if n >= 30]
    return max(large)[0] - min(large)[0], min(n for _, n in large)


GAPS = {
    "demographic_parity_difference": "selection_rate",
    "label_rate_difference": "label_rate",
    "accuracy_difference": "accuracy",
    "equal_opportunity_difference": "true_positive_rate",
}


def published(attributes: dict[str, Cells]) -> list[dict[str, Any]]:
    """Return what the probes publish: of groups, across them, and of everybody."""
    found = [one for column, cells in attributes.items() for one in of_groups(column, cells)]
    for column, cells in attributes.items():
        found += [measurement(name, scalar(*gap(cells, of)), (column,)) for name, of in GAPS.items()]
        found.append(measurement("minimum_detectable_difference", scalar(0.27, 31), (column,)))
        found.append(measurement("gap_within_strata", scalar(0.1, 60), (column, "PAY_3")))
    total = whole(next(iter(attributes.values())))
    for metric in RATES:
        won, n = parts(total, metric)
        found.append(measurement(metric, scalar(won / n, n)))
    found.append(measurement("auc", scalar(0.78, total[2] + total[3])))
    return found


def context_of(records: Records, found: list[dict[str, Any]]) -> Context:
    """Return a context in which exactly this was measured, with the metrics of all probes."""
    measured = tuple(Measurement.model_validate(one) for one in found)
    seen = records[1].observations[0].model_copy(update={"measurements": measured})
    context = Context(
        records[0],
        records[1].model_copy(update={"observations": (seen,)}),
        LIMIT,
        locale_for("en"),
        words_in("en"),
    )
    metrics = {metric.id: metric for probe in probe_specs() for metric in probe.metrics}
    other = replace(context)
    other.__dict__["metrics"] = metrics
    return other


@pytest.fixture(scope="module")
def context(records: Records) -> Context:
    """Return a context in which both attributes were measured."""
    return context_of(records, published(ATTRIBUTES))


def digits(text: str) -> int | None:
    """Return a printed whole number, or nothing where there is none."""
    plain = text.replace(",", "").removesuffix(" rows")
    return int(plain) if re.fullmatch(r"\d+", plain) else None


def printed(context: Context, metric: str, column: str | None = None) -> dict[tuple[str, ...], Any]:
    """Return what is printed of a metric, by group."""
    by = (column,) if column else ()
    return {
        one.group: figure(context, one)
        for one in context.evidence.observations[0].measurements
        if one.metric == metric and one.by == by
    }


def test_the_cells_are_those_of_the_table() -> None:
    assert whole(MARRIAGE) == whole(EDUCATION) == (10376, 1306, 1597, 1721)


@pytest.mark.parametrize("column", ATTRIBUTES)
@pytest.mark.parametrize("metric", [*RATES, "auc"])
def test_printed_cases_taken_off_everybodys_leave_no_few(context: Context, metric: str, column: str) -> None:
    total = digits(printed(context, metric)[()].n)
    cases = [digits(one.n) for one in printed(context, metric, column).values()]
    assert total is not None
    unknown = cases.count(None)
    rest = total - sum(n for n in cases if n is not None)
    assert rest == 0 or rest >= LIMIT
    assert unknown != 1 or rest >= LIMIT


@pytest.mark.parametrize("column", ATTRIBUTES)
def test_printed_cases_of_rates_taken_off_a_groups_size_leave_no_few(context: Context, column: str) -> None:
    told = 0
    for metric in (*RATES, "auc"):
        for group, one in printed(context, metric, column).items():
            n, size = digits(one.n), digits(printed(context, "group_size", column)[group].value)
            if n is not None and size is not None:
                told += 1
                assert size - n == 0 or size - n >= LIMIT
    assert told


@pytest.mark.parametrize("column", ATTRIBUTES)
@pytest.mark.parametrize("cell", [(0, "true_positives"), (1, "false_negatives"), (3, "true_negatives")])
def test_printed_counts_taken_off_everybodys_leave_no_few(
    context: Context, column: str, cell: tuple[int, str]
) -> None:
    total = whole(ATTRIBUTES[column])[cell[0]]
    counts = [digits(one.value) for one in printed(context, cell[1], column).values()]
    rest = total - sum(n for n in counts if n is not None)
    assert rest >= LIMIT


@pytest.mark.parametrize("column", ATTRIBUTES)
@pytest.mark.parametrize(("name", "metric"), GAPS.items())
def test_a_printed_gap_and_the_other_end_give_no_withheld_rate(
    context: Context, name: str, metric: str, column: str
) -> None:
    shown = printed(context, name, column)[()]
    rates = printed(context, metric, column)
    ends = [float(one.value) for one in rates.values() if one.shown]
    if shown.shown:
        # Both ends are printed: the gap tells nothing more.
        assert float(shown.value) == pytest.approx(max(ends) - min(ends), abs=0.0011)
    else:
        assert float(gap(ATTRIBUTES[column], metric)[0]) > max(ends) - min(ends) + 0.0011
        assert "withheld" in shown.why


def test_the_gaps_found_by_an_auditor_are_withheld(context: Context) -> None:
    # 0.198 + 0.742 times 66 is 62: 4 defaulters; likewise 2 refused and 6 errors.
    for name in GAPS:
        assert not printed(context, name, "EDUCATION")[()].shown
    assert not printed(context, "minimum_detectable_difference", "EDUCATION")[()].shown


def test_a_gap_that_rests_on_28_of_30_is_withheld(records: Records) -> None:
    rows = {"0": (28, 30), "1": (5300, 6819), "3": (111, 157)}
    found = [
        measurement("label_rate", scalar(won / n, n), ("MARRIAGE",), (g,)) for g, (won, n) in rows.items()
    ]
    found.append(measurement("label_rate_difference", scalar(28 / 30 - 111 / 157, 30), ("MARRIAGE",)))
    assert not printed(context_of(records, found), "label_rate_difference", "MARRIAGE")[()].shown


def test_a_gap_of_unknown_rates_is_withheld_where_any_is_of_few(records: Records) -> None:
    few = measurement("label_rate", scalar(62 / 66, 66), ("EDUCATION",), ("4",))
    unknown = measurement("some_gap", scalar(0.2, 66), ("EDUCATION",))
    sums = measurement("between_group_inequality_share", scalar(0.2, 66), ("EDUCATION",))
    context = context_of(records, [few, unknown, sums])
    metrics = dict(context.metrics)
    metrics["some_gap"] = metrics["accuracy_difference"].model_copy(update={"id": "some_gap"})
    context.__dict__["metrics"] = metrics
    assert not printed(context, "some_gap", "EDUCATION")[()].shown
    assert printed(context, "between_group_inequality_share", "EDUCATION")[()].shown


@pytest.mark.parametrize("cases", [5957, 5958, 5924, 5926])
def test_cases_within_strata_do_not_tell_who_is_left_out(records: Records, cases: int) -> None:
    # 5,960 men less 5,957 left 3 without a partner in their stratum.
    found = [
        measurement("selection_rate", scalar(0.7, n), ("SEX",), (g,)) for g, n in (("1", 5960), ("2", 9040))
    ]
    found.append(measurement("gap_within_strata", scalar(0.02, cases), ("SEX", "PAY_3")))
    context = context_of(records, found)
    text = [
        figure(context, one).n for one in context.evidence.observations[0].measurements if len(one.by) > 1
    ]
    assert text == [f"about {'6,000' if cases > 5950 else '5,900'}"]


def small_table(extra: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the label rates of 600 rows in three groups, of which one has 4 unfavourable labels."""
    rows = {"a": (300, 240), "b": (200, 150), "c": (100, 96)}
    by = ("EDUCATION",)
    return [*extra, *(measurement("label_rate", scalar(w / n, n), by, (g,)) for g, (n, w) in rows.items())]


def test_the_rate_of_a_few_does_not_follow_from_all_others(records: Records) -> None:
    context = context_of(records, small_table([measurement("label_rate", scalar(486 / 600, 600))]))
    shown = {group[0]: one.shown for group, one in printed(context, "label_rate", "EDUCATION").items()}
    assert shown == {"a": True, "b": False, "c": False}
    assert "subtraction" in printed(context, "label_rate", "EDUCATION")[("b",)].why


def test_a_large_group_is_withheld_for_a_smaller_one_and_not_for_its_own_few(context: Context) -> None:
    """Of 2,430 with high school no cell holds fewer than 10; of the 66 with another degree some do."""
    shown = printed(context, "true_positive_rate", "EDUCATION")
    assert min(EDUCATION["3"]) >= LIMIT > min(EDUCATION["4"])
    assert "smaller group cannot be had by subtraction" in shown[("3",)].why
    assert "it would tell of fewer than 10 cases" in shown[("4",)].why


def test_a_distance_to_a_withheld_rate_is_withheld(records: Records) -> None:
    by = ("EDUCATION",)
    named = "selection_difference_to_reference"
    far = [measurement(named, scalar(0.1, 100), by, (g,)) for g in ("b", "c")]
    of_few = context_of(records, small_table(far))
    assert not any(one.shown for one in printed(of_few, named, "EDUCATION").values())
    reference = [measurement(named, scalar(0.1, 100), by, (g,)) for g in ("a", "b")]
    beside = context_of(records, small_table(reference))
    assert not any(one.shown for one in printed(beside, named, "EDUCATION").values())


@pytest.mark.parametrize(
    ("rows", "hidden"),
    [
        ({"a": (9000, 7000), "b": (6000, 4000), "c": (66, 62)}, {"b"}),
        ({"a": (9000, 7000), "b": (6000, 4000), "c": (7, 6)}, set()),
        ({"a": (900, 700), "b": (600, 400), "c": (66, 62)}, {"b"}),
        ({"a": (900, 700), "b": (600, 400), "c": (66, 62), "d": (40, 31)}, set()),
        ({"a": (900, 700), "b": (600, 400), "c": (66, 62), "d": (40, 35)}, {"b"}),
        ({"a": (900, 700), "b": (600, 400)}, set()),
        ({"c": (66, 62)}, set()),
    ],
)
def test_a_rate_is_withheld_beside_one_of_few_until_they_hide_each_other(
    records: Records, rows: dict[str, tuple[int, int]], hidden: set[str]
) -> None:
    found = [measurement("label_rate", scalar(w / n, n), ("E",), (g,)) for g, (n, w) in rows.items()]
    context = context_of(records, found)
    seen, sizes = context.evidence.observations, context.sizes
    beside = rates_beside_few(seen, {"label_rate"}, sizes, {"test"}, LIMIT)
    assert {group[0] for *_, group in beside} == hidden


def test_extremes_count_ties_and_know_no_other_comparisons(context: Context) -> None:
    tied = [
        measurement("accuracy", scalar(v, 90), ("E",), (g,))
        for g, v in (("a", 0.5), ("b", 0.5), ("c", 0.7), ("d", 0.6))
    ]
    seen = context.evidence.observations[0].model_copy(
        update={"measurements": tuple(Measurement.model_validate(one) for one in tied)}
    )
    found = Extremes.of([seen])
    wanted = Measurement.model_validate(measurement("accuracy_difference", scalar(0.2, 90), ("E",)))
    assert {one.group[0] for one in found.behind(wanted) or ()} == {"a", "b", "c"}
    assert found.behind(wanted.model_copy(update={"metric": "auc_difference"})) is None
    assert found.behind(wanted.model_copy(update={"metric": "other"})) is None


def test_several_rounded_rates_together_give_no_few_back(context: Context) -> None:
    """Whoever seeks all whole numbers that fit the printed rates finds far more than one for each few."""
    for place, number in enumerate(MARRIAGE["0"]):
        if number < LIMIT:
            least, most = reach(context, place)
            assert least == 0
            assert most >= LIMIT


def reach(context: Context, place: int) -> tuple[float, float]:
    """Return the least and the most that a cell of group 0 can hold, by integer programming.

    Known are everybody's cells, the sizes that are printed, and every printed rate to half its last place.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    groups = list(MARRIAGE)
    rows = [np.tile(np.eye(4)[cell], len(groups)) for cell in range(4)]
    low, high = [list(map(float, whole(MARRIAGE))) for _ in range(2)]
    for at, group in enumerate(groups):
        here = np.kron(np.eye(len(groups))[at], np.ones(4))
        size = digits(printed(context, "group_size", "MARRIAGE")[(group,)].value)
        assert size is not None
        rows.append(here)
        low.append(size)
        high.append(size)
        for metric in RATES:
            one = printed(context, metric, "MARRIAGE")[(group,)]
            if one.shown:
                units = [parts(tuple(unit), metric) for unit in np.eye(4, dtype=int).tolist()]
                for half, least, most in ((0.0005, -np.inf, 1e-9), (-0.0005, -1e-9, np.inf)):
                    row = np.zeros(4 * len(groups))
                    row[4 * at : 4 * at + 4] = [won - (float(one.value) + half) * n for won, n in units]
                    rows.append(row)
                    low.append(least)
                    high.append(most)
    ends = []
    for sign in (1, -1):
        wanted = np.zeros(4 * len(groups))
        wanted[place] = sign
        found = milp(
            wanted,
            constraints=LinearConstraint(np.array(rows), low, high),
            integrality=np.ones(len(wanted)),
            bounds=Bounds(0, np.inf),
        )
        ends.append(sign * float(found.fun))
    return ends[0], ends[1]
