"""The first fault of a record, in words that hold nothing of its values."""

from __future__ import annotations

from typing import Self

import pytest
from pydantic import ValidationError, model_validator

from conformity.model.base import Value
from conformity.model.faults import first_fault


class _Part(Value):
    """A part of a record."""

    size: int


class _Record(Value):
    """A record with parts."""

    parts: tuple[_Part, ...]

    @model_validator(mode="after")
    def _some(self) -> Self:
        """Refuse a record without parts."""
        if not self.parts:
            raise ValueError("no parts")
        return self


def test_a_fault_names_the_field_and_not_its_value() -> None:
    with pytest.raises(ValidationError) as caught:
        _Record.model_validate({"parts": [{"size": 1}, {"size": "secret"}]})
    fault = first_fault(caught.value)
    assert fault.where == "parts.1.size"
    assert "secret" not in str(fault)
    assert str(fault).startswith("parts.1.size: Input should be a valid integer")


def test_a_fault_of_the_whole_record_says_so() -> None:
    with pytest.raises(ValidationError) as caught:
        _Record.model_validate({"parts": []})
    assert first_fault(caught.value).where == ""
    assert str(first_fault(caught.value)) == "the document: Value error, no parts"
