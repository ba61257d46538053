"""Accounts, and the wallets of one: as lists have them. Nothing here changes a wallet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scrip.domain.credits.units import Unit
from scrip.domain.wallets.wallet import Snapshot
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Found, read_on
from scrip.services.engine.reads import reading_instant
from scrip.services.wallets import balances
from scrip.services.wallets.balances import Balance
from scrip.store import keys, lists
from scrip.store import wallets as stored_wallets
from scrip.store.tables import Tables

TOGETHER: Final = 25
"""Wallets that are read at a time: some need a few reads more."""


def accounts(
    tables: Tables, prefix: str, limit: int, after: str | None, only: str | None, pk: str = keys.ACCOUNTS
) -> Found[str, str]:
    """Returns a page of the accounts that have a wallet, an order or a profile, in the order of their ids.

    Args:
        pk: the partition key of another list of accounts.
        prefix: how their ids begin.
        only: the one account that the caller may see; None: all.
    """
    if only is not None:
        there = only.startswith(prefix) and lists.has(tables, pk, only)
        return Found([(only, only)] if there else [], None)
    last = prefix + lists.LAST
    places = lists.page(tables, pk, limit, first=prefix or lists.FIRST, last=last, after=after)
    return Found([(name, name) for name in places.found], places.following)


def wallets(
    executor: Executor, account: str, limit: int, after: str | None, moment: Moment
) -> Found[str, tuple[Balance, Unit]]:
    """Returns a page of an account's wallets, in the order of their units: the balance of each, and its unit.

    Raises:
        ClockBackwards: the test clock lies before the last entry of one.
        Contended, CatchingUp: as ``reads.read``.
    """
    tables = executor.tables

    def look(
        after: str | None, count: int
    ) -> tuple[Sequence[tuple[str, tuple[Balance, Unit] | None]], str | None]:
        places = lists.page(
            tables,
            keys.account(account),
            count,
            first=keys.wallet_of(lists.FIRST),
            last=keys.wallet_of(lists.LAST),
            after=None if after is None else keys.wallet_of(after),
        )
        units = [sk.removeprefix(keys.WALLET_OF) for sk in places.found]
        read = {
            one.unit: one for one in stored_wallets.load_many(tables, [(account, unit) for unit in units])
        }
        found: list[tuple[str, tuple[Balance, Unit] | None]] = []
        for unit_id in units:
            unit, wallet = executor.unit(unit_id), read[unit_id]
            now = reading_instant(wallet, moment)
            shown = balances.present(executor, WalletContext(unit, 0, Snapshot(wallet)), now)
            found.append((unit_id, (shown, unit)))
        following = places.following.removeprefix(keys.WALLET_OF) if places.following else None
        return found, following

    return read_on(look, after, limit, min(limit, TOGETHER))
