"""What was handed in is recorded by its bytes, read once, and checked to be what it is said to be."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import date
from pathlib import Path

import pytest

from conformity.errors import DataError, PathError
from conformity.intake.digest import PackKey, kind_of, record_subject, unreadable_record
from conformity.intake.paths import resolve_inside
from conformity.model.base import ExhibitId, RequirementId, SubjectId
from conformity.model.manifest import Exhibit
from conformity.model.subject import (
    Column,
    EnergyRecordSubject,
    ModelSubject,
    PromptLogSubject,
    Subject,
    TableSubject,
)

MIB = 1 << 20


def _table(path: str, form: str = "auto") -> TableSubject:
    return TableSubject.model_validate(
        {
            "id": "data",
            "title": "Data",
            "path": path,
            "kind": "table",
            "purpose": "testing",
            "format": form,
            "columns": [Column(name="a", roles=("feature",))],
        }
    )


def _exhibit(path: str) -> Exhibit:
    return Exhibit(
        id=ExhibitId("paper"),
        title="Paper",
        path=path,
        dated=date(2026, 1, 1),
        covers=(RequirementId("art9.1"),),
    )


def _log(path: str) -> PromptLogSubject:
    return PromptLogSubject(id=SubjectId("log"), title="Log", path=path, kind="prompt_log")


def _model(path: str) -> ModelSubject:
    return ModelSubject(id=SubjectId("model"), title="Model", path=path, kind="model", format="joblib")


def _sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _refusal(item: Subject | Exhibit, folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        record_subject(item, resolve_inside(item.path, folder))
    assert caught.value.exit_code == 3
    return caught.value.message


def test_the_digest_is_the_known_one_of_the_bytes(tmp_path: Path) -> None:
    # FIPS 180-2, appendix B.1: SHA-256 of the three bytes "abc".
    (tmp_path / "a.csv").write_bytes(b"abc")
    record = record_subject(_table("a.csv"), tmp_path / "a.csv")
    assert record.sha256 == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (record.id, record.kind, record.path) == ("data", "table", "a.csv")
    assert (record.files, record.size_bytes, record.problem) == (1, 3, None)


@pytest.mark.parametrize("size", [MIB - 1, MIB, MIB + 1, 3 * MIB])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_files_around_the_size_of_a_block_are_read_whole(tmp_path: Path, size: int, name: str) -> None:
    content = b"x" * size
    (tmp_path / name).write_bytes(content)
    record = record_subject(_table(name), tmp_path / name)
    assert (record.sha256, record.size_bytes) == (_sha256(content), size)


def test_the_digest_of_a_folder_is_what_sha256sum_prints(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    (parts / "deep").mkdir(parents=True)
    (parts / "deep" / "é.parquet").write_bytes(b"1")
    (parts / "Z.parquet").write_bytes(b"2")
    (parts / "_SUCCESS").write_bytes(b"")
    record = record_subject(_table("parts"), resolve_inside("parts", tmp_path))
    names = ["Z.parquet", "_SUCCESS", "deep/é.parquet"]
    listing = subprocess.run(["sha256sum", *names], cwd=parts, capture_output=True, check=True).stdout
    assert record.sha256 == _sha256(listing)
    assert (record.files, record.size_bytes) == (3, 2)


def test_the_digest_of_a_glob_does_not_depend_on_where_the_folder_lies(tmp_path: Path) -> None:
    digests = set()
    for place in ("here", "the[re]"):
        (tmp_path / place / "d").mkdir(parents=True)
        (tmp_path / place / "d" / "1.csv").write_bytes(b"a\n1\n")
        (tmp_path / place / "d" / "2.csv").write_bytes(b"a\n2\n")
        glob = resolve_inside("d/*.csv", tmp_path / place)
        digests.add(record_subject(_table("d/*.csv"), glob, tmp_path / place).sha256)
    listing = "".join(f"{_sha256(f'a{chr(10)}{n}{chr(10)}'.encode())[7:]}  {n}.csv\n" for n in (1, 2))
    assert digests == {_sha256(listing.encode())}


def test_a_glob_that_matches_one_file_has_that_files_digest(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_bytes(b"a\n1\n")
    record = record_subject(_table("*.csv"), resolve_inside("*.csv", tmp_path))
    assert (record.sha256, record.files) == (_sha256(b"a\n1\n"), 1)


def test_the_digest_changes_with_a_byte_a_name_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    seen = []
    for change in ({"1": b"1", "2": b"2"}, {"1": b"1", "2": b"3"}, {"1": b"1", "3": b"3"}, {"1": b"1"}):
        for file in (tmp_path / "d").iterdir():
            file.unlink()
        for name, content in change.items():
            (tmp_path / "d" / name).write_bytes(content)
        seen.append(record_subject(_model("d"), resolve_inside("d", tmp_path)).sha256)
    assert len(set(seen)) == 4


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (_table("a.csv"), "a.csv"),
        (_table("a.TSV"), "a.TSV"),
        (_table("a.jsonl"), "a.jsonl"),
        (_table("a.dat", "csv"), "a.dat"),
        (_log("a.txt"), "a.txt"),
        (_log("a.json"), "a.json"),
        (_exhibit("a.md"), "a.md"),
        (
            EnergyRecordSubject(
                id=SubjectId("e"), title="E", path="a.csv", kind="energy_record", phase="training"
            ),
            "a.csv",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__class__.__name__,
)
def test_text_must_be_utf_8(tmp_path: Path, item: Subject | Exhibit, name: str) -> None:
    (tmp_path / name).write_bytes("näme\n1\nMünchen\n".encode())
    assert record_subject(item, tmp_path / name).size_bytes == 17
    (tmp_path / name).write_bytes(b"name\n1\nM\xfcnchen\n")
    assert _refusal(item, tmp_path) == (
        f"{name}: the byte at offset 8 in line 3 is not UTF-8; convert the file, for instance with "
        "`iconv -f WINDOWS-1252 -t UTF-8`"
    )


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (_table("a.parquet"), "a.parquet"),
        (_table("a.csv.gz"), "a.csv.gz"),
        (_table("a.gz", "csv"), "a.gz"),
        (_table("a.csv", "parquet"), "a.csv"),
        (_model("a.csv"), "a.csv"),
        (_exhibit("a.pdf"), "a.pdf"),
        (_exhibit("a.csv"), "a.csv"),
        (_log("a.parquet"), "a.parquet"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__class__.__name__,
)
def test_what_is_not_text_may_hold_any_bytes(tmp_path: Path, item: Subject | Exhibit, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe\x00")
    assert record_subject(item, tmp_path / name).sha256 == _sha256(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("name", "content", "offset", "line"),
    [
        ("first byte", b"\xff", 0, 1),
        ("after a mark", b"\xef\xbb\xbf\xff", 3, 1),
        ("cut at the end", b"ab\n\xe2\x82", 3, 2),
        ("begun in one block, broken in the next", b"x" * (MIB - 2) + b"\n\xe2" + b"x", MIB - 1, 2),
        ("in the second block", b"\n" * MIB + b"xx\xff", MIB + 2, MIB + 1),
    ],
)
def test_the_first_bad_byte_is_named(
    tmp_path: Path, name: str, content: bytes, offset: int, line: int
) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    message = _refusal(_table("a.csv"), tmp_path)
    assert f"the byte at offset {offset} in line {line} is not UTF-8" in message


def test_a_character_across_two_blocks_is_whole(tmp_path: Path) -> None:
    content = b"x" * (MIB - 1) + "€".encode() + b"x"
    (tmp_path / "a.csv").write_bytes(content)
    assert record_subject(_table("a.csv"), tmp_path / "a.csv").sha256 == _sha256(content)


@pytest.mark.parametrize(
    "item", [_table("a.csv"), _table("a.parquet"), _model("a.pkl"), _exhibit("a.pdf"), _log("a.jsonl")]
)
def test_an_empty_file_is_no_data(tmp_path: Path, item: Subject | Exhibit) -> None:
    (tmp_path / item.path).touch()
    assert _refusal(item, tmp_path) == f"{item.path} is empty (0 bytes); hand in the file with its contents"


def test_one_empty_text_among_several_is_no_data(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_bytes(b"a\n")
    (tmp_path / "2.csv").touch()
    assert _refusal(_table("*.csv"), tmp_path).startswith("2.csv is empty (0 bytes)")


def test_a_file_without_permission_is_refused(unprivileged: Path) -> None:
    (unprivileged / "a.csv").write_bytes(b"a\n")
    (unprivileged / "a.csv").chmod(0o000)
    message = _refusal(_table("a.csv"), unprivileged)
    assert message == "a.csv cannot be read: Permission denied; check its permissions"


@pytest.mark.parametrize("item", [_log("status"), _table("status")])
def test_a_file_that_changes_while_it_is_read_is_refused(item: Subject) -> None:
    # The kernel writes this file anew for every reader and gives its size as 0.
    with pytest.raises(DataError, match="status changed while it was read; wait until it is complete"):
        record_subject(item, Path("/proc/self/status"))


def test_a_file_of_a_folder_must_lie_inside_the_root(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"1")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "link").symlink_to("../secret")
    with pytest.raises(PathError, match="leads through a symbolic link out of"):
        record_subject(_model("d"), tmp_path / "d")
    assert record_subject(_model("d"), tmp_path / "d", tmp_path).sha256 == _sha256(b"1")


def test_what_cannot_be_read_has_a_record_without_digest() -> None:
    record = unreadable_record(_exhibit("a.pdf"), "there is nothing at 'a.pdf'" + "!" * 600)
    assert (record.id, record.kind, record.files, record.size_bytes, record.sha256) == (
        "paper",
        "exhibit",
        0,
        0,
        None,
    )
    assert record.problem is not None
    assert len(record.problem) == 500
    assert kind_of(_log("a")) == "prompt_log"


def _key(folder: Path, *paths: str) -> str:
    """Return the key of a pack over tables in a folder."""
    key = PackKey()
    for path in paths:
        record_subject(_table(path), resolve_inside(path, folder), folder, key)
    return key.value()


def test_the_key_of_a_pack_follows_from_every_byte_of_its_tables(tmp_path: Path) -> None:
    content = b"a,b\n1,2\n"
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "b.csv").write_bytes(content[:-2] + b"3\n")
    (tmp_path / "c.parquet").write_bytes(content)
    # By the definition: SHA-256 behind a block of its own, of each file, and then of those with their number.
    block = b"conformity pack key 1" + bytes(43)
    secret = hashlib.sha256(block + content).digest()
    expected = hashlib.sha256(block + (1).to_bytes(8, "big") + secret).hexdigest()
    assert _key(tmp_path, "a.csv") == _key(tmp_path, "c.parquet") == expected
    keys = {_key(tmp_path, *paths) for paths in ((), ("b.csv",), ("a.csv", "b.csv"), ("b.csv", "a.csv"))}
    assert len(keys | {expected}) == 5
    assert _sha256(content) not in {f"sha256:{key}" for key in keys}


def test_the_files_of_a_folder_count_in_the_order_of_their_names(tmp_path: Path) -> None:
    keys = set()
    for name, parts in (("d", b"12"), ("e", b"21")):
        (tmp_path / name).mkdir()
        for number, part in enumerate(parts):
            (tmp_path / name / f"{number}.parquet").write_bytes(bytes([part]))
        keys.add(_key(tmp_path, name))
    assert len(keys) == 2


def test_only_tables_give_to_the_key_and_the_digest_stays_the_same(tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(b"model")
    (tmp_path / "a.csv").write_bytes(b"a\n1\n")
    key = PackKey()
    assert record_subject(_model("m.joblib"), tmp_path / "m.joblib", tmp_path, key).sha256 == _sha256(
        b"model"
    )
    assert key.value() == PackKey().value()
    with_key = record_subject(_table("a.csv"), tmp_path / "a.csv", tmp_path, key)
    assert with_key == record_subject(_table("a.csv"), tmp_path / "a.csv", tmp_path)
    assert key.value() != PackKey().value()
