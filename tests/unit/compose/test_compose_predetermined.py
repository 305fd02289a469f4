"""Changes determined in advance stand in the technical documentation, in the provider's own words."""

from __future__ import annotations

from conformity.compose.technical_documentation import compose
from conformity.model.document import Paragraph
from tests.support.assessments import table
from tests.support.composed import items, material

RANGES = (
    {"metric": "accuracy", "subject": "test", "at_least": 0.79},
    {"metric": "selection_rate", "subject": "test", "by": ("SEX",), "group": ("f",), "at_most": 0.9},
)


def test_declared_changes_are_described_with_their_ranges() -> None:
    change = {"id": "monthly", "description": "Trained anew each month.", "ranges": RANGES}
    made = compose(material("technical_documentation", subjects=(table(),), predetermined_changes=(change,)))
    content = items(made)["annexIV.2.f"].content
    texts = [one.text for one in content if isinstance(one, Paragraph) and one.origin == "provider"]
    assert texts == [
        "monthly: Trained anew each month.",
        "monthly: accuracy (test) >= 0.79",
        "monthly: selection_rate (test, SEX, f) <= 0.9",
    ]
    # A description alone settles nothing: the plan for the changes is still to be handed in.
    assert items(made)["annexIV.2.f"].status != "filled"


def test_without_declared_changes_nothing_is_said_of_them() -> None:
    made = compose(material("technical_documentation"))
    texts = [one.text for one in items(made)["annexIV.2.f"].content if isinstance(one, Paragraph)]
    assert not any("monthly" in text for text in texts)
