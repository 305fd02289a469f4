"""Run the verification from the command line, and print what every step tells."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from conformity.archive.standalone.chain import INDEX
from conformity.archive.standalone.folder import MOST_BYTES, read_file, read_folder
from conformity.archive.standalone.pack import SUMS
from conformity.archive.standalone.steps import STEPS, Tolds, archive_told, folder_told, pdf_told
from conformity.archive.standalone.told import Told, shortened, shown

_WIDTH = 80


def verify(path: str, keys: Sequence[bytes] = (), head: str | None = None) -> Tolds:
    """Return what is told of a folder, an archive or a PDF.

    Args:
        path: its place.
        keys: public keys or certificates in PEM that are trusted.
        head: digest of the last line of an archive's index, from a place that is trusted.

    Raises:
        OSError: there is nothing that can be read.
    """
    place = Path(path).resolve()
    if not place.is_dir():
        return pdf_told(read_file(str(place), MOST_BYTES) or b"")
    # A folder with a list of digests is what the list says, so that an index put there hides nothing.
    if (place / INDEX).exists() and not (place / SUMS).exists():
        return archive_told(place, keys, head)
    return folder_told(read_folder(str(place)), keys)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the steps; return 0 when nothing failed, 5 when something did, 3 when nothing could be read."""
    parser = argparse.ArgumentParser(
        description="Verify a pack, an archive or a report in PDF, offline, without the tool that wrote it."
    )
    parser.add_argument("path", help="the folder of a pack or an archive, or report.pdf")
    parser.add_argument("--key", action="append", default=[], help="a trusted public key or certificate, PEM")
    parser.add_argument("--head", help="digest of the last line of the archive's index, kept elsewhere")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    given = parser.parse_args(arguments)
    try:
        keys = [read_file(str(Path(key).resolve()), 1 << 20) or b"" for key in given.key]
        told = verify(given.path, keys, given.head)
    except OSError as error:
        print(f"{shown(str(error))}; name a folder or a PDF that you may read.", file=sys.stderr)  # noqa: T201
        return 3
    print(_as_json(told) if given.json else _as_text(told))  # noqa: T201
    return 5 if any(one.faults for one in told.values()) else 0


def _as_json(told: Tolds) -> str:
    """Return the steps as JSON."""
    steps = [
        {"number": number, "step": name, "outcome": told[name].outcome(), **_reasons(told[name])}
        for number, (name, _) in enumerate(STEPS, 1)
    ]
    return json.dumps({"steps": steps}, indent=2)


def _reasons(told: Told) -> dict[str, list[str]]:
    """Return what a step tells, shortened."""
    return {name: [shown(text) for text in shortened(texts)] for name, texts in told._asdict().items()}


def _as_text(told: Tolds) -> str:
    """Return the steps as a table, and the outcome in one line."""
    lines = []
    for number, (name, title) in enumerate(STEPS, 1):
        one = told[name]
        lines.append(f"{number:>2}  {_spoken(one.outcome()):<12} {title}")
        for text in (*shortened(one.faults), *shortened(one.unknown), *shortened(one.seen)):
            lines += _wrapped(shown(text))
    outcomes = [one.outcome() for one in told.values()]
    counts = (f"{outcomes.count(one)} {_spoken(one)}" for one in ("failed", "cannot_tell", "passed"))
    return "\n".join([*lines, f"{', '.join(counts)}; what cannot be told is not passed."])


def _spoken(outcome: str) -> str:
    """Return an outcome in words."""
    return outcome.replace("_", " ")


def _wrapped(text: str) -> list[str]:
    """Return a text as lines below a step."""
    return textwrap.wrap(text, _WIDTH, initial_indent=" " * 17 + "- ", subsequent_indent=" " * 19)


if __name__ == "__main__":
    sys.exit(main())
