"""Kill signing at many moments: ``python -m tests.benchmarks.kill_signing [KILLS]`` prints what was left.

A pack is signed and sealed over and over by a process that is killed at a moment drawn by chance. Each time
what lies at its place, or beside it while one pack takes the place of another, has to be whole and signed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from conformity.archive.pack import write_pack
from conformity.archive.signing.dsse import PAYLOAD_TYPE, read_envelope, verify
from conformity.archive.signing.keys import signer_of
from conformity.archive.signing.seal_keys import seal_key_of
from conformity.archive.signing.statement import check_statement, read_statement
from conformity.archive.sums import ENVELOPE, SUMS, read_sums
from conformity.pipeline.signing import Proofs, sign_folder
from conformity.settings import Settings
from tests.support.declarations import complete, packed
from tests.support.keys import certified, edwards
from tests.support.small_pdf import small_pdf

MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SEAL = Proofs(seal=seal_key_of(signer_of(certified().key, certified().chain)))


def killed(pack: Path, delay: float) -> Path:
    """Sign a pack in another process until that is killed; return where the whole pack lies then.

    Args:
        pack: the pack, signed already.
        delay: after how many seconds the process is killed.
    """
    child = os.fork()
    if child == 0:
        try:
            while True:
                sign_folder(pack, edwards(), MOMENT, Settings(), proofs=SEAL, replace=True)
        finally:
            os._exit(9)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return pack if pack.is_dir() else next(pack.parent.glob(f".{pack.name}.partial-*-old"))


def main(kills: int) -> int:
    """Kill that many times and print the counts; return 1 when a pack was not whole."""
    folder = Path(tempfile.mkdtemp())
    made, pack = packed(complete(), folder / "made"), folder / "pack"
    files = {name: (made / name).read_bytes() for name in read_sums(made)}
    write_pack(pack, {**files, "report.pdf": small_pdf()})
    sign_folder(pack, edwards(), MOMENT, Settings(), proofs=SEAL)
    beside = broken = left = 0
    chance = random.Random(1)
    for _ in range(kills):
        place = killed(pack, chance.random() / 4)
        beside += place != pack
        broken += not _is_whole(place)
        if place != pack:
            place.rename(pack)
        for one in folder.glob(".pack.partial-*"):
            left += 1
            shutil.rmtree(one)
    shutil.rmtree(folder)
    print(f"{kills} kills: {broken} broken, {beside} beside their place, {left} folders left over")
    return 1 if broken else 0


def _is_whole(pack: Path) -> bool:
    """Tell whether a pack is as it was signed."""
    envelope = read_envelope((pack / ENVELOPE).read_bytes())
    verify(envelope, PAYLOAD_TYPE, [edwards().public])
    check_statement(read_statement(envelope.payload), "assessment", read_sums(pack))
    done = subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=pack, capture_output=True, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
