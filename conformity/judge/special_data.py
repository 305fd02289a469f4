"""What can be told of the conditions of Art. 4a(1)(a), (b) and (e) from dates, bounds and findings.

Each condition has more to it than a tool can see, so that none of these rules alone ends in ``met``: they
add what is missing or broken to the bounds and the sign-offs, which are judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from conformity.judge.parts import Given, Part
from conformity.model.base import RequirementId
from conformity.model.evidence import SubjectRecord
from conformity.model.manifest import PLACEHOLDER, Criterion, SpecialCategoryUse
from conformity.model.measurement import NotAvailable, Result

IDENTIFIERS = "identifier_columns"
"""The metric that says whether a table names or numbers people, so that it is not pseudonymised."""

_NAMELESS = Part(
    "not_collected",
    "The manifest does not say which special-category data are used (`special_category_use`).",
    (
        "Name in `special_category_use` each table and its columns, why they are needed, and until when they "
        "are kept.",
    ),
)

_OTHER_DATA = Part(
    "undetermined",
    "Whether synthetic or anonymised data would do is not measured here.",
    (
        "Hand in the gaps found with synthetic or anonymised data beside those found with the real data; a "
        "person must judge them outside this tool.",
    ),
)


def special_data_parts(rule: str, requirement: RequirementId, given: Given) -> tuple[Part, ...]:
    """Return what one of the rules on special-category data contributes to its requirement.

    Args:
        rule: ``special_data_needed``, ``special_data_protected`` or ``special_data_deleted``.
        requirement: the row that is judged; criteria that serve it are looked at.
        given: manifest, evidence, judgements and day.
    """
    uses = given.manifest.special_category_use
    if not uses:
        return (_NAMELESS,)
    look = _RULES[rule]
    parts = [part for use in uses for part in look(use, requirement, given)]
    if rule == "special_data_needed":
        parts.append(_OTHER_DATA)
    return tuple(replace(part, shown=True) for part in parts)


def _needed(use: SpecialCategoryUse, requirement: RequirementId, given: Given) -> Iterator[Part]:
    """Yield what is missing to show that other data of the table would not do.

    Source:
        Art. 4a(1)(a).
    """
    if PLACEHOLDER in use.why_needed:
        yield Part(
            "undetermined",
            f"Why {', '.join(use.columns)} of the table {use.subject} are needed still holds a placeholder: "
            f"fill in every {PLACEHOLDER}.",
        )
    bounds = _bounds_on(use, requirement, given)
    for column in use.columns:
        if not any(column in bound.by for bound in bounds):
            yield Part(
                "undetermined",
                f"No bound was fixed on how much other data in the table {use.subject} tell of {column}.",
                (
                    f"Fix a criterion on how much other data in the table {use.subject} tell of {column}, "
                    f"such as `proxy_association` by {column}, before the next test (Art. 9(8)).",
                ),
            )


def _protected(use: SpecialCategoryUse, requirement: RequirementId, given: Given) -> Iterator[Part]:
    """Yield what is missing to show that the table is pseudonymised and hard to re-identify.

    Source:
        Art. 4a(1)(b).
    """
    if not _bounds_on(use, requirement, given):
        yield Part(
            "undetermined",
            f"No bound was fixed on how well the people in the table {use.subject} are protected.",
            (
                f"Fix a criterion on how well the people in the table {use.subject} are protected, such as "
                "`k_anonymity`, before the next test (Art. 9(8)).",
            ),
        )
    result = _identifiers(use, given)
    if result is None or isinstance(result, NotAvailable):
        why = f" ({result.reason.rstrip('.')})" if result else ""
        yield Part(
            "not_collected", f"It is not known whether the table {use.subject} names or numbers people{why}."
        )
    elif result.value > 0:
        yield Part(
            "undetermined",
            f"Columns of the table {use.subject} name or number people beside the special categories, which "
            "is no pseudonymisation.",
            (f"Take them out of the table {use.subject}, or put pseudonyms in their place.",),
        )


def _deleted(use: SpecialCategoryUse, _: RequirementId, given: Given) -> Iterator[Part]:
    """Yield how the declared dates of deletion agree with what lies at the table's path.

    Finding nothing there never shows that no copy is left.

    Source:
        Art. 4a(1)(e).
    """
    record = next((r for r in given.evidence.subjects if r.id == use.subject), None)
    if record is None:
        yield Part("not_collected", f"Nothing looked whether the table {use.subject} is still there.")
    elif use.deleted_on is not None and use.deleted_on <= given.today:
        yield _said_to_be_deleted(use, use.deleted_on, record, given.today)
    elif record.sha256 is None:
        yield Part(
            "not_collected",
            f"The table {use.subject} could not be read, and the manifest does not say that it was deleted.",
            (
                f"Give the right path of the table {use.subject}, or the day on which it was deleted "
                "(`deleted_on`).",
            ),
        )
    else:
        yield _kept(use, given.today)


def _kept(use: SpecialCategoryUse, today: date) -> Part:
    """Return how it stands with a table that is there."""
    if today > use.due:
        return Part(
            "not_met",
            f"The table {use.subject} was to be deleted by {use.due} and is still there on {today}.",
            (f"Delete the table {use.subject} and declare the day (`deleted_on`).",),
        )
    return Part(
        "undetermined",
        f"The table {use.subject} is there on {today} and is to be deleted by {use.due}; until then nothing "
        "is settled.",
        (f"Delete the table {use.subject} by {use.due} and declare the day (`deleted_on`).",),
    )


def _said_to_be_deleted(
    use: SpecialCategoryUse, deleted_on: date, record: SubjectRecord, today: date
) -> Part:
    """Return how it stands with a table that is said to have been deleted."""
    table = use.subject
    if record.sha256 is not None:
        return Part(
            "not_met",
            f"The table {table} is said to have been deleted on {deleted_on} and is still there on {today}.",
            (f"Delete the table {table} or correct `deleted_on`.",),
        )
    if deleted_on > use.due:
        return Part(
            "not_met",
            f"The table {table} is said to have been deleted on {deleted_on}; that was due by {use.due}.",
        )
    return Part(
        "undetermined",
        f"The table {table} is said to have been deleted on {deleted_on}, in time, and nothing readable lies "
        "at its path. Whether a copy is left is not seen here.",
        ("Hand in the deletion log; that no copy is left must be judged outside this tool.",),
    )


def _bounds_on(use: SpecialCategoryUse, requirement: RequirementId, given: Given) -> list[Criterion]:
    """Return the criteria on the table that serve the requirement."""
    return [
        criterion
        for criterion in given.manifest.criteria
        if criterion.subject == use.subject and requirement in criterion.requirements
    ]


def _identifiers(use: SpecialCategoryUse, given: Given) -> Result | None:
    """Return what was measured of direct identifiers in the table; None where nothing looked for them."""
    for observation in given.evidence.observations:
        for measurement in observation.measurements if observation.subject == use.subject else ():
            if measurement.metric == IDENTIFIERS:
                return measurement.result
    return None


_RULES: dict[str, Callable[[SpecialCategoryUse, RequirementId, Given], Iterator[Part]]] = {
    "special_data_needed": _needed,
    "special_data_protected": _protected,
    "special_data_deleted": _deleted,
}
"""The rules, by the names that rows of law give them."""
