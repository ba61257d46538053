"""Law 9: payments are facts. Signed webhooks, the queue, the payments function: any order and any number of repeats
end in the same place. 10 000 credits for 1 000.00 USD, 200.00 of tax on top unless a row says otherwise."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from local.standins.dodo import Provider, sign
from tests.aws import NEXT_DAY, WEBHOOK_SECRET, Buyer, Deployment, Fault, lot_of, provider_event, short
from tests.http.contract import ENTRY, GRANT_ENTRY, invalid, whole_entry, whole_lot
from tests.http.payments.refunds import core
from tests.providers.samples import body as sample

pytestmark = pytest.mark.usefixtures("in_memory")

TAX = 20000
Events = list[Any]


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


def test_a_paid_order_becomes_a_paid_lot_with_its_terms_and_tax(buyer: Buyer) -> None:
    order = buyer.order().body
    paid = buyer.pays(tax=TAX)
    buyer.scrip.deliver(paid)
    payment = f"dodo:{paid['data']['payment_id']}"
    lot = buyer.lot
    agreed = ("terms", "terms_version", "accepted_at", "pack_version")
    whole_lot(lot, *agreed, "tax", "tax_point", "topup_id", "money")
    assert {name: lot[name] for name in lot if name not in ("effective_at", *agreed)} == {
        "lot_id": lot_of(buyer.account, 1),
        "kind": "paid",
        "granted": "10000",
        "remaining": "10000",
        "held": "0",
        "frozen": "0",
        "priority": 50,
        "expires_at": None,
        "cost_basis": {"amount": 100000, "currency": "USD"},
        "money": {
            "currency": "USD",
            "paid": 100000,
            "recognised": 0,
            "deferred": 100000,
            "refunded": 0,
            "breakage": 0,
            "moved": 0,
            "bad_debt": 0,
        },
        "scope": [],
        "status": "open",
        "source": {"type": "payment", "id": payment, "href": f"/v1/payments/{payment.replace(':', '/')}"},
        "metadata": {},
        "tax": {"amount": TAX, "currency": "USD"},
        "tax_point": "purchase",
        "topup_id": order["topup_id"],
    }
    assert [lot[name] for name in agreed] == [order[name] for name in agreed]
    (entry,) = buyer.scrip.entries(buyer.account)
    whole_entry(entry, GRANT_ENTRY | {"source"})
    assert buyer.scrip.get(entry["source"]["href"]).body["lot_id"] == entry["lot_id"]
    assert (entry["actor"], entry["reference"]) == ("webhook:dodo", {"type": "payment", "id": payment})
    assert entry["metadata"] == {"topup_id": order["topup_id"]}
    found = buyer.scrip.get(f"/v1/topups/{order['topup_id']}").body
    assert found == {**order, "status": "paid", "payment_id": paid["data"]["payment_id"]}
    buyer.scrip.sound(buyer.account)


def test_terms_are_those_of_the_purchase_whatever_became_of_the_pack(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """Law 10."""
    terms: dict[str, Any] = {
        "expires_in": "P1Y",
        "priority": 7,
        "tax_point": "redemption",
        "terms": "Fine print.",
    }
    buyer = Buyer(scrip, provider, account, **terms)
    buyer.order()
    new = {"credits": "1", "price": {"amount": 1, "currency": "EUR"}, "provider_refs": {"dodo": "pdt_2"}}
    scrip.put(f"/v1/packs/{account}", new)
    scrip.deliver(buyer.pays(tax=TAX))
    lot = buyer.lot
    assert (lot["priority"], lot["tax_point"]) == (7, "redemption")
    assert lot["terms"] == buyer.topup["terms"]
    assert lot["terms"].endswith("\n\nFine print.")
    assert (lot["granted"], lot["cost_basis"]["currency"]) == ("10000", "USD")
    assert lot["expires_at"] > lot["effective_at"]


# What a payment's events are, where they end whatever their order, and the money that the entries then tell of

SCENARIOS: list[tuple[str, Callable[[Buyer], Events], str, str, dict[str, int]]] = [
    ("paid", lambda buyer: [buyer.pays(tax=TAX)], "10000", "paid", {}),
    (
        "paid, and said again",
        lambda buyer: [buyer.pays(tax=TAX), buyer.pays()],
        "10000",
        "paid",
        {},
    ),
    (
        "30 percent back",
        lambda buyer: [buyer.pays(tax=TAX), buyer.gets_back(36000)],
        "7000",
        "partially_refunded",
        {"refunded": 30000},
    ),
    (
        "a third back: its credits round up, its money down",
        lambda buyer: [buyer.pays(tax=TAX), buyer.gets_back(40000)],
        "6666.666666",
        "partially_refunded",
        {"refunded": 33333},
    ),
    (
        "back in two parts",
        lambda buyer: [buyer.pays(tax=TAX), buyer.gets_back(36000), buyer.gets_back(84000)],
        "0",
        "refunded",
        {"refunded": 100000},
    ),
    (
        "back in three thirds",
        lambda buyer: [buyer.pays(tax=TAX), *(buyer.gets_back(40000) for _ in range(3))],
        "0",
        "refunded",
        {"refunded": 100000},
    ),
    (
        "all back at once",
        lambda buyer: [buyer.pays(tax=TAX), buyer.gets_back(120000)],
        "0",
        "refunded",
        {"refunded": 100000},
    ),
    (
        "a refund that failed",
        lambda buyer: [buyer.pays(tax=TAX), buyer.gets_back(36000, "failed")],
        "10000",
        "paid",
        {},
    ),
    (
        "a refund that failed beside one that did not",
        lambda buyer: [buyer.pays(tax=TAX), buyer.gets_back(36000, "failed"), buyer.gets_back(12000)],
        "9000",
        "partially_refunded",
        {"refunded": 10000},
    ),
    ("a refund that failed after it succeeded", lambda buyer: failed_after_all(buyer), "10000", "paid", {}),
    (
        "a refund that waited and succeeded",
        lambda buyer: waited(buyer),
        "7000",
        "partially_refunded",
        {"refunded": 30000},
    ),
    (
        "the refund's own event lost, told by the payment's",
        lambda buyer: [buyer.pays(tax=TAX), *lost(buyer), buyer.pays()],
        "7000",
        "partially_refunded",
        {"refunded": 30000},
    ),
    (
        "one minor unit back takes a whole step",
        lambda buyer: [buyer.pays(tax=TAX), buyer.gets_back(1)],
        "9999.916666",
        "partially_refunded",
        {},
    ),
    (
        "without tax",
        lambda buyer: [buyer.pays(), buyer.gets_back(30000)],
        "7000",
        "partially_refunded",
        {"refunded": 30000},
    ),
]


def failed_after_all(buyer: Buyer) -> Events:
    paid, refund = buyer.pays(tax=TAX), buyer.gets_back(36000)
    failed = copy.deepcopy(refund)
    failed["type"], failed["data"]["status"] = "refund.failed", "failed"
    return [paid, refund, failed]


def waited(buyer: Buyer) -> Events:
    paid, refund = buyer.pays(tax=TAX), buyer.gets_back(36000)
    pending = copy.deepcopy(refund)
    pending["type"], pending["data"]["status"] = "refund.pending", "pending"
    return [paid, pending, refund]


def lost(buyer: Buyer) -> Events:
    buyer.gets_back(36000)
    return []


@pytest.mark.parametrize(
    ("_", "events", "total", "status", "money"), SCENARIOS, ids=[row[0] for row in SCENARIOS]
)
def test_in_any_order_it_ends_the_same(
    scrip: Deployment,
    provider: Provider,
    account: str,
    _: str,
    events: Callable[[Buyer], Events],
    total: str,
    status: str,
    money: dict[str, int],
) -> None:
    count = len(events(ordered(scrip, provider, f"{account}-0")))
    orders = list(permutations(range(count))) if count < 3 else [(0, 1, 2, 3), (3, 2, 1, 0), (1, 2, 0, 3)]
    orders = [tuple(index for index in order if index < count) for order in orders]
    for number, order in enumerate(orders, 1):
        buyer = ordered(scrip, provider, f"{account}-{number}")
        made = events(buyer)
        scrip.deliver(*[made[index] for index in order])
        kinds = buyer.kinds
        assert kinds[0] == ("grant", "10000")
        if number == 1:
            scrip.deliver(*reversed(made))  # all of them again
            assert buyer.kinds == kinds
        balance = buyer.balance
        assert (balance["total"], balance["owed"], balance["frozen"]) == (total, "0", "0")
        assert buyer.status == status
        assert buyer.money == {"recognised": 0, "refunded": 0, "breakage": 0} | money
        scrip.sound(buyer.account)


# Disputes: 10 000 credits for 1 000.00 USD without tax. What is disputed of them, where they end, and the order's
# status; the events in every order.


def disputed(
    payment: Any,
    status: str,
    stage: str = "dispute",
    amount: Any = "100000",
    name: str = "dsp_1",
    **more: Any,
) -> Any:
    """The webhook of a dispute."""
    data = {
        "dispute_id": name,
        "payment_id": payment["data"]["payment_id"],
        "business_id": "bus_standin",
        "amount": amount,
        "currency": "USD",
        "created_at": "2026-11-10T10:00:00Z",
        "dispute_stage": stage,
        "dispute_status": f"dispute_{status}",
        "remarks": None,
        **more,
    }
    return provider_event(f"dispute.{status}", data)


Disputes = Callable[[Any], Events]
DISPUTES: list[tuple[str, Disputes, tuple[str, str], str]] = [
    ("opened", lambda paid: [disputed(paid, "opened")], ("10000", "10000"), "disputed"),
    (
        "opened over a third",
        lambda paid: [disputed(paid, "opened", amount="33333")],
        ("10000", "3333.3"),
        "disputed",
    ),
    (
        "challenged",
        lambda paid: [disputed(paid, "opened"), disputed(paid, "challenged")],
        ("10000", "10000"),
        "disputed",
    ),
    ("won", lambda paid: [disputed(paid, "opened"), disputed(paid, "won")], ("10000", "0"), "paid"),
    (
        "cancelled",
        lambda paid: [disputed(paid, "opened"), disputed(paid, "cancelled")],
        ("10000", "0"),
        "paid",
    ),
    ("lost", lambda paid: [disputed(paid, "opened"), disputed(paid, "lost")], ("0", "0"), "refunded"),
    ("accepted", lambda paid: [disputed(paid, "opened"), disputed(paid, "accepted")], ("0", "0"), "refunded"),
    ("expired", lambda paid: [disputed(paid, "opened"), disputed(paid, "expired")], ("0", "0"), "refunded"),
    (
        "expired, won after all",
        lambda paid: [disputed(paid, "expired"), disputed(paid, "won")],
        ("10000", "0"),
        "paid",
    ),
    (
        "lost before anybody heard of it",
        lambda paid: [disputed(paid, "lost", "pre_dispute", is_resolved_by_rdr=True)],
        ("0", "0"),
        "refunded",
    ),
    (
        "won, and opened again in arbitration",
        lambda paid: [
            disputed(paid, "opened"),
            disputed(paid, "won"),
            disputed(paid, "opened", "pre_arbitration"),
        ],
        ("10000", "10000"),
        "disputed",
    ),
    (
        "lost, and won in arbitration",
        lambda paid: [
            disputed(paid, "opened"),
            disputed(paid, "lost"),
            disputed(paid, "won", "pre_arbitration"),
        ],
        ("10000", "0"),
        "paid",
    ),
    (
        "a quarter lost, the rest open in another",
        lambda paid: [
            disputed(paid, "lost", amount="25000"),
            disputed(paid, "opened", amount="75000", name="dsp_2"),
        ],
        ("7500", "7500"),
        "disputed",
    ),
    (
        "more disputed than was paid",
        lambda paid: [
            disputed(paid, "lost", amount="90000"),
            disputed(paid, "lost", amount="90000", name="dsp_2"),
        ],
        ("0", "0"),
        "refunded",
    ),
    (
        "an amount that is a number",
        lambda paid: [disputed(paid, "lost", amount=50000)],
        ("5000", "0"),
        "partially_refunded",
    ),
    (
        "two ends of one stage: nobody knows, so it is frozen",
        lambda paid: [disputed(paid, "won"), disputed(paid, "lost")],
        ("10000", "10000"),
        "disputed",
    ),
]


@pytest.mark.parametrize(("_", "events", "end", "status"), DISPUTES, ids=[row[0] for row in DISPUTES])
def test_disputes_end_the_same_in_any_order(
    scrip: Deployment,
    provider: Provider,
    account: str,
    _: str,
    events: Disputes,
    end: tuple[str, str],
    status: str,
) -> None:
    """Four orders here, for the doors; every order of the facts is tried where no table is (tests/payments)."""
    count = len(events(PAYMENT)) + 1
    natural = tuple(range(count))
    orders = dict.fromkeys([natural, natural[::-1], (*natural[1:], 0), (*natural[2:], 0, 1)[:count]])
    for number, order in enumerate(orders, 1):
        buyer = ordered(scrip, provider, f"{account}-{number}")
        paid = buyer.pays()
        made = [paid, *events(paid)]
        scrip.deliver(*[made[index] for index in order])
        scrip.deliver(made[order[0]])
        balance = buyer.balance
        assert (balance["total"], balance["frozen"], balance["owed"]) == (*end, "0")
        assert buyer.status == status
        scrip.sound(buyer.account)


PAYMENT: Any = {"data": {"payment_id": "pay_0"}}


def test_a_dispute_beside_a_refund_shares_one_whole_with_it(buyer: Buyer) -> None:
    """All of it was given back; that the bank then takes it as well is no second clawback."""
    buyer.order()
    paid = buyer.pays(tax=TAX)
    buyer.scrip.deliver(paid, buyer.gets_back(120000), disputed(paid, "opened", amount="120000"))
    assert (buyer.balance["total"], buyer.balance["owed"]) == ("0", "0")
    buyer.scrip.deliver(disputed(paid, "lost", amount="120000"))
    assert (buyer.balance["total"], buyer.balance["owed"]) == ("0", "0")
    assert [kind for kind, _ in buyer.kinds] == ["grant", "clawback"]
    assert buyer.status == "refunded"


def test_a_refund_that_fails_because_of_a_dispute_leaves_the_dispute_its_freeze(buyer: Buyer) -> None:
    buyer.order()
    paid, pending, _ = waited(buyer)
    failed = copy.deepcopy(pending)
    failed["data"]["status"] = "failed"
    buyer.scrip.deliver(paid, pending, disputed(paid, "opened", amount="120000"))
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("0", "10000")
    buyer.scrip.deliver(failed)
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("0", "10000")
    buyer.scrip.deliver(disputed(paid, "won", amount="120000"))
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("10000", "0")


def test_frozen_credits_cannot_be_spent_and_a_loss_takes_what_is_left_and_owes_the_rest(buyer: Buyer) -> None:
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid)
    buyer.scrip.burn(buyer.account, "4000")
    buyer.scrip.deliver(disputed(paid, "opened"))
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("0", "6000")
    assert buyer.scrip.burn(buyer.account, "0.000001").code == "insufficient_credits"
    buyer.scrip.deliver(disputed(paid, "lost"))
    assert (buyer.balance["total"], buyer.balance["owed"], buyer.balance["frozen"]) == ("-4000", "4000", "0")
    buyer.scrip.deliver(disputed(paid, "won", "pre_arbitration"))
    assert (buyer.balance["total"], buyer.balance["available"], buyer.balance["owed"]) == (
        "6000",
        "6000",
        "0",
    )
    assert [kind for kind, _ in buyer.kinds] == ["grant", "burn", "freeze", "clawback", "reinstatement"]
    assert buyer.lot["lot_id"] == lot_of(buyer.account, 1)
    buyer.scrip.sound(buyer.account)


def test_a_dispute_whose_amount_has_a_point_is_parked_and_counts_once_it_can_be_read(buyer: Buyer) -> None:
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid, disputed(paid, "lost", amount="1000.00"))
    payment_id = paid["data"]["payment_id"]
    assert buyer.scrip.payment(payment_id)["parked"] == [
        "dispute:dsp_1: amount is not a whole amount of minor units"
    ]
    assert buyer.balance["total"] == "10000"
    buyer.scrip.deliver({**disputed(paid, "lost"), "timestamp": LATER})
    assert buyer.scrip.payment(payment_id)["parked"] == []
    assert buyer.balance["total"] == "0"


def ordered(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    buyer = Buyer(scrip, provider, account)
    assert buyer.order().status == 201
    return buyer


def test_a_payment_after_its_refund_books_the_whole_face_then_the_clawback(buyer: Buyer) -> None:
    """A grant is never netted."""
    buyer.order()
    paid, refund = buyer.pays(tax=TAX), buyer.gets_back(36000)
    buyer.scrip.deliver(refund)
    assert buyer.balance["version"] == 0
    assert buyer.scrip.payment(paid["data"]["payment_id"])["parked"] == [
        "the payment itself is not known yet"
    ]
    buyer.scrip.deliver(paid)
    assert buyer.kinds == [("grant", "10000"), ("clawback", "-3000")]
    assert buyer.scrip.payment(paid["data"]["payment_id"])["parked"] == []


def test_a_clawback_says_what_became_of_credits_and_money(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.deliver(buyer.pays(tax=TAX), buyer.gets_back(36000))
    _, entry = buyer.scrip.entries(buyer.account)
    whole_entry(entry, ENTRY | {"lot_id", "money", "source"})
    assert (entry["amount"], entry["balance_after"], entry["owed_after"]) == ("-3000", "7000", "0")
    assert [(short(draw["lot_id"]), draw["amount"]) for draw in entry["draws"]] == [("lot_1", "3000")]
    # 360.00 of 1 200.00 went back, 60.00 of it tax.
    facts = entry["money"].pop("facts")
    assert entry["money"] == {"refunded": 30000, "recognised": 0, "gross": 36000, "tax": 6000}
    assert [name.partition(":")[0] for name in facts] == ["refund"]
    assert (buyer.lot["remaining"], buyer.lot["granted"]) == ("7000", "10000")


def test_what_comes_back_to_a_disputed_lot_is_frozen_with_each_webhook_that_comes_again(buyer: Buyer) -> None:
    """Of 4 000 burned credits 1 000 come back, and then 500; the payment's own document has nothing new to say."""
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid)
    burn = buyer.scrip.burn(buyer.account, "4000").body["entry"]["entry_id"]
    buyer.scrip.deliver(disputed(paid, "opened"))
    frozen = []
    for key, back in (("r1", "1000"), ("r2", "500")):
        path = f"/v1/accounts/{buyer.account}/burns/{burn}/reversal"
        assert buyer.scrip.post(path, {"amount": back, "reason": "a job failed"}, key=key).status == 201
        buyer.scrip.deliver(disputed(paid, "opened"))
        frozen.append((buyer.balance["available"], buyer.balance["frozen"]))
    assert frozen == [("0", "7000"), ("0", "7500")]
    buyer.scrip.deliver(disputed(paid, "won"))
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("7500", "0")
    buyer.scrip.sound(buyer.account)


