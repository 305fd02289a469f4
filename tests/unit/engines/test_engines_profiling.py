"""A profile describes columns, and shows no person."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from conformity.engines.frame import open_frame
from conformity.engines.interface import TableSource
from conformity.engines.profile import ColumnProfile, TableProfile
from conformity.engines.profiling import profile_table
from tests.support.tables import Opener


def column(profile: TableProfile, name: str) -> ColumnProfile:
    """Return the profile of one column."""
    return next(one for one in profile.columns if one.name == name)


def test_a_text_table_is_described(opened: Opener) -> None:
    content = "sex,age,code,mail,empty\n" + "".join(
        f"{'f' if n % 3 else 'm'},{20 + n},0{n % 2},p{n}@example.com,\n" for n in range(60)
    )
    profile = profile_table(opened(content + " f ,,01,,\n"))
    assert profile.rows == 61
    assert [one.name for one in profile.columns] == ["sex", "age", "code", "mail", "empty"]
    sex = column(profile, "sex")
    assert (sex.kind, sex.missing, sex.distinct) == ("text", 0, 2)
    assert sex.top == (("f", 41), ("m", 20))
    age = column(profile, "age")
    assert (age.kind, age.missing, age.minimum, age.maximum, age.top) == ("integer", 1, 20.0, 79.0, ())
    assert abs(age.distinct - 60) <= 10
    code = column(profile, "code")
    assert (code.kind, code.minimum, code.top) == ("text", None, (("01", 31), ("00", 30)))
    mail = column(profile, "mail")
    assert (mail.missing, mail.top, mail.patterns) == (1, (), (("email", 1.0),))
    empty = column(profile, "empty")
    assert (empty.kind, empty.missing, empty.distinct, empty.top) == ("text", 61, 0, ())


def test_kinds_hold_for_all_rows(opened: Opener) -> None:
    content = "a,b,c,d\n" + "1,1,true,2026-01-01\n" * 300 + "1.5,x,maybe,soon\n"
    profile = profile_table(opened(content))
    assert [one.kind for one in profile.columns] == ["number", "text", "text", "text"]
    assert column(profile, "a").maximum == 1.5
    assert column(profile, "b").maximum is None


def test_frequent_values_are_cut_at_twelve_and_fifty(opened: Opener) -> None:
    rows = "".join(f"{n % 13},{n % 50},{n % 51}\n" for n in range(51 * 50))
    profile = profile_table(opened("thirteen,fifty,more\n" + rows))
    assert [len(one.top) for one in profile.columns] == [12, 12, 0]
    assert [one.distinct for one in profile.columns[:2]] == [13, 50]


def test_values_that_tell_people_apart_are_not_shown(opened: Opener) -> None:
    profile = profile_table(opened("name,n\nAnna,1\nBert,1\nCleo,1\n"))
    assert column(profile, "name").top == ()
    assert column(profile, "n").top == (("1", 3),)


def test_numbers_that_only_look_like_identifiers_are_left_out(opened: Opener) -> None:
    rows = "".join(f"{100_000_000 + n},x\n" for n in range(200))
    assert column(profile_table(opened("customer,x\n" + rows)), "customer").patterns == ()


def test_typed_columns_are_described() -> None:
    frame = pl.DataFrame(
        {
            "price": [1.5, float("nan"), float("inf"), None],
            "flag": [True, True, False, None],
            "list": [[1], [2], [1], None],
        }
    )
    profile = profile_table(open_frame(frame))
    price, flag, nested = profile.columns
    assert (price.kind, price.missing, price.minimum, price.maximum) == ("number", 2, 1.5, 1.5)
    assert (flag.kind, flag.top) == ("boolean", ())
    assert (nested.kind, nested.distinct) == ("other", 2)


def test_a_table_without_rows_is_described(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("a,b\n")
    profile = profile_table(TableSource(path, "auto"))
    assert profile.rows == 0
    assert [(one.missing, one.distinct) for one in profile.columns] == [(0, 0), (0, 0)]


def test_columns_of_many_values_have_no_frequent_ones(opened: Opener) -> None:
    profile = profile_table(opened("id\n" + "".join(f"{n}\n" for n in range(500))))
    assert (profile.columns[0].top, profile.columns[0].kind) == ((), "integer")
