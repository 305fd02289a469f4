"""Which group the others are compared with."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from conformity.engines.values import bin_labels, text_of
from conformity.model.subject import Column
from conformity.model.tally import MISSING
from conformity.probes.shared.cells import Groups
from conformity.probes.shared.wording import group_in_words


@dataclass(frozen=True)
class Reference:
    """The group that the others are compared with, or why there is none."""

    position: int | None
    """Its position among the groups."""
    words: str
    """What it is and why, or why there is none."""


def reference_of(column: Column, groups: Groups) -> Reference:
    """Return the declared reference group of an attribute, or else its largest group.

    Rows without a value of the attribute are never the reference unless that is declared.

    Args:
        column: the attribute, as the manifest declares it.
        groups: its groups.
    """
    names = [name[0] for name in groups.names]
    if column.reference is not None:
        wanted = _group_name(column)
        words = group_in_words([wanted])
        if wanted in names:
            return Reference(names.index(wanted), f"{words}, as declared")
        return Reference(None, f"the declared reference group {words[:120]} has no row; correct `reference`")
    sizes = groups.counts.sum(axis=(1, 2)).tolist()
    known = [position for position, name in enumerate(names) if name != MISSING]
    if not known:
        return Reference(None, "no row has a value of the attribute")
    largest = max(known, key=lambda position: (sizes[position], names[position]))
    return Reference(largest, f"{group_in_words([names[largest]])}, the largest")


def _group_name(column: Column) -> str:
    """Return the name of the declared group; a number stands for the bin it belongs to."""
    reference = column.reference
    if column.edges and isinstance(reference, int | float) and not isinstance(reference, bool):
        return bin_labels(column.edges)[bisect_right(column.edges, reference)]
    return text_of(reference)
