"""The law as data: complete, unique, resolvable, dated right, and free of what the Act no longer says."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from conformity.catalog import load
from conformity.catalog.facts import DERIVED, ROUTES
from conformity.errors import UsageError
from conformity.model.plain_yaml import read_plain_yaml
from conformity.model.requirement import Requirement
from conformity.probes.registry import probe_specs

GOLDEN = (Path(__file__).parent / "requirement_ids.txt").read_text("utf-8").split()

PER_ARTICLE = {
    "Article 4": 1,
    "Article 4a": 8,
    "Article 6": 1,
    "Article 8": 2,
    "Article 9": 19,
    "Article 10": 19,
    "Article 11": 6,
    "Article 12": 8,
    "Article 13": 14,
    "Article 14": 11,
    "Article 15": 17,
    "Article 16": 2,
    "Article 17": 17,
    "Article 18": 1,
    "Article 19": 1,
    "Article 20": 2,
    "Article 22": 1,
    "Article 25": 2,
    "Article 26": 11,
    "Article 27": 9,
    "Article 43": 1,
    "Article 44": 1,
    "Article 47": 4,
    "Article 48": 1,
    "Article 49": 3,
    "Article 50": 6,
    "Article 52": 1,
    "Article 53": 4,
    "Article 55": 4,
    "Article 63": 1,
    "Article 72": 2,
    "Article 73": 5,
    "Article 86": 1,
    "Article 95": 1,
    "Annex IV": 27,
    "Annex VI": 3,
    "Annex VII": 5,
    "Annex XI": 2,
}


def test_the_ids_are_the_golden_list_in_the_order_of_the_law() -> None:
    assert [row.id for row in load.requirements()] == GOLDEN
    assert len(set(GOLDEN)) == 224


def test_each_article_has_its_rows_in_the_order_of_the_law() -> None:
    counts = Counter(row.article for row in load.requirements())
    assert list(counts.items()) == list(PER_ARTICLE.items())


def test_the_other_lists_are_complete() -> None:
    assert len(load.annex_iii_points()) == 25
    assert len(load.prohibited_practices()) == 10
    assert len(load.derogation_conditions()) == 5
    assert len(load.annex_i_acts()) == 21
    assert len(load.annex_v_fields()) == 8
    assert len(load.annex_viii_fields()) == 27
    assert len(load.timeline()) == 13
    assert [row.id for row in load.knowledge()] == ["standards_cited"]
    assert [row.role for row in load.roles()] == [
        "provider",
        "deployer",
        "authorised_representative",
        "importer",
        "distributor",
        "product_manufacturer",
    ]


def test_all_ids_of_points_are_unique() -> None:
    ids = [point.id for question in load.questions() for point in question.points]
    ids += [row.id for row in load.requirements()]
    assert [name for name, times in Counter(ids).items() if times > 1] == []


def test_annex_iv_has_nine_points() -> None:
    points = {row.id.split(".")[1] for row in load.requirements() if row.article == "Annex IV"}
    assert points == {*"123456789", "simplified"}


def test_nothing_in_force_cites_article_10_5() -> None:
    cited = [row for row in load.requirements() if "Art. 10(5)" in row.model_dump_json()]
    assert [(row.id, row.status) for row in cited] == [("art10.5", "deleted")]
    assert cited[0].superseded_by == ("art4a.1", "art4a.2")


def test_nothing_cites_article_52_for_transparency() -> None:
    assert {row.article for row in load.requirements() if "Art. 52" in row.ref} == {"Article 52"}
    assert all(
        "transparency" not in row.domains for row in load.requirements() if row.article == "Article 52"
    )


def test_high_risk_duties_begin_on_the_amended_dates() -> None:
    first = {"annex_iii": date(2027, 12, 2), "annex_i": date(2028, 8, 2)}
    high_risk = [row for row in load.requirements() if "high_risk" in row.conditions]
    assert len(high_risk) == 202
    for row in high_risk:
        for start in row.applies_from:
            if row.article != "Article 4a":
                assert start.on == first[start.regime], row.id
    for field in (*load.annex_v_fields(), *load.annex_viii_fields()):
        assert all(start.on == first[start.regime] for start in field.applies_from), field.id
    assert {point.applies_from for point in load.annex_iii_points()} == {date(2027, 12, 2)}


def test_every_row_in_force_says_from_when_it_applies() -> None:
    assert [row.id for row in load.requirements() if not row.applies_from] == ["art10.5"]


def test_two_prohibitions_begin_on_2_december_2026() -> None:
    days = {row.id: row.applies_from for row in load.prohibited_practices()}
    assert {i for i, day in days.items() if day == date(2026, 12, 2)} == {"art5.1.ba", "art5.1.bb"}
    assert {day for i, day in days.items() if i not in ("art5.1.ba", "art5.1.bb")} == {date(2025, 2, 2)}


def test_machinery_moved_to_section_b() -> None:
    acts = {str(act.id): act for act in load.annex_i_acts()}
    assert (acts["annexI.1"].status, acts["annexI.1"].superseded_by) == ("deleted", ("annexI.21",))
    assert (acts["annexI.21"].section, acts["annexI.11"].section) == ("B", "A")


def test_deleted_register_fields_are_kept_as_deleted() -> None:
    deleted = [field.id for field in load.annex_viii_fields() if field.status == "deleted"]
    assert deleted == ["annexVIII.B.7", "annexVIII.B.9"]


def test_the_impact_assessment_binds_as_article_27_says() -> None:
    kinds = {point.id: point.fria for point in load.annex_iii_points()}
    assert [i for i, kind in kinds.items() if kind == "every_deployer"] == ["annexIII.5.b", "annexIII.5.c"]
    assert [i for i, kind in kinds.items() if kind == "excluded"] == ["annexIII.2"]


def test_only_point_1_can_lead_to_annex_vii() -> None:
    choice = {point.number for point in load.annex_iii_points() if point.conformity_route != "annex_vi"}
    assert choice == {"1"}


def test_every_condition_is_decided_and_used() -> None:
    derived = {row.id for row in load.conditions() if row.question is None}
    assert derived == {*DERIVED, *ROUTES}
    used = {condition for row in load.requirements() for condition in row.conditions}
    assert used == {row.id for row in load.conditions()}


def test_requests_are_sentences_that_a_reader_understands() -> None:
    asked = [line for row in load.requirements() for line in row.hand_in]
    assert not [line for line in asked if "by other means" in line or ": clock" in line]
    measured = [line for line in asked if line.startswith("Measurements made elsewhere: ")]
    assert len(measured) == 97
    assert all(line.endswith(", with method and date.") for line in measured)
    assert "time from awareness to report, in days" in load.requirement("art73.3").hand_in[1]


def test_question_titles_are_short_and_differ() -> None:
    titles = [question.title for question in load.questions()]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 50 and "_" not in title for title in titles)


def test_every_question_matters() -> None:
    asked = {row.question for row in load.conditions() if row.question}
    facts = {question.id for question in load.questions() if question.part == "facts"}
    assert facts - asked == {"fria_deployer", "gpai_open_source"}


@pytest.mark.parametrize("row", load.requirements(), ids=lambda row: str(row.id))
def test_a_row_is_consistent(row: Requirement) -> None:
    kinds = {need.kind for need in row.evidence}
    if row.automation == "declared":
        assert kinds <= {"declared"}
        assert row.probes == ()
    else:
        assert "measured" in kinds
    assert row.hand_in or row.probes or row.status == "deleted", "somebody must be able to do something"
    assert all(line.endswith(".") for line in row.hand_in)
    assert not re.search(r"\bcompliant\b|\bTODO\b", row.model_dump_json())
    assert len(set(row.probes)) == len(row.probes)
    assert "declared/exhibit" not in row.probes


def test_probe_ids_exist() -> None:
    known = {spec.id for spec in probe_specs()}
    named = {probe for row in load.requirements() for probe in row.probes}
    assert named <= known
    assert known - named == {"declared/exhibit"}


def test_energy_is_a_duty_of_general_purpose_models_alone() -> None:
    rows = {row.id: row for row in load.requirements() if any("environment/" in p for p in row.probes)}
    binding = {i for i, row in rows.items() if not row.note or "voluntary" not in row.note.lower()}
    assert binding - {"art95.2.b"} == {"art53.1.a", "annexXI.1.2.d", "annexXI.1.2.e"}


def test_a_wrong_id_gets_the_nearest_one() -> None:
    assert load.requirement("art10.2.f").title == "Bias examination"
    with pytest.raises(UsageError, match=r"did you mean 'art10.2.f'"):
        load.requirement("art10.2f")
    with pytest.raises(UsageError, match=r"no requirement 'xyz'; "):
        load.requirement("xyz")


@pytest.mark.parametrize("file", sorted(load.DATA.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_plain_reader_reads_what_the_full_parser_reads(file: Path) -> None:
    text = file.read_text("utf-8")
    full = YAML(typ="safe", pure=True).load(text)
    assert _as_text(full) == read_plain_yaml(text, file.name)
    assert max(map(len, text.splitlines())) <= 112


def _as_text(node: object) -> object:
    """Return the full parser's result with every scalar as text."""
    if isinstance(node, dict):
        return {key: _as_text(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_text(value) for value in node]
    return {True: "true", False: "false"}[node] if isinstance(node, bool) else str(node)


def test_bounds_of_every_kind_of_test_speak_to_thresholds_and_risks() -> None:
    domains = {"accuracy", "data_quality", "fairness", "privacy", "security"}
    thresholds = load.requirement("art9.8.thresholds").probes
    assert {probe.split("/")[0] for probe in thresholds} == domains
    assert {"accuracy/classification", "accuracy/scores", "fairness/error_rates"} <= set(thresholds)
    risks = load.requirement("art9.2.a").probes
    assert {probe.split("/")[0] for probe in risks} == domains - {"data_quality"}
    assert {"privacy/k_anonymity", "privacy/attribute_disclosure", "security/model_file_scan"} <= set(risks)
