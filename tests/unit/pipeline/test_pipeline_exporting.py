"""A pack is exported beside itself, whole or not at all, and is not touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformity.errors import IntegrityError, PathError, UsageError
from conformity.model.base import sha256_of
from conformity.model.export import ExportSet
from conformity.pipeline.exporting import RECORD, export, export_one
from conformity.render import EXPORTS, formats
from conformity.settings import Settings
from tests.support.composed import material
from tests.support.declarations import packed


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small pack on disk; its records hold no register, as those from before it was kept."""
    return packed(material("timeline", kind="ordinary"), tmp_path_factory.mktemp("exporting") / "pack")


def _contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by name."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def test_every_format_is_written_and_listed_and_the_pack_stays(pack: Path, tmp_path: Path) -> None:
    before = _contents(pack)
    made = export(pack, tmp_path / "out", formats=EXPORTS, settings=Settings())
    assert _contents(pack) == before
    files = _contents(tmp_path / "out")
    assert set(files) == {"SHA256SUMS", RECORD, *(formats()[name].filename for name in EXPORTS)}
    listed = ExportSet.model_validate_json(files[RECORD])
    assert listed == made.made
    assert made.folder == str(tmp_path / "out")
    assert [one.format for one in listed.files] == list(EXPORTS)
    for one in listed.files:
        assert (one.sha256, one.size_bytes) == (sha256_of(files[one.name]), len(files[one.name]))
    assert listed.assessment_sha256 == sha256_of(before["assessment.json"])
    verdicts = [one["verdict"] for one in json.loads(before["assessment.json"])["findings"]]
    assert listed.counts.not_collected == verdicts.count("not_collected")


def test_the_place_is_beside_the_pack_and_written_anew(pack: Path) -> None:
    for names in (("md", "md", "junit"), ("sarif",)):
        made = export(pack, None, formats=names, settings=Settings())
        assert made.folder == str(pack.with_name("pack-exports"))
        assert [one.format for one in made.made.files] == list(dict.fromkeys(names))
    assert {file.name for file in pack.with_name("pack-exports").iterdir()} == {
        "SHA256SUMS",
        RECORD,
        "report.sarif",
    }


def test_one_format_can_be_had_without_a_folder(pack: Path, tmp_path: Path) -> None:
    made = export_one(pack, formats=("md",), settings=Settings())
    export(pack, tmp_path / "out", formats=("md",), settings=Settings())
    assert made == (tmp_path / "out" / "summary.md").read_bytes()
    with pytest.raises(UsageError, match="Name one format"):
        export_one(pack, formats=("md", "junit"), settings=Settings())


@pytest.mark.parametrize("names", [(), ("pdf",), ("md", "nothing")])
def test_formats_that_are_none_are_refused(names: tuple[str, ...], pack: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="oscal, poam, mlbom, sarif, junit, md, model-card"):
        export(pack, tmp_path / "out", formats=names, settings=Settings())
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_left_alone(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(PathError, match="not empty"):
        export(pack, tmp_path, formats=("md",), settings=Settings())
    assert _contents(tmp_path) == {"notes.txt": b"mine"}


def test_a_record_that_was_changed_is_not_exported(pack: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, content in _contents(pack).items():
        (copy / name).write_bytes(content)
    changed = (copy / "assessment.json").read_bytes().replace(b'"not_collected"', b'"met"', 1)
    (copy / "assessment.json").write_bytes(changed)
    with pytest.raises(IntegrityError):
        export(copy, tmp_path / "out", formats=("md",), settings=Settings())
