"""Named sets of default bounds: whole, dated, with sources, and never taken for law."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.catalog import default_criteria
from conformity.catalog.default_criteria import DATA, default_set, default_sets, proposed
from conformity.catalog.load import requirement
from conformity.errors import CatalogError, UsageError
from conformity.probes.registry import probe_specs
from tests.support.assessments import manifest, table

SPECS = {metric.id: spec for spec in probe_specs() for metric in spec.metrics}
BOUNDS = [(one.id, bound) for one in default_sets() for bound in one.bounds]


@pytest.mark.parametrize(("name", "bound"), BOUNDS, ids=[f"{name}-{bound.id}" for name, bound in BOUNDS])
def test_a_bound_can_be_measured_settled_and_serves_what_its_probe_speaks_to(
    name: str, bound: default_criteria.DefaultBound
) -> None:
    spec = SPECS[bound.metric]
    metric = next(one for one in spec.metrics if one.id == bound.metric)
    assert metric.extent != "indicative"
    assert all(spec.id in requirement(one).probes for one in bound.requirements)
    assert (metric.per == "attribute") == (bound.by == "protected")
    assert name.endswith(tuple("0123456789"))


def test_every_set_says_that_it_is_not_law_and_is_named_by_its_day() -> None:
    assert [one.dated for one in default_sets()] == sorted(one.dated for one in default_sets())
    for one, file in zip(default_sets(), sorted(DATA.glob("*.yaml")), strict=True):
        assert one.statement.startswith("Not law:")
        assert (file.stem, one.id.endswith(file.stem)) == (str(one.dated), True)
        assert len({bound.id for bound in one.bounds}) == len(one.bounds)


def test_the_rule_of_four_fifths_is_what_its_source_says() -> None:
    # 29 CFR 1607.4(D): less than four-fifths (4/5) or 80 % of the rate of the group with the highest rate.
    (bound,) = [one for one in default_set().bounds if one.metric == "disparate_impact_ratio"]
    assert (bound.at_least, bound.at_most) == (4 / 5, None)


def test_a_set_is_found_by_its_name_and_the_latest_without() -> None:
    assert default_set() == default_sets()[-1]
    assert default_set(default_sets()[0].id) == default_sets()[0]
    with pytest.raises(UsageError, match=r"no set of defaults 'conventions'.*; choose from conventions-2026"):
        default_set("conventions")


def test_bounds_are_proposed_where_they_can_be_measured() -> None:
    columns = (
        {"name": "SEX", "roles": ("protected",)},
        {"name": "Âge x", "roles": ("protected",)},
        {"name": "yhat", "roles": ("prediction",), "positive": (1,), "negative": (0,)},
    )
    model = {"id": "net", "kind": "model", "title": "Net", "path": "net.bin", "format": "other"}
    found = proposed(manifest(subjects=(table(columns=columns), model)), default_set(), probe_specs())
    assert [(one.id, one.subject, one.by) for one in found] == [
        ("selection-ratio-test-sex", "test", ("SEX",)),
        ("selection-ratio-test--ge-x", "test", ("Âge x",)),
        ("dangerous-globals-net", "net", ()),
        ("dangerous-content-net", "net", ()),
    ]


def test_what_a_probe_needs_declared_must_be_declared() -> None:
    needy = [spec.model_copy(update={"declares": ("inference",)}) for spec in probe_specs()]
    model = {"id": "net", "kind": "model", "title": "Net", "path": "net.bin", "format": "other"}
    assert proposed(manifest(subjects=(model,)), default_set(), needy) == ()


def test_names_that_would_be_alike_are_numbered() -> None:
    columns = (
        {"name": "é", "roles": ("protected",)},
        {"name": "è", "roles": ("protected",)},
        {"name": "ê", "roles": ("protected",)},
        {"name": "yhat", "roles": ("prediction",), "positive": (1,), "negative": (0,)},
    )
    found = proposed(manifest(subjects=(table(columns=columns),)), default_set(), probe_specs())
    assert [one.id[-3:] for one in found] == ["t--", "--2", "--3"]


GOOD = """\
id: set-1
dated: 2026-01-01
title: T
statement: >-
  Not law.
kind: criteria_defaults
rows:
  - id: a
    metric: auc
    by: subject
    at_least: 0.5
    requirements: [art15.1.accuracy]
    reason: R
    source: S
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("criteria_defaults", "other", "is no file of default bounds"),
        ("at_least: 0.5", "at_least: many", "does not fit"),
        ("    at_least: 0.5\n", "", "needs `at_least`, `at_most` or both"),
        ("art15.1.accuracy", "art15.99", "a names the unknown requirement 'art15.99'"),
    ],
)
def test_a_broken_set_stops_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, words: str
) -> None:
    (tmp_path / "2026-01-01.yaml").write_text(GOOD.replace(old, new))
    monkeypatch.setattr(default_criteria, "DATA", tmp_path)
    with pytest.raises(CatalogError, match=words):
        default_criteria.default_sets.__wrapped__()


def test_a_whole_set_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "2026-01-01.yaml").write_text(GOOD)
    monkeypatch.setattr(default_criteria, "DATA", tmp_path)
    (found,) = default_criteria.default_sets.__wrapped__()
    assert (found.id, found.bounds[0].at_least) == ("set-1", 0.5)
