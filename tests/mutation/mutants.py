"""Make mutants: copies of a module with one small change in what it does, never in its words."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"[a-z0-9_.-]+")
"""Texts that are names of states, fields or metrics; sentences are left to the golden tests."""

_SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
"""What takes the place of each operator."""

_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
"""Functions that are exchanged."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    module: str
    """The file, relative to the repository."""
    line: int
    """The line of the change."""
    key: str
    """Function, text before and text after, and a number where the same change occurs again."""
    source: str
    """The whole changed module."""


@dataclass(frozen=True)
class _Place:
    """A node that may be changed, and where it hangs."""

    parent: ast.AST
    """The node above it."""
    field: str
    """The field of the parent that holds it."""
    index: int | None
    """The position, where the field is a list."""
    where: str
    """The qualified name of the function or class around it."""
    inside: bool
    """Whether it stands in a function."""

    def put(self, node: ast.AST) -> None:
        """Put a node in this place."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Yield all mutants of a module.

    Args:
        module: the file's name, for the keys.
        source: its text.
    """
    tree = ast.parse(source)
    for node, place, other, key in _changes(tree):
        place.put(other)
        changed = ast.unparse(tree)
        place.put(node)
        yield Mutant(module, getattr(node, "lineno", 0), key, changed)


def keys_of(source: str) -> Iterator[str]:
    """Yield the keys of all mutants of a module, which takes a small part of the time of making them."""
    return (key for *_, key in _changes(ast.parse(source)))


def _changes(tree: ast.AST) -> Iterator[tuple[ast.AST, _Place, ast.AST, str]]:
    """Yield every node that may be changed, its place, what takes its place, and the key."""
    seen: Counter[str] = Counter()
    for node, place in list(_places(tree, "", inside=False)):
        for other in _alternatives(node, place):
            before, after = ast.unparse(node), ast.unparse(other)
            key = f"{place.where or '-'} | {_short(before)} -> {_short(after)}"
            seen[key] += 1
            number = f" ({seen[key]})" if seen[key] > 1 else ""
            yield node, place, other, key + number


def _short(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def _places(node: ast.AST, where: str, *, inside: bool) -> Iterator[tuple[ast.AST, _Place]]:
    """Yield every node below ``node`` that may be changed: no annotation, docstring or assertion."""
    for field, value in ast.iter_fields(node):
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST):
                continue
            if field in ("annotation", "returns"):
                yield from _limits(child, where)
            elif not _is_idle(child):
                yield child, _Place(node, field, index, where, inside)
                named = isinstance(child, ast.FunctionDef | ast.ClassDef)
                within = ".".join(filter(None, (where, child.name))) if named else where  # type: ignore[attr-defined] # both have a name
                yield from _places(child, within, inside=inside or isinstance(child, ast.FunctionDef))


def _limits(annotation: ast.AST, where: str) -> Iterator[tuple[ast.AST, _Place]]:
    """Yield what may be changed in the calls within an annotation, such as ``Field(ge=1)``."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if isinstance(keyword.value, ast.Constant):
                    yield keyword.value, _Place(keyword, "value", None, where, False)


def _is_idle(node: ast.AST) -> bool:
    """Tell whether a node only says something to readers or to the type checker."""
    if isinstance(node, ast.Assert | ast.ImportFrom | ast.Import | ast.JoinedStr):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id == "__all__"
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith(("TYPE_CHECKING", "'__main__'"))


def _alternatives(node: ast.AST, place: _Place) -> Iterator[ast.AST]:
    """Yield what may stand in a node's place."""
    if isinstance(node, ast.operator | ast.cmpop | ast.boolop):
        return
    yield from _operators(node, place)
    yield from _constants(node)
    yield from _conditions(node, place)
    yield from _statements(node)
    if isinstance(node, ast.Name) and place.field == "func" and node.id in _CALLS:
        yield ast.Name(_CALLS[node.id], ast.Load())


def _operators(node: ast.AST, place: _Place) -> Iterator[ast.AST]:
    """Yield a node with another operator, or without one of its parts."""
    match node:
        case ast.Compare():
            for number, operator in enumerate(node.ops):
                for other in _SWAPS[type(operator)]:
                    ops = [*node.ops[:number], other(), *node.ops[number + 1 :]]
                    yield ast.Compare(node.left, ops, node.comparators)  # type: ignore[arg-type] # all are comparisons
        case ast.BoolOp():
            yield ast.BoolOp(_SWAPS[type(node.op)][0](), node.values)  # type: ignore[arg-type] # a boolean operator
            for number in range(len(node.values)):
                kept = [*node.values[:number], *node.values[number + 1 :]]
                yield kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)
        case ast.BinOp() if place.inside and type(node.op) in _SWAPS:
            yield ast.BinOp(node.left, _SWAPS[type(node.op)][0](), node.right)  # type: ignore[arg-type] # an operator
        case ast.UnaryOp():
            yield node.operand


def _constants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield another constant of the same type."""
    if not isinstance(node, ast.Constant):
        return
    match node.value:
        case bool() as truth:
            yield ast.Constant(not truth)
        case int() | float() as number:
            yield ast.Constant(number + 1)
            if number:
                yield ast.Constant(number - 1)
        case str() as text if _TOKEN.fullmatch(text):
            yield ast.Constant(f"x{text}")


def _conditions(node: ast.AST, place: _Place) -> Iterator[ast.AST]:
    """Yield the opposite of a condition that has no operator of its own; a comprehension without one."""
    plain = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.NamedExpr)
    if place.field == "test" and plain:
        yield ast.UnaryOp(ast.Not(), node)  # type: ignore[arg-type] # an expression
    if place.field == "ifs":
        yield ast.Constant(True)
        if plain:
            yield ast.UnaryOp(ast.Not(), node)  # type: ignore[arg-type] # an expression


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield ``pass`` in place of a statement that has an effect and gives no value."""
    acts = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom)
    if acts or isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break):
        yield ast.Pass()
