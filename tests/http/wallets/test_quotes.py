"""Quotes: what a burn would cost, take and leave, were it made now. Nothing moves, nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment, Key, lot_of
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")

QUOTE = {
    "amount",
    "burned",
    "held",
    "missing",
    "draws",
    "available_after",
    "rate_version",
    "allowed",
    "refusal",
}


def quote(scrip: Deployment, account: str, **rest: Any) -> Answer:
    """A quote, whatever its answer. It has no Idempotency-Key; nothing at all is written for it."""
    request = {name: rest.pop(name) for name in ("clock", "caller", "key") if name in rest}
    before = scrip.everything()
    with scrip.unwritten():
        answer = scrip.post(f"/v1/accounts/{account}/quotes", rest, **request)
    assert scrip.everything() == before
    if answer.status == 200:
        assert set(answer.body) - {"usage"} == QUOTE
    return answer


def test_a_quote_says_what_a_burn_would_cost_take_and_leave(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    answer = quote(scrip, account, amount="30.000000", clock=NEW_YEAR)
    assert answer.status == 200
    assert answer.body == {
        "amount": "30",
        "burned": "30",
        "held": "0",
        "missing": "0",
        "draws": [{"lot_id": lot_of(account, 1), "amount": "30"}],
        "available_after": "70",
        "rate_version": None,
        "allowed": True,
        "refusal": None,
    }


def test_a_quote_of_paid_credits_says_their_money(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10000", kind="paid", cost_basis={"amount": 100000, "currency": "USD"})
    value = {"amount": 100, "currency": "USD"}
    assert quote(scrip, account, amount="10").body["draws"] == [
        {"lot_id": lot_of(account, 1), "amount": "10", "value": value}
    ]


# What is in the wallet, what is asked, and what the burn then is answered: an entry's amount, or a code.
CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any], str]] = {
    "one lot": ([{"amount": "100"}], {}, {"amount": "30"}, "-30"),
    "all there is": ([{"amount": "100"}], {}, {"amount": "100"}, "-100"),
    "several lots": (
        [{"amount": "5"}, {"amount": "5", "expires_in": "P7D"}, {"amount": "5", "priority": 0}],
        {},
        {"amount": "12"},
        "-12",
    ),
    "too few": ([{"amount": "100"}], {}, {"amount": "101"}, "insufficient_credits"),
    "a wallet never seen": ([], {}, {"amount": "1"}, "insufficient_credits"),
    "as many as there are": ([{"amount": "100"}], {}, {"amount": "130", "mode": "up_to"}, "-100"),
    "as many as there are of none": ([], {}, {"amount": "1", "mode": "up_to"}, "0"),
    "an overdraft": ([{"amount": "10"}], {"overdraft_limit": "5"}, {"amount": "14"}, "-14"),
    "more than an overdraft": (
        [{"amount": "10"}],
        {"overdraft_limit": "5"},
        {"amount": "16"},
        "insufficient_credits",
    ),
    "lots bound to a meter": (
        [{"amount": "10", "scope": ["gpu"]}, {"amount": "10"}],
        {},
        {"amount": "12"},
        "insufficient_credits",
    ),
    "paid credits first": (
        [{"amount": "10"}, {"amount": "10", "kind": "paid", "cost_basis": {"amount": 7, "currency": "EUR"}}],
        {"stacking": "paid_first"},
        {"amount": "12"},
        "-12",
    ),
    "half of it promotional": (
        [{"amount": "10"}, {"amount": "10", "kind": "paid", "cost_basis": {"amount": 7, "currency": "EUR"}}],
        {"promotional_share_max": "0.5"},
        {"amount": "7"},
        "-7",
    ),
    "more than half of it promotional": (
        [{"amount": "10"}, {"amount": "3", "kind": "paid", "cost_basis": {"amount": 7, "currency": "EUR"}}],
        {"promotional_share_max": "0.5"},
        {"amount": "7"},
        "insufficient_credits",
    ),
}


@pytest.mark.parametrize(("lots", "policy", "body", "outcome"), CASES.values(), ids=CASES.keys())
def test_a_quote_equals_what_the_burn_then_does(
    scrip: Deployment,
    account: str,
    lots: list[dict[str, Any]],
    policy: dict[str, Any],
    body: dict[str, Any],
    outcome: str,
) -> None:
    unit = f"q-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": policy})
    for lot in lots:
        scrip.grant(account, unit=unit, clock=NEW_YEAR, **lot)
    quoted = quote(scrip, account, unit=unit, clock=NEW_YEAR, **body).body
    burned = scrip.move(account, "burns", unit=unit, clock=NEW_YEAR, **body)
    if burned.status == 201:
        assert burned.body["entry"]["amount"] == outcome
        assert quoted["draws"] == burned.body["entry"]["draws"]
        assert quoted["available_after"] == burned.body["entry"]["available_after"]
        assert (quoted["allowed"], quoted["refusal"]) == (True, None)
        assert quoted["amount"] == body["amount"], "what is asked"
        assert (quoted["burned"], quoted["missing"]) == (burned.body["burned"], burned.body["missing"])
    else:
        assert (burned.code, quoted["refusal"], quoted["allowed"]) == (outcome, outcome, False)
        assert (quoted["draws"], quoted["amount"]) == ([], body["amount"])
        assert (quoted["burned"], quoted["missing"]) == ("0", body["amount"])
        balance = scrip.balance(account, query={"unit": unit}, clock=NEW_YEAR)
        assert quoted["available_after"] == balance["available"]


@pytest.mark.parametrize(("status", "code"), [("closed", "wallet_closed"), ("frozen", "wallet_frozen")])
def test_a_quote_of_a_frozen_or_closed_wallet_is_not_allowed(
    scrip: Deployment, account: str, status: str, code: str
) -> None:
    scrip.grant(account, "10")
    scrip.set_status(account, status)
    quoted = quote(scrip, account, amount="1").body
    assert (quoted["allowed"], quoted["refusal"], quoted["available_after"]) == (False, code, "10")


# What time has done, whether it is booked or not


def test_a_quote_knows_what_has_expired_and_what_has_begun(scrip: Deployment, account: str) -> None:
    """Law 5."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_in="PT1H")
    scrip.grant(account, "20", clock=NEW_YEAR)
    scrip.grant(account, "40", clock=NEW_YEAR, effective_at=NEXT_DAY)
    earlier = quote(scrip, account, amount="5", clock="2030-01-01T00:59:59.999Z").body
    assert (earlier["draws"], earlier["available_after"]) == (
        [{"lot_id": lot_of(account, 1), "amount": "5"}],
        "25",
    )
    later = quote(scrip, account, amount="5", clock="2030-01-01T01:00:00.000Z").body
    assert (later["draws"], later["available_after"]) == (
        [{"lot_id": lot_of(account, 2), "amount": "5"}],
        "15",
    )
    last = quote(scrip, account, amount="60", clock=NEXT_DAY).body
    assert (last["allowed"], last["available_after"]) == (True, "0")


