"""Rows of law that are not requirements: points, practices, acts, fields, days, conditions, questions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import ConditionId, Line, Prose, QuestionId, RequirementId, Value
from conformity.model.manifest import Role
from conformity.model.requirement import Addressee, AppliesFrom, Automation, EvidenceNeed

Status = Literal["in_force", "deleted"]
"""Whether a text still stands."""


class LawSource(Value):
    """Which text a file paraphrases; the same in every file."""

    act: Line
    """The act."""
    amended_by: Line
    """The act that amended it last."""
    celex: Line
    """Number of the consolidated text."""
    consolidated_on: date
    """Day of the consolidation."""


class AnnexIIIPoint(Value):
    """A use that is high-risk when it is the intended purpose (Art. 6(2))."""

    id: RequirementId
    """Id in the form ``annexIII.5.b``."""
    ref: Line
    """The citation."""
    title: Line
    """A short name."""
    use: Prose
    """The use, in our own words."""
    conformity_route: Literal["annex_vi", "annex_vi_or_vii"]
    """The procedure of Art. 43; the choice exists only where standards are applied in full."""
    fria: Literal["public_services", "every_deployer", "excluded"]
    """Which deployers Art. 27 binds: public bodies and providers of public services, all, or none."""
    registration: Literal[
        "eu_database_public",
        "eu_database_secure_section",
        "eu_database_secure_section_if_law_enforcement",
        "national_level",
    ]
    """Where the system is registered (Art. 49)."""
    applies_from: date
    """From when the classification bears consequences."""
    addressees: tuple[Addressee, ...]
    """Whom the classification concerns."""
    hand_in: tuple[Line, ...]
    """What a person must hand in."""
    note: Prose | None = None
    """Anything a reader must know."""

    @property
    def number(self) -> str:
        """Return the number of the point without its letter, such as ``5``."""
        return self.id.split(".")[1]


class ProhibitedPractice(Value):
    """A practice that Art. 5(1) prohibits."""

    id: RequirementId
    """Id in the form ``art5.1.ba``."""
    ref: Line
    """The citation."""
    title: Line
    """A short name."""
    practice: Prose
    """What is prohibited, in our own words."""
    addressees: tuple[Addressee, ...]
    """Whom it binds."""
    applies_from: date
    """The first day of the prohibition."""
    hand_in: tuple[Line, ...]
    """What a person must hand in."""


class DerogationCondition(Value):
    """A condition of Art. 6(3), or the profiling bar that overrides them."""

    id: RequirementId
    """Id in the form ``art6.3.a``."""
    ref: Line
    """The citation."""
    title: Line
    """A short name."""
    condition: Prose
    """The condition, in our own words."""
    applies_from: date
    """From when it bears consequences."""
    hand_in: tuple[Line, ...]
    """What a person must hand in."""


class AnnexIAct(Value):
    """An act of Union harmonisation law listed in Annex I."""

    id: RequirementId
    """Id in the form ``annexI.11``."""
    ref: Line
    """The citation."""
    section: Literal["A", "B"]
    """The section: Chapter III binds systems of Section A only (Art. 2(2))."""
    act: Line
    """What it is about, and its number."""
    status: Status = "in_force"
    """Whether the point still stands."""
    superseded_by: tuple[RequirementId, ...] = ()
    """For a deleted point: where the matter is found now."""
    note: Prose | None = None
    """Anything a reader must know."""


class AnnexField(Value):
    """A field of the declaration (Annex V) or of the register (Annex VIII)."""

    id: RequirementId
    """Id in the form ``annexV.1`` or ``annexVIII.A.1``."""
    ref: Line
    """The citation."""
    title: Line
    """A short name."""
    content: Prose
    """What the field holds, in our own words."""
    addressees: tuple[Addressee, ...]
    """Who fills it in."""
    automation: Automation
    """How far a tool can go."""
    applies_from: tuple[AppliesFrom, ...]
    """From when."""
    evidence: tuple[EvidenceNeed, ...] = ()
    """What the content rests on."""
    status: Status = "in_force"
    """Whether the field still stands."""
    note: Prose | None = None
    """Anything a reader must know."""


class Milestone(Value):
    """A day on which something starts to apply or falls due."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """A short name."""
    on: date
    """The day."""
    what: Prose
    """What happens."""
    ref: Line
    """The citation."""


class Knowledge(Value):
    """What was found on a day about the world outside the Act."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """A short name."""
    as_of: date
    """The day of the look-up."""
    what: Line
    """What was found, as a sentence without its full stop."""
    ref: Line
    """The provision for which it matters."""


class Condition(Value):
    """A fact on which requirements depend; decided by one question or derived."""

    id: ConditionId
    """A short name."""
    title: Line
    """The condition, as the end of the sentence "this concerns a ..."."""
    ref: Line
    """The citation."""
    question: QuestionId | None = None
    """The question whose answer decides it."""
    derived: Prose | None = None
    """How it follows from the classification, when no single question decides it."""


class Point(Value):
    """A point that an answer may name."""

    id: RequirementId
    """Its id, a citation."""
    ref: Line
    """The citation."""
    title: Line
    """What it is."""
    only_role: Role | None = None
    """The one role in which naming it has an effect."""
    unless_regulated: bool = False
    """Whether the exclusion yields to high-risk, Art. 5 and Art. 50 (Art. 2(12))."""


class Question(Value):
    """A question of the procedure."""

    id: QuestionId
    """A short name, used in the manifest."""
    title: Line
    """What it is about, as the end of the sentence "this is the question on ..."."""
    part: Literal[
        "scope", "prohibited", "annex_i", "annex_iii", "transparency", "gpai", "role", "route", "facts"
    ]
    """The part of the procedure in which it is put."""
    ref: Line
    """The citation."""
    text: Prose
    """The question."""
    on_yes: Prose
    """What a yes leads to."""
    on_no: Prose
    """What a no leads to."""
    points_from: str | None = None
    """The list whose points a yes must name."""
    points: tuple[Point, ...] = ()
    """The points that a yes must name, when they stand with the question; all of them once loaded."""


class RoleRow(Value):
    """A role and the addressees of requirements that it is."""

    role: Role
    """The role."""
    ref: Line
    """The citation."""
    title: Line
    """Its name."""
    addressees: tuple[Addressee, ...]
    """As which addressees it is bound."""
    can_become_provider: bool = False
    """Whether Art. 25(1) can make it the provider."""
    note: Prose | None = None
    """Anything a reader must know."""


class Standard(Value):
    """A standard or common specification that bears on the Act, as far as it had come on a day."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
    """A short name."""
    reference: Line
    """Its number, with the year once it is published."""
    title: Line
    """What it is about."""
    kind: Literal["harmonised_work", "international", "common_specification"]
    """Work under the standardisation request; an international standard; or an act under Art. 41."""
    articles: tuple[Line, ...]
    """The provisions that it bears on."""
    stage: Line
    """How far it has come, as a sentence without its full stop."""
    cited_in: Line | None = None
    """Where the Official Journal cites it for this Act; only then does it give a presumption (Art. 40(1))."""
    cited_on: date | None = None
    """The day of that citation."""
    restriction: Line | None = None
    """What the citation leaves out."""
    as_of: date
    """The day of the look-up."""
    found_in: Line
    """Where that was found."""
    note: Prose | None = None
    """Anything a reader must know."""


