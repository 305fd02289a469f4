"""Findings, article by article: the matrix, cards for what was looked at, rows for what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformity.model.finding import Declared, Finding
from conformity.model.plan import PlannedRequirement
from conformity.render.views.actions import Actions, actions
from conformity.render.views.binding import binds, binds_now
from conformity.render.views.context import Context, Link
from conformity.render.views.criteria import CriterionView, criterion_view, dated_view
from conformity.render.views.gaps import evidence_of
from conformity.render.views.nonconformities import places_in_register
from conformity.render.views.strips import Cell, Pair, StripMark, cells, strip
from conformity.render.views.verdicts import Mark, is_met_by_signature, mark


@dataclass(frozen=True)
class Signed:
    """A statement that a person signed."""

    statement: str
    """The statement, word for word, or empty when the manifest does not have it."""
    by: str
    """Who signed, in which function, when."""


@dataclass(frozen=True)
class DeclaredView:
    """What people handed in and signed."""

    mark: Mark
    """The verdict on it."""
    reason: str
    """Why."""
    sign_offs: tuple[Signed, ...]
    """What was stated, and by whom."""
    exhibits: tuple[Link, ...]
    """The exhibits."""


@dataclass(frozen=True)
class Card:
    """A finding with something to show."""

    anchor: str
    """Its place."""
    id: str
    """The requirement's id."""
    ref: str
    """The citation."""
    title: str
    """The requirement's short name."""
    mark: Mark
    """The verdict."""
    obligation: str
    """What is asked, paraphrased."""
    binds: str
    """From when it binds."""
    basis: str
    """What the verdict rests on, or empty."""
    note: str
    """What a reader must know about the row of law, or empty."""
    reason: str
    """Why this verdict."""
    criteria: tuple[CriterionView, ...]
    """The measured side."""
    declared: DeclaredView | None
    """The declared side."""
    evidence: tuple[Link, ...]
    """Observations that speak to it and are not named beside a reading above."""
    unmeasured: tuple[Link, ...]
    """Steps that gave no number, several to a reason."""
    actions: Actions
    """What to hand in, fix or measure."""
    register: Link | None
    """Its place in the register of non-conformities, if it stands there."""


@dataclass(frozen=True)
class Row:
    """A finding with nothing to show but its reason."""

    anchor: str
    """Its place."""
    id: str
    """The requirement's id."""
    ref: str
    """The citation."""
    title: str
    """The requirement's short name."""
    obligation: str
    """What is asked, paraphrased."""
    note: str
    """What a reader must know about the row of law, or empty."""
    reason: str
    """Why this verdict."""
    exhibits: tuple[Link, ...]
    """What was handed in without a sign-off."""
    evidence: tuple[Link, ...]
    """Observations that speak to it, though no criterion was fixed for them."""
    unmeasured: tuple[Link, ...]
    """Steps that gave no number, several to a reason."""
    actions: Actions
    """What to hand in, fix or measure."""


@dataclass(frozen=True)
class RowGroup:
    """Findings of one article with the same reason and the same shared steps, which are printed once."""

    intro: str
    """How many there are, and why."""
    binds: str
    """From when they bind."""
    binds_now: bool
    """Whether that day has passed."""
    shared: tuple[Link, ...]
    """The steps that each of them asks for."""
    rows: tuple[Row, ...]
    """The findings."""
    register: Link | None
    """Their place in the register of non-conformities, if all of them share one."""


@dataclass(frozen=True)
class Aside:
    """Requirements set aside for one reason."""

    reason: str
    """Why they do not apply."""
    articles: tuple[tuple[Row, ...], ...]
    """The requirements, those of one article together."""


