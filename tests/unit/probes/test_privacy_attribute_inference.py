"""What a decision tells about a group: hand-made counts, coverage, and what cannot be measured."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.base import SubjectId
from conformity.model.measurement import NotAvailable, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import Tally
from conformity.probes.interface import NotMeasurableError
from conformity.probes.privacy.attribute_inference.probe import PROBE, gain

TABLE = TableSubject(
    id=SubjectId("t"),
    kind="table",
    title="T",
    path="t.csv",
    purpose="testing",
    columns=(
        Column(name="g", roles=("protected",)),
        Column(name="p", roles=("prediction",), positive=(1,), negative=(0,)),
    ),
)


def test_a_decision_that_names_the_group_gains_all_that_is_left() -> None:
    """Largest group 60 of 100; every decision is one group's: 100 right instead of 60."""
    found = gain(np.array([[60, 0], [0, 40]]))
    assert isinstance(found, Scalar)
    assert found.value == pytest.approx(0.4)
    assert found.interval is not None
    assert found.interval.low > 0.3


def test_a_decision_that_is_the_same_for_all_gains_nothing() -> None:
    found = gain(np.array([[30, 30], [20, 20]]))
    assert isinstance(found, Scalar)
    assert found.value == 0
    assert found.interval is not None
    assert found.interval.high > 0


def test_few_people_with_a_decision_do_not_inform_the_guess() -> None:
    found = gain(np.array([[60, 0], [11, 29]]))
    assert isinstance(found, Scalar)
    assert found.value == 0


def test_the_interval_holds_the_truth_in_95_of_100_samples() -> None:
    """Shares .35/.15 in the larger group, .10/.40 in the smaller: informed .75, blind .5, gain .25."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(1000):
        found = gain(rng.multinomial(500, [0.38, 0.14, 0.10, 0.38]).reshape(2, 2))
        assert isinstance(found, Scalar)
        assert found.interval is not None
        held += found.interval.low <= 0.24 <= found.interval.high
    assert 0.92 <= held / 1000 <= 0.98


@pytest.mark.parametrize(("counts", "why"), [([[20, 20]], "undefined"), ([[10, 9], [5, 5]], "too_few_cases")])
def test_what_cannot_be_guessed_has_no_number(counts: list[list[int]], why: str) -> None:
    found = gain(np.array(counts))
    assert isinstance(found, NotAvailable)
    assert found.why == why


def test_the_probe_reads_the_joint_counts() -> None:
    """privacy/attribute_inference over a table with an unrecognised group of decisions left aside."""
    (spec,) = PROBE.tallies(TABLE)
    entries = (("a", "(missing)", 50), ("a", "0", 60), ("b", "1", 40))
    result = PROBE.measure(TABLE, [Tally(spec=spec, columns=("g", "p", "rows"), entries=entries)])
    (found,) = result.measurements
    assert (found.metric, found.by) == ("attribute_guess_gain", ("g",))
    assert isinstance(found.result, Scalar)
    assert found.result.value == pytest.approx(0.4)
    assert found.result.n == 100


def test_without_a_prediction_there_is_nothing_to_measure() -> None:
    bare = TABLE.model_copy(update={"columns": TABLE.columns[:1]})
    with pytest.raises(NotMeasurableError, match="the role `prediction`"):
        PROBE.tallies(bare)
