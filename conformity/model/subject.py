"""Subjects: the named artefacts of a system that probes look at."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from conformity.model.base import Line, Sha256, Slug, SubjectId, Value
from conformity.model.energy import Footprint, Generation, Training
from conformity.model.staleness import MadeWith
from conformity.model.trials import Attacks, Command, Robustness, Scheme

ColumnRole = Literal[
    "label",
    "prediction",
    "score",
    "protected",
    "quasi_identifier",
    "direct_identifier",
    "sensitive",
    "feature",
    "factor",
    "weight",
    "time",
    "cluster",
    "previous_prediction",
]
"""What a column means to the assessment; a column may have several roles.

``factor``: a legitimate reason for different decisions, within which groups are compared. ``weight``: how
many people a row stands for. ``time``: when a case was decided. ``cluster``: rows that belong together, such
as those of one household. ``previous_prediction``: the decision before a change, such as a mitigation.
"""

Content = Literal["outcome", "classes", "numbers"]
"""What a label or prediction holds: two outcomes, several classes, or numbers."""

TablePurpose = Literal["training", "validation", "testing", "operation", "reference"]
"""Which of the data sets of Art. 3(29)-(32), operating data, or a population to compare with, a table is."""

Cell = bool | int | float | str
"""A value as it is written in a manifest; compared with data as text."""


class ValueName(Value):
    """A readable name for one coded value, such as 1 -> male."""

    value: Cell
    """The value as it stands in the data."""
    name: Line
    """The words to print for it."""


class Column(Value):
    """One column of a table and what it means."""

    name: Annotated[str, Field(min_length=1)]
    """The column's name exactly as in the file."""
    roles: Annotated[tuple[ColumnRole, ...], Field(min_length=1)]
    """What the column is, in the terms of the assessment."""
    content: Content = "outcome"
    """For a label or prediction: what it holds."""
    positive: tuple[Cell, ...] = ()
    """For a label or prediction: the values that mean the favourable outcome."""
    negative: tuple[Cell, ...] = ()
    """For a label or prediction: the values that mean the unfavourable outcome."""
    edges: tuple[float, ...] = ()
    """For a numeric protected attribute: where one group ends and the next begins (inclusive). For a score
    that does not run from 0 to 1: its lowest and its highest value."""
    bands: Annotated[int, Field(ge=2, le=20)] | None = None
    """For a numeric protected attribute without ``edges``: how many groups of about equal size to make."""
    names: tuple[ValueName, ...] = ()
    """Readable names for coded values."""
    reference: Cell | None = None
    """For a protected attribute: the group with which the others are compared; else the largest."""
    minimum: float | None = None
    """For a column of numbers: the least that can be right."""
    maximum: float | None = None
    """For a column of numbers: the most that can be right."""
    allowed: tuple[Cell, ...] = ()
    """The only values that can be right; compared as text, numbers by value."""

    @model_validator(mode="after")
    def _outcomes_are_complete(self) -> Column:
        """Check that an outcome says which values are favourable, and that no value is both."""
        decided = bool({"label", "prediction", "previous_prediction"} & set(self.roles))
        if decided and self.content == "outcome" and not (self.positive and self.negative):
            raise ValueError(
                "a label or prediction needs both `positive` and `negative` values; or say with `content` "
                "that it holds `classes` or `numbers`"
            )
        if both := {str(v) for v in self.positive} & {str(v) for v in self.negative}:
            raise ValueError(f"{sorted(both)} cannot be both positive and negative")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"`minimum` {self.minimum:g} lies above `maximum` {self.maximum:g}")
        if self.edges and self.bands:
            raise ValueError("`edges` and `bands` are two ways to make groups; keep one")
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("`edges` must rise from left to right without repeats")
        return self


class _SubjectBase(Value):
    """What all subjects share."""

    id: Annotated[SubjectId, Slug]
    """A short name, unique among the subjects of the manifest."""
    title: Line
    """What it is, for the reader of the report."""
    path: Line
    """File, folder or glob, relative to the manifest, inside its folder."""
    source: Line | None = None
    """Where it comes from, and under which licence."""
    produced_on: date | None = None
    """The day on which it came into being; criteria must be older (Art. 9(8))."""
    made_with: Annotated[tuple[MadeWith, ...], Field(exclude_if=lambda value: not value)] = ()
    """What it was made with, such as the model whose predictions or attacks it holds, each with the digest it
    had then. Where that is another one now, this is stale."""


