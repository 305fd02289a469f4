"""Draft a manifest from profiles of data files: what can be told is guessed, marked and explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from conformity.engines.naming import words_of
from conformity.engines.profile import TableProfile
from conformity.errors import DataError
from conformity.intake.draft_columns import ColumnGuess, guess_columns
from conformity.intake.draft_hints import PURPOSES
from conformity.intake.draft_text import comment, in_quotes, inline, on_line, slug
from conformity.model.manifest import PLACEHOLDER

_HEAD = """\
# Drafted by `conformity init`. Read every line before you use it:
#   GUESS:    was told from names and values of the data; correct it and delete the mark
#   REPLACE:  only you can know it; an assessment lists what is left
conformity: 1

system:
  name: "{mark} the trade name"
  version: "{mark} the version that is assessed"
  intended_purpose: "{mark} what it is for, for whom, in which context (Art. 3(12))"
  # placed_on_market_on: 2026-01-31

provider:
  name: "{mark} the provider's name"
  address: "{mark} postal address"
  contact: "{mark} how to reach the provider about this assessment"

role: provider  # GUESS: whoever drafts a manifest provides the system; else deployer, importer, ...
"""

_TAIL = """\
# The documents you hand in. `conformity catalog` lists what each requirement asks for.
# exhibits:
#   - id: risk-management
#     title: "Risk management file"
#     path: documents/risk-management.pdf
#     dated: 2026-01-31
#     covers: [art9.1]

# Bounds that you fixed before testing, each with its reason (Art. 9(8)). Say for each subject when it
# came into being (produced_on): a bound must be older than what it judges. The Act sets no number:
# a bound is yours to choose and to defend.
# criteria:
#   - id: equal-selection
#     metric: disparate_impact_ratio
#     subject: {subject}
#     by: {by}
#     at_least: 0.8
#     requirements: [art10.2.f]
#     reason: "Why this bound, for this purpose. (0.8 is a US employment screening convention,
#       29 CFR 1607.4(D), and no rule of the Union.)"
#     owner: "Who fixed it"
#     fixed_at: 2026-01-31

