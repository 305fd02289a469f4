"""The front of the document: cover, how to read it, scope and classification."""

from __future__ import annotations

from dataclasses import dataclass

from conformity.model.classification import DecisionStep
from conformity.model.classification import Fact as Condition
from conformity.render.views.context import Context, Link
from conformity.render.views.verdicts import VerdictCount, counts


@dataclass(frozen=True)
class Fact:
    """A name and its value, one line of a list of facts."""

    name: str
    """What it is."""
    value: str
    """The value."""
    mono: bool = False
    """Whether it is a digest."""


@dataclass(frozen=True)
class Cover:
    """The first page."""

    confidential: str
    """How to handle the document."""
    name: str
    """The system."""
    version: str
    """Its version, in words."""
    system: tuple[Fact, ...]
    """Who and what."""
    record: tuple[Fact, ...]
    """Which edition, when, and the digests."""
    counts: tuple[VerdictCount, ...]
    """How many findings have each verdict."""


@dataclass(frozen=True)
class StepView:
    """One question of the classification."""

    text: str
    """The question."""
    ref: str
    """The provision."""
    answer: str
    """The answer in a word."""
    because: str
    """The provider's reason, or that none was given."""
    points: str
    """The points named with a yes, or empty."""
    consequence: str
    """What follows."""


@dataclass(frozen=True)
class FactRow:
    """A condition on which requirements depend."""

    condition: str
    """Its id, in words."""
    holds: str
    """Whether it holds."""
    reason: str
    """Why."""


@dataclass(frozen=True)
class Scope:
    """What was assessed and what kind of system it is."""

    purpose: str
    """The intended purpose."""
    facts: tuple[Fact, ...]
    """Outcome, route and dates."""
    summary: str
    """The outcome in a sentence."""
    route_reason: str
    """Why this procedure."""
    steps: tuple[StepView, ...]
    """The way to the outcome."""
    also: tuple[str, ...]
    """What applies alongside."""
    missing: tuple[str, ...]
    """What must still be answered."""
    conditions: tuple[FactRow, ...]
    """The conditions that hold or are unknown."""
    not_held: str
    """How many conditions do not hold, and where to find them; empty when all do."""


def cover(context: Context) -> Cover:
    """Return the cover."""
    manifest = context.assessment.manifest
    return Cover(
        confidential=context.words["common"]["confidential"],
        name=manifest.system.name,
        version=context.words["cover"]["version"].format(version=manifest.system.version),
        system=_system_facts(context),
        record=_record_facts(context),
        counts=counts(context, context.assessment.findings),
    )


def _system_facts(context: Context) -> tuple[Fact, ...]:
    """Return who answers for the system and what it is under the Act."""
    words, manifest = context.words, context.assessment.manifest
    cover_words, classification = words["cover"], context.assessment.plan.classification
    placed = manifest.system.placed_on_market_on
    return (
        Fact(cover_words["provider"], manifest.provider.name),
        Fact(cover_words["address"], manifest.provider.address),
        Fact(cover_words["contact"], manifest.provider.contact),
        Fact(cover_words["role"], words["role"][manifest.role]),
        Fact(cover_words["classification"], words["outcome"][classification.outcome]),
        Fact(cover_words["procedure"], words["procedure"][classification.route.procedure]),
        Fact(cover_words["placed"], context.locale.day(placed) if placed else cover_words["not_placed"]),
    )


def _record_facts(context: Context) -> tuple[Fact, ...]:
    """Return which edition this is, the dates, and the digests that tie it to its evidence."""
    words, assessment, locale = context.words["cover"], context.assessment, context.locale
    edition = assessment.manifest.edition
    return (
        Fact(words["edition"], edition.version),
        Fact(words["previous"], assessment.follows or words["first"], mono=assessment.follows is not None),
        Fact(words["assessed"], locale.moment(assessment.assessed_at)),
        Fact(words["collected"], locale.moment(context.evidence.collected_at)),
        Fact(words["as_of"], locale.day(assessment.plan.as_of)),
        Fact(words["law"], assessment.plan.law),
        Fact(words["depth"], _depth(context)),
        Fact(words["steps"], _steps_taken(context)),
        Fact(words["tool"], assessment.tool),
        Fact(words["evidence"], assessment.evidence_sha256, mono=True),
        Fact(words["manifest"], assessment.manifest_sha256, mono=True),
    )


def _depth(context: Context) -> str:
    """Return how much was measured, and how many steps were left to a full run."""
    plan = context.assessment.plan
    if plan.left_out:
        return context.plural("cover", f"depth_{plan.depth}", plan.left_out)
    return str(context.words["cover"][f"depth_{plan.depth}"])


def _steps_taken(context: Context) -> str:
    """Return how many steps were taken and how many of them gave no number."""
    outcomes = [one.outcome for one in context.evidence.observations]
    silent = len(outcomes) - outcomes.count("measured")
    words, locale = context.words["cover"], context.locale
    text = words["steps_some" if silent else "steps_all"]
    return str(text.format(total=locale.integer(len(outcomes)), n=locale.integer(silent)))


def scope(context: Context) -> Scope:
    """Return scope, classification and every step that led to it."""
    classification = context.assessment.plan.classification
    not_held = sum(fact.holds == "no" for fact in classification.facts)
    return Scope(
        purpose=context.assessment.manifest.system.intended_purpose,
        facts=_scope_facts(context),
        summary=classification.summary,
        route_reason=f"{classification.route.reason} ({classification.route.ref})",
        steps=tuple(_step(context, step) for step in classification.steps),
        also=classification.also,
        missing=classification.missing,
        conditions=tuple(_fact(context, fact) for fact in classification.facts if fact.holds != "no"),
        not_held=context.plural("scope", "not_held", not_held) if not_held else "",
    )


def _fact(context: Context, fact: Condition) -> FactRow:
    """Return one condition."""
    name = context.words["condition"].get(fact.condition, fact.condition.replace("_", " "))
    return FactRow(name, context.words["holds"][fact.holds], fact.reason)


def _scope_facts(context: Context) -> tuple[Fact, ...]:
    """Return outcome, route and the date from which high-risk duties apply."""
    words, classification = context.words["scope"], context.assessment.plan.classification
    since = classification.high_risk_from
    return (
        Fact(words["outcome"], context.words["outcome"][classification.outcome]),
        Fact(words["route"], context.words["procedure"][classification.route.procedure]),
        Fact(words["from"], context.locale.day(since) if since else _no_day(context)),
        Fact(context.words["cover"]["as_of"], context.locale.day(classification.as_of)),
    )


def _no_day(context: Context) -> str:
    """Return why there is no day from which the duties for high-risk systems apply."""
    key = {
        "cannot_tell": "from_open",
        "high_risk_annex_i_a": "from_change",
        "high_risk_annex_iii": "from_change",
    }.get(context.assessment.plan.classification.outcome, "from_none")
    return str(context.words["scope"][key])


def _step(context: Context, step: DecisionStep) -> StepView:
    """Return one question with its answer."""
    words = context.words
    points = ", ".join(step.points)
    return StepView(
        text=step.text,
        ref=step.ref,
        answer=words["answer"][step.answer],
        because=step.because or words["common"]["no_reason"],
        points=words["scope"]["points"].format(points=points) if points else "",
        consequence=step.consequence,
    )


def requirement_links(context: Context, requirement_ids: tuple[str, ...]) -> tuple[Link, ...]:
    """Return one link for each requirement, in the order given."""
    return tuple(context.requirement_link(requirement_id) for requirement_id in requirement_ids)
