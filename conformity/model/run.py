"""Runs: what was asked of the engine of runs, how far it is, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from conformity.model.base import Depth, Instant, Line, Prose, Value
from conformity.model.subject import Phase

RunId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{7,63}$")]
"""Name of a run: lower case letters, digits and dashes. Asking twice under one name is asking once."""

Owner = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$")]
"""Who asked for a run: the name of a key, or the subject of a token; ``local`` on this machine."""

RunStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
"""How far a run is; the last three are for ever."""

Stage = Literal["queued", "preparing", "measuring", "judging", "rendering", "publishing", "finished"]
"""What a run is doing. Each stage from `preparing` on is taken up again where a worker died in it."""

Path = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
"""An absolute path inside the allowed root, as text."""


class AssessmentRequest(Value):
    """Assess a system and write its pack."""

    kind: Literal["assessment"] = "assessment"
    """What is asked."""
    manifest: Path | None = None
    """The manifest; None to draft one from ``data``."""
    data: tuple[Path, ...] = ()
    """Data files to draft a manifest from, beside the first of them, when there is none."""
    output: Path | None = None
    """Folder where the pack is to appear besides the run's own; None for the run's own alone."""
    formats: tuple[Line, ...] = ("html", "pdf", "json")
    """Documents to make."""
    as_of: date | None = None
    """The day whose law applies; that of ``asked_at`` when not given."""
    depth: Depth | None = None
    """How much is measured; None leaves it to the settings."""
    engine: Literal["duckdb", "spark"] | None = None
    """What counts in tables; None leaves it to the settings."""
    language: Line = "en"
    """Language of the documents."""
    previous: Path | None = None
    """Pack of the version before."""


class TableScanRequest(Value):
    """Measure one table: fairness and accuracy, or privacy."""

    kind: Literal["table_scan"] = "table_scan"
    """What is asked."""
    data: Path
    """The table."""
    modules: Annotated[
        tuple[Literal["fairness", "accuracy", "privacy", "data_quality"], ...], Field(min_length=1)
    ]
    """Which measurements are wanted."""
    protected: tuple[Line, ...] = ()
    """Columns of protected attributes."""
    quasi_identifiers: tuple[Line, ...] = ()
    """Columns by which people could be singled out together."""
    label: Line | None = None
    """Column of the true outcome."""
    prediction: Line | None = None
    """Column of the system's outcome."""
    positive: tuple[Line, ...] = ()
    """Values that mean the favourable outcome."""
    negative: tuple[Line, ...] = ()
    """Values that mean the unfavourable outcome."""


class PromptLogScanRequest(Value):
    """Look for attacks in a log of prompts."""

    kind: Literal["prompt_log_scan"] = "prompt_log_scan"
    """What is asked."""
    log: Path
    """The log."""


class ModelScanRequest(Value):
    """Look into a model file without loading it."""

    kind: Literal["model_scan"] = "model_scan"
    """What is asked."""
    model: Path
    """The model file."""


class InferenceEnergyRequest(Value):
    """Measure the energy of a model's inference over a table."""

    kind: Literal["inference_energy"] = "inference_energy"
    """What is asked."""
    model: Path
    """The model file."""
    data: Path
    """The table that it is run over."""
    features: Annotated[tuple[Line, ...], Field(min_length=1)]
    """Columns that the model reads, in order."""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    """ISO 3166-1 alpha-3 code of the grid."""
    repeats: Annotated[int, Field(ge=1, le=100)] = 6
    """How often the table is predicted."""


class EnergyRecordRequest(Value):
    """Read a record of energy that CodeCarbon wrote."""

    kind: Literal["energy_record"] = "energy_record"
    """What is asked."""
    record: Path
    """The emissions.csv."""
    phase: Phase
    """What it recorded."""


RunRequest = Annotated[
    AssessmentRequest
    | TableScanRequest
    | PromptLogScanRequest
    | ModelScanRequest
    | InferenceEnergyRequest
    | EnergyRecordRequest,
    Field(discriminator="kind"),
]
"""What can be asked of the engine of runs."""


class RunFailure(Value):
    """Why a run failed."""

    message: Prose
    """One sentence: what, where, what to do."""
    exit_code: Annotated[int, Field(ge=1, le=255)]
    """The code that the command line would have ended with; 70 for a fault of ours."""


class Run(Value):
    """A run, as it stands now."""

    id: RunId
    """Its name."""
    owner: Owner
    """Who asked for it; nobody else sees it."""
    request: RunRequest
    """What was asked."""
    status: RunStatus
    """How far it is."""
    stage: Stage
    """What it is doing, or did last."""
    message: Line | None = None
    """What was just done, in words."""
    done: Annotated[int, Field(ge=0)] = 0
    """Steps of the stage that are done."""
    total: Annotated[int, Field(ge=0)] = 0
    """Steps that the stage has; 0 while that is not known."""
    asked_at: Instant
    """When it was asked for; the assessment bears this time."""
    changed_at: Instant
    """When anything of this record changed last."""
    version: Annotated[int, Field(ge=0)] = 0
    """Rises with every change; the number of its last event."""
    attempts: Annotated[int, Field(ge=0)] = 0
    """How often a worker took it up; above 1 when one died."""
    failure: RunFailure | None = None
    """Why it failed."""
    folder: Path
    """The run's own folder: ``input``, ``pack``, ``result.json``."""


class RunEvent(Value):
    """Something that happened to a run."""

    number: Annotated[int, Field(ge=1)]
    """Its place in the run's history, from 1."""
    at: Instant
    """When."""
    status: RunStatus
    """The status from then on."""
    stage: Stage
    """The stage from then on."""
    message: Line | None = None
    """What was just done, in words."""
    done: Annotated[int, Field(ge=0)] = 0
    """Steps of the stage that are done."""
    total: Annotated[int, Field(ge=0)] = 0
    """Steps that the stage has."""


class DraftGuess(Value):
    """Something that a drafted manifest says and nobody has confirmed."""

    field: Prose
    """The field, such as ``subjects[0].columns[3].roles``."""
    value: str
    """What it says."""
    reason: str
    """What it was told from."""


class DraftedManifest(Value):
    """A manifest that a run drafted; ``drafted.json`` in its folder."""

    path: Path
    """Where it lies once the run has succeeded."""
    text: str
    """What is in it."""
    guesses: tuple[DraftGuess, ...]
    """What was guessed in it."""
