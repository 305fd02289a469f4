"""Energy of a hosted model: counted tokens, an estimate with its range, and nothing where none can be made.

EcoLogits is an extra. What stands in for it answers in its form (ImpactsOutput of version 0.11): ranges or
numbers, with units.
"""

from __future__ import annotations

import gzip
import json
import logging
import math
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from conformity.errors import DataError
from conformity.model.base import SubjectId
from conformity.model.energy import Generation
from conformity.model.measurement import Count, Scalar
from conformity.model.subject import ModelSubject, PromptLogSubject
from conformity.probes.environment.generation_energy import tokens
from conformity.probes.environment.generation_energy.probe import PROBE
from conformity.probes.environment.generation_energy.tokens import read_tokens
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target

_ROWS: list[dict[str, Any]] = [{"n": 100, "s": 2.0}, {"n": 300, "s": 1.04}, {"n": None, "s": 1}]


def generation(**changed: Any) -> Generation:
    """Return a declared model."""
    given = {"provider": "openai", "model": "gpt", "tokens_field": "n", "latency_field": "s", "zone": "FRA"}
    return Generation.model_validate({**given, **changed})


def examine(path: Path, declared: Generation | None) -> ProbeResult:
    """Run the probe on a log."""
    subject = PromptLogSubject(
        id=SubjectId("p"), title="P", path=path.name, kind="prompt_log", generation=declared
    )
    return PROBE.examine(Target(subject=subject, path=path, tables={}, scratch=path.parent, seed=1))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Give a log of three rows."""
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in _ROWS) + "\n", "utf-8")
    return path


def stand_in(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> list[tuple[Any, ...]]:
    """Put something in EcoLogits' place: 1 to 3 mWh a token; return what it is asked."""
    asked: list[tuple[Any, ...]] = []

    def llm_impacts(*given: Any) -> Any:
        asked.append(given)
        count = given[2]
        energy = SimpleNamespace(unit="kWh", value=SimpleNamespace(min=count * 1e-6, max=count * 3e-6))
        gwp = SimpleNamespace(unit="kgCO2eq", value=count * 1e-6)
        return SimpleNamespace(**{"energy": energy, "gwp": gwp, "errors": None, **changed})

    module = ModuleType("ecologits.tracers.utils")
    module.llm_impacts = llm_impacts  # type: ignore[attr-defined] # made here
    log = ModuleType("ecologits.log")
    log.logger = logging.getLogger("stands in for EcoLogits")  # type: ignore[attr-defined] # made here
    monkeypatch.setitem(sys.modules, "ecologits.log", log)
    for name in ("ecologits", "ecologits.tracers"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "ecologits.tracers.utils", module)
    return asked


def test_an_estimate_has_a_range_and_is_marked(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: 400 tokens in 2 answers, 0.4 to 1.2 Wh: 0.2 to 0.6 kWh for 1,000, the middle 0.4."""
    asked = stand_in(monkeypatch)
    result = examine(log, generation())
    emissions, energy, counted = (m.result for m in result.measurements)
    assert isinstance(energy, Scalar)
    assert isinstance(emissions, Scalar)
    assert energy.value == pytest.approx(0.4)
    assert (energy.n, energy.obtained) == (2, "modelled")
    assert energy.interval is not None
    assert [energy.interval.low, energy.interval.high] == pytest.approx([0.2, 0.6])
    assert emissions.value == pytest.approx(200)
    assert emissions.unit == "g"
    assert counted == Count(value=400, unit="tokens")
    assert result.notes[0].startswith("MODELLED")
    assert "1 rows hold no number of tokens" in result.notes[2]
    assert asked == [("openai", "gpt", 100, 2.0, "FRA"), ("openai", "gpt", 300, 1.0, "FRA")]


def test_a_time_that_is_not_recorded_bounds_nothing(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = stand_in(monkeypatch)
    examine(log, generation(latency_field=None))
    assert {one[3] for one in asked} == {math.inf}


@pytest.mark.parametrize("changed", [{"errors": ["unknown"]}, {"energy": None}])
def test_an_unknown_model_is_not_estimated(
    log: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    stand_in(monkeypatch, **changed)
    with pytest.raises(NotMeasurableError, match="knows no model 'gpt' of openai"):
        examine(log, generation())


def test_other_units_are_refused(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, energy=SimpleNamespace(unit="Wh", value=1.0))
    with pytest.raises(DataError, match="answers in 'Wh' where kWh is due"):
        examine(log, generation())


def test_without_the_extra_nothing_is_estimated(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ecologits.tracers.utils", None)
    with pytest.raises(NotMeasurableError, match=r"conformity-report\[ecologits\]"):
        examine(log, generation())


def test_every_form_of_log_gives_the_same(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    (tmp_path / "a.json").write_text(json.dumps(_ROWS), "utf-8")
    with gzip.open(tmp_path / "a.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(row) for row in _ROWS))
    (tmp_path / "a.csv").write_text("n,s\n100,2.0\n300,1.04\n,1\n", "utf-8")
    (tmp_path / "a.tsv").write_text("n\ts\n100\t2.0\n300\t1.04\n\t1\n", "utf-8")
    pyarrow.parquet.write_table(pa.Table.from_pylist(_ROWS), tmp_path / "a.parquet")
    for file_name in ("a.json", "a.jsonl.gz", "a.csv", "a.tsv", "a.parquet"):
        answers, blank = read_tokens(tmp_path / file_name, generation())
        assert dict(answers) == {(100, 2.0): 1, (300, 1.0): 1}, file_name
        assert blank == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"n": "many"}', "row 1: n is not a number"),
        ('{"n": -1}', "not negative"),
        ('{"n": 1.5}', "is not a whole number"),
        ('{"n": [1]}', "is not a number"),
        ('{"n": 1, "s": "slow"}', "row 1: s is not a number"),
        ("[1]", "holds a row that is no JSON object"),
        ("{", "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_and_not_quoted(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "a.jsonl").write_text(content, "utf-8")
    with pytest.raises(DataError, match=words) as caught:
        read_tokens(tmp_path / "a.jsonl", generation())
    assert "many" not in str(caught.value)


def test_nothing_to_estimate(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotMeasurableError, match="which hosted model answers"):
        examine(log, None)
    (tmp_path / "b.jsonl").write_text('{"other": 1}', "utf-8")
    with pytest.raises(NotMeasurableError, match=r"no row of b\.jsonl holds a number"):
        examine(tmp_path / "b.jsonl", generation())
    model = ModelSubject(id=SubjectId("m"), title="M", path="m", kind="model", format="other")
    with pytest.raises(DataError, match="is not a prompt log"):
        PROBE.examine(Target(model, log, {}, tmp_path, 1))


def test_only_so_many_rows_are_read_and_it_is_said(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)
    for module in (tokens, sys.modules["conformity.probes.environment.generation_energy.probe"]):
        monkeypatch.setattr(module, "MAX_ROWS", 1)
    result = examine(log, generation())
    assert "No more than the first 1 rows" in result.notes[-1]
