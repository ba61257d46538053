"""Payments in the table: one that nobody has heard of, and where the index lists those that are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip import runtime
from scrip.domain.payments.facts import Paid, Unpaid
from scrip.domain.payments.payment import Payment
from scrip.services.payments.payment import listing_of, load_payment
from scrip.store import documents, keys
from scrip.store.documents import NEW, Listing
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

UNKNOWN = Payment("dodo", "pay_1")
PAID = replace(UNKNOWN, facts=UNKNOWN.facts.merge(Paid(120_000, 20_000, "USD", at=5_000)))


def test_a_payment_that_nobody_has_heard_of_is_empty_and_not_stored(scrip: Deployment) -> None:
    with scrip.unwritten():
        stored = load_payment(runtime.tables(), "dodo", "pay_1")
    assert (stored.payment, stored.document.rev) == (UNKNOWN, NEW)


def test_a_payment_is_read_as_it_was_stored_under_its_providers_name(scrip: Deployment) -> None:
    tables = runtime.tables()
    known = PAID.waiting(["it names no order"], 6_000)
    unread = load_payment(tables, "dodo", "pay_1").document
    documents.put(tables, unread.pk, unread.rev, known.to_json(), listing_of(known))
    stored = load_payment(tables, "dodo", "pay_1")
    assert (stored.payment, stored.document.rev) == (known, 1)
    assert load_payment(tables, "stripe", "pay_1").document.rev == NEW


def test_what_waits_is_listed_by_since_when_and_what_is_paid_by_its_provider_and_instant() -> None:
    assert listing_of(UNKNOWN) is None
    tried = replace(UNKNOWN, facts=UNKNOWN.facts.merge(Unpaid("failed", at=5_000)))
    assert listing_of(tried) is None
    assert listing_of(PAID) == Listing(keys.paid("dodo"), 5_000)
    assert listing_of(PAID.waiting(["it names no order"], 6_000)) == Listing(keys.PARKED, 6_000)
    assert listing_of(UNKNOWN.waiting(["not known yet"], 6_000)) == Listing(keys.PARKED, 6_000)


def test_what_waits_no_more_is_listed_as_paid_again() -> None:
    waiting = PAID.waiting(["it names no order"], 6_000)
    assert listing_of(waiting.waiting([], 7_000)) == Listing(keys.paid("dodo"), 5_000)
