"""The difference between two versions of an assessment: what was measured, judged, changed and foreseen."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import Instant, Line, MetricId, ProbeId, Prose, RequirementId, Sha256, Value
from conformity.model.finding import Verdict

Reality = Literal[
    "real",
    "counted",
    "not_after_correction",
    "not_shown",
    "no_interval",
    "only_before",
    "only_after",
    "withheld",
]
"""Whether a measure changed: for certain enough after the correction for the number of comparisons; counted,
not estimated; only before that correction; not shown; not to be told for want of an interval; measured in one
version alone; or withheld, since few people would follow from it."""

Method = Literal["score", "intervals", "any_dependence", "exact"]
"""How the interval of a difference is made: Newcombe's score method for independent rates; the two intervals
squared and added; their margins added, which holds however the two depend; or nothing estimated."""

Direction = Literal["worse", "better", "neither"]
"""Where a change leads, by the direction in which its probe says that a system gets better."""

Cause = Literal[
    "criterion",
    "evidence",
    "law",
    "classification",
    "sign_off",
    "exhibit",
    "declaration",
    "probe",
    "tool",
    "day",
]
"""Why a verdict is another one, as far as the two records show."""

Coverage = Literal["covered", "not_covered", "cannot_tell"]
"""How an observed change lies beside what was determined in advance."""


class Reading(Value):
    """One side of a measure, rounded as reports print it."""

    value: float | None
    """The number; none where there is none, or it is withheld."""
    low: float | None = None
    """Lower end of its interval."""
    high: float | None = None
    """Upper end of its interval."""
    n: Annotated[int, Field(ge=0)] | None = None
    """The number of cases, where it may be told."""
    text: Line
    """As a report prints it, with unit and interval, or what it says in place of a number."""


class MeasureChange(Value):
    """One measure of two versions."""

    probe: ProbeId
    """The probe."""
    metric: MetricId
    """What was measured."""
    title: Line
    """The name of it."""
    subject: Line
    """On what."""
    about: str
    """The group or columns, in words; empty for the whole subject."""
    unit: Line
    """The unit; ``1`` for shares and ratios."""
    bounded: bool
    """Whether a criterion of either version bounds it."""
    before: Reading | None
    """In the earlier version."""
    after: Reading | None
    """In the later version."""
    difference: float | None = None
    """Later less earlier."""
    low: float | None = None
    """Lower end of the interval of the difference, at 95 %, on its own."""
    high: float | None = None
    """Upper end."""
    method: Method | None = None
    """How that interval is made."""
    same_data: bool | None = None
    """Whether both were measured on the same bytes; none where that is not known."""
    p: float | None = None
    """How surprising the difference would be without a change, on its own."""
    adjusted_p: float | None = None
    """The same, corrected by Holm's method for all comparisons made."""
    reality: Reality
    """Whether it changed."""
    direction: Direction
    """Where that leads."""


class VerdictChange(Value):
    """A requirement whose verdict is another one."""

    requirement: RequirementId
    """The requirement."""
    ref: Line
    """Its citation."""
    title: Line
    """Its name."""
    before: Verdict | None
    """The verdict in the earlier version; none where it was not in that plan."""
    after: Verdict | None
    """The verdict in the later version."""
    direction: Literal["worse", "set_aside", "better", "other"]
    """Worse; not asked for any more; better; or only otherwise."""
    causes: tuple[Cause, ...]
    """Why, as far as the records show, most telling first."""
    named: tuple[Line, ...] = ()
    """What exactly changed: criteria, subjects, exhibits, probes."""
    reason_before: Prose | None
    """The reason then."""
    reason_after: Prose | None
    """The reason now."""


class BoundChange(Value):
    """A bound that is another one."""

    criterion: Line
    """Its id."""
    metric: MetricId
    """What it bounds."""
    before: Line | None
    """As it was; none for a new one."""
    after: Line | None
    """As it is; none for one that is gone."""
    kind: Literal["softened", "removed", "moved", "added", "tightened", "reworded"]
    """What became of it: ``moved`` where it bounds something else now."""


class ThingChange(Value):
    """A subject, exhibit, sign-off, probe, package or field that changed."""

    id: Line
    """Its name."""
    kind: Line
    """What it is."""
    change: Literal["added", "removed", "changed"]
    """What happened."""
    before: Line | None = None
    """How it was: a digest, a version, or a text."""
    after: Line | None = None
    """How it is."""


class LawChange(Value):
    """What is different in the law that was applied."""

    as_of_before: date
    """The day whose law the earlier version applied."""
    as_of_after: date
    """That of the later one."""
    text_before: Line
    """The text of the Act."""
    text_after: Line
    """The same of the later version."""
    added: tuple[RequirementId, ...] = ()
    """Requirements that only the later plan holds."""
    removed: tuple[RequirementId, ...] = ()
    """Requirements that only the earlier plan holds."""
    reworded: tuple[RequirementId, ...] = ()
    """Requirements whose row is another one."""
    begun: tuple[RequirementId, ...] = ()
    """Requirements that began to bind between the two days."""
    now_apply: tuple[RequirementId, ...] = ()
    """Requirements that concern the system now, and did not."""
    no_longer: tuple[RequirementId, ...] = ()
    """Requirements that concerned the system and do not now."""


