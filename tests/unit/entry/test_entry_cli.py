"""The command line as a whole: what every command's help is like."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from conformity.entry.cli import cli

_WITHOUT_EXAMPLES = {"criteria", "keys", "mcp"}
"""Commands that tell by their one argument, or their groups, how they are called."""


def _commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    """Yield the words that call every command below a group."""
    for name, command in sorted(group.commands.items()):
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from _commands(command, *before, name)


COMMANDS = tuple(_commands(cli))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_fits_a_terminal(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(cli, [*words, "--help"], terminal_width=80).stdout
    assert said.startswith("Usage: ")
    assert max(len(line) for line in said.splitlines()) <= 80


@pytest.mark.parametrize("group", [(), ("criteria",), ("keys",), ("scan",)], ids=" ".join)
def test_what_a_command_does_is_not_cut_short_in_the_list(group: tuple[str, ...]) -> None:
    said = CliRunner().invoke(cli, [*group, "--help"], terminal_width=80).stdout
    assert "..." not in said.split("Commands:")[1]


@pytest.mark.parametrize("name", sorted(cli.commands.keys() - _WITHOUT_EXAMPLES))
def test_a_command_shows_how_it_is_called(name: str) -> None:
    said = CliRunner().invoke(cli, [name, "--help"], terminal_width=80).stdout
    assert f"Examples:\n    conformity {name} " in said


def test_the_same_option_is_worded_the_same_way_everywhere() -> None:
    shared: dict[str, set[str]] = {"--json": set(), "--engine": set(), "--lang": set(), "--isolation": set()}
    for words in COMMANDS:
        command: click.Command = cli
        for word in words:
            assert isinstance(command, click.Group)
            command = command.commands[word]
        for option in command.params:
            if isinstance(option, click.Option) and option.opts[-1] in shared and words != ("track",):
                shared[option.opts[-1]].add(str(option.help))
    assert {name: len(texts) for name, texts in shared.items()} == dict.fromkeys(shared, 1)
