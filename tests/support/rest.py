"""The REST API in this process, over the real engine of runs; workers are left out, or played by a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.testclient import TestClient

from conformity.archive.pack import write_pack
from conformity.entry.jobs.choose import open_engine
from conformity.entry.jobs.database import Database, address_of
from conformity.entry.jobs.interface import PACK, RESULT
from conformity.entry.jobs.roll import Roll
from conformity.entry.jobs.shift import Shift
from conformity.entry.rest.app import create_app
from conformity.entry.rest.auth import Access
from conformity.model.assessment import Assessment
from conformity.model.base import MetricId, SubjectId, canonical_json
from conformity.model.evidence import Isolation, Observation, SubjectRecord
from conformity.model.measurement import Count, Interval, Measurement, NotAvailable, Result, Scalar
from conformity.model.summary import ScanResult
from conformity.pipeline.summary import summarise
from conformity.settings import Settings
from tests.support.packs import MOMENT, pack_files

MANIFEST = """\
conformity: 1
system: {name: Scorer, version: "2.0", intended_purpose: Testing the tool.}
provider: {name: Provider, address: Street 1, contact: office}
"""
"""The least that can be assessed."""

YAML = {"Content-Type": "application/yaml"}
"""The header of a manifest as it is written."""


@dataclass(frozen=True)
class Api:
    """A server, and who asks it."""

    client: TestClient
    """Sends requests."""
    settings: Settings
    """What it was started with."""

    def begin(self, key: str | None = None) -> str:
        """Ask for an assessment, and return the name of the run."""
        headers = {**YAML, **({"Idempotency-Key": key} if key else {})}
        answer = self.client.post("/v1/runs", content=MANIFEST, headers=headers)
        assert answer.status_code == 202, answer.text
        name: str = answer.json()["id"]
        return name

    @contextmanager
    def shift(self) -> Iterator[Shift]:
        """Give what a worker does with runs."""
        data = self.settings.data_folder
        database = Database(address_of(None, data))
        try:
            yield Shift(database, data, "worker")
        finally:
            database.close()

    @contextmanager
    def worker_alive(self) -> Iterator[None]:
        """Let the heart of a worker beat once, and strike it off the roll at the end."""
        database = Database(address_of(None, self.settings.data_folder))
        roll = Roll(database, self.settings.data_folder, "alive")
        try:
            roll.beat()
            yield
        finally:
            roll.leave()
            database.close()

    def finish(self, name: str, minor: int = 0) -> Path:
        """Do a run as a worker would, with a small pack that was made before; return its folder."""
        with self.shift() as shift:
            run = shift.begin(name)
            assert run is not None
            folder = Path(run.folder)
            files = dict(pack_files(minor=minor))
            write_pack(folder / PACK, files)
            told = summarise(Assessment.model_validate_json(files["assessment.json"]), folder / PACK, files)
            (folder / RESULT).write_bytes(canonical_json(told))
            assert shift.finish(run)
        return folder


@contextmanager
def serving(
    root: Path, *, archive: Path | None = None, access: Access | None = None, **limits: int | Path
) -> Iterator[Api]:
    """Give a server whose root is a folder, and which has no worker."""
    settings = Settings(root=root, **limits)  # type: ignore[arg-type] # names of whole numbers
    app = create_app(
        settings, open_engine(settings, workers=0), access=access, archive=archive, starts_workers=False
    )
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield Api(client, settings)


def small_scan() -> ScanResult:
    """Return what a scan of a table measured: a count that may be told, one that may not, shares, nothing."""
    subject = SubjectId("table")

    def measured(metric: str, result: Result) -> Measurement:
        """Return a measurement of the whole table."""
        return Measurement(metric=MetricId(metric), subject=subject, result=result)

    some = (
        measured("other", NotAvailable(why="undefined", reason="There is nothing.")),
        measured("rows", Count(value=400, unit="rows")),
        measured(
            "share", Scalar(value=0.5, unit="1", n=400, interval=Interval(low=0.4, high=0.6, method="W"))
        ),
        measured("small_classes", Count(value=3, unit="rows")),
        measured("whole", Scalar(value=0.5, unit="1", n=400)),
    )
    seen = {"probe_version": 1, "subject": subject, "collected_at": MOMENT}
    return ScanResult(
        subject=SubjectRecord(
            id=subject, kind="table", path="d.csv", files=1, size_bytes=9, sha256="sha256:" + "0" * 64
        ),
        observations=(
            Observation.of(
                step="a", probe="privacy/singling_out", outcome="measured", measurements=some, **seen
            ),
            Observation.of(
                step="b",
                probe="fairness/rates",
                outcome="not_available",
                reason="No column has the role.",
                **seen,
            ),
        ),
        isolation=Isolation(mechanism="process", guarantees=()),
    )


__all__ = ["MANIFEST", "YAML", "Api", "serving", "small_scan"]