# Statements by named people over exhibits; the digest is that of the file which the person saw.
# sign_offs:
#   - id: risk-management-reviewed
#     requirements: [art9.1]
#     over:
#       - {{exhibit: risk-management, sha256: "sha256:..."}}
#     statement: "What the person states"
#     by: {{name: "Who", function: "In which function"}}
#     signed_on: 2026-01-31
"""


@dataclass(frozen=True)
class Guess:
    """Something that a draft says and nobody has confirmed."""

    field: str
    """The field, such as ``subjects[0].columns[3].roles``."""
    value: str
    """What the draft says, as YAML."""
    reason: str
    """What it was told from."""


class Question(Protocol):
    """A question of the classification procedure, as far as a draft shows it."""

    @property
    def id(self) -> str:
        """Return its id."""
        ...

    @property
    def text(self) -> str:
        """Return what is asked."""
        ...

    @property
    def ref(self) -> str:
        """Return the provision it comes from."""
        ...


@dataclass(frozen=True)
class Draft:
    """A drafted manifest."""

    text: str
    """The commented YAML; it reads back without error."""
    guesses: tuple[Guess, ...]
    """Everything that is marked as a guess, in the order of the text."""


def draft_manifest(
    tables: Sequence[tuple[str, TableProfile]],
    questions: Sequence[Question] = (),
    *,
    schema: str | None = None,
) -> Draft:
    """Return a commented manifest for some data files, with all guesses marked.

    Nothing is said to be known that is not: what the data cannot tell is a text that begins with
    ``REPLACE:``, all questions are answered ``unknown``, and bounds are examples in comments.

    Args:
        tables: path relative to the manifest, and profile, of each file.
        questions: the questions of the classification procedure.
        schema: path or address of the manifest's JSON Schema, for editors; not mentioned when None.

    Raises:
        DataError: a table has no column that a manifest could name.
    """
    parts = _tables(tables)
    role = Guess("role", "provider", "whoever drafts a manifest provides the system")
    example = next((part for part in parts if part.groups), parts[0] if parts else _NO_TABLE)
    text = "\n".join(
        [
            *([f"# yaml-language-server: $schema={schema}", "#"] if schema else []),
            _HEAD.format(mark=f"{PLACEHOLDER}:"),
            *_questions(questions),
            "subjects:" if parts else "subjects: []",
            *(line for part in parts for line in part.lines),
            "",
            _TAIL.format(subject=example.id, by=inline(in_quotes(name) for name in example.groups)),
        ]
    )
    return Draft(text, (role, *(guess for part in parts for guess in part.guesses)))


@dataclass(frozen=True)
class _Part:
    """A drafted subject."""

    id: str
    """Its id."""
    lines: tuple[str, ...] = ()
    """Its lines."""
    guesses: tuple[Guess, ...] = ()
    """What is guessed in them."""
    groups: tuple[str, ...] = ()
    """The columns that form groups."""


_NO_TABLE = _Part("test-data")


def _tables(tables: Sequence[tuple[str, TableProfile]]) -> tuple[_Part, ...]:
    """Return the drafted subjects, each with an id of its own."""
    parts: list[_Part] = []
    for index, (path, profile) in enumerate(tables):
        subject_id = slug(PurePosixPath(path).stem, [part.id for part in parts])
        parts.append(_table(index, subject_id, path, profile))
    return tuple(parts)


def _table(index: int, subject_id: str, path: str, profile: TableProfile) -> _Part:
    """Return one drafted subject.

    Raises:
        DataError: the table has no column that a manifest could name.
    """
    columns = guess_columns(profile)
    if not columns:
        raise DataError(f"{path} has no column with a name; name its columns in the file")
    purpose, reason = _purpose(path, columns)
    lines = [*_table_head(subject_id, path, purpose, reason), *_left_out(profile, columns)]
    guesses = [Guess(f"subjects[{index}].purpose", purpose, reason)]
    for number, column in enumerate(columns):
        lines += _column(column)
        guesses += _column_guesses(column, f"subjects[{index}].columns[{number}]")
    groups = tuple(column.name for column in columns if "protected" in column.roles)
    return _Part(subject_id, tuple(lines), tuple(guesses), groups)


def _questions(questions: Sequence[Question]) -> list[str]:
    """Return the lines of the classification, every answer unknown."""
    if not questions:
        return []
    lines = comment(
        "What kind of system it is (Art. 2, 3, 5, 6, 50). Answer yes, no or unknown, and say why in "
        "`because`. As long as an answer is unknown, what depends on it stays open."
    )
    lines.append("classification:")
    for question in questions:
        lines += comment(f"{question.text} ({question.ref})", indent=2)
        lines.append(f"  - question: {in_quotes(question.id)}")
        lines.append("    answer: unknown")
    return [*lines, ""]


def _table_head(subject_id: str, path: str, purpose: str, reason: str) -> list[str]:
    """Return the lines of a table up to its columns."""
    return [
        f"  - id: {in_quotes(subject_id)}",
        "    kind: table",
        f"    title: {in_quotes(PurePosixPath(path).name[:200] or 'Data')}",
        f"    path: {in_quotes(path)}",
        f"    purpose: {purpose}  # GUESS: {reason}",
        '    # source: "where the data come from, and under which licence"',
        "    # produced_on: 2026-01-31  # bounds must have been fixed before (Art. 9(8))",
        "    columns:",
    ]


def _left_out(profile: TableProfile, columns: Sequence[ColumnGuess]) -> list[str]:
    """Return a comment on columns that the draft cannot name."""
    missing = len(profile.columns) - len(columns)
    if not missing:
        return []
    return comment(
        f"{missing} of the file's columns have no usable name of their own and are left out.", indent=6
    )


def _purpose(path: str, columns: Sequence[ColumnGuess]) -> tuple[str, str]:
    """Return what the data seem to be used for, and why."""
    words = words_of(PurePosixPath(path).stem)
    for purpose, hints in PURPOSES.items():
        for word in words:
            if word in hints:
                return purpose, f"the file's name says {word}"
    if any("prediction" in column.roles for column in columns):
        return "testing", "it holds predictions"
    return "training", "nothing in it tells; it holds no predictions"


def _column(column: ColumnGuess) -> list[str]:
    """Return the lines of one column."""
    roles = inline(column.roles)
    mark = on_line("GUESS: " + "; ".join(column.reasons))
    if not (column.positive or column.edges):
        return [f"      - {{name: {in_quotes(column.name)}, roles: {roles}}}{mark}"]
    lines = [f"      - name: {in_quotes(column.name)}", f"        roles: {roles}{mark}"]
    if column.positive:
        lines.append(f"        positive: {_values(column, column.positive)}{_outcome_mark(column)}")
        lines.append(f"        negative: {_values(column, column.negative)}  # GUESS: the other value")
    if column.edges:
        edges = inline(f"{edge:g}" for edge in column.edges)
        lines.append(f"        edges: {edges}  # GUESS: where age groups begin; choose your own")
    return lines


def _outcome_mark(column: ColumnGuess) -> str:
    """Return the comment on which value is favourable."""
    return on_line(f"GUESS: the favourable outcome; {column.outcome_reason}")


def _values(column: ColumnGuess, values: Sequence[str]) -> str:
    """Return outcome values as YAML: whole numbers bare, everything else in quotes."""
    return inline(values if column.whole_numbers else [in_quotes(value) for value in values])


def _column_guesses(column: ColumnGuess, field: str) -> list[Guess]:
    """Return what is guessed about one column."""
    found = [Guess(f"{field}.roles", inline(column.roles), "; ".join(column.reasons))]
    if column.positive:
        found.append(Guess(f"{field}.positive", _values(column, column.positive), column.outcome_reason))
        found.append(Guess(f"{field}.negative", _values(column, column.negative), "the other value"))
    if column.edges:
        edges = inline(f"{edge:g}" for edge in column.edges)
        found.append(Guess(f"{field}.edges", edges, "where age groups begin"))
    return found
