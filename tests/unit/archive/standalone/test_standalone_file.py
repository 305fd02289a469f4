"""The stand-alone verifier as an auditor takes it along: one file that tells what the installed one tells."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import cryptography
import pytest

from conformity.archive.standalone import assemble
from conformity.archive.standalone.assemble import PARTS, standalone, standalone_digest
from conformity.archive.sums import ENVELOPE, SUMS, sums_of
from conformity.model.base import sha256_of
from conformity.pipeline.verifying import verify
from conformity.settings import Settings
from tests.support.archives import archived
from tests.support.packs import pack_files, write
from tests.support.signed_packs import key_file, put, signed_files

SAMPLE = Path(__file__).parents[4] / "sample_reports" / "assistant"
_LIBRARY = Path(cryptography.__file__).parents[1]
_WITH_LIBRARY = """
import runpy, sys
sys.path.append(sys.argv.pop(1))
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
_TOLD_BY_US_ALONE = {"law", "findings", "seal", "time_stamp"}


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file, written to a folder in which nothing else is."""
    file = tmp_path_factory.mktemp("auditor") / "verify_conformity.py"
    file.write_bytes(standalone())
    return file


def _run(
    verifier: Path, *arguments: str | Path, library: bool = False
) -> tuple[int, dict[str, dict[str, object]]]:
    """Run the file with nothing installed, or with ``cryptography`` alone, and return exit code and steps."""
    isolated = [sys.executable, "-I", "-S"]
    start = (
        [*isolated, "-c", _WITH_LIBRARY, str(_LIBRARY), str(verifier)]
        if library
        else [*isolated, str(verifier)]
    )
    done = subprocess.run(
        [*start, "--json", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=verifier.parent,
    )
    assert done.stderr == ""
    return done.returncode, {one["step"]: one for one in json.loads(done.stdout)["steps"]}


def _ours(place: Path, *keys: Path) -> dict[str, str]:
    """Return what the installed verifier tells."""
    return {one.step: one.outcome for one in verify(place, Settings(), keys=keys).steps}


def _agree(alone: Mapping[str, Mapping[str, object]], ours: Mapping[str, str]) -> None:
    """Check that the file tells the same, or less; never that something passed which ours says otherwise."""
    assert list(alone) == list(ours)
    for step, one in alone.items():
        if step in _TOLD_BY_US_ALONE:
            assert one["outcome"] == "cannot_tell"
        elif step == "documents" and one["outcome"] == "passed":
            assert ours[step] in ("passed", "cannot_tell"), (
                "ours renders again too, and says when it does not"
            )
        else:
            assert one["outcome"] == ours[step], step


def test_the_file_is_one_and_needs_nothing_of_ours() -> None:
    """Grammar of Python 3.9; imports are of the standard library, or of ``cryptography`` in a function."""
    tree = ast.parse(standalone(), feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    named = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in named}
    assert roots - {"cryptography"} <= sys.stdlib_module_names
    outside = {str(node.module) for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not any(name.startswith("cryptography") for name in outside)
    assert roots.isdisjoint(
        {"socket", "urllib", "http", "subprocess", "pickle", "ctypes", "tempfile", "shutil"}
    )


def test_no_part_takes_a_name_of_another() -> None:
    names = [
        node.name for node in ast.parse(standalone()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    names += [
        target.id
        for node in ast.parse(standalone()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert len(names) == len(set(names))


def test_every_part_is_in_the_file_and_the_digest_is_its_own() -> None:
    folder = Path(assemble.__file__).parent
    assert {file.stem for file in folder.glob("*.py")} == {*PARTS, "assemble", "__init__"}
    assert standalone_digest() == sha256_of(standalone())


def test_a_sample_and_its_pdf_are_told_as_by_the_installed_one(verifier: Path) -> None:
    code, told = _run(verifier, SAMPLE)
    assert code == 0
    assert {step for step, one in told.items() if one["outcome"] == "passed"} == {
        "files",
        "digests",
        "records",
    }
    assert "report.pdf carries assessment.json, byte for byte." in str(told["documents"]["seen"])
    code, told = _run(verifier, SAMPLE / "report.pdf")
    assert code == 0
    assert "assessment.json" in str(told["documents"]["seen"])
    ours = _ours(SAMPLE / "report.pdf")
    _agree(told, {**ours, "law": "cannot_tell"})


def test_a_signed_pack_is_told_as_by_the_installed_one(verifier: Path, tmp_path: Path) -> None:
    pack, key, other = (
        put(tmp_path / "pack", dict(signed_files())),
        key_file(tmp_path),
        key_file(tmp_path, "b"),
    )
    for keys in ((), (key,), (other,)):
        given = [part for one in keys for part in ("--key", one)]
        code, told = _run(verifier, pack, *given, library=True)
        ours = _ours(pack, *keys)
        assert code == (5 if "failed" in ours.values() else 0)
        _agree(told, ours)
    code, told = _run(verifier, pack, "--key", key)
    assert told["signature"]["outcome"] == "cannot_tell"
    assert "`cryptography` is not installed" in str(told["signature"]["unknown"])


@pytest.mark.parametrize("name", ["report.html", "evidence.json", SUMS, ENVELOPE])
def test_a_change_is_seen_with_the_standard_library_alone(name: str, verifier: Path, tmp_path: Path) -> None:
    files = dict(signed_files())
    files[name] = files[name].replace(b"a", b"b", 1)
    assert _run(verifier, put(tmp_path / "pack", files))[0] == 5


def test_a_list_made_anew_is_seen_by_the_signature(verifier: Path, tmp_path: Path) -> None:
    files = dict(signed_files())
    files["report.html"] += b" "
    files[SUMS] = sums_of(files)
    code, told = _run(verifier, put(tmp_path / "pack", files))
    assert code == 5
    assert "signed over other files: SHA256SUMS" in str(told["signature"]["faults"])


def test_an_archive_is_told_as_by_the_installed_one(verifier: Path, tmp_path: Path) -> None:
    files = {k: v for k, v in pack_files().items() if not k.startswith("report.")}
    archived(write(tmp_path / "pack", files), tmp_path / "repo")
    code, told = _run(verifier, tmp_path / "repo")
    assert code == 0
    _agree(told, _ours(tmp_path / "repo"))
    head = str(verify(tmp_path / "repo", Settings()).sha256)
    assert _run(verifier, tmp_path / "repo", "--head", head)[1]["chain"]["outcome"] == "passed"
    assert _run(verifier, tmp_path / "repo", "--head", "sha256:" + "0" * 64)[0] == 5


def test_what_is_not_there_is_told_in_a_sentence(verifier: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(verifier), "nowhere"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stderr.endswith("name a folder or a PDF that you may read.\n")
    assert done.stdout == ""
