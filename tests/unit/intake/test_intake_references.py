"""Names from the catalogue and the probes are checked with place and nearest name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformity.errors import ManifestError
from conformity.intake.loaded import LoadedManifest
from conformity.intake.references import check_references

Read = Callable[[str], LoadedManifest]

TEXT = """\
classification:
  - {question: annex_iii, answer: yes, points: [annexIII.5.b]}
subjects:
  - {id: log, kind: prompt_log, title: t, path: p}
exhibits:
  - {id: e, title: t, path: p, dated: 2026-01-01, covers: [art9.1]}
criteria:
  - id: c
    metric: flagged_share
    subject: log
    at_most: 0.1
    requirements: [art15.5]
    reason: r
    owner: o
    fixed_at: 2026-01-01
sign_offs:
  - {id: s, requirements: [art9.1], over: [{exhibit: e, sha256: "DIGEST"}], statement: s,
     by: {name: n, function: f}, signed_on: 2026-01-01}
""".replace("DIGEST", "sha256:" + "0" * 64)
REQUIREMENTS = {"art9.1", "art15.5"}
QUESTIONS = {"annex_iii": {"annexIII.5.b"}, "ai_system": set[str]()}
METRICS = {"flagged_share": {"prompt_log"}, "accuracy": {"table"}}


def test_a_claim_serves_only_rows_that_ask_for_one(read: Read) -> None:
    text = TEXT.replace("    fixed_at: 2026-01-01\n", "    fixed_at: 2026-01-01\n    claimed_in: e\n")
    check_references(read(text), REQUIREMENTS, QUESTIONS, METRICS, of_claims=["art15.5"])
    with pytest.raises(
        ManifestError, match=r"level with `claimed_in` serves art15\.3 only; for 'art15\.5' fix"
    ):
        check_references(read(text), REQUIREMENTS, QUESTIONS, METRICS, of_claims=["art15.3"])


def test_a_claim_names_a_declared_exhibit(read: Read) -> None:
    text = TEXT.replace("    fixed_at: 2026-01-01\n", "    fixed_at: 2026-01-01\n    claimed_in: f\n")
    with pytest.raises(ManifestError, match=r"claimed_in: no exhibit 'f' is declared"):
        read(text)


def test_known_names_pass(read: Read) -> None:
    check_references(read(TEXT), REQUIREMENTS, QUESTIONS, METRICS)
    check_references(read(TEXT), REQUIREMENTS, list(QUESTIONS), list(METRICS))
    check_references(read(""), (), (), ())


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "question: annex_iii",
            "question: annex_ii",
            "9:6: classification[0].question: there is no question 'annex_ii'; did you mean 'annex_iii'?",
        ),
        (
            "annexIII.5.b",
            "annexIII.5.x",
            "9:49: classification[0].points[0]: there is no annex_iii point 'annexIII.5.x'; "
            "did you mean 'annexIII.5.b'?",
        ),
        (
            "covers: [art9.1]",
            "covers: [art9.1, art99]",
            "13:68: exhibits[0].covers[1]: there is no requirement 'art99'; did you mean 'art9.1'?",
        ),
        (
            "[art15.5]",
            "[zzz]",
            "19:20: criteria[0].requirements[0]: there is no requirement 'zzz'; known: art15.5, art9.1",
        ),
        (
            "s, requirements: [art9.1]",
            "s, requirements: [art9]",
            "24:28: sign_offs[0].requirements[0]: there is no requirement 'art9'; did you mean 'art9.1'?",
        ),
        (
            "flagged_share",
            "flaged_share",
            "16:5: criteria[0].metric: there is no metric 'flaged_share'; did you mean 'flagged_share'?",
        ),
        (
            "flagged_share",
            "accuracy",
            "17:5: criteria[0].subject: the metric 'accuracy' is measured on a table, "
            "but 'log' is a prompt_log; name another subject or metric",
        ),
    ],
)
def test_an_unknown_name_is_refused_at_its_place(read: Read, old: str, new: str, line: str) -> None:
    assert old in TEXT
    with pytest.raises(ManifestError) as caught:
        check_references(read(TEXT.replace(old, new)), REQUIREMENTS, QUESTIONS, METRICS)
    assert caught.value.message == f"conformity.yaml:{line}"


def test_a_non_conformity_names_a_requirement_that_exists_and_stands_once(read: Read) -> None:
    entry = "  - {requirement: %s, owner: o, corrective_action: a, due: 2027-01-31}\n"
    good = TEXT + "non_conformities:\n" + entry % "art9.1"
    check_references(read(good), REQUIREMENTS, QUESTIONS, METRICS)
    with pytest.raises(ManifestError, match=r"non_conformities\[0\]\.requirement: there is no requirement"):
        check_references(
            read(good.replace("requirement: art9.1", "requirement: art9")), REQUIREMENTS, QUESTIONS, METRICS
        )
    with pytest.raises(
        ManifestError, match=r"28:6: non_conformities\[1\]\.requirement: the non-conformity of"
    ):
        read(good + entry % "art9.1")


def test_points_and_kinds_are_checked_only_when_they_are_given(read: Read) -> None:
    text = TEXT.replace("annexIII.5.b", "zzz").replace("flagged_share", "accuracy")
    check_references(read(text), REQUIREMENTS, list(QUESTIONS), list(METRICS))


def test_all_unknown_names_are_listed_in_the_order_of_the_file(read: Read) -> None:
    with pytest.raises(ManifestError) as caught:
        check_references(read(TEXT), (), (), ())
    lines = caught.value.message.splitlines()
    assert [int(line.split(":")[1]) for line in lines] == [9, 13, 16, 19, 24]


def test_the_metrics_of_changes_determined_in_advance_are_known(read: Read) -> None:
    change = """\
predetermined_changes:
  - id: monthly
    description: d
    ranges:
      - {metric: METRIC, subject: log, at_most: 0.1}
"""
    check_references(read(TEXT + change.replace("METRIC", "flagged_share")), REQUIREMENTS, QUESTIONS, METRICS)
    with pytest.raises(ManifestError, match=r"there is no metric 'flagged_shared'"):
        check_references(
            read(TEXT + change.replace("METRIC", "flagged_shared")), REQUIREMENTS, QUESTIONS, METRICS
        )
