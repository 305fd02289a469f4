"""Tables of decisions about people, as tallies, for tests: built by hand or drawn by Hypothesis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from conformity.model.base import SubjectId
from conformity.model.subject import Column, ColumnRole, TableSubject
from conformity.model.tally import CellCounts, Tally, TallySpec
from conformity.probes.shared.cells import outcome_columns
from conformity.probes.shared.keys import group_keys, outcome_key

Row = tuple[str, ...]
"""A value for each protected attribute, then the label and the prediction as far as bound."""

YES = ("yes",)
NO = ("no",)


def decision_table(
    *attributes: str, label: str | None = "label", prediction: str | None = "prediction"
) -> TableSubject:
    """Return a declared table with these protected attributes; label and prediction may be one column."""
    columns = [Column(name=name, roles=("protected",)) for name in attributes]
    outcomes: dict[str, list[ColumnRole]] = {}
    if label is not None:
        outcomes.setdefault(label, []).append("label")
    if prediction is not None:
        outcomes.setdefault(prediction, []).append("prediction")
    for name, roles in outcomes.items():
        columns.append(Column(name=name, roles=tuple(roles), positive=YES, negative=NO))
    return TableSubject(
        id=SubjectId("people"),
        title="People",
        kind="table",
        purpose="testing",
        path="people.csv",
        columns=tuple(columns),
    )


def joint_tally(table: TableSubject) -> CellCounts:
    """Return the tally by every protected attribute, the label and the prediction, as far as bound."""
    return CellCounts(keys=(*group_keys(table), *(outcome_key(one) for one in outcome_columns(table))))


def tally_of(table: TableSubject, counts: dict[Row, int]) -> Tally:
    """Return the joint tally of ``table`` with these counts, as an engine would give it."""
    spec = joint_tally(table)
    names = (*(key.column for key in spec.keys), "count")
    return Tally(spec=spec, columns=names, entries=tuple((*row, n) for row, n in sorted(counts.items())))


def tallies_of(table: TableSubject, counts: dict[Row, int], specs: Sequence[TallySpec]) -> tuple[Tally, ...]:
    """Return tallies by some of the joint tally's keys each, added up from joint counts as an engine does."""
    keys = joint_tally(table).keys
    found = []
    for spec in specs:
        assert isinstance(spec, CellCounts)
        sums: Counter[Row] = Counter()
        for row, n in counts.items():
            sums[tuple(row[keys.index(key)] for key in spec.keys)] += n
        names = (*(key.column for key in spec.keys), "count")
        found.append(
            Tally(spec=spec, columns=names, entries=tuple((*row, n) for row, n in sorted(sums.items())))
        )
    return tuple(found)


def counted(rows: Iterable[Row]) -> dict[Row, int]:
    """Return how often each row occurs."""
    return dict(Counter(rows))


def expanded(counts: dict[Row, int]) -> list[Row]:
    """Return one row for each case."""
    return [row for row, n in counts.items() for _ in range(n)]


def confusion(group: str, tp: int, fn: int, fp: int, tn: int) -> dict[Row, int]:
    """Return the counts of one group of one attribute from its confusion matrix."""
    return {(group, "1", "1"): tp, (group, "1", "0"): fn, (group, "0", "1"): fp, (group, "0", "0"): tn}


@st.composite
def confusions(
    draw: st.DrawFn, groups: Sequence[str] = ("a", "b", "c"), smallest: int = 30
) -> dict[Row, int]:
    """Draw confusion matrices of two or more groups, every cell with at least ``smallest`` cases."""
    some = draw(st.integers(2, len(groups)))
    counts: dict[Row, int] = {}
    for group in groups[:some]:
        cells = [draw(st.integers(smallest, smallest + 170)) for _ in range(4)]
        counts |= confusion(group, *cells)
    return counts
