"""Bad input gets one clear sentence, the right exit code, and nothing lost or half-written."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import CRITERION, GOOD, HEADER, conformity, fair, manifest, rows, system
from tests.support.counted_here import counted_here

ALIAS_BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
THREE_LABELS = rows(400, lambda i: fair(i) if i % 40 else f"f,30,{('maybe', 'perhaps')[i % 80 == 0]},0")
BLANK = rows(400, lambda i: fair(i).rsplit(",", 1)[0] + ",")
ONE_GROUP = rows(400, lambda i: "f" + fair(i)[1:])
WORDS_FOR_NUMBERS = rows(400, lambda i: fair(i) if i != 7 else "f,old,0,0")
MIXED = GOOD.encode() + b"f,30,0,0\n" + "é,30,0,0\n".encode("latin-1")
EDGES = "{name: age2, roles: [protected], edges: [30, 50]}"
HOSTILE = "x\"; DROP TABLE t; --'"


@pytest.fixture
def here() -> Iterator[None]:
    """Count tables in this process: what is tested is what is told of them."""
    with counted_here():
        yield


def assess(place: Path, *more: str) -> tuple[Any, Path]:
    """Assess without documents, which are not what is tested here."""
    pack = place.parent / "out" / "pack"
    return conformity("assess", place, "-o", pack, "--formats", "json", *more), pack


def findings(pack: Path) -> dict[str, Any]:
    """Return the findings of a pack by requirement."""
    record = json.loads((pack / "assessment.json").read_text())
    return {finding["requirement"]: finding for finding in record["findings"]}


def observations(pack: Path) -> dict[str, Any]:
    """Return the observations of a pack by step."""
    record = json.loads((pack / "evidence.json").read_text())
    return {observation["step"]: observation for observation in record["observations"]}


def test_a_good_system_is_assessed(tmp_path: Path) -> None:
    ran, pack = assess(system(tmp_path))
    assert ran.code == 0, ran.err
    assert findings(pack)["art10.2.f"]["measured"][0]["verdict"] == "met"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("data", "text", "parts"),
    [
        pytest.param(None, None, ["test.csv"], id="missing file"),
        pytest.param("", None, ["test.csv", "empty"], id="empty file"),
        pytest.param(MIXED, None, ["test.csv", "UTF-8", "line"], id="mixed encodings"),
        pytest.param("sex,age,age,default,yhat\nf,3,3,0,0\n", None, ["age"], id="duplicate column names"),
        pytest.param(
            GOOD, manifest(path="../elsewhere.csv"), ["../elsewhere.csv", "folder"], id="path leaves"
        ),
        pytest.param(GOOD, manifest(path="/etc/passwd"), ["/etc/passwd"], id="absolute path"),
        pytest.param(GOOD, manifest() + "x" * 10_000_000, ["1,000,000"], id="manifest of 10 MB"),
        pytest.param(GOOD, ALIAS_BOMB, ["conformity.yaml:1", "anchor"], id="alias bomb"),
        pytest.param(
            GOOD, manifest().replace("purpose:", "purpse:"), ["conformity.yaml:9", "purpse", "purpose"],
            id="unknown field",
        ),
        pytest.param(
            GOOD, manifest().replace("name: yhat", "name: y_hat"), ["conformity.yaml:15", "y_hat", "yhat"],
            id="column that is not there",
        ),
        pytest.param(
            GOOD, manifest().replace("disparate_impact_ratio", "disparate_impact"),
            ["conformity.yaml", "disparate_impact_ratio"], id="unknown metric",
        ),
        pytest.param(
            GOOD, manifest().replace("art10.2.f", "art10.2.ff"), ["conformity.yaml", "art10.2.f"],
            id="unknown requirement",
        ),
        pytest.param(GOOD, "", ["conformity.yaml", "empty"], id="empty manifest"),
    ],
)  # fmt: skip
def test_unusable_input_stops_with_3_and_writes_nothing(
    tmp_path: Path, data: str | bytes | None, text: str | None, parts: list[str]
) -> None:
    ran, _ = assess(system(tmp_path, data, text))
    assert ran.code == 3
    for part in parts:
        assert part in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("data", "part"),
    [
        pytest.param(HEADER + "\n", "no rows", id="header only"),
        pytest.param(HEADER + "\nf,30,0,0\n", "", id="one row"),
        pytest.param(ONE_GROUP, "one group", id="one group"),
        pytest.param(BLANK, "", id="all predictions missing"),
        pytest.param(THREE_LABELS.replace("default,yhat", "yhat,default"), "neither", id="third outcome"),
    ],
)
def test_data_that_cannot_answer_is_never_met(tmp_path: Path, data: str, part: str) -> None:
    ran, pack = assess(system(tmp_path, data), "--gate")
    assert ran.code == 4, ran.err
    finding = findings(pack)["art10.2.f"]
    assert finding["verdict"] in ("undetermined", "not_collected")
    assert finding["measured"][0]["verdict"] in ("undetermined", "not_collected")
    assert part in json.dumps(finding)


@pytest.mark.usefixtures("here")
def test_text_in_a_numeric_column_fails_its_step_alone(tmp_path: Path) -> None:
    text = manifest().replace("{name: age, roles: [quasi_identifier]}", EDGES.replace("age2", "age"))
    ran, pack = assess(system(tmp_path, WORDS_FOR_NUMBERS, text))
    assert ran.code == 0
    seen = observations(pack)
    assert seen["fairness/selection_rate@test"]["outcome"] == "error"
    assert "age" in seen["fairness/selection_rate@test"]["reason"]
    assert seen["data_quality/duplicates@test"]["outcome"] == "measured"


@pytest.mark.slow
def test_five_thousand_columns(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(5000))
    lines = [f"{HEADER},{names}", *(fair(i) + ",1" * 5000 for i in range(60))]
    ran, pack = assess(system(tmp_path, "\n".join(lines) + "\n"))
    assert ran.code == 0, ran.err
    assert observations(pack)["data_quality/completeness@test"]["outcome"] == "measured"
    assert observations(pack)["data_quality/duplicates@test"]["outcome"] == "measured"


@pytest.mark.usefixtures("here")
def test_a_column_named_with_quotes_and_sql(tmp_path: Path) -> None:
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    text = manifest(columns=[f"{{name: {json.dumps(HOSTILE)}, roles: [protected]}}"])
    data = GOOD.replace(HEADER, f"{HEADER},{quoted}").splitlines()
    body = [data[0], *(f"{line},{('a', 'b')[i % 3 == 0]}" for i, line in enumerate(data[1:]))]
    ran, pack = assess(system(tmp_path, "\n".join(body) + "\n", text))
    assert ran.code == 0, ran.err
    seen = observations(pack)["fairness/selection_rate@test"]
    assert [HOSTILE] in [measurement["by"] for measurement in seen["measurements"]]


@pytest.mark.usefixtures("here")
def test_a_criterion_dated_after_the_data_settles_nothing(tmp_path: Path) -> None:
    text = manifest().replace("produced_on: 2026-10-19", "produced_on: 2026-09-30")
    ran, pack = assess(system(tmp_path, GOOD, text), "--gate")
    assert ran.code == 4
    (judged,) = findings(pack)["art10.2.f"]["measured"]
    assert judged["verdict"] == "undetermined"
    assert "Art. 9(8)" in judged["reason"]


@pytest.mark.usefixtures("here")
def test_a_criterion_fixed_today_settles_nothing(tmp_path: Path) -> None:
    text = manifest(criteria=CRITERION.replace("2026-10-01", "2099-01-01"))
    _, pack = assess(system(tmp_path, GOOD, text))
    assert findings(pack)["art10.2.f"]["measured"][0]["verdict"] == "undetermined"


def test_a_folder_that_is_not_a_pack_is_left_alone(tmp_path: Path) -> None:
    place = system(tmp_path)
    (tmp_path / "out" / "pack").mkdir(parents=True)
    (tmp_path / "out" / "pack" / "notes.txt").write_text("mine")
    ran, pack = assess(place)
    assert ran.code == 3
    assert [file.name for file in pack.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        pytest.param(["assess"], 2, "MANIFEST", id="no manifest"),
        pytest.param(["assess", "x.yaml", "--formats", "docx"], 2, "docx", id="unknown format"),
        pytest.param(["assess", "no-such-file.yaml"], 3, "no-such-file.yaml", id="no such manifest"),
        pytest.param(["asess", "x.yaml"], 2, "assess", id="mistyped command"),
        pytest.param(["catalog", "art10.2.ff"], 2, "art10.2.f", id="unknown requirement"),
        pytest.param(["classify", "x.yaml", "--as-of", "tomorrow"], 2, "YYYY-MM-DD", id="no date"),
        pytest.param(["init", "no-such.csv"], 3, "no-such.csv", id="no data"),
    ],
)
def test_wrong_usage_says_what_to_do(arguments: list[str], code: int, part: str) -> None:
    ran = conformity(*arguments)
    assert ran.code == code
    assert part in ran.err
    assert "Traceback" not in ran.err


def test_a_run_killed_half_way_leaves_no_pack_and_no_worker(tmp_path: Path) -> None:
    place = system(tmp_path)
    command = [sys.executable, "-m", "conformity", "assess", str(place), "-o", str(tmp_path / "out" / "pack")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        workers: list[int] = []
        for _ in range(200):
            workers = [int(pid) for pid in children(run.pid)]
            if workers:
                break
            time.sleep(0.05)
        run.kill()
    assert workers
    assert not (tmp_path / "out").exists()
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in workers):
            return
        time.sleep(0.05)
    raise AssertionError("a worker outlived the run")


def children(pid: int) -> list[str]:
    """Return the ids of the processes that a process has started."""
    return [pid for task in Path(f"/proc/{pid}/task").glob("*/children") for pid in task.read_text().split()]
