"""Tables in a bucket and in a database are measured as if they lay beside the manifest; see also the units.

Real servers listen on the loopback address. What is measured of a copy must be what is measured of the file.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import conformity as package
from conformity.pipeline.assessing import assess
from conformity.settings import Settings
from tests.support.cases import GOOD, conformity, manifest, system
from tests.support.counted_here import counted_here
from tests.support.servers import Server, postgres, run_sql, s3

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROWS = [line.split(",") for line in GOOD.splitlines()[1:]]
TABLE = 'CREATE TABLE decisions (sex text, age int, "default" int, yhat int)'


@pytest.fixture(scope="module")
def bucket() -> Iterator[Server]:
    """Give a bucket with the good table, as a file and as Parquet files in folders."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    with s3() as running:
        place = running.folder / "bucket"
        place.mkdir()
        (place / "test.csv").write_text(GOOD, encoding="utf-8")
        for sex in "fm":
            (place / "parts" / f"sex={sex}").mkdir(parents=True)
            mine = [row for row in ROWS if row[0] == sex]
            columns = {
                name: [int(row[number]) for row in mine]
                for number, name in enumerate(("age", "default", "yhat"), 1)
            }
            parquet.write_table(pa.table(columns), place / "parts" / f"sex={sex}" / "rows.parquet")
        yield running


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    """Give a database with the good table."""
    values = ", ".join(f"('{sex}', {age}, {label}, {said})" for sex, age, label, said in ROWS)
    with postgres() as running:
        run_sql(
            running,
            "CREATE SCHEMA credit",
            TABLE.replace("decisions", "credit.decisions"),
            f"INSERT INTO credit.decisions VALUES {values}",
            TABLE,
        )
        yield running


@pytest.fixture(scope="module", autouse=True)
def _counting_here() -> Iterator[None]:
    """Count in this process what was copied; copying is left to the process that alone may connect."""
    with counted_here():
        yield


@pytest.fixture(autouse=True)
def _user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let this process be nobody in particular, who may not contact anything."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFORMITY_REMOTE", "CONFORMITY_REMOTE_MAX_MB", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def allow(monkeypatch: pytest.MonkeyPatch, server: Server, *places: str) -> None:
    """Let this process be a user of a server and contact these places."""
    for name, value in {**server.environment, "CONFORMITY_REMOTE": ",".join(places)}.items():
        monkeypatch.setenv(name, value)


def assessed(folder: Path, path: str, subject: str = "") -> Path:
    """Assess the good system with its table at a path, and return the pack."""
    place = system(folder, GOOD, manifest(path=path, subject=subject))
    ran = conformity("assess", place, "-o", folder / "pack", "--formats", "json")
    assert ran.code == 0, ran.err
    return folder / "pack"


def refused(folder: Path, path: str, subject: str = "") -> str:
    """Return what is said when the good system's table lies at a path that cannot be used."""
    place = system(folder, None, manifest(path=path, subject=subject))
    ran = conformity("assess", place, "-o", folder / "pack", "--formats", "json")
    assert ran.code == 3, ran
    assert "Traceback" not in ran.err
    assert not (folder / "pack").exists()
    lines = [line for line in ran.err.splitlines() if line.startswith("conformity: ")]
    assert len(lines) == 1, ran.err
    return lines[0]


def seen(pack: Path) -> dict[str, Any]:
    """Return what a pack says was measured, without the digest and address of the data."""
    evidence = json.loads((pack / "evidence.json").read_text("utf-8"))
    return {
        observation["step"]: (observation["outcome"], observation["reason"], observation["measurements"])
        for observation in evidence["observations"]
    }


def record(pack: Path) -> Any:
    """Return what a pack says of the only subject."""
    (subject,) = json.loads((pack / "evidence.json").read_text("utf-8"))["subjects"]
    return subject


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the pack of the good system with its table beside the manifest."""
    return assessed(tmp_path_factory.mktemp("here"), "test.csv")


def test_a_file_in_a_bucket_is_measured_as_if_it_lay_here(
    bucket: Server, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A root, as the MCP server sets it, is no hindrance; the copy, which lies outside, is removed."""
    allow(monkeypatch, bucket, "s3://bucket")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("CONFORMITY_ROOT", str(tmp_path / "there"))
    there = assessed(tmp_path / "there", "s3://bucket/test.csv")
    assert seen(there) == seen(here)
    assert record(there) == {**record(here), "path": "s3://bucket/test.csv"}
    assert record(there)["sha256"] == "sha256:" + hashlib.sha256(GOOD.encode()).hexdigest()
    assert list(temporary.iterdir()) == []


