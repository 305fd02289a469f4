"""Find probes: definitions are read from ``probe.yaml``, code is imported when a probe runs."""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from conformity.errors import CatalogError
from conformity.model.base import ProbeId
from conformity.model.plain_yaml import read_plain_yaml
from conformity.model.probe import ProbeSpec
from conformity.probes.interface import ComparisonProbe, FileProbe, TableProbe

_HERE = Path(__file__).parent
_ID = re.compile("[a-z0-9_]+/[a-z0-9_]+")


@cache
def probe_specs() -> tuple[ProbeSpec, ...]:
    """Return the definitions of all probes, sorted by id.

    Raises:
        CatalogError: a definition does not fit, or its id is not its folder.
    """
    found = []
    for file in sorted(_HERE.glob("*/*/probe.yaml")):
        expected = f"{file.parent.parent.name}/{file.parent.name}"
        try:
            spec = ProbeSpec.model_validate(
                read_plain_yaml(file.read_text("utf-8"), f"{expected}/probe.yaml")
            )
        except ValidationError as error:
            raise CatalogError(f"{expected}/probe.yaml does not fit: {error}") from error
        if spec.id != expected:
            raise CatalogError(f"{expected}/probe.yaml calls itself {spec.id!r}")
        found.append(spec)
    return tuple(found)


def load_probe(probe_id: ProbeId) -> TableProbe | ComparisonProbe | FileProbe:
    """Import the code of a probe and return it.

    Raises:
        CatalogError: there is no such probe.
    """
    # Its definition is not read: a worker has its steps already, and would read those of all probes.
    if not _ID.fullmatch(probe_id) or not (_HERE / probe_id / "probe.yaml").is_file():
        raise CatalogError(f"there is no probe {probe_id!r}")
    module = importlib.import_module(f"conformity.probes.{probe_id.replace('/', '.')}.probe")
    probe: TableProbe | ComparisonProbe | FileProbe = module.PROBE
    return probe
