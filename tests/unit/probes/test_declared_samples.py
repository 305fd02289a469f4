"""Probes that take rows as independent and equal say so where weights or clusters are declared."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from conformity.engines.frame import open_frame
from conformity.model.subject import Column
from conformity.probes.accuracy.scores.probe import PROBE as SCORES
from conformity.probes.accuracy.stability.probe import PROBE as STABILITY
from conformity.probes.fairness.change_over_time.probe import PROBE as CHANGE
from conformity.probes.fairness.mitigation.probe import PROBE as MITIGATION
from conformity.probes.fairness.ranking.probe import PROBE as RANKING
from conformity.probes.fairness.score_fairness.probe import PROBE as SCORE_FAIRNESS
from conformity.probes.interface import TableProbe
from tests.support.number_rows import number_table

_OUTCOMES = {"positive": ("1",), "negative": ("0",)}


@pytest.mark.parametrize("probe", [STABILITY, CHANGE, MITIGATION, RANKING, SCORES, SCORE_FAIRNESS])
def test_unused_weights_and_clusters_are_told(probe: TableProbe) -> None:
    roles = {"label": "label", "decision": "prediction", "before": "previous_prediction"}
    table = number_table(
        *(Column.model_validate({"name": n, "roles": (r,), **_OUTCOMES}) for n, r in roles.items()),
        *(
            Column.model_validate({"name": name, "roles": (role,)})
            for name, role in (
                ("sex", "protected"),
                ("month", "time"),
                ("score", "score"),
                ("w", "weight"),
                ("home", "cluster"),
            )
        ),
    )
    random = np.random.default_rng(1)
    columns = {name: random.integers(0, 2, 400).astype(str).tolist() for name in roles}
    frame = pl.DataFrame(
        {
            **columns,
            "sex": ["f", "m"] * 200,
            "month": [f"2024-{1 + k // 200:02d}-03" for k in range(400)],
            "score": random.random(400),
            "w": random.random(400),
            "home": [k // 4 for k in range(400)],
        }
    )
    notes = probe.measure(table, open_frame(frame).tally(probe.tallies(table))).notes
    assert any(
        note.startswith("Column 'w' is bound as weight. The weights are not used here") for note in notes
    )
    assert any(
        note.startswith("Column 'home' says which rows belong together. The intervals") for note in notes
    )
