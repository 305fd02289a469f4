"""Attack one way to run workers, as whoever starts this program, and print what came of it as JSON.

Usage: ``python attacker.py NAME``, where NAME is that of the way, such as ``sandlock``.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from conformity.errors import ConformityError
from conformity.sandbox.choose import KINDS
from conformity.sandbox.interface import Event, Failed, ProfileJob
from conformity.sandbox.syscalls import ARCHITECTURES
from conformity.sandbox.workers import WorkerSandbox
from conformity.settings import Settings
from tests.support.attacks import EFFECTS, FILES, LOUD, OTHERS, PRELUDE, QUIETLY, UNPICKLE

_SETTINGS = Settings(worker_wall_s=60, worker_cpu_s=60, worker_memory_mb=512, spill_mb=1)
_ANSWER_BYTES = 300_000


def attack(name: str) -> dict[str, Any]:
    """Return what came of each attack, and what was harmed."""
    kind = next(kind for kind in KINDS if kind.name == name)
    # A small disk is as good to fill as a large one.
    import conformity.settings

    conformity.settings._BESIDE_SPILL_MB = 64
    with _aims() as aims:
        before = _state(aims)
        quiet = _quiet(kind, aims)
        loud = {what: _loud(kind, code, wall_s, aims) for what, (code, wall_s, _) in LOUD.items()}
        stolen, port = aims["stolen"], aims["port"]
        payloads = {
            "runs a program": f"__import__('os').system('id > {stolen}')",
            "writes a file": f"open({stolen!r}, 'w').write('x')",
            "opens a connection": f"__import__('socket').create_connection(('127.0.0.1', {port}))",
        }
        models = {what: _model(kind, code, aims) for what, code in payloads.items()}
        again = _outcome(kind, "say('well')", aims)
        harmed = [key for key, value in _state(aims).items() if before[key] != value]
    return {"quiet": quiet, "loud": loud, "models": models, "again": again, "harmed": harmed}


@contextmanager
def _aims() -> Iterator[dict[str, Any]]:
    """Give what is attacked: this process, its files, its sockets and its secret."""
    os.environ["CONFORMITY_TEST_SECRET"] = "hidden"
    with (
        tempfile.TemporaryDirectory(prefix="attacked-") as home,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as door,
        socket.socket(socket.AF_UNIX) as hidden,
    ):
        given, secret = Path(home, "input", "given.csv"), Path(home, "secret")
        given.parent.mkdir()
        given.write_text("a,b\n1,2\n", "utf-8")
        secret.write_text("secret", "utf-8")
        door.bind(f"{home}/door")
        hidden.bind(f"\0attacked-{os.getpid()}")
        for one in (door, hidden):
            one.listen()
        yield {
            "home": home,
            "given": str(given),
            "secret": str(secret),
            "stolen": f"{home}/stolen",
            "port": server.getsockname()[1],
            "door": f"{home}/door",
            "hidden": f"attacked-{os.getpid()}",
            "parent": os.getpid(),
            "shared": tempfile.gettempdir(),
            "shadow": _shadow(),
            "SYS": ARCHITECTURES[os.uname().machine].numbers,
        }


def _shadow() -> str:
    """Return the digest of the machine's passwords, where whoever runs this may read them."""
    try:
        return hashlib.sha256(Path("/etc/shadow").read_bytes()).hexdigest()
    except OSError:
        return ""


def _quiet(kind: type[WorkerSandbox], aims: dict[str, Any]) -> dict[str, str]:
    """Return what came of the attacks that harm nobody if they succeed."""
    # Bare processes withstand no attack on files that their user may do: nothing is to be broken here.
    attacks = OTHERS if kind.name == "process" else {**FILES, **OTHERS}
    head = f"ATTACKS = {attacks!r}\nAIMS = {aims!r}\n"
    found: dict[str, str] = json.loads(_outcome(kind, head + QUIETLY, aims))
    for name, said in found.items():
        if said == "ESCAPED" and name in EFFECTS and not _happened(EFFECTS[name].format(**aims)):
            found[name] = "contained: it happened to a copy of its own"
    return found


def _happened(path: str) -> bool:
    """Return whether a file was made, or the secret one changed."""
    file = Path(path)
    return file.read_text("utf-8") != "secret" if file.name == "secret" else file.exists()


def _loud(kind: type[WorkerSandbox], code: str, wall_s: int, aims: dict[str, Any]) -> str:
    """Return the reason with which an attack on the machine's means ends."""
    began = time.monotonic()
    said = _outcome(kind, code, aims, replace(_SETTINGS, worker_wall_s=wall_s))
    took = time.monotonic() - began
    return said if took < 30 else f"took {took:.0f} s: {said}"


def _model(kind: type[WorkerSandbox], payload: str, aims: dict[str, Any]) -> str:
    """Return what came of a model whose loading runs a payload, and whether a file was made."""
    said = _outcome(kind, UNPICKLE.replace("PAYLOAD", repr(payload)), aims)
    return f"{said}; {_there(aims['stolen'])}"


def _outcome(
    kind: type[WorkerSandbox], code: str, aims: dict[str, Any], settings: Settings = _SETTINGS
) -> str:
    """Return what code in the worker's place said, or how it ended."""
    said: list[Event] = []
    sandbox = kind(settings, entry=("-c", PRELUDE + code), max_answer_bytes=_ANSWER_BYTES)
    try:
        sandbox.run(ProfileJob(path=Path(aims["given"])), said.append)
    except ConformityError as error:
        return error.message
    return next(event.reason for event in said if isinstance(event, Failed))


def _there(path: str) -> str:
    """Return whether a file is there, and take it away."""
    found = Path(path).exists()
    Path(path).unlink(missing_ok=True)
    return "a file is there" if found else "nothing is there"


def _state(aims: dict[str, Any]) -> dict[str, object]:
    """Return what must be the same afterwards: the files attacked, and this process."""
    given, secret = Path(aims["given"]), Path(aims["secret"])
    return {
        "input": (given.read_bytes() if given.exists() else None, oct(given.stat().st_mode)),
        "secret": secret.read_bytes(),
        "limits": [resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS)],
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "children": _children(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "package": Path(sys.modules["conformity"].__file__ or "").read_bytes(),
    }


def _children() -> list[str]:
    """Return the processes that this one has started and that still run."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    return own.read_text().split() if own.exists() else []


if __name__ == "__main__":
    print(json.dumps(attack(sys.argv[1])))
