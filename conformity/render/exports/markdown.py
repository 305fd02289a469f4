"""A summary in Markdown, for the summary of a build step, a comment or a chat.

It stays below the length that code hosts take for a comment; what is cut is counted.

Source:
    GitHub Flavored Markdown 0.29.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.finding import Verdict
from conformity.render.exports.format import Export
from conformity.render.exports.markdown_text import code, escaped, short, table
from conformity.render.exports.material import CAVEAT, VERDICTS, Material
from conformity.render.exports.plain import moment
from conformity.render.exports.values import Row
from conformity.render.views.verdicts import ICONS

MOST_LETTERS = 65_000
"""The longest summary; comments of code hosts may have 65,536 letters."""

_MOST_POINTS, _MOST_READINGS = 25, 40
_NAME, _REASON, _STEP = 120, 300, 200


def write(material: Material) -> bytes:
    """Return the summary."""
    lines = [*_head(material), *_counts(material)]
    readings, points = _readings(material), _points(material)
    if readings:
        heads = ("Verdict", "Measured", "Value", "Bound")
        kept = _fitting(readings, _MOST_READINGS, MOST_LETTERS // 2)
        lines += ["## Bounds missed or not settled", "", *table(heads, kept), *_cut(readings, kept), ""]
    room = MOST_LETTERS - sum(len(line) + 1 for line in lines)
    listed = _fitting([(line,) for line in points], _MOST_POINTS, room)
    lines += ["## Open points", "", *(line for (line,) in listed), *_cut(points, listed)]
    lines += [] if points else ["None."]
    return ("\n".join(lines).rstrip() + "\n").encode()


FORMAT = Export("md", "summary.md", write)
"""The format, found by :func:`conformity.render.formats`."""


def _head(material: Material) -> list[str]:
    """Return title, system, classification, and what an assessment is not."""
    judged = material.assessment
    plan = judged.plan
    return [
        f"# Conformity assessment: {escaped(short(material.system, _NAME))}",
        "",
        f"- Assessment {code(judged.manifest.edition.version)} of {moment(judged.assessed_at)} by "
        f"{escaped(short(judged.tool, _NAME))}, law as of {plan.as_of.isoformat()}",
        f"- {escaped(short(plan.classification.summary, 2 * _REASON))}",
        f"- Evidence {code(judged.evidence_sha256)}",
        "",
        f"{escaped(CAVEAT)} There is no overall score.",
        "",
    ]


def _counts(material: Material) -> list[str]:
    """Return how many requirements have each verdict."""
    meaning = material.context.words["verdict_meaning"]
    return [
        "## Verdicts",
        "",
        *table(
            ("Verdict", "Requirements", "Meaning"),
            ((_mark(material, one), str(material.counts[one]), escaped(meaning[one])) for one in VERDICTS),
        ),
        "",
    ]


def _readings(material: Material) -> list[tuple[str, ...]]:
    """Return what was measured and misses its bound, or does not settle it, as cells."""
    held = [
        one
        for verdict in ("not_met", "undetermined")
        for row in material.open_rows
        for one in material.held(row.finding)
        if one.verdict == verdict
    ]
    # One measurement may speak to several requirements; it is told once.
    return list(
        dict.fromkeys(
            (
                _mark(material, one.verdict),
                escaped(short(f"{one.shown.title}, {one.shown.place}", _NAME)),
                escaped(short(one.shown.text, _NAME)),
                f"{escaped(short(one.bound, _NAME))} ({code(short(one.criterion, _NAME))})",
            )
            for one in held
        )
    )


def _fitting(rows: Sequence[tuple[str, ...]], most: int, room: int) -> list[tuple[str, ...]]:
    """Return the first rows, at most so many, that fit into so many letters."""
    kept: list[tuple[str, ...]] = []
    for row in rows[:most]:
        room -= sum(len(cell) + 3 for cell in row) + 2
        if room < _NAME:
            break
        kept.append(row)
    return kept


def _cut(every: Sequence[object], kept: Sequence[object]) -> list[str]:
    """Return how many are not listed, as lines."""
    left = len(every) - len(kept)
    return ["", f"{left} more stand in the report and in `assessment.json`."] if left else []


def _points(material: Material) -> list[str]:
    """Return every open point as a line, the most important first."""
    return [_point(material, row) for row in material.open_rows]


def _point(material: Material, row: Row) -> str:
    """Return an open point: the verdict, the provision, why, what to do and by when."""
    step = row.entry.corrective_action if row.entry and row.entry.planned else " ".join(row.to_do[:1])
    parts = [
        f"- {_mark(material, row.verdict)} **{escaped(short(row.name, _NAME))}**",
        f" ({code(short(row.id, _NAME))})",
        f": {escaped(short(row.reason, _REASON))}",
    ]
    if step:
        parts.append(f" Next: {escaped(short(step, _STEP))}")
    if row.entry and row.entry.owner:
        parts.append(f" Owner: {escaped(short(row.entry.owner, _NAME))}.")
    if row.entry and row.entry.due:
        parts.append(f" Due {row.entry.due.isoformat()}.")
    return "".join(parts)


def _mark(material: Material, verdict: Verdict) -> str:
    """Return the shape and the word of a verdict."""
    return f"{ICONS[verdict]} {escaped(material.word(verdict))}"
