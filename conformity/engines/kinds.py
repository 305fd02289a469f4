"""What kind of values a column holds, told from the type that a library gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_KINDS = {
    "integer": (
        *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "BIGNUM"),
        *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
    ),
    "number": ("FLOAT", "DOUBLE", "DECIMAL"),
    "boolean": ("BOOLEAN",),
    "date": (
        "DATE",
        "TIMESTAMP",
        "TIMESTAMP_S",
        "TIMESTAMP_MS",
        "TIMESTAMP_NS",
        "TIMESTAMP WITH TIME ZONE",
    ),
    "text": ("VARCHAR", "ENUM", "UUID", "JSON", '"NULL"'),
}


def duckdb_kind(dtype: str) -> str:
    """Return the kind of a column from the name of its DuckDB type.

    >>> duckdb_kind("DECIMAL(9,2)"), duckdb_kind("INTEGER[]"), duckdb_kind("ENUM('a', 'b')")
    ('number', 'other', 'text')
    """
    if dtype.endswith("]"):
        return "other"
    name = dtype.split("(")[0]
    return next((kind for kind, names in _KINDS.items() if name in names), "other")


def arrow_kind(dtype: Any) -> str:
    """Return the kind of an Arrow type."""
    import pyarrow.types as types

    if types.is_dictionary(dtype):
        return arrow_kind(dtype.value_type)
    tests: tuple[tuple[str, Callable[[Any], bool]], ...] = (
        ("boolean", types.is_boolean),
        ("integer", types.is_integer),
        ("number", lambda kind: types.is_floating(kind) or types.is_decimal(kind)),
        ("date", lambda kind: types.is_date(kind) or types.is_timestamp(kind)),
        (
            "text",
            lambda kind: types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind),
        ),
    )
    return next((kind for kind, test in tests if test(dtype)), "other")
