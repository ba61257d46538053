"""What is wrong with a body, in words for the person who has to correct it.

Owns the texts, one for each kind of mistake that pydantic finds, and one for each pattern. Does not own the patterns,
nor what a body's own validators say. No text repeats what was sent, but a number: it may be anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import StringConstraints, ValidationError

from scrip.domain.credits.amounts import AMOUNT_PATTERN
from scrip.http.edge.parameters import ERRORS_TOLD, shown

_TEXTS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not a member of this request: leave it out",
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "json_invalid": "is not valid JSON: {error}",
}
"""By pydantic's own names of mistakes. Others keep pydantic's text."""
_PATTERNS: Final[dict[str, str]] = {}
"""What a text must be, by the pattern that says so to a machine."""


def matching(pattern: str, said: str) -> StringConstraints:
    """Returns the form of texts that match ``pattern``. ``said`` says to people what they must be: ``must be …``.

    pydantic's own engine matches it; there $ is the end of the text and nothing before it.
    """
    _PATTERNS[pattern] = said
    return StringConstraints(pattern=pattern)


def no_number(value: Any) -> Any:
    """Returns what was sent for a decimal string, unless it is a number.

    Raises:
        ValueError: it is one; the message shows the string to send instead.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = repr(value) if abs(value) < 10**28 else ""
        raise ValueError(f'send a decimal string, "{text if re.fullmatch(AMOUNT_PATTERN, text) else "30"}"')
    return value


def mistakes(error: ValidationError) -> list[tuple[str, str]]:
    """Returns the field and the message of each mistake, as many as one answer tells."""
    return [_line(dict(one)) for one in error.errors(include_url=False)[:ERRORS_TOLD]]


def _line(error: Mapping[str, Any]) -> tuple[str, str]:
    """Returns one mistake of pydantic's. A rule over several fields names the first in its own text."""
    # A mistake in a name is told of what has the name.
    place, context = [str(part) for part in error["loc"] if part != "[key]"], error.get("ctx", {})
    message = str(error["msg"])
    if error["type"] == "value_error":
        field, colon, rest = str(context["error"]).partition(": ")
        if colon and re.fullmatch(r"[a-z0-9_.]+", field):
            place, message = [*place, field], rest
        else:
            message = str(context["error"])
    elif error["type"] == "string_pattern_mismatch":
        message = _PATTERNS[context["pattern"]]
    elif context.get("min_length") == 1:
        message = "must not be empty"
    elif error["type"] in _TEXTS:
        message = _TEXTS[error["type"]].format_map(context)
    return shown(".".join(place).removesuffix(".")) or "body", message
