"""Transfers: lots, or parts of them, move to another account's wallet of the same unit, with their lineage (law 7).

Each piece is a lot of its own there, with the priority, expiry, scope, rollover rule and note it had, and for cost
basis the money that left its lot with it; and each has an entry of its own, since an entry names the lot it makes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Draw, Entry
from scrip.domain.credits.errors import InsufficientCredits, PolicyViolation
from scrip.domain.credits.ids import business_key, former_entry_id, is_former, key_entry_id
from scrip.domain.credits.lots import NOTE, Lot, Money, lot_facts
from scrip.domain.credits.terms import Terms
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import moved
from scrip.domain.wallets.grants import within_range
from scrip.domain.wallets.lot_terms import code_of, terms_of
from scrip.domain.wallets.notes import note_of, of_piece, sold_as
from scrip.domain.wallets.repayments import Repaid, repaid
from scrip.domain.wallets.status import require_active

Receive = Callable[[Draft], object]
"""Decides on the draft of the receiving wallet."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What moves of one lot: the lot as it was, the steps, the money and tax (minor units) that go with them, its terms
    and its note."""

    lot: Lot
    steps: int
    money: Money | None
    tax: int
    terms: Terms
    note: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Send:
    """Moves credits to another account.

    Attributes:
        amount: credit steps.
        to: the account that receives them.
        policy: the unit's, as it is now.
    """

    amount: int
    to: str
    policy: Policy


def send(draft: Draft, command: Send, now: int, cause: Cause) -> tuple[Entry, Sequence[Piece]]:
    """Takes credits out of the wallet in burn order, whatever their scope. Returns the entry, and what is to arrive.

    Raises:
        WalletClosed, WalletFrozen.
        PolicyViolation: the unit's credits do not move, however many there are; or, of enough credits, they lie in more
            lots than one transfer moves.
        InsufficientCredits.
    """
    require_active(draft)
    if not command.policy.transferable:
        raise PolicyViolation("credits of this unit stay with their account", policy="transferable")
    if command.amount > draft.totals.available:
        raise InsufficientCredits(required=command.amount, available=draft.totals.available)
    pieces: list[Piece] = []
    draws: list[Draw] = []
    left = command.amount
    for lot in draft.open_lots():
        if not left:
            break
        if len(pieces) == limits.TRANSFER_LOTS:
            raise PolicyViolation(
                f"a transfer moves at most {limits.TRANSFER_LOTS} lots: do it in parts",
                policy="max_lots_per_transfer",
            )
        note = note_of(draft, lot)
        terms = terms_of(draft, lot)
        steps = min(left, lot.spendable)
        after, one = moved(lot, steps)
        draft.replace(lot, after)
        draws.append(one)
        pieces.append(Piece(lot, steps, one.value, one.tax or 0, terms, note))
        left -= steps
    # Whether the tax of a draw is still to be due is not to be seen in the draw.
    taxed = [piece.lot.seq for piece in pieces if piece.lot.tax_at_redemption and piece.tax]
    said = {"to": command.to, **({"redemption": taxed} if taxed else {})}
    return draft.record("transfer_out", draws, now, cause, said), pieces


def receive(draft: Draft, pieces: Sequence[Piece], sent: Entry, now: int, cause: Cause) -> Sequence[Entry]:
    """Makes a lot of each piece, with an entry each. What the wallet owes is repaid out of them first.

    Raises:
        WalletClosed, WalletFrozen: this wallet takes part in no transfer.
        AmountOutOfRange: it would hold more than the largest total.
        PolicyViolation: its lots have as many different terms as they may.
    """
    require_active(draft)
    within_range(draft, sum(piece.steps for piece in pieces))
    entries = []
    for number, piece in enumerate(pieces):
        seq = draft.next_seq
        made = piece.lot.moved(seq, "transfer", piece.steps, piece.money, piece.tax)
        lot = made._replace(noted=True, terms=code_of(draft, piece.terms, now))
        source: dict[str, Any] = {"account": sent.account, "lot": piece.lot.seq, "entry": sent.id}
        draft.keep(NOTE, str(seq), {**of_piece(piece.note, piece.tax), "moved_from": source})
        repays = Repaid()
        lot = repaid(draft, lot, lot.granted, repays)
        draft.add(lot)
        if lot.notices:
            draft.look(draft.at)
        facts = {
            "lot": lot_facts(lot, piece.terms.scope) | sold_as(piece.note),
            "from": sent.account,
            "of": sent.id,
            **repays.extra,
        }
        named = replace(cause, entry_id=_arrival(sent, number))
        entries.append(draft.record("transfer_in", repays.draws, now, named, facts))
    return entries


def arrivals(sent: Entry) -> list[str]:
    """Returns the ids of the entries of a transfer in the receiving wallet, one for each draw of the sender's."""
    return [_arrival(sent, number) for number in range(len(sent.draws))]


def _arrival(sent: Entry, number: int) -> str:
    """Returns the id of the entry for the sender's draw of this number, counted from 0."""
    if is_former(sent.id):
        return former_entry_id(business_key("transfer", sent.account, sent.id, str(number)))
    return key_entry_id(sent.extra["to"], sent.unit, business_key("transfer", sent.id, str(number)))
