"""Kill archivers at random moments: a process that forks one archiver for each line that it is given.

``python -m tests.support.kills`` reads lines of JSON: pack, archive, and after how many seconds to kill. It
answers each with whether the archiver was killed or had ended, and how long it took.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from conformity.archive.store.chain import check_chain, index_bytes, lines_of
from tests.support.archives import archived, contents, git, pack_digests, read_index, small_pack, sound

ROOT = Path(__file__).parents[2]


class Killer:
    """The process that forks and kills archivers."""

    def __enter__(self) -> Killer:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.kills"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0

    def archive(self, pack: Path, archive: Path, key: Path | None, after_s: float) -> tuple[bool, float]:
        """Archive a pack and kill the archiver with all it started; return whether it was, and its time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(pack), str(archive), str(key or ""), after_s]) + "\n")
        self._process.stdin.flush()
        killed, seconds = json.loads(self._process.stdout.readline())
        return killed, seconds


def trials(folder: Path, count: int, seed: int) -> dict[str, int]:
    """Kill archivers of one version after another, and check after each kill that nothing is half there.

    Args:
        folder: an empty folder to work in.
        count: how many kills.
        seed: of the moments.

    Returns:
        How many archivers were killed before the version was in, how many after, and how many had ended.
    """
    chance = random.Random(seed)
    archive, previous, version = folder / "archive", None, 0
    key = _key(folder / "key")
    found = {"old": 0, "new": 0, "ended": 0}
    with Killer() as killer:
        usual = _usual_s(killer, folder)
        while sum(found.values()) < count:
            pack = folder / f"pack-{version}"
            if not pack.exists():
                files = {f"tallies/{number:064x}.json": b"[%d]" % number for number in range(5)}
                digest = small_pack(pack, f"1.{version}.0", previous=previous, files=files)
            killed, _ = killer.archive(pack, archive, key, chance.uniform(0, usual * 1.3))
            there = _versions(archive)
            assert there in (version, version + 1)
            how = "ended" if not killed else "new" if there > version else "old"
            found[how] += 1
            # The machine has other things to do too: stay around the moment at which a version comes in.
            usual *= {"old": 1.05, "new": 1.0, "ended": 0.9}[how]
            if there > version:
                previous, version = digest, version + 1
    # One more, undisturbed, cleans up after the last.
    pack = folder / "last"
    small_pack(pack, f"1.{version}.0", previous=previous)
    archived(pack, archive)
    _check_whole(folder, archive, version)
    return found


def _key(file: Path) -> Path:
    """Make an SSH key, and return its file."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    return file


def _usual_s(killer: Killer, folder: Path) -> float:
    """Return how long an archiver takes that nobody disturbs, in seconds."""
    small_pack(folder / "trial")
    killed, seconds = killer.archive(folder / "trial", folder / "trials", None, 60)
    assert not killed
    return seconds


def _versions(archive: Path) -> int:
    """Return how many versions git itself finds in an archive, which is sound."""
    if not (archive / ".git").exists():
        return 0
    sound(archive)
    if "main" not in git(archive, "branch", "--list", "main"):
        return 0
    lines = lines_of(git(archive, "show", "main:index.jsonl").encode())
    assert check_chain(lines) == ()
    listed = git(archive, "ls-tree", "-r", "--name-only", "main", "systems").split()
    assert len(listed) == len(lines) * 8
    return len(lines)


def _check_whole(folder: Path, archive: Path, version: int) -> None:
    """Check that all versions lie there as they were made, and that nothing was left behind."""
    entries = read_index(archive)
    assert check_chain(lines_of(index_bytes(archive)), pack_digests(archive, entries)) == ()
    assert [entry.version for entry in entries] == [f"1.{number}.0" for number in range(version + 1)]
    assert len(git(archive, "tag").split()) == version
    for number in range(version):
        assert contents(archive / entries[number].path) == contents(folder / f"pack-{number}")
    assert git(archive, "status", "--porcelain") == ""
    assert sorted(file.name for file in (archive / ".git" / "conformity").iterdir()) == ["lock"]
    assert [str(lock) for lock in (archive / ".git").rglob("*.lock")] == []
    assert sorted(file.name for file in archive.iterdir() if file.name.startswith(".")) == [
        ".git",
        ".gitattributes",
    ]
    sound(archive)


def _fork(pack: str, archive: str, key: str) -> int:
    """Start an archiver in a session of its own, and return its process."""
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            archived(Path(pack), Path(archive), key=Path(key) if key else None)
        finally:
            os._exit(0)
    while os.getpgid(child) != child:
        time.sleep(0.001)
    return child


def main() -> None:
    """Answer lines until there are no more."""
    for line in sys.stdin:
        request: list[Any] = json.loads(line)
        start = time.monotonic()
        child = _fork(*request[:3])
        ended = 0
        while not ended and time.monotonic() < start + request[3]:
            ended, _ = os.waitpid(child, os.WNOHANG)
            time.sleep(0.001)
        if not ended:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
        print(json.dumps([not ended, time.monotonic() - start]), flush=True)


if __name__ == "__main__":
    main()
