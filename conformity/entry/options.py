"""Options that several commands share, each worded once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from conformity.settings import IsolationChoice, IsolationLevel

_Command = TypeVar("_Command", bound=Callable[..., Any])
_WAYS = ("sandlock", "bubblewrap", "container", "process")

PATH = click.Path(path_type=Path)
"""A file or folder; whether it can be used is for the pipeline to say."""


class Apart(TypedDict):
    """How workers are kept apart, as the options say; None leaves it to the variables."""

    isolation: IsolationChoice | None
    """How workers are kept apart."""
    require_isolation: IsolationLevel | None
    """The weakest isolation that will do."""
    trust_model: bool | None
    """Whether a model may be run where files are not confined."""


_ISOLATION = (
    click.option(
        "--isolation",
        type=click.Choice(["auto", *_WAYS]),
        help="How workers are kept apart; CONFORMITY_ISOLATION or auto when not given.",
    ),
    click.option(
        "--require-isolation",
        type=click.Choice(_WAYS),
        help="The weakest isolation that will do; exit code 69, and nothing opened, if there is none.",
    ),
    click.option(
        "--i-trust-this-model",
        "trust_model",
        is_flag=True,
        default=None,
        help="Run a model even where workers can read this user's files.",
    ),
)


def isolation_options(command: _Command) -> _Command:
    """Add the options to a command that starts workers; it is handed an :class:`Apart`."""
    for option in reversed(_ISOLATION):
        command = option(command)
    return command


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
"""``as_json``: whether a script reads the result."""

engine_option = click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    help="What counts in tables; CONFORMITY_ENGINE or duckdb when not given.",
)
"""``engine``: what counts in tables."""

language_option = click.option(
    "--lang", default="en", show_default=True, help="Language of the documents, such as de."
)
"""``lang``: the language of what is written."""

depth_option = click.option(
    "--depth",
    type=click.Choice(["standard", "full"]),
    help="Measure what takes seconds, or everything; CONFORMITY_DEPTH or standard when not given.",
)
"""``depth``: how much is measured."""

previous_option = click.option(
    "--previous", type=PATH, help="Pack of the version before: its non-conformities are carried on."
)
"""``previous``: the version before."""

root_option = click.option(
    "--root",
    type=PATH,
    metavar="DIR",
    help="Folder that no path may leave; CONFORMITY_ROOT, or the folder of work.",
)
"""``root``: the folder inside which a server works."""

data_option = click.option("--data", type=PATH, help="Folder of the runs; CONFORMITY_DATA when not given.")
"""``data``: where the runs of servers are."""


def as_of_option(what: str) -> Callable[[_Command], _Command]:
    """Return the option ``as_of``, a day as text, for :func:`conformity.entry.clock.day`.

    Args:
        what: what the day is, such as "The day whose law applies".
    """
    return click.option("--as-of", metavar="DATE", help=f"{what}, as YYYY-MM-DD; today when not given.")


def formats_option(default: str, more: str = "") -> Callable[[_Command], _Command]:
    """Return the option ``formats``, which a command is handed as a tuple of names.

    Args:
        default: the names that count when none are given, separated by commas.
        more: what else there is to say, after the first clause.
    """
    return click.option(
        "--formats",
        default=default,
        show_default=True,
        callback=lambda _context, _option, given: _names(given),
        help=f"Formats to make, separated by commas{more}.",
    )


def _names(given: str) -> tuple[str, ...]:
    """Return names that are separated by commas."""
    return tuple(name.strip() for name in given.split(",") if name.strip())


def examples(*lines: str) -> str:
    """Return command lines as the end of a command's help, one below the other."""
    # The first character is click's mark for lines that are not to be joined.
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
