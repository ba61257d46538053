"""Law 9: whatever Stripe sends of a payment, in any order and however often, ends in the same position."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, PaymentFacts, Refund
from scrip.domain.payments.target import target, unusable
from scrip.domain.wallets.position import Target
from scrip.providers.stripe.webhook import translate
from tests.providers.samples import DATA, permuted, steady
from tests.providers.stripe.samples import event, moved

Event = dict[str, Any]

# These do not say the money: a step of credit is a minor unit here, and nothing in them rounds.
GIVEN = [
    (
        one["name"],
        [event(name.removeprefix("stripe_")) for name in one["events"]],
        Target(**one["final"], refunded=one["final"]["clawed"]),
    )
    for one in json.loads((DATA / "scenarios.json").read_text())["scenarios"]
    if one["name"].startswith("stripe ")
]

PAID = event("payment_intent_succeeded")
BY_SESSION = event("checkout_session_completed_paid")
REFUND_PENDING = event("refund_created_pending")
REFUND = event("refund_created_full")
REFUND_FAILED = event("refund_failed")
QUARTER = event("refund_created_partial_1")
OPENED = event("dispute_created")
LOST = event("dispute_closed_lost")
WON = event("dispute_closed_lost_to_won_late")
REINSTATED = event("dispute_funds_reinstated_on_lost_after_partial_refund")
INQUIRY = event("dispute_inquiry_created")
INQUIRY_CLOSED = event("dispute_inquiry_closed")
BORN_LOST = event("dispute_closed_lost", "charge.dispute.created", balance_transactions=[])
RESOLVED = event("dispute_prevented_by_resolution")
UNBOOKED = event("dispute_prevented_by_resolution", balance_transactions=[])
INVOICE = event("invoice_paid_first")
INVOICE_INTENT = event("payment_intent_succeeded_of_invoice")
LINK = event("invoice_payment_paid")


def of_invoice(name: str, **changed: Any) -> Event:
    return event(name, payment_intent="pi_wk4B001", charge="ch_wk4B001", **changed)


# 100.00 USD buys 10 000 credits; 20.00 tax on top, so 120.00 was paid.
OURS: list[tuple[str, list[Event], Target]] = [
    ("a refund and no payment", [REFUND], Target()),
    (
        "a debit on its way, then paid",
        [event("checkout_session_completed_unpaid"), event("payment_intent_processing"), PAID],
        Target(10000),
    ),
    (
        "a declined card, then paid",
        [event("payment_intent_payment_failed"), PAID, BY_SESSION],
        Target(10000),
    ),
    (
        "a debit that failed",
        [event("checkout_session_completed_unpaid"), event("checkout_session_async_payment_failed")],
        Target(),
    ),
    ("a refund on its way", [PAID, REFUND_PENDING], Target(10000, 0, 10000, 0)),
    ("pending, then succeeded", [PAID, REFUND_PENDING, REFUND], Target(10000, 10000, 0, 10000)),
    ("pending, succeeded, failed", [PAID, REFUND_PENDING, REFUND, REFUND_FAILED], Target(10000)),
    (
        "a failed refund leaves another's quarter",
        [PAID, REFUND, REFUND_FAILED, QUARTER],
        Target(10000, 2500, 0, 2500),
    ),
    ("disputed", [PAID, OPENED], Target(10000, 0, 10000, 0)),
    ("a pending refund while disputed", [PAID, REFUND_PENDING, OPENED], Target(10000, 0, 10000, 0)),
    (
        "a refund fails while disputed",
        [PAID, REFUND_PENDING, OPENED, REFUND_FAILED],
        Target(10000, 0, 10000, 0),
    ),
    ("a quarter back, then disputed whole", [PAID, QUARTER, OPENED], Target(10000, 2500, 7500, 2500)),
    (
        "a quarter back, lost whole, the quarter reinstated",
        [PAID, QUARTER, OPENED, LOST, REINSTATED],
        Target(10000, 10000, 0, 10000),
    ),
    ("lost after a full refund", [PAID, REFUND, LOST], Target(10000, 10000, 0, 10000)),
    ("born lost", [PAID, BORN_LOST], Target(10000, 10000, 0, 10000)),
    (
        "born lost, booked later, a quarter reinstated",
        [PAID, BORN_LOST, LOST, REINSTATED],
        Target(10000, 7500, 0, 7500),
    ),
    (
        "an appeal of a lost dispute",
        [PAID, OPENED, LOST, event("dispute_appealed")],
        Target(10000, 10000, 0, 10000),
    ),
    ("an appeal that was won", [PAID, LOST, event("dispute_appealed"), WON], Target(10000)),
    ("an inquiry", [PAID, INQUIRY], Target(10000, 0, 10000, 0)),
    ("an inquiry that was closed", [PAID, INQUIRY, INQUIRY_CLOSED], Target(10000)),
    (
        "an inquiry that became a dispute",
        [PAID, INQUIRY, INQUIRY_CLOSED, OPENED],
        Target(10000, 0, 10000, 0),
    ),
    (
        "an inquiry that became a lost dispute",
        [PAID, INQUIRY, OPENED, LOST],
        Target(10000, 10000, 0, 10000),
    ),
    ("blocked before it was a dispute", [PAID, event("dispute_prevented_by_block")], Target(10000)),
    ("resolved by itself", [PAID, UNBOOKED, RESOLVED], Target(10000, 10000, 0, 10000)),
    (
        "resolved, and given back",
        [PAID, RESOLVED, event("dispute_prevented_by_resolution", balance_transactions=moved(-12000, 12000))],
        Target(10000),
    ),
    (
        "lost in an account of another currency",
        [
            PAID,
            OPENED,
            event("dispute_closed_lost", balance_transactions=moved(-11111, 2778, currency="eur")),
        ],
        Target(10000, 7500, 0, 7500),
    ),
    (
        "half disputed and lost",
        [PAID, event("dispute_closed_lost", amount=6000, balance_transactions=moved(-6000))],
        Target(10000, 5000, 0, 5000),
    ),
    (
        "two disputes and a refund share one cap",
        [
            PAID,
            QUARTER,
            LOST,
            event("dispute_closed_lost", id="du_2", amount=6000, balance_transactions=moved(-6000)),
        ],
        Target(10000, 10000, 0, 10000),
    ),
    ("a suspicion moves nothing", [PAID, event("radar_early_fraud_warning_created")], Target(10000)),
    ("a subscription's first payment, once", [INVOICE_INTENT, INVOICE, LINK], Target(10000)),
    (
        "a quarter of a subscription's payment back",
        [INVOICE, INVOICE_INTENT, LINK, of_invoice("refund_created_partial_1")],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "a subscription's payment disputed and lost",
        [INVOICE, LINK, of_invoice("dispute_created"), of_invoice("dispute_closed_lost")],
        Target(10000, 10000, 0, 10000),
    ),
]
SCENARIOS = [*GIVEN, *OURS]
NAMES = [name for name, _, _ in SCENARIOS]


def folded(deliveries: list[Delivery]) -> PaymentFacts:
    """What is known of the one payment that is not part of another, each delivery applied as ``posting.apply`` does."""
    known: dict[str, PaymentFacts] = defaultdict(PaymentFacts)
    for delivery in deliveries:
        if delivery.payment_id is None:
            continue
        part = known[delivery.payment_id] = known[delivery.payment_id].merge_all(delivery.facts)
        if part.part_of:
            passed_on = [fact for fact in part.all if isinstance(fact, Refund | Dispute)]
            known[part.part_of] = known[part.part_of].merge_all(passed_on)
    (whole,) = [facts for facts in known.values() if not facts.part_of] or [PaymentFacts()]
    return whole


def ends_in(events: list[Event], position: Target) -> bool:
    facts = folded([translate(one, "false") for one in events])
    return target(facts, 10000, 10000) == position and not list(unusable(facts))


@pytest.mark.parametrize(("name", "events", "position"), SCENARIOS, ids=NAMES)
def test_every_order_ends_the_same(name: str, events: list[Event], position: Target) -> None:
    for order in permutations(events):
        assert ends_in(list(order), position), [one["type"] for one in order]


@pytest.mark.parametrize(("name", "events", "position"), SCENARIOS, ids=NAMES)
@steady
@given(data=st.data())
def test_repeats_change_nothing(
    name: str, events: list[Event], position: Target, data: st.DataObject
) -> None:
    assert ends_in(data.draw(permuted(events)), position)


def test_every_given_scenario_of_stripe_is_held() -> None:
    assert len(GIVEN) == 5
