"""Flip bits of every file of packs, and count how many flips verification does not see; there may be none.

    python -m tests.benchmarks.flip_bytes [--every] [--positions N] [--full N] [--clean N] [PACK ...]

Each pack named is signed first, in a folder of its own; without a name, a small pack is made. ``--every``
flips one bit of every byte of files up to 100,000 bytes; of larger ones, N seeded positions. The steps over
bytes see all of them; ``--full`` takes that many flips through every step, and through the stand-alone
verifier too. ``--clean`` verifies that many packs that nobody touched: none may fail.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from conformity.archive.standalone.folder import Found, read_folder
from conformity.archive.standalone.steps import folder_told
from conformity.pipeline.signing import sign_folder
from conformity.pipeline.verifying import verify
from conformity.pipeline.verifying.folders import Ask, Trust, folder_steps
from conformity.settings import Settings
from tests.support.keys import edwards
from tests.support.packs import whole_pack, write
from tests.support.statements import MOMENT

_SMALL = 100_000
_TRUSTED = Trust((edwards().public,))


def main() -> int:
    """Run, print a table, and return how many flips were not seen and clean packs failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", nargs="*", type=Path)
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--positions", type=int, default=2000)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--clean", type=int, default=0)
    given = parser.parse_args()
    chance, missed = random.Random(20261123), 0
    with tempfile.TemporaryDirectory() as place:
        for number, pack in enumerate(given.packs or [None]):
            folder = Path(place, str(number))
            if pack is None:
                write(folder)
            else:
                shutil.copytree(pack, folder)
            sign_folder(folder, edwards(), MOMENT, Settings())
            missed += _flip(str(pack or "a small pack"), folder, given, chance)
    return missed + _clean(given.clean)


def _flip(title: str, folder: Path, given: argparse.Namespace, chance: random.Random) -> int:
    """Flip bits of one pack, print what came of it, and return how many flips were not seen."""
    found = read_folder(str(folder))
    print(f"{title}: {len(found.files)} files, {sum(map(len, found.files.values())):,} bytes")
    kinds: dict[str, list[int]] = {}
    start, missed = time.monotonic(), 0
    for name, content in found.files.items():
        kind = "tallies/*" if name.startswith("tallies/") else name
        counts = kinds.setdefault(kind, [0, 0, 0])
        counts[0] += 1
        for flipped in _flips(content, given, chance, shared=name.startswith("tallies/")):
            counts[1] += 1
            for trust in (_TRUSTED, Trust()):
                if not _seen(_with(found, name, flipped), trust):
                    counts[2] += 1
    for kind, (files, flips, unseen) in sorted(kinds.items()):
        missed += unseen
        print(f"  {kind:<24} {files:>4} files {flips:>8,} flips, with and without a key: {unseen} not seen")
    flips = sum(counts[1] for counts in kinds.values())
    print(f"  {'all':<24} {len(found.files):>4} files {flips:>8,} flips in {time.monotonic() - start:.0f} s")
    return missed + _through_all(found, given.full, chance)


def _flips(
    content: bytes, given: argparse.Namespace, chance: random.Random, *, shared: bool
) -> Iterator[bytes]:
    """Yield a file with one bit flipped, at every byte or at seeded positions."""
    every = given.every and len(content) <= _SMALL and not shared
    count = min(len(content), 20 if shared else given.positions)
    for at in range(len(content)) if every else chance.sample(range(len(content)), count):
        changed = bytearray(content)
        changed[at] ^= 1 << chance.randrange(8)
        yield bytes(changed)


def _with(found: Found, name: str, content: bytes) -> Found:
    """Return what a folder holds with another content of one file."""
    return found._replace(files={**found.files, name: content})


def _seen(found: Found, trust: Trust) -> bool:
    """Tell whether the steps over bytes see a change."""
    ask = Ask(trust, pages=False, on_progress=lambda *_: None, bytes_alone=True)
    return any(one.faults for one in folder_steps(Path("pack"), found, ask).values())


def _through_all(found: Found, count: int, chance: random.Random) -> int:
    """Take flips through every step, and through the stand-alone verifier; return how many are not seen."""
    missed, names = 0, sorted(found.files)
    ask = Ask(_TRUSTED, pages=False, on_progress=lambda *_: None)
    for number in range(count):
        name = names[number % len(names)]
        changed = bytearray(found.files[name])
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        other = _with(found, name, bytes(changed))
        told = folder_steps(Path("pack"), other, ask)
        alone = folder_told(other, [edwards().public.pem.encode()])
        missed += not any(one.faults for one in told.values())
        missed += not any(one.faults for one in alone.values())
    print(f"  {count} flips through all steps and the stand-alone verifier: {missed} not seen")
    return missed


def _clean(count: int) -> int:
    """Verify packs that nobody touched, and return how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as place:
        for number in range(count):
            folder = write(Path(place, "pack"), whole_pack(f"System {number}", (("a", number + 1), ("b", 7))))
            sign_folder(folder, edwards(), MOMENT, Settings())
            failed += verify(folder, Settings()).failed
            shutil.rmtree(folder)
    print(f"{count} packs that nobody touched: {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(min(main(), 100))
