"""A pack is read with its digests checked, and its documents are written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformity.catalog.documents import document_laws
from conformity.errors import DataError, IntegrityError, PathError, UsageError
from conformity.model.base import canonical_json, sha256_of
from conformity.model.document import Document, DocumentSet
from conformity.pipeline.composing import compose_documents, write_documents
from conformity.pipeline.packs import read_pack
from conformity.settings import Settings
from tests.support.composed import material
from tests.support.declarations import packed


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return a small pack on disk."""
    return packed(material("timeline"), tmp_path / "pack")


def _relisted(pack: Path) -> None:
    """Write the list of digests anew, as whoever changed a record would."""
    names = ("assessment.json", "evidence.json")
    lines = [f"{sha256_of((pack / name).read_bytes())[7:]}  {name}\n" for name in names]
    (pack / "SHA256SUMS").write_text("".join(lines), "utf-8")


def _written(pack: Path, folder: Path | None = None, **changes: Any) -> DocumentSet:
    given: dict[str, Any] = {
        "formats": ("html", "json"),
        "ids": ("timeline",),
        "language": "en",
        "settings": Settings(),
    }
    return write_documents(pack, folder, **{**given, **changes})


def test_a_pack_is_known_by_the_digest_of_its_bytes(pack: Path) -> None:
    found = read_pack(pack, Settings())
    assert found.assessment_sha256 == sha256_of((pack / "assessment.json").read_bytes())
    assert found.folder == pack
    assert [one.id for one in compose_documents(found, ["limits"])] == ["limits"]


def test_evidence_that_was_not_judged_is_refused(pack: Path) -> None:
    content = json.loads((pack / "evidence.json").read_bytes())
    (pack / "evidence.json").write_bytes(canonical_json({**content, "platform": "another"}))
    _relisted(pack)
    with pytest.raises(IntegrityError, match="not the evidence that was judged"):
        read_pack(pack, Settings())


@pytest.mark.parametrize("name", ["assessment.json", "evidence.json"])
def test_a_record_that_is_not_the_listed_one_is_refused(pack: Path, name: str) -> None:
    (pack / name).write_bytes((pack / name).read_bytes() + b"\n")
    with pytest.raises(IntegrityError, match=f"{name} was changed after it was written"):
        read_pack(pack, Settings())


def test_a_record_that_is_not_listed_or_listed_twice_is_refused(pack: Path) -> None:
    sums = pack / "SHA256SUMS"
    whole = sums.read_text("utf-8")
    sums.write_text(whole.splitlines()[1] + "\n", "utf-8")
    with pytest.raises(IntegrityError, match="not the one in SHA256SUMS"):
        read_pack(pack, Settings())
    sums.write_text(whole + "0" * 64 + "  assessment.json\n", "utf-8")
    with pytest.raises(IntegrityError, match="not as the list of a pack is written"):
        read_pack(pack, Settings())


def test_a_pack_without_its_list_of_digests_is_refused(pack: Path) -> None:
    (pack / "SHA256SUMS").unlink()
    with pytest.raises(IntegrityError, match="holds no SHA256SUMS"):
        read_pack(pack, Settings())


@pytest.mark.parametrize("name", ["assessment.json", "evidence.json"])
def test_a_record_that_is_missing_is_named(pack: Path, name: str) -> None:
    (pack / name).unlink()
    with pytest.raises(PathError, match=f"{name} cannot be read .*name the folder"):
        read_pack(pack, Settings())


def test_a_record_of_another_format_is_named_with_its_field(pack: Path) -> None:
    content = json.loads((pack / "assessment.json").read_text("utf-8"))
    changed = {**content, "assessment_schema": "conformity/assessment/v9"}
    (pack / "assessment.json").write_text(json.dumps(changed), "utf-8")
    _relisted(pack)
    with pytest.raises(DataError, match=r"assessment\.json is no record .*: assessment_schema"):
        read_pack(pack, Settings())
    (pack / "assessment.json").write_text("[]", "utf-8")
    _relisted(pack)
    with pytest.raises(DataError, match="the document"):
        read_pack(pack, Settings())


def test_evidence_of_another_format_is_named(pack: Path) -> None:
    (pack / "evidence.json").write_bytes(b"{}")
    content = json.loads((pack / "assessment.json").read_text("utf-8"))
    changed = {**content, "evidence_sha256": sha256_of(b"{}")}
    (pack / "assessment.json").write_text(json.dumps(changed), "utf-8")
    _relisted(pack)
    with pytest.raises(DataError, match=r"evidence\.json is no record"):
        read_pack(pack, Settings())


def test_a_file_far_larger_than_any_record_is_not_read(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.pipeline.packs.MOST_BYTES", 10)
    with pytest.raises(PathError, match="larger than any record"):
        read_pack(pack, Settings())


def test_a_pack_outside_the_root_is_refused(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    with pytest.raises(PathError):
        read_pack(pack, Settings(root=tmp_path / "root"))


def test_the_set_appears_beside_the_pack_and_is_replaced(pack: Path) -> None:
    before = {file.name: file.read_bytes() for file in pack.iterdir()}
    first = _written(pack)
    again = _written(pack)
    assert first == again
    folder = pack.with_name("pack-documents")
    assert first.folder == str(folder)
    assert set(first.files) == {"timeline.html", "timeline.json", "documents.json", "index.html"}
    assert {file.name for file in folder.iterdir()} == {*first.files, "SHA256SUMS"}
    assert Document.model_validate_json((folder / "timeline.json").read_bytes()).id == "timeline"
    assert {file.name: file.read_bytes() for file in pack.iterdir()} == before


def test_all_documents_are_made_when_none_is_named(pack: Path, tmp_path: Path) -> None:
    made = _written(pack, tmp_path / "all", formats=("json", "json"), ids=())
    assert [one.id for one in made.documents] == [law.id for law in document_laws()]
    assert made.assessment_sha256 == sha256_of((pack / "assessment.json").read_bytes())
    assert "index.html" not in made.files


def test_the_same_pack_gives_the_same_bytes(pack: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    _written(pack, one, ids=("traceability",))
    _written(pack, other, ids=("traceability",))
    assert {f.name: f.read_bytes() for f in one.iterdir()} == {
        f.name: f.read_bytes() for f in other.iterdir()
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"formats": ("docx",)}, "no format 'docx' of documents; choose from html, pdf, json"),
        ({"formats": ()}, "at least one format"),
        ({"ids": ("nothing",)}, "no document 'nothing'"),
    ],
)
def test_wrong_usage_writes_nothing(pack: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _written(pack, **changes)
    assert not pack.with_name("pack-documents").exists()


def test_a_folder_with_other_things_is_left_alone(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(PathError, match="not empty and not a pack"):
        _written(pack, tmp_path / "mine")
    with pytest.raises(PathError, match="not empty and not a pack"):
        _written(pack, pack)
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter.txt"]
