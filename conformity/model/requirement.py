"""Rows of law: what the Act asks, of whom, from when, and what would show it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import ConditionId, Line, ProbeId, Prose, RequirementId, Value

Addressee = Literal[
    "provider",
    "deployer",
    "product_manufacturer",
    "authorised_representative",
    "importer",
    "distributor",
    "supplier",
    "gpai_provider",
    "gpai_system_provider",
    "commission",
]
"""Whom a requirement binds."""

Regime = Literal["annex_iii", "annex_i", "all"]
"""Which systems a date of application is for."""

Automation = Literal["measured", "partly", "declared"]
"""What a tool can do: measure the core, measure indicators, or only record a statement."""

Rule = Literal["fixed_beforehand", "special_data_needed", "special_data_protected", "special_data_deleted"]
"""What is judged from dates and declarations besides, or instead of, bounds: whether all bounds were fixed
beforehand (Art. 9(8)); what can be told of the conditions of Art. 4a(1)(a), (b) and (e)."""


class AppliesFrom(Value):
    """A date from which a requirement applies."""

    regime: Regime
    """For which systems."""
    on: date
    """The first day."""
    note: Line | None = None
    """A qualification of the date."""


class EvidenceNeed(Value):
    """One kind of evidence that speaks to a requirement."""

    kind: Literal["measured", "declared"]
    """Whether a tool computes it or a person states it."""
    item: Prose
    """What it is."""


class Requirement(Value):
    """One row of the catalogue; its id is a citation and never changes."""

    id: RequirementId
    """Id in the form ``art10.2.f``."""
    article: Line
    """The article or annex it stands in, such as ``Article 10`` or ``Annex IV``."""
    ref: Line
    """The citation."""
    title: Line
    """A short name."""
    obligation: Prose
    """What is asked, in our own words."""
    addressees: tuple[Addressee, ...]
    """Whom it binds."""
    applies_from: tuple[AppliesFrom, ...] = ()
    """From when."""
    conditions: tuple[ConditionId, ...] = ()
    """Facts on which it depends; all must hold."""
    evidence: tuple[EvidenceNeed, ...]
    """What speaks to it."""
    automation: Automation
    """How far a tool can go."""
    probes: tuple[ProbeId, ...] = ()
    """The probes whose measurements speak to it."""
    of_claims: bool = False
    """Whether a level must be stated to deployers: then only a criterion with ``claimed_in`` counts."""
    rule: Rule | None = None
    """What is judged from dates and declarations, for the few rows where that is possible."""
    hand_in: tuple[Line, ...] = ()
    """What a person must hand in."""
    domains: tuple[Line, ...] = ()
    """Subject matters, for lists and filters."""
    status: Literal["in_force", "deleted"] = "in_force"
    """Whether the text still stands."""
    superseded_by: Annotated[tuple[RequirementId, ...], Field()] = ()
    """For a deleted text: where the matter is found now."""
    note: Prose | None = None
    """Anything a reader must know."""
    permits: Annotated[bool, Field(exclude_if=lambda value: not value)] = False
    """Whether it only allows or invites something ("may"), so that leaving it undone is no open duty."""
