"""What a worker measures of sealed tallies: the same numbers, which whoever has the tallies finds again."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from conformity.model.measurement import Interval, Measurement, NotAvailable, Scalar
from conformity.model.subject import TableSubject
from conformity.plan import plan_steps
from conformity.probes.interface import ComparisonProbe, TableProbe
from conformity.probes.registry import load_probe, probe_specs
from conformity.sandbox import tasks
from conformity.sandbox.interface import Event, Located, MeasureJob, StepDone

Ends = Callable[[str], dict[str, StepDone]]
"""A function from a key to the ends of all steps."""

KEY = "5e" * 32
DOMAINS = ("fairness/", "accuracy/", "data_quality/", "privacy/k_anonymity", "privacy/attribute_disclosure")
LARGE, RARE, CODED = "province of Seville", "Ys", "10"
"""Of the origins: one with many rows, one of few, and one that the manifest itself names."""

COLUMNS: list[dict[str, Any]] = [
    {"name": "sex", "roles": ["protected"]},
    {"name": "origin", "roles": ["protected"], "reference": CODED},
    {"name": "age", "roles": ["feature", "quasi_identifier"]},
    {"name": "town", "roles": ["feature", "sensitive"]},
    {"name": "label", "roles": ["label"], "positive": ["1"], "negative": ["0"]},
    {"name": "decided", "roles": ["prediction"], "positive": ["1"], "negative": ["0"]},
    {"name": "score", "roles": ["score"]},
]


def rows(seed: int) -> list[list[str]]:
    """Return people of 150 origins, most of them rare, in 30 towns."""
    draw = random.Random(seed)
    found = []
    for number in range(1200):
        origin = [LARGE, CODED, RARE if number < 4 else f"tribe {number % 150}"][min(number % 4, 2)]
        label = draw.random() < 0.4
        score = min(max(draw.gauss(0.6 if label else 0.4, 0.2), 0.0), 1.0)
        found.append(
            [
                draw.choice("fm"),
                origin,
                str(draw.randint(18, 80)),
                f"town {draw.randint(1, 30)}",
                str(int(label)),
                str(int(score > 0.5)),
                f"{score:.2f}",
            ]
        )
    return found


def located(folder: Path, name: str, purpose: str, seed: int) -> Located:
    """Return a table on disk."""
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([[column["name"] for column in COLUMNS], *rows(seed)])
    subject = {
        "kind": "table",
        "id": name,
        "title": name,
        "path": path.name,
        "purpose": purpose,
        "columns": COLUMNS,
    }
    return Located(subject=TableSubject.model_validate(subject), path=path)


def measured(tables: tuple[Located, ...], key: str) -> dict[str, StepDone]:
    """Return the ends of all steps on the first table by probe."""
    specs = [spec for spec in probe_specs() if spec.id.startswith(DOMAINS)]
    steps = plan_steps([cast("TableSubject", place.subject) for place in tables], [], specs)
    mine = tuple(step for step in steps if step.subject == tables[0].subject.id and not step.blocked)
    events: list[Event] = []
    tasks.do(MeasureJob(steps=mine, targets=tables[:1], tables=tables, seed=1, key=key), events.append)
    ends = [event for event in events if isinstance(event, StepDone)]
    assert {end.step for end in ends} == {step.id for step in mine}
    return {end.step.split("@")[0]: end for end in ends}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Located, ...]:
    """Give a table for testing and one for training."""
    folder = tmp_path_factory.mktemp("tables")
    return located(folder, "test", "testing", 1), located(folder, "train", "training", 2)


@pytest.fixture(scope="module")
def ends(tables: tuple[Located, ...]) -> Ends:
    """Give a function from a key, none where nothing is sealed, to what is measured with it, once."""
    return cache(lambda key: measured(tables, key))


def point(one: Measurement) -> tuple[Any, ...]:
    """Return a measurement without the name of its group and what hangs on the order of groups.

    An interval that is drawn differs with the order of the cells, and a sum in its last digits.
    """
    if isinstance(one.result, Scalar):
        result: Any = (f"{one.result.value:.9g}", one.result.n, one.result.unit)
    else:
        # Which of many groups without a number are shown hangs on their order, and with them the reasons.
        result = one.result.kind, None if isinstance(one.result, NotAvailable) else one.result.value
    return one.metric, one.by, result


def exact(one: Measurement) -> tuple[Any, ...]:
    """Return everything of a measurement but the name of its group."""
    result = one.result
    if isinstance(result, NotAvailable):
        return one.metric, one.by, result.why, result.n
    return one.metric, one.by, result


@pytest.mark.no_cover
def test_sealing_changes_no_number(ends: Ends) -> None:
    plain, sealed = ends(""), ends(KEY)
    assert plain.keys() == sealed.keys()
    assert sum(end.outcome == "measured" for end in plain.values()) > 12
    for probe, end in plain.items():
        assert (probe, end.outcome) == (probe, sealed[probe].outcome)
        assert Counter(map(point, end.measurements)) == Counter(map(point, sealed[probe].measurements)), probe


@pytest.mark.no_cover
def test_drawn_intervals_are_alike_in_both(ends: Ends) -> None:
    """The order of cells moves a drawn interval, by less than a fifth of its width."""
    plain, sealed = ends(""), ends(KEY)
    for probe, end in plain.items():
        both = (map(interval_of, found.measurements) for found in (end, sealed[probe]))
        for one, other in zip(*(sorted(filter(None, some)) for some in both), strict=True):
            assert one[:3] == other[:3]
            assert one[3:] == pytest.approx(other[3:], abs=0.2 * (one[4] - one[3]) + 1e-9)


def interval_of(one: Measurement) -> tuple[str, tuple[str, ...], str, float, float] | None:
    """Return what an interval is of, and its ends."""
    interval = one.result.interval if isinstance(one.result, Scalar) else None
    if not isinstance(interval, Interval) or not isinstance(one.result, Scalar):
        return None
    return one.metric, one.by, f"{one.result.value:.9g} {one.result.n}", interval.low, interval.high


@pytest.mark.no_cover
def test_whoever_has_the_tallies_finds_every_number_again(tables: tuple[Located, ...], ends: Ends) -> None:
    """To the last digit, since what was published was computed from these tallies and no others."""
    table = cast("TableSubject", tables[0].subject)
    others = [cast("TableSubject", tables[1].subject)]
    for probe, end in ends(KEY).items():
        if end.outcome != "measured":
            continue
        found: Any = load_probe(end.step.split("@")[0])  # type: ignore[arg-type]
        if hasattr(found, "compare"):
            compared = cast("ComparisonProbe", found)
            asked = compared.asks(table, others)
            left = iter(end.tallies)
            tallies = {name: tuple(next(left) for _ in specs) for name, specs in asked.items()}
            again = compared.compare(table, others, tallies)
        else:
            again = cast("TableProbe", found).measure(table, end.tallies)
        assert Counter(map(exact, again.measurements)) == Counter(map(exact, end.measurements)), probe


@pytest.mark.no_cover
def test_the_names_that_are_left(ends: Ends) -> None:
    sealed = ends(KEY)
    tallies = "".join(tally.model_dump_json() for end in sealed.values() for tally in end.tallies)
    told = "".join(end.model_dump_json(exclude={"tallies"}) for end in sealed.values())
    assert LARGE not in tallies
    assert LARGE in told
    for text in (tallies, told):
        assert f'"{CODED}"' in text
        assert f'"{RARE}"' not in text
        assert f"'{RARE}'" not in text
        assert "tribe 7" not in text
    for end in sealed.values():
        keys = [(one.metric, one.by, one.group) for one in end.measurements]
        assert keys == sorted(keys)
