"""Hold the classes of a table beside those of a reference table that names the population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement
from conformity.model.subject import TableSubject
from conformity.model.tally import MissingCounts, RowHashes, Tally, TallySpec
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.blanks import blank_columns, blank_in_every_row, missing_cells
from conformity.probes.privacy.journalist_risk.linkage import linked, results_of, too_few
from conformity.probes.shared.sketches import read_sketch
from conformity.probes.shared.wording import groups_in_words


class JournalistRiskProbe:
    """Compares classes by quasi-identifiers with those of the reference table."""

    def asks(
        self, table: TableSubject, others: Sequence[TableSubject]
    ) -> Mapping[SubjectId, tuple[TallySpec, ...]]:
        """Return hashes of the quasi-identifiers, and missing cells, of the table and of the reference.

        Raises:
            NotMeasurableError: there is no one reference table that lists people, the table is one itself, or
                no quasi-identifier is bound in both.
        """
        reference = _reference(table, others)
        asked: tuple[TallySpec, ...] = (RowHashes(columns=_columns(table, reference)), MissingCounts())
        return {table.id: asked, reference.id: asked}

    def compare(
        self,
        table: TableSubject,
        others: Sequence[TableSubject],
        tallies: Mapping[SubjectId, Sequence[Tally]],
    ) -> ProbeResult:
        """Return the journalist's and the marketer's risk, and what the reference tells of presence.

        Raises:
            NotMeasurableError: a table has no rows, or the reference is blank in a quasi-identifier.
        """
        reference = _reference(table, others)
        columns = _columns(table, reference)
        sketches = [read_sketch(tallies[one.id][0]) for one in (table, reference)]
        for one, sketch in zip((table, reference), sketches, strict=True):
            if sketch.rows == 0:
                raise NotMeasurableError(f"{one.id!r} has no rows")
        if empty := blank_columns(missing_cells(tallies[reference.id][1]), columns):
            names = ", ".join(repr(name) for name in empty)
            raise NotMeasurableError(f"the reference {reference.id!r} is blank in every row of {names}")
        found = linked(*sketches)
        fault = too_few(found)
        if blank := blank_columns(missing_cells(tallies[table.id][1]), columns):
            fault = blank_in_every_row(blank, sketches[0].rows)
        results = dict.fromkeys(results_of(found), fault) if fault else results_of(found)
        return ProbeResult(
            tuple(
                Measurement(metric=MetricId(metric), subject=table.id, result=result)
                for metric, result in sorted(results.items())
            ),
            _notes(table, reference, columns),
        )


def _reference(table: TableSubject, others: Sequence[TableSubject]) -> TableSubject:
    """Return the table that lists the people of the population.

    Raises:
        NotMeasurableError: there is none, there are several, ``table`` is one, or it is weighted.
    """
    if table.purpose == "reference":
        raise NotMeasurableError(f"{table.id!r} is the reference; other tables are compared with it")
    found = [one for one in others if one.purpose == "reference"]
    if len(found) != 1:
        raise NotMeasurableError(
            f"{len(found) or 'no'} tables have the purpose `reference`; hand in one that lists the people "
            "among whom somebody could look for those of this table"
        )
    if found[0].with_role("weight"):
        raise NotMeasurableError(
            f"the rows of the reference {found[0].id!r} are weighted, so that they do not list people; hand "
            "in a reference with a row for each person"
        )
    return found[0]


def _columns(table: TableSubject, reference: TableSubject) -> tuple[str, ...]:
    """Return the quasi-identifiers that the reference has, sorted.

    Raises:
        NotMeasurableError: there are none.
    """
    bound = {column.name for column in reference.columns}
    found = sorted(c.name for c in table.with_role("quasi_identifier") if c.name in bound)
    if not found:
        raise NotMeasurableError(
            f"no `quasi_identifier` of {table.id!r} is bound in the reference {reference.id!r}; bind those "
            "by which people could be looked up"
        )
    return tuple(found)


def _notes(table: TableSubject, reference: TableSubject, columns: Sequence[str]) -> tuple[str, ...]:
    """Return with whom the rows are compared, and by what; and which quasi-identifiers are left out."""
    left = sorted({c.name for c in table.with_role("quasi_identifier")} - set(columns))
    more = f" The reference lacks {groups_in_words([(name,) for name in left])}." if left else ""
    return (
        f"An attacker is taken to know the people of {reference.title!r} ({reference.id}) by "
        f"{groups_in_words([(name,) for name in columns])}; each of its rows is one of them.{more}",
    )


PROBE = JournalistRiskProbe()
"""The probe that `probe.yaml` beside this file describes."""
