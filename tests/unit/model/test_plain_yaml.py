"""The reader of plain YAML: what it reads, and what it refuses with the line."""

from __future__ import annotations

import pytest

from conformity.errors import CatalogError
from conformity.model.plain_yaml import read_plain_yaml


def test_reads_the_plain_part_of_yaml() -> None:
    text = """# a comment
head:
  day: 2026-07-27
words: [a, b/c.d]
none: []
rows:
  - id: one
    quoted: "a: \\"b\\" # c"

    folded: >-
      first line: of two
      and the second
  - id: two
plain:
  - just a text
  - >-
    folded in a list
"""
    assert read_plain_yaml(text, "x.yaml") == {
        "head": {"day": "2026-07-27"},
        "words": ["a", "b/c.d"],
        "none": [],
        "rows": [
            {"id": "one", "quoted": 'a: "b" # c', "folded": "first line: of two and the second"},
            {"id": "two"},
        ],
        "plain": ["just a text", "folded in a list"],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "line 1: nothing stands", id="empty"),
        pytest.param("a: 1\na: 2\n", "line 2: the field 'a' stands twice", id="twice"),
        pytest.param("a:\n", "line 1: a field has no value", id="no value at the end"),
        pytest.param("a:\nb: 1\n", "line 2: a field has no value", id="no value"),
        pytest.param("a: 1\n   b: 2\n", "line 2: the indentation", id="indentation"),
        pytest.param("  a: 1\n", "line 1: nothing stands", id="indented start"),
        pytest.param("a: b: c\n", "line 1: the text 'b: c' needs", id="colon"),
        pytest.param("a: &x b\n", "line 1: the text '&x b' needs", id="anchor"),
        pytest.param("a: *x\n", "line 1: the text '\\*x' needs", id="alias"),
        pytest.param("a: {b: c}\n", "line 1: the text '{b: c}' needs", id="flow mapping"),
        pytest.param("a: b # c\n", "line 1: the text 'b # c' needs", id="comment behind"),
        pytest.param('a: "b\n', "line 1: a quoted text does not end", id="open quote"),
        pytest.param("a: >-\nb: 1\n", "line 1: a folded text is empty", id="empty fold"),
        pytest.param("a: 1\njust words\n", "line 2: a field `name: value`", id="no field"),
        pytest.param("a: 1\n- b\n", "line 2: a field `name: value`", id="an item among fields"),
        pytest.param("- a\nb: 1\n", "line 2: the indentation", id="a field among items"),
        pytest.param("a: 1\nb: c: d\ne: 1\n", "line 2: the text 'c: d' needs", id="colon in the middle"),
        pytest.param("# one\na: b: c\n", "line 2: the text 'b: c' needs", id="colon after a comment"),
        pytest.param("- a\n- b: c: d\n- e\n", "line 2: the text 'c: d' needs", id="colon in a list"),
        pytest.param('a: 1\nb: "c\nd: 1\n', "line 2: a quoted text", id="open quote in the middle"),
        pytest.param("a: 1\nb: >-\nc: 1\n", "line 2: a folded text", id="empty fold in the middle"),
    ],
)
def test_refuses_the_rest_and_names_the_line(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=f"x.yaml, {message}"):
        read_plain_yaml(text, "x.yaml")
