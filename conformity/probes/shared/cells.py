"""The joint tally of attributes and outcomes, and its marginals: groups with outcome counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import comb

import numpy as np

from conformity.model.subject import Column, TableSubject
from conformity.model.tally import MISSING, UNRECOGNISED, CellCounts, OutcomeKey, Tally, TallySpec
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.design import Design
from conformity.probes.shared.intervals import Floats, Ints
from conformity.probes.shared.keys import group_keys, outcome_key

NEGATIVE, POSITIVE, BLANK, STRANGE = range(4)
"""The states of an outcome; an outcome that no column holds is BLANK in every row."""

MOST_COMBINATIONS = 250
"""How many combinations of attributes are asked for at most; beyond it fewer attributes are crossed."""

STATES = {"0": NEGATIVE, "1": POSITIVE, MISSING: BLANK, UNRECOGNISED: STRANGE}
"""The state that the text of an outcome in a tally means."""


@dataclass(frozen=True)
class Groups:
    """The groups that one or more attributes form, with their outcome counts."""

    by: tuple[str, ...]
    """The attributes; none means one group of all rows."""
    names: tuple[tuple[str, ...], ...]
    """(k,) the groups, sorted, a value for each attribute."""
    counts: Ints
    """(k, 4, 4) rows by state of the label and state of the prediction."""
    design: Design | None = None
    """(k, 16) their weights and what happens within clusters, by state of the label and then of the
    prediction; none where rows are independent and stand for one case each."""

    def only(self, group: int) -> Groups:
        """Return one group alone."""
        design = None if self.design is None else self.design.take(np.array([group]))
        return Groups(self.by, self.names[group : group + 1], self.counts[group : group + 1], design)

    @property
    def rows(self) -> int:
        """Return the number of rows in all groups."""
        return int(self.counts.sum())


@dataclass(frozen=True)
class Cells:
    """A joint tally taken apart into arrays."""

    attributes: tuple[str, ...]
    """(p,) the protected columns."""
    values: tuple[tuple[str, ...], ...]
    """(p,) the sorted values of each."""
    codes: Ints
    """(p, cells) index of each cell's value of each attribute."""
    label: Ints
    """(cells,) state of the label."""
    prediction: Ints
    """(cells,) state of the prediction."""
    count: Ints
    """(cells,) number of rows."""
    weight: Floats | None = None
    """(2, cells) sum of the rows' weights, and of their squares; none without weights."""

    def groups(self, *attributes: int) -> Groups:
        """Return the groups formed by the attributes at these positions; one group for none."""
        flat = np.zeros(len(self.count), dtype=np.int64)
        for position in attributes:
            flat = flat * len(self.values[position]) + self.codes[position]
        present, group = np.unique(flat, return_inverse=True)
        counts = np.zeros((len(present), 4, 4), dtype=np.int64)
        np.add.at(counts, (group, self.label, self.prediction), self.count)
        names = []
        for code in present.tolist():
            name = []
            for position in reversed(attributes):
                code, index = divmod(code, len(self.values[position]))
                name.append(self.values[position][index])
            names.append(tuple(reversed(name)))
        by = tuple(self.attributes[position] for position in attributes)
        design = None if self.weight is None else self._weighted(group, len(present), self.weight)
        return Groups(by=by, names=tuple(names), counts=counts, design=design)

    def _weighted(self, group: Ints, groups: int, weight: Floats) -> Design:
        """Return the weights of the cells, added up within each group and outcome."""
        sums = np.zeros((2, groups, len(STATES) ** 2))
        for total, values in zip(sums, weight, strict=True):
            np.add.at(total, (group, self.label * len(STATES) + self.prediction), values)
        return Design(mass=sums[0], squares=sums[1])


@dataclass(frozen=True)
class Lattice:
    """The groups that a table's protected attributes form, alone and crossed."""

    attributes: tuple[str, ...]
    """(p,) the protected columns, in the manifest's order."""
    depth: int
    """How many of them are crossed at most."""
    parts: tuple[Cells, ...]
    """Cells that together know every combination of at most ``depth`` attributes."""
    clustered: Mapping[tuple[str, ...], Mapping[tuple[str, ...], Floats]] = field(default_factory=dict)
    """For each combination of attributes and each of its groups, (16, 16) sums over clusters of products of
    two outcomes' sizes; none where rows do not belong together."""

    def groups(self, *attributes: int) -> Groups:
        """Return the groups formed by the attributes at these positions; one group for none."""
        names = [self.attributes[position] for position in attributes]
        part = next(part for part in self.parts if set(names) <= set(part.attributes))
        found = part.groups(*(part.attributes.index(name) for name in names))
        sums = self.clustered.get(found.by)
        return found if sums is None else _with_clusters(found, sums)

    def partitions(self, depth: int | None = None) -> Iterator[Groups]:
        """Yield the groups of each attribute, of each pair of attributes, and so on.

        Args:
            depth: how many attributes are crossed at most; as many as the lattice knows if not given.
        """
        deepest = self.depth if depth is None else min(depth, self.depth)
        for size in range(1, deepest + 1):
            for positions in combinations(range(len(self.attributes)), size):
                yield self.groups(*positions)


