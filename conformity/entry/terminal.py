"""Print results for people and scripts: results on standard output, everything else on standard error."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.plain import plain, plain_json
from conformity.entry.telling import Telling
from conformity.errors import PathError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from conformity.measure import Progress
    from conformity.model.classification import Classification
    from conformity.model.measurement import Measurement
    from conformity.model.probe import ProbeSpec
    from conformity.model.requirement import Requirement
    from conformity.model.summary import AssessmentSummary, ScanResult

_MARKS = {
    "met": ("✓", "met", "green"),
    "not_met": ("✖", "not met", "red"),
    "undetermined": ("▲", "undetermined", "yellow"),
    "not_collected": ("○", "not collected", "bright_black"),
    "not_applicable": ("–", "not applicable", "bright_black"),
}


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
    click.echo(plain_json(json.dumps(content, indent=2, ensure_ascii=False)))


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


def mark(verdict: str) -> str:
    """Return a verdict as icon and word, in colour on a terminal."""
    icon, word, colour = _MARKS[verdict]
    return click.style(f"{icon} {word}", fg=colour)


def print_summary(summary: AssessmentSummary) -> None:
    """Print an assessment in short: counts, the first open points, and where the pack is."""
    click.echo(click.style(plain(f"{summary.system}, assessment {summary.assessment_version}"), bold=True))
    click.echo(_wrap(summary.classification))
    click.echo()
    for verdict, count in summary.counts.model_dump().items():
        click.echo(f"{count:6d}  {mark(verdict)}")
    shown = summary.open_points[:8]
    if shown:
        click.echo(f"\nOpen points (first {len(shown)} of {len(summary.open_points)}):")
    for point in shown:
        icon, word, _ = _MARKS[point.verdict]
        head = _wrap(f"{icon} {word}  {point.ref}: {point.title}", "  ")
        click.echo(head.replace(f"{icon} {word}", mark(point.verdict), 1))
        click.echo(_wrap(point.reason, "      "))
    for text in summary.missing_information[:8]:
        click.echo(_wrap(f"Missing: {text}", "  "))
    if summary.left_out:
        click.echo(
            _wrap(f"Left out, since they take longer: {summary.left_out} steps. --depth full runs them.")
        )
    click.echo(f"\nPack: {plain(summary.pack)}")
    for file in summary.files:
        if "/" not in file.name:
            secret = "  confidential: exact figures" if file.name == "evidence.json" else ""
            click.echo(f"  {file.name:<24}{_size(file.size_bytes):>10}{secret}")
    tallies = [file for file in summary.files if "/" in file.name]
    if tallies:
        size = _size(sum(file.size_bytes for file in tallies))
        click.echo(f"  {f'tallies/ ({len(tallies)} files)':<24}{size:>10}  confidential: complete counts")
    click.echo()
    click.echo(_wrap(summary.caveat))


def print_classification(result: Classification) -> None:
    """Print every step of the decision procedure, the outcome, and the route."""
    for number, step in enumerate(result.steps, 1):
        click.echo(f"{number:2d}. {click.style(step.answer, bold=True)}  {step.text.strip()}  [{step.ref}]")
        if step.because:
            click.echo(_wrap(f"because: {step.because}", "      "))
        click.echo(_wrap(f"→ {step.consequence}", "      "))
    click.echo()
    click.echo(click.style(_wrap(result.summary), bold=True))
    click.echo(_wrap(f"Procedure: {result.route.procedure} [{result.route.ref}]. {result.route.reason}"))
    if result.high_risk_from:
        click.echo(f"Duties for high-risk systems apply to it from {result.high_risk_from}.")
    for text in result.also:
        click.echo(_wrap(f"Also: {text}"))
    for text in result.missing:
        click.echo(_wrap(f"Missing: {text}"))


def print_requirements(rows: Sequence[Requirement], *, as_json: bool) -> None:
    """Print one line a requirement."""
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row.id:<28}{row.automation:<10}{row.title}")


def print_requirement(row: Requirement, *, as_json: bool) -> None:
    """Print everything the catalogue says about one requirement."""
    if as_json:
        print_json(row)
        return
    click.echo(click.style(f"{row.ref}: {row.title}", bold=True))
    click.echo(_wrap(row.obligation))
    click.echo(f"\nBinds: {', '.join(row.addressees)}. Status: {row.status}.")
    for start in row.applies_from:
        note = f" ({start.note})" if start.note else ""
        click.echo(f"Applies from {start.on} [{start.regime}]{note}")
    if row.conditions:
        click.echo(f"Only if: {', '.join(row.conditions)}")
    click.echo(f"A tool can: {row.automation}")
    for need in row.evidence:
        click.echo(_wrap(f"{need.kind}: {need.item}", "  "))
    if row.probes:
        click.echo(f"Probes: {', '.join(row.probes)}")
    for item in row.hand_in:
        click.echo(_wrap(f"Hand in: {item}", "  "))
    if row.note:
        click.echo(_wrap(f"Note: {row.note}"))


def print_metrics(probes: Sequence[ProbeSpec], *, as_json: bool) -> None:
    """Print the metrics of all probes."""
    if as_json:
        print_json(probes)
        return
    for probe in probes:
        click.echo(click.style(probe.id, bold=True) + f"  {probe.question}")
        for metric in probe.metrics:
            click.echo(f"  {metric.id:<34}{metric.per:<10}{metric.unit:<10}better: {metric.better}")


def print_scan(result: ScanResult, *, as_json: bool) -> None:
    """Print what one module measured, one line a measurement."""
    if as_json:
        print_json(result)
        return
    record, telling = result.subject, Telling.of(result.observations)
    click.echo(plain(f"{record.path}  {_size(record.size_bytes)}  {record.sha256 or record.problem}"))
    for observation in result.observations:
        click.echo()
        click.echo(click.style(observation.probe, bold=True) + f"  {observation.id}")
        if observation.reason:
            reason = telling.words(observation.reason)
            click.echo(_wrap(f"{observation.outcome.replace('_', ' ')}: {reason}", "  "))
        for measurement in observation.measurements:
            click.echo("  " + _measurement_line(measurement, telling))
        for note in observation.notes:
            click.echo(_wrap(f"note: {telling.words(note)}", "  "))
    click.echo()
    gaps = len(result.isolation.gaps)
    left = f"; what it does not prevent ({gaps}): conformity doctor" if gaps else ""
    click.echo(plain(f"Measured in a worker kept apart by {result.isolation.mechanism}{left}"))


def _measurement_line(measurement: Measurement, telling: Telling) -> str:
    """Return a measurement as one line."""
    about = telling.about(measurement)
    result = measurement.result
    if telling.is_withheld(measurement):
        text = telling.withheld
    elif result.kind == "not_available":
        text = f"not available: {telling.words(result.reason)}"
    elif result.kind == "count":
        text = f"{result.value:,} {result.unit}"
    else:
        unit = "" if result.unit == "1" else f" {result.unit}"
        text = f"{result.value:.4g}{unit}" + (f", {result.obtained}" if result.obtained else "")
        if result.interval:
            text += f"  [{result.interval.low:.4g}, {result.interval.high:.4g}]"
        cases = telling.cases(measurement)
        text += "" if cases is None else f"  n={cases:,}"
    return plain(f"{measurement.metric:<32}{about:<30}{text}")


def _size(size_bytes: int) -> str:
    """Return a size in the unit that fits."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _wrap(text: str, indent: str = "") -> str:
    """Return a text wrapped to the terminal's width, at most 100 columns."""
    width = min(shutil.get_terminal_size((80, 24)).columns, 100)
    line = plain(" ".join(text.split()))
    return textwrap.fill(line, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
