"""Each mistake in a manifest is named with file, line, column and field, and what to write instead."""

# ruff: noqa: E501  (messages stand here as they are printed)

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformity.intake.fields import date_fields, expected, manifest_schema, plain

Refused = Callable[[str], list[str]]

TABLE = """\
subjects:
  - id: test-data
    kind: table
    title: Test data
    path: data.csv
    purpose: testing
    columns:
      - {name: sex, roles: [protected]}
"""
CRITERION = "metric: m, subject: test-data, requirements: [art9.1], reason: r, owner: o, fixed_at: 2026-01-01"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("unknown field", "sytem: 1\n", "8:1: sytem: there is no field 'sytem' here; did you mean 'system'?"),
        (
            "unknown field within",
            "edition: {verison: '1.0.0'}\n",
            "8:11: edition.verison: there is no field 'verison' here; did you mean 'version'?",
        ),
        (
            "unknown field in a union",
            TABLE + "    pupose: testing\n",
            "16:5: subjects[0].pupose: there is no field 'pupose' here; did you mean 'purpose'?",
        ),
        (
            "field called like the tag",
            TABLE + "    table: 1\n",
            "16:5: subjects[0].table: expected text, found the number 1; put it in quotes",
        ),
        (
            "unknown field far away",
            "zzzzz: 1\n",
            "8:1: zzzzz: there is no field 'zzzzz' here; known: conformity, system, provider, role, edition, "
            "classification, subjects, special_category_use, exhibits, criteria, criteria_lock, sign_offs and 6 more",
        ),
        ("wrong case", "role: Provider\n", "8:1: role: 'Provider' is none of the possible values; did you mean 'provider'?"),
        (
            "unknown value",
            TABLE.replace("testing", "tests"),
            "13:5: subjects[0].purpose: 'tests' is none of the possible values; did you mean 'testing'?",
        ),
        (
            "unknown role",
            TABLE.replace("[protected]", "[protected, labl]"),
            "15:40: subjects[0].columns[0].roles[1]: 'labl' is none of the possible values; did you mean 'label'?",
        ),
        ("value of another type", "role: 3\n", "8:1: role: expected one of provider, deployer, "
         "authorised_representative, importer, distributor, product_manufacturer, found the number 3"),
        ("no kind", "subjects:\n  - id: a\n", "9:5: subjects[0]: the field `kind` is missing: what the subject is, "
         "one of attack_record, dependencies, energy_record, imported_record, model, prompt_log, table"),
        ("unknown kind", "subjects:\n  - {id: a, kind: tabel}\n",
         "9:13: subjects[0].kind: there is no `kind` 'tabel' of subject; did you mean 'table'?"),
        ("no subject at all", "subjects: [data.csv]\n",
         "8:12: subjects[0]: expected a mapping of fields, found the text 'data.csv'"),
        ("number for text", "edition: {version: 1.0}\n",
         "8:11: edition.version: expected a version of three numbers in quotes, such as '1.0.0', found the number 1.0"),
        ("unquoted title", TABLE.replace("Test data", "2026"),
         "11:5: subjects[0].title: expected text, found the number 2026; put it in quotes"),
        ("truth for text", TABLE.replace("Test data", "true"),
         "11:5: subjects[0].title: expected text, found true; put it in quotes"),
        ("list for text", TABLE.replace("Test data", "[a]"), "11:5: subjects[0].title: expected text, found a list"),
        ("text for list", TABLE.replace("[protected]", "protected"),
         "15:21: subjects[0].columns[0].roles: expected a list, found the text 'protected'; write it as [ ... ]"),
        ("mapping for list", "subjects: {a: 1}\n", "8:1: subjects: expected a list, found a mapping of fields"),
        ("number for mapping", "edition: 3\n", "8:1: edition: expected a mapping of fields, found the number 3"),
        ("nothing for list", "subjects:\n", "8:1: subjects: expected a list, found nothing; write it as [ ... ]"),
        ("empty list", TABLE.replace("[protected]", "[]"),
         "15:21: subjects[0].columns[0].roles: needs at least one item"),
        ("empty text", TABLE.replace("path: data.csv", "path: ''"), "12:5: subjects[0].path: must not be empty"),
        ("long text", TABLE.replace("Test data", "x" * 501),
         "11:5: subjects[0].title: is longer than 500 characters; shorten it"),
        ("bad id", TABLE.replace("test-data", "Test Data"),
         "9:5: subjects[0].id: expected a short name of lower case letters, digits, dots, dashes and "
         "underscores, such as `test-data`, found the text 'Test Data'"),
        ("list for a value", TABLE.replace("[protected]", "[protected], positive: [[1]]"),
         "15:52: subjects[0].columns[0].positive[0]: expected a single value: text, a number, true or false, "
         "found a list"),
        ("text for a bound", TABLE + f"criteria: [{{id: a, at_least: '0.8', {CRITERION}}}]\n",
         "16:20: criteria[0].at_least: expected a number, found the text '0.8'"),
        ("truth for a bound", TABLE + f"criteria: [{{id: a, at_least: true, {CRITERION}}}]\n",
         "16:20: criteria[0].at_least: expected a number, found true"),
        ("no bound", TABLE + f"criteria: [{{id: a, {CRITERION}}}]\n",
         "16:12: criteria[0]: needs `at_least`, `at_most` or both"),
        ("bounds crossed", TABLE + f"criteria: [{{id: a, at_least: 1, at_most: 0, {CRITERION}}}]\n",
         "16:12: criteria[0]: `at_least` is above `at_most`"),
        ("no zone", TABLE + f"criteria: [{{id: a, at_least: 1, {CRITERION}T00:00:00}}]\n",
         "16:109: criteria[0].fixed_at: the moment has no time zone; add Z or an offset such as +01:00"),
        ("no moment", TABLE + f"criteria: [{{id: a, at_least: 1, {CRITERION.replace('2026-01-01', 'May')}}}]\n",
         "16:109: criteria[0].fixed_at: expected a date such as 2026-01-31, or a moment with its zone such as "
         "2026-01-31T12:00:00Z, found the text 'May'"),
        ("no date", "exhibits: [{id: e, title: t, path: p, dated: 31.1.2026, covers: [a]}]\n",
         "8:39: exhibits[0].dated: expected a date such as 2026-01-31, found the text '31.1.2026'"),
        ("year for a date", "exhibits: [{id: e, title: t, path: p, dated: 2026, covers: [a]}]\n",
         "8:39: exhibits[0].dated: expected a date such as 2026-01-31, found the number 2026"),
        ("seconds for a date", "exhibits: [{id: e, title: t, path: p, dated: '0', covers: [a]}]\n",
         "8:39: exhibits[0].dated: expected a date such as 2026-01-31, found the text '0'"),
        ("repeats below", "subjects: [{id: m, kind: model, title: t, path: p, format: onnx, "
         "inference: {data: d, country: FRA, repeats: 0}}]\n",
         "8:101: subjects[0].inference.repeats: must be at least 1"),
        ("repeats above", "subjects: [{id: m, kind: model, title: t, path: p, format: onnx, "
         "inference: {data: d, country: FRA, repeats: 101}}]\n",
         "8:101: subjects[0].inference.repeats: must be at most 100"),
        ("bad country", "subjects: [{id: m, kind: model, title: t, path: p, format: onnx, "
         "inference: {data: d, country: fr}}]\n",
         "8:87: subjects[0].inference.country: expected a country code of three capitals (ISO 3166-1 alpha-3), "
         "such as FRA, found the text 'fr'"),
        ("bad digest", "edition: {previous: abc}\n",
         "8:11: edition.previous: expected a digest written as `sha256:` and 64 hex digits in lower case, "
         "found the text 'abc'"),
        ("unknown answer", "classification: [{question: q, answer: maybe}]\n",
         "8:32: classification[0].answer: 'maybe' is none of the possible values; known: yes, no, unknown"),
        ("one value both ways", TABLE.replace("[protected]", "[label], positive: [1], negative: [1]"),
         "15:9: subjects[0].columns[0]: ['1'] cannot be both positive and negative"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_sentence(refused: Refused, name: str, text: str, line: str) -> None:
    assert refused(text) == [f"conformity.yaml:{line}"]


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        (
            "subject that is not declared",
            TABLE + f"criteria: [{{id: a, at_least: 1, {CRITERION.replace('test-data', 'test-dta')}}}]\n",
            ["16:44: criteria[0].subject: no subject 'test-dta' is declared; did you mean 'test-data'?"],
        ),
        (
            "column listed twice",
            TABLE + "      - {name: sex, roles: [feature]}\n",
            ["16:10: subjects[0].columns[1].name: the column 'sex' is listed twice; keep one"],
        ),
        (
            "two labels",
            TABLE + "      - {name: a, roles: [label], positive: [1], negative: [0]}\n"
            "      - {name: b, roles: [label], positive: [1], negative: [0]}\n",
            ["9:5: subjects[0]: more than one column has the role 'label'"],
        ),
        (
            "id used twice, and a table that is a model",
            "subjects:\n  - {id: m, kind: prompt_log, title: t, path: p}\n"
            "  - {id: m, kind: model, title: t, path: p, format: onnx, inference: {data: m, country: FRA}}\n",
            [
                "10:6: subjects[1].id: the subject 'm' is listed twice; keep one",
                "10:71: subjects[1].inference.data: no table 'm' is declared; known: none",
            ],
        ),
        (
            "exhibit with a subject's id, and one that is not declared",
            "subjects: [{id: m, kind: prompt_log, title: t, path: p}]\n"
            "exhibits: [{id: m, title: t, path: p, dated: 2026-01-01, covers: [a]}]\n"
            "sign_offs: [{id: s, requirements: [a], statement: s, by: {name: n, function: f}, "
            f"signed_on: 2026-01-01, over: [{{exhibit: e, sha256: 'sha256:{'0' * 64}'}}]}}]\n",
            [
                "9:13: exhibits[0].id: a subject has the id 'm' too; give the exhibit another",
                "10:113: sign_offs[0].over[0].exhibit: no exhibit 'e' is declared; known: m",
            ],
        ),
        (
            "special categories of a table that is a log, twice",
            "subjects: [{id: m, kind: prompt_log, title: t, path: p}]\nspecial_category_use:\n"
            "  - {subject: m, columns: [a], why_needed: w, keep_until: 2027-01-01}\n"
            "  - {subject: m, columns: [a], why_needed: w, keep_until: 2027-01-01}\n",
            [
                "10:6: special_category_use[0].subject: no table 'm' is declared; known: none",
                "11:6: special_category_use[1].subject: the special-category use of 'm' is listed twice; keep one",
            ],
        ),
        (
            "question answered twice",
            "classification:\n  - {question: q, answer: no}\n  - {question: q, answer: yes}\n",
            ["10:6: classification[1].question: the answer to question 'q' is listed twice; keep one"],
        ),
    ],
)
def test_names_that_clash_or_dangle_are_traced_to_their_place(
    refused: Refused, name: str, text: str, lines: list[str]
) -> None:
    assert refused(text) == [f"conformity.yaml:{line}" for line in lines]


