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
from typing import TYPE_CHECKING, Literal, cast, get_args

from conformity.errors import UsageError

if TYPE_CHECKING:
    from conformity.model.base import Depth

DISCLOSURE_LIMIT = 10
"""No count of people below this is printed in a document or told to a chat; it reads ``< 10``."""

MIN_GROUP = 30
"""Fewest cases in a denominator for which a rate is published."""

Engine = Literal["duckdb", "spark"]
"""What can count in tables."""


_BESIDE_SPILL_MB = 1024

IsolationChoice = Literal["auto", "sandlock", "bubblewrap", "container", "process"]
"""How workers are kept apart; `auto` takes the first of the others that works here."""
IsolationLevel = Literal["process", "sandlock", "bubblewrap", "container"]
"""The weakest that will do: bare processes; files confined too, in either way; containers alone."""


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
    depth: Depth = "standard"
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
    remote_total_mb: int = 16_384
    """Most that all such tables of a run may bring here together, in MiB."""
    isolation: IsolationChoice = "auto"
    """How workers are kept apart from the machine."""
    require_isolation: IsolationLevel | None = None
    """The weakest isolation that will do; nothing is opened if there is none; None for any."""
    trust_model: bool = False
    """Whether a model may be run where files are not confined; its maker is trusted then."""
    container_image: str = "conformity"
    """The image in which workers run that are containers, made by our Dockerfile of this very version."""

    data: Path | None = None
    """Folder of the runs that servers do; ``.conformity`` in the root when not given."""
    database_url: str | None = None
    """PostgreSQL database of the runs, ``postgresql://user@host/name``; a file in ``data`` if none."""
    runs: int = 1
    """How many runs one worker process does at the same time."""
    runs_waiting: int = 100
    """How many runs may wait; more are refused."""
    api_keys: Path | None = None
    """File of the keys that callers of the server show; ``conformity api-keys`` writes it."""
    issuers: Path | None = None
    """File that says whose tokens of continuous integration the server takes, and of which projects."""
    webhooks: Path | None = None
    """File of the receivers that may be told that a run has ended, and of the secrets shared with them."""
    requests_per_minute: int = 600
    """How many requests one caller of the server may make in a minute, over time."""
    upload_mb: int = 1024
    """Most that one request to the server may upload, in MiB."""
    upload_file_mb: int = 1024
    """Most that one file of an upload may hold, in MiB."""

    @property
    def data_folder(self) -> Path:
        """Folder of the runs that servers do, absolute: the one that was set, or its place in the root."""
        return (self.data or (self.root or Path.cwd()) / ".conformity").absolute()

    @property
    def scratch_mb(self) -> int:
        """Most that the folder of a worker may hold, in MiB: what is spilled, and a little for the rest."""
        return self.spill_mb + _BESIDE_SPILL_MB


_Setting = int | str | bool | Path | tuple[str, ...] | None


def load_settings(
    environment: dict[str, str] | None = None,
    *,
    engine: Engine | None = None,
    depth: Depth | None = None,
    isolation: IsolationChoice | None = None,
    require_isolation: IsolationLevel | None = None,
    trust_model: bool | None = None,
) -> Settings:
    """Return the defaults, overridden by ``CONFORMITY_*`` variables.

    Args:
        environment: variables to read; the process's own when not given.
        engine: what counts in tables, whatever the variables say; None leaves it to them.
        depth: how much is measured, in the same way.
        isolation: how workers are kept apart, in the same way.
        require_isolation: the weakest isolation that will do, in the same way.
        trust_model: whether a model may be run where files are not confined, in the same way.

    Raises:
        UsageError: a variable is not a whole number where one is needed, or names no engine.
    """
    source = os.environ if environment is None else environment
    chosen: dict[str, _Setting] = {}
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
    given = {
        "engine": engine,
        "depth": depth,
        "isolation": isolation,
        "require_isolation": require_isolation,
        "trust_model": trust_model,
    }
    chosen.update({name: value for name, value in given.items() if value is not None})
    return Settings(**chosen)  # type: ignore[arg-type] # names and types were matched above


def _depth(text: str) -> Depth:
    """Return the depth called ``text``.

    Raises:
        UsageError: there is none.
    """
    if text not in ("standard", "full"):
        raise UsageError(f"CONFORMITY_DEPTH={text!r} is not a depth; choose standard or full")
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


def _isolation(text: str) -> IsolationChoice:
    """Return the isolation called ``text``.

    Raises:
        UsageError: there is none.
    """
    if text not in get_args(IsolationChoice):
        raise UsageError(
            f"CONFORMITY_ISOLATION={text!r} is no isolation; choose {', '.join(get_args(IsolationChoice))}"
        )
    return cast("IsolationChoice", text)


def _level(text: str) -> IsolationLevel:
    """Return the isolation called ``text`` that will just do.

    Raises:
        UsageError: there is none.
    """
    if text not in get_args(IsolationLevel):
        known = ", ".join(get_args(IsolationLevel))
        raise UsageError(f"CONFORMITY_REQUIRE_ISOLATION={text!r} is no isolation; choose {known}")
    return cast("IsolationLevel", text)


def _yes(text: str) -> bool:
    """Return whether ``text`` says yes.

    Raises:
        UsageError: it says neither yes nor no.
    """
    if text not in ("yes", "no"):
        raise UsageError(f"CONFORMITY_TRUST_MODEL={text!r} is neither yes nor no; write one of them")
    return text == "yes"


def _image(text: str) -> str:
    """Return the name of an image.

    Raises:
        UsageError: it cannot be one.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w./:@-]*", text, re.ASCII):
        raise UsageError(f"CONFORMITY_CONTAINER_IMAGE={text!r} is not the name of an image; correct it")
    return text


def _place_named(text: str) -> Path | None:
    """Return the file or folder that a variable names; none when it is empty."""
    return Path(text) if text else None


def _database(text: str) -> str | None:
    """Return the address of a PostgreSQL database; none when the variable is empty.

    Raises:
        UsageError: it is not such an address; the text is not repeated, since it may hold a password.
    """
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            "CONFORMITY_DATABASE_URL is not the address of a PostgreSQL database; "
            "write postgresql://USER@HOST/NAME"
        )
    return text or None


_PLACE = re.compile(r"(s3|postgresql)://[^\s/@?#]+(/[^\s@?#]*)?")
_TEXTS: dict[str, Callable[[str], _Setting]] = {
    "root": Path,
    "data": _place_named,
    "api_keys": _place_named,
    "issuers": _place_named,
    "webhooks": _place_named,
    "database_url": _database,
    "depth": _depth,
    "engine": engine_named,
    "spark_remote": _spark_address,
    "remote": _places,
    "isolation": _isolation,
    "require_isolation": _level,
    "trust_model": _yes,
    "container_image": _image,
}
"""How variables that are no numbers are read."""
