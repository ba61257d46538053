"""A payment that waits leads to its order and back, and says which delivery it waits for: at every provider, in any
order of arrival (law 9)."""

from __future__ import annotations

import json
import time
from itertools import permutations
from typing import Any

import pytest

from local.standins.dodo import Provider
from scrip import runtime
from tests.aws import Answer, Buyer, Deployment, Key
from tests.http.payments.refunds import ADMIN, TAX, TOTAL, Paid, core
from tests.signing import SIGN

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


AT = "2026-11-23T{:02d}:00:00Z"


def dodo(buyer: Buyer, hour: int, **data: Any) -> Any:
    body = {
        "payment_id": f"pay_{buyer.account}",
        "business_id": "bus_standin",
        "checkout_session_id": buyer.session,
        "status": "succeeded",
        "total_amount": TOTAL,
        "tax": TAX,
        "currency": "USD",
        "created_at": AT.format(1),
        **data,
    }
    return {
        "type": "payment.succeeded",
        "business_id": "bus_standin",
        "timestamp": AT.format(hour),
        "data": body,
    }


def stripe(buyer: Buyer, hour: int, **data: Any) -> Any:
    """Its session: the tax stands there, and the intent says none."""
    body = {
        "id": buyer.topup["checkout_session_id"],
        "object": "checkout.session",
        "mode": "payment",
        "payment_status": "paid",
        "amount_total": TOTAL,
        "total_details": {"amount_tax": TAX},
        "currency": "usd",
        "payment_intent": f"pay_{buyer.account}",
        **data,
    }
    return {
        "id": f"evt_{time.perf_counter_ns()}",
        "object": "event",
        "type": "checkout.session.completed",
        "api_version": "2026-10-28.endive",
        "created": 1795392000 + 3600 * hour,
        "livemode": False,
        "data": {"object": body},
    }


def paddle(buyer: Buyer, hour: int, **data: Any) -> Any:
    body = {
        "id": f"pay_{buyer.account}",
        "status": "paid",
        "custom_data": {"topup_id": buyer.topup["topup_id"]},
        "details": {"totals": {"total": str(TOTAL), "tax": str(TAX)}},
        "currency_code": "USD",
        "billed_at": AT.format(1),
        "origin": "web",
        **data,
    }
    return {
        "event_id": f"evt_{time.perf_counter_ns()}",
        "event_type": "transaction.paid",
        "occurred_at": AT.format(hour),
        "data": body,
    }


def standard(buyer: Buyer, hour: int, **data: Any) -> Any:
    body = {
        "payment_id": f"pay_{buyer.account}",
        "topup_id": buyer.topup["topup_id"],
        "amount": TOTAL,
        "tax": TAX,
        "currency": "USD",
        **data,
    }
    return {"type": "payment.succeeded", "timestamp": AT.format(hour), "data": body}


MAKE = {"dodo": dodo, "stripe": stripe, "paddle": paddle, "standard": standard}
LESS: dict[str, Any] = {
    "dodo": {"total_amount": TOTAL - 1},
    "stripe": {"amount_total": TOTAL - 1},
    "paddle": {"details": {"totals": {"total": str(TOTAL - 1), "tax": str(TAX)}}},
    "standard": {"amount": TOTAL - 1},
}
"""A payment of a cent less than the order's price."""
UNREAD: dict[str, Any] = {
    "dodo": {"status": "partially_captured"},
    "stripe": {"payment_status": "weird"},
    "paddle": {"status": "weird"},
    "standard": {"currency": "dollars"},
}
"""A payment of which nothing can be used, but for its names."""


def ordered(scrip: Deployment, provider: Provider, account: str, name: str) -> Buyer:
    buyer = Buyer(scrip, provider, account)
    assert buyer.order(provider=name).status == 201
    return buyer


