"""The stand-in provider against Dodo's own SDK: what works with it works with Dodo."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from dodopayments import DodoPayments
from dodopayments.types import RefundSucceededWebhookEvent
from dodopayments.types.payment_succeeded_webhook_event import PaymentSucceededWebhookEvent

from local.standins import dodo_shapes as shapes
from local.standins.dodo import Provider, start
from scrip.payments.adapters.dodo import translate
from scrip.payments.clients.dodo import ProviderRefused, ProviderUnavailable, Session, create_session
from scrip.payments.facts import Paid, Refund
from scrip.payments.position import Position, target
from scrip.payments.signatures import verify_standard
from tests.payments.samples import folded

SECRET = "whsec_c3RhbmQtaW4gd2ViaG9vayBzZWNyZXQsIDMyIGJ5dGVz"
KEY = "key_standin"


class Scrip:
    """Where the webhooks go: keeps them as they came, and answers with one status after the other."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, raw))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def scrip() -> Iterator[Scrip]:
    server = Scrip()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def provider(scrip: Scrip) -> Iterator[Provider]:
    standin = start(0, "", SECRET, KEY)
    # Set later, as it is started before there is anything deployed to send to.
    standin.scrip_url = scrip.url
    yield standin
    standin.stop()


def buy(provider: Provider, api_key: str = KEY, quantity: int = 1, currency: str = "USD") -> Session:
    """A session for packs of 1 000.00 USD."""
    return create_session(
        api_key=api_key,
        base_url=provider.url,
        product_id="pdt_credits",
        quantity=quantity,
        amount=100000,
        currency=currency,
        topup_id="top_1",
        account="acme",
        return_url="https://shop.example.test/done?a=1&b=2",
        timeout=4.0,
    )


def post(url: str, body: Any = None, raw: bytes | None = None, kind: str = "application/json") -> Any:
    data = raw if raw is not None else json.dumps(body if body is not None else {}).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": kind})
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
        return json.loads(text) if answer.headers.get_content_type() == "application/json" else text


