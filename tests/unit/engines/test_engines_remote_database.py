"""Tables are copied from a real PostgreSQL server, reading only, and every refusal has its sentence."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformity.engines import remote_database
from conformity.engines.remote import copy_table, parse_address
from conformity.errors import DataError, MissingLibraryError
from tests.support.servers import Server, free_port, postgres, run_sql

TYPES = """
    CREATE TABLE kinds (
        small int2, whole int4, large int8, half float4, double float8, known bool,
        short numeric(10, 2), long numeric(30, 2), free numeric, money_like price,
        word varchar(9), padded char(4), day date, moment timestamptz, plain timestamp, span interval,
        id uuid, document jsonb, list text[], raw bytea, address inet, grade grade,
        gone int, "Sel""ect" text)
"""
FIRST = """
    INSERT INTO kinds VALUES (
        1, 2, 9007199254740993, 0.1, 0.1, true, 12.50, 9007199254740993.50, 1.250, 3.10,
        U&'\\00E9', 'ab', '2024-02-29', '2024-01-01 00:30:00+02', '2024-01-01 12:00:00', '1 day 2 hours',
        '6ecd8c99-4036-403d-bf84-cf8400f67836', '{"a": 1}', '{x,y}', 'abc', '10.0.0.1', 'low', 7, 'x')
"""
SECOND = """
    INSERT INTO kinds (half, double, short, long, free, money_like, day, moment, plain) VALUES (
        'NaN', 'Infinity', 'NaN', 'NaN', 'NaN', 'NaN', 'infinity', '-infinity', '2024-01-01 12:00:00 BC')
"""
SETUP = (
    "SET client_encoding = 'UTF8'",
    "CREATE DOMAIN price AS numeric(8, 2)",
    "CREATE TYPE grade AS ENUM ('low', 'high')",
    TYPES,
    FIRST,
    SECOND,
    "ALTER TABLE kinds DROP COLUMN gone",
    'CREATE SCHEMA "other.one"',
    "CREATE TABLE kinds_of (a int)",
    'CREATE TABLE "other.one".kinds_of (b int)',
    """CREATE TABLE "x""; DROP TABLE kinds; --" (a int)""",
    "CREATE TABLE bare ()",
    "CREATE VIEW halves AS SELECT n, n / 2 AS half FROM generate_series(1, 3) n",
    "CREATE VIEW breaking AS SELECT 1 / (50000 - n) AS x FROM generate_series(1, 100000) n",
    "CREATE SEQUENCE counter",
    "CREATE VIEW writing AS SELECT nextval('counter') AS n",
    "CREATE TABLE hidden (a int)",
    "CREATE TABLE partly (a int, b int)",
    "CREATE TABLE policed (a int)",
    "INSERT INTO policed VALUES (1), (2)",
    "ALTER TABLE policed ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY first_only ON policed USING (a = 1)",
    "CREATE ROLE reader LOGIN PASSWORD 'reader-password'",
    "GRANT SELECT ON policed, halves TO reader",
    "GRANT SELECT (a) ON partly TO reader",
    "CREATE TABLE large AS SELECT n, md5(n::text) AS t FROM generate_series(1, 1500000) n",
    "CREATE DATABASE empty",
)
READER = {"PGUSER": "reader", "PGPASSWORD": "reader-password"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server with tables of all sorts."""
    with postgres() as running:
        run_sql(running, *SETUP)
        yield running


