"""MetricFrames of Fairlearn: intervals of our own where counts allow it, and no number where they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.errors import ConformityError, DataError
from conformity.model.measurement import NotAvailable, Scalar
from conformity.probes.interface import NotMeasurableError, ProbeResult
from tests.support.imports import DATA, STRANGE, damaged, examined, real, record, written
from tests.support.robust_models import of_metric, order, scalar

PROBE = "fairness/imported_group_rates"
FOLDER = DATA / "fairlearn"


def found(path: Path) -> ProbeResult:
    """Return what is found in a file."""
    return examined(PROBE, record(path, "fairlearn"))


def changed(folder: Path, metric: str, values: Any, name: str = "by_group_columns.json") -> ProbeResult:
    """Return what is found where one metric is another one; None leaves it out."""
    data = real(f"fairlearn/{name}")
    data[metric] = values
    return found(written(folder, {key: one for key, one in data.items() if one is not None}))


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("by_group_columns", ("group",)),
        ("by_group_index", ("group",)),
        ("by_group_split", ("group",)),
        ("by_group_table", ("sex",)),
        ("wrapper", ("sex",)),
    ],
)
def test_every_orientation_gives_the_same_numbers(name: str, by: tuple[str, ...]) -> None:
    """81 of 177 women and 114 of 223 men were selected: Wilson's limits by hand, Newcombe's from them."""
    seen = found(FOLDER / f"{name}.json")
    women = scalar(seen, "imported_selection_rate", by, ("F",))
    assert (women.value, women.n) == (81 / 177, 177)
    assert women.interval is not None
    assert (round(women.interval.low, 3), round(women.interval.high, 3)) == (0.386, 0.531)
    gap = scalar(seen, "imported_selection_rate_difference", by)
    assert gap.value == pytest.approx(114 / 223 - 81 / 177)
    assert gap.interval is not None
    assert (gap.n, gap.interval.method) == (177, "Newcombe hybrid score")
    assert scalar(seen, "imported_selection_rate_ratio", by).value == pytest.approx((81 / 177) / (114 / 223))
    assert scalar(seen, "imported_true_positive_rate", by, ("M",)).n == 96
    assert scalar(seen, "imported_false_positive_rate", by, ("M",)).value == pytest.approx(34 / 127)
    assert scalar(seen, "imported_accuracy", by, ("F",)).value == pytest.approx(136 / 177)
    assert order(seen.measurements) == sorted(order(seen.measurements))


def test_crossed_attributes_are_read_in_every_form_that_names_groups() -> None:
    tables = {name: found(FOLDER / f"crossed_{name}.json") for name in ("columns", "index", "split", "table")}
    for name, seen in tables.items():
        by = ("sex", "age") if name == "table" else ("group 1", "group 2")
        assert scalar(seen, "imported_selection_rate", by, ("F", "under 40")).value == pytest.approx(40 / 96)


def test_the_wrapper_tells_version_and_day() -> None:
    first = found(FOLDER / "wrapper.json").notes[0]
    assert first.endswith("Fairlearn; version: 0.15.0; day of its run: 2026-11-23.")


def test_forms_that_leave_out_names_are_not_guessed() -> None:
    with pytest.raises(NotMeasurableError, match="in a version or form that is not read"):
        found(FOLDER / "by_group_records.json")
    with pytest.raises(NotMeasurableError, match="in a version or form that is not read"):
        found(FOLDER / "series.json")


@pytest.mark.parametrize(
    ("metric", "values", "reason"),
    [
        ("count", None, "without its number of cases; add the metric `count`"),
        ("count", {"F": 177, "M": None}, "has no number for this rate or its cases"),
        (
            "selection_rate",
            {"F": float("nan"), "M": 0.5112107623},
            "has no number for this rate or its cases",
        ),
        (
            "selection_rate",
            {"F": 0.4571, "M": 0.5112107623},
            "no share of whole cases, as when they are weighted",
        ),
    ],
)
def test_a_rate_without_counts_is_no_number(tmp_path: Path, metric: str, values: Any, reason: str) -> None:
    """Neither the group's rate nor a gap is told: a criterion on it stays open."""
    seen = changed(tmp_path, metric, values)
    results = {
        **of_metric(seen, "imported_selection_rate"),
        **of_metric(seen, "imported_selection_rate_difference"),
        **of_metric(seen, "imported_selection_rate_ratio"),
    }
    assert len(results) == 3
    for one in results.values():
        assert isinstance(one, NotAvailable)
        assert (one.why, reason in one.reason) == ("not_collected", True)
    assert isinstance(scalar(seen, "imported_true_positive_rate", ("group",), ("M",)), Scalar)