@dataclass(frozen=True)
class Article:
    """All findings of one article or annex."""

    anchor: str
    """Its place."""
    title: str
    """Its name."""
    cells: tuple[Cell, ...]
    """Counts for each verdict."""
    total: str
    """Number of requirements."""
    strip: tuple[StripMark, ...]
    """One mark for each requirement that is not set aside."""
    cards: tuple[Card, ...]
    """Findings with evidence, criteria or declarations."""
    groups: tuple[RowGroup, ...]
    """Findings for which nothing was collected."""
    aside: str
    """A sentence on how many do not apply, or empty."""

    @property
    def has_section(self) -> bool:
        """Whether there is anything to show beside requirements set aside."""
        return bool(self.cards or self.groups)


def articles(context: Context) -> tuple[Article, ...]:
    """Return the findings grouped by article, in the plan's order."""
    grouped: dict[str, list[Pair]] = {}
    for finding in context.assessment.findings:
        row = context.requirement_of(finding)
        grouped.setdefault(row.requirement.article, []).append((finding, row))
    given: dict[str, Link] = {}
    return tuple(
        _article(context, f"a-{number}", title, pairs, given)
        for number, (title, pairs) in enumerate(grouped.items(), start=1)
    )


def set_aside(context: Context) -> tuple[Aside, ...]:
    """Return the findings on requirements that do not apply, those with the same reason together."""
    found: dict[str, dict[str, list[Row]]] = {}
    for finding in context.assessment.findings:
        if finding.verdict == "not_applicable":
            planned = context.requirement_of(finding)
            rows = found.setdefault(finding.reason, {}).setdefault(planned.requirement.article, [])
            rows.append(_row(context, finding, planned))
    return tuple(Aside(reason, tuple(map(tuple, rows.values()))) for reason, rows in found.items())


def _article(context: Context, anchor: str, title: str, pairs: list[Pair], given: dict[str, Link]) -> Article:
    """Return one article; ``given`` collects where each criterion's readings are printed."""
    compact = [pair for pair in pairs if _is_compact(pair[0])]
    aside = sum(finding.verdict == "not_applicable" for finding, _ in pairs)
    return Article(
        anchor=anchor,
        title=title,
        cells=cells(context, pairs),
        total=context.locale.integer(len(pairs)),
        strip=tuple(strip(context, pairs)),
        cards=tuple(_card(context, pair, given) for pair in pairs if not _is_brief(pair[0])),
        groups=_row_groups(context, compact),
        aside=context.plural("findings", "not_applicable", aside) if aside else "",
    )


def _row_groups(context: Context, pairs: list[Pair]) -> tuple[RowGroup, ...]:
    """Return findings in groups, in the order of the first of each group."""
    found: dict[tuple[str, tuple[Link, ...], str, bool], list[Row]] = {}
    for finding, row in pairs:
        made = _row(context, finding, row)
        key = (made.reason, made.actions.shared, binds(context, row), binds_now(context, row.duty_from))
        found.setdefault(key, []).append(made)
    return tuple(
        RowGroup(
            f"{context.plural('findings', 'not_collected_intro', len(rows))} {reason}",
            since,
            now,
            shared,
            tuple(rows),
            _in_register(context, [row.id for row in rows]),
        )
        for (reason, shared, since, now), rows in found.items()
    )


def _is_compact(finding: Finding) -> bool:
    """Tell whether nothing was held against a criterion or signed, so that one row says everything."""
    return finding.verdict == "not_collected" and not finding.measured


def _is_brief(finding: Finding) -> bool:
    """Tell whether a finding is shown as a row of a table."""
    return finding.verdict == "not_applicable" or _is_compact(finding)


def _row(context: Context, finding: Finding, row: PlannedRequirement) -> Row:
    """Return a finding as one row of a table."""
    law = row.requirement
    alone, together = evidence_of(context, finding.evidence)
    return Row(
        anchor=context.anchors[finding.requirement],
        id=law.id,
        ref=law.ref,
        title=law.title,
        obligation=law.obligation,
        note=law.note or "",
        reason=finding.reason,
        exhibits=tuple(exhibit_link(context, x) for x in finding.declared.exhibits)
        if finding.declared
        else (),
        evidence=alone,
        unmeasured=together,
        actions=actions(context, finding),
    )


