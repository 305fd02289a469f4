"""The process that measures an interval: ``python -m conformity.entry.mcp.tracker FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:  # pragma: no cover # runs in a process that leaves its parent, where nothing is counted
    """Leave the process that called, and measure until the interval is to end."""
    if os.fork():
        # Whoever called goes on at once; nobody is left to wait for.
        os._exit(0)
    from conformity.pipeline.metering import measure_interval

    measure_interval(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