def test_small_groups_lose_name_and_rate(tmp_path: Path) -> None:
    data = {
        "count": {"a": 100, "b": 100, "secret": 9, "c": 20},
        "selection_rate": {"a": 0.5, "b": 0.25, "secret": 1.0, "c": 0.5},
        "other": {"a": 1, "b": 1, "secret": 1, "c": 1},
    }
    seen = found(written(tmp_path, data))
    results = of_metric(seen, "imported_selection_rate")
    assert [isinstance(results[("group",), (name,)], Scalar) for name in ("a", "b", "c", "withheld 4")] == [
        *[True] * 2,
        *[False] * 2,
    ]
    assert "secret" not in repr(seen)
    assert scalar(seen, "imported_selection_rate_difference", ("group",)).value == 0.25
    assert seen.notes[-1] == "Metrics in the file that are not read: other."
    assert any(note.startswith("By group, these groups have fewer than 30") for note in seen.notes)


def test_an_empty_group_has_no_rate_and_its_name_is_withheld(tmp_path: Path) -> None:
    data = {"count": {"a": 100, "b": 100, "e": 0}, "selection_rate": {"a": 0.5, "b": 0.2, "e": None}}
    seen = found(written(tmp_path, data))
    assert isinstance(of_metric(seen, "imported_selection_rate")[("group",), ("withheld 3",)], NotAvailable)
    crossed = {
        "count": {"('a', 1)": 50, "('b', 2.0)": 3},
        "accuracy_score": {"('a', 1)": 0.5, "('b', 2.0)": 0},
    }
    names = {key[1] for key in of_metric(found(written(tmp_path, crossed)), "imported_accuracy")}
    assert names == {("a", "1"), ("withheld", "withheld 2")}


@pytest.mark.parametrize(
    ("metric", "values", "message"),
    [
        ("count", {"F": 177.5, "M": 223}, "`count` is no number of cases"),
        ("count", {"F": -1, "M": 223}, "`count` is no number of cases"),
        ("positives", {"F": 81, "M": 96}, "do not add up to `count`"),
        ("selection_rate", {"F": 1.5, "M": 0.5}, "`selection_rate` lies outside 0 to 1"),
        ("recall", {"F": 0.75, "M": 0.8333333333}, "true_positive_rate and recall, which are the same"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    tmp_path: Path, metric: str, values: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        changed(tmp_path, metric, values)


def test_no_metric_that_is_known_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="holds nothing that is read"):
        found(written(tmp_path, {"f1_score": {"F": 0.5}}))
    with pytest.raises(NotMeasurableError, match="holds nothing that is read"):
        found(written(tmp_path, {"count": {"F": 50}, "f1_score": {"F": 0.5}}))


@pytest.mark.parametrize(
    ("name", "path", "value", "message"),
    [
        ("wrapper", ("written_by",), "evidently", "another program than fairlearn"),
        ("wrapper", ("sensitive_features",), "sex", "needs `sensitive_features`"),
        ("wrapper", ("sensitive_features",), ["sex", "age"], "names 2 attributes and has groups of 1"),
        ("crossed_table", ("schema", "primaryKey"), [], "no frame in the orientation `table`"),
        ("crossed_table", ("data",), 3, "no frame in the orientation `table`"),
        ("by_group_table", ("data", 1, "sex"), "F", "holds a group twice"),
        ("by_group_split", ("index", 1), "F", "holds a group twice"),
        ("by_group_split", ("index",), ["F"], "no frame in the orientation `split`"),
        ("by_group_split", ("data", 1), [1], "another number of cells than columns"),
        ("by_group_split", ("index", 1), ["M", "old"], "from 1 to 500 groups of the same attributes"),
    ],
)
def test_a_frame_whose_parts_do_not_fit_is_refused(
    tmp_path: Path, name: str, path: tuple[Any, ...], value: Any, message: str
) -> None:
    data = real(f"fairlearn/{name}.json")
    inside = data
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    with pytest.raises(DataError, match=message):
        found(written(tmp_path, data))


def test_an_index_without_a_name_and_keys_that_are_no_tuples(tmp_path: Path) -> None:
    data = real("fairlearn/by_group_table.json")
    data["schema"]["primaryKey"] = ["index"]
    data["data"] = [row | {"index": row["sex"]} for row in data["data"]]
    seen = found(written(tmp_path, data))
    assert scalar(seen, "imported_selection_rate", ("group",), ("F",)).n == 177
    keys = ("(x)", "(1 +)", "(1)")
    odd = {"count": dict.fromkeys(keys, 50), "accuracy": dict.fromkeys(keys, 0.5)}
    groups = {key[1] for key in of_metric(found(written(tmp_path, odd)), "imported_accuracy")}
    assert groups == {(key,) for key in keys}


@pytest.mark.parametrize("name", ["by_group_table", "wrapper"])
def test_a_damaged_file_is_refused_and_never_breaks_the_probe(tmp_path: Path, name: str) -> None:
    every = [*damaged(real(f"fairlearn/{name}.json"), 2), *STRANGE]
    for data in every:
        try:
            found(written(tmp_path, data))
        except (ConformityError, NotMeasurableError):
            continue
