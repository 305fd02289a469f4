"""Archive many versions: ``python -m tests.benchmarks.bench_archive [--versions N]``.

Run on demand, not as a test. Archives N versions (1,000 by default) of ten systems, one after another; prints
how long the first, the middle and the last hundred took each, the size of the repository before and after
``git gc``, and how long ``git fsck --strict``, the check of the chain and ``conformity log`` take. Then eight
processes archive into one archive at the same time, and a disk of a few MiB is filled up where this machine
lets an ordinary folder be one (root, or user name spaces).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

from conformity.archive.store.chain import (
    check_chain,
    head_of,
    index_bytes,
    lines_of,
)
from conformity.errors import ConformityError
from conformity.pipeline.archiving import list_archive
from conformity.settings import Settings
from tests.support.archives import NOW, archived, git, pack_digests, read_index, small_pack, sound

SYSTEMS = 10


def main() -> None:
    """Run all parts and print what they took."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=1000)
    parser.add_argument(
        "--full-disk", type=Path, help="a small disk to fill up; the other parts are left out"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.full_disk:
            _fill(Path(folder), chosen.full_disk)
            return
        _many(Path(folder), chosen.versions)
        _at_once(Path(folder))
    _small_disk()


def _many(folder: Path, count: int) -> None:
    """Archive many versions, and check and measure the archive."""
    archive, times = folder / "archive", []
    before: dict[int, str] = {}
    for number in range(count):
        system, pack = number % SYSTEMS, folder / "pack"
        before[system] = small_pack(
            pack, f"1.{number}.0", previous=before.get(system), name=f"System {system}"
        )
        start = time.monotonic()
        archived(pack, archive)
        times.append(time.monotonic() - start)
    part = max(1, min(100, count // 3))
    for what, some in (
        ("first", times[:part]),
        ("middle", times[count // 2 :][:part]),
        ("last", times[-part:]),
    ):
        print(f"{what} {len(some)} of {count}: {1000 * sum(some) / len(some):.0f} ms each")
    _told("git fsck --strict", lambda: sound(archive))
    _told("check of the chain and all packs", lambda: _checked(archive, count))
    _told("conformity log", lambda: list_archive(archive, NOW.date(), Settings()))
    print(f"repository {_megabytes(archive / '.git'):.1f} MB, files {_megabytes(archive / 'systems'):.1f} MB")
    _told("git gc", lambda: git(archive, "gc", "--quiet"))
    print(f"repository {_megabytes(archive / '.git'):.1f} MB after git gc")


def _checked(archive: Path, count: int) -> None:
    """Check the chain and every pack's digest."""
    entries, lines = read_index(archive), lines_of(index_bytes(archive))
    assert len(entries) == count
    assert check_chain(lines, pack_digests(archive, entries), head_of(lines)) == ()


def _archive_one(paths: tuple[str, str]) -> int:
    """Archive a pack, and return its number in the archive."""
    return archived(Path(paths[0]), Path(paths[1])).entry.sequence


def _at_once(folder: Path) -> None:
    """Archive eight packs into one new archive from eight processes at once."""
    packs = [folder / f"at-once-{number}" for number in range(8)]
    for number, pack in enumerate(packs):
        small_pack(pack, name=f"System {number}")
    archive = folder / "together"
    start = time.monotonic()
    with get_context("spawn").Pool(8) as pool:
        sequences = pool.map(_archive_one, [(str(pack), str(archive)) for pack in packs], chunksize=1)
    assert sorted(sequences) == list(range(1, 9))
    _checked(archive, 8)
    sound(archive)
    print(f"eight processes at once, none lost: {time.monotonic() - start:.1f} s with their start")


def _small_disk() -> None:
    """Run this again with a disk of 3 MiB in memory, where that can be mounted."""
    mount = (
        'd=$(mktemp -d) && mount -t tmpfs -o size=3m none "$d" && "$@" --full-disk "$d"; '
        'code=$?; umount "$d"; rmdir "$d"; exit $code'
    )
    enter = ["unshare", "--user", "--map-root-user", "--mount"]
    me = [sys.executable, "-m", "tests.benchmarks.bench_archive"]
    done = subprocess.run([*enter, "sh", "-c", mount, "sh", *me], check=False, capture_output=True, text=True)
    print(done.stdout.strip() or f"no small disk here: {done.stderr.strip()}")


def _fill(folder: Path, disk: Path) -> None:
    """Archive into a full disk again and again, with a little less room taken each time, until it fits."""
    archive, refused = disk / "archive", 0
    digest = small_pack(folder / "one")
    archived(folder / "one", archive)
    content = bytes(range(256)) * 400
    small_pack(folder / "two", "1.1.0", previous=digest, files={"report.bin": content})
    head = git(archive, "rev-parse", "HEAD")
    ballast = disk / "ballast"
    room = shutil.disk_usage(disk).free
    told: set[str] = set()
    for left in range(0, 400_000, 4096):
        ballast.write_bytes(bytes(max(0, room - left)))
        try:
            outcome = archived(folder / "two", archive)
        except ConformityError as error:
            told.add(error.message)
            assert git(archive, "rev-parse", "HEAD") == head
            refused += 1
            ballast.unlink()
            sound(archive)
            continue
        break
    ballast.unlink()
    assert told, "the disk was never full"
    unclear = [message for message in told if "free some space" not in message]
    assert not unclear, unclear
    print(f"full disk: refused {refused} times, nothing changed; then archived with {left} bytes of room")
    print(f"  told: {'; '.join(outcome.notices) or 'nothing'}")
    archived(folder / "two", archive)
    assert git(archive, "status", "--porcelain") == ""
    _checked(archive, 2)
    sound(archive)


def _told(what: str, work: Callable[[], object]) -> None:
    """Do something and print how long it took."""
    start = time.monotonic()
    work()
    print(f"{what}: {time.monotonic() - start:.2f} s")


def _megabytes(folder: Path) -> float:
    """Return the size of a folder in MB."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
