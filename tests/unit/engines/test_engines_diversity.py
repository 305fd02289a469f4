"""Diversity within classes, against plain counting in Python, with and without order."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TypeVar

import narwhals as nw
import pytest

from conformity.engines.distances import ordered_distance
from conformity.engines.diversity import MANY, diversity
from conformity.engines.duckdb import DuckDBTable
from conformity.engines.frame import open_frame
from conformity.errors import DataError
from conformity.model.tally import BinKey, CategoryKey, Diversity, OutcomeKey
from tests.support.tables import Opener

Rows = Sequence[tuple[str, str]]
Value = TypeVar("Value", str, float)
SPEC = Diversity(keys=(CategoryKey(column="k"),), sensitive="v", ordered=True)


def table(opened: Opener, rows: Rows) -> DuckDBTable:
    """Return a table of classes and values."""
    return opened("k,v,x\n" + "".join(f"{key},{value},1\n" for key, value in rows))


def worst(opened: Opener, rows: Rows, spec: Diversity = SPEC) -> dict[str, float]:
    """Return the measures of a tally, but for its distribution."""
    entries = diversity(table(opened, rows).named, spec).entries
    return {str(name): float(value) for name, at, value in entries if not at}


def counted(rows: Rows) -> dict[str, float]:
    """Return the measures by their definitions, one class after the other."""
    total = Counter(value for _, value in rows)
    shares = {value: count / len(rows) for value, count in total.items()}
    found: dict[str, list[float]] = defaultdict(list)
    over = 0
    for count in classes(rows).values():
        size, most = sum(count.values()), max(count.values())
        p = {value: of / size for value, of in count.items()}
        found["size"].append(size)
        found["distinct"].append(len(count))
        found["entropy"].append(-sum(share * math.log(share) for share in p.values()))
        found["alpha"].append(most / size)
        found["recursive_c"] += [most / (size - most)] if size > most else []
        found["gain"].append(max((p[value] - shares[value]) / shares[value] for value in p))
        found["log_ratio"].append(max(abs(math.log(p[value] / shares[value])) for value in p))
        found["distance"].append(sum(abs(p.get(value, 0) - q) for value, q in shares.items()) / 2)
        beyond = any(p[value] / shares[value] - 1 > -math.log(shares[value]) for value in p)
        over += size if beyond else 0
    least = {"size", "distinct", "entropy"}
    measures = {name: (min if name in least else max)(all_) for name, all_ in found.items() if all_}
    return {**measures, "rows_over": over, **ordered(rows)}


def ordered(rows: Rows) -> dict[str, float]:
    """Return the ordered distance by its definition: prefix sums over all numbers of the table."""
    known = [(key, float(value)) for key, value in rows if value]
    total = Counter(value for _, value in known)
    if len(total) < 2:
        return {"ordered_rows": len(known)}
    greatest = 0.0
    for count in classes(known).values():
        low = high = moved = 0.0
        for value in sorted(total):
            low += count[value] / sum(count.values())
            high += total[value] / len(known)
            moved += abs(low - high)
        greatest = max(greatest, moved / (len(total) - 1))
    return {"ordered_rows": len(known), "ordered_distance": greatest}


def classes(rows: Sequence[tuple[str, Value]]) -> dict[str, Counter[Value]]:
    """Return how often each value occurs in each class."""
    found: dict[str, Counter[Value]] = defaultdict(Counter)
    for key, value in rows:
        found[key][value] += 1
    return found


def drawn(seed: int) -> Rows:
    """Return rows drawn at random, with few or many classes and values, some of them missing."""
    draw = random.Random(seed)
    keys, values = draw.choice([1, 3, 40]), draw.choice([1, 2, 5, 30])
    texts = ["", *(str(draw.randrange(values) / 2) for _ in range(9))]
    return [(draw.choice(["", *map(str, range(keys))]), draw.choice(texts)) for _ in range(150)]


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(8))
def test_measures_are_those_of_plain_counting_in_sql_to_the_last_digit_as_in_narwhals(
    opened: Opener, seed: int
) -> None:
    of_text = table(opened, drawn(seed))
    in_narwhals = diversity(of_text.named, SPEC)
    measures = {str(name): float(value) for name, at, value in in_narwhals.entries if not at}
    assert measures == pytest.approx(counted(drawn(seed)), abs=1e-9)
    assert of_text.tally([SPEC])[0] == in_narwhals


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(4))
def test_numbers_are_measured_in_sql_to_the_last_digit_as_in_narwhals(seed: int) -> None:
    import polars as pl

    rows = [(key or None, float(value) if value else None) for key, value in drawn(seed)]
    of_numbers = open_frame(pl.DataFrame(rows, schema={"k": pl.String, "v": pl.Float64}, orient="row"))
    assert of_numbers.tally([SPEC])[0].entries == diversity(of_numbers.named, SPEC).entries


def test_a_frame_of_another_engine_takes_the_other_way() -> None:
    import polars as pl

    frame = nw.from_native(pl.LazyFrame({"k0": ["a", "a", "b"], "v": [1.0, 2.0, 4.0]}))
    found = ordered_distance(frame, ["k0"])
    assert found.rows == 3
    # By hand, class b: |0 - 1/3| + |0 - 2/3|, over 2 steps.
    assert found.distance == pytest.approx(0.5)


def test_a_column_of_numbers_needs_no_second_look() -> None:
    """By hand: class b holds 4 of 1, 1.5 and 4: |0 - 1/3| + |0 - 2/3| over 2; and a half of two numbers."""
    import polars as pl

    frame = pl.DataFrame({"k": ["a", "a", "b"], "v": [1.0, 1.5, 4.0]})
    entries = open_frame(frame).tally([SPEC])[0].entries
    assert {entry[0]: entry[2] for entry in entries}["ordered_distance"] == pytest.approx(0.5)
    only = open_frame(frame.head(2).with_columns(k=pl.Series(["a", "b"]))).tally([SPEC])[0].entries
    assert {entry[0]: entry[2] for entry in only}["ordered_distance"] == pytest.approx(0.5)


def test_distribution_counts_every_class_and_row(opened: Opener) -> None:
    rows = [("a", "1"), ("a", "1"), ("b", "1"), ("b", "2"), *(("c", str(n)) for n in range(15))]
    entries = diversity(table(opened, rows).named, SPEC).entries
    assert [entry for entry in entries if entry[1]] == [
        ("classes_with", 1, 1),
        ("classes_with", 2, 1),
        ("classes_with", MANY, 1),
        ("rows_with", 1, 2),
        ("rows_with", 2, 2),
        ("rows_with", MANY, 15),
    ]


def test_the_same_rows_in_another_order_give_the_same_entries(opened: Opener) -> None:
    rows = list(drawn(7))
    first = diversity(table(opened, rows).named, SPEC).entries
    random.Random(1).shuffle(rows)
    assert diversity(table(opened, rows).named, SPEC).entries == first


def test_published_example_of_ordered_distance(opened: Opener) -> None:
    """Li et al. (2007), section 5.1: salaries 3k to 11k; 3k, 4k, 5k are 0.375 away, 6k, 8k, 11k 0.167."""
    low = worst(opened, [("a", str(n)) for n in (3, 4, 5)] + [("b", str(n)) for n in range(6, 12)])
    assert low["ordered_distance"] == pytest.approx(0.375)
    high = [("b", str(n)) for n in (6, 8, 11)] + [("a", str(n)) for n in (3, 4, 5, 7, 9, 10)]
    # The other six are nearer: the three weigh half as much there, so that they move half as far.
    assert worst(opened, high)["ordered_distance"] == pytest.approx(1 / 6)


def test_missing_values_are_one_value_but_no_number(opened: Opener) -> None:
    rows = [("a", ""), ("a", " "), ("b", "1"), ("b", "2")]
    found = worst(opened, rows)
    assert found["distinct"] == 1
    assert found["gain"] == pytest.approx(1)
    assert found["ordered_rows"] == 2
    assert found["ordered_distance"] == 0


def test_without_two_numbers_there_is_no_order(opened: Opener) -> None:
    for number, known in (("7", 1), ("", 0)):
        found = worst(opened, [("a", number), ("b", "")])
        assert found["ordered_rows"] == known
        assert "ordered_distance" not in found


def test_no_rows_give_no_entries(opened: Opener) -> None:
    assert diversity(table(opened, []).named, SPEC).entries == ()


def test_text_has_no_order(opened: Opener) -> None:
    with pytest.raises(DataError, match=r"column 'v' of .* must hold numbers, but 1 of its cells do not"):
        worst(opened, [("a", "1"), ("a", "low")])
    unordered = SPEC.model_copy(update={"ordered": False})
    assert "ordered_rows" not in worst(opened, [("a", "1"), ("a", "low")], unordered)


def test_classes_are_made_by_any_key(opened: Opener) -> None:
    rows = [("1", "a"), ("2", "b"), ("9", "a"), ("9", "a")]
    binned = Diversity(keys=(BinKey(column="k", edges=(5.0,)),), sensitive="v")
    assert worst(opened, rows, binned)["alpha"] == 1
    mapped = Diversity(keys=(OutcomeKey(column="k", positive=(1, 2, 9), negative=(0,)),), sensitive="v")
    assert worst(opened, rows, mapped)["alpha"] == 0.75


def test_a_column_that_is_not_there_is_named(opened: Opener) -> None:
    with pytest.raises(DataError, match="has no column 'w'"):
        worst(opened, [("a", "1")], SPEC.model_copy(update={"sensitive": "w"}))
