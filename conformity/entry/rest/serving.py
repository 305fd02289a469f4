"""Run the application on a socket, and end it in good order."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from conformity.entry.plain import plain
from conformity.errors import MissingLibraryError, PathError, UsageError
from conformity.settings import Settings

_BACKLOG = 128
_GRACE_S = 10
_HEADERS_BYTES = 32_768
_KEEP_ALIVE_S = 10


def serve(settings: Settings, host: str, port: int, *, workers: int, archive: Path | None) -> None:
    """Serve until a signal ends it: what is being answered is answered, runs go on without the server.

    Args:
        settings: limits.
        host: the address to listen at.
        port: the port; 0 takes a free one.
        workers: how many worker processes do the runs; 0 leaves them to ``conformity worker``.
        archive: the archive that may be read.

    Raises:
        MissingLibraryError: the libraries of a server are not installed.
        UsageError: the address is not of this machine, and nobody would be asked who he is.
        PathError: the root is no folder.
    """
    try:
        import uvicorn

        from conformity.entry.rest.app import create_app
        from conformity.entry.rest.auth import open_access
        from conformity.entry.rest.connections import Connection
        from conformity.entry.rest.stopping import StoppingServer
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("conformity"):
            raise
        raise MissingLibraryError(
            f"The server needs {error.name}; install it with: pip install 'conformity-report[server]'"
        ) from error
    from conformity.entry.jobs.choose import open_engine

    chosen = with_places(settings)
    access = open_access(chosen, host)
    bound = listening(host, port)
    engine = open_engine(chosen, workers=workers)
    app = create_app(chosen, engine, access=access, archive=archive, starts_workers=workers > 0)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        http=Connection,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
        h11_max_incomplete_event_size=_HEADERS_BYTES,
        proxy_headers=False,
    )
    click.echo(f"conformity: serving http://{shown(bound)} (root {plain(str(chosen.root))})", err=True)
    if access.open:
        click.echo("conformity: nobody is asked for a key; all on this machine may use it", err=True)
    with bound:
        StoppingServer(config, app.state.service.stopping).run([bound])


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address.

    Raises:
        UsageError: something else listens there, or the address is not of this machine.
    """
    with ExitStack() as unfinished:
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            bound = unfinished.enter_context(socket.socket(family, kind))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(_BACKLOG)
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"Nothing can listen at {plain(host)}:{port} ({error}); choose another."
            ) from error
        unfinished.pop_all()
    return bound


def shown(bound: socket.socket) -> str:
    """Return host and port of a socket as they stand in an address."""
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def with_places(settings: Settings) -> Settings:
    """Return settings with the root and the folder of runs; the folder of work is the root if none is set.

    Raises:
        PathError: the root is no folder, or the whole machine.
    """
    root = (settings.root or Path.cwd()).absolute()
    if not root.is_dir():
        raise PathError(f"{plain(str(root))} is no folder; name one with --root or CONFORMITY_ROOT.")
    if root.resolve() == Path("/"):
        raise PathError("The root would be the whole machine; name a folder with --root or CONFORMITY_ROOT.")
    return replace(settings, root=root.resolve(), data=(settings.data or root / ".conformity").absolute())
