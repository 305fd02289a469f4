"""Groups beside a reference group and everybody: published numbers, peers, coverage, absence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import Count, NotAvailable, Scalar
from conformity.model.subject import Cell, TableSubject
from conformity.model.tally import MISSING, UNRECOGNISED
from conformity.probes.fairness.group_contrasts.contrasts import Seen, to_overall
from conformity.probes.fairness.group_contrasts.detectable import POWER, detectable_difference
from conformity.probes.fairness.group_contrasts.probe import GroupContrasts
from conformity.probes.fairness.group_contrasts.significance import holm, p_value
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.rates import SELECTION
from conformity.probes.shared.trials import Trials
from tests.strategies import Row, confusion, decision_table, tallies_of
from tests.support.readings import absent_of, scalar_of

_ID = ProbeId("fairness/group_contrasts")
_COMPAS = confusion("African-American", tp=1369, fn=532, fp=805, tn=990) | confusion(
    "Caucasian", tp=505, fn=461, fp=349, tn=1139
)


def _table(reference: Cell | None = None, edges: tuple[float, ...] = (), **roles: str | None) -> TableSubject:
    table = decision_table("race", **roles)
    race = table.columns[0].model_copy(update={"reference": reference, "edges": edges})
    return table.model_copy(update={"columns": (race, *table.columns[1:])})


def _measure(counts: dict[Row, int], table: TableSubject | None = None) -> ProbeResult:
    subject = table or _table()
    probe = load_probe(_ID)
    assert isinstance(probe, GroupContrasts)
    return probe.measure(subject, tallies_of(subject, counts, probe.tallies(subject)))


def _ends(scalar: Scalar) -> tuple[float, float]:
    assert scalar.interval is not None
    return scalar.interval.low, scalar.interval.high


def test_compas_contrasts_follow_from_the_published_counts() -> None:
    """Source: ProPublica 2016, contingency tables; FPR 349/1488 against 805/1795, the larger group."""
    found = _measure(_COMPAS)
    assert scalar_of(found, "false_positive_difference_to_reference", "Caucasian").value == pytest.approx(
        349 / 1488 - 805 / 1795, abs=1e-12
    )
    ratio = scalar_of(found, "false_positive_ratio_to_reference", "Caucasian")
    assert ratio.value == pytest.approx((349 / 1488) / (805 / 1795), abs=1e-12)
    assert ratio.n == 1488
    overall = scalar_of(found, "selection_difference_to_overall", "Caucasian")
    assert overall.value == pytest.approx(854 / 2454 - 3028 / 6150, abs=1e-12)
    assert found.notes == ("By race, the other groups are compared with 'African-American', the largest.",)


def test_two_groups_have_newcombe_s_published_interval() -> None:
    """Source: Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: 56/70 and 48/80."""
    counts: dict[Row, int] = {("a", "1"): 56, ("a", "0"): 14, ("b", "1"): 48, ("b", "0"): 32}
    found = _measure(counts, _table(reference="b", label=None))
    difference = scalar_of(found, "selection_difference_to_reference", "a")
    assert _ends(difference) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference.interval is not None
    assert difference.interval.method == "Newcombe hybrid score"


def test_measurements_are_those_declared_and_sorted() -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == _ID]
    found = _measure(_COMPAS)
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)
    assert {m.metric for m in found.measurements} == {metric.id for metric in spec.metrics}
    assert {m.extent for m in spec.metrics if "p_value" in m.id or "detectable" in m.id} == {"indicative"}
    for one in found.measurements:
        metric = next(metric for metric in spec.metrics if metric.id == one.metric)
        assert (metric.per == "group") == bool(one.group)
        if metric.id == "groups_apart_from_reference":
            assert one.result == Count(value=1, unit="groups")
            continue
        assert isinstance(one.result, Scalar)
        assert (metric.extent == "estimate") == (one.result.interval is not None)


def test_without_labels_only_selection_is_compared() -> None:
    counts: dict[Row, int] = {("a", "1"): 56, ("a", "0"): 44, ("b", "1"): 48, ("b", "0"): 32}
    for table in (_table(label=None), _table(label="outcome", prediction="outcome")):
        found = _measure(counts, table)
        assert {m.metric.split("_")[0] for m in found.measurements} == {"selection", "minimum", "groups"}


# The reference group


@pytest.mark.parametrize(
    ("reference", "edges", "names"),
    [
        ("b", (), ("a", "b")),
        (2, (), ("1", "2")),
        (True, (), ("false", "true")),
        (30, (26.0,), ("< 26", ">= 26")),
        (">= 26", (26.0,), ("< 26", ">= 26")),
    ],
)
def test_a_named_group_is_the_reference(
    reference: Cell, edges: tuple[float, ...], names: Sequence[str]
) -> None:
    counts = confusion(names[0], 90, 90, 90, 90) | confusion(names[1], 50, 50, 50, 50)
    found = _measure(counts, _table(reference, edges))
    assert found.notes[0] == f"By race, the other groups are compared with '{names[1]}', as declared."
    assert scalar_of(found, "selection_ratio_to_reference", names[0]).value == 1


def test_a_named_group_without_rows_is_never_replaced() -> None:
    found = _measure(_COMPAS, _table("Martian"))
    for metric in ("selection_difference_to_reference", "true_positive_ratio_to_reference"):
        for group in ("African-American", "Caucasian"):
            assert "'Martian' has no row" in absent_of(found, metric, group).reason
    assert absent_of(found, "minimum_detectable_difference").why == "not_collected"
    assert scalar_of(found, "selection_difference_to_overall", "Caucasian").value < 0
    assert "'Martian' has no row" in found.notes[0]


def test_rows_without_a_value_are_never_the_reference_by_size() -> None:
    found = _measure(confusion(MISSING, 900, 900, 900, 900) | _COMPAS)
    assert scalar_of(found, "selection_ratio_to_reference", MISSING).value != 1
    alone = _measure(confusion(MISSING, 900, 900, 900, 900))
    assert absent_of(alone, "selection_ratio_to_reference", MISSING).why == "not_collected"
    assert absent_of(alone, "selection_difference_to_overall", MISSING).why == "too_few_cases"


# Absence never looks like equality


def test_one_group_has_nobody_to_be_compared_with() -> None:
    found = _measure(confusion("a", 90, 90, 90, 90))
    assert (
        absent_of(found, "selection_difference_to_overall", "a").reason
        == "there is no other group with cases"
    )
    assert absent_of(found, "minimum_detectable_difference").why == "too_few_cases"
    assert {type(m.result) for m in found.measurements} == {NotAvailable}


def test_small_groups_are_not_compared_and_a_small_reference_compares_nobody() -> None:
    counts = _COMPAS | confusion("c", 5, 5, 5, 5)
    found = _measure(counts)
    assert absent_of(found, "selection_p_value", "c").why == "too_few_cases"
    assert scalar_of(found, "selection_p_value", "Caucasian").value < 1e-60
    found = _measure(counts, _table("c"))
    reason = absent_of(found, "selection_p_value", "Caucasian").reason
    assert reason.startswith("for the reference group: fewer than 30")
    assert absent_of(found, "minimum_detectable_difference").why == "too_few_cases"


def test_a_reference_that_nobody_is_selected_from_has_no_ratio() -> None:
    found = _measure(confusion("a", 0, 60, 0, 60) | confusion("b", 9, 31, 9, 31))
    assert absent_of(found, "selection_ratio_to_reference", "b").why == "undefined"
    assert scalar_of(found, "selection_difference_to_reference", "b").value == pytest.approx(18 / 80)
    assert _ends(scalar_of(found, "selection_difference_to_reference", "b"))[0] > 0


def test_unrecognised_and_blank_outcomes_are_not_unfavourable() -> None:
    counts = confusion("a", 90, 90, 90, 90) | confusion("b", 50, 50, 50, 50)
    found = _measure(counts | {("b", "1", UNRECOGNISED): 25})
    assert absent_of(found, "selection_difference_to_reference", "b").why == "not_collected"
    clean, blank = _measure(counts), _measure(counts | {("b", "1", MISSING): 60})
    for kind in ("difference_to_reference", "ratio_to_reference", "difference_to_overall"):
        one, other = scalar_of(clean, f"selection_{kind}", "b"), scalar_of(blank, f"selection_{kind}", "b")
        assert other.value == pytest.approx(one.value, abs=1e-12)
        assert _ends(other)[0] < _ends(one)[0]
        assert _ends(one)[1] < _ends(other)[1]
        assert other.interval is not None
        assert other.interval.method.endswith("blanks counted both ways")
    assert any(note.startswith("60 rows whose") for note in blank.notes)


def test_roles_are_required() -> None:
    probe = load_probe(_ID)
    assert isinstance(probe, GroupContrasts)
    for table in (decision_table(), decision_table("race", prediction=None)):
        with pytest.raises(NotMeasurableError, match="name one in the manifest"):
            probe.tallies(table)
        with pytest.raises(NotMeasurableError, match="name one in the manifest"):
            probe.measure(table, ())


# Tests of significance


def test_p_values_are_those_of_scipy() -> None:
    """Source: scipy.stats, fisher_exact and chi2_contingency without correction, as peers."""
    from scipy.stats import chi2_contingency, fisher_exact

    random = np.random.default_rng(11)
    for size in (8, 40, 400):
        for _ in range(60):
            table = random.binomial(size, random.uniform(0.02, 0.6, (2, 2))) + np.array([[0, 1], [1, 0]])
            expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
            first, second = ((int(a), int(b)) for a, b in table.tolist())
            if (expected < 5).any():
                peer = float(fisher_exact(table).pvalue)
            else:
                peer = float(chi2_contingency(table, correction=False).pvalue)
            assert p_value(first, second) == pytest.approx(peer, rel=1e-6)


def test_the_lady_tasting_tea() -> None:
    """Source: Fisher, The Design of Experiments (1935): 3 of 4 and 1 of 4 has p = 34/70 on two sides."""
    assert p_value((3, 1), (1, 3)) == pytest.approx(34 / 70, abs=1e-12)


def test_nothing_to_tell_apart_has_a_p_value_of_one() -> None:
    assert p_value((0, 50), (0, 90)) == p_value((50, 0), (90, 0)) == p_value((0, 0), (9, 9)) == 1


def test_holm_s_correction_by_hand() -> None:
    """By hand: 4 x .01, then the larger of that and 3 x .015 = .045, 2 x .03 = .06, and .06 beside .04."""
    assert holm((0.03, 0.01, 0.04, 0.015)) == pytest.approx((0.06, 0.04, 0.06, 0.045))
    assert holm((0.9, 0.8)) == (1, 1)
    assert holm(()) == ()


def test_the_p_values_of_many_equal_groups_are_rarely_small() -> None:
    """By simulation: ten equal groups, 300 draws; any corrected value below .05 in at most 5 % (+2.5 SE)."""
    random = np.random.default_rng(2)
    alarms = 0
    for _ in range(300):
        wins = random.binomial(200, 0.3, 10).tolist()
        values = [p_value((win, 200 - win), (wins[0], 200 - wins[0])) for win in wins[1:]]
        alarms += min(holm(values)) < 0.05
    assert alarms / 300 <= 0.05 + 2.5 * (0.05 * 0.95 / 300) ** 0.5


# The minimum detectable difference


def test_equal_samples_of_the_textbook() -> None:
    """By hand: .5 against .5 - .1 needs about 387 a group at 80 % (Fleiss et al. 2003, formula 4.14)."""
    found = detectable_difference(0.5, 388, 388, 1)
    assert found is not None
    assert found == pytest.approx(0.1, abs=5e-4)


def test_a_difference_of_that_size_is_found_four_times_out_of_five() -> None:
    """By simulation: 2,000 draws, two and a half standard errors of .022 and .02 for the approximation."""
    random = np.random.default_rng(4)
    found = detectable_difference(0.3, 800, 200, 1)
    assert found is not None
    first, second = random.binomial(800, 0.3, 2000).tolist(), random.binomial(200, 0.3 + found, 2000).tolist()
    seen = [p_value((a, 800 - a), (b, 200 - b)) < 0.05 for a, b in zip(first, second, strict=True)]
    assert np.mean(seen) == pytest.approx(POWER, abs=0.042)


def test_more_cases_show_less_and_more_comparisons_show_more() -> None:
    base = detectable_difference(0.3, 1000, 100, 1)
    more, shared = detectable_difference(0.3, 1000, 400, 1), detectable_difference(0.3, 1000, 100, 9)
    assert base is not None
    assert more is not None
    assert shared is not None
    assert more < base < shared


def test_what_cannot_be_seen_is_not_zero() -> None:
    assert detectable_difference(0.5, 5, 2, 50) is None
    found = _measure(confusion("a", 100, 100, 100, 100) | confusion("b", 15, 5, 5, 5))
    assert scalar_of(found, "minimum_detectable_difference").n == 30
    counts: dict[Row, int] = {}
    for name in map(str, range(500)):
        counts |= {(name, "1", "1"): 15, (name, "1", "0"): 15}
    absent = absent_of(_measure(counts), "minimum_detectable_difference")
    assert (absent.why, absent.n) == ("too_few_cases", 30)


def test_where_nobody_is_selected_only_a_higher_rate_can_be_seen() -> None:
    found = detectable_difference(0.0, 10_000, 100, 1)
    assert found is not None
    assert 0 < found < 0.05


def test_with_fifty_a_group_the_80_percent_rule_could_not_have_been_seen() -> None:
    """At a selection rate of .3 the rule speaks of a gap of .06; two groups of 50 show .26 at the least."""
    found = _measure(confusion("a", 15, 0, 0, 35) | confusion("b", 15, 0, 0, 35))
    assert scalar_of(found, "minimum_detectable_difference").value > 0.2


@pytest.mark.no_cover
def test_differences_to_everybody_cover_the_truth() -> None:
    """By simulation: 1,000 draws; 95 % less two and a half standard errors is 93.3 %."""
    random = np.random.default_rng(6)
    size, truth = np.array([60, 400, 140]), np.array([0.04, 0.2, 0.5])
    everybody = float(truth @ size / size.sum())
    covered = np.zeros(3)
    for _ in range(1000):
        wins = random.binomial(size, truth)
        nothing = np.zeros_like(wins)
        trials = Trials(wins, size - wins, nothing, nothing, nothing)
        seen = Seen(SELECTION, trials, tuple((wins / size).tolist()))
        for position in range(3):
            result = to_overall(seen, position)
            assert isinstance(result, Scalar)
            low, high = _ends(result)
            covered[position] += low <= truth[position] - everybody <= high
    assert (covered / 1000 >= 0.933).all(), covered / 1000
