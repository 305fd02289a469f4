"""Tell what of a pack still holds on a later day, and with the files as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from conformity.errors import UsageError
from conformity.judge import judge
from conformity.judge.staleness import stale
from conformity.model.base import Sha256, SubjectId
from conformity.model.reproduction import Staleness, StaleThing, SubjectNow, VerdictLost
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.reproducing.from_data import data_folder, found_in
from conformity.settings import Settings


def staleness(pack: Path, data: Path | None, as_of: date, settings: Settings) -> Staleness:
    """Return what of a pack no longer holds on a day, and which verdicts are others then.

    Args:
        pack: the folder that an assessment wrote.
        data: the folder that its manifest lay in, to hold the files against their digests; None to tell by
            age alone.
        as_of: the day.
        settings: limits.

    Raises:
        UsageError: the day lies before that of the assessment.
        PathError: there is no pack, or no such folder.
        IntegrityError: a record of the pack is not the one whose digest it lists.
        DataError: a record cannot be read.
    """
    found = read_pack(pack, settings)
    judged_on = found.assessment.assessed_at.date()
    if as_of < judged_on:
        raise UsageError(f"The pack was judged on {judged_on}; choose that day or a later one with --as-of.")
    held: tuple[SubjectNow, ...] = ()
    if data is not None:
        held = found_in(found, data_folder(data, settings), lambda _what, _done, _total: None).subjects
    now = {str(one.id): one.now for one in held if one.state == "changed" and one.now is not None}
    manifest = found.assessment.manifest
    return Staleness(
        pack=str(found.folder)[-500:],
        assessed_on=judged_on,
        as_of=as_of,
        limits=len(manifest.age_limits),
        subjects=held,
        stale=tuple(
            StaleThing(id=SubjectId(name), reason=reason)
            for name, reason in stale(manifest, found.evidence, as_of, now).items()
        ),
        verdicts=verdicts_on(found, as_of, now),
    )


def lost(pack: Pack, today: date) -> tuple[VerdictLost, ...]:
    """Return what was met when a pack was judged and is no more, such as on evidence that grew too old.

    Args:
        pack: its records.
        today: the day; that of the assessment counts where it is later.
    """
    day = max(today, pack.assessment.assessed_at.date())
    return tuple(one for one in verdicts_on(pack, day) if one.recorded == "met")


def lost_in(folder: Path, today: date, settings: Settings) -> tuple[VerdictLost, ...]:
    """Return what was met when the pack in a folder was judged and is no more.

    Args:
        folder: the pack.
        today: the day.
        settings: limits.

    Raises:
        PathError: there is no pack.
        IntegrityError: a record of the pack is not the one whose digest it lists.
    """
    return lost(read_pack(folder, settings), today)


def verdicts_on(pack: Pack, as_of: date, now: Mapping[str, Sha256] | None = None) -> tuple[VerdictLost, ...]:
    """Return the verdicts of a pack that are others when it is judged on another day.

    Args:
        pack: its records.
        as_of: the day.
        now: digests of the files that have changed since.
    """
    assessment, before = pack.assessment, pack.assessment.previous
    findings = judge(
        assessment.manifest,
        assessment.plan,
        pack.evidence,
        as_of,
        assessment.criteria_lock,
        before,
        now,
    )
    then = {finding.requirement: finding.verdict for finding in assessment.findings}
    return tuple(
        VerdictLost(
            requirement=one.requirement,
            recorded=then[one.requirement],
            now=one.verdict,
            reason=one.reason,
        )
        for one in findings
        if then.get(one.requirement, one.verdict) != one.verdict
    )
