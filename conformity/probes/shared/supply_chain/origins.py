"""Which program wrote a bill of materials, as the bill says itself.

Source:
    CycloneDX 1.6, ``metadata.tools``; SPDX 2.3, clause 6.8 (creators); SPDX 3.0.1, ``createdUsing``.
"""

from __future__ import annotations

from typing import Any

from conformity.probes.shared.imported.origin import Origin, day_of, version_of
from conformity.probes.shared.imported.reading import inner, objects, printable

_TOOL = "Tool: "


def origins_of(data: Any) -> tuple[Origin, ...]:
    """Return the programs that a bill of materials names; none for any other list.

    Args:
        data: the contents of a file in JSON.
    """
    if not isinstance(data, dict):
        return ()
    if data.get("bomFormat") == "CycloneDX":
        return _cyclonedx(data)
    if "spdxVersion" in data:
        day, creators = (
            day_of(inner(data, "creationInfo", "created")),
            inner(data, "creationInfo", "creators"),
        )
        named = [one for one in creators if isinstance(one, str)] if isinstance(creators, list) else []
        tools = [one.removeprefix(_TOOL) for one in named if one.startswith(_TOOL)]
        return tuple(Origin(printable(one), None, day) for one in tools)
    if isinstance(data.get("@graph"), list):
        return _spdx_3(data)
    return ()


def _cyclonedx(data: dict[str, Any]) -> tuple[Origin, ...]:
    """Return the programs of a bill in CycloneDX: a list up to 1.4, components and services since."""
    tools, day = inner(data, "metadata", "tools"), day_of(inner(data, "metadata", "timestamp"))
    listed = objects(tools) or objects(inner(tools, "components"))
    return tuple(
        Origin(
            printable(" ".join(str(one[key]) for key in ("vendor", "group", "name") if one.get(key))),
            version_of(one.get("version")),
            day,
        )
        for one in listed
        if one.get("name")
    )


def _spdx_3(data: dict[str, Any]) -> tuple[Origin, ...]:
    """Return the programs of a graph of SPDX 3."""
    graph = objects(data["@graph"])
    days = [day for one in graph if one.get("type") == "CreationInfo" and (day := day_of(one.get("created")))]
    tools = [one for one in graph if one.get("type") == "Tool"]
    return tuple(Origin(printable(one.get("name")), None, max(days, default=None)) for one in tools)


def told(origin: Origin) -> str:
    """Return the sentence that says who listed the packages."""
    version, when = origin.version or "not stated", origin.run_on or "not stated"
    return (
        f"The list of packages was written by another program: {origin.program}; version: {version}; "
        f"on: {when}."
    )
