"""The manifest: what the provider declares about the system, before anything is measured."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from conformity.model.base import (
    CriterionId,
    ExhibitId,
    Line,
    MetricId,
    Prose,
    QuestionId,
    RequirementId,
    Sha256,
    SignOffId,
    Slug,
    SubjectId,
    Value,
)
from conformity.model.declaration import Signing
from conformity.model.nonconformity import Correction
from conformity.model.predetermined import PredeterminedChange
from conformity.model.redaction import Redaction
from conformity.model.staleness import AgeLimit, MadeWith
from conformity.model.standards import EnterpriseSize, StandardUse
from conformity.model.subject import Subject

Role = Literal[
    "provider",
    "deployer",
    "authorised_representative",
    "importer",
    "distributor",
    "product_manufacturer",
]
"""The roles of Art. 3(3)-(8)."""


PLACEHOLDER = "REPLACE"
"""What a drafted manifest writes where a person must fill something in."""


class System(Value):
    """The AI system under assessment."""

    name: Line
    """The trade name."""
    version: Line
    """The version that is assessed."""
    intended_purpose: Prose
    """The use the provider intends (Art. 3(12))."""
    placed_on_market_on: date | None = None
    """When it was placed on the market or put into service; empty until then."""


class Provider(Value):
    """Who answers for the system."""

    name: Line
    """Name of the provider."""
    address: Line
    """Postal address."""
    contact: Line
    """How to reach the provider about this assessment."""
    size: Annotated[EnterpriseSize | None, Field(exclude_if=lambda value: value is None)] = None
    """The size of the enterprise; SMEs and small mid-caps may use the simplified form (Art. 11(1))."""


class Person(Value):
    """A natural person who decides or signs."""

    name: Line
    """The person's name."""
    function: Line
    """The function in which the person acts."""


class Edition(Value):
    """Which version of the assessment this is."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] = "1.0.0"
    """Version of the assessment, not of the system."""
    previous: Sha256 | None = None
    """Digest of the previous version's ``assessment.json``."""


class Answer(Value):
    """An answer to one question of the classification procedure."""

    question: QuestionId
    """Id of the question; `conformity classify` lists them."""
    answer: Literal["yes", "no", "unknown"]
    """The provider's answer."""
    because: Line | None = None
    """The reason, for the record."""
    points: tuple[RequirementId, ...] = ()
    """For a yes: the points of the Act meant, such as ``annexIII.5.b``."""


class Exhibit(Value):
    """A document handed in."""

    id: Annotated[ExhibitId, Slug]
    """A short name, unique among the exhibits."""
    title: Line
    """What the document is."""
    path: Line
    """The file, relative to the manifest."""
    dated: date
    """The date that the document bears."""
    covers: Annotated[tuple[RequirementId, ...], Field(min_length=1)]
    """The requirements it speaks to."""
    made_with: Annotated[tuple[MadeWith, ...], Field(exclude_if=lambda value: not value)] = ()
    """What it describes, such as the model of a test report, each with the digest it had then. Where that is
    another one now, this is stale."""


class Criterion(Value):
    """A bound that the provider fixed before testing (Art. 9(8))."""

    id: Annotated[CriterionId, Slug]
    """A short name, unique among the criteria."""
    metric: MetricId
    """What is bounded, such as ``disparate_impact_ratio``; `conformity catalog --metrics`."""
    subject: Annotated[SubjectId, Slug]
    """On which subject."""
    by: tuple[str, ...] = ()
    """Protected columns that form the groups; empty for the whole subject."""
    group: tuple[str, ...] = ()
    """One group only, a value for each column of ``by``; empty for every group."""
    at_least: float | None = None
    """The lower bound, inclusive."""
    at_most: float | None = None
    """The upper bound, inclusive."""
    requirements: Annotated[tuple[RequirementId, ...], Field(min_length=1)]
    """The requirements that this criterion serves."""
    reason: Prose
    """Why this bound, for this purpose."""
    owner: Line
    """Who fixed it."""
    fixed_at: AwareDatetime | date
    """When it was fixed; a bare date counts as the end of that day."""
    default_set: Annotated[str | None, Slug, Field(exclude_if=lambda value: value is None)] = None
    """The named set of defaults that the bound was taken from, which is not law; none for one of the
    provider's own. `conformity criteria defaults` lists the sets."""
    claimed_in: Annotated[ExhibitId, Slug] | None = None
    """The exhibit, such as the instructions for use, that states this level to deployers (Art. 13(3)(b)(ii),
    Art. 15(3)). Then it is held against what was measured, and need not be older than that."""

    @model_validator(mode="after")
    def _is_a_bound(self) -> Criterion:
        """Check that there is a bound, that it can be kept, and that the group is complete."""
        if self.at_least is None and self.at_most is None:
            raise ValueError("needs `at_least`, `at_most` or both")
        if None not in (self.at_least, self.at_most) and self.at_least > self.at_most:  # type: ignore[operator] # both are numbers here
            raise ValueError("`at_least` is above `at_most`")
        if self.group and len(self.group) != len(self.by):
            raise ValueError("`group` needs one value for each column in `by`")
        return self

    def fixed_before(self, moment: datetime) -> bool:
        """Tell whether the bound was certainly fixed before ``moment`` (which has a zone)."""
        if isinstance(self.fixed_at, datetime):
            return self.fixed_at < moment
        return self.fixed_at < moment.date()

    def fixed_before_day(self, day: date) -> bool:
        """Tell whether the bound was certainly fixed before ``day`` began."""
        if isinstance(self.fixed_at, datetime):
            return self.fixed_at.date() < day
        return self.fixed_at < day


