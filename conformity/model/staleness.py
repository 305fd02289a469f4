"""How long evidence holds: age limits, and the artefacts with which something was made."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from conformity.model.base import Prose, Sha256, Slug, Value


class AgeLimit(Value):
    """How old evidence may be; what is older no longer supports that a bound or requirement is met."""

    of: tuple[Annotated[str, Slug], ...] = ()
    """The subjects and exhibits that it is about; all of them when empty."""
    days: Annotated[int, Field(ge=1, le=36_525)]
    """The most days that may lie between the day of a subject (`produced_on`) or exhibit (`dated`) and the
    day of the judgement. Of several limits the shortest counts."""
    reason: Prose
    """Why so long, for this system."""


class MadeWith(Value):
    """An artefact with which something was made, as it was then."""

    id: Annotated[str, Slug]
    """The subject or exhibit, such as the model whose predictions a table holds."""
    sha256: Sha256
    """The digest that it had then."""
