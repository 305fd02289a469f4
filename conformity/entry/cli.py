"""The command line: parse, call one function of the pipeline, print. Heavy imports happen inside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from conformity import __version__
from conformity.entry.criteria import criteria
from conformity.entry.declare import declare
from conformity.entry.doctor import isolation_options
from conformity.entry.track import track
from conformity.errors import ConformityError

if TYPE_CHECKING:
    from conformity.entry.doctor import Apart
    from conformity.model.base import Depth
    from conformity.settings import Engine

_AS_OF = click.option(
    "--as-of",
    metavar="DATE",
    help="The day whose law applies, as YYYY-MM-DD; today when not given.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_PATH = click.Path(path_type=Path)
_ENGINE = click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    help="What counts in tables; CONFORMITY_ENGINE or duckdb when not given.",
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90},
    epilog="Exit codes: 0 done; 1 gate: a criterion is missed; 2 wrong usage; 3 bad input; 4 gate: "
    "something is open; 5 integrity failure; 69 something is not installed; 70 our own fault.",
)
@click.version_option(__version__, prog_name="conformity", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show log lines and tracebacks; anywhere.")
def cli() -> None:
    """Write EU AI Act conformity assessments from measured evidence.

    A provider describes a system in a manifest; conformity measures its data, predictions, model files,
    prompt logs and energy use, lays each requirement beside the evidence for it, and writes a report.
    """


@cli.command(short_help="Profile data and draft a commented manifest.")
@click.argument("data", nargs=-1, required=True, type=_PATH)
@click.option("-o", "--output", type=_PATH, help="Where to write; standard output when not given.")
@click.option("--force", is_flag=True, help="Replace the output file if it exists.")
def init(data: tuple[Path, ...], output: Path | None, force: bool) -> None:
    """Profile DATA and draft a commented manifest; every guess is marked as one."""
    from conformity.entry.terminal import write_text
    from conformity.pipeline.drafting import draft_manifest
    from conformity.settings import load_settings

    drafted = draft_manifest(data, output, load_settings())
    write_text(drafted.text, output, force=force)


_LANGUAGE = click.option(
    "--lang", default="en", show_default=True, help="Language of the documents, such as de."
)


_DEPTH = click.option(
    "--depth",
    type=click.Choice(["standard", "full"]),
    help="Measure what takes seconds, or everything; CONFORMITY_DEPTH or standard when not given.",
)


@cli.command(short_help="Measure, judge and report on a system.")
@click.argument("manifest", type=_PATH)
@click.option("-o", "--output", type=_PATH, help="The pack's folder; reports/<system> when not given.")
@click.option("--formats", default="html,pdf,json", show_default=True, help="Documents to make.")
@click.option("--gate", is_flag=True, help="Exit with 1 or 4 unless everything that applies is met.")
@click.option(
    "--previous", type=_PATH, help="Pack of the version before: its non-conformities are carried on."
)
@_LANGUAGE
@_ENGINE
@_DEPTH
@isolation_options
@_AS_OF
@_JSON
def assess(
    manifest: Path,
    output: Path | None,
    formats: str,
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
    from conformity.entry.clock import day, now
    from conformity.entry.terminal import print_json, print_summary, progress_bar
    from conformity.pipeline.assessing import assess as run
    from conformity.settings import load_settings

    moment = now()
    with progress_bar() as on_progress:
        summary = run(
            manifest,
            output,
            formats=tuple(name.strip() for name in formats.split(",") if name.strip()),
            moment=moment,
            as_of=day(as_of, moment),
            settings=load_settings(engine=engine, depth=depth, **apart),
            on_progress=on_progress,
            previous=previous,
            language=lang,
        )
    if as_json:
        print_json(summary)
    else:
        print_summary(summary)
    if gate:
        sys.exit(summary.gate)


@cli.command(short_help="Write the document set of an assessment.")
@click.argument("pack", type=_PATH)
@click.option("-o", "--output", type=_PATH, help="The set's folder; PACK-documents when not given.")
@click.option("--formats", default="html,pdf,json", show_default=True, help="Formats to make.")
@click.option("--only", multiple=True, metavar="ID", help="One document of the set; may be repeated.")
@_LANGUAGE
@_JSON
def documents(
    pack: Path, output: Path | None, formats: str, only: tuple[str, ...], lang: str, as_json: bool
) -> None:
    """Write the documents that the Act works with, filled from the assessment in the folder PACK."""
    from conformity.entry.dossier import print_documents
    from conformity.entry.terminal import print_json
    from conformity.pipeline.composing import write_documents
    from conformity.settings import load_settings

    written = write_documents(
        pack,
        output,
        formats=tuple(name.strip() for name in formats.split(",") if name.strip()),
        ids=only,
        language=lang,
        settings=load_settings(),
    )
    if as_json:
        print_json(written)
    else:
        print_documents(written)


@cli.command(short_help="What kind of system, which procedure, from when.")
@click.argument("manifest", type=_PATH)
@_AS_OF
@_JSON
def classify(manifest: Path, as_of: str | None, as_json: bool) -> None:
    """Tell what kind of system MANIFEST describes, which procedure follows, and from when."""
    from conformity.entry.clock import day, now
    from conformity.entry.terminal import print_classification, print_json
    from conformity.pipeline.knowing import classify_system
    from conformity.settings import load_settings

    result = classify_system(manifest, day(as_of, now()), load_settings())
    if as_json:
        print_json(result)
    else:
        print_classification(result)


@cli.command(short_help="List the requirements, or explain one.")
@click.argument("id", required=False, metavar="[ID]")
@click.option("--metrics", is_flag=True, help="List the metrics on which criteria can be fixed.")
@click.option("--profiles", is_flag=True, help="List the kinds of systems that --profile knows.")
@click.option("--profile", metavar="NAME", help="List what this kind of system must meet, and from when.")
@_AS_OF
@_JSON
def catalog(
    id: str | None, metrics: bool, profiles: bool, profile: str | None, as_of: str | None, as_json: bool
) -> None:
    """List the requirements, or explain the one called ID."""
    from conformity.entry import terminal
    from conformity.pipeline.knowing import explain_requirement, list_probes, list_requirements

    if profiles or profile:
        from conformity.entry.profiles import print_profile, print_profiles

        print_profile(profile, as_of, as_json=as_json) if profile else print_profiles(as_json=as_json)
    elif metrics:
        terminal.print_metrics(list_probes(), as_json=as_json)
    elif id is None:
        terminal.print_requirements(list_requirements(), as_json=as_json)
    else:
        terminal.print_requirement(explain_requirement(id), as_json=as_json)


@cli.group(short_help="Run one module alone: data, prompts or model.")
def scan() -> None:
    """Run one module alone on a file and print what it measured."""


@scan.command("data")
@click.argument("data")
@click.option("--label", help="Column with the true outcome.")
@click.option("--prediction", help="Column with the system's outcome.")
@click.option("--protected", multiple=True, help="Protected column; may be given several times.")
@click.option("--quasi", multiple=True, help="Quasi-identifier column; may be given several times.")
@click.option("--positive", multiple=True, help="Value that means the favourable outcome.")
@click.option("--negative", multiple=True, help="Value that means the unfavourable outcome.")
@_ENGINE
@isolation_options
@_JSON
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
    from conformity.entry.clock import now
    from conformity.entry.terminal import print_scan
    from conformity.pipeline.scanning import Columns, scan_table
    from conformity.settings import load_settings

    columns = Columns(label, prediction, protected, quasi, positive, negative)
    print_scan(scan_table(data, columns, now(), load_settings(engine=engine, **apart)), as_json=as_json)


@scan.command("prompts")
@click.argument("log", type=_PATH)
@click.option("--field", default="prompt", show_default=True, help="Column or key that holds the prompt.")
@isolation_options
@_JSON
def scan_prompts(log: Path, field: str, as_json: bool, **apart: Unpack[Apart]) -> None:
    """Look for injection and jailbreak attempts in a prompt log."""
    from conformity.entry.clock import now
    from conformity.entry.terminal import print_scan
    from conformity.pipeline.scanning import scan_prompt_log
    from conformity.settings import load_settings

    print_scan(scan_prompt_log(log, field, now(), load_settings(**apart)), as_json=as_json)


@scan.command("model")
@click.argument("model", type=_PATH)
@isolation_options
@_JSON
def scan_model(model: Path, as_json: bool, **apart: Unpack[Apart]) -> None:
    """Examine a model file for code that would run on loading; it is never loaded."""
    from conformity.entry.clock import now
    from conformity.entry.terminal import print_scan
    from conformity.pipeline.scanning import scan_model_file
    from conformity.settings import load_settings

    print_scan(scan_model_file(model, now(), load_settings(**apart)), as_json=as_json)


@scan.command("dependencies")
@click.argument("software", type=_PATH)
@isolation_options
@_JSON
def scan_dependencies(software: Path, as_json: bool, **apart: Unpack[Apart]) -> None:
    """Count packages in a lock file or folder, and match them with the advisories that lie beside it."""
    from conformity.entry.clock import now
    from conformity.entry.terminal import print_scan
    from conformity.pipeline.scanning import scan_dependencies as scan_software
    from conformity.settings import load_settings

    print_scan(scan_software(software, now(), load_settings(**apart)), as_json=as_json)


@cli.command(short_help="Write a bill of materials of packages and models.")
@click.argument("software", type=_PATH)
@click.option("--name", required=True, help="What the system is called.")
@click.option("--edition", help="The system's version.")
@click.option("--model", "models", type=_PATH, multiple=True, help="A model file or folder; may be repeated.")
def sbom(software: Path, name: str, edition: str | None, models: tuple[Path, ...]) -> None:
    """Write a CycloneDX bill of the packages in a lock file or folder, and of models, on standard output."""
    from conformity.pipeline.materials import write_bill
    from conformity.settings import load_settings

    click.echo(write_bill(software, name, edition, models, load_settings()), nl=False)


@cli.command(short_help="What this machine can do: how workers are kept apart.")
@isolation_options
@_JSON
def doctor(as_json: bool, **apart: Unpack[Apart]) -> None:
    """Try every way to keep workers apart on this machine, and tell what each gives and what is missing."""
    from conformity.entry.doctor import print_machine
    from conformity.entry.terminal import print_json
    from conformity.pipeline.examining import examine_machine
    from conformity.settings import load_settings

    report = examine_machine(load_settings(**apart))
    if as_json:
        print_json(report)
    else:
        print_machine(report)


cli.add_command(declare)
cli.add_command(track)
cli.add_command(criteria)


@cli.command(short_help="Serve MCP tools on standard input and output.")
def mcp() -> None:
    """Serve MCP tools over standard input and output."""
    from conformity.entry.mcp import main as serve

    serve()


def main() -> None:
    """Run the command line; turn errors into one sentence and an exit code."""
    from conformity.entry.logs import set_up_logging
    from conformity.entry.plain import plain, plain_lines

    # What follows two dashes belongs to the command that is tracked.
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments = [argument for argument in sys.argv[1:end] if argument != "--debug"]
    debug = len(arguments) < end - 1
    arguments += sys.argv[end:]
    set_up_logging(debug)
    try:
        cli.main(args=arguments, prog_name="conformity", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ConformityError as error:
        if debug:
            raise
        click.echo(f"conformity: {plain_lines(error.message)}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(141)
    except Exception as error:
        if debug:
            raise
        click.echo(
            f"conformity: internal error ({type(error).__name__}: {plain(str(error))}); run again with "
            "--debug and report it.",
            err=True,
        )
        sys.exit(70)
