"""Standards and common specifications that a provider says it applies."""

from __future__ import annotations

from typing import Literal

from conformity.model.base import Line, Prose, Value

EnterpriseSize = Literal["micro", "small", "medium", "small_mid_cap", "large"]
"""The size of an enterprise: the first three are SMEs (Recommendation 2003/361/EC), the fourth is a small
mid-cap (Recommendation (EU) 2025/1099). Start-ups declare the size that they have."""


class StandardUse(Value):
    """A standard or common specification, and how far it is applied (Annex IV(7), Annex V(6))."""

    reference: Line
    """Its number with the year, such as ``EN 18286:2026``."""
    extent: Literal["full", "part"]
    """Whether all of it is applied, or only parts."""
    parts: Prose | None = None
    """For ``part``: which parts, and what is done in place of the others."""
