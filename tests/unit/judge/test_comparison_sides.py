"""One version as it is compared: what is bounded, on which bytes it rests, and which version it follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformity.judge.comparison.measures import measures
from conformity.judge.comparison.sides import Side, same_cases
from conformity.model.base import SubjectId
from conformity.model.nonconformity import Previous
from tests.support.assessments import RUN, criterion, record, table
from tests.support.comparisons import NEW, OLD, between, of_rates, rate, version

NAMES = [("true_positive_rate", "recall"), ("positive_predictive_value", "precision")]
MODEL: dict[str, Any] = {"id": "model", "kind": "model", "title": "M", "path": "m", "format": "onnx"}


def twins(pair: tuple[str, str], hits: int, **changes: Any) -> Side:
    """Return a version in which one rate was measured under two names."""
    return of_rates(*(rate(hits, 1000, metric=name) for name in pair), **changes)


@pytest.mark.parametrize("pair", NAMES)
def test_a_rate_under_two_names_is_told_under_that_of_accuracy(pair: tuple[str, str]) -> None:
    found = measures(twins(pair, 800), twins(pair, 600, data=NEW))
    assert [one.metric for one in found.changes] == [pair[1]]


@pytest.mark.parametrize("held", [(True, False), (False, True)])
def test_the_name_that_either_version_bounds_stays(held: tuple[bool, bool]) -> None:
    limit = criterion(metric="true_positive_rate", by=())
    before, after = (
        twins(NAMES[0], hits, data=data, criteria=[limit] if holds else [])
        for hits, data, holds in zip((800, 600), (OLD, NEW), held, strict=True)
    )
    assert [one.metric for one in measures(before, after).changes] == ["true_positive_rate"]


def test_rates_of_other_groups_are_no_twins() -> None:
    sides = [
        of_rates(
            rate(hits, 1000, "f", metric="true_positive_rate"),
            rate(hits, 1000, "m", metric="recall"),
            data=data,
        )
        for hits, data in ((800, OLD), (600, NEW))
    ]
    assert len(measures(sides[0], sides[1]).changes) == 2


@pytest.mark.parametrize(
    ("changes", "bounded"),
    [
        ({}, True),
        ({"group": ("f",)}, True),
        ({"group": ("m",)}, False),
        ({"metric": "gap"}, False),
        ({"by": ("AGE",)}, False),
        ({"subject": "other"}, False),
    ],
)
def test_a_bound_is_about_its_metric_subject_columns_and_group(
    changes: dict[str, Any], bounded: bool
) -> None:
    limit = criterion(**{"metric": "rate", **changes})
    elsewhere = criterion(id="elsewhere", metric="blanks", by=())
    side = version(subjects=(table(), table(id="other")), criteria=(elsewhere, limit))
    assert side.bounds(rate(50, 100, "f")) is bounded


def modelled(digests: dict[str, str | None], **model: Any) -> Side:
    """Return a version with a model and two tables of these bytes."""
    subjects = (table(id="one"), table(id="two"), {**MODEL, **model})
    return version(
        subjects=subjects, records=[record(name, digest) for name, digest in digests.items()], data=None
    )


BOTH: dict[str, Any] = {"membership": {"members": "one", "others": "two"}}


@pytest.mark.parametrize(
    ("then", "now", "same"),
    [
        ({"one": OLD, "two": OLD}, {"one": OLD, "two": OLD}, True),
        ({"one": OLD, "two": OLD}, {"one": OLD, "two": NEW}, False),
        ({"one": OLD, "two": None}, {"one": OLD, "two": OLD}, None),
        ({"one": OLD, "two": OLD}, {"one": None, "two": OLD}, None),
        ({"one": OLD}, {"one": OLD}, None),
    ],
)
def test_all_tables_of_a_model_must_be_the_same_bytes(
    then: dict[str, str | None], now: dict[str, str | None], same: bool | None
) -> None:
    assert same_cases(modelled(then, **BOTH), modelled(now, **BOTH), "model") is same


def test_a_model_that_names_no_table_rests_on_its_own_bytes() -> None:
    assert modelled({}).cases_of("model") == ("model",)
    assert modelled({}, **BOTH).cases_of("model") == ("one", "two")
    assert modelled({}).cases_of("one") == ("one",)
    assert same_cases(modelled({"model": OLD}), modelled({"model": NEW}), "model") is False
    assert same_cases(modelled({}), modelled({}), "model") is None


def test_the_order_in_which_a_model_names_its_tables_does_not_count() -> None:
    turned = {"membership": {"members": SubjectId("two"), "others": SubjectId("one")}}
    digests: dict[str, str | None] = {"one": OLD, "two": NEW}
    assert same_cases(modelled(digests, **BOTH), modelled(digests, **turned), "model") is True


def test_a_version_that_was_made_from_the_one_before_follows_it() -> None:
    before = version()
    after = version(edition={"version": "1.0.0"})
    named = Previous(version="1.0.0", assessed_at=RUN, sha256=before.assessment_sha256)
    after = replace(after, assessment=after.assessment.model_copy(update={"previous": named}))
    assert between(before, after).follows == "names_it"
    assert between(after, replace(before, assessment_sha256=NEW)).follows == "same"


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"system": {"name": "Scorer", "version": "3.0", "intended_purpose": "Other."}}, True),
        ({"system": {"name": "Other", "version": "2.0", "intended_purpose": "Testing."}}, False),
        ({"provider": {"name": "Other", "address": "Street 1", "contact": "mail"}}, False),
    ],
)
def test_a_system_is_the_same_by_its_name_and_its_provider(changes: dict[str, Any], same: bool) -> None:
    assert between(version(), version(**changes)).same_system is same


def test_that_no_person_is_in_both_is_not_supposed() -> None:
    before, after = of_rates(rate(400, 1000)), of_rates(rate(803, 1005), data=NEW)
    assert (between(before, after).independent, between(before, after).withheld_measures) == (False, 1)
    stated = between(before, after, independent=True)
    assert (stated.independent, stated.withheld_measures) == (True, 0)
