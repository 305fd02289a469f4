"""Rows equal in all features and labelled differently."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from conformity.engines.frame import open_frame
from conformity.model.base import ProbeId, SubjectId
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.registry import load_probe

_PROBE: TableProbe = load_probe(ProbeId("data_quality/label_noise"))  # type: ignore[assignment] # it works on tables


def _subject(*features: str, label: Column | None = None) -> TableSubject:
    truth = label or Column(name="truth", roles=("label",), positive=("yes",), negative=("no",))
    return TableSubject(
        id=SubjectId("people"),
        title="People",
        kind="table",
        purpose="training",
        path="people.csv",
        columns=(*(Column(name=name, roles=("feature",)) for name in features), truth),
    )


def _measure(rows: list[tuple[Any, ...]], subject: TableSubject | None = None) -> ProbeResult:
    table = subject or _subject("a", "b")
    names = ("a", "b", "truth")
    data = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
    return _PROBE.measure(table, open_frame(pa.table(data)).tally(_PROBE.tallies(table)))


def _result(found: ProbeResult, metric: str) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric]
    assert (one.by, one.group) == ((), ())
    return one.result


_KNOWN = [
    # Three rows that agree, four of which one differs, two that differ, one alone.
    *[("1", "x", "yes")] * 3,
    *[("1", "y", "yes")] * 3,
    ("1", "y", "no"),
    ("2", "x", "yes"),
    ("2", "x", "no"),
    ("2", "y", "no"),
]


def test_contradictions_are_those_counted_by_hand() -> None:
    found = _measure(_KNOWN)
    assert _result(found, "rows_with_twin") == Count(value=9, unit="rows")
    assert _result(found, "contradictory_rows") == Count(value=6, unit="rows")
    assert _result(found, "contradictory_share") == Scalar(value=6 / 9, unit="1", n=9)
    assert [m.metric for m in found.measurements] == sorted(m.metric for m in found.measurements)
    assert found.notes == ()


def test_agreement_is_zero_and_no_twins_is_no_number() -> None:
    agreed = _measure([("1", "x", "yes"), ("1", "x", "yes"), ("2", "x", "no")])
    assert _result(agreed, "contradictory_share") == Scalar(value=0, unit="1", n=2)
    alone = _measure([("1", "x", "yes"), ("2", "x", "no")])
    assert _result(alone, "rows_with_twin") == Count(value=0, unit="rows")
    for metric in ("contradictory_rows", "contradictory_share"):
        absent = _result(alone, metric)
        assert isinstance(absent, NotAvailable)
        assert absent.why == "undefined"


def test_space_and_blanks_do_not_make_rows_different() -> None:
    found = _measure([(" 1", None, "yes"), ("1", " ", "no")])
    assert _result(found, "contradictory_rows") == Count(value=2, unit="rows")


def test_several_classes_may_contradict_one_another() -> None:
    label = Column(name="truth", roles=("label",), content="classes")
    found = _measure([("1", "x", name) for name in ("cat", "dog", "cow")], _subject("a", "b", label=label))
    assert _result(found, "contradictory_rows") == Count(value=3, unit="rows")


def test_a_blank_label_counts_as_one_of_its_own_and_is_told() -> None:
    found = _measure([*_KNOWN, ("1", "x", None)])
    assert _result(found, "contradictory_rows") == Count(value=10, unit="rows")
    (note,) = found.notes
    assert note.startswith("fewer than 10 rows have a blank label")


def test_blank_labels_throughout_are_not_collected() -> None:
    found = _measure([("1", "x", None)] * 12)
    for metric in ("contradictory_rows", "contradictory_share"):
        absent = _result(found, metric)
        assert isinstance(absent, NotAvailable)
        assert absent.why == "not_collected"


def test_several_names_of_one_outcome_are_told() -> None:
    label = Column(name="truth", roles=("label",), positive=("yes", "y"), negative=("no",))
    found = _measure([("1", "x", "yes"), ("1", "x", "y")], _subject("a", "b", label=label))
    assert _result(found, "contradictory_rows") == Count(value=2, unit="rows")
    assert "two values of the same outcome count as a contradiction" in found.notes[0]


def test_nothing_to_measure_is_said() -> None:
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure([])
    with pytest.raises(NotMeasurableError, match="`feature`"):
        _PROBE.tallies(_subject())
    both = Column(name="truth", roles=("label", "feature"), positive=("yes",), negative=("no",))
    with pytest.raises(NotMeasurableError, match="only feature"):
        _PROBE.tallies(_subject(label=both))
    with pytest.raises(NotMeasurableError, match="may differ without contradiction"):
        _PROBE.tallies(_subject("a", label=Column(name="truth", roles=("label",), content="numbers")))
    unlabelled = Column(name="truth", roles=("score",))
    with pytest.raises(NotMeasurableError, match="`label`"):
        _PROBE.tallies(_subject("a", label=unlabelled))
