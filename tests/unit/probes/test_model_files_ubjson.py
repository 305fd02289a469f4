"""Models of XGBoost in UBJSON: what the library writes is clean, and anything else is undetermined."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

import pytest

from conformity.model.subject import ModelSubject
from conformity.probes.shared.model_files import ubjson
from conformity.probes.shared.model_files.scan import ModelScan, scan_model_file
from conformity.probes.shared.models.opening import open_model
from tests.support.robust_models import people, scratch


@cache
def written(kind: str) -> bytes:
    """Return a model as XGBoost writes it: a few trees on two features, with an attribute."""
    import xgboost

    rows = people(200)
    matrix = xgboost.DMatrix(rows[["a", "b"]], (rows["a"] > 0).astype(int))
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1, "max_depth": 3}, matrix, 8)
    booster.set_attr(best_score="0.5")
    return bytes(booster.save_raw(kind))


def scanned(content: bytes, folder: Path) -> ModelScan:
    """Return the scan of a file with this content."""
    (folder / "model").write_bytes(content)
    return scan_model_file(folder / "model", "xgboost", folder)


def name(text: str) -> bytes:
    """Return a name as XGBoost writes it."""
    return b"L" + len(text).to_bytes(8, "big") + text.encode()


def attributes(content: bytes) -> bytes:
    """Return attributes that hold something."""
    return name("attributes") + b"{" + content + b"}"


MODEL = b"{" + name("learner") + b"{" + name("gradient_booster") + b"{}" + name("objective") + b"{}%s}%s}"
"""The least that is taken for a model; something may be added inside the learner and behind it."""


def test_what_xgboost_writes_is_clean(tmp_path: Path) -> None:
    for kind in ("ubj", "json"):
        scan = scanned(written(kind), tmp_path)
        assert (scan.verdict, scan.problems) == ("clean", ())


def test_a_clean_model_is_run(tmp_path: Path) -> None:
    (tmp_path / "m.ubj").write_bytes(written("ubj"))
    fields = {"id": "m", "kind": "model", "title": "M", "path": "m.ubj", "format": "xgboost"}
    runner = open_model(
        ModelSubject.model_validate(fields), tmp_path / "m.ubj", scratch(tmp_path), numbers=False
    )
    rows = people(200)[["a", "b"]]
    found = runner.predict(rows)
    assert found.decisions.tolist() == ["1" if a > 0 else "0" for a in rows["a"]]


def test_a_model_in_an_archive_is_looked_at_too(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        into.writestr("model.ubj", written("ubj"))
    assert scanned(archive.getvalue(), tmp_path).verdict == "clean"


def test_a_file_that_is_cut_anywhere_is_undetermined(tmp_path: Path) -> None:
    whole = written("ubj")
    for end in (*range(2, 400, 7), *range(400, len(whole), 401), len(whole) - 1):
        assert scanned(whole[:end], tmp_path).verdict == "undetermined", end


def test_a_small_window_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ubjson, "_WINDOW", 300)
    assert scanned(written("ubj"), tmp_path).verdict == "clean"
    assert scanned(written("ubj")[:-1], tmp_path).verdict == "undetermined"


@pytest.mark.parametrize(
    ("inside", "behind"),
    [
        pytest.param(b"", b"", id="bare"),
        pytest.param(name("attributes") + b"{i\x01aSi\x02yy}", b"", id="short lengths"),
        pytest.param(name("attributes") + b"{$S#i\x01i\x01aU\x02yy", b"", id="typed and counted object"),
        pytest.param(name("feature_names") + b"[NSi\x01aNZTFCxi\x01]", b"", id="plain list"),
        pytest.param(name("feature_names") + b"[#U\x02SU\x01aSU\x01b", b"", id="counted list"),
        pytest.param(name("feature_types") + b"[$[#i\x02]#i\x00", b"", id="list of lists"),
        pytest.param(b"", name("version") + b"[#L" + bytes(7) + b"\x03i\x03i\x02i\x00", id="version"),
        pytest.param(attributes(name("a") + b"[$d#L" + bytes(7) + b"\x01" + bytes(4)), b"", id="list"),
        pytest.param(attributes(name("a") + b"[$Z#L" + bytes(7) + b"\x05" + 300 * b"N"), b"", id="nothing"),
        pytest.param(attributes(name("a" * 250) + b"T"), b"", id="long name"),
    ],
)  # fmt: skip
def test_every_way_of_writing_is_followed(tmp_path: Path, inside: bytes, behind: bytes) -> None:
    scan = scanned(MODEL % (inside, behind), tmp_path)
    assert (scan.verdict, scan.problems) == ("clean", ())


@pytest.mark.parametrize(
    ("inside", "behind", "words"),
    [
        (name("auto_map") + b"T", b"", "no model of XGBoost"),
        (b"", name("other") + b"T", "no model of XGBoost"),
        (name("objective") + b"{}", b"", "a name twice"),
        (attributes(2 * (name("a") + b"SL" + bytes(8)) + 300 * b"N"), b"", "a name twice"),
        (name("attributes") + b"?", b"", "no known type"),
        (name("attributes") + b"[$[#i\x01?", b"", "no known type"),
        (name("attributes") + b"[$ix]", b"", "a type but no count"),
        (name("attributes") + b"[#d\0\0\0\0", b"", "not written as one"),
        (name("attributes") + b"SI\xff\xff", b"", "more than it can"),
        (name("attributes") + b"[$d#L" + b"\x7f" * 8, b"", "more than it can"),
        (name("attributes") + b"[$D#i\x30", b"", "ends too early"),
        (b"I\x10\x01" + bytes(5000) + b"T", b"", "longer than names are"),
        (name("attributes") + 100 * b"[" + 100 * b"]", b"", "nested too deeply"),
        (b"", b"}", "bytes follow"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_undetermined(tmp_path: Path, inside: bytes, behind: bytes, words: str) -> None:
    scan = scanned(MODEL % (inside, behind), tmp_path)
    assert scan.verdict == "undetermined"
    assert any(words in problem for problem in scan.problems), scan.problems


def test_too_many_values_are_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ubjson, "_MOST_VALUES", 10)
    scan = scanned(MODEL % (name("feature_names") + b"[" + b"T" * 20 + b"]", b""), tmp_path)
    assert any("more than 10 values" in problem for problem in scan.problems)


def test_a_name_at_the_end_of_what_there_is_ends_too_early(tmp_path: Path) -> None:
    scan = scanned(b"{U\x03abc", tmp_path)
    assert scan.problems == ("the file cannot be read as UBJSON: it ends too early",)


def test_json_is_not_taken_for_ubjson() -> None:
    assert [ubjson.is_ubjson(head) for head in (b"{L", b"{i", b"{$", b'{"', b"{}", b"{ ", b"[L")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_only_an_object_is_a_model(tmp_path: Path) -> None:
    with pytest.raises(ubjson._UbjsonError, match="does not begin with an object"):
        ubjson._Reader(io.BytesIO(b"[]")).read()
