"""What the records tell of the model: which it is, what it does, and at what energy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement
from conformity.model.subject import EnergyRecordSubject, ModelSubject, TableSubject
from conformity.render.exports.material import Material
from conformity.render.exports.values import Shown

_ACTIVITIES = {
    "training": "training",
    "inference": "inference",
    "protocol": "inference",
    "generation": "inference",
}
"""Parts of the life cycle by the first word of a metric."""

_PHASES = {
    "data_preparation": "data-preparation",
    "training": "training",
    "evaluation": "validation",
    "inference": "inference",
}
"""Parts of the life cycle by the phase of an energy record."""

_ENERGY, _CARBON = "energy_kwh", ("emissions_g", "emissions_kg")
_TONNES = {"g": 1e-6, "kg": 1e-3, "t": 1.0}


@dataclass(frozen=True)
class Energy:
    """What a part of the life cycle took."""

    activity: str
    """The part, in the words of CycloneDX."""
    shown: Shown
    """The energy, in kWh."""
    value: float
    """The number of it."""
    carbon_t: float | None
    """What follows from it, in tonnes of CO2 equivalent; none where nothing was told."""


def energies(material: Material) -> Iterator[Energy]:
    """Yield the energy of each part of the life cycle that was measured, modelled or declared."""
    for observation in material.evidence.observations:
        for one in observation.measurements:
            activity = _activity(material, observation, one)
            if one.by or activity is None:
                continue
            shown = material.shown(str(observation.id), one)
            if shown.unit == "kWh" and shown.value is not None:
                yield Energy(activity, shown, shown.value, _carbon(material, observation, one))


def the_model(material: Material) -> ModelSubject | None:
    """Return the one model that predicts; none where none or several were handed in."""
    models = [
        subject
        for subject in material.assessment.manifest.subjects
        if isinstance(subject, ModelSubject) and subject.training is None
    ]
    return models[0] if len(models) == 1 else None


def task(material: Material) -> str | None:
    """Return what the system does with a table: ``classification`` or ``regression``; none when not told."""
    contents = {
        column.content
        for subject in material.assessment.manifest.subjects
        if isinstance(subject, TableSubject)
        for column in subject.with_role("prediction")
    }
    if not contents:
        return None
    return "regression" if contents == {"numbers"} else "classification"


def _activity(material: Material, observation: Observation, one: Measurement) -> str | None:
    """Return the part of the life cycle that an energy is of; none when it is no energy of a part."""
    first, _, rest = one.metric.partition("_")
    if not rest.startswith(_ENERGY):
        return None
    subject = material.context.subjects.get(observation.subject)
    if isinstance(subject, EnergyRecordSubject):
        return _PHASES[subject.phase]
    return _ACTIVITIES.get(first)


def _carbon(material: Material, observation: Observation, one: Measurement) -> float | None:
    """Return the emissions that were told beside an energy, in tonnes."""
    names = {one.metric.replace(_ENERGY, name) for name in _CARBON}
    for other in observation.measurements:
        if other.metric in names and not other.by:
            shown = material.shown(str(observation.id), other)
            if shown.value is not None and shown.unit in _TONNES:
                return float(f"{shown.value * _TONNES[shown.unit]:.3g}")
    return None
