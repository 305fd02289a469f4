"""Statements: over exactly these files, for one purpose only."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any, get_args

import pytest

from conformity.archive.signing.statement import (
    check_statement,
    pack_digest,
    read_statement,
    statement_bytes,
    statement_of,
)
from conformity.archive.sums import SUMS, sums_of
from conformity.errors import IntegrityError
from conformity.model.base import sha256_of
from conformity.model.statement import StatementKind
from tests.support.statements import FILES, SUMMED, predicate

KINDS: tuple[StatementKind, ...] = get_args(StatementKind)
PAIRS = list(itertools.permutations(KINDS, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_a_statement_is_read_back_and_fits_its_files(kind: StatementKind) -> None:
    statement = statement_of(kind, SUMMED, predicate(kind))
    read = read_statement(statement_bytes(statement))
    assert read == statement
    assert statement_bytes(read) == statement_bytes(statement)
    check_statement(read, kind, SUMMED)


def test_it_is_an_in_toto_statement() -> None:
    """Known answer: in-toto attestation framework, spec v1, statement.md, "Schema"."""
    written = json.loads(statement_bytes(statement_of("assessment", SUMMED, predicate("assessment"))))
    assert set(written) == {"_type", "subject", "predicateType", "predicate"}
    assert written["_type"] == "https://in-toto.io/Statement/v1"
    assert written["predicateType"] == "urn:conformity-report:assessment:v1"
    assert [one["name"] for one in written["subject"]] == sorted([*FILES, SUMS])
    assert written["subject"][0] == {
        "name": SUMS,
        "digest": {"sha256": sha256_of(sums_of(FILES)).removeprefix("sha256:")},
    }


@pytest.mark.parametrize(("signed", "expected"), PAIRS)
def test_no_kind_passes_as_another(signed: StatementKind, expected: StatementKind) -> None:
    statement = statement_of(signed, SUMMED, predicate(signed))
    with pytest.raises(IntegrityError, match="another purpose"):
        check_statement(statement, expected, SUMMED)
    with pytest.raises(IntegrityError, match="sign each as what it is"):
        statement_of(expected, SUMMED, predicate(signed))


@pytest.mark.parametrize(("signed", "expected"), PAIRS)
def test_a_type_that_is_not_that_of_what_is_said_is_refused(
    signed: StatementKind, expected: StatementKind
) -> None:
    written = json.loads(statement_bytes(statement_of(signed, SUMMED, predicate(signed))))
    written["predicateType"] = f"urn:conformity-report:{expected}:v1"
    with pytest.raises(IntegrityError, match="predicateType is not that"):
        read_statement(json.dumps(written).encode())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda sums: {**sums, "report.html": "0" * 64}, "report.html"),
        (lambda sums: {**sums, "more.txt": "0" * 64}, "more.txt"),
        (lambda sums: {name: sums[name] for name in sums if name != "report.html"}, "report.html"),
    ],
    ids=["changed", "added", "missing"],
)
def test_other_files_do_not_fit(change: Callable[[dict[str, str]], dict[str, str]], named: str) -> None:
    statement = statement_of("assessment", SUMMED, predicate("assessment"))
    with pytest.raises(IntegrityError, match=rf"{named} is missing, added or changed \(1 in all\)"):
        check_statement(statement, "assessment", change(dict(SUMMED)))


def test_a_list_that_is_not_signed_does_not_fit() -> None:
    statement = statement_of("assessment", SUMMED, predicate("assessment"))
    without = statement.model_copy(
        update={"subject": tuple(one for one in statement.subject if one.name != SUMS)}
    )
    with pytest.raises(IntegrityError, match=f"{SUMS} is missing"):
        check_statement(without, "assessment", SUMMED)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found["subject"].reverse(),
        lambda found: found["subject"].append(found["subject"][-1]),
        lambda found: found.update(subject=[]),
        lambda found: found.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda found: found.update(more=1),
        lambda found: found["subject"][0]["digest"].update(sha512="0"),
        lambda found: found["predicate"].update(score=100),
        lambda found: found["predicate"].update(kind="approval"),
        lambda found: found["predicate"]["signed_by"].update(keyid="me"),
    ],
    ids=["order", "twice", "no files", "version", "more", "digest", "score", "kind", "keyid"],
)
def test_what_is_no_statement_of_ours_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    written = json.loads(statement_bytes(statement_of("assessment", SUMMED, predicate("assessment"))))
    change(written)
    with pytest.raises(IntegrityError, match="none that this version reads"):
        read_statement(json.dumps(written).encode())
    with pytest.raises(IntegrityError, match="the document: "):
        read_statement(b"no json")


def test_the_digest_of_a_pack_is_that_of_its_list() -> None:
    assert pack_digest(SUMMED) == sha256_of(sums_of(FILES))
    with pytest.raises(IntegrityError):
        pack_digest({"../out": "0" * 64})


def test_nothing_says_that_a_system_complies() -> None:
    for kind in KINDS:
        text = statement_bytes(statement_of(kind, SUMMED, predicate(kind))).decode().lower()
        assert "complian" not in text
        assert "no declaration of conformity (art. 47)" in text
