"""Freeze, unfreeze, close at their doors; and the balance as it was at any past instant, whatever was done."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.store import documents, keys
from tests.aws import NEW_YEAR, Answer, Buyer, Deployment, Key
from tests.http.contract import ENTRY, MOVED_BALANCE, invalid, refused, whole_balance, whole_entry

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]


def set_status(scrip: Deployment, account: str, door: str, key: str = "s1", **body: Any) -> Answer:
    request = {name: body.pop(name) for name in ("clock", "caller") if name in body}
    return scrip.post(f"/v1/accounts/{account}/{door}", body, key=key, **request)


def test_a_freeze_answers_with_its_entry_and_the_balance(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    about: Json = {"reference": {"type": "case", "id": "1"}, "reason": "fraud?", "metadata": {"by": "ann"}}
    answer = set_status(scrip, account, "freeze", clock=NEW_YEAR, **about)
    assert (answer.status, set(answer.body)) == (201, {"entry", "balance"})
    whole_entry(answer.body["entry"], ENTRY)
    whole_balance(answer.balance, MOVED_BALANCE)
    assert (answer.body["entry"]["kind"], answer.body["entry"]["amount"]) == ("status", "0")
    assert {name: answer.body["entry"][name] for name in about} == about
    assert (answer.balance["status"], answer.balance["total"]) == ("frozen", "10")
    assert scrip.balance(account)["status"] == "frozen"


def test_a_frozen_wallet_lets_nothing_out_until_it_is_unfrozen(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    held = scrip.post(f"/v1/accounts/{account}/holds", {"amount": "10"}, key="h1").body["hold"]["hold_id"]
    set_status(scrip, account, "freeze")
    refused(scrip.burn(account, "1"), 409, "wallet_frozen")
    refused(scrip.post(f"/v1/accounts/{account}/holds", {"amount": "1"}, key="h2"), 409, "wallet_frozen")
    assert scrip.grant(account, "5").status == 201
    assert scrip.post(f"/v1/accounts/{account}/holds/{held}/capture", {}, key="c1").status == 201
    assert set_status(scrip, account, "unfreeze", "s2").balance["status"] == "active"
    assert scrip.burn(account, "1").balance["total"] == "94"
    scrip.sound(account)


def test_each_is_replayed(scrip: Deployment, account: str) -> None:
    first = [set_status(scrip, account, door, door) for door in ("freeze", "unfreeze", "close")]
    scrip.cold()
    again = [set_status(scrip, account, door, door) for door in ("freeze", "unfreeze", "close")]
    assert [(one.text, one.replayed) for one in again] == [(one.text, True) for one in first]
    assert scrip.balance(account)["status"] == "closed"
    refused(set_status(scrip, account, "unfreeze", "close"), 422, "idempotency_key_reused")


NOT_EMPTY: list[tuple[str, Json, str]] = [
    ("credits", {"amount": "10"}, "10"),
    ("pending credits", {"amount": "10", "effective_at": "2099-01-01T00:00:00Z"}, "10"),
]


@pytest.mark.parametrize(
    ("_", "body", "total"), NOT_EMPTY, ids=[row[0].replace(" ", "-") for row in NOT_EMPTY]
)
def test_a_wallet_is_not_closed_with(scrip: Deployment, account: str, _: str, body: Json, total: str) -> None:
    scrip.grant(account, **body)
    facts = {"policy": "zero_balance", "total": total, "unit": "credits"}
    refused(set_status(scrip, account, "close"), 422, "policy_violation", **facts)
    assert scrip.balance(account)["status"] == "active"


def test_a_wallet_is_not_closed_with_credits_on_hold(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    scrip.post(f"/v1/accounts/{account}/holds", {"amount": "10"}, key="h1", clock=NEW_YEAR)
    refused(set_status(scrip, account, "close", clock=NEW_YEAR), 422, "policy_violation")


DOORS: list[tuple[str, Json]] = [
    ("grants", {"amount": "1"}),
    ("burns", {"amount": "1"}),
    ("burns", {"amount": "1", "mode": "up_to"}),
    ("holds", {"amount": "1"}),
    ("adjustments", {"direction": "credit", "amount": "1", "reason": "x"}),
    ("adjustments", {"direction": "debit", "amount": "1", "reason": "x"}),
    ("transfers", {"amount": "1", "to_account": "somebody"}),
    ("refunds", {"source": {"type": "invoice", "id": "1"}, "value": {"amount": 100, "currency": "USD"},
                 "paid": {"amount": 100, "currency": "USD"}}),
    ("freeze", {}),
    ("unfreeze", {}),
    ("close", {}),
]  # fmt: skip


@pytest.mark.parametrize(("door", "body"), DOORS, ids=[f"{row[0]}-{len(row[1])}" for row in DOORS])
def test_a_closed_wallet_is_closed_for(scrip: Deployment, account: str, door: str, body: Json) -> None:
    assert set_status(scrip, account, "close").status == 201
    before = scrip.wallet(account)
    answer = scrip.post(f"/v1/accounts/{account}/{door}", body, key="k")
    refused(answer, 409, "wallet_closed")
    assert scrip.wallet(account) == before


def test_a_wallet_stands_by_itself(scrip: Deployment, account: str) -> None:
    """Another unit of the same account is another wallet."""
    scrip.put(f"/v1/units/u-{account}", {"precision": 0})
    set_status(scrip, account, "freeze")
    scrip.grant(account, "5", unit=f"u-{account}")
    assert scrip.burn(account, "5", unit=f"u-{account}").status == 201
    refused(set_status(scrip, account, "close", "s2", unit="nowhere"), 404, "not_found")
    invalid(set_status(scrip, account, "close", "s2", at=NEW_YEAR), "at")


@pytest.mark.parametrize("door", ["freeze", "unfreeze", "close"])
@pytest.mark.parametrize("scope", ["read", "burn", "grant"])
def test_standing_is_for_administrators(scrip: Deployment, account: str, door: str, scope: str) -> None:
    refused(set_status(scrip, account, door, caller=Key(scope)), 403, "forbidden", scope="admin")


# As it was


def test_a_balance_is_as_it_was_at_any_instant_whatever_was_done(
    scrip: Deployment, account: str, buyer: Buyer
) -> None:
    """One of each operation, one after the other; each balance is remembered, and found again by its instant."""
    unit, other = f"all-{account}", f"{account}-b"
    policy = {"transferable": True, "overdraft_limit": "20", "over_capture": "burn_extra"}
    scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": policy})
    promotion: Json = {
        "unit": unit, "amount": "3", "kind": "promotional", "starts_at": None, "ends_at": None, "expires_in": None,
        "max_redemptions": 5, "budget": "30", "identities": [], "version": 1,
    }  # fmt: skip
    documents.put(runtime.tables(), keys.promotion(unit), documents.NEW, promotion)
    path = f"/v1/accounts/{account}"
    seen: list[tuple[str, Json]] = []
    answers: dict[str, Answer] = {}

    def do(name: str, door: str, body: Json, method: str = "POST") -> None:
        # Later each is six hours after the other: so the allowance comes again, and rolls over.
        hour = len(seen) + 1 + 5 * max(0, len(seen) - 21)
        at = f"2030-01-{1 + hour // 24:02}T{hour % 24:02}:00:00.000Z"
        answers[name] = scrip.send(method, f"{path}/{door}", body={"unit": unit, **body}, key=name, clock=at)
        assert answers[name].status in (200, 201), (name, answers[name].text)
        found = scrip.balance(account, query={"unit": unit}, clock=at)
        if method == "POST":
            assert answers[name].balance["total"] == found["total"]
        seen.append((at, found))

    def of(name: str, what: str, field: str) -> str:
        return str(answers[name].body[what][field])

    paid = {"kind": "paid", "cost_basis": {"amount": 1000, "currency": "USD"}}
    do("grant", "grants", {"amount": "100", **paid})
    do("short", "grants", {"amount": "7", "expires_in": "PT4H", "priority": 99})
    do("later", "grants", {"amount": "5", "effective_at": "2030-01-01T12:30:00Z"})
    do("burn", "burns", {"amount": "10"})
    do("hold", "holds", {"amount": "20", "expires_in": "P2D"})
    do("extend", f"holds/{of('hold', 'hold', 'hold_id')}/extend", {"expires_in": "P3D"})
    do("capture", f"holds/{of('hold', 'hold', 'hold_id')}/capture", {"amount": "5", "final": False})
    do("release", f"holds/{of('hold', 'hold', 'hold_id')}/release", {})
    do("timed", "holds", {"amount": "1", "expires_in": "PT90M"})
    do("void", f"lots/{of('grant', 'lot', 'lot_id')}/void", {"amount": "3"})
    do("reversal", f"burns/{of('burn', 'entry', 'entry_id')}/reversal", {"amount": "4"})
    do("credit", "adjustments", {"direction": "credit", "amount": "2", "reason": "x"})
    do("debit", "adjustments", {"direction": "debit", "amount": "1", "reason": "x"})
    do("transfer", "transfers", {"amount": "6", "to_account": other})
    money = {"amount": 250, "currency": "EUR"}
    do("refund", "refunds", {"source": {"type": "invoice", "id": account}, "value": money, "paid": money})
    do("redeem", "redemptions", {"code": unit})
    do("allow", "allowances/daily", {"amount": "8", "every": "P1D", "rollover": {"max": "2"}}, "PUT")
    do("freeze", "freeze", {})
    do("unfreeze", "unfreeze", {})
    do("overdraw", "burns", {"amount": "110"})
    do("repay", "grants", {"amount": "9"})
    for _ in range(8):
        do(f"tick{len(seen)}", "grants", {"amount": "1"})
    do("off", "allowances/daily", {"amount": "8", "every": "P1D", "paused": True}, "PUT")
    kinds = {entry["kind"] for entry in scrip.entries(account, unit=unit)}
    assert kinds == {
        "grant", "activation", "burn", "hold", "extend", "capture", "release", "expiry", "void", "reversal",
        "rollover", "transfer_out", "adjustment", "status",
    }  # fmt: skip
    scrip.cold()
    for at, found in seen:
        past = scrip.balance(account, query={"unit": unit, "at": at}, clock=seen[-1][0])
        same = ("total", "available", "held", "frozen", "pending", "owed", "by_category", "status")
        assert {name: past[name] for name in same} == {name: found[name] for name in same}, at
        told = scrip.get(f"{path}/explain", query={"unit": unit, "at": at}, clock=seen[-1][0])
        assert told.body["proof"]["findings"] == [], at
        assert told.body["balance"]["total"] == found["total"], at
    scrip.sound(account, unit)
    scrip.sound(other, unit)


@pytest.mark.parametrize("content_type", [None, "application/json"])
def test_what_needs_no_member_needs_no_body(
    scrip: Deployment, account: str, content_type: str | None
) -> None:
    """No body at all is an empty object, where nothing in it is asked for."""
    granted = scrip.grant(account, "10").body["lot"]["lot_id"]
    held = [scrip.move(account, "holds", amount="2").body["hold"]["hold_id"] for _ in range(2)]
    doors = ["freeze", "unfreeze", f"holds/{held[0]}/extend", f"holds/{held[0]}/capture"]
    doors += [f"holds/{held[1]}/release", f"lots/{granted}/void", "close"]
    for door in doors:
        headers = {"content-type": content_type} if content_type else {}
        answer = scrip.send("POST", f"/v1/accounts/{account}/{door}", key=door, headers=headers)
        assert (door, answer.status) == (door, 201), answer.text
    refused = scrip.send("POST", f"/v1/accounts/{account}/grants", key="g")
    assert (refused.status, refused.code) == (415, "unsupported_media_type")
