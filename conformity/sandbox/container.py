"""Workers as containers, from our image, by the command line of podman or docker."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from conformity import __version__
from conformity.sandbox.bubblewrap import OF_ROOT
from conformity.sandbox.environment import worker_environment
from conformity.sandbox.grants import inputs
from conformity.sandbox.interface import AnyJob
from conformity.sandbox.needs import endpoint_of, server_of
from conformity.sandbox.supervise import Command
from conformity.sandbox.workers import WorkerSandbox

ENGINES = ("podman", "docker")
"""The programs that are looked for, in this order."""
_PATIENCE_S = 60.0
_MOST_PROCESSES = 512
"""How many processes and threads a container may have together."""
_OPEN_FILES = 1024
_OF_USER = 4096
"""How many processes and threads a user may have on the whole machine for another to be started here."""
_OWN = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "JAVA_HOME", "COVERAGE_PROCESS_CONFIG")
"""Variables of which the image has its own, or no need."""


class ContainerSandbox(WorkerSandbox):
    """Run each job in a new container that sees the files of its job, read-only, and its scratch folder."""

    name = "container"
    wrapped = True

    def unavailable(self) -> str | None:
        """Return what is missing: the program, its service, or the image of this version; None if nothing."""
        engine = engine_found()
        if engine is None:
            return "neither podman nor docker is installed; on Debian: apt-get install podman"
        return _missing(engine, self.settings.container_image)

    def variables_beside(self) -> frozenset[str]:
        """Return the names of the variables that the image sets."""
        asked = ("image", "inspect", "--format", "{{json .Config.Env}}", self.settings.container_image)
        said = _ask(engine_found() or ENGINES[0], asked)
        return frozenset(line.partition("=")[0] for line in json.loads(said or "[]") or ())

    def command(self, job: AnyJob, folder: Path) -> Command:
        """Return the command that runs ``job`` in ``folder``."""
        engine, name = engine_found() or ENGINES[0], f"conformity-worker-{secrets.token_hex(8)}"
        settings = self.settings

        def argv(_: int) -> list[str]:
            """Return the program and its arguments; no descriptor but the usual three reaches a container."""
            start = [
                engine,
                "run",
                "--rm",
                "--interactive",
                f"--name={name}",
                *_bounds(settings.worker_memory_mb),
            ]
            network = _network(job)
            seen = [f"--volume={path}:{path}:ro" for path in inputs(job)]
            variables = worker_environment(folder, settings).items()
            given = [f"--env={key}={value}" for key, value in variables if key not in _OWN]
            place = [f"--volume={folder}:{folder}:rw", "--workdir", str(folder), "--entrypoint", "python"]
            inside = self.python(self.limits(job), settings.container_image)
            lifeline = [
                sys.executable,
                "-P",
                "-s",
                "-m",
                "conformity.sandbox.lifeline",
                str(os.getpid()),
                name,
            ]
            return [*lifeline, *start, *network, *seen, *given, *place, *inside]

        made = self.command_of(argv, job, folder)
        return Command(
            argv=argv,
            # The program reads its own settings where the user has them.
            environment={**made.environment, **_of_engine()},
            folder=folder,
            payload=made.payload,
            wall_s=made.wall_s,
            max_bytes=made.max_bytes,
            folder_mb=made.folder_mb,
            on_stdout=True,
            grace_s=_PATIENCE_S,
        )


def _network(job: AnyJob) -> list[str]:
    """Return what of the network a container has: none, a way out, or the machine's for a service here."""
    if endpoint_of(job) is not None:
        return ["--network=host"]
    return [] if server_of(job) is not None else ["--network=none"]


def engine_found() -> str | None:
    """Return the program that runs containers; None if there is none."""
    return next((found for name in ENGINES if (found := shutil.which(name)) is not None), None)


def _bounds(memory_mb: int) -> list[str]:
    """Return what bounds a container, whatever runs in it."""
    return [
        "--pull=never",
        "--read-only",
        "--cap-drop=ALL",
        *(f"--cap-add={name}" for name in (OF_ROOT if os.geteuid() == 0 else ())),
        "--security-opt=no-new-privileges",
        f"--user={os.geteuid()}:{os.getegid()}",
        f"--pids-limit={_MOST_PROCESSES}",
        f"--memory={memory_mb}m",
        f"--memory-swap={memory_mb}m",
        "--ulimit=core=0:0",
        *_never_raised(),
    ]


def _never_raised() -> list[str]:
    """Return limits far below what anybody has: left to the program, it may try to raise them, and fail."""
    return [f"--ulimit=nofile={_OPEN_FILES}:{_OPEN_FILES}", f"--ulimit=nproc={_OF_USER}:{_OF_USER}"]


def _of_engine() -> dict[str, str]:
    """Return the variables by which podman or docker find their settings; containers do not see them."""
    names = ("HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST", "PATH")
    return {name: os.environ[name] for name in names if name in os.environ}


@cache
def _missing(engine: str, image: str) -> str | None:
    """Return what is missing to run containers of an image; asked once per process."""
    if _ask(engine, ("version",)) is None:
        return f"{Path(engine).name} is installed but does not work for this user; start its service"
    if _ask(engine, ("image", "inspect", image)) is None:
        return f"there is no image {image!r}; run: {Path(engine).name} build -t {image} ."
    said = _ask(
        engine, ("run", "--rm", "--network=none", "--pull=never", *_never_raised(), image, "--version")
    )
    if said is None:
        program = Path(engine).name
        return f"{program} cannot start a container of {image!r}; try: {program} run --rm {image}"
    if said.split()[-1:] != [__version__]:
        return (
            f"the image {image!r} holds another version than {__version__}; build it anew from our Dockerfile"
        )
    return None


def _ask(engine: str, arguments: Sequence[str]) -> str | None:
    """Return what the program prints; None if it fails."""
    try:
        done = subprocess.run(  # noqa: S603 # found on the path, with arguments of our own
            [engine, *arguments], capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
