"""Steps without a number: told of together, and named so wherever a finding names its evidence."""

from __future__ import annotations

import re
from typing import Any

from conformity.model.evidence import Observation
from conformity.render.html import html_text
from conformity.render.views.findings import articles
from conformity.render.views.gaps import evidence_of, gaps
from conformity.render.views.matrix import rest
from tests.unit.render.render_records import COLLECTED, LIMIT, Records, build
from tests.unit.render.test_render_summary import context_of


def left_out(number: int, reason: str = "Left to a full run.") -> Observation:
    """Return a step that gave no number."""
    return Observation.of(
        step=f"left-{number}-{len(reason)}",
        probe="fairness/selection_rate",
        probe_version=1,
        subject="test",
        outcome="not_available",
        reason=reason,
        collected_at=COLLECTED,
    )


def speaking(*steps: Observation) -> Records:
    """Return records in which one finding names steps beside the evidence that it names."""

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        proof["observations"] = [*proof["observations"], *steps]
        finding = next(one for one in whole["findings"] if one["verdict"] == "not_met")
        finding["evidence"] = [*finding.get("evidence", ()), *(one.id for one in steps)]

    return build(change)


def test_two_steps_with_one_reason_are_a_gap_and_one_alone_is_none() -> None:
    context = context_of(speaking(left_out(1), left_out(2), left_out(3, "Another reason.")))
    (gap,) = gaps(context)
    assert (gap.label, gap.anchor, gap.reason, len(gap.steps)) == ("G1", "g-1", "Left to a full run.", 2)
    alone, together = evidence_of(context, [step.id for step in gap.steps])
    assert (alone, [link.text for link in together]) == ((), ["G1 (2)"])


def test_one_step_of_a_gap_is_named_by_its_id() -> None:
    steps = [left_out(1), left_out(2)]
    alone, together = evidence_of(context_of(speaking(*steps)), [steps[0].id])
    assert [link.text for link in alone] == [steps[0].id]
    assert together == ()


def test_a_finding_leads_to_the_gap_and_the_gap_back_to_the_finding() -> None:
    steps = [left_out(number) for number in range(3)]
    text = html_text(*speaking(*steps), disclosure_limit=LIMIT)
    assert 'Steps without a number: <a href="#g-1">G1 (3)</a>' in text
    row = text[text.index('<tr id="g-1">') :].split("</tr>")[0]
    assert all(f'<span id="e-{step.id}">' in row for step in steps)
    assert re.search(r'<a href="#r-[^"]+">', row)


def test_the_matrix_draws_articles_together_of_which_nothing_applies() -> None:
    made = build()
    context = context_of(made)
    shown = articles(context)
    aside = [article for article in shown if not article.has_section]
    drawn = rest(context, shown)
    assert drawn is not None
    assert drawn.names.replace("\u00a0", " ").split(" · ") == [f"{one.title}: {one.total}" for one in aside]
    assert int(drawn.n) == sum(int(article.total) for article in aside)
    text = html_text(*made, disclosure_limit=LIMIT)
    assert "None applies</a></th>" in text
    assert f"<b>None applies</b>: {drawn.names}</p>" in text
    assert rest(context, [article for article in shown if article.has_section]) is None
