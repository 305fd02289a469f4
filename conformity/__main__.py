"""Start the command line; `--version` answers before anything else is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        from conformity import __version__

        sys.stdout.write(f"conformity {__version__}\n")
        return
    from conformity.entry.cli import main as run

    run()


if __name__ == "__main__":
    main()