def numbers(pack: Path) -> dict[tuple[Any, ...], Any]:
    """Return the measured fairness of a pack, whatever the type of its columns."""
    return {
        (step, one["metric"], *one["by"], *one["group"]): one["result"]
        for step, (outcome, _, measured) in seen(pack).items()
        for one in measured
        if outcome == "measured" and "fairness/" in step
    }


def test_a_folder_in_a_bucket_is_one_table(
    bucket: Server, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, bucket, "s3://bucket/parts/")
    there = assessed(tmp_path / "there", "s3://bucket/parts/")
    assert numbers(there) == numbers(here)
    assert len(numbers(there)) > 10
    assert (record(there)["path"], record(there)["files"]) == ("s3://bucket/parts/", 2)


def test_a_table_in_a_database_is_measured_as_if_it_lay_here(
    database: Server, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, database, "s3://another", database.place)
    there = assessed(tmp_path / "there", f"{database.place}/postgres", "    table: credit.decisions\n")
    assert numbers(there) == numbers(here)
    assert len(numbers(there)) > 10
    assert record(there)["path"] == f"{database.place}/postgres"
    assert "boss-password" not in "".join(
        file.read_text("utf-8") for file in there.rglob("*") if file.is_file()
    )


def test_one_module_alone_and_the_notebook_read_addresses_too(
    bucket: Server, database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, bucket, "s3://bucket", database.place)
    allow(monkeypatch, database, "s3://bucket", database.place)
    ran = conformity("scan", "data", "s3://bucket/test.csv", "--protected", "sex", "--json")
    assert ran.code == 0, ran.err
    assert ran.json()["subject"]["path"] == "s3://bucket/test.csv"
    address = f"{database.place}/postgres#credit.decisions"
    ran = conformity("scan", "data", address, "--protected", "sex", "--json")
    assert ran.code == 0, ran.err
    assert (ran.json()["subject"]["path"], ran.json()["subject"]["files"]) == (address, 1)
    outcomes: dict[str, Any] = {"label": "default", "prediction": "yhat", "positive": [0], "negative": [1]}
    report = package.assess(address, protected=["sex"], **outcomes)
    (subject,) = report.evidence.subjects
    # The same table has the same digest every time.
    assert (subject.path, subject.sha256) == (address, ran.json()["subject"]["sha256"])


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Give a door on the loopback address that tells whether somebody knocked."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.setblocking(False)
        yield door


def knocked(door: socket.socket) -> bool:
    """Return whether somebody opened a connection."""
    try:
        door.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("kind", ["bucket", "database"])
@pytest.mark.parametrize("allowed", ["", "s3://other,postgresql://127.0.0.1:1", "s3://bucket/elsewhere"])
def test_nothing_is_contacted_that_is_not_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket, kind: str, allowed: str
) -> None:
    """A manifest from a stranger must not make this machine open connections."""
    port = listener.getsockname()[1]
    server = Server("", {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}, tmp_path, port)
    allow(monkeypatch, server, allowed)
    address = "s3://bucket/test.csv" if kind == "bucket" else f"postgresql://127.0.0.1:{port}/d#t"
    assert "lies where this machine may not connect to; allow it with CONFORMITY_REMOTE=" in refused(
        tmp_path / "one", address
    )
    assert conformity("scan", "data", address, "--protected", "sex").code == 3
    assert not knocked(listener)


def test_the_door_would_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket
) -> None:
    """The test above could not fail if an allowed address did not reach the door."""
    port = listener.getsockname()[1]
    listener.settimeout(60)

    def hang_up() -> None:
        """Take two calls, of which the first only asks whether somebody is there, and end them."""
        for _ in range(2):
            listener.accept()[0].close()

    monkeypatch.setenv("CONFORMITY_REMOTE", f"postgresql://127.0.0.1:{port}")
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(hang_up)
        address = f"postgresql://127.0.0.1:{port}/d#t"
        assert "does not let this user into the database 'd'" in refused(tmp_path / "one", address)
        taken.result()


