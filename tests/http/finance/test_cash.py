"""What providers keep, pay out and correct is in the books: in cash, journal and trial balance, as it is taken from
their lists, from an edition of the archive, and after the month was closed. What is on its way is a figure that two
sides give (laws 3, 8 and 9)."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.stripe import Provider as Stripe
from scrip import runtime
from scrip.domain.finance.periods import month_after, month_of
from scrip.http.edge.parameters import format_instant
from scrip.services.finance import settlements
from tests.aws import Buyer, Deployment, Json
from tests.services.finance.test_settlements import bought, told

HOUR, DAY = 3_600_000, 86_400_000


@pytest.fixture(autouse=True)
def _afresh(scrip: Deployment) -> None:
    scrip.empty_archive()
    scrip.make_tables()
    scrip.queued()


@pytest.fixture
def buyer(scrip: Deployment, dodo: Any, account: str) -> Buyer:
    return Buyer(scrip, dodo, account)


def at(milliseconds: int) -> str:
    return format_instant(runtime.now() + milliseconds)


def this_month() -> str:
    return month_of(runtime.now())


def rows(scrip: Deployment, name: str, *by: str, currency: str = "USD", **query: Any) -> dict[str, int]:
    """A report's amounts of one currency, by what its rows are of; figures beside it as ``beside.<line>``."""
    clock = query.pop("clock", None)
    answer = scrip.get(
        f"/v1/reports/{name}", query={"period": this_month(), "currency": currency, **query}, clock=clock
    )
    assert answer.status == 200, answer.text
    found: dict[str, int] = {}
    for one in answer.body["currencies"]:
        found |= {".".join(row[member] for member in by): row["amount"] for row in one["rows"]}
        found |= {f"beside.{row['line']}": row["amount"] for row in one["beside"]}
    return found


def journal(scrip: Deployment, **query: Any) -> list[Json]:
    clock, found = query.pop("clock", None), []
    query = {"period": this_month(), "limit": "100", **query}
    while True:
        answer = scrip.get("/v1/reports/journal", query=query, clock=clock)
        assert answer.status == 200, answer.text
        found += answer.body["items"]
        if (cursor := answer.body["next_cursor"]) is None:
            return found
        query["cursor"] = cursor


CASH = {
    "dodo.in": 120_000,
    "dodo.refunded": -30_000,
    "dodo.fee": -4840 - 100 - 3000 - 50,
    "dodo.payout": -2000,
    "dodo.tax": -20_000,
    "dodo.adjustment": 700,
    "beside.clearing.dodo": 60_710,
    "beside.balance.dodo": -2290,
    "beside.reserved.dodo": 3000,
    "beside.on_the_way.dodo": 60_000,
}
BALANCE = {
    "cash.dodo": 60_710,
    "deferred_revenue": -75_000,
    "tax_payable": 5000,
    "fees": 7990,
    "bank": 2000,
    "adjustments": -700,
}


def story(scrip: Deployment, buyer: Buyer) -> None:
    """1 200.00 with tax, 300.00 refunded, 600.00 disputed and not decided, 20.00 paid out, 30.00 set aside, 7.00 given.

    Fees: 48.00 + 0.40 of the payment, 1.00 of the refund, 30.00 of the dispute, 0.50 of the payout.
    """
    buyer.order()
    scrip.deliver(buyer.pays(tax=20_000), buyer.gets_back(30_000))
    buyer.provider.dispute(buyer.session, {"webhook": False, "amount": 60_000})
    balance = buyer.provider.balance
    balance.payout({"amount": 2000, "fee": 50})
    balance.enter({"event_type": "dodo_credits", "amount": 700, "is_credit": True})
    balance.enter({"event_type": "reserve_hold", "amount": 3000})
    scrip.reconcile(at(HOUR))
    scrip.read_archive()


def books(scrip: Deployment) -> None:
    assert rows(scrip, "cash", "provider", "line") == CASH
    assert rows(scrip, "trial-balance", "account") == BALANCE
    assert rows(scrip, "tax", "country", "tax_point") == {
        "SE.purchase": 15_000,
        "beside.remitted.dodo": -20_000,
    }
    forward = rows(scrip, "roll-forward", "line")
    assert (forward["sold"], forward["refunded"], forward["closing"]) == (100_000, 25_000, 75_000)


def test_law_8_what_a_provider_moves_is_in_the_books_until_a_close_freezes_them_and_late_ones_are_in_the_next(
    scrip: Deployment, buyer: Buyer
) -> None:
    """BALANCE adds up to nothing: 607.10 − 750.00 + 50.00 + 79.90 + 20.00 − 7.00."""
    story(scrip, buyer)
    month, after = this_month(), month_after(this_month())
    clock = f"{after}-02T00:30:00.000Z"
    assert sum(BALANCE.values()) == 0
    books(scrip)
    listed = journal(scrip, limit="4")
    scrip.make_days(clock)
    books(scrip)

    by_id = {item["settlement"] or item["entry_id"]: item for item in journal(scrip)}
    assert len(by_id) == len(listed) == 2 + 7, (
        "a grant and a clawback; the reserve and what customers pay post nothing"
    )
    fees = [item for item in by_id.values() if item["kind"] == "fee"]
    assert {line["account"] for item in fees for line in item["lines"]} == {"fees", "cash.dodo"}
    assert all((one["account"], one["unit"], one["seq"], one["entry_id"]) == (None,) * 4 for one in fees)

    closed = scrip.post(f"/v1/periods/{month}/close", {}, clock=clock)
    assert closed.status == 200, closed.text
    frozen = {
        name: scrip.get(f"/v1/reports/{name}", query={"period": month}).text for name in ("cash", "journal")
    }
    buyer.provider.balance.enter({"event_type": "scheme_fee", "amount": 11})
    scrip.reconcile(at(DAY + HOUR))
    for name, text in frozen.items():
        assert scrip.get(f"/v1/reports/{name}", query={"period": month}).text == text
    for made in (False, True):
        if made:
            scrip.make_days(f"{after}-03T00:30:00.000Z")
        (late,) = journal(scrip, period=after)
        assert (late["kind"], late["late_for"]) == ("fee", month)
        assert late["lines"] == [
            {"account": "fees", "amount": 11},
            {"account": "cash.dodo", "amount": -11},
        ]
        found = rows(scrip, "cash", "provider", "line", period=after)
        assert (found["dodo.fee"], found["beside.on_the_way.dodo"]) == (-11, 60_000)


