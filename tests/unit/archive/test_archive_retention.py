"""How long a version is kept: ten years after placing on the market (Art. 18(1)), and never shorter."""

from __future__ import annotations

from datetime import date

import pytest

from conformity.archive.store.retention import kept, retention, ten_years_after
from conformity.model.classification import Outcome
from tests.support.archives import entry

TODAY = date(2036, 12, 2)


@pytest.mark.parametrize(
    ("placed", "until"),
    [
        (date(2026, 12, 1), date(2036, 12, 1)),
        (date(2028, 2, 29), date(2038, 3, 1)),
        (date(9999, 12, 31), date(9999, 12, 31)),
    ],
    ids=["any day", "a leap day", "the end of the calendar"],
)
def test_the_same_day_ten_years_later(placed: date, until: date) -> None:
    """Art. 18(1): for ten years after the system was placed on the market or put into service."""
    assert ten_years_after(placed) == until


@pytest.mark.parametrize("outcome", ["high_risk_annex_i_a", "high_risk_annex_i_b", "high_risk_annex_iii"])
def test_a_high_risk_system_is_kept_for_ten_years(outcome: Outcome) -> None:
    until, because = retention(outcome, date(2026, 12, 1))
    assert until == date(2036, 12, 1)
    assert "Art. 18(1): 10 years" in because
    assert "2026-12-01" in because


def test_while_no_day_is_declared_there_is_no_end() -> None:
    until, because = retention("high_risk_annex_iii", None)
    assert until is None
    assert "`system.placed_on_market_on` is not declared" in because


def test_an_open_classification_counts_as_high_risk() -> None:
    assert retention("cannot_tell", date(2026, 12, 1))[0] == date(2036, 12, 1)
    assert "classification is open" in retention("cannot_tell", None)[1]
    assert "classification is open" in retention("cannot_tell", date(2026, 12, 1))[1]


@pytest.mark.parametrize(
    "outcome", ["out_of_scope", "prohibited", "not_high_risk_art6_3", "transparency_only", "minimal"]
)
def test_for_other_systems_no_period_runs(outcome: Outcome) -> None:
    until, because = retention(outcome, date(2026, 12, 1))
    assert until is None
    assert "No period of Art. 18(1) runs" in because


@pytest.mark.parametrize(
    ("days", "until"),
    [
        ([date(2036, 12, 1)], [date(2036, 12, 1)]),
        ([None, date(2036, 12, 1)], [date(2036, 12, 1), date(2036, 12, 1)]),
        ([date(2036, 12, 1), date(2040, 1, 1)], [date(2040, 1, 1), date(2040, 1, 1)]),
        ([date(2040, 1, 1), date(2036, 12, 1)], [date(2040, 1, 1), date(2036, 12, 1)]),
        ([date(2036, 12, 1), None], [None, None]),
        ([None, None], [None, None]),
        ([date(2036, 12, 1), None, date(2038, 1, 1)], [date(2038, 1, 1)] * 3),
    ],
    ids=["one", "declared later", "extended", "shortened", "withdrawn", "never", "withdrawn and declared"],
)
def test_a_version_is_kept_as_long_as_any_later_one(
    days: list[date | None], until: list[date | None]
) -> None:
    entries = [entry(version=f"1.{n}.0", retain_until=day) for n, day in enumerate(days)]
    entries.insert(1, entry(system="other", retain_until=date(2030, 1, 1)))
    found = kept(entries, TODAY)
    assert [one.keep_until for one in found if one.entry.system == "scorer"] == until
    assert [one.entry for one in found] == entries
    assert all(one.due == (one.keep_until is not None and one.keep_until < TODAY) for one in found)


def test_the_last_day_itself_is_not_due_and_the_next_is() -> None:
    version = entry(retain_until=date(2036, 12, 1))
    assert [kept([version], day)[0].due for day in (date(2036, 12, 1), date(2036, 12, 2))] == [False, True]


def test_the_version_that_decides_is_named() -> None:
    found = kept([entry(retain_until=None), entry(version="1.1.0")], TODAY)
    assert found[0].because == "Art. 18(1). Taken from version 1.1.0 of the same system."
    assert found[1].because == "Art. 18(1)."
