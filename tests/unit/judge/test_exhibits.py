"""Exhibits that are older than the data they speak of: told, without a change of the verdict."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge import judge
from conformity.model.finding import Declared
from tests.support.assessments import (
    TODAY,
    evidence,
    examined,
    exhibit,
    manifest,
    plan,
    record,
    requirement,
    sign_off,
    table,
)

SAID = "Exhibit record is dated 2026-10-01, before data declared here came into being (test on "


def declared(produced_on: date | None = date(2026, 10, 2), **row: Any) -> Declared:
    """Return the declared side of a signed row on data."""
    known = manifest(
        subjects=(table(produced_on=produced_on),),
        exhibits=(exhibit(), exhibit(id="other", covers=("art9.1",))),
        sign_offs=(sign_off(),),
    )
    law = requirement(**{"automation": "declared", "probes": (), "domains": ("data",), **row})
    seen = evidence(examined(), subjects=(record("test"), record("record")))
    (result,) = judge(known, plan(law), seen, TODAY)
    assert result.declared is not None
    return result.declared


def test_an_exhibit_older_than_the_data_is_told_beside_the_signature() -> None:
    found = declared()
    assert found.verdict == "met"
    assert f"{SAID}2026-10-02): check that it describes them." in found.reason
    assert "other" not in found.reason


@pytest.mark.parametrize(
    ("produced_on", "row"),
    [
        pytest.param(date(2026, 10, 1), {}, id="the same day"),
        pytest.param(date(2026, 9, 30), {}, id="older data"),
        pytest.param(None, {}, id="data of an unknown day"),
        pytest.param(date(2026, 10, 2), {"domains": ("risk",)}, id="a row on something else"),
    ],
)
def test_any_other_exhibit_is_not(produced_on: date | None, row: dict[str, Any]) -> None:
    assert "before data" not in declared(produced_on, **row).reason


def test_only_tables_are_data_that_an_exhibit_describes() -> None:
    model = {"id": "net", "kind": "model", "title": "Net", "path": "net.bin", "format": "other"}
    known = manifest(
        subjects=(table(produced_on=None), {**model, "produced_on": date(2026, 12, 1)}),
        exhibits=(exhibit(),),
        sign_offs=(sign_off(),),
    )
    law = requirement(automation="declared", probes=(), domains=("data",))
    (result,) = judge(known, plan(law), evidence(examined(), subjects=(record("record"),)), TODAY)
    assert "before data" not in result.reason
