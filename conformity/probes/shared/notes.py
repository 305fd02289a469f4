"""Notes on a table as a whole that several probes add to their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.model.subject import TableSubject
from conformity.probes.shared.cells import STRANGE, Groups, crossing_depth
from conformity.probes.shared.design import MIN_CLUSTERS
from conformity.probes.shared.rates import ACCURACY, FALSE_POSITIVE, TRUE_POSITIVE, Rate
from conformity.probes.shared.trials import trials_of
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


def blank_notes(everybody: Groups, rates: Sequence[Rate]) -> tuple[str, ...]:
    """Return how many rows have a blank that matters to ``rates``, rates with as many blanks together.

    Args:
        everybody: all rows as one group.
        rates: the rates.
    """
    alike: dict[tuple[str, int], list[Rate]] = {}
    for rate in rates:
        alike.setdefault((rate.outcome, _uncertain(everybody, rate)), []).append(rate)
    notes = []
    for (outcome, blank), same in alike.items():
        if len(same) == 1 or blank == 0:
            notes += [blank_note(everybody, rate) for rate in same]
            continue
        notes.append(
            f"{rows_in_words(blank)} whose {outcome} is blank could belong to each of these: "
            f"{', '.join(rate.name for rate in same)}. They are not counted as unfavourable: a rate is "
            "that of the known rows, and its interval reaches from the worst to the best that blanks allow."
        )
    return tuple(note for note in notes if note)


def declared_notes(table: TableSubject, sampled: Sampled | None = None) -> tuple[str, ...]:
    """Return what the manifest declares and how far the numbers take it into account.

    Args:
        table: the table.
        sampled: what was read of weights and clusters, by a probe that uses them.
    """
    notes = list(sample_notes(table, sampled) if sampled else _unused_notes(table))
    depth, wanted = crossing_depth(table), min(table.crossed, len(table.with_role("protected")))
    if depth < wanted:
        notes.append(
            f"There are so many combinations of {wanted} protected attributes that no more than {depth} "
            f"{'is' if depth == 1 else 'are'} crossed; bind fewer attributes to cross more of them."
        )
    return tuple(notes)


@dataclass(frozen=True)
class Sampled:
    """All rows as one group with their weights and clusters, and the rate to tell their effect by."""

    everybody: Groups
    """All rows."""
    rate: Rate
    """The rate."""


def sample_notes(table: TableSubject, sampled: Sampled) -> tuple[str, ...]:
    """Return how weights and clusters enter the numbers, and how much they cost in cases.

    Source:
        Kish, Survey Sampling (1965), section 8.2, for the design effect.
    """
    seen = trials_of(sampled.everybody.counts, sampled.rate, sampled.everybody.design)
    if seen.design is None:
        return ()
    rows, worth = int(seen.cases[0]), float(sum(side[0] for side in seen.independent()))
    cost = (
        f"For the {sampled.rate.name} of all rows the design effect is {rows / worth:.2f}." if worth else ""
    )
    notes = [
        f"Column {column.name!r} says for how many people a row stands. Rates are sums of the weights of "
        "successes divided by those of cases (Hájek); n and the least size of a group are of rows. Limits "
        "rest on effective cases, the rows divided by the design effect: the larger of Kish's (1965) and the "
        "linearised one, put into Wilson's interval (Dean and Pagano, 2015). The weights are taken as known."
        for column in table.with_role("weight")
    ] + [
        f"Column {column.name!r} says which rows belong together. Limits allow for rows of one cluster "
        "resembling one another: the design effect comes from totals of clusters by Taylor's expansion "
        f"(Kish and Frankel, 1974). A group of fewer than {MIN_CLUSTERS} clusters, counted by their sizes, "
        "gets no rate of its own, and counts in comparisons as one case for each cluster. Rows without a "
        "cluster are taken as one. Two groups are compared as if no cluster had rows of both, which makes "
        "the limits too wide where outcomes within a cluster agree, and too narrow where one's success is "
        "another's failure."
        for column in table.with_role("cluster")
    ]
    return tuple([*notes[:-1], f"{notes[-1]} {cost}".rstrip()]) if notes else ()


def _unused_notes(table: TableSubject) -> tuple[str, ...]:
    """Return that weights and clusters are declared and not used."""
    notes = []
    for column in table.with_role("weight"):
        notes.append(
            f"Column {column.name!r} is bound as weight. The weights are not used here: rates, intervals and "
            "numbers of cases are of rows, not of the people they stand for."
        )
    for column in table.with_role("cluster"):
        notes.append(
            f"Column {column.name!r} says which rows belong together. The intervals take every row as "
            "independent, and are too narrow where the rows of one cluster resemble one another."
        )
    return tuple(notes)


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
