"""Holds: credits set aside from certain lots, then spent or given back (law 6).

A hold remembers what it took from which lot, in burn order. Captures take from the front of that, what is given back
comes off its end; so how much of each lot is still held follows from three numbers. Of a hold for several meters each
draw says how much of it is still held, since a meter's captures take what was set aside for it first. Held credits
stay capturable until the hold's own deadline even if their lot expires; what is given back to an expired lot expires
at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from scrip.domain.credits import limits, members
from scrip.domain.credits.entries import Cause, Draw, Entry
from scrip.domain.credits.errors import HoldNotOpen, InvalidRequest, NotFound
from scrip.domain.credits.ids import hold_id, time_entry_id
from scrip.domain.credits.units import OverCapture, Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import set_aside
from scrip.domain.wallets.expiry import expiring
from scrip.domain.wallets.repayments import Repaid, at_once, repaid, restore
from scrip.domain.wallets.shares import ItemCost, Shares, pay_parts
from scrip.domain.wallets.status import require_active, require_open
from scrip.domain.wallets.wallet import Name

if TYPE_CHECKING:
    from scrip.domain.credits.records import Records

KIND: Final = "hold"
DRAWN: Final = "drawn"
"""The kind of sidecar that keeps the draws of a hold over many lots, under the hold's name. It is written once."""
Status = Literal["open", "captured", "released", "expired"]
"""What became of a hold; `expired`: its deadline came first."""
_STEPS: Final = ("amount", "captured", "released", "extra")
LOT_ITEMS: Final = 4
"""Items that giving a lot back may take: its page, what a split makes of it, and a due item."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Credits set aside. Amounts are credit steps, ``expires_at`` epoch milliseconds, excluded.

    Attributes:
        seq: the sequence of the entry that made it; it names the hold within its wallet.
        draws: lot and steps, as they were set aside.
        captured, released: steps that were held and are no more; ``extra``: captured beyond what was held.
        meter: what it is for: it may be held, and captured beyond, from lots of that scope.
        apart: its draws are a record of their own, since they are many. Its own record, and the entries of what
            becomes of it, do not repeat them; without them, ``draws`` is empty.
        split: of a hold for several meters, by meter in the draws' order, the steps of each draw that are still held,
            as texts; then it has no ``meter``.
        placed_at: when a hold with a meter was placed: the price then is that of its captures by quantity.
        rates: by meter, the versions of the rate cards that price its captures by quantity, once they are known.
        own_rates: those of these meters whose versions are of the account's own cards.
        tally: what was captured by quantity so far, as ``usage.Tally`` has it.
        member, tags: who is to use the credits, and what for.
        budgets: what it counts of budgets in the period in which that was set aside (see ``budget_counters``).
        lease: of one that its holder spends in memory (see ``leases``): what holds of it since it was placed, and the
            steps that no draw has any more, since its captures drop them.
    """

    seq: int
    amount: int
    expires_at: int
    over_capture: OverCapture
    draws: Sequence[tuple[int, int]]
    meter: str | None = None
    captured: int = 0
    released: int = 0
    extra: int = 0
    status: Status = "open"
    apart: bool = members.added(False)
    split: Sequence[Any] | None = members.added()
    placed_at: int | None = members.added()
    rates: Mapping[str, int] | None = members.added()
    own_rates: Sequence[str] | None = members.added()
    tally: Mapping[str, Any] | None = members.added()
    lease: Mapping[str, Any] | None = members.added()
    member: str | None = members.added()
    tags: Mapping[str, str] | None = members.added()
    budgets: Mapping[str, Sequence[Any]] | None = members.added()

    @property
    def times_out_at(self) -> int:
        """Returns when time ends it: at its deadline, or a lease's grace after it."""
        return self.expires_at + (self.lease["grace"] if self.lease else 0)

    @property
    def held(self) -> int:
        return self.amount - self.captured - self.released

    @property
    def name(self) -> str:
        return str(self.seq)

    @property
    def meters(self) -> list[str]:
        """Returns the meters that it is for, in the order in which credits were set aside for them."""
        if self.split is not None:
            return [meter for meter, _ in self.split]
        return [] if self.meter is None else [self.meter]

    @property
    def left(self) -> list[tuple[str | None, int, int]]:
        """Returns the meter, lot and still held steps of each draw, in their order; perhaps 0 steps."""
        if self.split is not None:
            still = [(meter, int(one)) for meter, parts in self.split for one in parts]
            return [(meter, lot, one) for (meter, one), (lot, _) in zip(still, self.draws, strict=True)]
        at = int(self.lease["trimmed"]) if self.lease else 0
        found: list[tuple[str | None, int, int]] = []
        start, end = self.captured, self.amount - self.released
        for lot, steps in self.draws:
            found.append((self.meter, lot, max(0, min(end, at + steps) - max(start, at))))
            at += steps
        return found

    def less(self, taken: Mapping[int, int]) -> Hold:
        """Returns the hold without steps that it holds no more, by the place of their draw.

        Its numbers are the caller's to change.
        """
        if self.lease:
            still = [(lot, there - taken.get(at, 0)) for at, (_, lot, there) in enumerate(self.left)]
            trimmed = {**self.lease, "trimmed": str(self.captured)}
            return replace(self, draws=[one for one in still if one[1]], lease=trimmed)
        if self.split is None:
            return self
        at = 0
        split: list[Any] = []
        for meter, parts in self.split:
            split.append([meter, [str(int(one) - taken.get(at + n, 0)) for n, one in enumerate(parts)]])
            at += len(parts)
        return replace(self, split=split)

    def to_json(self) -> dict[str, Any]:
        """Returns the hold as JSON values, amounts as text: as it is kept, and as entries have it."""
        body = members.of(self) | {name: str(getattr(self, name)) for name in _STEPS}
        if self.apart:
            del body["draws"]
            return body
        return body | self.drawn()

    def drawn(self) -> dict[str, Any]:
        """Returns the draws as JSON values, as they are kept apart."""
        return {"draws": [[lot, str(steps)] for lot, steps in self.draws]}

    def with_draws(self, body: Mapping[str, Any]) -> Hold:
        """Returns the hold with the draws that ``drawn`` gave."""
        return replace(self, draws=[(lot, int(steps)) for lot, steps in body["draws"]])

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> Hold:
        """Reads what ``to_json`` gave."""
        numbers = {name: int(body[name]) for name in _STEPS}
        draws = [(lot, int(steps)) for lot, steps in body.get("draws", ())]
        return Hold(**{**body, **numbers, "draws": draws})


