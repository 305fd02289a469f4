"""``conformity diff``: what changed between two versions of an assessment, and how surely."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import PATH, examples, formats_option, json_option
from conformity.entry.terminal import print_result, wrap

if TYPE_CHECKING:
    from conformity.model.comparison import Comparison

_MOST = 10
_INDEPENDENT = (
    "Figures on other data are withheld where their difference could be about few people. If nobody is in "
    "the data of both, --independent-data says so, and shows those that neither report withholds."
)


@click.command(
    short_help="What changed between two versions, and how surely.",
    epilog=examples(
        "conformity diff reports/v1 reports/v2",
        "conformity diff reports/v1 reports/v2 -o comparison",
        "conformity diff reports/v1 reports/v2 --fail-on worse",
    ),
)
@click.argument("before", metavar="A", type=PATH)
@click.argument("after", metavar="B", type=PATH)
@click.option("-o", "--output", type=PATH, help="Write documents to this folder.")
@formats_option("html,md,json")
@click.option(
    "--fail-on",
    type=click.Choice(["worse"]),
    help="Exit with 1 where a verdict got worse, or a measure for certain enough.",
)
@click.option(
    "--independent-data",
    is_flag=True,
    help="State that nobody is in the data of both; then no figure is withheld for fear of subtraction.",
)
@click.option("--other-system", is_flag=True, help="Compare packs of two systems or providers.")
@json_option
def diff(
    before: Path,
    after: Path,
    output: Path | None,
    formats: tuple[str, ...],
    fail_on: str | None,
    independent_data: bool,
    other_system: bool,
    as_json: bool,
) -> None:
    """Compare the pack A with the later pack B.

    Tells which measures changed, with intervals and a correction for their number; which verdicts are other
    ones, and why; what of data, models, bounds, documents and law changed; and lays every change beside those
    that the provider determined in advance (Art. 43(4)). It decides nothing about the law.
    """
    from conformity.pipeline.comparing import compare, write_comparison
    from conformity.settings import load_settings

    settings = load_settings()
    found = compare(before, after, settings, other_system=other_system, independent=independent_data)
    files: tuple[Path, ...] = ()
    if output is not None:
        files = tuple(output / name for name in write_comparison(found, output, formats, settings))
    print_result(found, partial(_print, files=files), as_json=as_json)
    if fail_on and found.worse:
        sys.exit(1)


def _print(found: Comparison, files: tuple[Path, ...]) -> None:
    """Print what changed, most important first, and the files that were written."""
    from conformity.render.comparison.sheet import coverage_words
    from conformity.render.comparison.views import in_short

    before, after = found.before, found.after
    _tell(f"{before.system}, {before.edition} -> {after.system}, {after.edition}", bold=True)
    for sentence in in_short(found):
        _tell(sentence)
    if _may_tell_more(found):
        _tell(_INDEPENDENT)
    _list("Bounds that ask less, are gone, or bound something else", _bounds(found))
    _list("Verdicts that got worse, or are no longer asked for", _verdicts(found))
    _list("Measures that got worse", _measures(found))
    _list("New non-conformities", [f"{one.id} ({one.severity})" for one in found.register_entries.new])
    click.echo()
    _tell("Beside the changes determined in advance (Art. 43(4)):", bold=True)
    for sentence in coverage_words(found):
        _tell(sentence, "  ")
    _tell("Whether there is a substantial modification (Art. 3(23)) is for a person to decide.", "  ")
    for file in files:
        _tell(str(file))


def _may_tell_more(found: Comparison) -> bool:
    """Tell whether figures are withheld that could be told if nobody is in the data of both."""
    return not found.independent and any(
        one.reality == "withheld" and one.same_data is not True for one in found.measures
    )


def _bounds(found: Comparison) -> list[str]:
    """Return the bounds that ask less than they did, in a line each."""
    return [
        f"{one.criterion}: {one.before or '-'} -> {one.after or 'no limit'}"
        for one in found.bounds
        if one.kind in ("softened", "removed", "moved")
    ]


def _verdicts(found: Comparison) -> list[str]:
    """Return the verdicts that got worse or are no longer asked for, with why, in a line each."""
    from conformity.render.comparison.words import CAUSES, VERDICTS

    return [
        f"{one.ref} {one.title}: {VERDICTS[one.before]} -> {VERDICTS[one.after]}; "
        f"{', '.join(CAUSES[cause] for cause in one.causes)}"
        for one in found.verdicts
        if one.direction in ("worse", "set_aside")
    ]


def _measures(found: Comparison) -> list[str]:
    """Return the measures that got worse for certain enough, in a line each."""
    from conformity.render.comparison.measures import about, difference_words

    return [
        f"{one.title}, {about(one)}: {one.before.text if one.before else '-'} -> "
        f"{one.after.text if one.after else '-'}; {difference_words(one)}"
        for one in found.measures
        if one.direction == "worse" and one.reality in ("real", "counted")
    ]


def _list(title: str, lines: list[str]) -> None:
    """Print some lines under a title, and how many more there are; nothing where there is none."""
    if not lines:
        return
    click.echo()
    _tell(f"{title}:", bold=True)
    for line in lines[:_MOST]:
        _tell(line, "  ")
    if len(lines) > _MOST:
        _tell(f"and {len(lines) - _MOST} more; write documents with -o to see all.", "  ")


def _tell(text: str, indent: str = "", *, bold: bool = False) -> None:
    """Print a text in lines; those after the first are set in below an indent."""
    told = wrap(text, indent, f"{indent}  " if indent else "")
    click.echo(click.style(told, bold=True) if bold else told)
