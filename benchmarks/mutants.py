"""Mutants of a module: one change each, to a comparison, an operator, a sign, a number, an operand or a check."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

#: Functions that only present figures, and fields that are types.
UNTOUCHED, TYPES = {"_repr_html_"}, {"annotation", "returns", "decorator_list"}
REVERSED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
SWAPPED = {
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "isfinite": "isinf",
    "isinf": "isfinite",
    "any": "all",
    "all": "any",
}
#: Functions whose first argument replaces their result.
DROPPED = {"abs", "_finite", "clip"}


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    Attributes
    ----------
    module : str
    line : int
    text : str
        The original line.
    change : str
        In words.
    source : str
        The whole module, changed.
    """

    module: str
    line: int
    text: str
    change: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        """The key of the mutant in ``ARGUED``, independent of its line number."""
        return self.module, self.text, self.change

    def __str__(self) -> str:
        """Return the mutant as one line of text."""
        return f"{self.module}:{self.line}: {self.change}: {self.text}"


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Make all mutants of a module.

    Parameters
    ----------
    module : str
        Name of the module, for messages.
    source : str
    """
    tree, lines = ast.parse(source), source.splitlines()
    for parent, field, position, node in list(_slots(tree)):
        for change, other in _variants(node):
            _put(parent, field, position, other)
            line = getattr(node, "lineno", 0)
            yield Mutant(module, line, lines[line - 1].strip(), change, ast.unparse(ast.fix_missing_locations(tree)))
            _put(parent, field, position, node)


def _slots(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """Yield every expression that may be changed, with its position."""
    for field, value in ast.iter_fields(node):
        if field in TYPES:
            continue
        for position, each in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(each, ast.AST) or isinstance(each, ast.JoinedStr):
                continue
            if isinstance(each, ast.FunctionDef) and each.name in UNTOUCHED:
                continue
            if isinstance(each, ast.If) and isinstance(each.test, ast.Name) and each.test.id == "TYPE_CHECKING":
                continue
            if isinstance(each, ast.expr):
                yield node, field, position, each
            yield from _slots(each)


def _put(parent: ast.AST, field: str, position: int | None, node: ast.expr) -> None:
    if position is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[position] = node


def _variants(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield the variants of an expression, each with its change in words."""
    match node:
        case ast.Compare(left, [operator], others) if type(operator) in REVERSED:
            yield _said(operator), ast.Compare(left, [_reversed(operator)], others)
        case ast.BinOp(left, operator, right) if type(operator) in REVERSED:
            yield _said(operator), ast.BinOp(left, _reversed(operator), right)
        case ast.BoolOp(operator, values):
            yield _said(operator), ast.BoolOp(_reversed(operator), values)
        case ast.UnaryOp(ast.USub() | ast.Not() | ast.Invert() as operator, operand):
            yield f"without {type(operator).__name__}", operand
        case ast.IfExp(_, body, otherwise):
            yield "always the first", body
            yield "always the second", otherwise
        case ast.Constant(bool() as value):
            yield f"{value} to {not value}", ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield f"{value} to {value + 1}", ast.Constant(value + 1)
        case ast.List() | ast.Tuple():
            yield from _shorter(node)
        case ast.Call(function, arguments, keywords):
            yield from _other_calls(function, arguments, keywords)


def _shorter(node: ast.List | ast.Tuple) -> Iterator[tuple[str, ast.expr]]:
    """Omit one entry of a list, or of a tuple that is a table."""
    entries = node.elts
    table = isinstance(node, ast.List) or any(isinstance(each, ast.Tuple | ast.Starred) for each in entries)
    if table and len(entries) > 1 and isinstance(node.ctx, ast.Load):
        for place, entry in enumerate(entries):
            yield f"without {ast.unparse(entry)}", type(node)([*entries[:place], *entries[place + 1 :]], ast.Load())


def _reversed(operator: ast.AST) -> Any:
    return REVERSED[type(operator)]()


def _other_calls(
    function: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword]
) -> Iterator[tuple[str, ast.expr]]:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in DROPPED and arguments:
        yield f"without {name}", arguments[0]
    if name in SWAPPED:
        other: ast.expr = ast.Name(SWAPPED[name], ast.Load())
        if isinstance(function, ast.Attribute):
            other = ast.Attribute(function.value, SWAPPED[name], ast.Load())
        yield f"{name} to {SWAPPED[name]}", ast.Call(other, arguments, keywords)


def _said(operator: ast.AST) -> str:
    return f"{type(operator).__name__} to {REVERSED[type(operator)].__name__}"
