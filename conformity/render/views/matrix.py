"""The matrix of verdicts: what its last row draws together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.render.views.context import Context
from conformity.render.views.findings import Article


@dataclass(frozen=True)
class Rest:
    """The articles of which no requirement applies, in one row."""

    n: str
    """How many requirements they have."""
    names: str
    """The articles, each with its number of requirements."""


def rest(context: Context, articles: Sequence[Article]) -> Rest | None:
    """Return the articles of which no requirement applies; None when there is no such article."""
    aside = [article for article in articles if not article.has_section]
    if not aside:
        return None
    titles = {article.title for article in aside}
    colon = context.words["common"]["colon"]
    found = [context.requirement_of(finding).requirement.article for finding in context.assessment.findings]
    return Rest(
        n=context.locale.integer(sum(title in titles for title in found)),
        names=" · ".join(
            f"{article.title}{colon} {article.total}".replace(" ", "\u00a0") for article in aside
        ),
    )