def subscriber(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    provider.product(f"plan-{account}", {"price": 100000})
    return Buyer(
        scrip, provider, account, recurring={"every": "P1M"}, provider_refs={"dodo": f"plan-{account}"}
    )


def order_of(buyer: Buyer, caller: Key = ADMIN) -> Answer:
    return buyer.scrip.get(f"/v1/topups/{buyer.topup['topup_id']}", caller=caller)


@pytest.mark.parametrize("odd", [LESS, UNREAD], ids=["a cent less", "nothing readable"])
@pytest.mark.parametrize("name", MAKE)
def test_a_parked_payment_leads_to_its_order_and_back(
    scrip: Deployment, provider: Provider, account: str, name: str, odd: dict[str, Any]
) -> None:
    """And whoever may read the account sees it, its order, and the id that ``accept`` asks for."""
    buyer = ordered(scrip, provider, account, name)
    topup = buyer.topup["topup_id"]
    scrip.deliver(MAKE[name](buyer, 2, **odd[name]), provider=name)
    own = Key("read", account=account)
    seen = scrip.get(f"/v1/payments/{name}/pay_{account}", caller=own)
    assert seen.status == 200, seen.text
    assert (seen.body["account"], seen.body["topup_id"], seen.body["lot_id"]) == (account, topup, None)
    (waits,) = seen.body["parked"]
    assert (waits["account"], waits["topup_id"], waits["about"]) == (account, topup, "payment")
    (told,) = scrip.get(seen_path(name, account)).body["parked"]
    assert waits == {member: told[member] for member in told if member != "reason"}, (
        "that is not for customers"
    )
    assert waits["delivery_id"] in told["reason"]
    assert waits["api_version"] == ("2026-10-28.endive" if name == "stripe" else None)
    assert f"{name} event {waits['event']}" in told["reason"]
    assert f"order {topup}" in told["reason"]
    (shown,) = order_of(buyer, own).body["waiting"]
    assert shown == {
        "payment_id": f"pay_{account}",
        "parked": [waits],
        "parked_at": seen.body["parked_at"],
    }
    assert scrip.get(seen_path(name, account), caller=Key("read", account=f"{account}-x")).status == 403
    # It comes as it should be: nothing waits, and nothing shows that it did.
    scrip.deliver(MAKE[name](buyer, 3), provider=name)
    after = scrip.get(f"/v1/payments/{name}/pay_{account}", caller=own).body
    if odd is UNREAD:
        assert (after["parked"], order_of(buyer, own).body["waiting"], buyer.status) == ([], [], "paid")
        assert buyer.balance["total"] == "10000"
    else:
        # Two amounts of one payment: a person decides, with the ids that are shown.
        answer = Paid(buyer, f"pay_{account}", name).resolve(
            action="accept", topup_id=after["parked"][0]["topup_id"], credits="10000"
        )
        assert answer.status == 200, answer.text
        assert (order_of(buyer).body["waiting"], buyer.balance["total"]) == ([], "10000")
    scrip.sound(account)


def seen_path(name: str, account: str) -> str:
    return f"/v1/payments/{name}/pay_{account}"


@pytest.mark.parametrize("name", ["dodo", "paddle", "standard"])
def test_a_payment_of_a_subscription_leads_to_the_order_of_that(
    scrip: Deployment, provider: Provider, account: str, name: str
) -> None:
    """The renewal names the subscription alone, and cannot be read."""
    buyer = subscriber(scrip, provider, account)
    buyer.order(provider=name)
    subscription = {"subscription_id": f"sub_{account}"}
    scrip.deliver(MAKE[name](buyer, 2, **subscription), provider=name)
    nothing: dict[str, Any] = {
        "dodo": {"checkout_session_id": None, "payment_id": "pay_second"},
        "paddle": {"custom_data": None, "id": "pay_second", "origin": "subscription_recurring"},
        "standard": {"topup_id": None, "payment_id": "pay_second"},
    }
    scrip.deliver(MAKE[name](buyer, 3, **subscription, **UNREAD[name], **nothing[name]), provider=name)
    (waits,) = scrip.get(f"/v1/payments/{name}/pay_second").body["parked"]
    assert waits["topup_id"] == buyer.topup["topup_id"]
    assert [one["payment_id"] for one in order_of(buyer).body["waiting"]] == ["pay_second"]
    assert (buyer.status, buyer.balance["total"]) == ("paid", "10000")


def test_a_payment_that_is_accepted_for_another_order_is_not_shown_on_the_first(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = ordered(scrip, provider, account, "dodo")
    first = buyer.topup["topup_id"]
    scrip.deliver(dodo(buyer, 2, total_amount=2 * TOTAL, tax=2 * TAX))
    buyer.order("order-2", quantity=2)
    payment = Paid(buyer, f"pay_{account}")
    assert payment.resolve(action="accept", topup_id=buyer.topup["topup_id"]).status == 200
    assert (scrip.get(f"/v1/topups/{first}").body["waiting"], order_of(buyer).body["waiting"]) == ([], [])
    assert buyer.balance["total"] == "20000"
    scrip.sound(account)


@pytest.mark.parametrize("name", MAKE)
def test_what_waits_does_not_depend_on_the_order_of_arrival(
    scrip: Deployment, provider: Provider, account: str, name: str
) -> None:
    """Two that cannot be read and one that can, whose instant is before, between or after theirs; each twice."""
    for hour, waiting in ((1, 2), (2, 2), (3, 1), (5, 0)):
        ends = []
        for number, order in enumerate(permutations(range(3))):
            buyer = ordered(scrip, provider, f"{account}-{hour}-{number}", name)
            other = {
                **UNREAD,
                "stripe": {"mode": "weird"},
                "standard": {"tax": -1},
                "dodo": {"status": "new"},
            }
            other["paddle"] = {"status": "new"}
            bodies = [
                MAKE[name](buyer, 2, **UNREAD[name]),
                MAKE[name](buyer, 4, **other[name]),
                MAKE[name](buyer, hour),
            ]
            for index in (*order, *reversed(order)):
                scrip.deliver(bodies[index], provider=name)
            payment = Paid(buyer, f"pay_{buyer.account}", name)
            ends.append((payment.parked, buyer.balance["total"], buyer.status))
        assert len(ends[0][0]) == waiting, ends[0]
        assert ends == [(ends[0][0], "10000", "paid")] * 6


def test_what_a_person_settled_is_answered_whenever_the_older_delivery_comes(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """A refund in a currency of its own, and one reading of it that says nothing: stated as 12.00 of 1 200.00."""
    told = {
        "type": "refund.succeeded",
        "business_id": "bus_standin",
        "timestamp": AT.format(3),
        "data": {
            "refund_id": "re_1",
            "business_id": "bus_standin",
            "status": "succeeded",
            "amount": 500,
            "currency": "CHF",
            "is_partial": True,
            "created_at": AT.format(3),
        },
    }
    for late in (False, True):
        buyer = ordered(scrip, provider, f"{account}-{late}", "dodo")
        scrip.deliver(dodo(buyer, 2))
        payment = Paid(buyer, f"pay_{buyer.account}")
        refund = json.loads(json.dumps(told))
        refund["data"]["payment_id"] = payment.payment_id
        unread = json.loads(json.dumps(refund))
        unread["data"]["status"], unread["timestamp"] = "weird", AT.format(4)
        scrip.deliver(*([refund] if late else [refund, unread]))
        assert payment.resolve(action="state", about="refund:re_1", amount=1200).status == 200
        scrip.deliver(unread)
        assert (payment.parked, buyer.balance["total"]) == ([], "9900")
        scrip.sound(buyer.account)


def test_a_settled_refund_ends_its_note_also_where_it_had_ended_so(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = ordered(scrip, provider, account, "standard")
    scrip.deliver(standard(buyer, 2), provider="standard")
    payment_id = f"pay_{account}"
    data = {"refund_id": "re_1", "payment_id": payment_id, "amount": 12000, "currency": "USD"}
    for type_, more in (("refund.failed", {}), ("refund.pending", {"amount": -1})):
        body = {"type": type_, "timestamp": AT.format(3), "data": {**data, **more}}
        scrip.deliver(body, provider="standard")
    payment = Paid(buyer, payment_id, "standard")
    assert len(payment.parked) == 1
    assert payment.resolve(action="settle", about="refund:re_1", status="failed").status == 200
    assert (payment.parked, buyer.balance["total"]) == ([], "10000")


# Whose account at the provider


def test_the_first_livemode_that_is_seen_is_kept_and_the_other_one_parked(
    scrip: Deployment, provider: Provider, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    buyer = ordered(scrip, provider, account, "stripe")
    scrip.deliver(stripe(buyer, 2), provider="stripe")
    told = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if "ProviderAccountKept" in line
    ]
    assert [(line["provider"], line["account_at_provider"]) for line in told] == [
        ("stripe", "livemode false")
    ]
    other = ordered(scrip, provider, f"{account}-b", "stripe")
    event = {**stripe(other, 2), "livemode": True}
    scrip.deliver(event, provider="stripe")
    payment = Paid(other, f"pay_{other.account}", "stripe")
    (reason,) = payment.parked
    assert reason.startswith("payment: livemode true is not ours: livemode false was seen first")
    assert (payment.seen["topup_id"], other.balance["total"]) == (other.topup["topup_id"], "0")
    assert "ProviderAccountKept" not in capsys.readouterr().out


def test_where_none_is_said_every_livemode_is_taken(
    scrip: Deployment, provider: Provider, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIP_STRIPE_OURS", "none")
    for mode in (True, False):
        buyer = ordered(scrip, provider, f"{account}-{mode}", "stripe")
        scrip.deliver({**stripe(buyer, 2), "livemode": mode}, provider="stripe")
        assert buyer.balance["total"] == "10000"


@pytest.fixture
def shared(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIP_SHARED_PROVIDERS", ",".join(SIGN))
    runtime.executor.cache_clear()


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", MAKE)
def test_what_names_nothing_of_ours_waits_for_nobody_where_the_account_is_shared(
    scrip: Deployment, provider: Provider, account: str, name: str
) -> None:
    buyer = ordered(scrip, provider, account, name)
    others: dict[str, list[dict[str, Any]]] = {
        "dodo": [{"checkout_session_id": "cks_other"}, {"checkout_session_id": None}, {"status": "weird"}],
        "stripe": [{"id": "cs_other"}, {"id": "cs_other", "payment_status": "weird"}],
        "paddle": [{"custom_data": None}, {"custom_data": {"topup_id": "top_other"}}, {"custom_data": 5}],
        "standard": [{"topup_id": None}, {"topup_id": "top_other"}, {"topup_id": None, "tax": -1}],
    }
    pays = {"stripe": "payment_intent", "paddle": "id"}.get(name, "payment_id")
    for number, data in enumerate(others[name]):
        away = {"checkout_session_id": None} if name == "dodo" else {}
        body = MAKE[name](buyer, 2, **{**away, **data, pays: f"pay_{account}_{number}"})
        scrip.deliver(body, provider=name)
        seen = scrip.get(f"/v1/payments/{name}/pay_{account}_{number}").body
        assert (seen["parked"], seen["account"], seen["topup_id"]) == ([], None, None)
    assert scrip.get("/v1/payments", query={"status": "parked"}).body["items"] == []
    # Ours is ours, and waits where it differs.
    scrip.deliver(MAKE[name](buyer, 2, **LESS[name]), provider=name)
    assert len(Paid(buyer, f"pay_{account}", name).parked) == 1


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", ["dodo", "paddle", "standard"])
def test_a_period_that_comes_before_the_subscription_is_known_is_granted_once_it_is(
    scrip: Deployment, provider: Provider, account: str, name: str
) -> None:
    """Three payments of one subscription in each order: three grants, and nobody had to look."""
    names = {"dodo": "payment_id", "paddle": "id", "standard": "payment_id"}
    unnamed: dict[str, Any] = {
        "dodo": {"checkout_session_id": None, "charge_type": "renewal"},
        "paddle": {"custom_data": None, "origin": "subscription_recurring"},
        "standard": {"topup_id": None},
    }
    for number, order in enumerate(permutations(range(3))):
        buyer = subscriber(scrip, provider, f"{account}-{number}")
        answer = buyer.order(provider=name)
        assert answer.status == 201, answer.text
        subscription = f"sub_{buyer.account}"
        bodies = [
            MAKE[name](
                buyer,
                2 + index,
                subscription_id=subscription,
                **(unnamed[name] if index else {}),
                **{names[name]: f"pay_{buyer.account}_{index}"},
            )
            for index in range(3)
        ]
        for index in order:
            scrip.deliver(bodies[index], provider=name)
        assert buyer.kinds == [("grant", "10000")] * 3, order
        for index in reversed(order):
            scrip.deliver(bodies[index], provider=name)
        assert buyer.balance["total"] == "30000"
        scrip.sound(buyer.account)


@pytest.mark.usefixtures("shared")
def test_a_refund_of_a_payment_that_nobody_has_told_of_is_asked_about(
    scrip: Deployment, account: str
) -> None:
    """It may be of one of ours: a dispute at Stripe may name a charge alone."""
    scrip.asked()
    refund = {
        "id": f"re_{account}",
        "object": "refund",
        "status": "succeeded",
        "amount": 100,
        "currency": "usd",
        "charge": f"ch_{account}",
        "created": 1795392000,
    }
    event = {
        "id": f"evt_{account}",
        "type": "refund.created",
        "created": 1795392000,
        "livemode": False,
        "data": {"object": refund},
    }
    scrip.deliver(event, provider="stripe")
    assert [json.loads(one["body"])["payment_id"] for one in scrip.asked()] == [f"ch_{account}"]
    assert scrip.get(f"/v1/payments/stripe/ch_{account}").body["parked"] == []


def test_an_account_that_is_not_shared_has_its_strangers_parked(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.deliver(dodo(buyer, 2, checkout_session_id="cks_other"))
    (waits,) = buyer.scrip.get(f"/v1/payments/dodo/pay_{buyer.account}").body["parked"]
    assert core(waits) == "no order has the checkout session cks_other"
    assert "no order of ours is named" in waits["reason"]


def test_a_delivery_is_kept_under_the_instant_of_the_test_clock_and_deleted_by_the_real_one(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = ordered(scrip, provider, account, "dodo")
    before = runtime.now()
    body = dodo(buyer, 2)
    answer = scrip.webhook(body, f"msg_{account}", headers={"scrip-test-clock": "2030-06-01T00:00:00.000Z"})
    assert answer.status == 200
    scrip.apply(scrip.queued())
    (kept,) = [one for one in scrip.kept() if one["delivery_id"] == f"msg_{account}"]
    assert int(kept["received_at"]) == 1_906_502_400_000
    days = (int(kept["expires_at"]) - before // 1000) / 86_400
    assert 29.9 < days < 30.1
