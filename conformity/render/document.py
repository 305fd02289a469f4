"""The whole document as values: one record that the templates walk through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render.translation.speaking import speech
from conformity.render.views import actions, back, findings, front, groups
from conformity.render.views.adverse import AdverseList, adverse
from conformity.render.views.crossings import HeatMap, heat_maps
from conformity.render.views.curves import Curves, curves
from conformity.render.views.energy import Drawing, drawings
from conformity.render.views.gaps import Gap, gaps
from conformity.render.views.glossary import Term, glossary
from conformity.render.views.matrix import Rest, rest
from conformity.render.views.measurements import SubjectFigures, subject_figures
from conformity.render.views.nonconformities import RegisterView, register_view
from conformity.render.views.register import (
    MOST_TALLIES,
    Entry,
    NoteView,
    TallyView,
    entries,
    note_views,
    tally_views,
)
from conformity.render.views.subjects import (
    ExhibitView,
    SubjectView,
    TableView,
    exhibit_views,
    subject_views,
    table_views,
)
from conformity.render.views.summary import Summary, summary


@dataclass(frozen=True)
class Document:
    """Everything that a template may print."""

    language: str
    """BCP 47 tag."""
    title: str
    """Title of the document."""
    running: str
    """Head of every page."""
    foot: str
    """Foot of every page."""
    created: str
    """When it was judged, ISO 8601; the only time in the document's metadata."""
    author: str
    """The provider."""
    generator: str
    """The tool."""
    cover: front.Cover
    """First page."""
    summary: Summary
    """Second page: what a manager needs."""
    disclosure: str
    """What is not shown."""
    scope: front.Scope
    """Scope and classification."""
    total: str
    """Number of requirements."""
    articles: tuple[findings.Article, ...]
    """Findings by article."""
    rest: Rest | None
    """The articles of which no requirement applies."""
    plots: tuple[groups.Plot, ...]
    """Groups compared."""
    heat_maps: tuple[HeatMap, ...]
    """Groups that two attributes form."""
    curves: tuple[Curves, ...]
    """Scores and classes."""
    energy: tuple[Drawing, ...]
    """Drawings of energy and carbon."""
    subjects: tuple[SubjectView, ...]
    """Data sets, models and so on."""
    tables: tuple[TableView, ...]
    """What the columns mean."""
    exhibits: tuple[ExhibitView, ...]
    """Documents handed in."""
    methods: tuple[back.Method, ...]
    """Methods and limits."""
    shared_actions: tuple[actions.SharedAction, ...]
    """Steps that many findings name."""
    open_points: tuple[back.OpenPoint, ...]
    """What is not met or undetermined."""
    adverse: AdverseList
    """What was measured and looks bad, though no bound was set."""
    missing: tuple[back.Missing, ...]
    """What is not collected."""
    non_conformities: RegisterView
    """The register of non-conformities."""
    glossary: tuple[Term, ...]
    """Terms and where they come from."""
    sign_offs: tuple[back.SignOffView, ...]
    """What people signed."""
    set_aside: tuple[findings.Aside, ...]
    """Requirements that do not apply."""
    register: tuple[Entry, ...]
    """The evidence."""
    gaps: tuple[Gap, ...]
    """What several steps could not measure for one reason."""
    tallies: tuple[TallyView, ...]
    """The sealed tallies that are printed."""
    more_tallies: str
    """How many are not, or empty."""
    notes: tuple[NoteView, ...]
    """Remarks on the evidence."""
    register_intro: str
    """When it was collected."""
    figures: tuple[SubjectFigures, ...]
    """The measurements."""
    machine: back.Machine
    """Software, platform and isolation."""
    digests: tuple[front.Fact, ...]
    """What to verify against."""


def document(
    assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
) -> tuple[Document, dict[str, Any]]:
    """Return the document and the fixed words of its language.

    Raises:
        RenderError: a finding has no requirement in the plan, or there is no such language.
    """
    context = speech(assessment, evidence, disclosure_limit, language).context
    words, evidence = context.words, context.evidence
    manifest, head = assessment.manifest, words["document"]
    name, version = manifest.system.name, manifest.system.version
    articles = findings.articles(context)
    sealed = tally_views(context)
    left = len(sealed) - MOST_TALLIES
    made = Document(
        language=language,
        title=head["title"].format(system=name, version=version),
        running=head["running"].format(system=name, version=version, edition=manifest.edition.version),
        foot=head["foot"].format(digest=assessment.evidence_sha256),
        created=f"{assessment.assessed_at:%Y-%m-%dT%H:%M:%S}Z",
        author=manifest.provider.name,
        generator=assessment.tool,
        cover=front.cover(context),
        summary=summary(context),
        disclosure=words["reading"]["disclosure"].format(limit=disclosure_limit),
        scope=front.scope(context),
        total=context.locale.integer(len(assessment.findings)),
        articles=articles,
        rest=rest(context, articles),
        plots=groups.plots(context),
        heat_maps=heat_maps(context),
        curves=curves(context),
        energy=drawings(context),
        subjects=subject_views(context),
        tables=table_views(context),
        exhibits=exhibit_views(context),
        methods=back.methods(context),
        shared_actions=actions.shared_actions(context),
        open_points=back.open_points(context),
        adverse=adverse(context),
        missing=back.missing(context, articles),
        non_conformities=register_view(context, {one.title: one.anchor for one in articles}),
        glossary=glossary(context),
        sign_offs=back.sign_offs(context),
        set_aside=findings.set_aside(context),
        register=entries(context),
        gaps=gaps(context),
        tallies=sealed[:MOST_TALLIES],
        more_tallies=context.plural("annex", "more_tallies", left) if left > 0 else "",
        notes=note_views(context),
        register_intro=words["annex"]["b_intro"].format(day=context.locale.moment(evidence.collected_at)),
        figures=subject_figures(context),
        machine=back.machine(context),
        digests=back.digests(context),
    )
    return made, words
