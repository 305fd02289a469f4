"""Columns as digits of one number: which can be, what they come to, and back."""

from __future__ import annotations

import duckdb
import pytest

from conformity.engines.packing_sql import Digit, Layout, digits

TYPED = """(VALUES
    (1::INTEGER, -3::TINYINT, true, 'a', 1.5::DOUBLE, [1], 9223372036854775807, 7::UBIGINT, INTERVAL 1 DAY),
    (NULL, 4, false, NULL, NULL, NULL, 0, 18446744073709551615, NULL)
) AS rows(k0, k1, k2, k3, k4, k5, k6, k7, k8)"""


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """Return a connection with a table of every type."""
    made = duckdb.connect()
    made.execute(f"CREATE TABLE typed AS FROM {TYPED}")
    return made


def test_whole_numbers_and_truth_values_within_bounds_are_digits(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    names = [f"k{number}" for number in range(9)]
    found = digits(connection.table("typed"), names)
    # The seventh and eighth reach beyond what a float holds exactly; the others are no whole numbers.
    assert set(found) == {0, 1, 2}
    assert found[0] == Digit(low=1, high=1, gaps=True)
    assert (found[1].low, found[1].high, found[1].truth) == (-3, 4, False)
    assert (found[2].low, found[2].high, found[2].truth) == (0, 1, True)


def test_without_rows_or_whole_numbers_nothing_is_a_digit(connection: duckdb.DuckDBPyConnection) -> None:
    assert digits(connection.sql("SELECT * FROM typed WHERE false"), ["k0"]) == {}
    assert digits(connection.table("typed"), ["k3", "k5"]) == {}


def test_a_column_of_which_nothing_is_known_is_none(connection: duckdb.DuckDBPyConnection) -> None:
    assert digits(connection.sql("SELECT (random() * 9)::INTEGER AS k0 FROM range(9)"), ["k0"]) == {}


def test_codes_can_be_read_back(connection: duckdb.DuckDBPyConnection) -> None:
    """By hand: the digits of the first row are 1 of 2, 0 of 9 and 2 of 3; of the second 0, 7 and 1."""
    known = {0: Digit(1, 1, gaps=True), 1: Digit(-3, 5, gaps=False), 2: Digit(0, 1, gaps=True, truth=True)}
    layout = Layout((0, 1, 2), known)
    chosen = layout.from_rows(["k0", "k1", "k2"])
    connection.execute(f"CREATE TABLE cells AS SELECT {chosen} FROM typed")
    assert connection.execute("FROM cells ORDER BY code DESC").fetchall() == [(27 + 2,), (7 * 3 + 1,)]
    numbers = ", ".join(known[column].number(layout.digit(column)) for column in known)
    assert set(connection.execute(f"SELECT {numbers} FROM cells").fetchall()) == {(1, -3, 1), (None, 4, 0)}
    for columns, codes in (((0, 1), {9, 7}), ((0, 2), {5, 1}), ((2,), {2, 1}), ((1,), {0, 7})):
        some = Layout(columns, known)
        found = connection.execute(f"SELECT {some.from_cells(layout)} FROM cells").fetchall()
        assert {code for (code,) in found} == codes


def test_what_is_no_digit_stays_a_column(connection: duckdb.DuckDBPyConnection) -> None:
    layout = Layout((0, 3, 4), {0: Digit(1, 1, gaps=True)})
    assert (layout.packed, layout.plain) == ((0,), (3, 4))
    connection.execute(
        f"CREATE TABLE cells AS SELECT {layout.from_rows(['k0', '', '', 'k3', 'k4'])} FROM typed"
    )
    assert connection.table("cells").columns == ["code", "k3", "k4"]
    words = Layout((3,), {})
    assert words.code_from(layout) == "(0)"
    assert connection.execute(f"SELECT {words.from_cells(layout)} FROM cells").fetchall() == [("a",), (None,)]


def test_digits_beyond_the_widest_number_stay_columns() -> None:
    large = {column: Digit(0, 2**40 - 1, gaps=False) for column in range(3)}
    layout = Layout((0, 1, 2), large)
    assert layout.packed == (0,)
    assert layout.kind == "BIGINT"
    assert Layout((0,), {0: Digit(2**30, 2**30 + 1, gaps=False)}).kind == "BIGINT"
    assert Layout((0,), {0: Digit(-5, 5, gaps=True)}).kind == "INTEGER"