def test_files_of_the_journal_have_what_a_provider_moved_which_is_of_no_unit(
    scrip: Deployment, buyer: Buyer
) -> None:
    """In Xero's file a day's sums: 900.00 less 79.90, 20.00 and 200.00, and 7.00 more, is 607.10."""
    story(scrip, buyer)
    month = this_month()
    xero = scrip.get("/v1/reports/journal", query={"period": month, "format": "csv", "layout": "xero"}).text
    moved = {row[3]: row[5] for row in (line.split(",") for line in xero.splitlines()[1:])}
    assert moved["Clearing:Dodo"] == "607.10"
    assert (moved["Provider Fees"], moved["Clearing:Unexplained"]) == ("79.90", "-7.00")
    ledger = scrip.get("/v1/reports/journal", query={"period": month, "format": "beancount"}).text
    assert ' * "dodo" "fee" ^dodo_3a' in ledger
    table = scrip.get("/v1/reports/journal", query={"period": month, "format": "csv"}).text
    assert len([row for row in table.splitlines() if ",dodo:ble_" in row]) == 2 * 7

    assert not [item for item in journal(scrip, unit="credits") if item["settlement"]]
    assert rows(scrip, "cash", "provider", "line", unit="credits") == {
        "dodo.in": 120_000,
        "dodo.refunded": -30_000,
    }


def test_currencies_of_no_and_three_decimals_are_each_whole_and_what_is_on_its_way_is_told_by_two_sides(
    scrip: Deployment, at_stripe: Stripe, account: str
) -> None:
    """10 000 yen become 65.00 USD (fee 2.18), 100.000 BHD stay (fee 2.930), of which 10.000 go back; 7 000 yen are paid
    and Stripe has not listed them yet. 3.50 are taken for something unheard of, and 5.00 paid in."""
    at_stripe.balance.settles["jpy"] = ("usd", "0.65")
    bought(scrip, at_stripe, f"{account}-jpy", 10_000, "JPY")
    session = bought(scrip, at_stripe, f"{account}-bhd", 100_000, "BHD")
    at_stripe.refund(session, {"webhook": False, "amount": 10_000})
    at_stripe.balance.adjust({"category": "anticipation_repayment", "amount": -350})
    at_stripe.balance.adjust({"category": "topup", "amount": 500})
    told(scrip, at_stripe)
    scrip.reconcile(at(HOUR))
    bought(scrip, at_stripe, f"{account}-late", 7000, "JPY")
    told(scrip, at_stripe)
    scrip.read_archive()

    assert rows(scrip, "cash", "provider", "line", currency="JPY") == {
        "stripe.in": 17_000,
        "stripe.conversion": -10_000,
        "beside.clearing.stripe": 7000,
        "beside.balance.stripe": 0,
        "beside.reserved.stripe": 0,
        "beside.on_the_way.stripe": 7000,
    }
    assert rows(scrip, "cash", "provider", "line") == {
        "stripe.conversion": 6500,
        "stripe.fee": -218,
        "stripe.adjustment": -350,
        "stripe.topup": 500,
        "beside.clearing.stripe": 6432,
        "beside.balance.stripe": 6432,
        "beside.reserved.stripe": 0,
        "beside.on_the_way.stripe": 0,
    }
    assert rows(scrip, "trial-balance", "account") == {
        "cash.stripe": 6432,
        "conversion": -6500,
        "fees": 218,
        "adjustments": 350,
        "bank": -500,
    }
    assert rows(scrip, "trial-balance", "account", currency="BHD") == {
        "cash.stripe": 100_000 - 10_000 - 2930,
        "deferred_revenue": -90_000,
        "fees": 2930,
    }
    assert rows(scrip, "roll-forward", "line") == {}, "nothing was sold in dollars"
    for currency in ("JPY", "USD", "BHD"):
        assert (
            on_the_way(scrip, currency)
            == rows(scrip, "cash", "provider", "line", currency=currency)["beside.on_the_way.stripe"]
        )
    items = scrip.get("/v1/reports/reconciliation", query={"provider": "stripe"}).body["money"]["items"]
    assert [one["reason"] for one in items] == [
        "it stands in the account adjustments (anticipation_repayment): book it on by hand"
    ]


def on_the_way(scrip: Deployment, currency: str) -> int:
    """What entries booked at Stripe, less what Stripe lists of customers: the other way to the same figure."""
    found = rows(scrip, "cash", "provider", "line", currency=currency)
    booked = sum(found.get(f"stripe.{line}", 0) for line in ("in", "refunded", "charged_back"))
    listed = [row.body for _, row in settlements.unread(runtime.tables(), {})]
    customers = [one for one in listed if one["type"] in ("payment", "refund", "dispute")]
    paid = [one.get("charged", [one["amount"], one["currency"]]) for one in customers]
    moved: int = sum(amount for amount, paid_in in paid if paid_in == currency)
    return booked - moved
