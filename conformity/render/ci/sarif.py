"""SARIF with its results at lines of the repository, and with what became of each since the baseline.

The export cannot know where the manifest lies in a repository; a pipeline does. A code host shows a result
only at a file that it has, so that every result is at the manifest, and the data that decided come second.

Source:
    OASIS SARIF 2.1.0 with errata 01, sections 3.4.3 (uri), 3.27.22 (relatedLocations) and
    3.27.24 (baselineState).
"""

from __future__ import annotations

import copy
import posixpath

from conformity.model.baseline import AgainstBaseline, Change
from conformity.render.ci.points import Placing, Plain
from conformity.render.exports.plain import json_bytes, uri
from conformity.render.exports.sarif import MANIFEST

_STATES: dict[Change, str] = {"new": "new", "worse": "updated", "known": "unchanged"}
"""The state of a result, as SARIF has it."""


def placed_sarif(exported: Plain, placing: Placing, against: AgainstBaseline | None) -> bytes:
    """Return the log of an assessment, its results at lines of the repository.

    Args:
        exported: the SARIF export.
        placing: where things lie.
        against: what is new; None without a baseline.
    """
    log = copy.deepcopy(exported)
    run = log["runs"][0]
    folder = posixpath.dirname(placing.manifest)
    uris = [_placed(one["location"]["uri"], placing, folder) for one in run["artifacts"]]
    for artifact, place in zip(run["artifacts"], uris, strict=True):
        artifact["location"]["uri"] = place
    states = {str(one.requirement): _STATES[one.change] for one in against.points} if against else {}
    for result in run["results"]:
        _place(result, placing, uris, states)
    return json_bytes(log)


def _place(result: Plain, placing: Placing, uris: list[str], states: dict[str, str]) -> None:
    """Put a result of a log that is our own copy at its line, with its state."""
    spoken = [*result["locations"], *result.get("relatedLocations", [])]
    data = [where for where in spoken if where["physicalLocation"]["artifactLocation"]["uri"] != MANIFEST]
    for where in data:
        file = where["physicalLocation"]["artifactLocation"]
        file["uri"] = uris[file["index"]]
    first = {"uri": uris[0], "index": 0}
    region = {"startLine": placing.line(result["ruleId"])}
    result["locations"] = [{"physicalLocation": {"artifactLocation": first, "region": region}}]
    result.pop("relatedLocations", None)
    if data:
        result["relatedLocations"] = data
    if result["ruleId"] in states:
        result["baselineState"] = states[result["ruleId"]]


def _placed(place: str, placing: Placing, folder: str) -> str:
    """Return a reference relative to the manifest as one relative to the repository."""
    if place == MANIFEST:
        return uri(placing.manifest)
    if not folder:
        return place
    found = posixpath.normpath(posixpath.join(uri(folder), place))
    return place if found.startswith("../") else found
