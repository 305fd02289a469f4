"""The evidence register and the tables of measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import Figure, figure, where
from conformity.render.views.front import requirement_links

_MOST_ROWS = 24
"""Measurements of one observation that are printed; all of them are in ``evidence.json``."""

_MOST_NAMES = 12
"""Columns with the same figure that are named on one line."""

_MOST_NOTES = 5
"""Notes of one observation that are printed; all of them are in ``evidence.json``."""


@dataclass(frozen=True)
class TallyView:
    """A sealed tally; several observations may rest on the same one."""

    anchor: str
    """Its place."""
    label: str
    """Its short name."""
    name: str
    """What it counts."""
    entries: str
    """How many entries it has."""
    digest: str
    """Its digest."""


@dataclass(frozen=True)
class NoteView:
    """A remark on the numbers of one or more observations."""

    anchor: str
    """Its place."""
    label: str
    """Its short name."""
    text: str
    """The remark."""


@dataclass(frozen=True)
class Entry:
    """One observation."""

    anchor: str
    """Its place."""
    id: str
    """Its id."""
    probe: Link
    """The probe, with its methods."""
    subject: str
    """What was looked at."""
    outcome: str
    """How it went, in a word."""
    failed: bool
    """Whether there is no number."""
    reason: str
    """Why there is no number, or empty."""
    notes: tuple[Link, ...]
    """What a reader must know."""
    more_notes: str
    """How many notes are not printed, or empty."""
    tallies: tuple[Link, ...]
    """The sealed tallies behind it."""
    users: tuple[Link, ...]
    """The requirements that it speaks to."""
    figures: str | None
    """Where its measurements are, if it has any."""


@dataclass(frozen=True)
class Line:
    """One measurement."""

    metric: str
    """What was measured; empty when it is the same as in the line above."""
    of: str
    """What it is about."""
    figure: Figure
    """The number."""


@dataclass(frozen=True)
class Block:
    """The measurements of one observation."""

    anchor: str
    """Its place."""
    entry: Link
    """The observation in the register."""
    probe: str
    """The probe."""
    subject: str
    """What was looked at."""
    lines: tuple[Line, ...]
    """The measurements."""
    more: str
    """How many are not printed, or empty."""


def entries(context: Context) -> tuple[Entry, ...]:
    """Return the register, in the plan's order."""
    notes = {note.text: Link(note.label, note.anchor) for note in note_views(context)}
    tallies = {tally.digest: Link(tally.label, tally.anchor) for tally in tally_views(context)}
    return tuple(_entry(context, one, notes, tallies) for one in context.evidence.observations)


def tally_views(context: Context) -> tuple[TallyView, ...]:
    """Return every sealed tally once, in the order in which observations name them."""
    found = {tally.sha256: tally for one in context.evidence.observations for tally in one.tallies}
    label = context.words["annex"]["tally_label"]
    return tuple(
        TallyView(
            f"t-{i}", label.format(number=i), tally.name, context.locale.integer(tally.entries), tally.sha256
        )
        for i, tally in enumerate(found.values(), start=1)
    )


def note_views(context: Context) -> tuple[NoteView, ...]:
    """Return every note that is printed once, in the order in which observations have them."""
    found = dict.fromkeys(note for one in context.evidence.observations for note in one.notes[:_MOST_NOTES])
    label = context.words["annex"]["note_label"]
    return tuple(NoteView(f"n-{i}", label.format(number=i), text) for i, text in enumerate(found, start=1))


def blocks(context: Context) -> tuple[Block, ...]:
    """Return the measurements of all observations that have any."""
    return tuple(_block(context, one) for one in context.evidence.observations if one.measurements)


def _entry(
    context: Context, observation: Observation, notes: dict[str, Link], tallies: dict[str, Link]
) -> Entry:
    """Return one observation as an entry of the register."""
    known = observation.probe in context.probes  # every probe observed is in the section on methods
    probe_anchor = "p-" + observation.probe.replace("/", ".") if known else None
    rest = len(observation.notes) - _MOST_NOTES
    more = context.words["annex"]["more_notes"].format(n=rest) if rest > 0 else ""
    return Entry(
        anchor=f"e-{observation.id}",
        id=observation.id,
        probe=Link(context.probe_title(observation.probe), probe_anchor),
        subject=context.subject_title(observation.subject),
        outcome=context.words["observed"][observation.outcome],
        failed=observation.outcome != "measured",
        reason=observation.reason or "",
        notes=tuple(notes[text] for text in observation.notes[:_MOST_NOTES]),
        more_notes=more,
        tallies=tuple(tallies[tally.sha256] for tally in observation.tallies),
        users=requirement_links(context, context.users.get(observation.id, ())),
        figures=f"m-{observation.id}" if observation.measurements else None,
    )


def _block(context: Context, observation: Observation) -> Block:
    """Return the measurements of one observation, as many as are printed."""
    chosen = [one for one in observation.measurements if _is_printed(context, one)]
    chosen.sort(key=lambda one: (one.metric, one.by, context.group_order(one.subject, one.by, one.group)))
    printed = _lines(context, chosen)
    shown = printed[:_MOST_ROWS]
    rest = len(observation.measurements) - sum(count for _, count in shown)
    more = context.words["common"]["more_rows"].format(n=context.locale.integer(rest), most=_MOST_ROWS)
    return Block(
        anchor=f"m-{observation.id}",
        entry=context.evidence_link(observation.id),
        probe=context.probe_title(observation.probe),
        subject=context.subject_title(observation.subject),
        lines=tuple(line for line, _ in shown),
        more=more if rest else "",
    )


def _is_printed(context: Context, measurement: Measurement) -> bool:
    """Tell whether a measurement is printed: all but those of groups that several attributes form."""
    return len(measurement.by) < 2 or context.criterion_for(measurement) is not None


def _lines(context: Context, measurements: Sequence[Measurement]) -> list[tuple[Line, int]]:
    """Return measurements as lines, each with the number of measurements in it.

    Columns that follow one another with the same figure share a line, and a metric is named once for the
    lines that follow one another.
    """
    lines: list[tuple[Line, int]] = []
    above = ""
    for (title, _, printed), several in groupby(measurements, key=lambda one: _key(context, one)):
        members = list(several)
        of = _columns(context, members)
        lines.append((Line(title if title != above else "", of, printed), len(members)))
        above = title
    return lines


def _key(context: Context, measurement: Measurement) -> tuple[str, str, Figure]:
    """Return what measurements on one line have in common: metric, figure and, but for columns, the place."""
    metric = context.metrics.get(measurement.metric)
    per_column = metric is not None and metric.per == "column" and not measurement.group
    place = "" if per_column else where(context, measurement)
    return context.metric_title(measurement.metric), place, figure(context, measurement)


def _columns(context: Context, members: Sequence[Measurement]) -> str:
    """Return the places of measurements on one line, at most as many as fit."""
    names = [where(context, one) for one in members]
    shown = ", ".join(names[:_MOST_NAMES])
    rest = len(names) - _MOST_NAMES
    return f"{shown} {context.words['common']['and_others'].format(n=rest)}" if rest > 0 else shown
