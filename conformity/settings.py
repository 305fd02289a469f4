"""Limits and defaults, in one place.

``CONFORMITY_<NAME>`` in capitals overrides a field of :class:`Settings`, such as
``CONFORMITY_WORKER_MEMORY_MB=8192``. The constants are fixed, because numbers in reports depend on them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, cast

from conformity.errors import UsageError

DISCLOSURE_LIMIT = 10
"""No count of people below this is printed in a document or told to a chat; it reads ``< 10``."""

MIN_GROUP = 30
"""Fewest cases in a denominator for which a rate is published."""


Depth = Literal["full", "quick"]
"""Everything, or what takes seconds."""
Engine = Literal["duckdb", "spark"]
"""What can count in tables."""


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
    spill_mb: int = 65_536
    """Most disk that intermediate results of one table may take, in MiB."""
    depth: Depth = "full"
    """Whether probes that take longer are left out, and said to be."""
    engine: Engine = "duckdb"
    """What counts in tables: the embedded engine, or Spark."""
    spark_remote: str | None = None
    """Address of a Spark Connect server, such as ``sc://host:15002``; Spark runs on this machine if none."""
    remote: tuple[str, ...] = ()
    """Places that tables may be copied from, such as ``s3://bucket`` or ``postgresql://host:5432``; none."""
    remote_wall_s: int = 3600
    """Longest time that copying one table from such a place may take, in seconds."""
    remote_max_mb: int = 8192
    """Most that one such table may bring here, in MiB."""


def load_settings(
    environment: dict[str, str] | None = None, *, engine: Engine | None = None, depth: Depth | None = None
) -> Settings:
    """Return the defaults, overridden by ``CONFORMITY_*`` variables.

    Args:
        environment: variables to read; the process's own when not given.
        engine: what counts in tables, whatever the variables say; None leaves it to them.
        depth: how much is measured, in the same way.

    Raises:
        UsageError: a variable is not a whole number where one is needed, or names no engine.
    """
    source = os.environ if environment is None else environment
    chosen: dict[str, int | str | Path | tuple[str, ...] | None] = {}
    for field in fields(Settings):
        text = source.get(f"CONFORMITY_{field.name.upper()}")
        if text is None:
            continue
        if field.name in _TEXTS:
            chosen[field.name] = _TEXTS[field.name](text)
            continue
        if not (text.isascii() and text.isdigit() and len(text) <= 15) or int(text) == 0:
            raise UsageError(
                f"CONFORMITY_{field.name.upper()}={text!r} is not a positive whole number; unset it"
            )
        chosen[field.name] = int(text)
    if engine is not None:
        chosen["engine"] = engine
    if depth is not None:
        chosen["depth"] = depth
    return Settings(**chosen)  # type: ignore[arg-type] # names and types were matched above


def _depth(text: str) -> Depth:
    """Return the depth called ``text``.

    Raises:
        UsageError: there is none.
    """
    if text not in ("full", "quick"):
        raise UsageError(f"CONFORMITY_DEPTH={text!r} is not a depth; choose full or quick")
    return cast("Depth", text)


def engine_named(text: str) -> Engine:
    """Return the engine called ``text``.

    Raises:
        UsageError: there is none.
    """
    if text not in ("duckdb", "spark"):
        raise UsageError(f"CONFORMITY_ENGINE={text!r} is not an engine; choose duckdb or spark")
    return cast("Engine", text)


def _spark_address(text: str) -> str | None:
    """Return the address of a Spark Connect server; none when the variable is empty.

    Raises:
        UsageError: it is not such an address; the text is not repeated, since it may hold a token.
    """
    if text and not text.startswith("sc://"):
        raise UsageError(
            "CONFORMITY_SPARK_REMOTE is not the address of a Spark Connect server; write sc://HOST:15002"
        )
    return text or None


def _places(text: str) -> tuple[str, ...]:
    """Return the places in a comma list.

    Raises:
        UsageError: one is no such place; the text is not repeated, since it may hold a password.
    """
    places = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(_PLACE.fullmatch(place) for place in places):
        raise UsageError(
            "CONFORMITY_REMOTE is not a comma list of places such as s3://bucket or postgresql://host:5432; "
            "write them without user name, password and options"
        )
    return places


_PLACE = re.compile(r"(s3|postgresql)://[^\s/@?#]+(/[^\s@?#]*)?")
_TEXTS: dict[str, Callable[[str], str | Path | tuple[str, ...] | None]] = {
    "root": Path,
    "depth": _depth,
    "engine": engine_named,
    "spark_remote": _spark_address,
    "remote": _places,
}
"""How variables that are no numbers are read."""
