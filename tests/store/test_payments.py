"""Lists of payments: oldest first, between two instants, and in pages that go on where one ended."""

from __future__ import annotations

import pytest

from scrip.store import documents, keys, payments
from scrip.store.documents import Listing
from scrip.store.payments import ListedPayment
from scrip.store.tables import Tables

PAID = [ListedPayment(at, "dodo", f"pay_{number}") for number, at in enumerate((10, 20, 20, 30, 40))]
"""Two of them were paid at one instant."""


@pytest.fixture(autouse=True)
def _paid(tables: Tables) -> None:
    """Five payments at Dodo, one at Stripe, and one at Dodo that waits for a person."""
    others = [("stripe", "pi_1", keys.paid("stripe")), ("dodo", "pay_9", keys.PARKED)]
    placed = [(one.provider, one.payment_id, keys.paid("dodo"), one.at) for one in PAID]
    for provider, payment_id, shard, at in [*placed, *((*other, 25) for other in others)]:
        listing = Listing(shard, at)
        assert documents.put(tables, keys.payment(provider, payment_id), documents.NEW, {}, listing)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(0, 99, PAID), (20, 30, PAID[1:4]), (21, 29, []), (40, 40, PAID[4:]), (41, 99, [])],
)
def test_payments_are_listed_between_two_instants_both_included(
    tables: Tables, first: int, last: int, found: list[ListedPayment]
) -> None:
    assert list(payments.every(tables, keys.paid("dodo"), first, last, 100)) == found


@pytest.mark.parametrize("page", [1, 2, 3, 5, 100])
def test_a_list_is_the_same_in_pages_of_any_length(tables: Tables, page: int) -> None:
    """Also where a page ends between two payments of one instant."""
    assert list(payments.every(tables, keys.paid("dodo"), 0, 99, page)) == PAID


def test_a_page_says_where_the_next_one_begins(tables: Tables) -> None:
    found, cursor = payments.listed(tables, keys.paid("dodo"), 0, 99, 2)
    assert (found, cursor) == (PAID[:2], (20, keys.payment("dodo", "pay_1")))
    found, _ = payments.listed(tables, keys.paid("dodo"), 0, 99, 100, cursor)
    assert found == PAID[2:]


def test_each_list_has_its_own_payments(tables: Tables) -> None:
    assert list(payments.every(tables, keys.paid("stripe"), 0, 99, 9)) == [
        ListedPayment(25, "stripe", "pi_1")
    ]
    assert list(payments.every(tables, keys.PARKED, 0, 99, 9)) == [ListedPayment(25, "dodo", "pay_9")]