def place(
    draft: Draft,
    wanted: Hold,
    policy: Policy,
    now: int,
    cause: Cause,
    parts: Sequence[ItemCost] = (),
    extra: Mapping[str, Any] | None = None,
    *,
    listed: bool = False,
) -> Entry:
    """Sets credits aside. Debt cannot be held: no overdraft.

    Args:
        wanted: the hold as it is asked for. Its sequence and its draws are not known yet.
        parts: what each item costs, where there are several: together the hold's amount.
        extra: what the entry says of it besides.
        listed: the request had a list of items: the entry says which item each draw is for.

    Raises:
        InvalidRequest: the hold would last longer than holds may.
        WalletClosed, WalletFrozen, BudgetExceeded, InsufficientCredits, PolicyViolation, Crowded: as a burn.
    """
    if not now < wanted.expires_at <= now + limits.HOLD_MS:
        raise InvalidRequest([("expires_in", "must be at most seven days")])
    require_active(draft)
    parts = parts or [ItemCost(0, wanted.meter, wanted.amount)]
    counted: tuple[Mapping[str, Any] | None, dict[str, Any]] = None, {}
    if draft.budgeted:
        # Imported where a wallet has budgets: no other request pays for it.
        from scrip.domain.wallets import budget_counters

        counters = budget_counters.load(draft, cause.member, now)
        counters.count((part.meter, part.steps) for part in parts)
        counted = counters.hold(), counters.keep()
    paid = pay_parts(draft, parts, policy, take=set_aside)
    draws = merged_lots((one.lot, one.amount) for one in paid.draws)
    apart = len(draws) > limits.HOLD_DRAWS and not wanted.lease
    hold = replace(wanted, seq=draft.next_seq, draws=draws, apart=apart, member=cause.member)
    hold = replace(hold, tags=dict(cause.tags) or None, budgets=counted[0])
    meters = list(dict.fromkeys(part.meter for part in parts))
    if len(meters) > 1:
        draws, split = _by_meter(parts, meters, paid)
        hold = replace(hold, draws=draws, split=split, meter=None)
    if hold.apart:
        draft.keep(DRAWN, hold.name, hold.drawn())
    draft.set_timer(KIND, hold.name, None, hold.times_out_at)
    extra = {**({"items": paid.items} if listed else {}), **counted[1], **(extra or {})}
    return record(draft, hold, "hold", paid.draws, now, cause, extra)


