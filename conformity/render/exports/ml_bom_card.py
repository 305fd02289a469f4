"""The card of a model in an ML-BOM: what was measured, for whom, at what energy, and what it does not show.

Source:
    OWASP CycloneDX 1.6 (ECMA-424), ``modelCard``.
"""

from __future__ import annotations

from typing import Any

from conformity.render.exports.material import Material
from conformity.render.exports.measured import Energy, energies, task
from conformity.render.exports.plain import clean, one_line
from conformity.render.exports.values import Shown

Plain = dict[str, Any]

_PREFIX = "conformity:"


def property_of(name: str, value: str) -> Plain:
    """Return a property under our prefix."""
    return {"name": f"{_PREFIX}{name}", "value": one_line(value)}


def model_card(material: Material, data_sets: list[str]) -> Plain:
    """Return the card.

    Args:
        material: the records.
        data_sets: references of the tables in the same bill.
    """
    measured = material.performance
    parameters: Plain = {}
    if (found := task(material)) is not None:
        parameters["task"] = found
    if data_sets:
        parameters["datasets"] = [{"ref": one} for one in data_sets]
    card: Plain = {
        "modelParameters": parameters,
        "quantitativeAnalysis": {
            "performanceMetrics": [_metric(material, one) for one in measured if one.value is not None]
        },
        "considerations": _considerations(material),
        "properties": [
            property_of("figures-withheld", str(sum(_is_withheld(one) for one in measured))),
            property_of("figures-not-available", str(sum(_is_absent(one) for one in measured))),
        ],
    }
    return {key: value for key, value in card.items() if value}


def _is_absent(one: Shown) -> bool:
    """Tell whether there was no number."""
    return one.measurement.result.kind == "not_available"


def _is_withheld(one: Shown) -> bool:
    """Tell whether there is a number that must not be shown."""
    return one.value is None and not _is_absent(one)


def _metric(material: Material, one: Shown) -> Plain:
    """Return one figure with what it is of and its interval."""
    subject = material.context.subject_title(one.measurement.subject)
    unit = "" if one.unit == "1" else f" [{one.unit}]"
    made: Plain = {
        "type": one_line(f"{one.measurement.metric}{unit}"),
        "value": _number(one.value),
        "slice": one_line(f"{subject}; {one.place}"),
    }
    if one.low is not None and one.level is not None:
        made["confidenceInterval"] = {"lowerBound": _number(one.low), "upperBound": _number(one.high)}
    return made


def _number(value: float | None) -> str:
    """Return a rounded number as text."""
    return f"{value:.15g}"


def _considerations(material: Material) -> Plain:
    """Return purpose, limits, open non-conformities and energy."""
    limits = dict.fromkeys(
        clean(f"{probe.title}: {limit}")
        for probe in material.assessment.plan.probes
        if probe.id in material.context.probes_explained
        for limit in probe.limits
    )
    made: Plain = {
        "useCases": [material.assessment.manifest.system.intended_purpose],
        "technicalLimitations": list(limits),
        "ethicalConsiderations": _risks(material),
    }
    if used := [_consumption(material, one) for one in energies(material)]:
        made["environmentalConsiderations"] = {"energyConsumptions": used}
    return {key: value for key, value in made.items() if value}


def _risks(material: Material) -> list[Plain]:
    """Return the requirements that are not met or undetermined, with what the provider undertook."""
    made = []
    for row in material.open_rows:
        if row.verdict == "not_collected":
            continue
        risk = {"name": one_line(f"{row.name}: {material.word(row.verdict)}. {row.reason}")}
        if row.entry and row.entry.planned:
            risk["mitigationStrategy"] = row.entry.corrective_action
        made.append(risk)
    return made


def _consumption(material: Material, used: Energy) -> Plain:
    """Return the energy of one part of the life cycle, with how it was obtained."""
    shown = used.shown
    subject = material.context.subject_title(shown.measurement.subject)
    made: Plain = {
        "activity": used.activity,
        # Nobody told who delivered it, and of which source it was.
        "energyProviders": [],
        "activityEnergyCost": {"value": used.value, "unit": "kWh"},
        "properties": [
            property_of("metric", str(shown.measurement.metric)),
            # Which amount of work it is the energy of, such as 1,000 predictions.
            property_of("title", shown.title),
            property_of("subject", subject),
            property_of("figure", shown.text),
            property_of("obtained", shown.obtained or "not told"),
            property_of("evidence", shown.evidence),
        ],
    }
    if used.carbon_t is not None:
        made["co2CostEquivalent"] = {"value": used.carbon_t, "unit": "tCO2eq"}
    return made
