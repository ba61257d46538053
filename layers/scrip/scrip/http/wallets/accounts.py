"""Accounts and their wallets, as lists have them: the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrip.domain.credits.units import Unit
from scrip.http.edge import pages, parameters
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import Query
from scrip.http.wallets.balances import BalanceView, balance_view
from scrip.services.engine.paging import Found
from scrip.services.wallets.balances import Balance

if TYPE_CHECKING:
    from scrip.http.edge.forms import Name


class AccountView(TypedDict):
    """A customer that has a wallet or an order, or has or had a profile."""

    account: Name
    """The customer, by your own id for them."""


class AccountPageView(TypedDict):
    """Accounts, in the order of their ids."""

    items: list[AccountView]
    """The accounts."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class WalletPageView(TypedDict):
    """The wallets of an account, in the order of their units, each as if all that is due were booked."""

    items: list[BalanceView]
    """The balance of each."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def account_prefix(query: Query) -> str:
    """Reads how the ids of accounts begin; empty where that is not said. Raises ``InvalidRequest``."""
    text = query.text("prefix") or ""
    if text:
        parameters.check_identifier(text, "prefix")
    return text


def account_page_view(found: Found[str, str]) -> AccountPageView:
    """Shows accounts."""
    items, cursor = pages.shown(found, account_view)
    return {"items": items, "next_cursor": cursor}


def account_view(account: str) -> AccountView:
    """Shows an account."""
    return {"account": account}


def wallet_page_view(found: Found[str, tuple[Balance, Unit]]) -> WalletPageView:
    """Shows the wallets of an account."""
    items, cursor = pages.shown(found, lambda one: balance_view(*one))
    return {"items": items, "next_cursor": cursor}
