"""Estimate the energy of a hosted language model from the tokens of its answers."""

from __future__ import annotations

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Interval, Measurement, Scalar
from conformity.model.subject import PromptLogSubject
from conformity.probes.environment.generation_energy.impacts import Estimated, estimate
from conformity.probes.environment.generation_energy.tokens import MAX_ROWS, Answers, read_tokens
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target

_PER = 1000


class GenerationEnergyProbe:
    """Estimate what answers cost elsewhere."""

    def examine(self, target: Target) -> ProbeResult:
        """Return energy and emissions of 1,000 answers, between the ends of the estimate.

        Raises:
            NotMeasurableError: no hosted model is declared or known, or there is no answer.
            DataError: the log cannot be read.
        """
        subject = target.subject
        if not isinstance(subject, PromptLogSubject):
            raise DataError(f"{subject.id} is not a prompt log; declare it with `kind: prompt_log`")
        if subject.generation is None:
            raise NotMeasurableError("the manifest does not say which hosted model answers (`generation`)")
        answers, blank = read_tokens(target.path, subject.generation)
        count = answers.total()
        if count == 0:
            raise NotMeasurableError(f"no row of {subject.path} holds a number of tokens")
        found = estimate(subject.generation, answers)
        return ProbeResult(
            _measurements(found, answers, SubjectId(subject.id)), _notes(subject, found, count, blank)
        )


def _measurements(found: Estimated, answers: Answers, subject: SubjectId) -> tuple[Measurement, ...]:
    """Return the figures, sorted by metric."""
    count = answers.total()
    emissions = _per_1000(found.emissions_kg, count, "g", 1000.0)
    energy = _per_1000(found.energy_kwh, count, "kWh", 1.0)
    tokens = Count(value=sum(length * times for (length, _), times in answers.items()), unit="tokens")
    results = (
        ("generation_emissions_g_per_1000", emissions),
        ("generation_energy_kwh_per_1000", energy),
        ("generation_tokens", tokens),
    )
    return tuple(
        Measurement(metric=MetricId(metric), subject=subject, result=result) for metric, result in results
    )


def _per_1000(ends: tuple[float, float], count: int, unit: str, factor: float) -> Scalar:
    """Return the middle of a range for 1,000 answers, with the range."""
    low, high = (end / count * _PER * factor for end in ends)
    interval = Interval(low=low, high=high, method="ends of the estimate of EcoLogits, added up")
    return Scalar(value=(low + high) / 2, unit=unit, n=count, interval=interval, obtained="modelled")


def _notes(subject: PromptLogSubject, found: Estimated, count: int, blank: int) -> tuple[str, ...]:
    """Return what a reader must know about these numbers."""
    declared = subject.generation
    assert declared is not None
    timed = "with the time each took" if declared.latency_field else "without the time each took"
    notes = [
        "MODELLED: an estimate from tokens; no sensor was read, and the provider has not confirmed it.",
        f"{found.software}: model {declared.model} of {declared.provider}, electricity of {declared.zone}; "
        f"{count} answers, {timed}. The value is the middle of the estimate's range.",
    ]
    notes.extend(f"EcoLogits warns: {warning}" for warning in found.warnings)
    if blank:
        notes.append(f"{blank} rows hold no number of tokens; they were left out.")
    if count + blank >= MAX_ROWS:
        notes.append(f"No more than the first {MAX_ROWS} rows of the log were read.")
    return tuple(notes)


PROBE = GenerationEnergyProbe()
"""The probe."""
