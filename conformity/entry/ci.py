"""``conformity ci``: assess in a pipeline, and publish what its code host reads."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from conformity.entry.assess import print_summary
from conformity.entry.ci_host import Host, host_of, token_of
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
from conformity.entry.plain import plain, plain_lines
from conformity.entry.terminal import print_json, progress_bar, wrap

if TYPE_CHECKING:
    from datetime import datetime

    from conformity.entry.options import Apart
    from conformity.measure import Progress
    from conformity.model.base import Depth
    from conformity.model.baseline import FailOn
    from conformity.pipeline.gating import Gated, PipelineRequest
    from conformity.settings import Engine, Settings


@click.command(
    short_help="Assess in a pipeline: gate, baseline, and what code hosts read.",
    epilog=examples(
        "conformity ci conformity.yaml",
        "conformity ci conformity.yaml --baseline baseline --fail-on missed",
    ),
)
@click.argument("manifest", type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    default=Path("conformity-report"),
    show_default=True,
    help="Folder for `pack`, which is confidential, and `publish`.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["open", "missed", "never"]),
    default="open",
    show_default=True,
    help="Fail on whatever is open, on missed criteria alone, or never.",
)
@click.option(
    "--baseline",
    type=PATH,
    help="Pack, assessment.json or archive: what was open there, and is no worse, does not fail.",
)
@previous_option
@click.option(
    "--server",
    metavar="URL",
    help="Let a server assess; CONFORMITY_TOKEN holds its key, or the pipeline's own token is shown.",
)
@click.option(
    "--wait",
    default=3600.0,
    show_default=True,
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="How long to wait for a server.",
)
@formats_option("html,pdf,json")
@language_option
@engine_option
@depth_option
@isolation_options
@as_of_option("The day whose law applies")
@json_option
def ci(
    manifest: Path,
    output: Path,
    fail_on: FailOn,
    baseline: Path | None,
    previous: Path | None,
    server: str | None,
    wait: float,
    formats: tuple[str, ...],
    lang: str,
    engine: Engine | None,
    depth: Depth | None,
    as_of: str | None,
    as_json: bool,
    **apart: Unpack[Apart],
) -> None:
    """Assess the system that MANIFEST describes, publish the result, and fail as the gate does.

    In a workflow of GitHub (GITHUB_ACTIONS) it also writes annotations, the step's summary and outputs.
    """
    from conformity.errors import ConformityError, ManifestError
    from conformity.pipeline.gating import PipelineRequest, assess_in_pipeline, faults
    from conformity.pipeline.placing import in_repository
    from conformity.settings import load_settings

    moment, host = now(), host_of()
    asked = PipelineRequest(
        manifest=manifest,
        folder=output,
        repository=host.repository,
        formats=formats,
        as_of=day(as_of, moment),
        previous=previous,
        baseline=baseline,
        fail_on=fail_on,
        language=lang,
    )
    settings = load_settings(engine=engine, depth=depth, **apart)
    try:
        with host.quiet(), progress_bar() as on_progress:
            if server is None:
                made = assess_in_pipeline(asked, moment=moment, settings=settings, on_progress=on_progress)
            else:
                made = _at_server(asked, server, moment, wait, settings, on_progress)
    except ConformityError as error:
        if isinstance(error, ManifestError):
            host.annotate(faults(manifest, settings, in_repository(manifest, host.repository)))
        if not host.commands:
            raise
        # It may quote a manifest; only on the same stream it is surely printed while commands are off.
        with host.quiet():
            click.echo(f"conformity: {plain_lines(error.message)}")
        sys.exit(error.exit_code)
    _tell(made, host, as_json=as_json)
    sys.exit(made.outcome.gate)


def _at_server(
    asked: PipelineRequest,
    url: str,
    moment: datetime,
    wait_s: float,
    settings: Settings,
    on_progress: Progress,
) -> Gated:
    """Let a server assess, and return what it came to."""
    from conformity.pipeline.served import Waiting, assess_at_server
    from conformity.pipeline.server_client import Server

    return assess_at_server(
        asked,
        Server(url, token_of()),
        key=secrets.token_hex(16),
        today=moment.date(),
        settings=settings,
        waiting=Waiting(wait_s),
        on_progress=on_progress,
    )


def _tell(made: Gated, host: Host, *, as_json: bool) -> None:
    """Print what came of it for a person or a script, and tell the host."""
    if as_json:
        print_json(made.outcome)
    else:
        with host.quiet():
            if made.summary is not None:
                print_summary(made.summary)
            _print_outcome(made)
    host.annotate(made.annotations)
    host.publish(made)


def _print_outcome(made: Gated) -> None:
    """Print what is new since the baseline, whether the gate passed, and what may be published."""
    from conformity.render.ci.comment import GATES

    outcome = made.outcome
    if made.summary is None:
        for verdict, count in outcome.counts.model_dump().items():
            click.echo(f"{count:6d}  {verdict.replace('_', ' ')}")
    click.echo()
    if outcome.against is not None:
        fresh, known = outcome.against.fresh, len(outcome.against.points) - len(outcome.against.fresh)
        version = outcome.against.version
        click.echo(f"Since assessment {plain(version)}: {len(fresh)} new or worse, {known} open as before.")
        for point in fresh:
            click.echo(wrap(f"{point.change}: {point.requirement}, {point.verdict.replace('_', ' ')}", "  "))
    click.echo(wrap(f"Gate {GATES[outcome.gate]}."))
    click.echo(f"To publish: {plain(outcome.folder)}")
