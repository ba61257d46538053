"""Transfers: the body and the answer."""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import Answer
from scrip.http.edge.bodies import Amount, Identifier, MovementBody
from scrip.http.wallets.entries import entry_view
from scrip.http.wallets.movements import moved
from scrip.services.engine.executor import Result
from scrip.services.wallets.transfers import TransferCredits


class TransferBody(MovementBody):
    """Credits for another account."""

    to_account: Identifier
    """Who receives them; another account."""
    amount: Amount
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has."""

    def command(self) -> TransferCredits:
        """Returns the command that the body asks for."""
        return TransferCredits(self.to_account, self.amount)


def transferred(done: Result, arrived: Sequence[Entry], unit: Unit) -> Answer:
    """Answers a transfer. ``to_entry`` is the receiver's last entry, of one for each lot."""
    entries = [entry_view(entry, unit) for entry in arrived]
    return moved(done, unit, to_entry=entries[-1], to_entries=entries)
