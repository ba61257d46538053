"""Scopes: a lot that is bound to meters pays for events of these meters, and for nothing else. Eligible scope comes
before everything else in the order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment, short
from tests.http.contract import refused, whole_lot

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 4 and 8, after every test."""
    yield
    scrip.sound(account)


def hold(scrip: Deployment, account: str, amount: str, meter: str | None = None, **rest: Any) -> Answer:
    """A hold for a meter: it takes the lots that a burn of the meter would."""
    return scrip.move(account, "holds", **{"amount": amount, "meter": meter, "clock": NEW_YEAR, **rest})


def drawn(answer: Answer) -> str:
    """``"lot_1 10, lot_2 5"``"""
    assert answer.status == 201, answer.text
    return ", ".join(f"{short(draw['lot_id'])} {draw['amount']}" for draw in answer.body["entry"]["draws"])


def test_a_lot_says_its_scope(scrip: Deployment, account: str) -> None:
    granted = scrip.grant(account, "10", scope=["gpu", "api"], clock=NEW_YEAR)
    plain = scrip.grant(account, "10", scope=[], clock=NEW_YEAR)
    assert (granted.body["lot"]["scope"], plain.body["lot"]["scope"]) == (["api", "gpu"], [])
    whole_lot(granted.body["lot"])
    assert [lot["scope"] for lot in scrip.lots(account)] == [["api", "gpu"], []]
    scrip.cold()
    assert [lot["scope"] for lot in scrip.lots(account)] == [["api", "gpu"], []]


def test_bound_credits_are_available_and_paid_like_all_others(scrip: Deployment, account: str) -> None:
    cost = {"amount": 100, "currency": "USD"}
    balance = scrip.grant(account, "10", scope=["gpu"], kind="paid", cost_basis=cost).balance
    assert (balance["total"], balance["available"]) == ("10", "10")
    assert balance["by_category"] == {"paid": "10", "free": "0"}


def test_a_grant_is_the_same_whatever_the_order_of_its_meters(scrip: Deployment, account: str) -> None:
    first = scrip.grant(account, "10", "g", scope=["gpu", "api"])
    again = scrip.grant(account, "10", "g", scope=["api", "gpu"])
    assert (again.replayed, again.text) == (True, first.text)
    answer = scrip.move(account, "grants", "g", amount="10", scope=["gpu"])
    refused(answer, 422, "idempotency_key_reused")


# 10 bound to gpu (lot_1), 10 bound to gpu and api (lot_2), 5 bound to nothing (lot_3). What is asked for which meter;
# then what pays, or what is available to it and what is there besides.
ELIGIBLE: dict[str, tuple[str, str | None, str | tuple[str, str]]] = {
    "no meter, as many as are unbound": ("5", None, "lot_3 5"),
    "no meter, one more": ("6", None, ("5", "20")),
    "a meter of one lot": ("3", "gpu", "lot_1 3"),
    "a meter of all lots": ("25", "gpu", "lot_1 10, lot_2 10, lot_3 5"),
    "a meter of all lots, one more": ("26", "gpu", ("25", "0")),
    "a meter of two lots": ("12", "api", "lot_2 10, lot_3 2"),
    "a meter of two lots, one more": ("16", "api", ("15", "10")),
    "a meter of no lot": ("5", "disk", "lot_3 5"),
    "a meter of no lot, one more": ("6", "disk", ("5", "20")),
    "a meter in another case": ("6", "GPU", ("5", "20")),
    "a meter with a longer name": ("6", "gpu2", ("5", "20")),
}


@pytest.mark.parametrize(("wanted", "meter", "outcome"), ELIGIBLE.values(), ids=ELIGIBLE.keys())
def test_what_pays_for(
    scrip: Deployment, account: str, wanted: str, meter: str | None, outcome: str | tuple[str, str]
) -> None:
    for scope in (["gpu"], ["gpu", "api"], []):
        scrip.grant(account, "5" if not scope else "10", scope=scope, clock=NEW_YEAR)
    answer = hold(scrip, account, wanted, meter)
    if isinstance(outcome, str):
        assert drawn(answer) == outcome
        return
    available, besides = outcome
    facts = {"out_of_scope": besides} if besides != "0" else {}
    refused(
        answer, 402, "insufficient_credits", required=wanted, available=available, unit="credits", **facts
    )


def test_a_plain_burn_leaves_bound_credits_alone(scrip: Deployment, account: str) -> None:
    """Even those that come first in the order; and says that they are there."""
    scrip.grant(account, "10", scope=["gpu"], priority=0, clock=NEW_YEAR)
    scrip.grant(account, "5", clock=NEW_YEAR)
    assert drawn(scrip.burn(account, "4", clock=NEW_YEAR)) == "lot_2 4"
    before = scrip.wallet(account)
    answer = scrip.burn(account, "2", clock=NEW_YEAR)
    facts = {"required": "2", "available": "1", "out_of_scope": "10", "unit": "credits"}
    refused(answer, 402, "insufficient_credits", **facts)
    assert scrip.wallet(account) == before
    answer = scrip.burn(account, "2", mode="up_to", clock=NEW_YEAR)
    assert (answer.body["burned"], answer.body["missing"]) == ("1", "1")
    assert answer.balance["available"] == "10"


