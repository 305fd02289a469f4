"""A pack is computed again from its tallies, and from the data; what was forged in it shows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import IntegrityError
from conformity.model.base import canonical_json, digest_of
from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement, Scalar
from conformity.model.reproduction import Reproduction
from conformity.model.tally import Tally
from conformity.pipeline.reproducing import reproduce
from conformity.settings import Settings
from tests.support.reproduced import NORTH, changed, copied, rejudged, relisted, silent

RATE = "fairness/selection_rate@test"
RATIO = "fairness/disparate_impact_ratio@test"

pytestmark = pytest.mark.usefixtures("here")


def run(pack: Path, data: Path | None = None, **more: Any) -> Reproduction:
    """Return what comes of computing a pack again."""
    return reproduce(pack, data, Settings(workers=1), silent, **more)


def by_step(found: Reproduction) -> dict[str, tuple[str, str]]:
    """Return outcome and source of every item."""
    return {item.step: (item.outcome, item.rests_on) for item in found.items}


def shifted(amount: float) -> Any:
    """Return a change that moves the first number of an observation."""

    def change(one: Observation) -> dict[str, Any]:
        """Return the measurements with one number moved."""
        first = next(m for m in one.measurements if isinstance(m.result, Scalar))
        return {"measurements": tuple(moved(m, amount) if m == first else m for m in one.measurements)}

    return change


def moved(one: Measurement, amount: float) -> Measurement:
    """Return a measurement with another value."""
    assert isinstance(one.result, Scalar)
    result = one.result.model_copy(update={"value": one.result.value + amount})
    return one.model_copy(update={"result": result})


def test_every_number_on_tables_follows_from_the_tallies(pack: Path) -> None:
    found = run(pack)
    outcomes = by_step(found)
    assert outcomes[RATE] == ("identical", "tallies")
    assert outcomes["data_quality/overlap@test"] == ("identical", "tallies")
    assert {source for step, (outcome, source) in outcomes.items() if outcome == "identical"} == {
        "tallies",
        "plan",
    }
    assert {
        step.split("@")[1] for step, (outcome, _) in outcomes.items() if outcome == "inputs_withheld"
    } == {
        "model",
        "sheet",
    }
    assert not found.differs
    assert found.verdicts.changed == ()
    assert found.verdicts.identical > 200
    assert [(one.name, one.outcome) for one in found.documents] == [
        ("assessment.json", "identical"),
        ("evidence.json", "identical"),
    ]
    assert (found.source, found.engine) == ("tallies", None)


def test_groups_whose_names_are_sealed_are_told_by_their_numbers(pack: Path) -> None:
    tallies = "".join(file.read_text("utf-8") for file in (pack / "tallies").iterdir())
    assert NORTH not in tallies
    assert NORTH in (pack / "evidence.json").read_text("utf-8")
    assert by_step(run(pack, documents=False))[RATE] == ("identical", "tallies")


def test_everything_follows_from_the_data(pack: Path) -> None:
    found = run(pack, pack.parent / "system", documents=False)
    outcomes = by_step(found)
    assert not found.differs
    assert {one.state for one in found.subjects} == {"same"}
    assert found.tallies.identical > 15
    assert found.tallies.not_recomputed == 0
    assert outcomes[RATE] == ("identical", "data")
    assert outcomes["declared/exhibit@sheet"] == ("identical", "data")
    assert outcomes["environment/inference_energy@model"] == ("inputs_withheld", "nothing")
    assert found.documents == ()
    assert found.engine == "duckdb"


def test_a_number_that_was_forged_differs(pack: Path, tmp_path: Path) -> None:
    forged = copied(pack, tmp_path / "forged")
    changed(forged, RATE, shifted(0.01))
    found = run(forged, documents=False)
    assert by_step(found)[RATE] == ("differs", "tallies")
    assert [one.step for one in found.items if one.outcome == "differs"] == [RATE]
    assert "1 of" in str(next(one.reason for one in found.items if one.step == RATE))
    assert found.differs


def test_a_number_but_for_its_last_digits_is_within_tolerance(pack: Path, tmp_path: Path) -> None:
    other = copied(pack, tmp_path / "other")
    changed(other, RATE, shifted(1e-13))
    found = run(other, documents=False)
    assert by_step(found)[RATE] == ("within_tolerance", "tallies")
    assert not found.differs


def test_numbers_of_another_version_of_a_probe_are_told_by_their_verdicts(pack: Path, tmp_path: Path) -> None:
    older = copied(pack, tmp_path / "older")
    changed(older, RATE, lambda one: {**shifted(0.01)(one), "probe_version": one.probe_version + 7})
    item = next(one for one in run(older, documents=False).items if one.step == RATE)
    assert item.outcome == "decisions_only"
    assert "The pack was measured by version" in str(item.reason)


def test_a_verdict_that_falls_with_a_forged_number_is_named(pack: Path, tmp_path: Path) -> None:
    forged = copied(pack, tmp_path / "forged")

    def low(one: Observation) -> dict[str, Any]:
        """Return the ratio as if it missed its bound, with its interval."""
        found = []
        for m in one.measurements:
            if isinstance(m.result, Scalar) and m.metric == "disparate_impact_ratio" and m.result.interval:
                ends = m.result.interval.model_copy(update={"low": 0.1, "high": 0.2})
                m = m.model_copy(
                    update={"result": m.result.model_copy(update={"value": 0.15, "interval": ends})}
                )
            found.append(m)
        return {"measurements": tuple(found)}

    changed(forged, RATIO, low)
    found = run(forged, documents=False)
    assert by_step(found)[RATIO][0] == "differs"
    # The forger did not judge anew: the verdicts are those of the true numbers, but not of the record's.
    assert found.verdicts.changed == ()
    assert "are not those to which its records lead" in str(found.verdicts.not_following)
    rejudged(forged)
    found = run(forged, documents=False)
    assert [(str(one.requirement), one.recorded, one.now) for one in found.verdicts.changed] == [
        ("art10.2.f", "not_met", "not_collected")
    ]
    assert found.verdicts.not_following is None
    assert found.differs


def test_a_tally_that_is_not_there_is_counted_and_no_success(pack: Path, tmp_path: Path) -> None:
    thinned = copied(pack, tmp_path / "thinned")
    shutil.rmtree(thinned / "tallies")
    relisted(thinned)
    found = run(thinned, documents=False)
    assert by_step(found)[RATE] == ("inputs_withheld", "nothing")
    assert not found.differs
    assert found.count("identical") == sum(one.rests_on == "plan" for one in found.items)


def test_a_tally_that_was_changed_differs(pack: Path, tmp_path: Path) -> None:
    broken = copied(pack, tmp_path / "broken")
    for file in (broken / "tallies").iterdir():
        file.write_bytes(file.read_bytes().replace(b'"entries":[[', b'"entries":[[ '))
    found = run(broken, documents=False)
    assert by_step(found)[RATE] == ("differs", "tallies")
    assert found.differs


def test_data_that_changed_is_told_and_its_numbers_come_from_the_tallies(pack: Path, tmp_path: Path) -> None:
    system = tmp_path / "system"
    shutil.copytree(pack.parent / "system", system)
    with (system / "data" / "train.csv").open("a", encoding="utf-8") as file:
        file.write(f"{NORTH},1,1\n")
    (system / "sheet.md").unlink()
    found = run(pack, system, documents=False)
    assert {str(one.id): one.state for one in found.subjects} == {
        "test": "same",
        "train": "changed",
        "model": "same",
        "sheet": "not_found",
    }
    # The key of the tallies comes from all tables, so that none of them is counted again.
    assert by_step(found)[RATE] == ("identical", "tallies")
    assert found.tallies.identical == 0
    assert found.tallies.not_recomputed > 15
    assert found.differs


def test_a_tally_that_does_not_follow_from_the_data_is_named_with_its_entries(
    pack: Path, tmp_path: Path
) -> None:
    forged = copied(pack, tmp_path / "forged")

    def more(one: Observation) -> dict[str, Any]:
        """Return another tally with one row more, and write it."""
        (ref,) = one.tallies
        tally = Tally.model_validate_json((forged / "tallies" / f"{ref.sha256[7:]}.json").read_bytes())
        first = (*tally.entries[0][:-1], int(tally.entries[0][-1]) + 1)
        other = tally.model_copy(update={"entries": (first, *tally.entries[1:])})
        (forged / "tallies" / f"{digest_of(other)[7:]}.json").write_bytes(canonical_json(other))
        return {"tallies": (ref.model_copy(update={"sha256": digest_of(other)}),)}

    changed(forged, RATE, more)
    found = run(forged, pack.parent / "system", documents=False)
    (difference,) = found.tallies.differing
    assert (difference.step, difference.differing, difference.recorded) == (RATE, 2, difference.now)
    assert by_step(found)[RATE] == ("differs", "tallies")
    (forged / "tallies" / f"{digest_of_tally(forged)}.json").unlink()
    found = run(forged, pack.parent / "system", documents=False)
    assert found.tallies.differing[0].differing is None


def digest_of_tally(pack: Path) -> str:
    """Return the digits of the tally behind the rates."""
    seen = json.loads((pack / "evidence.json").read_bytes())["observations"]
    digest: str = next(one for one in seen if one["step"] == RATE)["tallies"][0]["sha256"]
    return digest[7:]


def test_a_model_is_run_again_only_when_it_is_asked_for(pack: Path) -> None:
    energy = "environment/inference_energy@model"
    found = run(pack, pack.parent / "system", documents=False, run_models=True)
    assert by_step(found)[energy] == ("identical", "data")
    assert next(one.numbers for one in found.items if one.step == energy) == 0


def test_a_plan_about_something_undeclared_is_refused(pack: Path, tmp_path: Path) -> None:
    forged = copied(pack, tmp_path / "forged")
    record = json.loads((forged / "assessment.json").read_bytes())
    record["plan"]["steps"] = [{**one, "subject": "ghost"} for one in record["plan"]["steps"]]
    (forged / "assessment.json").write_text(json.dumps(record), "utf-8")
    relisted(forged)
    with pytest.raises(IntegrityError, match="'ghost', which its manifest does not declare"):
        run(forged, pack.parent / "system", documents=False)


def test_an_observation_without_a_step_is_withheld(pack: Path, tmp_path: Path) -> None:
    forged = copied(pack, tmp_path / "forged")
    record = json.loads((forged / "assessment.json").read_bytes())
    record["plan"]["steps"] = [one for one in record["plan"]["steps"] if one["id"] != RATE]
    (forged / "assessment.json").write_text(json.dumps(record), "utf-8")
    relisted(forged)
    item = next(one for one in run(forged, documents=False).items if one.step == RATE)
    assert (item.outcome, item.reason) == ("inputs_withheld", "The plan of the pack has no such step.")