def _card(context: Context, pair: Pair, given: dict[str, Link]) -> Card:
    """Return a finding in full."""
    finding, row = pair
    law = row.requirement
    here = Link(law.ref, context.anchors[finding.requirement])
    criteria = tuple(_criteria(context, finding, here, given))
    named = {link.text for one in criteria for link in one.evidence}
    alone, together = evidence_of(context, [one for one in finding.evidence if one not in named])
    return Card(
        anchor=context.anchors[finding.requirement],
        id=law.id,
        ref=law.ref,
        title=law.title,
        mark=_card_mark(context, finding),
        obligation=law.obligation,
        binds=binds(context, row),
        basis=context.words["basis"][finding.basis] if finding.basis else "",
        note=law.note or "",
        reason=finding.reason,
        criteria=criteria,
        declared=_declared(context, finding.declared) if finding.declared else None,
        evidence=alone,
        unmeasured=together,
        actions=actions(context, finding),
        register=_in_register(context, [finding.requirement]),
    )


def _in_register(context: Context, requirement_ids: Sequence[str]) -> Link | None:
    """Return the one place in the register of non-conformities where requirements stand, if there is one."""
    places = places_in_register(context)
    found = {places.get(one) for one in requirement_ids}
    place = found.pop()
    return Link(context.words["register"]["link"], place) if place and not found else None


def _card_mark(context: Context, finding: Finding) -> Mark:
    """Return the verdict; one that rests on a signature alone says so."""
    plain = mark(context, finding.verdict)
    if is_met_by_signature(finding):
        return replace(plain, word=context.words["findings"]["signature_only"])
    return plain


def _criteria(
    context: Context, finding: Finding, here: Link, given: dict[str, Link]
) -> Iterator[CriterionView]:
    """Yield the criteria; readings are printed once, later findings lead to them.

    Where the dates of bounds are judged, a verdict on the number would read like one on the requirement: only
    the date is told then, and the readings stand with a requirement that the bound serves.
    """
    by_dates = context.requirement_of(finding).requirement.rule == "fixed_beforehand"
    for judged in finding.measured:
        home = _home(context, judged.criterion) if by_dates else None
        if home is not None:
            yield dated_view(context, judged, home)
            continue
        yield criterion_view(context, judged, given.get(judged.criterion))
        if judged.readings:
            given.setdefault(judged.criterion, here)


def _home(context: Context, criterion_id: str) -> Link | None:
    """Return the first finding in full that prints a criterion's number; None when there is none."""
    for finding in context.assessment.findings:
        law = context.requirement_of(finding).requirement
        if law.rule == "fixed_beforehand" or _is_brief(finding):
            continue
        if any(judged.criterion == criterion_id for judged in finding.measured):
            return Link(law.ref, context.anchors[finding.requirement])
    return None


def _declared(context: Context, declared: Declared) -> DeclaredView:
    """Return the declared side of a finding."""
    words = context.words["findings"]
    signed = []
    for sign_off_id in declared.sign_offs:
        sign_off = context.sign_offs.get(sign_off_id)
        if sign_off is None:
            signed.append(Signed("", str(sign_off_id)))
            continue
        day = context.locale.day(sign_off.signed_on)
        by = words["sign_off"].format(person=sign_off.by.name, function=sign_off.by.function, day=day)
        signed.append(Signed(sign_off.statement, by))
    return DeclaredView(
        mark=mark(context, declared.verdict),
        reason=declared.reason,
        sign_offs=tuple(signed),
        exhibits=tuple(exhibit_link(context, exhibit_id) for exhibit_id in declared.exhibits),
    )


def exhibit_link(context: Context, exhibit_id: str) -> Link:
    """Return a link to an exhibit in the list of exhibits."""
    known = exhibit_id in context.exhibits
    return Link(context.subject_title(exhibit_id), f"x-{exhibit_id}" if known else None)
