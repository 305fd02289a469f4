"""Lock criteria beside a manifest, check them, and assess with the lock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conformity.errors import IntegrityError, ManifestError, PathError, UsageError
from conformity.intake.criteria_lock import read_lock
from conformity.model.assessment import Assessment
from conformity.model.criteria_lock import CriteriaLock
from conformity.pipeline.assessing import assess
from conformity.pipeline.locking import LockReport, check_criteria, lock_criteria
from conformity.pipeline.shared import load_manifest
from conformity.settings import Settings

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEAD = """\
conformity: 1
system: {name: Chat, version: "1", intended_purpose: Testing the tool.}
provider: {name: Provider, address: Street 1, contact: office}
subjects:
  - {id: log, kind: prompt_log, title: Prompts, path: log.jsonl, produced_on: 2026-11-23}
"""
BOUND = """\
  - id: %s
    metric: flagged_share
    subject: log
    at_most: %s
    requirements: [art15.5.unauthorised]
    reason: Chosen for this test.
    owner: Risk function
    fixed_at: 2026-10-01
"""
LOCK = "criteria.lock.json"
NAMED = f"criteria_lock: {LOCK}\n"


def write(folder: Path, *bounds: tuple[str, float], more: str = "") -> Path:
    """Write a manifest with these bounds."""
    place = folder / "conformity.yaml"
    text = HEAD + ("criteria:\n" + "".join(BOUND % bound for bound in bounds) if bounds else "") + more
    place.write_text(text, encoding="utf-8")
    return place


def lock(place: Path, days: int = 0, *, replace: bool = False) -> LockReport:
    """Lock the criteria so many days after the first moment."""
    return lock_criteria(place, MOMENT + timedelta(days=days), Settings(), replace=replace)


def states(report: LockReport) -> dict[str, str]:
    """Return how each bound stands."""
    return {bound.criterion: bound.state for bound in report.bounds}


def test_a_lock_is_written_once_and_left_alone_while_nothing_changes(tmp_path: Path) -> None:
    place = write(tmp_path, ("a", 0.1), ("b", 0.2))
    first = lock(place)
    written = (tmp_path / LOCK).read_bytes()
    assert (first.written, first.named, first.locked_at, first.holds) == (True, False, MOMENT, True)
    again = lock(place, days=1)
    assert (again.written, again.locked_at, again.sha256) == (False, MOMENT, first.sha256)
    assert (tmp_path / LOCK).read_bytes() == written
    assert json.loads(written)["criteria"][0]["criterion"]["at_most"] == 0.1
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_a_lock_that_differs_is_replaced_only_when_asked_and_kept_in_the_new(tmp_path: Path) -> None:
    lock(write(tmp_path, ("a", 0.1), ("b", 0.2), ("d", 0.4)))
    place = write(tmp_path, ("a", 0.1), ("b", 0.3), ("c", 0.1))
    with pytest.raises(UsageError, match=r"since 2026-11-22 \(b, c, d\); add --replace"):
        lock(place, days=2)
    report = lock(place, days=2, replace=True)
    held = CriteriaLock.model_validate_json((tmp_path / LOCK).read_bytes())
    assert [one.locked_at for one in held.criteria] == [MOMENT, MOMENT + timedelta(days=2), held.locked_at]
    assert [len(one.criteria) for one in held.earlier] == [3]
    assert (report.given_up, report.holds) == (("b", "d"), True)
    assert held.fault() is None


def test_a_check_names_what_is_not_as_it_was_locked(tmp_path: Path) -> None:
    lock(write(tmp_path, ("a", 0.1), ("b", 0.2), ("d", 0.4)))
    place = write(tmp_path, ("a", 0.1), ("b", 0.3), ("c", 0.1), more=NAMED)
    report = check_criteria(place, Settings())
    assert states(report) == {"a": "locked", "b": "changed", "c": "not_locked", "d": "left_out"}
    assert (report.bounds[1].changed, report.named, report.holds) == (("at_most",), True, False)
    assert not report.written


def test_a_check_wants_a_lock(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"no lock beside conformity\.yaml"):
        check_criteria(write(tmp_path, ("a", 0.1)), Settings())
    with pytest.raises(ManifestError, match=r"criteria_lock: .*criteria\.lock\.json"):
        check_criteria(write(tmp_path, ("a", 0.1), more=NAMED), Settings())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("owner: Risk function", "owner: REPLACE", "criterion a is not ready to lock. The bound still holds"),
        ("fixed_at: 2026-10-01", "fixed_at: 2026-11-23", "dated 2026-11-23, which is still to come"),
        ("fixed_at: 2026-10-01", "fixed_at: 2026-11-22T12:00:01Z", "which is still to come"),
        ("    subject: log", "    claimed_in: e\n    subject: log", "fixes no criterion to lock"),
    ],
)
def test_a_bound_that_nobody_answers_for_yet_is_not_locked(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    exhibit = "exhibits: [{id: e, title: t, path: p, dated: 2026-10-01, covers: [art15.3]}]\n"
    place = write(tmp_path, ("a", 0.1), more=exhibit)
    text = place.read_text().replace(old, new)
    if "claimed_in" in new:
        text = text.replace("art15.5.unauthorised", "art15.3")
    place.write_text(text)
    with pytest.raises(ManifestError, match=words):
        lock(place)
    assert not (tmp_path / LOCK).exists()


@pytest.mark.parametrize("moment", ["2026-11-22", "2026-11-22T12:00:00Z"])
def test_a_bound_of_the_same_day_is_locked(tmp_path: Path, moment: str) -> None:
    place = write(tmp_path, ("a", 0.1))
    place.write_text(place.read_text().replace("2026-10-01", moment))
    assert lock(place).written


def test_a_manifest_without_bounds_has_nothing_to_lock(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="fixes no criterion to lock"):
        lock(write(tmp_path))


def test_a_lock_lies_beside_the_manifest_and_inside_the_root(tmp_path: Path) -> None:
    place = write(tmp_path, ("a", 0.1), more="criteria_lock: locks/mine.json\n")
    with pytest.raises(ManifestError, match="name the file alone, such as"):
        lock(place)
    mine = write(tmp_path, ("a", 0.1), more="criteria_lock: mine.json\n")
    assert Path(lock(mine).lock).name == "mine.json"
    inside = tmp_path / "in"
    inside.mkdir()
    with pytest.raises(PathError):
        lock_criteria(mine, MOMENT, Settings(root=inside))


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = write(tmp_path, ("a", 0.1))

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PathError, match="Permission denied"):
        lock(place)
    assert [file.name for file in tmp_path.iterdir()] == ["conformity.yaml"]


def test_a_link_in_place_of_a_lock_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    place = write(tmp_path, ("a", 0.1))
    lock(place)
    victim = tmp_path / "victim"
    (tmp_path / LOCK).rename(victim)
    before = victim.read_bytes()
    (tmp_path / LOCK).symlink_to(victim)
    lock(write(tmp_path, ("a", 0.2)), days=1, replace=True)
    assert victim.read_bytes() == before
    assert not (tmp_path / LOCK).is_symlink()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda text: text.replace('"at_most":0.1', '"at_most":0.9'), IntegrityError, "digest of a is not"),
        (lambda text: text.replace("2026-11-22T12", "2026-09-22T12"), IntegrityError, "changed after it was"),
        (lambda text: text[:-20], ManifestError, "is no lock of criteria"),
        (lambda text: text.replace('"tool"', '"tol"'), ManifestError, r"\(tool does not fit\)"),
        (lambda text: text.replace("lock/v1", "lock/v2"), ManifestError, r"\(lock_schema does not fit\)"),
        (lambda text: text + " " * 4_000_000, ManifestError, "is larger than"),
    ],
)
def test_a_lock_that_was_changed_or_is_none_stops_the_work(
    tmp_path: Path, change: object, error: type[Exception], words: str
) -> None:
    assert callable(change)
    place = write(tmp_path, ("a", 0.1), more=NAMED)
    lock(place)
    file = tmp_path / LOCK
    file.write_text(change(file.read_text()))
    with pytest.raises(error, match=words):
        check_criteria(place, Settings())


def test_a_lock_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    place = write(tmp_path, ("a", 0.1))
    (tmp_path / LOCK).mkdir()
    with pytest.raises(ManifestError, match="cannot be read: Is a directory"):
        check_criteria(place, Settings())


def test_a_manifest_without_a_lock_reads_none(tmp_path: Path) -> None:
    loaded = load_manifest(write(tmp_path, ("a", 0.1)), Settings())
    assert read_lock(loaded, None, 1000) is None


def test_an_assessment_records_the_lock_and_judges_by_it(tmp_path: Path) -> None:
    lock(write(tmp_path, ("a", 0.1)))
    place = write(tmp_path, more=NAMED)
    place.write_text(place.read_text().split("subjects:")[0] + NAMED)
    assess(
        place,
        tmp_path / "pack",
        formats=("json",),
        moment=MOMENT,
        as_of=MOMENT.date(),
        settings=Settings(),
        on_progress=lambda _what, _done, _total: None,
    )
    found = Assessment.model_validate_json((tmp_path / "pack" / "assessment.json").read_bytes())
    assert found.criteria_lock == CriteriaLock.model_validate_json((tmp_path / LOCK).read_bytes())
    (dated,) = [finding for finding in found.findings if finding.requirement == "art9.8.thresholds"]
    assert "The lock holds 1 bound that the manifest does not: a." in dated.reason
