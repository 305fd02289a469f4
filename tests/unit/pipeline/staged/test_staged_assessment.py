"""An assessment in stages: the files of one in one go, whatever happens to its inputs meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformity.errors import IntegrityError, PathError, UsageError
from conformity.model.run import AssessmentRequest, DraftedManifest, Run, Stage
from conformity.model.summary import AssessmentSummary
from conformity.pipeline import assessing, drafting
from conformity.pipeline.locking import lock_criteria
from conformity.pipeline.staged import carry_out, stages_of
from conformity.settings import Settings
from tests.support.jobs import MOMENT
from tests.support.reproduced import Here, silent, system_of


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the jobs of workers in this process."""
    for module in (assessing, drafting):
        monkeypatch.setattr(module, "sandbox_of", lambda _settings: Here())


def run_of(folder: Path, request: AssessmentRequest) -> Run:
    """Return a run that is under way."""
    return Run(
        id="the-run-itself",
        owner="local",
        request=request,
        status="running",
        stage="preparing",
        asked_at=MOMENT,
        changed_at=MOMENT,
        folder=str(folder / ".conformity" / "runs" / "the-run-itself"),
    )


def do_all(run: Run, settings: Settings) -> Path:
    """Do all stages; return the folder of what they left."""
    for stage in stages_of(run.request):
        carry_out(run, stage, settings, silent)
    return Path(run.folder) / "work"


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pack that was made in one go, beside its system."""
    folder = tmp_path_factory.mktemp("direct")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(assessing, "sandbox_of", lambda _settings: Here())
        assessing.assess(
            system_of(folder / "system"),
            folder / "pack",
            formats=("json",),
            moment=MOMENT,
            as_of=MOMENT.date(),
            settings=Settings(workers=1),
            on_progress=silent,
        )
    return folder / "pack"


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by name."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_stages_make_what_one_go_makes(direct: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = direct.parent / "system" / "conformity.yaml"
    request = AssessmentRequest(manifest=str(manifest), formats=("json",))
    run = run_of(tmp_path, request)
    work = do_all(run, Settings(workers=1))
    assert contents(work / "rendering" / "pack") == contents(direct)
    summary = AssessmentSummary.model_validate_json((work / "rendering" / "result.json").read_bytes())
    assert summary.pack == f"{run.folder}/pack"
    # What is done is not done again.
    monkeypatch.setattr(assessing, "sandbox_of", None)
    assert do_all(run, Settings(workers=1)) == work


def test_next_version_keeps_what_it_began_with(direct: Path, tmp_path: Path) -> None:
    """Manifest and pack of the version before are gone after the first stage."""
    manifest = tmp_path / "conformity.yaml"
    text = (
        "conformity: 1\nsystem: {name: Scorer, version: '3.0', intended_purpose: Testing the tool.}\n"
        "provider: {name: Provider, address: Street 1, contact: office}\n"
        "assessment: {version: 2.0.0}\n"
    )
    manifest.write_text(text.replace("assessment:", "edition:"), "utf-8")
    before = tmp_path / "before"
    before.mkdir()
    for name, content in contents(direct).items():
        (before / name).parent.mkdir(exist_ok=True)
        (before / name).write_bytes(content)
    request = AssessmentRequest(manifest=str(manifest), formats=("json",), previous=str(before))
    run = run_of(tmp_path, request)
    carry_out(run, "preparing", Settings(), silent)
    manifest.unlink()
    (before / "assessment.json").unlink()
    work = do_all(run, Settings())
    made = json.loads((work / "rendering/pack/assessment.json").read_bytes())
    assert made["previous"]["version"] == "1.0.0"


def test_manifest_is_drafted_and_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("age,outcome\n" + "30,yes\n41,no\n" * 40, "utf-8")
    request = AssessmentRequest(data=(str(tmp_path / "data.csv"),), formats=("json",))
    run = run_of(tmp_path, request)
    carry_out(run, "preparing", Settings(root=tmp_path), silent)
    kept = Path(run.folder) / "work" / "preparing" / "drafted.json"
    drafted = DraftedManifest.model_validate_json(kept.read_bytes())
    assert drafted.path == str(tmp_path / "conformity.yaml")
    assert "data.csv" in drafted.text
    assert drafted.guesses
    assert not (tmp_path / "conformity.yaml").exists()


@pytest.mark.parametrize(
    ("fields", "kind", "told"),
    [
        ({"data": ("data.csv",)}, PathError, "exists already"),
        ({"formats": ("docx",)}, UsageError, "no format 'docx'"),
        ({"language": "tlh"}, UsageError, "tlh"),
        ({"output": "/elsewhere/pack"}, PathError, "does not lie inside"),
        ({"output": "full"}, PathError, "not empty and not a pack"),
        ({"manifest": "no.yaml"}, PathError, "no manifest"),
    ],
)
def test_what_cannot_be_used_is_told_at_once(
    tmp_path: Path, fields: dict[str, str | tuple[str, ...]], kind: type[Exception], told: str
) -> None:
    manifest = system_of(tmp_path / "root")
    root = manifest.parent
    (root / "full").mkdir()
    (root / "full" / "file").touch()
    placed = {
        name: value if name in ("formats", "language") else _below(root, value)
        for name, value in fields.items()
    }
    whole = {"manifest": None if "data" in fields else str(manifest), **placed}
    run = run_of(tmp_path, AssessmentRequest.model_validate(whole))
    with pytest.raises(kind, match=told):
        carry_out(run, "rendering", Settings(root=root), silent)
    assert not (Path(run.folder) / "work" / "preparing").exists()


def _below(root: Path, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Return paths below a folder; absolute ones stay."""
    if isinstance(value, str):
        return str(root / value)
    return tuple(str(root / one) for one in value)


