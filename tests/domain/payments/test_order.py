"""An order is stored as it always was, and agreed once for ever.

The documents are of the code before orders had a type (commit 0234e66).
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import (
    AmountOutOfRange,
    InvalidRequest,
    PrecisionExceeded,
    Refusal,
    TermsChanged,
)
from scrip.domain.credits.limits import LARGEST_TOTAL, MAX_INSTANT
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy, default_unit
from scrip.domain.payments.order import Order, OrderRequest, agree, offer
from scrip.domain.payments.pack import Pack

STORED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "orders.json").read_text())


@pytest.mark.parametrize("name", STORED)
def test_a_stored_order_is_read_and_written_back_byte_for_byte(name: str) -> None:
    order = Order.from_json(json.loads(STORED[name]))
    assert json.dumps(order.to_json(), ensure_ascii=False) == STORED[name]


def test_a_subscription_of_five_packs_in_another_currency_is_read() -> None:
    order = Order.from_json(json.loads(STORED["pending"]))
    assert (order.unit_price, order.price) == (Money(4500, "EUR"), Money(22500, "EUR"))
    assert (order.credits, order.every, order.pack_currency) == (565_312_500, "P1M", "USD")


def test_a_single_payment_has_no_period() -> None:
    assert Order.from_json(json.loads(STORED["paid"])).every is None


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in json.loads(STORED["paid"]).items() if key != name}


@pytest.mark.parametrize("name", json.loads(STORED["paid"]))
def test_an_order_that_lacks_a_member_is_not_read(name: str) -> None:
    with pytest.raises((KeyError, TypeError)):
        Order.from_json(without(name))


def test_an_order_with_a_member_that_nobody_knows_is_not_read() -> None:
    with pytest.raises(TypeError):
        Order.from_json({**json.loads(STORED["paid"]), "discount": 5})


# What is agreed

PACKS: dict[str, str] = json.loads((Path(__file__).parent / "data" / "packs.json").read_text())
RICH: Final = Pack.from_json("rich", json.loads(PACKS["rich"]))
PLAIN: Final = Pack.from_json("plain", json.loads(PACKS["plain"]))
REQUEST: Final = OrderRequest("ann", "rich", 5, "standard", "https://shop.example.test/done", "EUR")
NOW: Final = 1_795_932_727_975


def test_an_order_is_agreed_as_the_code_before_agreed_it() -> None:
    """Same pack, same request, same instant: the same document, but for its id, whose key is not known, and its terms:
    the pack's own stood alone then."""
    before = Order.from_json(json.loads(STORED["pending"]))
    order = agree(REQUEST, RICH, default_unit(), "order-1", "key:k1", NOW)
    assert order.terms.endswith(f"\n\n{before.terms}")
    taken = {name: getattr(before, name) for name in ("topup_id", "terms", "terms_version")}
    assert replace(order, **taken) == before
    assert order.fingerprint == before.fingerprint


def test_an_order_is_in_the_packs_own_currency_if_none_is_asked_for() -> None:
    order = agree(replace(REQUEST, currency=None), RICH, default_unit(), "k", "me", NOW)
    assert (order.currency, order.unit_price, order.price) == (
        "USD",
        Money(5000, "USD"),
        Money(25000, "USD"),
    )
    assert (order.product, order.pack_version) == (None, 1)


def test_the_product_is_that_of_the_provider_if_the_pack_names_one() -> None:
    for provider, product in (("dodo", "pdt_1"), ("stripe", "price_9"), ("paddle", None), ("new", None)):
        request = replace(REQUEST, provider=provider)
        assert agree(request, RICH, default_unit(), "k", "me", NOW).product == product


def test_terms_are_made_and_the_packs_own_added() -> None:
    assert agree(REQUEST, RICH, default_unit(), "k", "me", NOW).terms.endswith(f"\n\n{RICH.terms}")
    made = agree(replace(REQUEST, currency="EUR"), PLAIN, default_unit(), "k", "me", NOW).terms
    assert made.startswith("You buy a balance of 5000 Credits for EUR 49.95 plus any tax, not a product.")


