"""A drafted manifest reads back, marks every guess and claims nothing that the data cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.engines.naming import words_of
from conformity.engines.profile import ColumnProfile, TableProfile
from conformity.errors import DataError
from conformity.intake.draft import Draft, draft_manifest
from conformity.intake.draft_text import comment, in_quotes, slug
from conformity.intake.loaded import LoadedManifest
from conformity.intake.manifest import parse_manifest
from conformity.intake.placeholders import placeholders
from conformity.model.subject import TableSubject


@dataclass(frozen=True)
class Asked:
    """A question of the classification procedure."""

    id: str
    text: str
    ref: str


def _column(name: str, kind: str = "text", distinct: int = 2, **more: object) -> ColumnProfile:
    return ColumnProfile.model_validate(
        {"name": name, "kind": kind, "missing": 0, "distinct": distinct, **more}
    )


def _binary(name: str, first: str = "0", second: str = "1", kind: str = "integer") -> ColumnProfile:
    return _column(name, kind, 2, top=((first, 700), (second, 300)), minimum=0, maximum=1)


def _read(draft: Draft) -> LoadedManifest:
    return parse_manifest(draft.text.encode(), name="conformity.yaml", folder=Path("/nowhere"))


def _table_of(draft: Draft) -> TableSubject:
    subject = _read(draft).manifest.subjects[0]
    assert isinstance(subject, TableSubject)
    return subject


CREDIT = TableProfile(
    rows=30_000,
    columns=(
        _column("ID", "integer", 30_000, minimum=1, maximum=30_000),
        _column("LIMIT_BAL", "number", 81, minimum=1e4, maximum=1e6),
        _column("SEX", "integer", 2, minimum=1, maximum=2, top=(("2", 18_112), ("1", 11_888))),
        _column("AGE", "integer", 56, minimum=21, maximum=79),
        _binary("default payment next month"),
        _binary("prediction"),
        _column("score", "number", 29_000, minimum=0.01, maximum=0.99),
    ),
)


def test_a_draft_reads_back_with_the_guessed_roles() -> None:
    table = _table_of(draft_manifest([("data/credit test.csv", CREDIT)]))
    assert {column.name: column.roles for column in table.columns} == {
        "ID": ("direct_identifier",),
        "LIMIT_BAL": ("feature",),
        "SEX": ("protected", "quasi_identifier"),
        "AGE": ("protected", "quasi_identifier"),
        "default payment next month": ("label",),
        "prediction": ("prediction",),
        "score": ("score",),
    }
    assert (table.id, table.path, table.title) == ("credit-test", "data/credit test.csv", "credit test.csv")
    assert table.purpose == "testing"
    assert table.columns[3].edges == (30, 45, 60)
    assert (table.columns[4].positive, table.columns[4].negative) == ((0,), (1,))
    assert (table.columns[5].positive, table.columns[5].negative) == ((0,), (1,))


def test_every_guess_stands_in_the_text_with_its_mark_and_reason() -> None:
    draft = draft_manifest([("data/credit test.csv", CREDIT)])
    marked = [line for line in draft.text.splitlines() if "  # GUESS: " in line]
    assert len(marked) == len(draft.guesses) == 14
    for line, guess in zip(marked, draft.guesses, strict=True):
        assert guess.value in line
        assert guess.reason.split(";")[0] in line
    fields = [guess.field for guess in draft.guesses]
    assert fields[:3] == ["role", "subjects[0].purpose", "subjects[0].columns[0].roles"]
    assert "subjects[0].columns[4].positive" in fields
    assert "subjects[0].columns[3].edges" in fields


def test_every_column_line_is_marked() -> None:
    draft = draft_manifest([("a.csv", CREDIT)])
    assert all("# GUESS: " in line for line in draft.text.splitlines() if "roles: [" in line)
    assert all("# GUESS: " in line for line in draft.text.splitlines() if "positive: [" in line)


def test_what_only_a_person_knows_is_left_open() -> None:
    draft = draft_manifest([("a.csv", CREDIT)], [Asked("ai_system", "Is it an AI system?", "Art. 3(1)")])
    loaded = _read(draft)
    assert placeholders(loaded.manifest) == (
        "system.name",
        "system.version",
        "system.intended_purpose",
        "provider.name",
        "provider.address",
        "provider.contact",
    )
    assert [(a.question, a.answer, a.because) for a in loaded.manifest.classification] == [
        ("ai_system", "unknown", None)
    ]
    assert "  # Is it an AI system? (Art. 3(1))\n" in draft.text
    for part in ("criteria", "exhibits", "sign_offs"):
        assert getattr(loaded.manifest, part) == ()
    assert loaded.manifest.subjects[0].produced_on is None


def test_placeholders_are_found_in_lists_and_gone_when_filled_in() -> None:
    draft = draft_manifest([("a.csv", CREDIT)])
    text = draft.text.replace("REPLACE:", "filled:").replace("a.csv", "REPLACE me")
    loaded = parse_manifest(text.encode(), name="c.yaml", folder=Path("/nowhere"))
    assert placeholders(loaded.manifest) == ("subjects[0].title", "subjects[0].path")


def test_the_commented_examples_are_a_valid_manifest_when_uncommented() -> None:
    text = draft_manifest([("a.csv", CREDIT)]).text
    head, tail = text.split("# The documents you hand in.")
    lines = [
        line[2:] if line.startswith(("# exhibits", "# criteria", "# sign_offs", "#  ")) else line
        for line in ("# The documents you hand in." + tail).splitlines()
    ]
    uncommented = head + "\n".join(lines).replace("sha256:...", "sha256:" + "0" * 64) + "\n"
    loaded = parse_manifest(uncommented.encode(), name="c.yaml", folder=Path("/nowhere"))
    assert loaded.manifest.criteria[0].by == ("SEX", "AGE")
    assert loaded.manifest.criteria[0].subject == "a"
    assert len(loaded.manifest.exhibits) == len(loaded.manifest.sign_offs) == 1


def test_editors_find_the_schema() -> None:
    draft = draft_manifest([], schema="schemas/manifest.schema.json")
    assert draft.text.startswith("# yaml-language-server: $schema=schemas/manifest.schema.json\n")
    assert "$schema" not in draft_manifest([]).text
    assert _read(draft).manifest.subjects == ()


def test_several_files_get_ids_of_their_own() -> None:
    one = TableProfile(rows=1, columns=(_column("a"),))
    draft = draft_manifest([("x/Train Set.csv", one), ("y/train_set.parquet", one), ("***.csv", one)])
    subjects = _read(draft).manifest.subjects
    assert [subject.id for subject in subjects] == ["train-set", "train-set-2", "data"]
    assert "by: []" in draft.text


def test_the_example_groups_by_the_first_table_that_has_groups() -> None:
    plain = TableProfile(rows=1, columns=(_column("a"),))
    other = TableProfile(rows=9, columns=(_column("religion"),))
    draft = draft_manifest([("p.csv", plain), ("a.csv", CREDIT), ("b.csv", other)])
    assert '#     subject: a\n#     by: ["SEX", "AGE"]\n' in draft.text


@pytest.mark.parametrize(
    ("path", "prediction", "purpose"),
    [
        ("train.csv", False, "training"),
        ("my_validation.csv", False, "validation"),
        ("Holdout-2026.parquet", False, "testing"),
        ("prod/live.csv", False, "operation"),
        ("people.csv", True, "testing"),
        ("people.csv", False, "training"),
    ],
)
def test_the_purpose_is_told_from_the_name_or_from_predictions(
    path: str, prediction: bool, purpose: str
) -> None:
    columns = (_column("a"), *([_binary("y_pred")] if prediction else []))
    draft = draft_manifest([(path, TableProfile(rows=9, columns=columns))])
    assert _table_of(draft).purpose == purpose


def test_columns_without_a_usable_name_are_left_out_and_counted() -> None:
    columns = (_column(""), _column("a"), _column("a"), _column("b\0"), _column("\ud800"))
    draft = draft_manifest([("a.csv", TableProfile(rows=9, columns=columns))])
    assert [column.name for column in _table_of(draft).columns] == ["a"]
    assert "# 4 of the file's columns have no usable name" in draft.text


def test_a_table_without_any_named_column_is_refused() -> None:
    with pytest.raises(DataError, match=r"a\.csv has no column with a name; name its columns"):
        draft_manifest([("a.csv", TableProfile(rows=9, columns=(_column(""),)))])


@pytest.mark.parametrize(
    ("values", "kind", "written"),
    [
        (("0", "1"), "integer", (1,)),
        (("-1", "1"), "integer", (1,)),
        (("00", "01"), "integer", ("01",)),
        (("0.0", "1.0"), "number", ("1.0",)),
        (("false", "true"), "boolean", ("true",)),
        (("no", "yes"), "text", ("yes",)),
        (("0", "12345678901234567890"), "integer", ("12345678901234567890",)),
    ],
)
def test_outcome_values_are_written_so_that_they_compare(
    values: tuple[str, str], kind: str, written: tuple[object, ...]
) -> None:
    column = _binary("label", *values, kind)
    table = _table_of(draft_manifest([("a.csv", TableProfile(rows=9, columns=(column,)))]))
    assert table.columns[0].positive == written
    assert type(table.columns[0].positive[0]) is type(written[0])


HOSTILE = [
    '"; DROP TABLE people; --',
    "it's: {a, [b]} # c",
    "line\nbreak\r\n\ttab",
    "- dash",
    "? key",
    "yes",
    "null",
    "1e3",
    "0x10",
    "&anchor *alias !tag",
    "%directive",
    "😀 ё \u2028 \x85 \ufeff \xa0",
    " ",
    "\\",
    "x" * 5000,
]


def test_hostile_names_survive() -> None:
    profile = TableProfile(rows=9, columns=tuple(_column(name) for name in HOSTILE))
    draft = draft_manifest([("a.csv", profile)])
    assert [column.name for column in _table_of(draft).columns] == HOSTILE


def test_a_folder_without_a_name_gets_a_title() -> None:
    """The folder itself is handed in as a dot."""
    table = _table_of(draft_manifest([(".", TableProfile(rows=9, columns=(_column("a"),)))]))
    assert (table.title, table.path) == ("Data", ".")


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
WORDS = st.sampled_from(["sex", "age", "label", "prediction", "score", "email", "id", "zip", "default"])


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(NAMES | WORDS, min_size=1, max_size=8, unique=True),
    values=st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]),
    path=NAMES.filter(lambda text: text.strip() == text),
    kind=st.sampled_from(["integer", "number", "text", "boolean"]),
)
def test_any_names_and_values_survive_draft_and_reading(
    names: list[str], values: tuple[str, str], path: str, kind: str
) -> None:
    columns = tuple(_binary(name, *values, kind) for name in names)
    table = _table_of(draft_manifest([(path, TableProfile(rows=1000, columns=columns))]))
    assert [column.name for column in table.columns] == names
    assert table.path == path
    for column in table.columns:
        if column.positive:
            assert {str(v) for v in column.positive + column.negative} == set(values)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_comments_stay_comments(text: str) -> None:
    assert all(line.startswith("  # ") and line.isprintable() for line in comment(text, indent=2))


def test_words_quotes_and_ids() -> None:
    assert words_of("Straße_2") == ("strasse", "2")
    assert in_quotes('a"\\\n\U000e0001') == '"a\\"\\\\\\x0A\\U000E0001"'
    assert slug("x" * 80, ()) == "x" * 50
    assert slug("日本", {"data"}) == "data-2"