def get(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


def test_a_purchase_and_a_refund_of_30_percent_arrive_signed_and_as_the_right_facts(
    provider: Provider, scrip: Scrip
) -> None:
    session = buy(provider)
    paid = post(f"{session.url}/pay", {"tax": 20000})
    refunded = post(f"{session.url}/refund", {"amount": 36000})

    assert paid == {"payment_id": paid["payment_id"], "webhook_status": 200}
    assert refunded["webhook_status"] == 200
    assert [path for path, _, _ in scrip.got] == ["/v1/webhooks/dodo"] * 2
    for _, headers, raw in scrip.got:
        now_ms = int(headers["webhook-timestamp"]) * 1000
        assert verify_standard(raw, headers, [SECRET], now_ms) == headers["webhook-id"]
    deliveries = [translate(json.loads(raw), business_id=shapes.BUSINESS_ID) for _, _, raw in scrip.got]
    assert [delivery.parked for delivery in deliveries] == [(), ()]
    first, second = (delivery.facts[0] for delivery in deliveries)
    assert isinstance(first, Paid)
    assert (first.payment_id, first.total, first.tax) == (paid["payment_id"], 120000, 20000)
    assert first.checkout_session_id == session.id
    assert isinstance(second, Refund)
    assert (second.amount, second.status, second.full) == (36000, "succeeded", False)
    assert target(folded(deliveries), 10000, 100000) == Position(10000, 3000, 0, 30000)


def test_the_bodies_are_what_the_sdk_expects_in_every_field(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)
    post(f"{session.url}/pay")
    post(f"{session.url}/refund", {"amount": 1})
    post(f"{session.url}/pay")

    payment, refund, again = (json.loads(raw) for _, _, raw in scrip.got)
    PaymentSucceededWebhookEvent.model_validate(payment)
    RefundSucceededWebhookEvent.model_validate(refund)
    listed = PaymentSucceededWebhookEvent.model_validate(again).data.refunds
    assert [each.amount for each in listed] == [1]
    # Nothing is missing that the model has, optional fields included, and nothing is there that it has not.
    model = set(PaymentSucceededWebhookEvent.model_fields["data"].annotation.model_fields)  # type: ignore[union-attr]
    assert set(payment["data"]) - {"payload_type"} == model
    model = set(RefundSucceededWebhookEvent.model_fields["data"].annotation.model_fields)  # type: ignore[union-attr]
    assert set(refund["data"]) - {"payload_type"} == model


def test_the_sdk_itself_verifies_the_webhooks_and_reads_the_payment(provider: Provider, scrip: Scrip) -> None:
    paid = post(f"{buy(provider).url}/pay")
    _, headers, raw = scrip.got[0]

    with DodoPayments(bearer_token=KEY, base_url=provider.url, webhook_key=SECRET) as sdk:
        assert sdk.webhooks.unwrap(raw.decode(), headers=headers).type == "payment.succeeded"
        payment = sdk.payments.retrieve(paid["payment_id"])
    assert (payment.total_amount, payment.metadata["topup_id"]) == (100000, "top_1")


def test_paying_twice_delivers_the_same_payment_under_another_webhook_id(
    provider: Provider, scrip: Scrip
) -> None:
    session = buy(provider)

    first, second = post(f"{session.url}/pay"), post(f"{session.url}/pay", {"tax": 5})

    assert first == second
    ids = {headers["webhook-id"] for _, headers, _ in scrip.got}
    assert len(ids) == 2


def test_a_webhook_that_is_not_taken_is_tried_again_with_the_same_id(
    provider: Provider, scrip: Scrip
) -> None:
    scrip.statuses = [500, 503]

    assert post(f"{buy(provider).url}/pay")["webhook_status"] == 200
    assert len(scrip.got) == 3
    assert len({headers["webhook-id"] for _, headers, _ in scrip.got}) == 1


def test_a_payment_can_be_made_without_anyone_hearing_of_it(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)

    paid = post(f"{session.url}/pay", {"webhook": False, "total_amount": 99999})

    assert paid["webhook_status"] is None
    assert scrip.got == []
    assert json.loads(get(f"{provider.url}/payments/{paid['payment_id']}"))["total_amount"] == 99999


def test_refunds_add_up_to_what_was_paid_and_no_more(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)
    post(f"{session.url}/pay", {"webhook": False})
    post(f"{session.url}/refund", {"amount": 30000, "status": "failed"})
    post(f"{session.url}/refund", {"amount": 30000})

    with pytest.raises(urllib.error.HTTPError, match="409"):
        post(f"{session.url}/refund", {"amount": 70001})
    post(f"{session.url}/refund")
    with pytest.raises(urllib.error.HTTPError, match="409"):
        post(f"{session.url}/refund")

    refunds = [json.loads(raw)["data"] for _, _, raw in scrip.got]
    assert [(each["status"], each["amount"], each["is_partial"]) for each in refunds] == [
        ("failed", 30000, True),
        ("succeeded", 30000, True),
        ("succeeded", 70000, True),
    ]


def test_a_pending_refund_has_no_webhook_and_is_seen_in_the_payment(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)
    post(f"{session.url}/pay", {"webhook": False})

    assert post(f"{session.url}/refund", {"status": "pending"})["webhook_status"] is None
    post(f"{session.url}/pay")

    (refund,) = json.loads(scrip.got[0][2])["data"]["refunds"]
    assert (refund["status"], refund["amount"], refund["is_partial"]) == ("pending", 100000, False)


def test_the_page_shows_the_price_and_its_button_buys(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider, quantity=3)

    page = get(session.url)
    bought = post(f"{session.url}/pay", raw=b"", kind="application/x-www-form-urlencoded")

    assert "USD 3,000.00" in page
    assert "<button>Pay</button>" in page
    assert "USD 3,000.00" in bought
    assert "Webhook delivered: 200" in bought
    assert 'href="https://shop.example.test/done?a=1&amp;b=2"' in bought
    assert "<button>" not in get(session.url)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (100000, "USD", "USD 1,000.00"),
        (5, "EUR", "EUR 0.05"),
        (1000, "JPY", "JPY 1,000"),
        (1000, "KWD", "KWD 1.000"),
    ],
)
def test_a_price_is_shown_in_its_own_decimals(amount: int, currency: str, shown: str) -> None:
    assert shapes.money(amount, currency) == shown


def test_a_wrong_key_is_refused(provider: Provider) -> None:
    with pytest.raises(ProviderRefused) as caught:
        buy(provider, api_key="other")
    assert caught.value.status == 401


def test_while_it_is_down_nothing_is_sold_and_afterwards_it_is(provider: Provider) -> None:
    provider.down = True
    with pytest.raises(ProviderUnavailable):
        buy(provider)

    provider.down = False
    assert buy(provider).id.startswith("cks_")


@pytest.mark.parametrize(
    ("path", "raw", "status"),
    [
        ("/checkout/cks_none/pay", b"{}", 404),
        ("/nowhere", b"{}", 404),
        ("/checkout/{session}/refund", b"{}", 409),
        ("/checkout/{session}/pay", b"{", 400),
        ("/checkout/{session}/pay", b"[]", 400),
        ("/checkout/{session}/pay", b'{"tax": "20"}', 422),
        ("/checkout/{session}/pay", b'{"tax": -1}', 422),
        ("/checkout/{session}/refund", b'{"status": "maybe"}', 422),
        ("/checkout/{session}/pay", b" " * 70_000, 413),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    provider: Provider, path: str, raw: bytes, status: int
) -> None:
    url = provider.url + path.format(session=buy(provider).id)

    with pytest.raises(urllib.error.HTTPError, match=str(status)):
        post(url, raw=raw)
