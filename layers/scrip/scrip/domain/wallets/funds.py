"""What became of the money of a wallet's credits: running sums by currency, which each entry moves on (law 8).

Where an entry's money went follows from the entry alone. Does not own what a lot's credits are worth
(``credits.lots``), nor how the sums are stored (``funds_codec``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from scrip.domain.credits.entries import Draw, Entry

TOUCHING: Final = ("freeze", "thaw")
"""Kinds of entries whose draws name credits that stay in their lot."""
REASONS: Final = {
    "expiry": "expired",
    "void": "voided",
    "adjustment": "debited",
    "rollover": "moved",
    "transfer_out": "moved",
}
"""Where the money goes when credits leave a lot (law 8), by kind of entry. For all other kinds it is recognised."""
UNUSED: Final = ("expired", "voided", "debited")
"""The reasons that are breakage: nobody spent the credits."""
MOVING: Final = ("transfer_in", "rollover")
"""Kinds of entries that make a lot of what was another's: nothing is paid for it anew."""
MISTAKE: Final = "mistake"
"""What the entry of a void says of a lot that should never have been there: its cost basis was never paid.

It is also the kind of sidecar that says how much of a lot was taken back so, under the lot's sequence, where that was
not all of it at once.
"""


class Funds(NamedTuple):
    """Minor units of one currency, summed over a wallet's entries.

    Attributes:
        paid: cost basis of what was granted, without what was a mistake.
        recognised: earned, as credits were spent; less what was given back of it.
        refunded: cost basis that went back.
        breakage: of credits that nobody spent: expired, voided or debited.
        moved: what went to other wallets, less what came from them.
        bad_debt: what was given back though it was neither deferred nor earned in its lot.
    """

    currency: str
    paid: int = 0
    recognised: int = 0
    refunded: int = 0
    breakage: int = 0
    moved: int = 0
    bad_debt: int = 0

    @property
    def deferred(self) -> int:
        """Returns what is none of the others yet: the money of credits that are still there."""
        return self.paid + self.bad_debt - self.recognised - self.refunded - self.breakage - self.moved


def follow(
    funds: tuple[Funds, ...], entry: Entry, currency_of: Callable[[int], str | None]
) -> tuple[Funds, ...]:
    """Returns the sums after one more entry, by currency in the order of their codes.

    Args:
        currency_of: returns the currency of the lot with a sequence; None where the lot cost nothing.
    """
    made, extra = entry.extra.get("lot"), entry.extra
    changes: dict[str, dict[str, int]] = {}

    def add(currency: str, name: str, money: int) -> None:
        found = changes.setdefault(currency, {})
        found[name] = found.get(name, 0) + money

    if isinstance(made, dict) and made["seq"] == entry.seq and "cost" in made:
        amount, currency = made["cost"]
        if entry.kind in MOVING:
            add(currency, "moved", -amount)
        else:
            add(currency, "paid", amount)
    name = sum_of(entry)
    # Of most entries no draw has money: those of free lots, and of holds that end. It is asked of each that is due.
    valued = any(draw.value for draw in entry.draws)
    for draw, leaves, _ in effects(entry) if valued else ():
        if leaves and draw.value:
            sign = 1 if leaves > 0 else -1
            add(
                draw.value.currency,
                name,
                -sign * draw.value.amount if name == "paid" else sign * draw.value.amount,
            )
    if "refunded" in extra and (given_back := currency_of(extra["lot"])):
        add(given_back, "refunded", extra["refunded"])
        add(given_back, "recognised", extra["recognised"])
        add(given_back, "bad_debt", extra.get("bad_debt", 0))
    if not changes:
        return funds
    sums = {one.currency: one for one in funds}
    for currency, change in changes.items():
        was = sums.get(currency) or Funds(currency)
        sums[currency] = was._replace(**{name: getattr(was, name) + money for name, money in change.items()})
    return tuple(sums[currency] for currency in sorted(sums))


def reason_of(entry: Entry) -> str:
    """Returns where the money of credits goes that leave a lot by this entry; ``unpaid``: it never was there."""
    if entry.kind == "void" and entry.extra.get("as") == MISTAKE:
        return "unpaid"
    return REASONS.get(entry.kind, "recognised")


def sum_of(entry: Entry) -> str:
    """Returns the member of ``Funds`` that the money of credits moves which leave a lot by this entry."""
    reason = reason_of(entry)
    if reason == "unpaid":
        return "paid"
    return "breakage" if reason in UNUSED else reason


def effects(entry: Entry) -> Iterator[tuple[Draw, int, int]]:
    """Yields each draw, the steps that leave its lot (negative: that come back), and the change of the steps held."""
    if entry.kind in TOUCHING:
        yield from ((one, 0, 0) for one in entry.draws)
        return
    back, held = entry.extra.get("back", 0), entry.extra.get("held", 0)
    undone = len(entry.extra.get("undone", ()))
    for number, one in enumerate(entry.draws):
        if entry.kind == "hold":
            yield one, 0, one.amount
        elif number < held:
            yield one, one.amount, -one.amount
        elif number < back:
            released = entry.kind == "release" and number >= undone
            yield (one, 0, -one.amount) if released else (one, -one.amount, 0)
        else:
            yield one, one.amount, 0
