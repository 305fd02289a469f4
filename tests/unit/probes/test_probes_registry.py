"""The registry of probes: definitions are read quickly and rightly, code is imported by id alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from conformity.errors import CatalogError
from conformity.model.base import ProbeId
from conformity.model.probe import ProbeSpec
from conformity.probes import registry
from conformity.probes.registry import load_probe, probe_specs

FOLDER = Path(registry.__file__).parent


def test_the_plain_reader_reads_what_the_full_parser_reads() -> None:
    yaml = YAML(typ="safe", pure=True)
    for spec in probe_specs():
        full = yaml.load((FOLDER / spec.id / "probe.yaml").read_text("utf-8"))
        assert ProbeSpec.model_validate(full) == spec


@pytest.mark.parametrize(
    "probe", ["", "fairness", "fairness/no_such", "../probes/fairness", "fairness/..", "fairness/inequality/"]
)
def test_only_the_id_of_a_probe_loads_code(probe: str) -> None:
    with pytest.raises(CatalogError, match="there is no probe"):
        load_probe(ProbeId(probe))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: a/b\n", "a/b/probe.yaml does not fit"),
        ("id: {a: b}\n", "a/b/probe.yaml, line 1: the text"),
        (
            (Path(registry.__file__).parent / "fairness/inequality/probe.yaml").read_text("utf-8"),
            "calls itself",
        ),
    ],
    ids=["fields missing", "not plain", "in another folder"],
)
def test_a_definition_that_does_not_fit_is_named(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/probe.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(registry, "_HERE", tmp_path)
    with pytest.raises(CatalogError, match=message):
        probe_specs.__wrapped__()
