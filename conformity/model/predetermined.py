"""Changes that the provider determined in advance and documented (Annex IV(2)(f), Art. 43(4))."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from conformity.model.base import ExhibitId, MetricId, Prose, Slug, SubjectId, Value

Replaced = Literal["data", "model", "software", "records"]
"""What a change may replace: a table; a trained model; the packages; logs of prompts, energy or attacks."""


class AllowedRange(Value):
    """Where a measure must stay while a change is made."""

    metric: MetricId
    """What is bounded."""
    subject: Annotated[SubjectId, Slug]
    """On which subject."""
    by: tuple[str, ...] = ()
    """The columns that form the groups; empty for the whole subject."""
    group: tuple[str, ...] = ()
    """One group only, a value for each column of ``by``; empty for every group."""
    at_least: float | None = None
    """The lower end, inclusive."""
    at_most: float | None = None
    """The upper end, inclusive."""

    @model_validator(mode="after")
    def _is_a_range(self) -> AllowedRange:
        """Check that there is an end, that the range can be kept, and that the group is complete."""
        if self.at_least is None and self.at_most is None:
            raise ValueError("needs `at_least`, `at_most` or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("`at_least` is above `at_most`")
        if self.group and len(self.group) != len(self.by):
            raise ValueError("`group` needs one value for each column in `by`")
        return self


class PredeterminedChange(Value):
    """One change that was determined and documented in advance, and what it allows."""

    id: Annotated[str, Slug]
    """A short name, unique among the changes."""
    description: Prose
    """What is changed, when and how."""
    replaces: tuple[Replaced, ...] = ()
    """What may be replaced by it."""
    subjects: tuple[Annotated[SubjectId, Slug], ...] = ()
    """Which subjects of these kinds; all of them when empty."""
    ranges: tuple[AllowedRange, ...] = ()
    """Where measures must stay; without one nothing shows that the performance is as foreseen."""
    documented_in: Annotated[ExhibitId, Slug] | None = None
    """The exhibit that describes it in full."""
