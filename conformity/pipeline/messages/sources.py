"""Find the sentences that code writes into the records: every text of two words or more in its syntax.

Names, keys and patterns are told from sentences by their form. An f-string becomes a template, its
expressions placeholders; a choice of words within it becomes one template for each choice, so that every
message is whole.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_BEFORE = re.compile(r"^\{[a-z][a-z0-9_]*\}\.? (?=[A-Z])")
_BEHIND = re.compile(r"(?<=[.?!]) \{[a-z][a-z0-9_]*\}$")
_WORD = re.compile(r"[A-Za-z]{2,}")
_HEAD = re.compile(r"(?:[A-Z][A-Za-z]+(?:-[A-Za-z0-9]+)*|yes|no)\.?")
_MANY = 5
"""How many words make a sentence even where a name with an underscore stands in it."""

_NOT_PROSE = re.compile(r"[\\|<>=]|^\W*$|\(\?|\[\^|\*\*|::|\w\[\w|^#|^- |^import ")
_SNAKE = re.compile(r"\w_\w")
_SHOUTED = re.compile(r"\b(?:SELECT|FROM|WHERE|GROUP BY|CREATE|INSERT|WITH RECURSIVE)\b")
_CODE = re.compile(r"`[^`]*`")
_JOINTS = frozenset(["and", "or", "to", "of", "the", "in", "on", "by", "is", "not", "with", "at"])
_BUILTINS = frozenset(
    [
        "join",
        "len",
        "str",
        "sorted",
        "rstrip",
        "strip",
        "lower",
        "upper",
        "format",
        "isoformat",
        "list",
        "tuple",
        "sum",
        "max",
        "min",
        "next",
        "set",
        "int",
        "float",
        "self",
        "round",
        "dict",
        "fromkeys",
        "replace",
        "abs",
    ]
)
_PROGRAMMERS = frozenset(
    [
        "cast",
        "compile",
        "debug",
        "info",
        "getLogger",
        "TypeVar",
        "Path",
        "import_module",
        "split",
        "fullmatch",
        "search",
        "match",
        "sub",
        "words",
    ]
)
_TOLD = frozenset(["NotMeasurableError"])
"""The errors whose sentence becomes the reason of an observation in the ordinary course of things."""

_MOST_VARIANTS = 8
_MARK = "said"


def messages_of(path: Path, *, heads: bool = False) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of every message in a module; a text may be found more than once.

    Args:
        path: a Python file.
        heads: whether a single word that begins with a capital is a head of a table or the like.
    """
    tree = ast.parse(path.read_text("utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr | ast.Constant) or _is_skipped(node, parents):
            continue
        marked = _is_marked(node, parents)
        for text in _variants(node):
            tidy = trimmed(text)
            if tidy and (marked or is_prose(tidy) or (heads and _HEAD.fullmatch(tidy))):
                yield node.lineno, tidy


def trimmed(text: str) -> str:
    """Return a message without what joins it to another: space, a comma, a sentence before or behind it."""
    bare = _BEFORE.sub("", text.strip().removeprefix(", ").strip())
    return _BEHIND.sub("", bare)


def is_prose(text: str) -> bool:
    """Tell whether a text is words for a reader: at least two, or one beside a place, and not all joints."""
    bare = _CODE.sub(" ", _PLACE.sub(" ", text))
    words = _WORD.findall(bare)
    if _SNAKE.search(bare) and len(words) < _MANY:
        return False
    if _NOT_PROSE.search(bare) or _SHOUTED.search(bare):
        return False
    if not set(words) - _JOINTS:
        return False
    return " " in text and (len(words) >= 2 or _PLACE.search(text) is not None)


def _is_skipped(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Tell whether a text is a docstring, an annotation, a part of an f-string, or said to a programmer."""
    parent = parents[node]
    if isinstance(node, ast.Constant) and not isinstance(node.value, str):
        return True
    if isinstance(parent, ast.Expr | ast.JoinedStr):
        return True
    while not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.FormattedValue) or _is_call_for_programmers(parent):
            return True
        parent = parents[parent]
    if isinstance(parent, ast.Raise):
        return _raised(parent) not in _TOLD
    return isinstance(parent, ast.Assert)


def _is_call_for_programmers(node: ast.AST) -> bool:
    """Tell whether a node is a call of ``cast``, ``compile`` or the like: its texts are types or patterns."""
    return isinstance(node, ast.Call) and _called(node.func) in _PROGRAMMERS


def _raised(node: ast.Raise) -> str:
    """Return the name of the error that is raised; empty when it was made elsewhere."""
    return _called(node.exc.func) if isinstance(node.exc, ast.Call) else ""


def _called(node: ast.expr) -> str:
    """Return the last name of what is called."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_marked(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Tell whether a text is the template given to :func:`conformity.model.said.said`."""
    call = parents.get(node)
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == _MARK
        and node in call.args
    )


def _variants(node: ast.JoinedStr | ast.Constant) -> Iterator[str]:
    """Yield the template of a text, once for each choice of words in it."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
        return
    names: dict[str, str] = {}
    parts = [tuple(_part(value, names)) for value in node.values]
    for number, chosen in enumerate(product(*parts)):
        if number < _MOST_VARIANTS:
            yield "".join(chosen)


def _part(node: ast.expr, names: dict[str, str]) -> Iterator[str]:
    """Yield what may stand at one part of an f-string: its words, its choices, or a place."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
        return
    assert isinstance(node, ast.FormattedValue)
    value = node.value
    if isinstance(value, ast.IfExp) and isinstance(value.body, ast.Constant | ast.JoinedStr):
        for branch in (value.body, value.orelse):
            if isinstance(branch, ast.Constant | ast.JoinedStr):
                yield from _variants(branch)
            else:
                yield _place(branch, names)
        return
    yield _place(value, names)


def _place(node: ast.expr, names: dict[str, str]) -> str:
    """Return the place of an expression: the same expression has the same name within a template."""
    key = ast.unparse(node)
    if key not in names:
        names[key] = _fresh(_name_of(node), set(names.values()))
    return "{" + names[key] + "}"


def _name_of(node: ast.expr) -> str:
    """Return a name that says what an expression stands for: its last two names."""
    found = [
        getattr(one, "attr", None) or getattr(one, "id", None)
        for one in ast.walk(node)
        if isinstance(one, ast.Name | ast.Attribute)
    ]
    words = [str(one).strip("_").lower() for one in reversed(found) if one]
    kept = [one for one in dict.fromkeys(words) if one not in _BUILTINS and not keyword.iskeyword(one)]
    return "_".join(kept[-2:]) or "value"


def _fresh(name: str, taken: set[str]) -> str:
    """Return ``name``, with a number where it is taken."""
    number, fresh = 2, name
    while fresh in taken:
        fresh, number = f"{name}_{number}", number + 1
    return fresh
