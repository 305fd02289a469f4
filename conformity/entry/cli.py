"""The command line: it registers the commands, one module each, and turns errors into exit codes."""

from __future__ import annotations

import sys

import click

from conformity import __version__
from conformity.entry.api_keys import api_keys
from conformity.entry.archive import archive, log, show
from conformity.entry.assess import assess
from conformity.entry.catalog import catalog
from conformity.entry.check import check
from conformity.entry.ci import ci
from conformity.entry.classify import classify
from conformity.entry.criteria import criteria
from conformity.entry.declare import declare
from conformity.entry.diff import diff
from conformity.entry.doctor import doctor
from conformity.entry.documents import documents
from conformity.entry.export import export
from conformity.entry.init import init
from conformity.entry.mcp_command import mcp
from conformity.entry.plain import plain, plain_lines
from conformity.entry.redact import disclose, redact
from conformity.entry.reproduce import reproduce
from conformity.entry.runs import runs
from conformity.entry.sbom import sbom
from conformity.entry.scan import scan
from conformity.entry.serve import serve
from conformity.entry.signing import keys, sign
from conformity.entry.stale import stale
from conformity.entry.track import track
from conformity.entry.verify import verify
from conformity.entry.worker import worker
from conformity.errors import ConformityError


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


for _command in (
    api_keys,
    archive,
    assess,
    catalog,
    check,
    ci,
    classify,
    criteria,
    declare,
    diff,
    disclose,
    doctor,
    documents,
    export,
    init,
    keys,
    log,
    mcp,
    redact,
    reproduce,
    runs,
    sbom,
    scan,
    serve,
    show,
    sign,
    stale,
    track,
    verify,
    worker,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line; turn errors into one sentence and an exit code."""
    from conformity.entry.logs import set_up_logging

    debug, arguments = _without_debug(sys.argv[1:])
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


def _without_debug(arguments: list[str]) -> tuple[bool, list[str]]:
    """Return whether ``--debug`` was given, and the arguments without it.

    What follows two dashes belongs to the command that is tracked.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    ours = [argument for argument in arguments[:end] if argument != "--debug"]
    return len(ours) < end, ours + arguments[end:]
