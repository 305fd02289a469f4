"""A comparison as sections and tables, in the order of importance."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.comparison import Comparison, Entry, ThingChange, VerdictChange
from conformity.render.comparison.measures import measure_section, method_section
from conformity.render.comparison.parts import Section, Table, View, day_or, table
from conformity.render.comparison.sheet import sheet_section
from conformity.render.comparison.words import (
    BOUNDS,
    CAUSES,
    CHANGES,
    FOLLOWS,
    VERDICT_DIRECTIONS,
    VERDICTS,
)

STATEMENT = (
    "This compares two versions of an assessment. It tells what was measured, judged and declared otherwise, "
    "and how surely. It does not say whether the system conforms to the law, nor whether a change is a "
    "substantial modification."
)
"""What a comparison is and is not."""

_MOST = 200
_THING_HEADS = ("Name", "Kind", "What happened", "Before", "After")


def view_of(comparison: Comparison) -> View:
    """Return a comparison, ready to print."""
    before, after = comparison.before, comparison.after
    return View(
        title=f"Comparison of {_systems(comparison)}: assessments {before.edition} and {after.edition}",
        system=_systems(comparison),
        statement=STATEMENT,
        created=f"{after.assessed_at:%Y-%m-%dT%H:%M:%S}Z",
        author=after.provider,
        generator=comparison.tool,
        facts=_facts(comparison),
        sections=(
            _short(comparison),
            _bounds(comparison),
            _verdicts(comparison),
            measure_section(comparison),
            _register(comparison),
            _inputs(comparison),
            _law(comparison),
            _tool(comparison),
            sheet_section(comparison),
            method_section(),
        ),
    )


def _systems(comparison: Comparison) -> str:
    """Return which systems are compared: two names, or one where both versions are of the same."""
    return " and ".join(dict.fromkeys((comparison.before.system, comparison.after.system)))


def in_short(comparison: Comparison) -> tuple[str, ...]:
    """Return what changed as a handful of sentences, most important first."""
    soft = sum(one.kind in ("softened", "removed", "moved") for one in comparison.bounds)
    verdicts = [one.direction for one in comparison.verdicts]
    real = [one.direction for one in comparison.measures if one.reality in ("real", "counted")]
    register = comparison.register_entries
    said = [f"Bounds that ask less, are gone, or bound something else: {soft}."] if soft else []
    said.append(
        f"Verdicts: {verdicts.count('worse')} worse, {verdicts.count('set_aside')} no longer asked for, "
        f"{verdicts.count('better')} better, {verdicts.count('other')} newly judged, "
        f"{comparison.unchanged_verdicts} unchanged."
    )
    said.append(
        f"Measures that changed: {real.count('worse')} worse, {real.count('better')} better, "
        f"{real.count('neither')} neither; {comparison.withheld_measures} withheld. "
        f"{comparison.compared} differences were tested."
    )
    said.append(
        f"Non-conformities: {len(register.new)} new, {len(register.closed)} closed, "
        f"{len(register.still_open)} still open, {len(register.gone)} gone without anything that closed them."
    )
    kinds = ((comparison.subjects, "subjects"), (comparison.exhibits, "exhibits"))
    said.append(", ".join(f"{name} changed: {len(things)}" for things, name in kinds).capitalize() + ".")
    if comparison.independent:
        said.append("Whoever compared them states that nobody is in the data of both.")
    if not comparison.same_system:
        said.insert(0, "The two packs are about different systems or providers.")
    return (*said, FOLLOWS[comparison.follows])


def _facts(comparison: Comparison) -> tuple[tuple[str, str, str], ...]:
    """Return how the two versions are named, beside each other."""
    before, after, law = comparison.before, comparison.after, comparison.law
    return (
        ("System", before.system, after.system),
        ("Provider", before.provider, after.provider),
        ("Version of the assessment", before.edition, after.edition),
        ("Judged", f"{before.assessed_at:%Y-%m-%d %H:%M} UTC", f"{after.assessed_at:%Y-%m-%d %H:%M} UTC"),
        ("Law as of", str(law.as_of_before), str(law.as_of_after)),
        ("Tool", before.tool, after.tool),
        ("Digest of the assessment", before.assessment_sha256, after.assessment_sha256),
        ("Digest of the pack", before.pack_sha256, after.pack_sha256),
    )


def _short(comparison: Comparison) -> Section:
    """Return what changed, in short."""
    return Section("short", "In short", intro=in_short(comparison))


def _bounds(comparison: Comparison) -> Section:
    """Return the bounds that are other ones, those that ask less first."""
    rows = tuple(
        (one.criterion, BOUNDS[one.kind], one.before or "–", one.after or "–") for one in comparison.bounds
    )
    intro = () if rows else ("No bound changed.",)
    return Section(
        "bounds",
        "Bounds",
        intro,
        tables=table("", ("Bound", "What became of it", "Before", "After"), rows),
    )


def _verdicts(comparison: Comparison) -> Section:
    """Return the verdicts that are other ones, with why."""
    heads = ("Requirement", "Before", "After", "Change", "Why", "Reason now")
    rows = tuple(_verdict(one) for one in comparison.verdicts)
    intro = (f"{comparison.unchanged_verdicts} verdicts are the same in both versions.",)
    return Section("verdicts", "Verdicts", intro, tables=table("Verdicts that changed", heads, rows))


def _verdict(one: VerdictChange) -> tuple[str, ...]:
    """Return one verdict that is another one."""
    why = "; ".join(CAUSES[cause] for cause in one.causes)
    return (
        f"{one.ref} {one.title}",
        VERDICTS[one.before],
        VERDICTS[one.after],
        VERDICT_DIRECTIONS[one.direction],
        f"{why} ({', '.join(one.named)})" if one.named else why,
        one.reason_after or one.reason_before or "",
    )


def _register(comparison: Comparison) -> Section:
    """Return what became of the non-conformities."""
    found = comparison.register_entries
    parts = (
        ("New", found.new),
        ("Gone from the register without anything that closed them", found.gone),
        ("Closed", found.closed),
        ("Still open", found.still_open),
    )
    tables = [one for title, entries in parts for one in _entries(title, entries)]
    intro = () if tables else ("Neither register holds an open non-conformity.",)
    return Section("register", "Non-conformities", intro, tables=tuple(tables))


def _entries(title: str, entries: Sequence[Entry]) -> tuple[Table, ...]:
    """Return entries of the register as a table."""
    rows = tuple(
        (
            one.id,
            one.requirement,
            one.severity,
            "yes" if one.blocks else "no",
            f"{one.due}, passed" if one.overdue else day_or(one.due),
        )
        for one in entries
    )
    return table(title, ("Id", "Requirement", "Severity", "Blocks a declaration", "Due"), rows, _MOST)


def _inputs(comparison: Comparison) -> Section:
    """Return what of data, models, documents and declarations is another one."""
    parts = (
        ("Data, models and records", comparison.subjects),
        ("Exhibits", comparison.exhibits),
        ("Sign-offs", comparison.sign_offs),
        ("Other fields of the manifest", comparison.fields),
    )
    tables = [one for title, things in parts for one in _things(title, things)]
    intro = () if tables else ("Nothing that was handed in changed.",)
    return Section("inputs", "Data, models, documents and declarations", intro, tables=tuple(tables))


def _things(title: str, things: Sequence[ThingChange]) -> tuple[Table, ...]:
    """Return things that changed as a table."""
    rows = tuple(
        (one.id, _kind(one.kind), CHANGES[one.change], one.before or "–", one.after or "–") for one in things
    )
    return table(title, _THING_HEADS, rows, _MOST)


def _kind(kind: str) -> str:
    """Return what a thing is; of one that is the same bytes, that it is declared otherwise."""
    bare, mark, _ = kind.partition(":")
    words = bare.replace("_", " ")
    return f"{words}, same bytes, declared otherwise" if mark else words


def _law(comparison: Comparison) -> Section:
    """Return what is different in the law that was applied."""
    law = comparison.law
    parts = (
        ("Rows only in the later catalogue", law.added),
        ("Rows only in the earlier catalogue", law.removed),
        ("Rows that are worded otherwise", law.reworded),
        ("Began to bind between the two days", law.begun),
        ("Concern the system now", law.now_apply),
        ("Do not concern the system any more", law.no_longer),
    )
    rows = tuple((name, str(len(ids)), ", ".join(ids[:_MOST])) for name, ids in parts if ids)
    texts = [law.text_before] if law.text_before == law.text_after else [law.text_before, law.text_after]
    intro = (f"Applied: {' Then: '.join(texts)}.", *(() if rows else ("Nothing in it is different.",)))
    return Section("law", "Law", intro, tables=table("", ("What", "Requirements", "Which"), rows))


def _tool(comparison: Comparison) -> Section:
    """Return which tool, probes and packages have another version."""
    tables = (*_things("Tool and packages", comparison.software), *_things("Probes", comparison.probes))
    intro = () if tables else ("Both were measured with the same versions of everything.",)
    return Section("tool", "Tool", intro, tables=tables)
