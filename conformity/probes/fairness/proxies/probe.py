"""Which features tell the protected attribute, and whether the gap turns round within their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, in_order
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import BandKey, CategoryKey, CellCounts, Key, Tally
from conformity.probes.fairness.proxies.pairing import Pairing, read_pairing
from conformity.probes.fairness.proxies.reversal import Looked, driver_note, look_within
from conformity.probes.fairness.proxies.strength import Strength, strength_of, strongest
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.cells import outcome_column, require_roles
from conformity.probes.shared.keys import key_of, outcome_key
from conformity.probes.shared.notes import declared_notes

MOST_CELLS = 4_000
"""A feature with more combinations of values than this beside an attribute is not examined."""

BANDS = 10
"""Into how many bands of about equal size the numbers of a feature are put."""

MOST_SHOWN = 10
"""How many features are shown for each attribute."""

MOST_LOOKED_WITHIN = 5
"""Within how many features the gap of each attribute is shown."""

_OUTCOMES = {"label", "prediction", "previous_prediction", "score", "weight", "time", "cluster"}
"""Roles of columns that are no features, whatever else they are bound as."""


class ProxiesProbe:
    """Measures how much each feature tells about each protected attribute."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts, ...]:
        """Return the number of rows, and for each feature and attribute a tally with the outcome.

        Raises:
            NotMeasurableError: no protected attribute, or no other column as feature or factor, is bound.
        """
        require_roles(table, "protected")
        pairs = _pairs(table)
        if not pairs:
            raise NotMeasurableError(
                f"no column of {table.id!r} has the role `feature` or `factor` beside the protected "
                "attributes; bind what the system decides on"
            )
        outcome = _outcome(table)
        last: tuple[Key, ...] = () if outcome is None else (outcome_key(outcome),)
        specs = [
            CellCounts(keys=(_feature_key(feature), key_of(attribute), *last), most=MOST_CELLS)
            for attribute, feature in pairs
        ]
        return (CellCounts(keys=()), *specs)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the strongest associations of each attribute, and its gap within the features.

        Raises:
            NotMeasurableError: a role is not bound, or there are no rows.
        """
        self.tallies(table)
        rows = int(tallies[0].entries[0][-1])
        if rows == 0:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        read = [
            (attribute.name, feature.name, read_pairing(tally))
            for (attribute, feature), tally in zip(_pairs(table), tallies[1:], strict=True)
        ]
        found: list[Measurement] = []
        notes: list[str] = []
        for column in table.with_role("protected"):
            mine = [(feature, pairing) for name, feature, pairing in read if name == column.name]
            strengths = [strength_of(feature, pairing, rows) for feature, pairing in mine]
            found += _strengths(table, column.name, strengths)
            outcome = _outcome(table)
            if outcome is not None:
                known = [pairing for _, pairing in mine if pairing is not None]
                looked, told = _within(table, column.name, known, outcome)
                found += looked
                notes += told
        return ProbeResult(in_order(found), (*notes, *declared_notes(table)))


def _feature_key(feature: Column) -> Key:
    """Return the key of a feature: its declared groups, or bands of its numbers, or else its values."""
    declared = key_of(feature)
    if isinstance(declared, CategoryKey):
        return BandKey(column=feature.name, bands=BANDS, loose=True)
    return declared


def _pairs(table: TableSubject) -> list[tuple[Column, Column]]:
    """Return every protected attribute with every other column that may be a proxy of it."""
    candidates = [
        column
        for column in table.columns
        if {"feature", "factor"} & set(column.roles) and not _OUTCOMES & set(column.roles)
    ]
    return [
        (attribute, candidate)
        for attribute in table.with_role("protected")
        for candidate in candidates
        if candidate.name != attribute.name
    ]


def _outcome(table: TableSubject) -> Column | None:
    """Return the column of decisions; that of labels if there is none."""
    return outcome_column(table, "prediction") or outcome_column(table, "label")


def _strengths(table: TableSubject, attribute: str, found: Sequence[Strength]) -> Iterator[Measurement]:
    """Yield how many features were examined, and both measures of those that are shown."""
    if not found:
        return
    examined = sum(one.examined for one in found)
    yield Measurement(
        metric=MetricId("features_examined"),
        subject=table.id,
        by=(attribute,),
        result=Count(value=examined, unit="features"),
    )
    for one in strongest(found, MOST_SHOWN):
        results = [("proxy_association", one.v)]
        if one.examined:
            results.append(("proxy_information", one.information()))
        for metric, result in results:
            yield Measurement(
                metric=MetricId(metric),
                subject=table.id,
                by=(attribute, one.feature),
                result=result,
            )


def _within(
    table: TableSubject, attribute: str, pairings: Sequence[Pairing], outcome: Column
) -> tuple[list[Measurement], list[str]]:
    """Return the gap of an attribute within the features, where it changes most, with notes."""
    what = "selection rate" if "prediction" in outcome.roles else "label rate"
    looked: list[Looked] = [look for pairing in pairings if (look := look_within(pairing, what)) is not None]
    looked.sort(key=lambda look: (-abs(look.within.crude - look.within.common), look.feature))
    shown = looked[:MOST_LOOKED_WITHIN]
    found = [
        Measurement(metric=MetricId(metric), subject=table.id, by=(attribute, look.feature), result=result)
        for look in shown
        for metric, result in look.results
    ]
    notes = [driver_note(pairings[0], what)] if pairings else []
    notes += [look.note for look in shown]
    return found, [note for note in notes if note]


PROBE = ProxiesProbe()
"""The probe that `probe.yaml` beside this file describes."""
