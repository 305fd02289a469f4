"""What a sealed tally still says, what it no longer says, and who gets a name back."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

import pytest

from conformity.engines.extremes import without_extremes
from conformity.engines.sealing import MOST_OPEN, seal, text_with_names, with_names
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable
from conformity.model.subject import Column, TableSubject, ValueName
from conformity.model.tally import (
    ABOVE,
    BELOW,
    MISSING,
    UNRECOGNISED,
    BandKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    ClusterSums,
    ColumnProfiles,
    DigitsKey,
    MissingCounts,
    OutcomeKey,
    Sums,
    Tally,
    TallySpec,
    Term,
)

KEY = "0b" * 32
SEX, LABEL = CategoryKey(column="sex"), CategoryKey(column="label")
_Entry = tuple[str | int | float, ...]


def token(value: str, key: str = KEY) -> str:
    """Return what stands for a value, by the definition: HMAC-SHA-256 (RFC 2104), 16 hexadecimal digits."""
    return "#" + hmac.new(bytes.fromhex(key), value.encode(), sha256).hexdigest()[:16]


def table(*columns: Column) -> TableSubject:
    """Return a table with these columns, or with a plain one."""
    return TableSubject(
        id=SubjectId("t"),
        title="T",
        path="t.csv",
        kind="table",
        purpose="testing",
        columns=columns or (Column(name="sex", roles=("protected",)),),
    )


def tally(spec: TallySpec, *entries: _Entry, columns: Sequence[str] = ("sex", "rows")) -> Tally:
    """Return a tally with these entries."""
    return Tally(spec=spec, columns=tuple(columns), entries=entries)


def counts(*entries: _Entry) -> Tally:
    """Return rows by sex."""
    return tally(CellCounts(keys=(SEX,)), *entries)


def sealed(one: Tally, subject: TableSubject | None = None) -> tuple[dict[str, int], dict[str, str]]:
    """Return the last field by the first of a tally after sealing, and the names."""
    found = seal({"t": (subject or table(), [one])}, KEY)
    (kept,) = found.tallies["t"]
    assert list(kept.entries) == sorted(kept.entries)
    return {str(entry[0]): int(entry[-1]) for entry in kept.entries}, dict(found.names)


def test_a_rare_text_is_sealed_and_has_no_name() -> None:
    kept, names = sealed(counts(("f", 10), ("x", 9)))
    assert kept == {"f": 10, token("x"): 9}
    assert names == {}


def test_a_rare_number_of_few_digits_stays() -> None:
    """Ages are numbers, and probes put them in order."""
    assert sealed(counts(("17", 3), ("89.5", 1)))[0] == {"17": 3, "89.5": 1}


@pytest.mark.parametrize(
    ("value", "stays"), [("999", True), ("-117", True), ("0.1234", True), ("1931", False), ("01067", False)]
)
def test_a_rare_number_of_four_digits_is_sealed(value: str, stays: bool) -> None:
    # A postcode or a year of birth that few have tells who they are; ten of them have it in common.
    kept, names = sealed(counts((value, 9), ("f", 10)))
    assert (value in kept, token(value) in kept, names) == (stays, not stays, {})
    assert value in sealed(counts((value, 10), ("f", 10)))[0]


@pytest.mark.parametrize(
    "value",
    [
        "123456",
        "1987-04-12",
        "jo@example.org",
        "https://example.org",
        "one two three four five six",
        "a" * 41,
        "#0123456789abcdef",
    ],
)
def test_what_looks_like_an_identifier_or_a_sentence_is_sealed(value: str) -> None:
    kept, names = sealed(counts((value, 500)))
    assert kept == {token(value): 500}
    assert names == {token(value): value}


@pytest.mark.parametrize("value", ["12345", "one two three four five", "a" * 40, "1/2", "#0123"])
def test_what_does_not_stays(value: str) -> None:
    assert sealed(counts((value, 500)))[0] == {value: 500}


@pytest.mark.parametrize(("values", "closed"), [(MOST_OPEN, False), (MOST_OPEN + 1, True)])
def test_columns_of_many_values_are_sealed(values: int, closed: bool) -> None:
    texts = sorted(f"v{number}" for number in range(values))
    kept, names = sealed(counts((MISSING, 50), *((text, 50) for text in texts)))
    assert kept == {(token(text) if closed else text): 50 for text in texts} | {MISSING: 50}
    assert names == ({token(text): text for text in texts} if closed else {})


def test_direct_identifiers_are_sealed_and_never_named() -> None:
    subject = table(Column(name="sex", roles=("direct_identifier",)))
    assert sealed(counts(("f", 500)), subject) == ({token("f"): 500}, {})


def test_what_the_manifest_writes_down_stays() -> None:
    column = Column(
        name="sex",
        roles=("protected",),
        names=(ValueName(value="x", name="other"),),
        allowed=(7.0, "y"),
        reference="z",
    )
    kept, _ = sealed(counts(("7", 1), ("w", 1), ("x", 1), ("y", 1), ("z", 1)), table(column))
    assert kept == {"7": 1, token("w"): 1, "x": 1, "y": 1, "z": 1}


def test_marks_of_the_engine_stay() -> None:
    marks = (ABOVE, BELOW, MISSING, UNRECOGNISED)
    assert sealed(counts(*((mark, 1) for mark in marks)))[0] == dict.fromkeys(marks, 1)


def test_without_a_key_nothing_is_sealed() -> None:
    one = counts(("x", 1))
    assert seal({"t": (table(), [one])}, "") == seal({"t": (table(), (one,))}, "")
    assert seal({"t": (table(), [one])}, "").tallies == {"t": (one,)}


def test_another_key_gives_other_tokens() -> None:
    found = seal({"t": (table(), [counts(("x", 1))])}, "0c" * 32)
    assert found.tallies["t"][0].entries == ((token("x", "0c" * 32), 1),)
    assert token("x") != token("x", "0c" * 32)


def test_tallies_and_tables_that_are_sealed_together_agree() -> None:
    """A value is rare when it is so in all of them: comparisons go by the same text on both sides."""
    few, many = counts(("x", 3)), counts(("x", 300))
    found = seal({"a": (table(), [few]), "b": (table(), [many])}, KEY)
    assert found.tallies == {"a": (few,), "b": (many,)}


def test_label_and_prediction_share_their_values() -> None:
    """A class that is rare as a label is still compared with the same class as a prediction."""
    columns = [
        Column(name="label", roles=("label",), content="classes"),
        Column(name="said", roles=("prediction",), content="classes"),
        Column(name="other", roles=("feature",)),
    ]
    names = ("label", "said", "other")
    spec = CellCounts(keys=tuple(CategoryKey(column=name) for name in names))
    one = tally(spec, ("a", "b", "b", 12), ("c", "a", "c", 3), columns=(*names, "rows"))
    found = seal({"t": (table(*columns), [one])}, KEY).tallies["t"][0]
    assert set(found.entries) == {("a", "b", "b", 12), (token("c"), "a", token("c"), 3)}


@pytest.mark.parametrize(
    ("spec", "columns", "entries"),
    [
        (
            Sums(keys=(SEX,), terms=(Term(columns=("n",)),)),
            ("sex", "rows", "left_out", "n"),
            [("f", 6, 4, 1.5), ("x", 5, 4, 99.5)],
        ),
        (
            MissingCounts(by=(SEX,)),
            ("sex", "column", "missing", "rows"),
            [("f", "a", 0, 10), ("f", "b", 1, 10), ("x", "a", 0, 9), ("x", "b", 9, 9)],
        ),
    ],
)
def test_rows_are_counted_in_every_kind_of_tally(
    spec: TallySpec, columns: Sequence[str], entries: list[_Entry]
) -> None:
    found = seal({"t": (table(), [tally(spec, *entries, columns=columns)])}, KEY).tallies["t"][0]
    assert {entry[0] for entry in found.entries} == {"f", token("x")}
    assert sorted(entry[1:] for entry in found.entries) == sorted(entry[1:] for entry in entries)


def test_sums_over_clusters_follow_the_counts_beside_them() -> None:
    outcome = OutcomeKey(column="y", positive=("1",), negative=("0",))
    spec = ClusterSums(keys=(SEX,), outcomes=(outcome,), cluster="home")
    sums = tally(spec, ("f", "0", "0", 400), ("x", "0", "0", 400), columns=("sex", "y", "y", "products"))
    alone = seal({"t": (table(), [sums])}, KEY).tallies["t"][0]
    assert {entry[0] for entry in alone.entries} == {token("f"), token("x")}
    beside = seal({"t": (table(), [sums, counts(("f", 20), ("x", 4))])}, KEY).tallies["t"][0]
    assert {entry[0] for entry in beside.entries} == {"f", token("x")}


def test_tallies_whose_entries_name_no_value_are_left_alone() -> None:
    sizes = tally(ClassSizes(keys=(SEX,)), (1, 3), columns=("size", "classes"))
    everything = tally(CellCounts(keys=()), (5,), columns=("rows",))
    assert seal({"t": (table(), [sizes, everything])}, KEY).tallies["t"] == (sizes, everything)


def test_bins_stay_and_the_values_of_a_loose_band_do_not() -> None:
    spec = CellCounts(keys=(BandKey(column="sex", bands=2, loose=True),))
    bins = tally(spec, (MISSING, 1), ("1.5 to < 123456", 2), ("< 1.5", 3), (">= 123456", 4))
    assert seal({"t": (table(), [bins])}, KEY).tallies["t"] == (bins,)
    assert sealed(tally(spec, ("any number", 1)))[0] == {"any number": 1}
    assert sealed(tally(spec, ("f", 50), ("x", 2)))[0] == {"f": 50, token("x"): 2}


@pytest.mark.parametrize("given", ["asked", "cut"])
def test_numbers_cut_to_two_digits_stay_and_text_beside_them_does_not(given: str) -> None:
    key = DigitsKey(column="sex") if given == "asked" else SEX
    columns = ("sex" if given == "asked" else "sex, two digits", "rows")
    entries = [(f"{number}00000", 2) for number in range(10, 99)] + [(f"0.{n}", 1) for n in range(10, 99)]
    one = tally(CellCounts(keys=(key,), most=4000), *entries, ("x", 2), columns=columns)
    kept, _ = sealed(one)
    assert kept == {**dict(entries), token("x"): 2}


def test_a_number_that_stands_whole_elsewhere_is_sealed_as_there() -> None:
    cut = tally(CellCounts(keys=(DigitsKey(column="sex"),)), ("1200000", 2))
    whole = counts(("1200000", 2))
    found = seal({"t": (table(), [cut, whole])}, KEY).tallies["t"]
    assert [one.entries for one in found] == [((token("1200000"), 2),)] * 2


def test_names_come_back_where_enough_rows_have_them() -> None:
    long = "a" * 100
    _, names = sealed(counts((long, 500), ("x", 9)))
    measurements = [
        Measurement(
            metric=MetricId("m"),
            subject=SubjectId("t"),
            by=("sex",),
            group=(group,),
            result=result,
        )
        for group, result in (
            (token(long), NotAvailable(why="undefined", reason=f"only {token(long)} is there")),
            (token("x"), Count(value=9, unit="rows")),
        )
    ]
    first, last = with_names(measurements, names)
    assert (first.group, last.group) == ((token("x"),), (long,))
    assert isinstance(last.result, NotAvailable)
    assert last.result.reason == "only " + "a" * 79 + "… is there"
    assert with_names(measurements, {}) == tuple(measurements)
    assert text_with_names(f"{token('x')} and {token(long)}", names) == f"{token('x')} and {'a' * 79}…"
    assert text_with_names(token(long), {}) == token(long)


def test_a_reason_never_grows_beyond_a_line() -> None:
    value = "b" * 60
    _, names = sealed(counts((value, 500)))
    reason = " ".join([token(value)] * 27)
    one = Measurement(
        metric=MetricId("m"), subject=SubjectId("t"), result=NotAvailable(why="undefined", reason=reason)
    )
    assert with_names([one], names) == (one,)


def test_a_value_that_is_rare_anywhere_it_is_sealed_gets_no_name_at_all() -> None:
    columns = [Column(name=name, roles=("protected",)) for name in ("sex", "town")]
    many = counts(("123456", 50))
    few = tally(CellCounts(keys=(CategoryKey(column="town"),)), ("123456", 5), columns=("town", "rows"))
    assert seal({"t": (table(*columns), [many, few])}, KEY).names == {}


def test_profiles_name_values_by_the_key() -> None:
    """The engine's own digest of a value can be computed by anybody who guesses the value."""
    guess = sha256(b"f").hexdigest()[:16]
    one = tally(
        ColumnProfiles(columns=("sex",)),
        ("sex", "rows", "", 5),
        ("sex", "value", guess, 5),
        columns=("column", "field", "key", "number"),
    )
    found = seal({"t": (table(), [one])}, KEY).tallies["t"][0]
    assert found.entries == (("sex", "rows", "", 5), ("sex", "value", token(guess), 5))


