"""Nobody learns from the figures and notes on privacy how many people, from 1 to 9, are alike or alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.hashes import without_hashes
from conformity.engines.interface import TableSource
from conformity.entry.telling import Telling
from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement, Scalar
from conformity.model.subject import TableSubject
from conformity.probes.privacy.individual_risk.probe import PROBE as INDIVIDUAL
from conformity.probes.privacy.journalist_risk.probe import PROBE as JOURNALIST
from conformity.probes.privacy.k_anonymity.probe import PROBE as K_ANONYMITY
from conformity.probes.registry import probe_specs
from conformity.render.views.disclosure import told_apart
from conformity.settings import DISCLOSURE_LIMIT
from tests.support.assessments import measured, observation

Observed = Callable[[int], list[Observation]]
"""A function from a seed to what is seen."""

WITHIN = {
    "share_below_5": "share_below_11",
    "unique_share": "share_below_5",
    "unique_share_wildcard": "unique_share",
    "unique_share_without": "unique_share",
    "journalist_share_below_5": "journalist_share_below_11",
    "individual_risk_above_fifth": "individual_risk_above_eleventh",
}
"""Whose rows are among whose, by the definitions of the metrics."""

SHARES = {str(m.id) for spec in probe_specs() for m in spec.metrics if m.unit == "1" and m.of_cases}
COUNT = re.compile(r"(?<![\w.,'])[1-9](?![\w.,%']| %)")
"""A whole number from 1 to 9 that stands alone in a sentence."""


def table(purpose: str) -> TableSubject:
    """Return a table of two quasi-identifiers and a weight, or the reference that lists people."""
    roles = {"zip": "quasi_identifier", "born": "quasi_identifier"}
    if purpose == "testing":
        roles["w"] = "weight"
    columns = [{"name": name, "roles": [role]} for name, role in roles.items()]
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": purpose,
            "title": purpose,
            "path": f"{purpose}.csv",
            "purpose": purpose,
            "columns": columns,
        }
    )


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Observed:
    """Return a function that gives what is seen in the tables of a seed, which is measured once."""
    folder = tmp_path_factory.mktemp("tables")
    return cache(lambda seed: _observed(folder, seed))


def _observed(folder: Path, seed: int) -> list[Observation]:
    """Return what the probes of privacy see in a table of random classes, some of few rows, some blank."""
    draw = np.random.default_rng(seed)
    sizes = [*[1] * int(draw.integers(0, 30)), *draw.integers(2, 20, 12).tolist(), 200]
    rows = [("" if n % 9 == 5 else f"z{n}", n % 4) for n, size in enumerate(sizes) for _ in range(size)]
    contents = {
        "testing": "zip,born,w\n" + "".join(f"{place},{year},{3 + year}\n" for place, year in rows),
        "reference": "zip,born\n" + "".join(f"{place},{year}\n" * (1 + year) for place, year in rows),
    }
    opened = {}
    for name, text in contents.items():
        (folder / f"{name}.csv").write_text(text)
        opened[name] = DuckDBEngine(threads=1).open(TableSource(folder / f"{name}.csv", "auto"))
    people, reference = table("testing"), table("reference")
    found = [
        probe.measure(people, opened["testing"].tally(probe.tallies(people)))
        for probe in (K_ANONYMITY, INDIVIDUAL)
    ]
    asked = JOURNALIST.asks(people, [reference])
    tallies = without_hashes({name: opened[name].tally(specs) for name, specs in asked.items()})
    found.append(JOURNALIST.compare(people, [reference], tallies))
    return [observation(*one.measurements, subject="testing", notes=one.notes) for one in found]


def shown(observations: list[Observation]) -> list[Measurement]:
    """Return what is told of observations."""
    telling = Telling.of(observations)
    every = [one for seen in observations for one in seen.measurements]
    return [one for one in every if not telling.is_withheld(one)]


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(6))
def test_no_count_of_few_people_can_be_had(observed: Observed, seed: int) -> None:
    observations = observed(seed)
    told = shown(observations)
    counts: dict[tuple[str, tuple[str, ...]], int] = {}
    for one in told:
        if isinstance(one.result, Scalar) and one.metric in SHARES:
            n, count = one.result.n, round(one.result.value * one.result.n)
            counts[one.metric, one.by] = count
            assert not 0 < count < DISCLOSURE_LIMIT
            assert not 0 < n - count < DISCLOSURE_LIMIT
    assert len(counts) >= 3
    for (inner, by), (outer, other) in product(counts, counts):
        name = inner
        while name in WITHIN:
            name = WITHIN[name]
            if name == outer and not other:
                assert not 0 < counts[outer, ()] - counts[inner, by] < DISCLOSURE_LIMIT
    for seen in observations:
        reasons = [m.result.reason for m in seen.measurements if m.result.kind == "not_available"]
        assert [text for text in (*seen.notes, *reasons) if COUNT.search(text)] == []


@pytest.mark.no_cover
def test_without_the_rule_they_could_be_had(observed: Observed) -> None:
    """The attack of the other test works: else it would show nothing."""
    hidden = {
        metric
        for seed in range(6)
        for _, metric, _ in told_apart(observed(seed), {"testing"}, DISCLOSURE_LIMIT)
    }
    assert len(hidden) >= 3
    assert hidden <= set(WITHIN)
    assert COUNT.search("only 7 rows are alike")
    assert not COUNT.search("fewer than 10 rows, or 0.5, at most 2 %")


@pytest.mark.parametrize(
    ("few", "hidden"), [(0, False), (1, True), (9, True), (10, False)], ids=["none", "one", "nine", "ten"]
)
def test_the_smaller_of_two_shares_is_withheld(few: int, hidden: bool) -> None:
    larger = measured(Scalar(value=0.2, unit="1", n=1000), metric="share_below_5")
    smaller = measured(Scalar(value=(200 - few) / 1000, unit="1", n=1000), metric="unique_share")
    telling = Telling.of([observation(larger, smaller)])
    assert telling.is_withheld(smaller) is hidden
    assert not telling.is_withheld(larger)
    assert not told_apart([observation(larger, smaller)], (), DISCLOSURE_LIMIT)
