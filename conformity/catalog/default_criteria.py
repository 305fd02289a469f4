"""Named sets of default bounds: conventions with a source and a date, and none of them law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from conformity.catalog.load import did_you_mean, requirements
from conformity.errors import CatalogError, UsageError
from conformity.model.base import CriterionId, Line, MetricId, Prose, RequirementId, Slug, Value
from conformity.model.manifest import Manifest
from conformity.model.plain_yaml import read_plain_yaml
from conformity.model.probe import ProbeSpec
from conformity.model.subject import Subject, TableSubject

DATA = Path(__file__).parent / "data" / "criteria_defaults"
"""The folder of the sets, one file each, named by its date."""


class DefaultBound(Value):
    """One bound of a set."""

    id: Annotated[CriterionId, Slug]
    """A short name, unique in the set."""
    metric: MetricId
    """What is bounded."""
    by: Literal["subject", "protected"]
    """Whether it holds for the subject as a whole, or for each protected column."""
    at_least: float | None = None
    """The lower bound, inclusive."""
    at_most: float | None = None
    """The upper bound, inclusive."""
    requirements: Annotated[tuple[RequirementId, ...], Field(min_length=1)]
    """The requirements that a criterion with this bound serves."""
    reason: Prose
    """Where the value comes from, and what speaks against it."""
    source: Prose
    """The source."""

    @model_validator(mode="after")
    def _is_a_bound(self) -> DefaultBound:
        """Check that there is a bound."""
        if self.at_least is None and self.at_most is None:
            raise ValueError("needs `at_least`, `at_most` or both")
        return self


class DefaultSet(Value):
    """A named, dated set of default bounds."""

    id: Annotated[str, Slug]
    """Its name; a criterion that takes a bound over names it in `default_set`."""
    dated: date
    """The day of the set."""
    title: Line
    """What it is."""
    statement: Prose
    """What it is not."""
    bounds: tuple[DefaultBound, ...]
    """The bounds."""


class Proposed(Value):
    """A default bound on one subject of a manifest."""

    id: Annotated[CriterionId, Slug]
    """A name for the criterion."""
    bound: DefaultBound
    """The bound."""
    subject: Line
    """On which subject."""
    by: tuple[str, ...] = ()
    """The protected column; none for the subject as a whole."""


@cache
def default_sets() -> tuple[DefaultSet, ...]:
    """Return all sets, oldest first.

    Raises:
        CatalogError: a file does not fit, or names a requirement that does not exist.
    """
    return tuple(_read(file) for file in sorted(DATA.glob("*.yaml")))


def default_set(name: str | None = None) -> DefaultSet:
    """Return one set; the latest when no name is given.

    Raises:
        UsageError: there is none with this name; the message names all.
    """
    known = {one.id: one for one in default_sets()}
    if name is None:
        return default_sets()[-1]
    if name in known:
        return known[name]
    hint = did_you_mean(name, known)
    raise UsageError(f"there is no set of defaults {name!r}{hint}; choose from {', '.join(known)}")


def proposed(manifest: Manifest, chosen: DefaultSet, probes: Sequence[ProbeSpec]) -> tuple[Proposed, ...]:
    """Return the bounds of a set that can be measured on what a manifest declares.

    Args:
        manifest: with the subjects and their columns.
        chosen: the set.
        probes: the definitions of the probes, which say what measures a metric and what it needs.
    """
    measured = {metric.id: spec for spec in probes for metric in spec.metrics}
    found = [
        one
        for bound in chosen.bounds
        for subject in manifest.subjects
        for one in _on(subject, bound, measured[bound.metric])
    ]
    names: list[str] = []
    for one in found:
        names.append(_free(one.id, names))
    return tuple(
        one.model_copy(update={"id": CriterionId(name)}) for one, name in zip(found, names, strict=True)
    )


def _on(subject: Subject, bound: DefaultBound, spec: ProbeSpec) -> Iterator[Proposed]:
    """Yield a bound on a subject, for each protected column where it is by group; nothing if it is no use."""
    if subject.kind != spec.works_on:
        return
    if isinstance(subject, TableSubject) and not all(subject.with_role(role) for role in spec.needs):
        return
    if any(getattr(subject, field, None) is None for field in spec.declares):
        return
    if bound.by == "subject":
        yield Proposed(id=_name(bound.id, subject.id), bound=bound, subject=subject.id)
        return
    for column in subject.with_role("protected") if isinstance(subject, TableSubject) else ():
        name = _name(bound.id, subject.id, column.name)
        yield Proposed(id=name, bound=bound, subject=subject.id, by=(column.name,))


def _name(*parts: str) -> CriterionId:
    """Return parts joined to a short name of the permitted form."""
    text = "-".join(parts).lower()
    return CriterionId("".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in text)[:60])


def _free(name: str, taken: Sequence[str]) -> str:
    """Return a name, with a number where it is taken."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _read(file: Path) -> DefaultSet:
    """Return one set, checked.

    Raises:
        CatalogError: it does not fit, or names a requirement that does not exist.
    """
    document = read_plain_yaml(file.read_text("utf-8"), file.name)
    if not isinstance(document, dict) or document.get("kind") != "criteria_defaults":
        raise CatalogError(f"{file.name} is no file of default bounds; give it the `kind` of one")
    fields = {key: value for key, value in document.items() if key not in ("kind", "rows")}
    try:
        found = DefaultSet.model_validate({**fields, "bounds": document.get("rows")})
    except ValidationError as error:
        raise CatalogError(f"{file.name} does not fit: {error}") from error
    known = {row.id for row in requirements()}
    for bound in found.bounds:
        for name in bound.requirements:
            if name not in known:
                raise CatalogError(f"{file.name}: {bound.id} names the unknown requirement {name!r}")
    return found
