"""Pattern counts: which columns hold personal data of a form, and how much of it verifies.

Every cell of every column is searched with one quick expression for all patterns. Only in columns
where it finds something, distinct values are drawn, tried against each pattern and checked; and only
what the check does not dismiss is counted, again in every cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformity.engines.chance import listed, standing
from conformity.engines.columns import BLOCK, NamedFrame
from conformity.engines.detectors import MOST_VALUES, detector, is_detector, seen_by
from conformity.engines.distinct_texts import distinct_texts
from conformity.engines.kept import with_counted_values
from conformity.engines.patterns import HEADER, Pattern, pattern
from conformity.engines.screening import Suspect, cells_of, cells_with, screen, text_of_cell
from conformity.engines.trying import Trial, tried
from conformity.engines.values import WHITESPACE
from conformity.model.tally import PatternCounts, Tally

COLUMNS = (
    "column",
    "pattern",
    "shape",
    "filled",
    "drawn",
    "complete",
    "matching",
    "tested",
    "verified",
    "containing",
    "parts_tested",
    "parts_verified",
)
"""The fields of an entry; see :class:`conformity.engines.matches.Match` for what each means."""

SEARCHED = "(searched)"
"""Stands in the place of a pattern in the entry that says how many cells of a column were searched."""


_Entry = tuple[str | int, ...]
"""The fields of :data:`COLUMNS`."""


@dataclass(frozen=True)
class _Drawn:
    """Distinct values of a column, and what the patterns make of them."""

    column: int
    drawn: int
    complete: bool
    trials: tuple[Trial, ...]


def pattern_counts(table: NamedFrame, spec: PatternCounts) -> Tally:
    """Return an entry for every searched column, and one for every pattern that fits values of it.

    Text is searched, and whole numbers and dates too, since a file may keep card numbers as
    integers. The values that are checked are dropped here. ``matching`` and ``containing`` are 0
    where the check dismissed the form, so that nothing was counted. A name of the spec may also be that
    of a further detector, see :mod:`conformity.engines.detectors`.

    Raises:
        DataError: there is no pattern of a name, or a detector is not installed.
    """
    wanted = [pattern(name) for name in sorted(set(spec.patterns)) if not is_detector(name)]
    detectors = [name for name in sorted(set(spec.patterns)) if is_detector(name)]
    with with_counted_values(table) as counted:
        return Tally(spec=spec, columns=COLUMNS, entries=_entries(counted, spec, wanted, detectors))


def _entries(
    table: NamedFrame, spec: PatternCounts, wanted: Sequence[Pattern], detectors: Sequence[str]
) -> tuple[_Entry, ...]:
    """Return the entries of what patterns and detectors find, sorted."""
    searched = screen(table, wanted)
    drawn = [
        found
        for suspect in searched
        for net in suspect.nets
        for found in _draw(table, suspect, net, wanted, spec.sample)
    ]
    entries: list[_Entry] = [
        (table.names[one.column], SEARCHED, "", one.filled, 0, 1, 0, 0, 0, 0, 0, 0) for one in searched
    ]
    entries += _tried(table, searched, drawn)
    entries += [entry for name in detectors for entry in _seen(table, searched, name, spec.sample)]
    return tuple(sorted(entries))


def _tried(table: NamedFrame, searched: Sequence[Suspect], drawn: Sequence[_Drawn]) -> Iterator[_Entry]:
    """Yield the entries of what the patterns made of the drawn values, with the cells of each form."""
    counts = _count(table, drawn)
    filled = {suspect.column: suspect.filled for suspect in searched}
    for one in drawn:
        for trial in one.trials:
            key = (one.column, trial.pattern.name)
            yield (
                table.names[one.column],
                trial.pattern.name,
                trial.shape,
                filled[one.column],
                one.drawn,
                int(one.complete),
                counts.get((*key, "whole"), 0),
                trial.tested,
                trial.verified,
                counts.get((*key, "part"), 0),
                trial.parts_tested,
                trial.parts_verified,
            )


def _seen(table: NamedFrame, searched: Sequence[Suspect], name: str, sample: int) -> Iterator[_Entry]:
    """Yield the entries of what a detector sees in values drawn of the columns of text.

    Its patterns are ``detector/kind``. It cannot search every cell, so that all filled cells stand for
    those that may hold the kind.
    """
    detects = detector(name)
    most = min(sample, MOST_VALUES)
    for one in searched:
        if one.typed or not one.filled:
            continue
        text = text_of_cell(one.column)
        filled = cells_of(table, one.column).select(text.alias("text")).filter(one.hit(HEADER))
        texts = distinct_texts(filled, one.filled, most)
        values = sorted({value.strip(WHITESPACE) for value in texts})
        drawn, complete = len(values), int(len(texts) < most)
        for kind, seen in seen_by(detects, values).items():
            label = f"{name}/{kind}"
            column = table.names[one.column]
            yield (column, label, "", one.filled, drawn, complete, 0, 0, 0, one.filled, drawn, seen)


def _draw(
    table: NamedFrame, suspect: Suspect, net: str, wanted: Sequence[Pattern], sample: int
) -> Iterator[_Drawn]:
    """Yield what the patterns of one net make of distinct values that it found in a column."""
    fitting = [one for one in wanted if one.net == net]
    if net == HEADER:
        fitting = [one for one in fitting if one.named_by(table.names[suspect.column])]
    text = text_of_cell(suspect.column)
    found = cells_of(table, suspect.column).select(text.alias("text")).filter(suspect.hit(net))
    texts = distinct_texts(found, suspect.nets[net], sample)
    values = sorted({value.strip(WHITESPACE) for value in texts})
    trials = tuple(tried(values, fitting))
    if trials:
        yield _Drawn(suspect.column, len(values), len(texts) < sample, trials)


def _count(table: NamedFrame, drawn: Sequence[_Drawn]) -> dict[tuple[int, str, str], int]:
    """Return how many cells have, and how many hold, each form that the check did not dismiss."""
    wanted: dict[tuple[int, str], list[tuple[int, str, str]]] = {}
    for one in drawn:
        for trial in one.trials:
            form = trial.pattern
            key = (one.column, form.name)
            if _counts(trial):
                wanted.setdefault((one.column, _SPACE + form.form + _SPACE_END), []).append((*key, "whole"))
            if _counts_inside(trial):
                wanted.setdefault((one.column, form.inside), []).append((*key, "part"))
    found: dict[tuple[int, str, str], int] = {}
    pairs = list(wanted)
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        row = cells_with(
            table, [(column, text_of_cell(column).str.contains(expression)) for column, expression in block]
        )
        found.update({key: count for pair, count in zip(block, row, strict=True) for key in wanted[pair]})
    return found


def _counts(trial: Trial) -> bool:
    """Return whether cells of a form are counted: no check dismissed it, or a list knows enough of them."""
    if one := trial.pattern.listed:
        return listed(trial.tested, trial.verified, one.luck)
    return standing(trial.tested, trial.verified, trial.pattern.chance) != "dismissed"


def _counts_inside(trial: Trial) -> bool:
    """Return whether cells that hold a form are counted."""
    if one := trial.pattern.listed:
        return listed(trial.parts_tested, trial.parts_verified, one.luck_inside)
    return standing(trial.parts_tested, trial.parts_verified, trial.pattern.chance) != "dismissed"


_SPACE, _SPACE_END = rf"^[{WHITESPACE}]*(?:", rf")[{WHITESPACE}]*$"
"""What may stand around a value; an expression is much faster than to trim every cell."""
