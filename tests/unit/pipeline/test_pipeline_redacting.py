"""A public copy: without what is withheld, with every verdict as it was, and true of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformity.archive.redaction.redacted import check_copy, is_redacted, read_redaction
from conformity.archive.redaction.removal import withhold
from conformity.archive.sums import SUMS, sums_of
from conformity.errors import DataError, IntegrityError, PathError, RenderError, UsageError
from conformity.model.assessment import Assessment
from conformity.model.base import canonical_json, sha256_of
from conformity.model.redaction import WITHHELD, RedactionKey, RedactionOutcome
from conformity.pipeline import redacting
from conformity.pipeline.disclosing import check_disclosure, reveal
from conformity.pipeline.packs import read_pack
from conformity.pipeline.redacting import marked, redact
from conformity.settings import Settings
from tests.support.assessments import (
    criterion,
    examined,
    exhibit,
    measured,
    observation,
    record,
    scalar,
    sign_off,
    table,
)
from tests.support.composed import material, small
from tests.support.declarations import packed, signed

SECRET = "Wholly secret recipe"
MAIL = "someone@example.org"


def full(folder: Path, *redactions: dict[str, str], **changes: Any) -> Path:
    """Write a pack with a secret in a bound, a note and a document, and with somebody's address."""
    note = observation(measured(scalar(0.05, 0.03, 0.07)), notes=(f"The column SEX was read. {SECRET}.",))
    given: dict[str, Any] = {
        "subjects": (table(path="inner/place.csv"),),
        "exhibits": (exhibit(title=f"On {SECRET}"),),
        "sign_offs": (sign_off(),),
        "criteria": (criterion(reason=SECRET, owner=f"Specimen owner {MAIL}"),),
        "provider": {"name": "Provider", "address": "Street 1", "contact": MAIL},
        "redactions": redactions,
        **changes,
    }
    records = (record("test", path="inner/place.csv"), record("record", path="record.md"))
    return packed(small(material("timeline", seen=(note, examined()), records=records, **given)), folder)


def hidden(of: str) -> dict[str, str]:
    """Return a declared redaction."""
    return {"of": of, "ground": "trade_secret", "reason": "Ours alone."}


def copied(tmp_path: Path, pack: Path, name: str = "copy", **changes: Any) -> RedactionOutcome:
    """Make the copy with its evidence, without documents unless they are asked for."""
    return redact(pack, tmp_path / name, Settings(), **{"formats": (), "evidence": True, **changes})


def texts(folder: Path) -> str:
    """Return everything that a copy holds."""
    return "\n".join(file.read_text("utf-8") for file in folder.rglob("*") if file.is_file())


