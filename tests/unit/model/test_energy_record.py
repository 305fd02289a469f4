"""Records of energy and declared figures hold together, or are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from conformity.model.energy import DeclaredFigure, EnergyRecord, Footprint, Generation, obtained_by
from conformity.model.measurement import Scalar
from conformity.model.subject import EnergyRecordSubject, ModelSubject, PromptLogSubject

GRID = {"country": "DEU", "name": "Germany", "g_per_kwh": 400.0, "year": 2023, "source": "a table"}


def record(*methods: str, **changed: Any) -> dict[str, Any]:
    """Return a record with a part of 0.5 kWh for each method."""
    whole = 0.5 * len(methods)
    plain: dict[str, Any] = {
        "run": "0" * 32,
        "complete": True,
        "program": "python",
        "command_sha256": None,
        "exit_code": None,
        "started_at": "2026-11-01T10:00:00Z",
        "duration_s": 10.0,
        "interval_s": 1.0,
        "samples": 10,
        "covered": 1.0,
        "parts": [
            {"name": "processor", "method": method, "how": "a way", "energy_kwh": 0.5} for method in methods
        ],
        "energy_kwh": whole,
        "obtained": obtained_by(methods),  # type: ignore[arg-type] # tried with others on purpose
        "grid": GRID,
        "emissions_g": whole * 400,
        "other_load": None,
        "processor_s": None,
        "peak_memory_mb": None,
        "hardware": [],
        "gaps": [],
        "software": "a meter",
    }
    return {**plain, **changed}


@pytest.mark.parametrize(
    ("methods", "obtained"),
    [
        (("measured",), "measured"),
        (("measured", "measured"), "measured"),
        (("measured", "modelled"), "partly modelled"),
        (("modelled", "modelled"), "modelled"),
        ((), "modelled"),
    ],
)
def test_only_what_is_measured_in_all_parts_is_measured(methods: tuple[str, ...], obtained: str) -> None:
    made = EnergyRecord.model_validate(record(*methods))
    assert made.obtained == obtained
    assert EnergyRecord.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("said", ["measured", "partly modelled", "declared"])
def test_a_record_cannot_say_measured_of_what_was_modelled(said: str) -> None:
    with pytest.raises(ValidationError, match="do not bear out"):
        EnergyRecord.model_validate(record("modelled", obtained=said))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"energy_kwh": 0.5001}, "not the sum of the parts"),
        ({"emissions_g": 0.2}, "in grams"),
        ({"idle_subtracted": True}, "idle_subtracted"),
        ({"energy_kwh": float("nan")}, "finite"),
        ({"covered": 1.1}, "covered"),
    ],
)
def test_what_does_not_add_up_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        EnergyRecord.model_validate(record("measured", **changed))


def declared(**fields: Any) -> DeclaredFigure:
    """Return a declared figure."""
    return DeclaredFigure.model_validate({"source": "the operator", "year": 2025, **fields})


def test_a_declared_figure_lies_in_its_range() -> None:
    assert declared(value=2).ends == (2, 2)
    assert declared(value=2, low=1).ends == (1, 2)
    for ends in ({"low": 3}, {"high": 1}, {"low": 1, "high": 1.5}):
        with pytest.raises(ValidationError, match="does not lie between"):
            declared(value=2, **ends)
    with pytest.raises(ValidationError, match="source"):
        DeclaredFigure.model_validate({"value": 1, "year": 2025})


def test_a_data_centre_uses_no_less_than_its_computers() -> None:
    assert Footprint(pue=declared(value=1)).pue is not None
    with pytest.raises(ValidationError, match="below 1 cannot be"):
        Footprint(pue=declared(value=1.2, low=0.9))


def test_what_is_not_declared_is_not_in_a_manifest_s_dump() -> None:
    base = {"id": "m", "title": "M", "path": "m"}
    model = ModelSubject.model_validate({**base, "kind": "model", "format": "other"})
    log = PromptLogSubject.model_validate({**base, "kind": "prompt_log"})
    energy = EnergyRecordSubject.model_validate({**base, "kind": "energy_record", "phase": "training"})
    assert "footprint" not in json.loads(model.model_dump_json())
    assert "generation" not in json.loads(log.model_dump_json())
    assert "command" not in json.loads(energy.model_dump_json())
    assert "obtained" not in Scalar(value=1, unit="1", n=1).model_dump()


def test_a_hosted_model_is_named_as_its_provider_names_it() -> None:
    given = {"provider": "mistralai", "model": "m", "tokens_field": "n", "zone": "FRA"}
    assert Generation.model_validate(given).latency_field is None
    with pytest.raises(ValidationError, match="provider"):
        Generation.model_validate({**given, "provider": "Some Provider"})
