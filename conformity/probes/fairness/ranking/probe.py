"""How large a share each group has of the top of a ranking and of attention, beside its share of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Interval, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import ABOVE, BELOW, MISSING, CellCounts, GridKey, Tally
from conformity.probes.fairness.ranking.exposure import LEAST, exposure_ratios
from conformity.probes.fairness.ranking.top import Ratios, top_ratios
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.cells import require_roles
from conformity.probes.shared.intervals import LEVEL, Ints
from conformity.probes.shared.keys import group_keys
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.wording import rows_in_words
from conformity.settings import DISCLOSURE_LIMIT, MIN_GROUP

BINS, FEWER_BINS = 500, 50
"""How many bins of equal width the scores are put into; the second where there are too many groups."""

MOST_CELLS = 100_000
"""How many groups times bins there may be before fewer bins are taken."""

SHARES = {"top_1_ratio": 0.01, "top_5_ratio": 0.05, "top_10_ratio": 0.1, "top_20_ratio": 0.2}
"""Which part of all rows is the top, by metric."""


class Ranking:
    """Compares each group's share of the highest scores with its share of all scores."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts, ...]:
        """Return rows by bin of the score, by each protected attribute: in many bins, and in fewer.

        Raises:
            NotMeasurableError: no score or no protected attribute is bound, or a score has one edge.
        """
        require_roles(table, "score", "protected")
        (score,) = table.with_role("score")
        if len(score.edges) == 1:
            raise NotMeasurableError(
                f"the score {score.name!r} has one edge; give the lowest and the highest score as `edges`, "
                "or none for scores from 0 to 1"
            )
        low, high = (score.edges[0], score.edges[-1]) if score.edges else (0.0, 1.0)
        fine, coarse = (
            GridKey(column=score.name, low=low, high=high, bins=bins) for bins in (BINS, FEWER_BINS)
        )
        keys = group_keys(table)
        return (
            *(CellCounts(keys=(fine, key), most=MOST_CELLS) for key in keys),
            *(CellCounts(keys=(coarse, key)) for key in keys),
        )

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the ratios of each group of each attribute.

        Raises:
            NotMeasurableError: a role is not bound, no row has a score, or scores lie outside their range.
        """
        self.tallies(table)
        found: list[Measurement] = []
        blank, attributes = 0, table.with_role("protected")
        for place, column in enumerate(attributes):
            fine, coarse = tallies[place], tallies[place + len(attributes)]
            names, rows, blank = _read(table, fine if fine.entries else coarse)
            found += [
                Measurement(
                    metric=MetricId(metric), subject=table.id, by=(column.name,), group=name, result=result
                )
                for metric, name, result in _measured(names, rows, has_blanks=blank > 0)
            ]
        notes = [*declared_notes(table)]
        if blank:
            notes.append(
                f"{rows_in_words(blank)} have no score and are in no ranking. What they would change is not "
                "known, so that no interval is given."
            )
        return ProbeResult(in_order(found), tuple(notes))


def _read(table: TableSubject, tally: Tally) -> tuple[tuple[tuple[str, ...], ...], Ints, int]:
    """Return groups, rows by group and bin, and how many rows have no score.

    Raises:
        NotMeasurableError: no row has a score, or scores lie outside their range.
    """
    entries = [entry for entry in tally.entries if entry[-1]]
    names = tuple(sorted({(str(entry[1]),) for entry in entries}))
    place = {name[0]: position for position, name in enumerate(names)}
    rows = np.zeros((len(names), _bins(tally)), dtype=np.int64)
    outside = blank = 0
    for where, group, count in entries:
        if where in (BELOW, ABOVE):
            outside += int(count)
        elif where == MISSING:
            blank += int(count)
        else:
            rows[place[str(group)], int(where)] += int(count)
    if outside:
        raise NotMeasurableError(
            f"{rows_in_words(outside)} have a score outside its range; correct them, or give the lowest and "
            "the highest score that there can be as the column's `edges`"
        )
    if not rows.any():
        raise NotMeasurableError(f"no row of {table.id!r} has a score")
    return names, rows, blank


def _bins(tally: Tally) -> int:
    """Return into how many bins a tally puts scores."""
    grid = tally.spec.keys[0] if isinstance(tally.spec, CellCounts) else None
    assert isinstance(grid, GridKey)
    return grid.bins


def _measured(
    names: Sequence[tuple[str, ...]], rows: Ints, *, has_blanks: bool
) -> Iterator[tuple[str, tuple[str, ...], Result]]:
    """Yield metric, group and result."""
    sizes, total = rows.sum(axis=1), int(rows.sum())
    seen, few = exposure_ratios(rows), _few_in_all(sizes)
    for position, name in enumerate(names):
        cases = int(sizes[position])
        reason = _why_not(cases, total, 1) or few
        yield "exposure_ratio", name, reason or _exposure(seen, position, cases, has_blanks=has_blanks)
    for metric, share in SHARES.items():
        ratios = top_ratios(rows, share)
        for position, name in enumerate(names):
            cases = int(sizes[position])
            on_top = float(ratios.value[position]) * share
            reason = _why_not(cases, total, share) or few or _few_on_top(on_top, cases)
            yield metric, name, reason or _at_top(ratios, position, cases, has_blanks=has_blanks)


def _few_in_all(sizes: Ints) -> NotAvailable | None:
    """Return that the ratios of all other groups would tell those of a few people; None if they would not."""
    few = int(sizes[sizes < MIN_GROUP].sum())
    if few == 0 or few >= MIN_GROUP:
        return None
    return NotAvailable(
        why="too_few_cases",
        reason=f"all groups without a ratio of their own have fewer than {MIN_GROUP} rows together, and the "
        "ratios of the others would tell theirs by subtraction; merge groups",
    )


def _few_on_top(share: float, cases: int) -> NotAvailable | None:
    """Return that too few people are among the top to be told of; None if they are enough or nobody."""
    if 0 < round(share * cases) < DISCLOSURE_LIMIT:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than {DISCLOSURE_LIMIT} of the group are among the top",
            n=cases,
        )
    return None


def _why_not(cases: int, total: int, share: float) -> NotAvailable | None:
    """Return why a ratio is not published; None if it is."""
    if cases < MIN_GROUP:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than {MIN_GROUP} rows with a score, or none; merge groups or collect more",
        )
    if cases == total:
        return NotAvailable(why="undefined", reason="there is no other group with a score", n=cases)
    if share * total < MIN_GROUP:
        return NotAvailable(
            why="too_few_cases",
            reason=f"the top {share:.0%} of all rows are fewer than {MIN_GROUP} rows",
            n=cases,
        )
    return None


def _scalar(ratios: Ratios, position: int, cases: int, method: str | None) -> Scalar:
    """Return a ratio, with its interval where there is a method for one.

    Args:
        ratios: the ratios of all groups.
        position: the group.
        cases: its rows.
        method: how the limits were made; none where they say nothing.
    """
    value = float(ratios.value[position])
    interval = None
    if method is not None:
        interval = Interval(
            low=min(float(ratios.low[position]), value),
            high=max(float(ratios.high[position]), value),
            level=LEVEL,
            method=method,
        )
    return Scalar(value=value, unit="1", n=cases, interval=interval)


def _exposure(ratios: Ratios, position: int, cases: int, *, has_blanks: bool) -> Scalar:
    """Return an exposure ratio, with its interval where there are rows enough and no score is blank."""
    method = (
        "rank statistic on the logarithm, moved outwards, order in bins counted both ways "
        f"(open by {ratios.error[position]:.2g})"
    )
    return _scalar(ratios, position, cases, None if has_blanks or cases < LEAST else method)


def _at_top(ratios: Ratios, position: int, cases: int, *, has_blanks: bool) -> Scalar:
    """Return a ratio of places at the top, with its interval unless scores are blank."""
    method = f"MOVER-R with Wilson limits, bins counted both ways (open by {ratios.error[position]:.3g})"
    return _scalar(ratios, position, cases, None if has_blanks else method)


PROBE = Ranking()
"""The probe that `probe.yaml` beside this file describes."""
