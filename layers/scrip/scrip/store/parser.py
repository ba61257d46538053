"""DynamoDB's answers, parsed by botocore's own parser; but an attribute's value, a text, a number or bytes, at once.

Botocore looks through the ten kinds that a value may be of for each value, which is most of what a read of thousands of
items costs. Everything else of an answer, and every other kind of value, is botocore's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from botocore.parsers import JSONParser, ResponseParserFactory

PLAIN: Final = ("S", "N")
"""Kinds whose value is as it comes: JSON has them as texts."""
ITEMS: Final = ("AttributeMap", "Key", "ItemCollectionKeyAttributeMap")
"""Shapes that are attributes by their names."""


class ItemParser(JSONParser):
    """Botocore's parser of JSON answers, with a short way for attributes."""

    _blob_parser: Any
    _handle_structure: Any

    def _handle_map(self, shape: Any, value: Any) -> Any:
        """Returns a map; one of attributes by the short way."""
        if shape.name not in ITEMS or not isinstance(value, dict):
            return super()._handle_map(shape, value)  # type: ignore[misc]
        values = shape.value
        return {name: self._attribute(values, one) for name, one in value.items()}

    def _attribute(self, shape: Any, value: Mapping[str, Any]) -> Any:
        """Returns an attribute's value; of any other than these kinds as botocore does."""
        if len(value) == 1:
            ((kind, content),) = value.items()
            if kind in PLAIN and content is not None:
                return value
            if kind == "B" and content is not None:
                return {kind: self._blob_parser(content)}
        return self._handle_structure(shape, value)


class ItemParsers(ResponseParserFactory):
    """Botocore's parsers by protocol, with that of items for JSON."""

    def create_parser(self, protocol_name: str) -> Any:
        """Returns what botocore has for a protocol; of JSON, the one with the short way."""
        found = super().create_parser(protocol_name)
        if protocol_name == "json":
            found.__class__ = ItemParser
        return found
