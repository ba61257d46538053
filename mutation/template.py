"""Changes of ``template.yaml`` that a test should notice: another number, an entry left out, another name.

Owns which changes there are. Descriptions stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from mutation.changes import Change

_FOR_PEOPLE: Final = frozenset({"Description", "Label", "AlarmDescription", "ConstraintDescription", "Sid"})
"""A statement's own name is one of them: nothing refers to it."""
_SWAPPED: Final = {
    "true": "false",
    "false": "true",
    "Allow": "Deny",
    "Deny": "Allow",
    "Retain": "Delete",
    "Delete": "Retain",
    "GreaterThanThreshold": "LessThanThreshold",
    "GreaterThanOrEqualToThreshold": "GreaterThanThreshold",
    "notBreaching": "breaching",
    "breaching": "notBreaching",
    "Sum": "Maximum",
    "Maximum": "Sum",
    "StringEquals": "StringNotEquals",
    "ArnEquals": "ArnNotEquals",
}


def changes(path: Path, root: Path) -> Iterator[Change]:
    """Yields every change of a template, in the order of its text."""
    text = path.read_text(encoding="utf-8")
    finder = _Finder(str(path.relative_to(root)), text)
    root_node = yaml.compose(text)
    yield from sorted(set(finder.of(root_node)))


class _Finder:
    """Finds the changes of one template."""

    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text

    def of(self, node: yaml.Node | None) -> Iterator[Change]:
        """Yields the changes of a node and of all below it."""
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value in _FOR_PEOPLE:
                    continue
                if len(node.value) > 1 and not node.flow_style:
                    yield self._without(key, value)
                yield from self.of(value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                if len(node.value) > 1 and not node.flow_style:
                    yield self._without(item, item)
                yield from self.of(item)
        elif isinstance(node, yaml.ScalarNode):
            yield from self._scalar(node)

    def _scalar(self, node: yaml.ScalarNode) -> Iterator[Change]:
        value = node.value
        start, end = node.start_mark.index, node.end_mark.index
        if node.style in ("|", ">"):
            return
        if value in _SWAPPED:
            new = _SWAPPED[value]
        elif re.fullmatch(r"\d+", value):
            new = str(int(value) + 1)
        elif node.tag in ("!Ref", "!GetAtt", "!Sub", "!If"):
            new = self._text[start:end].replace(value, f"{value}x") if value in self._text[start:end] else ""
        elif re.fullmatch(r"[A-Za-z][\w:.*/#-]+", value):
            new = f"{value}x"
        else:
            return
        if new:
            yield self._change(start, end, new, "value")

    def _without(self, first: yaml.Node, last: yaml.Node) -> Change:
        """Leaves whole lines out: a member with all below it, or an item."""
        start = self._text.rfind("\n", 0, first.start_mark.index) + 1
        end = self._text.find("\n", _end(last) - 1) + 1 or len(self._text)
        return self._change(start, end, "", "left out")

    def _change(self, start: int, end: int, text: str, what: str) -> Change:
        line = self._text.count("\n", 0, start) + 1
        first, last = (len(self._text[:place].encode()) for place in (start, end))
        return Change(self._path, line, first, last, text, what)


def _end(node: yaml.Node) -> int:
    """Returns where a node's own text ends. A block's mark is where the next one begins, after comments."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return node.end_mark.index
