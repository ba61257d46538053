"""Docstrings of what is deployed: a function's begins with a verb and says more than its name does. And documents are
types: few of their members are asked for by a text.

What is not so everywhere yet is counted, and may only become better.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
FILES: Final = sorted(
    path for folder in ("layers", "functions", "command_line") for path in (ROOT / folder).rglob("*.py")
)
VERBS: Final = frozenset((Path(__file__).parent / "data" / "verbs.txt").read_text().split())
"""Base forms. A verb that is missing is added there."""

WITH_VERB: Final = 0.97
"""The least share of functions' docstrings that begin with a verb."""
REPETITIONS: Final = 0
"""The most docstrings that only repeat their function's name."""
CROWDED: Final = 2
"""The most docstrings whose first line is not followed by an empty one."""
SUBSCRIPTS: Final = 23
"""The most subscripts of documents."""

IRREGULAR: Final = {"does": "do", "goes": "go", "has": "have", "undoes": "undo", "redoes": "redo"}
NOUNS_TOO: Final = frozenset(
    [
        "balance",
        "book",
        "cost",
        "credit",
        "debit",
        "double",
        "hash",
        "index",
        "limit",
        "name",
        "open",
        "order",
        "page",
        "place",
        "point",
        "price",
        "rate",
        "refund",
        "total",
    ]
)
"""Verbs that count in the third person only: ``Credit steps for …`` says what there is."""
NOUN_BEFORE: Final = frozenset({"of", "that", "which", "whose", "who", "are", "is", "as", "not", "without"})
"""``Refunds of …``: what stands before these is a plural, not a verb."""
CLAIMING: Final = frozenset({"assert", "check", "ensure", "prove", "read", "return", "say", "show", "tell"})
BEFORE_CLAUSE: Final = frozenset({"that", "which", "who", "whose", "as"})
"""Verbs that stand before these too: ``Checks that …``, ``Returns which …``."""
FILLERS: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "of",
        "on",
        "one",
        "or",
        "that",
        "the",
        "their",
        "these",
        "this",
        "to",
        "what",
        "which",
        "whose",
        "with",
        "get",
        "gets",
        "give",
        "gives",
        "return",
        "returns",
    ]
)


class Docstring(NamedTuple):
    """A function's docstring, and what stands around it."""

    place: str
    name: str
    parameters: tuple[str, ...]
    text: str


def docstrings() -> Iterator[Docstring]:
    """Yields the docstrings of every function and method."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (text := ast.get_docstring(node)):
                asked = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield Docstring(place, node.name, tuple(one.arg for one in asked), text)


def begins_with_a_verb(text: str) -> bool:
    """Tells whether a text's first word is a verb, in the imperative or the third person."""
    words = re.findall(r"[\w'-]+", text)
    if not words or not text[0].isalpha():
        return False
    first = words[0].lower()
    if first in VERBS - NOUNS_TOO:
        return True
    bases = {
        IRREGULAR.get(first, ""),
        re.sub("ies$", "y", first),
        re.sub("s$", "", first),
        re.sub("es$", "", first),
    }
    second = words[1].lower() if len(words) > 1 else ""
    if second in BEFORE_CLAUSE and bases & CLAIMING:
        return True
    return first.endswith("s") and bool(bases & VERBS) and second not in NOUN_BEFORE


def only_repeats(docstring: Docstring) -> bool:
    """Tells whether a docstring says nothing that the function's name and parameters do not."""
    known = {
        _stem(word) for name in (docstring.name, *docstring.parameters) for word in name.lower().split("_")
    }
    said = {_stem(word) for word in re.findall(r"[a-z]+", docstring.text.lower()) if word not in FILLERS}
    return said <= known


def _stem(word: str) -> str:
    return re.sub("(ies|es|s|ed|ing|y|e)$", "", word)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Grants credits.", True),
        ("Returns what is left.", True),
        ("Carries the fraction.", True),
        ("Undoes a burn.", True),
        ("Look again.", True),
        ("Checks that the sums agree.", True),
        ("Steps that are left.", False),
        ("Whether somebody may.", False),
        ("The lots of a wallet.", False),
        ("Refunds of a payment.", False),
        ("Credit steps for a decimal text.", False),
        ("``POST /v1/keys``.", False),
    ],
)
def test_a_verb_is_known_where_one_is(text: str, verb: bool) -> None:
    assert begins_with_a_verb(text) == verb


@pytest.mark.parametrize(
    ("name", "text", "repeats"),
    [
        ("order_of", "The order.", True),
        ("get_wallet", "Gets a wallet.", True),
        ("get_wallet", "Reads a wallet consistently.", False),
    ],
)
def test_a_repetition_is_known_where_one_is(name: str, text: str, repeats: bool) -> None:
    assert only_repeats(Docstring("", name, (), text)) == repeats


def test_functions_docstrings_begin_with_a_verb() -> None:
    others = [f"{one.place} {one.name}: {one.text.splitlines()[0]}" for one in docstrings()]
    without = [one for one in others if not begins_with_a_verb(one.partition(": ")[2])]
    share = 1 - len(without) / len(others)
    assert share >= WITH_VERB, f"{share:.1%} begin with a verb; not so: {without}"


def test_no_docstring_only_repeats_its_function() -> None:
    found = [f"{one.place} {one.name}: {one.text}" for one in docstrings() if only_repeats(one)]
    assert len(found) <= REPETITIONS, found


def test_a_docstrings_first_line_stands_alone() -> None:
    """What follows it comes after an empty line."""
    crowded = [one for one in docstrings() if "\n" in one.text and one.text.splitlines()[1]]
    found = [f"{one.place} {one.name}: {one.text.splitlines()[0]}" for one in crowded]
    assert len(found) <= CROWDED, f"{len(found)}: {found}"


# Documents

DOCUMENTS: Final = frozenset(
    {"body", "order", "pack", "promotion", "agreed", "bonus", "document", "price", "unit_price", "recurring"}
    | {"refund", "stored", "present", "note", "notes"}
)
"""Names that documents of the catalogue and of payments have where they are dictionaries."""
CODEC: Final = re.compile(r"_?(from|to|read|parse)_")
"""Functions that turn a document into a type, or back: there its members have names as texts."""


def subscripts() -> Iterator[str]:
    """Yields every ``document["member"]`` outside the store, which alone knows the attributes of tables."""
    for path in FILES:
        if "store" not in path.relative_to(ROOT).parts:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in _outside_codecs(tree):
                if isinstance(node, ast.Subscript) and _document(node) in DOCUMENTS and _is_text(node.slice):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"


def _outside_codecs(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.FunctionDef) and CODEC.match(child.name)):
            yield child
            yield from _outside_codecs(child)


def _document(node: ast.expr) -> str:
    """Returns the name of what a chain of subscripts begins at."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_documents_are_types() -> None:
    found = list(subscripts())
    assert len(found) <= SUBSCRIPTS, f"{len(found)}: {found}"
