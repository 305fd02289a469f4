"""What stands below the fields of a class, read from its source only when somebody asks for it."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

_LIBRARY = "pydantic"
"""Its classes stand above ours; their fields are not ours to describe."""


def field_texts(kind: type) -> dict[str, str]:
    """Return the text below each field that a class declares itself or inherits, by the name of the field.

    Args:
        kind: a class; where its source is not at hand, its fields have no texts.
    """
    texts: dict[str, str] = {}
    for one in reversed([one for one in kind.__mro__ if one.__module__.split(".")[0] != _LIBRARY]):
        texts.update(_of_module(one.__module__).get(one.__qualname__, {}))
    return texts


@cache
def _of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return the texts below the fields of every class of a module, by the class's qualified name."""
    try:
        source = inspect.getsource(sys.modules[name])
    except (KeyError, OSError, TypeError):
        return {}
    return {path: _below_fields(one) for path, one in _classes(ast.parse(source), "")}


def _classes(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield every class below a node with its qualified name."""
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, ast.ClassDef):
            yield prefix + child.name, child
            inner = f"{prefix}{child.name}."
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{prefix}{child.name}.<locals>."
        yield from _classes(child, inner)


def _below_fields(kind: ast.ClassDef) -> dict[str, str]:
    """Return the texts below the fields that stand in the body of a class."""
    return {
        field.target.id: inspect.cleandoc(below.value.value)
        for field, below in pairwise(kind.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
