"""Which imported names are known parts of models: everything else needs a look.

The lists are text files, one for each library: ``module: Name Name``, where ``package.*`` stands for a
package and every module in it. A line without a name on the list is never made up for by its library.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from conformity.probes.shared.model_files.machine import Global

_FOLDER = "allow"


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(text.split())


@cache
def is_known(name: Global) -> bool:
    """Tell whether a name stands on a list."""
    listed = _listed()
    parts = name.module.split(".")
    above = (".".join(parts[:length]) + ".*" for length in range(1, len(parts) + 1))
    return any(name.name in listed.get(module, ()) for module in (name.module, *above))


@cache
def _listed() -> dict[str, frozenset[str]]:
    """Return the names of each module, from all lists together."""
    found: dict[str, set[str]] = {}
    for module, names in _lines():
        found.setdefault(module, set()).update(names)
    return {module: frozenset(names) for module, names in found.items()}


def _lines() -> Iterator[tuple[str, list[str]]]:
    """Yield module and names of every line of every list."""
    folder = files(__package__) / _FOLDER
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                module, _, names = line.partition(": ")
                yield module, names.split()
