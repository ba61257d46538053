"""Transfers: the body and the answer."""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.http.edge.bodies import Amount, Identifier, MovementBody
from scrip.http.wallets.entries import EntryView, entry_view
from scrip.http.wallets.movements import MovedView, moved_view
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


class TransferredView(MovedView):
    """The sender's entry and balance, and the receiver's entries."""

    to_entry: EntryView
    """The receiver's last entry."""
    to_entries: list[EntryView]
    """All of them, one for each lot that arrived."""


def transferred_view(arrived: Sequence[Entry], sent: Entry, unit: Unit) -> TransferredView:
    """Shows both sides of a transfer: the sender's entry, and the receiver's, one for each lot."""
    entries = [entry_view(entry, unit) for entry in arrived]
    return {**moved_view(sent, unit), "to_entry": entries[-1], "to_entries": entries}
