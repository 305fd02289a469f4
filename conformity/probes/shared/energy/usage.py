"""Processor time and memory of this process and of the programs that it waited for."""

from __future__ import annotations

import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """What this process and those that it waited for have used."""

    processor_s: float
    """Processor time of both, in seconds."""
    own_mb: float
    """Most memory of this process, in MB."""
    child_mb: float
    """Most memory of any of the others, in MB."""

    @property
    def of_child_mb(self) -> float | None:
        """Most memory that a program held, in MB; none where it held less than this process.

        Until it is its own program, a child counts with the memory of the one that started it.
        """
        return self.child_mb if self.child_mb > self.own_mb else None


def usage_now() -> Usage:
    """Return what has been used so far."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    spent = sum(one.ru_utime + one.ru_stime for one in (own, others))
    return Usage(spent, own.ru_maxrss * 1024 / 1e6, others.ru_maxrss * 1024 / 1e6)
