"""Notes: what is kept of a lot beside its numbers (source, metadata, terms of sale, tax), and what of it goes with a
part of the lot.

Does not own what a sale notes (``services.payments.posting``) or a grant by hand (``services.wallets.grants``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrip.domain.credits.lots import NOTE, Lot
from scrip.domain.wallets.draft import Draft


def note_of(draft: Draft, lot: Lot) -> Mapping[str, Any]:
    """Returns what is noted of a lot; empty where nothing is."""
    return (lot.noted and draft.sidecar(NOTE, str(lot.seq))) or {}


def sold_as(note: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what an entry says of the sale of a lot; nothing of a lot that was not bought.

    That is which pack it was bought as, id and version, and the country of the buyer's address, if the payment told it;
    of what a promotion gave, its code.
    """
    sold: dict[str, Any] = {"pack": [note["pack"], note["pack_version"]]} if "pack" in note else {}
    source = note.get("source")
    if isinstance(source, list) and source[0] == "promotion":
        sold["promotion"] = source[1]
    return sold | {name: said for name in ("country",) if (said := note.get(name))}


def of_piece(note: Mapping[str, Any], tax: int) -> Mapping[str, Any]:
    """Returns the note of a lot made of a part of another one; ``tax`` is its share of the tax, in minor units."""
    return {**note, "tax": {**note["tax"], "amount": tax}} if "tax" in note else note
