"""Read reports of attacks; of prompts and answers nothing is kept, only how many succeeded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformity.errors import DataError
from conformity.probes.shared.imported.origin import Origin, day_of
from conformity.probes.shared.imported.reading import inner

_MOST_BYTES = 1_000_000_000
_MOST_JSON = 300_000_000
_MOST_LINE = 64 * 1024 * 1024
_MOST_NAME = 80
_VERSION = 3
"""The newest version of promptfoo's results that is read."""

_ERROR = 2
"""How promptfoo marks a result that is an error, not a judgement."""


@dataclass(frozen=True)
class Family:
    """Attacks of one kind."""

    name: str
    """What the program calls them."""
    judged: int
    """Answers that were judged."""
    succeeded: int
    """Answers that were judged to be what the attack wanted."""
    unjudged: int
    """Answers that could not be judged."""


@dataclass(frozen=True)
class Report:
    """All attacks of a report."""

    families: tuple[Family, ...]
    """Sorted by name."""
    origin: Origin
    """The program, with its version and the day of its run where the report says them."""


def read_garak(path: Path) -> Report:
    """Return what a report of garak in JSON Lines says.

    An answer may be judged by several detectors. Of a probe that one counts which found the most successes.

    Raises:
        DataError: the file is no such report, or its counts contradict one another.

    Source:
        garak, ``garak/evaluators/base.py``: lines of the type ``eval``, of several versions.
    """
    origin, best = Origin("garak"), dict[str, Family]()
    for number, line in _lines(path):
        entry = _object(line, f"{path.name}, line {number}")
        if entry.get("entry_type") == "init":
            origin = _origin("garak", entry.get("garak_version"), entry.get("start_time"))
        if entry.get("entry_type") != "eval":
            continue
        found = _of_garak(entry, f"{path.name}, line {number}")
        known = best.get(found.name)
        if known is None or _share(found) > _share(known):
            best[found.name] = found
    return Report(_together((name.split(".")[0], one) for name, one in best.items()), origin)


def read_promptfoo(path: Path) -> Report:
    """Return what the results of promptfoo in JSON say of its red team; other tests are left out.

    Raises:
        DataError: the file holds no such results.

    Source:
        promptfoo, ``src/types/index.ts`` (results of version 3) and ``src/redteam`` (``pluginId``).
    """
    try:
        if path.stat().st_size > _MOST_JSON:
            raise DataError(f"{path.name} is larger than {_MOST_JSON} bytes; export fewer results at a time")
        whole = _object(path.read_bytes(), path.name)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror}); check the path") from error
    results = whole.get("results")
    tested = results.get("results") if isinstance(results, dict) else results
    if not isinstance(tested, list):
        raise DataError(
            f"{path.name} holds no `results`; export them with promptfoo eval --output results.json"
        )
    if isinstance(results, dict) and results.get("version", _VERSION) not in range(1, _VERSION + 1):
        raise DataError(
            f"{path.name} holds results of a version that is not read; export them with promptfoo 0.x"
        )
    tests = (one for one in tested if isinstance(one, dict))
    version, moment = inner(whole, "metadata", "promptfooVersion"), inner(results, "timestamp")
    origin = _origin("promptfoo", version, moment)
    return Report(_together(pair for one in tests if (pair := _of_promptfoo(one))), origin)


def _origin(program: str, version: object, moment: object) -> Origin:
    """Return where a report comes from, as it says itself."""
    return Origin(program, _name(version) if version else None, day_of(moment))


def _of_garak(entry: Mapping[str, Any], where: str) -> Family:
    """Return one line of the type ``eval``.

    Raises:
        DataError: its counts are missing or contradict one another.
    """
    passed = entry.get("passed")
    judged = entry.get("total_evaluated", entry.get("total"))
    unjudged = entry.get("nones", 0)
    counts = (passed, judged, unjudged)
    if not all(isinstance(count, int) and not isinstance(count, bool) and count >= 0 for count in counts):
        raise DataError(f"{where}: `passed` and `total_evaluated` must be whole numbers; export it anew")
    assert isinstance(passed, int)
    assert isinstance(judged, int)
    if passed > judged:
        raise DataError(f"{where}: more answers passed than were evaluated; export it anew")
    return Family(_name(entry.get("probe", "")), judged, judged - passed, int(unjudged))


def _of_promptfoo(result: Mapping[str, Any]) -> tuple[str, Family] | None:
    """Return one result of the red team with its plugin; None if it belongs to another test."""
    case = result.get("testCase")
    places = (result.get("metadata"), case.get("metadata") if isinstance(case, dict) else None)
    plugins = (place.get("pluginId") for place in places if isinstance(place, dict))
    plugin = next((one for one in plugins if isinstance(one, str) and one), None)
    if plugin is None:
        return None
    success = result.get("success")
    judged = isinstance(success, bool) and result.get("failureReason") != _ERROR
    name = _name(plugin)
    return name.split(":")[0], Family(name, int(judged), int(judged and not success), int(not judged))


def _together(pairs: Iterator[tuple[str, Family]]) -> tuple[Family, ...]:
    """Return attacks added up by family, sorted."""
    sums: dict[str, tuple[int, int, int]] = {}
    for family, one in pairs:
        judged, succeeded, unjudged = sums.get(family, (0, 0, 0))
        sums[family] = (judged + one.judged, succeeded + one.succeeded, unjudged + one.unjudged)
    return tuple(Family(name, *counts) for name, counts in sorted(sums.items()))


def _share(family: Family) -> tuple[float, int]:
    """Return by what two judgements of one probe are ordered: success first, then cases."""
    return family.succeeded / max(family.judged, 1), family.judged


def _name(given: object) -> str:
    """Return a name that may be printed: short, and of harmless characters."""
    text = "".join(c for c in str(given) if c.isascii() and (c.isalnum() or c in "._:-+/ "))
    return text[:_MOST_NAME] or "(no name)"


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers, blank ones left out.

    Raises:
        DataError: it cannot be read, or is far too long.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(
                f"{path.name} is larger than {_MOST_BYTES} bytes; hand in fewer attacks at a time"
            )
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_MOST_LINE), b""), start=1):
                if len(line) == _MOST_LINE:
                    raise DataError(
                        f"{path.name}, line {number} is longer than {_MOST_LINE} bytes; shorten it"
                    )
                if line.strip():
                    yield number, line
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror}); check the path") from error


def _object(text: bytes, where: str) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        DataError: it is none.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where} is not JSON; hand in the report as the program wrote it") from error
    if not isinstance(found, dict):
        raise DataError(f"{where} is no JSON object; hand in the report as the program wrote it")
    return found
