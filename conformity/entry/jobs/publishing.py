"""Put what a run made where it belongs, or away with it; both go on where they were broken off."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from conformity.archive.pack import put_pack, write_pack
from conformity.archive.sums import SUMS, read_sums
from conformity.errors import IntegrityError, PathError
from conformity.model.run import AssessmentRequest, DraftedManifest, Run
from conformity.pipeline.shared import check_output
from conformity.pipeline.staged.doing import stages_of
from conformity.pipeline.staged.places import DRAFTED, INPUT, PACK, RESULT, WORK, pack_place, work_of
from conformity.settings import Settings


def publish(run: Run, settings: Settings) -> None:
    """Put pack and result of a run in their places; what lies there already stays.

    Raises:
        PathError: a place cannot be written, or is taken.
        IntegrityError: what was to be put there is gone.
    """
    folder, made = Path(run.folder), work_of(run) / stages_of(run.request)[-1]
    try:
        if isinstance(run.request, AssessmentRequest):
            _publish_pack(run, made, settings)
            _publish_draft(run)
        if not (folder / RESULT).exists():
            (made / RESULT).replace(folder / RESULT)
    except FileNotFoundError as error:
        raise IntegrityError(f"{made} is not as the run left it; ask for it anew.") from error
    except OSError as error:
        raise PathError(f"{folder} could not be written ({error.strerror}); ask for the run anew.") from error


def tidy_up(run: Run) -> None:
    """Remove what a run that has ended does not need: what its stages left, and what came to nothing.

    What was uploaded for it stays, unless it was cancelled.
    """
    folder = Path(run.folder)
    shutil.rmtree(folder / WORK, ignore_errors=True)
    if run.status == "succeeded":
        return
    for name in (RESULT, DRAFTED):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)
    for name in (PACK, *((INPUT,) if run.status == "cancelled" else ())):
        shutil.rmtree(folder / name, ignore_errors=True)
    if isinstance(run.request, AssessmentRequest):
        shutil.rmtree(_beside(pack_place(run), run), ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _publish_pack(run: Run, made: Path, settings: Settings) -> None:
    """Put the pack into the run's folder, and a copy where it was asked for.

    Raises:
        PathError: the place cannot be written.
        OSError: likewise.
    """
    own, asked = Path(run.folder) / PACK, pack_place(run)
    if not own.exists():
        (made / PACK).rename(own)
    if asked == own:
        return
    # Time has passed: a folder on the way may have become a link since.
    check_output(asked, settings.root)
    beside = _beside(asked, run)
    try:
        shutil.rmtree(beside, ignore_errors=True)
        if not _is_same(own, asked):
            asked.parent.mkdir(parents=True, exist_ok=True)
            beside.mkdir(mode=0o700)
            write_pack(beside / PACK, {name: (own / name).read_bytes() for name in read_sums(own)})
            put_pack(beside / PACK, asked)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(place: Path, run: Run) -> Path:
    """Return where a run writes what is then put in a place: it finds it again if it is broken off."""
    return place.with_name(f".{place.name}.{run.id}")


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two packs are the same."""
    try:
        return (one / SUMS).read_bytes() == (other / SUMS).read_bytes()
    except OSError:
        return False


def _publish_draft(run: Run) -> None:
    """Put the manifest that was drafted where it belongs, and what was guessed into the run's folder.

    Raises:
        PathError: there is another by now.
        OSError: it cannot be written.
    """
    kept = work_of(run) / "preparing" / DRAFTED
    if not kept.exists():
        return
    content = kept.read_bytes()
    drafted = DraftedManifest.model_validate_json(content)
    place = Path(drafted.path)
    partial = _beside(place, run)
    try:
        partial.unlink(missing_ok=True)
        with partial.open("x", encoding="utf-8") as file:
            file.write(drafted.text)
        with contextlib.suppress(FileExistsError):
            # A link never replaces what is there.
            os.link(partial, place)
        if place.read_bytes() != drafted.text.encode():
            raise PathError(f"{place} was written by somebody else meanwhile; give it as the manifest.")
    finally:
        partial.unlink(missing_ok=True)
    (Path(run.folder) / DRAFTED).write_bytes(content)
