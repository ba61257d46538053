"""Notes of lots: what of them goes with a part of the lot (law 7)."""

from __future__ import annotations

from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.notes import note_of, of_piece
from scrip.domain.wallets.wallet import Snapshot
from tests.domain.memory import vault

SALE = {"topup_id": "top_1", "tax": {"amount": 2000, "currency": "USD"}, "tax_point": "purchase"}


def test_a_part_has_all_of_the_note_and_its_own_share_of_the_tax() -> None:
    assert of_piece(SALE, 200) == {**SALE, "tax": {"amount": 200, "currency": "USD"}}
    assert SALE["tax"] == {"amount": 2000, "currency": "USD"}, "the whole lot's note stays as it was"


def test_a_note_without_tax_goes_along_as_it_is() -> None:
    assert of_piece({"source": ["invoice", "in_1"]}, 0) == {"source": ["invoice", "in_1"]}


def test_a_lot_of_which_nothing_is_noted_has_an_empty_note() -> None:
    made = vault("10")
    assert note_of(Draft(Snapshot(made.wallet)), made.lot(1)) == {}
