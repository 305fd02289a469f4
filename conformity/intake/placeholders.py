"""Find what a drafted manifest still leaves to be filled in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformity.intake.yaml_text import FieldPath, dotted
from conformity.model.manifest import PLACEHOLDER, Manifest


def placeholders(manifest: Manifest) -> tuple[str, ...]:
    """Return the fields whose text still begins with ``REPLACE``, such as ``system.name``.

    Args:
        manifest: a manifest, drafted or not.
    """
    return tuple(dotted(path) for path in _open(manifest.model_dump(), ()))


def _open(value: Any, path: FieldPath) -> Iterator[FieldPath]:
    """Yield the paths of texts that are placeholders."""
    match value:
        case str():
            if value.lstrip().startswith(PLACEHOLDER):
                yield path
        case dict():
            for key, inner in value.items():
                yield from _open(inner, (*path, key))
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from _open(inner, (*path, index))
