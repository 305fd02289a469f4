"""Personal data and secrets inside prompts and answers, by the patterns that tables are searched with."""

from __future__ import annotations

import re
from functools import cache

from conformity.engines.patterns import ANY_NET, NETS, Pattern, patterns

_MOST = 100_000
"""Characters of a text that are searched."""


@cache
def _searched() -> tuple[Pattern, ...]:
    """Return the patterns that a single value inside a text settles, by name."""
    return tuple(one for one in patterns().values() if one.within and one.alone and one.listed is None)


@cache
def _nets() -> tuple[re.Pattern[str], dict[str, re.Pattern[str]]]:
    """Return the quick search for all patterns, and the one of each net."""
    return re.compile(ANY_NET), {name: re.compile(form) for name, form in NETS.items()}


@cache
def personal_kinds() -> tuple[str, ...]:
    """Return the kinds that can be found, sorted."""
    return tuple(sorted({one.stands_for for one in _searched()}))


def personal_data(text: str) -> frozenset[str]:
    """Return which kinds of personal data and secrets stand in a text; their values are dropped.

    A number of a form with check digits counts only where these are right.

    Args:
        text: a prompt or an answer; what lies behind 100,000 characters is not searched.
    """
    quick, nets = _nets()
    part = text[:_MOST]
    if not quick.search(part):
        return frozenset()
    open_nets = {name for name, net in nets.items() if net.search(part)}
    return frozenset(
        one.stands_for
        for one in _searched()
        if one.net in open_nets and any(one.verify(value) for value in one.found_in(part))
    )
