"""Print results for people and scripts: results on standard output, everything else on standard error."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from conformity.entry.plain import plain, plain_json
from conformity.errors import PathError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from conformity.measure import Progress

_Result = TypeVar("_Result", bound="BaseModel | Sequence[BaseModel]")


def write_text(text: str, output: Path | None, *, force: bool) -> None:
    """Write ``text`` to a file, or to standard output when there is none.

    Raises:
        PathError: the file exists and ``force`` is not set, or cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        return
    if output.exists() and not force:
        raise PathError(f"{output} exists already; choose another name with -o, or add --force.")
    partial = output.with_name(f".{output.name}.{secrets.token_hex(8)}.partial")
    try:
        # A new file under a name nobody can foresee: a link that lies in wait is not followed.
        with partial.open("x", encoding="utf-8") as file:
            file.write(text)
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise PathError(f"{output} could not be written ({error.strerror or error}).") from error
    click.echo(f"Wrote {plain(str(output))}. Read it through: every guess is marked GUESS.", err=True)


def print_json(result: BaseModel | Sequence[BaseModel]) -> None:
    """Print a result, or a list of them, as JSON."""
    if isinstance(result, Sequence):
        content: object = [item.model_dump(mode="json") for item in result]
    else:
        content = result.model_dump(mode="json")
    print_plain(content)


def print_plain(content: object) -> None:
    """Print plain data as JSON."""
    click.echo(plain_json(json.dumps(content, indent=2, ensure_ascii=False)))


def print_result(result: _Result, in_words: Callable[[_Result], None], *, as_json: bool) -> None:
    """Print a result: as JSON for a script, or in words for a person.

    Args:
        result: what the pipeline answered.
        in_words: prints it for a person.
        as_json: which of the two.
    """
    if as_json:
        print_json(result)
    else:
        in_words(result)


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """Yield a function that shows progress on a terminal and stays silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def size(size_bytes: int) -> str:
    """Return a size in the unit that fits."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def wrap(text: str, indent: str = "", hanging: str | None = None) -> str:
    """Return a text in lines of the terminal's width, at most 100 columns and 80 where there is none.

    Args:
        text: what to say; it is made safe for a terminal.
        indent: what stands before the first line.
        hanging: what stands before the others; the same when not given.
    """
    width = min(shutil.get_terminal_size((80, 24)).columns, 100)
    line = plain(" ".join(text.split()))
    rest = indent if hanging is None else hanging
    return textwrap.fill(line, width, initial_indent=indent, subsequent_indent=rest, break_on_hyphens=False)
