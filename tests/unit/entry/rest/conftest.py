"""One server for the tests of this folder: starting it takes longer than what they ask of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.rest import Api, serving


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Give a server without a worker."""
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(scope="session")
def done(api: Api) -> str:
    """Return the name of a run that has succeeded."""
    name = api.begin()
    api.finish(name)
    return name
