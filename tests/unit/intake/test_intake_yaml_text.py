"""YAML becomes plain data with places, and nothing that could grow or run gets through."""

from __future__ import annotations

import time

import pytest

from conformity.intake.yaml_text import MAX_DEPTH, Spot, YamlProblemError, dotted, parse


def test_data_and_places_of_every_kind_of_node() -> None:
    tree = parse("a: 1\nb:\n- x\n- {c: 'two\n   lines', d: [true]}\n\"e f\": |\n  text\ng:\n")
    assert tree.data == {
        "a": 1,
        "b": ["x", {"c": "two lines", "d": [True]}],
        "e f": "text\n",
        "g": None,
    }
    assert tree.spots[()] == Spot(1, 1)
    assert tree.spots[("a",)] == Spot(1, 1, end=4)
    assert tree.spots[("b",)] == Spot(2, 1)
    assert tree.spots[("b", 1)] == Spot(4, 3)
    assert tree.spots[("b", 1, "c")] == Spot(4, 4)
    assert tree.spots[("b", 1, "d", 0)] == Spot(5, 16, end=42)
    assert tree.spots[("e f",)] == Spot(6, 1)
    assert tree.spots[("g",)] == Spot(8, 1)


def test_a_scalar_alone_is_a_document() -> None:
    assert parse("hello").data == "hello"
    assert parse("# nothing\n").data is None


def test_paths_are_written_as_people_write_them() -> None:
    assert dotted(("subjects", 0, "columns", 2, "name")) == "subjects[0].columns[2].name"
    assert dotted(()) == ""
    assert dotted(("a\n::error::b", "c\x1b")) == r"a\n::error::b.c\x1b"


@pytest.mark.parametrize(
    ("name", "text", "line", "column", "part"),
    [
        ("alias", "a: *x", 1, 4, "alias *x"),
        ("anchor on text", "a: &x 1", 1, 4, "anchor &x"),
        ("anchor on list", "a: &x [1]", 1, 4, "anchor &x"),
        ("anchor on mapping", "a: &x {b: 1}", 1, 4, "anchor &x"),
        ("merge key", "a: 1\n<<: {b: 1}", 2, 1, "merge keys"),
        ("python tag", "a: !!python/object/apply:os.system [x]", 1, 4, "tag "),
        ("text tag", "a: !!str 1", 1, 4, "tag "),
        ("second document", "a: 1\n---\nb: 1", 2, 1, "second document"),
        ("version", "%YAML 1.1\n---\na: 1", 2, 1, "%YAML"),
        ("twice", "a: 1\nb: 2\na: 3", 3, 1, "'a' is already set in line 1"),
        ("twice in quotes", 'x: {a: 1, "a": 2}', 1, 11, "already set in line 1"),
        ("list as key", "? [a]\n: 1", 1, 3, "must be text"),
        ("mapping as key", "? {a: 1}\n: 1", 1, 3, "must be text"),
        ("tab as indent", "a:\n\tb: 1", 2, 1, "a tab stands"),
        ("colon in text", "a: b: c", 1, 5, "second colon"),
        ("at sign", "a: @x", 1, 4, "put the text in quotes"),
        ("open bracket", "a: [1", 1, 6, "check indents, quotes and brackets"),
        ("open quote", "a: 'x", 1, 6, "check indents, quotes and brackets"),
        ("bad escape", 'a: "\\z"', 1, 6, "not valid YAML"),
        ("control character", "a: 1\nb: \x01", 2, 4, "U+0001"),
        ("surrogate", 'a: "\\ud800"', 1, 4, "cannot be stored"),
        ("nul", 'a: "\\0"', 1, 4, "cannot be stored"),
        ("surrogate as key", '"\\udfff": 1', 1, 1, "cannot be stored"),
        ("not a number", "a: .nan", 1, 4, "not a finite number"),
    ],
)
def test_what_no_manifest_may_use_is_refused_at_its_place(
    name: str, text: str, line: int, column: int, part: str
) -> None:
    with pytest.raises(YamlProblemError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert part in caught.value.text


def test_depth_is_bounded_below_at_and_above() -> None:
    def nested(depth: int) -> str:
        return "[" * depth + "]" * depth

    for depth in (MAX_DEPTH - 1, MAX_DEPTH):
        assert len(parse(nested(depth)).spots) == depth
    with pytest.raises(YamlProblemError, match="nest more than 20 deep"):
        parse(nested(MAX_DEPTH + 1))


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b]\n",
        "[" * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "{a: " * 100_000,
    ],
    ids=["aliases", "lists", "dashes", "keys", "mappings"],
)
def test_bombs_are_refused_at_once(bomb: str) -> None:
    began = time.process_time()
    with pytest.raises(YamlProblemError):
        parse(bomb)
    assert time.process_time() - began < 5
