"""Kill archivers at random moments, and tell how many kills left the old head and how many the new one.

``python -m tests.benchmarks.kill_archive [KILLS [SEED]]``; every kill is followed by ``git fsck --strict``
and a check of the chain, and the end by a comparison of every byte.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.support.kills import trials


def main() -> None:
    """Run the kills and print the counts."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20_261_123
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = trials(Path(folder), count, seed)
    print(
        f"{count} archivers, seed {seed}: {found['old']} killed before the version was in, {found['new']} "
        f"after, {found['ended']} had ended. Nothing lost, nothing half there. "
        f"{time.monotonic() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
