"""``python -m conformity.entry.healthy``: whether the server of this container answers.

An image has one health check, whatever is run in it. What does not serve has nothing that could answer, and
is healthy for as long as it runs. Nothing but the standard library is imported.
"""

from __future__ import annotations

import http.client
import sys
from collections.abc import Sequence
from pathlib import Path

_STARTED = Path("/proc/1/cmdline")
_PORT = 8321
_PATIENCE_S = 4.0


def port_of(arguments: Sequence[str]) -> int | None:
    """Return the port on which the container serves; None where it does not.

    Args:
        arguments: what the container was started with.
    """
    if "serve" not in arguments:
        return None
    given = str(_PORT)
    for place, one in enumerate(arguments):
        if one.startswith("--port="):
            given = one.removeprefix("--port=")
        elif one == "--port":
            given = arguments[place + 1] if place + 1 < len(arguments) else given
    return int(given) if given.isdigit() else _PORT


def main(started: Path = _STARTED) -> None:
    """End with 0 where the server answers or there is none, else with 1.

    Args:
        started: the file that holds the arguments of the first process.
    """
    arguments = started.read_bytes().decode("utf-8", "replace").split("\0")
    port = port_of(arguments)
    sys.exit(0 if port is None or _answers(port) else 1)


def _answers(port: int) -> bool:
    """Tell whether a server answers on a port of this machine that it is alive."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":  # pragma: no cover # the health check of the image starts it so
    main()
