"""What is known of payments over HTTP: what a refund of one would come to, and which of them wait for a person. Nothing
moves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.standins.dodo import Provider
from scrip.http.edge import parameters
from tests.aws import Buyer, Deployment, cursor_in
from tests.http.contract import invalid, refused
from tests.http.payments.refunds import TOTAL, Paid, core, lonely, paid

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def test_a_quote_says_what_is_unspent_and_what_it_is_worth(buyer: Buyer) -> None:
    """3 000 of 10 000 credits are burned, 1 000 held: 6 000 could go back for 600.00 and 120.00 of tax."""
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "3000")
    buyer.scrip.move(buyer.account, "holds", amount="1000")
    with buyer.scrip.unwritten():
        quote = payment.quote()
    assert quote == {
        "payment": {"provider": "dodo", "payment_id": payment.payment_id},
        "unit": "credits",
        "unspent": "6000",
        "credits": "6000",
        "amount": usd(72000),
        "tax": usd(12000),
        "net": usd(60000),
        "worth": usd(60000),
        "refundable": usd(72000),
        "left": usd(TOTAL),
        "already": {"refunded": usd(0), "pending": usd(0), "credited": usd(0)},
        "allowed": True,
    }


def test_of_an_amount(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "3000")
    quote = payment.quote(amount="40000")
    assert (quote["credits"], quote["net"], quote["tax"]) == ("3333.333334", usd(33333), usd(6667))
    assert (quote["worth"], quote["allowed"]) == (usd(33333), True)
    beyond = payment.quote(amount="84001")
    assert (beyond["refundable"], beyond["allowed"]) == (usd(84000), False)
    assert payment.quote(amount="84000")["allowed"]
    credit = payment.quote(amount="40000", **{"as": "credit"})
    assert credit["credits"] == "3333.333333"


def test_after_refunds_of_every_kind(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.deliver(buyer.gets_back(12000))
    payment.refund("pending", amount=24000)
    payment.credit("credit", amount=36000)
    quote = payment.quote()
    assert quote["already"] == {"refunded": usd(12000), "pending": usd(24000), "credited": usd(36000)}
    assert (quote["left"], quote["refundable"], quote["unspent"]) == (usd(48000), usd(48000), "4000")


def test_as_of_now_what_has_expired_is_not_unspent(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = Buyer(scrip, provider, account, expires_in="P1D")
    payment = paid(buyer)
    path = f"{payment.path}/refund-quote"
    quote = scrip.get(path, clock="2099-01-01T00:00:00.000Z").body
    assert (quote["unspent"], quote["refundable"], quote["allowed"]) == ("0", usd(0), False)
    assert payment.quote()["unspent"] == "10000"


def test_what_is_worth_less_in_the_books_says_so(buyer: Buyer) -> None:
    """A refund that was forced took money of burned credits: what is left of the lot has less cost basis."""
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "9000")
    buyer.scrip.deliver(buyer.gets_back(36000))
    buyer.scrip.grant(buyer.account, "2000")
    quote = payment.quote()
    assert (quote["unspent"], quote["refundable"], quote["worth"]) == ("0", usd(0), usd(0))


def test_of_a_payment_that_granted_nothing(buyer: Buyer) -> None:
    buyer.order()
    event = buyer.pays(total_amount=1)
    buyer.scrip.deliver(event)
    payment = Paid(buyer, event["data"]["payment_id"])
    answer = buyer.scrip.get(f"{payment.path}/refund-quote")
    refused(answer, 422, "policy_violation", policy="refund_granted")


def test_a_quote_does_not_mind_other_lots_of_the_wallet(buyer: Buyer) -> None:
    buyer.scrip.grant(buyer.account, "500")
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "700")
    assert payment.quote()["unspent"] == "9800"


CURRENCIES = [
    ("JPY", 1000, "7", 0, "3", "3", {"net": 428, "tax": 43, "refundable": 471}),
    ("KWD", 1250, "10", 3, "9.999", "9.993", {"net": 1249, "tax": 125, "refundable": 1374}),
]


@pytest.mark.parametrize(("currency", "price", "credits", "precision", "left", "taken", "worked"), CURRENCIES)
def test_yen_and_fils(
    scrip: Deployment,
    provider: Provider,
    account: str,
    currency: str,
    price: int,
    credits: str,
    precision: int,
    left: str,
    taken: str,
    worked: dict[str, int],
) -> None:
    """1 000 yen and 100 of tax for 7 credits, of which 3 are left; 1.250 dinars and a tenth of tax, all but one step
    left: one fils takes 7.3 steps, so all but one fils can go back."""
    scrip.put(f"/v1/units/{account}", {"precision": precision})
    buyer = Buyer(
        scrip, provider, account, unit=account, credits=credits, price={"amount": price, "currency": currency}
    )
    assert buyer.order().status == 201
    event = buyer.pays(tax=100 if currency == "JPY" else 125)
    scrip.deliver(event)
    scrip.burn(account, {"JPY": "4", "KWD": "0.001"}[currency], unit=account)
    quote = Paid(buyer, event["data"]["payment_id"]).quote()
    assert (quote["unspent"], quote["credits"]) == (left, taken)
    assert {name: quote[name]["amount"] for name in worked} == worked


def test_what_is_quoted_can_be_refunded_and_nothing_is_owed(buyer: Buyer) -> None:
    """Law 9: a third at a time, with burns in between, to the last minor unit."""
    payment = paid(buyer)
    for number, burned in enumerate(("1234.567891", "0.000001", "3000")):
        buyer.scrip.burn(buyer.account, burned)
        most = payment.quote()["refundable"]["amount"]
        answer = payment.refund(f"refund-{number}", amount=most if number == 2 else most // 3)
        assert answer.status == 201, answer.text
        buyer.scrip.deliver(payment.settled())
    assert (buyer.balance["owed"], payment.quote()["allowed"]) == ("0", False)
    buyer.scrip.sound(buyer.account)


def listed(scrip: Deployment, **query: str) -> Any:
    answer = scrip.get("/v1/payments", query={"status": "parked", **query})
    assert answer.status == 200, answer.text
    return answer.body


def names(page: Any) -> list[str]:
    return [one["payment_id"] for one in page["items"]]


# Those that wait


def test_those_that_wait_longest_come_first_page_by_page(buyer: Buyer) -> None:
    assert listed(buyer.scrip) == {"items": [], "next_cursor": None}
    wanted = [f"pay_lonely_{number}" for number in range(5)]
    for name in wanted:
        buyer.scrip.deliver(lonely(buyer, name))
    page = listed(buyer.scrip)
    assert (names(page), page["next_cursor"]) == (wanted, None)
    assert [one["status"] for one in page["items"]] == ["paid"] * 5
    assert [core(one) for one in page["items"][0]["parked"]] == [
        "no order has the checkout session cks_pay_lonely_0"
    ]
    since = [one["parked_at"] for one in page["items"]]
    assert since == sorted(since)
    found: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    for _ in range(3):
        page = listed(buyer.scrip, **query)
        found += names(page)
        query["cursor"] = page["next_cursor"]
    assert (found, page["next_cursor"]) == (wanted, None)


def test_a_page_of_those_that_wait_has_no_more_than_fit_into_an_answer(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five, an answer of three's bytes has three, and the next page the other two. One is told at any size."""
    wanted = [f"pay_heavy_{number}" for number in range(5)]
    for name in wanted:
        buyer.scrip.deliver(lonely(buyer, name))
    before = names(listed(buyer.scrip))[:-5]
    assert names(listed(buyer.scrip))[-5:] == wanted
    items = listed(buyer.scrip)["items"]
    three = sum(len(json.dumps(one, ensure_ascii=False).encode()) for one in items[: len(before) + 3])
    for most, count in ((three, len(before) + 3), (three - 1, len(before) + 2), (0, 1)):
        monkeypatch.setattr(parameters, "ANSWER_BYTES", most)
        first = listed(buyer.scrip)
        assert names(first) == [*before, *wanted][:count]
        monkeypatch.undo()
        assert names(listed(buyer.scrip, cursor=first["next_cursor"])) == [*before, *wanted][count:]


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ((0, "dodo", "pay_1"), 200),
        ((253_402_300_799_999, "dodo", "x" * 200), 200),
        ((-1, "dodo", "pay_1"), 400),
        ((253_402_300_800_000, "dodo", "pay_1"), 400),
        ((0, "", "pay_1"), 400),
        ((0, "dodo", "x" * 201), 400),
        ((0, "dodo"), 400),
    ],
    ids=repr,
)
def test_a_cursor_of_payments_names_an_instant_a_provider_and_a_payment(
    scrip: Deployment, place: tuple[Any, ...], status: int
) -> None:
    """The year 9999 ends at 253 402 300 799 999 ms."""
    query = {"status": "parked"}
    query["cursor"] = cursor_in("/v1/payments", query, *place)
    assert scrip.get("/v1/payments", query=query).status == status


