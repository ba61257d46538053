"""Every leaf of what a provider's API answers, said otherwise, and every answer refused, broken off or left out.

Each call of a client is made with all of them. What it asks then, and what comes of it, is kept as a digest by what was
changed (``data/changed_answers.json``): the neighbour of ``test_changed_samples``, which does so with webhooks.
``python -m tests.providers.test_changed_answers`` writes it anew.

Objects have the members that are read of them, as docs.stripe.com/api and docs.dodopayments.com/api-reference have
them; what else a member of a payment, a refund or a dispute may be is tried with the webhooks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Final

import pytest

from scrip.domain.payments.delivery import Inquiry
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.providers.clients import Charge, Client, ProviderError, Sale, WantedRefund, client
from scrip.providers.dodo import balance as dodo_balance
from scrip.providers.stripe import balance as stripe_balance
from tests.providers.network import Answer, nowhere
from tests.providers.samples import DATA
from tests.providers.test_changed_samples import leaves, tabled

Json = dict[str, Any]
FILE: Final = DATA / "changed_answers.json"
KEPT: Final = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
ANYTHING: Final[tuple[Any, ...]] = ("x y", {"a": 1})
READ: Final = frozenset(
    (
        *(
            "attempt",
            "balance_type",
            "cancel_at_next_billing_date",
            "cancel_at_period_end",
            "checkout_url",
            "code",
        ),
        *(
            "data",
            "decline_code",
            "dispute_id",
            "dispute_status",
            "disputes",
            "error_code",
            "event_type",
            "has_more",
        ),
        *("id", "invoice", "items", "last_payment_error", "metadata", "object", "payment", "payment_id"),
        *(
            "payment_intent",
            "payments",
            "product_cart",
            "product_id",
            "reference_object_id",
            "refund_id",
            "refunds",
        ),
        *("request_id", "session_id", "status", "subscription_id", "topup_id", "url"),
    )
)
"""Members that the clients themselves read."""
WORDS: Final = {
    "stripe": {
        "status": ("requires_action", "requires_payment_method", "canceled"),
        "code": ("authentication_required", "expired_card"),
        "decline_code": ("authentication_required", "expired_card"),
    },
    "dodo": {
        "status": ("requires_customer_action", "requires_payment_method", "failed", "cancelled"),
        "error_code": ("EXPIRED_CARD", "AUTHENTICATION_REQUIRED"),
        "dispute_status": ("dispute_opened", "dispute_expired"),
    },
}
"""Members whose values decide, and what the documentation says that they may be."""
BROKEN: Final = (b"x", b"null", b"{}")
AT: Final = 1_793_611_000_000


@dataclass(frozen=True)
class ApiCall:
    """A call of a provider's client, and what its API answers to it, one answer after the other."""

    provider: str
    make: Callable[[Client], Any]
    answers: tuple[Json, ...]


SALE: Final = Sale(
    topup_id="top_1",
    request_id="top_1.1",
    account="acme",
    pack="ten-thousand",
    product="prod_1",
    name="10000 credits",
    quantity=2,
    amount=100000,
    currency="USD",
    return_url="https://shop.example.test/done",
)
METHOD: Final = PaymentMethod("pm_1", "cus_1")
CHARGE: Final = Charge("top_2", 3, "charge:top_2.3", METHOD, 10_000, "USD", "1000 credits")
REFUND: Final = WantedRefund("pi_1", "req_1", 3000, "USD", False, "asked for")


def page(*rows: Json, more: bool = False) -> Json:
    """A page of a list of Stripe's."""
    return {"object": "list", "data": list(rows), "has_more": more}


