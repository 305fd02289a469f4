"""What ``./run`` does once all is set up, with a stand-in for the environment it would make.

Setting up for real needs the network and minutes; it is tried by hand in an empty Debian root, see
``docs/decisions/0005-one-script-sets-up.md``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_ECHO = '#!/bin/sh\necho "$@"\necho chatter >&2\n[ "$1" != fail ] || exit 4\n'
_MAKE = """
import pathlib, sys
print("made")
data = pathlib.Path(__file__).parent / "data"
data.mkdir(exist_ok=True)
with (data / "times").open("a") as times:
    times.write("x")
(data / ".complete").touch()
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout whose environment is complete: a real Python, and a command that says what it was given."""
    root = tmp_path / "a checkout"
    programs = root / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("run", "requirements.lock", "requirements-servers.lock", "pyproject.toml"):
        shutil.copy2(ROOT / name, root / name)
    (programs / "python").symlink_to(sys.executable)
    (programs / "conformity").write_text(_ECHO, "utf-8")
    (programs / "conformity").chmod(0o755)
    files = "requirements.lock requirements-servers.lock pyproject.toml run"
    stamp = f'{{ cksum {files} | cut -d " " -f 1,2; pwd -P; }} >.venv/.complete'
    subprocess.run(["sh", "-c", stamp], cwd=root, check=True)
    return root


def _start(tree: Path, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Start ``./run`` from some other folder."""
    command = [tree / "run", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


def _sample(folder: Path) -> Path:
    """Make a folder with a manifest and a program beside it; return the manifest."""
    folder.mkdir(parents=True)
    (folder / "make.py").write_text(_MAKE, "utf-8")
    (folder / "conformity.yaml").write_text("conformity: 1\n", "utf-8")
    return folder / "conformity.yaml"


def test_script_is_plain_posix_shell() -> None:
    assert (ROOT / "run").read_text("utf-8").startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n", ROOT / "run"], check=True)
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)


def test_arguments_output_and_code_pass_through(tree: Path, tmp_path: Path) -> None:
    done = _start(tree, "fail", "a b", "--json", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (4, "fail a b --json\n", "chatter\n")


def test_sample_is_made_once_and_off_standard_output(tree: Path, tmp_path: Path) -> None:
    manifest = _sample(tree / "samples" / "one")
    first = _start(tree, "assess", manifest, cwd=tmp_path)
    assert first.stdout == f"assess {manifest}\n"
    assert "made" in first.stderr
    assert "made" not in _start(tree, "assess", "-o", "x", manifest, cwd=tmp_path).stderr
    assert (manifest.parent / "data" / "times").read_text("utf-8") == "x"


def test_program_beside_a_foreign_manifest_is_never_run(tree: Path, tmp_path: Path) -> None:
    manifest = _sample(tmp_path / "elsewhere" / "samples" / "two")
    assert _start(tree, "assess", manifest, cwd=tmp_path).returncode == 0
    assert not (manifest.parent / "data").exists()


def test_failed_sample_stops_before_the_command(tree: Path, tmp_path: Path) -> None:
    manifest = _sample(tree / "samples" / "three")
    (manifest.parent / "make.py").write_text("raise SystemExit(3)", "utf-8")
    done = _start(tree, "assess", manifest, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")


def test_moved_tree_is_not_taken_for_complete(tree: Path, tmp_path: Path) -> None:
    """The set-up begins, finds nothing to work with and says so in one line; the environment is not used."""
    moved = tree.rename(tmp_path / "moved")
    done = subprocess.run(
        ["sh", "-c", 'PATH=$1 exec /bin/sh "$0" --version', moved / "run", _path_without_tools(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (69, "")
    assert "flock is missing" in done.stderr.splitlines()[-1]


def _path_without_tools(tmp_path: Path) -> str:
    """Return a PATH that holds what the script needs to look at its stamp, and nothing to set up with."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("cksum", "cut", "cat", "dirname"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return str(folder)
