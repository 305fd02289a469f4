"""Sums in fixed point: exact, and the same whatever the order, the threads, the shards and the engine."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.engines import additive, cells
from conformity.engines.columns import NamedFrame
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.frame import open_frame
from conformity.engines.tallies import compute
from conformity.errors import DataError
from conformity.model.tally import (
    MISSING,
    CategoryKey,
    CellCounts,
    GridKey,
    MissingCounts,
    OutcomeKey,
    Sums,
    Tally,
    TallySpec,
    Term,
)
from tests.support.tables import Opener

SEX = CategoryKey(column="sex")
X, Y = Term(columns=("x",)), Term(columns=("y",))
XX, XY = Term(columns=("x", "x")), Term(columns=("x", "y"))
GAP = Term(kind="distance", columns=("x", "y"))
BILLION = 10**9


def both(frame: pl.DataFrame, *specs: TallySpec) -> tuple[Tally, ...]:
    """Return the tallies of a frame, after DuckDB and Polars agreed on them."""
    safe = {name: f"c{number}" for number, name in enumerate(frame.columns)}
    lazy = NamedFrame(nw.from_native(frame.lazy().rename(safe)), tuple(frame.columns), "frame")
    direct = compute(lazy, specs)
    assert open_frame(frame).tally(specs) == direct
    return direct


def test_sums_by_group_counted_by_hand() -> None:
    frame = pl.DataFrame(
        {
            "sex": ["f", "f", "m", "m", " ", "m"],
            "x": [0.1, 0.2, 3.0, None, 5.0, float("nan")],
            "y": ["1", " 2.5 ", "-4", "7", "", "1"],
        }
    )
    by_sex, whole, alone = both(
        frame, Sums(keys=(SEX,), terms=(X, Y, XX, XY, GAP)), Sums(terms=(X, Y)), Sums(terms=(Y,))
    )
    assert by_sex.columns == ("sex", "rows", "left_out", "x", "y", "x*x", "x*y", "|x-y|")
    assert by_sex.entries == (
        (MISSING, 0, 1, 0, 0, 0, 0, 0),
        ("f", 2, 0, 0.3, 3.5, 0.05, 0.6, 3.2),
        ("m", 1, 2, 3, -4, 9, -12, 7),
    )
    assert whole.entries == ((3, 3, 3.3, -0.5),)
    assert alone.entries == ((5, 1, 7.5),)
    assert [type(value) for value in by_sex.entries[2][3:]] == [int] * 5


def test_whole_columns_are_added_as_they_are() -> None:
    frame = pl.DataFrame({"x": [7, -3, None], "y": [True, False, True]}).with_columns(
        pl.col("y").cast(pl.Int8)
    )
    assert both(frame, Sums(terms=(X, XX, XY, GAP, Y)))[0].entries == ((2, 1, 4, 58, 7, 9, 1),)
    assert both(frame, Sums(terms=(Y,)))[0].entries == ((3, 0, 2),)


def test_sums_of_no_rows_are_nothing() -> None:
    frame = pl.DataFrame({"sex": [], "x": []}, schema={"sex": pl.String, "x": pl.Float64})
    whole, by_sex = both(frame, Sums(terms=(X,)), Sums(keys=(SEX,), terms=(X,)))
    assert whole.entries == ((0, 0, 0),)
    assert by_sex.entries == ()


@pytest.mark.no_cover
def test_neither_order_nor_threads_change_a_sum() -> None:
    """Floating-point addition would give another last digit for most orders of such numbers."""
    draw, size = np.random.default_rng(3), 300_000
    sex = np.array(list("abc"))[draw.integers(0, 3, size)]
    x, y = draw.lognormal(3, 4, size), draw.normal(0, 1e6, size)
    spec = Sums(keys=(SEX,), terms=(X, Y, XX, XY, GAP))
    found = []
    for threads in (1, 2, 4):
        order = draw.permutation(size)
        sex, x, y = sex[order], x[order], y[order]
        frame = pl.DataFrame({"sex": sex, "x": x, "y": y})
        found.append(open_frame(frame, DuckDBEngine(threads=threads)).tally([spec])[0])
    assert found[0] == found[1] == found[2]
    numbers: list[float] = x[sex == "a"].tolist()
    floats = [sum(numbers), sum(sorted(numbers))]
    assert floats[0] != floats[1]
    assert found[0].entries[0][3] == pytest.approx(floats[0], rel=1e-12)


NUMBERS = st.one_of(
    st.floats(-1e6, 1e6), st.floats(-1e27, 1e27), st.integers(-(2**62), 2**62).map(float), st.just(None)
)


@pytest.mark.no_cover
@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(NUMBERS, min_size=1, max_size=12), max_size=8))
def test_a_sum_is_that_of_the_numbers_to_nine_decimals(groups: list[list[float | None]]) -> None:
    """Against exact rational arithmetic: each number is rounded to a billionth, and nothing else is."""
    rows = [(str(place), value) for place, group in enumerate(groups) for value in group]
    frame = pl.DataFrame(rows, schema={"sex": pl.String, "x": pl.Float64}, orient="row")
    by_group, whole = both(frame, Sums(keys=(SEX,), terms=(X,)), Sums(terms=(X,)))
    found = {str(name): entry for name, *entry in by_group.entries}
    assert len(found) == len(groups)
    for place, group in enumerate(groups):
        _check_sum(group, found[str(place)])
    _check_sum([value for _, value in rows], whole.entries[0])


def _check_sum(values: Sequence[float | None], entry: Sequence[str | float]) -> None:
    """Hold the rows, those left out and the total of an entry against exact arithmetic."""
    numbers = [Fraction(value) for value in values if value is not None]
    rows, left_out, total = entry
    assert (rows, left_out) == (len(numbers), len(values) - len(numbers))
    exact = sum(numbers, Fraction(0))
    slack = Fraction(len(numbers) * 51, 100 * BILLION) + abs(exact) / 2**52
    assert abs(Fraction(total) - exact) <= slack


def test_whole_sums_beyond_what_json_keeps_exact_are_floats() -> None:
    frame = pl.DataFrame({"x": [2.0**53 - 1], "y": [2.0**53]})
    (tally,) = both(frame, Sums(terms=(X, Y)))
    assert tally.entries == ((1, 0, 2**53 - 1, 2.0**53),)
    assert [type(value) for value in tally.entries[0]] == [int, int, int, float]


def test_infinity_is_left_out_and_what_is_too_large_is_refused() -> None:
    frame = pl.DataFrame({"x": [1.0, float("inf"), float("-inf")], "y": [1e20, 1.0, 1.0]})
    assert both(frame, Sums(terms=(X, Y)))[0].entries == ((1, 2, 1, 1e20),)
    yy = Term(columns=("y", "y"))
    assert both(frame, Sums(terms=(GAP,)))[0].entries == ((1, 2, 1e20),)
    with pytest.raises(DataError) as caught:
        open_frame(frame).tally([Sums(terms=(Y, yy))])
    assert caught.value.message == (
        "1 rows of the data frame have numbers in 'y' that are too large to be added exactly (from 2^46 on "
        "in products, else 2^92); correct the data or bind another column"
    )


def test_text_that_is_no_number_is_an_error_that_shows_no_cell(opened: Opener) -> None:
    table = opened("sex,x\nf,1\nm,Mary Ann\nf,\nm,?\n")
    for spec in (Sums(terms=(X,)), Sums(keys=(SEX,), terms=(X,))):
        with pytest.raises(DataError) as caught:
            table.tally([spec])
        assert caught.value.message == (
            "column 'x' of people.csv must hold numbers, but 2 of its cells do not, such as one of the "
            "form '?'; correct the data or bind another column"
        )


def test_columns_that_cannot_be_added_are_refused(opened: Opener) -> None:
    with pytest.raises(DataError, match=r"column 'x' of the data frame holds Boolean values, not numbers"):
        open_frame(pl.DataFrame({"x": [True]})).tally([Sums(terms=(X,))])
    with pytest.raises(DataError, match=r"people.csv has no column 'x'"):
        opened("sex,y\nf,1\n").tally([Sums(terms=(X,))])


def test_a_distance_is_between_two_columns() -> None:
    with pytest.raises(ValueError, match="a distance is between two columns"):
        Term(kind="distance", columns=("x",))


def test_four_numbers_are_multiplied_exactly_in_every_engine() -> None:
    """Known answers by Python's whole numbers: the largest has 184 bits."""
    x, y = [2**45 + 2**20, -(2**45), 3], [2**44, 5, -7]
    gap, cube = Term(kind="distance", columns=("x", "y"), power=4), Term(columns=("x", "x", "x"))
    mixed = Term(kind="distance", columns=("x", "y", "x", "x"), power=2)
    frame = pl.DataFrame({"x": [float(one) for one in x], "y": [float(one) for one in y]})
    wanted = [
        sum((a - b) ** 4 for a, b in zip(x, y, strict=True)),
        sum(a**3 for a in x),
        sum((a - b) ** 2 * a * a for a, b in zip(x, y, strict=True)),
    ]
    (tally,) = both(frame, Sums(terms=(gap, cube, mixed)))
    assert tally.columns[2:] == ("|x-y|^4", "x*x*x", "|x-y|^2*x*x")
    for found, exact in zip(tally.entries[0][2:], wanted, strict=True):
        assert float(found) == pytest.approx(float(exact), rel=1e-15)


