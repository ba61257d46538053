"""Derives the lots of a wallet from its entries alone: what each entry did to which lot.

Verification compares the result with the stored lots (law 1), and explanations show it. Neither reads the lots from
anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.lots import Kind, Lot, Money
from scrip.domain.wallets import expiry_changes
from scrip.domain.wallets.announcements import NOTICE_ID
from scrip.domain.wallets.funds import TOUCHING, UNUSED, Funds, effects, reason_of
from scrip.domain.wallets.position import KEPT

ENDS: Final = ("expiry", "rollover")
"""Kinds of entries that book the end of a lot."""


@dataclass(slots=True)
class ReplayedLot:
    """One lot, derived from entries. Credits are in steps; money is in minor units of the lot's cost basis (law 8).

    Attributes:
        facts: the lot as the entry that granted it describes it.
        left: remaining and held steps together; ``held`` and ``frozen`` are parts of it.
        pending: whether it is not yet effective.
        recognised, refunded, expired, voided, debited, moved: where the money went that is deferred no more. What
            was given back of earned money comes off ``recognised``, whatever it was earned by.
        unpaid: what was taken back as never paid: the lot was a mistake.
        lost: what was given back though its credits are another lot's, so that the lot neither had nor had earned it.
        unused: steps with cost that ended unspent, and that no refund has counted yet.
        tax_due, tax_refunded, tax_moved: where the tax went that is deferred no more. What was due at the purchase is
            not followed into ``tax_due``.
        moved_since: the part of ``moved`` whose entries say how much tax went along: those of before did not.
        waits: whether its end is not its end yet: it has to be announced, and was not in time.
        unannounced: the sequence of the first entry that ended it while it waited; None: none did.
        entries: sequences of the entries that changed it.
    """

    facts: dict[str, Any]
    left: int
    held: int = 0
    frozen: int = 0
    pending: bool = False
    recognised: int = 0
    refunded: int = 0
    expired: int = 0
    voided: int = 0
    debited: int = 0
    moved: int = 0
    unpaid: int = 0
    lost: int = 0
    unused: int = 0
    tax_due: int = 0
    tax_refunded: int = 0
    tax_moved: int = 0
    moved_since: int = 0
    waits: bool = False
    unannounced: int | None = None
    entries: list[int] = field(default_factory=list)

    @property
    def accounted_for(self) -> int:
        """Returns the minor units that are deferred no more."""
        return self.recognised + self.refunded + self.breakage + self.moved + self.unpaid - self.lost

    @property
    def breakage(self) -> int:
        """Returns the minor units of credits that nobody spent, whatever ended them."""
        return self.expired + self.voided + self.debited

    @property
    def tax(self) -> int:
        """Returns the tax that came with it, minor units."""
        said: int = self.facts.get("tax", (0,))[0]
        return said

    @property
    def tax_at_redemption(self) -> bool:
        """Tells whether that tax is due as the credits are spent."""
        return "tax" in self.facts and self.facts["tax"][1] == "redemption"

    def lot(self) -> Lot:
        """Returns it as a lot, so that it can be sorted into the order of burning."""
        facts = self.facts
        cost = facts.get("cost")
        kind: Kind = facts["kind"]
        return Lot(
            seq=facts["seq"],
            kind=kind,
            granted=int(facts["granted"]),
            remaining=self.left - self.held,
            effective_at=facts["effective_at"],
            expires_at=facts.get("expires_at"),
            priority=facts["priority"],
            cost=Money(*cost) if cost else None,
            held=self.held,
            frozen=self.frozen,
            inclusive=facts.get("inclusive", False),
            scoped=bool(facts.get("scope")),
        )


def replay(entries: Iterable[Entry]) -> dict[int, ReplayedLot]:
    """Returns every lot by its sequence, after these entries. They begin with the wallet's first.

    Raises:
        KeyError: an entry names a lot that no entry before it granted.
    """
    lots: dict[int, ReplayedLot] = {}
    for entry in entries:
        follow(lots, entry)
    return lots


def follow(lots: dict[int, ReplayedLot], entry: Entry) -> None:
    """Applies one more entry to the lots, in place. Raises ``KeyError`` as ``replay`` does."""
    made = entry.extra.get("lot")
    if isinstance(made, dict) and made["seq"] == entry.seq:
        lots[entry.seq] = ReplayedLot(
            made, int(made["granted"]), pending=made["effective_at"] > entry.at, waits=_waiting(made)
        )
    elif entry.kind == "activation":
        lots[entry.extra["lot"]].pending = False
    elif entry.kind == expiry_changes.KIND:
        _follow_end(lots[entry.extra["lot"]["seq"]], entry)
    elif NOTICE_ID in entry.extra:
        _follow_notice(lots[entry.extra["lot"]], entry)
    _apply_refund(lots, entry)
    for draw, leaves, holds in effects(entry):
        lot = lots[draw.lot]
        lot.left -= leaves
        lot.held += holds
        if lot.waits and lot.unannounced is None and entry.kind in ENDS:
            lot.unannounced = entry.seq
        if leaves and draw.value:
            _follow_money(lot, entry, draw, draw.value.amount, 1 if leaves > 0 else -1)
        if entry.kind in TOUCHING:
            lot.frozen += draw.amount if entry.kind == "freeze" else -draw.amount
        if not lot.entries or lot.entries[-1] != entry.seq:
            lot.entries.append(entry.seq)
    if entry.seq in lots and not lots[entry.seq].entries:
        lots[entry.seq].entries.append(entry.seq)


def funds_of(lots: Iterable[ReplayedLot]) -> dict[str, Funds]:
    """Returns what became of the money of these lots, by currency, as a wallet sums it.

    A lot that came from another one was paid for with that: its cost basis is money that moved.

    Raises:
        TypeError: an entry says a money that is none.
    """
    found: dict[str, Funds] = {}
    for lot in lots:
        if "cost" not in lot.facts:
            continue
        cost, currency = lot.facts["cost"]
        if not isinstance(currency, str):
            raise TypeError("a currency is a text")
        was, own = found.get(currency, Funds(currency)), lot.facts["kind"] not in ("transfer", "rollover")
        found[currency] = Funds(
            currency,
            was.paid + (cost if own else 0) - lot.unpaid,
            was.recognised + lot.recognised,
            was.refunded + lot.refunded,
            was.breakage + lot.breakage,
            was.moved + lot.moved - (0 if own else cost),
            was.bad_debt + lot.lost,
        )
    return found


class LotChange(NamedTuple):
    """What some entries changed of one lot: by how many steps what is left, and what is held; and which entries did."""

    left: int = 0
    held: int = 0
    entries: tuple[int, ...] = ()


def changes_of(entries: Iterable[Entry]) -> dict[int, LotChange]:
    """Returns what these entries changed, by lot, in the order of the lots. They need not be a wallet's first.

    Changes of entries that follow each other add up to what a replay of all of them makes of a lot.
    """
    found: dict[int, LotChange] = {}

    def add(lot: int, entry: Entry, left: int, held: int) -> None:
        was = found.get(lot, LotChange())
        named = was.entries if was.entries[-1:] == (entry.seq,) else (*was.entries, entry.seq)
        found[lot] = LotChange(was.left + left, was.held + held, named)

    for entry in entries:
        made = entry.extra.get("lot")
        if isinstance(made, dict) and made["seq"] == entry.seq:
            add(entry.seq, entry, int(made["granted"]), 0)
        elif entry.kind == expiry_changes.KIND:
            add(entry.extra["lot"]["seq"], entry, 0, 0)
        elif NOTICE_ID in entry.extra:
            add(entry.extra["lot"], entry, 0, 0)
        if "refunded" in entry.extra:
            add(entry.extra["lot"], entry, int(entry.extra.get("given", 0)), 0)
        for draw, leaves, holds in effects(entry):
            add(draw.lot, entry, -leaves, holds)
    return dict(sorted(found.items()))


def _follow_end(lot: ReplayedLot, entry: Entry) -> None:
    """Gives a lot the end that an entry says it has from then on."""
    said = entry.extra["lot"]
    ends = {name: said[name] for name in ("expires_at", "inclusive") if name in said}
    kept = {name: fact for name, fact in lot.facts.items() if name not in ("expires_at", "inclusive")}
    if ends.get("expires_at") != lot.facts.get("expires_at"):
        # Nobody was told of another end.
        lot.waits = _waiting({**kept, **ends})
    lot.facts = {**kept, **ends}
    lot.entries.append(entry.seq)


def _waiting(facts: Mapping[str, Any]) -> bool:
    """Tells whether a lot with these facts has an end that has to be announced first."""
    return bool(facts.get("notices", 0) & 1) and "cost" in facts and "expires_at" in facts


def _follow_notice(lot: ReplayedLot, entry: Entry) -> None:
    """Follows a notice of the lot's end that was delivered, in time or not."""
    lot.waits = lot.waits and not entry.extra["in_time"]
    lot.entries.append(entry.seq)


