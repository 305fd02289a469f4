"""Notes and words: suspicion is spoken, small counts and long names are not."""

from __future__ import annotations

from conformity.model.subject import Column
from conformity.model.tally import MISSING
from conformity.probes.shared.cells import Groups, read_cells
from conformity.probes.shared.notes import (
    blank_note,
    blank_notes,
    declared_notes,
    same_column_note,
    suspicion_note,
)
from conformity.probes.shared.rates import FALSE_NEGATIVE, SELECTION, TRUE_POSITIVE
from conformity.probes.shared.wording import (
    attribute_in_words,
    group_in_words,
    groups_in_words,
    rows_in_words,
)
from tests.strategies import Row, decision_table, tally_of


def _everybody(counts: dict[Row, int]) -> Groups:
    table = decision_table()
    return read_cells(table, tally_of(table, counts)).groups()


def test_a_hundred_and_one_flawless_predictions_are_suspicious() -> None:
    note = suspicion_note(_everybody({("1", "1"): 60, ("0", "0"): 41}))
    assert note.startswith("All 101 predictions equal the label.")
    assert "copy" in note


def test_few_flawless_predictions_are_not_suspicious() -> None:
    assert suspicion_note(_everybody({("1", "1"): 60, ("0", "0"): 40})) == ""


def test_one_error_removes_the_suspicion() -> None:
    assert suspicion_note(_everybody({("1", "1"): 60, ("0", "0"): 60, ("0", "1"): 1})) == ""


def test_predictions_against_the_label_suggest_swapped_values() -> None:
    assert "swapped" in suspicion_note(_everybody({("1", "0"): 60, ("0", "1"): 60, ("1", "1"): 10}))


def test_many_errors_in_the_right_direction_are_only_errors() -> None:
    counts: dict[Row, int] = {("1", "1"): 50, ("0", "1"): 90, ("0", "0"): 10}
    assert suspicion_note(_everybody(counts)) == ""
    assert suspicion_note(_everybody({("0", "1"): 101})) == ""


def test_blanks_are_counted_in_a_note_without_a_small_number() -> None:
    everybody = _everybody({("1", "1"): 60, ("0", "0"): 60, ("1", MISSING): 4})
    assert blank_note(everybody, SELECTION).startswith("fewer than 10 rows whose prediction is blank")
    everybody = _everybody({("1", "1"): 60, ("0", "0"): 60, ("1", MISSING): 14, ("0", MISSING): 90})
    assert blank_note(everybody, TRUE_POSITIVE).startswith("14 rows whose label or prediction is blank")


def test_no_blanks_no_note() -> None:
    assert blank_note(_everybody({("1", "1"): 60, (MISSING, "0"): 60}), SELECTION) == ""


def test_one_column_for_both_outcomes_is_noted() -> None:
    note = same_column_note(decision_table(label="outcome", prediction="outcome"))
    assert note.startswith("Column 'outcome' is bound as label and as prediction.")
    assert same_column_note(decision_table()) == ""
    assert same_column_note(decision_table(label=None)) == ""
    assert same_column_note(decision_table(prediction=None)) == ""


def test_words() -> None:
    assert rows_in_words(9) == "fewer than 10 rows"
    assert rows_in_words(10) == "10 rows"
    assert attribute_in_words(("sex", "age")) == "sex × age"
    assert group_in_words(("f", "x" * 41)) == "'f' and '" + "x" * 39 + "…'"
    assert group_in_words(("x" * 40,)) == "'" + "x" * 40 + "'"
    assert groups_in_words([("a",), ("b",)]) == "'a', 'b'"
    assert groups_in_words([(letter,) for letter in "abcde"]) == "'a', 'b', 'c', 'd', 'e'"
    assert groups_in_words([(letter,) for letter in "abcdefg"]) == "'a', 'b', 'c', 'd', 'e' and 2 more"


def test_blanks_of_several_rates_share_a_note_where_they_are_as_many() -> None:
    everybody = _everybody({("1", "1"): 60, ("0", "0"): 60, ("1", MISSING): 14})
    (note,) = blank_notes(everybody, (TRUE_POSITIVE, FALSE_NEGATIVE))
    assert note.startswith(
        "14 rows whose label or prediction is blank could belong to each of these: true positive rate, "
        "false negative rate."
    )
    assert blank_notes(everybody, (TRUE_POSITIVE,)) == (blank_note(everybody, TRUE_POSITIVE),)
    assert len(blank_notes(everybody, (SELECTION, TRUE_POSITIVE, FALSE_NEGATIVE))) == 2
    assert blank_notes(_everybody({("1", "1"): 60}), (SELECTION, TRUE_POSITIVE)) == ()


def test_what_is_declared_and_not_used_is_told() -> None:
    table = decision_table("sex")
    assert declared_notes(table) == ()
    more = (Column(name="w", roles=("weight",)), Column(name="home", roles=("cluster",)))
    weight, cluster = declared_notes(table.model_copy(update={"columns": (*table.columns, *more)}))
    assert weight.startswith("Column 'w' is bound as weight. The weights are not used here")
    assert cluster.startswith("Column 'home' says which rows belong together.")
