"""The summary on one page: the system, what was looked at, what came out, and what to do next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from conformity.model.finding import Finding
from conformity.model.nonconformity import NonConformity
from conformity.render.views.binding import binds_now
from conformity.render.views.context import Context, Link
from conformity.render.views.urgency import by_urgency, is_binding, is_permission, register
from conformity.render.views.verdicts import ICONS, Mark, mark

_MOST = 3
"""How many open points a page has room for."""

_LETTERS = 300
"""Room for a text in the words of others, in letters."""

_KINDS = (
    "table",
    "model",
    "prompt_log",
    "energy_record",
    "attack_record",
    "imported_record",
    "dependencies",
)
"""The kinds of subjects, in the order in which they are named."""


@dataclass(frozen=True)
class Outcome:
    """How many findings have a verdict, in plain words."""

    mark: Mark
    """The verdict."""
    n: str
    """How many."""
    plain: str
    """What it means."""
    now: str
    """How many of them are on duties that bind already."""
    allowed: str
    """How many of them are on provisions that only allow something."""


@dataclass(frozen=True)
class Point:
    """One of the most important open points."""

    link: Link
    """Where the finding is."""
    title: str
    """The requirement's short name."""
    mark: Mark
    """The verdict."""
    reason: str
    """Why it is open."""
    step: str
    """What to do next."""
    until: str
    """By when."""


@dataclass(frozen=True)
class Summary:
    """The page."""

    purpose: str
    """What the system is for, in the provider's words, cut to its room."""
    classified: str
    """What it is under the Act."""
    looked: tuple[str, ...]
    """What was looked at, in sentences."""
    outcomes: tuple[Outcome, ...]
    """Counts for each verdict."""
    points: tuple[Point, ...]
    """The most important open points."""
    next: tuple[str, ...]
    """What to do next, in sentences."""


def summary(context: Context) -> Summary:
    """Return the page."""
    classification = context.assessment.plan.classification
    words = context.words
    urgent = by_urgency(context)
    return Summary(
        purpose=beginning(context.assessment.manifest.system.intended_purpose, _LETTERS),
        classified=words["summary"]["classified"].format(
            summary=classification.summary, procedure=words["procedure"][classification.route.procedure]
        ),
        looked=_looked(context),
        outcomes=tuple(_outcomes(context)),
        points=tuple(_point(context, one, register(context)) for one in urgent[:_MOST]),
        next=tuple(_next(context, urgent)),
    )


def beginning(text: str, letters: int) -> str:
    """Return whole sentences from the beginning of a text that fit, or its beginning with an ellipsis."""
    plain = " ".join(text.split())
    if len(plain) <= letters:
        return plain
    head = plain[:letters]
    end = max(head.rfind(mark) for mark in (". ", "? ", "! ", "; "))
    return head[: end + 1].rstrip(";") if end > letters // 4 else head.rsplit(" ", 1)[0] + " …"


def _looked(context: Context) -> tuple[str, ...]:
    """Return what was looked at, in sentences."""
    words, locale, manifest = context.words["summary"], context.locale, context.assessment.manifest
    kinds = Counter(str(subject.kind) for subject in manifest.subjects)
    things = [context.plural("summary", kind, kinds[kind]) for kind in _KINDS if kinds[kind]]
    signed = {seal.exhibit for sign_off in manifest.sign_offs for seal in sign_off.over}
    outcomes = [one.outcome for one in context.evidence.observations]
    silent = len(outcomes) - outcomes.count("measured")
    return (
        words["things" if things else "no_things"].format(things=", ".join(things)),
        words["steps"].format(total=locale.integer(len(outcomes)), n=locale.integer(silent)),
        words["documents"].format(
            bounds=locale.integer(len(manifest.criteria)),
            exhibits=locale.integer(len(manifest.exhibits)),
            signed=locale.integer(len(signed)),
        ),
    )


def _outcomes(context: Context) -> list[Outcome]:
    """Return the counts of each verdict, with how many bind now and how many are only allowed."""
    words, locale = context.words["summary"]["plain"], context.locale
    made = []
    for verdict in ICONS:
        found = [one for one in context.assessment.findings if one.verdict == verdict]
        told = verdict != "not_applicable"
        made.append(
            Outcome(
                mark(context, verdict),
                locale.integer(len(found)),
                words[verdict],
                locale.integer(sum(is_binding(context, one) for one in found)) if told else "",
                locale.integer(sum(is_permission(context, one) for one in found)) if told else "",
            )
        )
    return made


def _point(context: Context, finding: Finding, entries: dict[str, NonConformity]) -> Point:
    """Return one open point."""
    entry = entries.get(finding.requirement)
    step = entry.corrective_action if entry and entry.planned else _step(finding)
    return Point(
        link=context.requirement_link(finding.requirement),
        title=context.requirement_of(finding).requirement.title,
        mark=mark(context, finding.verdict),
        reason=beginning(finding.reason, _LETTERS),
        step=beginning(step, _LETTERS) or context.words["open"]["nothing"],
        until=_until(context, finding, entry),
    )


def _step(finding: Finding) -> str:
    """Return the first step that speaks of a criterion behind the verdict, or else the first of all."""
    behind = [one.criterion for one in finding.measured if one.verdict == finding.verdict]
    named = [text for text in finding.to_do if any(criterion in text for criterion in behind)]
    return next(iter([*named, *finding.to_do]), "")


def _until(context: Context, finding: Finding, entry: NonConformity | None) -> str:
    """Return by when a point is to be settled, and who says so."""
    words, since = context.words["summary"], context.requirement_of(finding).duty_from
    if entry is not None and entry.due is not None:
        return str(words["until_due"].format(day=context.locale.day(entry.due)))
    if since is None:
        return str(words["until_none"])
    key = "until_now" if binds_now(context, since) else "until_later"
    return str(words[key].format(day=context.locale.day(since)))


def _next(context: Context, urgent: tuple[Finding, ...]) -> list[str]:
    """Return what to do next, in sentences, each with its day where there is one."""
    words, classification = context.words["summary"], context.assessment.plan.classification
    told = []
    if classification.missing:
        told.append(words["next_answers"])
    if urgent:
        told.append(words["next_points"])
    absent = [one for one in urgent if one.verdict == "not_collected" and not is_permission(context, one)]
    if absent:
        now = context.locale.integer(sum(is_binding(context, one) for one in absent))
        told.append(context.plural("summary", "next_missing", len(absent)))
        told.append(words["next_now"].format(n=now))
    since = classification.high_risk_from
    if since is not None and not binds_now(context, since):
        told.append(words["next_until"].format(day=context.locale.day(since)))
    return told
