"""Error rates and predictive values: published numbers, and zero that is or is not a good sign."""

from __future__ import annotations

import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.tally import MISSING
from conformity.probes.fairness.group_contrasts.probe import GroupContrasts
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.interface import ProbeResult
from conformity.probes.registry import load_probe
from tests.strategies import Row, confusion, decision_table, tallies_of

# The two-year file of Larson, Mattu, Kirchner and Angwin, How We Analyzed the COMPAS Recidivism Algorithm
# (ProPublica, 23 May 2016); high and medium risk is the prediction 1. The third group stands in the cross
# table of Aequitas' COMPAS example, which rests on the same file.
_COMPAS = confusion("African-American", tp=1369, fn=532, fp=805, tn=990) | confusion(
    "Caucasian", tp=505, fn=461, fp=349, tn=1139
)
_WITH_HISPANIC = _COMPAS | confusion("Hispanic", tp=103, fn=129, fp=87, tn=318)


def _measure(counts: dict[Row, int], probe_id: str = "fairness/error_rates") -> ProbeResult:
    table, probe = decision_table("race"), load_probe(ProbeId(probe_id))
    assert isinstance(probe, RateProbe | GroupContrasts)
    return probe.measure(table, tallies_of(table, counts, probe.tallies(table)))


def _result(found: ProbeResult, metric: str, *group: str) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == group]
    return one.result


def _value(found: ProbeResult, metric: str, *group: str) -> float:
    result = _result(found, metric, *group)
    assert isinstance(result, Scalar), result
    assert result.interval is not None
    assert result.interval.low <= result.value <= result.interval.high
    return result.value


def _absent(found: ProbeResult, metric: str, *group: str) -> NotAvailable:
    result = _result(found, metric, *group)
    assert isinstance(result, NotAvailable), result
    return result


@pytest.mark.parametrize(
    ("group", "fnr", "ppv"), [("African-American", 0.2799, 0.63), ("Caucasian", 0.4772, 0.59)]
)
def test_compas_rates_are_those_that_propublica_printed(group: str, fnr: float, ppv: float) -> None:
    """Source: ProPublica 2016: FNR 27.99 and 47.72, PPV .63 and .59."""
    found = _measure(_COMPAS)
    assert _value(found, "false_negative_rate", group) == pytest.approx(fnr, abs=5e-5)
    assert _value(found, "positive_predictive_value", group) == pytest.approx(ppv, abs=5e-3)
    assert _value(found, "false_discovery_rate", group) == pytest.approx(1 - ppv, abs=5e-3)


def test_aequitas_disparities() -> None:
    """Source: Aequitas, COMPAS example: FDR disparity .906, FPR 1.912 and, to Hispanic, 2.087696."""
    found = _measure(_WITH_HISPANIC)
    discovery = [_value(found, "false_discovery_rate", group) for group in ("African-American", "Caucasian")]
    assert discovery[0] / discovery[1] == pytest.approx(0.906, abs=5e-4)
    contrasts = _measure(_WITH_HISPANIC, "fairness/group_contrasts")
    ratio = _value(contrasts, "false_positive_ratio_to_reference", "Hispanic")
    assert 1 / ratio == pytest.approx(2.087696, abs=5e-7)
    ratio = _value(contrasts, "false_positive_ratio_to_reference", "Caucasian")
    assert 1 / ratio == pytest.approx(1.912, abs=5e-4)


def test_adult_s_label_ratio_is_as_published() -> None:
    """UCI Adult, both files: 1,769 of 16,192 women and 9,918 of 32,650 men earn more: .359655."""
    counts: dict[Row, int] = {
        ("Female", "1"): 1769,
        ("Female", "0"): 14423,
        ("Male", "1"): 9918,
        ("Male", "0"): 22732,
    }
    probe = load_probe(ProbeId("fairness/disparate_impact_ratio"))
    assert isinstance(probe, RateProbe)
    for table in (
        decision_table("sex", label=None),
        decision_table("sex", label="income", prediction="income"),
    ):
        found = probe.measure(table, tallies_of(table, counts, probe.tallies(table)))
        assert _value(found, "disparate_impact_ratio") == pytest.approx(0.359655, abs=5e-7)


def test_gaps_by_hand() -> None:
    found = _measure(_COMPAS)
    assert _value(found, "predictive_parity_difference") == pytest.approx(1369 / 2174 - 505 / 854, abs=1e-12)
    assert _value(found, "false_omission_rate_difference") == pytest.approx(
        532 / 1522 - 461 / 1600, abs=1e-12
    )
    assert _value(found, "accuracy_difference") == pytest.approx(1644 / 2454 - 2359 / 3696, abs=1e-12)
    assert _value(found, "treatment_equality_difference") == pytest.approx(461 / 810 - 532 / 1337, abs=1e-12)
    assert _value(found, "equal_opportunity_ratio") == pytest.approx((505 / 966) / (1369 / 1901), abs=1e-12)
    assert _value(found, "equalized_odds_ratio") == pytest.approx((349 / 1488) / (805 / 1795), abs=1e-12)


def test_complements_add_up_to_one() -> None:
    found = _measure(_WITH_HISPANIC)
    odds = _measure(_WITH_HISPANIC, "fairness/equalized_odds_difference")
    for group in ("African-American", "Caucasian", "Hispanic"):
        for one, other in (
            ("positive_predictive_value", "false_discovery_rate"),
            ("negative_predictive_value", "false_omission_rate"),
        ):
            assert _value(found, one, group) + _value(found, other, group) == pytest.approx(1, abs=1e-12)
        both = _value(found, "true_negative_rate", group) + _value(odds, "false_positive_rate", group)
        assert both == pytest.approx(1, abs=1e-12)


def test_equal_shares_of_missed_people_are_equal_ratios_of_errors() -> None:
    """By hand: FN / FP is 20/40 and 30/60, though the error rates differ."""
    found = _measure(confusion("a", 80, 20, 40, 60) | confusion("b", 20, 30, 60, 20))
    assert _value(found, "treatment_equality_difference") == pytest.approx(0, abs=1e-12)
    share = _value(found, "false_negative_share", "a")
    assert share / (1 - share) == pytest.approx(0.5, abs=1e-12)


def test_no_false_omission_anywhere_is_equality_and_no_false_positive_has_no_ratio() -> None:
    found = _measure(confusion("a", 60, 0, 0, 60) | confusion("b", 60, 0, 0, 60))
    assert _value(found, "false_omission_rate_difference") == 0
    assert _absent(found, "equalized_odds_ratio").reason == (
        "the false positive rate is 0 in every group, so that there is no ratio"
    )
    assert _absent(found, "treatment_equality_difference").why == "undefined"
    assert _absent(found, "false_negative_share", "a").why == "undefined"


def test_never_right_is_no_parity() -> None:
    found = _measure(confusion("a", 0, 60, 60, 0) | confusion("b", 0, 60, 60, 0))
    for metric in ("predictive_parity_difference", "equal_opportunity_ratio", "accuracy_difference"):
        assert _absent(found, metric).why == "undefined"
    assert _value(found, "false_omission_rate_difference") == 0


def test_notes_of_several_rates_are_gathered() -> None:
    counts = _COMPAS | confusion("c", 4, 4, 4, 4) | {("Caucasian", "1", MISSING): 50}
    notes = _measure(counts).notes
    assert sum("fewer than 30" in note for note in notes) == 1
    blanks = [note for note in notes if note.startswith("50 rows")]
    assert len(blanks) == 1
    assert "false omission rate" in blanks[0]
