"""Pages for people: what the server holds and does, rendered here, readable without scripts.

``mounting`` hangs the pages into the application, ``pages`` fills templates and sets the policy under
which a browser shows them, ``words`` holds what they say; each other module is one page or a few.
No page states more than the documents do, and none needs anything from another server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from conformity.entry.jobs.interface import JobEngine
    from conformity.settings import Settings


def mount(app: FastAPI, settings: Settings, engine: JobEngine) -> None:
    """Add the pages to an application, after all other routes.

    Args:
        app: the application; ``app.state.service`` says what it works with.
        settings: limits; the same as those of the service.
        engine: the runs; the same as those of the service.
    """
    from conformity.entry.web.mounting import pages

    service = app.state.service
    assert service.settings.root == settings.root
    assert service.engine is engine
    app.router.routes.append(pages(app.state))