FULL = replace(PLAIN, credits=str(LARGEST_TOTAL // 10**6))


@pytest.mark.parametrize(
    ("pack", "policy", "now", "refusal", "named"),
    [
        (FULL, Policy(), NOW, AmountOutOfRange, {"field": "quantity"}),
        (replace(PLAIN, credits="0.0000001"), Policy(), NOW, PrecisionExceeded, {"field": "credits"}),
        (replace(PLAIN, expires_in="P9999Y"), Policy(), NOW, InvalidRequest, {}),
        (PLAIN, Policy(default_expires_in="P1D"), MAX_INSTANT, InvalidRequest, {}),
        (replace(PLAIN, price=Money(1, "USD")), Policy(), NOW, InvalidRequest, {}),
        (replace(PLAIN, price=Money(0, "EUR")), Policy(), NOW, InvalidRequest, {}),
    ],
    ids=["too many credits", "too many decimals", "too long", "too late", "no price", "a price of nothing"],
)
def test_what_could_not_be_granted_or_paid_is_not_agreed(
    pack: Pack, policy: Policy, now: int, refusal: type[Refusal], named: dict[str, Any]
) -> None:
    with pytest.raises(refusal) as refused:
        agree(REQUEST, pack, replace(default_unit(), policy=policy), "k", "me", now)
    assert named.items() <= refused.value.facts.items()


# Requests


def test_a_key_names_one_order_of_its_account() -> None:
    """The ids are those of the code before."""
    assert REQUEST.topup_id("order-1") == "top_ruFwk5mo7SgE6cPSmVYa1Q"
    assert replace(REQUEST, pack="other", quantity=1).topup_id("order-1") == REQUEST.topup_id("order-1")
    assert replace(REQUEST, account="bob").topup_id("order-1") != REQUEST.topup_id("order-1")
    assert REQUEST.topup_id("order-2") != REQUEST.topup_id("order-1")


def test_the_fingerprint_is_of_the_request_with_its_default() -> None:
    assert REQUEST.fingerprint("USD") == json.loads(STORED["pending"])["fingerprint"]
    assert replace(REQUEST, currency=None).fingerprint("EUR") == REQUEST.fingerprint("USD")


@pytest.mark.parametrize(
    "change",
    [
        {"account": "bob"},
        {"pack": "plain"},
        {"quantity": 4},
        {"provider": "paddle"},
        {"return_url": "https://shop.example.test/"},
        {"currency": "USD"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_request_has_another_fingerprint(change: dict[str, Any]) -> None:
    assert replace(REQUEST, **change).fingerprint("USD") != REQUEST.fingerprint("USD")


# What a buyer agreed to is what the order has (law 10)


def test_an_order_has_the_terms_of_the_version_that_was_accepted() -> None:
    shown = offer(RICH, default_unit(), 5, "EUR")
    order = agree(replace(REQUEST, accepted=shown.terms_version), RICH, default_unit(), "k", "me", NOW)
    assert (order.terms, order.terms_version) == (shown.terms, shown.terms_version)


CHANGES: Final[dict[str, tuple[dict[str, Any], Policy]]] = {
    "price": ({"prices": (Money(4_999, "EUR"),)}, Policy()),
    "credits": ({"credits": "1001"}, Policy()),
    "end": ({"expires_in": "P2Y", "never_expires": False}, Policy()),
    "tax": ({"tax_point": "purchase"}, Policy()),
    "own": ({"terms": "Smaller print."}, Policy()),
    "period": ({"every": "P1M"}, Policy()),
    "shortfall": ({}, Policy(refund_shortfall="write_off")),
    "repayment": ({}, Policy(repay_first=False)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_terms_that_changed_since_are_not_agreed_to(change: str) -> None:
    """Whatever a buyer would read differently, of the pack or of its unit's policy, makes another version."""
    members, policy = CHANGES[change]
    pack = replace(RICH, tax_point="redemption", every=None)
    unit = default_unit()
    shown = offer(pack, unit, 5, "EUR").terms_version
    changed, unit = replace(pack, **members), replace(unit, policy=policy)
    with pytest.raises(TermsChanged) as refused:
        agree(replace(REQUEST, accepted=shown), changed, unit, "k", "me", NOW)
    assert refused.value.facts == {"terms_version": offer(changed, unit, 5, "EUR").terms_version}
    assert refused.value.facts["terms_version"] != shown


def test_a_request_that_names_a_version_is_another_than_one_that_accepts_all() -> None:
    version = offer(RICH, default_unit(), 5, "EUR").terms_version
    named = replace(REQUEST, accepted=version)
    assert named.fingerprint("USD") != REQUEST.fingerprint("USD")


def test_an_order_is_over_a_day_after_it_was_agreed_and_not_a_millisecond_before() -> None:
    order = agree(REQUEST, RICH, default_unit(), "k", "me", NOW)
    assert order.expires_at == NOW + 86_400_000
    assert "open_ms" not in order.to_json()
    assert (order.status_at(NOW + 86_399_999), order.status_at(NOW + 86_400_000)) == ("pending", "expired")


@pytest.mark.parametrize(
    "status", ["paid", "failed", "refunded", "partially_refunded", "disputed", "cancelled"]
)
def test_only_an_order_that_waits_expires(status: Any) -> None:
    order = replace(agree(REQUEST, RICH, default_unit(), "k", "me", NOW), status=status)
    assert order.status_at(order.expires_at) == status


def test_an_order_is_open_as_long_as_its_pack_said_then() -> None:
    pack = replace(RICH, order_expires_in="PT2H30M")
    order = agree(REQUEST, pack, default_unit(), "k", "me", NOW)
    assert order.expires_at == NOW + 9_000_000
    assert Order.from_json(order.to_json()) == order
    assert Pack.from_json(pack.pack, pack.to_json()) == pack


def test_an_order_that_would_be_open_beyond_all_calendars_is_not_agreed() -> None:
    with pytest.raises(InvalidRequest, match="order_expires_in"):
        agree(REQUEST, replace(RICH, order_expires_in="P9999Y"), default_unit(), "k", "me", NOW)
