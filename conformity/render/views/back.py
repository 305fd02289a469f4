"""The back of the document: methods, open points, signatures, software and how to verify."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from conformity.model.finding import Finding
from conformity.model.manifest import SignOff
from conformity.model.probe import Metric, ProbeSpec
from conformity.render.views.actions import Actions, actions
from conformity.render.views.ages import older_than_data
from conformity.render.views.context import Context, Link
from conformity.render.views.findings import Article
from conformity.render.views.front import Fact
from conformity.render.views.urgency import by_urgency, is_permission
from conformity.render.views.verdicts import DECIDE, Mark, mark


@dataclass(frozen=True)
class Method:
    """How one probe works and what it does not show."""

    anchor: str
    """Its place."""
    title: str
    """The probe's name."""
    id: str
    """The probe's id."""
    version: str
    """Its version and how settled it is."""
    question: str
    """What it answers."""
    method: str
    """How it measures."""
    metrics: tuple[str, ...]
    """What it measures."""
    limits: tuple[str, ...]
    """What its numbers do not show."""
    sources: tuple[str, ...]
    """Where definitions and methods come from."""


@dataclass(frozen=True)
class OpenPoint:
    """One requirement that is not met, or not shown to be met."""

    mark: Mark
    """Its verdict."""
    link: Link
    """Where the finding is."""
    title: str
    """The requirement's short name."""
    reason: str
    """Why it is open."""
    actions: Actions
    """What to hand in, fix or measure, without what the reason already says."""
    settled_there: bool
    """Whether the reason says all of it."""


@dataclass(frozen=True)
class Missing:
    """An article under which something is still to be handed in."""

    link: Link
    """The article."""
    n: str
    """How many."""


@dataclass(frozen=True)
class SignOffView:
    """A sign-off that the manifest records."""

    statement: str
    """What was stated."""
    by: str
    """By whom, in which function, when."""
    over: tuple[str, ...]
    """The exhibits and the digests that the person saw."""
    older: tuple[str, ...]
    """The exhibits among them that are older than the data they speak of."""
    covers: tuple[Link, ...]
    """The requirements it is about."""


@dataclass(frozen=True)
class Machine:
    """With what, on what and how apart the work was done."""

    software: tuple[Fact, ...]
    """Packages and versions."""
    platform: str
    """Operating system, processor and Python."""
    mechanism: str
    """How workers were kept apart."""
    guarantees: tuple[str, ...]
    """What that was seen to prevent."""
    gaps: tuple[str, ...]
    """What it does not prevent."""


def methods(context: Context) -> tuple[Method, ...]:
    """Return one entry for each probe that measured something, or that a criterion asks for."""
    return tuple(
        _method(context, probe)
        for probe in context.assessment.plan.probes
        if probe.id in context.probes_explained
    )


def open_points(context: Context) -> tuple[OpenPoint, ...]:
    """Return everything looked at that is open, the most important first."""
    return tuple(_point(context, one) for one in by_urgency(context) if one.verdict in DECIDE)


def missing(context: Context, articles: Sequence[Article]) -> tuple[Missing, ...]:
    """Return the articles under which something is still to be handed in, with how many requirements.

    Provisions that only allow something are not counted: leaving them is no open point.
    """
    found = Counter(
        context.requirement_of(finding).requirement.article
        for finding in context.assessment.findings
        if finding.verdict == "not_collected" and not is_permission(context, finding)
    )
    return tuple(
        Missing(Link(article.title, article.anchor), context.locale.integer(found[article.title]))
        for article in articles
        if found[article.title]
    )


def sign_offs(context: Context) -> tuple[SignOffView, ...]:
    """Return the sign-offs of the manifest."""
    return tuple(_sign_off(context, sign_off) for sign_off in context.assessment.manifest.sign_offs)


def machine(context: Context) -> Machine:
    """Return software, platform and isolation."""
    evidence = context.evidence
    return Machine(
        software=tuple(Fact(package.name, package.version) for package in evidence.software),
        platform=evidence.platform,
        mechanism=evidence.isolation.mechanism,
        guarantees=evidence.isolation.guarantees,
        gaps=evidence.isolation.gaps,
    )


def digests(context: Context) -> tuple[Fact, ...]:
    """Return the digests that tie the document to its evidence."""
    words, assessment = context.words["verify"], context.assessment
    previous = assessment.follows
    facts = [
        Fact(words["evidence"], assessment.evidence_sha256, mono=True),
        Fact(words["manifest"], assessment.manifest_sha256, mono=True),
    ]
    if previous:
        facts.append(Fact(words["previous"], previous, mono=True))
    return (*facts, Fact(words["tool"], assessment.tool))


def _method(context: Context, probe: ProbeSpec) -> Method:
    """Return one probe."""
    words = context.words
    return Method(
        anchor="p-" + probe.id.replace("/", "."),
        title=probe.title,
        id=probe.id,
        version=words["methods"]["version"].format(
            version=probe.version, lifecycle=words["lifecycle"][probe.lifecycle]
        ),
        question=probe.question,
        method=probe.method,
        metrics=tuple(_metric(context, metric) for metric in probe.metrics),
        limits=probe.limits,
        sources=probe.sources,
    )


def _metric(context: Context, metric: Metric) -> str:
    """Return name, direction and definition of a metric."""
    words = context.words
    return str(
        words["methods"]["metric"].format(
            title=metric.title, better=words["better"][metric.better], definition=metric.definition
        )
    )


def _point(context: Context, finding: Finding) -> OpenPoint:
    """Return a finding as an open point; a step that the reason already tells is not told twice."""
    asked = actions(context, finding)
    return OpenPoint(
        mark=mark(context, finding.verdict),
        link=context.requirement_link(finding.requirement),
        title=context.requirement_of(finding).requirement.title,
        reason=finding.reason,
        actions=asked,
        settled_there=not (asked.own or asked.hand_in or asked.shared) and bool(finding.to_do),
    )


def _sign_off(context: Context, sign_off: SignOff) -> SignOffView:
    """Return one sign-off."""
    words = context.words
    return SignOffView(
        statement=sign_off.statement,
        by=words["findings"]["sign_off"].format(
            person=sign_off.by.name,
            function=sign_off.by.function,
            day=context.locale.day(sign_off.signed_on),
        ),
        over=tuple(
            words["sign"]["sealed"].format(title=context.subject_title(seal.exhibit), digest=seal.sha256)
            for seal in sign_off.over
        ),
        older=tuple(
            words["sign"]["older"].format(title=exhibit.title, remark=remark[0].lower() + remark[1:])
            for exhibit in (context.exhibits.get(seal.exhibit) for seal in sign_off.over)
            if exhibit is not None and (remark := older_than_data(context, exhibit))
        ),
        covers=tuple(context.requirement_link(requirement) for requirement in sign_off.requirements),
    )
