"""The evidence register: what was observed, with its notes and sealed tallies."""

from __future__ import annotations

from dataclasses import dataclass

from conformity.model.evidence import Observation
from conformity.render.views.context import Context, Link
from conformity.render.views.front import requirement_links
from conformity.render.views.gaps import probe_link

MOST_NOTES = 5
"""Notes of one observation that are printed; all of them are in ``evidence.json``."""

MOST_TALLIES = 60
"""Sealed tallies that are printed; ``evidence.json`` names all of them."""


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
    """What a reader must know; the first of each run."""
    more_notes: str
    """How many notes are not printed, or empty."""
    tallies: tuple[Link, ...]
    """The sealed tallies behind it."""
    users: tuple[Link, ...]
    """The requirements that it speaks to."""
    figures: str | None
    """Where its measurements are, if it has any."""


def entries(context: Context) -> tuple[Entry, ...]:
    """Return the register, in the plan's order, without the steps that are told of together."""
    together = {one.id for group in context.unmeasured for one in group}
    notes = {note.text: Link(note.label, note.anchor) for note in note_views(context)}
    tallies = {
        tally.digest: Link(tally.label, tally.anchor if place < MOST_TALLIES else None)
        for place, tally in enumerate(tally_views(context))
    }
    return tuple(
        _entry(context, one, notes, tallies)
        for one in context.evidence.observations
        if one.id not in together
    )


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
    found = dict.fromkeys(
        context.guarded(one.subject, note)
        for one in context.evidence.observations
        for note in one.notes[:MOST_NOTES]
    )
    label = context.words["annex"]["note_label"]
    return tuple(NoteView(f"n-{i}", label.format(number=i), text) for i, text in enumerate(found, start=1))


def _entry(
    context: Context, observation: Observation, notes: dict[str, Link], tallies: dict[str, Link]
) -> Entry:
    """Return one observation as an entry of the register."""
    rest = len(observation.notes) - MOST_NOTES
    more = context.words["annex"]["more_notes"].format(n=rest) if rest > 0 else ""
    return Entry(
        anchor=f"e-{observation.id}",
        id=observation.id,
        probe=probe_link(context, observation),
        subject=context.subject_title(observation.subject),
        outcome=context.words["observed"][observation.outcome],
        failed=observation.outcome != "measured",
        reason=context.guarded(observation.subject, observation.reason or ""),
        notes=_runs(
            [notes[context.guarded(observation.subject, text)] for text in observation.notes[:MOST_NOTES]],
            list(notes.values()),
        ),
        more_notes=more,
        tallies=_runs([tallies[tally.sha256] for tally in observation.tallies], list(tallies.values())),
        users=requirement_links(context, context.users.get(observation.id, ())),
        figures=f"m-{observation.id}" if observation.measurements else None,
    )


def _runs(links: list[Link], every: list[Link]) -> tuple[Link, ...]:
    """Return links, with those that follow one another in ``every`` drawn together, such as ``T7–T17``."""
    order = {link: place for place, link in enumerate(every)}
    runs: list[list[Link]] = []
    for link in sorted(dict.fromkeys(links), key=order.__getitem__):
        if runs and order[link] == order[runs[-1][-1]] + 1:
            runs[-1].append(link)
        else:
            runs.append([link])
    return tuple(
        run[0] if len(run) == 1 else Link(f"{run[0].text}–{run[-1].text}", run[0].anchor) for run in runs
    )
