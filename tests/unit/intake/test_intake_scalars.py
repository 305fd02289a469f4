"""Unquoted scalars mean what the core schema of YAML 1.2.2 (section 10.3.2) says."""

from __future__ import annotations

import pytest

from conformity.intake.scalars import plain_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("nUll", "nUll"),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("0", 0),
        ("-19", -19),
        ("+12", 12),
        ("007", 7),
        ("0o14", 12),
        ("0x3A", 58),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("0.", 0.0),
        ("-0.0", -0.0),
        (".5", 0.5),
        ("+12e03", 12000.0),
        ("-2E+05", -200000.0),
        ("2026-01-31", "2026-01-31"),
        ("9007199254740991", 2**53 - 1),
        ("-9007199254740991", -(2**53) + 1),
        ("9007199254740991.0", float(2**53 - 1)),
        ("0.1e-300", 1e-301),
        ("0" * 5000 + "1", 1),
        ("0x1fffffffffffff", 2**53 - 1),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: object) -> None:
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("9007199254740992", "of 2**53 or more"),
        ("-9007199254740992", "of 2**53 or more"),
        ("9007199254740992.0", "of 2**53 or more"),
        ("-1e300", "of 2**53 or more"),
        ("9" * 5000, "of 2**53 or more"),
        ("0x20000000000000", "of 2**53 or more"),
        (".nan", "not a finite number"),
        ("-.INF", "not a finite number"),
        ("1e999", "too large for a number"),
        ("-1e999", "too large for a number"),
    ],
)
def test_numbers_that_json_cannot_keep_are_refused(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=part.replace("*", r"\*")):
        plain_scalar(text)
