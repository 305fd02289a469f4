"""The command: ``python -m tests.mutation [FILE ...]`` tries all mutants and lists those that survive.

It works on a copy of the tree in a temporary folder, one mutant at a time, and yields to other processes.
It ends with 1 when a mutant survives that is not on the reviewed list, or when one on the list does not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.reviewed import reviewed
from tests.mutation.trials import TARGETS, Target, prepare, survives

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

_COPIED = ("conformity", "docs", "tests", "templates", "samples", "pyproject.toml")
_INSIDE = "CONFORMITY_MUTATION_COPY"


def main(arguments: Sequence[str]) -> int:
    """Try the mutants of the files named, or of all targets, and return the exit code.

    Args:
        arguments: files relative to the repository; none means all.
    """
    if os.environ.get(_INSIDE):
        return _try_all(arguments)
    with tempfile.TemporaryDirectory(prefix="conformity-mutants-") as folder:
        for name in _COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder) / name)
        os.nice(10)
        places = {
            "PYTHONPATH": folder,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            _INSIDE: "1",
        }
        command = [sys.executable, "-m", "tests.mutation", *arguments]
        return subprocess.run(command, cwd=folder, env={**os.environ, **places}, check=False).returncode


def _try_all(names: Sequence[str]) -> int:
    """Try the mutants in the copy; each target in a process of its own, prepared for it."""
    status = 0
    for target in TARGETS:
        files = [str(file) for file in sorted(Path().glob(target.modules)) if not names or str(file) in names]
        if files:
            child = os.fork()
            if child == 0:
                os._exit(_try_target(target, files))
            status |= os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status


def _try_target(target: Target, files: Iterable[str]) -> int:
    """Try the mutants of some files of a target; return 1 when one should not have survived, else 0."""
    root = Path.cwd()
    prepare(target)
    if not survives(None, target, root):
        print(f"the tests of {target.modules} fail without any change; mend them first", flush=True)
        return 1
    left = tried = 0
    known = reviewed()
    for file in files:
        expected = known.get(file, {})
        for mutant in mutants(file, Path(file).read_text("utf-8")):
            tried += 1
            if survives(mutant, target, root) != (mutant.key in expected):
                left += 1
                print(_line(mutant, listed=mutant.key in expected), flush=True)
    print(f"{target.modules}: {tried} mutants tried, {left} not as reviewed", flush=True)
    return int(left > 0)


def _line(mutant: Mutant, *, listed: bool) -> str:
    """Return what is said of a mutant that did not end as the list says."""
    word = "KILLED though listed" if listed else "SURVIVED"
    return f"{word} {mutant.module}:{mutant.line}: {mutant.key}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
