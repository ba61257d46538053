"""Terms of a sale: a buyer can read them, and they stay as they were accepted (law 10)."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.dodo import Provider
from tests.aws import Buyer, Deployment
from tests.http.contract import INSTANT

EUR, KWD = {"amount": 90000, "currency": "EUR"}, {"amount": 310500, "currency": "KWD"}


# Terms

BOUGHT = "You buy a balance of 10000 Credits for USD 1000.00 plus any tax, not a product."


REFUND = "A refund takes back credits of this purchase, in proportion to the money refunded."


OWED = "If too few of them are left, the rest is owed. What is owed comes off the next credits you get."


@pytest.mark.parametrize(
    ("pack", "policy", "terms"),
    [
        ({}, {}, f"{BOUGHT} The credits do not expire. {REFUND} {OWED} Tax is due when you pay."),
        (
            {"expires_in": "P1Y", "tax_point": "redemption"},
            {"refund_shortfall": "write_off"},
            (
                f"{BOUGHT} The credits expire 1 year after the payment; what is unspent then is lost. {REFUND} "
                "If too few of them are left, only those are taken back. "
                "Tax is due when you spend the credits, not when you pay."
            ),
        ),
        (
            {"recurring": {"every": "P1M"}},
            {"refund_shortfall": "other_lots", "default_expires_in": "P1Y6M", "repay_first": False},
            (
                f"{BOUGHT} You are charged every month until you cancel, and each payment gives the same "
                "credits again. The credits expire 1 year and 6 months after each payment; "
                "what is unspent then is lost. "
                f"{REFUND} If too few of them are left, the rest is taken from your other credits; what these lack is "
                "owed. Tax is due when you pay."
            ),
        ),
        (
            {"recurring": {"every": "P3M"}, "expires_in": "P90DT12H", "credits": "2.5", "price": KWD},
            {"repay_first": False},
            (
                "You buy a balance of 2.5 Credits for KWD 310.500 plus any tax, not a product. "
                "You are charged every 3 months until you cancel, and each payment gives the same "
                "credits again. The credits expire 90 days and 12 hours after each payment; "
                "what is unspent then is lost. "
                f"{REFUND} If too few of them are left, the rest is owed. Tax is due when you pay."
            ),
        ),
    ],
    ids=["plain", "expiring", "monthly", "quarterly"],
)
def test_terms_say_what_is_bought_when_it_ends_and_what_a_refund_gives(
    scrip: Deployment, provider: Provider, account: str, pack: Any, policy: Any, terms: str
) -> None:
    unit = f"u-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 2, "name": "Credits", "policy": policy})
    buyer = Buyer(scrip, provider, account, unit=unit, **pack)
    assert buyer.order(provider="standard").body["terms"] == terms


def test_a_packs_own_terms_are_added_to_what_scrip_says(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = Buyer(scrip, provider, account, terms="Fine print.", expires_in="P1Y")
    terms = buyer.order().body["terms"]
    said, _, own = terms.partition("\n\n")
    assert own == "Fine print."
    assert "The credits expire 1 year after the payment; what is unspent then is lost." in said
    assert "A refund takes back credits of this purchase" in said


def test_accepted_terms_are_on_the_order_and_on_the_lot(buyer: Buyer) -> None:
    """Law 10: as they were then, whatever the pack says by the time of the payment."""
    order = buyer.order().body
    assert INSTANT.fullmatch(order["accepted_at"])
    price = {"amount": 100000, "currency": "USD"}
    changed = {
        "credits": "10000",
        "price": price,
        "terms": "Other print.",
        "provider_refs": {"dodo": "pdt_1"},
    }
    assert buyer.scrip.put(f"/v1/packs/{buyer.account}", changed).body["version"] == 2
    other = buyer.order("order-2").body
    assert (other["terms"], other["pack_version"]) == (order["terms"] + "\n\nOther print.", 2)
    assert other["terms_version"] != order["terms_version"]
    buyer.topup = order
    buyer.scrip.deliver(buyer.pays())
    named = ("terms", "terms_version", "accepted_at", "pack_version", "topup_id")
    assert {name: buyer.lot[name] for name in named} == {name: order[name] for name in named}
