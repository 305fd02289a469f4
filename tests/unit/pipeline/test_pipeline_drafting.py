"""A draft comes from data that can be read, below the folder where it is to lie."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError, PathError
from conformity.model.evidence import Isolation
from conformity.pipeline import drafting
from conformity.pipeline.drafting import draft_beside, draft_manifest
from conformity.sandbox.interface import Event, Failed, InspectJob, MeasureJob, ProfileJob, StepDone
from conformity.settings import Settings
from tests.support.cases import GOOD
from tests.support.counted_here import counted_here


@pytest.fixture(scope="module", autouse=True)
def _counting_here() -> Iterator[None]:
    """Count tables in this process: how workers are started is not what is tested here."""
    with counted_here():
        yield


class Silent:
    """A sandbox whose worker says what it is told to say, and profiles nothing."""

    def __init__(self, *events: Event) -> None:
        self.events = events

    def isolation(self) -> Isolation:
        return Isolation(mechanism="scripted", guarantees=())

    def isolation_of(self, job: MeasureJob) -> str:
        return "scripted"

    def run(self, job: MeasureJob | InspectJob | ProfileJob, on_event: Callable[[Event], None]) -> None:
        assert isinstance(job, ProfileJob)
        for event in self.events:
            on_event(event)


def test_paths_are_relative_to_the_folder_of_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("train", "test"):
        (tmp_path / "data" / f"{name}.csv").write_text(GOOD, encoding="utf-8")
    files = [tmp_path / "data" / "train.csv", tmp_path / "data" / "test.csv"]
    drafted = draft_manifest(files, tmp_path / "conformity.yaml", Settings())
    assert 'path: "data/train.csv"' in drafted.text
    assert 'path: "data/test.csv"' in drafted.text
    assert drafted.guesses
    assert not (tmp_path / "conformity.yaml").exists(), "drafting writes nothing"


def test_without_a_place_the_working_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert 'path: "people.csv"' in draft_manifest([Path("people.csv")], None, Settings()).text


def test_data_elsewhere_are_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    with pytest.raises(PathError, match="write it beside the data with -o"):
        draft_manifest([tmp_path / "people.csv"], tmp_path / "sub" / "conformity.yaml", Settings())


def test_data_outside_the_root_are_refused(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    with pytest.raises(PathError):
        draft_manifest(
            [tmp_path / "people.csv"], tmp_path / "conformity.yaml", Settings(root=tmp_path / "root")
        )


def test_a_table_that_cannot_be_read_gives_the_reason(tmp_path: Path) -> None:
    broken = tmp_path / "people.parquet"
    broken.write_bytes(b"PAR1 but no more")
    with pytest.raises(DataError, match=r"people\.parquet: "):
        draft_manifest([broken], tmp_path / "conformity.yaml", Settings())


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ((), "the worker said nothing"),
        ((Failed(reason="It holds no rows."),), "It holds no rows."),
        ((StepDone.model_validate({"step": "a@b", "outcome": "error"}),), "the worker said nothing"),
    ],
    ids=["silence", "a reason", "something else"],
)
def test_a_worker_that_profiles_nothing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: tuple[Event, ...], reason: str
) -> None:
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(drafting, "sandbox_of", lambda settings: Silent(*events))
    with pytest.raises(DataError, match=f"people.csv: {reason}"):
        draft_manifest([tmp_path / "people.csv"], tmp_path / "conformity.yaml", Settings())


@pytest.fixture
def _no_more_space(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no file grow from the moment at which the draft is finished."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    draft = draft_manifest

    def drafted(*args: Any) -> Any:
        made = draft(*args)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        return made

    monkeypatch.setattr(drafting, "draft_manifest", drafted)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("_no_more_space")
def test_a_draft_that_cannot_be_written_is_an_error_of_the_place(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    with pytest.raises(PathError, match=r"conformity\.yaml could not be written \(File too large\);"):
        draft_beside([tmp_path / "people.csv"], Settings())
    assert not (tmp_path / "conformity.yaml").exists()
