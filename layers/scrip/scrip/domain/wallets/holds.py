"""Holds: credits set aside from certain lots, then spent or given back (law 6).

A hold remembers what it took from which lot, in burn order. Captures take from the front of that, what is given back
comes off its end; so how much of each lot is still held follows from three numbers. Held credits stay capturable until
the hold's own deadline even if their lot expires; what is given back to an expired lot expires at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from scrip.domain.credits import limits, members
from scrip.domain.credits.entries import Cause, Draw, Entry
from scrip.domain.credits.errors import HoldNotOpen, InvalidRequest, NotFound, PolicyViolation, Steps
from scrip.domain.credits.ids import hold_id, time_entry_id
from scrip.domain.credits.units import OverCapture, Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import full, pay, set_aside, spent_of_held
from scrip.domain.wallets.expiry import expire, expiring
from scrip.domain.wallets.repayments import Repaid, for_meters, owe, repaid
from scrip.domain.wallets.status import require_active, require_open
from scrip.domain.wallets.wallet import Name

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

    @property
    def held(self) -> int:
        return self.amount - self.captured - self.released

    @property
    def name(self) -> str:
        return str(self.seq)

    def first(self, steps: int) -> list[tuple[int, int]]:
        """Returns the lots that the next ``steps`` to be captured come from."""
        return _slice(self.draws, self.captured, self.captured + steps)

    def last(self, steps: int) -> list[tuple[int, int]]:
        """Returns the lots that the next ``steps`` to be given back go to, the last drawn first."""
        end = self.amount - self.released
        return _slice(self.draws, end - steps, end)[::-1]

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


def place(draft: Draft, wanted: Hold, policy: Policy, now: int, cause: Cause) -> Entry:
    """Sets credits aside. Debt cannot be held: no overdraft.

    Args:
        wanted: the hold as it is asked for. Its sequence and its draws are not known yet.

    Raises:
        InvalidRequest: the hold would last longer than holds may.
        WalletClosed, WalletFrozen, InsufficientCredits, PolicyViolation, Crowded: as a burn.
    """
    if not now < wanted.expires_at <= now + limits.HOLD_MS:
        raise InvalidRequest([("expires_in", "must be at most seven days")])
    require_active(draft)
    paid = pay(draft, wanted.amount, policy, meter=wanted.meter, take=set_aside)
    draws = [(one.lot, one.amount) for one in paid.draws]
    hold = replace(wanted, seq=draft.next_seq, draws=draws, apart=len(draws) > limits.HOLD_DRAWS)
    if hold.apart:
        draft.keep(DRAWN, hold.name, hold.drawn())
    draft.set_timer(KIND, hold.name, None, hold.expires_at)
    return _record(draft, hold, "hold", paid.draws, now, cause)


@dataclass(frozen=True, slots=True)
class Capture:
    """Spends credits of a hold.

    Attributes:
        seq: the hold's.
        policy: the unit's, as it is now.
        amount: credit steps; None: all that is held.
        final: what is still held after it is given back.
    """

    seq: int
    policy: Policy
    amount: int | None = None
    final: bool = True


def capture(draft: Draft, command: Capture, now: int, cause: Cause) -> Entry | None:
    """Spends credits of the hold.

    Returns:
        The entry; None where only a part of the rest could be given back in one commit: commit it, and come again.

    Raises:
        NotFound, WalletClosed, HoldNotOpen.
        WalletFrozen, InsufficientCredits, Crowded: more than is held, and it cannot be burned besides.
        PolicyViolation: more than is held, and the hold refuses that.
    """
    hold, policy, final = _open(draft, command.seq), command.policy, command.final
    wanted = hold.held if command.amount is None else command.amount
    captured = min(wanted, hold.held)
    extra: Sequence[Draw] = ()
    owes: Mapping[str, Any] = {}
    if wanted > hold.held:
        require_active(draft)
        if hold.over_capture == "refuse":
            raise PolicyViolation("that is more than is held", policy="over_capture", held=Steps(hold.held))
        overdraft = max(0, policy.overdraft_limit - draft.totals.owed)
        paid = pay(draft, wanted - hold.held, policy, meter=hold.meter, overdraft=overdraft)
        extra, owes = paid.draws, owe(draft, for_meters([hold.meter]), paid.short)
    elif final and wanted < hold.held:
        hold = _give_back(draft, hold, hold.held - wanted, now, _beside(draft, cause))
        if hold.held > wanted or full(draft, len(hold.draws)):
            return None
        expire(draft, now)
    draws = []
    for lot_seq, steps in hold.first(captured):
        lot = draft.lot(lot_seq)
        after, one = spent_of_held(lot, steps)
        draft.replace(lot, after)
        draws.append(one)
    hold = replace(hold, captured=hold.captured + captured, extra=hold.extra + wanted - captured)
    if final or not hold.held:
        hold = _close(draft, hold, "captured")
    return _record(draft, hold, "capture", [*draws, *extra], now, cause, {"held": len(draws), **owes})


def release(draft: Draft, seq: int, now: int, cause: Cause) -> Entry | None:
    """Gives back all that is held.

    Returns:
        The entry; None where only a part could be given back in one commit: commit it, and come again.

    Raises:
        NotFound, WalletClosed, HoldNotOpen.
    """
    hold = _open(draft, seq)
    hold, draws, extra = _given_back(draft, hold, hold.held, now)
    if hold.held:
        _record(draft, hold, "release", draws, now, _beside(draft, cause), extra)
        return None
    hold = _close(draft, hold, "released")
    return _record(draft, hold, "release", draws, now, cause, extra | expiring(draft, now))


def extend(draft: Draft, seq: int, expires_at: int, now: int, cause: Cause) -> Entry:
    """Moves the deadline to ``expires_at``, sooner or later.

    Raises:
        NotFound, WalletClosed, HoldNotOpen.
        InvalidRequest: the hold would last longer than holds may.
    """
    if not now < expires_at <= now + limits.HOLD_MS:
        raise InvalidRequest([("expires_in", "must be at most seven days")])
    hold = _open(draft, seq)
    draft.set_timer(KIND, hold.name, hold.expires_at, expires_at)
    return _record(draft, replace(hold, expires_at=expires_at), "extend", [], now, cause)


def time_out(draft: Draft, seq: int, instant: int, room: int | None) -> bool:
    """Gives back what is held, at the hold's deadline. Tells whether that is all of it."""
    hold = find(draft, seq)
    hold, draws, extra = _given_back(draft, hold, hold.held, instant, room, timed_out=True)
    if not hold.held:
        hold = _close(draft, hold, "expired")
    if draws or not hold.held:
        _record(draft, hold, "release", draws, instant, None, extra)
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