def test_missing_fields_are_named_with_their_meaning_at_their_parent(refused: Refused) -> None:
    assert refused("exhibits:\n  - id: a\n    title: t\n    path: p\n") == [
        "conformity.yaml:9:5: exhibits[0].dated: the field `dated` is missing: The date that the document bears",
        "conformity.yaml:9:5: exhibits[0].covers: the field `covers` is missing: The requirements it speaks to",
    ]


def test_all_problems_are_listed_in_the_order_of_the_file(refused: Refused) -> None:
    lines = refused("zebra: 1\nrole: x\nexhibits: 1\naardvark: 1\n")
    assert [line.split(":")[1] for line in lines] == ["8", "9", "10", "11"]


def test_after_ten_problems_only_their_number_is_given(refused: Refused) -> None:
    eleven = refused("".join(f"x{number}: 1\n" for number in range(11)))
    assert len(refused("".join(f"x{number}: 1\n" for number in range(10)))) == 10
    assert len(eleven) == 11
    assert eleven[-1] == "conformity.yaml: and 1 more problems"


def test_no_message_shows_pydantic_or_a_type_of_python(refused: Refused) -> None:
    lines = refused("role: [1]\nsubjects: x\nedition: []\nexhibits: [1]\nclassification: [[]]\n")
    text = "\n".join(lines)
    for word in ("pydantic", "dictionary", "tuple", "Input should", "NoneType", "instance of"):
        assert word not in text
    assert len(lines) == 5


def test_every_field_of_the_manifest_can_be_described() -> None:
    described = 0
    for model in (manifest_schema(), *manifest_schema()["$defs"].values()):
        for node in model["properties"].values():
            assert expected(node)
            assert expected(plain(node).get("items", node))
            described += 1
    assert described > 60


def test_the_fields_that_hold_dates_are_those_of_the_schema() -> None:
    of_schema = {
        name
        for model in manifest_schema()["$defs"].values()
        for name, node in model.get("properties", {}).items()
        if any(str(one.get("format", "")).startswith("date") for one in node.get("anyOf", [node]))
    }
    assert date_fields() == of_schema
    assert {"fixed_at", "signed_on"} < of_schema
