"""Dates of exhibits that do not fit what they speak of: told beside the verdict, which they do not change."""

from __future__ import annotations

from conformity.model.finding import Declared
from conformity.model.manifest import Manifest
from conformity.model.requirement import Requirement

_DATA = "data"
"""The domain of the requirements under which an exhibit describes data."""


def with_dates(requirement: Requirement, declared: Declared, manifest: Manifest) -> Declared:
    """Return what was declared, with a remark on exhibits that are older than the tables declared.

    A document may describe how data will be made, so that an early date settles nothing; but whoever reads
    that the requirement is signed for must know of it. Elsewhere, such as in a plan of tests, an earlier
    date is what the law asks for.

    Args:
        requirement: the row of law; only one on data is looked at.
        declared: what was handed in and signed.
        manifest: with the dates of exhibits and tables.
    """
    if _DATA not in requirement.domains:
        return declared
    tables = [one for one in manifest.subjects if one.kind == "table" and one.produced_on is not None]
    remarks = []
    for exhibit in manifest.exhibits:
        later = [
            f"{one.id} on {one.produced_on}"
            for one in tables
            if one.produced_on is not None and exhibit.dated < one.produced_on
        ]
        if exhibit.id in declared.exhibits and later:
            remarks.append(
                f"Exhibit {exhibit.id} is dated {exhibit.dated}, before data declared here came into being "
                f"({', '.join(later)}): check that it describes them."
            )
    if not remarks:
        return declared
    return declared.model_copy(update={"reason": " ".join([declared.reason, *remarks])})
