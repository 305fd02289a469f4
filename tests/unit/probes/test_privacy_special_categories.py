"""Columns whose names speak of special categories are found in several languages, declared or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import Count, NotAvailable, Scalar
from conformity.model.subject import TableSubject
from conformity.probes.interface import NotMeasurableError
from conformity.probes.privacy.special_categories.probe import PROBE, categories
from conformity.probes.registry import load_probe, probe_specs
from tests.support.privacy_tables import probed, shares, subject, values


def found(table: TableSubject, tmp_path: Path, content: str) -> dict[str, object]:
    """Return the results of the whole table, by metric."""
    return dict(values(probed(PROBE, table, tmp_path, content)))


def test_the_categories_are_those_of_the_law() -> None:
    """Regulation (EU) 2016/679, Art. 9(1) names eight kinds of data; sex is none of them."""
    assert {one.name for one in categories()} == {
        "biometric_data",
        "ethnic_origin",
        "genetic_data",
        "health",
        "political_opinions",
        "religious_or_philosophical_beliefs",
        "sex_life_or_sexual_orientation",
        "trade_union_membership",
    }


NAMES = {
    "race": "ethnic_origin",
    "Herkunft": "ethnic_origin",
    "opinion politique": "political_opinions",
    "partyAffiliation": "political_opinions",
    "Religionszugehörigkeit": "religious_or_philosophical_beliefs",
    "wyznanie": "religious_or_philosophical_beliefs",
    "Gewerkschaftsmitglied": "trade_union_membership",
    "sindicato": "trade_union_membership",
    "genotype": "genetic_data",
    "huella_dactilar": "biometric_data",
    "niepełnosprawność": "health",
    "Krankheitstage": "health",
    "sexual_orientation": "sex_life_or_sexual_orientation",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_in_several_languages(name: str, tmp_path: Path) -> None:
    result = probed(PROBE, subject(), tmp_path, f"{name},x\na,1\nb,2\n")
    assert shares(result) == {(name, NAMES[name]): Scalar(value=1, unit="1", n=2)}


def test_other_names_are_left_alone(tmp_path: Path) -> None:
    names = "sex,age,marital_status,european_union,race_time,partition,party,iris_species,income"
    content = f"{names}\n" + ",".join("x" for _ in names.split(",")) + "\n"
    assert found(subject(), tmp_path, content) == {
        "special_category_columns": Count(value=0, unit="columns"),
        "undeclared_special_category_columns": Count(value=0, unit="columns"),
    }


def test_declared_columns_are_told_apart(tmp_path: Path) -> None:
    content = "religion,race,health,union_member\nx,y,z,1\n"
    table = subject(religion="sensitive", race="protected", health="feature")
    result = probed(PROBE, table, tmp_path, content)
    assert values(result) == {
        "special_category_columns": Count(value=4, unit="columns"),
        "undeclared_special_category_columns": Count(value=2, unit="columns"),
    }
    assert [note.split("'")[1] for note in result.notes] == ["health", "union_member"]


def test_few_filled_cells_are_not_disclosed_and_blank_columns_left_out(tmp_path: Path) -> None:
    content = "diagnosis,dna,x\n" + "flu,,1\n" * 3 + ",,1\n" * 20
    result = probed(PROBE, subject(), tmp_path, content)
    share = shares(result)["diagnosis", "health"]
    assert isinstance(share, NotAvailable)
    assert share.n == 23
    assert values(result)["special_category_columns"] == Count(value=1, unit="columns")
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        probed(PROBE, subject(), tmp_path, "health,x\n")


def test_measurements_are_the_declared_metrics(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "privacy/special_categories"]
    assert load_probe(ProbeId(spec.id)) is PROBE
    result = probed(PROBE, subject(), tmp_path, "health,x\na,1\n")
    assert {one.metric for one in result.measurements} == {metric.id for metric in spec.metrics}
