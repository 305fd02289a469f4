"""Write ``docs/reference.md`` from the code: ``.venv/bin/python docs/make_reference.py``.

A test compares the file with what this program would write, so the lists in it cannot go stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

TARGET = Path(__file__).with_name("reference.md")
"""The file that is written."""

HEAD = """# Reference

Made by `docs/make_reference.py` from the code; do not edit.
"""


def _commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group with its full name, sorted."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def _usage(name: str, command: click.Command) -> str:
    """Return a command with its arguments, as its help prints them."""
    pieces = command.collect_usage_pieces(click.Context(command))
    return " ".join([name, *pieces])


def _options(command: click.Command) -> Iterator[str]:
    """Yield one line for each option of a command."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
            yield f"- {names}: {parameter.help or ''}".rstrip()


def commands() -> Iterator[str]:
    """Yield the lines about the command line."""
    from conformity.entry.cli import cli

    yield "## Commands\n"
    for name, command in _commands(cli, "conformity"):
        yield f"### `{_usage(name, command)}`\n"
        yield " ".join((command.help or "").split("\n\n")[0].split()) + "\n"
        options = list(_options(command))
        if options:
            yield "\n".join(options) + "\n"


def exit_codes() -> Iterator[str]:
    """Yield the closed table of exit codes."""
    yield "## Exit codes\n"
    yield "| code | meaning |\n| --- | --- |"
    yield "| 0 | done; the gate, if asked for, passed |"
    yield "| 1 | gate: something is `not_met` |"
    yield "| 2 | wrong usage |"
    yield "| 3 | bad input: manifest, data or path |"
    yield "| 4 | gate: nothing is `not_met`, but something is `undetermined` or `not_collected` |"
    yield "| 5 | integrity: a digest, signature or reproduction does not match |"
    yield "| 69 | a library or program must be installed |"
    yield "| 70 | our own fault |\n"


def probes() -> Iterator[str]:
    """Yield the table of probes and metrics."""
    from conformity.probes.registry import probe_specs

    yield "## Probes and metrics\n"
    yield "| probe | question | metrics |\n| --- | --- | --- |"
    for spec in probe_specs():
        metrics = ", ".join(f"`{metric.id}`" for metric in spec.metrics)
        yield f"| `{spec.id}` | {spec.question} | {metrics} |"
    yield ""


def formats() -> Iterator[str]:
    """Yield the table of document formats."""
    from conformity.render import formats as known

    yield "## Formats\n"
    yield "| `--formats` | file in the pack |\n| --- | --- |"
    for entry in known().values():
        yield f"| `{entry.name}` | `{entry.filename}` |"
    yield ""


def settings() -> Iterator[str]:
    """Yield the table of environment variables and their defaults."""
    from conformity.settings import Settings

    yield "## Environment variables\n"
    yield "| variable | default |\n| --- | --- |"
    for field in fields(Settings):
        default = "" if field.default in (None, ()) else field.default
        yield f"| `CONFORMITY_{field.name.upper()}` | {default} |"


def reference() -> str:
    """Return the whole text of the reference."""
    parts = (commands, exit_codes, probes, formats, settings)
    return "\n".join([HEAD, *(line for part in parts for line in part())]) + "\n"


if __name__ == "__main__":
    TARGET.write_text(reference(), "utf-8")
