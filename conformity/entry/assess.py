"""``conformity assess``: measure, judge and report on a system."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from conformity.entry.clock import day, now
from conformity.entry.options import (
    PATH,
    as_of_option,
    depth_option,
    engine_option,
    examples,
    formats_option,
    isolation_options,
    json_option,
    language_option,
    previous_option,
)
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result, progress_bar, size, wrap

if TYPE_CHECKING:
    from conformity.entry.options import Apart
    from conformity.model.base import Depth
    from conformity.model.summary import AssessmentSummary, WrittenFile
    from conformity.settings import Engine

_MOST = 8
"""How many open points, and how many gaps of the manifest, are listed."""
_VERDICTS = {
    "met": ("✓", "met", "green"),
    "not_met": ("✖", "not met", "red"),
    "undetermined": ("▲", "undetermined", "yellow"),
    "not_collected": ("○", "not collected", "bright_black"),
    "not_applicable": ("–", "not applicable", "bright_black"),
}
"""Icon, words and colour of each verdict."""


@click.command(
    short_help="Measure, judge and report on a system.",
    epilog=examples(
        "conformity assess samples/hiring/conformity.yaml",
        "conformity assess conformity.yaml -o reports/scorer --gate",
    ),
)
@click.argument("manifest", type=PATH)
@click.option("-o", "--output", type=PATH, help="The pack's folder; reports/<system> when not given.")
@formats_option("html,pdf,json", "; also oscal, poam, mlbom, sarif, junit, md and model-card")
@click.option("--gate", is_flag=True, help="Exit with 1 or 4 unless everything that applies is met.")
@previous_option
@language_option
@engine_option
@depth_option
@isolation_options
@as_of_option("The day whose law applies")
@json_option
def assess(
    manifest: Path,
    output: Path | None,
    formats: tuple[str, ...],
    gate: bool,
    previous: Path | None,
    lang: str,
    engine: Engine | None,
    depth: Depth | None,
    as_of: str | None,
    as_json: bool,
    **apart: Unpack[Apart],
) -> None:
    """Measure, judge and report on the system that MANIFEST describes."""
    from conformity.pipeline.assessing import assess as run
    from conformity.settings import load_settings

    moment = now()
    with progress_bar() as on_progress:
        summary = run(
            manifest,
            output,
            formats=formats,
            moment=moment,
            as_of=day(as_of, moment),
            settings=load_settings(engine=engine, depth=depth, **apart),
            on_progress=on_progress,
            previous=previous,
            language=lang,
        )
    print_result(summary, print_summary, as_json=as_json)
    if gate:
        sys.exit(summary.gate)


def print_summary(summary: AssessmentSummary) -> None:
    """Print an assessment in short: counts, the first open points, and where the pack is."""
    click.echo(click.style(plain(f"{summary.system}, assessment {summary.assessment_version}"), bold=True))
    click.echo(wrap(summary.classification))
    click.echo()
    for verdict, count in summary.counts.model_dump().items():
        click.echo(f"{count:6d}  {_mark(verdict)}")
    _print_open_points(summary)
    for text in summary.missing_information[:_MOST]:
        click.echo(wrap(f"Missing: {text}", "  "))
    if summary.left_out:
        click.echo(
            wrap(f"Left out, since they take longer: {summary.left_out} steps. --depth full runs them.")
        )
    click.echo(f"\nPack: {plain(summary.pack)}")
    _print_files(summary.files)
    click.echo()
    click.echo(wrap(summary.caveat))


def _print_open_points(summary: AssessmentSummary) -> None:
    """Print the first requirements that are open, each with its reason."""
    shown = summary.open_points[:_MOST]
    if shown:
        click.echo(f"\nOpen points (first {len(shown)} of {len(summary.open_points)}):")
    for point in shown:
        icon, word, _ = _VERDICTS[point.verdict]
        head = wrap(f"{icon} {word}  {point.ref}: {point.title}", "  ")
        click.echo(head.replace(f"{icon} {word}", _mark(point.verdict), 1))
        click.echo(wrap(point.reason, "      "))


def _print_files(files: tuple[WrittenFile, ...]) -> None:
    """Print the files of a pack with their sizes, and which of them are confidential."""
    for file in files:
        if "/" not in file.name:
            secret = "  confidential: exact figures" if file.name == "evidence.json" else ""
            click.echo(f"  {file.name:<24}{size(file.size_bytes):>10}{secret}")
    tallies = [file for file in files if "/" in file.name]
    if tallies:
        in_all = size(sum(file.size_bytes for file in tallies))
        click.echo(f"  {f'tallies/ ({len(tallies)} files)':<24}{in_all:>10}  confidential: complete counts")


def _mark(verdict: str) -> str:
    """Return a verdict as icon and word, in colour on a terminal."""
    icon, word, colour = _VERDICTS[verdict]
    return click.style(f"{icon} {word}", fg=colour)
