"""What all values share: frozen, exact, one encoding, one digest."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError
from rfc8785 import FloatDomainError, IntegerDomainError

from conformity.model.base import Instant, Value, canonical_json, digest_of, sha256_of
from conformity.model.evidence import Package
from conformity.model.measurement import Scalar


def test_values_cannot_be_changed_or_extended() -> None:
    package = Package(name="duckdb", version="2.0")
    with pytest.raises(ValidationError, match="frozen"):
        package.name = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Package.model_validate({"name": "duckdb", "version": "2.0", "url": "x"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_value_holds_a_number_that_is_not_finite(value: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Scalar(value=value, unit="1", n=1)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-01-01T01:30:00.999999+01:00", datetime(2026, 1, 1, 0, 30, tzinfo=UTC)),
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_instants_are_kept_in_utc_to_the_second(text: str, kept: datetime) -> None:
    assert TypeAdapter(Instant).validate_python(text) == kept
    assert TypeAdapter(Instant).validate_python(text).utcoffset() == UTC.utcoffset(None)


def test_canonical_json_is_that_of_the_standard() -> None:
    # RFC 8785, section 3.2.2, the example of serialized primitive data types (without the text).
    numbers = [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001]
    plain = {"numbers": numbers, "literals": [None, True, False]}
    assert canonical_json(plain) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}'
    )


def test_canonical_json_sorts_by_utf_16_units() -> None:
    # RFC 8785, section 3.2.3, the example of sorting.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"]
    order = ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json(dict.fromkeys(keys, 0)))) == order


def test_a_value_is_encoded_as_its_plain_data() -> None:
    package = Package(name="ä", version="1")
    assert canonical_json(package) == '{"name":"ä","version":"1"}'.encode()
    assert digest_of(package) == sha256_of(canonical_json(package))


@pytest.mark.parametrize("number", [2**53, -(2**53)])
def test_numbers_that_json_cannot_keep_are_refused(number: int) -> None:
    assert canonical_json(number - (1 if number > 0 else -1))
    with pytest.raises(IntegerDomainError):
        canonical_json(number)
    with pytest.raises(FloatDomainError):
        canonical_json(float("nan"))


def test_digests_name_their_algorithm() -> None:
    assert sha256_of(b"") == "sha256:" + hashlib.sha256(b"").hexdigest()


def test_a_default_is_checked_like_any_other_value() -> None:
    class Wrong(Value):
        """A record with a default that does not fit."""

        count: int = "many"  # type: ignore[assignment] # that is what is tested

    with pytest.raises(ValidationError):
        Wrong()


def test_the_text_below_a_field_is_its_description() -> None:
    class Described(Value):
        """A record."""

        count: int
        """How many there are."""

    assert Described.model_json_schema()["properties"]["count"]["description"] == "How many there are."
