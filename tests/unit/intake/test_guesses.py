"""Guesses that a manifest still marks are found at their fields, whatever names and texts hold."""

from __future__ import annotations

from conformity.intake.guesses import MarkedGuess, marked_guesses
from conformity.intake.yaml_text import parse

TEXT = """\
conformity: 1
role: provider  # GUESS: whoever drafts it
# GUESS: a comment alone marks nothing
subjects:
  - id: "x"
    title: 'it''s # GUESS: no mark'
    columns:
      - {name: "a \\" # GUESS: evil", roles: [protected]}  # GUESS: called "a # GUESS: evil"
      - name: age  # sure
        roles: [protected, quasi_identifier]  #GUESS: the name says age
"""


def test_guesses_are_found_at_their_fields() -> None:
    assert marked_guesses(TEXT, parse(TEXT)) == (
        MarkedGuess(("role",), "provider", "whoever drafts it"),
        MarkedGuess(("subjects", 0, "columns", 0, "roles"), '["protected"]', 'called "a # GUESS: evil"'),
        MarkedGuess(
            ("subjects", 0, "columns", 1, "roles"), '["protected", "quasi_identifier"]', "the name says age"
        ),
    )


def test_lines_are_counted_as_yaml_does() -> None:
    text = "a: 1\r\nb: 2\rc: x  # GUESS: third\n"
    assert marked_guesses(text, parse(text)) == (MarkedGuess(("c",), "x", "third"),)
