"""What Paddle Billing says, as facts: that a provider is one module and its samples."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.payments.delivery import Delivery, Parked
from scrip.domain.payments.facts import Dispute, Fact, Paid, Refund, Unpaid
from scrip.domain.payments.subscription import Standing, State
from scrip.domain.payments.target import target
from scrip.domain.wallets.position import Target
from scrip.providers.paddle.webhook import translate, verify
from scrip.providers.signatures import BadSignature, NoSecrets
from tests.providers.samples import (
    DISPUTED_AT,
    PAID_AT,
    REFUNDED_AT,
    WEBHOOKS,
    body,
    folded,
    permuted,
    steady,
)

TXN, SUB = "txn_01kb2wk4a0000000000000t001", "sub_01kb2wk4a0000000000000s001"
REF = "adj_01kb2wk4a0000000000000r001"
PAID = Paid(12000, 2000, "USD", PAID_AT, topup_id="top_wk4T001")
REFUND = Refund(REF, "succeeded", 3000, "USD", REFUNDED_AT, tax=500)
# 12 November 2026, 07:30 UTC, and 20 November, 10:00: the instants at which it was taken and came back.
TAKEN_AT, BACK_AT = DISPUTED_AT, 1795168800000
TAKEN = Dispute(TXN, "lost", 2 * TAKEN_AT, "chargeback", 12000, "USD", TAKEN_AT)


@pytest.mark.parametrize(
    ("name", "type_", "fact"),
    [
        ("transaction_completed", "transaction.completed", PAID),
        ("transaction_paid", "transaction.paid", PAID),
        ("transaction_past_due", "transaction.past_due", Unpaid("failed", PAID_AT, topup_id="top_wk4T001")),
        ("refund_pending", "adjustment.created", replace(REFUND, status="pending")),
        ("refund_approved", "adjustment.updated", REFUND),
        ("refund_rejected", "adjustment.updated", replace(REFUND, status="failed")),
        (
            "refund_of_tax",
            "adjustment.created",
            Refund("adj_01kb2wk4a0000000000000r002", "succeeded", 2000, "USD", 1793966400000, tax=2000),
        ),
        (
            "credit",
            "adjustment.created",
            Refund("adj_01kb2wk4a0000000000000r003", "succeeded", 3000, "USD", 1793966400000, tax=500),
        ),
        (
            "chargeback_warning",
            "adjustment.created",
            Dispute(TXN, "open", 2 * 1794295800000, "chargeback_warning", 12000, "USD", 1794295800000),
        ),
        ("chargeback", "adjustment.created", TAKEN),
        ("chargeback_reversed", "adjustment.updated", replace(TAKEN, status="won", rank=2 * TAKEN_AT + 1)),
        (
            "chargeback_reverse",
            "adjustment.created",
            Dispute(TXN, "won", 2 * BACK_AT, "chargeback_reverse", 12000, "USD", BACK_AT),
        ),
    ],
)
def test_each_object_is_one_fact_about_its_transaction(name: str, type_: str, fact: Fact) -> None:
    assert translate(body(f"paddle_{name}")) == Delivery("paddle", type_, TXN, (fact,))


def test_a_renewal_names_its_subscription() -> None:
    (fact,) = translate(body("paddle_transaction_completed_renewal")).facts

    assert fact == Paid(12000, 2000, "USD", 1796202902114, subscription_id=SUB)


@pytest.mark.parametrize(
    ("name", "changed", "origin"),
    [
        ("completed", {}, None),
        ("completed", {"origin": "api"}, None),
        ("completed", {"custom_data": None}, None),
        ("completed", {"custom_data": None, "subscription_id": SUB}, "origin is web"),
        ("completed", {"subscription_id": SUB}, None),
        ("completed_renewal", {}, None),
        ("completed_renewal", {"origin": None}, None),
        ("completed_renewal", {"origin": "api"}, "origin is api"),
        ("completed_renewal", {"origin": "subscription_charge"}, "origin is subscription_charge"),
        ("completed_renewal", {"origin": "subscription_update"}, "origin is subscription_update"),
        (
            "completed_renewal",
            {"origin": "subscription_payment_method_change"},
            "origin is subscription_payment_method_change",
        ),
        ("completed_renewal", {"origin": "subscription_gift"}, "origin is subscription_gift"),
        ("completed_renewal", {"origin": ["web"]}, "origin is unreadable"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_only_a_period_and_a_checkout_that_names_its_order_have_no_other_origin(
    name: str, changed: dict[str, Any], origin: str | None
) -> None:
    (fact,) = translate(body(f"paddle_transaction_{name}", **changed)).facts

    assert isinstance(fact, Paid)
    assert fact.origin == origin


@pytest.mark.parametrize(
    ("name", "topup", "subscription"),
    [("completed", "top_wk4T001", None), ("completed_renewal", None, SUB)],
)
def test_a_transaction_of_nothing_is_told_where_it_names_what_may_be_ours(
    name: str, topup: str | None, subscription: str | None
) -> None:
    """A period of nothing names no order by itself: the subscription's order does not begin with it."""
    (fact,) = translate(body(f"paddle_transaction_{name}", details=_totals("0", "0"))).facts

    assert isinstance(fact, Paid)
    assert (fact.total, fact.topup_id, fact.subscription_id) == (0, topup, subscription)


