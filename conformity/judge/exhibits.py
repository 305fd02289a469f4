"""Dates of exhibits that do not fit what they speak of: told beside the verdict, which they do not change."""

from __future__ import annotations

from conformity.model.finding import Declared
from conformity.model.manifest import Manifest
from conformity.model.requirement import Requirement
from conformity.model.said import said

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
    tables = {one.id: one.produced_on for one in manifest.subjects if one.kind == "table"}
    remarks = []
    for exhibit in manifest.exhibits:
        later = [
            said("{subject} on {day}", subject=name, day=day)
            for name, day in tables.items()
            if day is not None and exhibit.dated < day
        ]
        if exhibit.id in declared.exhibits and later:
            remarks.append(
                f"Exhibit {exhibit.id} is dated {exhibit.dated}, before data declared here came into being "
                f"({', '.join(later)}): check that it describes them."
            )
    if not remarks:
        return declared
    return declared.model_copy(update={"reason": " ".join([declared.reason, *remarks])})
