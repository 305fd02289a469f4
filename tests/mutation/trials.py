"""Try mutants: each in a process of its own, against the fast tests, on a copy of the tree."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tests.mutation.mutants import Mutant

_PROCESSOR_S = 120
"""How much of the processor the tests of one mutant may take, however busy the machine is."""

_WAITED_S = 1800
"""How long they may take: a mutant that waits for ever is found out by that."""


@dataclass(frozen=True)
class Target:
    """Some modules and the tests that must notice any change in them."""

    modules: str
    """A glob of files, relative to the repository."""
    tests: tuple[str, ...]
    """Files and folders of tests."""
    ready: tuple[str, ...]
    """Modules that do not depend on these; they are imported once, before any mutant is."""
    published: bool = False
    """Whether the published schemas are compared first: every limit of a field stands in them."""


_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "-W", "ignore")

_LIBRARIES = ("pytest", "pydantic", "hypothesis", "rfc8785", "ruamel.yaml", "xdist")
_MODEL = ("conformity.model.assessment", "conformity.model.summary", "conformity.model.tally")
_LAW = ("conformity.catalog.classify", "conformity.probes.registry")

TARGETS: tuple[Target, ...] = (
    Target(
        "conformity/judge/**/*.py",
        (
            "tests/unit/judge",
            "tests/property/test_judge_properties.py",
            "tests/property/test_judge_rule_properties.py",
        ),
        (*_LIBRARIES, *_MODEL, *_LAW),
    ),
    Target("conformity/plan.py", ("tests/unit/test_plan.py",), (*_LIBRARIES, *_MODEL, *_LAW)),
    Target(
        "conformity/model/*.py",
        (
            "tests/unit/model",
            "tests/unit/judge",
            "tests/contract/test_schemas.py",
            "tests/property/test_model_roundtrip.py",
        ),
        _LIBRARIES,
        published=True,
    ),
    # How a figure of energy was obtained, in values and in words: parts, footing, figures, words.
    Target(
        "conformity/probes/shared/energy/[fpw][aio]*.py",
        (
            "tests/unit/probes/test_energy_details.py",
            "tests/unit/probes/test_energy_figures.py",
            "tests/unit/probes/test_energy_parts.py",
            "tests/unit/probes/test_energy_words.py",
        ),
        (*_LIBRARIES, *_MODEL),
    ),
)
"""What is tested, and with what."""


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Give one module the changed text; all others are found as ever."""

    def __init__(self, name: str, source: str, path: str) -> None:
        self.name, self.source, self.path = name, source, path

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of the changed module, or None for any other."""
        if fullname != self.name:
            return None
        folder = [str(Path(self.path).parent)] if self.path.endswith("__init__.py") else None
        return importlib.util.spec_from_file_location(
            fullname, self.path, loader=self, submodule_search_locations=folder
        )

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed text as the module."""
        exec(compile(self.source, self.path, "exec"), module.__dict__)


def prepare(target: Target) -> None:
    """Import what does not depend on the target's modules, and read the law once."""
    for name in target.ready:
        importlib.import_module(name)
    if _LAW[0] in target.ready:
        importlib.import_module("conformity.catalog.load").requirements()
        importlib.import_module("conformity.probes.registry").probe_specs()


def survives(mutant: Mutant | None, target: Target, root: Path) -> bool:
    """Return whether all tests pass with a mutant in place; with none, whether they pass at all.

    Args:
        mutant: the change.
        target: the tests.
        root: the copy of the repository, which is the working folder.
    """
    child = os.fork()
    if child == 0:  # pragma: no cover - runs in a process that is left at once
        os._exit(_tested(mutant, target, root))
    _, status = os.waitpid(child, 0)
    return status == 0


def _tested(mutant: Mutant | None, target: Target, root: Path) -> int:
    """Return the exit code of the tests, run in this process; anything that goes wrong is a failure."""
    signal.setitimer(signal.ITIMER_PROF, _PROCESSOR_S)
    signal.alarm(_WAITED_S)
    stem = ""
    if mutant is not None:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        name = mutant.module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        sys.meta_path.insert(0, _Changed(name, mutant.source, str(root / mutant.module)))
        stem = Path(mutant.module).stem
    try:
        return int(target.published and _differs(root)) or _run(*_in_order(target.tests, stem))
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _differs(root: Path) -> bool:
    """Tell whether the model's schemas are not those published, as the contract test does, but at once."""
    files = importlib.import_module("conformity.model.schemas").schema_files()
    folder = root / "docs" / "schemas"
    return any((folder / name).read_text("utf-8") != text for name, text in files.items())


def _run(nearest: Sequence[str], others: Sequence[str]) -> int:
    """Return the exit code of the first tests that fail, or 0: the nearest are tried before any other."""
    import hypothesis
    import pytest

    hypothesis.settings.register_profile(
        "mutants", max_examples=25, derandomize=True, database=None, deadline=None
    )
    hypothesis.settings.load_profile("mutants")
    failed = 0
    for files in filter(None, (nearest, others)):
        failed = failed or int(pytest.main([*_OPTIONS, *files]))
    return failed


def _in_order(tests: Sequence[str], stem: str) -> tuple[list[str], list[str]]:
    """Return the files of tests that bear the module's name, and all others, properties last."""
    files = [
        file.as_posix()
        for name in tests
        for file in (sorted(Path(name).rglob("test_*.py")) if Path(name).is_dir() else [Path(name)])
    ]
    nearest = [file for file in files if stem and stem in Path(file).stem]
    others = [file for file in files if file not in nearest]
    return nearest, sorted(others, key=lambda file: "property" in file)
