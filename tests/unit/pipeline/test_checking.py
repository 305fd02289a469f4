"""A manifest is checked without measuring: places, fixes, files, and what only a person can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.errors import PathError
from conformity.model.checking import ManifestCheck, ManifestProblem
from conformity.pipeline.checking import check_manifest, check_manifest_text
from conformity.settings import Settings
from tests.support.cases import manifest, system

EXHIBIT = """\
exhibits:
  - {id: gone, title: Gone, path: gone.pdf, dated: 2026-01-31, covers: [art9.1]}
"""


def text_check(text: str) -> ManifestCheck:
    """Return the check of a text."""
    return check_manifest_text(text, "conformity.yaml", Settings())


def only(check: ManifestCheck) -> ManifestProblem:
    """Return the one problem of a check."""
    (problem,) = check.errors
    assert not check.usable
    assert check.system is None
    return problem


def test_a_manifest_without_faults_can_be_assessed(tmp_path: Path) -> None:
    check = check_manifest(system(tmp_path), Settings(root=tmp_path))
    assert check.usable
    assert check.system == "Scorer 2.0"
    assert check.sha256 is not None
    assert {one.kind for one in check.missing_information} == {"question"}
    first = check.missing_information[0]
    assert (first.field, first.article) == ("classification", "Art. 3(1)")
    assert first.example.startswith("{question: ai_system, answer: yes, because: ...}")


@pytest.mark.parametrize(
    ("text", "pointer", "line", "message", "fix"),
    [
        pytest.param("", "", None, "is empty", "`conformity init DATA` drafts a manifest", id="empty"),
        pytest.param(
            "x: &a 1",
            "",
            1,
            "the anchor &a is not allowed",
            "write the value out where it is needed",
            id="yaml",
        ),
        pytest.param(
            manifest().replace("art10.2.f", "art10.2.ff"),
            "/criteria/0/requirements/0",
            22,
            "there is no requirement 'art10.2.ff'",
            "did you mean 'art10.2.f'?",
            id="a name",
        ),
        pytest.param(
            manifest().replace("provider: {name: Provider, address: Street 1, contact: office}\n", ""),
            "/provider",
            1,
            "the field `provider` is missing: Who answers for it",
            "add the field `provider`",
            id="a field",
        ),
        pytest.param(
            manifest().replace("at_least: 0.5", "at_least: 0.5\n    at_most: 0.4"),
            "/criteria/0",
            17,
            "`at_least` is above `at_most`",
            "correct the value",
            id="a rule",
        ),
        pytest.param(
            manifest(extra="classification:\n  - {question: ai_system, answer: no, points: [art2.3]}\n"),
            "/classification/0/points/0",
            27,
            "there is no ai_system point 'art2.3'",
            "known: none",
            id="a point",
        ),
        pytest.param(
            "\ud800", "", None, "the text holds half of a character", "send it as UTF-8", id="a half"
        ),
        pytest.param(
            "#" * 1_000_001,
            "",
            None,
            "is larger than 1,000,000 bytes and was not read",
            "a manifest names data files and does not hold them",
            id="too large",
        ),
    ],
)
def test_a_fault_has_its_place_and_a_fix(
    text: str, pointer: str, line: int | None, message: str, fix: str
) -> None:
    problem = only(text_check(text))
    assert (problem.pointer, problem.line, problem.message, problem.fix) == (pointer, line, message, fix)


def test_an_answer_that_names_points_without_a_yes_is_a_fault() -> None:
    answer = "classification:\n  - {question: annex_iii_use, answer: no, points: [annexIII.5.b]}\n"
    problem = only(text_check(manifest(extra=answer)))
    assert problem.pointer == "/classification"
    assert "names points" in problem.message


def test_a_yes_that_must_name_points_asks_for_them() -> None:
    check = text_check(manifest(extra="classification:\n  - {question: annex_iii_use, answer: yes}\n"))
    asked = {one.field: one for one in check.missing_information}
    assert asked["classification[0].points"].article == "Art. 6(2), Art. 3(12)"


def test_every_fault_is_listed_in_the_order_of_the_file() -> None:
    check = text_check("conformity: 1\nsystem: {name: x}\nfoo: 1\n")
    assert [one.pointer for one in check.errors] == [
        "/provider",
        "/system/version",
        "/system/intended_purpose",
        "/foo",
    ]


def test_files_that_are_not_there_are_faults_each(tmp_path: Path) -> None:
    place = system(tmp_path, data=None, text=manifest(extra=f"criteria_lock: no.json\n{EXHIBIT}"))
    check = check_manifest(place, Settings(root=tmp_path))
    assert [one.pointer for one in check.errors] == ["/subjects/0/path", "/criteria_lock", "/exhibits/0/path"]
    assert check.errors[0].message == f"there is nothing at 'test.csv' in {tmp_path.resolve()}"


def test_a_lock_that_is_none_is_a_fault(tmp_path: Path) -> None:
    place = system(tmp_path, text=manifest(extra="criteria_lock: test.csv\n"))
    problem = only(check_manifest(place, Settings(root=tmp_path)))
    assert problem.pointer == "/criteria_lock"
    assert "is no lock of criteria" in problem.message


def test_an_address_must_be_one_that_was_allowed(tmp_path: Path) -> None:
    place = system(tmp_path, data=None, text=manifest(path="s3://bucket/test.csv"))
    problem = only(check_manifest(place, Settings(root=tmp_path)))
    assert problem.pointer == "/subjects/0/path"
    assert check_manifest(place, Settings(root=tmp_path, remote=("s3://bucket",))).usable


def test_a_manifest_that_is_not_read_says_why(tmp_path: Path) -> None:
    place = system(tmp_path, text="conformity: [")
    assert only(check_manifest(place, Settings(root=tmp_path))).line == 1
    with pytest.raises(PathError, match="there is no manifest"):
        check_manifest(tmp_path / "none.yaml", Settings(root=tmp_path))


def test_placeholders_and_guesses_are_asked_for_with_their_provisions() -> None:
    text = manifest().replace("name: Scorer", 'name: "REPLACE: the name"')
    text = text.replace("roles: [protected]}", "roles: [protected]}  # GUESS: the name says sex", 1)
    text = text.replace(
        "roles: [quasi_identifier]}", "roles: [quasi_identifier]}  # GUESS: others know it", 1
    )
    text = text.replace("purpose: testing", "purpose: testing  # GUESS: it holds predictions")
    text = text.replace("title: Test set", 'title: "REPLACE: a title"') + "role: provider  # GUESS: usual\n"
    asked = {one.field: one for one in text_check(text).missing_information if one.kind != "question"}
    assert {field: (one.kind, one.article) for field, one in asked.items()} == {
        "system.name": ("placeholder", "Annex V(1)"),
        "subjects[0].title": ("placeholder", "Art. 11(1)"),
        "subjects[0].purpose": ("guess", "Annex IV(2)(d)"),
        "subjects[0].columns[0].roles": ("guess", "Art. 10(2)(f)"),
        "subjects[0].columns[1].roles": ("guess", "Annex IV(2)(d)"),
        "role": ("guess", "Art. 3(3)"),
    }
    guess = asked["subjects[0].columns[0].roles"]
    assert guess.question == "Is `roles` of column 'sex' right? Guessed: the name says sex"
    assert guess.example == '["protected"]'
