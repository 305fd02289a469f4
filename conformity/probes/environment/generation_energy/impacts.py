"""Ask EcoLogits what an answer of a hosted model takes; its data are inside the package, nothing is sent."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from conformity.errors import DataError
from conformity.model.energy import Generation
from conformity.probes.environment.generation_energy.tokens import Answers
from conformity.probes.interface import NotMeasurableError


@dataclass(frozen=True)
class Estimated:
    """What all answers took together, between the ends that the estimate gives."""

    energy_kwh: tuple[float, float]
    """The least and the most, in kWh."""
    emissions_kg: tuple[float, float]
    """The least and the most, in kg CO2e, the making of hardware included."""
    software: str
    """Name and version of what estimated."""
    warnings: tuple[str, ...] = ()
    """Why it is less precise than others, in the words of EcoLogits."""


def estimate(generation: Generation, answers: Answers) -> Estimated:
    """Return what all answers took.

    Args:
        generation: the model and where it runs.
        answers: how many of which length and time.

    Raises:
        NotMeasurableError: EcoLogits is not installed, or does not know the model or the country.
        DataError: it answers in units that are not expected.
    """
    try:
        from ecologits.log import logger
        from ecologits.tracers.utils import llm_impacts
    except ImportError as error:
        raise NotMeasurableError(
            "EcoLogits, which estimates the energy of hosted models, is not installed; install the extra "
            "`conformity-report[ecologits]`"
        ) from error
    # What it warns of goes into the report, not beside it.
    logger.setLevel(logging.CRITICAL)
    energy, emissions, warned = [0.0, 0.0], [0.0, 0.0], dict[str, None]()
    for (tokens, latency), count in sorted(answers.items()):
        # By place: the last one's name differs between versions.
        impacts = llm_impacts(generation.provider, generation.model, tokens, latency, generation.zone)
        if impacts is None or getattr(impacts, "errors", None) or impacts.energy is None:
            raise NotMeasurableError(
                f"EcoLogits knows no model {generation.model!a} of {generation.provider}, or no electricity "
                f"of {generation.zone}; name them as it does"
            )
        warned |= dict.fromkeys(_words(warning) for warning in getattr(impacts, "warnings", None) or ())
        for place, (one, other) in enumerate(
            zip(_ends(impacts.energy, "kWh"), _ends(impacts.gwp, "kgCO2eq"), strict=True)
        ):
            energy[place] += one * count
            emissions[place] += other * count
    return Estimated((energy[0], energy[1]), (emissions[0], emissions[1]), _software(), tuple(warned))


def _words(warning: Any) -> str:
    """Return what a warning says, fit to be printed on one line."""
    return ascii(str(getattr(warning, "message", warning)))[1:-1][:200]


def _ends(impact: Any, unit: str) -> tuple[float, float]:
    """Return the ends of an impact.

    Raises:
        DataError: it has another unit.
    """
    if impact.unit != unit:
        raise DataError(
            f"EcoLogits answers in {str(impact.unit)!a} where {unit} is due; install version 0.11"
        )
    value = impact.value
    return (float(value.min), float(value.max)) if hasattr(value, "min") else (float(value), float(value))


def _software() -> str:
    """Return the name and version of EcoLogits."""
    try:
        return f"EcoLogits {version('ecologits')}"
    except PackageNotFoundError:
        return "EcoLogits of an unknown version"