def test_a_waiting_refund_freezes_its_share_until_it_is_decided(buyer: Buyer) -> None:
    buyer.order()
    paid, pending, refund = waited(buyer)
    buyer.scrip.deliver(paid, pending)
    balance = buyer.balance
    assert (balance["total"], balance["available"], balance["frozen"]) == ("10000", "7000", "3000")
    assert buyer.scrip.burn(buyer.account, "7000.000001").code == "insufficient_credits"
    assert buyer.lot["frozen"] == "3000"
    failed = copy.deepcopy(refund)
    failed["data"]["status"] = "failed"
    buyer.scrip.deliver(failed)
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("10000", "0")
    assert [kind for kind, _ in buyer.kinds] == ["grant", "freeze", "thaw"]
    buyer.scrip.sound(buyer.account)


def test_money_is_told_to_the_cent_through_burns_and_a_refund(buyer: Buyer) -> None:
    """Law 8: 1.00 for the first ten credits; 300.00 back; 699.00 left for the 6 990 that are left."""
    buyer.order()
    buyer.scrip.deliver(buyer.pays(tax=TAX))
    buyer.scrip.burn(buyer.account, "10")
    assert buyer.money == {"recognised": 100, "refunded": 0, "breakage": 0}
    buyer.scrip.deliver(buyer.gets_back(36000))
    assert buyer.money == {"recognised": 100, "refunded": 30000, "breakage": 0}
    buyer.scrip.burn(buyer.account, "3495")
    assert buyer.money == {"recognised": 35050, "refunded": 30000, "breakage": 0}
    buyer.scrip.burn(buyer.account, "3495")
    assert buyer.money == {"recognised": 70000, "refunded": 30000, "breakage": 0}
    buyer.scrip.sound(buyer.account)