SECOND = """\
  - id: other
    kind: table
    title: Another table
    path: {path}
    purpose: training
    columns: [{{name: sex, roles: [protected]}}]
"""


@pytest.mark.parametrize("path", ["missing.csv", "s3://not-allowed/x.csv", "s3://u:p@bucket/x.csv"])
def test_nothing_is_contacted_before_all_is_known_to_be_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket, path: str
) -> None:
    port = listener.getsockname()[1]
    monkeypatch.setenv("CONFORMITY_REMOTE", f"postgresql://127.0.0.1:{port}")
    text = manifest(path=f"postgresql://127.0.0.1:{port}/d#t")
    place = system(tmp_path, None, text.replace("criteria:", SECOND.format(path=path) + "criteria:"))
    ran = conformity("assess", place, "-o", tmp_path / "pack", "--formats", "json")
    assert ran.code == 3, ran
    assert not knocked(listener)


def test_a_root_is_no_leave_to_contact_anything(tmp_path: Path, listener: socket.socket) -> None:
    """The MCP server sets a root; what may be contacted is up to its environment all the same."""
    from conformity.errors import PathError

    port = listener.getsockname()[1]
    place = system(tmp_path, None, manifest(path=f"postgresql://127.0.0.1:{port}/d#t"))
    with pytest.raises(PathError, match="may not connect to"):
        assess(
            place,
            tmp_path / "pack",
            formats=("json",),
            moment=MOMENT,
            as_of=MOMENT.date(),
            settings=Settings(root=tmp_path),
            on_progress=lambda _what, _done, _total: None,
        )
    assert not knocked(listener)


@pytest.mark.parametrize(
    ("path", "subject", "part"),
    [
        ("s3://bucket/none.csv", "", "there is nothing at s3://bucket/none.csv"),
        ("s3://bucket/parts", "", "is a folder; write its address with / at the end"),
        ("s3://bucket/test.csv", "    table: t\n", "is no database, so that it has no table 't'"),
        ("s3://bucket/test.csv", "    format: parquet\n", "s3://bucket/test.csv: "),
        ("{place}/postgres#none", "", "has no table 'none'; it has 'credit.decisions', 'decisions'"),
        ("{place}/postgres", "", "has several tables; name one in `table`: "),
        ("{place}/none#t", "", "has no database 'none'; correct the address"),
        ("{place}/postgres#decisions", "    format: csv\n", "is a database and not 'csv'; remove `format`"),
        ("postgresql://127.0.0.1:1/d#t", "", "postgresql://127.0.0.1:1 cannot be reached"),
        ("postgresql://boss:boss-password@127.0.0.1/d#t", "", "must have no user name, password"),
        ("https://example.org/data.csv", "", "is an address; copy the file beside the manifest"),
    ],
)
def test_each_mistake_gets_one_sentence(
    bucket: Server,
    database: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    subject: str,
    part: str,
) -> None:
    places = ("s3://bucket", database.place, "postgresql://127.0.0.1:1")
    allow(monkeypatch, bucket, *places)
    allow(monkeypatch, database, *places)
    sentence = refused(tmp_path / "one", path.format(place=database.place), subject)
    assert part in sentence
    assert "boss-password" not in sentence


def test_a_table_without_rows_is_never_a_pass(
    database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, database, database.place)
    pack = assessed(tmp_path / "there", f"{database.place}/postgres#public.decisions")
    findings = json.loads((pack / "assessment.json").read_text("utf-8"))["findings"]
    assert all(finding["verdict"] != "met" for finding in findings if finding.get("measured"))
    assert {outcome for step, (outcome, _, _) in seen(pack).items() if "fairness/" in step} == {
        "not_available"
    }


def test_only_tables_are_brought_from_elsewhere(
    bucket: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, bucket, "s3://bucket")
    text = manifest().replace(
        "criteria:",
        "  - {id: log, kind: prompt_log, title: A log, path: 's3://bucket/log.jsonl'}\ncriteria:",
    )
    ran = conformity("assess", system(tmp_path, GOOD, text), "-o", tmp_path / "pack", "--formats", "json")
    assert ran.code == 3
    assert "is an address; copy the file beside the manifest" in ran.err
