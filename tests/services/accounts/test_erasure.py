"""Erasure of what providers sent: whichever came first, the body or the erasure, its bytes are gone, and nothing else.

On the tables of moto, that of deliveries among them; tests/stack/test_erasure.py does it on the local AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from scrip import runtime
from scrip.domain.credits.errors import Unavailable
from scrip.domain.payments.payment import Payment
from scrip.services.accounts import erasure
from scrip.services.accounts.erasure import AppliedDelivery
from scrip.services.audit.changes import Author
from scrip.services.payments import deliveries as intake
from scrip.store import keys, lists
from tests.aws import Buyer, Context, Deployment, Fault, Json
from tests.http.contract import refused
from tests.http.payments.refunds import tell_stripe
from tests.metrics import counted

PERSON = {"email": "ann@example.com", "name": "Ann Example"}


@pytest.fixture(autouse=True)
def _afresh(scrip: Deployment) -> Iterator[None]:
    scrip.make_tables()
    scrip.queued()
    yield
    scrip.asked()


@pytest.fixture
def path(account: str) -> str:
    return f"/v1/accounts/{account}/profile"


def of_ann(event: Json) -> Json:
    """A webhook's body with Ann in it, as the provider sends it."""
    event["data"]["customer"] = {**event["data"].get("customer", {}), **PERSON}
    return event


def seen(scrip: Deployment) -> list[str]:
    """The deliveries whose bodies name Ann."""
    return [one["delivery_id"] for one in scrip.kept() if PERSON["email"] in one["body"]]


def deliver(scrip: Deployment, event: Json, delivery: str) -> None:
    assert scrip.webhook(event, delivery).status == 200
    assert scrip.apply(scrip.queued()) == []


def erase(scrip: Deployment, path: str) -> None:
    answer = scrip.send("DELETE", path)
    assert answer.status == 204, answer.text


def test_what_came_before_is_erased_and_the_ledger_stays_whole(
    scrip: Deployment, buyer: Buyer, account: str, path: str
) -> None:
    """A payment, its refund; and another customer's payment, which stays as it came."""
    buyer.order()
    scrip.put(path, PERSON)
    deliver(scrip, of_ann(buyer.pays()), "paid")
    deliver(scrip, of_ann(buyer.gets_back(30_000)), "back")
    other = Buyer(scrip, buyer.provider, f"{account}.other")
    other.order()
    deliver(scrip, of_ann(other.pays()), "other")
    assert sorted(seen(scrip)) == ["back", "other", "paid"]
    before, entries = buyer.balance, scrip.entries(account)
    erase(scrip, path)
    assert seen(scrip) == ["other"]
    paid, back = scrip.kept("paid")[0], scrip.kept("back")[0]
    assert (paid["body"], back["body"]) == ("", "")
    assert {"provider", "type", "received_at", "expires_at", "erased_at", "payment_id"} <= set(paid)
    assert (buyer.balance["total"], scrip.entries(account)) == (before["total"], entries)
    scrip.sound(account)


def test_what_an_account_has_beside_payments_takes_no_time_to_erase(
    scrip: Deployment, account: str, path: str
) -> None:
    """Its wallets, and what is listed of it before and after payments."""
    scrip.put(path, PERSON)
    scrip.grant(account, "1")
    for name in ("dunning#x", "renewing#x", "topup#x"):
        lists.put(runtime.tables(), keys.account(account), name)
    author = Author("key:ann", 1_893_456_000_000)
    erasure.erase(runtime.tables(), runtime.deliveries(), account, author, lambda: False)
    assert scrip.get(path).status == 404


def test_a_delivery_that_comes_again_is_neither_kept_nor_applied_again(
    scrip: Deployment, buyer: Buyer, account: str, path: str
) -> None:
    """The same bytes, and others under the same id."""
    buyer.order()
    scrip.put(path, PERSON)
    event = of_ann(buyer.pays())
    deliver(scrip, event, "paid")
    erase(scrip, path)
    entries = scrip.entries(account)
    deliver(scrip, event, "paid")
    assert len(scrip.kept("paid")) == 1
    deliver(scrip, {**event, "timestamp": "2026-11-30T10:00:00Z"}, "paid")
    assert [one["body"] for one in scrip.kept("paid")] == ["", ""]
    assert scrip.entries(account) == entries


