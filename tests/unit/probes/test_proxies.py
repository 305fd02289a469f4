"""Which features tell the protected attribute, and where the gap turns round."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from conformity.engines.frame import open_frame
from conformity.model.base import ProbeId, SubjectId
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.fairness.proxies.pairing import OTHERS, merged
from conformity.probes.fairness.proxies.strata import common_difference, contributions, widest
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.registry import load_probe
from conformity.probes.shared.association import cramers_v

_PROBE: TableProbe = load_probe(ProbeId("fairness/proxies"))  # type: ignore[assignment] # it works on tables

_OUTCOME = {"positive": ("yes",), "negative": ("no",)}

_BERKELEY = {
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}
"""Men admitted and rejected, women admitted and rejected, in the six largest departments, 1973.

Source: Bickel, Hammel and O'Connell, Science 187 (1975) 398-404; as printed in Freedman, Pisani and
Purves, Statistics (1978), and in R's data set UCBAdmissions.
"""


def _table(*columns: Column) -> TableSubject:
    return TableSubject(
        id=SubjectId("people"),
        title="People",
        kind="table",
        purpose="testing",
        path="people.csv",
        columns=columns,
    )


def _subject(*features: str, decided: bool = True, role: Any = "feature", **more: Any) -> TableSubject:
    columns = [Column(name="sex", roles=("protected",))]
    columns += [Column(name=name, roles=(role,), **more) for name in features]
    if decided:
        columns.append(Column(name="decision", roles=("prediction",), **_OUTCOME))
    return _table(*columns)


def _measure(subject: TableSubject, data: dict[str, list[Any]]) -> ProbeResult:
    tallies = open_frame(pa.table(data)).tally(_PROBE.tallies(subject))
    return _PROBE.measure(subject, tallies)


def _result(found: ProbeResult, metric: str, *names: str) -> Result:
    """Return the one result of a metric for a group, or for columns."""
    (one,) = [m for m in found.measurements if m.metric == metric and names in (m.by, m.by[1:])]
    return one.result


def _scalar(result: Result) -> Scalar:
    assert isinstance(result, Scalar), result
    return result


def _absent(result: Result) -> NotAvailable:
    assert isinstance(result, NotAvailable), result
    return result


def _berkeley() -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {"sex": [], "dept": [], "decision": []}
    for dept, counts in _BERKELEY.items():
        for n, sex, decision in zip(counts, ("m", "m", "f", "f"), ("yes", "no") * 2, strict=True):
            data["sex"] += [sex] * n
            data["dept"] += [dept] * n
            data["decision"] += [decision] * n
    return data


# Known answers


def test_berkeley_gap_turns_round_within_departments() -> None:
    """Men 1198/2691, women 557/1835 as a whole; within departments the common difference is negative."""
    found = _measure(_subject("dept", role="factor"), _berkeley())
    within = _scalar(_result(found, "gap_within_strata", "sex", "dept"))
    by_hand = [
        (m1 * (f1 + f0) - f1 * (m1 + m0), (m1 + m0) * (f1 + f0), m1 + m0 + f1 + f0)
        for m1, m0, f1, f0 in _BERKELEY.values()
    ]
    difference = sum(top / n for top, _, n in by_hand) / sum(weight / n for _, weight, n in by_hand)
    assert within.value == pytest.approx(difference, abs=1e-12)
    assert within.value < 0
    assert within.n == 1835
    assert within.interval is not None
    assert within.interval.low < within.value < 0 < within.interval.high
    # B has 25 women, too few to compare; in A, D and F women were admitted more often.
    assert _result(found, "reversing_strata", "sex", "dept") == Count(value=3, unit="strata")
    (turned,) = [note for note in found.notes if "Simpson" in note]
    assert "above that of 'f' as a whole" in turned
    assert "in 3 of 5 values of 'dept'" in turned
    assert "'A', 'D', 'F'" in turned


def test_department_is_associated_with_sex_at_berkeley() -> None:
    """R's chi-square of the margin is 1068.4 on 5 degrees of freedom; V corrected by hand from it."""
    found = _measure(_subject("dept"), _berkeley())
    v = _scalar(_result(found, "proxy_association", "dept"))
    n = 4526
    phi2 = 1068.3723 / n - 5 / (n - 1)
    assert v.value == pytest.approx(math.sqrt(phi2 / (2 - 1 / (n - 1) - 1)), abs=1e-6)
    assert v.n == n
    assert v.interval is not None
    assert v.interval.low < v.value < v.interval.high
    u = _scalar(_result(found, "proxy_information", "dept"))
    assert 0.1 < u.value < v.value
    assert _result(found, "features_examined", "sex") == Count(value=1, unit="features")


