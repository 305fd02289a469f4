"""A model card in Markdown with a YAML head, as model hubs read it: what was measured, and no claim.

Source:
    Mitchell et al., Model Cards for Model Reporting, FAT* 2019; Hugging Face Hub, model card metadata
    (``model-index``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformity.model.subject import TableSubject
from conformity.render.exports.format import Export
from conformity.render.exports.front_matter import front_matter
from conformity.render.exports.markdown_text import code, escaped, table
from conformity.render.exports.material import CAVEAT, VERDICTS, Material
from conformity.render.exports.measured import energies, task
from conformity.render.exports.model_card_parts import data_sets, limits, open_points
from conformity.render.exports.plain import moment, one_line
from conformity.render.exports.values import Shown
from conformity.render.views.verdicts import ICONS

_MOST_GROUPS = 200


def write(material: Material) -> bytes:
    """Return the card."""
    measured = material.performance
    lines = [
        *front_matter(_head(material, measured)),
        "",
        f"# {escaped(material.system)}",
        "",
        escaped(CAVEAT),
        "",
        *_details(material),
        *_intended_use(material),
        *data_sets(material),
        *_results(material, measured),
        *_verdicts(material),
        *open_points(material),
        *_energy(material),
        *limits(material),
    ]
    return ("\n".join(lines).rstrip() + "\n").encode()


FORMAT = Export("model-card", "model-card.md", write)
"""The format, found by :func:`conformity.render.formats`."""


def _head(material: Material, measured: tuple[Shown, ...]) -> dict[str, Any]:
    """Return the part that programs read: the figures of whole data sets and across groups."""
    name = one_line(material.assessment.manifest.system.name)
    kind = f"tabular-{task(material) or 'other'}"
    results = [
        {
            "task": {"type": kind},
            "dataset": {
                "name": one_line(subject.title),
                "type": one_line(str(subject.id)),
                "split": subject.purpose,
            },
            "metrics": [_metric(one) for one in figures],
        }
        for subject, figures in _by_table(material, measured)
    ]
    head: dict[str, Any] = {"tags": ["eu-ai-act", "conformity-assessment"]}
    return head | ({"model-index": [{"name": name, "results": results}]} if results else {})


def _by_table(material: Material, measured: tuple[Shown, ...]) -> Iterator[tuple[TableSubject, list[Shown]]]:
    """Yield tables with the figures that are not of one group, those withheld or absent left out."""
    for subject in material.assessment.manifest.subjects:
        figures = [
            one
            for one in measured
            if one.measurement.subject == subject.id and not one.measurement.group and one.value is not None
        ]
        if isinstance(subject, TableSubject) and figures:
            yield subject, figures


def _metric(one: Shown) -> dict[str, Any]:
    """Return one figure; where it compares groups, its name says of which attribute."""
    return {
        "type": str(one.measurement.metric),
        "name": one_line(f"{one.title}; {one.place}" if one.measurement.by else one.title),
        "value": one.value if one.value is not None else one.text,
    }


def _details(material: Material) -> list[str]:
    """Return who provides what, and which assessment this card is from."""
    judged = material.assessment
    return [
        "## Details",
        "",
        f"- Provider: {escaped(judged.manifest.provider.name)}",
        f"- Version: {escaped(judged.manifest.system.version)}",
        f"- Assessment: {code(judged.manifest.edition.version)}, {moment(judged.assessed_at)}, "
        f"by {escaped(judged.tool)}",
        f"- Classification: {escaped(judged.plan.classification.summary)}",
        f"- Evidence: {code(judged.evidence_sha256)}",
        "",
    ]


def _intended_use(material: Material) -> list[str]:
    """Return the purpose in the provider's words."""
    purpose = escaped(material.assessment.manifest.system.intended_purpose)
    return ["## Intended use", "", f"As the provider states it: {purpose}", ""]


def _results(material: Material, measured: tuple[Shown, ...]) -> list[str]:
    """Return the figures as tables: of whole data sets and across groups, then group by group."""
    lines = ["## Results", ""]
    heads = ("Metric", "Of", "Value", "Cases", "Evidence")
    whole = [one for one in measured if not one.measurement.group]
    groups = [one for one in measured if one.measurement.group]
    for title, found in (("Whole data sets and comparisons of groups", whole), ("Groups", groups)):
        if not found:
            continue
        rows = [_figure(material, one) for one in found[:_MOST_GROUPS]]
        lines += [f"### {title}", "", *table(heads, rows), ""]
        if len(found) > _MOST_GROUPS:
            lines += [f"{len(found) - _MOST_GROUPS} more figures stand in the report.", ""]
    return lines if measured else [*lines, "Neither accuracy nor fairness was measured.", ""]


def _figure(material: Material, one: Shown) -> tuple[str, ...]:
    """Return one figure as cells, or why there is none."""
    subject = material.context.subject_title(one.measurement.subject)
    value = f"{one.text} ({one.why})" if one.why else one.text
    return (
        escaped(one.title),
        escaped(f"{subject}; {one.place}"),
        escaped(value),
        escaped(one.n) if one.n else "",
        code(one.evidence),
    )


def _verdicts(material: Material) -> list[str]:
    """Return how many requirements have each verdict."""
    rows = ((f"{ICONS[one]} {escaped(material.word(one))}", str(material.counts[one])) for one in VERDICTS)
    return ["## Verdicts on the requirements", "", *table(("Verdict", "Requirements"), rows), ""]


def _energy(material: Material) -> list[str]:
    """Return the energy of each part of the life cycle, with how it was obtained."""
    rows = [
        (escaped(one.activity), escaped(one.shown.title), escaped(one.shown.text), code(one.shown.evidence))
        for one in energies(material)
    ]
    heads = ("Part of the life cycle", "Metric", "Value", "Evidence")
    told = table(heads, rows) if rows else ["No energy was measured, modelled or declared."]
    return ["## Energy", "", *told, ""]
