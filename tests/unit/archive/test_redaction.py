"""Texts are left out wherever they stand, commitments bind and hide, and a copy is held to its own record."""

from __future__ import annotations

import hashlib
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformity.archive.redaction.commitments import all_of, disclosed, is_true, of_field, root_of
from conformity.archive.redaction.places import leaves, matching, pointer, replaced
from conformity.archive.redaction.redacted import faults
from conformity.archive.redaction.removal import Records, Why, Withheld, is_text, withhold
from conformity.model.redaction import (
    WITHHELD,
    FileInPack,
    KeyedField,
    RedactionKey,
    RedactionRecord,
)

WHY = Why("trade_secret", "Ours alone.")
SEAL = "sha256:" + "a" * 64


def records() -> Records:
    """Return two small records that quote one another."""
    return {
        "assessment.json": {
            "manifest": {
                "criteria": [
                    {"id": "c", "reason": "Secret recipe", "owner": "Specimen owner", "by": ["AGE"]},
                ],
                "subjects": [{"id": "t", "path": "p", "columns": [{"name": "AGE"}]}],
            },
            "plan": {"requirements": [{"title": "Secret recipe"}], "steps": [{"blocked": "Secret recipe."}]},
            "findings": [
                {"requirement": "r", "reason": "The bound rests on Secret recipe.", "evidence": ["EV-1"]},
                {"requirement": "Secret recipe", "reason": "See EV-1 and EV-2; Secret recipes differ."},
            ],
            "criteria_lock": {
                "sha256": SEAL,
                "criteria": [{"sha256": SEAL, "criterion": {"reason": "Secret recipe"}}],
            },
            "previous": {"criteria_lock_sha256": SEAL},
        },
        "evidence.json": {
            "observations": [
                {"id": "EV-1", "notes": ["AGE was banded."], "tallies": [{"name": "cells[AGE, AGED]"}]},
                {"id": "EV-2", "notes": []},
            ]
        },
    }


def identify(observation: dict[str, Any]) -> str:
    """Return an id that follows from the content alone."""
    return (
        observation["id"] if "AGE was banded." in observation["notes"] or not observation["notes"] else "EV-9"
    )


def left_out(*places: tuple[str | int, ...], columns: dict[str, str] | None = None) -> Withheld:
    """Return the records without the texts at some places of the assessment."""
    salts = count(1)
    return withhold(
        records(),
        {("assessment.json", place): WHY for place in places},
        columns or {},
        identify,
        lambda: f"{next(salts):064x}",
    )


REASON = ("manifest", "criteria", 0, "reason")


def test_a_text_is_left_out_wherever_it_is_quoted_and_nowhere_else() -> None:
    made = left_out(REASON)
    assessment = made.records["assessment.json"]
    assert assessment["manifest"]["criteria"][0]["reason"] == WITHHELD
    assert assessment["findings"][0]["reason"] == f"The bound rests on {WITHHELD}."
    assert assessment["plan"]["steps"][0]["blocked"] == f"{WITHHELD}."
    assert assessment["criteria_lock"]["criteria"][0]["criterion"]["reason"] == WITHHELD
    # Ids, the law and longer words stay.
    assert assessment["findings"][1]["requirement"] == "Secret recipe"
    assert assessment["plan"]["requirements"][0]["title"] == "Secret recipe"
    assert "Secret recipes differ" in assessment["findings"][1]["reason"]


def test_digests_from_which_a_text_could_be_guessed_become_commitments() -> None:
    made = left_out(REASON)
    known = {(one.file, one.place): one.commitment for one in made.removed}
    lock = made.records["assessment.json"]["criteria_lock"]
    assert lock["sha256"] == known["assessment.json", "/criteria_lock/sha256"] != SEAL
    assert lock["criteria"][0]["sha256"] == known["assessment.json", "/criteria_lock/criteria/0/sha256"]
    assert made.records["assessment.json"]["previous"]["criteria_lock_sha256"] != SEAL
    elsewhere = left_out(("manifest", "subjects", 0, "path"))
    assert elsewhere.records["assessment.json"]["criteria_lock"]["sha256"] == SEAL


