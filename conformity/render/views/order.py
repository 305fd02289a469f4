"""What came first, as it is printed: the lock of a bound, the data, or the test (Art. 9(8))."""

from __future__ import annotations

from conformity.model.finding import CriterionJudgement
from conformity.model.manifest import Criterion
from conformity.render.views.context import Context


def order_words(context: Context, criterion: Criterion, judged: CriterionJudgement) -> tuple[str, ...]:
    """Return the sentences on the origin of a bound beyond its owner and day: its set, its lock, the order.

    Args:
        context: the records.
        criterion: the bound.
        judged: the judgement, which holds what came first where the bound stands in a lock.
    """
    words, locale, order = context.words["findings"], context.locale, judged.order
    found = []
    if criterion.default_set is not None:
        found.append(words["from_defaults"].format(name=criterion.default_set))
    if order is not None:
        key = "locked" if order.produced_on is not None else "locked_undated"
        day = locale.day(order.produced_on) if order.produced_on is not None else ""
        found.append(
            words[key].format(
                moment=locale.moment(order.locked_at),
                digest=order.criterion_sha256,
                day=day,
                measured=locale.moment(order.measured_at),
            )
        )
    elif context.assessment.manifest.criteria_lock is not None and criterion.claimed_in is None:
        found.append(words["not_in_lock"])
    return tuple(found)


def lock_bears_out(context: Context, judged: CriterionJudgement) -> bool:
    """Tell whether the lock, where the manifest names one, shows that a bound came first."""
    if context.assessment.manifest.criteria_lock is None:
        return True
    return judged.order is not None and judged.order.holds
