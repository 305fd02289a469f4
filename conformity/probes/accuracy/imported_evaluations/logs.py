"""Read logs of Inspect: its ``.eval`` files, of which the header is enough, and its logs in JSON.

Source:
    Inspect, ``inspect_ai.log.EvalLog`` (version 2 of the log's schema).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformity.errors import DataError
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.imported.origin import Origin, day_of, nothing_read, other_version, version_of
from conformity.probes.shared.imported.reading import (
    inner,
    number,
    objects,
    parsed,
    printable,
    read_bytes,
    whole,
)
from conformity.probes.shared.imported.zipped import member

_VERSION = 2
_MOST_FILES = 200
_ERRORS = frozenset({"stderr", "bootstrap_stderr"})
_SPREADS = _ERRORS | {"std", "var"}


@dataclass(frozen=True)
class Score:
    """One number that a scorer gave for a task."""

    scorer: str
    """The scorer."""
    measure: str
    """Which of its metrics."""
    value: float | None
    """The number; None where it is none."""
    n: int | None
    """Samples that were scored, where the log says it."""
    unscored: int
    """Samples that this scorer did not score."""
    stderr: float | None
    """Its standard error, where the log gives one."""
    clustered: bool
    """Whether that counts samples together that belong together."""


@dataclass(frozen=True)
class Evaluation:
    """One log."""

    task: str
    """The task."""
    model: str
    """The model that was asked, as Inspect calls it."""
    status: str
    """How the run ended; only ``success`` counts."""
    total: int | None
    """Samples of the run, each epoch for itself."""
    completed: int | None
    """How many of them were run to their end."""
    scores: tuple[Score, ...]
    """The numbers, sorted."""
    left: int
    """Numbers that are not read: of groups of samples, or of several reducers."""
    origin: Origin
    """Where it comes from."""


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the logs of a file or folder, sorted.

    Raises:
        NotMeasurableError: a folder holds none.
        DataError: it holds too many.
    """
    if not path.is_dir():
        return (path,)
    found = sorted(one for one in path.rglob("*") if one.is_file() and one.suffix in (".eval", ".json"))
    if not found:
        raise NotMeasurableError(nothing_read(path.name))
    if len(found) > _MOST_FILES:
        raise DataError(f"{path.name} holds more than {_MOST_FILES} logs; hand in fewer")
    return tuple(found)


def evaluation_of(path: Path) -> Evaluation:
    """Return what a log says.

    Raises:
        NotMeasurableError: it is of another version, or was not ended.
        DataError: it is no log.
    """
    data = _header(path)
    if not isinstance(data, dict) or not isinstance(data.get("eval"), dict):
        raise DataError(f"{path.name} is no log of Inspect; hand in the file as Inspect wrote it")
    if data.get("version") != _VERSION:
        raise NotMeasurableError(other_version(path.name))
    about, results = data["eval"], data.get("results")
    scores = list(_scores(objects(inner(results, "scores"))))
    return Evaluation(
        task=printable(about.get("task")),
        model=printable(about.get("model")),
        status=printable(data.get("status")),
        total=whole(inner(results, "total_samples")),
        completed=whole(inner(results, "completed_samples")),
        scores=tuple(sorted((one for one in scores if one), key=lambda one: (one.scorer, one.measure))),
        left=sum(one is None for one in scores),
        origin=Origin(
            "Inspect",
            version_of(inner(about, "packages", "inspect_ai")),
            day_of(about.get("created")),
        ),
    )


def _header(path: Path) -> Any:
    """Return the header of a log.

    Raises:
        NotMeasurableError: the log was not ended, and so has none.
        DataError: it cannot be read.
    """
    if path.suffix != ".eval":
        return parsed(read_bytes(path), path.name)
    raw = member(path, "header.json")
    if raw is None:
        raise NotMeasurableError(f"{path.name} has no header, so that its run has not ended; run it again")
    return parsed(raw, path.name)


def _scores(listed: list[dict[str, Any]]) -> Iterator[Score | None]:
    """Yield the numbers of all scorers; None for each that is not read."""
    names = [one.get("name") for one in listed]
    for one in listed:
        metrics = inner(one, "metrics")
        values = objects(list(metrics.values())) if isinstance(metrics, dict) else []
        # With several reducers, one scorer stands there several times with different numbers.
        plain = [
            value for value in values if value.get("group") is None and names.count(one.get("name")) == 1
        ]
        yield from (None for value in values if value not in plain)
        errors = [value for value in plain if str(value.get("name")) in _ERRORS]
        for value in plain:
            if str(value.get("name")) not in _SPREADS:
                yield _score(one, value, errors[0] if len(errors) == 1 else {})


def _score(scorer: dict[str, Any], value: dict[str, Any], error: dict[str, Any]) -> Score:
    """Return one number with its standard error."""
    return Score(
        scorer=printable(scorer.get("name")),
        measure=printable(value.get("name")),
        value=number(value.get("value")),
        n=whole(scorer.get("scored_samples")),
        unscored=whole(scorer.get("unscored_samples")) or 0,
        stderr=number(error.get("value")),
        clustered=bool(inner(error, "params", "cluster")),
    )
