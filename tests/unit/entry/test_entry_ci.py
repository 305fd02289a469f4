"""What ``conformity ci`` prints, writes for its host, and ends with."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformity.entry import ci_host
from conformity.entry.ci import _tell
from conformity.entry.ci_host import Host, host_of, token_of
from conformity.entry.cli import cli
from conformity.errors import BusyError, ManifestError, PathError, UsageError
from conformity.model.baseline import PipelineOutcome
from conformity.pipeline.gating import Gated
from tests.support.pipelines import BARE


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with a manifest in it."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "conformity.yaml").write_text(BARE.replace("Scorer", "'::error::owned ##[error]owned'"))
    return folder


def run(repository: Path, *options: str, host: bool = False, manifest: str = "conformity.yaml") -> Result:
    """Run the command as a pipeline would, at GitHub or elsewhere."""
    env: dict[str, str | None] = {
        "GITHUB_ACTIONS": "true" if host else None,
        "GITHUB_WORKSPACE": str(repository),
        "GITHUB_OUTPUT": str(repository / "output") if host else None,
        "GITHUB_STEP_SUMMARY": str(repository / "summary") if host else None,
        "SOURCE_DATE_EPOCH": "1795000000",
    }
    given = [str(repository / manifest), "-o", str(repository / "out"), "--formats", "json", *options]
    return CliRunner().invoke(cli, ["ci", *given], env=env)


@pytest.fixture(scope="module")
def first(repository: Path) -> Result:
    """Return what a first run printed; its outcome stays in ``out``."""
    return run(repository)


@pytest.fixture(scope="module")
def hosted(repository: Path) -> Result:
    """Return what a run at GitHub printed; its outcome stays in ``hosted``."""
    return run(repository, "-o", str(repository / "hosted"), host=True)


def test_a_pipeline_fails_as_its_gate_does(repository: Path, first: Result) -> None:
    assert first.exit_code == 4, first.output
    assert "Gate failed: something is not settled or not collected." in first.stdout
    assert f"To publish: {repository / 'out' / 'publish'}" in first.stdout
    assert "stop-commands" not in first.stdout


def test_a_baseline_lets_it_pass(repository: Path, first: Result) -> None:
    baseline = str(repository / "out" / "publish" / "assessment.json")
    said = run(repository, "--baseline", baseline, "-o", str(repository / "second"))
    assert said.exit_code == 0, said.output
    assert "Since assessment 1.0.0: 0 new or worse, " in said.stdout
    assert "Gate passed: nothing that it counts is open." in said.stdout


def test_a_host_gets_annotations_a_summary_and_outputs(repository: Path, hosted: Result) -> None:
    assert hosted.exit_code == 4, hosted.output
    lines = hosted.stdout.splitlines()
    stopped = [line for line in lines if line.startswith("::stop-commands::")]
    assert len(set(stopped)) == len(stopped) == 2
    summary = (repository / "summary").read_text()
    assert summary == (repository / "hosted" / "publish" / "comment.md").read_text()
    output = dict(line.split("=", 1) for line in (repository / "output").read_text().splitlines())
    assert output["gate"] == "4"
    assert Path(output["publish"], "report.sarif").is_file()
    assert Path(output["pack"], "evidence.json").is_file()
    assert int(output["not-collected"]) > 0
    assert output["met"] == "0"


def test_nothing_that_a_manifest_says_is_taken_for_a_command(hosted: Result) -> None:
    """Between the mark and its end the runner reads no command; the others begin with one of ours."""
    lines = hosted.stdout.splitlines()
    listening, end = True, ""
    for line in lines:
        if listening and line.startswith("::stop-commands::"):
            listening, end = False, f"::{line.removeprefix('::stop-commands::')}::"
        elif not listening:
            listening = line == end
        else:
            assert line.startswith(("::error file=", "::warning file=", "::notice file="))
            assert "::owned" not in line


def test_the_outcome_can_be_had_as_json(repository: Path) -> None:
    said = run(repository, "--json", "--fail-on", "never", "-o", str(repository / "never"))
    assert said.exit_code == 0
    assert json.loads(said.stdout)["summary_gate"] == 4


def test_what_is_new_is_listed(repository: Path, first: Result) -> None:
    baseline = repository / "out" / "publish" / "assessment.json"
    known = json.loads(baseline.read_text())
    for finding in known["findings"]:
        if finding["requirement"] == "art9.1":
            finding["verdict"] = "met"
    (repository / "better.json").write_text(json.dumps(known))
    said = run(repository, "--baseline", str(repository / "better.json"), "-o", str(repository / "third"))
    assert said.exit_code == 4
    assert "Since assessment 1.0.0: 1 new or worse, " in said.stdout
    assert "  new: art9.1, not collected\n" in said.stdout


def test_what_is_wrong_with_a_manifest_stands_at_its_line(repository: Path) -> None:
    (repository / "wrong.yaml").write_text(BARE + "sytem: {}\n")
    said = run(repository, host=True, manifest="wrong.yaml")
    assert said.exit_code == 3
    stopped, _, annotated, *rest = said.stdout.splitlines()
    assert annotated.startswith("::error file=wrong.yaml,line=4,col=1,title=sytem::there is no field")
    assert stopped.startswith("::stop-commands::")
    assert rest[0].startswith("::stop-commands::")
    assert rest[-1] == f"::{rest[0].removeprefix('::stop-commands::')}::"
    assert "there is no field 'sytem'" in rest[1]
    elsewhere = run(repository, manifest="wrong.yaml")
    assert isinstance(elsewhere.exception, ManifestError)


def test_what_a_wrong_manifest_says_is_not_taken_for_a_command(repository: Path) -> None:
    (repository / "hostile.yaml").write_text(BARE + '"a\\n::error::owned ##[error]owned": 1\n')
    said = run(repository, host=True, manifest="hostile.yaml")
    assert (said.exit_code, said.stderr) == (3, "")
    _, _, annotated, stopped, *rest = said.stdout.splitlines()
    assert annotated.startswith("::error file=hostile.yaml,line=4,col=1,title=a\\n%3A%3Aerror%3A%3Aowned ")
    assert rest[-1] == f"::{stopped.removeprefix('::stop-commands::')}::"
    assert len(rest) == 2


def test_the_host_is_known_by_its_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert host_of({"CI_PROJECT_DIR": "/builds/x"}) == Host(Path("/builds/x"))
    monkeypatch.chdir(tmp_path)
    assert host_of({}) == Host(tmp_path)
    given = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "/w", "GITHUB_OUTPUT": "/o"}
    assert host_of(given) == Host(Path("/w"), commands=True, files={"output": Path("/o")})
    assert ci_host.host_of({"GITHUB_ACTIONS": "false", "GITHUB_WORKSPACE": "/w"}) == Host(Path("/w"))


def test_a_file_of_the_host_that_cannot_be_written_is_said(repository: Path) -> None:
    env = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(repository), "GITHUB_STEP_SUMMARY": None}
    place = str(repository / "conformity.yaml")
    said = CliRunner().invoke(cli, ["ci", place, "-o", str(repository / "b"), "--formats", "json"], env=env)
    assert isinstance(said.exception, PathError)
    assert "The step's output" in said.exception.message


def test_a_server_that_cannot_be_reached_is_busy_and_nothing_is_written(repository: Path) -> None:
    said = run(repository, "--server", "http://127.0.0.1:1", "-o", str(repository / "served"))
    assert isinstance(said.exception, BusyError)
    assert not (repository / "served").exists()


def test_a_server_elsewhere_needs_tls(repository: Path) -> None:
    said = run(repository, "--server", "http://example.org")
    assert isinstance(said.exception, UsageError)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"CONFORMITY_TOKEN": "", "CONFORMITY_ID_TOKEN": "two"}, "two"),
        ({"CONFORMITY_TOKEN": "one", "CONFORMITY_ID_TOKEN": "two"}, "one"),
        ({"ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/?a=b"}, None),
    ],
)
def test_a_key_comes_before_the_token_of_the_pipeline(
    variables: dict[str, str], expected: str | None
) -> None:
    assert token_of(variables) == expected


class _Issuer(http.server.BaseHTTPRequestHandler):
    """Issues a token as GitHub does, to whoever shows the proof."""

    def do_GET(self) -> None:
        """Answer a request."""
        known = self.headers["Authorization"] == "Bearer proof" and self.path == "/t?v=2&audience=conformity"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"value": "issued"}' if known else b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_token_that_github_issues_is_asked_for_with_our_audience() -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Issuer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/t?v=2"
    try:
        given = {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "proof"}
        assert token_of(given) == "issued"
        with pytest.raises(BusyError, match="GitHub gave no token"):
            token_of({**given, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "other"})
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_a_server_assessed_is_told_without_a_pack(
    repository: Path, first: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    content = (repository / "out" / "publish" / "outcome.json").read_text()
    outcome = PipelineOutcome.model_validate_json(content).model_copy(update={"pack": None})
    output = repository / "served-output"
    _tell(Gated(outcome, ()), Host(repository, files={"output": output}), as_json=False)
    said = capsys.readouterr().out
    assert "Pack:" not in said
    assert "not collected" in said
    assert "pack=" not in output.read_text()
