"""What became of each measure: changed, not shown, alone, withheld; and nothing of few by subtraction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformity.judge.comparison.measures import measures
from conformity.judge.comparison.shown import Told, tells_few
from conformity.judge.comparison.sides import Side, same_cases
from conformity.model.comparison import MeasureChange
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from tests.support.assessments import criterion, measured, observation, scalar, table
from tests.support.comparisons import NEW, OLD, PLAIN, between, of_rates, rate, share, version


def only(before: Side, after: Side) -> MeasureChange:
    """Return the one measure that is not the same in both."""
    (found,) = measures(before, after).changes
    return found


def count(value: int, unit: str = "rows") -> Measurement:
    return measured(Count(value=value, unit=unit), metric="rows", by=())


def test_a_large_change_is_told_with_its_interval_and_direction() -> None:
    found = only(of_rates(rate(800, 1000)), of_rates(rate(600, 1000), data=NEW))
    assert (found.reality, found.direction, found.method) == ("real", "worse", "score")
    assert (found.difference, found.same_data) == (-0.2, False)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.2 < found.high < 0
    assert found.before is not None
    assert (found.before.value, found.before.n) == (0.8, 1000)
    assert found.adjusted_p == found.p


def test_a_small_change_is_not_shown_and_an_equal_one_not_listed() -> None:
    before = of_rates(rate(500, 1000), rate(50, 100, "f"))
    after = of_rates(rate(500, 1000), rate(62, 130, "f"), data=NEW)
    found = measures(before, after)
    assert [one.reality for one in found.changes] == ["not_shown"]
    assert (found.compared, found.unchanged, found.withheld, found.moved) == (2, 1, 0, ())


def test_one_surprise_among_many_is_not_shown_after_the_correction() -> None:
    others = [rate(50, 100, f"g{number}") for number in range(30)]
    found = measures(
        of_rates(*others, rate(50, 100, "one")), of_rates(*others, rate(65, 100, "one"), data=NEW)
    )
    (change,) = found.changes
    assert change.p is not None
    assert change.adjusted_p is not None
    assert change.p < 0.05 < change.adjusted_p
    assert change.reality == "not_after_correction"
    assert found.compared == 31


@pytest.mark.parametrize("data", [OLD, None])
def test_on_the_same_data_or_unknown_data_the_margins_are_added(data: str | None) -> None:
    before, after = of_rates(rate(800, 1000), data=data), of_rates(rate(600, 1000), data=data)
    found = only(before, after)
    assert (found.method, found.same_data) == ("any_dependence", True if data else None)


def test_a_rate_that_two_probes_name_otherwise_is_counted_once() -> None:
    def both(hits: int, data: str, other: int = 0, **changes: Any) -> Side:
        names = {"recall": hits, "true_positive_rate": hits + other}
        return of_rates(*(rate(n, 1000, "f", metric=name) for name, n in names.items()), data=data, **changes)

    found = measures(both(800, OLD), both(600, NEW))
    assert [one.metric for one in found.changes] == ["recall"]
    assert (found.compared, [key[2] for key in found.moved]) == (1, ["recall"])
    assert measures(both(800, OLD), both(800, NEW)).unchanged == 1

    limits = [criterion(id=m, metric=m, group=("f",)) for m in ("true_positive_rate", "recall")]
    one, two = (measures(both(800, OLD, criteria=limits[:n]), both(600, NEW)) for n in (1, 2))
    assert [change.metric for change in one.changes] == ["true_positive_rate"], "the bounded one stays"
    assert len(two.changes) == 2, "what is bounded twice is told twice"
    assert len(measures(both(800, OLD), both(600, NEW, other=9)).changes) == 2, "they are not the same"


def test_worse_and_bounded_measures_come_first() -> None:
    before = of_rates(
        rate(500, 1000),
        rate(500, 1000, "f"),
        rate(500, 1000, "m"),
        criteria=(criterion(metric="rate", by=("SEX",), group=("m",)),),
    )
    after = of_rates(rate(900, 1000), rate(100, 1000, "f"), rate(300, 1000, "m"), data=NEW)
    found = measures(before, after).changes
    assert [(one.direction, one.bounded) for one in found] == [
        ("worse", True),
        ("worse", False),
        ("better", False),
    ]


def test_counts_change_as_they_are_counted() -> None:
    found = only(version(observation(count(100))), version(observation(count(150)), data=NEW))
    assert (found.reality, found.direction, found.method, found.difference) == (
        "counted",
        "better",
        "exact",
        50,
    )


def test_a_number_without_an_interval_is_only_told_where_it_is_complete() -> None:
    def bare(metric: str, value: float) -> Side:
        one = measured(Scalar(value=value, unit="1", n=500), metric=metric, by=())
        return version(observation(one), data=NEW if value > 0.5 else OLD)

    assert only(bare("rate", 0.2), bare("rate", 0.9)).reality == "no_interval"
    assert only(bare("blanks", 0.2), bare("blanks", 0.9)).reality == "counted"


def test_numbers_of_other_units_have_no_difference() -> None:
    before = version(observation(measured(Scalar(value=2, unit="kWh", n=3), metric="energy", by=())))
    after = version(observation(measured(Scalar(value=2, unit="g", n=3), metric="energy", by=())), data=NEW)
    found = only(before, after)
    assert (found.difference, found.direction, found.reality) == (None, "neither", "no_interval")


def test_a_measure_that_lost_its_number_is_told_as_such() -> None:
    none = measured(NotAvailable(why="undefined", reason="No case."), metric="rate", by=())
    lost = only(of_rates(rate(50, 100)), version(observation(none), data=NEW))
    assert (lost.reality, lost.difference) == ("only_before", None)
    assert lost.after is not None
    assert lost.after.value is None
    assert only(version(observation(none)), of_rates(rate(50, 100), data=NEW)).reality == "only_after"


def test_measures_in_one_version_alone_are_listed_unless_they_have_no_number() -> None:
    before = of_rates(rate(50, 100), rate(50, 100, "old"))
    none = measured(
        NotAvailable(why="undefined", reason="No case."), metric="rate", by=("SEX",), group=("x",)
    )
    after = of_rates(rate(50, 100), rate(50, 100, "new"), none, data=NEW)
    assert [one.reality for one in measures(before, after).changes] == ["only_before", "only_after"]


def test_what_a_report_withholds_stays_withheld() -> None:
    hidden = replace(PLAIN, number=False, text="withheld")
    for before, after in ((hidden, PLAIN), (PLAIN, hidden)):
        found = measures(
            of_rates(rate(800, 1000), told=before), of_rates(rate(600, 1000), data=NEW, told=after)
        )
        (change,) = found.changes
        assert change.reality == "withheld"
        assert (change.before, change.after, change.difference, change.p) == (None, None, None, None)
        assert (change.direction, found.withheld, found.compared, found.moved) == ("neither", 1, 0, ())


def test_a_hidden_interval_or_number_of_cases_stays_hidden() -> None:
    shy = replace(PLAIN, interval=False, cases=False)
    found = only(of_rates(rate(800, 1000), told=shy), of_rates(rate(600, 1000), data=NEW))
    assert (found.low, found.high, found.p, found.adjusted_p) == (None, None, None, None)
    assert found.before is not None
    assert (found.before.low, found.before.n) == (None, None)
    alone = only(version(), of_rates(rate(6, 10), told=replace(PLAIN, number=False, text="< 10")))
    assert alone.after is not None
    assert (alone.after.value, alone.after.text) == (None, "< 10")


@pytest.mark.parametrize(
    ("before", "after", "same", "few"),
    [
        (share(30, 60), share(33, 65), False, True),  # five people more
        (share(30, 60), share(30, 60), False, False),
        (share(30, 60), share(33, 60), False, False),  # as many: nobody was only added
        (share(30, 60), share(35, 160), False, True),  # of a hundred more, five are counted
        (share(30, 60), share(125, 160), False, True),  # of a hundred more, five are not
        (share(30, 60), share(80, 160), False, False),
        (share(30, 60), share(33, 65), True, False),  # the same bytes: the same people
        (Count(value=20, unit="rows"), Count(value=23, unit="rows"), False, True),
        (Count(value=20, unit="rows"), Count(value=30, unit="rows"), False, False),
        (Count(value=20, unit="rows"), Count(value=21, unit="rows"), False, True),  # one person
        (Count(value=20, unit="rows"), Count(value=20, unit="rows"), False, False),
        (share(30, 60), share(30, 160), False, False),  # of a hundred more, none are counted
        (Count(value=20, unit="rows"), share(1, 2), False, False),
        (Count(value=20, unit="rows"), Scalar(value=25, unit="rows", n=9), False, False),
        (Scalar(value=25, unit="rows", n=9), Count(value=20, unit="rows"), False, False),
    ],
)
def test_subtraction_tells_of_nobody(
    before: Scalar | Count, after: Scalar | Count, same: bool, few: bool
) -> None:
    one, other = measured(before), measured(after)
    assert tells_few(one, other, PLAIN, 10, same_data=same) is few
    nobody = replace(PLAIN, people=False)
    assert tells_few(one, other, nobody, 10, same_data=same) is False


def test_of_a_mean_only_the_cases_are_people() -> None:
    mean = replace(PLAIN, counts=False)
    one, other = measured(share(30, 60)), measured(share(35, 160))
    assert tells_few(one, other, mean, 10, same_data=False) is False
    more, fewer = measured(Count(value=20, unit="rows")), measured(Count(value=23, unit="rows"))
    assert tells_few(more, fewer, mean, 10, same_data=False) is False


def test_groups_that_few_people_joined_are_withheld() -> None:
    before, after = of_rates(rate(400, 1000, "f")), of_rates(rate(800, 1300, "f"), data=NEW)
    assert only(before, after).reality == "real"
    (found,) = measures(before, after, frozenset({("test", ("SEX",), ("f",))})).changes
    assert found.reality == "withheld"


def test_data_stated_to_be_of_other_people_are_told_in_full() -> None:
    before, after = of_rates(rate(400, 1000, "f")), of_rates(rate(803, 1005, "f"), data=NEW)
    assert only(before, after).reality == "withheld"
    apart = frozenset({("test", ("SEX",), ("f",))})
    assert measures(before, after, apart, independent=True).changes[0].reality == "real"


def test_a_withheld_group_keeps_the_name_that_hides_it_whichever_version_hides_it() -> None:
    named = replace(PLAIN, about="SEX: f")
    masked = replace(PLAIN, about="SEX: (hidden)", rare=True, number=False)
    for told, now in ((named, masked), (masked, named)):
        found = only(of_rates(rate(4, 90, "f"), told=told), of_rates(rate(40, 9000, "f"), data=NEW, told=now))
        assert (found.about, found.reality) == ("SEX: (hidden)", "withheld")


def test_a_models_figures_rest_on_the_tables_it_names() -> None:
    model = {
        "id": "model",
        "kind": "model",
        "title": "Model",
        "path": "m",
        "format": "onnx",
        "inference": {"data": "test", "country": "DEU"},
    }
    before, after = (version(subjects=(table(), model), data=data) for data in (OLD, OLD))
    assert same_cases(before, after, "model") is True
    assert same_cases(before, version(subjects=(table(), model), data=NEW), "model") is False
    bare = {key: value for key, value in model.items() if key != "inference"}
    assert same_cases(before, version(subjects=(table(), bare)), "model") is False


def test_a_metric_that_no_probe_defines_is_named_by_its_id() -> None:
    odd = [measured(share(hits, 1000), metric="odd_rate", subject="nowhere", by=()) for hits in (800, 100)]
    found = only(version(observation(odd[0])), version(observation(odd[1]), data=NEW))
    assert (found.title, found.subject, found.direction, found.same_data) == (
        "odd rate",
        "nowhere",
        "neither",
        None,
    )


def test_the_comparison_is_worse_only_by_what_is_sure() -> None:
    before = of_rates(rate(800, 1000))
    assert between(before, of_rates(rate(600, 1000), data=NEW)).worse
    assert not between(before, of_rates(rate(790, 1000), data=NEW)).worse
    assert not between(before, of_rates(rate(900, 1000), data=NEW)).worse
    hidden: Told = replace(PLAIN, number=False)
    assert not between(before, of_rates(rate(600, 1000), data=NEW, told=hidden)).worse


def test_what_meters_read_is_compared_whatever_both_share() -> None:
    def energy(value: float, data: str) -> Side:
        """Return a version whose one figure is modelled, a tenth to either side."""
        read = scalar(value, value * 0.9, value * 1.1)
        read = read.model_copy(update={"unit": "kWh", "obtained": "modelled"})
        return version(observation(measured(read, metric="energy", by=())), data=data)

    found = only(energy(1.0, OLD), energy(1.3, NEW))
    assert (found.same_data, found.method, found.reality) == (False, "any_dependence", "real")
    assert found.low == pytest.approx(0.3 - 0.13 - 0.1)
