"""What a change of decisions did to gaps and accuracy: by hand, and with limits that hold the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from conformity.engines.frame import open_frame
from conformity.model.base import ProbeId, SubjectId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.fairness.gap_change import gap_change, paired, unpaired
from conformity.probes.fairness.mitigation.decisions import mcnemar_p
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.registry import load_probe
from conformity.probes.shared.intervals import Floats

_PROBE: TableProbe = load_probe(ProbeId("fairness/mitigation"))  # type: ignore[assignment] # it works on tables
_OUTCOME = {"positive": ("yes",), "negative": ("no",)}
_NAMES = ("sex", "label", "before", "after")

Counts = dict[tuple[str | None, ...], int]
"""Rows by group, label, decision before and decision after."""


def _subject(*, label: str | None = "label", before: str = "before", after: str = "after") -> TableSubject:
    roles: dict[str, list[Any]] = {}
    for name, role in ((label, "label"), (before, "previous_prediction"), (after, "prediction")):
        if name is not None:
            roles.setdefault(name, []).append(role)
    columns = [Column(name="sex", roles=("protected",))]
    columns += [Column(name=name, roles=tuple(some), **_OUTCOME) for name, some in roles.items()]
    return TableSubject(
        id=SubjectId("people"),
        title="People",
        kind="table",
        purpose="testing",
        path="people.csv",
        columns=tuple(columns),
    )


def _measure(counts: Counts, subject: TableSubject | None = None) -> ProbeResult:
    table = subject or _subject()
    rows = [row for row, n in counts.items() for _ in range(n)]
    data = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(_NAMES)}
    return _PROBE.measure(table, open_frame(pa.table(data)).tally(_PROBE.tallies(table)))


def _result(found: ProbeResult, metric: str) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric]
    assert one.by == (("sex",) if "gap" in metric else ())
    return one.result


def _scalar(result: Result, *, interval: bool = True) -> Scalar:
    assert isinstance(result, Scalar), result
    assert (result.interval is not None) == interval
    if result.interval is not None:
        assert -1 <= result.interval.low <= result.value <= result.interval.high <= 1
    return result


def _absent(result: Result) -> NotAvailable:
    assert isinstance(result, NotAvailable), result
    return result


_Y, _N = "yes", "no"
_KNOWN: Counts = {
    # Men: 60 of 100 selected before, 55 after. Women: 30 of 100 before, 45 after.
    ("m", _Y, _Y, _Y): 45,
    ("m", _Y, _Y, _N): 3,
    ("m", _Y, _N, _N): 2,
    ("m", _N, _Y, _Y): 10,
    ("m", _N, _Y, _N): 2,
    ("m", _N, _N, _N): 38,
    ("f", _Y, _Y, _Y): 25,
    ("f", _Y, _N, _Y): 9,
    ("f", _Y, _N, _N): 6,
    ("f", _N, _Y, _Y): 5,
    ("f", _N, _N, _Y): 6,
    ("f", _N, _N, _N): 49,
}


def test_changes_are_those_computed_by_hand() -> None:
    found = _measure(_KNOWN)
    gap = _scalar(_result(found, "selection_gap_change"))
    assert gap.value == pytest.approx((0.55 - 0.45) - (0.60 - 0.30), abs=1e-12)
    assert gap.n == 100
    # True positive rates: men 48/50 then 45/50, women 25/40 then 34/40.
    positive = _scalar(_result(found, "true_positive_gap_change"))
    assert positive.value == pytest.approx((45 / 50 - 34 / 40) - (48 / 50 - 25 / 40), abs=1e-12)
    assert positive.n == 40
    # Right afterwards only: 2 men and 9 women; right before only: 3 men and 6 women.
    accuracy = _scalar(_result(found, "accuracy_change"))
    assert accuracy.value == pytest.approx((11 - 9) / 200, abs=1e-12)
    assert accuracy.n == 200
    assert _scalar(_result(found, "decisions_changed")).value == pytest.approx(20 / 200, abs=1e-12)
    assert found.notes == ()
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)


def test_the_interval_of_accuracy_is_that_of_bonett_and_price() -> None:
    """(11 - 9) / 202 with 12/202 and 10/202: half width 1.959964 sqrt((22/202 - (2/202)^2) / 202)."""
    accuracy = _scalar(_result(_measure(_KNOWN), "accuracy_change"))
    assert accuracy.interval is not None
    half = 1.959964 * ((22 / 202 - (2 / 202) ** 2) / 202) ** 0.5
    assert accuracy.interval.low == pytest.approx(2 / 202 - half, abs=1e-7)
    assert accuracy.interval.high == pytest.approx(2 / 202 + half, abs=1e-7)


@pytest.mark.parametrize(("gained", "lost"), [(11, 9), (0, 8), (30, 12), (0, 0), (400, 500), (0, 1)])
def test_mcnemar_is_scipys_binomial_test(gained: int, lost: int) -> None:
    from scipy.stats import binomtest

    expected = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert mcnemar_p(gained, lost) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_of_many_rows_is_nearly_exact() -> None:
    from scipy.stats import binomtest, chi2

    assert mcnemar_p(1100, 1000) == pytest.approx(float(chi2.sf(100**2 / 2100, 1)), rel=1e-12)
    assert mcnemar_p(1100, 1000) == pytest.approx(binomtest(1100, 2100).pvalue, abs=2e-3)
    found = _scalar(_result(_measure(_KNOWN), "accuracy_change_p_value"), interval=False)
    assert found.value == mcnemar_p(11, 9)


def test_the_same_decisions_twice_change_nothing_and_still_have_limits() -> None:
    same: Counts = {}
    for (group, label, before, _), n in _KNOWN.items():
        same[(group, label, before, before)] = same.get((group, label, before, before), 0) + n
    found = _measure(same)
    for metric in ("selection_gap_change", "accuracy_change"):
        result = _scalar(_result(found, metric))
        assert result.value == 0
        assert result.interval is not None
        assert result.interval.low < 0 < result.interval.high
    assert _scalar(_result(found, "decisions_changed")).value == 0
    assert _scalar(_result(found, "accuracy_change_p_value"), interval=False).value == 1


# Limits


def _cells(before: float, after: float, tied: float) -> Floats:
    both = before * after + tied * (before * (1 - before) * after * (1 - after)) ** 0.5
    return np.array([1 - before - after + both, after - both, before - both, both]).clip(0)


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("before", "after", "sizes"),
    [
        ((0.5, 0.3), (0.42, 0.38), (200, 200)),
        ((0.5, 0.3), (0.4, 0.4), (500, 300)),
        ((0.4, 0.4), (0.4, 0.4), (200, 200)),
        ((0.5, 0.4), (0.4, 0.45), (300, 300)),
        ((0.05, 0.02), (0.04, 0.03), (400, 100)),
        ((0.5, 0.4, 0.45, 0.3), (0.42, 0.4, 0.41, 0.38), (200, 100, 300, 150)),
    ],
    ids=["narrower", "closed", "nothing", "turned", "rare", "four groups"],
)
def test_limits_hold_the_true_change_in_at_least_95_of_100_samples(
    before: tuple[float, ...], after: tuple[float, ...], sizes: tuple[int, ...]
) -> None:
    """800 samples; at a true coverage of 95 % fewer than 93 % happen less than once in 100 runs."""
    generator = np.random.default_rng(3)
    true = float(np.ptp(after) - np.ptp(before))
    held = [0, 0]
    for _ in range(800):
        both = [
            generator.multinomial(n, _cells(b, a, 0.7) / _cells(b, a, 0.7).sum()).reshape(2, 2)
            for b, a, n in zip(before, after, sizes, strict=True)
        ]
        first, last = (
            np.array([[n - won, won] for n, won in zip(sizes, generator.binomial(sizes, rates), strict=True)])
            for rates in (before, after)
        )
        for place, found in enumerate(
            (gap_change(paired(np.array(both))), gap_change(unpaired(first, last)))
        ):
            held[place] += found.low <= true <= found.high
    assert min(held) / 800 >= 0.93, held


def test_pairing_narrows_the_interval() -> None:
    both = np.array([[[90, 10], [5, 95]], [[130, 20], [5, 45]]])
    close = gap_change(paired(both))
    apart = gap_change(unpaired(both.sum(axis=2), both.sum(axis=1)))
    assert close.value == pytest.approx(apart.value, abs=1e-12)
    assert close.high - close.low < 0.7 * (apart.high - apart.low)


# Absence


def test_blanks_widen_what_is_measured_and_are_told() -> None:
    plain = _measure(_KNOWN)
    found = _measure(_KNOWN | {("m", _Y, _Y, None): 10, ("f", None, _Y, _Y): 10})
    for metric in (
        "selection_gap_change",
        "true_positive_gap_change",
        "accuracy_change",
        "decisions_changed",
    ):
        one, other = _scalar(_result(plain, metric)), _scalar(_result(found, metric))
        assert one.interval is not None
        assert other.interval is not None
        assert other.interval.high - other.interval.low > one.interval.high - one.interval.low + 0.02
        assert other.interval.method.endswith("blanks counted both ways")
    (note,) = found.notes
    assert note.startswith("20 rows have a blank")


def test_few_blanks_are_not_counted_out() -> None:
    found = _measure(_KNOWN | {("m", _Y, _Y, None): 2})
    assert found.notes[0].startswith("fewer than 10 rows have a blank")


def test_without_labels_gaps_are_compared_and_accuracy_is_not() -> None:
    for label in (None, "before"):
        found = _measure(_KNOWN, _subject(label=label))
        assert _scalar(_result(found, "selection_gap_change")).value == pytest.approx(-0.2)
        for metric in ("accuracy_change", "accuracy_change_p_value", "true_positive_gap_change"):
            assert _absent(_result(found, metric)).why == "not_collected"
    blank = _measure({("m", _Y, None, _Y): 40, ("f", _Y, _Y, _Y): 40}, _subject(label=None))
    assert len(blank.notes) == 2


def test_unrecognised_outcomes_are_asked_for() -> None:
    found = _measure(_KNOWN | {("m", _Y, "perhaps", _Y): 20})
    for metric in (m.metric for m in found.measurements):
        absent = _absent(_result(found, metric))
        assert absent.why == "not_collected"
        assert "20 rows have a" in absent.reason


def test_all_blank_decisions_are_not_collected() -> None:
    found = _measure({("m", _Y, None, _Y): 50, ("f", _N, None, _N): 50})
    for metric in (m.metric for m in found.measurements):
        assert _absent(_result(found, metric)).why == "not_collected"


def test_small_groups_take_no_part_and_are_named_without_their_size() -> None:
    found = _measure(_KNOWN | {("x", _Y, _Y, _N): 7})
    assert _scalar(_result(found, "selection_gap_change")).value == pytest.approx(-0.2)
    (note,) = found.notes
    assert "'x'" in note
    assert "7" not in note


def test_too_few_rows_give_no_numbers() -> None:
    found = _measure({("m", _Y, _Y, _N): 10, ("f", _N, _N, _N): 12})
    for metric in (m.metric for m in found.measurements):
        assert _absent(_result(found, metric)).why == "too_few_cases"


def test_nothing_to_measure_is_said() -> None:
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure({})
    with pytest.raises(NotMeasurableError, match="no change can show"):
        _PROBE.tallies(_subject(before="after"))
    alone = _subject().model_copy(update={"columns": _subject().columns[:2]})
    with pytest.raises(NotMeasurableError, match="`prediction` and `previous_prediction`"):
        _PROBE.tallies(alone)