def test_a_quote_does_not_take_what_is_held_and_knows_when_it_is_held_no_more(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    scrip.move(account, "holds", amount="30", clock=NEW_YEAR)
    assert quote(scrip, account, amount="71", clock=NEW_YEAR).body["refusal"] == "insufficient_credits"
    quoted = quote(scrip, account, amount="71", clock="2030-01-01T00:15:00.000Z").body
    assert (quoted["allowed"], quoted["available_after"]) == (True, "29")


def test_a_quote_finds_room_however_much_is_due_before_it(scrip: Deployment, account: str) -> None:
    """Sixty holds that timed out do not fit into one commit; a burn is then committed after them, and allowed."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    for _ in range(60):
        assert scrip.move(account, "holds", amount="1", clock=NEW_YEAR).status == 201
    quoted = quote(scrip, account, amount="100", clock=NEXT_DAY).body
    assert (quoted["allowed"], quoted["refusal"], quoted["available_after"]) == (True, None, "0")
    assert scrip.burn(account, "100", clock=NEXT_DAY).status == 201
    scrip.sound(account)


def test_a_quote_may_be_asked_for_again_and_again_and_needs_no_key(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    texts = {quote(scrip, account, amount="4", key=key).text for key in (None, "k", "k", "l")}
    assert len(texts) == 1
    assert scrip.burn(account, "4", "k").status == 201


def test_a_quote_needs_scope_read(scrip: Deployment, account: str) -> None:
    for scope in ("read", "burn", "grant", "admin"):
        assert quote(scrip, account, amount="4", caller=Key(scope)).status == 200
    refused(quote(scrip, account, amount="4", caller=Key("none")), 403, "forbidden")


def test_a_quote_in_the_past_of_a_wallet_is_refused(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEXT_DAY)
    answer = quote(scrip, account, amount="1", clock=NEW_YEAR)
    refused(answer, 422, "clock_backwards", last_entry_at=NEXT_DAY)


# What cannot be quoted at all

NO_QUOTE: list[tuple[str, dict[str, Any], int, str]] = [
    ("an unknown unit", {"amount": "1", "unit": "nowhere"}, 404, "not_found"),
    ("an unknown meter", {"meter": "nothing", "quantity": 1}, 404, "not_found"),
    ("too many decimals", {"amount": "0.0000001"}, 422, "precision_exceeded"),
    ("more than the largest", {"amount": "9" * 28}, 422, "amount_out_of_range"),
]


@pytest.mark.parametrize(("_", "body", "status", "code"), NO_QUOTE, ids=[row[0] for row in NO_QUOTE])
def test_there_is_no_quote_for(
    scrip: Deployment, account: str, _: str, body: dict[str, Any], status: int, code: str
) -> None:
    scrip.grant(account, "10")
    refused(quote(scrip, account, **body), status, code)


def test_a_quote_takes_a_burns_body_and_no_other(scrip: Deployment, account: str) -> None:
    about = {"reference": {"type": "job", "id": "1"}, "reason": "r", "metadata": {"a": "b"}, "mode": "exact"}
    assert quote(scrip, account, amount="1", **about).status == 200
    invalid(quote(scrip, account, amount="1", colour="red"), "colour")
    invalid(quote(scrip, account), "amount")
    invalid(quote(scrip, account, amount="0"), "amount")
    invalid(quote(scrip, account, amount="1", expires_in="PT1H"), "expires_in")