def test_short_texts_are_left_out_only_at_their_place() -> None:
    made = left_out(("manifest", "subjects", 0, "path"))
    assert [one.place for one in made.removed] == ["/manifest/subjects/0/path"]


def test_columns_get_other_names_everywhere_and_observations_other_ids() -> None:
    made = left_out(columns={"AGE": "withheld-column-1"})
    assessment, evidence = made.records["assessment.json"], made.records["evidence.json"]
    assert assessment["manifest"]["criteria"][0]["by"] == ["withheld-column-1"]
    assert assessment["manifest"]["subjects"][0]["columns"][0]["name"] == "withheld-column-1"
    assert evidence["observations"][0]["notes"] == ["withheld-column-1 was banded."]
    assert evidence["observations"][0]["tallies"][0]["name"] == "cells[withheld-column-1, AGED]"
    assert (evidence["observations"][0]["id"], made.renamed) == ("EV-9", 1)
    assert assessment["findings"][0]["evidence"] == ["EV-9"]
    assert assessment["findings"][1]["reason"].startswith("See EV-9 and EV-2")
    # The bound names a column, so its digests go too.
    assert [one.place for one in made.removed] == [
        "/criteria_lock/criteria/0/sha256",
        "/criteria_lock/sha256",
        "/manifest/subjects/0/columns/0/name",
        "/previous/criteria_lock_sha256",
    ]
    assert made.columns == (("AGE", "withheld-column-1"),)


def test_what_was_removed_is_kept_with_its_salt_in_the_same_order() -> None:
    made = left_out(REASON)
    assert [one.place for one in made.removed] == [one.place for one in made.keyed]
    assert [of_field(one) for one in made.keyed] == [one.commitment for one in made.removed]
    values = {one.place: one.value for one in made.keyed}
    assert values["/manifest/criteria/0/reason"] == "Secret recipe"
    assert values["/findings/0/reason"] == "The bound rests on Secret recipe."
    assert len({one.salt for one in made.keyed}) == len(made.keyed)
    assert "Secret" not in "".join(one.model_dump_json() for one in made.removed)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("manifest", "criteria", 0, "reason"), True),
        (("manifest", "sign_offs", 0, "by", "name"), True),
        (("manifest", "system", "name"), False),
        (("plan", "requirements", 0, "reason"), False),
        (("plan", "probes", 0, "title"), False),
        (("findings", 0, "to_do", 1), True),
        ((), False),
    ],
)
def test_only_words_that_are_no_law_may_be_left_out(path: tuple[str | int, ...], text: bool) -> None:
    assert is_text(path) is text


def test_places_are_written_and_found_as_the_standard_has_them() -> None:
    """RFC 6901, section 5."""
    record = {"a/b": {"m~n": ["x", "y"]}, "list": [{"k": "1"}, {"k": "2"}, "3"]}
    assert pointer(("a/b", "m~n", 1)) == "/a~1b/m~0n/1"
    assert list(matching(record, "/a~1b/m~0n/1")) == [(("a/b", "m~n", 1), "y")]
    assert [text for _, text in matching(record, "/list/*/k")] == ["1", "2"]
    assert [text for _, text in matching(record, "/list")] == ["1", "2", "3"]
    for nothing in ("/none", "/list/9", "/list/x", "/a~1b/m~0n/0/deeper"):
        assert list(matching(record, nothing)) == []
    made = replaced(record, {("list", 0, "k"): "new"})
    assert (made["list"][0]["k"], record["list"][0]["k"]) == ("new", "1")  # type: ignore[index] # a dict of lists
    assert len(list(leaves({"n": 1, "s": None}))) == 0


