"""Limits and defaults, in one place.

``CONFORMITY_<NAME>`` in capitals overrides a field of :class:`Settings`, such as
``CONFORMITY_WORKER_MEMORY_MB=8192``. The constants are fixed, because numbers in reports depend on them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

from conformity.errors import UsageError

DISCLOSURE_LIMIT = 10
"""No count of people below this is printed in a document or told to a chat; it reads ``< 10``."""

MIN_GROUP = 30
"""Fewest cases in a denominator for which a rate is published."""


@dataclass(frozen=True)
class Settings:
    """What bounds a run."""

    worker_wall_s: int = 900
    """Longest time a worker may take, in seconds."""
    worker_cpu_s: int = 1800
    """Most processor time a worker may use, in seconds."""
    worker_memory_mb: int = 8192
    """Most address space a worker may use, in MiB."""
    workers: int = 2
    """How many workers run at the same time."""
    manifest_max_bytes: int = 1_000_000
    """Largest manifest that is read."""
    seed: int = 20_260_727
    """Seed of everything drawn at random."""
    root: Path | None = None
    """Folder that no path handed in may leave; servers require it."""


def load_settings(environment: dict[str, str] | None = None) -> Settings:
    """Return the defaults, overridden by ``CONFORMITY_*`` variables.

    Args:
        environment: variables to read; the process's own when not given.

    Raises:
        UsageError: a variable is not a whole number where one is needed.
    """
    source = os.environ if environment is None else environment
    chosen: dict[str, int | Path] = {}
    for field in fields(Settings):
        text = source.get(f"CONFORMITY_{field.name.upper()}")
        if text is None:
            continue
        if field.name == "root":
            chosen["root"] = Path(text)
            continue
        if not (text.isascii() and text.isdigit() and len(text) <= 15) or int(text) == 0:
            raise UsageError(
                f"CONFORMITY_{field.name.upper()}={text!r} is not a positive whole number; unset it"
            )
        chosen[field.name] = int(text)
    return Settings(**chosen)  # type: ignore[arg-type] # names and types were matched above
