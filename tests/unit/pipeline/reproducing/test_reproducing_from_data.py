"""What lies in the folder is held against its digests; what is not there as it was is not computed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from conformity.errors import PathError
from conformity.measure import Observed, measure
from conformity.model.manifest import Manifest
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.reproducing.from_data import OfData, data_folder, from_data
from conformity.settings import Settings
from tests.support.reproduced import MOMENT, Here, silent

ENERGY = "environment/inference_energy@model"


def system(pack: Path, folder: Path) -> Path:
    """Return a copy of the system's folder that a test may change."""
    shutil.copytree(pack.parent / "system", folder)
    return folder


def computed(found: Pack, folder: Path, *, run_models: bool = False) -> OfData:
    """Return what is computed of the data in a folder."""
    return from_data(found, folder, Settings(workers=1), Here(), silent, run_models=run_models)


def states(found: OfData) -> dict[str, str]:
    """Return how every subject was found."""
    return {str(one.id): one.state for one in found.subjects}


def moved(pack: Pack, name: str, path: str) -> Pack:
    """Return a pack whose manifest names another path for a subject."""
    plain = pack.assessment.manifest.model_dump(mode="json")
    for thing in plain["subjects"]:
        thing["path"] = path if thing["id"] == name else thing["path"]
    changed = pack.assessment.model_copy(update={"manifest": Manifest.model_validate(plain)})
    return Pack(pack.folder, changed, pack.evidence, pack.assessment_sha256)


def test_a_pack_cannot_lead_out_of_the_folder(pack: Path, tmp_path: Path) -> None:
    found = computed(
        moved(read_pack(pack, Settings()), "test", "../secret.csv"), system(pack, tmp_path / "s")
    )
    (test,) = [one for one in found.subjects if one.id == "test"]
    assert test.state == "not_read"
    assert "has '..' in it" in str(test.reason)
    assert not any(step.endswith("@test") for step in found.seen)


def test_nothing_that_a_pack_names_is_fetched(pack: Path, tmp_path: Path) -> None:
    other = moved(read_pack(pack, Settings()), "test", "s3://bucket/test.csv")
    found = computed(other, system(pack, tmp_path / "s"))
    assert states(found)["test"] == "not_read"
    step = next(step for step in found.withheld if step.endswith("@test"))
    assert found.withheld[step] == "It lies at an address; for a pack nothing is fetched."


def test_without_the_table_of_a_model_it_is_not_run(pack: Path, tmp_path: Path) -> None:
    folder = system(pack, tmp_path / "s")
    (folder / "data" / "test.csv").unlink()
    found = computed(read_pack(pack, Settings()), folder, run_models=True)
    why = {step: reason for step, reason in found.withheld.items() if step == ENERGY}
    assert list(why.values()) == ["The table test, on which it is run, is not there as it was."]
    assert any("test is not in the folder." in reason for reason in found.withheld.values())
    # The training table is there, but the key of the seals comes from both.
    assert any("sealed under a key" in found.withheld[s] for s in found.withheld if s.endswith("@train"))


def test_an_empty_folder_computes_nothing(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = computed(read_pack(pack, Settings()), tmp_path / "empty")
    assert set(states(found).values()) == {"not_found"}
    assert (found.seen, found.tallies) == ({}, {})


def test_a_table_that_was_gone_then_is_not_asked_for_now(pack: Path, tmp_path: Path) -> None:
    whole = read_pack(pack, Settings())
    records = tuple(
        one.model_copy(update={"sha256": None}) if one.id == "train" else one
        for one in whole.evidence.subjects
    )
    evidence = whole.evidence.model_copy(update={"subjects": records})
    found = computed(
        Pack(whole.folder, whole.assessment, evidence, whole.assessment_sha256), system(pack, tmp_path / "s")
    )
    assert states(found)["train"] == "not_recorded"
    assert "The pack holds no digest of train." in found.withheld.values()
    assert any(step.endswith("@test") for step in found.seen)


def test_the_data_lie_in_a_folder_inside_the_root(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "root").mkdir()
    assert data_folder(tmp_path / "root", Settings(root=tmp_path)) == tmp_path / "root"
    for place, root, words in (
        ("ghost", None, "There is no folder"),
        ("file", None, "is no folder; name the one"),
        (".", tmp_path / "root", "does not lie inside"),
    ):
        with pytest.raises(PathError, match=words):
            data_folder(tmp_path / place, Settings(root=root))


@pytest.mark.parametrize(("seed", "kept"), [(7, 7), (Settings.seed, None)])
def test_a_seed_of_ones_own_is_kept_in_the_evidence_and_used_again(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, kept: int | None
) -> None:
    whole = read_pack(pack, Settings())
    evidence = measure(
        whole.assessment.plan.model_copy(update={"steps": ()}),
        {},
        whole.evidence.subjects,
        Here(),
        workers=1,
        seed=seed,
        key="",
        collected_at=MOMENT,
        on_progress=silent,
    ).evidence
    assert evidence.seed == kept
    asked: list[int] = []

    def observed(*_steps: object, seed: int, **_rest: object) -> Observed:
        """Note the seed."""
        asked.append(seed)
        return Observed((), ())

    # The package's own name for it is the function, which hides the module.
    monkeypatch.setattr(sys.modules[from_data.__module__], "observe", observed)
    computed(
        Pack(whole.folder, whole.assessment, evidence, whole.assessment_sha256), system(pack, tmp_path / "s")
    )
    assert asked == [seed]
