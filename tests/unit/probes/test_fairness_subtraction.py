"""What is published tells nobody the withheld rate of a small group: the subtraction is really tried."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import Measurement, NotAvailable, Scalar
from conformity.model.tally import MISSING
from conformity.probes.fairness.group_contrasts.probe import GroupContrasts
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.interface import ProbeResult
from conformity.probes.registry import load_probe
from tests.strategies import Row, confusion, decision_table, tallies_of

_LARGE = confusion("a", 200, 100, 60, 140) | confusion("b", 180, 120, 50, 150)
_PROBES = (
    "selection_rate",
    "demographic_parity_difference",
    "disparate_impact_ratio",
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "error_rates",
    "group_contrasts",
)


def _measure(probe_id: str, counts: dict[Row, int]) -> ProbeResult:
    table, probe = decision_table("race"), load_probe(ProbeId(f"fairness/{probe_id}"))
    assert isinstance(probe, RateProbe | GroupContrasts)
    return probe.measure(table, tallies_of(table, counts, probe.tallies(table)))


_Number = tuple[str, tuple[str, ...], float, float | None, float | None, int]


def _numbers(found: ProbeResult) -> list[_Number]:
    """Return every number that is published: points, ends of intervals and sizes of denominators."""
    numbers: list[_Number] = []
    for one in found.measurements:
        if isinstance(one.result, Scalar):
            ends = one.result.interval
            low, high = (None, None) if ends is None else (ends.low, ends.high)
            numbers.append((str(one.metric), one.group, one.result.value, low, high, one.result.n))
    return numbers


@pytest.mark.parametrize("probe_id", _PROBES)
def test_no_number_moves_with_the_outcomes_of_a_small_group(probe_id: str) -> None:
    """Whoever tries all outcomes of seven people finds that each gives the numbers that are published."""
    published = [
        _numbers(_measure(probe_id, _LARGE | confusion("c", tp, 3 - tp, fp, 4 - fp)))
        for tp, fp in ((0, 0), (3, 4), (1, 2))
    ]
    assert published[0] == published[1] == published[2]
    assert published[0]


def _contrasts(counts: dict[Row, int]) -> dict[tuple[str, tuple[str, ...]], Measurement]:
    return {(str(one.metric), one.group): one for one in _measure("group_contrasts", counts).measurements}


def test_everybody_s_rate_is_withheld_where_it_would_tell_of_a_few() -> None:
    """With it the seven are found: 1007 times the rate of all less 500 times each other rate is theirs."""
    found = _contrasts(_LARGE | confusion("c", 2, 1, 3, 1))
    for group in ("a", "b"):
        result = found["selection_difference_to_overall", (group,)].result
        assert isinstance(result, NotAvailable)
        assert result.reason.startswith("all groups without a rate of their own have fewer than 30 cases")
        assert isinstance(found["selection_difference_to_reference", ("a",)].result, Scalar)
    two = _contrasts(_LARGE | confusion("c", 2, 1, 3, 1) | confusion("d", 3, 2, 1, 1))
    assert isinstance(two["selection_difference_to_overall", ("a",)].result, NotAvailable)


def test_everybody_s_rate_is_given_where_it_tells_of_thirty_or_of_nobody() -> None:
    many = _LARGE | confusion("c", 5, 5, 5, 5) | confusion("d", 5, 5, 5, 5)
    for counts in (many, _LARGE):
        result = _contrasts(counts)["selection_difference_to_overall", ("a",)].result
        assert isinstance(result, Scalar)
        rates = [
            sum(n for row, n in counts.items() if row[-1] == "1" and row[0] in who) for who in ("a", "abcd")
        ]
        sizes = [sum(n for row, n in counts.items() if row[0] in who) for who in ("a", "abcd")]
        assert result.value == pytest.approx(rates[0] / sizes[0] - rates[1] / sizes[1])


def test_a_group_that_blanks_make_small_still_opens_every_gap() -> None:
    """Leaving predictions out must not make a gap look smaller."""
    blank: dict[Row, int] = {("c", "1", ""): 300, ("c", "1", "1"): 3, ("c", "0", "0"): 4}
    counts = _LARGE | {(group, y, p or MISSING): n for (group, y, p), n in blank.items()}
    found = _measure("demographic_parity_difference", counts)
    (gap,) = [one.result for one in found.measurements]
    assert isinstance(gap, Scalar)
    assert gap.interval is not None
    assert gap.interval.high > 0.5
    assert np.isfinite(gap.value)
    assert any("blanks leave these groups fewer than 30" in note for note in found.notes)


@pytest.mark.parametrize(("refused", "named"), [(4, False), (12, True)])
@pytest.mark.parametrize("probe_id", ["demographic_parity_difference", "disparate_impact_ratio"])
def test_who_stands_at_an_end_of_a_gap_is_not_named_where_the_rate_is_of_few(
    probe_id: str, refused: int, named: bool
) -> None:
    """Of 66 people 4 are refused, the fewest of all: their rate is withheld in print."""
    top = confusion("c", 66 - refused, 0, 0, refused)
    found = _measure(probe_id, _LARGE | top)
    notes = [note for note in found.notes if "could be widest between" in note]
    assert bool(notes) is named
    assert any("'c'" in note for note in notes) is named
