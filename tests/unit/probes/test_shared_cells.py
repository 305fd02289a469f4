"""The joint tally: what is asked, and how it is taken apart."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.subject import Column
from conformity.model.tally import MISSING, UNRECOGNISED, BinKey, CategoryKey, OutcomeKey
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.cells import (
    BLANK,
    STRANGE,
    read_cells,
    require_roles,
    require_two_outcomes,
)
from tests.strategies import NO, YES, Row, decision_table, joint_tally, tally_of


def test_one_tally_has_every_attribute_then_label_then_prediction() -> None:
    assert joint_tally(decision_table("sex", "age")).keys == (
        CategoryKey(column="sex"),
        CategoryKey(column="age"),
        OutcomeKey(column="label", positive=YES, negative=NO),
        OutcomeKey(column="prediction", positive=YES, negative=NO),
    )


def test_an_attribute_with_edges_is_binned() -> None:
    table = decision_table("age")
    age = table.columns[0].model_copy(update={"edges": (26.0,)})
    binned = table.model_copy(update={"columns": (age, *table.columns[1:])})
    assert joint_tally(binned).keys[0] == BinKey(column="age", edges=(26.0,))


def test_outcomes_that_are_not_bound_are_left_out() -> None:
    assert [key.column for key in joint_tally(decision_table("sex", label=None)).keys] == [
        "sex",
        "prediction",
    ]
    assert [key.column for key in joint_tally(decision_table("sex", prediction=None)).keys] == [
        "sex",
        "label",
    ]


def test_one_column_for_both_outcomes_is_asked_once_and_read_twice() -> None:
    table = decision_table("sex", label="outcome", prediction="outcome")
    assert [key.column for key in joint_tally(table).keys] == ["sex", "outcome"]
    groups = read_cells(table, tally_of(table, {("f", "1"): 3, ("f", "0"): 2})).groups(0)
    assert groups.counts[0, 1, 1] == 3
    assert groups.counts[0, 0, 0] == 2
    assert groups.rows == 5


def test_cells_are_put_into_groups_by_any_attributes() -> None:
    table = decision_table("sex", "age")
    counts: dict[Row, int] = {
        ("m", "old", "1", "1"): 1,
        ("f", "old", "1", "0"): 2,
        ("f", "young", "0", MISSING): 4,
        ("f", "young", UNRECOGNISED, "1"): 8,
        (MISSING, "young", "0", "0"): 16,
    }
    cells = read_cells(table, tally_of(table, counts))
    by_sex, pairs, everybody = cells.groups(0), cells.groups(0, 1), cells.groups()
    assert by_sex.by == ("sex",)
    assert by_sex.names == ((MISSING,), ("f",), ("m",))
    assert by_sex.counts.sum(axis=(1, 2)).tolist() == [16, 14, 1]
    assert by_sex.counts[1, 0, BLANK] == 4
    assert by_sex.counts[1, STRANGE, 1] == 8
    assert pairs.by == ("sex", "age")
    assert pairs.names == ((MISSING, "young"), ("f", "old"), ("f", "young"), ("m", "old"))
    assert pairs.counts.sum(axis=(1, 2)).tolist() == [16, 2, 12, 1]
    assert (everybody.by, everybody.names, everybody.rows) == ((), ((),), 31)


def test_an_outcome_that_no_column_holds_is_blank() -> None:
    table = decision_table("sex", label=None)
    groups = read_cells(table, tally_of(table, {("f", "1"): 3})).groups(0)
    assert groups.counts[0, BLANK, 1] == 3
    table = decision_table("sex", prediction=None)
    groups = read_cells(table, tally_of(table, {("f", "1"): 3})).groups(0)
    assert groups.counts[0, 1, BLANK] == 3


def test_counts_beyond_32_bits_stay_exact() -> None:
    table = decision_table("sex")
    big = 2**40 + 1
    groups = read_cells(table, tally_of(table, {("f", "1", "1"): big, ("f", "0", "1"): 1})).groups(0)
    assert groups.rows == big + 1
    assert groups.counts.dtype == np.int64


@pytest.mark.parametrize("counts", [{}, {("f", "1", "1"): 0}])
def test_no_rows_are_not_measurable(counts: dict[tuple[str, ...], int]) -> None:
    table = decision_table("sex")
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        read_cells(table, tally_of(table, counts))


def test_roles_that_are_not_bound_are_named() -> None:
    with pytest.raises(NotMeasurableError, match="has the role `label` and `score`"):
        require_roles(decision_table("sex", label=None), "label", "prediction", "score")


def test_label_and_prediction_must_be_two_columns() -> None:
    with pytest.raises(NotMeasurableError, match="'outcome' is bound as label and as prediction"):
        require_two_outcomes(decision_table(label="outcome", prediction="outcome"))
    with pytest.raises(NotMeasurableError, match="`prediction`"):
        require_two_outcomes(decision_table(prediction=None))


def test_classes_and_numbers_are_no_two_outcomes() -> None:
    table = decision_table("sex")
    for content in ("classes", "numbers"):
        label = Column.model_validate({"name": "label", "roles": ("label",), "content": content})
        other = table.model_copy(update={"columns": (table.columns[0], label, table.columns[2])})
        with pytest.raises(NotMeasurableError, match=f"holds {content}, not two outcomes"):
            require_two_outcomes(other)
        assert [key.column for key in joint_tally(other).keys] == ["sex", "prediction"]
