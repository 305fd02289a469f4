"""Write the bill of materials of a system's software and models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from conformity.errors import DataError
from conformity.intake.digest import record_subject
from conformity.model.base import SubjectId
from conformity.model.subject import ModelSubject
from conformity.pipeline.shared import existing
from conformity.probes.shared.supply_chain.cyclonedx import Artefact, bill_of_materials
from conformity.sandbox.choose import choose
from conformity.sandbox.interface import Event, Failed, Listed, ListJob
from conformity.sandbox.listing import as_package, as_vulnerability
from conformity.settings import Settings


def write_bill(
    software: Path, name: str, edition: str | None, models: Sequence[Path], settings: Settings
) -> str:
    """Return a bill of materials in CycloneDX 1.6, as JSON; the same files give the same bytes.

    Args:
        software: a lock file, or a folder of lists and advisories.
        name: the system.
        edition: its version.
        models: files or folders of its models; their digests go into the bill, nothing of them is loaded.
        settings: limits.

    Raises:
        DataError: no package is listed, or a file cannot be read.
        PathError: a path leads nowhere, or out of the root.
        SandboxError: the worker that reads the lists failed.
    """
    found = _listed(existing(software, settings), settings)
    if not found.packages:
        raise DataError(f"{software.name} lists no package; hand in a lock file")
    artefacts = [_artefact(model, settings) for model in models]
    packages = [as_package(one) for one in found.packages]
    known = [as_vulnerability(one) for one in found.vulnerabilities]
    bill = bill_of_materials(name, edition, packages, artefacts, known)
    return json.dumps(bill, indent=2, ensure_ascii=False) + "\n"


def _listed(software: Path, settings: Settings) -> Listed:
    """Return what a worker reads in a lock file or folder.

    Raises:
        DataError: a file in it cannot be read, or is no list.
        SandboxError: the worker failed.
    """
    events: list[Event] = []
    choose(settings).run(ListJob(path=software), events.append)
    for event in events:
        if isinstance(event, Listed):
            return event
    reasons = [event.reason for event in events if isinstance(event, Failed)]
    raise DataError(reasons[0] if reasons else f"{software.name}: the worker said nothing; try again")


def _artefact(model: Path, settings: Settings) -> Artefact:
    """Return a model with its digest; a folder's is over the list of its files."""
    subject = ModelSubject(
        id=SubjectId("model"), kind="model", title=model.name, path=model.name, format="other"
    )
    record = record_subject(subject, existing(model, settings))
    digest = (record.sha256 or "").removeprefix("sha256:") or None
    return Artefact(id=model.name, name=model.name, kind="machine-learning-model", sha256=digest)