def test_other_bytes_that_say_the_same_are_erased_too(scrip: Deployment, buyer: Buyer, path: str) -> None:
    """The queue drops an equal message within five minutes: a message is not equal where its body is another."""
    buyer.order()
    scrip.put(path, PERSON)
    event, told = of_ann(buyer.pays()), set[str]()
    for number in ("+49 30 1", "+49 30 2", "+49 30 2"):
        event["data"]["customer"]["phone_number"] = number
        assert scrip.webhook(event, "paid").status == 200
        records = scrip.queued()
        told |= {record["attributes"]["MessageDeduplicationId"] for record in records}
        assert scrip.apply(records) == []
        erase(scrip, path)
        scrip.put(path, PERSON)
    assert len(told) == 2
    assert [one["body"] for one in scrip.kept("paid")] == ["", ""]


def test_what_comes_later_is_erased_as_soon_as_it_is_applied_until_there_is_a_profile_again(
    scrip: Deployment, buyer: Buyer, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    buyer.order()
    scrip.put(path, PERSON)
    deliver(scrip, of_ann(buyer.pays()), "paid")
    erase(scrip, path)
    assert scrip.webhook(of_ann(buyer.gets_back(20_000)), "back").status == 200
    assert seen(scrip) == ["back"], "until it is applied it could not be applied again without its body"
    assert counted(capsys, "DeliveryErased") == []
    assert scrip.apply(scrip.queued()) == []
    assert seen(scrip) == []
    (erased,) = counted(capsys, "DeliveryErased")
    assert (erased["DeliveryErased"], erased["payment"].partition(":")[0]) == (1, "dodo")
    assert buyer.status == "partially_refunded"
    scrip.put(path, PERSON)
    deliver(scrip, of_ann(buyer.gets_back(10_000)), "more")
    assert seen(scrip) == ["more"]


def test_a_delivery_that_is_applied_while_its_customer_is_erased_is_erased_by_one_of_the_two(
    scrip: Deployment, buyer: Buyer, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure happens before, between and after the two steps of who applies: none of them leaves the body."""
    buyer.order()
    scrip.put(path, PERSON)
    deliver(scrip, of_ann(buyer.pays()), "paid")
    erase(scrip, path)
    deliveries = type(runtime.deliveries())
    filed = deliveries.file
    for number, when in enumerate(("before", "after")):
        scrip.put(path, PERSON)

        def file(self: Any, *given: Any, when: str = when) -> None:
            if when == "before":
                erase(scrip, path)
            filed(self, *given)
            if when == "after":
                erase(scrip, path)

        with monkeypatch.context() as patched:
            patched.setattr(deliveries, "file", file)
            deliver(scrip, of_ann(buyer.gets_back(1000)), f"back-{number}")
        assert seen(scrip) == []


def test_what_is_parked_is_erased_too_and_can_still_be_decided(
    scrip: Deployment, buyer: Buyer, account: str, path: str
) -> None:
    """Paid with another amount than the order's price: parked, erased, then accepted by a person."""
    buyer.order()
    scrip.put(path, PERSON)
    event = of_ann(buyer.pays())
    event["data"]["total_amount"] = 90_000
    deliver(scrip, event, "paid")
    (waiting,) = scrip.get("/v1/payments", query={"status": "parked"}).body["items"]
    erase(scrip, path)
    assert seen(scrip) == []
    decision = {"action": "accept", "topup_id": buyer.topup["topup_id"], "reason": "agreed"}
    answer = scrip.post(f"/v1/payments/dodo/{waiting['payment_id']}/resolutions", decision, key="r1")
    assert answer.status == 200, answer.text
    assert scrip.balance(account)["total"] == "9000"


def test_what_names_nobodys_order_is_erased_once_it_was_given_to_an_account(
    scrip: Deployment, buyer: Buyer, account: str, path: str
) -> None:
    """Until somebody says whose it is, nothing but its time takes it away."""
    buyer.order()
    event = of_ann(buyer.pays())
    event["data"]["checkout_session_id"] = "cks_unknown"
    deliver(scrip, event, "paid")
    scrip.put(path, PERSON)
    erase(scrip, path)
    assert seen(scrip) == ["paid"]
    (waiting,) = scrip.get("/v1/payments", query={"status": "parked"}).body["items"]
    decision = {"action": "accept", "topup_id": buyer.topup["topup_id"], "reason": "looked up"}
    answer = scrip.post(f"/v1/payments/dodo/{waiting['payment_id']}/resolutions", decision, key="r1")
    assert answer.status == 200, answer.text
    scrip.put(path, {})
    erase(scrip, path)
    assert seen(scrip) == []


def test_a_body_that_cannot_be_read_is_erased_with_the_order_that_it_names(
    scrip: Deployment, buyer: Buyer, path: str
) -> None:
    buyer.order()
    scrip.put(path, PERSON)
    event = of_ann(buyer.pays())
    event["data"]["total_amount"] = "a lot"
    deliver(scrip, event, "odd")
    assert seen(scrip) == ["odd"]
    erase(scrip, path)
    assert seen(scrip) == []


def test_where_the_time_does_not_suffice_the_profile_is_gone_and_the_next_request_goes_on(
    scrip: Deployment, buyer: Buyer, account: str, path: str
) -> None:
    """Three payments; time for one: 503, then 503, then 204; then there is nothing more to erase."""
    for number in range(3):
        buyer.order(f"order-{number}")
        deliver(scrip, of_ann(buyer.pays()), f"paid-{number}")
    scrip.put(path, PERSON)
    author, time = Author("key:k1", runtime.now()), iter([True, False, True, False])
    for left in (2, 1):
        with pytest.raises(Unavailable, match="send the same DELETE again"):
            erasure.erase(runtime.tables(), runtime.deliveries(), account, author, lambda: next(time))
        assert len(seen(scrip)) == left
        refused(scrip.get(path), 404, "not_found")
    erase(scrip, path)
    assert seen(scrip) == []
    refused(scrip.send("DELETE", path), 404, "not_found")
    told = scrip.get("/v1/audit", query={"target": f"profile:{account}"}).body["items"]
    assert [one["action"] for one in told] == ["profile.delete", "profile.put"]


def test_more_payments_than_are_listed_at_a_time_are_all_erased(
    scrip: Deployment, buyer: Buyer, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "PAGE", 1)
    for number in range(3):
        buyer.order(f"order-{number}")
        deliver(scrip, of_ann(buyer.pays()), f"paid-{number}")
    scrip.put(path, PERSON)
    erase(scrip, path)
    assert seen(scrip) == []


def test_a_request_whose_time_is_nearly_up_erases_the_profile_and_says_so(
    scrip: Deployment, buyer: Buyer, path: str
) -> None:
    """A call takes 4 s at most: with 4 s left none begins."""
    buyer.order()
    deliver(scrip, of_ann(buyer.pays()), "paid")
    scrip.put(path, PERSON)
    answer = scrip.send("DELETE", path, context=Context(4000))
    refused(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    erase(scrip, path)
    assert seen(scrip) == []


def test_an_erasure_that_fails_in_the_middle_is_done_by_the_next(
    scrip: Deployment, buyer: Buyer, path: str
) -> None:
    """The table of deliveries does not answer: the profile is gone, the body is there, and the next DELETE takes it."""
    buyer.order()
    scrip.put(path, PERSON)
    deliver(scrip, of_ann(buyer.pays()), "paid")
    with scrip.broken("UpdateItem", Fault.error("InternalServerError", 500), times=5):
        refused(scrip.send("DELETE", path), 503, "unavailable")
    refused(scrip.get(path), 404, "not_found")
    assert seen(scrip) == ["paid"]
    erase(scrip, path)
    assert seen(scrip) == []
    refused(scrip.send("DELETE", path), 404, "not_found")


def test_a_delivery_that_cannot_be_filed_comes_again(scrip: Deployment, buyer: Buyer, account: str) -> None:
    buyer.order()
    deliver(scrip, of_ann(buyer.pays()), "paid")
    assert scrip.webhook(of_ann(buyer.gets_back(10_000)), "back").status == 200
    records = scrip.queued()
    broken = scrip.broken("PutItem", Fault.error("InternalServerError", 500), times=5)
    with broken, pytest.raises(BatchProcessingError, match="Unavailable"):
        scrip.apply(records)
    assert scrip.apply(records) == []
    assert scrip.balance(account)["total"] == "9000"


def test_what_is_erased_is_shown_as_that_and_not_read_again(
    scrip: Deployment, buyer: Buyer, path: str
) -> None:
    buyer.order()
    scrip.put(path, PERSON)
    deliver(scrip, of_ann(buyer.pays()), "paid")
    assert [one.erased_at for one in runtime.deliveries().since(0)] == [None]
    erase(scrip, path)
    (listed,), (one,) = runtime.deliveries().since(0), intake.kept(runtime.deliveries(), "dodo", "paid")
    assert (one.body, one.erased_at) == (b"", listed.erased_at)
    assert one.erased_at is not None


def test_what_a_delivery_costs_more_is_one_item_one_look_and_that_it_waits_no_more(
    scrip: Deployment, buyer: Buyer, path: str
) -> None:
    buyer.order()
    scrip.put(path, PERSON)
    assert scrip.webhook(of_ann(buyer.pays()), "paid").status == 200
    with scrip.calls() as made:
        assert scrip.apply(scrip.queued()) == []
    filed, marked = [call for call in made if call.params.get("TableName") == "deliveries"]
    assert (filed.name, marked.name) == ("PutItem", "UpdateItem")
    (kept,) = scrip.kept()
    assert int(filed.params["Item"]["expires_at"]["N"]) >= int(kept["expires_at"]) + 86_000, "a day longer"
    assert set(filed.params["Item"]) == {"pk", "sk", "expires_at"}
    assert made[-1] is marked
    assert made[-2].params["Key"]["pk"] == {"S": f"profile#{buyer.account}"}
    assert json.dumps(PERSON["email"]) not in str(filed.params)


def test_a_payment_that_is_nobodys_is_filed_all_the_same(scrip: Deployment) -> None:
    tables, deliveries = runtime.tables(), runtime.deliveries()
    applied = AppliedDelivery("msg_1", "pay_1", Payment("dodo", "pay_1"))
    assert not erasure.apply_to(tables, deliveries, applied, 1, 2**31)


OF_AN_INVOICE: list[tuple[str, Json]] = [
    (
        "payment_intent.succeeded",
        {
            "id": "pi_1",
            "object": "payment_intent",
            "status": "succeeded",
            "amount_received": 100_000,
            "currency": "usd",
            "created": 1793610902,
            "receipt_email": PERSON["email"],
        },
    ),
    (
        "invoice_payment.paid",
        {
            "id": "inpay_1",
            "object": "invoice_payment",
            "status": "paid",
            "invoice": "in_1",
            "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
        },
    ),
    (
        "invoice.paid",
        {
            "id": "in_1",
            "object": "invoice",
            "status": "paid",
            "billing_reason": "manual",
            "total": 100_000,
            "total_excluding_tax": 100_000,
            "amount_paid": 100_000,
            "currency": "usd",
            "created": 1793610902,
            "customer_email": PERSON["email"],
        },
    ),
]
"""An intent, what says which invoice it pays, and the invoice: each a payment of its own until it is known."""


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_came_of_a_part_before_anybody_knew_what_it_is_a_part_of_is_erased_with_the_whole(
    scrip: Deployment, buyer: Buyer, path: str, order: tuple[int, ...]
) -> None:
    """A person says which order the invoice pays; then the customer is erased. And once more after all of it came again
    in other bytes."""
    buyer.order(provider="stripe")
    scrip.put(path, PERSON)
    for index in order:
        tell_stripe(scrip, *OF_AN_INVOICE[index])
    assert len(seen(scrip)) == 2
    decision = {"action": "accept", "topup_id": buyer.topup["topup_id"], "reason": "looked up"}
    answer = scrip.post("/v1/payments/stripe/in_1/resolutions", decision, key="r1")
    assert answer.status == 200, answer.text
    erase(scrip, path)
    assert seen(scrip) == []
    for index in reversed(order):
        type_, data = OF_AN_INVOICE[index]
        tell_stripe(scrip, type_, {**data, "description": "again"})
    assert seen(scrip) == []
    assert buyer.balance["total"] == "10000"


def test_what_came_before_it_was_known_whose_it_is_is_erased_by_what_comes_next(
    scrip: Deployment, buyer: Buyer, path: str
) -> None:
    """Erased first; then an intent of nobody's order comes, and then what says that it pays an invoice of hers."""
    buyer.order(provider="stripe")
    scrip.put(path, PERSON)
    tell_stripe(scrip, *OF_AN_INVOICE[2])
    decision = {"action": "accept", "topup_id": buyer.topup["topup_id"], "reason": "looked up"}
    scrip.post("/v1/payments/stripe/in_1/resolutions", decision, key="r1")
    erase(scrip, path)
    tell_stripe(scrip, *OF_AN_INVOICE[0])
    assert len(seen(scrip)) == 1, "nobody knows yet"
    tell_stripe(scrip, *OF_AN_INVOICE[1])
    assert seen(scrip) == []
