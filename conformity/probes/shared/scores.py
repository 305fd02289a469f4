"""Tallies of scores in a fine grid, by group and outcome, taken apart into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.subject import TableSubject
from conformity.model.tally import ABOVE, BELOW, MISSING, GridKey, Key, Sums, Tally, Term
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.cells import BLANK, NEGATIVE, POSITIVE, STATES, STRANGE, require_roles
from conformity.probes.shared.intervals import Floats, Ints
from conformity.probes.shared.keys import group_keys, outcome_key
from conformity.probes.shared.wording import attribute_in_words, rows_in_words

BINS = 1000
"""How many bins the scores of all rows are put into; ten calibration bins are unions of them."""

GROUP_BINS = (250, 50, 10)
"""How many bins the scores of each group are put into: the most that keep groups times bins a small tally."""


@dataclass(frozen=True)
class ScoreGroups:
    """The scores of one or more groups, moved and stretched to lie from 0 to 1."""

    by: tuple[str, ...]
    """The attribute that forms them; none means one group of all rows."""
    names: tuple[tuple[str, ...], ...]
    """(k,) the groups."""
    low: float
    """The score that 0 stands for."""
    width: float
    """How far above it the score lies that 1 stands for."""
    rows: Ints
    """(k, 4, bins) rows with a score, by state of the label and bin."""
    totals: Floats
    """(k, 4, bins) sums of their scores."""
    squares: Floats
    """(k, 4, bins) sums of their squared scores."""
    unscored: Ints
    """(k, 4) rows without a score, by state of the label."""

    @property
    def cases(self) -> Ints:
        """Return the rows with a score and a known label, (k,)."""
        return np.asarray(self.rows[:, [NEGATIVE, POSITIVE]].sum(axis=(1, 2)))

    @property
    def blanks(self) -> Ints:
        """Return the rows whose score or label is blank, (k,)."""
        return np.asarray(self.rows[:, BLANK].sum(axis=1) + self.unscored[:, :STRANGE].sum(axis=1))

    @property
    def strange(self) -> Ints:
        """Return the rows whose label is not recognised, (k,)."""
        return np.asarray(self.rows[:, STRANGE].sum(axis=1) + self.unscored[:, STRANGE])

    @property
    def are_probabilities(self) -> bool:
        """Tell whether scores run from 0 to 1, so that they can be held against shares."""
        return self.low == 0 and self.width == 1


def require_scores(table: TableSubject) -> None:
    """Check that a score and a label of two outcomes are bound, to different columns.

    Raises:
        NotMeasurableError: one is not, or the range declared for the score is not one.
    """
    require_roles(table, "score", "label")
    label, score = table.with_role("label")[0], table.with_role("score")[0]
    if label.name == score.name:
        raise NotMeasurableError(
            f"column {label.name!r} is bound as label and as score, so that errors cannot show; bind the "
            "column with the system's own score"
        )
    if len(score.edges) == 1:
        raise NotMeasurableError(
            f"the score {score.name!r} has one edge; give the lowest and the highest score as `edges`, or "
            "none for scores from 0 to 1"
        )


def score_tally(table: TableSubject) -> Sums:
    """Return the tally of all scores by label and bin."""
    return _tally(table, (), BINS)


def group_tallies(table: TableSubject) -> tuple[Sums, ...]:
    """Return the tallies of scores by label, bin and attribute, one for each number of bins."""
    return tuple(
        _tally(table, (key,), bins, optional=bins != GROUP_BINS[-1])
        for key in group_keys(table)
        for bins in GROUP_BINS
    )


def read_groups(table: TableSubject, tallies: Sequence[Tally]) -> tuple[ScoreGroups, ...]:
    """Take the tallies of :func:`group_tallies` apart, the finest of each attribute that there is.

    Raises:
        NotMeasurableError: there are no rows, or scores lie outside their range.
    """
    ladders = [tallies[start : start + len(GROUP_BINS)] for start in range(0, len(tallies), len(GROUP_BINS))]
    return tuple(
        read_scores(table, next((tally for tally in ladder if tally.entries), ladder[-1]))
        for ladder in ladders
    )


def _tally(table: TableSubject, groups: tuple[Key, ...], bins: int, *, optional: bool = False) -> Sums:
    """Return the tally of scores by groups, label and bin."""
    score = table.with_role("score")[0]
    low, high = (score.edges[0], score.edges[-1]) if score.edges else (0.0, 1.0)
    grid = GridKey(column=score.name, low=low, high=high, bins=bins)
    return Sums(
        keys=(*groups, outcome_key(table.with_role("label")[0]), grid),
        terms=(Term(columns=(score.name,)), Term(columns=(score.name, score.name))),
        optional=optional,
    )


def read_scores(table: TableSubject, tally: Tally) -> ScoreGroups:
    """Take one tally of scores apart.

    Raises:
        NotMeasurableError: there are no rows, or scores lie outside their range.
    """
    grid, by = _shape(tally)
    entries = [entry for entry in tally.entries if int(entry[-4]) or int(entry[-3])]
    if not entries:
        raise NotMeasurableError(f"{table.id!r} has no rows")
    names = tuple(sorted({tuple(str(value) for value in entry[: len(by)]) for entry in entries}))
    place = {name: position for position, name in enumerate(names)}
    rows = np.zeros((len(names), 4, grid.bins), dtype=np.int64)
    totals, squares = np.zeros(rows.shape), np.zeros(rows.shape)
    unscored = np.zeros((len(names), 4), dtype=np.int64)
    outside = 0
    for entry in entries:
        group = place[tuple(str(value) for value in entry[: len(by)])]
        state, bin_ = STATES[str(entry[-6])], str(entry[-5])
        added, left = int(entry[-4]), int(entry[-3])
        if bin_ in (BELOW, ABOVE):
            outside += added + left
        elif bin_ == MISSING:
            unscored[group, state] += added + left
        else:
            where = group, state, int(bin_)
            rows[where], totals[where], squares[where] = added, float(entry[-2]), float(entry[-1])
    if outside:
        raise NotMeasurableError(_outside(grid, outside))
    width = grid.high - grid.low
    return ScoreGroups(
        by=by,
        names=names,
        low=grid.low,
        width=width,
        rows=rows,
        totals=(totals - rows * grid.low) / width,
        squares=(squares - 2 * grid.low * totals + rows * grid.low**2) / width**2,
        unscored=unscored,
    )


def _shape(tally: Tally) -> tuple[GridKey, tuple[str, ...]]:
    """Return the grid of a tally and the columns that form its groups."""
    assert isinstance(tally.spec, Sums)
    *groups, _, grid = tally.spec.keys
    assert isinstance(grid, GridKey)
    return grid, tuple(key.column for key in groups)


def _outside(grid: GridKey, rows: int) -> str:
    """Return that scores lie outside their range, and what to do."""
    return (
        f"{rows_in_words(rows)} have a score in {grid.column!r} outside {grid.low:g} to {grid.high:g}; "
        "correct them, or give the lowest and the highest score that it can give as the column's `edges`"
    )


def score_notes(everybody: ScoreGroups) -> tuple[str, ...]:
    """Return what a reader must know about the scores of all rows."""
    notes = []
    blank = int(everybody.blanks.sum())
    if blank:
        notes.append(
            f"{rows_in_words(blank)} have a blank score or label. Points are those of the other rows; "
            "intervals reach from the worst to the best that the blanks allow."
        )
    if not everybody.are_probabilities:
        high = everybody.low + everybody.width
        notes.append(
            f"The scores run from {everybody.low:g} to {high:g} by the manifest. They are ranked and "
            "averaged, and not held against shares, as probabilities would be."
        )
    return tuple(notes)


def coarse_notes(partitions: Sequence[ScoreGroups]) -> tuple[str, ...]:
    """Return for which attributes fewer bins were taken than for others, because of many groups."""
    return tuple(
        f"By {attribute_in_words(groups.by)} there are so many groups that scores are put into "
        f"{groups.rows.shape[2]} bins; the AUC of a group is open by what these hide, for which its interval "
        "allows."
        for groups in partitions
        if groups.by and groups.rows.shape[2] < GROUP_BINS[0]
    )
