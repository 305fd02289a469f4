"""Take a tally of column profiles apart, for probes of data quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformity.model.tally import Tally


@dataclass(frozen=True)
class ColumnProfile:
    """What a tally says of one column."""

    counts: Mapping[str, int]
    """``rows``, ``missing``, ``numbers``, ``other``, ``distinct``, and what was checked."""
    values: Mapping[str, int]
    """Cells of each value; empty where there are more values than are listed."""
    percentiles: tuple[float, ...]
    """The 0th to 100th percentile of the numbers; empty without numbers."""

    @property
    def filled(self) -> int:
        """Return how many cells are not missing."""
        return self.counts["rows"] - self.counts["missing"]

    @property
    def is_numeric(self) -> bool:
        """Return whether all filled cells hold numbers, and there are any."""
        return 0 < self.filled == self.counts["numbers"]


def read_profiles(tally: Tally) -> dict[str, ColumnProfile]:
    """Return the profile of each column of a tally."""
    counts: dict[str, dict[str, int]] = {}
    values: dict[str, dict[str, int]] = {}
    percentiles: dict[str, list[float]] = {}
    for column, field, key, number in tally.entries:
        name = str(column)
        if field == "value":
            values.setdefault(name, {})[str(key)] = int(number)
        elif field == "percentile":
            percentiles.setdefault(name, []).append(float(number))
        elif field not in ("mean", "deviation"):
            counts.setdefault(name, {})[str(field)] = int(number)
    return {
        name: ColumnProfile(found, values.get(name, {}), tuple(percentiles.get(name, ())))
        for name, found in counts.items()
    }