def _by_meter(
    parts: Sequence[ItemCost], meters: Sequence[str | None], paid: Shares
) -> tuple[list[tuple[int, int]], list[Any]]:
    """Returns a hold's draws in the order of its meters, and its split of them."""
    meter_of = {part.item: part.meter for part in parts}
    taken = _merged(
        (meter, one.lot, one.amount)
        for meter in meters
        for one, item in zip(paid.draws, paid.items, strict=True)
        if meter_of[item] == meter
    )
    split = [[meter, [str(steps) for one, _, steps in taken if one == meter]] for meter in meters]
    return [(lot, steps) for _, lot, steps in taken], split


def merged_lots(draws: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns the draws (lot, steps), those from one lot that follow each other as one."""
    return [(lot, steps) for _, lot, steps in _merged((None, lot, steps) for lot, steps in draws)]


def _merged(draws: Iterable[tuple[str | None, int, int]]) -> list[tuple[str | None, int, int]]:
    """Returns the draws (meter, lot, steps), those of one meter from one lot that follow each other as one."""
    found: list[tuple[str | None, int, int]] = []
    for meter, lot, steps in draws:
        if found and found[-1][:2] == (meter, lot):
            steps += found.pop()[2]
        found.append((meter, lot, steps))
    return found


def release(draft: Draft, seq: int, now: int, cause: Cause) -> Entry | None:
    """Gives back all that is held.

    Returns:
        The entry; None where only a part could be given back in one commit: commit it, and come again.

    Raises:
        NotFound, WalletClosed, HoldNotOpen.
    """
    hold = open_hold(draft, seq)
    hold, draws, extra = _given_back(draft, hold, hold.held, now)
    if hold.held:
        record(draft, hold, "release", draws, now, beside(draft, cause), extra)
        return None
    hold = close(draft, hold, "released")
    return record(draft, hold, "release", draws, now, cause, extra | expiring(draft, now))


def extend(draft: Draft, seq: int, expires_at: int, now: int, cause: Cause) -> Entry:
    """Moves the deadline to ``expires_at``, sooner or later.

    Raises:
        NotFound, WalletClosed, HoldNotOpen.
        InvalidRequest: the hold would last longer than holds may.
    """
    if not now < expires_at <= now + limits.HOLD_MS:
        raise InvalidRequest([("expires_in", "must be at most seven days")])
    return record(draft, postponed(draft, open_hold(draft, seq), expires_at), "extend", [], now, cause)


def postponed(draft: Draft, hold: Hold, expires_at: int) -> Hold:
    """Moves the deadline and its timer. Returns the hold with it, which is the caller's to record."""
    after = replace(hold, expires_at=expires_at)
    draft.set_timer(KIND, hold.name, hold.times_out_at, after.times_out_at)
    return after


def time_out(draft: Draft, seq: int, instant: int, room: int | None) -> bool:
    """Gives back what is held, at the hold's deadline. Tells whether that is all of it."""
    hold = find(draft, seq)
    hold, draws, extra = _given_back(draft, hold, hold.held, instant, room, timed_out=True)
    if not hold.held:
        draft.set_timer(KIND, hold.name, hold.times_out_at, None)
        hold = hold if hold.status == "expired" else replace(hold, status="expired")
    if draws or not hold.held:
        record(draft, hold, "release", draws, instant, None, extra)
    return not hold.held


def find(draft: Draft, seq: int) -> Hold:
    """Returns the hold with this name.

    Raises:
        NotFound: there is none.
    """
    sidecar = draft.sidecar(KIND, str(seq))
    if sidecar is None:
        named = hold_id(draft.wallet.account, draft.wallet.unit, seq)
        raise NotFound(f"there is no hold {named} in this wallet", hold_id=named)
    hold = Hold.from_json(sidecar)
    if not hold.apart:
        return hold
    drawn = draft.sidecar(DRAWN, hold.name)
    if drawn is None:
        raise LookupError(f"hold {seq} has lost its draws")
    return hold.with_draws(drawn)


def drawn_from(draft: Draft, name: str) -> list[int]:
    """Returns the sequences of the lots that the hold ``name`` was set aside from."""
    drawn = draft.sidecar(KIND, name) or {}
    if drawn.get("apart"):
        drawn = draft.sidecar(DRAWN, name) or {}
    return [seq for seq, _ in drawn.get("draws", ())]


def draws_apart(name: str, sidecar: Mapping[str, Any] | None) -> Name | None:
    """Returns the name of the sidecar that has the draws of the hold ``name``; None where its own has them."""
    return (DRAWN, name) if sidecar and sidecar.get("apart") else None


def give_back(draft: Draft, hold: Hold, wanted: int, now: int, cause: Cause, kept: Mapping[int, int]) -> Hold:
    """Gives ``wanted`` steps back, or as many as fit into a commit, with an entry of its own. Returns the hold then.

    Args:
        kept: steps that are not given back, by the place of their draw.
    """
    hold, draws, extra = _given_back(draft, hold, wanted, now, kept=kept)
    if draws:
        record(draft, hold, "release", draws, now, cause, extra)
    return hold


def _given_back(
    draft: Draft,
    hold: Hold,
    wanted: int,
    at: int,
    room: int | None = limits.BOOKING_ITEMS,
    timed_out: bool = False,
    kept: Mapping[int, int] | None = None,
) -> tuple[Hold, Sequence[Draw], dict[str, Any]]:
    """Gives ``wanted`` steps back to the lots drawn last, or fewer where ``room`` items are full.

    Debt is repaid out of them first. Returns the hold then, the draws (what went back, first to lots that had paid for
    these, then what repaid), and for the entry's ``extra`` how many of the draws went back.
    """
    # Holds that time out come before the lots that end at the same instant; a caller comes after them.
    alive_until = at - 1 if timed_out else at
    back: list[Draw] = []
    taken: dict[int, int] = {}
    meters: dict[str | None, int] = {}
    repays = Repaid()
    for at_draw, (meter, seq, there) in reversed(list(enumerate(hold.left))):
        left = min(wanted, there - (kept or {}).get(at_draw, 0))
        while left and (room is None or draft.weight(LOT_ITEMS) < room):
            lot = draft.lot(seq)
            steps = at_once(draft, lot, left) if lot.lacking else left
            after = lot.set_aside(-steps)
            back.append(Draw(seq, steps))
            if after.expired(alive_until):
                after = after.ended()
            after = repaid(draft, after, steps, repays, ended=after.expired(at))
            draft.replace(lot, after)
            if repays.undone:
                restore(draft, (), at, repays, alive_until=alive_until)
            taken[at_draw] = taken.get(at_draw, 0) + steps
            meters[meter] = meters.get(meter, 0) + steps
            left, wanted = left - steps, wanted - steps
        if left:
            break
    if taken:
        released, changes = sum(taken.values()), dict[str, Any]()
        if timed_out and released == hold.held:
            changes = {"status": "expired"}
        hold = replace(hold.less(taken), released=hold.released + released, **changes)
    counted: dict[str, Any] = {}
    if hold.budgets and taken and draft.beside:
        # Imported where a hold counts in budgets: no other request pays for it.
        from scrip.domain.wallets import budget_counters

        hold, counted = budget_counters.given_back(draft, hold, meters, at)
    if repays.undone:
        back = [*repays.back, *back]
    return hold, [*back, *repays.draws], {"back": len(back), **repays.extra, **counted}


def beside(draft: Draft, cause: Cause) -> Cause:
    """Returns the same cause for an entry that goes before the one with the caller's key."""
    return replace(cause, entry_id=time_entry_id(draft.wallet.account, draft.wallet.unit, draft.next_seq))


def close(draft: Draft, hold: Hold, status: Status) -> Hold:
    """Removes the deadline. Returns the hold with its last status."""
    draft.set_timer(KIND, hold.name, hold.times_out_at, None)
    return replace(hold, status=status)


def record(
    draft: Draft,
    hold: Hold,
    kind: Literal["hold", "capture", "release", "extend"],
    draws: Sequence[Draw],
    at: int,
    cause: Cause | None,
    extra: Mapping[str, Any] | None = None,
    records: Records | None = None,
) -> Entry:
    """Keeps the hold as it is now, and records what happened to it."""
    if not draft.beside:
        return draft.record(kind, draws, at, cause, extra, records)
    body = hold.to_json()
    draft.keep(KIND, hold.name, body)
    return draft.record(kind, draws, at, cause, {"hold": body, **(extra or {})}, records)


def open_hold(draft: Draft, seq: int) -> Hold:
    """Returns the hold, which is open. Raises ``NotFound``, ``WalletClosed``, ``HoldNotOpen``."""
    hold = find(draft, seq)
    require_open(draft)
    if hold.status != "open":
        raise HoldNotOpen(f"the hold is {hold.status}", hold_status=hold.status)
    return hold
