"""``conformity serve``: the REST API; its libraries are imported only then."""

from __future__ import annotations

from pathlib import Path

import click

from conformity.entry.options import PATH, examples, root_option


@click.command(
    short_help="Serve the REST API.",
    epilog=examples("conformity serve --root systems --archive ../archive", "conformity serve --port 9000"),
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen at; keys are needed for others."
)
@click.option(
    "--port", default=8321, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 for any."
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(0, 64),
    help="Worker processes that do the runs; 0 leaves them to `conformity worker`.",
)
@click.option(
    "--archive",
    type=PATH,
    envvar="CONFORMITY_ARCHIVE",
    metavar="DIR",
    help="Archive that may be read; CONFORMITY_ARCHIVE, or none.",
)
@root_option
def serve(host: str, port: int, workers: int, archive: Path | None, root: Path | None) -> None:
    """Serve the REST API until a signal ends it; runs that have begun go on without the server."""
    from dataclasses import replace

    from conformity.entry.rest.serving import serve as run
    from conformity.settings import load_settings

    settings = load_settings()
    chosen = replace(settings, root=root) if root is not None else settings
    run(chosen, host, port, workers=workers, archive=archive)
