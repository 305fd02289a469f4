"""Criteria with the readings held against them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from conformity.model.finding import CriterionJudgement, Reading
from conformity.model.manifest import Criterion
from conformity.model.subject import EnergyRecordSubject
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import Figure, bound_words, figure, is_comparison
from conformity.render.views.limits import MOST_READINGS, cut
from conformity.render.views.order import lock_bears_out, order_words
from conformity.render.views.verdicts import Mark, mark, remark

_WORST_FIRST = ("not_met", "undetermined", "not_collected", "met", "not_applicable")


@dataclass(frozen=True)
class ReadingView:
    """One measurement held against a bound."""

    of: str
    """Which group, or what else it is about."""
    is_comparison: bool
    """Whether it compares groups, so that its cases are those of the smallest."""
    cases: str
    """The number of cases; of a comparison, that of the smallest group."""
    mark: Mark
    """The verdict."""
    figure: Figure
    """The numbers."""
    reason: str
    """Why this verdict, and how many more cases would settle it."""


@dataclass(frozen=True)
class CriterionView:
    """One criterion judged."""

    id: str
    """Its id."""
    title: str
    """Metric and bound."""
    of: str
    """On which subject and groups."""
    origin: str
    """Who fixed it, when, and whether that was before the evidence."""
    why: str
    """The provider's reason for the bound."""
    mark: Mark
    """The verdict."""
    reason: str
    """Why this verdict."""
    lead: str
    """The number of the one reading, or empty when there are none or several."""
    single: str
    """The rest of the one reading in words."""
    readings: tuple[ReadingView, ...]
    """What was held against it; empty when given elsewhere."""
    evidence: tuple[Link, ...]
    """Where the readings come from; empty when given elsewhere."""
    more: str
    """How many readings are not printed, or empty."""
    methods: str
    """How the intervals were made, or empty."""
    elsewhere: Link | None
    """Where the readings are given."""


def criterion_view(context: Context, judged: CriterionJudgement, elsewhere: Link | None) -> CriterionView:
    """Return one criterion with its readings, or with a link to where they are already given."""
    criterion = context.criteria.get(judged.criterion)
    kept, more = _kept(context, judged)
    readings = () if elsewhere else tuple(_reading(context, reading) for reading in kept)
    return CriterionView(
        id=judged.criterion,
        title=_title(context, criterion) if criterion else judged.criterion,
        of=_of(context, criterion) if criterion else "",
        origin=". ".join((origin(context, criterion), *order_words(context, criterion, judged)))
        if criterion
        else "",
        why=criterion.reason if criterion else "",
        mark=mark(context, judged.verdict),
        reason=" ".join([_reason_of(context, judged), *([] if elsewhere else _of_records(context, judged))]),
        lead=_lead(context, readings[0]) if len(readings) == 1 else "",
        single=_in_words(context, readings[0], judged) if len(readings) == 1 else "",
        readings=readings,
        evidence=()
        if elsewhere
        else context.evidence_links(list(dict.fromkeys(r.evidence for r in judged.readings))),
        more="" if elsewhere else more,
        methods="; ".join(dict.fromkeys(r.figure.method for r in readings if r.figure.method)),
        elsewhere=elsewhere,
    )


def _kept(context: Context, judged: CriterionJudgement) -> tuple[tuple[Reading, ...], str]:
    """Return the readings that are printed, the worst where there are many, and how many are not."""
    readings = judged.readings
    if len(readings) > MOST_READINGS:
        readings = tuple(sorted(readings, key=lambda reading: _WORST_FIRST.index(reading.verdict)))
    return cut(context, readings, MOST_READINGS, "readings")


def dated_view(context: Context, judged: CriterionJudgement, home: Link) -> CriterionView:
    """Return one criterion with whether it was fixed beforehand in place of its verdict.

    Args:
        context: the records.
        judged: the judgement, of which the numbers are left out.
        home: where they are printed.
    """
    plain = criterion_view(context, judged, home)
    criterion, words = context.criteria.get(judged.criterion), context.words["findings"]
    if criterion is None or criterion.claimed_in:
        return plain
    if _is_early(context, criterion) and lock_bears_out(context, judged):
        # No tick: the reading may miss the bound, and only the date is told here.
        return replace(plain, mark=remark(words["beforehand_yes"]))
    late = mark(context, "undetermined")
    return replace(plain, mark=replace(late, word=words["beforehand_no"]))


def _is_early(context: Context, criterion: Criterion) -> bool:
    """Tell whether by the dates given a bound is older than the evidence and its data."""
    subject = context.subjects.get(criterion.subject)
    produced = subject.produced_on if subject is not None else None
    return (
        criterion.fixed_before(context.evidence.collected_at)
        and produced is not None
        and criterion.fixed_before_day(produced)
    )


