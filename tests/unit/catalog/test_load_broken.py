"""A broken law file stops the tool with a sentence that names the file and the fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformity.catalog import load
from conformity.errors import CatalogError

Break = Callable[[str, str, str], None]

LOADERS = (
    load.requirements,
    load.conditions,
    load.questions,
    load.timeline,
    load.annex_i_acts,
    load._document,
    load._by_id,
)


@pytest.fixture
def breaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Break]:
    """Let a test replace a text in a copy of a law file."""
    copy = tmp_path / "law"
    shutil.copytree(load.DATA, copy)
    monkeypatch.setattr(load, "DATA", copy)
    _forget()

    def replace(name: str, old: str, new: str) -> None:
        text = (copy / name).read_text("utf-8")
        assert old in text
        (copy / name).write_text(text.replace(old, new, 1), "utf-8")

    yield replace
    _forget()


def _forget() -> None:
    """Empty the caches of the loaders."""
    for loader in LOADERS:
        loader.cache_clear()


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("article_10.yaml", "id: art10.2.a", "id: art10.2.b", "'art10.2.b' stands twice"),
        ("article_10.yaml", "[no_model_training]", "[no_training]", "art10.6 .* condition 'no_training'"),
        ("article_10.yaml", "[art4a.1, art4a.2]", "[art4a.9]", "superseded by 'art4a.9'"),
        ("article_10.yaml", "title: Assumptions", "name: Assumptions", "art10.2.d does not fit"),
        ("article_10.yaml", "on: 2027-12-02", "on: 2027-13-02", "art10.1 does not fit"),
        ("article_10.yaml", "celex: 02024R1689-20260727", "celex: 32024R1689", "paraphrases 32024R1689"),
        ("article_10.yaml", "  act: Regul", "  acts: Regul", "article_10.yaml: `source` does not fit"),
        ("article_10.yaml", "kind: requirements\n", "", "needs `source`, `kind` and `rows`"),
        ("conditions.yaml", "question: learns_in_service", "question: learns", "unknown question 'learns'"),
        (
            "conditions.yaml",
            "question: learns_in_service",
            "question: learns_in_service\n    derived: Twice.",
            "learns_in_service needs either",
        ),
        ("questions.yaml", "points_from: annex_iii_points", "points_from: annex_x", "takes points from"),
    ],
)
def test_a_broken_file_is_named(breaking: Break, name: str, old: str, new: str, message: str) -> None:
    breaking(name, old, new)
    with pytest.raises(CatalogError, match=message):
        load.requirements()


def test_a_missing_file_is_named(breaking: Break) -> None:
    (load.DATA / "conditions.yaml").unlink()
    with pytest.raises(CatalogError, match=r"law file conditions.yaml cannot be read: No such file"):
        load.requirements()


def test_a_file_of_another_kind_is_refused(breaking: Break) -> None:
    breaking("timeline.yaml", "kind: timeline", "kind: dates")
    with pytest.raises(CatalogError, match=r"timeline.yaml is no file of timeline"):
        load.timeline()


def test_rows_that_are_no_mappings_are_refused(breaking: Break) -> None:
    text = (load.DATA / "timeline.yaml").read_text("utf-8")
    (load.DATA / "timeline.yaml").write_text(text.split("rows:")[0] + "rows:\n  - a text\n", "utf-8")
    with pytest.raises(CatalogError, match=r"timeline.yaml: a row does not fit"):
        load.timeline()


def test_a_missing_day_is_our_own_fault() -> None:
    with pytest.raises(CatalogError, match="no row 'doomsday'"):
        load.milestone("doomsday")
