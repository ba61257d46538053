"""Countries of accounts, as they were at each instant: they name nobody, outlive profiles, and are what reports read.

Each item of the history says in its key since when an account is of which country. While there is a profile, the newest
is the profile's.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from scrip.store import keys, lists
from scrip.store.tables import Item, Tables

PAGE: Final = 100
"""Changes of an account's country that are read at a time: most have one or two."""


class Countries:
    """Countries of accounts at instants, each account's history read once.

    What is said after an account was asked for first is not in it.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._known: dict[str, tuple[list[int], list[str]]] = {}

    def at(self, account: str, instant: int) -> str | None:
        """Returns the country that an account was of at an instant (epoch milliseconds); None: none was said."""
        if account not in self._known:
            self._known[account] = self._read(account)
        since, named = self._known[account]
        place = bisect_right(since, instant)
        return named[place - 1] or None if place else None

    def _read(self, account: str) -> tuple[list[int], list[str]]:
        """Returns since when an account was of which country, oldest first."""
        found, after = list[str](), None
        while True:
            page = lists.page(self.tables, keys.countries(account), PAGE, after=after)
            found += page.found
            if (after := page.following) is None:
                break
        return [keys.instant_at(one) for one in found], [keys.named_at(one) for one in found]


def follow(tables: Tables, account: str, country: str | None, at: int) -> list[Item]:
    """Returns the transact items by which an account is of a country from ``at`` on; none where it is so already.

    Instants of the history rise, whatever the clocks say: one that lies before the newest comes right after it. It is
    to be written on the condition that nobody else wrote the account's profile meanwhile.
    """
    newest = lists.page(tables, keys.countries(account), 1, backwards=True).found
    before = keys.named_at(newest[0]) if newest else ""
    if before == (country or ""):
        return []
    since = max(at, keys.instant_at(newest[0]) + 1) if newest else at
    return [lists.add(tables, keys.countries(account), keys.at_instant(since, country or ""))]