def test_the_common_difference_agrees_with_the_plain_one_in_a_single_stratum() -> None:
    """With one stratum Mantel-Haenszel is the difference itself, and Sato's variance nearly the usual."""
    difference, reach = common_difference(np.array([[40, 30]]), np.array([[100, 100]]))
    assert difference == pytest.approx(0.1)
    assert reach == pytest.approx(1.96 * math.sqrt(0.4 * 0.6 / 100 + 0.3 * 0.7 / 100), rel=0.01)


def test_the_common_difference_holds_the_truth_in_95_of_100_samples() -> None:
    generator = np.random.default_rng(5)
    cases = np.array([[60, 40], [30, 120], [200, 25], [15, 15]])
    rates = np.array([[0.3, 0.2], [0.5, 0.4], [0.7, 0.6], [0.2, 0.1]])
    held = 0
    for _ in range(1000):
        difference, reach = common_difference(generator.binomial(cases, rates), cases)
        held += abs(difference - 0.1) <= reach
    assert 0.93 <= held / 1000 <= 0.975


# What is shown


def _random(rows: int = 400, features: int = 0) -> dict[str, list[Any]]:
    generator = np.random.default_rng(11)
    sex = generator.choice(["f", "m"], rows)
    data: dict[str, list[Any]] = {"sex": sex.tolist()}
    data["decision"] = generator.choice(["yes", "no"], rows).tolist()
    for number in range(features):
        keep = generator.random(rows) < (number / features if number > 3 else 0)
        data[f"x{number:02d}"] = np.where(keep, sex, generator.choice(["f", "m"], rows)).tolist()
    return data


def test_the_ten_that_may_be_the_strongest_are_shown_of_all_examined() -> None:
    names = [f"x{number:02d}" for number in range(14)]
    found = _measure(_subject(*names), _random(features=14))
    shown = [m.by[1] for m in found.measurements if m.metric == "proxy_association"]
    assert shown == names[4:]
    assert _result(found, "features_examined", "sex") == Count(value=14, unit="features")
    assert len([m for m in found.measurements if m.metric == "gap_within_strata"]) == 5
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)


def test_a_copy_of_the_attribute_is_seen_whatever_its_type() -> None:
    data = _random()
    data["copy"] = [1.5 if sex == "f" else 2 for sex in data["sex"]]
    found = _measure(_subject("copy"), data)
    assert _scalar(_result(found, "proxy_association", "copy")).value == pytest.approx(1, abs=1e-9)
    assert _scalar(_result(found, "proxy_information", "copy")).value == pytest.approx(1, abs=1e-9)


def test_many_numbers_are_binned_so_that_they_still_tell() -> None:
    data = _random(2000)
    data["income"] = [1000 * (sex == "m") + n % 500 + n / 7 for n, sex in enumerate(data["sex"])]
    found = _measure(_subject("income"), data)
    v = _scalar(_result(found, "proxy_association", "income"))
    assert v.value > 0.8
    # The ten bands that numbers are put into serve as strata.
    assert [m.by for m in found.measurements if m.metric == "gap_within_strata"] == [("sex", "income")]


def test_a_number_for_every_row_is_put_into_bands_so_that_it_still_tells() -> None:
    data = _random(25_000)
    data["income"] = [20_000.25 + 30_000 * (sex == "m") + n for n, sex in enumerate(data["sex"])]
    found = _measure(_subject("income"), data)
    assert _scalar(_result(found, "proxy_association", "income")).value > 0.9


