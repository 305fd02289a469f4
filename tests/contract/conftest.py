"""One Spark for all tests that hold its counts against those of the embedded engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformity.engines.spark import SparkEngine

_QUICK = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
}
"""How Spark runs small queries quickly; ``tests/e2e/test_spark.py`` runs it as it is by default."""


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    """Return an engine with the one Spark session of this process."""
    engine = SparkEngine(tmp_path_factory.mktemp("spark"), memory_mb=3072, threads=2)
    settings = tmp_path_factory.mktemp("settings")
    # Else Java is asked several times more for each operator, to keep in which line of Python it stands.
    (settings / "spark-defaults.conf").write_text("spark.python.sql.dataFrameDebugging.enabled false\n")
    with pytest.MonkeyPatch.context() as patch:
        # Code that is compiled quickly suits a test, which runs most of it once.
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
        patch.setenv("SPARK_CONF_DIR", str(settings))
        session = engine.session()
    # Tables of a few rows: code made for each query would cost a hundred times what running it costs.
    for key, value in _QUICK.items():
        session.conf.set(key, value)
    yield engine
    engine.stop()