class Entry(Value):
    """An entry of the register of non-conformities, in short."""

    id: Line
    """Its id."""
    requirement: RequirementId
    """The requirement."""
    severity: Line
    """How grave it is."""
    blocks: bool
    """Whether a declaration must wait for it."""
    due: date | None
    """By when it is to be mended."""
    overdue: bool
    """Whether that day had passed when the later version was judged."""


class RegisterChange(Value):
    """The two registers of non-conformities beside each other."""

    new: tuple[Entry, ...] = ()
    """Open now, and not before."""
    closed: tuple[Entry, ...] = ()
    """Open before, and closed now."""
    still_open: tuple[Entry, ...] = ()
    """Open in both."""
    gone: tuple[Entry, ...] = ()
    """Open before and not in the register now, closed by nothing."""


class ObservedChange(Value):
    """One change, laid beside what the provider determined in advance."""

    what: Line
    """What changed: the kind and its name."""
    kind: Literal["purpose", "role", "data", "model", "software", "records", "criterion", "measure"]
    """What kind of change it is."""
    coverage: Coverage
    """How it lies beside the changes determined in advance."""
    by: tuple[Line, ...] = ()
    """The changes, determined in advance, that speak of it."""
    why: Literal[
        "within",
        "outside",
        "straddles",
        "not_measured",
        "no_ranges",
        "not_foreseen",
        "no_declaration",
        "not_foreseeable",
    ]
    """Why: all measures stay within; one lies outside; an interval crosses an end; a measure is missing; no
    ranges are declared; no change speaks of it; none is declared; or it is no change of this kind."""


class LawQuestion(Value):
    """A question of the law that a person answers."""

    id: Line
    """Its name."""
    ref: Line
    """The citation."""
    question: Prose
    """The question."""
    looks_at: Prose
    """What in this comparison bears on it."""


class WorkSheet(Value):
    """The work sheet on a substantial modification; it holds no answer."""

    ref: Line
    """The provisions."""
    statement: Prose
    """What the sheet is and is not."""
    placed_on_market_on: date | None
    """The day that the earlier version declares."""
    declared: tuple[ThingChange, ...]
    """The changes determined in advance that the earlier version declares."""
    declared_later: tuple[Line, ...]
    """Those that only the later version declares, or declares otherwise: they cover nothing here."""
    observed: tuple[ObservedChange, ...]
    """What changed, not covered first."""
    questions: tuple[LawQuestion, ...]
    """What a person has to answer."""


class Version(Value):
    """One of the two versions."""

    system: Line
    """Trade name and version of the system."""
    provider: Line
    """Who answers for it."""
    edition: Line
    """Version of the assessment."""
    assessed_at: Instant
    """When it was judged."""
    tool: Line
    """Name and version of the tool."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``."""
    pack_sha256: Sha256
    """Digest of the pack's ``SHA256SUMS``."""


class Comparison(Value):
    """Two versions of an assessment beside each other; everything is ordered by importance."""

    comparison_schema: Literal["conformity/comparison/v1"] = "conformity/comparison/v1"
    """Format of this record; readers refuse newer ones."""
    tool: Line
    """Name and version of the tool that compared them."""
    before: Version
    """The earlier version."""
    after: Version
    """The later version."""
    same_system: bool
    """Whether both are about the same system of the same provider."""
    independent: bool = False
    """Whether whoever compared them states that no person is in the data of both."""
    follows: Literal["names_it", "later", "same", "earlier"]
    """Whether the later one names the earlier one by its digest, only has a later version, the same, or an
    earlier one."""
    verdicts: tuple[VerdictChange, ...]
    """Requirements with another verdict."""
    unchanged_verdicts: Annotated[int, Field(ge=0)]
    """How many have the same."""
    bounds: tuple[BoundChange, ...]
    """Bounds that are other ones, softened ones first."""
    measures: tuple[MeasureChange, ...]
    """Measures that are not the same in both."""
    compared: Annotated[int, Field(ge=0)]
    """How many differences were tested: among so many the correction divides the error."""
    unchanged_measures: Annotated[int, Field(ge=0)]
    """How many measures are the same in both."""
    withheld_measures: Annotated[int, Field(ge=0)]
    """How many are withheld in either version, or would together tell of few people."""
    subjects: tuple[ThingChange, ...]
    """Subjects that changed."""
    exhibits: tuple[ThingChange, ...]
    """Exhibits that changed."""
    sign_offs: tuple[ThingChange, ...]
    """Sign-offs that changed."""
    fields: tuple[ThingChange, ...]
    """What else changed in the manifest."""
    law: LawChange
    """What changed in the law that was applied."""
    register_entries: RegisterChange
    """The two registers."""
    probes: tuple[ThingChange, ...]
    """Probes of another version."""
    software: tuple[ThingChange, ...]
    """Packages of another version, engines among them."""
    work_sheet: WorkSheet
    """The work sheet on a substantial modification."""

    @property
    def worse(self) -> bool:
        """Tell whether a verdict got worse, or a measure for certain enough."""
        return any(one.direction == "worse" for one in self.verdicts) or any(
            one.direction == "worse" and one.reality in ("real", "counted") for one in self.measures
        )