def test_the_root_is_that_of_the_standard() -> None:
    """RFC 6962, section 2.1: the tree over d0, d1, d2 is H(1 || H(1 || l0 || l1) || l2), l = H(0 || d)."""
    found = [hashlib.sha256(bytes([number])).hexdigest() for number in range(3)]
    l0, l1, l2 = (hashlib.sha256(b"\x00" + bytes.fromhex(one)).digest() for one in found)
    pair = hashlib.sha256(b"\x01" + l0 + l1).digest()
    whole = hashlib.sha256(b"\x01" + pair + l2).hexdigest()
    assert root_of([f"sha256:{one}" for one in found]) == f"sha256:{whole}"
    assert root_of([f"sha256:{found[0]}"]) == f"sha256:{l0.hex()}"


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=20, unique=True), st.data())
def test_no_two_lists_of_commitments_share_a_root(found: list[bytes], data: st.DataObject) -> None:
    listed = [f"sha256:{one.hex()}" for one in found]
    other = data.draw(st.permutations(listed))
    assert (root_of(other) == root_of(listed)) == (other == listed)
    assert root_of(listed[:-1]) != root_of(listed)


def sealed(made: Withheld, *files: FileInPack) -> RedactionRecord:
    """Return the record of a copy."""
    record = RedactionRecord(
        tool="t",
        pack=SEAL,
        pack_commitment=SEAL,
        files=files,
        removed=made.removed,
        columns=0,
        renamed_evidence=0,
        root=SEAL,
    )
    return record.model_copy(update={"root": root_of(all_of(record))})


def test_a_true_record_has_no_fault_and_every_lie_is_found() -> None:
    made = left_out(REASON)
    kept = FileInPack(name="x", fate="unchanged", sha256=SEAL, commitment=SEAL)
    gone = FileInPack(name="y", fate="left_out", commitment=SEAL)
    record, sums = sealed(made, kept, gone), {"x": "a" * 64}
    assert list(faults(record, made.records, sums)) == []
    assert next(faults(record, records(), sums)).endswith("is said to be left out, and is not")
    assert list(faults(record, made.records, {"x": "b" * 64})) == [
        "x is said to be unchanged, and is another file"
    ]
    assert list(faults(record, made.records, {**sums, "y": "c" * 64})) == [
        "y is said to be left out, and is there"
    ]
    unlisted = sealed(left_out_less(made), kept, gone)
    assert list(faults(unlisted, made.records, sums)) == [
        "assessment.json#/manifest/criteria/0/reason is left out, and not listed"
    ]
    other = record.model_copy(update={"root": SEAL})
    assert list(faults(other, made.records, sums)) == ["its root is not that of its commitments"]
    missing = {**made.records, "assessment.json": {}}
    assert all(one.endswith("and is not") for one in faults(record, missing, sums))


def left_out_less(made: Withheld) -> Withheld:
    """Return what was left out, without the bound's reason on the list."""
    listed = tuple(one for one in made.removed if one.place != "/manifest/criteria/0/reason")
    return Withheld(made.records, listed, (), (), 0)


def test_a_removed_field_is_proved_by_its_salt_and_value_alone() -> None:
    made = left_out(REASON)
    record = sealed(made)
    key = RedactionKey(
        root=record.root, pack=SEAL, pack_salt="0" * 64, files=(), fields=made.keyed, columns=()
    )
    shown = disclosed(key, "assessment.json", "/manifest/criteria/0/reason")
    assert shown is not None
    assert is_true(record, shown)
    assert disclosed(key, "assessment.json", "/nowhere") is None

    def forged(**changes: Any) -> bool:
        field = KeyedField.model_validate({**shown.field.model_dump(), **changes})
        return is_true(record, shown.model_copy(update={"field": field}))

    assert not forged(value="Another recipe")
    assert not forged(salt="f" * 64)
    assert not forged(place="/findings/0/reason")
    assert not forged(file="evidence.json")
    assert not is_true(record, shown.model_copy(update={"root": SEAL}))
    assert not is_true(record.model_copy(update={"root": SEAL}), shown.model_copy(update={"root": SEAL}))