def test_no_more_than_four_numbers_are_multiplied() -> None:
    with pytest.raises(ValueError, match="no more than four numbers"):
        Term(kind="distance", columns=("x", "y", "x"), power=4)


def test_everything_additive_is_one_scan(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    table = opened("sex,x,y,hired\nf,1,0.5,1\nm,2,0.25,0\nf,3,1,1\n")
    hired = OutcomeKey(column="hired", positive=(1,), negative=(0,))
    grid = GridKey(column="y", low=0, high=1, bins=4)
    specs: list[TallySpec] = [
        Sums(keys=(SEX,), terms=(X, XX)),
        Sums(keys=(SEX, hired), terms=(X,)),
        Sums(terms=(Y,)),
        CellCounts(keys=(grid, hired)),
        CellCounts(keys=(SEX, hired)),
        MissingCounts(by=(SEX,)),
    ]
    asked = []

    def counting(*args: object) -> object:
        """Return what a scan returns, and note that there was one."""
        asked.append(args)
        return cells.scan(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(additive, "scan", counting)
    together = table.tally(specs)
    # Beside the scan, a text file's rows are counted once.
    assert len(asked) == 1
    assert together == tuple(table.tally([spec])[0] for spec in specs)
    monkeypatch.setattr(additive, "BLOCK", 3)
    assert table.tally(specs) == together
