"""Run one module alone, without a manifest."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from conformity.engines.choose import EngineChoice, engine_choice
from conformity.engines.remote import is_address
from conformity.errors import UsageError
from conformity.intake.digest import PackKey, record_subject
from conformity.intake.names import advice, quoted
from conformity.measure import observe
from conformity.model.base import SubjectId
from conformity.model.subject import (
    Cell,
    Column,
    DependenciesSubject,
    EnergyRecordSubject,
    Inference,
    ModelSubject,
    Phase,
    PromptLogSubject,
    Subject,
    TableSubject,
)
from conformity.model.summary import ScanResult
from conformity.pipeline.remote import copied, remote_address
from conformity.pipeline.shared import check_unchanged, columns_found, existing, sandbox_of, states
from conformity.plan import plan_steps
from conformity.probes.registry import probe_specs
from conformity.sandbox.interface import Located
from conformity.sandbox.scratch import scratch
from conformity.settings import Settings


@dataclass(frozen=True)
class Columns:
    """Which columns of a table mean what, for a scan without a manifest."""

    label: str | None = None
    """Column with the true outcome."""
    prediction: str | None = None
    """Column with the system's outcome."""
    protected: tuple[str, ...] = ()
    """Columns that form groups."""
    quasi_identifiers: tuple[str, ...] = ()
    """Columns that together may single out a person."""
    positive: tuple[Cell, ...] = ()
    """Values that mean the favourable outcome."""
    negative: tuple[Cell, ...] = ()
    """Values that mean the unfavourable outcome."""


def scan_table(data: Path | str, columns: Columns, moment: datetime, settings: Settings) -> ScanResult:
    """Return what all probes of tables measure on one table.

    Args:
        data: its file, or, as text, the address of a table elsewhere; see :mod:`conformity.engines.remote`.
        columns: which columns mean what.
        moment: the present, in UTC.
        settings: limits.
    """
    bound = bind(columns)
    elsewhere = isinstance(data, str) and is_address(data)
    name = str(data) if elsewhere else Path(data).name
    subject = TableSubject(
        id=SubjectId("table"), kind="table", title=name, path=name, purpose="testing", columns=bound
    )
    if not elsewhere:
        return _scan(subject, Path(data), moment, settings)
    address = remote_address(subject, settings)
    with scratch() as folder:
        table, path = copied(subject, address, folder / "copy", settings)
        return _scan(table, path, moment, replace(settings, root=None))


def scan_prompt_log(log: Path, text_field: str, moment: datetime, settings: Settings) -> ScanResult:
    """Return what all probes of prompt logs measure on one log."""
    subject = PromptLogSubject(
        id=SubjectId("prompts"), kind="prompt_log", title=log.name, path=log.name, text_field=text_field
    )
    return _scan(subject, log, moment, settings)


def scan_prompt_text(text: str, moment: datetime, settings: Settings) -> ScanResult:
    """Return what rules, and a trained detector where there is one, find in a prompt; it is kept nowhere."""
    with scratch() as folder:
        log = folder / "prompt.jsonl"
        log.write_text(json.dumps({"prompt": text}) + "\n", encoding="utf-8")
        return scan_prompt_log(log, "prompt", moment, replace(settings, root=None))


def scan_model_file(model: Path, moment: datetime, settings: Settings) -> ScanResult:
    """Return what all probes of models measure on one file, which is never loaded."""
    subject = ModelSubject(
        id=SubjectId("model"),
        kind="model",
        title=model.name,
        path=model.name,
        format=_model_format(model),
    )
    return _scan(subject, model, moment, settings)


def scan_dependencies(software: Path, moment: datetime, settings: Settings) -> ScanResult:
    """Return what all probes of software measure on a lock file, or a folder of lists and advisories."""
    subject = DependenciesSubject(
        id=SubjectId("software"), kind="dependencies", title=software.name, path=software.name
    )
    return _scan(subject, software, moment, settings)


def measure_inference(
    model: Path,
    data: Path,
    features: Sequence[str],
    country: str,
    repeats: int,
    moment: datetime,
    settings: Settings,
) -> ScanResult:
    """Return the energy and time that a model takes over a table, and what its file would run on loading.

    Args:
        model: a joblib, pickle or skops file with a scikit-learn-like model.
        data: the table.
        features: its columns that the model reads, in order.
        country: ISO 3166-1 alpha-3 code of the grid.
        repeats: how often the table is predicted.
        moment: the present, in UTC.
        settings: limits.
    """
    table = TableSubject(
        id=SubjectId("table"),
        kind="table",
        title=data.name,
        path=data.name,
        purpose="operation",
        columns=tuple(Column(name=name, roles=("feature",)) for name in features),
    )
    subject = ModelSubject(
        id=SubjectId("model"),
        kind="model",
        title=model.name,
        path=model.name,
        format=_model_format(model),
        inference=Inference(data=table.id, country=country, repeats=repeats),
    )
    return _scan(subject, model, moment, settings, tables=[(table, data)])


