"""Tax by country and by when it is due: the country of the payment's address wins over the account's profile for the
credits that it bought, wherever they go; a refund takes back its part (laws 7 and 8)."""

from __future__ import annotations

from typing import Any

from scrip import runtime
from scrip.domain.finance.periods import month_of
from scrip.http.edge.parameters import format_instant
from tests.aws import Deployment, Json


def bought(
    scrip: Deployment, account: str, pack: str, payment: str, total: int, tax: int, **said: Any
) -> None:
    """An order of a pack that a payment at ``standard`` pays."""
    order = {"account": account, "pack": pack, "provider": "standard", "accept_terms": True}
    topup = scrip.post(
        "/v1/topups", {**order, "return_url": "https://shop.example.test/"}, key=f"o-{payment}"
    )
    assert topup.status == 201, topup.text
    paid = {"payment_id": payment, "topup_id": topup.body["topup_id"], "amount": total, "tax": tax, **said}
    deliver(scrip, "payment.succeeded", {"currency": "USD", **paid})


def deliver(scrip: Deployment, type_: str, data: Json) -> None:
    event = {"type": type_, "timestamp": format_instant(runtime.now()), "data": data}
    scrip.deliver(event, provider="standard")


def tax(scrip: Deployment, currency: str = "USD") -> dict[str, Any]:
    """Amounts and what they are of, by country and tax point; what stands beside."""
    query = {"period": month_of(runtime.now()), "currency": currency}
    (found,) = scrip.get("/v1/reports/tax", query=query).body["currencies"]
    rows = {f"{row['country']}.{row['tax_point']}": (row["amount"], row["taxable"]) for row in found["rows"]}
    return rows | {row["line"]: row["amount"] for row in found["beside"]}


def test_law_7_the_country_of_a_payment_goes_with_what_it_bought_and_else_the_profiles_counts(
    scrip: Deployment,
) -> None:
    """Of 119.00 from Austria 59.50 go back: 9.50 of 19.00 tax stay. Of 120.00 from France, with tax that is due as the
    credits are spent, half goes to an account of Sweden, which spends half of that: 5.00 of 20.00; 15.00 are left."""
    scrip.empty_archive()
    scrip.make_tables()
    assert scrip.put("/v1/units/credits", {"precision": 6, "policy": {"transferable": True}}).status in (
        200,
        201,
    )
    price = {"amount": 10_000, "currency": "USD"}
    for pack, point in (("now", "purchase"), ("later", "redemption")):
        body = {"unit": "credits", "credits": "100", "price": price, "tax_point": point}
        assert scrip.put(f"/v1/packs/{pack}", body).status == 201
    for account, country in (("ann", "DE"), ("eve", "SE")):
        assert scrip.put(f"/v1/accounts/{account}/profile", {"country": country}).status in (200, 201)
    bought(scrip, "ann", "now", "p1", 11_900, 1900, country="AT")
    bought(scrip, "ann", "now", "p2", 11_900, 1900)
    bought(scrip, "ann", "now", "p3", 10_700, 700, country="Ödland")
    deliver(
        scrip, "refund.succeeded", {"refund_id": "r1", "payment_id": "p1", "amount": 5950, "currency": "USD"}
    )
    bought(scrip, "bob", "later", "p4", 12_000, 2000, country="FR")
    moved = scrip.post("/v1/accounts/bob/transfers", {"to_account": "eve", "amount": "50"}, key="t1")
    assert moved.status == 201, moved.text
    scrip.burn("eve", "25")
    expected = {
        "AT.purchase": (950, 5000),
        "DE.purchase": (2600, 20_000),
        "FR.redemption": (500, 2500),
        "tax_deferred.FR": 1500,
    }

    scrip.read_archive()
    assert tax(scrip) == expected
    scrip.make_days(format_instant(runtime.now() + 86_400_000))
    assert tax(scrip) == expected
    # What comes after an edition is of the same country: the edition knows the lot's.
    scrip.burn("eve", "25")
    scrip.read_archive()
    assert tax(scrip) == expected | {"FR.redemption": (1000, 5000), "tax_deferred.FR": 1000}
    assert scrip.get("/v1/payments/standard/p1").body["paid"]["country"] == "AT"
    assert scrip.get("/v1/payments/standard/p3").body["paid"]["country"] is None


def test_what_was_sold_without_tax_is_taxable_and_what_was_paid_back_whole_is_not_told(
    scrip: Deployment,
) -> None:
    """100.00 from Austria without tax; 119.00 from Germany with 19.00, all of it refunded."""
    scrip.empty_archive()
    scrip.make_tables()
    body = {"unit": "credits", "credits": "100", "price": {"amount": 10_000, "currency": "USD"}}
    assert scrip.put("/v1/packs/now", body).status == 201
    bought(scrip, "ann", "now", "p1", 10_000, 0, country="AT")
    bought(scrip, "bob", "now", "p2", 11_900, 1900, country="DE")
    deliver(
        scrip,
        "refund.succeeded",
        {"refund_id": "r2", "payment_id": "p2", "amount": 11_900, "currency": "USD"},
    )
    scrip.read_archive()
    assert tax(scrip) == {"AT.purchase": (0, 10_000)}


def test_the_terms_that_a_buyer_is_shown_say_when_tax_is_due(scrip: Deployment) -> None:
    scrip.make_tables()
    for pack, point, said in (
        ("now", "purchase", "Tax is due when you pay."),
        ("later", "redemption", "Tax is due when you spend the credits, not when you pay."),
    ):
        price = {"amount": 1000, "currency": "JPY"}
        body = {"unit": "credits", "credits": "1", "price": price, "tax_point": point}
        assert scrip.put(f"/v1/packs/{pack}", body).status == 201
        offer = scrip.get(f"/v1/packs/{pack}/terms")
        assert said in offer.text, offer.text