def _follow_money(lot: ReplayedLot, entry: Entry, draw: Draw, value: int, sign: int) -> None:
    """Applies where a draw's money and tax went. What comes back (sign −1) comes from where it would have gone."""
    reason = reason_of(entry)
    setattr(lot, reason, getattr(lot, reason) + sign * value)
    if reason in UNUSED:
        lot.unused += draw.amount
    if draw.tax is None:
        return
    if reason == "moved":
        lot.tax_moved += draw.tax
        lot.moved_since += value
    elif lot.tax_at_redemption:
        lot.tax_due += sign * draw.tax


def _apply_refund(lots: dict[int, ReplayedLot], entry: Entry) -> None:
    """Applies what a refund did to its lot beside its draws: money paid back, credits given again."""
    if "refunded" not in entry.extra:
        return
    lot = lots[entry.extra["lot"]]
    lot.refunded += entry.extra["refunded"]
    lot.recognised += entry.extra["recognised"]
    lot.lost += entry.extra.get("bad_debt", 0)
    lot.tax_due += entry.extra.get("tax_due", 0)
    if entry.extra.get("as") == KEPT:
        lot.tax_moved += entry.extra.get("tax", 0)
    else:
        lot.tax_refunded += entry.extra.get("tax", 0)
    lot.unused -= int(entry.extra.get("unused", 0))
    lot.left += int(entry.extra.get("given", 0))
    lot.frozen -= int(entry.extra.get("thawed", 0))
    if not lot.entries or lot.entries[-1] != entry.seq:
        lot.entries.append(entry.seq)
