"""Voids, reversals and adjustments at their doors: what they answer, and every refusal in its order; laws 1, 3, 7."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment, Key, lot_of, short
from tests.http.contract import (
    ENTRY,
    GRANT_ENTRY,
    MOVED_BALANCE,
    invalid,
    refused,
    whole_balance,
    whole_entry,
    whole_lot,
)

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]
USD = {"amount": 1000, "currency": "USD"}
ABOUT: Json = {"reference": {"type": "case", "id": "c-1"}, "reason": "mistake", "metadata": {"by": "ann"}}


def void(scrip: Deployment, account: str, lot: str, key: str = "v1", **body: Any) -> Answer:
    request = {name: body.pop(name) for name in ("clock", "caller", "headers") if name in body}
    return scrip.post(f"/v1/accounts/{account}/lots/{lot}/void", body, key=key, **request)


def reverse(scrip: Deployment, account: str, entry: Any, key: str = "r1", **body: Any) -> Answer:
    entry_id = entry if isinstance(entry, str) else entry.body["entry"]["entry_id"]
    request = {name: body.pop(name) for name in ("clock", "caller", "headers") if name in body}
    return scrip.post(f"/v1/accounts/{account}/burns/{entry_id}/reversal", body, key=key, **request)


def adjust(
    scrip: Deployment, account: str, direction: str, amount: str, key: str = "a1", **body: Any
) -> Answer:
    request = {name: body.pop(name) for name in ("clock", "caller", "headers") if name in body}
    said = {"direction": direction, "amount": amount, "reason": "miscounted", **body}
    return scrip.post(f"/v1/accounts/{account}/adjustments", said, key=key, **request)


def unit(scrip: Deployment, account: str, precision: int = 0, **policy: Any) -> str:
    name = f"unit-{account}"
    assert scrip.put(f"/v1/units/{name}", {"precision": precision, "policy": policy}).status == 201
    return name


def replayed(first: Answer, again: Answer) -> None:
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.status, again.text) == (first.status, first.text)


# What they answer


def test_a_void_answers_with_its_entry_the_balance_and_the_lot(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR, kind="paid", cost_basis=USD)
    scrip.burn(account, "20", clock=NEW_YEAR)
    answer = void(scrip, account, "lot_1", amount="30.5", clock=NEXT_DAY, **ABOUT)
    assert (answer.status, set(answer.body)) == (201, {"entry", "balance", "lot"})
    entry, lot = answer.body["entry"], answer.body["lot"]
    whole_entry(entry, GRANT_ENTRY | {"unused"})
    whole_balance(answer.balance, MOVED_BALANCE)
    whole_lot(lot)
    assert (entry["kind"], entry["amount"], entry["at"]) == ("void", "-30.5", NEXT_DAY)
    value = {"amount": 305, "currency": "USD"}
    assert entry["draws"] == [{"lot_id": lot_of(account, 1), "amount": "30.5", "value": value}]
    assert entry["unused"] == {"origin": "void", "value": [value]}
    assert {name: entry[name] for name in ABOUT} == ABOUT
    assert (short(lot["lot_id"]), lot["remaining"], lot["status"]) == ("lot_1", "49.5", "open")
    assert (answer.balance["total"], answer.balance["by_category"]["paid"]) == ("49.5", "49.5")
    rest = void(scrip, account, "lot_1", "v2", clock=NEXT_DAY)
    assert (rest.body["lot"]["status"], rest.body["lot"]["remaining"]) == ("voided", "0")
    assert scrip.lots(account, status="all")[0]["status"] == "voided"
    scrip.sound(account)


def test_a_void_leaves_what_is_held(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    held = scrip.post(f"/v1/accounts/{account}/holds", {"amount": "40"}, key="h1").body["hold"]["hold_id"]
    answer = void(scrip, account, "lot_1")
    assert (answer.body["entry"]["amount"], answer.balance["held"]) == ("-60", "40")
    assert (answer.body["lot"]["held"], answer.body["lot"]["status"]) == ("40", "open")
    refused(void(scrip, account, "lot_1", "v2"), 409, "lot_not_open", lot_id=lot_of(account, 1))
    assert scrip.post(f"/v1/accounts/{account}/holds/{held}/capture", {}, key="c1").status == 201
    scrip.sound(account)


def test_a_reversal_answers_with_its_entry_and_the_balance(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "30", priority=1)
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    burned = scrip.burn(account, "80")
    answer = reverse(scrip, account, burned, amount="60", **ABOUT)
    assert (answer.status, set(answer.body)) == (201, {"entry", "balance"})
    entry = answer.body["entry"]
    whole_entry(entry, ENTRY | {"of_entry_id"})
    assert (entry["kind"], entry["amount"]) == ("reversal", "60")
    assert entry["of_entry_id"] == burned.body["entry"]["entry_id"]
    assert entry["draws"] == [
        {"lot_id": lot_of(account, 2), "amount": "50", "value": {"amount": 500, "currency": "USD"}},
        {"lot_id": lot_of(account, 1), "amount": "10"},
    ]
    assert {name: entry[name] for name in ABOUT} == ABOUT
    assert (answer.balance["total"], answer.balance["by_category"]) == ("110", {"paid": "100", "free": "10"})
    assert reverse(scrip, account, burned, "r2").body["entry"]["amount"] == "20"
    scrip.sound(account)


def test_partial_reversals_of_an_odd_price_lose_no_cent(scrip: Deployment, account: str) -> None:
    """3 credits for 1.00 USD: 33, 33 and 34 cents come back."""
    name = unit(scrip, account)
    scrip.grant(account, "3", unit=name, kind="paid", cost_basis={"amount": 100, "currency": "USD"})
    burned = scrip.burn(account, "3", unit=name)
    parts = [reverse(scrip, account, burned, f"r{n}", amount="1", unit=name) for n in range(3)]
    assert [part.body["entry"]["draws"][0]["value"]["amount"] for part in parts] == [33, 33, 34]
    scrip.sound(account, name)


def test_a_capture_is_reversed_at_the_same_door(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    hold = scrip.post(f"/v1/accounts/{account}/holds", {"amount": "40"}, key="h1").body["hold"]["hold_id"]
    captured = scrip.post(f"/v1/accounts/{account}/holds/{hold}/capture", {"amount": "25"}, key="c1")
    assert reverse(scrip, account, captured).balance["total"] == "100"
    refused(reverse(scrip, account, captured, "r2"), 409, "already_reversed")


def test_what_is_reversed_into_an_expired_lot_is_not_shown_as_there(scrip: Deployment, account: str) -> None:
    """Law 5."""
    scrip.grant(account, "100", clock=NEW_YEAR, expires_at="2030-01-01T12:00:00.000Z")
    scrip.grant(account, "7", clock=NEW_YEAR)
    burned = scrip.burn(account, "60", clock=NEW_YEAR)
    answer = reverse(scrip, account, burned, clock=NEXT_DAY)
    assert (answer.balance["available"], answer.balance["total"]) == ("7", "7")
    assert [(entry["kind"], entry["amount"]) for entry in scrip.entries(account)[3:]] == [
        ("expiry", "-40"),
        ("reversal", "60"),
        ("expiry", "-60"),
    ]
    replayed(answer, reverse(scrip, account, burned, clock=NEXT_DAY))
    scrip.sound(account)


def test_a_reversal_lowers_the_debt_that_the_burn_made(scrip: Deployment, account: str) -> None:
    name = unit(scrip, account, overdraft_limit="50")
    scrip.grant(account, "20", unit=name)
    burned = scrip.burn(account, "50", unit=name)
    answer = reverse(scrip, account, burned, amount="40", unit=name)
    assert (answer.balance["owed"], answer.balance["available"]) == ("0", "10")


def test_a_reversal_after_the_debt_was_repaid_gives_back_to_the_lot_that_repaid_it(
    scrip: Deployment, account: str
) -> None:
    """Law 7. 50 owed; 100 for USD 100.00, 50 of which repay; the burn is reversed: USD 50.00 are deferred again, and no
    other lot is there."""
    name = unit(scrip, account, overdraft_limit="50")
    burned = scrip.burn(account, "50", unit=name)
    cost = {"amount": 10000, "currency": "USD"}
    granted = scrip.grant(account, "100", unit=name, kind="paid", cost_basis=cost)
    assert (granted.balance["available"], granted.balance["owed"]) == ("50", "0")
    answer = reverse(scrip, account, burned, unit=name)
    (draw,) = answer.body["entry"]["draws"]
    assert (draw["lot_id"], draw["amount"]) == (granted.body["lot"]["lot_id"], "50")
    assert draw["value"] == {"amount": 5000, "currency": "USD"}
    assert "lot" not in answer.body
    assert (answer.balance["available"], answer.balance["total"]) == ("100", "100")
    (lot,) = scrip.get(f"/v1/accounts/{account}/lots", query={"unit": name}).body["items"]
    assert (lot["remaining"], lot["cost_basis"]) == ("100", cost)
    scrip.sound(account, name)


def test_a_reversal_of_a_meters_event_undoes_its_fraction(scrip: Deployment, account: str) -> None:
    """A unit of whole images, half a one for each event: one that burned nothing is undone like one that burned 1, and
    the next ones cost what they would have cost without them."""
    name, meter = f"images-{account}", f"half-{account}"
    assert scrip.put(f"/v1/units/{name}", {"precision": 0}).status == 201
    price = {"price": {"model": "per_unit", "credits": "0.5"}, "unit": name}
    assert scrip.put(f"/v1/rates/{meter}", price, clock=NEW_YEAR).status == 201
    scrip.grant(account, "10", unit=name, clock=NEW_YEAR)

    def use() -> Answer:
        return scrip.move(account, "burns", meter=meter, quantity=1, unit=name, clock=NEW_YEAR)

    first, second = use(), use()
    assert [one.body["burned"] for one in (first, second)] == ["0", "1"]
    back = reverse(scrip, account, second, "r1", unit=name, clock=NEW_YEAR)
    assert (back.body["entry"]["amount"], back.balance["available"]) == ("1", "10")
    assert use().body["burned"] == "1"
    back = reverse(scrip, account, first, "r2", unit=name, clock=NEW_YEAR)
    assert (back.body["entry"]["amount"], back.balance["available"]) == ("1", "10")
    refused(reverse(scrip, account, first, "r3", unit=name, clock=NEW_YEAR), 409, "already_reversed")
    assert [use().body["burned"] for _ in range(3)] == ["1", "0", "1"]
    scrip.sound(account, name)


def test_of_an_event_that_burned_nothing_no_amount_is_reversed(scrip: Deployment, account: str) -> None:
    """Half an image was counted and none burned: 27 are more than that, and its fraction is undone once."""
    name, meter = f"images-{account}", f"half-{account}"
    assert scrip.put(f"/v1/units/{name}", {"precision": 0}).status == 201
    price = {"price": {"model": "per_unit", "credits": "0.5"}, "unit": name}
    assert scrip.put(f"/v1/rates/{meter}", price, clock=NEW_YEAR).status == 201
    burned = scrip.move(account, "burns", meter=meter, quantity=1, unit=name, clock=NEW_YEAR, mode="up_to")
    more = {"unit": name, "clock": NEW_YEAR}
    too_much = reverse(scrip, account, burned, "r1", amount="27", **more)
    refused(too_much, 422, "amount_out_of_range", field="amount", largest="0", unit=name)
    assert reverse(scrip, account, burned, "r2", **more).body["entry"]["amount"] == "0"
    for amount in ({}, {"amount": "27"}):
        refused(reverse(scrip, account, burned, "r3", **amount, **more), 409, "already_reversed")
    scrip.sound(account, name)


def test_a_credit_makes_a_lot_on_the_terms_it_names(scrip: Deployment, account: str) -> None:
    answer = adjust(
        scrip,
        account,
        "credit",
        "12.5",
        clock=NEW_YEAR,
        priority=3,
        expires_in="P1D",
        scope=["images"],
        **{name: ABOUT[name] for name in ("reference", "metadata")},
    )
    assert (answer.status, set(answer.body)) == (201, {"entry", "balance", "lot"})
    lot, entry = answer.body["lot"], answer.body["entry"]
    assert (entry["kind"], entry["amount"], entry["reason"]) == ("adjustment", "12.5", "miscounted")
    assert (lot["kind"], lot["priority"], lot["expires_at"], lot["scope"]) == (
        "compensation",
        3,
        NEXT_DAY,
        ["images"],
    )
    assert (lot["source"], lot["cost_basis"]) == (ABOUT["reference"], None)
    assert scrip.lots(account, unit="credits") == [] or scrip.lots(account)[0]["lot_id"] == lot["lot_id"]


def test_a_debit_takes_in_burn_order(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    scrip.grant(account, "10", priority=1)
    answer = adjust(scrip, account, "debit", "30")
    assert (answer.status, set(answer.body)) == (201, {"entry", "balance"})
    assert [(short(draw["lot_id"]), draw["amount"]) for draw in answer.body["entry"]["draws"]] == [
        ("lot_2", "10"),
        ("lot_1", "20"),
    ]
    assert answer.balance["total"] == "80"
    scrip.sound(account)


# Keys


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_each_is_replayed_as_it_was(scrip: Deployment, account: str, warm: bool) -> None:
    """Law 3."""
    scrip.grant(account, "100")
    burned = scrip.burn(account, "20")
    acts: list[Callable[[], Answer]] = [
        lambda: void(scrip, account, "lot_1", amount="5"),
        lambda: reverse(scrip, account, burned),
        lambda: adjust(scrip, account, "credit", "1", "a1"),
        lambda: adjust(scrip, account, "debit", "1", "a2"),
        lambda: void(scrip, account, "lot_1", "v2"),
    ]
    first = [act() for act in acts]
    scrip.grant(account, "1000")
    if not warm:
        scrip.cold()
    before = scrip.wallet(account)
    for answer, act in zip(first, acts, strict=True):
        replayed(answer, act())
    assert scrip.wallet(account) == before


def test_a_key_carries_one_request(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", "g1")
    burned = scrip.burn(account, "20", "b1")
    other = scrip.burn(account, "20", "b2")
    made = void(scrip, account, "lot_1", "k", amount="5")
    assert made.status == 201
    facts = {"entry_id": made.body["entry"]["entry_id"], "kind": "void"}
    before = scrip.wallet(account)
    for answer in (
        void(scrip, account, "lot_1", "k", amount="6"),
        void(scrip, account, "lot_1", "k"),
        void(scrip, account, "lot_2", "k", amount="5"),
        void(scrip, account, "lot_1", "k", amount="5", reason="another"),
        reverse(scrip, account, burned, "k"),
        adjust(scrip, account, "debit", "5", "k"),
        scrip.post(f"/v1/accounts/{account}/freeze", {}, key="k"),
    ):
        refused(answer, 422, "idempotency_key_reused", **facts)
    assert scrip.wallet(account) == before
    replayed(made, void(scrip, account, "lot_1", "k", amount="5.0"))
    assert reverse(scrip, account, burned, "r").status == 201
    refused(reverse(scrip, account, other, "r"), 422, "idempotency_key_reused")
    refused(adjust(scrip, account, "credit", "5", "r"), 422, "idempotency_key_reused")


def test_each_needs_a_key(scrip: Deployment, account: str) -> None:
    for path in ("lots/lot_1/void", "burns/k.x/reversal", "freeze", "unfreeze", "close"):
        refused(scrip.post(f"/v1/accounts/{account}/{path}", {}), 400, "idempotency_key_missing")
    body = {"direction": "debit", "amount": "1", "reason": "x"}
    refused(scrip.post(f"/v1/accounts/{account}/adjustments", body), 400, "idempotency_key_missing")
    assert scrip.wallet(account) == []


# Bad requests


BAD: list[tuple[str, str, Json, str]] = [
    ("void of zero", "lots/lot_1/void", {"amount": "0"}, "amount"),
    ("void of a number", "lots/lot_1/void", {"amount": 5}, "amount"),
    ("void with something unknown", "lots/lot_1/void", {"lot": "lot_1"}, "lot"),
    ("reversal of zero", "burns/k.x/reversal", {"amount": "0.000000"}, "amount"),
    ("reversal of less than nothing", "burns/k.x/reversal", {"amount": "-1"}, "amount"),
    ("reversal in no unit", "burns/k.x/reversal", {"unit": "a b"}, "unit"),
    ("adjustment without direction", "adjustments", {"amount": "1", "reason": "x"}, "direction"),
    ("adjustment up", "adjustments", {"direction": "up", "amount": "1", "reason": "x"}, "direction"),
    ("adjustment without reason", "adjustments", {"direction": "debit", "amount": "1"}, "reason"),
    ("adjustment without amount", "adjustments", {"direction": "debit", "reason": "x"}, "amount"),
    ("adjustment of zero", "adjustments", {"direction": "debit", "amount": "0", "reason": "x"}, "amount"),
    *[
        (
            f"debit with {name}",
            "adjustments",
            {"direction": "debit", "amount": "1", "reason": "x", name: value},
            name,
        )
        for name, value in (
            ("priority", 5),
            ("expires_in", "P1D"),
            ("expires_at", NEXT_DAY),
            ("effective_at", NEXT_DAY),
            ("scope", ["images"]),
            ("kind", "paid"),
            ("cost_basis", USD),
        )
    ],
    (
        "credit that ended",
        "adjustments",
        {"direction": "credit", "amount": "1", "reason": "x", "expires_at": "2020-01-01T00:00:00Z"},
        "expires_at",
    ),
    ("freeze with an amount", "freeze", {"amount": "1"}, "amount"),
    ("close with a status", "close", {"status": "closed"}, "status"),
]


@pytest.mark.parametrize(("_", "path", "body", "field"), BAD, ids=[row[0].replace(" ", "-") for row in BAD])
def test_nothing_comes_of_a(
    scrip: Deployment, account: str, _: str, path: str, body: Json, field: str
) -> None:
    scrip.grant(account, "10")
    before = scrip.wallet(account)
    invalid(scrip.post(f"/v1/accounts/{account}/{path}", body, key="k"), field)
    assert scrip.wallet(account) == before


LOTS = [
    "lot_0",
    "lot_2",
    "lot_999999999999",
    "lot_1000000000000",
    "lot_01",
    "lot_-1",
    "lot",
    "1",
    "LOT_1",
    "lot_\uff11",
]


@pytest.mark.parametrize("lot", LOTS)
def test_a_lot_that_is_not_there_is_not_found(scrip: Deployment, account: str, lot: str) -> None:
    scrip.grant(account, "10")
    refused(void(scrip, account, lot), 404, "not_found")


@pytest.mark.parametrize("entry", ["k.nobody", "s.1", "-", "x" * 300, "k.%20", "lot_1"])
def test_an_entry_that_is_not_there_is_not_found(scrip: Deployment, account: str, entry: str) -> None:
    scrip.grant(account, "10")
    refused(reverse(scrip, account, entry), 404, "not_found")


def test_another_accounts_burn_is_not_found(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    scrip.grant(f"{account}-b", "10")
    burned = scrip.burn(f"{account}-b", "5")
    refused(reverse(scrip, account, burned), 404, "not_found")


def test_a_grant_is_no_burn(scrip: Deployment, account: str) -> None:
    granted = scrip.grant(account, "10")
    entry_id = granted.body["entry"]["entry_id"]
    refused(reverse(scrip, account, granted), 404, "not_found", entry_id=entry_id)


# Every refusal in its order: each row is refused for the first of what is wrong with it


def closed(scrip: Deployment, account: str) -> Answer:
    """A closed wallet with a burn of 10, of a unit with two decimals."""
    name = unit(scrip, account, 2)
    scrip.grant(account, "10", "g1", unit=name)
    burned = scrip.burn(account, "10", "b1", unit=name)
    assert scrip.post(f"/v1/accounts/{account}/close", {"unit": name}, key="x1").status == 201
    return burned


VOIDS: list[tuple[str, str, Json, int, str]] = [
    ("a narrow key", "lot_9", {"caller": Key("burn"), "amount": "x"}, 403, "forbidden"),
    ("a bad amount", "lot_9", {"amount": "x", "unit": "nowhere"}, 400, "invalid_request"),
    ("an unknown unit", "lot_9", {"unit": "nowhere", "amount": "1.001"}, 404, "not_found"),
    ("too many decimals", "lot_9", {"amount": "1.001"}, 422, "precision_exceeded"),
    ("too large an amount", "lot_9", {"amount": "9" * 28}, 422, "amount_out_of_range"),
    ("a used key", "lot_9", {"key": "b1"}, 422, "idempotency_key_reused"),
    ("an earlier instant", "lot_9", {"clock": "2020-01-01T00:00:00Z"}, 422, "clock_backwards"),
    ("an unknown lot", "lot_9", {}, 404, "not_found"),
    ("a closed wallet", "lot_1", {}, 409, "wallet_closed"),
]


@pytest.mark.parametrize(
    ("_", "lot", "body", "status", "code"), VOIDS, ids=[row[0].replace(" ", "-") for row in VOIDS]
)
def test_a_void_is_refused_first_for(
    scrip: Deployment, account: str, _: str, lot: str, body: Json, status: int, code: str
) -> None:
    closed(scrip, account)
    before = scrip.wallet(account, f"unit-{account}")
    refused(void(scrip, account, lot, **{"unit": f"unit-{account}", "key": "k", **body}), status, code)
    assert scrip.wallet(account, f"unit-{account}") == before


REVERSALS: list[tuple[str, Json, int, str]] = [
    ("a narrow key", {"caller": Key("burn"), "amount": "x"}, 403, "forbidden"),
    ("a bad amount", {"amount": "x", "unit": "nowhere"}, 400, "invalid_request"),
    ("an unknown unit", {"unit": "nowhere", "amount": "1.001"}, 404, "not_found"),
    ("too many decimals", {"amount": "1.001"}, 422, "precision_exceeded"),
    ("a used key", {"key": "g1", "amount": "10.01"}, 422, "idempotency_key_reused"),
    ("more than was burned", {"amount": "10.01"}, 422, "amount_out_of_range"),
    ("a closed wallet", {}, 409, "wallet_closed"),
]


@pytest.mark.parametrize(
    ("_", "body", "status", "code"), REVERSALS, ids=[row[0].replace(" ", "-") for row in REVERSALS]
)
def test_a_reversal_is_refused_first_for(
    scrip: Deployment, account: str, _: str, body: Json, status: int, code: str
) -> None:
    burned = closed(scrip, account)
    before = scrip.wallet(account, f"unit-{account}")
    refused(reverse(scrip, account, burned, **{"unit": f"unit-{account}", "key": "k", **body}), status, code)
    assert scrip.wallet(account, f"unit-{account}") == before


def test_amounts_beyond_what_is_left_are_told(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    burned = scrip.burn(account, "20.5")
    reverse(scrip, account, burned, "r0", amount="0.5")
    refused(
        void(scrip, account, "lot_1", amount="80.000001"),
        422,
        "amount_out_of_range",
        field="amount",
        largest="80",
        unit="credits",
    )
    refused(
        reverse(scrip, account, burned, amount="20.000001"),
        422,
        "amount_out_of_range",
        field="amount",
        largest="20",
        unit="credits",
    )
    refused(
        adjust(scrip, account, "debit", "80.1"),
        402,
        "insufficient_credits",
        required="80.1",
        available="80",
        unit="credits",
    )


ADJUSTMENTS: list[tuple[str, str, str, int, str]] = [
    ("nothing leaves a frozen wallet", "frozen", "debit", 409, "wallet_frozen"),
    ("nothing leaves a closed one", "closed", "debit", 409, "wallet_closed"),
    ("nothing comes into a closed one", "closed", "credit", 409, "wallet_closed"),
]


@pytest.mark.parametrize(
    ("_", "state", "direction", "status", "code"),
    ADJUSTMENTS,
    ids=[row[0].replace(" ", "-") for row in ADJUSTMENTS],
)
def test_an_adjustment_where(
    scrip: Deployment, account: str, _: str, state: str, direction: str, status: int, code: str
) -> None:
    scrip.grant(account, "1")
    scrip.burn(account, "1")
    door = {"frozen": "freeze", "closed": "close"}[state]
    assert scrip.post(f"/v1/accounts/{account}/{door}", {}, key="x").status == 201
    refused(adjust(scrip, account, direction, "5"), status, code)


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("burn", 403), ("grant", 403), ("admin", 201)])
def test_adjustments_are_for_administrators(scrip: Deployment, account: str, scope: str, status: int) -> None:
    assert adjust(scrip, account, "credit", "5", caller=Key(scope)).status == status


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("burn", 403), ("grant", 201), ("admin", 201)])
def test_who_grants_may_take_back(scrip: Deployment, account: str, scope: str, status: int) -> None:
    scrip.grant(account, "10")
    burned = scrip.burn(account, "5")
    assert void(scrip, account, "lot_1", amount="1", caller=Key(scope)).status == status
    assert reverse(scrip, account, burned, caller=Key(scope)).status == status


def test_a_reversal_that_would_overfill_the_wallet_is_refused(scrip: Deployment, account: str) -> None:
    name = unit(scrip, account)
    scrip.grant(account, "100", unit=name)
    burned = scrip.burn(account, "100", unit=name)
    largest = "1" + "0" * 27
    scrip.grant(account, "9" * 27, unit=name)  # one less
    answer = reverse(scrip, account, burned, amount="2", unit=name)
    refused(answer, 422, "amount_out_of_range", largest=largest, unit=name)
    assert reverse(scrip, account, burned, amount="1", unit=name).balance["total"] == largest


# A lot that was a mistake


def mistake(scrip: Deployment, account: str, lot_id: str = "lot_1", key: str = "v1", **body: Any) -> Answer:
    """Voids a lot as a mistake."""
    return void(scrip, account, lot_id, key, **{"as": "mistake", **body})


def test_a_lot_granted_by_mistake_earns_nothing(scrip: Deployment, account: str) -> None:
    """Law 8: 10.00 that were a typo were never paid; no part of them is breakage."""
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    entry = mistake(scrip, account).body["entry"]
    assert entry["unused"] == {"origin": "mistake", "value": [USD]}
    assert scrip.balance(account)["total"] == "0"
    scrip.sound(account)


def test_a_part_of_a_mistake_is_taken_back_with_its_share_and_the_rest_is_as_paid(
    scrip: Deployment, account: str
) -> None:
    """100 credits for 10.00 should have been 10: 9.00 were never paid, and a burn of the rest earns 1.00."""
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    entry = mistake(scrip, account, amount="90").body["entry"]
    assert entry["unused"]["value"] == [{"amount": 900, "currency": "USD"}]
    assert scrip.burn(account, "10").body["entry"]["draws"][0]["value"] == {"amount": 100, "currency": "USD"}
    refused(mistake(scrip, account, key="v2", amount="1"), 409, "lot_not_open")
    scrip.sound(account)


def test_a_lot_of_which_something_has_left_is_no_mistake(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    scrip.burn(account, "1")
    refused(mistake(scrip, account), 422, "policy_violation", policy="void_mistake")
    assert void(scrip, account, "lot_1", "v2").body["entry"]["unused"]["origin"] == "void"


def test_a_lot_of_which_something_is_held_is_no_mistake_until_it_is_released(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    hold = scrip.post(f"/v1/accounts/{account}/holds", {"amount": "5"}, key="h").body["hold"]["hold_id"]
    refused(mistake(scrip, account), 422, "policy_violation", policy="void_mistake")
    scrip.post(f"/v1/accounts/{account}/holds/{hold}/release", {}, key="r")
    assert mistake(scrip, account, key="v2").status == 201


def test_parts_of_a_mistake_are_taken_back_one_after_the_other(scrip: Deployment, account: str) -> None:
    """Law 8: 100 for 10.00 should have been 10, which was first thought to be 40: 6.00, then 3.00 were never paid. A
    burn of 4 then ends it; and in the end, all of it reversed, even the rest may be a mistake."""
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    for key, amount, value in (("v1", "60", 600), ("v2", "30", 300)):
        entry = mistake(scrip, account, key=key, amount=amount).body["entry"]
        assert entry["unused"] == {"origin": "mistake", "value": [{"amount": value, "currency": "USD"}]}
    burned = scrip.burn(account, "4")
    assert burned.body["entry"]["draws"][0]["value"] == {"amount": 40, "currency": "USD"}
    refused(mistake(scrip, account, key="v3", amount="1"), 422, "policy_violation", policy="void_mistake")
    reverse(scrip, account, burned)
    entry = mistake(scrip, account, key="v4").body["entry"]
    assert entry["unused"]["value"] == [{"amount": 100, "currency": "USD"}]
    refused(mistake(scrip, account, key="v5", amount="1"), 409, "lot_not_open")
    scrip.sound(account)


def test_a_part_that_was_voided_otherwise_ends_what_may_be_a_mistake(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    assert mistake(scrip, account, amount="60").status == 201
    refused(
        mistake(scrip, account, key="v2", amount="41"),
        422,
        "amount_out_of_range",
        field="amount",
        largest="40",
        unit="credits",
    )
    assert void(scrip, account, "lot_1", "v3", amount="10").status == 201
    refused(mistake(scrip, account, key="v4", amount="1"), 422, "policy_violation", policy="void_mistake")


@pytest.mark.parametrize("said", ["Mistake", "", True, "breakage"])
def test_a_void_is_as_a_mistake_or_says_nothing(scrip: Deployment, account: str, said: Any) -> None:
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    assert mistake(scrip, account, **{"as": said}).status == 400
    assert void(scrip, account, "lot_1", "v3", as_="mistake").status == 400


def test_the_same_void_as_a_mistake_is_another_request(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", kind="paid", cost_basis=USD)
    first = mistake(scrip, account)
    assert mistake(scrip, account).body == first.body
    refused(void(scrip, account, "lot_1", "v1"), 422, "idempotency_key_reused")
