"""Give the declared model what cannot be right, and ask it the same in several ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, Result
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.security.faulty_inputs.faults import Ending, ending_of, faults_of
from conformity.probes.security.faulty_inputs.repeats import COLUMNS, repeated
from conformity.probes.shared.models.sample import try_model

_UNIT = "kinds of input"


class FaultyInputsProbe:
    """Count how faulty inputs end, and measure how far answers depend on the way of asking."""

    def examine(self, target: Target) -> ProbeResult:
        """Return kinds of faulty input by what became of them, and the share of decisions that waver.

        Raises:
            NotMeasurableError: nothing is declared, or the model cannot be run.
            ModelFileError: the model cannot be read.
            DataError: the table cannot be read.
            MissingLibraryError: a package that the model needs is not installed.
        """
        tried = try_model(target)
        endings = {fault.name: ending_of(tried, fault) for fault in faults_of(tried)}
        ways = dict(repeated(tried, target.seed))
        found: list[tuple[str, tuple[str, ...], tuple[str, ...], Result]] = [
            ("faulty_inputs_answered", (), (), _count(endings, "answered")),
            ("faulty_inputs_nonsense", (), (), _count(endings, "nonsense")),
            ("faulty_inputs_refused", (), (), _count(endings, "refused")),
            *(("wavering_decision_rate", ("way of asking",), (way,), result) for way, result in ways.items()),
        ]
        subject = SubjectId(target.subject.id)
        measured = tuple(
            Measurement(metric=MetricId(metric), subject=subject, by=by, group=group, result=result)
            for metric, by, group, result in sorted(found, key=lambda one: one[:3])
        )
        return ProbeResult(measured, (*tried.notes, *_notes(endings, tuple(ways))))


def _count(endings: Mapping[str, Ending], ending: Ending) -> Count:
    """Return how many kinds of input ended in one way."""
    return Count(value=sum(found == ending for found in endings.values()), unit=_UNIT)


def _notes(endings: Mapping[str, Ending], ways: Sequence[str]) -> Iterator[str]:
    """Yield which faults ended how."""
    words: dict[Ending, str] = {
        "refused": "Refused with an error",
        "answered": "Answered as if nothing were wrong",
        "nonsense": "Answered with something that is no decision",
    }
    for ending, text in words.items():
        if names := [name for name, found in endings.items() if found == ending]:
            yield f"{text}: {', '.join(names)}."
    if COLUMNS not in ways:
        yield f"The model refuses {COLUMNS}."


PROBE = FaultyInputsProbe()
"""The probe."""