class SectionLaw(Value):
    """A part of a document that the law asks for."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """A short name, unique in the document."""
    title: Line
    """Its name."""
    ref: Line | None = None
    """The citation."""
    intro: Prose | None = None
    """What a reader must know first."""


class ItemLaw(Value):
    """One thing that the law asks a document to hold."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    """A short name, unique in the document."""
    ref: Line
    """The citation."""
    title: Line
    """A short name to print."""
    asks: Prose
    """What is asked, in our own words."""
    section: Line
    """The section it stands in."""
    requirements: tuple[RequirementId, ...] = ()
    """The requirements of the catalogue that it serves."""
    owner: Line = "The provider"
    """Who has to fill it in when nobody is named."""
    marks: tuple[Line, ...] = ()
    """Qualities of the item that its document knows, such as ``public``."""
    note: Prose | None = None
    """Anything a reader must know."""


class DocumentLaw(Value):
    """What the law asks of one document."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """A short name; that of the file."""
    order: int
    """Its place in the set."""
    title: Line
    """Its title."""
    ref: Line
    """The provision that asks for it, or that it serves."""
    purpose: Prose
    """What it is for and what it is not."""
    requirements: tuple[RequirementId, ...] = ()
    """The requirements that decide whether this system needs it; none for a document that only informs."""
    sections: tuple[SectionLaw, ...]
    """Its parts."""
    rows: tuple[ItemLaw, ...]
    """Its items."""
