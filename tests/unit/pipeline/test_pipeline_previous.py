"""The version before: it is of the same system, it is the one named, and its register is carried on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformity.archive.pack import write_pack
from conformity.errors import ConformityError, DataError, IntegrityError, ManifestError, UsageError
from conformity.model.assessment import Assessment
from conformity.model.base import canonical_json, sha256_of
from conformity.model.criteria_lock import new_lock
from conformity.pipeline.assessing import assess
from conformity.settings import Settings
from tests.support.assessments import bound
from tests.support.cases import CRITERION, conformity, manifest, system
from tests.support.counted_here import counted_here

FIRST = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = datetime(2026, 12, 22, 12, tzinfo=UTC)
BARE = """\
conformity: 1
system: {{name: {name}, version: "2", intended_purpose: Testing the tool.}}
provider: {{name: Provider, address: Street 1, contact: office}}
edition: {{version: "{version}"{more}}}
"""


def assessed(
    folder: Path,
    version: str,
    *,
    moment: datetime = LATER,
    previous: Path | None = None,
    name: str = "Scorer",
    more: str = "",
) -> Assessment:
    """Return the assessment of a system without anything to measure; its pack lies in ``folder``."""
    folder.mkdir()
    place = system(folder, None, BARE.format(name=name, version=version, more=more))
    assess(
        place,
        folder / "pack",
        formats=("json",),
        moment=moment,
        as_of=moment.date(),
        settings=Settings(),
        on_progress=lambda _what, _done, _total: None,
        previous=previous,
    )
    return Assessment.model_validate_json((folder / "pack" / "assessment.json").read_bytes())


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the pack of the first version."""
    folder = tmp_path_factory.mktemp("first") / "one"
    made = assessed(folder, "1.0.0", moment=FIRST)
    assert made.previous is None
    assert made.non_conformities
    return folder / "pack"


def _digest(pack: Path) -> str:
    return sha256_of((pack / "assessment.json").read_bytes())


def test_entries_are_carried_on_with_their_ids_and_first_day(first: Path, tmp_path: Path) -> None:
    made = assessed(tmp_path / "two", "1.1.0", previous=first)
    assert made.previous is not None
    assert (made.previous.version, made.previous.sha256) == ("1.0.0", _digest(first))
    assert made.previous.assessed_at == FIRST
    before = Assessment.model_validate_json((first / "assessment.json").read_bytes())
    assert made.non_conformities
    assert before.non_conformities
    assert [one.id for one in made.non_conformities] == [one.id for one in before.non_conformities]
    assert {(one.opened_on, one.opened_in) for one in made.non_conformities} == {(FIRST.date(), "1.0.0")}


def test_the_version_that_the_manifest_names_is_the_one_that_is_read(first: Path, tmp_path: Path) -> None:
    named = f', previous: "{_digest(first)}"'
    assert assessed(tmp_path / "two", "1.1.0", previous=first, more=named).previous is not None


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        pytest.param({"version": "1.0.0"}, ManifestError, "the version 1.0.0 does not come after", id="same"),
        pytest.param({"version": "0.9.9"}, ManifestError, "does not come after 1.0.0", id="earlier"),
        pytest.param({"name": "Other"}, DataError, "is about Scorer of Provider", id="another system"),
        pytest.param(
            {"more": ', previous: "sha256:' + "9" * 64 + '"'},
            IntegrityError,
            "is not the version that the manifest names",
            id="another digest",
        ),
    ],
)
def test_what_does_not_follow_is_refused(
    first: Path, tmp_path: Path, fields: dict[str, str], error: type[ConformityError], words: str
) -> None:
    given = {"version": "1.1.0", **fields}
    with pytest.raises(error, match=words):
        assessed(tmp_path / "two", previous=first, **given)  # type: ignore[arg-type] # texts all
    assert not (tmp_path / "two" / "pack").exists()


def test_a_pack_beside_the_new_one_is_found_by_its_digest(tmp_path: Path) -> None:
    before = assessed(tmp_path / "one", "1.0.0", moment=FIRST)
    (tmp_path / "one" / "another").mkdir()
    (tmp_path / "one" / "another" / "assessment.json").write_text("{}", encoding="utf-8")
    named = f', previous: "{_digest(tmp_path / "one" / "pack")}"'
    place = system(tmp_path / "one", None, BARE.format(name="Scorer", version="1.1.0", more=named))
    summary = assess(
        place,
        tmp_path / "one" / "next",
        formats=("json",),
        moment=LATER,
        as_of=LATER.date(),
        settings=Settings(),
        on_progress=lambda _what, _done, _total: None,
    )
    made = Assessment.model_validate_json((Path(summary.pack) / "assessment.json").read_bytes())
    assert made.previous is not None
    assert made.previous.version == before.manifest.edition.version


def test_a_version_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name its folder with --previous"):
        assessed(tmp_path / "two", "1.1.0", more=', previous: "sha256:' + "9" * 64 + '"')


def test_numbers_of_versions_are_compared_as_numbers(first: Path, tmp_path: Path) -> None:
    assert assessed(tmp_path / "two", "1.0.10", previous=first).manifest.edition.version == "1.0.10"


def test_a_lock_that_the_version_before_carried_is_missed_from_then_on(first: Path, tmp_path: Path) -> None:
    lock = new_lock([bound()], "conformity 0", FIRST)
    before = Assessment.model_validate_json((first / "assessment.json").read_bytes())
    record = canonical_json(before.model_copy(update={"criteria_lock": lock}))
    files = {"assessment.json": record, "evidence.json": (first / "evidence.json").read_bytes()}
    write_pack(tmp_path / "locked", files)
    second = assessed(tmp_path / "two", "1.1.0", previous=tmp_path / "locked")
    third = assessed(tmp_path / "three", "1.2.0", previous=tmp_path / "two" / "pack")
    for made in (second, third):
        assert made.previous is not None
        assert made.previous.criteria_lock_sha256 == lock.sha256
        assert any(f"does not follow: {lock.sha256}." in finding.reason for finding in made.findings)


def test_a_bound_that_was_changed_under_its_old_day_is_found_by_the_version_before(tmp_path: Path) -> None:
    softer = CRITERION.replace("at_least: 0.5", "at_least: 0.4")
    packs = [tmp_path / name for name in ("one", "two")]
    texts = [
        manifest(extra='edition: {version: "1.0.0"}\n'),
        manifest(criteria=softer, extra='edition: {version: "1.1.0"}\n'),
    ]
    for number, (pack, text) in enumerate(zip(packs, texts, strict=True)):
        with counted_here():
            assess(
                system(pack, text=text),
                pack / "pack",
                formats=("json",),
                moment=(FIRST, LATER)[number],
                as_of=LATER.date(),
                settings=Settings(),
                on_progress=lambda _what, _done, _total: None,
                previous=packs[0] / "pack" if number else None,
            )
    made = Assessment.model_validate_json((packs[1] / "pack" / "assessment.json").read_bytes())
    assert made.previous is not None
    assert made.previous.altered_bounds == ("ratio-sex",)
    (finding,) = (one for one in made.findings if one.requirement == "art10.2.f")
    (judged,) = finding.measured
    assert judged.verdict == "undetermined"
    assert "a bound that was changed was fixed when it was changed (Art. 9(8))" in judged.reason
    verified = conformity("verify", packs[1] / "pack")
    assert verified.code == 0, verified.out
