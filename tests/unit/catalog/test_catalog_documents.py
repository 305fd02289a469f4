"""The law's side of each document is checked when it is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from conformity.catalog import documents, load
from conformity.catalog.documents import document_law, document_laws
from conformity.errors import CatalogError, UsageError

Break = Callable[[str, str], None]


@pytest.fixture
def breaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Break]:
    """Let a test replace a text in a copy of one document's law file."""
    copy = tmp_path / "law"
    (copy / "documents").mkdir(parents=True)
    shutil.copy(load.DATA / "documents" / "timeline.yaml", copy / "documents")
    monkeypatch.setattr(load, "DATA", copy)
    monkeypatch.setattr(documents, "DATA", copy)
    load.requirements()  # read from the real folder or not at all: the copy holds no requirements
    document_laws.cache_clear()
    load._document.cache_clear()

    def replace(old: str, new: str) -> None:
        file = copy / "documents" / "timeline.yaml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    yield replace
    document_laws.cache_clear()
    load._document.cache_clear()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: document", "kind: timeline", "no file of a document"),
        ("title: Timeline", "name: Timeline", "does not fit"),
        ("id: placing", "id: high_risk_start", "item 'high_risk_start' stands twice"),
        ("section: system", "section: systems", "high_risk_start stands in the unknown section 'systems'"),
        ("id: duties", "id: system", "section 'system' stands twice"),
        ("sections:", "requirements: [art99.9]\nsections:", "unknown requirement 'art99.9'"),
        ("rows:\n", "rows: []\nnotes:\n", "does not fit"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(breaking: Break, old: str, new: str, message: str) -> None:
    breaking(old, new)
    with pytest.raises(CatalogError, match=rf"documents/timeline\.yaml.*{message}"):
        document_laws()


def test_an_item_that_is_no_mapping_does_not_fit(breaking: Break) -> None:
    breaking("rows:\n", "rows: [one]\nmore:\n")
    with pytest.raises(CatalogError, match="does not fit"):
        document_laws()


@pytest.mark.parametrize("file", sorted((load.DATA / "documents").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_plain_reader_reads_what_yaml_reads(file: Path) -> None:
    read = load.law_file(f"documents/{file.name}")
    full = YAML(typ="base", pure=True).load(file.read_text("utf-8"))
    assert read == full
    assert max(map(len, file.read_text("utf-8").splitlines())) <= 112


def test_documents_have_places_in_the_set() -> None:
    orders = [law.order for law in document_laws()]
    assert orders == sorted(set(orders))


def test_a_document_is_asked_for_by_its_name() -> None:
    assert document_law("timeline").title == "Timeline"
    with pytest.raises(UsageError, match=r"did you mean 'timeline'.*choose from procedure"):
        document_law("timelines")


def test_an_item_takes_what_it_leaves_out_from_its_requirement() -> None:
    row = next(one for one in document_law("technical_documentation").rows if one.id == "annexIV.4")
    law = load.requirement("annexIV.4")
    assert (row.ref, row.title, row.asks) == (law.ref, law.title, law.obligation)


def test_standards_are_unique_and_named_as_they_are() -> None:
    found = load.standards()
    assert len({one.id for one in found}) == len({one.reference for one in found}) == len(found)
    assert all(one.found_in for one in found)
