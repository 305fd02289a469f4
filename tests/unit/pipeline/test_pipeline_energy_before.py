"""Energy of the version before: taken from its evidence with range and source, where none is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.model.energy import DeclaredFigure, Footprint
from conformity.model.evidence import Evidence
from conformity.model.measurement import Interval, Scalar
from conformity.model.subject import ModelSubject
from conformity.pipeline.energy_before import with_energy_before
from conformity.probes.shared.energy.machine import hardware_note
from conformity.sandbox.interface import Located
from tests.support.assessments import evidence, measured, observation

_ENDS = Interval(low=2e-7, high=6e-7, method="order statistics of 6 repeats")
_ENERGY = Scalar(value=3e-7, unit="kWh", n=6, interval=_ENDS, obtained="modelled")


def _model(**changed: Any) -> ModelSubject:
    """Return a model that is run over a table."""
    given = {"id": "m", "title": "M", "path": "m", "kind": "model", "format": "joblib"}
    return ModelSubject.model_validate({**given, "inference": {"data": "d", "country": "DEU"}, **changed})


def _seen(result: Scalar = _ENERGY, *notes: str, probe: str = "environment/inference_energy") -> Evidence:
    """Return the evidence of the version before."""
    other = measured(result, metric="inference_power_w", subject="m", by=())
    figure = measured(result, metric="inference_energy_kwh_per_1000", subject="m", by=())
    whole = observation(figure, other, probe=probe, step=f"{probe}@m", subject="m", notes=notes)
    return evidence(observation(measured(_ENERGY)), whole)


def _known(model: ModelSubject, before: Evidence) -> DeclaredFigure | None:
    """Return what a model is told to have taken in the version before."""
    place = Located(subject=model, path=Path("m"))
    found = with_energy_before({"m": place}, before, "1.3.0")["m"]
    assert found.path == place.path
    assert isinstance(found.subject, ModelSubject)
    return found.subject.footprint.previous_kwh_per_1000 if found.subject.footprint else None


@pytest.mark.parametrize(
    ("notes", "machine"), [((hardware_note(),), "the same kind of machine"), ((), "ANOTHER machine")]
)
def test_the_figure_of_the_version_before_keeps_range_and_source(
    notes: tuple[str, ...], machine: str
) -> None:
    figure = _known(_model(), _seen(_ENERGY, *notes))
    assert figure is not None
    assert (figure.value, figure.ends) == (3e-7, (2e-7, 6e-7))
    assert figure.source == f"evidence of version 1.3.0, modelled, on {machine}"
    assert figure.year == 2026


def test_a_figure_without_a_range_is_its_own_range() -> None:
    bare = _ENERGY.model_copy(update={"interval": None, "obtained": None})
    figure = _known(_model(), _seen(bare))
    assert figure is not None
    assert figure.ends == (3e-7, 3e-7)
    assert "not told how" in figure.source


def test_what_is_declared_stays_and_the_rest_of_the_footprint_too() -> None:
    own = DeclaredFigure(value=1.0, source="report", year=2025)
    assert _known(_model(footprint=Footprint(previous_kwh_per_1000=own)), _seen()) == own
    kept = with_energy_before(
        {"m": Located(subject=_model(footprint=Footprint(pue=own)), path=Path("m"))}, _seen(), "1.3.0"
    )["m"].subject
    assert isinstance(kept, ModelSubject)
    assert kept.footprint is not None
    assert kept.footprint.pue == own
    assert kept.footprint.previous_kwh_per_1000 is not None


@pytest.mark.parametrize(
    ("model", "before"),
    [
        (_model(), _seen(_ENERGY.model_copy(update={"value": 0.0, "interval": None}))),
        (_model(), _seen(probe="environment/energy_protocol")),
        (_model(), evidence()),
        (_model(id="other"), _seen()),
        (_model(inference=None), _seen()),
    ],
    ids=["nothing", "another probe", "no evidence", "another model", "not run"],
)
def test_where_there_is_no_such_figure_nothing_is_taken(model: ModelSubject, before: Evidence) -> None:
    assert _known(model, before) is None
