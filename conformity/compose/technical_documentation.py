"""The document ``technical_documentation``: the nine points of Annex IV, filled or named as missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformity.catalog.rows import ItemLaw
from conformity.compose.figures import block, of_groups, overall, readings
from conformity.compose.items import fill
from conformity.compose.layout import Maker, parts
from conformity.compose.material import Material
from conformity.compose.norms import presumption_blocks
from conformity.compose.subjects import artefacts, data_sets, input_columns, models_of, tables_of
from conformity.compose.words import fact, facts, quote, quoted, recorded, said, table, told
from conformity.model.document import Block, Item, Section
from conformity.model.manifest import Criterion
from conformity.model.subject import DependenciesSubject, EnergyRecordSubject

_SIZES = {
    "micro": "Micro enterprise (an SME)",
    "small": "Small enterprise (an SME)",
    "medium": "Medium-sized enterprise (an SME)",
    "small_mid_cap": "Small mid-cap",
    "large": "Larger than a small mid-cap",
}
_SIMPLIFIED = ("micro", "small", "medium", "small_mid_cap")


def compose(material: Material) -> tuple[Section, ...]:
    """Return the form of the documentation and the nine points."""
    makers: dict[str, Maker] = {
        "annexIV.simplified": _form,
        "annexIV.1.a": _identity,
        "annexIV.1.c": _with(_packages),
        "annexIV.2.a": _with(_models),
        "annexIV.2.c": _with(_energy),
        "annexIV.2.d": _with(_data),
        "annexIV.2.f": _with(_predetermined),
        "annexIV.2.g": _with(_tests, measured=False),
        "annexIV.3.capabilities": _with(_capabilities, measured=False),
        "annexIV.3.input": _with(_input),
        "annexIV.4": _with(_metrics),
        "annexIV.6": _changes,
        "annexIV.7": _standards,
        "annexIV.8": _declaration,
    }
    return parts(material, makers)


def _with(content: Callable[[Material], Sequence[Block]], *, measured: bool = True) -> Maker:
    """Return a maker that adds content from the records to what the findings give, or replaces figures."""
    return lambda material, row: fill(material, row, content(material), measured=measured)


def _form(material: Material, row: ItemLaw) -> Item:
    """Return whether the simplified form is open to the provider, and whether it is used (Art. 11(1))."""
    size = material.manifest.provider.size
    declared = _SIZES[size] if size else "Not declared; state it in `provider.size`."
    if size is None:
        answer = "Open, since the size of the enterprise is not declared."
    elif size in _SIMPLIFIED:
        answer = "Open to it; it then has to use the Commission's form; notified bodies accept it."
    else:
        answer = "Not open to this provider: it is for SMEs, start-ups among them, and small mid-caps."
    content = [facts(fact("Size of the enterprise", told(declared)), fact("Simplified form", told(answer)))]
    made = fill(material, row, content)
    return made if made.content else made.model_copy(update={"content": tuple(content)})


def _identity(material: Material, row: ItemLaw) -> Item:
    """Return purpose, provider and version; the relation to earlier versions is not in the manifest."""
    system, provider = material.manifest.system, material.manifest.provider
    content = [
        facts(
            fact("Name", quoted(system.name)),
            fact("Version", recorded(system.version)),
            fact("Provider", quoted(f"{provider.name}, {provider.address}")),
            fact("Intended purpose", quoted(system.intended_purpose)),
        ),
        *artefacts(material, models_of(material), "Models of this version"),
    ]
    return fill(material, row, content)


def _packages(material: Material) -> list[Block]:
    """Return the lists of packages that were handed in."""
    listed = [one for one in material.manifest.subjects if isinstance(one, DependenciesSubject)]
    return artefacts(material, listed, "Lists of the software")


def _models(material: Material) -> list[Block]:
    """Return the models with their origin, so that pre-trained ones can be told."""
    return artefacts(material, models_of(material), "Models")


def _energy(material: Material) -> list[Block]:
    """Return the records of computing resources that were handed in."""
    kept = [one for one in material.manifest.subjects if isinstance(one, EnergyRecordSubject)]
    blocks = artefacts(material, kept, "Records of energy use")
    note = "The Act asks for the computing resources; energy figures are a voluntary addition (Art. 95)."
    return [*blocks, said(note)] if blocks else []


def _data(material: Material) -> list[Block]:
    """Return all data sets."""
    return data_sets(material, tables_of(material))


def _predetermined(material: Material) -> list[Block]:
    """Return the changes that the provider determined in advance, with the ranges that measures must keep."""
    blocks: list[Block] = []
    for change in material.manifest.predetermined_changes:
        blocks.append(quote(f"{change.id}: {change.description}"))
        for one in change.ranges:
            ends = [f">= {one.at_least:g}"] if one.at_least is not None else []
            ends += [f"<= {one.at_most:g}"] if one.at_most is not None else []
            place = ", ".join((one.subject, *one.by, *one.group))
            blocks.append(quote(f"{change.id}: {one.metric} ({place}) {', '.join(ends)}"))
    return blocks


def _tests(material: Material) -> list[Block]:
    """Return the data used to test, and every reading against a bound of the whole assessment."""
    tested = data_sets(material, tables_of(material, "validation", "testing"))
    held = readings(material.assessment.findings)
    return [*tested, *block("All figures held against a bound", held, most=60)]


def _capabilities(material: Material) -> list[Block]:
    """Return accuracy overall and for groups, on the data used to test."""
    ids = {str(one.id) for one in tables_of(material, "validation", "testing")}
    return [
        *block("Accuracy overall", overall(material, ids, "accuracy")),
        *block("Accuracy and error rates for groups", of_groups(material, ids), most=120),
    ]


def _input(material: Material) -> list[Block]:
    """Return what the manifest says of the input, from the first data set that names any."""
    for one in tables_of(material):
        if found := input_columns(one):
            return found
    return []


def _metrics(material: Material) -> list[Block]:
    """Return which metric was bounded, and why, in the provider's words."""
    rows = [
        (told(_metric_title(material, one)), quoted(one.reason), quoted(one.owner))
        for one in material.manifest.criteria
    ]
    heads = ["Metric", "Reason for the bound", "Fixed by"]
    return [table(heads, rows, title="Metrics on which bounds were fixed", widths=[26, 50])] if rows else []


