"""Lists of packages are read in a worker, and only what can be printed comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from conformity.errors import DataError
from conformity.pipeline import materials
from conformity.pipeline.materials import write_bill
from conformity.probes.shared.supply_chain import reading
from conformity.probes.shared.supply_chain.packages import Package
from conformity.sandbox import listing
from conformity.sandbox.awaited import Awaited
from conformity.sandbox.grants import inputs
from conformity.sandbox.interface import (
    Event,
    Failed,
    Listed,
    ListedPackage,
    ListJob,
    Profiled,
    WorkerDiedError,
)
from conformity.sandbox.process import ProcessSandbox
from conformity.sandbox.tasks import do
from conformity.settings import Settings

DIGEST = "sha256:" + "a" * 64
NUMPY = ListedPackage(ecosystem="PyPI", name="numpy", version="2.4.6", digests=(DIGEST,))


def advisory(ident: str = "GHSA-1", package: str = "numpy") -> str:
    """Return an advisory that affects all versions of a package."""
    spans = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    part = {"package": {"ecosystem": "PyPI", "name": package}, "ranges": spans}
    severity = {"severity": "HIGH"}
    return json.dumps({"id": ident, "affected": [part], "database_specific": severity})


def software(folder: Path, ident: str = "GHSA-1") -> Path:
    """Write a folder with a list and an advisory."""
    folder.mkdir()
    text = f"numpy==2.4.6 --hash={DIGEST}\nopen-ended>=1\n"
    (folder / "requirements.txt").write_text(text, encoding="utf-8")
    (folder / "advisory.json").write_text(advisory(ident), encoding="utf-8")
    return folder


def test_packages_and_advisories_come_back_as_they_were_read(tmp_path: Path) -> None:
    said: list[Event] = []
    path = software(tmp_path / "software")
    ProcessSandbox(Settings()).run(ListJob(path=path), said.append)
    (found,) = said
    assert isinstance(found, Listed)
    assert found.packages == (NUMPY, ListedPackage(ecosystem="PyPI", name="open-ended", version=None))
    (known,) = found.vulnerabilities
    assert (known.id, known.severity) == ("GHSA-1", "high")
    assert known.package == NUMPY.model_copy(update={"digests": ()})
    assert listing.as_package(NUMPY) == Package("PyPI", "numpy", "2.4.6", (DIGEST,))
    assert listing.as_vulnerability(known).package == Package("PyPI", "numpy", "2.4.6")
    (again,) = _done(path)
    assert again == found


def _done(path: Path) -> list[Event]:
    """Return what the task says in this process."""
    said: list[Event] = []
    do(ListJob(path=path), said.append)
    return said


def test_the_bill_holds_the_advisories(tmp_path: Path) -> None:
    bill = json.loads(write_bill(software(tmp_path / "software"), "System", "1", [], Settings()))
    assert [one["purl"] for one in bill["components"]] == ["pkg:pypi/numpy@2.4.6", "pkg:pypi/open-ended"]
    assert bill["components"][0]["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert bill["vulnerabilities"] == [
        {"id": "GHSA-1", "ratings": [{"severity": "high"}], "affects": [{"ref": "pkg:pypi/numpy@2.4.6"}]}
    ]


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("a.lock", "[[package]]\nname=\n", "a.lock is not written as its format asks"),
        ("a.json", "nonsense", "a.json cannot be used: it is called JSON but is none"),
        ("a.txt", "\x07numpy==1\n", "a.txt cannot be used"),
    ],
)
def test_a_bad_list_is_told_in_one_sentence(tmp_path: Path, name: str, text: str, part: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        write_bill(tmp_path / name, "System", None, [], Settings())
    assert caught.value.message.startswith(part)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("ident", ["\ud800", "a\u202eb", "x" * 1_001])
def test_what_cannot_be_printed_does_not_come_back(tmp_path: Path, ident: str) -> None:
    path = software(tmp_path / "software", ident)
    with pytest.raises(DataError, match="names a package or advisory that cannot be printed"):
        write_bill(path, "System", None, [], Settings())


@pytest.mark.parametrize("field", ["name", "version"])
def test_the_seam_refuses_what_no_list_would_give(field: str) -> None:
    with pytest.raises(ValidationError):
        ListedPackage.model_validate({**NUMPY.model_dump(), field: "a\nb"})
    with pytest.raises(ValidationError):
        ListedPackage.model_validate({**NUMPY.model_dump(), "digests": ("md5:abc",)})


def test_faults_inside_are_told_without_their_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Path) -> reading.Software:
        """Fail with a text that quotes the file."""
        raise LookupError("a secret line")

    monkeypatch.setattr(listing, "read_software", broken)
    failed = listing.list_software(tmp_path / "a.txt")
    assert isinstance(failed, Failed)
    assert failed.reason == "reading a.txt failed inside (LookupError); hand in another kind of list"


def test_a_worker_without_memory_says_so_by_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(_: Path) -> reading.Software:
        """Ask for more than there is."""
        raise MemoryError

    monkeypatch.setattr(listing, "read_software", hungry)
    with pytest.raises(MemoryError):
        listing.list_software(tmp_path)


def test_a_worker_may_read_the_list_and_answers_for_it_alone(tmp_path: Path) -> None:
    job = ListJob(path=tmp_path / "a.txt")
    assert inputs(job) == (str(tmp_path / "a.txt"),)
    empty = Listed(packages=(), vulnerabilities=())
    awaited = Awaited(job)
    assert awaited.accept(empty.model_dump_json().encode()) == empty
    awaited.check_complete()
    with pytest.raises(WorkerDiedError, match="'profiled' for something it was not asked"):
        Awaited(job).accept(Profiled(profile={}).model_dump_json().encode())


def test_a_worker_that_says_nothing_makes_no_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        """Ends without a word."""

        def run(self, *_: object) -> None:
            """Say nothing."""

    monkeypatch.setattr(materials, "choose", lambda _: Silent())
    (tmp_path / "a.txt").write_text("numpy==1\n", encoding="utf-8")
    with pytest.raises(DataError, match="the worker said nothing"):
        write_bill(tmp_path / "a.txt", "System", None, [], Settings())