def _give_back(draft: Draft, hold: Hold, wanted: int, now: int, cause: Cause) -> Hold:
    """Gives ``wanted`` steps back, or as many as fit into a commit, with an entry of its own. Returns the hold then."""
    hold, draws, extra = _given_back(draft, hold, wanted, now)
    if draws:
        _record(draft, hold, "release", draws, now, cause, extra)
    return hold


def _given_back(
    draft: Draft,
    hold: Hold,
    wanted: int,
    at: int,
    room: int | None = limits.BOOKING_ITEMS,
    timed_out: bool = False,
) -> tuple[Hold, Sequence[Draw], dict[str, Any]]:
    """Gives ``wanted`` steps back to the lots drawn last, or fewer where ``room`` items are full.

    Debt is repaid out of them first. Returns the hold then, the draws (what went back, then what repaid), and for the
    entry's ``extra`` how many of the draws went back.
    """
    # Holds that time out come before the lots that end at the same instant; a caller comes after them.
    alive_until = at - 1 if timed_out else at
    back: list[Draw] = []
    repays = Repaid()
    for seq, steps in hold.last(wanted):
        if room is not None and draft.weight(LOT_ITEMS) >= room:
            break
        lot = draft.lot(seq)
        after = lot.set_aside(-steps)
        back.append(Draw(seq, steps))
        if after.expired(alive_until):
            after = after.ended()
        after = repaid(draft, after, steps, repays, ended=after.expired(at))
        draft.replace(lot, after)
    hold = replace(hold, released=hold.released + sum(one.amount for one in back))
    return hold, [*back, *repays.draws], {"back": len(back), **repays.extra}


def _beside(draft: Draft, cause: Cause) -> Cause:
    """Returns the same cause for an entry that goes before the one with the caller's key."""
    return replace(cause, entry_id=time_entry_id(draft.wallet.account, draft.wallet.unit, draft.next_seq))


def _close(draft: Draft, hold: Hold, status: Status) -> Hold:
    """Removes the deadline. Returns the hold with its last status."""
    draft.set_timer(KIND, hold.name, hold.expires_at, None)
    return replace(hold, status=status)


def _record(
    draft: Draft,
    hold: Hold,
    kind: Literal["hold", "capture", "release", "extend"],
    draws: Sequence[Draw],
    at: int,
    cause: Cause | None,
    extra: Mapping[str, Any] | None = None,
) -> Entry:
    """Keeps the hold as it is now, and records what happened to it."""
    draft.keep(KIND, hold.name, hold.to_json())
    return draft.record(kind, draws, at, cause, {"hold": hold.to_json(), **(extra or {})})


def _open(draft: Draft, seq: int) -> Hold:
    """Returns the hold. Raises ``NotFound``, ``WalletClosed``, ``HoldNotOpen``."""
    hold = find(draft, seq)
    require_open(draft)
    if hold.status != "open":
        raise HoldNotOpen(f"the hold is {hold.status}", hold_status=hold.status)
    return hold


def _slice(draws: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Returns the draws that make up the steps from ``start`` to ``end``."""
    found, at = [], 0
    for lot, steps in draws:
        part = min(end, at + steps) - max(start, at)
        if part > 0:
            found.append((lot, part))
        at += steps
    return found
