"""What tests of tables share."""

from __future__ import annotations

from collections.abc import Callable

from conformity.engines.duckdb import DuckDBTable

Opener = Callable[..., DuckDBTable]
"""A function from content, and perhaps a file name and a format, to an opened table."""
