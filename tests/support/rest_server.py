"""The server as a process of its own, asked over a real socket."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.jobs import end_workers

_SAID = re.compile(r"serving http://([0-9.]+):([0-9]+)")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    """The status."""
    headers: Mapping[str, str]
    """The headers, with names in lower case."""
    content: bytes
    """The body."""

    @property
    def told(self) -> Any:
        """What the body holds as JSON."""
        return json.loads(self.content)


@dataclass(frozen=True)
class RestServer:
    """A server that runs."""

    process: subprocess.Popen[str]
    """The process."""
    port: int
    """Where it listens."""
    root: Path
    """Its root."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return the whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())

    def stop(self) -> tuple[int, str]:
        """End it as an operator would; return its exit code and what it said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@contextmanager
def rest_server(root: Path, *arguments: str, **variables: str) -> Iterator[RestServer]:
    """Give a server on a free port; it ends with the block, and so do the workers that it started."""
    environment = {**os.environ, "PYTHONWARNINGS": "default", **variables}
    process = subprocess.Popen(
        [sys.executable, "-m", "conformity", "serve", "--port", "0", "--root", str(root), *arguments],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = next((found for line in process.stderr if (found := _SAID.search(line))), None)
        assert said is not None, "the server did not start"
        yield RestServer(process, int(said[2]), root)
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
        end_workers(root / ".conformity")
