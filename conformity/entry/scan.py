"""``conformity scan``: one module alone on a file, and what it measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from conformity.entry.clock import now
from conformity.entry.options import PATH, engine_option, examples, isolation_options, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result, size, wrap

if TYPE_CHECKING:
    from conformity.entry.options import Apart
    from conformity.entry.telling import Telling
    from conformity.model.measurement import Measurement
    from conformity.model.summary import ScanResult
    from conformity.settings import Engine


@click.group(
    short_help="Run one module alone: data, prompts, model or dependencies.",
    epilog=examples(
        "conformity scan data decisions.csv --label hired --protected sex",
        "conformity scan model model.pkl",
    ),
)
def scan() -> None:
    """Run one module alone on a file and print what it measured."""


@scan.command("data", short_help="Fairness, accuracy, data quality and privacy of a table.")
@click.argument("data")
@click.option("--label", help="Column with the true outcome.")
@click.option("--prediction", help="Column with the system's outcome.")
@click.option("--protected", multiple=True, help="Protected column; may be repeated.")
@click.option("--quasi", multiple=True, help="Quasi-identifier column; may be repeated.")
@click.option("--positive", multiple=True, help="Value that means the favourable outcome.")
@click.option("--negative", multiple=True, help="Value that means the unfavourable outcome.")
@engine_option
@isolation_options
@json_option
def scan_data(
    data: str,
    label: str | None,
    prediction: str | None,
    protected: tuple[str, ...],
    quasi: tuple[str, ...],
    positive: tuple[str, ...],
    negative: tuple[str, ...],
    engine: Engine | None,
    as_json: bool,
    **apart: Unpack[Apart],
) -> None:
    """Measure fairness, accuracy, data quality and privacy of a table."""
    from conformity.pipeline.scanning import Columns, scan_table
    from conformity.settings import load_settings

    columns = Columns(label, prediction, protected, quasi, positive, negative)
    found = scan_table(data, columns, now(), load_settings(engine=engine, **apart))
    print_result(found, print_scan, as_json=as_json)


@scan.command("prompts", short_help="Injection and jailbreak attempts in a prompt log.")
@click.argument("log", type=PATH)
@click.option("--field", default="prompt", show_default=True, help="Column or key that holds the prompt.")
@isolation_options
@json_option
def scan_prompts(log: Path, field: str, as_json: bool, **apart: Unpack[Apart]) -> None:
    """Look for injection and jailbreak attempts in a prompt log."""
    from conformity.pipeline.scanning import scan_prompt_log
    from conformity.settings import load_settings

    print_result(scan_prompt_log(log, field, now(), load_settings(**apart)), print_scan, as_json=as_json)


@scan.command("model", short_help="Code in a model file that would run on loading.")
@click.argument("model", type=PATH)
@isolation_options
@json_option
def scan_model(model: Path, as_json: bool, **apart: Unpack[Apart]) -> None:
    """Examine a model file for code that would run on loading; it is never loaded."""
    from conformity.pipeline.scanning import scan_model_file
    from conformity.settings import load_settings

    print_result(scan_model_file(model, now(), load_settings(**apart)), print_scan, as_json=as_json)


@scan.command("dependencies", short_help="Packages, and the advisories that lie beside them.")
@click.argument("software", type=PATH)
@isolation_options
@json_option
def scan_dependencies(software: Path, as_json: bool, **apart: Unpack[Apart]) -> None:
    """Count packages in a lock file or folder, and match them with the advisories that lie beside it."""
    from conformity.pipeline.scanning import scan_dependencies as scan_software
    from conformity.settings import load_settings

    print_result(scan_software(software, now(), load_settings(**apart)), print_scan, as_json=as_json)


def print_scan(result: ScanResult) -> None:
    """Print what one module measured, one line a measurement."""
    # Rules of what may be told come with the models of evidence: late, since `--help` needs neither.
    from conformity.entry.telling import Telling

    record, telling = result.subject, Telling.of(result.observations)
    click.echo(plain(f"{record.path}  {size(record.size_bytes)}  {record.sha256 or record.problem}"))
    for observation in result.observations:
        click.echo()
        click.echo(click.style(observation.probe, bold=True) + f"  {observation.id}")
        if observation.reason:
            reason = telling.words(observation.reason)
            click.echo(wrap(f"{observation.outcome.replace('_', ' ')}: {reason}", "  "))
        for measurement in observation.measurements:
            click.echo("  " + _measurement_line(measurement, telling))
        for note in observation.notes:
            click.echo(wrap(f"note: {telling.words(note)}", "  "))
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
