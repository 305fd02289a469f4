"""Measure again from the sealed tallies of a pack: the probes' pure functions, without a row of the data.

A pack is as untrusted as data: its tallies are opened in a worker, each read once, and what a file holds has
to have the digest that the evidence names.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from conformity.errors import DataError, IntegrityError
from conformity.model.base import Sha256, SubjectId, sha256_of
from conformity.model.subject import TableSubject
from conformity.model.tally import Tally, TallySpec
from conformity.probes.interface import ComparisonProbe, ProbeResult, TableProbe
from conformity.probes.registry import load_probe
from conformity.sandbox.interface import Recalled, RemeasureJob

MOST_BYTES = 256 * 1024 * 1024
"""The largest tally that is read."""

_NO_TALLIES = "The pack holds no tally of this step; with the data (--data) it is recomputed."
_OTHERS = "The pack holds other tallies of this step than its probe asks for; it is from another version."


class WithheldError(Exception):
    """What a step rests on is not in the pack; the text says what."""


def remeasured(job: RemeasureJob, recalled: Recalled) -> ProbeResult:
    """Return what a step measures on the tallies that its observation names.

    Args:
        job: the tables of the system, and where the tallies lie.
        recalled: the step, and the digests of its tallies in the order in which they were asked for.

    Raises:
        WithheldError: a tally that it needs is not there.
        NotMeasurableError: the step measures nothing, as the manifest or the tallies stand.
        IntegrityError: a tally was changed.
        DataError: a tally cannot be read, or there is no such table.
    """
    tables = {table.id: table for table in job.tables}
    table = tables.get(recalled.step.subject)
    if table is None:
        raise DataError(f"The manifest of the pack declares no table {recalled.step.subject!r}.")
    others = tuple(one for one in job.tables if one.id != table.id)
    probe = load_probe(recalled.step.probe)
    asked = _asked(probe, table, others)
    if not recalled.tallies and any(asked.values()):
        raise WithheldError(_NO_TALLIES)
    try:
        tallies = [read_tally(job.folder, digest) for digest in recalled.tallies]
    except FileNotFoundError as error:
        raise WithheldError("A tally that it rests on is not in the pack.") from error
    if [one.spec for one in tallies] != [spec for specs in asked.values() for spec in specs]:
        raise WithheldError(_OTHERS)
    return _measured(probe, table, others, _apart(asked, tallies))


def _asked(
    probe: object, table: TableSubject, others: Sequence[TableSubject]
) -> Mapping[SubjectId, tuple[TallySpec, ...]]:
    """Return the tallies that a probe asks for, by table, in the order in which they were kept.

    Raises:
        NotMeasurableError: the manifest does not declare what the question needs.
    """
    if hasattr(probe, "compare"):
        return cast("ComparisonProbe", probe).asks(table, others)
    return {table.id: cast("TableProbe", probe).tallies(table)}


def _measured(
    probe: object,
    table: TableSubject,
    others: Sequence[TableSubject],
    tallies: Mapping[SubjectId, tuple[Tally, ...]],
) -> ProbeResult:
    """Return what a probe measures on tallies.

    Raises:
        NotMeasurableError: they hold nothing to measure.
    """
    if hasattr(probe, "compare"):
        return cast("ComparisonProbe", probe).compare(table, others, tallies)
    return cast("TableProbe", probe).measure(table, tallies[table.id])


def _apart(
    asked: Mapping[SubjectId, tuple[TallySpec, ...]], tallies: Sequence[Tally]
) -> dict[SubjectId, tuple[Tally, ...]]:
    """Return the tallies of each table, from all of them in a row."""
    left = iter(tallies)
    return {name: tuple(next(left) for _ in specs) for name, specs in asked.items()}


def read_tally(folder: Path, digest: Sha256) -> Tally:
    """Return the tally with a digest, read once and checked.

    Args:
        folder: where the tallies of a pack lie.
        digest: of the tally, after which its file is named.

    Raises:
        FileNotFoundError: it is not there.
        IntegrityError: its file holds something else.
        DataError: it cannot be read, or is no tally.
    """
    name = f"{digest.removeprefix('sha256:')}.json"
    content = _content(folder / name, name)
    if sha256_of(content) != digest:
        raise IntegrityError(f"The tally {name} was changed: its digest is not the one in its name.")
    try:
        return Tally.model_validate_json(content)
    except ValidationError as error:
        raise DataError(
            f"The tally {name} is no tally that this version reads; take the pack anew."
        ) from error


def _content(file: Path, name: str) -> bytes:
    """Return the bytes of a plain file; a link is not followed, and a pipe not waited for.

    Raises:
        FileNotFoundError: it is not there.
        DataError: it is no plain file, too large, or cannot be read.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise  # what is withheld is told apart from what is broken
    except OSError as error:
        raise DataError(f"The tally {name} cannot be read ({error.strerror}); take the pack anew.") from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            raise DataError(f"The tally {name} is no plain file of a size that is read; take the pack anew.")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read(MOST_BYTES)
    finally:
        os.close(handle)
