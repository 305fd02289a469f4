"""Two packs on disk are compared as their reports tell them; documents appear whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError, IntegrityError, PathError, UsageError
from conformity.model.comparison import Comparison, MeasureChange
from conformity.model.evidence import Observation
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from conformity.pipeline.comparing import compare, write_comparison
from conformity.pipeline.telling import context_of, grown_by_few, telling_of
from conformity.settings import Settings
from tests.support.assessments import measured, observation, record, table
from tests.support.comparisons import NEW, OLD, share
from tests.support.composed import material
from tests.support.declarations import packed


def sizes(**groups: int) -> list[Measurement]:
    """Return the sizes of groups by sex, and the selection rate of each: half of them."""
    found = []
    for name, size in groups.items():
        place: dict[str, Any] = {"by": ("SEX",), "group": (name,)}
        found.append(measured(Count(value=size, unit="rows"), metric="group_size", **place))
        found.append(measured(share(size // 2, size), metric="selection_rate", **place))
    return found


def seen(*measurements: Measurement) -> Observation:
    """Return an observation of the real probe of selection rates."""
    return observation(*measurements, step="fairness/group_fairness@test", probe="fairness/group_fairness")


def pack(folder: Path, *measurements: Measurement, data: str = OLD, **changes: Any) -> Path:
    """Write a pack of a real plan in which these numbers were measured."""
    given: dict[str, Any] = {"subjects": (table(),), **changes}
    observations = (seen(*measurements),) if measurements else ()
    made = material("timeline", seen=observations, records=(record("test", data),), **given)
    return packed(made, folder)


def of(found: Comparison) -> Mapping[tuple[str, str], MeasureChange]:
    """Return measures by metric and what they are about."""
    return {(str(one.metric), one.about): one for one in found.measures}


def test_two_packs_are_compared_as_reports_tell_them(tmp_path: Path) -> None:
    before = pack(tmp_path / "a", *sizes(f=400, m=600))
    after = pack(tmp_path / "b", *sizes(f=500, m=700), data=NEW)
    found = compare(before, after, Settings())
    rate = of(found)["selection_rate", "SEX: f"]
    assert rate.title == "Selection rate"
    assert rate.before is not None
    assert (rate.before.text, rate.before.n, rate.reality) == ("0.500 (0.451–0.549)", 400, "not_shown")
    assert of(found)["group_size", "SEX: f"].difference == 100
    assert found.before.pack_sha256 != found.after.pack_sha256
    assert found.work_sheet.questions[0].id == "supplied"
    assert found.same_system


def test_small_groups_stay_withheld_in_either_version(tmp_path: Path) -> None:
    before = pack(tmp_path / "a", *sizes(f=6, m=600, x=700))
    after = pack(tmp_path / "b", *sizes(f=60, m=700, x=900), data=NEW)
    for found in (compare(before, after, Settings()), compare(after, before, Settings())):
        (one,) = (m for m in found.measures if m.metric == "group_size" and "rare value" in m.about)
        assert one.reality == "withheld"
        assert (one.before, one.after, one.difference) == (None, None, None)
        assert "6 rows" not in found.model_dump_json()


def test_subtracting_two_reports_gives_no_few_people_away(tmp_path: Path) -> None:
    before = pack(tmp_path / "a", *sizes(f=400, m=600, x=800))
    after = pack(tmp_path / "b", *sizes(f=403, m=640, x=900), data=NEW)
    found = of(compare(before, after, Settings()))
    # f grew by three; m is withheld beside it, for all three together may be known.
    assert {about: one.reality for (metric, about), one in found.items() if metric == "group_size"} == {
        "SEX: f": "withheld",
        "SEX: m": "withheld",
        "SEX: x": "counted",
    }
    open_ = of(compare(before, after, Settings(), independent=True))
    assert open_["group_size", "SEX: f"].difference == 3


def test_the_same_data_hide_nothing_new(tmp_path: Path) -> None:
    before = pack(tmp_path / "a", *sizes(f=400, m=600))
    after = pack(tmp_path / "b", *sizes(f=403, m=597))
    assert of(compare(before, after, Settings()))["group_size", "SEX: f"].difference == 3


def test_what_a_report_tells_is_taken_from_its_views(tmp_path: Path) -> None:
    physical = measured(Scalar(value=2, unit="kWh", n=6, obtained="measured"), metric="energy", by=())
    none = measured(NotAvailable(why="undefined", reason="There is no case."), metric="selection_rate", by=())
    k = measured(Count(value=4, unit="rows"), metric="k_anonymity", by=())
    made = material(
        "timeline", seen=(seen(*sizes(f=4, m=600, x=50), physical, none, k),), subjects=(table(),)
    )
    context = context_of(made.assessment, made.evidence, 10)
    told = {(key[2], key[4]): one for key, one in telling_of(context).told.items()}
    assert (told["energy", ()].people, told["energy", ()].number) == (False, True)
    assert told["selection_rate", ()].text == "no number (There is no case.)"
    assert (told["k_anonymity", ()].number, told["k_anonymity", ()].people) == (True, False)
    assert not told["group_size", ("f",)].number
    assert told["group_size", ("f",)].counts
    assert "rare value" in told["group_size", ("f",)].about
    guard = telling_of(context).guard
    assert guard("There are 3 rows of 'f'.") != "There are 3 rows of 'f'."
    assert grown_by_few(context, context) == frozenset()


def test_packs_of_two_systems_are_refused_unless_that_is_wanted(tmp_path: Path) -> None:
    before = pack(tmp_path / "a")
    other = {"name": "Another", "version": "1", "intended_purpose": "p"}
    after = pack(tmp_path / "b", system=other)
    with pytest.raises(DataError, match=r"b about Another .*; name two packs of one system, or add --other"):
        compare(before, after, Settings())
    assert not compare(before, after, Settings(), other_system=True).same_system


def test_a_pack_that_was_changed_is_refused(tmp_path: Path) -> None:
    before, after = pack(tmp_path / "a"), pack(tmp_path / "b")
    (after / "evidence.json").write_bytes(b"{}")
    with pytest.raises(IntegrityError, match="was changed after it was written"):
        compare(before, after, Settings())


def test_documents_are_written_with_the_record_and_replaced_whole(tmp_path: Path) -> None:
    found = compare(pack(tmp_path / "a"), pack(tmp_path / "b"), Settings())
    place = tmp_path / "out"
    assert write_comparison(found, place, ("md",), Settings()) == ("comparison.json", "comparison.md")
    assert write_comparison(found, place, ("html", "html"), Settings()) == (
        "comparison.html",
        "comparison.json",
    )
    assert sorted(one.name for one in place.iterdir()) == ["SHA256SUMS", "comparison.html", "comparison.json"]
    with pytest.raises(UsageError, match="no format 'pdf' of a comparison; choose from html, md, json"):
        write_comparison(found, place, ("pdf",), Settings())
    with pytest.raises(UsageError, match="at least one format"):
        write_comparison(found, place, (), Settings())
    with pytest.raises(PathError, match="not a pack"):
        write_comparison(found, tmp_path, ("md",), Settings())
    with pytest.raises(PathError, match="does not lie inside"):
        write_comparison(found, tmp_path / "x", ("md",), Settings(root=place))


def test_a_version_beside_itself_has_not_changed() -> None:
    sample = Path(__file__).parents[3] / "sample_reports" / "credit"
    found = compare(sample, sample, Settings())
    assert (found.measures, found.verdicts, found.bounds, found.subjects, found.fields) == (
        (),
        (),
        (),
        (),
        (),
    )
    assert (found.unchanged_measures > 2000, found.withheld_measures, found.worse) == (True, 0, False)
    assert found.work_sheet.observed == ()
