"""Messages name what was probably meant, and never run over with what was written."""

from __future__ import annotations

import pytest

from conformity.intake.names import advice, listed, nearest, quoted


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("subjetcs", ["subjects", "system"], "subjects"),
        ("Sex", ["SEX", "AGE"], "SEX"),
        ("zzz", ["SEX", "AGE"], None),
        ("x", [], None),
        ("a" * 100_000, ["a" * 190], "a" * 190),
    ],
)
def test_the_nearest_name_is_found(name: str, known: list[str], meant: str | None) -> None:
    assert nearest(name, known) == meant


def test_advice_is_the_nearest_name_or_the_list() -> None:
    assert advice("tabel", ["table", "model"]) == "did you mean 'table'?"
    assert advice("zzz", ["table", "model"]) == "known: table, model"
    assert advice("zzz", []) == "known: none"


def test_long_lists_are_cut_after_the_twelfth_name() -> None:
    names = [f"n{number}" for number in range(13)]
    assert listed(names[:12]).endswith("n10, n11")
    assert listed(names).endswith("n10, n11 and 1 more")


def test_quoted_values_are_printable_and_short() -> None:
    assert quoted("a\nb\x1b") == "'a\\nb\\x1b'"
    assert len(quoted("x" * 158)) == 160
    assert quoted("x" * 159) == "'" + "x" * 79 + "..." + "x" * 79 + "'"