class SpecialCategoryUse(Value):
    """Special categories of personal data in one table, used to find or correct bias (Art. 4a)."""

    subject: Annotated[SubjectId, Slug]
    """The table that holds them."""
    columns: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The columns that hold them."""
    why_needed: Prose
    """Why they are strictly necessary, and why other data, synthetic and anonymised data among them, would
    not do."""
    keep_until: date
    """The last day on which they may be kept."""
    bias_corrected_on: date | None = None
    """The day on which the bias was corrected; from then on they must go, even before ``keep_until``."""
    deleted_on: date | None = None
    """The day on which they were deleted; empty while they are there."""

    @property
    def due(self) -> date:
        """Return the last day on which the data may be there: the earlier of the two (Art. 4a(1)(e))."""
        return min(self.keep_until, self.bias_corrected_on or self.keep_until)


class Seal(Value):
    """An exhibit as it was when somebody signed for it."""

    exhibit: Annotated[ExhibitId, Slug]
    """Which exhibit."""
    sha256: Sha256
    """The digest of the file that the person saw."""


class SignOff(Value):
    """A statement by a named person over exhibits; only people write these."""

    id: Annotated[SignOffId, Slug]
    """A short name, unique among the sign-offs."""
    requirements: Annotated[tuple[RequirementId, ...], Field(min_length=1)]
    """The requirements that the statement is about."""
    over: Annotated[tuple[Seal, ...], Field(min_length=1)]
    """The exhibits it rests on, with the digests that the person signed for."""
    stance: Literal["confirms", "reserves", "denies"] = "confirms"
    """Whether the person confirms that the requirement is dealt with, confirms it with a reservation that
    the statement names, or denies it."""
    statement: Prose
    """What the person states."""
    by: Person
    """Who states it."""
    signed_on: date
    """When."""


class Manifest(Value):
    """Everything the provider declares; the input of :mod:`conformity.plan`."""

    conformity: Literal[1]
    """Version of the manifest's format."""
    system: System
    """The system under assessment."""
    provider: Provider
    """Who answers for it."""
    role: Role = "provider"
    """The role in which the assessment is made."""
    edition: Edition = Edition()
    """Version of the assessment."""
    classification: tuple[Answer, ...] = ()
    """Answers for the classification procedure; unanswered questions stay open."""
    subjects: tuple[Subject, ...] = ()
    """The artefacts to measure."""
    special_category_use: tuple[SpecialCategoryUse, ...] = ()
    """The special categories of personal data that are used to find or correct bias (Art. 4a)."""
    exhibits: tuple[Exhibit, ...] = ()
    """The documents handed in."""
    criteria: tuple[Criterion, ...] = ()
    """The bounds fixed before testing."""
    criteria_lock: Annotated[Line | None, Field(exclude_if=lambda value: value is None)] = None
    """The file that locks them, relative to the manifest; `conformity criteria lock` writes it."""
    sign_offs: tuple[SignOff, ...] = ()
    """What people state."""
    non_conformities: Annotated[tuple[Correction, ...], Field(exclude_if=lambda value: not value)] = ()
    """What the provider undertakes about requirements that are missed or not settled (Art. 20(1))."""
    standards: Annotated[tuple[StandardUse, ...], Field(exclude_if=lambda value: not value)] = ()
    """The harmonised standards, common specifications and other standards applied (Annex IV(7))."""
    declaration: Annotated[Signing | None, Field(exclude_if=lambda value: value is None)] = None
    """What the provider fixes for the EU declaration of conformity (Art. 47); none while none is planned."""
    predetermined_changes: Annotated[
        tuple[PredeterminedChange, ...], Field(exclude_if=lambda value: not value)
    ] = ()
    """The changes that were determined in advance and documented (Annex IV(2)(f))."""
    redactions: Annotated[tuple[Redaction, ...], Field(exclude_if=lambda value: not value)] = ()
    """What is left out of a public copy of the report; `conformity redact` makes one."""
    age_limits: Annotated[tuple[AgeLimit, ...], Field(exclude_if=lambda value: not value)] = ()
    """How old evidence may be before it no longer supports that anything is met."""

    @model_validator(mode="after")
    def _references_resolve(self) -> Manifest:
        """Check that ids are unique and that every id named elsewhere exists."""
        subjects = _unique("subject", [s.id for s in self.subjects])
        exhibits = _unique("exhibit", [e.id for e in self.exhibits])
        _unique("subject or exhibit", [*(s.id for s in self.subjects), *exhibits])
        _unique("criterion", [c.id for c in self.criteria])
        _unique("sign-off", [s.id for s in self.sign_offs])
        _unique("answer to question", [a.question for a in self.classification])
        _unique("standard", [one.reference for one in self.standards])
        _unique("non-conformity of", [one.requirement for one in self.non_conformities])
        for criterion in self.criteria:
            _known("subject", criterion.subject, subjects, f"criterion {criterion.id}")
            if criterion.claimed_in:
                _known("exhibit", criterion.claimed_in, exhibits, f"criterion {criterion.id}")
        for sign_off in self.sign_offs:
            for seal in sign_off.over:
                _known("exhibit", seal.exhibit, exhibits, f"sign-off {sign_off.id}")
        tables = {s.id for s in self.subjects if s.kind == "table"}
        for subject in self.subjects:
            for name in subject.tables if subject.kind == "model" else ():
                _known("table", name, tables, f"subject {subject.id}")
        self._check_special_categories()
        self._check_staleness()
        self._check_predetermined_changes()
        return self

    def _check_special_categories(self) -> None:
        """Check that each use names a table, once, and columns that the table declares."""
        _unique("special-category use of", [use.subject for use in self.special_category_use])
        columns = {s.id: {c.name for c in s.columns} for s in self.subjects if s.kind == "table"}
        for use in self.special_category_use:
            _known("table", use.subject, columns, "special_category_use")
            for name in use.columns:
                _known("column", name, columns[use.subject], f"special_category_use of {use.subject}")

    def _check_staleness(self) -> None:
        """Check that age limits, and what something was made with, name what is declared."""
        things = (*self.subjects, *self.exhibits)
        ids = {str(thing.id) for thing in things}
        for limit in self.age_limits:
            for name in limit.of:
                _known("subject or exhibit", name, ids, "age_limits")
        for thing in things:
            for other in thing.made_with:
                _known("subject or exhibit", other.id, ids - {str(thing.id)}, f"`made_with` of {thing.id}")

    def _check_predetermined_changes(self) -> None:
        """Check that each change has its own name, and names subjects and an exhibit that are declared."""
        _unique("predetermined change", [one.id for one in self.predetermined_changes])
        subjects, exhibits = {s.id for s in self.subjects}, {e.id for e in self.exhibits}
        for change in self.predetermined_changes:
            where = f"predetermined change {change.id}"
            for name in (*change.subjects, *(one.subject for one in change.ranges)):
                _known("subject", name, subjects, where)
            if change.documented_in is not None:
                _known("exhibit", change.documented_in, exhibits, where)

    def subject(self, subject_id: str) -> Subject:
        """Return the subject with this id.

        Raises:
            KeyError: there is none.
        """
        for subject in self.subjects:
            if subject.id == subject_id:
                return subject
        raise KeyError(subject_id)


def _unique(what: str, ids: list[str]) -> set[str]:
    """Return the ids as a set, or raise ValueError when one occurs twice."""
    if twice := {i for i in ids if ids.count(i) > 1}:
        raise ValueError(f"{what} {sorted(twice)[0]!r} occurs twice; ids must be unique")
    return set(ids)


def _known(what: str, name: str, known: Collection[str], where: str) -> None:
    """Raise ValueError when ``name`` is not among ``known``."""
    if name not in known:
        have = ", ".join(sorted(known)) or "none"
        raise ValueError(f"{where} names the {what} {name!r}, which is not declared (have: {have})")
