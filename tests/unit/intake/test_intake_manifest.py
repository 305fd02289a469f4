"""A manifest is read whole, with its bytes and places, or refused with a place."""

# ruff: noqa: E501  (messages stand here as they are printed)

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conformity.errors import ManifestError, PathError
from conformity.intake.loaded import LoadedManifest
from conformity.intake.manifest import parse_manifest, read_manifest
from conformity.model.base import sha256_of

Read = Callable[[str], LoadedManifest]


def _message(raw: bytes) -> str:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(raw, name="conformity.yaml", folder=Path("/nowhere"))
    return caught.value.message


def test_a_manifest_keeps_its_bytes_digest_folder_and_places(tmp_path: Path, smallest: str) -> None:
    file = tmp_path / "conformity.yaml"
    raw = (smallest + "# the end, ä\n").encode()
    file.write_bytes(raw)
    loaded = read_manifest(file)
    assert loaded.manifest.system.name == "Scoring"
    assert loaded.manifest.role == "provider"
    assert loaded.raw == raw
    assert loaded.sha256 == sha256_of(raw)
    assert loaded.folder == tmp_path.resolve()
    assert loaded.locate(("system", "version")) == f"{file}:5:3"
    assert loaded.locate(("provider", "address")) == f"{file}:7:26"


def test_a_field_that_is_not_there_is_located_at_its_nearest_parent(read: Read) -> None:
    loaded = read("subjects:\n  - {id: a, kind: prompt_log, title: t, path: p}\n")
    assert loaded.locate(("subjects", 0, "path")) == "conformity.yaml:9:41"
    assert loaded.locate(("subjects", 0, "source")) == "conformity.yaml:9:5"
    assert loaded.locate(("subjects", 3, "columns", 4)) == "conformity.yaml:8:1"
    assert loaded.locate(("nothing",)) == "conformity.yaml:2:1"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("yes", "yes"), ("no", "no"), ("true", "yes"), ("false", "no"), ("unknown", "unknown"), ("'no'", "no")],
)
def test_answers_may_be_words_or_truth_values(read: Read, written: str, meant: str) -> None:
    loaded = read(f"classification: [{{question: q, answer: {written}}}]\n")
    assert loaded.manifest.classification[0].answer == meant


def test_values_keep_the_type_in_which_they_are_written(read: Read) -> None:
    loaded = read(
        "subjects:\n  - {id: a, kind: table, title: t, path: p, purpose: testing, columns: "
        "[{name: y, roles: [label], positive: [1, yes, '2'], negative: [0, 0.5, true, 2020-01-01]}]}\n"
    )
    subject = loaded.manifest.subjects[0]
    assert subject.kind == "table"
    assert [(v, type(v)) for v in subject.columns[0].positive] == [(1, int), ("yes", str), ("2", str)]
    assert [(v, type(v)) for v in subject.columns[0].negative] == [
        (0, int),
        (0.5, float),
        (True, bool),
        ("2020-01-01", str),
    ]


def test_a_byte_order_mark_is_accepted_and_kept(smallest: str) -> None:
    raw = b"\xef\xbb\xbf" + smallest.encode()
    loaded = parse_manifest(raw, name="c.yaml", folder=Path("/nowhere"))
    assert loaded.raw == raw
    assert loaded.locate(("conformity",)) == "c.yaml:2:1"


def test_line_ends_of_windows_are_accepted(smallest: str) -> None:
    raw = smallest.replace("\n", "\r\n").encode()
    loaded = parse_manifest(raw, name="c.yaml", folder=Path("/nowhere"))
    assert loaded.locate(("provider",)) == "c.yaml:7:1"
    assert loaded.manifest.system.intended_purpose == "To score credit applications"


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("nothing", b"", "conformity.yaml: is empty; `conformity init DATA` drafts a manifest"),
        ("comments only", b"# c\n", "conformity.yaml: is empty; `conformity init DATA` drafts a manifest"),
        ("null", b"~", "conformity.yaml: is empty; `conformity init DATA` drafts a manifest"),
        ("list", b"- a", "conformity.yaml:1:1: expected fields such as `conformity: 1`, found a list"),
        ("text", b"a", "conformity.yaml:1:1: expected fields such as `conformity: 1`, found the text 'a'"),
        (
            "not UTF-8",
            b"conformity: 1\n# caf\xe9\n",
            "conformity.yaml:2: the byte 0xe9 at offset 19 is not UTF-8; save the file with the encoding UTF-8",
        ),
        (
            "not UTF-8 after a mark",
            b"\xef\xbb\xbf\xe9",
            "conformity.yaml:1: the byte 0xe9 at offset 3 is not UTF-8; save the file with the encoding UTF-8",
        ),
        (
            "UTF-16",
            "conformity: 1".encode("utf-16-le"),
            "conformity.yaml:1:2: the control character U+0000 is not allowed; remove it",
        ),
        (
            "newer",
            b"conformity: 2\nunheard_of: 1\n",
            "conformity.yaml:1:1: conformity: the manifest is written in format 2; this program reads format 1; "
            "install a newer version",
        ),
        ("alias bomb", b"a: &a [x]\nb: [*a, *a]\n", "conformity.yaml:1:4: the anchor &a is not allowed; "
         "write the value out where it is needed"),
        ("tab", b"system:\n\tname: x\n", "conformity.yaml:2:1: a tab stands where YAML allows only spaces; "
         "replace it by spaces"),
    ],
)  # fmt: skip
def test_files_that_are_no_manifest_are_refused(name: str, raw: bytes, message: str) -> None:
    assert _message(raw) == message