@pytest.fixture(autouse=True)
def _user(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let this process be the owner of the database."""
    be(monkeypatch, {**server.environment, "HOME": str(tmp_path)})


def be(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Let this process be another user."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def copied(
    server: Server, table: str | None, folder: Path, most_bytes: int = 1 << 30, database: str = "postgres"
) -> Path:
    """Copy a table into a new folder."""
    folder.mkdir()
    return copy_table(parse_address(f"{server.place}/{database}", table), folder, most_bytes)


def refused(
    server: Server, table: str | None, folder: Path, most_bytes: int = 1 << 30, database: str = "postgres"
) -> str:
    """Return the sentence with which a table is refused; it never says more than one line."""
    with pytest.raises(DataError) as caught:
        copied(server, table, folder, most_bytes, database)
    assert "\n" not in caught.value.message
    return caught.value.message


def test_numbers_keep_their_value_and_all_else_is_the_text_that_the_server_writes(
    server: Server, tmp_path: Path
) -> None:
    """The second row holds what Arrow's types cannot: as text, an infinite day stays one."""
    import pyarrow.parquet as parquet

    path = copied(server, "kinds", tmp_path / "copy")
    assert path == tmp_path / "copy" / "kinds.parquet"
    first, second = parquet.read_table(path).to_pylist()
    assert first == {
        **{"small": 1, "whole": 2, "large": 9007199254740993, "half": 0.1, "double": 0.1, "known": True},
        **{"short": 12.5, "long": "9007199254740993.5", "free": "1.25", "money_like": 3.1},
        **{"word": "é", "padded": "ab", "day": "2024-02-29", "moment": "2023-12-31 22:30:00+00"},
        **{"plain": "2024-01-01 12:00:00", "span": "P1DT2H", "id": "6ecd8c99-4036-403d-bf84-cf8400f67836"},
        **{"document": '{"a": 1}', "list": "{x,y}", "raw": "\\x616263", "address": "10.0.0.1/32"},
        **{"grade": "low", 'Sel"ect': "x"},
    }
    # What is no number is one that is missing, as in every other format.
    assert {name for name, value in second.items() if value != value} == {"half", "short", "money_like"}
    assert (second["long"], second["free"], second["whole"], second["word"]) == (None, None, None, None)
    assert second["double"] == float("inf")
    assert (second["day"], second["moment"]) == ("infinity", "-infinity")
    assert second["plain"] == "2024-01-01 12:00:00 BC"


@pytest.mark.parametrize(
    ("table", "name", "columns", "rows"),
    [
        ("public.kinds_of", "kinds_of.parquet", ["a"], 0),
        ("other.one.kinds_of", "kinds_of.parquet", ["b"], 0),
        ("halves", "halves.parquet", ["n", "half"], 3),
        ('x"; DROP TABLE kinds; --', "x___DROP_TABLE_kinds__--.parquet", ["a"], 0),
    ],
)
def test_tables_and_views_are_found_by_name_or_schema_and_name(
    server: Server, tmp_path: Path, table: str, name: str, columns: list[str], rows: int
) -> None:
    import pyarrow.parquet as parquet

    path = copied(server, table, tmp_path / "copy")
    read = parquet.read_table(path)
    assert (path.name, read.column_names, read.num_rows) == (name, columns, rows)


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ("none", "/postgres has no table 'none'; it has 'other.one.kinds_of', 'bare', "),
        ("kinds_of", "/postgres has several tables; name one in `table`: 'other.one.kinds_of', 'kinds_of'"),
        (None, "/postgres has several tables; name one in `table`: "),
        ("pg_class", "/postgres has no table 'pg_class'"),
        ("bare", "public.bare at postgresql://127.0.0.1:"),
        ("breaking", "#breaking cannot be copied: the server broke off; its log says why"),
        ("writing", "#writing cannot be copied: the server broke off; its log says why"),
    ],
)
def test_what_cannot_be_copied_is_said(server: Server, tmp_path: Path, table: str | None, part: str) -> None:
    assert part in refused(server, table, tmp_path / "copy")


def test_the_only_table_needs_no_name(server: Server, tmp_path: Path) -> None:
    assert "/empty holds no table" in refused(server, None, tmp_path / "none", database="empty")
    run_sql(server, "CREATE TABLE lonely (a int)", database="empty")
    assert copied(server, None, tmp_path / "copy", database="empty").name == "lonely.parquet"


def test_nothing_is_written_there(server: Server, tmp_path: Path) -> None:
    """A view may call functions that write: the transaction does not let them."""
    refused(server, "writing", tmp_path / "one")
    run_sql(server, "CREATE TABLE IF NOT EXISTS said AS SELECT last_value::int, is_called FROM counter")
    import pyarrow.parquet as parquet

    read = parquet.read_table(copied(server, "said", tmp_path / "two"))
    assert read.to_pylist() == [{"last_value": 1, "is_called": False}]


@pytest.mark.parametrize("table", ["hidden", "partly", "policed"])
def test_a_user_who_may_not_read_all_of_it_gets_none_of_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """``policed`` would give this user one of its two rows without a word."""
    be(monkeypatch, READER)
    assert f"#{table} may not be read whole by this user; ask for SELECT" in refused(
        server, table, tmp_path / "copy"
    )