def _with_clusters(groups: Groups, sums: Mapping[tuple[str, ...], Floats]) -> Groups:
    """Return groups with what happens within clusters."""
    sorts = len(STATES) ** 2
    flat = groups.counts.reshape(-1, sorts).astype(np.float64)
    design = groups.design or Design(mass=flat, squares=flat)
    nothing = np.zeros((sorts, sorts))
    together = np.stack([sums.get(name, nothing) for name in groups.names])
    return replace(groups, design=replace(design, together=together))


def crossing_depth(table: TableSubject) -> int:
    """Return how many protected attributes are crossed at most, so that the combinations stay countable."""
    attributes = len(table.with_role("protected"))
    depth = min(table.crossed, attributes)
    while depth > 1 and comb(attributes, depth) > MOST_COMBINATIONS:
        depth -= 1
    return depth


def lattice_tallies(table: TableSubject) -> tuple[CellCounts, ...]:
    """Return the tallies behind all fairness probes of a table.

    There is one for each combination of as many attributes as are crossed at most: all attributes at
    once would have far more cells than any comparison needs. Each counts rows by its attributes, the
    label and the prediction, as far as bound; an engine asked by several probes computes it once.
    """
    outcomes = [outcome_key(column) for column in outcome_columns(table)]
    attributes = combinations(group_keys(table), crossing_depth(table))
    return tuple(CellCounts(keys=(*some, *outcomes)) for some in attributes)


def require_roles(table: TableSubject, *roles: str) -> None:
    """Check that every role is bound to a column.

    Raises:
        NotMeasurableError: a role is not bound.
    """
    missing = [role for role in roles if not table.with_role(role)]
    if missing:
        named = " and ".join(f"`{role}`" for role in missing)
        raise NotMeasurableError(f"no column of {table.id!r} has the role {named}; name one in the manifest")
    for role in ("label", "prediction", "previous_prediction"):
        if role in roles and outcome_column(table, role) is None:
            raise NotMeasurableError(
                f"the {role} of {table.id!r} holds {table.with_role(role)[0].content}, not two outcomes"
            )


def outcome_column(table: TableSubject, role: str) -> Column | None:
    """Return the column with this role if it holds two outcomes, else None."""
    columns = table.with_role(role)
    return columns[0] if columns and columns[0].content == "outcome" else None


def require_two_outcomes(table: TableSubject) -> None:
    """Check that label and prediction are bound, and to different columns.

    Raises:
        NotMeasurableError: one is not bound, or both are the same column, whose error rates would be
            zero by construction.
    """
    require_roles(table, "label", "prediction")
    label, prediction = table.with_role("label")[0], table.with_role("prediction")[0]
    if label.name == prediction.name:
        raise NotMeasurableError(
            f"column {label.name!r} is bound as label and as prediction, so that errors cannot show; "
            "bind the column with the system's own output as prediction"
        )


def read_lattice(table: TableSubject, tallies: Sequence[Tally]) -> Lattice:
    """Take the tallies of ``table`` apart: those of :func:`lattice_tallies`, or one of all attributes.

    Raises:
        NotMeasurableError: the tallies have no rows.
    """
    return Lattice(
        attributes=tuple(column.name for column in table.with_role("protected")),
        depth=crossing_depth(table),
        parts=tuple(read_cells(table, tally) for tally in tallies),
    )


def read_cells(table: TableSubject, tally: Tally) -> Cells:
    """Take a tally by attributes and outcomes of ``table`` apart.

    Raises:
        NotMeasurableError: the tally has no rows.
    """
    entries = [entry for entry in tally.entries if entry[-1]]
    if not entries:
        raise NotMeasurableError(f"{table.id!r} has no rows")
    fields = list(zip(*entries, strict=True))
    attributes = _attributes(tally.spec)
    texts = [[str(value) for value in values_of] for values_of in fields[: len(attributes)]]
    values = tuple(tuple(sorted(set(column))) for column in texts)
    codes = np.zeros((len(attributes), len(entries)), dtype=np.int64)
    for position, column in enumerate(texts):
        index = {value: code for code, value in enumerate(values[position])}
        codes[position] = [index[value] for value in column]
    states = {
        column.name: np.array([STATES[str(value)] for value in texts_of], dtype=np.int64)
        for column, texts_of in zip(outcome_columns(table), fields[len(attributes) : -1], strict=True)
    }
    blank = np.full(len(entries), BLANK, dtype=np.int64)
    label, prediction = outcome_column(table, "label"), outcome_column(table, "prediction")
    return Cells(
        attributes=attributes,
        values=values,
        codes=codes,
        label=states[label.name] if label else blank,
        prediction=states[prediction.name] if prediction else blank,
        count=np.array(fields[-1], dtype=np.int64),
    )


def _attributes(spec: TallySpec) -> tuple[str, ...]:
    """Return the columns by which a tally groups, outcomes aside."""
    keys = spec.keys if isinstance(spec, CellCounts) else ()
    return tuple(key.column for key in keys if not isinstance(key, OutcomeKey))


def outcome_columns(table: TableSubject) -> list[Column]:
    """Return the columns of label and prediction that hold two outcomes; one if they are the same."""
    columns = (outcome_column(table, role) for role in ("label", "prediction"))
    return list({column.name: column for column in columns if column is not None}.values())
