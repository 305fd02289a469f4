"""What stands below a field: found in its source, in classes of every place, and given to schemas."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from pydantic import Field, create_model
from pydantic.json_schema import SkipJsonSchema

from conformity.model.base import Value
from conformity.model.field_texts import field_texts


class _Outer(Value):
    """A record."""

    first: int
    """The first, which
    takes two lines."""

    class Inner(Value):
        """A record inside."""

        deep: int
        """Deep inside."""

    second: int = Field(default=0, description="Said where it is declared.")
    """Not this."""
    third: int

    @property
    def shown(self) -> str:
        """Not a field."""
        return "shown"


class _Heir(_Outer):
    """A record with more."""

    third: int
    """The third."""


def test_texts_are_those_of_the_class_and_of_what_it_inherits_from() -> None:
    assert field_texts(_Outer.Inner) == {"deep": "Deep inside."}
    assert field_texts(_Outer) == {"first": "The first, which\ntakes two lines.", "second": "Not this."}
    assert field_texts(_Heir) == {**field_texts(_Outer), "third": "The third."}


def test_a_description_that_is_given_comes_before_the_text() -> None:
    properties = _Heir.model_json_schema()["properties"]
    assert properties["first"]["description"] == "The first, which\ntakes two lines."
    assert properties["second"]["description"] == "Said where it is declared."
    assert properties["third"]["description"] == "The third."


def test_a_class_without_a_source_has_no_texts() -> None:
    made = create_model("Made", __base__=Value, __module__="nowhere", one=(int, ...))
    assert field_texts(made) == {}
    assert made.model_json_schema()["properties"]["one"] == {"title": "One", "type": "integer"}


def test_only_a_text_below_a_field_is_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = """
class Odd:
    class Part:
        pass
    Part.size: int = 1
    'It is below what is no field of the class.'
    one: int = 1
    ...
    two: int = 2
    len('')
    three: int = 3
    'The third.'
"""
    (tmp_path / "module_of_odd_fields.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    odd = importlib.import_module("module_of_odd_fields")
    assert field_texts(odd.Odd) == {"three": "The third."}


def test_a_field_that_schemas_leave_out_is_left_out() -> None:
    class Kept(Value):
        """A record."""

        shown: int
        """It is shown."""
        hidden: SkipJsonSchema[int]
        """It is not."""

    properties = Kept.model_json_schema()["properties"]
    assert {name: one["description"] for name, one in properties.items()} == {"shown": "It is shown."}