class TableSubject(_SubjectBase):
    """A data set: rows of people or cases, with labels, predictions and attributes."""

    kind: Literal["table"]
    """Says that this subject is a table."""
    purpose: TablePurpose
    """Which data set it is: training, validation, testing or operation."""
    format: Literal["auto", "csv", "tsv", "parquet", "jsonl", "arrow", "duckdb", "sqlite"] = "auto"
    """How the file is written; ``auto`` goes by the file name."""
    table: Annotated[str, Field(min_length=1)] | None = None
    """In a DuckDB or SQLite file: the table (in SQLite also a view), as ``name`` or ``schema.name``; else its
    only one."""
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns that matter; others are counted but not interpreted."""
    crossed: Annotated[int, Field(ge=1, le=4)] = 2
    """How many protected attributes are crossed at most to form groups."""
    sampling_fraction: Annotated[float, Field(gt=0, le=1)] | None = None
    """Which part of its population the table is a random sample of; 1 for all of it, none when not known."""

    @model_validator(mode="after")
    def _columns_are_unique(self) -> TableSubject:
        """Check that no column is bound twice and at most one has each outcome role."""
        names = Counter(column.name for column in self.columns)
        if twice := [name for name, times in names.items() if times > 1]:
            raise ValueError(f"column {sorted(twice)[0]!r} is listed twice")
        for role in ("label", "prediction", "previous_prediction", "score", "weight", "time", "cluster"):
            if len(self.with_role(role)) > 1:
                raise ValueError(f"more than one column has the role {role!r}")
        return self

    def with_role(self, role: str) -> tuple[Column, ...]:
        """Return the columns that have ``role``, in the manifest's order."""
        return tuple(column for column in self.columns if role in column.roles)


class Inference(Value):
    """How the declared model is run over declared data to measure energy and time."""

    data: Annotated[SubjectId, Slug]
    """The table whose ``feature`` columns are fed to the model, in the manifest's order."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 3166-1 alpha-3 code of the country whose grid powers the machine."""
    repeats: Annotated[int, Field(ge=1, le=100)] = 6
    """How often the whole table is predicted; fewer than six give no interval at the level of 95 %."""


class Membership(Value):
    """Which tables tell how much the declared model reveals about whom it was trained on."""

    members: Annotated[SubjectId, Slug]
    """The table on which the model was trained; ``feature`` columns and a label."""
    others: Annotated[SubjectId, Slug]
    """A table of the same population that the model has never seen."""


