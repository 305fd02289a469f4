"""Whatever is changed in a pack, verifying fails; and what it cannot tell has not passed."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from conformity.archive.standalone.folder import Found, read_folder
from conformity.archive.standalone.pack import sha256_hex
from conformity.archive.standalone.told import Told
from conformity.archive.sums import ENVELOPE, SUMS, sums_of
from conformity.model.base import canonical_json
from conformity.model.verification import Verification
from conformity.pipeline.verifying import verify
from conformity.pipeline.verifying.folders import Ask, Trust, folder_steps
from conformity.settings import Settings
from tests.support.keys import edwards
from tests.support.packs import small_pdf
from tests.support.signed_packs import key_file, put, signed_files

Files = dict[str, bytes]
Change = Callable[[Files], object]
RECORD, SEEN = "assessment.json", "evidence.json"


def _tally(files: Files) -> str:
    """Return the name of the tally."""
    return next(name for name in files if name.startswith("tallies/"))


def _summed(files: Files) -> None:
    """Make the list of digests anew, as somebody does who knows how it is made."""
    files[SUMS] = sums_of(files)


def _set(files: Files, name: str, *path: object, value: object) -> None:
    """Change a record in the form in which it is written."""
    plain = json.loads(files[name])
    place = plain
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    indented = (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()
    files[name] = indented if name == RECORD else canonical_json(plain)


def _swap(files: Files, one: str, other: str) -> None:
    """Let two files change places."""
    files[one], files[other] = files[other], files[one]


def _judged_otherwise(files: Files) -> None:
    """Turn a verdict round, in every document alike, and make all digests anew."""
    _set(files, RECORD, "findings", 0, "verdict", value="met")
    files["report.pdf"] = small_pdf({RECORD: files[RECORD]}, b"page")
    _summed(files)


def _not_for_us(files: Files) -> None:
    """Say that a requirement does not apply, together with the finding on it."""
    plain = json.loads(files[RECORD])
    plain["plan"]["requirements"][3] |= {"applies": "no", "reason": "Not for us."}
    plain["findings"][3] |= {"verdict": "not_applicable", "reason": "Not for us.", "to_do": []}
    files[RECORD] = (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()
    _summed(files)


def _other_evidence(files: Files) -> None:
    """Change a number in the evidence, with its id, its digest and the list."""
    seen = json.loads(files[SEEN])
    seen["observations"][0]["measurements"][0]["result"]["value"] = 10**6
    content = {k: v for k, v in seen["observations"][0].items() if k not in ("id", "isolation")}
    seen["observations"][0]["id"] = f"EV-{sha256_hex(canonical_json(content))[:10]}"
    files[SEEN] = canonical_json(seen)
    _set(files, RECORD, "evidence_sha256", value=f"sha256:{sha256_hex(files[SEEN])}")
    _summed(files)


def _closed_register(files: Files) -> None:
    """Drop an entry of the register."""
    _set(files, RECORD, "non_conformities", value=json.loads(files[RECORD])["non_conformities"][1:])
    _summed(files)


def _other_tally(files: Files) -> None:
    """Count more people, under the name of the old digest."""
    name = _tally(files)
    files[name] = files[name].replace(b"40", b"41")
    _summed(files)


UNSUMMED: dict[str, Change] = {
    "a file is missing": lambda f: f.pop("report.html"),
    "a tally is missing": lambda f: f.pop(_tally(f)),
    "a file is added": lambda f: f.update({"more.txt": b"x"}),
    "a file is added below tallies": lambda f: f.update({"tallies/more.json": b"{}"}),
    "a name in other letters": lambda f: f.update({"Report.html": f.pop("report.html")}),
    "a name with a blank": lambda f: f.update({"report.html ": f.pop("report.html")}),
    "two files changed places": lambda f: _swap(f, RECORD, SEEN),
    "the PDF of another system": lambda f: f.update({"report.pdf": signed_files("Other")["report.pdf"]}),
    "the page of another system": lambda f: f.update({"report.html": signed_files("Other")["report.html"]}),
    "the records of another system": lambda f: f.update({RECORD: signed_files("Other")[RECORD]}),
    "the list of another system": lambda f: f.update({SUMS: signed_files("Other")[SUMS]}),
    "the statement of another system": lambda f: f.update({ENVELOPE: signed_files("Other")[ENVELOPE]}),
    "no list": lambda f: f.pop(SUMS),
    "an empty list": lambda f: f.update({SUMS: b""}),
    "a list that was cut short": lambda f: f.update({SUMS: f[SUMS][:-1]}),
    "a list with a line less": lambda f: f.update({SUMS: f[SUMS].split(b"\n", 1)[1]}),
    "a list in another order": lambda f: f.update({SUMS: b"\n".join(f[SUMS].split(b"\n")[-2::-1]) + b"\n"}),
    "a list with a line twice": lambda f: f.update({SUMS: f[SUMS].split(b"\n")[0] + b"\n" + f[SUMS]}),
    "a list with capitals": lambda f: f.update({SUMS: f[SUMS].upper()}),
    "a list that leaves the folder": lambda f: f.update(
        {SUMS: f[SUMS].replace(b"  report.", b"  ../report.")}
    ),
    "a list in another coding": lambda f: f.update({SUMS: f[SUMS].replace(b"report.html", b"report.\xff")}),
    "a record that was cut short": lambda f: f.update({RECORD: f[RECORD][:-100]}),
    "a file that is empty": lambda f: f.update({"report.html": b""}),
    "a statement that was cut short": lambda f: f.update({ENVELOPE: f[ENVELOPE][:-1]}),
    "a statement with a blank": lambda f: f.update({ENVELOPE: f[ENVELOPE] + b" "}),
    "a time-stamp of nothing": lambda f: f.update({"statement.tsr": b"0\x03\x02\x01\x01"}),
}
"""What somebody does to a pack without making the list of digests anew."""

SUMMED: dict[str, Change] = {
    "a member twice": lambda f: f.update(
        {SEEN: f[SEEN].replace(b'{"collected_at"', b'{"platform":"x","collected_at"', 1)}
    ),
    "a number too large": lambda f: f.update(
        {SEEN: f[SEEN].replace(b'"value":100', b'"value":1' + b"0" * 400)}
    ),
    "another form": lambda f: f.update({SEEN: f[SEEN].replace(b":", b": ", 1)}),
    "another form of the record": lambda f: f.update({RECORD: canonical_json(json.loads(f[RECORD]))}),
    "deep JSON": lambda f: f.update({_tally(f): b"[" * 100_000}),
    "no JSON": lambda f: f.update({_tally(f): b"\xff"}),
    "an unknown field": lambda f: _set(f, RECORD, "approved", value=True),
    "a verdict that there is not": lambda f: _set(f, RECORD, "findings", 0, "verdict", value="compliant"),
    "another requirement": lambda f: _set(
        f, RECORD, "plan", "requirements", 0, "requirement", "title", value="T"
    ),
    "an easier law": lambda f: _set(f, RECORD, "plan", "requirements", 9, "applies", value="no"),
    "another purpose": lambda f: _set(f, RECORD, "manifest", "system", "intended_purpose", value="Anything."),
    "another reason": lambda f: _set(f, RECORD, "findings", 0, "reason", value="All is well."),
    "another classification": lambda f: _set(
        f, RECORD, "plan", "classification", "outcome", value="out_of_scope"
    ),
    "another manifest beside": lambda f: f.update({"manifest.lock.yaml": f["manifest.lock.yaml"] + b"# x\n"}),
    "no manifest beside": lambda f: f.pop("manifest.lock.yaml"),
    "another digest of the data": lambda f: f.update(
        {"manifest.lock.yaml": f["manifest.lock.yaml"].replace(b"a" * 64, b"b" * 64)}
    ),
    "a page that says more": lambda f: f.update(
        {"report.html": f["report.html"].replace(b"<title>", b"<title>Approved: ", 1)}
    ),
    "a PDF that carries another record": lambda f: f.update(
        {"report.pdf": small_pdf({RECORD: b"{}"}, b"page")}
    ),
    "a PDF that carries no record": lambda f: f.update({"report.pdf": small_pdf({"a.txt": b""}, b"page")}),
    "a PDF that is none": lambda f: f.update({"report.pdf": b"%PDF-1.7\n"}),
    "a tally too many": lambda f: f.update({f"tallies/{'0' * 64}.json": b"{}"}),
    "an entry too many": lambda f: _set(f, _tally(f), "entries", value=[["a", 1]] * 3),
}
"""What somebody does who then makes the list of digests anew; the signature does not fit any more."""

WITHOUT_SIGNATURE: dict[str, Change] = {
    "verdict": _judged_otherwise,
    "applicability": _not_for_us,
    "evidence": _other_evidence,
    "register": _closed_register,
    "tally": _other_tally,
}
"""What is seen without any signature, since the records do not lead to one another any more."""


def _verified(folder: Path, files: Files, *keys: Path) -> Verification:
    """Return what is told of some files."""
    return verify(put(folder / "pack", files), Settings(), keys=keys)


def _outcome(told: Verification, step: str) -> str:
    """Return how a step ended."""
    return next(one.outcome for one in told.steps if one.step == step)


def test_a_pack_that_nobody_touched_passes_every_step_that_can_be_told(tmp_path: Path) -> None:
    told = _verified(tmp_path, dict(signed_files()), key_file(tmp_path))
    assert not told.failed, told
    passed = {one.step for one in told.steps if one.outcome == "passed"}
    assert passed == {"files", "digests", "records", "law", "findings", "signature"}
    assert _outcome(told, "documents") == "cannot_tell"


@pytest.mark.parametrize("name", UNSUMMED)
def test_a_change_is_seen(name: str) -> None:
    files = dict(signed_files())
    UNSUMMED[name](files)
    assert _fails(files, Trust((edwards().public,)))
    assert _fails(files, Trust())


@pytest.mark.no_cover
@pytest.mark.parametrize("name", SUMMED)
def test_a_change_with_a_new_list_is_seen(name: str, tmp_path: Path) -> None:
    files = dict(signed_files())
    if "page" not in name:
        del files["report.html"]  # rendering it again takes longest
    SUMMED[name](files)
    _summed(files)
    assert _bytes_told(files)["signature"].faults
    del files[ENVELOPE]
    told = _verified(tmp_path, files)
    assert told.failed, "without a signature too, since it does not follow from the rest"
    assert _outcome(told, "digests") == "passed"
    assert _outcome(told, "signature") == "cannot_tell"


@pytest.mark.parametrize("name", WITHOUT_SIGNATURE)
def test_records_that_do_not_lead_to_one_another_are_seen_without_a_signature(
    name: str, tmp_path: Path
) -> None:
    files = {k: v for k, v in signed_files().items() if k not in (ENVELOPE, "report.html")}
    WITHOUT_SIGNATURE[name](files)
    told = _verified(tmp_path, files)
    assert _outcome(told, "digests") == "passed"
    assert told.failed


def test_a_pack_made_up_as_a_whole_is_told_by_the_key_alone(tmp_path: Path) -> None:
    """Whoever makes a whole other pack, and signs it, is found out by the key alone."""
    forged = dict(signed_files("Scorer", "mallory"))
    told = _verified(tmp_path, forged)
    assert not told.failed
    assert _outcome(told, "signature") == "cannot_tell"
    assert _fails(forged, Trust((edwards().public,)))
    unsigned = {k: v for k, v in forged.items() if k != ENVELOPE}
    alone = _bytes_told(unsigned)["signature"]
    assert alone.outcome() == "cannot_tell"
    assert "nobody can tell who made these files" in str(alone)
    assert _fails(unsigned, Trust((edwards().public,)))


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "large"])
def test_what_is_no_plain_file_is_seen(kind: str, tmp_path: Path) -> None:
    files = dict(signed_files())
    outside = tmp_path / "outside.html"
    outside.write_bytes(files["report.html"])
    pack = put(tmp_path / "pack", files)
    place = pack / "report.html"
    place.unlink()
    if kind == "link":
        place.symlink_to(outside)
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        with place.open("wb") as file:
            file.truncate(10 * 1024**3)
    told = _bytes_told({}, found=read_folder(str(pack)))
    assert told["files"].faults
    if kind == "pipe":
        assert verify(pack, Settings()).failed


def test_an_empty_folder_that_does_not_belong_there_is_seen(tmp_path: Path) -> None:
    pack = put(tmp_path / "pack", dict(signed_files()))
    (pack / "more").mkdir()
    assert _bytes_told({}, found=read_folder(str(pack)))["files"].faults


def _bytes_told(files: Files, trust: Trust | None = None, found: Found | None = None) -> dict[str, Told]:
    """Return what is told of files, digests and signature alone."""
    ask = Ask(trust or Trust(), pages=False, on_progress=lambda *_: None, bytes_alone=True)
    return folder_steps(Path("pack"), found or Found(files, ("tallies",), ()), ask)


def _fails(files: Files, trust: Trust) -> bool:
    """Tell whether the steps over bytes alone fail, which is enough for any flipped byte."""
    return any(one.faults for one in _bytes_told(files, trust).values())


@pytest.mark.parametrize("trusted", [True, False])
def test_any_flipped_bit_is_seen(trusted: bool) -> None:
    """Seeded positions in every file, the list and the statement among them; all are in the benchmark."""
    whole = dict(signed_files())
    trust = Trust((edwards().public,)) if trusted else Trust()
    assert not _fails(whole, trust)
    chance = random.Random(20261123)
    for name, content in whole.items():
        for _ in range(14):
            at, bit = chance.randrange(len(content)), 1 << chance.randrange(8)
            flipped = bytearray(content)
            flipped[at] ^= bit
            assert _fails({**whole, name: bytes(flipped)}, trust), (name, at, bit)
