"""The case: the outcome of the procedure with all that facts, route and remarks are derived from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from conformity.catalog.answers import Answers
from conformity.catalog.dates import AUTHORITY, Start, high_risk_start, paths_of
from conformity.catalog.load import annex_iii_points
from conformity.catalog.procedure import Part, acts_named
from conformity.catalog.rows import AnnexIAct, AnnexIIIPoint
from conformity.catalog.ternary import Ternary
from conformity.model.classification import Outcome
from conformity.model.manifest import Manifest

HIGH_RISK: frozenset[Outcome] = frozenset({"high_risk_annex_iii", "high_risk_annex_i_a"})
"""The outcomes to which Chapter III applies."""


@dataclass(frozen=True)
class Case:
    """What the procedure came to."""

    manifest: Manifest
    """What the provider declared."""
    answers: Answers
    """The answers, checked."""
    as_of: date
    """The day whose law applies."""
    outcome: Outcome
    """Where the procedure ended."""
    blocking: tuple[str, ...]
    """The questions without which it cannot end."""
    scope_open: bool
    """Whether it is open if the Act reaches the system at all."""
    annex_iii: Part | None
    """What the part on Annex III came to; None when it was not put."""
    ended_at: str | None
    """Where the procedure ended before the part on Annex III, in words; None when that part was put."""

    @property
    def points(self) -> tuple[AnnexIIIPoint, ...]:
        """Return the points of Annex III named, when the part was put."""
        if self.annex_iii is None:
            return ()
        named = {point.id for point in self.answers.points("annex_iii_use")}
        return tuple(point for point in annex_iii_points() if point.id in named)

    @property
    def acts(self) -> tuple[AnnexIAct, ...]:
        """Return the acts of Annex I named."""
        return acts_named(self.answers)

    @property
    def under_annex_iii(self) -> Ternary:
        """Return whether the system is a high-risk use under Annex III, Art. 6(3) considered."""
        if self.annex_iii is None:
            return "unknown" if self.outcome == "cannot_tell" else "no"
        if self.annex_iii.open:
            return "unknown"
        return "yes" if self.annex_iii.end == "high_risk_annex_iii" else "no"

    @property
    def high_risk(self) -> Ternary:
        """Return whether Chapter III applies to the system."""
        if self.outcome == "cannot_tell":
            return "unknown"
        return "yes" if self.outcome in HIGH_RISK else "no"

    @property
    def start(self) -> Start:
        """Return the first day of the duties for high-risk systems; no day when they do not bind it."""
        if self.high_risk != "yes":
            return Start(None)
        return high_risk_start(
            paths_of(self.outcome, self.under_annex_iii),
            self.manifest.system.placed_on_market_on,
            self.answers.state(AUTHORITY),
        )
