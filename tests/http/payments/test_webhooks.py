"""Webhooks: the signature is the authentication, on the raw bytes; 2xx once the facts are in the queue (law 9)."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from importlib import import_module
from typing import Any

import pytest

from local.standins.dodo import sign
from scrip.providers import webhooks
from tests.aws import WEBHOOK_SECRET, Buyer, Deployment, Key
from tests.http.contract import invalid, refused
from tests.metrics import counted

PAID: dict[str, Any] = {
    "business_id": "bus_1",
    "type": "payment.succeeded",
    "timestamp": "2026-11-23T10:00:00Z",
    "data": {
        "payment_id": "pay_1",
        "status": "succeeded",
        "total_amount": 12000,
        "tax": 2000,
        "currency": "USD",
        "checkout_session_id": "cks_1",
        "created_at": "2026-11-23T10:00:00Z",
        "refunds": [],
    },
}


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


def test_a_signed_webhook_is_queued_and_answered(scrip: Deployment) -> None:
    answer = scrip.webhook(PAID, "msg_1")
    assert (answer.status, answer.body) == (200, {"received": True})
    (record,) = scrip.queued()
    message = json.loads(record["body"])
    assert message["delivery_id"] == "msg_1"
    assert message["delivery"]["payment_id"] == "pay_1"
    assert [fact["fact"] for fact in message["delivery"]["facts"]] == ["paid"]
    group = hashlib.sha256(b"dodo:pay_1").hexdigest()
    assert record["attributes"]["MessageGroupId"] == group


def test_a_webhook_looks_its_adapter_up_once(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    def counting(name: str) -> Any:
        looked_up.append(name)
        return import_module(name)

    monkeypatch.setattr(webhooks, "import_module", counting)
    assert scrip.webhook(PAID, "msg_1").status == 200
    assert looked_up == ["scrip.providers.dodo.webhook"]


def test_a_webhook_carries_no_name_address_or_card_into_the_queue(buyer: Buyer) -> None:
    buyer.order()
    assert buyer.scrip.webhook(buyer.pays()).status == 200
    (record,) = buyer.scrip.queued()
    for private in ("Example Customer", "customer@example.test", "4242", "Uppsala", "E CUSTOMER"):
        assert private not in record["body"]


def test_the_same_delivery_twice_waits_once(scrip: Deployment) -> None:
    for _ in range(3):
        assert scrip.webhook(PAID, "msg_twice").status == 200
    assert len(scrip.queued()) == 1


def test_webhooks_of_one_payment_wait_in_order(scrip: Deployment) -> None:
    refund = {
        "type": "refund.succeeded",
        "timestamp": "2026-11-23T11:00:00Z",
        "data": {
            "refund_id": "ref_1",
            "payment_id": "pay_2",
            "amount": 1,
            "currency": "USD",
            "status": "succeeded",
            "created_at": "2026-11-23T11:00:00Z",
        },
    }
    scrip.webhook({**PAID, "data": {**PAID["data"], "payment_id": "pay_2"}})
    scrip.webhook(refund)
    records = scrip.queued()
    assert len({record["attributes"]["MessageGroupId"] for record in records}) == 1
    assert [json.loads(record["body"])["delivery"]["type"] for record in records] == [
        "payment.succeeded",
        "refund.succeeded",
    ]


@pytest.mark.parametrize(
    "type_",
    [
        "subscription.renewed",
        "credit.added",
        "license_key.created",
        "payout.success",
        "abandoned_checkout.detected",
    ],
)
def test_an_event_that_means_nothing_here_is_answered_and_not_queued(scrip: Deployment, type_: str) -> None:
    assert scrip.webhook({**PAID, "type": type_}).status == 200
    assert scrip.queued() == []


@pytest.mark.parametrize("type_", ["dispute.opened", "payment_intent.new", "", None, 7])
def test_an_event_that_is_not_understood_is_queued_for_a_person(scrip: Deployment, type_: Any) -> None:
    assert scrip.webhook({**PAID, "type": type_}).status == 200
    (record,) = scrip.queued()
    message = json.loads(record["body"])["delivery"]
    assert (message["facts"], len(message["parked"])) == ([], 1)


@pytest.mark.parametrize(
    "body", ["[]", "null", "1", '"x"', "{}", '{"type":"payment.succeeded"}', '{"data":{}}']
)
def test_json_that_is_no_event_is_queued_for_a_person(scrip: Deployment, body: str) -> None:
    assert scrip.webhook(body).status == 200
    assert len(scrip.queued()) == 1


@pytest.mark.parametrize("body", ["", "{", "nonsense", '{"a":NaN} x', "[" * 100_000, "1" * 5000, "\x00"])
def test_a_body_that_is_no_json_is_refused(scrip: Deployment, body: str) -> None:
    refused(scrip.webhook(body), 400, "invalid_request")
    assert scrip.queued() == []


def signed(raw: str, **change: str | None) -> dict[str, str]:
    """The headers of a good delivery, some of them changed or (None) missing."""
    headers = sign(WEBHOOK_SECRET, "msg_1", raw.encode())
    changed = {**headers, **{name.replace("_", "-"): value for name, value in change.items()}}
    return {name: value for name, value in changed.items() if value is not None}


RAW = json.dumps(PAID)
GOOD = sign(WEBHOOK_SECRET, "msg_1", RAW.encode())["webhook-signature"]
# Made when the tests are collected: NEW must still lie ahead when its turn comes, minutes later.
OLD, NEW = int(time.time()) - 301, int(time.time()) + 3600
UNSIGNED: list[tuple[str, dict[str, str]]] = [
    ("no headers", {}),
    ("no id", signed(RAW, webhook_id=None)),
    ("no timestamp", signed(RAW, webhook_timestamp=None)),
    ("no signature", signed(RAW, webhook_signature=None)),
    ("another id", signed(RAW, webhook_id="msg_2")),
    ("another body", sign(WEBHOOK_SECRET, "msg_1", b"{}")),
    ("another secret", sign("whsec_" + base64.b64encode(b"x" * 24).decode(), "msg_1", RAW.encode())),
    ("five minutes old", sign(WEBHOOK_SECRET, "msg_1", RAW.encode(), OLD)),
    ("from the future", sign(WEBHOOK_SECRET, "msg_1", RAW.encode(), NEW)),
    ("another timestamp", signed(RAW, webhook_timestamp=str(int(time.time()) - 1000))),
    ("no number as timestamp", signed(RAW, webhook_timestamp="now")),
    ("a huge timestamp", signed(RAW, webhook_timestamp="9" * 11)),
    ("a timestamp of thousands of digits", signed(RAW, webhook_timestamp="9" * 5000)),
    ("a negative timestamp", signed(RAW, webhook_timestamp="-1")),
    ("digits of another script", signed(RAW, webhook_timestamp="١٢٣")),
    ("an empty signature", signed(RAW, webhook_signature="")),
    ("another version", signed(RAW, webhook_signature=GOOD.replace("v1,", "v2,"))),
    ("no version", signed(RAW, webhook_signature=GOOD.removeprefix("v1,"))),
    ("half a signature", signed(RAW, webhook_signature=GOOD[:20])),
    ("no base64", signed(RAW, webhook_signature="v1,!!!!")),
    ("not ASCII", signed(RAW, webhook_signature="v1,ä")),
    ("half a surrogate", signed(RAW, webhook_signature="v1,\ud800")),
    ("nine signatures", signed(RAW, webhook_signature=" ".join(["v1,AAAA"] * 9))),
    ("a megabyte of signatures", signed(RAW, webhook_signature="v1,AAAA " * 100_000)),
    ("an id with a point", signed(RAW, webhook_id="msg.1")),
    ("an id of a kilobyte", signed(RAW, webhook_id="x" * 1000)),
]


@pytest.mark.parametrize(("_", "headers"), UNSIGNED, ids=[row[0] for row in UNSIGNED])
def test_a_webhook_is_refused_with(scrip: Deployment, _: str, headers: dict[str, str]) -> None:
    answer = scrip.send("POST", "/v1/webhooks/dodo", raw=RAW, headers=headers)
    refused(answer, 401, "unauthenticated")
    assert scrip.queued() == []


def test_a_body_that_was_written_anew_has_no_signature(scrip: Deployment) -> None:
    """The bytes count: the same JSON with other white space is another body."""
    headers = sign(WEBHOOK_SECRET, "msg_1", RAW.encode())
    other = json.dumps(PAID, separators=(",", ":"))
    answer = scrip.send("POST", "/v1/webhooks/dodo", raw=other, headers=headers)
    refused(answer, 401, "unauthenticated")
    assert answer.body["detail"] == "the signature is not one of ours"


def test_a_base64_body_is_verified_on_its_bytes(scrip: Deployment) -> None:
    raw = json.dumps({**PAID, "note": "ü"}, ensure_ascii=False)
    headers = sign(WEBHOOK_SECRET, "msg_b64", raw.encode())
    text = base64.b64encode(raw.encode()).decode()
    answer = scrip.send("POST", "/v1/webhooks/dodo", raw=text, base64_encoded=True, headers=headers)
    assert answer.status == 200
    for text in ("!!!", "ä", "AAA"):
        answer = scrip.send("POST", "/v1/webhooks/dodo", raw=text, base64_encoded=True, headers=headers)
        invalid(answer, "body")


def test_while_a_secret_is_rotated_both_are_good(scrip: Deployment) -> None:
    fresh = "whsec_" + base64.b64encode(b"the next one, also 32 bytes long").decode()
    headers = sign(fresh, "msg_new", RAW.encode())
    refused(scrip.send("POST", "/v1/webhooks/dodo", raw=RAW, headers=headers), 401, "unauthenticated")
    put_secrets(scrip, [fresh, WEBHOOK_SECRET])
    try:
        assert scrip.send("POST", "/v1/webhooks/dodo", raw=RAW, headers=headers).status == 200
        assert scrip.webhook(PAID, "msg_old").status == 200
        put_secrets(scrip, [fresh])
        refused(scrip.webhook(PAID, "msg_old"), 401, "unauthenticated")
    finally:
        put_secrets(scrip, [WEBHOOK_SECRET])


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["not base64 !"]], ids=str)
def test_without_a_usable_secret_the_provider_is_told_to_try_again(
    scrip: Deployment, secrets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    put_secrets(scrip, secrets)
    try:
        capsys.readouterr()
        answer = scrip.webhook(PAID)
        refused(answer, 503, "unavailable")
        assert answer.body["detail"] == "no webhook secret is set for this provider"
        assert counted(capsys, "WebhookSecretMissing") == [{"WebhookSecretMissing": 1, "provider": "dodo"}]
    finally:
        put_secrets(scrip, [WEBHOOK_SECRET])


def put_secrets(scrip: Deployment, secrets: list[str]) -> None:
    scrip.put_secrets("dodo", secrets)
    scrip.cold()


@pytest.mark.parametrize("name", ["paypal", "Stripe", "Dodo", "x", "", "%00", "dodo%20", "ä"])
def test_an_unknown_provider_is_not_found(scrip: Deployment, name: str) -> None:
    refused(scrip.webhook(PAID, provider=name), 404, "not_found")
    assert scrip.queued() == []


def test_a_body_of_256_kib_and_a_byte_is_too_large(scrip: Deployment) -> None:
    refused(scrip.webhook("x" * (256 * 1024 + 1)), 413, "body_too_large")


def test_another_business_is_parked_where_ours_is_known(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIP_DODO_OURS", "bus_ours")
    assert scrip.webhook(PAID).status == 200
    (record,) = scrip.queued()
    assert json.loads(record["body"])["delivery"]["facts"] == []
    scrip.webhook({**PAID, "business_id": "bus_ours"})
    (record,) = scrip.queued()
    assert len(json.loads(record["body"])["delivery"]["facts"]) == 1


def test_a_webhook_needs_no_key_and_none_helps_it(scrip: Deployment) -> None:
    headers = {"authorization": "Bearer scrip_admin"}
    answer = scrip.send("POST", "/v1/webhooks/dodo", raw=RAW, headers=headers, caller=Key("admin"))
    refused(answer, 401, "unauthenticated")


def test_a_payment_with_200_refunds_fits_into_one_message(scrip: Deployment) -> None:
    refunds = [
        {
            "refund_id": f"ref_{number:090d}",
            "payment_id": "pay_1",
            "amount": 1,
            "currency": "USD",
            "status": "succeeded",
            "created_at": "2026-11-23T11:00:00Z",
        }
        for number in range(200)
    ]
    assert scrip.webhook({**PAID, "data": {**PAID["data"], "refunds": refunds}}).status == 200
    (record,) = scrip.queued()
    assert len(json.loads(record["body"])["delivery"]["facts"]) == 201
    assert len(record["body"]) < 256 * 1024
