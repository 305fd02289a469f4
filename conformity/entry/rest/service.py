"""What every route is given: the settings, the engine of runs, and who calls."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request

from conformity.entry.jobs.interface import JobEngine
from conformity.entry.rest.auth.callers import Caller, caller, require
from conformity.settings import Settings


@dataclass(frozen=True)
class Service:
    """What the server works with, for as long as it lives."""

    settings: Settings
    """Limits; the root and the folder of runs are set."""
    engine: JobEngine
    """The runs."""
    archive: Path | None
    """The archive that may be read; None where there is none."""
    starts_workers: bool = True
    """Whether the engine starts a worker when there is something to do."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set as soon as the server is to end, so that streams end too."""

    @property
    def data(self) -> Path:
        """The folder of runs."""
        assert self.settings.data is not None
        return self.settings.data

    @property
    def root(self) -> Path:
        """The folder that no path may leave."""
        assert self.settings.root is not None
        return self.settings.root

    @property
    def unbound(self) -> Settings:
        """The same limits for what the server keeps or was given itself, which may be outside the root."""
        return replace(self.settings, root=None)


def service(request: Request) -> Service:
    """Return what the server works with."""
    return cast("Service", request.app.state.service)


Given = Annotated[Service, Depends(service)]
"""What the server works with, as a parameter of a route."""

Known = Annotated[Caller, Depends(caller)]
"""Whoever calls, as a parameter of a route."""

Assessor = Annotated[Caller, Depends(require("assess"))]
"""A caller who may upload, run and scan."""

Reader = Annotated[Caller, Depends(require("archive"))]
"""A caller who may read the archive."""
