"""Answers: the TypedDicts of ``scrip.http`` as schemas. What a member means stands under it, as a docstring.

A class ``HoldView`` is the component ``Hold``. A set of values (``Literal``) and a choice of types are components too,
under the name that an annotation uses; without a name they are refused, since a client's generator would make one up.
Names that a module imports for types alone are followed by its source: nothing that is deployed runs them.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from openapi.bodies import Undeclared
from openapi.problems import PREFIX

Json = dict[str, Any]

PLAIN: Final[dict[str, Json]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "Any": {},
}
SUFFIX: Final = "View"


def name_of(view: type) -> str:
    """Returns the name of a view's component."""
    return _component(view.__name__)


def schemas(views: Iterable[type]) -> Json:
    """Returns the components of these views, and of all they hold.

    Raises:
        Undeclared: a member without docstring, or a type without a name.
    """
    made = Components()
    made.add(views)
    return made.schemas


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a view, as its source says it.

    Attributes:
        name: as the answer has it.
        form: the expression of its type, ``NotRequired`` taken off.
        said: its docstring; empty where there is none.
        always: whether every answer has it.
        module: where the expression's names are known.
    """

    name: str
    form: ast.expr
    said: str
    always: bool
    module: Module


def members(view: str, module: Module) -> Iterator[Member]:
    """Yields the members of a view, those of the views that it extends first."""
    module, view, node, said = module.defined(view)
    if isinstance(node, ast.ClassDef):
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id != "TypedDict":
                yield from members(base.id, module)
        for statement, text in _with_docstrings(node.body):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                yield _member(statement.target.id, statement.annotation, text, module)
        return
    # TypedDict("…", {"as": …}): the only way to say a member that is a keyword. The docstring is that member's.
    for key, form in _keywords(node):
        yield _member(key, form, said, module)


class Module:
    """A module with its source: docstrings are there alone, and names that are imported for types."""

    def __init__(self, name: str) -> None:
        module = importlib.import_module(name)
        self.name, self.running = name, vars(module)
        self._imported: dict[str, tuple[str, str]] = {}
        self._defined: dict[str, tuple[ast.stmt, str]] = {}
        self._read(ast.parse(inspect.getsource(module)).body)

    def defined(self, name: str) -> tuple[Module, str, ast.stmt, str]:
        """Returns where a name is defined, what it is called there, how, and its docstring."""
        if name in self._imported:
            origin, called = self._imported[name]
            return module_of(origin).defined(called)
        if name not in self._defined:
            raise Undeclared(f"{self.name}: {name} is not known there")
        return (self, name, *self._defined[name])

    def body(self, name: str) -> list[ast.stmt]:
        """Returns the statements of a class of this module; none of what is no class in its source."""
        statement = self._defined[name][0] if name in self._defined else None
        return statement.body if isinstance(statement, ast.ClassDef) else []

    def values(self, name: str) -> list[Any]:
        """Returns the values of a ``Literal`` by its name; none where the name is of something else."""
        ours = name in self._defined or self._imported.get(name, ("", ""))[0].startswith("scrip.")
        found = self.running.get(name)
        return list(get_args(found)) if ours and get_origin(found) is Literal else []

    def _read(self, body: list[ast.stmt]) -> None:
        for statement, said in _with_docstrings(body):
            if isinstance(statement, ast.ImportFrom) and statement.module:
                for alias in statement.names:
                    self._imported[alias.asname or alias.name] = (statement.module, alias.name)
            elif isinstance(statement, ast.ClassDef):
                self._defined[statement.name] = (statement, ast.get_docstring(statement) or "")
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self._defined[statement.targets[0].id] = (statement, said)
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                self._defined[statement.target.id] = (statement, said)
            elif isinstance(statement, ast.If) and isinstance(statement.test, ast.Name):
                self._read(statement.body)
                self._read(statement.orelse)


class Components:
    """Components that are made of the source, each once.

    Attributes:
        schemas: by name.
    """

    def __init__(self) -> None:
        self.schemas: Json = {}
        self._origins: dict[str, tuple[str, str]] = {}
        self._names: dict[tuple[str, str], str] = {}

    def add(self, views: Iterable[type]) -> None:
        """Makes the components of these views, and of all they hold.

        Raises:
            Undeclared: a member without docstring, or a type without a name.
        """
        for view in views:
            self.named(view.__name__, module_of(view.__module__))

    def values(self, kind: type) -> Iterator[tuple[str, list[Any], Json]]:
        """Yields the sets of values that a class's annotations name: the member, the values, and the reference to their
        component."""
        for one in reversed(kind.__mro__):
            if not one.__module__.startswith("scrip."):
                continue
            module = module_of(one.__module__)
            for statement in module.body(one.__name__):
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    for name in _names(statement.annotation):
                        values = module.values(name)
                        if len(values) > 1:
                            yield statement.target.id, values, self.named(name, module)

    def named(self, name: str, module: Module) -> Json:
        """Returns the schema of what a name of a module stands for: for a component, a reference to it."""
        if name in PLAIN:
            return PLAIN[name]
        origin, called, node, said = module.defined(name)
        if isinstance(node, ast.ClassDef):
            return self._component(name, origin, called, lambda: self._object(called, origin, said))
        value = origin.running.get(called)
        if get_origin(value) is Annotated:
            return _form(value)
        if get_origin(value) is Literal:
            return self._component(name, origin, called, lambda: _values(value, said))
        if name.endswith(SUFFIX):
            return {
                "$ref": PREFIX + _component(name)
            }  # of ``Mapping[str, Any]``: a component that others make
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            union = node.value
            return self._component(name, origin, called, lambda: self._union(union, origin, said))
        raise Undeclared(f"{origin.name}: nobody knows what {called} is in an answer")

    def _component(self, name: str, origin: Module, called: str, make: Any) -> Json:
        component, here = _component(name), (origin.name, called)
        known = self._origins.setdefault(component, here)
        if known != here:
            raise Undeclared(f"{known[0]} and {origin.name} both define {component}: import one `as` another")
        other = self._names.setdefault(here, component)
        if other != component:
            raise Undeclared(
                f"{origin.name}.{called} is called {other} and {component}: import it as one of them"
            )
        if component not in self.schemas:
            self.schemas[component] = {}  # so that it may hold itself
            made = make()
            if not made["description"]:
                raise Undeclared(f"{origin.name}.{called} has no meaning: say it in its docstring")
            self.schemas[component] = made
        return {"$ref": PREFIX + component}

    def _object(self, view: str, module: Module, said: str) -> Json:
        properties, required = {}, []
        for member in members(view, module):
            if not member.said:
                raise Undeclared(
                    f"{module.name}.{view}.{member.name} has no meaning: say it in its docstring"
                )
            properties[member.name] = {**self._schema(member.form, member.module), "description": member.said}
            required += [member.name] * member.always
        return {
            "type": "object",
            "description": plain(said),
            "required": required,
            "properties": properties,
        }

    def _union(self, node: ast.expr, module: Module, said: str) -> Json:
        return {"anyOf": [self._schema(part, module) for part in _parts(node)], "description": plain(said)}

    def _schema(self, node: ast.expr, module: Module) -> Json:
        """Returns the schema of a type's expression."""
        if isinstance(node, ast.Constant) and node.value is None:
            return PLAIN["None"]
        if isinstance(node, ast.Name):
            return self.named(node.id, module)
        if isinstance(node, ast.BinOp):
            parts = [self._schema(part, module) for part in _parts(node)]
            if len(parts) == 2 and PLAIN["None"] in parts:
                return {"anyOf": parts}
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if node.value.id in ("list", "Sequence"):
                return {"type": "array", "items": self._schema(arguments[0], module)}
            if node.value.id in ("dict", "Mapping"):
                return {"type": "object", "additionalProperties": self._schema(arguments[1], module)}
            if node.value.id == "Annotated":
                return {**self._schema(arguments[0], module), **ast.literal_eval(arguments[1])}
            if node.value.id == "Literal" and len(arguments) == 1 and isinstance(arguments[0], ast.Constant):
                value = arguments[0].value
                return {**PLAIN[type(value).__name__], "const": value}
        raise Undeclared(f"{module.name}: {ast.unparse(node)} has no name: define one, with a docstring")


