"""Views that the document cannot be made of, or only in one way: what tests of openapi/views.py read."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from scrip.domain.credits.units import OverCapture
from scrip.domain.credits.units import OverCapture as Excess

Colour = Literal["red", "green"]
"""What it looks like."""
Silent = Literal["one", "two"]
Size = int | str
"""How large it is: a number, or a word."""


class PartView(TypedDict):
    """A part."""

    colour: Colour
    """What it is painted in."""
    size: NotRequired[Size | None]
    """Null where nobody has measured it."""


# A member that is a keyword of Python can be declared in no other way.
_From = TypedDict("_From", {"from": "str"})
"""Where it was made."""


class WholeView(_From):
    """A whole."""

    parts: list[PartView]
    """What it is made of."""


class WithoutDocstringView(TypedDict):
    """Has a member of which nobody knows what it means."""

    member: str


class AnonymousValuesView(TypedDict):
    """Has a set of values without a name."""

    member: Literal["one", "two"]
    """One of them."""


class AnonymousChoiceView(TypedDict):
    """Has a choice of types without a name."""

    member: int | str
    """One of them."""


class SilentValuesView(TypedDict):
    """Has a set of values that nobody has explained."""

    member: Silent
    """One of them."""


class TwoNamesView(TypedDict):
    """Has one set of values under two names."""

    one: OverCapture
    """Under its own."""
    other: Excess
    """Under another."""
