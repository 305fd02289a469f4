"""Energy of the version before: taken from its evidence where the manifest does not declare it."""

from __future__ import annotations

from collections.abc import Mapping

from conformity.model.energy import DeclaredFigure, Footprint
from conformity.model.evidence import Evidence, Observation
from conformity.model.measurement import Scalar
from conformity.model.subject import ModelSubject
from conformity.probes.shared.energy.machine import hardware_note
from conformity.sandbox.interface import Located

_PROBE, _METRIC = "environment/inference_energy", "inference_energy_kwh_per_1000"


def with_energy_before(
    located: Mapping[str, Located], evidence: Evidence, version: str
) -> dict[str, Located]:
    """Return what is to be measured, each model with what it took in the version before.

    A model keeps its name from one version to the next; what the manifest declares stays as it is.

    Args:
        located: subjects and exhibits by id.
        evidence: that of the version before.
        version: its version.
    """
    return {name: _known(place, evidence, version) for name, place in located.items()}


def _known(place: Located, evidence: Evidence, version: str) -> Located:
    """Return one subject with the energy of its version before, where both are known."""
    subject = place.subject
    if not isinstance(subject, ModelSubject) or subject.inference is None:
        return place
    footprint = subject.footprint or Footprint()
    figure = _figure(subject, evidence, version)
    if footprint.previous_kwh_per_1000 is not None or figure is None:
        return place
    known = footprint.model_copy(update={"previous_kwh_per_1000": figure})
    return place.model_copy(update={"subject": subject.model_copy(update={"footprint": known})})


def _figure(subject: ModelSubject, evidence: Evidence, version: str) -> DeclaredFigure | None:
    """Return the energy of a model in the version before and its source; none where it is not told."""
    for seen in evidence.observations:
        if (seen.probe, seen.subject) != (_PROBE, subject.id):
            continue
        for one in seen.measurements:
            result = one.result
            if one.metric == _METRIC and isinstance(result, Scalar) and result.value > 0:
                return _declared(result, seen, version)
    return None


def _declared(result: Scalar, seen: Observation, version: str) -> DeclaredFigure:
    """Return a figure of the evidence with its range, how it was obtained, and whether on such a machine."""
    machine = "the same kind of machine" if hardware_note() in seen.notes else "ANOTHER machine"
    ends = result.interval
    return DeclaredFigure(
        value=result.value,
        low=None if ends is None or ends.low < 0 else min(ends.low, result.value),
        high=None if ends is None else max(ends.high, result.value),
        source=f"evidence of version {version}, {result.obtained or 'not told how'}, on {machine}",
        year=seen.collected_at.year,
    )
