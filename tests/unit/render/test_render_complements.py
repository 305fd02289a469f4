"""Sizes that are withheld so that no small one follows from sums; the truth is found by linear programmes."""

from __future__ import annotations

import itertools
import random

import pytest

from conformity.render.views.complements import Group, complements

_LIMIT = 10


def _of(*pairs: tuple[str, int]) -> dict[Group, int]:
    """Return groups of one column with their sizes."""
    return {("t", ("a",), (value,)): size for value, size in pairs}


def _crossed(sizes: dict[tuple[str, str], int]) -> dict[Group, int]:
    """Return groups of two columns with their sizes."""
    return {("t", ("a", "b"), values): size for values, size in sizes.items()}


def _values(found: frozenset[Group]) -> set[tuple[str, ...]]:
    """Return the values of groups."""
    return {values for _, _, values in found}


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ([("f", 500), ("m", 600)], set()),
        ([("f", 500), ("m", 600), ("x", 3)], {("f",)}),
        ([("f", 500), ("m", 600), ("x", 3), ("y", 6)], {("f",)}),
        ([("f", 500), ("m", 600), ("x", 4), ("y", 6)], set()),
        ([("f", 500), ("m", 600), ("x", 0)], set()),
        ([("x", 3)], set()),
    ],
)
def test_groups_of_one_column(sizes: list[tuple[str, int]], hidden: set[tuple[str]]) -> None:
    assert _values(complements(_of(*sizes), _LIMIT)) == hidden


def test_a_group_that_is_not_listed_is_guarded_too() -> None:
    cells = _crossed({("f", "n"): 300, ("f", "s"): 195})
    sizes = {**_of(("f", 500), ("m", 600)), **cells}
    assert _values(complements(sizes, _LIMIT)) == {("f", "s")}


def test_the_parts_of_a_withheld_size_do_not_give_it_away() -> None:
    single = _of(("f", 500), ("m", 600), ("x", 3))
    parts = {("f", "n"): 300, ("f", "s"): 200, ("m", "n"): 400, ("m", "s"): 200, ("x", "n"): 3}
    other: dict[Group, int] = {("t", ("b",), ("n",)): 703, ("t", ("b",), ("s",)): 400}
    hidden = _values(complements({**single, **_crossed(parts), **other}, _LIMIT))
    assert ("f",) in hidden
    assert hidden & {("f", "n"), ("f", "s")}


@pytest.mark.parametrize("seed", range(8))
def test_no_small_size_follows_from_those_that_are_told(seed: int) -> None:
    sizes = _made(seed)
    hidden = {group for group, size in sizes.items() if size < _LIMIT} | complements(sizes, _LIMIT)
    small = sorted(group for group, size in sizes.items() if size < _LIMIT)
    assert small
    assert [group for group in small if _follows(group, sizes, hidden)] == []
    only = {group for group, size in sizes.items() if size < _LIMIT}
    assert any(_follows(group, sizes, only) for group in small)


def _made(seed: int) -> dict[Group, int]:
    """Return sizes of the groups of three columns and of their pairs, for rows drawn at random."""
    draw = random.Random(seed)
    columns = {"a": ("f", "m", "x"), "b": ("n", "o", "s"), "c": ("1", "2", "3", "4")}
    common = {"a": (50, 50, 0.4), "b": (60, 40, 0.6), "c": (30, 40, 30, 0.3)}
    rows = [
        {name: draw.choices(values, common[name])[0] for name, values in columns.items()} for _ in range(900)
    ]
    rows.append({"a": "x", "b": "s", "c": "4"})
    sizes: dict[Group, int] = {}
    for by in [*((name,) for name in columns), *itertools.combinations(columns, 2)]:
        for row in rows:
            group = ("t", tuple(by), tuple(row[name] for name in by))
            sizes[group] = sizes.get(group, 0) + 1
    return sizes


def _follows(group: Group, sizes: dict[Group, int], hidden: set[Group] | frozenset[Group]) -> bool:
    """Tell whether a size is the only one that fits all sizes that are told, by linear programming."""
    import numpy as np
    from scipy.optimize import linprog

    place = {one: index for index, one in enumerate(sizes)}
    rows, sums = [], []
    lines: dict[tuple[tuple[str, ...], int, tuple[str, ...], tuple[str, ...]], list[Group]] = {}
    for one in sizes:
        _, by, values = one
        for at in range(len(by)):
            left, rest = (*by[:at], *by[at + 1 :]), (*values[:at], *values[at + 1 :])
            lines.setdefault((by, at, left, rest), []).append(one)
    for (_, _, left, rest), parts in lines.items():
        row = np.zeros(len(sizes))
        row[[place[one] for one in parts]] = 1
        if left:
            row[place[("t", left, rest)]] = -1
        rows.append(row)
        sums.append(0 if left else sum(sizes[one] for one in parts))
    bounds = [
        ((1, _LIMIT - 1 if size < _LIMIT else None) if one in hidden else (size, size))
        for one, size in sizes.items()
    ]
    wanted = np.zeros(len(sizes))
    wanted[place[group]] = 1
    ends = [linprog(sign * wanted, A_eq=np.array(rows), b_eq=sums, bounds=bounds).fun for sign in (1, -1)]
    return bool(abs(ends[0] + ends[1]) < 1e-6)
