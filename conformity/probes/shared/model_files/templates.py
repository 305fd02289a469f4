"""Look at a chat template by its structure: which attributes it names, and which names it computes.

The words of a template do not show a name that is put together when it runs. The template is taken apart
by Jinja's parser, which runs nothing of it.

Source:
    Jinja 3, "Sandbox": what names of attributes beginning with an underscore lead to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import nodes

_LONGEST = 512 * 1024
_BY_NAME = frozenset(
    ["attr", "groupby", "map", "max", "min", "rejectattr", "selectattr", "sort", "sum", "unique"]
)
"""Filters that look attributes up by a name they are given."""
_ADDS = ("do", "loopcontrols")
_PIECE = re.compile(r"_+[a-z]+_+")
"""What is left of the name of a hidden attribute when it is put together from pieces."""
_OWN_BLOCK = re.compile(r"\{%[-+]?\s*(?:end)?generation\s*[-+]?%\}")
"""What templates of chats have beyond Jinja: it marks what a model wrote."""


def forbidden_part(text: str) -> str | None:
    """Return the attribute by which a template leaves its bounds, to be printed; None when it names none."""
    tree = _parsed(text)
    for name in () if tree is None else _names(tree):
        if isinstance(name, str) and name.startswith("_"):
            return ascii(name)[:60]
    return None


def computed_part(text: str) -> str | None:
    """Return what cannot be told of a template, in words; None when every name in it stands there."""
    tree = _parsed(text)
    if tree is None:
        return "cannot be read, so that nobody knows what it does"
    if any(name is None for name in _names(tree)):
        return "computes the name of an attribute"
    return None


def _parsed(text: str) -> nodes.Template | None:
    """Return a template as a tree; None when it is none, or is far too long."""
    from jinja2 import Environment, TemplateSyntaxError

    if len(text) > _LONGEST:
        return None
    text = _OWN_BLOCK.sub("", text)
    try:
        # Nothing is rendered, so that nothing is to be escaped.
        return Environment(extensions=[f"jinja2.ext.{one}" for one in _ADDS]).parse(text)  # noqa: S701
    except (TemplateSyntaxError, RecursionError, ValueError, OverflowError):
        return None


def _names(tree: nodes.Template) -> Iterator[str | None]:
    """Yield every name by which something is looked up in something else; None for one that is computed."""
    from jinja2 import nodes

    for node in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Const)):
        if isinstance(node, nodes.Getattr):
            yield None if node.attr in ("format", "format_map") else node.attr
        elif isinstance(node, nodes.Getitem):
            yield from _looked_up(node.arg)
        elif isinstance(node, nodes.Const) and isinstance(node.value, str) and _PIECE.fullmatch(node.value):
            yield None
        elif isinstance(node, nodes.Filter) and node.name in _BY_NAME:
            for given in (*node.args, *(pair.value for pair in node.kwargs if pair.key != "default")):
                yield from _looked_up(given)


def _looked_up(key: nodes.Expr) -> Iterator[str | None]:
    """Yield the name that a key is, or None where it is a text put together on the spot."""
    from jinja2 import nodes

    if isinstance(key, nodes.Const):
        yield from [key.value] if isinstance(key.value, str) else []
    elif any(_makes_text(part) for part in (key, *key.find_all(nodes.Expr))):
        yield None


def _makes_text(node: nodes.Expr) -> bool:
    """Tell whether an expression puts a text together."""
    from jinja2 import nodes

    if isinstance(node, nodes.Concat):
        return True
    if isinstance(node, nodes.Add | nodes.Mul | nodes.Mod):
        return any(
            isinstance(one, nodes.Const) and isinstance(one.value, str) for one in (node.left, node.right)
        )
    return isinstance(node, nodes.Filter) and node.name in ("format", "join", "lower", "replace", "reverse")
