"""A table of which a worker says nothing is an error, not a table without columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformity.errors import DataError
from conformity.model.evidence import Isolation
from conformity.model.manifest import Exhibit
from conformity.model.subject import TableSubject
from conformity.pipeline.shared import columns_found
from conformity.sandbox.interface import Event, Failed, InspectJob, Located, MeasureJob, ProfileJob
from tests.support.assessments import exhibit, table

TABLE = Located(subject=TableSubject.model_validate(table()), path=Path("/nowhere/test.csv"))
NOTE = Located(subject=Exhibit.model_validate(exhibit()), path=Path("/nowhere/record.md"))


class SilentSandbox:
    """A sandbox whose workers fail as a whole."""

    def isolation(self) -> Isolation:
        return Isolation(mechanism="silent", guarantees=())

    def isolation_of(self, job: MeasureJob) -> str:
        return "silent"

    def run(self, job: MeasureJob | InspectJob | ProfileJob, on_event: Callable[[Event], None]) -> None:
        on_event(Failed(reason="It could not."))


def test_a_table_without_an_answer_is_an_error() -> None:
    with pytest.raises(DataError, match=r"test\.csv: the worker could not say"):
        columns_found({"test": TABLE, "record": NOTE}, SilentSandbox())


def test_without_tables_no_worker_is_asked() -> None:
    assert columns_found({"record": NOTE}, SilentSandbox()) == {}