INTENT: Final[Json] = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "amount_received": 24_000,
    "currency": "usd",
    "created": 1_793_610_902,
    "metadata": {"topup_id": "top_2", "attempt": "3"},
    "latest_charge": "ch_1",
    "last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds"},
}
ANOTHER: Final[Json] = {**INTENT, "id": "pi_2", "metadata": {"topup_id": "top_2", "attempt": "2"}}
SESSION: Final[Json] = {
    "id": "cs_1",
    "object": "checkout.session",
    "url": "https://checkout.example.test/cs_1",
    "mode": "payment",
    "payment_status": "paid",
    "status": "complete",
    "payment_intent": "pi_1",
    "amount_total": 24_000,
    "total_details": {"amount_tax": 4000},
    "currency": "usd",
    "created": 1_793_610_902,
}
INVOICE: Final[Json] = {
    "id": "in_1",
    "object": "invoice",
    "status": "paid",
    "total": 24_000,
    "total_excluding_tax": 20_000,
    "amount_paid": 24_000,
    "currency": "usd",
    "created": 1_793_610_902,
    "payments": page({"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}, {"payment": None}),
}
PAYS: Final[Json] = {
    "id": "inpay_1",
    "object": "invoice_payment",
    "status": "paid",
    "invoice": "in_1",
    "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
}
GIVEN: Final[Json] = {
    "id": "re_1",
    "object": "refund",
    "status": "succeeded",
    "amount": 3000,
    "currency": "usd",
    "created": 1_793_876_400,
    "payment_intent": "pi_1",
    "metadata": {"request_id": "req_1"},
}
EARLIER: Final[Json] = {**GIVEN, "id": "re_0", "metadata": {"request_id": "req_0"}}
DISPUTE: Final[Json] = {
    "id": "du_1",
    "object": "dispute",
    "status": "needs_response",
    "amount": 5000,
    "currency": "usd",
    "created": 1_794_468_600,
    "payment_intent": "pi_1",
}
NOTE: Final[Json] = {
    "id": "cn_1",
    "object": "credit_note",
    "status": "issued",
    "invoice": "in_1",
    "currency": "usd",
    "created": 1_793_876_400,
    "post_payment_amount": 500,
    "type": "post_payment",
    "refunds": [],
}
STANDS: Final[Json] = {
    "id": "sub_1",
    "object": "subscription",
    "status": "active",
    "cancel_at_period_end": True,
    "cancel_at": None,
    "items": {"data": [{"current_period_end": 1_796_202_902}]},
}
MOVED: Final[Json] = {
    "id": "txn_1",
    "object": "balance_transaction",
    "amount": 6500,
    "fee": 320,
    "currency": "usd",
    "created": 1_795_435_200,
    "balance_type": "payments",
    "reporting_category": "charge",
    "source": {
        "id": "ch_1",
        "object": "charge",
        "amount": 10_000,
        "currency": "jpy",
        "payment_intent": "pi_1",
    },
}
LAST: Final[Json] = {**MOVED, "id": "txn_2", "source": "po_1"}

STRIPE: Final = {
    "open_session": ApiCall("stripe", lambda api: api.open_session(SALE), (SESSION,)),
    "refund again": ApiCall("stripe", lambda api: api.refund(REFUND), (page(EARLIER, GIVEN),)),
    "refund": ApiCall("stripe", lambda api: api.refund(REFUND), (page(EARLIER), {**GIVEN, "metadata": {}})),
    "refund of an invoice": ApiCall(
        "stripe", lambda api: api.refund(replace(REFUND, payment_id="in_1")), (INVOICE, page(), GIVEN)
    ),
    "read": ApiCall(
        "stripe",
        lambda api: api.read(Inquiry("stripe", "pi_1", "cs_1")),
        (SESSION, INTENT, page(PAYS), page(GIVEN), page(DISPUTE)),
    ),
    "read an invoice": ApiCall(
        "stripe",
        lambda api: api.read(Inquiry("stripe", "in_1", None)),
        (INVOICE, page(), page(), page(NOTE)),
    ),
    "read a session": ApiCall("stripe", lambda api: api.read(Inquiry("stripe", "cs_1", None)), (SESSION,)),
    "read a charge": ApiCall(
        "stripe",
        lambda api: api.read(Inquiry("stripe", "ch_1", None)),
        (
            {"id": "ch_1", "object": "charge", "payment_intent": "pi_1"},
            {**INTENT, "metadata": {}},
            page(PAYS),
        ),
    ),
    "read a charge of an order": ApiCall(
        "stripe",
        lambda api: api.read(Inquiry("stripe", "py_1", None)),
        ({"id": "ch_1", "object": "charge", "payment_intent": {"id": "pi_1"}}, INTENT, page(PAYS)),
    ),
    "cancel at once": ApiCall(
        "stripe", lambda api: api.cancel_subscription("sub_1", AT, at_once=True), (STANDS,)
    ),
    "cancel": ApiCall("stripe", lambda api: api.cancel_subscription("sub_1", AT, at_once=False), (STANDS,)),
    "resume": ApiCall("stripe", lambda api: api.resume_subscription("sub_1", AT), (STANDS,)),
    "listed": ApiCall("stripe", lambda api: api.listed(1001, 9001, None), (page(PAYS, more=True),)),
    "listed on": ApiCall("stripe", lambda api: api.listed(1000, 9000, "refunds:re_9"), (page(GIVEN),)),
    "listed last": ApiCall("stripe", lambda api: api.listed(1000, 9000, "credit_notes:"), (page(NOTE),)),
    "settled": ApiCall("stripe", lambda api: api.settled(1001, 9001, None), (page(MOVED, LAST, more=True),)),
    "settled on": ApiCall("stripe", lambda api: api.settled(1000, 9000, "txn_9"), (page(LAST),)),
    "charge": ApiCall("stripe", lambda api: api.charge(CHARGE), (INTENT,)),
    "find_charge": ApiCall("stripe", lambda api: api.find_charge(CHARGE, "pi_1"), (INTENT,)),
    "find_charge by its order": ApiCall(
        "stripe",
        lambda api: api.find_charge(CHARGE, None),
        (page(ANOTHER, more=True), page(INTENT, more=True)),
    ),
    "find_charge in vain": ApiCall(
        "stripe", lambda api: api.find_charge(CHARGE, None), (page(ANOTHER, more=True),)
    ),
}

PART: Final[Json] = {
    "refund_id": "ref_1",
    "payment_id": "pay_1",
    "status": "succeeded",
    "amount": 3000,
    "currency": "USD",
    "created_at": "2026-11-05T11:00:00Z",
    "is_partial": True,
}
OWN: Final[Json] = {**PART, "metadata": {"request_id": "req_1"}}
OTHERS: Final[Json] = {**PART, "refund_id": "ref_0", "metadata": {"request_id": "req_0"}}
CLAIM: Final[Json] = {
    "dispute_id": "dsp_1",
    "payment_id": "pay_1",
    "dispute_status": "dispute_lost",
    "dispute_stage": "dispute",
    "amount": "5000",
    "currency": "USD",
    "created_at": "2026-11-12T07:30:00Z",
}
PAYMENT: Final[Json] = {
    "payment_id": "pay_1",
    "status": "succeeded",
    "error_code": None,
    "total_amount": 24_000,
    "tax": 4000,
    "currency": "USD",
    "created_at": "2026-11-02T09:15:02.114Z",
    "checkout_session_id": "cks_1",
    "product_cart": [{"product_id": "pdt_1", "quantity": 2}],
    "refunds": [PART],
    "disputes": [{**CLAIM, "dispute_status": "dispute_opened"}],
}
REFUNDED: Final[Json] = {name: PAYMENT[name] for name in ("payment_id", "product_cart", "refunds")}
PLAIN: Final[Json] = {
    **PAYMENT,
    "refunds": [],
    "disputes": [],
    "metadata": {"topup_id": "top_2", "attempt": "3"},
}
ELSE: Final[Json] = {"payment_id": "pay_2", "metadata": {"topup_id": "top_2", "attempt": "2"}}
SUBSCRIBED: Final[Json] = {
    "subscription_id": "sub_1",
    "product_id": "pdt_2",
    "status": "active",
    "cancel_at_next_billing_date": True,
    "next_billing_date": "2026-12-02T09:15:02Z",
}
ENTRY: Final[Json] = {
    "id": "ble_1",
    "amount": 1000,
    "created_at": "2026-11-23T12:00:00Z",
    "currency": "USD",
    "event_type": "refund",
    "is_credit": False,
    "reference_object_id": "ref_1",
}
DEMAND: Final = replace(CHARGE, method=PaymentMethod("sub_1"))
WANTED: Final = replace(REFUND, payment_id="pay_1")

DODO: Final = {
    "open_session": ApiCall(
        "dodo",
        lambda api: api.open_session(SALE),
        ({"session_id": "cks_1", "checkout_url": "https://checkout.example.test/cks_1"},),
    ),
    "refund again": ApiCall("dodo", lambda api: api.refund(WANTED), (REFUNDED, OWN)),
    "refund": ApiCall("dodo", lambda api: api.refund(WANTED), (REFUNDED, OTHERS, PART)),
    "refund all": ApiCall(
        "dodo", lambda api: api.refund(replace(WANTED, full=True, reason="")), ({"payment_id": "pay_1"}, PART)
    ),
    "refund of a period": ApiCall(
        "dodo",
        lambda api: api.refund(WANTED),
        (
            {"payment_id": "pay_1", "refunds": [], "product_cart": [], "subscription_id": "sub_1"},
            SUBSCRIBED,
            PART,
        ),
    ),
    "read": ApiCall("dodo", lambda api: api.read(Inquiry("dodo", "pay_1", None)), (PAYMENT, OWN, CLAIM)),
    "cancel at once": ApiCall(
        "dodo", lambda api: api.cancel_subscription("sub_1", AT, at_once=True), (SUBSCRIBED,)
    ),
    "cancel": ApiCall("dodo", lambda api: api.cancel_subscription("sub_1", AT, at_once=False), (SUBSCRIBED,)),
    "resume": ApiCall("dodo", lambda api: api.resume_subscription("sub_1", AT), (SUBSCRIBED,)),
    "listed": ApiCall(
        "dodo",
        lambda api: api.listed(1001, 9001, None),
        ({"items": [{"payment_id": "pay_1", "status": "succeeded"}]}, PLAIN),
    ),
    "listed on": ApiCall("dodo", lambda api: api.listed(1001, 9001, "refunds:3"), ({"items": [PART]}, OWN)),
    "listed last": ApiCall("dodo", lambda api: api.listed(1001, 9001, "disputes:0"), ({"items": [CLAIM]},)),
    "settled": ApiCall(
        "dodo",
        lambda api: api.settled(1001, 9001, None),
        ({"items": [ENTRY, {**ENTRY, "id": "ble_2", "event_type": "payout"}]}, OWN),
    ),
    "settled on": ApiCall(
        "dodo",
        lambda api: api.settled(1001, 9001, "4"),
        ({"items": [{**ENTRY, "event_type": "dispute", "reference_object_id": "dsp_1"}] * 25}, CLAIM),
    ),
    "charge": ApiCall("dodo", lambda api: api.charge(DEMAND), ({"payment_id": "pay_1"}, PLAIN)),
    "find_charge": ApiCall("dodo", lambda api: api.find_charge(DEMAND, "pay_1"), (PLAIN,)),
    "find_charge by its order": ApiCall(
        "dodo",
        lambda api: api.find_charge(DEMAND, None),
        ({"items": [ELSE] * 100}, {"items": [ELSE, PLAIN]}, PLAIN),
    ),
    "find_charge in vain": ApiCall(
        "dodo", lambda api: api.find_charge(DEMAND, None), ({"items": [ELSE] * 100},)
    ),
}
CALLS: Final = {f"{call.provider}: {name}": call for calls in (STRIPE, DODO) for name, call in calls.items()}
ROWS: Final = ("stripe: rows of a balance", "dodo: rows of a balance")

_CARD: Final = {
    "type": "card_error",
    "code": "card_declined",
    "decline_code": "expired_card",
    "message": "m" * 300,
}
_MISSING: Final = {"code": "resource_missing", "param": "payment_method", "message": "No such method"}
REFUSALS: Final[dict[str, tuple[Answer, ...]]] = {
    "stripe": (
        (400, {"error": _MISSING}),
        (404, {"error": {**_MISSING, "param": "customer"}}),
        (404, {"error": {**_MISSING, "param": "currency"}}),
        (400, {"error": {"type": "idempotency_error", "message": "Keys for idempotent requests"}}),
        (402, {"error": {**_CARD, "payment_intent": {**INTENT, "status": "requires_payment_method"}}}),
        (402, {"error": {**_CARD, "payment_intent": {"id": 7}}}),
        (402, {"error": {**_CARD, "code": "authentication_required", "decline_code": []}}),
        (402, {"error": "no"}),
    ),
    "dodo": (
        (409, {"code": "PREVIOUS_PAYMENT_PENDING", "message": "One is under way"}),
        (400, {"code": "SUBSCRIPTION_INACTIVE"}),
        (422, {"message": "m" * 300, "code": []}),
        (400, []),
    ),
}
"""What says why something is refused, and decides what comes of a charge."""
STATUSES: Final = (400, 404, 409, 429)


def changed(call: ApiCall) -> Iterator[tuple[str, list[list[Answer]]]]:
    """Yields what may be another in the answers to a call, and the answers with all that it may be."""
    good: list[Answer] = [(200, answer) for answer in call.answers]
    yield "", [good]
    for number, answer in enumerate(call.answers):
        other: list[Answer] = [(200, raw) for raw in BROKEN] + [(status, {}) for status in STATUSES]
        yield f"{number}", [[*good[:number], one, *good[number + 1 :]] for one in other]
        for path, value in leaves(answer):
            if path[-1] in READ or path[-1] == 0:
                bodies = others(call.provider, answer, path, value)
                said = [[*good[:number], (200, body), *good[number + 1 :]] for body in bodies]
                yield ".".join(map(str, (number, *path))), said


def others(provider: str, answer: Json, path: tuple[str | int, ...], value: Any) -> Iterator[Json]:
    """Yields an answer with a leaf that is something else, and without it."""
    near = (
        [[*value, *value], [1]] if isinstance(value, list) else [not value] if isinstance(value, bool) else []
    )
    for other in (*ANYTHING, *near, *WORDS[provider].get(str(path[-1]), ()), changed):
        body = deepcopy(answer)
        at: Any = body
        for step in path[:-1]:
            at = at[step]
        if other is changed:
            del at[path[-1]]
        else:
            at[path[-1]] = other
        yield body


def came(call: ApiCall, answers: list[Answer]) -> Any:
    """Returns what a call asks, and what comes of it."""
    with nowhere(answers) as network:
        try:
            found: Any = call.make(client(call.provider, "key_1", "http://provider.test", 5.0))
            said: Any = asdict(found) if found else None
        except ProviderError as error:
            said = f"{type(error).__name__}: {error}"
    return [network.asked, said]


def read_row(provider: str, row: Json) -> Any:
    """Returns what is read of a row of a provider's balance."""
    try:
        return str(
            stripe_balance.settlements(row) if provider == "stripe" else dodo_balance.settlement(row, "pay_1")
        )
    except ProviderError as error:
        return f"{type(error).__name__}: {error}"


def rows(provider: str) -> dict[str, Any]:
    """Returns what is read of rows of a provider's balance: of every kind, and of anything else in every leaf."""
    row, kind = {"stripe": (MOVED, "reporting_category"), "dodo": (ENTRY, "event_type")}[provider]
    told = {
        word: [read_row(provider, {**row, kind: word, "amount": amount}) for amount in (-1, 0, 1, 2)]
        for word in (*tabled(provider), "other", "other_fee", "fee_of_x", "payout_fees", "tax_reversal")
    }
    for path, value in leaves(row):
        numbers = [{**row, path[-1]: number} for number in (0, 1, -1, True, 10**16)] if len(path) == 1 else []
        bodies = [*numbers, *others(provider, row, path, value)]
        told[".".join(map(str, path))] = [read_row(provider, body) for body in bodies]
    return told


def found(name: str) -> dict[str, str]:
    """Returns a digest by what is changed."""
    if name in ROWS:
        told = rows(name.partition(":")[0])
    else:
        call = CALLS[name]
        told = {path: [came(call, one) for one in answers] for path, answers in changed(call)}
        if "charge" in name:
            told["refused"] = [came(call, [one]) for one in REFUSALS[call.provider]]
    return {path: _digest(said) for path, said in told.items()}


def _digest(said: Any) -> str:
    return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:8]


@pytest.mark.parametrize("name", [*CALLS, *ROWS])
def test_whatever_an_api_answers_what_comes_of_it_is_as_it_was(name: str) -> None:
    now, kept = found(name), KEPT[name]
    assert sorted(now) == sorted(kept)
    assert [path for path in now if now[path] != kept[path]] == []


if __name__ == "__main__":
    written = {name: found(name) for name in (*CALLS, *ROWS)}
    FILE.write_text(json.dumps(written, indent=0) + "\n", encoding="utf-8")
    sys.stdout.write(f"{sum(map(len, written.values()))} leaves\n")