def test_a_user_may_read_what_is_granted(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(monkeypatch, READER)
    assert copied(server, "halves", tmp_path / "copy").name == "halves.parquet"


@pytest.mark.parametrize("password", ["wrong-password", ""])
def test_a_wrong_or_missing_password_is_said_and_not_repeated(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    be(monkeypatch, {"PGPASSWORD": password})
    sentence = refused(server, "kinds", tmp_path / "copy")
    assert "does not let this user into the database 'postgres'; check PGUSER and PGPASSWORD" in sentence
    assert "wrong-password" not in sentence


def test_a_password_is_read_from_the_usual_file(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = tmp_path / ".pgpass"
    usual.write_text(f"127.0.0.1:{server.port}:*:reader:reader-password\n", encoding="ascii")
    usual.chmod(0o600)
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGUSER", "reader")
    assert copied(server, "halves", tmp_path / "copy").exists()


def test_a_database_or_server_that_is_not_there_is_named(server: Server, tmp_path: Path) -> None:
    assert "has no database 'none'; correct the address" in refused(
        server, "t", tmp_path / "one", database="none"
    )
    nowhere = Server(f"postgresql://127.0.0.1:{free_port()}", {}, tmp_path, 0)
    assert refused(nowhere, "t", tmp_path / "two") == (
        f"the server {nowhere.place} cannot be reached; check its address, that it runs, and the network"
    )


def test_another_kind_of_server_is_told_apart(tmp_path: Path) -> None:
    """Something listens, but hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        hanging_up = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import socket,sys\ns=socket.socket(fileno=0)\nwhile True: s.accept()[0].close()",
            ],
            stdin=listening.fileno(),
        )
        try:
            there = Server(f"postgresql://127.0.0.1:{port}", {}, tmp_path, port)
            assert "does not let this user into the database" in refused(there, "t", tmp_path / "copy")
        finally:
            hanging_up.kill()
            hanging_up.wait()


def test_what_is_too_large_is_stopped_on_the_way(server: Server, tmp_path: Path) -> None:
    sentence = refused(server, "large", tmp_path / "copy", 1 << 20)
    assert "is larger than the 1 MiB that a copy may have; raise CONFORMITY_REMOTE_MAX_MB" in sentence
    assert (tmp_path / "copy" / "large.parquet").stat().st_size < 40 << 20


def test_the_same_rows_give_the_same_file(server: Server, tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(copied(server, "large", tmp_path / name).read_bytes()).hexdigest() for name in "ab"
    }
    assert len(digests) == 1


_MEASURED = """
import resource, sys
from pathlib import Path
from conformity.engines.remote import copy_table, parse_address
Path(sys.argv[2]).mkdir()
path = copy_table(parse_address(sys.argv[1]), Path(sys.argv[2]), 1 << 30)
print(path.stat().st_size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def test_memory_does_not_grow_with_the_rows(server: Server, tmp_path: Path) -> None:
    """1.5 million rows are 57 MiB; a copy that held them would need more than as much again."""

    def run(table: str) -> tuple[int, int]:
        """Return the size of a copy and the memory that making it took."""
        arguments = [f"{server.place}/postgres#{table}", str(tmp_path / table)]
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, *arguments],
            env=dict(os.environ),
            capture_output=True,
            text=True,
            check=True,
        )
        size, memory = map(int, done.stdout.split())
        return size, memory

    (_, least), (size, most) = run("halves"), run("large")
    assert size > 50 << 20
    assert most - least < 120 << 20


def test_without_the_driver_the_sentence_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(MissingLibraryError) as caught:
        copy_table(parse_address("postgresql://host/d#t"), tmp_path, 1)
    assert caught.value.message == (
        "the driver of PostgreSQL is not installed; run: pip install 'conformity-report[remote]'"
    )


def test_a_full_disk_or_memory_is_no_fault_of_the_server(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa

    def full(*_: Any) -> None:
        """Fail as a full disk does."""
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(remote_database, "_write", full)
    assert "does not fit on the disk" in refused(server, "kinds", tmp_path / "copy")

    def too_little(*_: Any) -> None:
        """Fail as Arrow does when there is no more memory."""
        raise pa.ArrowMemoryError("malloc of size 64 failed")

    monkeypatch.setattr(remote_database, "_write", too_little)
    with pytest.raises(MemoryError):
        copied(server, "kinds", tmp_path / "other")