def test_neither_manifest_nor_data(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Name a manifest"):
        carry_out(run_of(tmp_path, AssessmentRequest()), "preparing", Settings(), silent)


def test_lock_of_bounds_is_kept(tmp_path: Path) -> None:
    manifest = system_of(tmp_path)
    manifest.write_text(manifest.read_text("utf-8") + "criteria_lock: criteria.lock.json\n", "utf-8")
    lock_criteria(manifest, MOMENT, Settings())
    run = run_of(tmp_path, AssessmentRequest(manifest=str(manifest), formats=("json",)))
    carry_out(run, "preparing", Settings(), silent)
    (tmp_path / "criteria.lock.json").unlink()
    kept = json.loads((Path(run.folder) / "work/preparing/criteria-lock.json").read_bytes())
    carry_out(run, "judging", Settings(workers=1), silent)
    judged = json.loads((Path(run.folder) / "work/judging/assessment.json").read_bytes())
    assert judged["criteria_lock"] == kept


@pytest.mark.parametrize("stage", ["preparing", "measuring", "judging"])
def test_what_was_changed_between_stages_is_not_used(tmp_path: Path, stage: Stage) -> None:
    manifest = tmp_path / "conformity.yaml"
    manifest.write_text(
        "conformity: 1\nsystem: {name: Scorer, version: '3.0', intended_purpose: Testing.}\n"
        "provider: {name: Provider, address: Street 1, contact: office}\n",
        "utf-8",
    )
    run = run_of(tmp_path, AssessmentRequest(manifest=str(manifest), formats=("json",)))
    carry_out(run, stage, Settings(), silent)
    names = {"preparing": "manifest.yaml", "measuring": "evidence.json", "judging": "assessment.json"}
    (Path(run.folder) / "work" / stage / names[stage]).write_bytes(b"{}")
    with pytest.raises(IntegrityError, match="is not what was written there"):
        carry_out(run, "rendering", Settings(), silent)


def test_uploads_reach_nothing_else(tmp_path: Path) -> None:
    """A manifest that was uploaded names a link that leads out of its folder."""
    secret = tmp_path / "secret.md"
    secret.write_text("not yours", "utf-8")
    run = run_of(tmp_path, AssessmentRequest())
    uploaded = Path(run.folder) / "input"
    manifest = system_of(uploaded)
    (uploaded / "sheet.md").unlink()
    (uploaded / "sheet.md").symlink_to(secret)
    asked = AssessmentRequest(manifest=str(manifest), formats=("json",))
    with pytest.raises(PathError, match="symbolic link out of"):
        carry_out(run.model_copy(update={"request": asked}), "measuring", Settings(root=tmp_path), silent)


def test_manifest_beside_the_runs_does_not_reach_into_them(tmp_path: Path) -> None:
    manifest = system_of(tmp_path / "root")
    root = manifest.parent
    others = root / ".conformity" / "runs" / "another-run" / "input"
    others.mkdir(parents=True)
    (root / "sheet.md").rename(others / "sheet.md")
    text = manifest.read_text("utf-8")
    run = run_of(root, AssessmentRequest(manifest=str(manifest), formats=("json",)))
    for pattern in (".conformity/runs/another-run/input/sheet.md", ".conf*/runs/*/input/*.md"):
        manifest.write_text(text.replace("path: sheet.md", f"path: '{pattern}'"), "utf-8")
        with pytest.raises(PathError, match="lies in the folder of the server's runs"):
            carry_out(run, "preparing", Settings(root=root), silent)
    # What is not there at all is told where it is looked for; an address is contacted by nobody here.
    manifest.write_text(text.replace("data/test.csv", "s3://bucket/test.csv"), "utf-8")
    carry_out(run, "preparing", replace(Settings(), root=root), silent)
