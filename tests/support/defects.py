"""A system on disk whose tables, models and documents each hold one trap into which a known tool fell."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from conformity.model.base import sha256_of
from tests.support.cases import Ran, conformity
from tests.support.systems import CREDIT

Cell = tuple[str, str, str, int]
"""Sex, actual outcome, predicted outcome (1 favourable), and how many such rows."""

_NAMES = ("sex", "truth", "choice")


def _even(sex: str) -> tuple[Cell, Cell]:
    """Return 200 rows of a sex, half of which are selected, all of them rightly."""
    return (sex, "1", "1", 100), (sex, "0", "0", 100)


EVEN = (*_even("f"), *_even("m"))
"""Both sexes are treated alike."""

TABLES: dict[str, tuple[Cell, ...]] = {
    "sound": EVEN,
    "one-group": _even("f"),
    "nobody": (("f", "1", "0", 100), ("f", "0", "0", 100), ("m", "1", "0", 100), ("m", "0", "0", 100)),
    "second-group-tiny": (*_even("f"), ("m", "1", "1", 3), ("m", "0", "0", 3)),
    "unknown-outcome": (*EVEN, ("f", "1", "maybe", 20), ("m", "maybe", "0", 20)),
    "missing-sex": (*EVEN, ("", "1", "1", 10), ("", "0", "0", 190)),
    "blank-outcome": (*_even("f"), ("m", "1", "1", 100), ("m", "0", "", 100)),
    "odds": (
        *(("f", "1", "1", 160), ("f", "1", "0", 40), ("f", "0", "1", 20), ("f", "0", "0", 180)),
        *(("m", "1", "1", 120), ("m", "1", "0", 80), ("m", "0", "1", 80), ("m", "0", "0", 120)),
    ),
    "all-or-none": (("f", "1", "1", 60), ("m", "0", "0", 60)),
    "fair-at-first": (*EVEN, *_even("f"), ("m", "1", "0", 1400)),
}
"""The tables with the usual three columns."""

_PREDICTION = "{name: choice, roles: [prediction], positive: [1], negative: [0]}"
_COLUMNS = (
    "{name: sex, roles: [protected]}",
    "{name: truth, roles: [label], positive: [1], negative: [0]}",
)
_BOTH = "{name: truth, roles: [label, prediction], positive: [1], negative: [0]}"

BOUNDS: tuple[tuple[str, str, str], ...] = (
    *((name, "disparate_impact_ratio", "at_least: 0.7") for name in TABLES),
    ("no-prediction", "disparate_impact_ratio", "at_least: 0.7"),
    ("no-prediction", "equal_opportunity_difference", "at_most: 0.2"),
    ("one-column", "equal_opportunity_difference", "at_most: 0.2"),
    ("odds", "equalized_odds_difference", "at_most: 0.2"),
    ("unknown-outcome", "equal_opportunity_difference", "at_most: 0.2"),
)
"""Which metric of which table is bounded, and how."""


class _Command:
    """An object whose pickle runs a command when it is loaded."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Return the call."""
        return os.system, (self._command,)


@dataclass(frozen=True)
class Assessed:
    """An assessment of the whole system, as its pack holds it."""

    ran: Ran
    """How the command ended."""
    folder: Path
    """Where the system lies; the pack is in it."""

    @property
    def pack(self) -> Path:
        """Return the pack."""
        return self.folder / "pack"

    @cached_property
    def assessment(self) -> Any:
        """Return ``assessment.json``."""
        return json.loads((self.pack / "assessment.json").read_bytes())

    @cached_property
    def evidence(self) -> Any:
        """Return ``evidence.json``."""
        return json.loads((self.pack / "evidence.json").read_bytes())

    def finding(self, requirement: str) -> Any:
        """Return the finding on a requirement."""
        return next(f for f in self.assessment["findings"] if f["requirement"] == requirement)

    def judged(self, table: str, metric: str = "disparate_impact_ratio") -> Any:
        """Return the judgement on the bound on a metric of a table."""
        name = f"{table}.{metric}"
        return next(j for j in self.finding("art10.2.f")["measured"] if j["criterion"] == name)

    def observation(self, step: str) -> Any:
        """Return what a step saw."""
        return next(o for o in self.evidence["observations"] if o["step"] == step)

    def result(self, step: str, metric: str, *group: str, by: Sequence[str] = ()) -> Any:
        """Return one number."""
        (found,) = (
            m["result"]
            for m in self.observation(step)["measurements"]
            if (m["metric"], m["by"], m["group"]) == (metric, list(by), list(group))
        )
        return found


def assess_all(folder: Path) -> Assessed:
    """Write the system, assess it once, and return what came of it."""
    _write_tables(folder)
    _write_models(folder)
    seals = _write_documents(folder)
    place = folder / "conformity.yaml"
    place.write_text("\n".join(_manifest(seals)) + "\n", encoding="utf-8")
    ran = conformity("assess", place, "-o", folder / "pack", "--formats", "html,json")
    assert ran.code == 0, ran.err
    return Assessed(ran, folder)


