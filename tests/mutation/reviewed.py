"""Read the list of mutants that may survive, since they change nothing that anybody could see."""

from __future__ import annotations

from pathlib import Path

LIST = Path(__file__).with_name("reviewed.txt")
"""Blocks of a file's name, then for each mutant its key and, indented below, the reason."""


def reviewed(text: str | None = None) -> dict[str, dict[str, str]]:
    """Return for each file the keys of the mutants that may survive, with the reasons.

    Args:
        text: the list; the one in the repository when not given.

    Raises:
        ValueError: a mutant has no reason, or a reason no mutant.
    """
    found: dict[str, dict[str, str]] = {}
    file = key = ""
    for line in (LIST.read_text("utf-8") if text is None else text).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("    "):
            if not key:
                raise ValueError(f"the reason {line.strip()!r} stands below no mutant")
            found[file][key] = " ".join(filter(None, (found[file][key], line.strip())))
        elif " | " in line:
            key = line.strip()
            found[file][key] = ""
        else:
            file, key = line.strip(), ""
            found[file] = {}
    silent = [key for keys in found.values() for key, reason in keys.items() if not reason]
    if silent:
        raise ValueError(f"the mutant {silent[0]!r} has no reason; give one below it")
    return found
