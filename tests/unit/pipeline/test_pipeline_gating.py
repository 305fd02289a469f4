"""An assessment in a pipeline: the pack, what may be published, the gate and the baseline."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError, PathError
from conformity.measure import Progress
from conformity.pipeline import gating
from conformity.pipeline.gating import Gated, PipelineRequest, assess_in_pipeline, faults
from conformity.pipeline.placing import in_repository
from conformity.pipeline.shared import load_manifest
from conformity.settings import Settings
from tests.support.cases import manifest, system
from tests.support.pipelines import BARE

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
EXHIBIT = """\
exhibits:
  - {id: plan, title: Risk plan, path: plan.md, dated: 2026-10-01, covers: [art9.1]}
"""


def silent(_what: str, _done: int, _total: int) -> None:
    """Take notice of a step that is done."""


def run(repository: Path, text: str = BARE, *, told: Progress = silent, **asked: Any) -> Gated:
    """Assess a manifest without data in a pipeline, in a folder of the repository."""
    (repository / "ml").mkdir(exist_ok=True)
    (repository / "ml" / "plan.md").write_text("# Plan\n")
    place = repository / "ml" / "conformity.yaml"
    place.write_text(text)
    request: dict[str, Any] = {
        "manifest": place,
        "folder": repository / "out",
        "repository": repository,
        "formats": ("json",),
        "as_of": MOMENT.date(),
        **asked,
    }
    return assess_in_pipeline(
        PipelineRequest(**request), moment=MOMENT, settings=Settings(), on_progress=told
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Gated]:
    """Return the folder of a repository, and what its first run came to."""
    folder = tmp_path_factory.mktemp("repository")
    return folder, run(folder)


def test_what_may_be_published_lies_apart_from_the_confidential_pack(first: tuple[Path, Gated]) -> None:
    folder, made = first
    published = {one.name for one in (folder / "out" / "publish").iterdir()}
    assert published == {
        "SHA256SUMS",
        "assessment.json",
        "codequality.json",
        "comment.md",
        "junit.xml",
        "outcome.json",
        "report.sarif",
    }
    assert (folder / "out" / "pack" / "evidence.json").is_file()
    assert set(made.outcome.files) == published - {"SHA256SUMS"}
    assert json.loads((folder / "out/publish/outcome.json").read_text()) == made.outcome.model_dump(
        mode="json"
    )


def test_the_record_is_the_one_that_any_other_surface_writes(first: tuple[Path, Gated]) -> None:
    from conformity.pipeline.assessing import assess

    folder, _ = first
    assess(
        folder / "ml" / "conformity.yaml",
        folder / "plain",
        formats=("json",),
        moment=MOMENT,
        as_of=MOMENT.date(),
        settings=Settings(),
        on_progress=silent,
    )
    expected = (folder / "plain" / "assessment.json").read_bytes()
    assert (folder / "out" / "pack" / "assessment.json").read_bytes() == expected


def test_results_are_at_the_manifest_in_the_repository(first: tuple[Path, Gated]) -> None:
    folder, made = first
    found = json.loads((folder / "out/publish/codequality.json").read_text())
    assert {one["location"]["path"] for one in found} == {"ml/conformity.yaml"}
    assert {one["location"]["lines"]["begin"] for one in found} == {2}
    assert made.annotations[0].startswith("::notice file=ml/conformity.yaml,line=2,")


def test_without_a_baseline_everything_open_counts(first: tuple[Path, Gated]) -> None:
    _, made = first
    assert (made.outcome.gate, made.outcome.summary_gate) == (4, 4)
    assert made.outcome.against is None


def test_a_baseline_excuses_what_was_open_and_a_line_is_found_for_an_exhibit(
    first: tuple[Path, Gated], tmp_path: Path
) -> None:
    baseline = first[0] / "out" / "publish" / "assessment.json"
    again = run(tmp_path, BARE + EXHIBIT, baseline=baseline, folder=tmp_path / "again")
    assert again.outcome.against is not None
    assert (again.outcome.gate, again.outcome.summary_gate, again.outcome.against.fresh) == (0, 4, ())
    text = (tmp_path / "again" / "publish" / "comment.md").read_text()
    assert "New or worse: 0; open as before:" in text
    found = json.loads((tmp_path / "again/publish/codequality.json").read_text())
    assert {one["check_name"]: one["location"]["lines"]["begin"] for one in found}["art9.1"] == 5


def test_a_pipeline_that_never_fails_still_tells(first: tuple[Path, Gated], tmp_path: Path) -> None:
    made = run(tmp_path, fail_on="never")
    assert (made.outcome.gate, made.outcome.summary_gate) == (0, 4)
    assert "It fails on nothing" in (tmp_path / "out/publish/comment.md").read_text()


def test_something_else_in_the_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out" / "publish").mkdir(parents=True)
    (tmp_path / "out" / "publish" / "mine.txt").write_text("mine")
    with pytest.raises(PathError, match="not empty"):
        run(tmp_path)
    assert not (tmp_path / "out" / "pack").exists()


def test_a_manifest_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    """The lines that results point to would be those of another file."""

    def changes(_what: str, _done: int, _total: int) -> None:
        (tmp_path / "ml" / "conformity.yaml").write_text(BARE + "# changed\n")

    loaded = load_manifest
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gating, "load_manifest", lambda *given: _after(loaded(*given), changes))
        with pytest.raises(DataError, match="changed while it was assessed"):
            run(tmp_path)
    assert not (tmp_path / "out" / "publish").exists()


def _after(value: Any, does: Progress) -> Any:
    """Return a value after something else was done."""
    does("", 0, 0)
    return value


def test_what_is_wrong_with_a_manifest_is_told_at_its_line(tmp_path: Path) -> None:
    place = system(tmp_path, text=manifest().replace("kind: table", "kind: tabel"))
    (line,) = faults(place, Settings(), "ml/conformity.yaml")
    assert line.startswith("::error file=ml/conformity.yaml,line=6,col=")
    assert "tabel" in line


def test_a_file_outside_the_repository_is_known_by_its_name(tmp_path: Path) -> None:
    assert in_repository(tmp_path / "a" / "b.yaml", tmp_path) == "a/b.yaml"
    assert in_repository(tmp_path / "b.yaml", tmp_path / "a") == "b.yaml"
