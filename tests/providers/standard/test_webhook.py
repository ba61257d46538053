"""What a gateway of one's own says, as facts: nine types, one object each (docs/payments.md)."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.payments.delivery import Delivery, Parked
from scrip.domain.payments.facts import Dispute, Fact, Paid, Refund, Unpaid
from scrip.domain.payments.target import target
from scrip.domain.wallets.position import Target
from scrip.providers.standard.webhook import translate, verify
from tests.providers.samples import DISPUTED_AT, REFUNDED_AT, ROOT, WEBHOOKS, body, folded, permuted, steady

SECOND = 1793610902000  # 2 November 2026, 09:15:02 UTC; the attempt began two seconds before
PAID = Paid(12000, 2000, "USD", SECOND, topup_id="top_wk4T001")
ATTEMPT = Unpaid("processing", SECOND - 2000, topup_id="top_wk4T001")
REFUND = Refund("ref_wk4G001", "succeeded", 3000, "USD", REFUNDED_AT)
DISPUTE = Dispute("dsp_wk4G001", "open", 2, "1", 12000, "USD", DISPUTED_AT)


@pytest.mark.parametrize(
    ("name", "type_", "fact"),
    [
        ("payment_processing", "payment.processing", ATTEMPT),
        ("payment_failed", "payment.failed", replace(ATTEMPT, status="failed")),
        ("payment_succeeded", "payment.succeeded", PAID),
        ("refund_pending", "refund.pending", replace(REFUND, status="pending")),
        ("refund_succeeded", "refund.succeeded", REFUND),
        ("refund_failed", "refund.failed", replace(REFUND, status="failed")),
        ("dispute_opened", "dispute.opened", DISPUTE),
        ("dispute_lost", "dispute.lost", replace(DISPUTE, status="lost", rank=3)),
        ("dispute_won", "dispute.won", replace(DISPUTE, status="won", rank=3)),
    ],
)
def test_each_type_is_one_fact_about_its_payment(name: str, type_: str, fact: Fact) -> None:
    assert translate(body(f"standard_{name}")) == Delivery("standard", type_, "pay_wk4G001", (fact,))


def test_the_documented_request_is_signed_by_openssl_as_it_has_to_be() -> None:
    """The shell of docs/payments.md, with a curl that shows what it was given."""
    block = re.search(r"```sh\n(webhook\(\).*?)```", (ROOT / "docs" / "payments.md").read_text(), re.DOTALL)
    assert block
    secret = "whsec_" + base64.b64encode(b"the secret of a gateway, 32 byte").decode()
    given = {"SCRIP_URL": "http://scrip", "SCRIP_STANDARD_WEBHOOK_SECRET": secret}
    data = {"payment_id": "pay_1", "topup_id": "top_wk4T001", "amount": 12000, "tax": 2000, "currency": "USD"}
    said = f"webhook payment.succeeded '{json.dumps(data)}'"
    shell = 'curl() { printf "%s\\0" "$@"; }\n' + block[1] + said

    done = subprocess.run(
        ["/bin/sh", "-c", shell], capture_output=True, check=True, env={**os.environ, **given}
    )

    sent = done.stdout.decode().split("\0")
    raw = sent[sent.index("--data-binary") + 1].encode()
    headers = dict(each.split(": ", 1) for each in sent if each.startswith("webhook-"))
    assert "http://scrip/v1/webhooks/standard" in sent
    now_ms = int(headers["webhook-timestamp"]) * 1000
    assert verify(raw, headers, [secret], now_ms) == headers["webhook-id"]
    at = int(datetime.fromisoformat(json.loads(raw)["timestamp"]).timestamp()) * 1000
    assert abs(at - now_ms) < 60_000
    assert translate(json.loads(raw)) == Delivery(
        "standard", "payment.succeeded", "pay_1", (replace(PAID, at=at),)
    )


def test_the_vocabulary_is_documented_type_by_type() -> None:
    page = (ROOT / "docs" / "payments.md").read_text()
    table = page.partition("| type | `data` |")[2].partition("\n\n")[0]

    types = {json.loads(path.read_text())["type"] for path in WEBHOOKS.glob("standard_*.json")}
    assert types == set(re.findall(r"`((?:payment|refund|dispute)\.\w+)`", table))
    assert len(types) == 9


def test_a_renewal_names_its_subscription_instead_of_an_order() -> None:
    (fact,) = translate(body("standard_payment_succeeded_renewal")).facts

    assert fact == Paid(12000, 2000, "USD", 1796202902000, subscription_id="sub_wk4G001")


@pytest.mark.parametrize(
    ("name", "changed", "member", "value"),
    [
        ("payment_succeeded", {"tax": None}, "tax", None),
        ("payment_succeeded", {"tax": 0}, "tax", 0),
        ("payment_succeeded", {"currency": "jpy"}, "currency", "JPY"),
        ("payment_succeeded", {"topup_id": None}, "topup_id", None),
        ("payment_succeeded", {"subscription_id": "sub_1"}, "subscription_id", "sub_1"),
        ("payment_succeeded", {"created_at": None}, "at", SECOND + 2000),
        ("payment_succeeded", {"customer": {"email": "customer@example.test"}}, "total", 12000),
        ("refund_succeeded", {"amount": None, "full": True}, "amount", None),
        ("refund_succeeded", {"full": True}, "full", True),
        ("refund_succeeded", {"full": None}, "full", False),
        ("refund_succeeded", {"currency": None}, "currency", None),
        ("refund_succeeded", {"request_id": "rr_1"}, "request_id", "rr_1"),
        ("dispute_opened", {"stage": 2}, "rank", 4),
        ("dispute_lost", {"stage": 2}, "rank", 5),
        ("dispute_won", {"stage": 99}, "stage", "99"),
        ("dispute_opened", {"amount": 0}, "amount", 0),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_may_be_left_out_or_added(name: str, changed: dict[str, Any], member: str, value: Any) -> None:
    delivery = translate(body(f"standard_{name}", **changed))

    assert delivery.parked == ()
    assert [getattr(fact, member) for fact in delivery.facts] == [value]


def test_a_dispute_that_says_no_stage_is_in_its_first() -> None:
    webhook = body("standard_dispute_opened")
    del webhook["data"]["stage"]

    assert translate(webhook).facts == (DISPUTE,)


MONEY = "is not a whole amount of minor units"


@pytest.mark.parametrize(
    ("name", "changed", "about", "reason"),
    [
        ("payment_succeeded", {"payment_id": None}, "payment", "payment_id is missing or no id"),
        ("payment_succeeded", {"payment_id": "pay/1"}, "payment", "payment_id is missing or no id"),
        ("payment_succeeded", {"topup_id": 7}, "payment", "topup_id is missing or no id"),
        ("payment_failed", {"topup_id": "top 1"}, "payment", "topup_id is missing or no id"),
        ("payment_succeeded", {"subscription_id": ""}, "payment", "subscription_id is missing or no id"),
        ("payment_succeeded", {"amount": None}, "payment", f"amount {MONEY}"),
        ("payment_succeeded", {"amount": "12000"}, "payment", f"amount {MONEY}"),
        ("payment_succeeded", {"amount": 120.0}, "payment", f"amount {MONEY}"),
        ("payment_succeeded", {"amount": -1}, "payment", f"amount {MONEY}"),
        (
            "payment_succeeded",
            {"amount": 0, "tax": 0, "topup_id": None},
            "payment",
            "amount is zero, and neither topup_id nor subscription_id is said: that is no payment",
        ),
        ("payment_succeeded", {"tax": 12001}, "payment", "tax is more than amount"),
        ("payment_succeeded", {"tax": "2000"}, "payment", f"tax {MONEY}"),
        ("payment_succeeded", {"currency": "$"}, "payment", "currency is not a currency code"),
        ("refund_succeeded", {"refund_id": None}, "payment", "refund_id is missing or no id"),
        ("refund_succeeded", {"payment_id": None}, "refund:ref_wk4G001", "payment_id is missing or no id"),
        ("refund_succeeded", {"amount": "30.00"}, "refund:ref_wk4G001", f"amount {MONEY}"),
        ("refund_succeeded", {"full": "yes"}, "refund:ref_wk4G001", "full is neither true nor false"),
        ("refund_succeeded", {"request_id": {}}, "refund:ref_wk4G001", "request_id is missing or no id"),
        ("dispute_opened", {"dispute_id": None}, "payment", "dispute_id is missing or no id"),
        ("dispute_opened", {"amount": None}, "dispute:dsp_wk4G001", f"amount {MONEY}"),
        ("dispute_opened", {"currency": None}, "dispute:dsp_wk4G001", "currency is not a currency code"),
        ("dispute_opened", {"stage": 0}, "dispute:dsp_wk4G001", "stage is no whole number from 1 to 99"),
        ("dispute_opened", {"stage": 100}, "dispute:dsp_wk4G001", "stage is no whole number from 1 to 99"),
        ("dispute_opened", {"stage": True}, "dispute:dsp_wk4G001", "stage is no whole number from 1 to 99"),
        ("dispute_opened", {"stage": "2"}, "dispute:dsp_wk4G001", "stage is no whole number from 1 to 99"),
        ("dispute_opened", {"stage": None}, "dispute:dsp_wk4G001", "stage is no whole number from 1 to 99"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_is_parked_with_the_field_named(
    name: str, changed: dict[str, Any], about: str, reason: str
) -> None:
    delivery = translate(body(f"standard_{name}", **changed))

    assert delivery.facts == ()
    assert delivery.parked == (Parked(about, reason),)


def test_without_any_instant_nothing_is_known_of_when() -> None:
    webhook = {**body("standard_payment_succeeded", created_at="yesterday"), "timestamp": None}

    assert translate(webhook).parked == (Parked("payment", "created_at is not an instant"),)


@pytest.mark.parametrize(
    ("webhook", "reason"),
    [
        (None, "the body has no type or no data"),
        ({"type": "payment.succeeded"}, "the body has no type or no data"),
        ({"type": 7, "data": {}}, "the body has no type or no data"),
        ({"type": "payment", "data": {"created_at": 1}}, "unknown event type payment"),
        ({"type": "payment.refunded", "data": {"created_at": 1}}, "unknown event type payment.refunded"),
        ({"type": "refund.created", "data": {}}, "unknown event type refund.created"),
        ({"type": "dispute.cancelled", "data": {}}, "unknown event type dispute.cancelled"),
        ({"type": "invoice.paid", "data": {}}, "unknown event type invoice.paid"),
        ({"type": "Ada <ada@example.test>", "data": {}}, "unknown event type unreadable"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_type_that_is_not_in_the_vocabulary_is_parked(webhook: Any, reason: str) -> None:
    delivery = translate(webhook)

    assert delivery.facts == ()
    assert delivery.parked == (Parked("payment", reason),)


def _dispute(word: str, **data: Any) -> dict[str, Any]:
    return {**body("standard_dispute_opened", **data), "type": f"dispute.{word}"}


PAYMENT = body("standard_payment_succeeded")
SEQUENCES: list[tuple[str, list[dict[str, Any]], Target]] = [
    ("tried, then paid", [body("standard_payment_failed"), PAYMENT], Target(10000)),
    (
        "a refund of a quarter",
        [PAYMENT, body("standard_refund_pending"), body("standard_refund_succeeded")],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "a refund that came back",
        [PAYMENT, body("standard_refund_succeeded"), body("standard_refund_failed")],
        Target(10000),
    ),
    ("lost", [PAYMENT, _dispute("opened"), _dispute("lost")], Target(10000, 10000, 0, 10000)),
    ("born lost", [PAYMENT, _dispute("lost", amount=4000)], Target(10000, 3334, 0, 3333)),
    ("won and lost in one stage", [PAYMENT, _dispute("lost"), _dispute("won")], Target(10000, 0, 10000)),
    (
        "lost, then won on appeal",
        [PAYMENT, _dispute("lost"), _dispute("opened", stage=2), _dispute("won", stage=2)],
        Target(10000),
    ),
    (
        "won, then reopened",
        [PAYMENT, _dispute("won"), body("standard_dispute_opened_second_stage")],
        Target(10000, 0, 10000),
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