@pytest.mark.parametrize("version", ["0", "'1'", "one", "-1"])
def test_other_versions_are_refused(smallest: str, version: str) -> None:
    message = _message(smallest.replace("conformity: 1", f"conformity: {version}").encode())
    assert message.startswith("conformity.yaml:2:1: conformity: expected 1, found ")


def test_a_manifest_without_version_says_what_is_missing(smallest: str) -> None:
    message = _message(smallest.replace("conformity: 1\n", "").encode())
    assert message == (
        "conformity.yaml:2:1: conformity: the field `conformity` is missing: Version of the manifest's format"
    )


def test_classification_that_is_no_list_is_left_to_the_model(smallest: str) -> None:
    message = _message((smallest + "classification: {a: true}\n").encode())
    assert message == "conformity.yaml:8:1: classification: expected a list, found a mapping of fields"


def test_size_is_bounded_below_at_and_above(tmp_path: Path, smallest: str) -> None:
    file = tmp_path / "c.yaml"
    for size in (999, 1000):
        file.write_bytes(smallest.encode().ljust(size, b"\n"))
        assert read_manifest(file, max_bytes=1000).manifest.conformity == 1
    file.write_bytes(smallest.encode().ljust(1001, b"\n"))
    with pytest.raises(ManifestError, match="is larger than 1,000 bytes and was not read"):
        read_manifest(file, max_bytes=1000)


def test_ten_megabytes_are_refused_before_they_are_parsed(tmp_path: Path, smallest: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes((smallest + "# " + "x" * 10_000_000).encode())
    began = time.process_time()
    with pytest.raises(ManifestError, match="is larger than 1,000,000 bytes"):
        read_manifest(file)
    assert time.process_time() - began < 1
    assert sorted(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["missing.yaml", "missing/c.yaml", "a\0b", "x" * 300])
def test_a_missing_file_is_a_path_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(PathError, match=r"there is no manifest at .*conformity init") as caught:
        read_manifest(tmp_path / name)
    assert caught.value.exit_code == 3


def test_a_circle_of_links_is_a_path_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(PathError, match="there is no manifest at"):
        read_manifest(tmp_path / "a")


def test_a_folder_is_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="is not a file; name the manifest file itself"):
        read_manifest(tmp_path)


def test_a_pipe_is_no_manifest_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PathError, match="is not a file"):
        read_manifest(tmp_path / "pipe")


def test_a_file_that_cannot_be_read_is_a_path_error() -> None:
    # Reading address 0 of this process fails even for root, whom permissions do not stop.
    with pytest.raises(PathError, match="cannot be read: "):
        read_manifest(Path("/proc/self/mem"))


def test_a_manifest_outside_the_root_is_refused(tmp_path: Path, smallest: str) -> None:
    inside = tmp_path / "root"
    inside.mkdir()
    (tmp_path / "c.yaml").write_text(smallest)
    (inside / "c.yaml").write_text(smallest)
    (inside / "link.yaml").symlink_to("../c.yaml")
    assert read_manifest(inside / "c.yaml", root=inside).folder == inside.resolve()
    for path in (tmp_path / "c.yaml", inside / "link.yaml", inside / ".." / "c.yaml"):
        with pytest.raises(PathError, match="lies outside"):
            read_manifest(path, root=inside)


@pytest.mark.no_cover
def test_five_thousand_columns_are_read_in_seconds(read: Read) -> None:
    columns = "".join(f"      - {{name: c{number}, roles: [feature]}}\n" for number in range(5000))
    began = time.process_time()
    loaded = read(
        "subjects:\n  - id: a\n    kind: table\n    title: t\n    path: p\n    purpose: testing\n"
        "    columns:\n" + columns
    )
    assert time.process_time() - began < 20
    assert loaded.locate(("subjects", 0, "columns", 4999, "name")) == "conformity.yaml:5014:10"


@pytest.mark.no_cover
def test_thousands_of_mistakes_take_no_longer_than_ten(read: Read) -> None:
    seals = ", ".join(f"{{exhibit: e{number}, sha256: 'sha256:{'0' * 64}'}}" for number in range(3000))
    exhibits = "".join(
        f"  - {{id: x{number}, title: t, path: p, dated: 2026-01-01, covers: [a]}}\n"
        for number in range(1000)
    )
    began = time.process_time()
    with pytest.raises(ManifestError) as caught:
        read(
            f"exhibits:\n{exhibits}sign_offs: [{{id: s, requirements: [a], statement: s, "
            f"by: {{name: n, function: f}}, signed_on: 2026-01-01, over: [{seals}]}}]\n"
        )
    assert time.process_time() - began < 20
    assert caught.value.message.splitlines()[-1] == "conformity.yaml: and 2990 more problems"
