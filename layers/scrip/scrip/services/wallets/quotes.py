"""What a burn would do now, were it made. Nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scrip.domain.credits.amounts import parse_optional
from scrip.domain.credits.entries import Cause, Draw
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Book
from scrip.services.engine.executor import Moment, Teller
from scrip.services.wallets.balances import look, reading_instant, settled
from scrip.services.wallets.burns import Spending, burn_in, price, priced_desk


@dataclass(frozen=True, slots=True)
class Quote:
    """What a burn would cost, take and leave. Steps; ``refusal`` is the code of the refusal it would meet."""

    amount: int
    draws: Sequence[Draw]
    available_after: int
    rate_version: int | None
    refusal: str | None


def quote(
    teller: Teller, account: str, unit_id: str, spending: Spending, moment: Moment
) -> tuple[Quote, Unit]:
    """The quote, and its unit.

    Raises:
        NotFound: there is no such unit, or meter.
        PolicyViolation: the meter has no price for it.
        InvalidRequest: the meter is priced in another unit.
        PrecisionExceeded, AmountOutOfRange.
    """
    desk = priced_desk(teller, account, unit_id, [spending], fresh=True)
    steps = parse_optional(spending.amount, desk.unit.precision)
    now = reading_instant(desk.snapshot.wallet, moment)

    def seen(book: Book) -> Quote:
        at = settled(book, now)
        book.take_as_booked()
        amount, version = steps, None
        if amount is None:
            priced = price(book, desk, spending, at)
            amount, version = priced.steps, priced.version
        before = book.totals.available
        saved = book.savepoint()
        try:
            entry = burn_in(book, desk, spending, steps, at, Cause("", "", ""))
        except Refusal as refusal:
            book.rollback(saved)
            return Quote(amount, [], before, version, refusal.code)
        return Quote(amount, entry.draws, book.totals.available, version, None)

    return look(teller, desk, seen), desk.unit