def _typed(type_: str) -> dict[str, Any]:
    return {**body("paddle_transaction_completed"), "event_type": type_}


@pytest.mark.parametrize(
    "webhook",
    [
        body("paddle_transaction_completed_zero"),
        body("paddle_transaction_completed", status="ready"),
        body("paddle_transaction_completed", status="draft"),
        _typed("subscription.activated"),
        _typed("customer.updated"),
        _typed("payout.paid"),
        _typed("payment_method.deleted"),
        _typed("price.created"),
    ],
    ids=lambda webhook: f"{webhook['event_type']} {webhook['data']['status']}",
)
def test_what_moves_no_money_of_a_top_up_is_ignored(webhook: dict[str, Any]) -> None:
    assert translate(webhook).ignored


@pytest.mark.parametrize(
    ("name", "changed", "member", "value"),
    [
        ("transaction_completed", {"custom_data": None}, "topup_id", None),
        ("transaction_completed", {"custom_data": {"topup_id": "top 1"}}, "topup_id", None),
        ("transaction_completed", {"billed_at": None}, "at", 1793610800000),
        ("transaction_completed", {"status": "billed"}, "status", "processing"),
        (
            "transaction_completed",
            {"status": "billed", "custom_data": {"topup_id": "top_1"}},
            "topup_id",
            "top_1",
        ),
        ("transaction_completed", {"status": "canceled"}, "status", "failed"),
        ("transaction_completed", {"customer": 7, "payments": None, "items": "?"}, "total", 12000),
        ("refund_approved", {"type": "full"}, "full", True),
        ("refund_approved", {"type": None}, "full", False),
        ("refund_approved", {"status": "reversed"}, "status", "failed"),
        ("credit", {"status": "reversed"}, "status", "failed"),
        ("chargeback_reverse", {"status": "reversed"}, "status", "lost"),
        ("chargeback_warning", {"status": "reversed"}, "status", "won"),
        ("chargeback_warning", {"action": "chargeback_warning_reverse"}, "status", "won"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_else_they_may_say(name: str, changed: dict[str, Any], member: str, value: Any) -> None:
    delivery = translate(body(f"paddle_{name}", **changed))

    assert delivery.parked == ()
    assert [getattr(fact, member) for fact in delivery.facts] == [value]


def _totals(total: Any, tax: Any = "2000") -> dict[str, Any]:
    return {"totals": {"total": total, "tax": tax}}


TOTAL = "total is not a whole amount of minor units"
REFUNDED, DISPUTED = f"refund:{REF}", f"dispute:{TXN}"


@pytest.mark.parametrize(
    ("name", "changed", "about", "reason"),
    [
        ("transaction_completed", {"id": None}, "payment", "id is missing or no id"),
        ("transaction_completed", {"status": "disputed"}, "payment", "transaction status is disputed"),
        ("transaction_completed", {"status": None}, "payment", "transaction status is missing"),
        ("transaction_completed", {"details": None}, "payment", TOTAL),
        ("transaction_completed", {"details": _totals("120.00")}, "payment", TOTAL),
        ("transaction_completed", {"details": _totals("-1")}, "payment", TOTAL),
        ("transaction_completed", {"details": _totals("1000")}, "payment", "tax is more than total"),
        ("transaction_completed", {"currency_code": None}, "payment", "currency_code is not a currency code"),
        ("refund_approved", {"id": None}, "payment", "id is missing or no id"),
        ("refund_approved", {"transaction_id": None}, REFUNDED, "transaction_id is missing or no id"),
        ("refund_approved", {"status": "paused"}, REFUNDED, "adjustment status is paused"),
        ("refund_approved", {"action": "gift"}, REFUNDED, "adjustment action is gift"),
        ("refund_approved", {"action": "credit_reverse"}, REFUNDED, "adjustment action is credit_reverse"),
        ("refund_approved", {"action": ["refund"]}, REFUNDED, "adjustment action is unreadable"),
        ("refund_approved", _totals("30.00"), REFUNDED, TOTAL),
        ("refund_approved", _totals("1999"), REFUNDED, "tax is more than total"),
        ("refund_approved", {"created_at": None}, REFUNDED, "created_at is not an instant"),
        ("chargeback", {"status": "pending_approval"}, DISPUTED, "adjustment status is pending_approval"),
        ("chargeback", {"created_at": None}, DISPUTED, "created_at is not an instant"),
        ("chargeback", {"totals": {}}, DISPUTED, TOTAL),
        ("chargeback", {"transaction_id": None}, "payment", "transaction_id is missing or no id"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_is_parked_with_the_field_named(
    name: str, changed: dict[str, Any], about: str, reason: str
) -> None:
    delivery = translate(body(f"paddle_{name}", **changed))

    assert delivery.facts == ()
    assert delivery.parked == (Parked(about, reason),)


@pytest.mark.parametrize(
    ("webhook", "reason"),
    [
        (None, "the body has no event_type or no data"),
        ({"event_type": "transaction.paid"}, "the body has no event_type or no data"),
        ({"event_type": [], "data": {}}, "the body has no event_type or no data"),
        (_typed("gift_card.sold"), "unknown event type gift_card.sold"),
        (_typed("Ada <ada@example.test>"), "unknown event type unreadable"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_body_that_says_nothing_known_is_parked(webhook: Any, reason: str) -> None:
    assert translate(webhook).parked == (Parked("payment", reason),)


@pytest.mark.parametrize(
    ("name", "lines", "origin"),
    [
        ("completed_renewal", [{}, {"proration": {"rate": "0.5"}}], "line_items has a proration"),
        ("completed_renewal", [{"proration": None}, {}], None),
        ("completed_renewal", {"proration": {"rate": "0.5"}}, None),
        ("completed_renewal", None, None),
        ("completed", [{"proration": {"rate": "0.5"}}], None),
    ],
    ids=str,
)
def test_a_proration_is_no_period_of_a_subscription(name: str, lines: Any, origin: str | None) -> None:
    details = {"totals": {"total": "12000", "tax": "2000"}, "line_items": lines}
    (fact,) = translate(body(f"paddle_transaction_{name}", details=details)).facts
    assert isinstance(fact, Paid)
    assert fact.origin == origin


@pytest.mark.parametrize(
    ("instants", "at"),
    [
        ({}, PAID_AT),
        ({"created_at": None}, PAID_AT),
        # 2 November 2026, 09:13:20 UTC, and 09:15:05.120, when the event was made.
        ({"billed_at": None, "created_at": "2026-11-02T09:13:20.000000Z"}, 1793610800000),
        ({"billed_at": None, "created_at": None}, 1793610905120),
    ],
    ids=str,
)
def test_a_transaction_is_of_the_instant_when_it_was_billed_or_else_made_or_else_told(
    instants: dict[str, Any], at: int
) -> None:
    (fact,) = translate(body("paddle_transaction_completed", **instants)).facts
    assert isinstance(fact, Paid)
    assert fact.at == at


def test_a_transaction_of_no_instant_is_parked() -> None:
    untimed = body("paddle_transaction_completed", billed_at=None, created_at=None)
    assert translate({**untimed, "occurred_at": None}).parked == (
        Parked("payment", "billed_at is not an instant"),
    )


@pytest.mark.parametrize(
    ("action", "applied", "counts"),
    [
        ("credit", False, False),
        ("credit", True, True),
        ("credit", None, True),
        ("refund", False, True),
    ],
)
def test_a_credit_that_only_made_a_bill_less_gives_nothing_back(
    action: str, applied: bool | None, counts: bool
) -> None:
    delivery = translate(body("paddle_credit", action=action, credit_applied_to_balance=applied))
    given = Refund("adj_01kb2wk4a0000000000000r003", "succeeded", 3000, "USD", 1793966400000, tax=500)
    assert (delivery.payment_id, delivery.facts) == (TXN, (given,) if counts else ())
    assert delivery.parked == ()


def bill(**totals: Any) -> dict[str, Any]:
    """A transaction of 120.00 with 20.00 tax, whose totals say this too."""
    return body(
        "paddle_transaction_completed", details={"totals": {"total": "12000", "tax": "2000", **totals}}
    )


TWO_AMOUNTS = ("12000 USD in total", "9000 USD paid")


@pytest.mark.parametrize(
    ("totals", "fact"),
    [
        ({}, PAID),
        ({"grand_total": None}, PAID),
        ({"grand_total": "12000", "grand_total_tax": "7"}, PAID),
        # The buyer's balance paid 30.00. Of 90.00 a sixth is tax, where nothing else is said of it.
        ({"grand_total": "9000"}, replace(PAID, total=9000, tax=1500, amounts=TWO_AMOUNTS)),
        (
            {"grand_total": "9000", "grand_total_tax": "1600"},
            replace(PAID, total=9000, tax=1600, amounts=TWO_AMOUNTS),
        ),
        # No more of it is tax than came in.
        (
            {"grand_total": "1000", "grand_total_tax": "2000"},
            replace(PAID, total=1000, tax=1000, amounts=("1000 USD paid", "12000 USD in total")),
        ),
        # A third of a cent is no tax: 2000 of 12000 of 100 are 16 and two thirds.
        (
            {"grand_total": "100"},
            replace(PAID, total=100, tax=16, amounts=("100 USD paid", "12000 USD in total")),
        ),
    ],
    ids=str,
)
def test_what_came_in_of_a_bill_is_what_was_left_to_pay(totals: dict[str, Any], fact: Fact) -> None:
    delivery = translate(bill(**totals))
    assert (delivery.facts, delivery.parked) == ((fact,), ())


@pytest.mark.parametrize(
    ("totals", "reason"),
    [
        ({"grand_total": "12001"}, "grand_total is more than total"),
        ({"tax": "12001"}, "tax is more than total"),
        ({"total": "-100"}, "total is not a whole amount of minor units"),
    ],
    ids=str,
)
def test_a_bill_that_cannot_be_is_parked(totals: dict[str, Any], reason: str) -> None:
    delivery = translate(bill(**totals))
    assert (delivery.facts, delivery.parked) == ((), (Parked("payment", reason),))


@pytest.mark.parametrize("taxed", [{}, {"grand_total_tax": "0"}])
def test_a_bill_that_a_balance_paid_brought_no_money_in(taxed: dict[str, str]) -> None:
    delivery = translate(bill(grand_total="0", **taxed))
    assert delivery.facts == (replace(PAID, total=0, tax=0),)
    said = "grand_total is 0 and total is 12000 USD: the buyer's balance at Paddle paid it, and no money came in."
    assert delivery.parked == (Parked("payment", f"{said} Accept it for its order, or dismiss it"),)


# 1 December 2026, 00:00 UTC, and 1 January 2027.
SAID_AT, RENEWS_AT = 1796083200000, 1798761600000


def subscription(**data: Any) -> dict[str, Any]:
    """What Paddle says of an active subscription on 1 December."""
    said = {"id": SUB, "status": "active", "next_billed_at": "2027-01-01T00:00:00Z", **data}
    return {"event_type": "subscription.updated", "occurred_at": "2026-12-01T00:00:00Z", "data": said}


ENDS = {"scheduled_change": {"action": "cancel", "effective_at": "2027-01-01T00:00:00Z"}}


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "active"),
        ({"status": "trialing"}, "active"),
        ({"status": "past_due"}, "past_due"),
        ({"status": "paused"}, "paused"),
        ({"status": "canceled"}, "cancelled"),
        (ENDS, "cancelling"),
        ({"status": "past_due", **ENDS}, "cancelling"),
        ({"status": "paused", **ENDS}, "paused"),
        ({"status": "canceled", **ENDS}, "cancelled"),
        ({"scheduled_change": {"action": "pause"}}, "active"),
    ],
    ids=str,
)
def test_the_status_of_a_subscription_says_how_it_stands(changed: dict[str, Any], state: State) -> None:
    delivery = translate(subscription(**changed))
    assert delivery.standing == Standing(SUB, state, SAID_AT, RENEWS_AT)
    assert (delivery.facts, delivery.parked) == ((), ())


@pytest.mark.parametrize(
    "said",
    [
        {**subscription(), "occurred_at": None},
        subscription(id=None),
        subscription(status="inactive"),
        subscription(status=7),
        {**subscription(), "event_type": "customer.updated"},
    ],
    ids=["no instant", "no id", "a new status", "no status", "of something else"],
)
def test_what_does_not_say_how_a_subscription_stands_says_nothing_of_it(said: dict[str, Any]) -> None:
    assert translate(said).standing is None


@pytest.mark.parametrize(
    ("changed", "subscription_id"),
    [
        ({}, SUB),
        ({"origin": None}, SUB),
        ({"origin": "web"}, None),
        ({"origin": "subscription_charge"}, None),
        ({"status": "canceled"}, None),
        ({"subscription_id": None}, None),
    ],
    ids=str,
)
def test_a_transaction_that_is_past_due_is_a_failed_renewal_where_it_was_to_pay_a_period(
    changed: dict[str, Any], subscription_id: str | None
) -> None:
    changed = {"status": "past_due", **changed}
    (fact,) = translate(body("paddle_transaction_completed_renewal", **changed)).facts
    assert isinstance(fact, Unpaid)
    assert (fact.status, fact.subscription_id) == ("failed", subscription_id)


def _at(name: str, created_at: str, **data: Any) -> dict[str, Any]:
    return body(f"paddle_{name}", created_at=created_at, **data)


PAYMENT, TAKEN_AGAIN = body("paddle_transaction_completed"), "2026-12-20T07:30:00.000000Z"
WHOLE, NOTHING = Target(10000, 10000, 0, 10000), Target(10000)
SEQUENCES: list[tuple[str, list[dict[str, Any]], Target]] = [
    ("paid and completed", [body("paddle_transaction_paid"), PAYMENT], NOTHING),
    ("declined, then paid", [body("paddle_transaction_past_due"), PAYMENT], NOTHING),
    ("a refund waits for Paddle", [PAYMENT, body("paddle_refund_pending")], Target(10000, 0, 2500)),
    (
        "a refund that Paddle approves",
        [PAYMENT, body("paddle_refund_pending"), body("paddle_refund_approved")],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "a refund that Paddle rejects",
        [PAYMENT, body("paddle_refund_pending"), body("paddle_refund_rejected")],
        NOTHING,
    ),
    (
        "all of it, though 100.00 is written, and a credit of a quarter",
        [PAYMENT, body("paddle_refund_approved", type="full", **_totals("10000")), body("paddle_credit")],
        WHOLE,
    ),
    ("the tax alone", [PAYMENT, body("paddle_refund_of_tax")], NOTHING),
    (
        "the tax alone, then all the rest",
        [PAYMENT, body("paddle_refund_of_tax"), body("paddle_refund_approved", **_totals("10000", "0"))],
        WHOLE,
    ),
    (
        "the tax alone, then the rest charged back",
        [PAYMENT, body("paddle_refund_of_tax"), body("paddle_chargeback", **_totals("10000", "0"))],
        WHOLE,
    ),
    ("a warning", [PAYMENT, body("paddle_chargeback_warning")], Target(10000, 0, 10000)),
    (
        "a warning, and then the chargeback",
        [PAYMENT, body("paddle_chargeback_warning"), body("paddle_chargeback")],
        WHOLE,
    ),
    (
        "a chargeback that Paddle won",
        [
            PAYMENT,
            body("paddle_chargeback"),
            body("paddle_chargeback_reversed"),
            body("paddle_chargeback_reverse"),
        ],
        NOTHING,
    ),
    (
        "a chargeback that Paddle won, told by the reversal alone",
        [PAYMENT, body("paddle_chargeback"), body("paddle_chargeback_reverse")],
        NOTHING,
    ),
    (
        "won, and charged back again",
        [
            PAYMENT,
            body("paddle_chargeback"),
            body("paddle_chargeback_reverse"),
            _at("chargeback", TAKEN_AGAIN),
        ],
        WHOLE,
    ),
    (
        "two ends of one instant",
        [PAYMENT, body("paddle_chargeback"), _at("chargeback_reverse", "2026-11-12T07:30:00.000000Z")],
        Target(10000, 0, 10000),
    ),
    (
        "a refund of a quarter, then a chargeback of all of it",
        [PAYMENT, body("paddle_refund_approved"), body("paddle_chargeback")],
        WHOLE,
    ),
]


@pytest.mark.parametrize(("name", "known", "end"), SEQUENCES, ids=[name for name, _, _ in SEQUENCES])
@steady
@given(data=st.data())
def test_events_end_the_same_in_every_order_and_with_repeats(
    name: str, known: list[dict[str, Any]], end: Target, data: st.DataObject
) -> None:
    """Law 9."""
    assert target(folded(map(translate, data.draw(permuted(known)))), 10000, 10000) == end


SECRET, OLD = "pdl_ntfset_01kb2wk4_new", "pdl_ntfset_01kb2wk4_old"
NOW = 1793611000
RAW = (WEBHOOKS / "paddle_transaction_completed.json").read_bytes()
EVENT = json.loads(RAW)["event_id"]


def _digest(raw: bytes = RAW, at: int = NOW, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), f"{at}:".encode() + raw, hashlib.sha256).hexdigest()


def _signed(raw: bytes = RAW, at: int = NOW) -> dict[str, str]:
    return {"paddle-signature": f"ts={at};h1={_digest(raw, at)}"}


GOOD = _digest()


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (f"ts={NOW};h1={GOOD}", True),
        (f"ts={NOW};h1={_digest(secret=OLD)};h1={GOOD}", True),
        (f"ts={NOW};h1={GOOD};h2=abc", True),
        (f"ts={NOW + 300};h1={_digest(at=NOW + 300)}", True),
        (f"ts={NOW + 301};h1={_digest(at=NOW + 301)}", False),
        (f"ts={NOW - 301};h1={_digest(at=NOW - 301)}", False),
        (f"ts={NOW + 1};h1={GOOD}", False),
        (f"ts={NOW},h1={GOOD}", False),
        (f"t={NOW};v1={GOOD}", False),
        (f"ts={NOW};h1={GOOD.upper()}", False),
        (f"ts={NOW};ts={NOW};h1={GOOD}", False),
        (f"ts={NOW};h1=", False),
        (f"ts={NOW}", False),
        (f"h1={GOOD}", False),
        ("", False),
        (f"ts={NOW};h1=\u00fc", False),
        (
            f"ts={NOW};h1={hmac.new(SECRET.encode(), f'{NOW}.'.encode() + RAW, hashlib.sha256).hexdigest()}",
            False,
        ),
    ],
    ids=[
        "as it should be",
        "two secrets",
        "a scheme to come",
        "300 s in the future",
        "301 s in the future",
        "301 s old",
        "another second",
        "a comma",
        "Stripe's names",
        "capitals",
        "two timestamps",
        "an empty digest",
        "no digest",
        "no timestamp",
        "nothing",
        "beyond ASCII",
        "signed with a point for the colon",
    ],
)
def test_a_signature_over_the_second_a_colon_and_the_raw_body(header: str, accepted: bool) -> None:
    try:
        assert verify(RAW, {"paddle-signature": header}, [SECRET], NOW * 1000) == EVENT
    except BadSignature:
        assert not accepted
    else:
        assert accepted


def test_while_rotating_both_secrets_are_good_and_without_one_nothing_is_said() -> None:
    assert verify(RAW, _signed(), [OLD, SECRET], NOW * 1000) == EVENT
    with pytest.raises(BadSignature):
        verify(RAW, _signed(), [OLD], NOW * 1000)
    with pytest.raises(BadSignature):
        verify(RAW, {}, [SECRET], NOW * 1000)
    with pytest.raises(NoSecrets):
        verify(RAW, _signed(), [], NOW * 1000)


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (b'{"event_id": "evt_1", "notification_id": "ntf_1"}', "evt_1"),
        (b'{"notification_id": "ntf_1"}', "ntf_1"),
        (b'{"event_id": 7, "notification_id": "ntf_1"}', "ntf_1"),
        (b"{}", "body.44136fa355b3678a1146ad16f7e8649e"),
        (b"[]", "body.4f53cda18c2baa0c0354bb5f9a3ecbe5"),
        (b"\xff\x00", "body.ea5dbf9596d187e9500f23e9a6801094"),
        (b"[" * 100_000, "body."),
    ],
    ids=[
        "its event",
        "its notification",
        "an event that is none",
        "no names",
        "no object",
        "no JSON",
        "too deep",
    ],
)
def test_the_delivery_is_named_by_its_event_and_a_body_that_names_none_is_for_the_reader_to_judge(
    raw: bytes, named: str
) -> None:
    assert verify(raw, _signed(raw), [SECRET], NOW * 1000).startswith(named)
