"""JSON that means one thing only, and its canonical form, held against the library that writes ours."""

from __future__ import annotations

import math
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from conformity.archive.standalone.strict_json import MOST_JSON, canonical, indented, loaded

_SAFE = st.integers(-(2**53) + 1, 2**53 - 1)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | _SAFE | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_the_canonical_form_is_that_of_the_library(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        # RFC 8785, appendix B: samples of numbers.
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.33333329, "333333333.3333333"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_the_standard_says(number: float, text: str) -> None:
    assert canonical(number) == text.encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"a": 1, "a": 2}', "names a member twice"),
        (b'{"a": {"b": 1, "b": 1}}', "names a member twice"),
        (b"NaN", "is no number"),
        (b"[-Infinity]", "is no number"),
        (b"9007199254740993", "too large to be kept exactly"),
        (b"1" * 5000, "too large to be kept exactly"),
        (b"\xff", "utf-8"),
        (b"{", "Expecting property name"),
        (b"[" * 200_000, "nested deeper than any record"),
    ],
)
def test_what_could_mean_two_things_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        loaded(content)


def test_a_text_larger_than_any_record_is_not_read() -> None:
    class Large(bytes):
        """Bytes that say that they are many."""

        def __len__(self) -> int:
            """Return one more than is read."""
            return MOST_JSON + 1

    with pytest.raises(ValueError, match="larger than any record"):
        loaded(Large(b"1"))


def test_what_is_too_deep_to_be_written_is_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for write in (canonical, indented):
        with pytest.raises(ValueError, match="nested deeper than any record"):
            write(deep)
    while deep:  # taken apart from outside, since letting go of it at once would end this process
        deep = deep[0]


def test_a_number_that_is_none_has_no_form() -> None:
    for number in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not finite"):
            canonical({"a": number})


@given(_VALUES)
def test_what_was_written_is_read_as_the_same(value: Any) -> None:
    assert loaded(indented(value)) == value
    assert indented(loaded(indented(value))) == indented(value)
