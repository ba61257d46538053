"""What people do with Scrip, told from beginning to end, with every answer: kept in ``edge/data/answers.json``,
and the rows that the first leaves beside it.

``python -m tests.http.stories`` writes both anew; what that changes is to be read, line by line. A name that
chance makes (a payment's, an order's) is written as ``<topup 1>``, an instant of the real clock as ``<now>``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Final

from local.standins import dodo as dodo_standin
from local.standins import stripe as stripe_standin
from tests.aws import Deployment
from tests.http.stories.books import books
from tests.http.stories.keys import keys
from tests.http.stories.notices import notices
from tests.http.stories.overages import overages
from tests.http.stories.payments import payments
from tests.http.stories.prices import prices
from tests.http.stories.statements import statements
from tests.http.stories.story import FILE, ROWS, Json, Story, rows
from tests.http.stories.usage import usage
from tests.http.stories.wallets import wallets
from tests.http.stories.webhooks import webhooks

__all__ = ["ROWS", "STORIES", "Story", "kept", "rows", "told", "wallets"]

STORIES: Final[list[Callable[[Story], None]]] = [
    wallets,
    keys,
    payments,
    notices,
    webhooks,
    prices,
    usage,
    overages,
    statements,
    books,
]


def told(
    scrip: Deployment,
    dodo: dodo_standin.Provider,
    stripe: stripe_standin.Provider,
    tale: Callable[[Story], None],
) -> list[Json]:
    """Tells a story to a deployment whose tables are empty. Returns what was asked and answered."""
    story = Story(scrip, dodo, stripe)
    tale(story)
    return story.written()


def kept() -> Iterable[tuple[str, list[Json]]]:
    """Returns each story's name, and what was answered."""
    known: dict[str, list[Json]] = json.loads(FILE.read_text(encoding="utf-8"))
    return known.items()
