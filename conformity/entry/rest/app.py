"""The application: the routes, the words for errors, what starts and ends with the server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI
from starlette.routing import Route

from conformity import __version__
from conformity.entry.jobs.interface import JobEngine
from conformity.entry.rest import archive as archived
from conformity.entry.rest import begin, health, laws, metrics, problems, results, runs, scans, verifying
from conformity.entry.rest.auth import Access
from conformity.entry.rest.guarding import guard
from conformity.entry.rest.methods import Methods
from conformity.entry.rest.service import Service
from conformity.entry.rest.staging import clear_abandoned, prepare_data
from conformity.entry.rest.tools import METHODS, PATH, Tools
from conformity.entry.web import mount as mount_pages
from conformity.settings import Settings

_ROUTERS = (health, begin, runs, results, scans, laws, archived, verifying, metrics)


def create_app(
    settings: Settings,
    engine: JobEngine,
    *,
    access: Access | None = None,
    archive: Path | None = None,
    starts_workers: bool = True,
) -> FastAPI:
    """Return the application of a server: the API, the tools of MCP, and the pages.

    What is mounted may add what begins and ends with the server to ``app.state.lives``, a list of functions
    from the application to an asynchronous context.

    Args:
        settings: limits; the root must be set.
        engine: the runs; it is closed when the server ends.
        access: who may do what; None leaves it open, for this machine alone.
        archive: the archive that may be read.
        starts_workers: whether the engine starts a worker when there is something to do.
    """
    assert settings.root is not None
    settings = replace(settings, data=settings.data_folder)
    app = FastAPI(
        title="Conformity",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lives,
    )
    app.state.service = Service(settings, engine, archive.absolute() if archive else None, starts_workers)
    app.state.lives = []
    problems.install(app)
    for module in _ROUTERS:
        app.include_router(module.router)
    app.state.routes = tuple(route for module in _ROUTERS for route in module.router.routes)
    app.add_middleware(Methods, routes=app.state.routes)
    guard(app, settings, engine, access)
    tools = Tools(settings, engine, guarded=app.state.access.open)
    app.router.routes.append(Route(PATH, endpoint=tools, methods=METHODS))
    app.state.lives.append(tools.life)
    mount_pages(app, settings, engine)
    return app


@asynccontextmanager
async def _lives(app: FastAPI) -> AsyncIterator[None]:
    """Begin and end what lives as long as the server; the engine is let go of last."""
    data = app.state.service.data
    try:
        await anyio.to_thread.run_sync(prepare_data, data)
        await anyio.to_thread.run_sync(clear_abandoned, data)
        async with AsyncExitStack() as stack:
            for life in app.state.lives:
                await stack.enter_async_context(life(app))
            yield
    finally:
        await anyio.to_thread.run_sync(app.state.service.engine.close)
