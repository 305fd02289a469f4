"""Answers are filled into a manifest where they belong, and nothing else changes."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformity.intake.yaml_text import parse
from conformity.pipeline.filling import fillable, filled

TEXT = """\
# The name stays: name: x
system:
  name: "REPLACE: the trade name"  # yours
  version: REPLACE
provider: {name: 'REPLACE: who', contact: me}
classification:
  # Is it one?
  - question: "ai_system"
    answer: unknown
  - {question: union_link, answer: unknown}
long: >
  folded
  text
"""


def test_fields_on_one_line_can_be_filled() -> None:
    found = fillable(TEXT)
    assert {"system.name", "system.version", "provider.name", "classification[0].answer"} <= found
    assert not {"system", "long", "classification[0]", ""} & found
    assert fillable("a: [") == frozenset()


def test_answers_stand_in_their_places_and_the_rest_stays() -> None:
    text = filled(
        TEXT,
        {
            "system.name": 'A "quoted": # name',
            "provider.name": "Ä & Co",
            "classification[0].answer": "yes",
            "classification[1].answer": "no",
            "nothing.here": "x",
        },
        {
            "classification[0].answer": ("annexIII.5.b", "annexIII.1.a"),
            "classification[1].answer": ("art2.3",),
        },
    )
    assert text == (
        TEXT.replace('"REPLACE: the trade name"', '"A \\"quoted\\": # name"')
        .replace("'REPLACE: who'", '"Ä & Co"')
        .replace("answer: unknown\n", 'answer: "yes"\n    points: ["annexIII.5.b", "annexIII.1.a"]\n')
        .replace("answer: unknown}", 'answer: "no", points: ["art2.3"]}')
    )


def test_a_text_that_cannot_be_read_stays_as_it_is() -> None:
    assert filled("a: [", {"a": "x"}) == "a: ["


@settings(max_examples=40)
@example("a\u2028b\x85c")
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_whatever_is_filled_in_is_what_is_read(value: str) -> None:
    read = parse(filled(TEXT, {"system.name": value})).data
    assert read["system"]["name"] == value
    assert read["provider"] == {"name": "REPLACE: who", "contact": "me"}
