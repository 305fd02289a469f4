"""What a terminal and a chat may tell: no rare value, nothing about a few people."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.entry.telling import Telling
from conformity.model.measurement import Count, NotAvailable, Scalar
from conformity.probes.shared.wording import group_in_words
from tests.support.assessments import measured, observation

RARE = measured(Count(value=3, unit="rows"), metric="group_size", by=("city",), group=("Canary",))
COMMON = measured(Count(value=60, unit="rows"), metric="group_size", by=("city",), group=("Oslo",))
TELLING = Telling.of([observation(RARE, COMMON)])


def test_a_value_of_few_people_is_not_named() -> None:
    assert TELLING.about(RARE) == "city=(rare value)"
    assert TELLING.about(COMMON) == "city=Oslo"
    assert TELLING.about(measured(Count(value=1, unit="rows"), by=("a", "b"))) == "a × b"
    assert TELLING.words("few are 'Canary', many 'Oslo'") == "few are (rare value), many 'Oslo'"
    assert TELLING.words("it has 3 rows") == "it has < 10 rows"


@pytest.mark.parametrize("value", ["Sinead O'Neill", "a" * 60, "C:\\people"])
def test_a_value_is_not_named_however_it_is_quoted(value: str) -> None:
    one = measured(Count(value=1, unit="rows"), metric="group_size", by=("city",), group=(value,))
    telling = Telling.of([observation(one)])
    for said in (group_in_words((value,)), repr(value)):
        assert telling.words(f"the group {said} is small") == "the group (rare value) is small"
    assert telling.words(f"the groups are {repr(value)[:30]}") == "the groups are (rare value)"


@pytest.mark.parametrize(
    ("result", "changes", "withheld"),
    [
        (Count(value=9, unit="rows"), {}, True),
        (Count(value=10, unit="rows"), {}, False),
        (Count(value=0, unit="rows"), {}, False),
        (Count(value=3, unit="columns"), {}, False),
        (Count(value=3, unit="rows"), {"metric": "k_anonymity"}, False),
        (Scalar(value=0.5, unit="1", n=9), {"by": ("c",), "group": ("x",)}, True),
        (Scalar(value=0.5, unit="1", n=9), {"by": ("c",)}, True),
        (Scalar(value=0.003, unit="1", n=1000), {}, True),
        (Scalar(value=0.5, unit="1", n=1000), {}, False),
        (Scalar(value=4.2, unit="people", n=1000), {}, True),
        (Scalar(value=1.5, unit="kWh", n=2), {"by": ()}, False),
        (Count(value=3, unit="cells"), {}, True),
        (NotAvailable(why="undefined", reason="one group", n=900), {"by": ("c",)}, False),
        (NotAvailable(why="too_few_cases", reason="few", n=9), {"by": ("c",), "group": ("x",)}, True),
    ],
)
def test_few_people_are_withheld(result: Any, changes: dict[str, Any], withheld: bool) -> None:
    assert TELLING.is_withheld(measured(result, **changes)) is withheld
    assert TELLING.withheld == "withheld: it is about fewer than 10 rows, or would tell of them"


def test_what_would_tell_the_size_of_a_small_group_is_withheld() -> None:
    sizes = [measured(Count(value=n, unit="rows"), metric="group_size", by=("sex",), group=(value,))
             for value, n in (("f", 500), ("m", 600), ("x", 3))]  # fmt: skip
    rate = {"metric": "selection_rate", "by": ("sex",)}
    rates = [measured(Scalar(value=0.5, unit="1", n=n), **rate, group=(v,))
             for v, n in (("f", 500), ("m", 600))]  # fmt: skip
    gap = measured(Scalar(value=0.1, unit="1", n=500), metric="selection_rate_gap", by=("sex",))
    missing = measured(NotAvailable(why="undefined", reason="none", n=500), by=("sex",), group=("f",))
    telling = Telling.of([observation(*sizes, *rates, gap, missing)])
    assert [telling.is_withheld(one) for one in (*sizes, *rates)] == [True, False, True, True, False]
    assert not telling.is_withheld(missing)
    assert (telling.cases(rates[1]), telling.cases(gap), telling.cases(sizes[1])) == (600, None, None)
    assert TELLING.cases(measured(Scalar(value=0.1, unit="1", n=500), by=("b",))) == 500


def _rate(metric: str, value: float, n: int, group: str) -> Any:
    """Return a rate of a level of education."""
    return measured(Scalar(value=value, unit="1", n=n), metric=metric, by=("education",), group=(group,))


def _across(metric: str, *by: str) -> Any:
    """Return a comparison."""
    return measured(Scalar(value=0.198, unit="1", n=66), metric=metric, by=by or ("education",))


def test_a_gap_between_a_withheld_rate_and_another_is_withheld() -> None:
    """0.198 more than 0.742 is 0.940, of 66 people 62: 4 defaulters."""
    rates = [_rate("label_rate", 62 / 66, 66, "4"), _rate("label_rate", 0.742, 2430, "3")]
    plain = [_rate("accuracy", 0.8, 5325, "1"), _rate("accuracy", 0.7, 7000, "2")]
    telling = Telling.of([observation(*rates, *plain)])
    assert telling.is_withheld(_across("label_rate_difference"))
    assert telling.is_withheld(_across("gap_within_strata", "education", "pay"))
    assert not telling.is_withheld(_across("accuracy_difference"))
    assert not telling.is_withheld(_across("demographic_parity_difference"))
    absent = NotAvailable(why="undefined", reason="one group", n=66)
    assert not telling.is_withheld(measured(absent, metric="label_rate_difference", by=("education",)))


def test_cases_and_counts_that_tell_the_few_of_a_group_are_withheld() -> None:
    """3,318 defaulters less 1,629, 1,648 and 38 leave 3."""
    sizes = [
        measured(Count(value=n, unit="rows"), metric="group_size", by=("education",), group=(value,))
        for value, n in (("0", 24), ("1", 6840), ("3", 166))
    ]
    defaults = [_rate("auc", 0.75, n, value) for value, n in (("1", 1629), ("3", 38))]
    none = measured(
        NotAvailable(why="too_few_cases", reason="few", n=3), metric="auc", by=("education",), group=("0",)
    )
    count = measured(Count(value=852, unit="rows"), metric="negatives", by=("education",), group=("1",))
    telling = Telling.of([observation(*sizes, *defaults, none, count)])
    assert [telling.cases(one) for one in defaults] == [None, None]
    assert telling.cases(_rate("accuracy", 0.8, 6840, "1")) == 6840
    assert telling.is_withheld(count)
    assert [telling.is_withheld(one) for one in sizes] == [False, False, False]
    assert telling.is_withheld(_across("minimum_detectable_difference"))
    assert telling.cases(_across("auc_difference")) is None
    assert not TELLING.is_withheld(_across("minimum_detectable_difference"))


def test_cases_within_strata_are_not_told() -> None:
    assert TELLING.cases(_across("gap_within_strata", "sex", "pay")) is None
    assert TELLING.cases(_across("proxy_association", "sex", "pay")) == 66
    kwh = Scalar(value=1.5, unit="kWh", n=2, obtained="measured")
    assert TELLING.cases(measured(kwh, by=("part",), group=("processor",))) == 2


def test_a_rate_from_which_one_of_few_people_follows_is_withheld() -> None:
    rates = [
        _rate("label_rate", won / n, n, group)
        for group, won, n in (("1", 4000, 5325), ("3", 1802, 2430), ("4", 62, 66))
    ]
    telling = Telling.of([observation(*rates)])
    assert [telling.is_withheld(one) for one in rates] == [False, True, True]
    assert telling.is_withheld(_rate("mean_score", 0.7, 2430, "3"))
    assert not telling.is_withheld(_rate("mean_score", 0.7, 5325, "1"))
