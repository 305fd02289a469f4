"""What the tool says is found in its code and data, and catalogues keep the work of translators."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.pipeline.messages.data import Message, all_messages, word_leaves
from conformity.pipeline.messages.po import expanded, merged_bytes, template_bytes, written
from conformity.pipeline.messages.sources import is_prose, messages_of, trimmed

CODE = '''
"""A docstring is no message."""
from typing import cast
import re
CHOICE = {"met": "It keeps the bound.", "key": "snake_case_key"}
PATTERN = re.compile(r"two words")
def _(table, names, few, day, x):
    """Nor is this one."""
    assert names, "this is for programmers"
    cast("list[str]", x)
    words("Gemm MatMul"), x.words(".onnx .pb")
    if few:
        raise NotMeasurableError(f"{table.id} has no rows")
    if x:
        raise ValueError("an error for programmers")
    if day:
        raise
    yield f"No column of {table.id} has the role {', '.join(names)}; name one."
    yield f"It {'keeps' if few else 'misses'} the bound of {table.id} and {table.id}."
    yield f"{x} {few}"
    yield f"{x}. Nothing was looked at."
    yield ", blanks counted both ways"
    yield said("positive"), said("{name}, on {day}", name=x, day=day), "positive"
    yield f"{few(x, 'a') or 3} rows and {'one' if few else x} more"
    yield "SELECT two FROM words", 3, b"two words", f"{x if few else day} rows"
    yield (
        f"a {'b' if few else f'{day} c'} d {'e' if day else 'f'} "
        f"g {'h' if x else 'i'} j {'k' if few else 'l'} more words"
    )
    yield f"{x.name} rows of {few.name} and {x.y.name} and {few.y.name} again", 4
    if x:
        raise table.error("some words are there")
    return "Binds."
'''


def texts(path: Path, *, heads: bool = False) -> set[str]:
    """Return the messages of a module."""
    return {text for _, text in messages_of(path, heads=heads)}


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """Return a module that says things."""
    path = tmp_path / "module.py"
    path.write_text(CODE, "utf-8")
    return path


def test_sentences_of_code_are_messages_and_nothing_else_is(module: Path) -> None:
    assert {text for text in texts(module) if not text.startswith("a ")} == {
        "It keeps the bound.",
        "{table_id} has no rows",
        "No column of {table_id} has the role {names}; name one.",
        "It keeps the bound of {table_id} and {table_id}.",
        "It misses the bound of {table_id} and {table_id}.",
        "Nothing was looked at.",
        "blanks counted both ways",
        "positive",
        "{name}, on {day}",
        "{x_name} rows of {few_name} and {y_name} and {y_name_2} again",
        "{x_few} rows and one more",
        "{x_few} rows and {x} more",
        "{x_few} rows",
    }


def test_heads_of_tables_are_single_words_where_there_are_any(module: Path) -> None:
    assert texts(module, heads=True) - texts(module) == {"Binds."}


def test_many_choices_in_one_sentence_are_cut_off(module: Path) -> None:
    assert len([text for text in texts(module) if text.startswith("a ")]) == 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("two words", True),
        ("{n} rows", True),
        ("{low} to {high}", False),
        ("On {day}", True),
        ("word", False),
        ("one_key two", False),
        ("a name such as one_key in a long sentence", True),
        ("x | y of z", False),
        ("# a comment", False),
        ("import time; time.sleep(60)", False),
    ],
)
def test_prose_is_told_from_keys_and_patterns(text: str, told: bool) -> None:
    assert is_prose(text) is told


def test_what_joins_a_sentence_to_another_is_no_part_of_it() -> None:
    assert trimmed(" {why} It binds. {then}") == "It binds."
    assert trimmed("{name} has no rows") == "{name} has no rows"


def test_fixed_words_are_found_by_their_place() -> None:
    words = {"a": {"b": "two {n}", "dash": "—"}, "c": ["x1", "yes"]}
    assert list(word_leaves(words)) == [("a.b", "two {n}"), ("c.1", "yes")]


def _tree(root: Path) -> None:
    """Write a small source tree."""
    (root / "templates" / "locale").mkdir(parents=True)
    (root / "templates" / "locale" / "en.json").write_text('{"s": {"n_one": "a row", "n_other": "{n} rows"}}')
    law = root / "conformity" / "catalog" / "data"
    law.mkdir(parents=True)
    (law / "one.yaml").write_text("rows:\n  - id: x1\n    title: Duty\n    hand_in:\n      - The plan.\n")
    (law / "risk_register.yaml").write_text("rows:\n  - asks: Harm.\n    marks: [fairness]\n")
    (law / "profiles.yaml").write_text("rows:\n  - title: Not shown\n")
    probe = root / "conformity" / "probes" / "a" / "b"
    probe.mkdir(parents=True)
    (probe / "probe.yaml").write_text("id: a/b\nquestion: How many?\nsources:\n  - A paper\n")
    (probe / "probe.py").write_text('X = "The plan."\nY = "More words."\n')
    (root / "conformity" / "probes" / "registry.py").write_text('W = "An error for maintainers."\n')
    (root / "conformity" / "plan.py").write_text('Z = f"{a} rows left"\n')


def test_messages_come_from_words_law_probes_and_code_each_text_once(tmp_path: Path) -> None:
    _tree(tmp_path)
    found = all_messages(tmp_path)
    assert [(one.context, one.text) for one in found] == [
        ("s.n_one", "a row"),
        ("s.n_other", "{n} rows"),
        (None, "Duty"),
        (None, "The plan."),
        (None, "Harm."),
        (None, "How many?"),
        (None, "{a} rows left"),
        (None, "More words."),
    ]
    assert found[3].where == ("conformity/catalog/data/one.yaml", "conformity/probes/a/b/probe.py")


def test_a_catalogue_keeps_what_was_translated_and_what_is_gone_becomes_obsolete(tmp_path: Path) -> None:
    path = tmp_path / "de.po"
    first = [Message("Old.", ("a.py",)), Message("Stays at 5 % of it.", ("a.py",)), Message("x", (), "k.x")]
    never = Message("Never done.", ("a.py",))
    path.write_bytes(merged_bytes([*first, never], path))
    done = path.read_text("utf-8")
    for text in ("Old.", "Stays at 5 % of it.", "x"):
        done = done.replace(f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\nmsgstr "T {text}"')
    path.write_text(done, "utf-8")
    path.write_bytes(merged_bytes([*first[1:], Message("New.", ("b.py",))], path))
    merged = path.read_text("utf-8")
    assert 'msgid "Stays at 5 % of it."\nmsgstr "T Stays at 5 % of it."' in merged
    assert 'msgctxt "k.x"\nmsgid "x"\nmsgstr "T x"' in merged
    assert 'msgid "New."\nmsgstr ""' in merged
    assert '#~ msgid "Old."' in merged
    assert "Never done." not in merged
    assert "fuzzy" not in merged
    assert "python-format" not in merged
    again = [*first[1:], Message("New.", ("b.py",))]
    assert merged_bytes(again, path) == path.read_bytes()
    back = merged_bytes([*again, first[0]], path).decode("utf-8")
    assert '\nmsgid "Old."\nmsgstr "T Old."' in back
    assert "#~" not in back


def test_languages_with_more_forms_of_plural_get_them(tmp_path: Path) -> None:
    messages = [Message("a row", ("w",), "s.n_one"), Message("{n} rows", ("w",), "s.n_other")]
    assert [one.context for one in expanded(messages, "pl")] == [
        "s.n_one",
        "s.n_other",
        "s.n_few",
        "s.n_many",
    ]
    assert list(expanded(messages, "de")) == messages


def test_template_and_catalogues_are_written_together(tmp_path: Path) -> None:
    _tree(tmp_path)
    path = tmp_path / "templates" / "locale" / "de.po"
    path.write_bytes(merged_bytes([], path))
    files = written(tmp_path)
    assert set(files) == {path, path.with_name("messages.pot")}
    assert files[path.with_name("messages.pot")] == template_bytes(all_messages(tmp_path))
    assert b'msgid "How many?"' in files[path]
