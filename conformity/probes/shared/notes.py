"""Notes on a table as a whole that several probes add to their numbers."""

from __future__ import annotations

from conformity.model.subject import TableSubject
from conformity.probes.shared.cells import STRANGE, Groups
from conformity.probes.shared.rates import ACCURACY, FALSE_POSITIVE, TRUE_POSITIVE, Rate, trials_of
from conformity.probes.shared.wording import rows_in_words

_MANY_ROWS = 100


def blank_note(everybody: Groups, rate: Rate) -> str:
    """Return how many rows have a blank that matters to ``rate``; empty if none.

    Args:
        everybody: all rows as one group.
        rate: the rate.
    """
    seen = trials_of(everybody.counts, rate)
    certain = int((seen.successes + seen.failures).sum())
    blank = _uncertain(everybody, rate)
    if blank == 0:
        return ""
    return (
        f"{rows_in_words(blank)} whose {rate.outcome} is blank could belong to the {rate.name}, beside "
        f"{rows_in_words(certain)} that do. They are not counted as unfavourable: the rate is that of the "
        "known rows, and its interval reaches from the worst to the best that the blanks allow."
    )


def _uncertain(everybody: Groups, rate: Rate) -> int:
    """Return the number of rows whose meaning depends on a blank, unrecognised outcomes aside."""
    return sum(
        int(everybody.counts[:, label, prediction].sum())
        for label in range(STRANGE)
        for prediction in range(STRANGE)
        if rate.is_certain(label, prediction) is None
    )


def suspicion_note(everybody: Groups) -> str:
    """Return a note if over a hundred predictions all equal the label, or run against it; else empty."""
    seen = trials_of(everybody.counts, ACCURACY)
    right, wrong = int(seen.successes.sum()), int(seen.failures.sum())
    if right + wrong <= _MANY_ROWS:
        return ""
    if wrong > right and _rate(everybody, TRUE_POSITIVE) < _rate(everybody, FALSE_POSITIVE):
        return (
            "The prediction is favourable more often where the label is unfavourable than where it is "
            "favourable. Check that `positive` and `negative` are not swapped in one of the two columns."
        )
    if wrong:
        return ""
    return (
        f"All {right} predictions equal the label. Check that the prediction column holds the system's own "
        "output and is not a copy of the label; if it is a copy, none of these numbers says anything."
    )


def _rate(everybody: Groups, rate: Rate) -> float:
    """Return a rate over all rows; NaN, which compares false with everything, where it has no cases."""
    seen = trials_of(everybody.counts, rate)
    cases = int(seen.cases.sum())
    return int(seen.successes.sum()) / cases if cases else float("nan")


def same_column_note(table: TableSubject) -> str:
    """Return a note of suspicion if label and prediction are one column; else empty."""
    names = {column.name for role in ("label", "prediction") for column in table.with_role(role)}
    both = table.with_role("label") and table.with_role("prediction")
    if not both or len(names) > 1:
        return ""
    return (
        f"Column {names.pop()!r} is bound as label and as prediction. The numbers describe the one or "
        "the other, and say nothing about how well the system predicts."
    )