def curve(values: Sequence[float], cells: int) -> list[float]:
    """Return percentiles after rounding."""
    entries: list[_Entry] = [("c", "numbers", "", cells), ("c", "mean", "", 1.5)]
    entries += [("c", "percentile", f"{place:03d}", value) for place, value in enumerate(values)]
    found = without_extremes(entries)
    assert found[:2] == entries[:2]
    return [float(number) for _, field, _, number in found if field == "percentile"]


def test_the_ends_of_the_percentiles_are_rounded() -> None:
    inner = [float(value) for value in range(2000, 2099)]
    assert curve([-123456.0, *inner, 77317731.0], 400) == [-120000.0, *inner, 77000000.0]


def test_they_stay_in_order() -> None:
    inner = [1.04e9 + value for value in range(99)]
    assert curve([1.04e9 - 1, *inner, 1.04e9 + 100], 400) == [1.0e9, *inner, 1.04e9 + 98]
    assert curve([7.96e9, *([7.97e9] * 99), 7.98e9], 400) == [7.97e9, *([7.97e9] * 99), 8.0e9]


@pytest.mark.parametrize(("cells", "top"), [(999, 78000.0), (1000, 77777.0)])
def test_an_end_that_ten_cells_hold_stays(cells: int, top: float) -> None:
    """Two percentiles of 1,000 numbers are at least ten of them."""
    assert curve([0.0] * 99 + [77777.0] * 2, cells)[-1] == top


def test_a_column_of_one_number_stays() -> None:
    assert curve([12345.0] * 101, 3) == [12345.0] * 101
