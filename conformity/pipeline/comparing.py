"""Compare two packs: read both, lay them beside each other, write the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformity import __version__
from conformity.archive.pack import check_place, write_pack
from conformity.archive.sums import SUMS
from conformity.catalog.change_questions import change_questions
from conformity.errors import DataError
from conformity.judge.comparison.sides import Side
from conformity.judge.comparison.versions import compared, same_system
from conformity.judge.nonconformities import with_register
from conformity.model.base import sha256_of
from conformity.model.comparison import Comparison
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.shared import check_output, chosen_formats
from conformity.pipeline.telling import context_of, grown_by_few, telling_of
from conformity.render.views.context import Context
from conformity.settings import DISCLOSURE_LIMIT, Settings

RECORD = "comparison.json"
"""The machine-readable comparison; without it a folder is no comparison."""

FORMATS = ("html", "md", "json")
"""The formats in which a comparison can be written."""


def compare(
    before: Path,
    after: Path,
    settings: Settings,
    *,
    other_system: bool = False,
    independent: bool = False,
) -> Comparison:
    """Return the difference between two packs, the earlier one first.

    Args:
        before: the folder of the earlier version.
        after: the folder of the later version.
        settings: limits.
        other_system: whether the packs may be of two systems.
        independent: whether the caller states that no person is in the data of both.

    Raises:
        PathError: there is no pack.
        DataError: a record cannot be read, or the packs are of two systems.
        IntegrityError: a record is not the one whose digest its pack lists.
    """
    packs = [read_pack(place, settings) for place in (before, after)]
    contexts = [context_of(one.assessment, one.evidence, DISCLOSURE_LIMIT) for one in packs]
    first, second = (_side(pack, context) for pack, context in zip(packs, contexts, strict=True))
    if not other_system and not same_system(first, second):
        then, now = (one.assessment.manifest for one in packs)
        raise DataError(
            f"{before} is about {then.system.name} of {then.provider.name}, {after} about {now.system.name} "
            f"of {now.provider.name}; name two packs of one system, or add --other-system."
        )
    asked = change_questions()
    return compared(
        first,
        second,
        apart=grown_by_few(*contexts),
        independent=independent,
        questions=asked.questions,
        ref=asked.ref,
        statement=asked.statement,
        tool=f"conformity {__version__}",
    )


def write_comparison(
    comparison: Comparison, folder: Path, formats: Sequence[str], settings: Settings
) -> tuple[str, ...]:
    """Write a comparison to a folder and return the names of its files, the record among them.

    Args:
        comparison: the comparison.
        folder: where it is to appear, whole or not at all.
        formats: of ``html``, ``md`` and ``json``.
        settings: limits.

    Raises:
        UsageError: there is no such format, or none is named.
        PathError: something else lies there, or nothing can be written.
        RenderError: a document cannot be made.
    """
    from conformity.render.comparison.documents import comparison_files

    chosen = chosen_formats(formats, FORMATS, "a comparison")
    place = folder.absolute()
    check_output(place, settings.root)
    check_place(place, RECORD)
    files = comparison_files(comparison, tuple(dict.fromkeys(["json", *chosen])))
    write_pack(place, files, RECORD)
    return tuple(sorted(files))


def _side(pack: Pack, context: Context) -> Side:
    """Return one version as it is compared."""
    return Side(
        assessment=with_register(pack.assessment),
        evidence=pack.evidence,
        assessment_sha256=pack.assessment_sha256,
        pack_sha256=sha256_of((pack.folder / SUMS).read_bytes()),
        telling=telling_of(context),
    )
