"""Pages of lists: as many items as fit into one answer, and the cursor after them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from scrip.http.edge import parameters
from scrip.http.edge.parameters import Query
from scrip.services.engine.paging import Found

NAME: Final = re.compile(r"[A-Za-z0-9._:@|#-]{1,300}")
"""A place in a list by names, as a cursor brings it back."""
PLACE: Final = re.compile(r"(topup#|payment#|dunning#)?[0-9]{15}#.{1,300}")
"""A place in a list by instants."""
T = TypeVar("T")
V = TypeVar("V")


def shown(found: Found[Any, T], show: Callable[[T], V]) -> tuple[list[V], str | None]:
    """Shows what was found, no more of it than fits into one answer; and returns the cursor of the next page."""
    items = [show(one) for _, one in found.items]
    count = parameters.fitting(items)
    last = found.items[count - 1][0] if count < len(items) else found.following
    if last is None:
        return items, None
    return items[:count], parameters.make_cursor(*(last if isinstance(last, tuple) else (last,)))


def after(query: Query, form: re.Pattern[str] = NAME) -> str | None:
    """Reads the place that a list goes on after; None for its beginning. Raises ``InvalidRequest``."""
    place = query.cursor(form)
    return None if place is None else str(place[0])
