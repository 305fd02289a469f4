"""A server with its pages for tests: an archive with two versions, finished runs, and a browser's eyes."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from conformity.archive.pack import write_pack
from conformity.entry.jobs.interface import JobEngine
from conformity.entry.rest.app import create_app
from conformity.entry.rest.auth import Access
from conformity.errors import NotFoundError
from conformity.model.run import AssessmentRequest, Run, RunEvent
from conformity.pipeline.packs import read_pack
from conformity.pipeline.summary import summarise
from conformity.settings import Settings
from tests.support.archives import NOW, archived
from tests.support.packs import pack_files
from tests.support.scripted_runs import ScriptedRuns

if TYPE_CHECKING:
    from fastapi import FastAPI
    from playwright.sync_api import Page

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
"""Debian's browser, if it is installed."""
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""What axe-core looks at."""
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that depend on colours alone."""
RUN = "r-0123456789abcdef01234567"
"""The name of the finished run."""


def archive_of(root: Path, name: str = "Scorer") -> Path:
    """Return an archive in a folder with two versions of a system."""
    for minor in (0, 1):
        pack = root / f"pack-{minor}"
        write_pack(pack, dict(pack_files(name, minor=minor)))
        archived(pack, root / "archive")
    return root / "archive"


def finished(root: Path, run_id: str = RUN, *, name: str = "Scorer", owner: str = "local") -> Run:
    """Return an assessment that has succeeded, with its pack and its result."""
    folder = root / ".conformity" / "runs" / run_id
    (folder / "input").mkdir(parents=True)
    manifest = folder / "input" / "conformity.yaml"
    pack = dict(pack_files(name))
    manifest.write_bytes(pack["manifest.lock.yaml"])
    write_pack(folder / "pack", pack)
    record = read_pack(folder / "pack", Settings())
    summary = summarise(record.assessment, folder / "pack", pack)
    (folder / "result.json").write_text(summary.model_dump_json(), "utf-8")
    asked = AssessmentRequest(manifest=str(manifest), depth="standard")
    return Run(
        id=run_id,
        owner=owner,
        request=asked,
        status="succeeded",
        stage="finished",
        asked_at=NOW,
        changed_at=NOW,
        version=9,
        attempts=1,
        folder=str(folder),
    )


def app_of(
    root: Path, engine: JobEngine, *, archive: Path | None = None, access: Access | None = None
) -> FastAPI:
    """Return the application of a server that works in a folder."""
    settings = Settings(root=root.resolve(), data=root.resolve() / ".conformity")
    return create_app(settings, engine, access=access, archive=archive)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Give the address of an application that is served on this machine until the block ends."""
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


class TalkingRuns(ScriptedRuns):
    """Runs in memory that have told something, and stay as they were added."""

    def get(self, run_id: str, *, owner: str) -> Run:
        """Return a run as it was added."""
        with self._lock:
            run = self._runs.get((owner, run_id))
        if run is None:
            raise NotFoundError("There is no such run of yours; list your runs.")
        return run

    def events(self, run_id: str, *, owner: str, after: int = 0) -> Sequence[RunEvent]:
        """Return what happened: a worker took the run up, and did two steps of three."""
        run = self.get(run_id, owner=owner)
        steps = (
            RunEvent(number=1, at=NOW, status="queued", stage="queued"),
            RunEvent(
                number=2,
                at=NOW,
                status="running",
                stage="measuring",
                message=f"measuring {run.folder}/input/<b>.csv",
                done=2,
                total=3,
            ),
        )
        begun = RunEvent(number=3, at=NOW, status="running", stage="judging", message="judging", total=1)
        ended = RunEvent(number=4, at=NOW, status=run.status, stage=run.stage)
        return (*steps, begun, ended) if run.status in ("failed", "cancelled") else steps


@dataclass(frozen=True)
class Site:
    """A server, its runs and its folder."""

    client: TestClient
    """Asks the server."""
    runs: TalkingRuns
    """Its runs."""
    root: Path
    """Its folder."""

    def run(self, name: str, **changes: object) -> Run:
        """Add a run, of a manifest in its own folder, that is being measured unless changed."""
        folder = self.root / ".conformity" / "runs" / name
        asked = AssessmentRequest(manifest=f"{folder}/input/conformity.yaml")
        run = Run(
            id=name,
            owner="local",
            request=asked,
            status="running",
            stage="measuring",
            asked_at=NOW,
            changed_at=NOW,
            folder=str(folder),
        )
        return self.runs.add(run.model_copy(update=changes))


def violations(page: Page, rules: Sequence[str] = RULES) -> list[tuple[str, Any]]:
    """Return what axe-core finds on a page, each rule with the places."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"][:3]]) for rule in found["violations"]]
