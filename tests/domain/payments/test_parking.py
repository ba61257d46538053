"""Every reason for which a payment waits says what is wrong, who told it, of which order, and what to do: whatever the
provider, and whatever the reason is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from scrip.domain.payments.delivery import Names
from scrip.domain.payments.facts import Fact
from scrip.domain.payments.parking import Telling, about_of
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.target import unanswered, unusable
from scrip.providers.webhooks import names, webhook
from scrip.services.payments.deliveries import read
from tests.providers.samples import PAID_AT, asked_for, dispute, facts, paid, refund

ODD: list[Any] = [
    None,
    True,
    -1,
    10**19,
    1.5,
    "",
    "weird",
    "no currency",
    [],
    {},
    [{"refund_id": "re_1", "status": "weird"}],
]
"""What no member of a webhook may be, or may not yet be."""
SENTENCE = re.compile(
    r".+ \((?P<provider>\w+) event (?P<event>[\w.]+|of a type that it does not say), delivery (?P<delivery>\S+), "
    r"API version (?P<version>[^;]+); (order top_\S+|no order of ours is named)\)\. "
    r"To do: .+ \(POST /v1/payments/(?P=provider)/\S+/resolutions\)\."
)


def samples() -> list[Any]:
    from tests.aws import ROOT

    return [
        pytest.param(path.name.partition("_")[0], json.loads(path.read_text()), id=path.stem)
        for path in sorted((ROOT / "events" / "webhooks").glob("*.json"))
    ]


def changed(body: Any, at: tuple[Any, ...] = ()) -> Any:
    """Yields the body with each of its members, however deep, in every odd way."""
    here = body
    for step in at:
        here = here[step]
    steps = here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
    for step in list(steps):
        for value in ODD:
            copy = json.loads(json.dumps(body))
            there = copy
            for inner in at:
                there = there[inner]
            there[step] = value
            yield copy
        yield from changed(body, (*at, step))


@pytest.mark.parametrize(("provider", "body"), samples())
def test_every_reason_of_every_provider_has_all_parts(provider: str, body: Any) -> None:
    """Some thousand bodies, each with one odd member: whatever parks, its sentence names event, delivery, version,
    order and what to do."""
    adapter = webhook(provider)
    assert adapter
    seen = 0
    for number, odd in enumerate(changed(body)):
        if number % 3 and len(str(body)) > 1500:
            continue  # a third of the large ones
        delivery = read(adapter, json.dumps(odd).encode(), "none")
        if not delivery.parked:
            continue
        payment = Payment(provider, delivery.payment_id or "delivery.1").told(delivery, "msg_7")
        for topup_id in (None, "top_1"):
            for wait in _waits(payment, topup_id):
                seen += 1
                told = SENTENCE.fullmatch(wait.sentence)
                assert told, wait.sentence
                version = "2026-10-28.endive" if provider == "stripe" else f"not said by {provider}"
                if odd.get("api_version", "2026-10-28.endive") == "2026-10-28.endive":
                    assert told["version"] == version
                assert (told["provider"], told["delivery"]) == (provider, "msg_7")
                assert wait.told == Telling("msg_7", delivery.said_at, delivery.type, delivery.api_version)
                assert wait.topup_id == topup_id
                assert wait.about in [one.about for one in delivery.parked]
    assert seen


def _waits(payment: Payment, topup_id: str | None) -> Any:
    from dataclasses import replace

    return replace(payment.waiting([], PAID_AT), topup_id=topup_id).waits


POSTED: list[tuple[str, list[Fact]]] = [
    ("a share that nobody can tell", [paid(), refund(None, "re_1")]),
    ("two ends of one dispute", [paid(), dispute("contradicted")]),
    ("a request that is not answered", [paid(), asked_for(3000, "rf_1")]),
]


@pytest.mark.parametrize(("_", "known"), POSTED, ids=[row[0] for row in POSTED])
def test_what_facts_call_for_names_the_delivery_that_told_of_the_thing(_: str, known: list[Fact]) -> None:
    from scrip.domain.payments.delivery import Delivery

    payment = Payment("dodo", "pay_1", topup_id="top_1")
    for number, fact in enumerate(known):
        payment = payment.told(
            Delivery("dodo", f"event.{number}", "pay_1", (fact,), said_at=number), f"msg_{number}"
        )
    found = [*unusable(facts(*known)), *unanswered(facts(*known))]
    (wait,) = payment.waiting([f"{one.about}: {one.reason}" for one in found], PAID_AT).waits
    assert SENTENCE.fullmatch(wait.sentence), wait.sentence
    assert (wait.told and wait.told.delivery_id, wait.readable, wait.about) == ("msg_1", True, found[0].about)


@pytest.mark.parametrize(
    ("known", "readable", "first"),
    [
        ([paid()], False, "look up refund:re_1 at dodo; what it says later"),
        ([paid(), refund(3000, "re_2")], False, "look up refund:re_1 at dodo; what it says later"),
        ([refund(3000, "re_1")], True, "look up refund:re_1 at dodo, then state its amount"),
        ([], False, "look up refund:re_1 at dodo; what it says later"),
    ],
    ids=["the payment alone is known", "another refund is", "that refund alone is", "nothing is"],
)
def test_a_person_can_say_what_is_true_of_a_refund_that_is_known(
    known: list[Fact], readable: bool, first: str
) -> None:
    """Of another one there is nothing to state an amount of: it is looked up, or dismissed."""
    payment = Payment("dodo", "pay_1", facts(*known))
    (wait,) = payment.waiting(["refund:re_1: amount is missing"], PAID_AT).waits
    assert (wait.readable, wait.about) == (readable, "refund:re_1")
    assert wait.to_do.startswith(first)


def test_a_reason_is_about_the_thing_that_it_begins_with() -> None:
    said = {
        "refund:re_1: amount is missing": "refund:re_1",
        "refund:request:rf_A-1: a refund was asked for and not answered yet": "refund:request:rf_A-1",
        "dispute:dp_1: it has two ends in stage dispute": "dispute:dp_1",
        "payment: status is weird": "payment",
        "paid 1 USD: the order costs 2 USD": "payment",
    }
    assert {reason: about_of(reason) for reason in said} == said


def test_what_was_stored_before_deliveries_were_named_says_what_is_known() -> None:
    payment = Payment.from_json(
        {
            "provider": "stripe",
            "payment_id": "pi_1",
            "facts": [],
            "posted": {},
            "notes": {"payment": {"reason": "status is weird", "delivery_id": "evt_1"}},
            "parked": ["payment: status is weird", "it names no order"],
            "parked_at": 5,
        }
    )
    first, second = payment.waits
    assert (
        "stripe event of a type that was not kept, delivery evt_1, API version not said by stripe"
        in first.sentence
    )
    assert second.told == first.told, "the only delivery that is known of it"
    none = Payment("stripe", "pi_1", parked=("it names no order",), parked_at=5)
    assert none.waits[0].sentence == "it names no order"


def test_names_that_differ_are_joined_to_the_same_whichever_comes_first() -> None:
    one, other = Names(session_id="cs_1", charge_id="ch_1"), Names(session_id="cs_2", topup_id="top_1")
    assert one.join(other) == other.join(one) == Names("cs_2", "top_1", None, "ch_1")
    assert Names.from_json(one.to_json()) == one


def test_every_provider_has_samples() -> None:
    assert {row.values[0] for row in samples()} == set(names())
