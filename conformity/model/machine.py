"""What a machine can do: the answer of ``conformity doctor``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from conformity.model.base import Line, Value
from conformity.model.evidence import Isolation


class IsolationFound(Value):
    """One way to keep workers apart, tried on this machine."""

    name: Line
    """What it is called in settings."""
    usable: bool
    """Whether it runs here and keeps what it promises."""
    reason: Line | None = None
    """Why it is not usable, and what to do."""
    seen: Isolation | None = None
    """What a worker that tried to break out could and could not do; none where it does not run."""
    took_ms: Annotated[int, Field(ge=0)] | None = None
    """How long that worker took, in milliseconds, most of which is the start of Python."""


class MachineReport(Value):
    """What was found."""

    platform: Line
    """Operating system, kernel, processor architecture and Python."""
    chosen: Line
    """The way to keep workers apart that is taken with these settings, or why there is none."""
    isolations: tuple[IsolationFound, ...]
    """All ways, the first usable one being taken unless another is asked for."""
