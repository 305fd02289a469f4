"""EcoLogits itself, which the tools of development bring: known energy, offline, and in silence."""

from __future__ import annotations

import json
import logging
import math
import socket
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from conformity.model.energy import Generation
from conformity.model.measurement import Scalar
from conformity.probes.environment.generation_energy.impacts import estimate
from conformity.probes.environment.generation_energy.tokens import Answers
from conformity.probes.interface import NotMeasurableError
from tests.unit.probes.test_environment_generation_energy import examine, generation

_LARGE = {"provider": "mistralai", "model": "mistral-large-latest", "zone": "WOR"}


def _declared(**changed: str) -> Generation:
    """Return a model that EcoLogits 0.11 knows."""
    return generation(**{"model": "gpt-4o-mini", **changed})


def test_the_energy_of_an_answer_is_that_of_its_equations() -> None:
    """By hand, for one answer of 300 tokens by a model of 675 billion parameters, of which 41 are active.

    A GPU takes ``(1.1665e-6 exp(-0.011206 B) P + 4.0529e-5) / 1000`` kWh a token, B = 64 answers at once.
    The weights need 1.2 x 675 x 2 GB, so 32 GPUs of 80 GB (the next power of two). An answer takes 300 / 52 s
    and 0.68 s before the first token, of a server of 1.2 kW for 8 GPUs, shared by 64. The PUE is 1.16.

    Source:
        EcoLogits, methodology of LLM inference (ecologits.ai), with the data of version 0.11; Rince and
        Banse, Journal of Open Source Software 10(111), 7471 (2025).
    """
    of_gpu = 300 * (1.1665e-6 * math.exp(-0.011206 * 64) * 41 + 4.0529e-5) / 1000
    of_server = (300 / 52 + 0.68) / 3600 * 1.2 * (32 / 8) / 64
    found = estimate(_declared(**_LARGE), Answers({(300, math.inf): 2}))
    for end in found.energy_kwh:
        assert end == pytest.approx(2 * 1.16 * (of_server + 32 * of_gpu), rel=1e-3)
    assert found.software.startswith("EcoLogits 0.11")


def test_a_copy_without_its_description_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("conformity.probes.environment.generation_energy.impacts.version", nothing)
    found = estimate(_declared(), Answers({(100, 2.0): 1}))
    assert found.software == "EcoLogits of an unknown version"


def test_the_grid_changes_emissions_and_not_energy() -> None:
    """France's electricity emits less than the world's average mix."""
    answers = Answers({(100, 2.0): 1})
    france, world = (estimate(_declared(zone=zone), answers) for zone in ("FRA", "WOR"))
    assert france.energy_kwh == world.energy_kwh
    assert france.emissions_kg[1] < world.emissions_kg[0]


def test_a_log_is_estimated_without_a_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps({"n": 100, "s": 2.0}) + "\n", "utf-8")
    with caplog.at_level(logging.WARNING):
        result = examine(log, _declared())
    energy = next(m.result for m in result.measurements if m.metric == "generation_energy_kwh_per_1000")
    assert isinstance(energy, Scalar)
    assert energy.interval is not None
    assert 0 < energy.interval.low < energy.value < energy.interval.high
    assert energy.obtained == "modelled"
    assert any(note.startswith("EcoLogits warns: ") and "not been released" in note for note in result.notes)
    assert not caplog.records


@pytest.mark.parametrize("changed", [{"model": "no-such-model"}, {"zone": "ZZZ"}, {"provider": "nobody"}])
def test_what_it_does_not_know_is_not_estimated(changed: dict[str, str]) -> None:
    with pytest.raises(NotMeasurableError, match="EcoLogits knows no model"):
        estimate(_declared(**changed), Answers({(100, 2.0): 1}))