def test_declared_edges_make_the_bins() -> None:
    data = _random()
    data["age"] = [20 + n % 40 for n in range(400)]
    subject = _subject("age", edges=(40,))
    found = _measure(subject, data)
    table = np.array(
        [
            [
                sum(s == sex and (a < 40) == young for s, a in zip(data["sex"], data["age"], strict=True))
                for sex in "fm"
            ]
            for young in (True, False)
        ]
    )
    assert _scalar(_result(found, "proxy_association", "age")).value == cramers_v(table).value


def test_labels_stand_in_where_there_are_no_decisions() -> None:
    columns = (
        Column(name="sex", roles=("protected",)),
        Column(name="dept", roles=("factor",)),
        Column(name="decision", roles=("label",), positive=("yes",), negative=("no",)),
    )
    found = _measure(_table(*columns), _berkeley())
    assert any("the label rate of 'm' lies above" in note for note in found.notes)


def test_without_outcomes_there_are_associations_alone() -> None:
    found = _measure(_subject("dept", decided=False), _berkeley())
    assert {m.metric for m in found.measurements} == {
        "features_examined",
        "proxy_association",
        "proxy_information",
    }
    assert found.notes == ()


def test_another_attribute_that_is_a_feature_is_examined_and_itself_is_not() -> None:
    columns = (
        Column(name="sex", roles=("protected", "feature")),
        Column(name="race", roles=("protected",)),
    )
    data = _random()
    data["race"] = ["x", "y"] * 200
    found = _measure(_table(*columns), data)
    assert [m.by for m in found.measurements if m.metric == "proxy_association"] == [("race", "sex")]


def test_the_group_that_drives_the_gap_is_named() -> None:
    """By hand: 170 of 605 are selected; n (rate - 0.281)^2 is 4.8 for a, 1.4 for b, 2.6 for c, 0.4 for d."""
    data = {
        "sex": ["a"] * 100 + ["b"] * 100 + ["c"] * 400 + ["d"] * 5,
        "decision": ["yes"] * 50
        + ["no"] * 50
        + ["yes"] * 40
        + ["no"] * 60
        + ["yes"] * 80
        + ["no"] * 320
        + ["no"] * 5,
        "x": ["p", "q"] * 302 + ["p"],
    }
    found = _measure(_subject("x"), data)
    (note,) = [note for note in found.notes if "adds most" in note]
    assert "highest for 'a' and lowest for 'c'" in note
    assert "is 'a'." in note
    assert "'d'" not in note


# What cannot be seen


def test_a_feature_with_too_many_values_is_not_available() -> None:
    data = _random(25_000)
    data["id"] = [f"n{n}" for n in range(25_000)]
    found = _measure(_subject("id"), data)
    assert "too many values" in _absent(_result(found, "proxy_association", "id")).reason
    assert not [m for m in found.measurements if m.metric == "proxy_information"]
    assert _result(found, "features_examined", "sex") == Count(value=0, unit="features")


@pytest.mark.parametrize(
    ("values", "why", "reason"),
    [
        (["x"] * 400, "undefined", "same value in every row"),
        ([None] * 400, "not_collected", "blank in every row"),
    ],
)
def test_a_feature_that_tells_nothing_is_not_available(values: list[Any], why: str, reason: str) -> None:
    found = _measure(_subject("x"), _random() | {"x": values})
    absent = _absent(_result(found, "proxy_association", "x"))
    assert absent.why == why
    assert reason in absent.reason


def test_one_group_or_few_rows_are_not_available() -> None:
    data = _random(20) | {"x": ["a", "b"] * 10}
    few = _absent(_result(_measure(_subject("x"), data), "proxy_association", "x"))
    assert few.why == "too_few_cases"
    alone = {"sex": ["f"] * 40, "x": ["a", "b"] * 20, "decision": ["yes", "no"] * 20}
    found = _measure(_subject("x"), alone)
    assert "'sex' has the same value" in _absent(_result(found, "proxy_association", "x")).reason
    assert not [m for m in found.measurements if m.metric == "gap_within_strata"]


