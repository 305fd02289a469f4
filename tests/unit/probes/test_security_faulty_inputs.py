"""Faulty inputs: each kind ends in one of three ways, and an honest model answers the same question alike."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from conformity.model.measurement import Count, NotAvailable
from conformity.model.subject import ModelSubject
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.security.faulty_inputs.faults import is_sound
from conformity.probes.security.faulty_inputs.probe import PROBE
from conformity.probes.shared.models.interface import Predicted
from tests.support.robust_models import columns, of_metric, order, people, scalar, scratch, target

BY = ("way of asking",)
WAYS = ["asked again", "every row twice", "in batches of 7", "one by one", "rows in another order"]
"""Ways in which nothing that is asked has changed."""


def counts(found: ProbeResult) -> tuple[int, ...]:
    """Return how many kinds were refused, answered and answered with nonsense."""
    results = [
        of_metric(found, f"faulty_inputs_{end}")[(), ()] for end in ("refused", "answered", "nonsense")
    ]
    assert all(isinstance(result, Count) for result in results)
    return tuple(result.value for result in results)


def program(folder: Path, body: str, **changes: Any) -> Target:
    """Return a program over people: ``body`` sees ``rows`` and fills ``out``."""
    head = "import csv, sys\nrows = list(csv.DictReader(sys.stdin))\nout = []\n"
    (folder / "m.py").write_text(head + body + "\nprint('\\n'.join(map(str, out)))")
    given = target(folder, people(60), columns(["a", "b"], **changes))
    fields = given.subject.model_dump(mode="json") | {
        "format": "command",
        "command": {"words": [sys.executable, "{}"]},
    }
    return Target(
        ModelSubject.model_validate(fields), folder / "m.py", given.tables, scratch(folder), given.seed
    )


def test_a_regression_refuses_what_is_no_number_and_wavers_never(tmp_path: Path) -> None:
    rows = people()
    model = LogisticRegression().fit(rows[["a", "b"]], rows["y"])
    found = PROBE.examine(target(tmp_path, rows, columns(["a", "b"]), model))
    # Two infinities, the largest number, two texts, a feature left out, one too many, and no rows at all.
    assert sum(counts(found)) == 8
    assert counts(found)[1:] == (1, 0)
    assert "Answered as if nothing were wrong: the largest number there is." in found.notes
    for way in WAYS:
        assert scalar(found, "wavering_decision_rate", BY, (way,)).value == 0
    assert "The model refuses columns in another order." in found.notes
    assert order(found.measurements) == sorted(order(found.measurements))


def test_a_model_that_takes_columns_by_place_wavers_with_their_order(tmp_path: Path) -> None:
    rows = people()
    model = LogisticRegression().fit(rows[["a", "b"]].to_numpy(), rows["y"])
    found = PROBE.examine(target(tmp_path, rows, columns(["a", "b"]), model))
    assert scalar(found, "wavering_decision_rate", BY, ("columns in another order",)).value > 0.3


def test_bounds_and_texts_give_more_kinds(tmp_path: Path) -> None:
    rows = people()
    coded = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["job"]), remainder="passthrough"
    )
    features = ["a", "b", "age", "job"]
    model = make_pipeline(coded, RandomForestClassifier(10, random_state=0)).fit(rows[features], rows["y"])
    declared = columns(features, age={"minimum": 18, "maximum": 90}, a={"minimum": -9}, job={"maximum": 3})
    found = PROBE.examine(target(tmp_path, rows, declared, model))
    assert sum(counts(found)) == 11
    answered = next(note for note in found.notes if note.startswith("Answered as if"))
    assert "numbers beyond the declared bounds" in answered
    assert "a text of 100,000 letters" in answered
    assert "infinity" not in answered


def test_infinities_that_are_taken_for_numbers_are_found(tmp_path: Path) -> None:
    rows = people(60)
    model = HistGradientBoostingClassifier(max_iter=2).fit(rows[["a", "b"]], rows["y"])
    found = PROBE.examine(target(tmp_path, rows, columns(["a", "b"]), model))
    answered = next(note for note in found.notes if note.startswith("Answered as if"))
    assert "infinity, minus infinity" in answered


def test_a_model_that_is_all_one_feature_has_none_to_leave_out(tmp_path: Path) -> None:
    rows = people()
    model = LogisticRegression().fit(rows[["a"]], rows["y"])
    assert sum(counts(PROBE.examine(target(tmp_path, rows, columns(["a"]), model)))) == 7


def test_nonsense_is_told_from_decisions(tmp_path: Path) -> None:
    body = (
        "end = -1 if any('inf' in r['a'] for r in rows) else None\n"
        "out = [1 if float(r['a']) > 0 else 0 for r in rows][:end]"
    )
    found = PROBE.examine(program(tmp_path, body, a={"minimum": -50.0}))
    assert counts(found)[2] == 2
    assert "Answered with something that is no decision: infinity, minus infinity." in found.notes


def test_a_program_that_draws_lots_wavers(tmp_path: Path) -> None:
    found = PROBE.examine(program(tmp_path, "import random\nout = [random.choice('yn') for _ in rows]"))
    assert scalar(found, "wavering_decision_rate", BY, ("asked again",)).value > 0.2


def test_a_program_that_fails_on_few_rows_has_no_number_for_that(tmp_path: Path) -> None:
    body = "out = [1 if float(r['a']) > 0 else 0 for r in rows]\nassert len(rows) > 1"
    found = of_metric(PROBE.examine(program(tmp_path, body)), "wavering_decision_rate")
    failed = found[BY, ("one by one",)]
    assert isinstance(failed, NotAvailable)
    assert failed.reason == "the model failed (exit code 1) when it was asked one by one"


def test_texts_alone_are_given_numbers(tmp_path: Path) -> None:
    rows = people()
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    model.fit(rows[["job", "sex"]], rows["y"])
    declared = [
        {"name": "job", "roles": ["feature"]},
        {"name": "sex", "roles": ["feature"]},
        columns(["a"])[-1],
    ]
    found = PROBE.examine(target(tmp_path, rows, declared, model))
    # A number and a long text in place of text, a feature left out, one too many, and no rows.
    assert sum(counts(found)) == 5


@pytest.mark.parametrize(
    ("answer", "sound"),
    [
        (Predicted(np.array(["a"])), True),
        (Predicted(np.array(["a"]), np.array([[math.nan, 1.0]])), False),
        (Predicted(np.array([1.0])), True),
        (Predicted(np.array([math.inf])), False),
    ],
)
def test_what_is_not_finite_is_no_decision(answer: Predicted, sound: bool) -> None:
    assert is_sound(answer) is sound


def test_the_same_seed_gives_the_same_result(tmp_path: Path) -> None:
    rows = people()
    model = RandomForestClassifier(5, random_state=0).fit(rows[["a", "b"]], rows["y"])
    first = PROBE.examine(target(tmp_path, rows, columns(["a", "b"]), model))
    assert PROBE.examine(target(tmp_path, rows, columns(["a", "b"]), model)) == first