def test_paths_go_by_default_and_verdicts_stay(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack")
    outcome = copied(tmp_path, pack, formats=("html",))
    before, after = read_pack(pack, Settings()), read_pack(tmp_path / "copy", Settings())
    assert outcome.files == ("assessment.json", "evidence.json", "redaction.json", "report.html")
    assert "inner/place.csv" not in texts(tmp_path / "copy")
    assert [one.verdict for one in after.assessment.findings] == [
        one.verdict for one in before.assessment.findings
    ]
    assert after.assessment.manifest.subjects[0].path == WITHHELD
    assert SECRET in texts(tmp_path / "copy")
    page = (tmp_path / "copy" / "report.html").read_text("utf-8")
    assert f"Redacted copy: {outcome.fields} texts are withheld by the provider." in page


@pytest.mark.parametrize("of", ["criterion:gap-sex", "/criteria/*/reason", "/criteria/0"])
def test_a_secret_is_left_out_of_every_file_of_the_copy(tmp_path: Path, of: str) -> None:
    pack = full(tmp_path / "pack", hidden(of))
    copied(tmp_path, pack, formats=("html",))
    assert SECRET not in texts(tmp_path / "copy")
    made = check_copy(tmp_path / "copy")
    assert made.renamed_evidence == 1
    assert "Ours alone." in {one.reason for one in made.removed}
    assert not any(one.ground == "trade_secret" and SECRET in one.reason for one in made.removed)


@pytest.mark.parametrize(
    ("of", "field"),
    [("subject:test", "subjects"), ("exhibit:record", "exhibits"), ("sign-off:record-signed", "sign_offs")],
)
def test_all_words_about_a_thing_can_be_left_out(tmp_path: Path, of: str, field: str) -> None:
    copied(tmp_path, full(tmp_path / "pack", hidden(of)))
    made = json.loads((tmp_path / "copy" / "assessment.json").read_bytes())["manifest"][field][0]
    words = {"subjects": "title", "exhibits": "title", "sign_offs": "statement"}[field]
    assert made[words] == WITHHELD
    if field == "sign_offs":
        assert set(made["by"].values()) == {WITHHELD}


def test_people_and_addresses_go_on_request(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack")
    copied(tmp_path, pack, names=True)
    found = texts(tmp_path / "copy")
    assert MAIL not in found
    assert "Specimen signatory" not in found
    assert "Specimen signatory" in texts(pack)


def test_columns_get_other_names_on_request(tmp_path: Path) -> None:
    outcome = copied(tmp_path, full(tmp_path / "pack"), columns=True)
    assert outcome.columns == 2
    copy = read_pack(tmp_path / "copy", Settings())
    assert "SEX" not in texts(tmp_path / "copy")
    assert copy.evidence.observations[0].measurements[0].by == ("withheld-column-1",)
    assert copy.assessment.manifest.criteria[0].by == ("withheld-column-1",)
    check_copy(tmp_path / "copy")


def test_the_copy_names_the_full_pack_and_the_fate_of_its_files(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack")
    (pack / "tallies").mkdir()
    (pack / "tallies" / ("a" * 64 + ".json")).write_bytes(b"{}")
    content = {one.relative_to(pack).as_posix(): one.read_bytes() for one in pack.rglob("*") if one.is_file()}
    (pack / SUMS).write_bytes(sums_of({name: one for name, one in content.items() if name != SUMS}))
    outcome = copied(tmp_path, pack)
    made = read_redaction(tmp_path / "copy")
    assert made.pack == outcome.pack == sha256_of((pack / SUMS).read_bytes())
    assert {one.name: one.fate for one in made.files} == {
        "assessment.json": "redacted",
        "evidence.json": "redacted",
        "tallies/1": "left_out",
    }
    assert f"tallies/{'a' * 64}" not in texts(tmp_path / "copy")
    assert copied(tmp_path, pack, "shy", hide_digest=True).pack == made.pack
    shy = read_redaction(tmp_path / "shy")
    assert shy.pack is None
    full_digests = read_pack(pack, Settings()).assessment
    for digest in (made.pack, full_digests.manifest_sha256, full_digests.evidence_sha256):
        assert digest[7:] not in texts(tmp_path / "shy")
    assert full_digests.manifest_sha256 in texts(tmp_path / "copy")
    assert check_copy(tmp_path / "shy") == shy


def test_a_file_that_is_the_same_is_named_by_its_digest(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack", exhibits=(), sign_offs=(), subjects=(table(),), criteria=())
    evidence = read_pack(pack, Settings()).evidence.model_copy(update={"subjects": (), "observations": ()})
    content = canonical_json(evidence)
    plain = json.loads((pack / "assessment.json").read_bytes())
    assessment = json.dumps({**plain, "evidence_sha256": sha256_of(content)}).encode()
    files = {"assessment.json": assessment, "evidence.json": content}
    for name, one in {**files, SUMS: sums_of(files)}.items():
        (pack / name).write_bytes(one)
    copied(tmp_path, pack)
    fates = {one.name: (one.fate, one.sha256) for one in check_copy(tmp_path / "copy").files}
    assert fates["evidence.json"] == ("unchanged", sha256_of(content))


def test_exact_counts_are_left_out_unless_they_are_asked_for(tmp_path: Path) -> None:
    """The evidence holds the sizes of all groups, of the smallest too, which no report prints."""
    pack = full(tmp_path / "pack", hidden("criterion:gap-sex"))
    kept = copied(tmp_path, pack, "kept", formats=("html",))
    outcome = copied(tmp_path, pack, evidence=False, formats=("html",))
    assert outcome.files == ("assessment.json", "redaction.json", "report.html")
    pages = [(Path(one.folder) / "report.html").read_text("utf-8") for one in (kept, outcome)]
    assert ["as confidential." in page for page in pages] == [True, False]
    made = check_copy(tmp_path / "copy")
    assert {one.name: one.fate for one in made.files}["evidence.json"] == "left_out"
    assert {one.file for one in made.removed} == {"assessment.json"}
    key = RedactionKey.model_validate_json(Path(outcome.key).read_bytes())
    assert {one.file for one in key.fields} == {"assessment.json"}
    assert SECRET not in texts(tmp_path / "copy")
    place = "assessment.json#/manifest/criteria/0/reason"
    assert reveal(tmp_path / "copy", Path(outcome.key), place, Settings()).field.value == SECRET


def test_the_key_is_for_its_owner_alone_and_never_replaced(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack", hidden("criterion:gap-sex"))
    key = Path(copied(tmp_path, pack).key)
    assert key == tmp_path / "copy-redaction-key.json"
    assert key.stat().st_mode & 0o777 == 0o600
    assert SECRET in {one.value for one in RedactionKey.model_validate_json(key.read_bytes()).fields}
    with pytest.raises(PathError, match="proves what an earlier copy left out"):
        copied(tmp_path, pack)


def test_without_a_copy_there_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = full(tmp_path / "pack")

    def full_disk(*_: object) -> None:
        raise PathError("no space")

    monkeypatch.setattr(redacting, "write_pack", full_disk)
    with pytest.raises(PathError, match="no space"):
        copied(tmp_path, pack)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["pack"]


def test_a_key_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack")
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(PathError, match="could not be written"):
        copied(tmp_path, pack, "file/copy")


def test_a_key_that_was_half_written_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = full(tmp_path / "pack")

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("conformity.pipeline.redacting.os.fsync", no_space)
    with pytest.raises(PathError, match="No space left on device"):
        copied(tmp_path, pack)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["pack"]


def test_two_copies_share_no_salt_and_no_commitment(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack")
    copied(tmp_path, pack, "one")
    copied(tmp_path, pack, "two")
    one, two = (read_redaction(tmp_path / name) for name in ("one", "two"))
    assert [a.place for a in one.removed] == [b.place for b in two.removed]
    assert not {a.commitment for a in one.removed} & {b.commitment for b in two.removed}


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("/criteria/7/reason", r"redactions\[0\] means no text in the manifest"),
        ("exhibit:none", "means no text in the manifest"),
        ("thing:x", "means no text in the manifest"),
        ("/system/name", "on which the report rests"),
        ("/provider/name", "on which the report rests"),
        ("/criteria/0/metric", "on which the report rests"),
        ("/exhibits/0/covers", "means no text in the manifest"),
    ],
)
def test_a_redaction_that_means_nothing_or_too_much_is_refused(tmp_path: Path, of: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        copied(tmp_path, full(tmp_path / "pack", hidden(of)))
    assert not (tmp_path / "copy").exists()


def test_a_placeholder_never_looks_filled_in(tmp_path: Path) -> None:
    bound = criterion(reason="REPLACE", owner="REPLACE")
    pack = full(tmp_path / "pack", hidden("criterion:gap-sex"), criteria=(bound,))
    with pytest.raises(DataError, match="still to be filled in"):
        copied(tmp_path, pack)
    kept = full(tmp_path / "kept", criteria=(bound,), subjects=(table(path="REPLACE"),))
    copied(tmp_path, kept, "named", names=True)
    manifest = json.loads((tmp_path / "named" / "assessment.json").read_bytes())["manifest"]
    assert (manifest["criteria"][0]["owner"], manifest["subjects"][0]["path"]) == ("REPLACE", "REPLACE")


def test_copies_of_copies_and_unknown_formats_are_refused(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack")
    copied(tmp_path, pack)
    assert is_redacted(tmp_path / "copy")
    assert not is_redacted(pack)
    with pytest.raises(DataError, match="is a redacted copy already"):
        copied(tmp_path, tmp_path / "copy", "again")
    with pytest.raises(UsageError, match="no format 'doc' of a copy"):
        copied(tmp_path, pack, "again", formats=("doc",))


def test_a_verdict_that_would_change_stops_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = withhold

    def tampering(*given: Any) -> Any:
        made = real(*given)
        made.records["assessment.json"]["findings"][0]["verdict"] = "met"
        return made

    monkeypatch.setattr(redacting, "withhold", tampering)
    with pytest.raises(IntegrityError, match="would change a verdict"):
        copied(tmp_path, full(tmp_path / "pack"))

    def breaking(*given: Any) -> Any:
        made = real(*given)
        made.records["assessment.json"]["findings"][0]["verdict"] = WITHHELD
        return made

    monkeypatch.setattr(redacting, "withhold", breaking)
    with pytest.raises(DataError, match=r"findings\.0\.verdict cannot be left out"):
        copied(tmp_path, full(tmp_path / "pack2"))


def test_a_page_for_the_public_names_no_digest_of_a_tally() -> None:
    """Whoever knows all counts but a small one could guess that one, and compare."""
    digest = f'<td class="digest">{"e9" * 32}</td>'
    page = f'<p class="confidential">x</p>{digest}<table class="tallies"><td>7</td>{digest}</table>{digest}'
    told = marked(page, 3)
    assert told.count("e9" * 32) == 2
    assert f'<td>7</td><td class="digest">{WITHHELD}</td></table>' in told


def test_a_page_without_a_place_for_the_mark_is_refused() -> None:
    with pytest.raises(RenderError, match="no place"):
        marked("<p>nothing</p>", 3)


def test_a_copy_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    copied(tmp_path, full(tmp_path / "pack"))
    copy = tmp_path / "copy"
    made = read_redaction(copy).model_dump(mode="json")

    def rewritten(name: str, content: bytes) -> None:
        (copy / name).write_bytes(content)
        files = {one.name: one.read_bytes() for one in copy.iterdir() if one.name != SUMS}
        (copy / SUMS).write_bytes(sums_of(files))

    (copy / "redaction.json").write_bytes(b"{}")
    with pytest.raises(IntegrityError, match="was changed after it was written"):
        read_redaction(copy)
    rewritten("redaction.json", b"{}")
    with pytest.raises(IntegrityError, match="is no record of a redacted copy"):
        read_redaction(copy)
    rewritten("redaction.json", json.dumps({**made, "root": made["pack"]}).encode())
    with pytest.raises(IntegrityError, match="its root is not that of its commitments"):
        check_copy(copy)
    (copy / "redaction.json").unlink()
    with pytest.raises(PathError, match="cannot be read"):
        read_redaction(copy)


def test_what_is_revealed_is_checked_against_the_copy(tmp_path: Path) -> None:
    pack = full(tmp_path / "pack", hidden("criterion:gap-sex"))
    key = Path(copied(tmp_path, pack).key)
    other = Path(copied(tmp_path, pack, "other").key)
    copy, place = tmp_path / "copy", "assessment.json#/manifest/criteria/0/reason"
    shown = reveal(copy, key, place, Settings())
    assert shown.field.value == SECRET
    proof = tmp_path / "proof.json"
    proof.write_bytes(canonical_json(shown))
    assert check_disclosure(copy, proof, Settings()) == shown
    with pytest.raises(IntegrityError, match="the commitment there is another one"):
        check_disclosure(tmp_path / "other", proof, Settings())
    with pytest.raises(IntegrityError, match="belongs to another redacted copy"):
        reveal(copy, other, place, Settings())
    with pytest.raises(UsageError, match=r"Nothing is left out at 'assessment\.json'"):
        reveal(copy, key, "assessment.json", Settings())
    with pytest.raises(DataError, match="no record of the kind"):
        check_disclosure(copy, key, Settings())
    with pytest.raises(PathError, match="cannot be read"):
        check_disclosure(copy, tmp_path, Settings())


def test_files_far_too_large_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from conformity.archive.redaction import redacted
    from conformity.pipeline import disclosing

    key = Path(copied(tmp_path, full(tmp_path / "pack")).key)
    monkeypatch.setattr(disclosing, "_MOST_BYTES", 10)
    with pytest.raises(PathError, match="larger than any such record"):
        reveal(tmp_path / "copy", key, "x#/y", Settings())
    monkeypatch.setattr(redacted, "_MOST_BYTES", 10)
    with pytest.raises(PathError, match="larger than any record of a pack"):
        check_copy(tmp_path / "copy")


def test_the_pdf_of_a_copy_is_given_the_redacted_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The press itself is tried elsewhere; here it counts what it is given, for that may be published."""
    given: list[tuple[str, dict[str, bytes]]] = []

    def press(html: str, attachments: dict[str, bytes], _: object) -> bytes:
        given.append((html, attachments))
        return b"%PDF"

    monkeypatch.setattr("conformity.render.pdf.print_html", press)
    pack = packed(signed(redactions=(hidden("sign-off:record-signed"),)), tmp_path / "pack")
    assert copied(tmp_path, pack, formats=("pdf",)).files[-1] == "report.pdf"
    ((html, inside),) = given
    assert inside == {"assessment.json": (tmp_path / "copy" / "assessment.json").read_bytes()}
    assert (
        Assessment.model_validate_json(inside["assessment.json"]).manifest.sign_offs[0].statement == WITHHELD
    )
    assert "texts are withheld by the provider" in html
    assert not (tmp_path / "copy" / "report.html").exists()
