"""What every document is made from: the records and the law's side, looked up by id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from conformity.catalog.rows import DocumentLaw, ItemLaw
from conformity.errors import CatalogError
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence, Observation, SubjectRecord
from conformity.model.finding import Finding
from conformity.model.manifest import Criterion, Exhibit, Manifest, SignOff
from conformity.model.plan import PlannedRequirement


@dataclass(frozen=True)
class Material:
    """An assessment, its evidence, and what the law asks of one document."""

    assessment: Assessment
    """What was judged."""
    evidence: Evidence
    """What it rests on."""
    law: DocumentLaw
    """What the law asks of the document."""

    @property
    def manifest(self) -> Manifest:
        """What the provider declared."""
        return self.assessment.manifest

    @cached_property
    def planned(self) -> dict[str, PlannedRequirement]:
        """The requirements of the plan, by id."""
        return {row.requirement.id: row for row in self.assessment.plan.requirements}

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """The findings, by requirement."""
        return {finding.requirement: finding for finding in self.assessment.findings}

    @cached_property
    def observations(self) -> dict[str, Observation]:
        """The observations, by id."""
        return {one.id: one for one in self.evidence.observations}

    @cached_property
    def records(self) -> dict[str, SubjectRecord]:
        """What was found of each subject and exhibit, by id."""
        return {str(record.id): record for record in self.evidence.subjects}

    @cached_property
    def exhibits(self) -> dict[str, Exhibit]:
        """The exhibits, by id."""
        return {exhibit.id: exhibit for exhibit in self.manifest.exhibits}

    @cached_property
    def criteria(self) -> dict[str, Criterion]:
        """The criteria, by id."""
        return {criterion.id: criterion for criterion in self.manifest.criteria}

    @cached_property
    def sign_offs(self) -> dict[str, SignOff]:
        """The sign-offs, by id."""
        return {one.id: one for one in self.manifest.sign_offs}

    @cached_property
    def probe_titles(self) -> dict[str, str]:
        """The names of the probes to print, by id."""
        return {probe.id: probe.title for probe in self.assessment.plan.probes}

    def title_of(self, subject_id: str) -> str:
        """Return the name of a subject or exhibit; its id when it is not declared any more."""
        things = (*self.manifest.subjects, *self.manifest.exhibits)
        return next((thing.title for thing in things if thing.id == subject_id), subject_id)

    def row(self, item_id: str) -> ItemLaw:
        """Return one item of the law's side.

        Raises:
            CatalogError: there is none with this id.
        """
        for row in self.law.rows:
            if row.id == item_id:
                return row
        raise CatalogError(f"documents/{self.law.id}.yaml has no item {item_id!r}; add it")

    def rows_of(self, section_id: str) -> tuple[ItemLaw, ...]:
        """Return the items of one section, in the order of the law."""
        return tuple(row for row in self.law.rows if row.section == section_id)
