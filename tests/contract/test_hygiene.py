"""Nothing in the project leads to one machine, one person's folders or one package index."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THIS = Path(__file__).name
SKIPPED = {".git", ".venv", "__pycache__", "data", "model"}
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".j2", ".css", ".js", ".txt", ".lock", ".sh", ""}


def _ours() -> list[Path]:
    """Return the text files that belong to the project: what git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [ROOT / line for line in listed.stdout.splitlines()]
    else:  # an exported tree has no git
        files = [file for file in ROOT.rglob("*") if not SKIPPED & set(file.relative_to(ROOT).parts)]
    return sorted(file for file in files if file.is_file() and file.suffix in TEXT and file.name != THIS)


FORBIDDEN = {
    "a package index": re.compile(
        r"\b(pypi\.org|pythonhosted\.org|registry\.npmjs|index-url|find-links)", re.I
    ),
    "a folder of one machine": re.compile(r"(?<![\w.<>/$}])/(home|Users|root|work|mnt|tmp)/[\w.-]+"),
    "a secret": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}"),
    "a merge left open": re.compile(r"^(<{7}|>{7}) ", re.M),
    "work left undone": re.compile(r"\b(TODO|FIXME|raise NotImplementedError)\b"),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match.group(0)}"
        for file in _ours()
        for match in FORBIDDEN[what].finditer(file.read_text("utf-8", errors="replace"))
    ]
    assert not found


@pytest.mark.parametrize(("lock", "least"), [("requirements.lock", 50), ("requirements-servers.lock", 3)])
def test_lock_names_packages_and_digests_only(lock: str, least: int) -> None:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    code = [line for line in lines if not line.lstrip().startswith("#")]
    pins = [line for line in code if not line.startswith(" ")]
    digests = [line for line in code if line.startswith(" ")]
    assert len(pins) >= least
    assert all(re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^;]+)? \\", line) for line in pins)
    assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in digests)


def test_lock_holds_every_dependency_declared() -> None:
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = declared["project"]["dependencies"] + declared["dependency-groups"]["dev"]
    names = {re.split(r"[<>=!~\[; ]", line)[0].lower().replace(".", "-").replace("_", "-") for line in wanted}
    locked = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()}
    assert names <= locked


@pytest.mark.parametrize("script", ["run", ".ci/run"])
def test_script_can_be_started(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111 == 0o111