class ModelSubject(_SubjectBase):
    """A trained model in a file."""

    kind: Literal["model"]
    """Says that this subject is a model."""
    format: Literal[
        "joblib", "pickle", "skops", "onnx", "xgboost", "lightgbm", "command", "safetensors", "other"
    ]
    """How the file is written; ``command`` for a program that is started."""
    inference: Inference | None = None
    """How to run it to measure energy; without this and ``membership`` the file is never loaded."""
    membership: Membership | None = None
    """Between which tables to look for traces of the training data in what the model predicts."""
    published_digest: Sha256 | None = None
    """The digest published by whoever made the weights in this file; for pre-trained parts (Art. 15(5))."""

    robustness: Annotated[Robustness | None, Field(exclude_if=lambda value: value is None)] = None
    """On which rows to try how it bears disturbed inputs."""
    attacks: Annotated[Attacks | None, Field(exclude_if=lambda value: value is None)] = None
    """For a language model: how to send it prompts that attack it."""
    command: Annotated[Command | None, Field(exclude_if=lambda value: value is None)] = None
    """For the format ``command``: what is started."""

    footprint: Annotated[Footprint | None, Field(exclude_if=lambda value: value is None)] = None
    """What is declared about its use, its data centre and its grid, to tell energy per year and as carbon."""
    training: Annotated[Training | None, Field(exclude_if=lambda value: value is None)] = None
    """For the format ``command``, where the declared file is a program that trains: how to measure it."""

    @model_validator(mode="after")
    def _command_is_said(self) -> ModelSubject:
        """Check that a program is declared for the format that needs one, and for no other."""
        if (self.format == "command") != (self.command is not None):
            raise ValueError("`command` and `format: command` belong together; give both or neither")
        return self

    @model_validator(mode="after")
    def _trains_or_predicts(self) -> ModelSubject:
        """Check that a program that trains is one, that it is given its table, and that nothing asks it."""
        if self.training is None:
            return self
        if self.command is None or not any("{data}" in word for word in self.command.words):
            raise ValueError(
                "`training` needs `format: command` and `{data}` among the words of `command`, where the "
                "file of its table goes"
            )
        if self.inference or self.robustness or self.membership or self.attacks:
            raise ValueError(
                "a program with `training` trains and does not predict; declare the trained model on its own"
            )
        return self

    @property
    def tables(self) -> tuple[SubjectId, ...]:
        """The tables that it names."""
        run = (self.inference.data,) if self.inference else ()
        tried = (self.robustness.data, self.robustness.training) if self.robustness else ()
        known = (self.membership.members, self.membership.others) if self.membership else ()
        fitted = (self.training.data,) if self.training else ()
        return (*run, *known, *fitted, *(name for name in tried if name is not None))


class PromptLogSubject(_SubjectBase):
    """A log of prompts sent to a language model."""

    kind: Literal["prompt_log"]
    """Says that this subject is a prompt log."""
    text_field: Annotated[str, Field(min_length=1)] = "prompt"
    """The column or JSON key that holds the prompt."""
    generation: Annotated[Generation | None, Field(exclude_if=lambda value: value is None)] = None
    """Which hosted model answers, to estimate its energy from the tokens of its answers."""


Phase = Literal["data_preparation", "training", "evaluation", "inference"]
"""A part of the life cycle."""


class EnergyRecordSubject(_SubjectBase):
    """What ``conformity track`` or another energy meter wrote: a file, or a folder of them."""

    kind: Literal["energy_record"]
    """Says that this subject is an energy record."""
    phase: Phase
    """The part of the life cycle that was recorded."""
    command: Annotated[tuple[str, ...], Field(exclude_if=lambda value: not value)] = ()
    """The command that was tracked, word by word, such as the one that trains the model; records of another
    one are refused."""


class AttackRecordSubject(_SubjectBase):
    """A report of attacks on the system that another program wrote."""

    kind: Literal["attack_record"]
    """Says that this subject is a report of attacks."""
    written_by: Scheme
    """Which program wrote it: garak (its report in JSON Lines) or promptfoo (its results in JSON)."""


Program = Literal["evidently", "fairlearn", "giskard", "inspect", "sarif"]
"""Which program, or which common form of several, wrote results that are imported."""


class ImportedRecordSubject(_SubjectBase):
    """What another program measured or found on the system, as that program wrote it."""

    kind: Literal["imported_record"]
    """Says that this subject is a record of another program's results."""
    written_by: Program
    """Which program wrote it: Evidently, Fairlearn, Giskard, Inspect, or one that writes SARIF."""
    written_version: Annotated[Line | None, Field(exclude_if=lambda value: value is None)] = None
    """The version of that program, where its file does not say it."""


class DependenciesSubject(_SubjectBase):
    """What the system's software is built of: a lock file, list or bill of materials, and advisories."""

    kind: Literal["dependencies"]
    """Says that this subject lists packages."""


Subject = Annotated[
    TableSubject
    | ModelSubject
    | PromptLogSubject
    | EnergyRecordSubject
    | AttackRecordSubject
    | ImportedRecordSubject
    | DependenciesSubject,
    Field(discriminator="kind"),
]
"""Any artefact that probes look at."""

SubjectKind = Literal[
    "table",
    "model",
    "prompt_log",
    "energy_record",
    "attack_record",
    "imported_record",
    "dependencies",
    "exhibit",
]
"""The kinds of things a probe may look at; exhibits are subjects of the declared probe."""