def test_outcomes_that_are_not_recognised_leave_gaps_out() -> None:
    data = _berkeley()
    data["decision"][0] = "perhaps"
    found = _measure(_subject("dept"), data)
    assert not [m for m in found.measurements if m.metric == "gap_within_strata"]
    assert found.notes == ()


def test_strata_that_hold_one_group_only_leave_the_gap_out() -> None:
    data = _random()
    data["copy"] = list(data["sex"])
    found = _measure(_subject("copy"), data)
    assert not [m for m in found.measurements if m.metric == "gap_within_strata"]


def test_equal_decisions_for_all_name_no_driver() -> None:
    data = _random() | {"x": ["a", "b"] * 200}
    data["decision"] = ["yes"] * 400
    assert _measure(_subject("x"), data).notes == ()


def test_nothing_to_measure_is_said() -> None:
    with pytest.raises(NotMeasurableError, match="`protected`"):
        _PROBE.tallies(_table(Column(name="x", roles=("feature",))))
    with pytest.raises(NotMeasurableError, match="`feature` or `factor`"):
        _PROBE.tallies(_subject())
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure(_subject("x"), {"sex": [], "x": [], "decision": []})


# Helpers


def test_numbers_are_binned_by_frequency_and_texts_by_rank() -> None:
    numbers = [str(n) for n in range(100)] + ["(missing)"]
    bins = merged(numbers, np.ones(101, dtype=np.int64))
    assert len(set(bins)) == 21
    assert bins[:5] == ("bin 00",) * 5
    assert bins[-2:] == ("bin 19", "(missing)")
    texts = ["nan", *(f"t{n}" for n in range(99))]
    kept = merged(texts, np.arange(100, 0, -1))
    assert kept[0] == "nan"
    assert kept[48] == "t47"
    assert set(kept[49:]) == {OTHERS}
    words = ["nan", *(str(n) for n in range(99))]
    assert OTHERS in merged(words, np.ones(100, dtype=np.int64))


def test_widest_gap_and_contributions_by_hand() -> None:
    counts = np.array([[50, 50], [80, 20], [5, 0], [60, 40]])
    assert widest(counts) == (0, 1)
    assert widest(counts[:1]) is None
    assert widest(np.array([[40, 0], [50, 0]])) == (0, 1)
    parts = contributions(np.array([[50, 50], [100, 0]]))
    assert parts == pytest.approx([0.5, 0.5])
    assert contributions(np.array([[10, 10], [20, 20]])) == pytest.approx([0, 0])


@pytest.mark.parametrize(("refused", "named"), [(4, False), (12, True)])
def test_groups_at_the_ends_are_not_named_where_the_rate_of_one_is_of_few(refused: int, named: bool) -> None:
    data = {
        "sex": ["a"] * 66 + ["b"] * 100 + ["c"] * 400,
        "decision": ["yes"] * (66 - refused)
        + ["no"] * refused
        + ["yes"] * 40
        + ["no"] * 60
        + ["yes"] * 80
        + ["no"] * 320,
        "x": ["p", "q"] * 283,
    }
    notes = _measure(_subject("x"), data).notes
    assert any("highest for 'a' and lowest for 'c'" in note for note in notes) is named
    assert any("'a'" in note for note in notes) is named


@pytest.mark.parametrize(("times", "named"), [(1, False), (2, True)])
def test_a_gap_that_turns_round_names_no_group_of_few(times: int, named: bool) -> None:
    """Of 432 men 8 are refused, of 460 women 40; in both departments a larger part of the men is."""
    cells = {("m", "A"): (396, 4), ("m", "B"): (28, 4), ("f", "A"): (60, 0), ("f", "B"): (360, 40)}
    data: dict[str, list[Any]] = {"sex": [], "dept": [], "decision": []}
    for (sex, dept), (taken, refused) in cells.items():
        data["sex"] += [sex] * (taken + refused) * times
        data["dept"] += [dept] * (taken + refused) * times
        data["decision"] += (["yes"] * taken + ["no"] * refused) * times
    notes = _measure(_subject("dept"), data).notes
    assert any("lies above" in note for note in notes) is named
