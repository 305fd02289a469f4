"""What the record of a redacted copy says of the files beside it."""

from __future__ import annotations

import pytest

from conformity.archive.redaction.commitments import all_of, root_of
from conformity.archive.verify.copies import copy_told
from conformity.model.base import canonical_json, sha256_of
from conformity.model.redaction import FileInPack, RedactionRecord, RemovedField

DIGEST = "sha256:" + "1" * 64
FILES = {"assessment.json": b'{"a/b": [{"~": "[withheld by the provider]"}]}', "evidence.json": b"{}"}


def _record(place: str = "/a~1b/0/~0", **fates: tuple[str, str | None]) -> bytes:
    """Return a record with a removed field, and files with what became of them and their digests."""
    files = tuple(
        FileInPack.model_validate(
            {"name": name.replace("_", "."), "fate": fate, "sha256": digest, "commitment": DIGEST}
        )
        for name, (fate, digest) in fates.items()
    )
    removed = RemovedField(file="assessment.json", place=place, ground="other", reason="r", commitment=DIGEST)
    record = RedactionRecord(
        tool="conformity 0",
        pack=None,
        pack_commitment=DIGEST,
        files=files,
        removed=(removed,),
        columns=0,
        renamed_evidence=0,
        root=DIGEST,
    )
    return canonical_json(record.model_copy(update={"root": root_of(all_of(record))}))


def test_a_record_that_fits_tells_where_the_copy_comes_from() -> None:
    same = ("unchanged", sha256_of(FILES["evidence.json"]))
    told = copy_told({**FILES, "redaction.json": _record(evidence_json=same, more_txt=("left_out", None))})
    assert told.faults == ()
    assert told.seen[0].startswith("Copy of the pack which it does not name, committed to as sha256:1")


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (_record(evidence_json=("left_out", None)), "evidence.json is said to be left out, and is not so."),
        (_record(more_txt=("redacted", None)), "more.txt is said to be redacted, and is not so."),
        (_record(evidence_json=("unchanged", DIGEST)), "evidence.json is said to be as in the full pack"),
        (_record("/a~1b/1"), "assessment.json#/a~1b/1 is said to be left out, and is not."),
        (_record("/a~1b/0/~0/x"), "is said to be left out, and is not."),
        (b"{}", "does not fit its schema"),
    ],
)
def test_a_record_that_does_not_fit_is_told(record: bytes, fault: str) -> None:
    assert any(fault in one for one in copy_told({**FILES, "redaction.json": record}).faults)


def test_a_copy_whose_records_cannot_be_read_is_told() -> None:
    told = copy_told({**FILES, "evidence.json": b"{", "redaction.json": _record()})
    assert "evidence.json cannot be read." in told.faults


def test_a_text_that_stands_where_none_should_or_is_gone_unsaid_is_told() -> None:
    """A copy may not say that it withholds what it shows, nor withhold what it does not say."""
    shown = {**FILES, "assessment.json": b'{"a/b": [{"~": "The secret itself"}]}'}
    told = copy_told({**shown, "redaction.json": _record()})
    assert "assessment.json#/a~1b/0/~0 is said to be left out, and is not." in told.faults
    more = {
        **FILES,
        "assessment.json": FILES["assessment.json"][:-1] + b', "c": "[withheld by the provider]"}',
    }
    told = copy_told({**more, "redaction.json": _record()})
    assert told.faults == ("assessment.json#/c is left out, and not listed.",)
