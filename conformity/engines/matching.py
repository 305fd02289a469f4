"""Pattern counts: which columns hold personal data of a form, and how much of it verifies.

Every cell of every column is searched with one quick expression for all patterns. Only in columns
where it finds something, distinct values are drawn, tried against each pattern and checked; and only
what the check does not dismiss is counted, again in every cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformity.engines.chance import standing
from conformity.engines.columns import BLOCK, NamedFrame
from conformity.engines.patterns import Pattern, pattern
from conformity.engines.screening import HEADER, Suspect, one_row, screen, text_of_cell, total
from conformity.engines.spread import distinct_texts
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
"""The fields of an entry; see :class:`conformity.engines.identify.Match` for what each means."""

SEARCHED = "(searched)"
"""Stands in the place of a pattern in the entry that says how many cells of a column were searched."""


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
    where the check dismissed the form, so that nothing was counted.

    Raises:
        DataError: there is no pattern of a name.
    """
    wanted = [pattern(name) for name in sorted(set(spec.patterns))]
    searched = screen(table, wanted)
    drawn = [
        found
        for suspect in searched
        for net in suspect.nets
        for found in _draw(table, suspect, net, wanted, spec.sample)
    ]
    counts = _count(table, drawn)
    filled = {suspect.column: suspect.filled for suspect in searched}
    entries: list[tuple[str | int, ...]] = [
        (table.names[column], SEARCHED, "", cells, 0, 1, 0, 0, 0, 0, 0, 0) for column, cells in filled.items()
    ]
    for one in drawn:
        for trial in one.trials:
            key = (one.column, trial.pattern.name)
            entries.append(
                (
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
            )
    return Tally(spec=spec, columns=COLUMNS, entries=tuple(sorted(entries)))


def _draw(
    table: NamedFrame, suspect: Suspect, net: str, wanted: Sequence[Pattern], sample: int
) -> Iterator[_Drawn]:
    """Yield what the patterns of one net make of distinct values that it found in a column."""
    fitting = [one for one in wanted if one.net == net]
    if net == HEADER:
        fitting = [one for one in fitting if one.named_by(table.names[suspect.column])]
    text = text_of_cell(table, suspect.column)
    found = table.only([suspect.column]).select(text.alias("text")).filter(suspect.hit(net))
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
            if standing(trial.tested, trial.verified, form.chance) != "dismissed":
                wanted.setdefault((one.column, _SPACE + form.form + _SPACE_END), []).append((*key, "whole"))
            if standing(trial.parts_tested, trial.parts_verified, form.chance) != "dismissed":
                wanted.setdefault((one.column, form.inside), []).append((*key, "part"))
    found: dict[tuple[int, str, str], int] = {}
    pairs = list(wanted)
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        sums = [
            total(text_of_cell(table, column).str.contains(expression)).alias(f"n{number}")
            for number, (column, expression) in enumerate(block)
        ]
        row = one_row(table, [column for column, _ in block], sums)
        found.update({key: count for pair, count in zip(block, row, strict=True) for key in wanted[pair]})
    return found


_SPACE, _SPACE_END = rf"^[{WHITESPACE}]*(?:", rf")[{WHITESPACE}]*$"
"""What may stand around a value; an expression is much faster than to trim every cell."""
