"""Balances of wallets: the answers."""

from __future__ import annotations

from typing import Any

from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge.parameters import format_instant
from scrip.services.wallets.balances import Balance


def balance_view(balance: Balance, unit: Unit) -> dict[str, Any]:
    """A balance. A past one lacks ``next_expiry``: the ledger's totals do not say it."""
    view = totals_view(balance.account, balance.as_of, balance.totals, balance.status, balance.version, unit)
    if not balance.past:
        following = balance.next_expiry
        view["next_expiry"] = following and {
            "at": format_instant(following[0]),
            "amount": format_amount(following[1], unit.precision),
        }
    return view


def balance_after_view(entry: Entry, unit: Unit) -> dict[str, Any]:
    """The balance right after an entry."""
    return totals_view(entry.account, entry.at, totals_after(entry), entry.status, entry.seq, unit)


def totals_after(entry: Entry) -> Totals:
    """The totals after an entry. What went back to expired lots expires with the next: it is never shown as available
    (law 5)."""
    if "expiring" not in entry.extra:
        return entry.after
    steps, paid = map(int, entry.extra["expiring"])
    after = entry.after
    return after._replace(available=after.available - steps, paid=after.paid - paid)


def totals_view(
    account: str, as_of: int, totals: Totals, status: str, version: int, unit: Unit
) -> dict[str, Any]:
    precision = unit.precision
    return {
        "account": account,
        "unit": unit.unit,
        "as_of": format_instant(as_of),
        "total": format_amount(totals.total, precision),
        "available": format_amount(totals.available, precision),
        "held": format_amount(totals.held, precision),
        "frozen": format_amount(totals.frozen, precision),
        "pending": format_amount(totals.pending, precision),
        "owed": format_amount(totals.owed, precision),
        "by_category": {
            "paid": format_amount(totals.paid, precision),
            "free": format_amount(totals.available - totals.paid, precision),
        },
        "status": status,
        "version": version,
    }
