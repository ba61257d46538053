"""Holds, as callers ask for them: credits set aside, captured, released, extended; and how one is now.

Owns the commands and their fingerprints, and by which prices a hold is captured. Does not own the decisions
(``domain.wallets.holds``), nor what prices mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Final

from scrip.domain.credits import calendar, limits
from scrip.domain.credits.amounts import parse_optional
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import OverCapture, Policy, Unit
from scrip.domain.credits.usage import Tally, Usage, meters_of
from scrip.domain.wallets import captures, holds
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.engine.requests import Attempt, Command, WalletCommand
from scrip.services.wallets import pricing
from scrip.services.wallets.pricing import Priced

if TYPE_CHECKING:
    from scrip.services.wallets.locks import LockedItem, PriceLock

_OUTLIVED: Final = "the hold is older than its price: capture an amount"


@dataclass(frozen=True, slots=True)
class PlaceHold(WalletCommand):
    """Sets credits aside: an amount, or what usage would cost.

    Attributes:
        amount: None where a quantity or items are given.
        expires_in: how long (ISO 8601).
        over_capture: what becomes of captures of more than is held; None: as the unit's policy says.
        meter: what the credits are for, None where no meter counts it.
        quantity, dimensions: how much of the meter is held for, and what chooses among its prices.
        items: several meters' usage, held for in one hold.
        lease: whether its holder spends it in memory.
        lock: the quote by which it is priced; None: by what is in force.
    """

    operation: ClassVar[str] = "hold"
    amount: str | None
    expires_in: str
    over_capture: OverCapture | None = None
    meter: str | None = None
    quantity: Fraction | None = None
    dimensions: Mapping[str, str] | None = None
    items: Sequence[Usage] | None = None
    lease: bool = False
    lock: PriceLock | None = None

    @property
    def usages(self) -> Sequence[Usage]:
        """Returns the items, or the one meter's usage; nothing of an amount."""
        if self.items is not None:
            return self.items
        if self.quantity is None or self.meter is None:
            return ()
        return (Usage(self.meter, self.quantity, self.dimensions or {}),)

    @property
    def meters(self) -> Sequence[str]:
        """Returns the meters whose rate cards price the hold."""
        return meters_of(self.usages)

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the hold as it is asked for, the amount in steps."""
        steps = parse_optional(self.amount, unit.precision)
        said = {
            "amount": None if steps is None else str(steps),
            "expires_in": self.expires_in,
            "over_capture": self.over_capture,
            "meter": self.meter,
        }
        leased = {"lease": True} if self.lease else {}
        return said | _usage_json(self.quantity, self.dimensions, self.items) | leased | _lock_json(self.lock)

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Places the hold. Raises as ``domain.wallets.holds.place`` and ``price``."""
        priced, policy = self.price(draft, context, now), context.unit.policy
        deadline = calendar.after(now, self.expires_in, "expires_in")
        meters = list(dict.fromkeys(part.meter for part in priced.parts)) or [self.meter]
        wanted = Hold(
            0,
            priced.steps,
            deadline,
            "refuse" if self.lease else self.over_capture or policy.over_capture,
            (),
            meters[0] if len(meters) == 1 else None,
            placed_at=now if meters != [None] else None,
            rates={one.usage.meter: one.version for one in priced.items} or None,
            own_rates=list(dict.fromkeys(one.usage.meter for one in priced.items if one.own)) or None,
            lease=_lease(policy, now) if self.lease else None,
        )
        usage = priced.usage(listed=self.items is not None)
        return holds.place(
            draft, wanted, policy, now, cause, priced.parts, usage, listed=self.items is not None
        )

    def price(self, draft: Draft, context: WalletContext, now: int) -> Priced:
        """Returns what is set aside: an amount is itself, usage what capturing as much would cost at most.

        Of a price over a period that is what it would cost now: nothing is counted before it is captured.

        Raises:
            PolicyViolation: no version of a card is in force, or none of its prices fits the dimensions.
            AmountOutOfRange: more than the largest wallet total.
        """
        precision = context.unit.precision
        if self.lock is not None:
            from scrip.services.wallets import locks

            items = locks.read(self.lock, self.asked(draft, context.unit), now)
            if items:
                return locks.price(draft, self.usages, items, now)
        if not self.usages:
            steps = parse_optional(self.amount, precision)
            assert steps is not None
            return Priced(steps)
        versions = pricing.versions_for(draft, self.usages, context.rates.__getitem__, now)
        return pricing.set_aside(
            pricing.price_together(draft, self.usages, versions, now, Tally(), precision)
        )

    def quoted(
        self, _executor: Executor, draft: Draft, context: WalletContext, _moment: Moment, now: int
    ) -> Priced:
        """Returns what would be set aside, for a quote."""
        return self.price(draft, context, now)

    def asked(self, draft: Draft, unit: Unit) -> str:
        """Returns the hash of what is asked for, as a quote of it has it."""
        from scrip.services.wallets import locks

        asked = locks.asked_of(self.usages, parse_optional(self.amount, unit.precision))
        return locks.digest(draft.wallet.account, unit.unit, self.operation, {**asked, "meter": self.meter})


