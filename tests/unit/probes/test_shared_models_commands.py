"""Programs that stand for a model: real ones are started, fed, and ended on time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

from conformity.model.subject import ModelSubject
from conformity.model.trials import Command
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.models import commands, leftovers
from conformity.probes.shared.models.commands import CommandRunner, run
from conformity.probes.shared.models.interface import BadAnswerError, RefusedError
from conformity.probes.shared.models.leftovers import children
from conformity.probes.shared.models.opening import open_model
from tests.support.robust_models import scratch

ROWS = pd.DataFrame({"a": [-0.5, 0.5, 2.0], "job": ["cook", "clerk, senior", None]})
DECIDES = """
import csv, sys
rows = list(csv.DictReader(sys.stdin))
print("prediction,score")
for row in rows:
    print(f"{'yes' if float(row['a']) > 0 else 'no'},{0.75 if float(row['a']) > 0 else 0.25}")
"""


def program(folder: Path, text: str, *, numbers: bool = False, wall_s: int = 20) -> CommandRunner:
    """Return a runner of a program in Python."""
    (folder / "m.py").write_text(text)
    command = Command(words=(sys.executable, "{}"), wall_s=wall_s)
    return CommandRunner(command, folder / "m.py", scratch(folder), numbers)


def test_a_program_reads_rows_and_writes_decisions(tmp_path: Path) -> None:
    found = program(tmp_path, DECIDES).predict(ROWS, scores=True)
    assert found.decisions.tolist() == ["no", "yes", "yes"]
    assert found.scores is not None
    assert found.scores.tolist() == [[0.75, 0.25], [0.25, 0.75], [0.25, 0.75]]


def test_a_program_may_write_numbers_without_a_header(tmp_path: Path) -> None:
    text = "import sys\nfor line in sys.stdin.read().splitlines()[1:]: print(float(line.split(',')[0]) * 2)"
    found = program(tmp_path, text, numbers=True).predict(ROWS)
    assert found.decisions.tolist() == [-1.0, 1.0, 4.0]
    assert found.scores is None


def test_a_program_sees_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    command = Command(words=(sys.executable, "{}"))
    (tmp_path / "m.py").write_text("import os\nprint(sorted(os.environ))")
    assert "SECRET_TOKEN" not in run(command, tmp_path / "m.py", scratch(tmp_path), "")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("raise SystemExit(3)", RefusedError, "exit code 3"),
        ("print('yes')", BadAnswerError, "not one prediction for each row"),
        ("import sys; sys.stdout.buffer.write(bytes([255, 254]))", BadAnswerError, "not text in UTF-8"),
        ("import os; os.kill(os.getpid(), 11)", RefusedError, "exit code -11"),
    ],
)
def test_a_program_that_does_not_answer_is_a_finding(
    tmp_path: Path, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        program(tmp_path, text).predict(ROWS)


def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(9)'])"
    text = f"import subprocess, sys, time\n{child}\n"
    began = time.monotonic()
    with pytest.raises(RefusedError, match="no answer within 1 s"):
        program(tmp_path, text + "time.sleep(60)", wall_s=1).predict(ROWS)
    assert time.monotonic() - began < 10


def test_a_program_that_moves_work_out_of_its_group_is_refused_and_the_work_ended(tmp_path: Path) -> None:
    child = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    start = f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True)"
    wait = "while not os.path.exists('pid') or not open('pid').read(): time.sleep(0.01)\n"
    with pytest.raises(RefusedError, match="it left programs running"):
        program(tmp_path, f"import os, subprocess, sys, time\n{start}\n{wait}{DECIDES}").predict(ROWS)
    (written,) = tmp_path.rglob("pid")
    with pytest.raises(ProcessLookupError):
        os.kill(int(written.read_text()), 0)


def test_what_a_program_leaves_in_its_own_group_ends_with_it(tmp_path: Path) -> None:
    before = children()
    text = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    found = program(tmp_path, text + DECIDES).predict(ROWS)
    assert found.decisions.tolist() == ["no", "yes", "yes"]
    assert children() == before


def test_what_does_not_end_is_left_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_PATIENCE_S", 0.0)
    # Other tests may have started programs in this process, such as Spark's Java.
    before = children()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        assert leftovers.end_leftovers(before, os.getpgid(process.pid))
    assert process.returncode == -9
    assert not leftovers._end(process.pid, 0)


def test_an_answer_that_is_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST_ANSWER", 10)
    with pytest.raises(BadAnswerError, match="more than 10 bytes"):
        program(tmp_path, "print('x' * 100)").predict(ROWS)


def test_a_program_that_does_not_exist_is_said(tmp_path: Path) -> None:
    command = Command(words=(str(tmp_path / "none"), "{}"))
    with pytest.raises(NotMeasurableError, match="could not be started here"):
        run(command, tmp_path / "m", scratch(tmp_path), "")


def test_a_command_is_declared_with_its_format_and_its_file(tmp_path: Path) -> None:
    fields = {"id": "m", "kind": "model", "title": "M", "path": "m.py"}
    with pytest.raises(ValidationError, match="belong together"):
        ModelSubject.model_validate({**fields, "format": "command"})
    with pytest.raises(ValidationError, match="belong together"):
        ModelSubject.model_validate({**fields, "format": "onnx", "command": {"words": ["python", "{}"]}})
    with pytest.raises(ValidationError, match="must hold"):
        Command(words=("python", "m.py"))
    declared = ModelSubject.model_validate(
        {**fields, "format": "command", "command": {"words": [sys.executable, "{}"]}}
    )
    (tmp_path / "m.py").write_text(DECIDES)
    runner = open_model(declared, tmp_path / "m.py", scratch(tmp_path), numbers=False)
    assert runner.starts_anew
    assert runner.predict(ROWS).decisions.tolist() == ["no", "yes", "yes"]