def test_ten_burns_empty_what_was_bought_and_the_next_is_refused(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.deliver(buyer.pays(tax=TAX))
    for _ in range(10):
        assert buyer.scrip.burn(buyer.account, "1000").status == 201
    assert buyer.scrip.burn(buyer.account, "10").code == "insufficient_credits"
    assert buyer.money["recognised"] == 100000


def test_what_expires_unburned_is_breakage(
    scrip: Deployment, provider: Provider, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = Buyer(scrip, provider, account, expires_in="P1D")
    buyer.order()
    scrip.deliver(buyer.pays(tax=TAX))
    scrip.burn(account, "2500")
    scrip.sweep("2099-01-01T00:00:00Z")
    assert buyer.money == {"recognised": 25000, "refunded": 0, "breakage": 75000}
    assert buyer.lot["status"] == "expired"


SHORT = [
    ("owe", [("clawback", "-3000")], "-3000", "3000", "0"),
    ("write_off", [("clawback", "-3000"), ("write_off", "3000")], "0", "0", "0"),
    ("other_lots", [("clawback", "-3000")], "-2500", "2500", "0"),
]


@pytest.mark.parametrize(
    ("policy", "kinds", "total", "owed", "available"), SHORT, ids=[row[0] for row in SHORT]
)
def test_what_was_burned_before_its_refund_follows_the_policy_of_the_purchase(
    scrip: Deployment,
    provider: Provider,
    account: str,
    policy: str,
    kinds: list[tuple[str, str]],
    total: str,
    owed: str,
    available: str,
) -> None:
    """Everything bought is burned; with ``other_lots`` 500 credits that were given are taken, and 2 500 owed."""
    scrip.put(f"/v1/units/{account}", {"precision": 2, "policy": {"refund_shortfall": policy}})
    buyer = Buyer(scrip, provider, account, unit=account)
    buyer.order()
    scrip.deliver(buyer.pays(tax=TAX))
    scrip.burn(account, "10000", unit=account)
    if policy == "other_lots":
        scrip.grant(account, "500", unit=account)
    scrip.deliver(buyer.gets_back(36000))
    count = len(kinds)
    assert [(kind, amount) for kind, amount in buyer.kinds[-count:]] == kinds
    balance = buyer.balance
    assert (balance["total"], balance["owed"], balance["available"]) == (total, owed, available)
    assert buyer.money == {"recognised": 70000, "refunded": 30000, "breakage": 0}
    assert buyer.status == "partially_refunded"
    scrip.sound(account, account)


def test_a_refund_that_failed_after_all_is_given_back_and_debt_repaid_out_of_it(buyer: Buyer) -> None:
    buyer.order()
    paid, refund, failed = failed_after_all(buyer)
    buyer.scrip.deliver(paid)
    buyer.scrip.burn(buyer.account, "9000")
    buyer.scrip.deliver(refund)
    assert (buyer.balance["total"], buyer.balance["owed"]) == ("-2000", "2000")
    buyer.scrip.deliver(failed)
    assert buyer.kinds[-1] == ("reinstatement", "3000")
    assert (buyer.balance["total"], buyer.balance["available"], buyer.balance["owed"]) == (
        "1000",
        "1000",
        "0",
    )
    assert buyer.status == "paid"
    buyer.scrip.sound(buyer.account)


# Parked: nothing is granted on a guess, nothing is lost, somebody is told


def changed(**data: Any) -> Callable[[Any], Any]:
    return lambda event: {**event, "data": {**event["data"], **data}}


PARKED: list[tuple[str, dict[str, Any], Callable[[Any], Any], str]] = [
    ("too little", {"total_amount": 99999}, changed(), "paid 99999 USD"),
    ("too much", {"total_amount": 100001}, changed(), "paid 100001 USD"),
    ("tax counted as price", {"total_amount": 100000, "tax": TAX}, changed(), "paid 80000 USD"),
    ("another currency", {}, changed(currency="EUR"), "paid in EUR"),
    (
        "an unknown session",
        {},
        changed(checkout_session_id="cks_0"),
        "no order has the checkout session cks_0",
    ),
    ("no session", {}, changed(checkout_session_id=None), "it names no order"),
    (
        "metadata that names another order",
        {},
        changed(checkout_session_id="cks_1", metadata={"topup_id": "top_1", "account": "acme"}),
        "no order has the checkout session cks_1",
    ),
    ("a broken amount", {}, changed(total_amount="100000"), "total_amount is not a whole amount"),
    ("a status nobody knows", {}, changed(status="half"), "payment status is half"),
    ("part of the money", {}, changed(status="partially_captured"), "payment status is partially_captured"),
    (
        "a session that is no id",
        {},
        changed(checkout_session_id="a#b"),
        "checkout_session_id is missing or no id",
    ),
]


@pytest.mark.parametrize(("_", "options", "change", "reason"), PARKED, ids=[row[0] for row in PARKED])
def test_a_payment_is_parked_with(
    buyer: Buyer,
    capsys: pytest.CaptureFixture[str],
    _: str,
    options: dict[str, Any],
    change: Callable[[Any], Any],
    reason: str,
) -> None:
    buyer.order()
    event = change(buyer.pays(**options))
    capsys.readouterr()
    buyer.scrip.deliver(event, event)
    assert "PaymentParked" in capsys.readouterr().out
    assert (buyer.balance["version"], buyer.status) == (0, "pending")
    kept = buyer.scrip.payment(event["data"]["payment_id"])
    assert [reason in told for told in kept["parked"]].count(True) == 1


def test_a_second_payment_of_one_order_is_parked(buyer: Buyer) -> None:
    buyer.order()
    first = buyer.pays(tax=TAX)
    second = changed(payment_id="pay_second")(first)
    buyer.scrip.deliver(first, second, first, second)
    assert buyer.kinds == [("grant", "10000")]
    assert buyer.scrip.payment("pay_second")["parked"] == [
        f"its order was paid by {first['data']['payment_id']} already"
    ]
    refund = buyer.gets_back(36000)
    buyer.scrip.deliver(changed(payment_id="pay_second")(refund))
    assert buyer.kinds == [("grant", "10000")]
    buyer.scrip.deliver(refund)
    assert buyer.balance["total"] == "7000"


def test_a_payment_into_a_closed_wallet_is_parked(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.grant(buyer.account, "1")
    buyer.scrip.set_status(buyer.account, "closed")
    paid = buyer.pays(tax=TAX)
    buyer.scrip.deliver(paid)
    assert buyer.kinds == [("grant", "1")]
    assert buyer.scrip.payment(paid["data"]["payment_id"])["parked"] == ["the wallet is closed for ever"]


def test_a_payment_that_a_wallet_cannot_hold_is_parked(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.grant(buyer.account, "999999999999999999999")
    paid = buyer.pays(tax=TAX)
    buyer.scrip.deliver(paid)
    assert buyer.balance["version"] == 1
    assert len(buyer.scrip.payment(paid["data"]["payment_id"])["parked"]) == 1


def test_a_parked_payment_is_posted_once_its_facts_are_right(buyer: Buyer) -> None:
    """A payment whose first telling lacked the session: what comes later completes it."""
    buyer.order()
    paid = buyer.pays(tax=TAX)
    buyer.scrip.deliver(changed(checkout_session_id=None)(paid))
    assert buyer.balance["version"] == 0
    buyer.scrip.deliver(paid)
    assert (buyer.balance["total"], buyer.status) == ("10000", "paid")
    assert buyer.scrip.payment(paid["data"]["payment_id"])["parked"] == []


def test_a_refund_in_a_currency_of_neither_side_is_named_and_moves_nothing(buyer: Buyer) -> None:
    buyer.order()
    paid = buyer.pays(tax=TAX)
    buyer.scrip.deliver(paid, changed(currency="CHF")(buyer.gets_back(36000)))
    assert buyer.kinds == [("grant", "10000")]
    (reason,) = buyer.scrip.payment(paid["data"]["payment_id"])["parked"]
    assert "36000 CHF has no share of 120000 USD" in reason


def test_a_failed_payment_followed_by_a_successful_one_is_paid(buyer: Buyer) -> None:
    buyer.order()
    paid = buyer.pays(tax=TAX)
    failed = {**changed(status="failed", payment_id="pay_first_try")(paid), "type": "payment.failed"}
    buyer.scrip.deliver(failed, paid, failed)
    assert (buyer.balance["total"], buyer.status) == ("10000", "paid")
    assert buyer.scrip.payment("pay_first_try")["posted"]["lot"] == 0
    assert buyer.scrip.payment("pay_first_try")["parked"] == []


def test_an_order_whose_payment_failed_says_so_until_another_one_succeeds(buyer: Buyer) -> None:
    buyer.order()
    paid = buyer.pays(tax=TAX)
    again = changed(status="processing", payment_id="pay_two_of_two")(paid)
    buyer.scrip.deliver(changed(status="processing", payment_id="pay_one_of_two")(paid))
    assert buyer.status == "pending"
    buyer.scrip.deliver(changed(status="cancelled", payment_id="pay_one_of_two")(paid))
    assert buyer.status == "failed"
    buyer.scrip.deliver(again)
    assert buyer.status == "pending"
    buyer.scrip.deliver(paid, changed(status="failed", payment_id="pay_two_of_two")(paid))
    assert (buyer.status, buyer.balance["total"]) == ("paid", "10000")


def test_a_failed_payment_of_somebody_elses_is_nobodys_business(buyer: Buyer) -> None:
    buyer.order()
    stray = changed(status="failed", payment_id="pay_stray", checkout_session_id="cks_0")(buyer.pays())
    buyer.scrip.deliver(stray)
    assert buyer.scrip.payment("pay_stray")["parked"] == []
    assert buyer.status == "pending"


def test_the_status_of_a_body_counts_and_not_its_events_name(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.deliver({**buyer.pays(tax=TAX), "type": "payment.failed"})
    assert buyer.status == "paid"


# The queue's own ways


def test_one_message_that_fails_holds_back_its_own_payment_only(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """A partial failure: the other payments of the batch are done, and the queue brings back what is left."""
    first, second = (ordered(scrip, provider, f"{account}-{name}") for name in ("a", "b"))
    for body in (first.pays(tax=TAX), first.gets_back(36000), second.pays(tax=TAX)):
        assert scrip.webhook(body).status == 200
    records = scrip.queued()
    of_first = [record for record in records if "refund" in record["body"] or first.session in record["body"]]
    records = [*of_first, *(record for record in records if record not in of_first)]
    with scrip.broken("TransactWriteItems", Fault.timeout):
        failed = scrip.apply(records)
    assert failed == [record["messageId"] for record in of_first]
    assert (first.balance["version"], second.balance["total"]) == (0, "10000")
    assert scrip.apply(of_first) == []
    assert first.balance["total"] == "7000"
    assert scrip.apply(records) == []
    assert (first.balance["total"], second.balance["total"]) == ("7000", "10000")


def test_a_batch_that_fails_as_a_whole_comes_again_as_a_whole(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.webhook(buyer.pays(tax=TAX))
    records = buyer.scrip.queued()
    with buyer.scrip.broken("TransactWriteItems", Fault.timeout), pytest.raises(BatchProcessingError):
        buyer.scrip.apply(records)
    assert buyer.balance["version"] == 0
    assert buyer.scrip.apply(records) == []
    assert buyer.balance["total"] == "10000"


def test_a_payment_whose_answer_is_lost_after_the_commit_is_granted_once(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.webhook(buyer.pays(tax=TAX))
    records = buyer.scrip.queued()
    with (
        buyer.scrip.broken("TransactWriteItems", Fault.timeout, lost=True),
        pytest.raises(BatchProcessingError),
    ):
        buyer.scrip.apply(records)
    assert (buyer.balance["total"], buyer.status) == ("10000", "paid")
    assert buyer.scrip.apply(records) == []
    assert buyer.kinds == [("grant", "10000")]


def test_a_message_that_is_none_fails_and_is_kept(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.webhook(buyer.pays(tax=TAX))
    (good,) = buyer.scrip.queued()
    bodies = ["", "{}", "[]", json.dumps({"delivery_id": "x", "delivery": {}})]
    bad = []
    for number, body in enumerate(bodies):
        attributes = {**good["attributes"], "MessageGroupId": str(number)}
        bad.append({**good, "messageId": f"bad-{number}", "body": body, "attributes": attributes})
    assert buyer.scrip.apply([*bad, good]) == [record["messageId"] for record in bad]
    assert buyer.balance["total"] == "10000"


def test_two_deliveries_of_one_payment_at_once_post_one_grant(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """Another delivery is applied between this one's reading and its commit."""
    buyer = ordered(scrip, provider, account)
    paid, refund = buyer.pays(tax=TAX), buyer.gets_back(36000)
    scrip.webhook(paid)
    scrip.webhook(refund)
    first, second = scrip.queued()
    with scrip.meanwhile(lambda: scrip.apply([second])):
        assert scrip.apply([first]) == []
    assert buyer.kinds == [("grant", "10000"), ("clawback", "-3000")]
    with scrip.meanwhile(lambda: scrip.apply([first])):
        assert scrip.apply([second]) == []
    assert buyer.balance["total"] == "7000"
    scrip.sound(account)


def test_a_burn_between_reading_and_posting_a_payment_loses_nothing(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = ordered(scrip, provider, account)
    scrip.grant(account, "100")
    scrip.webhook(buyer.pays(tax=TAX))
    records = scrip.queued()
    with scrip.meanwhile(lambda: scrip.burn(account, "60")):
        assert scrip.apply(records) == []
    assert [kind for kind, _ in buyer.kinds] == ["grant", "burn", "grant"]
    assert buyer.balance["total"] == "10040"
    scrip.sound(account)


# One clock for an account

LATER, MONTH_LATER = "2030-06-01T00:00:00.000Z", "2030-07-01T00:00:00.000Z"
WITH_CLOCK = {"scrip-test-clock": LATER}


def test_a_payment_of_a_wallet_that_the_test_clock_moved_ahead_is_granted_at_the_wallets_own_time(
    buyer: Buyer,
) -> None:
    """An entry's instant is never before its wallet's last one: clamped up, never refused."""
    scrip, account = buyer.scrip, buyer.account
    scrip.grant(account, "5", clock=NEXT_DAY)
    buyer.order()
    scrip.deliver(buyer.pays(tax=TAX))
    assert (buyer.status, scrip.entries(account)[-1]["at"]) == ("paid", NEXT_DAY)
    scrip.deliver(buyer.gets_back(60000))
    assert buyer.kinds == [("grant", "5"), ("grant", "10000"), ("clawback", "-5000")]
    assert scrip.burn(account, "1").body["entry"]["at"] == NEXT_DAY
    scrip.sound(account)


@pytest.mark.parametrize("name", ["dodo", "standard"])
def test_a_webhook_with_the_test_clock_is_applied_as_at_its_instant(buyer: Buyer, name: str) -> None:
    """No key is needed for the header there: the signature is the authentication. The instant goes along in the queue,
    and what lives for a month from the payment on ends a month after it."""
    scrip, account = buyer.scrip, buyer.account
    pack = {"credits": "10000", "price": {"amount": 100000, "currency": "USD"}, "expires_in": "P1M"}
    assert scrip.put(f"/v1/packs/{account}", {**pack, "provider_refs": {"dodo": "pdt_1"}}).status == 200
    order = buyer.order(provider=name).body
    paid: Any = (
        buyer.pays(tax=TAX)
        if name == "dodo"
        else {
            "type": "payment.succeeded",
            "timestamp": "2026-11-23T10:00:00Z",
            "data": {
                "payment_id": "pay_1",
                "topup_id": order["topup_id"],
                "amount": 120000,
                "tax": TAX,
                "currency": "USD",
                "created_at": "2026-11-23T10:00:00Z",
            },
        }
    )
    answer = scrip.webhook(paid, provider=name, headers=WITH_CLOCK)
    assert answer.status == 200
    (record,) = scrip.queued()
    assert json.loads(record["body"])["at"] == 1_906_502_400_000
    assert scrip.apply([record]) == []
    assert scrip.apply([record]) == []
    (entry,) = scrip.entries(account)
    assert (entry["kind"], entry["at"]) == ("grant", LATER)
    assert (buyer.lot["effective_at"], buyer.lot["expires_at"]) == (LATER, MONTH_LATER)
    scrip.sound(account)


def test_a_webhook_may_be_signed_at_the_test_clocks_instant(buyer: Buyer) -> None:
    """Whoever moves all of an account's time signs by the same clock."""
    buyer.order()
    raw = json.dumps(buyer.pays(tax=TAX))
    headers = sign(WEBHOOK_SECRET, "msg_1", raw.encode(), 1_906_502_400)
    send = partial(buyer.scrip.send, "POST", "/v1/webhooks/dodo", raw=raw)
    assert send(headers=headers).status == 401
    assert send(headers={**headers, "scrip-test-clock": MONTH_LATER}).status == 401
    assert send(headers={**headers, **WITH_CLOCK}).status == 200
    assert buyer.scrip.apply(buyer.scrip.queued()) == []
    assert buyer.scrip.entries(buyer.account)[0]["at"] == LATER


def test_a_webhooks_test_clock_that_is_behind_the_wallet_is_moved_up_to_it(buyer: Buyer) -> None:
    scrip, account = buyer.scrip, buyer.account
    scrip.grant(account, "5", clock=MONTH_LATER)
    buyer.order()
    assert scrip.webhook(buyer.pays(tax=TAX), headers=WITH_CLOCK).status == 200
    assert scrip.apply(scrip.queued()) == []
    assert scrip.entries(account)[-1]["at"] == MONTH_LATER


def test_where_the_test_clock_is_disabled_no_webhook_sets_it(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, as on every route; and an instant in a message of the queue counts for nothing."""
    scrip = buyer.scrip
    buyer.order()
    paid = buyer.pays(tax=TAX)
    assert scrip.webhook(paid, headers=WITH_CLOCK).status == 200
    (record,) = scrip.queued()
    monkeypatch.setenv("SCRIP_TEST_CLOCK", "disabled")
    scrip.cold()
    invalid(scrip.webhook(paid, headers=WITH_CLOCK), "Scrip-Test-Clock")
    assert scrip.queued() == []
    assert scrip.apply([record]) == []
    assert scrip.entries(buyer.account)[0]["at"] < "2030"


@pytest.mark.parametrize("at", ["2030-06-01T00:00:00Z", True, 1.5, 10**18, -(10**18), [], {}], ids=repr)
def test_a_message_whose_instant_is_none_fails_alone(buyer: Buyer, at: Any) -> None:
    scrip = buyer.scrip
    buyer.order()
    assert scrip.webhook(buyer.pays(tax=TAX), headers=WITH_CLOCK).status == 200
    (record,) = scrip.queued()
    wrong = {**record, "body": json.dumps({**json.loads(record["body"]), "at": at})}
    with scrip.unwritten(), pytest.raises(BatchProcessingError):
        scrip.apply([wrong])
    assert scrip.apply([record]) == []


TWO_AMOUNTS = [
    ('"total_amount": ', '"total_amount": 1, "total_amount": '),
    ('"type": ', '"type": "subscription.expired", "type": '),
    ('"data": ', '"data": {}, "data": '),
    ('"currency": "USD"', '"currency": "USD", "currency": "USD"'),
]


@pytest.mark.parametrize(("said", "twice"), TWO_AMOUNTS, ids=lambda value: value[:20])
def test_a_webhook_that_says_two_things_is_taken_and_parked_and_grants_nothing(
    buyer: Buyer, said: str, twice: str
) -> None:
    """The signature is the provider's, so it is never refused; which of the two counts, a person says. What comes
    later, and says one thing, is applied."""
    scrip = buyer.scrip
    buyer.order()
    paid = buyer.pays(tax=TAX)
    raw = json.dumps(paid)
    assert said in raw
    assert scrip.webhook(raw.replace(said, twice, 1)).status == 200
    assert scrip.apply(scrip.queued()) == []
    assert buyer.kinds == []
    payment = scrip.get(f"/v1/payments/dodo/{paid['data']['payment_id']}").body
    assert "twice" in str(payment["parked"]["reasons"] if isinstance(payment["parked"], dict) else payment)
    scrip.deliver(paid)
    assert buyer.kinds == [("grant", "10000")]


@pytest.mark.parametrize("currency", ["XYZ", "XXX", "XAU", "DEM", "BTC", "usd "])
def test_a_webhook_in_a_currency_that_there_is_not_is_taken_and_parked(buyer: Buyer, currency: str) -> None:
    scrip = buyer.scrip
    buyer.order()
    paid = buyer.pays(tax=TAX)
    paid["data"]["currency"] = currency
    assert scrip.webhook(paid).status == 200
    assert scrip.apply(scrip.queued()) == []
    assert buyer.kinds == []
    assert "currency is not a currency code" in str(scrip.payment(paid["data"]["payment_id"])["parked"])


# Paddle: the app opens the checkout, and names the order in it


def _at_paddle(buyer: Buyer, name: str, **data: Any) -> Any:
    """A sample of Paddle's about the buyer's order, of a transaction of its own."""
    said = sample(f"paddle_{name}", **data)
    which = "id" if name.startswith("transaction") else "transaction_id"
    said["data"][which] = data.get(which, f"txn_{buyer.account}")
    if which == "id" and "custom_data" not in data:
        said["data"]["custom_data"] = {"topup_id": buyer.topup["topup_id"]}
    said["event_id"] = f"evt_{buyer.account}.{name}.{said['data']['id']}"
    return said


def _totals(total: int, tax: int) -> dict[str, Any]:
    return {"totals": {"total": str(total), "tax": str(tax)}}


@pytest.fixture
def at_paddle(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    """Somebody who ordered 10 000 credits for 100.00 USD, to be paid at Paddle."""
    buyer = Buyer(scrip, provider, account, price={"amount": 10000, "currency": "USD"})
    assert buyer.order(provider="paddle").status == 201
    return buyer


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_tax_and_then_the_rest_of_the_money_take_all_credits_back(
    at_paddle: Buyer, order: tuple[int, ...]
) -> None:
    """Laws 8 and 9: 120.00 USD, 20.00 of it tax. The tax alone takes no credits, and its entry says what went back."""
    events = [
        _at_paddle(at_paddle, "transaction_completed"),
        _at_paddle(at_paddle, "refund_of_tax"),
        _at_paddle(at_paddle, "refund_approved", **_totals(10000, 0)),
    ]
    at_paddle.scrip.deliver(*(events[index] for index in order), provider="paddle")
    assert (at_paddle.balance["total"], at_paddle.status) == ("0", "refunded")
    entries = at_paddle.scrip.entries(at_paddle.account)
    assert sum(entry.get("money", {}).get("refunded", 0) for entry in entries) == 10000
    found = at_paddle.scrip.get(f"/v1/payments/paddle/txn_{at_paddle.account}").body
    assert (found["status"], found["parked"]) == ("refunded", [])
    at_paddle.scrip.sound(at_paddle.account)


def test_tax_that_goes_back_alone_is_told_by_an_entry_of_no_credits(at_paddle: Buyer) -> None:
    paid, back = (_at_paddle(at_paddle, name) for name in ("transaction_completed", "refund_of_tax"))
    at_paddle.scrip.deliver(paid, back, provider="paddle")
    assert at_paddle.kinds == [("grant", "10000"), ("clawback", "0")]
    money = at_paddle.scrip.entries(at_paddle.account)[-1]["money"]
    assert (money["refunded"], money["tax"], money["gross"]) == (0, 2000, 2000)
    at_paddle.scrip.deliver(
        _at_paddle(at_paddle, "refund_of_tax", status="reversed"), back, provider="paddle"
    )
    assert at_paddle.kinds[2:] == [("reinstatement", "0")]
    at_paddle.scrip.sound(at_paddle.account)


# Subscriptions: only a period's own payment renews


def _money(amount: int, tax: int = 0) -> dict[str, Any]:
    return {"details": _totals(amount, tax)}


@pytest.fixture
def subscriber(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    """Somebody who ordered 10 000 credits a month for 100.00 USD, at Dodo."""
    provider.product("pdt_month", {"price": 10000, "currency": "USD"})
    price = {"amount": 10000, "currency": "USD"}
    refs = {"dodo": "pdt_month"}
    buyer = Buyer(scrip, provider, account, price=price, recurring={"every": "P1M"}, provider_refs=refs)
    assert buyer.order().status == 201
    return buyer


def _payment(first: Any, number: int, **data: Any) -> Any:
    """A later payment of the same subscription, charged by Dodo itself unless ``data`` says else."""
    own = {"payment_id": f"{first['data']['payment_id']}_{number}", "checkout_session_id": None}
    renewed = {"charge_type": "renewal", **own, **data}
    return provider_event("payment.succeeded", {**first["data"], **renewed})


def _parked(buyer: Buyer, said: Any) -> list[str]:
    return list(buyer.scrip.payment(said["data"]["payment_id"])["parked"])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_trial_begins_with_nothing_and_its_periods_name_the_subscription_alone(
    subscriber: Buyer, order: tuple[int, ...]
) -> None:
    """0 at the trial's start, then 100.00 twice: 20 000 credits, nothing is parked at the end, in any order."""
    trial = subscriber.pays(total_amount=0)
    events = [trial, _payment(trial, 1, total_amount=10000), _payment(trial, 2, total_amount=10000)]
    subscriber.scrip.deliver(*(events[index] for index in order), *events)
    assert subscriber.kinds == [("grant", "10000"), ("grant", "10000")]
    assert [_parked(subscriber, said) for said in events] == [[], [], []]
    found = subscriber.scrip.payment(trial["data"]["payment_id"])
    assert (found["topup_id"], found["account"]) == (subscriber.topup["topup_id"], subscriber.account)
    subscriber.scrip.sound(subscriber.account)


def test_a_trial_that_nobody_paid_yet_leaves_its_order_pending(subscriber: Buyer) -> None:
    subscriber.scrip.deliver(subscriber.pays(total_amount=0))
    assert (subscriber.status, subscriber.kinds) == ("pending", [])


def test_a_paid_trial_is_parked_and_the_periods_after_it_are_granted(subscriber: Buyer) -> None:
    """1.00 at the trial's start is not the order's price; it names the order all the same."""
    trial = subscriber.pays(total_amount=100)
    renewal = _payment(trial, 1, total_amount=10000)
    subscriber.scrip.deliver(trial, renewal)
    assert subscriber.kinds == [("grant", "10000")]
    assert _parked(subscriber, trial) == ["paid 100 USD without tax, the order costs 10000 USD"]
    assert _parked(subscriber, renewal) == []


def test_a_period_of_nothing_is_parked_whatever_came_before_it(subscriber: Buyer) -> None:
    first = subscriber.pays()
    nothing = _payment(first, 1, total_amount=0)
    subscriber.scrip.deliver(first, nothing)
    assert subscriber.kinds == [("grant", "10000")]
    assert _parked(subscriber, nothing) == ["paid 0 USD without tax, the order costs 10000 USD"]


@pytest.mark.parametrize("charge", ["on_demand", "plan_change", "gift"])
@pytest.mark.parametrize("named", [False, True], ids=["no metadata", "the subscription's metadata"])
def test_a_charge_that_is_no_period_of_a_subscription_is_parked_with_its_origin(
    subscriber: Buyer, charge: str, named: bool
) -> None:
    """Of the plan's own price. Dodo gives a charge the subscription's metadata where it has none of its own."""
    metadata = {"topup_id": subscriber.topup["topup_id"]} if named else {}
    first = subscriber.pays()
    charged = _payment(first, 1, charge_type=charge, metadata=metadata)
    subscriber.scrip.deliver(first, charged)
    assert subscriber.kinds == [("grant", "10000")]
    (reason,) = _parked(subscriber, charged)
    assert reason.startswith(f"charge_type is {charge}: that is no period of the subscription sub_")
    assert subscriber.topup["topup_id"] in reason


def test_a_charge_that_names_an_order_of_a_single_payment_is_that_orders(subscriber: Buyer) -> None:
    first = subscriber.pays()
    price = {"amount": 10000, "currency": "USD"}
    once = Buyer(subscriber.scrip, subscriber.provider, f"{subscriber.account}-once", price=price)
    once.order()
    metadata = {"topup_id": once.topup["topup_id"]}
    subscriber.scrip.deliver(first, _payment(first, 1, charge_type="on_demand", metadata=metadata))
    assert (once.kinds, once.status) == ([("grant", "10000")], "paid")
    assert subscriber.kinds == [("grant", "10000")]
    once.scrip.sound(once.account)


@pytest.fixture
def plan_at_paddle(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    price = {"amount": 10000, "currency": "USD"}
    buyer = Buyer(scrip, provider, account, price=price, recurring={"every": "P1M"})
    assert buyer.order(provider="paddle").status == 201
    return buyer


def test_a_trial_at_paddle_begins_with_nothing_and_only_a_period_renews(plan_at_paddle: Buyer) -> None:
    sub, txn = f"sub_{plan_at_paddle.account}", f"txn_{plan_at_paddle.account}"
    later = {"subscription_id": sub, "custom_data": None}
    events = [
        _at_paddle(plan_at_paddle, "transaction_completed", subscription_id=sub, **_money(0)),
        _at_paddle(plan_at_paddle, "transaction_completed_renewal", id=f"{txn}1", **later),
        *(
            _at_paddle(
                plan_at_paddle, "transaction_completed_renewal", id=f"{txn}{origin}", origin=origin, **later
            )
            for origin in ("subscription_charge", "subscription_update", "web")
        ),
    ]
    plan_at_paddle.scrip.deliver(*events, provider="paddle")
    assert plan_at_paddle.kinds == [("grant", "10000")]
    payments = [plan_at_paddle.scrip.get(f"/v1/payments/paddle/{said['data']['id']}").body for said in events]
    assert [found["parked"] for found in payments[:2]] == [[], []]
    for found, origin in zip(
        payments[2:], ("subscription_charge", "subscription_update", "web"), strict=True
    ):
        reason = found["parked"][0]["reason"]
        assert reason.startswith(f"origin is {origin}: that is no period of the subscription {sub}")
    plan_at_paddle.scrip.sound(plan_at_paddle.account)


# A checkout that ends at nothing


def test_our_checkout_that_ends_at_nothing_is_parked(buyer: Buyer) -> None:
    """100 % off. Nobody gives credits away by a discount of the provider's."""
    buyer.order()
    said = buyer.pays(total_amount=0)
    buyer.scrip.deliver(said)
    assert (buyer.kinds, buyer.status) == ([], "pending")
    assert _parked(buyer, said) == ["paid 0 USD without tax, the order costs 100000 USD"]


def test_a_checkout_at_paddle_that_ends_at_nothing_is_parked(at_paddle: Buyer) -> None:
    said = _at_paddle(at_paddle, "transaction_completed", **_money(0))
    at_paddle.scrip.deliver(said, provider="paddle")
    found = at_paddle.scrip.get(f"/v1/payments/paddle/{said['data']['id']}").body
    assert [core(one) for one in found["parked"]] == ["paid 0 USD without tax, the order costs 10000 USD"]
    assert (at_paddle.kinds, at_paddle.status) == ([], "pending")


def test_nothing_paid_at_a_checkout_of_somebody_elses_is_nobodys_business(buyer: Buyer) -> None:
    buyer.order()
    said = buyer.pays(total_amount=0)
    said["data"]["checkout_session_id"] = "cks_of_another"
    buyer.scrip.deliver(said)
    assert _parked(buyer, said) == []
