"""Credits that are paid for each month and roll over: what is carried on keeps the money that was paid for it (law 7).

100 credits a month for 10.00 USD; they live a month, and half of what is left is carried on, once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Deployment
from tests.http.contract import invalid
from tests.http.payments.test_consequences import Gateway

pytestmark = pytest.mark.usefixtures("in_memory")

JANUARY, FEBRUARY, MARCH = (f"2030-0{month}-01T00:00:00.000Z" for month in (1, 2, 3))
PACK: dict[str, Any] = {
    "credits": "100",
    "price": {"amount": 1000, "currency": "USD"},
    "recurring": {"every": "P1M"},
    "expires_in": "P1M",
    "rollover": {"fraction": "0.5"},
}


class Plan(Gateway):
    """A subscription at a gateway whose payments come at an instant."""

    def __init__(self, scrip: Deployment, account: str, **more: Any) -> None:
        self.scrip, self.account = scrip, account
        assert scrip.put(f"/v1/packs/plan-{account}", {**PACK, **more}).status == 201
        wanted: dict[str, Any] = {"account": account, "pack": f"plan-{account}", "provider": "standard"}
        wanted |= {"return_url": "https://shop.example.test/done", "accept_terms": True, "quantity": 2}
        self.topup = scrip.post("/v1/topups", wanted, key=f"plan-{account}", clock=JANUARY).body
        self.plan = self.topup["topup_id"]

    def pays(self, at: str, name: str) -> None:
        paid = {"amount": 2000, "tax": 0, "topup_id": self.plan, "subscription_id": f"s-{self.account}"}
        told = self.body("succeeded", 1, name, **paid)
        assert self.scrip.webhook(told, provider="standard", clock=at).status == 200
        assert self.scrip.apply(self.scrip.queued()) == []


def test_half_of_what_is_left_is_carried_on_once_with_the_money_that_was_paid_for_it(
    scrip: Deployment, account: str
) -> None:
    """Two packs: 200 for 20.00. 80 are burned, 8.00; of the 120 that are left 60 go on with 6.00, and 60 are breakage,
    6.00. A month later these 60 are at their end for good, and the second payment's 200 are halved."""
    plan = Plan(scrip, account)
    plan.pays(JANUARY, "p1")
    assert scrip.burn(account, "80", clock="2030-01-15T00:00:00.000Z").status == 201
    balance = scrip.balance(account, clock=FEBRUARY)
    assert balance["available"] == "60"
    (money,) = balance["money"]
    assert (money["paid"], money["recognised"], money["deferred"], money["breakage"]) == (2000, 800, 600, 600)
    plan.pays(FEBRUARY, "p2")
    assert scrip.balance(account, clock=FEBRUARY)["available"] == "260"
    scrip.sweep(MARCH)
    kinds = [(entry["kind"], entry["amount"]) for entry in scrip.entries(account)]
    assert kinds == [
        ("grant", "200"),
        ("burn", "-80"),
        ("rollover", "0"),
        ("expiry", "-60"),
        ("grant", "200"),
        ("rollover", "0"),
        ("expiry", "-160"),
    ]
    balance = scrip.balance(account, clock=MARCH)
    assert balance["available"] == "100"
    (money,) = balance["money"]
    assert (money["paid"], money["recognised"], money["deferred"], money["breakage"]) == (
        4000,
        800,
        1000,
        2200,
    )
    scrip.sound(account)


def test_the_terms_say_it_and_an_order_keeps_what_its_pack_said_then(scrip: Deployment, account: str) -> None:
    plan = Plan(
        scrip, account, rollover={"fraction": "1", "max": "10", "max_times": None, "expires_in": "P1Y"}
    )
    said = "What is unspent then is carried on (at most 10 Credits of each pack), each time, for 1 year"
    assert said in plan.topup["terms"]
    assert scrip.put(f"/v1/packs/plan-{account}", {**PACK, "rollover": None}).status == 200
    plan.pays(JANUARY, "p1")
    assert scrip.balance(account, clock=FEBRUARY)["available"] == "20"
    assert "lost" in scrip.get(f"/v1/packs/plan-{account}/terms").body["terms"]


def test_a_pack_shows_its_rule_and_one_without_shows_none(scrip: Deployment, account: str) -> None:
    made = scrip.put(f"/v1/packs/{account}", PACK).body
    assert made["rollover"] == {
        "fraction": "0.5",
        "min": "0",
        "max": None,
        "max_of": "carried",
        "max_times": 1,
        "expires_in": None,
        "never_expires": False,
    }
    assert scrip.get(f"/v1/packs/{account}").body == made
    assert "rollover" not in scrip.put(f"/v1/packs/{account}", {**PACK, "rollover": None}).body


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"recurring": None}, "rollover"),
        ({"expires_in": None}, "rollover"),
        ({"rollover": {"fraction": "1.5"}}, "rollover.fraction"),
        ({"rollover": {"min": "5", "max": "4"}}, "rollover.max"),
        ({"rollover": {"max_times": 0}}, "rollover.max_times"),
        ({"rollover": {"share": "1"}}, "rollover.share"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    scrip: Deployment, account: str, more: dict[str, Any], field: str
) -> None:
    invalid(scrip.put(f"/v1/packs/{account}", {**PACK, **more}), field)
