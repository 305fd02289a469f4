"""Lists of packages and advisories made to break their reader, or to hide what they say."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError
from conformity.probes.shared.supply_chain.advisories import Vulnerability, comparable, vulnerabilities
from conformity.probes.shared.supply_chain.reading import read_software

_SPAN = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}


def _advisory(**part: Any) -> dict[str, Any]:
    """Return an advisory on numpy, with changes."""
    named = {"package": {"name": "numpy", "ecosystem": "PyPI"}, "ranges": [_SPAN]}
    return {"id": "X-1", "affected": [{**named, **part}]}


def _found(folder: Path, entry: dict[str, Any], listed: str = "numpy==1.0\n") -> tuple[Vulnerability, ...]:
    """Return what an advisory makes of a list of packages."""
    (folder / "requirements.txt").write_text(listed)
    (folder / "advisory.json").write_text(json.dumps(entry))
    software = read_software(folder)
    return vulnerabilities(software.packages, software.advisories)


@pytest.mark.parametrize(
    "part",
    [
        {"ranges": "abc"},
        {"ranges": ["abc"]},
        {"ranges": [{"type": "SEMVER", "events": ["x"]}]},
        {"ranges": [{"type": "SEMVER", "events": 5}]},
        {"versions": 5},
        {"versions": [5]},
        {"package": ["numpy"]},
    ],
)
def test_an_advisory_written_otherwise_is_refused(tmp_path: Path, part: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="an advisory in it is not written as its format asks"):
        _found(tmp_path, _advisory(**part))


@pytest.mark.parametrize("change", [{"aliases": 7}, {"id": {}}, {"affected": None}, {"affected": [1]}])
def test_an_advisory_with_other_fields_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="not written as its format asks"):
        _found(tmp_path, {**_advisory(), **change})


def test_a_beginning_that_cannot_be_read_counts_from_the_first_version(tmp_path: Path) -> None:
    for text in ("zero", "1" * 5000):
        events = [{"introduced": text}, {"fixed": "2.0"}]
        entry = _advisory(ranges=[{"type": "ECOSYSTEM", "events": events}])
        assert [one.id for one in _found(tmp_path, entry)] == ["X-1"]
        assert _found(tmp_path, entry, "numpy==2.0\n") == ()


def test_an_ecosystem_is_known_however_it_is_written(tmp_path: Path) -> None:
    named = {"name": "numpy", "ecosystem": "pypi"}
    assert [one.id for one in _found(tmp_path, _advisory(package=named))] == ["X-1"]


def test_a_version_of_thousands_of_digits_cannot_be_compared(tmp_path: Path) -> None:
    assert _found(tmp_path, _advisory(), f"numpy=={'1' * 5000}\n") == ()
    (one,) = read_software(tmp_path).packages
    assert not comparable(one)


@pytest.mark.parametrize("text", ["a" + ".a" * 100_000 + "=1", "[" + "a . " * 50_000 + "a]", "a" * 2_000_000])
def test_a_name_of_very_many_parts_takes_no_time(tmp_path: Path, text: str) -> None:
    begun = time.process_time()
    (tmp_path / "x.lock").write_text(text)
    with pytest.raises(DataError):
        read_software(tmp_path)
    assert time.process_time() - begun < 5


def test_an_archive_of_nearly_nothing_is_not_unpacked(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b" " * (64 * 1024**2))
    (tmp_path / "a.zip").write_bytes(file.getvalue())
    with pytest.raises(DataError, match="it would unpack to more than advisories do"):
        read_software(tmp_path)


def test_what_is_called_json_must_be_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("numpy==1.0\n")
    with pytest.raises(DataError, match="it is called JSON but is none"):
        read_software(tmp_path)


@pytest.mark.parametrize("name", ["a\x1b[31m", "\u202ea", "\ud800"])
def test_what_cannot_be_printed_is_no_name(tmp_path: Path, name: str) -> None:
    for entry in ({"name": name, "version": "1"}, {"name": "a", "version": f"1{name}"}):
        (tmp_path / "a.json").write_text(json.dumps([entry]))
        with pytest.raises(DataError, match="cannot be printed"):
            read_software(tmp_path)