def test_an_overdraft_pays_what_bound_credits_may_not(scrip: Deployment, account: str) -> None:
    unit = f"debt-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"overdraft_limit": "5"}})
    scrip.grant(account, "10", scope=["gpu"], unit=unit)
    answer = scrip.burn(account, "6", unit=unit)
    facts = {"required": "6", "available": "0", "out_of_scope": "10", "unit": unit}
    refused(answer, 402, "insufficient_credits", **facts)
    answer = scrip.burn(account, "4", unit=unit)
    assert (answer.balance["available"], answer.balance["owed"], answer.balance["total"]) == ("10", "4", "6")
    scrip.sound(account, unit)


# Lots that may pay, in the order; then what a hold of 12 for gpu takes.
ORDER: dict[str, tuple[list[dict[str, Any]], str]] = {
    "priority": ([{"scope": ["gpu"]}, {"priority": 0}], "lot_2 10, lot_1 2"),
    "expiry": ([{"scope": ["gpu"]}, {"expires_in": "P1D"}], "lot_2 10, lot_1 2"),
    "age": ([{"scope": ["gpu"]}, {}], "lot_1 10, lot_2 2"),
    "not eligible, though first": (
        [{"scope": ["api"], "priority": 0}, {"scope": ["gpu"]}, {}],
        "lot_2 10, lot_3 2",
    ),
    "bound lots do not come first by being bound": ([{}, {"scope": ["gpu"]}], "lot_1 10, lot_2 2"),
}


@pytest.mark.parametrize(("lots", "draws"), ORDER.values(), ids=ORDER.keys())
def test_of_the_lots_that_may_pay_the_order_is_the_same(
    scrip: Deployment, account: str, lots: list[dict[str, Any]], draws: str
) -> None:
    for lot in lots:
        scrip.grant(account, "10", clock=NEW_YEAR, **lot)
    assert drawn(hold(scrip, account, "12", "gpu")) == draws


def test_bound_credits_expire_and_begin_like_all_others(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", scope=["gpu"], clock=NEW_YEAR, expires_at=NEXT_DAY)
    scrip.grant(account, "20", scope=["gpu"], clock=NEW_YEAR, effective_at=NEXT_DAY)
    facts = {"required": "11", "available": "10", "unit": "credits"}
    refused(hold(scrip, account, "11", "gpu"), 402, "insufficient_credits", **facts)
    assert drawn(hold(scrip, account, "11", "gpu", clock=NEXT_DAY)) == "lot_2 11"


def test_a_wallet_of_many_lots_finds_the_few_that_may_pay(scrip: Deployment, account: str) -> None:
    """Beyond what lies in the wallet's own item: 60 lots bound to something else come first."""
    for _ in range(60):
        scrip.grant(account, "1", scope=["api"], priority=0, clock=NEW_YEAR)
    scrip.grant(account, "7", scope=["gpu"], clock=NEW_YEAR)
    scrip.grant(account, "3", clock=NEW_YEAR)
    assert drawn(scrip.burn(account, "1", clock=NEW_YEAR)) == "lot_62 1"
    assert drawn(hold(scrip, account, "9", "gpu")) == "lot_61 7, lot_62 2"
    answer = hold(scrip, account, "1", "gpu")
    facts = {"required": "1", "available": "0", "out_of_scope": "60", "unit": "credits"}
    refused(answer, 402, "insufficient_credits", **facts)


def test_a_wallets_lots_may_have_a_hundred_different_scopes(scrip: Deployment, account: str) -> None:
    """The same scope again is no other one."""
    for number in range(100):
        scrip.grant(account, "1", scope=[f"meter-{number}"], clock=NEW_YEAR)
    scrip.grant(account, "1", scope=["meter-7"], clock=NEW_YEAR)
    scrip.grant(account, "1", clock=NEW_YEAR)
    before = scrip.wallet(account)
    answer = scrip.move(account, "grants", amount="1", scope=["meter-100"], clock=NEW_YEAR)
    refused(answer, 422, "policy_violation", policy="max_terms")
    assert scrip.wallet(account) == before
    assert drawn(hold(scrip, account, "3", "meter-7")) == "lot_8 1, lot_101 1, lot_102 1"


@pytest.mark.parametrize("count", [1, 20])
def test_a_lot_may_be_bound_to_as_many_as_20_meters(scrip: Deployment, account: str, count: int) -> None:
    meters = [f"m{number:02d}" for number in range(count)]
    assert scrip.grant(account, "10", scope=meters).body["lot"]["scope"] == meters
    assert drawn(hold(scrip, account, "10", meters[-1], clock=None)) == "lot_1 10"


def test_what_a_customer_reads_of_a_bound_lot_is_its_scope_after_it_is_used_up(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", scope=["gpu"], clock=NEW_YEAR)
    hold(scrip, account, "10", "gpu")
    scrip.move(account, "holds/hold_2/capture", clock=NEW_YEAR)
    (lot,) = scrip.lots(account, status="all")
    assert (lot["scope"], lot["status"]) == (["gpu"], "depleted")
