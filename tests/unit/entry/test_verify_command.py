"""The command `conformity verify`: a table that fits, JSON, exit codes, and the stand-alone verifier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships no types

from conformity.archive.standalone.assemble import standalone, standalone_digest
from conformity.entry.verify import verify
from conformity.errors import DataError, PathError, UsageError
from conformity.model.verification import Verification
from tests.support.packs import pack_files, write
from tests.support.signed_packs import key_file, put, signed_files


def _run(*arguments: str | Path) -> Result:
    """Run the command; an error of ours is raised, as it is where the command line prints it."""
    result = CliRunner().invoke(verify, [str(one) for one in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small pack without documents."""
    files = {k: v for k, v in pack_files().items() if not k.startswith("report.")}
    return write(tmp_path_factory.mktemp("packs") / "pack", files)


def test_the_table_fits_and_says_what_could_not_be_told(pack: Path) -> None:
    result = _run(pack)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines[1:])
    assert [line[:2].strip() for line in lines[2:-1] if line[:2].strip()] == [str(n) for n in range(1, 11)]
    assert lines[-1] == "0 failed, 5 could not be told, 5 passed. What could not be told is not passed."
    assert "nobody can tell who made" in result.stdout


def test_json_holds_every_step_and_fits_its_schema(pack: Path) -> None:
    plain = json.loads(_run(pack, "--json").stdout)
    assert [one["number"] for one in plain["steps"]] == list(range(1, 11))
    assert list(Draft202012Validator(Verification.model_json_schema()).iter_errors(plain)) == []
    assert Verification.model_validate(plain).count("passed") == 5


def test_a_failure_ends_with_five(tmp_path: Path) -> None:
    files = dict(signed_files())
    files["report.html"] = b"x"
    result = _run(put(tmp_path / "pack", files), "--key", key_file(tmp_path))
    assert result.exit_code == 5
    assert " 2  FAILED       Every file has the digest that is listed" in result.stdout


def test_names_of_a_stranger_are_made_harmless(tmp_path: Path) -> None:
    folder = write(tmp_path / "pack", dict.fromkeys(("assessment.json",), b"{}"))
    (folder / "\x1b[2J\u202egpj.html").write_bytes(b"")
    result = _run(folder)
    assert result.exit_code == 5
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert r"\x1b[2J\u202egpj.html is there and not listed." in result.stdout


def test_the_stand_alone_verifier_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "verify_conformity.py"
    assert _run("--write-standalone", file).stdout == f"{standalone_digest()}\n"
    assert file.read_bytes() == standalone()
    with pytest.raises(PathError, match="could not be written"):
        _run("--write-standalone", file)
    assert _run("--standalone-digest").stdout == f"{standalone_digest()}\n"


def test_the_stand_alone_verifier_is_not_written_outside_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root").mkdir()
    monkeypatch.setenv("CONFORMITY_ROOT", str(tmp_path / "root"))
    with pytest.raises(PathError, match="does not lie inside"):
        _run("--write-standalone", tmp_path / "verify_conformity.py")
    assert not (tmp_path / "verify_conformity.py").exists()


def test_what_cannot_be_verified_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Name what to verify"):
        _run()
    with pytest.raises(UsageError, match="--head is no digest"):
        _run(tmp_path, "--head", "x")
    with pytest.raises(PathError, match="There is nothing at"):
        _run(tmp_path / "nowhere")
    (tmp_path / "a.txt").write_bytes(b"x")
    with pytest.raises(DataError, match="no report in PDF"):
        _run(tmp_path / "a.txt")
    with pytest.raises(UsageError, match="no public key or certificate"):
        _run(tmp_path, "--key", tmp_path / "a.txt")


def test_a_folder_of_somebody_else_fails(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    result = _run(tmp_path)
    assert result.exit_code == 5
    assert "There is no SHA256SUMS." in result.stdout
