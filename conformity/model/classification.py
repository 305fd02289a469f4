"""What kind of system it is under the Act, step by step, and which procedure follows."""

from __future__ import annotations

from datetime import date
from typing import Literal

from conformity.model.base import ConditionId, Line, Prose, QuestionId, RequirementId, Value

Outcome = Literal[
    "out_of_scope",
    "prohibited",
    "high_risk_annex_i_a",
    "high_risk_annex_i_b",
    "high_risk_annex_iii",
    "not_high_risk_art6_3",
    "transparency_only",
    "minimal",
    "gpai_model_only",
    "cannot_tell",
]
"""Where the procedure ends."""


class DecisionStep(Value):
    """One question on the way, and what its answer led to."""

    question: QuestionId
    """Id of the question."""
    text: Prose
    """The question."""
    ref: Line
    """The provision it comes from."""
    answer: Literal["yes", "no", "unknown"]
    """The answer; ``unknown`` when the manifest gives none."""
    because: Line | None
    """The provider's reason."""
    points: tuple[RequirementId, ...] = ()
    """The points of the Act named with a yes."""
    consequence: Prose
    """What follows from the answer."""


class Fact(Value):
    """A condition on which requirements depend, as far as it is known."""

    condition: ConditionId
    """Id of the condition."""
    holds: Literal["yes", "no", "unknown"]
    """Whether it holds."""
    reason: Prose
    """Why, with the provision or the question that decides."""


class Route(Value):
    """Which conformity assessment procedure applies (Art. 43)."""

    procedure: Literal["annex_vi", "annex_vii", "annex_vi_or_vii", "sectoral", "none", "cannot_tell"]
    """The procedure."""
    ref: Line
    """The provision."""
    reason: Prose
    """Why."""


class Classification(Value):
    """The outcome of the decision procedure and every step that led to it."""

    as_of: date
    """The day whose law was applied."""
    outcome: Outcome
    """Where the procedure ended."""
    summary: Prose
    """The outcome in a sentence, with its citation."""
    steps: tuple[DecisionStep, ...]
    """All steps taken, in order."""
    also: tuple[Prose, ...] = ()
    """What applies alongside, such as Art. 50 duties."""
    missing: tuple[Prose, ...] = ()
    """What must be answered before the procedure can end."""
    facts: tuple[Fact, ...] = ()
    """The conditions on which requirements depend."""
    route: Route
    """The conformity assessment procedure."""
    high_risk_from: date | None = None
    """From when the duties for high-risk systems apply to this one."""
    placed_on_market_on: date | None = None
    """When the system was placed on the market, if it was; Art. 111 then moves some dates."""