def test_what_waits_no_more_is_not_listed(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.deliver(lonely(buyer, "pay_lonely_9"))
    assert "pay_lonely_9" in names(listed(buyer.scrip))
    assert payment.payment_id not in names(listed(buyer.scrip))
    Paid(buyer, "pay_lonely_9").resolve(action="dismiss")
    assert "pay_lonely_9" not in names(listed(buyer.scrip))


def test_a_list_that_lags_leaves_out_what_waits_no_more(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index still says that it waits; the payment itself does not."""
    from scrip.store import payments
    from scrip.store.payments import ListedPayment

    payment = paid(buyer)
    at = [ListedPayment(1, "dodo", payment.payment_id), ListedPayment(2, "dodo", "pay_gone")]
    following = iter([(2, "payment#dodo#pay_gone"), None])
    monkeypatch.setattr(payments, "listed", lambda *_, **__: (at, next(following)))
    assert listed(buyer.scrip) == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": ""}, "status"),
        ({"status": "paid", "cursor": "WzFd"}, "cursor"),
        ({"account": "a b"}, "account"),
        ({"status": "parked", "limit": "0"}, "limit"),
        ({"status": "parked", "limit": "1001"}, "limit"),
        ({"status": "parked", "cursor": "x"}, "cursor"),
        ({"status": "parked", "cursor": "WzFd"}, "cursor"),
        ({"status": "parked", "cursor": "WzEsImRvZG8iLCJhI2IiXQ"}, "cursor"),
        ({"status": "parked", "unit": "credits"}, "unit"),
    ],
)
def test_a_list_of_payments_is_refused(scrip: Deployment, query: dict[str, str], field: str) -> None:
    invalid(scrip.get("/v1/payments", query=query), field)
