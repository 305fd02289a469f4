"""Search a log of prompts for attacks, and what was answered to them; the prompts are never kept."""

from __future__ import annotations

from conformity.errors import DataError
from conformity.model.base import SubjectId
from conformity.model.subject import PromptLogSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.prompt_injection_rules.counting import Counted, Remembered
from conformity.probes.security.prompt_injection_rules.results import measurements
from conformity.probes.security.prompt_injection_rules.trained import Detected, tried
from conformity.probes.shared.prompts.detector import PromptDetector
from conformity.probes.shared.prompts.kinds import KINDS
from conformity.probes.shared.prompts.logs import read_log
from conformity.probes.shared.prompts.rules import rule_names, search
from conformity.probes.shared.prompts.scan import digest, installed, judge, redacted

_SHOWN = 5
_CHECKPOINT = "prompt_outcomes.bin"


class PromptInjectionRulesProbe:
    """Search every prompt of a log."""

    def __init__(self, detector: PromptDetector | None = None) -> None:
        """Keep the trained detector to use; the installed one, if any, where none is given."""
        self._detector = detector

    def examine(self, target: Target) -> ProbeResult:
        """Return how many prompts look like attacks, by kind and month, and what was answered to them.

        Raises:
            DataError: the file is no such log.
            NotMeasurableError: there is no prompt in it.
        """
        subject = target.subject
        if not isinstance(subject, PromptLogSubject):
            raise DataError(f"{subject.id} is not a prompt log; declare it with `kind: prompt_log`")
        known = Remembered(target.scratch / _CHECKPOINT)
        known.load()
        counted = Counted(known)
        for exchange in read_log(target.path, subject.text_field):
            counted.add(exchange)
        if counted.read == 0:
            raise NotMeasurableError(f"there is no prompt in {subject.path}: {counted.blank} rows are blank")
        sample = [text for _, text in sorted(counted.sample, reverse=True)]
        detector = self._detector or installed()
        seen = tried(sample, detector)
        notes = _notes(counted, seen, sample)
        if len(sample) == 1:
            notes = (_finding_note(sample[0], None if isinstance(seen, str) else detector), *notes)
        return ProbeResult(measurements(counted, seen, SubjectId(subject.id)), notes)


def _notes(counted: Counted, seen: Detected | str, sample: list[str]) -> tuple[str, ...]:
    """Return what a reader must know about these numbers."""
    notes = [
        f"{len(rule_names())} rules were used. A prompt that is not flagged is not thereby harmless.",
        _trained_note(counted, seen),
        f"{counted.validated} of {counted.read} prompts are in a language for which the detectors were "
        "validated (English, German, Spanish, French, Italian, Portuguese); for others trust is low.",
    ]
    if counted.read > len(counted.met) and not counted.known.full:
        notes.append(
            f"The {counted.read} prompts are {len(counted.met)} different ones. The interval of the flagged "
            "share takes each as independent, and is too narrow where prompts repeat."
        )
    if counted.blank:
        notes.append(f"{counted.blank} rows hold no prompt; they were not searched.")
    return (*notes, *_examples(sample))


def _finding_note(prompt: str, detector: PromptDetector | None) -> str:
    """Return the finding on a single prompt, without its words."""
    found = judge(prompt, search(prompt), detector)
    what = (
        "This looks like an attack" if found.label == "attack" else "No attack was found, which is no proof"
    )
    language = f"language {found.language}" if found.language else "language not known"
    return f"{what}: score {found.score:.2f} by {found.detectors}, {language}, confidence {found.confidence}."


def _trained_note(counted: Counted, seen: Detected | str) -> str:
    """Return what the trained detector looked at, and which share of attacks it would have met."""
    if isinstance(seen, str):
        return f"{seen[0].upper()}{seen[1:]}."
    power = 1 - 0.05 ** (1 / seen.looked_at)
    of = f"{seen.looked_at} of {len(counted.met)} different prompts, drawn at random"
    text = (
        f"{seen.detector} (model {seen.model_sha256[:12]}) looked at {of}. If {power:.2%} of prompts or more "
        "were attacks of which it sees each, at least one would be in such a draw with a probability of 95%."
    )
    return text + (f" The end of {seen.truncated} long prompts was left out." if seen.truncated else "")


def _examples(sample: list[str]) -> tuple[str, ...]:
    """Return a line for each of a few flagged prompts: digest, rule, place, and the meanings of its words."""
    lines: list[str] = []
    for prompt in sample:
        searched = search(prompt)
        if not searched.flagged or len(lines) == _SHOWN:
            continue
        hit = max(searched.hits, key=lambda one: one.weight)
        kind = KINDS[hit.kind]
        lines.append(
            f"Prompt {digest(prompt)[:12]}: rule {hit.rule} ({kind.owasp}, {kind.atlas}) at characters "
            f"{hit.start} to {hit.end}, by meaning '{redacted(prompt, hit)}': it {kind.explanation}."
        )
    return tuple(lines)


PROBE = PromptInjectionRulesProbe()
"""The probe."""
