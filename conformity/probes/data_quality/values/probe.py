"""Count cells that cannot be right, columns that say nothing, and numbers far from the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import Check, ColumnProfiles, Tally
from conformity.probes.data_quality.profiles import ColumnProfile, read_profiles
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.wording import groups_in_words
from conformity.settings import MIN_GROUP

_NUMERIC_ROLES = {"score", "weight"}
_MANY_ROWS = 1000
_MOST_COLUMNS = 10
_VIOLATIONS = {
    "range_violations": ("below", "above"),
    "value_violations": ("not_allowed",),
    "type_violations": ("other",),
}

_Found = tuple[str, str, Result]


class ValuesProbe:
    """Looks at every bound column that does not identify a person."""

    def tallies(self, table: TableSubject) -> tuple[ColumnProfiles]:
        """Return the profiles of the columns, with what the manifest says they may hold.

        Raises:
            NotMeasurableError: only direct identifiers are bound.
        """
        columns = _columns(table)
        checks = tuple(
            Check(column=one.name, minimum=one.minimum, maximum=one.maximum, allowed=one.allowed)
            for one in columns
            if one.minimum is not None or one.maximum is not None or one.allowed
        )
        return (ColumnProfiles(columns=tuple(sorted(one.name for one in columns)), checks=checks),)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return violations of what was declared, constant columns, and what the numbers are like.

        Raises:
            NotMeasurableError: there are no rows.
        """
        profiles = read_profiles(tallies[0])
        columns = _columns(table)
        if profiles[columns[0].name].counts["rows"] == 0:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        checked = [one for column in columns for one in _violations(column, profiles[column.name])]
        constant = sorted(c.name for c in columns if profiles[c.name].counts["distinct"] == 1)
        found: list[_Found] = [
            ("constant_columns", "", Count(value=len(constant), unit="columns")),
            ("invalid_cells", "", _all_violations(checked)),
            *checked,
            *_ranges(profiles),
        ]
        measurements = [
            Measurement(
                metric=MetricId(metric), subject=table.id, by=(column,) if column else (), result=result
            )
            for metric, column, result in found
        ]
        same = f"One and the same value in every filled cell: {groups_in_words([(c,) for c in constant])}."
        return ProbeResult(in_order(measurements), (same,) if constant else ())


def _columns(table: TableSubject) -> list[Column]:
    """Return the columns to look at.

    Raises:
        NotMeasurableError: there are none.
    """
    found = [column for column in table.columns if "direct_identifier" not in column.roles]
    if not found:
        raise NotMeasurableError(
            f"only direct identifiers are bound in {table.id!r}; bind what describes a case"
        )
    return found


def _holds_numbers(column: Column) -> bool:
    """Return whether a column is declared to hold numbers."""
    bounded = column.minimum is not None or column.maximum is not None or bool(column.edges)
    return bounded or column.content == "numbers" or bool(_NUMERIC_ROLES & set(column.roles))


def _violations(column: Column, profile: ColumnProfile) -> Iterator[_Found]:
    """Yield how many filled cells of a column break what was declared of it."""
    declared = {
        "range_violations": column.minimum is not None or column.maximum is not None,
        "value_violations": bool(column.allowed),
        "type_violations": _holds_numbers(column),
    }
    for metric, fields in _VIOLATIONS.items():
        if not declared[metric]:
            continue
        if profile.filled == 0:
            blank = NotAvailable(why="not_collected", reason="the column is blank in every row")
            yield metric, column.name, blank
            continue
        cells = sum(profile.counts.get(field, 0) for field in fields)
        yield metric, column.name, Count(value=cells, unit="cells")


def _all_violations(checked: Sequence[_Found]) -> Result:
    """Return all violations together; nothing where no column, or a blank one, is checked."""
    if not checked:
        return NotAvailable(
            why="not_collected",
            reason="no column declares what it may hold; give `minimum`, `maximum` or `allowed` to some",
        )
    if blank := sorted({column for _, column, result in checked if not isinstance(result, Count)}):
        return NotAvailable(
            why="not_collected", reason=f"blank in every row: {groups_in_words([(c,) for c in blank])}"
        )
    total = sum(result.value for _, _, result in checked if isinstance(result, Count))
    return Count(value=total, unit="cells")


def _ranges(profiles: Mapping[str, ColumnProfile]) -> Iterator[_Found]:
    """Yield outliers and usual ranges of the columns of numbers with most outliers."""
    numeric = [name for name, one in profiles.items() if one.is_numeric and one.counts["distinct"] > 2]
    numeric.sort(key=lambda name: (-_share_outside(profiles[name]), name))
    for name in numeric[:_MOST_COLUMNS]:
        profile = profiles[name]
        yield "outlier_share", name, _outliers(profile)
        for metric, place in (("usual_low", 1), ("usual_high", 99)):
            yield metric, name, _percentile(profile, place)


def _share_outside(profile: ColumnProfile) -> float:
    """Return the share of numbers beyond the fences; 0 where there are none."""
    return profile.counts.get("outside", 0) / profile.counts["numbers"]


def _outliers(profile: ColumnProfile) -> Result:
    """Return the share of numbers beyond the fences."""
    numbers = profile.counts["numbers"]
    if numbers < MIN_GROUP:
        return NotAvailable(why="too_few_cases", reason=f"fewer than {MIN_GROUP} numbers", n=numbers)
    if "outside" not in profile.counts:
        return NotAvailable(
            why="undefined",
            reason="half of the numbers or more are equal, so that there are no fences",
            n=numbers,
        )
    return Scalar(value=_share_outside(profile), unit="1", n=numbers)


def _percentile(profile: ColumnProfile, place: int) -> Result:
    """Return a percentile, where enough cells lie beyond it that it is nobody's in particular."""
    numbers = profile.counts["numbers"]
    if numbers < _MANY_ROWS:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than {_MANY_ROWS} numbers: a percentile near the end would be a single person's",
            n=numbers,
        )
    # Two digits: the percentile itself is often one person's value.
    return Scalar(value=float(f"{profile.percentiles[place]:.2g}"), unit="units of the column", n=numbers)


PROBE = ValuesProbe()
"""The probe that `probe.yaml` beside this file describes."""
