"""What a judgement is made from, and the parts of which a finding consists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from conformity.judge.locked import UNLOCKED, Locked
from conformity.model.base import CriterionId
from conformity.model.evidence import Evidence
from conformity.model.finding import CriterionJudgement, Verdict
from conformity.model.manifest import Manifest


@dataclass(frozen=True)
class Given:
    """Everything that a requirement is judged from."""

    manifest: Manifest
    """What the provider declared."""
    evidence: Evidence
    """What was observed."""
    judged: Mapping[CriterionId, CriterionJudgement]
    """The judgement on every criterion of the manifest."""
    today: date
    """The day of the judgement."""
    locked: Locked = UNLOCKED
    """The lock of the bounds, as far as there is one."""
    gone: Mapping[CriterionId, CriterionJudgement] = field(default_factory=dict)
    """The judgement on every bound that was locked and that the manifest does not hold any more."""


@dataclass(frozen=True)
class Part:
    """One thing that must hold for a requirement; the worst of them stands for all."""

    verdict: Verdict
    """How it stands."""
    reason: str
    """Why, in a sentence or two."""
    to_do: tuple[str, ...] = ()
    """What would settle or change it, where no other place says so."""
    shown: bool = False
    """Whether the reason is told even where another part decides the verdict."""
