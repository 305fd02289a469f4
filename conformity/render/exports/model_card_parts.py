"""Sections of a model card: the data, the open points and the limits."""

from __future__ import annotations

from conformity.model.subject import TableSubject
from conformity.render.exports.markdown_text import code, escaped, table
from conformity.render.exports.material import Material
from conformity.render.views.verdicts import ICONS

_MOST_POINTS = 40


def data_sets(material: Material) -> list[str]:
    """Return the tables with purpose, groups and digest."""
    rows = []
    for subject in material.assessment.manifest.subjects:
        if isinstance(subject, TableSubject):
            record = material.records.get(str(subject.id))
            protected = ", ".join(column.name for column in subject.with_role("protected"))
            digest = record.sha256 if record else None
            rows.append(
                (
                    escaped(subject.title),
                    escaped(subject.purpose),
                    escaped(protected) if protected else "none declared",
                    code(digest) if digest else "not known",
                )
            )
    told = table(("Data set", "Purpose", "Attributes that form groups", "Digest"), rows)
    return ["## Data", "", *(told if rows else ["No table was handed in."]), ""]


def open_points(material: Material) -> list[str]:
    """Return what is not met or undetermined, and how much was not handed in."""
    rows = [row for row in material.open_rows if row.verdict != "not_collected"]
    absent = material.counts["not_collected"]
    lines = []
    for row in rows[:_MOST_POINTS]:
        mark = f"{ICONS[row.verdict]} {escaped(material.word(row.verdict))}"
        lines.append(f"- {mark}: {escaped(row.name)}. {escaped(row.reason)}")
    if len(rows) > _MOST_POINTS:
        lines.append(f"- {len(rows) - _MOST_POINTS} more stand in the report.")
    if absent:
        lines.append(f"- {ICONS['not_collected']} Requirements for which nothing was handed in: {absent}.")
    return ["## Open points", "", *(lines or ["None."]), ""]


def limits(material: Material) -> list[str]:
    """Return what the numbers do not show, probe by probe."""
    lines = [
        f"- {escaped(probe.title)}: {escaped(limit)}"
        for probe in material.assessment.plan.probes
        if probe.id in material.context.probes_explained
        for limit in probe.limits
    ]
    return ["## Limits of the measurements", "", *(lines or ["Nothing was measured."]), ""]