def _write_tables(folder: Path) -> None:
    """Write the tables."""
    for name, cells in TABLES.items():
        _write_table(folder / f"{name}.csv", _NAMES, cells)
    _write_table(folder / "no-prediction.csv", _NAMES, EVEN)
    _write_table(folder / "one-column.csv", _NAMES, EVEN)
    lines = ["a,b", *(f"{i % 7},{i % 5}" for i in range(40))]
    (folder / "inputs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_table(place: Path, names: Sequence[str], cells: Sequence[Cell]) -> None:
    """Write a table of these cells, in their order."""
    lines = [",".join(names)]
    for sex, truth, choice, times in cells:
        lines += [f"{sex},{truth},{choice}"] * times
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_models(folder: Path) -> None:
    """Write a harmless model and one that would leave a mark when it is loaded."""
    import joblib
    from sklearn.linear_model import LinearRegression

    joblib.dump(LinearRegression().fit([[0, 1], [1, 0], [1, 1]], [0, 1, 2]), folder / "harmless.joblib")
    (folder / "hostile.pkl").write_bytes(pickle.dumps(_Command(f"touch {folder / 'mark'}")))


def _write_documents(folder: Path) -> dict[str, str]:
    """Write three documents, one of which is changed after its digest was taken; return the digests."""
    seals = {}
    for name in ("unsigned", "changed", "signed"):
        (folder / f"{name}.md").write_text(f"# {name}\n\nWhat was decided.\n", encoding="utf-8")
        seals[name] = sha256_of((folder / f"{name}.md").read_bytes())
    (folder / "changed.md").write_text("# changed\n\nSomething else.\n", encoding="utf-8")
    return seals


def _manifest(seals: dict[str, str]) -> Iterator[str]:
    """Yield the lines of the manifest."""
    yield "conformity: 1"
    yield 'system: {name: Traps, version: "1", intended_purpose: Testing the tool.}'
    yield "provider: {name: Provider, address: Street 1, contact: office}"
    yield "classification:"
    for question, said in CREDIT.items():
        points = f", points: [{', '.join(said)}], because: As declared" if isinstance(said, tuple) else ""
        yield f'  - {{question: {question}, answer: "{"yes" if points else said}"{points}}}'
    yield "subjects:"
    for name in TABLES:
        yield from _table(name, (*_COLUMNS, _PREDICTION))
    yield from _table("no-prediction", _COLUMNS)
    yield from _table("one-column", (_COLUMNS[0], _BOTH))
    yield from _table("inputs", ("{name: a, roles: [feature]}", "{name: b, roles: [feature]}"))
    yield from _model("harmless", "joblib", "joblib", "DEU")
    yield from _model("nowhere", "joblib", "joblib", "XYZ", file="harmless")
    yield from _model("hostile", "pkl", "pickle", "DEU")
    yield from _declarations(seals)
    yield "criteria:"
    for table, metric, bound in BOUNDS:
        yield (
            f"  - {{id: {table}.{metric}, metric: {metric}, subject: {table}, by: [sex], {bound}, "
            "requirements: [art10.2.f], reason: Fixed for this test., owner: Model risk, "
            "fixed_at: 2026-10-01}"
        )


def _table(name: str, columns: Sequence[str]) -> Iterator[str]:
    """Yield a table subject."""
    yield f"  - {{id: {name}, kind: table, title: Table {name}, path: {name}.csv, purpose: testing,"
    yield f"     produced_on: 2026-10-19, columns: [{', '.join(columns)}]}}"


def _model(name: str, ending: str, kind: str, country: str, file: str | None = None) -> Iterator[str]:
    """Yield a model subject that is to be run on the inputs."""
    yield f"  - {{id: {name}, kind: model, title: Model {name}, path: {file or name}.{ending},"
    yield f"     format: {kind}, inference: {{data: inputs, country: {country}, repeats: 1}}}}"


def _declarations(seals: dict[str, str]) -> Iterator[str]:
    """Yield the exhibits and the sign-offs."""
    covers = {"unsigned": "annexIV.7", "changed": "annexIV.4", "signed": "art17.1.a"}
    yield "exhibits:"
    for name, row in covers.items():
        yield f"  - {{id: {name}, title: Document, path: {name}.md, dated: 2026-10-01, covers: [{row}]}}"
    yield "sign_offs:"
    for name in ("changed", "signed"):
        yield (
            f"  - {{id: sign-{name}, requirements: [{covers[name]}], statement: It is complete., "
            f'over: [{{exhibit: {name}, sha256: "{seals[name]}"}}], signed_on: 2026-10-20, '
            "by: {name: Specimen signatory, function: Head of quality (specimen)}}"
        )