def read_energy_record(record: Path, phase: Phase, moment: datetime, settings: Settings) -> ScanResult:
    """Return what an ``emissions.csv`` of CodeCarbon says about a phase of the life cycle."""
    subject = EnergyRecordSubject(
        id=SubjectId("energy"), kind="energy_record", title=record.name, path=record.name, phase=phase
    )
    return _scan(subject, record, moment, settings)


def _model_format(model: Path) -> Literal["joblib", "pickle", "skops", "onnx", "safetensors", "other"]:
    """Return how a model file is written, going by its name."""
    match model.suffix.lower():
        case ".joblib":
            return "joblib"
        case ".pkl" | ".pickle":
            return "pickle"
        case ".skops":
            return "skops"
        case ".onnx":
            return "onnx"
        case ".safetensors":
            return "safetensors"
        case _:
            return "other"


def bind(columns: Columns) -> tuple[Column, ...]:
    """Return column bindings for a scan.

    Raises:
        UsageError: nothing is bound, or an outcome is bound without saying what its values mean.
    """
    roles: dict[str, list[str]] = {}
    for role, names in (
        ("label", [columns.label] if columns.label else []),
        ("prediction", [columns.prediction] if columns.prediction else []),
        ("protected", columns.protected),
        ("quasi_identifier", columns.quasi_identifiers),
    ):
        for name in names:
            roles.setdefault(name, []).append(role)
    if not roles:
        raise UsageError("Name at least one column: --label, --prediction, --protected or --quasi.")
    outcomes = {columns.label, columns.prediction} - {None}
    if outcomes and not (columns.positive and columns.negative):
        raise UsageError(
            "Say which values of the outcome are favourable (positive) and which are not (negative)."
        )
    return tuple(
        Column.model_validate(
            {
                "name": name,
                "roles": tuple(dict.fromkeys(having)),
                "positive": columns.positive if name in outcomes else (),
                "negative": columns.negative if name in outcomes else (),
            }
        )
        for name, having in roles.items()
    )


def _scan(
    subject: Subject,
    path: Path,
    moment: datetime,
    settings: Settings,
    tables: Sequence[tuple[Subject, Path]] = (),
) -> ScanResult:
    """Return what the probes of one subject measure, in a worker, without a manifest."""
    located = {
        str(thing.id): Located(subject=thing, path=existing(where, settings))
        for thing, where in [(subject, path), *tables]
    }
    # Of a table it is told which roles would give more; there is no manifest to declare anything else in.
    is_table = isinstance(subject, TableSubject)
    engine = engine_choice(settings) if is_table else EngineChoice()
    sandbox = sandbox_of(settings)
    roots = dict.fromkeys(located, settings.root or Path("/"))
    before = states(located, roots)
    key = PackKey()
    record = record_subject(subject, located[str(subject.id)].path, key=key)
    _check_columns(located, columns_found(located, sandbox))
    specs = probe_specs()
    steps = tuple(step for step in plan_steps([subject], [], specs) if is_table or not step.blocked)
    seen = observe(
        steps,
        {spec.id: spec.version for spec in specs},
        located,
        sandbox,
        workers=1,
        seed=settings.seed,
        collected_at=moment,
        on_progress=lambda _what, _done, _total: None,
        engine=engine,
        # No tally is kept; but no probe is told a rare value, which its sentences could repeat.
        key=key.value(),
    )
    check_unchanged(before, located, roots)
    return ScanResult(subject=record, observations=seen.observations, isolation=sandbox.isolation())


def _check_columns(located: Mapping[str, Located], found: Mapping[str, Collection[str]]) -> None:
    """Check that tables have the columns that were named.

    Raises:
        UsageError: one does not; the message names the nearest.
    """
    for name, there in found.items():
        table = located[name].subject
        for column in table.columns if isinstance(table, TableSubject) else ():
            if column.name not in there:
                raise UsageError(
                    f"{table.path} has no column {quoted(column.name)}; {advice(column.name, there)}"
                )
