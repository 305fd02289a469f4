"""Why a rate, or another number, is not published, in words that do not tell a small count."""

from __future__ import annotations

from conformity.model.measurement import NotAvailable
from conformity.probes.shared.rates import Rate
from conformity.probes.shared.wording import rows_in_words
from conformity.settings import MIN_GROUP


def why_not_available(
    rate: Rate, cases: int, strange: int, has_blanks: bool, min_group: int = MIN_GROUP
) -> NotAvailable | None:
    """Return why a rate over these rows is not published; None if it can be.

    Args:
        rate: the rate.
        cases: its denominator.
        strange: rows with an unrecognised outcome that matter to it.
        has_blanks: whether there are blank outcomes that matter to it.
        min_group: fewest cases for which a rate is published.
    """
    if strange:
        return unrecognised(rate, strange, cases)
    if cases == 0 and has_blanks:
        return NotAvailable(why="not_collected", reason=f"the {rate.outcome} is blank in all rows that count")
    return few(rate.name, rate.cases, cases, min_group)


def few(found: str, cases: str, n: int, min_group: int = MIN_GROUP) -> NotAvailable | None:
    """Return that there are too few cases for a number of its own; None if there are enough.

    Args:
        found: what the number is called.
        cases: what is counted, in the plural.
        n: how many there are.
        min_group: how many there must be.
    """
    if n == 0:
        # Whether there are few or none would tell the label of everybody in a tiny group.
        text = f"fewer than {min_group} {cases}, or none: no {found} is given"
        return NotAvailable(why="undefined", reason=text)
    if n < min_group:
        text = f"fewer than {min_group} {cases}; merge groups or collect more"
        return NotAvailable(why="too_few_cases", reason=text, n=n)
    return None


def unrecognised(rate: Rate, strange: int, cases: int) -> NotAvailable:
    """Return that outcomes are not recognised, how many, and what to do."""
    return NotAvailable(
        why="not_collected",
        reason=f"{rows_in_words(strange)} have a {rate.outcome} that is listed neither as positive nor as "
        "negative; add the values to the column's `positive` or `negative` in the manifest",
        n=cases,
    )