def _metric_title(material: Material, criterion: Criterion) -> str:
    """Return the name of the metric that a criterion bounds."""
    titles = {m.id: m.title for probe in material.assessment.plan.probes for m in probe.metrics}
    return titles.get(criterion.metric, criterion.metric)


def _changes(material: Material, row: ItemLaw) -> Item:
    """Return the version of the assessment and the one before it; nothing where none is named."""
    edition, before = material.manifest.edition, material.assessment.follows
    if before is None:
        return fill(material, row)
    content = [
        facts(
            fact("Version of the assessment", recorded(edition.version)),
            fact("Version before it", recorded(before)),
            fact("Version of the system", recorded(material.manifest.system.version)),
        )
    ]
    return fill(material, row, content)


def _standards(material: Material, row: ItemLaw) -> Item:
    """Return the standards declared, with what presumption each gives today."""
    declared = material.manifest.standards
    return fill(material, row, presumption_blocks(declared) if declared else ())


def _declaration(material: Material, row: ItemLaw) -> Item:
    """Return the place for the copy of the declaration, which a person draws up and signs."""
    made = fill(material, row)
    if made.status != "missing":
        return made
    reason = (
        "A person draws it up and signs it (Art. 47(1), (4)). `conformity declare` prepares it once nothing "
        "that blocks it is open."
    )
    return made.model_copy(update={"status": "for_a_person", "reason": reason})
