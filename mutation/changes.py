"""Changes of Python code that a test should notice: another comparison, a branch never taken, a statement left out.

Owns which changes there are. Texts for people, logs, types and decorators stay as they are: they decide nothing.
What is printed is an answer of a command, or a metric that an alarm waits for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One change of one file.

    Attributes:
        path: the file, from the project's root.
        line: the line of its beginning, from 1.
        start: where the replaced text begins, in bytes of the file; ``end``: where it ends.
    """

    path: str
    line: int
    start: int
    end: int
    text: str
    what: str

    def applied(self, source: bytes) -> bytes:
        """Returns the file with the change."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def shown(self, source: bytes) -> str:
        """Returns the change in one line, for people and for the list of accepted changes."""
        before = " ".join(source[self.start : self.end].decode().split())
        return f"{self.path}:{self.line}: {self.what}: {before} -> {' '.join(self.text.split()) or 'nothing'}"


_COMPARED: Final = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
}
_REPLACED: Final = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
}
_OPPOSITE: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_NAME: Final = re.compile(r"[a-z][a-z0-9_#.-]{0,30}#?")
"""Texts that the code goes by: keys, kinds, names of members."""
_FOR_PEOPLE: Final = frozenset({"log", "_log", "logger", "warnings", "debug", "info", "warning", "exception"})


def changes(path: Path, root: Path) -> Iterator[Change]:
    """Yields every change of a file, in the order of its text."""
    source = path.read_bytes()
    yield from sorted(set(_Finder(str(path.relative_to(root)), source).all()))


class _Finder:
    """Finds the changes of one file."""

    def __init__(self, path: str, source: bytes) -> None:
        self._path, self._source = path, source
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def all(self) -> Iterator[Change]:
        """Yields the changes of every statement that decides something."""
        yield from self._of(ast.parse(self._source))

    def _of(self, node: ast.AST) -> Iterator[Change]:
        if isinstance(node, ast.JoinedStr) or _for_people(node) or _is_type(node) or _is_strict(node):
            return
        yield from self._expression(node)
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            yield from self._condition(node.test)
        if isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield from self._condition(test)
        if isinstance(node, ast.stmt):
            yield from self._left_out(node)
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list", "type_params", "bases"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._of(child)

    def _expression(self, node: ast.AST) -> Iterator[Change]:
        match node:
            case ast.Compare():
                yield from self._comparison(node)
            case ast.BoolOp():
                yield from self._both(node)
            case ast.BinOp():
                yield from self._arithmetic(node)
            case ast.UnaryOp():
                yield from self._sign(node)
            case ast.Constant():
                yield from self._constant(node)
            case ast.Call():
                yield from self._call(node)

    def _comparison(self, node: ast.Compare) -> Iterator[Change]:
        sides = [node.left, *node.comparators]
        for one, operator, other in zip(sides, node.ops, sides[1:], strict=False):
            yield from self._between(one, other, *_COMPARED[type(operator)], "comparison")

    def _both(self, node: ast.BoolOp) -> Iterator[Change]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for one, other in zip(node.values, node.values[1:], strict=False):
            yield from self._between(one, other, rf"\b{old}\b", new, "logic")

    def _arithmetic(self, node: ast.BinOp) -> Iterator[Change]:
        if type(node.op) in _REPLACED and not any(map(_is_text, (node.left, node.right))):
            yield from self._between(node.left, node.right, *_REPLACED[type(node.op)], "arithmetic")

    def _sign(self, node: ast.UnaryOp) -> Iterator[Change]:
        if isinstance(node.op, ast.Not | ast.USub) and not isinstance(node.operand, ast.Constant):
            start, end = self._place(node)
            yield self._change(node, start, end, self._text(node.operand), "sign")

    def _constant(self, node: ast.Constant) -> Iterator[Change]:
        start, end = self._place(node)
        value = node.value
        if isinstance(value, bool):
            yield self._change(node, start, end, str(not value), "constant")
        elif isinstance(value, int):
            yield self._change(node, start, end, str(value + 1), "constant")
        elif isinstance(value, str) and _NAME.fullmatch(value) and self._source[start : start + 1] in b"\"'":
            yield self._change(node, start, end, repr(f"{value}x"), "text")

    def _call(self, node: ast.Call) -> Iterator[Change]:
        if isinstance(node.func, ast.Name) and node.func.id in _OPPOSITE:
            start, end = self._place(node.func)
            yield self._change(node.func, start, end, _OPPOSITE[node.func.id], "call")
        for keyword in node.keywords:
            if keyword.arg and not _is_strict(keyword):
                start, end = self._place(keyword)
                after = re.compile(rb"\s*,? ?").match(self._source, end)
                yield self._change(keyword, start, after.end() if after else end, "", "argument left out")

    def _condition(self, test: ast.expr) -> Iterator[Change]:
        start, end = self._place(test)
        for value in {"True", "False"} - {self._text(test)}:
            yield self._change(test, start, end, value, "condition")

    def _left_out(self, node: ast.stmt) -> Iterator[Change]:
        """Leaves a statement out that has an effect, or makes a loop go on."""
        effect = (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.YieldFrom | ast.Yield)
        ) or (isinstance(node, ast.Raise | ast.AugAssign | ast.Continue | ast.Break | ast.Delete))
        if isinstance(node, ast.Assign):
            effect = all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
        if effect:
            start, end = self._place(node)
            yield self._change(node, start, end, "pass", "statement left out")

    def _between(self, one: ast.expr, other: ast.expr, old: str, new: str, what: str) -> Iterator[Change]:
        start, end = self._place(one)[1], self._place(other)[0]
        if found := re.compile(old.encode()).search(self._source, start, end):
            yield self._change(other, *found.span(), new, what)

    def _change(self, node: ast.AST, start: int, end: int, text: str, what: str) -> Change:
        line = getattr(node, "lineno", 1)
        return Change(self._path, line, start, end, text, what)

    def _place(self, node: ast.AST) -> tuple[int, int]:
        lineno, column, last, end = (
            getattr(node, name) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")
        )
        return self._lines[lineno - 1] + column, self._lines[last - 1] + end

    def _text(self, node: ast.AST) -> str:
        start, end = self._place(node)
        return self._source[start:end].decode()


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_type(node: ast.AST) -> bool:
    """Tells whether a node is ``Literal[...]``: mypy and the declaration of the API judge it."""
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal"


def _is_strict(node: ast.AST) -> bool:
    """Tells whether a node is ``strict`` of a zip: it guards what no test can make, and ruff asks for it (B905)."""
    return isinstance(node, ast.keyword) and node.arg == "strict"


def _for_people(node: ast.AST) -> bool:
    """Tells whether a statement only says something: a docstring, a log line, ``if TYPE_CHECKING``, an ``__all__``."""
    if isinstance(node, ast.Expr):
        if isinstance(node.value, ast.Constant):
            return True
        if isinstance(node.value, ast.Call):
            names = {part.id for part in ast.walk(node.value.func) if isinstance(part, ast.Name)}
            names |= {part.attr for part in ast.walk(node.value.func) if isinstance(part, ast.Attribute)}
            return bool(names & _FOR_PEOPLE)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name):
        return node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.Import | ast.ImportFrom)
