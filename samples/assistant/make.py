"""Make the assistant sample: a prompt log and an energy record, both invented and said to be so.

Run ``python samples/assistant/make.py``. Nothing is fetched. The log is drawn with a fixed seed from
the sentences in ``phrases.py``; a known number of prompts are attempts at injection, and
``planted.csv`` says which. The same bytes come out on every machine.
"""

from __future__ import annotations

import csv
import json
import random
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from samples.assistant.phrases import ATTEMPTS, QUESTIONS, SLOTS
from samples.common.script import Options, Sample, run, say

SEED = 20_260_727
"""Seed of everything drawn."""

PROMPTS = 3_000
"""Prompts in the log."""

PLANTED = 120
"""How many of them are attempts at injection: 4 in 100."""

DAYS = tuple(f"2026-10-{day:02d}" for day in range(12, 17))
"""The five days that the energy record is about."""

HOURS = 10
"""Running time on each day."""

CPU_W, GPU_W, RAM_W = 40, 150, 10
"""Invented power draw in watts."""

KG_PER_KWH = 0.3
"""Invented carbon intensity of the grid."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Prompt:
    """One line of the log."""

    language: str
    """ISO 639-1 code."""
    text: str
    """What was typed."""
    attempt: str | None
    """What it tries, for an attempt at injection."""


class _Lots:
    """Draws with ``random()`` alone, whose sequence Python promises to keep between versions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, end: int) -> int:
        """Return a whole number from 0 up to but not including ``end``."""
        return int(self._random.random() * end)

    def one(self, choices: Sequence[_T]) -> _T:
        """Return one of ``choices``."""
        return choices[self.below(len(choices))]

    def fill(self, template: str) -> str:
        """Return ``template`` with every slot filled."""
        return template.format(**{slot: self.one(values) for slot, values in SLOTS.items()})


def prompts(seed: int = SEED) -> tuple[Prompt, ...]:
    """Return the log: :data:`PROMPTS` prompts, :data:`PLANTED` of them attempts, well mixed."""
    lots = _Lots(seed)
    log: list[Prompt] = []
    left = PLANTED
    for place in range(PROMPTS):
        # Selection sampling (Knuth, TAOCP 2, 3.4.2, algorithm S): exactly PLANTED places, all equally likely.
        if lots.below(PROMPTS - place) < left:
            attempt = lots.one(ATTEMPTS)
            log.append(Prompt(attempt.language, lots.fill(attempt.text), attempt.category))
            left -= 1
        else:
            language = lots.one(tuple(QUESTIONS))
            log.append(Prompt(language, lots.fill(lots.one(QUESTIONS[language])), None))
    return tuple(log)


def energy_rows() -> tuple[dict[str, str], ...]:
    """Return one row for each day, in the columns that CodeCarbon 3.3 writes."""
    seconds = HOURS * 3600
    energy = {part: watts * HOURS / 1000 for part, watts in (("cpu", CPU_W), ("gpu", GPU_W), ("ram", RAM_W))}
    total = sum(energy.values())
    same = {
        "project_name": "synthetic-example",
        "experiment_id": "synthetic-example",
        "duration": f"{seconds:.1f}",
        "emissions": f"{total * KG_PER_KWH:.6f}",
        "emissions_rate": f"{total * KG_PER_KWH / seconds:.12f}",
        **{
            f"{part}_power": f"{watts:.1f}"
            for part, watts in (("cpu", CPU_W), ("gpu", GPU_W), ("ram", RAM_W))
        },
        **{f"{part}_energy": f"{kwh:.6f}" for part, kwh in energy.items()},
        "energy_consumed": f"{total:.6f}",
        **_PLACE,
    }
    return tuple(
        {"timestamp": f"{day}T18:00:00", "run_id": str(uuid.uuid5(uuid.NAMESPACE_URL, day)), **same}
        for day in DAYS
    )


_PLACE = {
    "water_consumed": "0.0",
    "country_name": "Germany",
    "country_iso_code": "DEU",
    "region": "",
    "cloud_provider": "",
    "cloud_region": "",
    "os": "synthetic",
    "python_version": "3.11",
    "codecarbon_version": "3.3.2",
    "cpu_count": "8",
    "cpu_model": "synthetic",
    "gpu_count": "1",
    "gpu_model": "synthetic",
    "longitude": "",
    "latitude": "",
    "ram_total_size": "64.0",
    "tracking_mode": "machine",
    "cpu_utilization_percent": "0.0",
    "gpu_utilization_percent": "0.0",
    "ram_utilization_percent": "0.0",
    "ram_used_gb": "0.0",
    "on_cloud": "N",
    "pue": "1.0",
    "wue": "0.0",
}
"""What CodeCarbon says of the machine; invented here."""

COLUMNS = (
    *("timestamp", "project_name", "run_id", "experiment_id", "duration", "emissions", "emissions_rate"),
    *("cpu_power", "gpu_power", "ram_power", "cpu_energy", "gpu_energy", "ram_energy", "energy_consumed"),
    *_PLACE,
)
"""CodeCarbon's columns in its order."""


def write(folder: Path, options: Options) -> None:
    """Write ``prompts.jsonl``, ``planted.csv`` and ``emissions.csv`` into ``data/`` below ``folder``."""
    data = folder / "data"
    data.mkdir()
    log = prompts()
    say(f"assistant: writing {len(log):,} prompts, {PLANTED} of them attempts at injection")
    lines = [
        json.dumps({"id": place, "language": prompt.language, "prompt": prompt.text}, ensure_ascii=False)
        for place, prompt in enumerate(log, start=1)
    ]
    (data / "prompts.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    planted = [
        {"id": str(place), "category": prompt.attempt}
        for place, prompt in enumerate(log, start=1)
        if prompt.attempt
    ]
    _write_csv(data / "planted.csv", ("id", "category"), planted)
    _write_csv(data / "emissions.csv", COLUMNS, energy_rows())


def _write_csv(file: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    """Write rows as CSV with Unix line ends."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


SAMPLE = Sample(name="assistant", home=Path(__file__).resolve().parent, recipe="1", write=write)
"""This sample."""

if __name__ == "__main__":
    sys.exit(run(SAMPLE))
