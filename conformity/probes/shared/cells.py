"""The joint tally of attributes and outcomes, and its marginals: groups with outcome counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformity.model.subject import Column, TableSubject
from conformity.model.tally import MISSING, UNRECOGNISED, CellCounts, Key, Tally
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.keys import group_keys, outcome_key

NEGATIVE, POSITIVE, BLANK, STRANGE = range(4)
"""The states of an outcome; an outcome that no column holds is BLANK in every row."""

_STATES = {"0": NEGATIVE, "1": POSITIVE, MISSING: BLANK, UNRECOGNISED: STRANGE}


@dataclass(frozen=True)
class Groups:
    """The groups that one or more attributes form, with their outcome counts."""

    by: tuple[str, ...]
    """The attributes; none means one group of all rows."""
    names: tuple[tuple[str, ...], ...]
    """(k,) the groups, sorted, a value for each attribute."""
    counts: Ints
    """(k, 4, 4) rows by state of the label and state of the prediction."""

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
        return Groups(by=by, names=tuple(names), counts=counts)


def joint_tally(table: TableSubject) -> CellCounts:
    """Return the one tally behind all fairness and accuracy probes of a table.

    It counts rows by every protected attribute, the label and the prediction, as far as bound, so
    that an engine asked by several probes computes it once.
    """
    keys: list[Key] = list(group_keys(table))
    keys += [outcome_key(column) for column in _outcome_columns(table)]
    return CellCounts(keys=tuple(keys))


def require_roles(table: TableSubject, *roles: str) -> None:
    """Check that every role is bound to a column.

    Raises:
        NotMeasurableError: a role is not bound.
    """
    missing = [role for role in roles if not table.with_role(role)]
    if missing:
        named = " and ".join(f"`{role}`" for role in missing)
        raise NotMeasurableError(f"no column of {table.id!r} has the role {named}; bind one in the manifest")


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


def read_cells(table: TableSubject, tally: Tally) -> Cells:
    """Take the joint tally of ``table`` apart.

    Raises:
        NotMeasurableError: the tally has no rows.
    """
    entries = [entry for entry in tally.entries if entry[-1]]
    if not entries:
        raise NotMeasurableError(f"{table.id!r} has no rows")
    fields = list(zip(*entries, strict=True))
    attributes = tuple(column.name for column in table.with_role("protected"))
    texts = [[str(value) for value in field] for field in fields[: len(attributes)]]
    values = tuple(tuple(sorted(set(column))) for column in texts)
    codes = np.zeros((len(attributes), len(entries)), dtype=np.int64)
    for position, column in enumerate(texts):
        index = {value: code for code, value in enumerate(values[position])}
        codes[position] = [index[value] for value in column]
    states = {
        column.name: np.array([_STATES[str(value)] for value in field], dtype=np.int64)
        for column, field in zip(_outcome_columns(table), fields[len(attributes) : -1], strict=True)
    }
    blank = np.full(len(entries), BLANK, dtype=np.int64)
    bound = {role: [column.name for column in table.with_role(role)] for role in ("label", "prediction")}
    return Cells(
        attributes=attributes,
        values=values,
        codes=codes,
        label=states[bound["label"][0]] if bound["label"] else blank,
        prediction=states[bound["prediction"][0]] if bound["prediction"] else blank,
        count=np.array(fields[-1], dtype=np.int64),
    )


def _outcome_columns(table: TableSubject) -> list[Column]:
    """Return the label's and the prediction's column as far as bound; one if they are the same."""
    columns = [*table.with_role("label"), *table.with_role("prediction")]
    return list({column.name: column for column in columns}.values())
