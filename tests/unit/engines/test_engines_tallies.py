"""Tallies of small tables, counted by hand; and the same from every engine."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.engines import additive, classes, columns
from conformity.engines.columns import NamedFrame
from conformity.engines.frame import open_frame
from conformity.engines.tallies import compute
from conformity.errors import DataError
from conformity.model.tally import (
    MISSING,
    UNRECOGNISED,
    BinKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    Key,
    MissingCounts,
    OutcomeKey,
    TallySpec,
)
from tests.support.tables import Opener

PEOPLE = """sex,age,hired,note
f,24.9,yes,a
f,25,no,
m,60, yes,b
m,,maybe,a
 m ,59.9,,a
,1e2,no,a
"""
SEX = CategoryKey(column="sex")
AGE = BinKey(column="age", edges=(25, 60))
HIRED = OutcomeKey(column="hired", positive=("yes",), negative=("no",))


def test_cells_by_category_bin_and_outcome(opened: Opener) -> None:
    specs = [CellCounts(keys=(key,)) for key in (SEX, AGE, HIRED)] + [CellCounts(keys=(SEX, HIRED))]
    sex, age, hired, both = opened(PEOPLE).tally(specs)
    assert sex.columns == ("sex", "rows")
    assert sex.entries == ((MISSING, 1), ("f", 2), ("m", 3))
    assert age.entries == ((MISSING, 1), ("25 to < 60", 2), ("< 25", 1), (">= 60", 2))
    assert hired.entries == ((MISSING, 1), (UNRECOGNISED, 1), ("0", 2), ("1", 2))
    assert both.columns == ("sex", "hired", "rows")
    assert both.entries == (
        (MISSING, "0", 1),
        ("f", "0", 1),
        ("f", "1", 1),
        ("m", MISSING, 1),
        ("m", UNRECOGNISED, 1),
        ("m", "1", 1),
    )


def test_missing_cells_overall_and_by_group(opened: Opener) -> None:
    overall, by_sex, rows = opened(PEOPLE).tally(
        [MissingCounts(), MissingCounts(by=(SEX,)), CellCounts(keys=())]
    )
    assert overall.columns == ("column", "missing", "rows")
    assert overall.entries == (("age", 1, 6), ("hired", 1, 6), ("note", 1, 6), ("sex", 1, 6))
    assert by_sex.columns == ("sex", "column", "missing", "rows")
    assert ("m", "age", 1, 3) in by_sex.entries
    assert ("f", "note", 1, 2) in by_sex.entries
    assert len(by_sex.entries) == 12
    assert rows.entries == ((6,),)


def test_class_sizes(opened: Opener) -> None:
    table = opened(PEOPLE + "f,25,no,\n f,25 ,no,  \n")
    everything, by_sex, mixed = table.tally(
        [ClassSizes(), ClassSizes(keys=(SEX,)), ClassSizes(keys=(SEX, AGE, HIRED))]
    )
    assert everything.columns == ("size", "classes")
    assert everything.entries == ((1, 5), (3, 1))
    assert by_sex.entries == ((1, 1), (3, 1), (4, 1))
    assert mixed.entries == ((1, 5), (3, 1))


def test_outcome_classes_tell_missing_from_unrecognised(opened: Opener) -> None:
    key = OutcomeKey(column="y", positive=(1,), negative=(0,))
    content = "y,z\n1,a\n1.0,a\ntrue,a\n0,a\n,a\n  ,a\n7,a\nx,a\n"
    (tally,) = opened(content).tally([ClassSizes(keys=(key,))])
    assert tally.entries == ((1, 1), (2, 2), (3, 1))


def test_typed_columns_give_the_same_classes() -> None:
    frame = pl.DataFrame({"a": [1.0, None, float("nan"), 1.0], "b": [True, None, None, True]})
    keys = (CategoryKey(column="a"), OutcomeKey(column="b", positive=(True,), negative=(False,)))
    found = open_frame(frame).tally([ClassSizes(), ClassSizes(keys=keys), CellCounts(keys=keys)])
    assert found[0].entries == found[1].entries == ((2, 2),)
    assert found[2].entries == ((MISSING, MISSING, 2), ("1", "1", 2))


def test_specs_may_repeat_and_keep_their_order(opened: Opener) -> None:
    table = opened(PEOPLE)
    specs: list[TallySpec] = [ClassSizes(), CellCounts(keys=()), ClassSizes(), MissingCounts()]
    assert [tally.spec for tally in table.tally(specs)] == specs
    assert table.tally([]) == ()


def test_text_in_a_numeric_column_is_an_error_that_shows_no_cell(opened: Opener) -> None:
    table = opened("age,x\n31,a\nMary Ann,a\nunknown,a\nnan,a\n")
    key = BinKey(column="age", edges=(25,))
    for spec in (CellCounts(keys=(key,)), ClassSizes(keys=(key,))):
        with pytest.raises(DataError) as caught:
            table.tally([spec])
        assert caught.value.message == (
            "column 'age' of people.csv must hold numbers, but 3 of its cells do not, such as one of the "
            "form 'aaaa aaa'; correct the data or remove the `edges`"
        )


def test_bins_need_numbers_or_text() -> None:
    table = open_frame(pl.DataFrame({"flag": [True]}))
    with pytest.raises(DataError, match="column 'flag' of the data frame holds Boolean values, not numbers"):
        table.tally([CellCounts(keys=(BinKey(column="flag", edges=(1,)),))])


@pytest.mark.parametrize(
    "cell", ["0", "-1.5", "+2", ".5", "5.", "1e3", "1E-3", " 7 ", "9" * 40, "1" + "0" * 39 + "e99"]
)
def test_numbers_as_people_write_them(opened: Opener, cell: str) -> None:
    (tally,) = opened(f"n,x\n{cell},a\n").tally([CellCounts(keys=(BinKey(column="n", edges=(0,)),))])
    assert tally.entries == ((">= 0" if float(cell) >= 0 else "< 0", 1),)


@pytest.mark.parametrize("cell", ["1,5", "1 000", "12a", "NaN", "inf", "0x10", "1e400", "--1", "."])
def test_what_is_no_number(opened: Opener, cell: str) -> None:
    with pytest.raises(DataError, match="must hold numbers, but 1 of its cells"):
        opened(f"n;x\n{cell};a\n").tally([CellCounts(keys=(BinKey(column="n", edges=(0,)),))])


def test_many_keys_are_halved_until_they_fit(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    table = opened("a,b,c\n" + "".join(f"{n % 7},{n % 5},{n % 3}\n" for n in range(105)))
    specs = [CellCounts(keys=(CategoryKey(column=name),)) for name in "abc"]
    whole = table.tally(specs)
    monkeypatch.setattr(additive, "MAX_CELLS", 10)
    assert table.tally(specs) == whole
    with pytest.raises(DataError, match=r"by 'a', 'b' gives too many groups .limit 10.; give `edges`"):
        table.tally([*specs, CellCounts(keys=(*specs[0].keys, *specs[1].keys))])


def test_more_than_a_hundred_thousand_groups_are_refused() -> None:
    table = open_frame(pl.DataFrame({"id": range(100_001)}))
    with pytest.raises(
        DataError, match=r"grouping the data frame by 'id' gives too many groups .limit 100,000."
    ):
        table.tally([CellCounts(keys=(CategoryKey(column="id"),))])
    key = OutcomeKey(column="id", positive=(1,), negative=(0,))
    with pytest.raises(DataError, match="'id' of the data frame has more than 100,000 different values"):
        table.tally([ClassSizes(keys=(key,))])


@pytest.mark.no_cover
def test_exactly_a_hundred_thousand_groups_are_counted() -> None:
    table = open_frame(pl.DataFrame({"id": range(100_000)}))
    assert len(table.tally([CellCounts(keys=(CategoryKey(column="id"),))])[0].entries) == 100_000


def test_missing_counts_of_many_groups_and_columns_are_refused(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(additive, "MAX_NUMBERS", 4)
    with pytest.raises(DataError, match=r"grouping people.csv by 'sex' gives too many groups"):
        opened(PEOPLE).tally([MissingCounts(by=(SEX,))])


def test_wide_tables_give_the_same_tallies(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    table = opened("a,b,c,d\nx,\x1f,1,\nx,\x1f,1,\ny,,\x1fa,\n,y,,z\n")
    specs: list[TallySpec] = [
        MissingCounts(),
        MissingCounts(by=(CategoryKey(column="a"),)),
        ClassSizes(),
        CellCounts(keys=()),
    ]
    whole = table.tally(specs)
    for module in (columns, classes):
        monkeypatch.setattr(module, "BLOCK", 3)
    assert table.tally(specs) == whole


def test_wide_comparison_is_exact_about_separators(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    # Joined without escapes, the two rows below would read the same.
    table = opened("a,b\nx\x1fay,z\nx,y\x1faz\n")
    for module in (columns, classes):
        monkeypatch.setattr(module, "BLOCK", 1)
    assert table.tally([ClassSizes()])[0].entries == ((1, 2),)
    monkeypatch.setattr(columns, "BLOCK", 2)
    assert table.tally([ClassSizes()])[0].entries == ((1, 2),)


CELLS = st.sampled_from(["a", "b", " a", "", "1", "1.0", "01", "-3", "true"])
TABLES = st.lists(st.tuples(CELLS, CELLS, st.sampled_from(["", "0", "7.5", "-2", "30"])), max_size=12)


@pytest.mark.no_cover
@settings(max_examples=15, deadline=None)
@given(TABLES)
def test_polars_through_narwhals_agrees_with_duckdb(rows: list[tuple[str, str, str]]) -> None:
    """The tallies are written once, in Narwhals; a second engine shows that nothing rests on DuckDB."""
    frame = pl.DataFrame(rows, schema={"x": pl.String, "y": pl.String, "n": pl.String}, orient="row")
    keys: tuple[Key, ...] = (
        CategoryKey(column="x"),
        OutcomeKey(column="y", positive=(1,), negative=("a",)),
        BinKey(column="n", edges=(0, 10)),
    )
    specs: list[TallySpec] = [CellCounts(keys=pair) for pair in combinations(keys, 2)]
    specs += [MissingCounts(), MissingCounts(by=keys[:1]), ClassSizes(), ClassSizes(keys=keys)]
    lazy = frame.lazy().rename({"x": "c0", "y": "c1", "n": "c2"})
    direct = compute(NamedFrame(nw.from_native(lazy), ("x", "y", "n"), "frame"), specs)
    assert open_frame(frame).tally(specs) == direct
    assert _by_hand(rows) == dict(Counter(dict(_sizes(direct[5].entries))))


def _sizes(entries: tuple[tuple[str | int | float, ...], ...]) -> list[tuple[int, int]]:
    """Return class sizes as pairs of integers."""
    return [(int(size), int(count)) for size, count in entries]


def _by_hand(rows: list[tuple[str, str, str]]) -> dict[int, int]:
    """Return how many classes of equal rows there are of each size, counted in Python."""
    return dict(Counter(Counter(tuple(cell.strip() for cell in row) for row in rows).values()))
