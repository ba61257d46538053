"""Countries of accounts, as they were at each instant: they name nobody, outlive profiles, and are what reports read.

Each item of the history says in its key since when an account is of which country. While there is a profile, the newest
is the profile's.
"""

from __future__ import annotations

from scrip.store import keys, lists
from scrip.store.tables import Item, Tables


def country_at(tables: Tables, account: str, at: int) -> str | None:
    """Returns the country that an account was of at an instant (epoch milliseconds); None: none was said."""
    found = lists.page(
        tables, keys.countries(account), 1, last=keys.at_instant(at, lists.LAST), backwards=True
    ).found
    return keys.named_at(found[0]) or None if found else None


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