@cache
def module_of(name: str) -> Module:
    """Returns a module with its source, read once."""
    return Module(name)


def plain(docstring: str) -> str:
    """Returns a docstring as the document has it: one line a paragraph, and Markdown's quotes."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(docstring)).replace("``", "`")


def _component(name: str) -> str:
    return name.removesuffix(SUFFIX)


def _member(name: str, form: ast.expr, said: str, module: Module) -> Member:
    if isinstance(form, ast.Constant) and isinstance(form.value, str):
        form = ast.parse(form.value, mode="eval").body
    always = True
    if (
        isinstance(form, ast.Subscript)
        and isinstance(form.value, ast.Name)
        and form.value.id == "NotRequired"
    ):
        form, always = form.slice, False
    return Member(name, form, plain(said), always, module)


def _with_docstrings(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Yields statements, each with the text under it."""
    for number, statement in enumerate(body):
        text = body[number + 1] if number + 1 < len(body) else None
        constant = text.value if isinstance(text, ast.Expr) else None
        said = constant.value if isinstance(constant, ast.Constant) else ""
        yield statement, said if isinstance(said, str) else ""


def _keywords(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    call = node.value if isinstance(node, ast.Assign) else None
    fields = call.args[1] if isinstance(call, ast.Call) and len(call.args) == 2 else None
    if not isinstance(fields, ast.Dict):
        raise Undeclared(f"{ast.unparse(node)} is no view")
    for key, form in zip(fields.keys, fields.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, form


def _names(node: ast.expr) -> list[str]:
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]


def _parts(node: ast.expr) -> list[ast.expr]:
    """Returns the types of a choice, ``A | B | C``."""
    return [*_parts(node.left), *_parts(node.right)] if isinstance(node, ast.BinOp) else [node]


def _form(value: Any) -> Json:
    """Returns the schema of ``Annotated[type, keywords]``."""
    base, *keywords = get_args(value)
    made = dict(PLAIN[base.__name__])
    for some in keywords:
        made |= some if isinstance(some, Mapping) else {}
    return made


def _values(value: Any, said: str) -> Json:
    values = get_args(value)
    return {**PLAIN[type(values[0]).__name__], "enum": list(values), "description": plain(said)}
