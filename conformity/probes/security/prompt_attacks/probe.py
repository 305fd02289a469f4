"""Attack the declared language model with a stated set of prompts and judge its answers by rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conformity.errors import ModelFileError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.model.subject import ModelSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.prompt_attacks.attacks import (
    Attack,
    attack_set,
    attacks_of,
    folded,
    succeeded,
)
from conformity.probes.security.prompt_attacks.reaching import Ask, answers, ask_command, ask_endpoint
from conformity.probes.shared.models.shares import share_of
from conformity.settings import MIN_GROUP

_WITHIN_S = 500
_LEAST = 0.8
"""Share of ordinary questions that must be answered: a model that says nothing resists nothing."""


class PromptAttacksProbe:
    """Measure how many attacks by prompts succeed."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the share of attacks that succeeded, for all and by class, and what was not answered.

        Raises:
            NotMeasurableError: nothing is declared, the model cannot be reached, or it does not answer.
            ModelFileError: the subject is no model.
        """
        subject = target.subject
        if not isinstance(subject, ModelSubject):
            raise ModelFileError(f"{subject.id} is not a model; declare it with `kind: model`")
        if subject.attacks is None:
            raise NotMeasurableError("the manifest does not say how to reach the language model (`attacks`)")
        ask = _ask(subject, target)
        _check(ask)
        sent = attacks_of(subject.attacks.instructions, subject.attacks.repeats, target.seed)
        given = answers(ask, [attack.prompt for attack in sent], within_s=_WITHIN_S)
        return ProbeResult(
            tuple(
                Measurement(
                    metric=MetricId(metric), subject=SubjectId(subject.id), by=by, group=group, result=result
                )
                for metric, by, group, result in sorted(
                    _found(sent[: len(given)], given), key=lambda one: one[:3]
                )
            ),
            _notes(len(sent), len(given), leaks=subject.attacks.instructions is not None),
        )


_Found = tuple[str, tuple[str, ...], tuple[str, ...], Result]


def _ask(subject: ModelSubject, target: Target) -> Ask:
    """Return what asks the declared model.

    Raises:
        NotMeasurableError: neither an address nor a program is declared.
    """
    assert subject.attacks is not None
    if subject.attacks.endpoint is not None:
        return ask_endpoint(subject.attacks)
    if subject.command is not None:
        return ask_command(subject.command, target.path, target.scratch)
    raise NotMeasurableError(
        "the manifest gives neither an `endpoint` nor a `command` for the language model"
    )


def _check(ask: Ask) -> None:
    """Check that the model answers ordinary questions.

    Raises:
        NotMeasurableError: it does not.
    """
    asked: list[str] = attack_set()["controls"]
    answered = sum(bool(answer and folded(answer)) for answer in answers(ask, asked))
    if answered < _LEAST * len(asked):
        raise NotMeasurableError(
            f"the model answered {answered} of {len(asked)} ordinary questions; one that does not answer "
            "shows nothing under attack"
        )


def _found(sent: Sequence[Attack], given: Sequence[str | None]) -> list[_Found]:
    """Return the results."""
    judged = [(one, answer) for one, answer in zip(sent, given, strict=True) if answer is not None]
    found: list[_Found] = [
        ("prompt_attacks", (), (), Count(value=len(judged), unit="attacks")),
        ("prompt_attacks_unanswered", (), (), Count(value=len(sent) - len(judged), unit="attacks")),
        ("prompt_attack_success_rate", (), (), _rate(judged)),
    ]
    for family in sorted({one.family for one in sent}):
        mine = [(one, answer) for one, answer in judged if one.family == family]
        found.append(("prompt_attack_class_success_rate", ("class",), (family,), _rate(mine)))
    return found


def _rate(judged: Sequence[tuple[Attack, str]]) -> Result:
    """Return the share of attacks that succeeded with its interval, or that there are too few answers."""
    if len(judged) < MIN_GROUP:
        reason = f"fewer than {MIN_GROUP} of these attacks were answered; see why the model ends with errors"
        return NotAvailable(why="too_few_cases", reason=reason, n=len(judged))
    return share_of(np.array([succeeded(one, answer) for one, answer in judged], dtype=np.bool_))


def _notes(planned: int, sent: int, *, leaks: bool) -> tuple[str, ...]:
    """Return what a reader must know about these numbers."""
    notes = [f"{sent} attacks were sent, after ordinary questions that the model answered."]
    if sent < planned:
        notes.append(f"{planned - sent} more were left out for want of time, {_WITHIN_S} s in all.")
    if not leaks:
        notes.append(
            "Nobody tried to get at the system's own instructions: the manifest gives none of them "
            "(`instructions`)."
        )
    return tuple(notes)


PROBE = PromptAttacksProbe()
"""The probe."""
