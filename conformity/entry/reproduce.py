"""The command that computes a pack's numbers, verdicts and documents again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from conformity.entry.options import (
    PATH,
    engine_option,
    examples,
    isolation_options,
    json_option,
)
from conformity.entry.terminal import print_result, progress_bar, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformity.entry.options import Apart
    from conformity.model.reproduction import Outcome, Reproduction
    from conformity.settings import Engine


_WORDS: dict[Outcome, tuple[str, str]] = {
    "identical": ("identical", "the same numbers, to the last digit"),
    "within_tolerance": ("within tolerance", "but for the last digits: 1 part in 10^9"),
    "decisions_only": ("decisions only", "same verdicts; why is told"),
    "differs": ("differs", "not what the pack says"),
    "inputs_withheld": ("inputs withheld", "not computed: not all of it was there"),
}
_SHOWN = 20
"""How many items of one kind are listed."""


@click.command(
    short_help="Compute a pack's numbers, verdicts and documents again.",
    epilog=examples(
        "conformity reproduce reports/scorer",
        "conformity reproduce reports/scorer --data . --engine spark",
    ),
)
@click.argument("pack", type=PATH)
@click.option("--data", type=PATH, help="The folder of the manifest with its data; else from tallies alone.")
@engine_option
@click.option("--run-models", is_flag=True, help="Run the models and programs that the pack names, too.")
@click.option("--no-documents", is_flag=True, help="Do not render the documents again.")
@isolation_options
@json_option
def reproduce(
    pack: Path,
    data: Path | None,
    engine: Engine | None,
    run_models: bool,
    no_documents: bool,
    as_json: bool,
    **apart: Unpack[Apart],
) -> None:
    """Compute what the folder PACK says again, and tell of each evidence item what came of it.

    Without --data every number on tables is computed from the sealed tallies, and every verdict from the
    numbers. With --data the tallies are counted again too, on either engine. Exit code 5 when anything
    differs. What could not be computed is counted as "inputs withheld", never as a success.
    """
    from conformity.pipeline.reproducing import reproduce as run
    from conformity.settings import load_settings

    with progress_bar() as on_progress:
        found = run(
            pack,
            data,
            load_settings(engine=engine, **apart),
            on_progress,
            documents=not no_documents,
            run_models=run_models,
        )
    print_result(found, _print, as_json=as_json)
    if found.differs:
        sys.exit(5)


def _print(found: Reproduction) -> None:
    """Print what came of a reproduction."""
    for line in in_words(found):
        click.echo(line)


def in_words(found: Reproduction) -> Iterator[str]:
    """Yield what came of a reproduction, in pieces of one line or more."""
    source = f"the data, on {found.engine}, and the tallies" if found.engine else "the sealed tallies alone"
    yield wrap(f"{found.pack}, made by {found.made_by}: computed again from {source}.")
    yield ""
    yield " items  numbers"
    yield f"{len(found.items):6d} {_numbers(found):8,d}  in the pack"
    for outcome, (word, meaning) in _WORDS.items():
        yield f"{found.count(outcome):6d} {_numbers(found, outcome):8,d}  {word:<17} {meaning}"
    yield ""
    yield from _tallies(found)
    yield from _verdicts(found)
    yield from _documents(found)
    yield from _listed(found)
    yield ""
    yield wrap(_in_short(found))


def _numbers(found: Reproduction, outcome: Outcome | None = None) -> int:
    """Return how many numbers the pack holds, or those of the items that came out in one way."""
    return sum(one.numbers for one in found.items if outcome in (None, one.outcome))


def _tallies(found: Reproduction) -> Iterator[str]:
    """Yield what came of the tallies and of the files, where there were data."""
    if not found.engine:
        return
    tallies, held = found.tallies, found.subjects
    total = tallies.identical + len(tallies.differing) + tallies.not_recomputed
    yield f"{total:6d}  tallies: {tallies.identical} identical, {len(tallies.differing)} differ, " + (
        f"{tallies.not_recomputed} not counted again"
    )
    same = sum(one.state == "same" for one in held)
    changed = sum(one.state == "changed" for one in held)
    yield f"{len(held):6d}  files: {same} the same, {changed} changed, {len(held) - same - changed} not there"


def _verdicts(found: Reproduction) -> Iterator[str]:
    """Yield what came of the verdicts."""
    verdicts = found.verdicts
    total = verdicts.identical + len(verdicts.changed)
    yield f"{total:6d}  verdicts: {verdicts.identical} the same, {len(verdicts.changed)} others"


def _documents(found: Reproduction) -> Iterator[str]:
    """Yield what came of the documents."""
    if found.documents:
        counts = {
            name: sum(one.outcome == name for one in found.documents)
            for name in ("identical", "differs", "cannot_tell")
        }
        yield (
            f"{len(found.documents):6d}  documents: {counts['identical']} identical, {counts['differs']} "
            f"differ, {counts['cannot_tell']} cannot be told"
        )


def _listed(found: Reproduction) -> Iterator[str]:
    """Yield everything that is not identical, with the reason."""
    for outcome in ("differs", "decisions_only", "within_tolerance", "inputs_withheld"):
        yield from _section(_WORDS[outcome][0], _items(found, outcome), found.count(outcome))
    yield from _section("files", _files(found))
    tallies = [f"{one.step}, {one.name}: {_entries(one.differing)}" for one in found.tallies.differing]
    yield from _section("tallies that differ", tallies)
    changed = [
        f"{one.requirement}: {one.recorded} in the pack, now {one.now}" for one in found.verdicts.changed
    ]
    told = [found.verdicts.not_following] if found.verdicts.not_following else []
    yield from _section("verdicts", [*told, *changed])
    documents = [f"{one.name}: {one.reason}" for one in found.documents if one.reason]
    yield from _section("documents", documents)


def _items(found: Reproduction, outcome: str) -> list[str]:
    """Return the items that came out in one way, those with the same reason together."""
    steps: dict[str, list[str]] = {}
    for one in found.items:
        if one.outcome == outcome:
            steps.setdefault(one.reason or "", []).append(one.step)
    return [f"{reason} {', '.join(names)}" for reason, names in steps.items()]


def _files(found: Reproduction) -> list[str]:
    """Return the files that are not as they were."""
    words = {
        "changed": "its digest is another one",
        "not_found": "it is not there",
        "not_recorded": "the pack holds no digest of it",
    }
    return [f"{one.id}: {one.reason or words[one.state]}" for one in found.subjects if one.state != "same"]


def _entries(differing: int | None) -> str:
    """Return how far two tallies lie apart."""
    return "the pack's cannot be read" if differing is None else f"{differing} entries are in one alone"


def _section(title: str, lines: list[str], count: int | None = None) -> Iterator[str]:
    """Yield lines under a title, no more than are read."""
    if not lines:
        return
    yield ""
    yield f"{title[0].upper()}{title[1:]} ({len(lines) if count is None else count}):"
    for line in lines[:_SHOWN]:
        yield wrap(line, "  ", "    ")
    if len(lines) > _SHOWN:
        yield f"  and {len(lines) - _SHOWN} more; --json lists all."


def _in_short(found: Reproduction) -> str:
    """Return the result in a sentence or two."""
    withheld = found.count("inputs_withheld")
    rest = f" {withheld} of {len(found.items)} evidence items were not computed." if withheld else ""
    if found.differs:
        changed = sum(one.state == "changed" for one in found.subjects)
        files = f"; files at hand that are not those measured: {changed}" if changed else ""
        return f"Not reproduced: something differs{files}.{rest}"
    if _numbers(found) == _numbers(found, "inputs_withheld"):
        return f"No number was computed again.{rest}"
    return f"Nothing that was computed differs.{rest}"
