"""What of a pack still holds on a later day, and with the files as they are now."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from conformity.errors import UsageError
from conformity.pipeline.aging import staleness
from conformity.pipeline.declaring import declare
from conformity.settings import Settings
from tests.support.declarations import packed, signed

DAY = date(2026, 11, 22)
LIMIT = {"of": ("record",), "days": 60, "reason": "The process changes every quarter."}
"""The record is of 2026-10-01, so that the limit is kept until 2026-11-30."""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Give a pack in which everything asked for is met, under a limit of age."""
    return packed(signed(age_limits=(LIMIT,)), tmp_path / "pack")


def test_on_its_own_day_a_pack_holds(pack: Path) -> None:
    found = staleness(pack, None, DAY, Settings())
    assert (found.limits, found.stale, found.verdicts, found.subjects) == (1, (), (), ())
    assert (found.assessed_on, found.as_of) == (DAY, DAY)


@pytest.mark.parametrize(("day", "lost"), [(date(2026, 11, 30), False), (date(2026, 12, 1), True)])
def test_what_was_met_falls_when_a_limit_passes(pack: Path, day: date, lost: bool) -> None:
    found = staleness(pack, None, day, Settings())
    assert bool(found.stale) is lost
    assert bool(found.verdicts) is lost
    assert {(one.recorded, one.now) for one in found.verdicts} <= {("met", "undetermined")}
    assert all("record is of 2026-10-01" in one.reason for one in found.verdicts)


def test_files_are_held_against_their_digests(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "record.md").write_text("# Another record\n", "utf-8")
    found = staleness(pack, tmp_path / "data", DAY, Settings())
    assert {str(one.id): one.state for one in found.subjects} == {"test": "not_found", "record": "changed"}
    assert [str(one.id) for one in found.stale] == ["record"]
    assert found.verdicts


def test_a_day_before_the_assessment_is_refused(pack: Path) -> None:
    with pytest.raises(UsageError, match="judged on 2026-11-22; choose that day or a later one"):
        staleness(pack, None, date(2026, 11, 21), Settings())


def test_a_declaration_on_evidence_that_grew_too_old_is_refused(pack: Path, tmp_path: Path) -> None:
    outcome = declare(pack, tmp_path / "out", datetime(2026, 12, 1, 9, tzinfo=UTC), Settings())
    assert any("was met on 2026-11-22 and is not on 2026-12-01: assess again." in r for r in outcome.refusals)
    assert not (tmp_path / "out").exists()