@dataclass(frozen=True, slots=True)
class CaptureHold(Command):
    """Spends held credits: an amount, or what usage costs by the hold's own prices.

    Attributes:
        seq: names the hold within its wallet.
        amount: None for all that is held, or where usage is given.
        final: what is still held then is given back.
        quantity, dimensions: how much of the hold's meter, and what chooses among its prices.
        items: usage of the hold's meters.
        lock: the quote by which it is priced; None: by the hold's own prices.
    """

    operation: ClassVar[str] = "capture"
    seq: int
    amount: str | None = None
    final: bool = True
    quantity: Fraction | None = None
    dimensions: Mapping[str, str] | None = None
    items: Sequence[Usage] | None = None
    lock: PriceLock | None = None

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the capture as it is asked for, the amount in steps."""
        steps = parse_optional(self.amount, unit.precision)
        said = {"hold": self.seq, "amount": None if steps is None else str(steps), "final": self.final}
        return said | _usage_json(self.quantity, self.dimensions, self.items) | _lock_json(self.lock)

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision. It knows the meters when it has read the hold, and asks for their cards then."""
        cards = _Cards(executor, moment.pinned)

        def decide(draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry | None:
            return self._capture(draft, context, cards, now, cause)

        return Attempt(decide)

    def _capture(
        self, draft: Draft, context: WalletContext, cards: _Cards, now: int, cause: Cause
    ) -> Entry | None:
        """Captures. Raises as ``domain.wallets.captures.capture`` and ``price``."""
        unit = context.unit
        if not self.by_quantity:
            steps = parse_optional(self.amount, unit.precision)
            self._locked(draft, unit, now)
            return captures.capture(
                draft, captures.Capture(self.seq, unit.policy, steps, self.final), now, cause
            )
        hold = holds.open_hold(draft, self.seq)
        priced, changes = self.price(draft, hold, unit, cards, now)
        listed = self.items is not None
        wanted = captures.Capture(
            self.seq,
            unit.policy,
            None,
            self.final,
            priced.parts,
            priced.usage(listed),
            changes,
            listed,
            priced.rests,
        )
        entry = captures.capture(draft, wanted, now, cause)
        if entry:
            pricing.keep_counts(draft, priced.items)
        return entry

    def price(
        self, draft: Draft, hold: Hold, unit: Unit, cards: _Cards, now: int
    ) -> tuple[Priced, dict[str, Any]]:
        """Returns what the usage costs on top of all that was captured by quantity before, and how the hold changes.

        Raises:
            PolicyViolation: ``hold_meter``: the hold is not for that meter. ``no_price``, ``max_hold_prices``.
            AmountOutOfRange: more than the largest wallet total.
        """
        numbers, own, tally = dict(hold.rates or {}), list(hold.own_rates or ()), Tally.from_json(hold.tally)
        usages, placed_at, versions = self._usages(hold), hold.placed_at or now, []
        for usage in usages:
            meter = usage.meter
            rate = cards.version(draft, meter, numbers.get(meter), placed_at, own=meter in own)
            if meter not in numbers and pricing.is_own(rate):
                own.append(meter)
            numbers[meter] = rate.version
            versions.append(rate)
        priced = pricing.price_together(draft, usages, versions, placed_at, tally, unit.precision)
        made = pricing.whole(draft, priced)
        if items := self._locked(draft, unit, now):
            from scrip.services.wallets import locks

            locks.fix(made, items)
        else:
            made.give_up_fractions(hold.held)
        return made, {"rates": numbers, "own_rates": own or None, "tally": tally.to_json()}

    def quoted(
        self, executor: Executor, draft: Draft, context: WalletContext, moment: Moment, now: int
    ) -> Priced:
        """Returns what it costs now, for a quote. Raises ``NotFound`` too."""
        hold, unit = holds.find(draft, self.seq), context.unit
        if self.quantity is None and self.items is None:
            steps = parse_optional(self.amount, unit.precision)
            return Priced(hold.held if steps is None else steps)
        return self.price(draft, hold, unit, _Cards(executor, moment.pinned), now)[0]

    def asked(self, draft: Draft, unit: Unit) -> str:
        """Returns the hash of what is asked for, as a quote of it has it."""
        from scrip.services.wallets import locks

        steps = parse_optional(self.amount, unit.precision)
        usages = self._usages(holds.find(draft, self.seq)) if self.by_quantity else ()
        asked = locks.asked_of(usages, steps, self.seq)
        return locks.digest(draft.wallet.account, unit.unit, self.operation, asked)

    @property
    def by_quantity(self) -> bool:
        """Tells whether usage is captured, and no amount."""
        return self.quantity is not None or self.items is not None

    def _locked(self, draft: Draft, unit: Unit, now: int) -> Sequence[LockedItem]:
        """Returns what each item costs by the quote; nothing of an amount, and without a quote.

        Raises:
            QuoteMismatch, QuoteExpired: as ``locks.read``.
        """
        if self.lock is None:
            return ()
        from scrip.services.wallets import locks

        return locks.read(self.lock, self.asked(draft, unit), now)

    def _usages(self, hold: Hold) -> Sequence[Usage]:
        """Returns the usage, of meters that the hold is for. Raises ``PolicyViolation`` for others."""
        meters = hold.meters
        if self.items is None:
            assert self.quantity is not None
            if len(meters) != 1:
                said = (
                    "has no meter: capture an amount" if not meters else "is for several meters: send items"
                )
                raise PolicyViolation(f"the hold {said}", policy="hold_meter")
            return (Usage(meters[0], self.quantity, self.dimensions or {}),)
        for usage in self.items:
            if usage.meter not in meters:
                raise PolicyViolation(f"the hold is not for the meter {usage.meter}", policy="hold_meter")
        return self.items


class _Cards:
    """The rate cards that a capture needs.

    Args:
        fresh: cards are read anew: the test clock may be past a version that is not a minute old.
    """

    def __init__(self, executor: Executor, fresh: bool) -> None:
        self._executor, self._fresh = executor, fresh
        self._known: dict[tuple[str, bool], Sequence[RateVersion]] = {}

    def version(
        self, draft: Draft, meter: str, number: int | None, placed_at: int, *, own: bool
    ) -> RateVersion:
        """Returns the version of this number, or that which was in force when the hold was placed.

        Args:
            own: whether the number is of the account's own card.

        Raises:
            NotFound: there is no such meter.
            PolicyViolation: none was in force then, or the hold has outlived its price.
        """
        if number is None:
            known = self._versions(meter, self._fresh)
            return pricing.version_for(draft, meter, lambda _: known, placed_at)
        if own:
            from scrip.domain.wallets import own_rates

            mine = next((one for one in own_rates.versions_of(draft, meter) if one.version == number), None)
            if mine:
                return mine
            raise PolicyViolation(_OUTLIVED, policy="hold_price")
        for fresh in (self._fresh, True):
            found = next((one for one in self._versions(meter, fresh) if one.version == number), None)
            if found:
                return found
        raise PolicyViolation(_OUTLIVED, policy="hold_price")

    def _versions(self, meter: str, fresh: bool) -> Sequence[RateVersion]:
        """Returns the versions of the card: as they are remembered, or ``fresh``, read once for this request."""
        if (meter, fresh) not in self._known:
            self._known[meter, fresh] = self._executor.rates(meter, fresh=fresh)
        return self._known[meter, fresh]


def _lock_json(lock: PriceLock | None) -> dict[str, Any]:
    """Returns the quote of a hold or capture as its fingerprint has it; nothing where there is none."""
    return {} if lock is None else {"quote": lock.text}


def _usage_json(
    quantity: Fraction | None, dimensions: Mapping[str, str] | None, items: Sequence[Usage] | None
) -> dict[str, Any]:
    """Returns the usage of a hold or capture as its fingerprint has it; nothing where there is none."""
    if items is not None:
        return {"items": [one.to_json() for one in items]}
    if quantity is None:
        return {} if dimensions is None else {"dimensions": dict(dimensions)}
    return {"quantity": str(quantity), "dimensions": dict(dimensions or {})}


@dataclass(frozen=True, slots=True)
class ReleaseHold(WalletCommand):
    """Gives held credits back. ``seq`` names the hold within its wallet."""

    operation: ClassVar[str] = "release"
    seq: int

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the name of the hold."""
        return {"hold": self.seq}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry | None:
        """Releases. Raises as ``domain.wallets.holds.release``."""
        return holds.release(draft, self.seq, now, cause)


@dataclass(frozen=True, slots=True)
class ExtendHold(WalletCommand):
    """Moves a hold's deadline to ``expires_in`` (ISO 8601) from now. ``seq`` names the hold within its wallet."""

    operation: ClassVar[str] = "extend"
    seq: int
    expires_in: str

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the name of the hold and the duration."""
        return {"hold": self.seq, "expires_in": self.expires_in}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Extends. Raises as ``domain.wallets.holds.extend``."""
        deadline = calendar.after(now, self.expires_in, "expires_in")
        return holds.extend(draft, self.seq, deadline, now, cause)


def _lease(policy: Policy, now: int) -> dict[str, Any]:
    """Returns what holds of a lease that is placed now."""
    # Imported where there is one: no other request pays for it.
    from scrip.domain.wallets import leases

    return leases.terms(calendar.after(now, policy.lease_grace, "lease_grace") - now, policy)


def get(executor: Executor, account: str, unit_id: str, seq: int, moment: Moment) -> tuple[Hold, Unit]:
    """Returns a hold as it is now, and its unit: timed out at its deadline, whether or not that is booked.

    Raises:
        NotFound: there is no such unit or hold.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> Hold:
        apply_all_due(draft, now)
        return holds.find(draft, seq)

    return read(executor, context, view), context.unit


def of_entry(executor: Executor, entry: Entry) -> Hold:
    """Returns the hold that an entry is of, as it was right after it, with its draws.

    Those of a hold over many lots are read, unless they are remembered: they never change.
    """
    hold = Hold.from_json(entry.extra["hold"])
    if not hold.apart:
        return hold
    drawn = executor.sidecar(entry.account, entry.unit, (holds.DRAWN, hold.name))
    assert drawn
    return hold.with_draws(drawn)


def check_expires_in(text: str) -> str:
    """Returns the duration, if a hold may last so long. Of calendar months and years none may.

    Raises:
        ValueError: it is no duration, or longer than seven days.
    """
    return calendar.check_at_most(text, limits.HOLD_MS, "seven days")
