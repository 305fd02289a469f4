"""Sentences with names in them."""

from __future__ import annotations

from conformity.model.said import said


def test_names_are_put_into_the_template() -> None:
    assert said("{name}, on {day}", name="A", day=3) == "A, on 3"


def test_a_text_without_names_is_taken_as_it_is() -> None:
    assert said("braces { stay") == "braces { stay"


def test_what_is_put_in_is_not_read_as_a_template() -> None:
    assert said("It is {what}.", what="{odd}") == "It is {odd}."
