"""Transfers: two wallets, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import Contended, Crowded, InvalidRequest, Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import transfers
from scrip.domain.wallets.draft import Book, Decision
from scrip.domain.wallets.draws import too_many_lots
from scrip.domain.wallets.due import settle
from scrip.domain.wallets.wallet import Need, Snapshot
from scrip.services.engine.executor import TORN, Desk, Done, Idle, Moment, StaleDocument, Teller
from scrip.services.engine.requests import About, Caller, carry_out, cause_of
from scrip.store import ledger, wallets
from scrip.store.commit import writes_of
from scrip.store.tables import Item

TRIES: Final = 14
"""How often the receiver's wallet is read again where somebody else wrote it meanwhile."""


def transfer(
    teller: Teller, account: str, unit_id: str, to: str, amount: str, about: About, caller: Caller
) -> tuple[Done, Sequence[Entry], Unit]:
    """Moves credits to another account: the sender's entry, the receiver's (one for each lot), the unit.

    The key belongs to the sender's wallet.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: to oneself.
        PolicyViolation, InsufficientCredits, WalletClosed, WalletFrozen (``account`` says whose), AmountOutOfRange,
        PrecisionExceeded, KeyReused, Contended.
    """
    if to == account:
        raise InvalidRequest([("to_account", "must be another account")])
    desk = teller.desk(account, unit_id)
    steps = parse_amount(amount, desk.unit.precision)
    cause = cause_of("transfer", account, unit_id, caller, about, {"amount": str(steps), "to": to})
    for _ in range(TRIES):
        try:
            done = _attempt(teller, desk, to, steps, caller, cause)
            return done, arrived(teller, done.entry), desk.unit
        except StaleDocument:
            desk = teller.desk(account, unit_id, fresh=True)
    raise Contended("too many writers of the other wallet at once")


def _attempt(teller: Teller, desk: Desk, to: str, steps: int, caller: Caller, cause: Cause) -> Done:
    """The transfer, decided on the receiver's wallet as it is now. Raises ``StaleDocument`` where that was written
    meanwhile."""
    receiver = _Receiver(teller, _settled(teller, to, desk.unit.unit, caller.moment), caller.moment)

    def act(book: Book, now: int) -> Entry:
        due = len(book.entries)
        entry, pieces = transfers.send(book, steps, to, desk.unit.policy, now, cause)
        receiver.decide(lambda other: transfers.receive(other, pieces, entry, _now(other, now), cause))
        if book.weight(2) + receiver.items > limits.COMMIT_ITEMS - limits.COMMIT_SLACK:
            raise Crowded("it does not fit beside what was due") if due else too_many_lots()
        return entry

    done, unit = carry_out(teller, desk, caller, cause, act, receiver.writes)
    if not done.replayed:
        teller.forget(to, unit.unit)
    return done


def arrived(teller: Teller, sent: Entry) -> Sequence[Entry]:
    """The receiver's entries of a transfer, in the order of the sender's draws."""
    ids = transfers.arrivals(sent)
    found = ledger.find_many(teller.tables, sent.extra["to"], sent.unit, ids)
    return [found[entry_id] for entry_id in ids]


def _settled(teller: Teller, account: str, unit_id: str, moment: Moment) -> Desk:
    """The other wallet, present, with all that is due booked in commits of its own."""
    desk = teller.desk(account, unit_id, fresh=True)
    at = moment if moment.at >= desk.snapshot.wallet.at else replace(moment, at=desk.snapshot.wallet.at)
    idle = teller.carry_out(desk, at, lambda _book, _now: None)
    assert isinstance(idle, Idle)
    return replace(desk, snapshot=Snapshot(idle.wallet))


def _now(book: Book, now: int) -> int:
    """The instant in a wallet that may have seen a later one: skew is clamped up."""
    return max(now, book.wallet.at)


class _Receiver:
    """The receiving wallet and what was decided for it."""

    def __init__(self, teller: Teller, desk: Desk, moment: Moment) -> None:
        self._teller, self._desk, self._moment = teller, desk, moment
        self._decision: Decision | None = None

    def decide(self, act: transfers.Receive) -> None:
        """Decides on this wallet, reading what that needs. A refusal names whose wallet refused."""
        snapshot = self._desk.snapshot
        while True:
            try:
                book = Book(snapshot)
                settle(book, max(self._moment.at, snapshot.wallet.at))
                act(book)
                self._decision = book.decision()
                return
            except Need as need:
                wallets.provide(self._teller.tables, snapshot, need)
            except TORN:
                # What may come of parts of several versions: looked at again where somebody wrote meanwhile.
                if self._teller.written_since(snapshot, self._desk.unit) is None:
                    raise
                raise StaleDocument from None
            except Refusal as refusal:
                refusal.facts = {**refusal.facts, "account": snapshot.wallet.account}
                raise

    @property
    def items(self) -> int:
        """Items of the transaction that its decision takes."""
        return self._decision.items if self._decision else 0

    def writes(self) -> list[Item]:
        assert self._decision
        return writes_of(self._teller.tables, self._decision)