def _reason_of(context: Context, judged: CriterionJudgement) -> str:
    """Return why a criterion has its verdict."""
    criterion = context.criteria.get(judged.criterion)
    return context.guarded(criterion.subject, judged.reason) if criterion else judged.reason


def _is_record(context: Context, subject_id: str) -> bool:
    """Tell whether a subject is a record of energy, whose cases are its entries."""
    return isinstance(context.subjects.get(subject_id), EnergyRecordSubject)


def _of_records(context: Context, judged: CriterionJudgement) -> list[str]:
    """Return what must stand beside figures taken from a record: how they were obtained, what they cover.

    Nothing was measured here, so that the figure says little without it.
    """
    seen = dict.fromkeys(
        one.evidence for one in judged.readings if _is_record(context, one.measurement.subject)
    )
    known = [context.observations[one] for one in seen if one in context.observations]
    return list(dict.fromkeys(note for observation in known for note in observation.notes))


def _title(context: Context, criterion: Criterion) -> str:
    """Return metric and bound, such as ``Disparate impact ratio: at least 0.8``."""
    return str(
        context.words["findings"]["bound"].format(
            metric=context.metric_title(criterion.metric), bound=bound_words(context, criterion)
        )
    )


def _of(context: Context, criterion: Criterion) -> str:
    """Return subject and groups of a criterion."""
    parts = [context.subject_title(criterion.subject)]
    if criterion.by:
        parts.append(" × ".join(criterion.by))
    if criterion.group:
        parts.append(context.group_name(criterion.subject, criterion.by, criterion.group))
    return ", ".join(parts)


def origin(context: Context, criterion: Criterion) -> str:
    """Return who fixed a bound and when, and whether that was before the evidence and the data.

    Art. 9(8) asks for criteria that are older than the test; the dates are stated here and judged elsewhere.
    """
    words, locale = context.words["findings"], context.locale
    if criterion.claimed_in:
        title = context.subject_title(criterion.claimed_in)
        day = locale.day(criterion.fixed_at)
        return str(words["claimed"].format(owner=criterion.owner, day=day, exhibit=title))
    parts = [
        words["fixed"].format(owner=criterion.owner, day=locale.day(criterion.fixed_at)),
        words["fixed_before" if criterion.fixed_before(context.evidence.collected_at) else "fixed_late"],
    ]
    subject = context.subjects.get(criterion.subject)
    if subject is not None and subject.produced_on is not None:
        early = criterion.fixed_before_day(subject.produced_on)
        key = "fixed_before_data" if early else "fixed_late_data"
        parts.append(words[key].format(day=locale.day(subject.produced_on)))
    return ", ".join(parts)


def _lead(context: Context, reading: ReadingView) -> str:
    """Return place, number and interval of one reading."""
    words, shown = context.words["findings"], reading.figure
    key = "single_interval" if shown.interval else "single"
    return str(words[key].format(of=reading.of, value=shown.value, interval=shown.interval))


def _in_words(context: Context, reading: ReadingView, judged: CriterionJudgement) -> str:
    """Return what else there is to say of one reading, with its reason when that is not the criterion's."""
    words, shown = context.words["findings"], reading.figure
    key = "smallest_cases" if reading.is_comparison else "single_cases"
    if shown.n == context.words["common"]["withheld"]:
        key = "cases_withheld"
    parts = [words[key].format(n=shown.n)] if shown.n else []
    sentence = "; ".join(part for part in (*parts, shown.method, shown.why) if part)
    sentence = f"{sentence}." if sentence else ""
    if reading.mark.key != judged.verdict:
        sentence += " " + words["single_alone"].format(verdict=reading.mark.word)
    if reading.reason not in judged.reason:
        sentence += f" {reading.reason}"
    return sentence.strip()


def _reading(context: Context, reading: Reading) -> ReadingView:
    """Return one reading."""
    compares = is_comparison(context, reading.measurement)
    shown = figure(context, reading.measurement)
    smallest = compares and bool(shown.n)
    return ReadingView(
        of=_group(context, reading),
        is_comparison=compares,
        cases=context.words["findings"]["smallest_cases"].format(n=shown.n) if smallest else shown.n,
        mark=mark(context, reading.verdict),
        figure=shown,
        reason=context.guarded(reading.measurement.subject, reading.reason),
    )


def _group(context: Context, reading: Reading) -> str:
    """Return the group of a reading; the columns are in the criterion's heading already."""
    measurement, words = reading.measurement, context.words["common"]
    if measurement.group:
        return context.group_name(measurement.subject, measurement.by, measurement.group)
    return str(words["across_groups"] if measurement.by else words["all"])
