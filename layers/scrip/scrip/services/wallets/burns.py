"""Burns, as callers ask for them: an amount, so much of a meter, or several items.

Owns the command and its fingerprint. Does not own the decision (``domain.wallets.burns``), what a meter's event costs
(``pricing``), nor many burns at once (``batches``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from scrip.domain.credits.amounts import parse_optional
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import Usage, meters_of
from scrip.domain.wallets import burns
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletCommand
from scrip.services.wallets import pricing
from scrip.services.wallets.pricing import Priced

if TYPE_CHECKING:
    from scrip.services.wallets.locks import PriceLock


@dataclass(frozen=True, slots=True)
class BurnCredits(WalletCommand):
    """Spends credits: an amount, what so much of a meter costs, or what several items cost together.

    Attributes:
        amount: None where a meter or items are given.
        meter: what is counted; its rate card says the price.
        quantity, dimensions: how much of the meter, and what chooses among its prices.
        mode: ``exact`` spends all of it or nothing, ``up_to`` what there is of it.
        items: several meters' usage, paid in one entry.
        lock: the quote by which it is priced; None: by what is in force.
        time: when it was used, in epoch milliseconds: that is when the price was in force. None: now.
    """

    operation: ClassVar[str] = "burn"
    amount: str | None = None
    meter: str | None = None
    quantity: Fraction = Fraction(0)
    dimensions: Mapping[str, str] | None = None
    mode: burns.Mode = "exact"
    items: Sequence[Usage] | None = None
    time: int | None = None
    lock: PriceLock | None = None

    @property
    def usages(self) -> Sequence[Usage]:
        """Returns the items, or the one meter's usage; nothing of an amount."""
        if self.items is not None:
            return self.items
        return () if self.meter is None else (Usage(self.meter, self.quantity, self.dimensions or {}),)

    @property
    def meters(self) -> Sequence[str]:
        """Returns the meters of the burn."""
        return meters_of(self.usages)

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the amount in steps, or the meter and its quantity, or the items; the mode; and when it was used."""
        said: dict[str, Any] = {"mode": self.mode}
        if self.time is not None:
            said |= {"time": self.time}
        if self.lock is not None:
            said |= {"quote": self.lock.text}
        if self.items is not None:
            return {"items": [one.to_json() for one in self.items], **said}
        if self.meter is None:
            return {"amount": str(parse_optional(self.amount, unit.precision)), **said}
        return {**self.usages[0].to_json(), **said}

    def decide(
        self,
        draft: Draft,
        context: WalletContext,
        now: int,
        cause: Cause,
        more: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Prices and burns. Raises as ``price`` and ``domain.wallets.burns.burn``.

        ``more``: what the entry of so much of a meter says besides.
        """
        priced, policy = self.price(draft, context, now), context.unit.policy
        if not priced.items:
            return burns.burn(draft, burns.Burn(priced.steps, policy, self.mode), now, cause)
        usage = {**priced.usage(listed=self.items is not None), **(more or {})}
        parts = priced.parts if self.items is not None else ()
        meter = priced.items[0].usage.meter
        # Before it is paid, so that counters take their place among the items of the commit.
        pricing.keep_counts(draft, priced.items)
        command = burns.Burn(priced.steps, policy, self.mode, meter, usage, priced.rests, parts)
        return burns.burn(draft, command, now, cause)

    def price(self, draft: Draft, context: WalletContext, now: int) -> Priced:
        """Returns what it costs now. An amount costs itself.

        Raises:
            PolicyViolation: no version of a card is in force, or none of its prices fits the dimensions.
            AmountOutOfRange: more than the largest wallet total.
            QuoteMismatch, QuoteExpired: as ``locks.read``.
        """
        if self.lock is not None:
            # Imported where a price is locked: no other request pays for it.
            from scrip.services.wallets import locks

            items = locks.read(self.lock, self.asked(draft, context.unit), now)
            if items:
                return locks.price(draft, self.usages, items, now)
        if not self.usages:
            steps = parse_optional(self.amount, context.unit.precision)
            assert steps is not None
            return Priced(steps)
        cards = context.rates.__getitem__
        at = now if self.time is None else self.time
        made = pricing.whole(draft, pricing.price(draft, self.usages, cards, at, context.unit.precision))
        made.time = self.time
        return made

    def asked(self, draft: Draft, unit: Unit) -> str:
        """Returns the hash of what is asked for, as a quote of it has it."""
        from scrip.services.wallets import locks

        asked = locks.asked_of(self.usages, parse_optional(self.amount, unit.precision))
        return locks.digest(draft.wallet.account, unit.unit, self.operation, asked)

    def quoted(
        self, _executor: Executor, draft: Draft, context: WalletContext, _moment: Moment, now: int
    ) -> Priced:
        """Returns what it costs now, for a quote."""
        return self.price(draft, context, now)
