"""Balances of wallets: the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from scrip.domain.credits.entries import Entry, Status, Totals
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.funds import Funds
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import format_instant
from scrip.services.wallets.balances import Balance

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.domain.credits.entries import Status as WalletStatus
    from scrip.http.edge.forms import At, Count, Credits, Currency, Name, SignedCredits


class ByCategoryView(TypedDict):
    """`available`, split."""

    paid: Credits
    """Of lots with cost basis."""
    free: Credits
    """Of lots without."""


class BalanceAfterView(TypedDict):
    """A wallet right after an entry. `total` = available + held + frozen + pending - owed."""

    account: Name
    """Whose wallet it is."""
    unit: Name
    """What its credits are counted in."""
    as_of: At
    """The instant it is of."""
    total: SignedCredits
    """All there is, less what is owed."""
    available: Credits
    """What can be spent now."""
    held: Credits
    """Set aside by open holds."""
    frozen: Credits
    """Under open dispute or pending refund."""
    pending: Credits
    """In lots that have not begun."""
    owed: Credits
    """Debt: taken back, or burned by allowed overdraft, beyond what there was."""
    by_category: ByCategoryView
    """`available` by how it was come by."""
    status: WalletStatus
    """`frozen`: no credits leave it until it is unfrozen. `closed`: for ever."""
    version: Count
    """`seq` of the last entry; 0 for a wallet never seen."""


class NextExpiryView(TypedDict):
    """The next time that available credits expire."""

    at: At
    """When."""
    amount: Credits
    """How many."""


class FundsView(TypedDict):
    """What became of the money of a wallet's credits, in minor units of one currency. `paid` + `bad_debt` =
    `recognised` + `deferred` + `refunded` + `breakage` + `moved`."""

    currency: Currency
    """ISO 4217."""
    paid: Count
    """For credits granted here, without what was a mistake. Money kept as credit counts again."""
    recognised: int
    """Earned, as credits were spent, less what was given back of it."""
    deferred: int
    """Not earned yet: of credits that are still there."""
    refunded: int
    """Given back, or kept as credit."""
    breakage: Count
    """Earned without being spent: of credits that expired, were voided or debited."""
    moved: int
    """Of credits that went to other wallets, less those that came from them."""
    bad_debt: Count
    """Given back of credits whose money was another lot's by then."""


class BalanceView(BalanceAfterView):
    """A wallet as if all that is due were booked. A wallet never seen has zeros. `spendable`, `overdraft_left`, `money`
    and `next_expiry` are not there for an instant before the last entry: the ledger's totals do not say them."""

    spendable: NotRequired[Credits]
    """What a burn could take now: 0 where the wallet is not active; overdraft and the share of promotional credits
    count, and lots with a scope where `meter` names one of theirs."""
    overdraft_left: NotRequired[Credits]
    """The debt that burns may still make."""
    money: NotRequired[list[FundsView] | None]
    """What became of the money, by currency. Null where it was not counted from the wallet's beginning."""
    next_expiry: NotRequired[NextExpiryView | None]
    """Null where nothing will expire."""


PRESENT: Final[tuple[Literal["spendable", "overdraft_left", "money", "next_expiry"], ...]] = (
    "spendable",
    "overdraft_left",
    "money",
    "next_expiry",
)
"""Members that a past balance lacks."""


def balance_view(balance: Balance, unit: Unit) -> BalanceView:
    """Shows a balance. A past one has its totals alone."""
    totals = totals_view(
        balance.account, balance.as_of, balance.totals, balance.status, balance.version, unit
    )
    view: BalanceView = {
        **totals,
        "spendable": format_amount(balance.spendable, unit.precision),
        "overdraft_left": format_amount(balance.overdraft_left, unit.precision),
        "money": None if balance.funds is None else [funds_view(one) for one in balance.funds],
        "next_expiry": _next_expiry_view(balance.next_expiry, unit),
    }
    if balance.past:
        for name in PRESENT:
            del view[name]
    return view


def funds_view(funds: Funds) -> FundsView:
    """Shows what became of the money in one currency."""
    return {
        "currency": funds.currency,
        "paid": funds.paid,
        "recognised": funds.recognised,
        "deferred": funds.deferred,
        "refunded": funds.refunded,
        "breakage": funds.breakage,
        "moved": funds.moved,
        "bad_debt": funds.bad_debt,
    }


def balance_after_view(entry: Entry, unit: Unit) -> BalanceAfterView:
    """Shows the balance as it was right after an entry."""
    return totals_view(entry.account, entry.at, totals_after(entry), entry.status, entry.seq, unit)


def totals_after(entry: Entry) -> Totals:
    """Returns the totals after an entry, in steps.

    What went back to expired lots expires with the next entry, and is never shown as available (law 5).
    """
    if "expiring" not in entry.extra:
        return entry.after
    steps, paid = map(int, entry.extra["expiring"])
    after = entry.after
    return after._replace(available=after.available - steps, paid=after.paid - paid)


def totals_view(
    account: str, as_of: int, totals: Totals, status: Status, version: int, unit: Unit
) -> BalanceAfterView:
    """Shows totals, which are steps, as decimals of the unit."""
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


def _next_expiry_view(following: tuple[int, int] | None, unit: Unit) -> NextExpiryView | None:
    if following is None:
        return None
    return {"at": format_instant(following[0]), "amount": format_amount(following[1], unit.precision)}
