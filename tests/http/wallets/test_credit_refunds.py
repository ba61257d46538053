"""Money that is kept becomes credit: a lot with that money as its cost, never more than was paid (laws 3, 7, 8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Answer, Deployment, Key
from tests.http.contract import (
    GRANT_ENTRY,
    MOVED_BALANCE,
    invalid,
    refused,
    whole_balance,
    whole_entry,
    whole_lot,
)

Json = dict[str, Any]


def money(text: str) -> Json:
    """``1050USD``: minor units and a currency."""
    return {"amount": int(text[:-3]), "currency": text[-3:]}


def refund(
    scrip: Deployment, account: str, value: str, paid: str = "10000USD", key: str = "r1", **body: Any
) -> Answer:
    """A refund of an invoice that is named for the account, unless ``source`` says another."""
    request = {name: body.pop(name) for name in ("clock", "caller") if name in body}
    source = body.pop("source", account)
    said = {
        "source": {"type": "invoice", "id": f"in_{source}"},
        "value": money(value),
        "paid": money(paid),
        **body,
    }
    return scrip.post(f"/v1/accounts/{account}/refunds", said, key=key, **request)


def test_a_refund_makes_a_lot_whose_cost_is_the_money_kept(scrip: Deployment, account: str) -> None:
    answer = refund(scrip, account, "1250USD", reason="late", metadata={"by": "ann"})
    assert (answer.status, set(answer.body)) == (201, {"entry", "balance", "lot"})
    entry, lot = answer.body["entry"], answer.body["lot"]
    whole_entry(entry, GRANT_ENTRY | {"source"})
    whole_balance(answer.balance, MOVED_BALANCE)
    whole_lot(lot)
    assert (entry["kind"], entry["amount"], entry["reason"]) == ("grant", "12.5", "late")
    assert (lot["kind"], lot["granted"], lot["cost_basis"]) == ("refund", "12.5", money("1250USD"))
    assert answer.balance["by_category"] == {"paid": "12.5", "free": "0"}
    (listed,) = scrip.lots(account)
    assert listed["source"] == {"type": "invoice", "id": f"in_{account}"}
    assert listed["metadata"] == {"by": "ann"}
    scrip.sound(account)


CURRENCIES: list[tuple[str, str, str]] = [
    # value, paid, credits: one for each major unit
    ("1USD", "100USD", "0.01"),
    ("1050USD", "1050USD", "10.5"),
    ("500JPY", "500JPY", "500"),
    ("1JPY", "500JPY", "1"),
    ("1500KWD", "2000KWD", "1.5"),
    ("1KWD", "2000KWD", "0.001"),
    ("12345BHD", "12345BHD", "12.345"),
    ("999KRW", "1000KRW", "999"),
]


@pytest.mark.parametrize(("value", "paid", "credits"), CURRENCIES)
def test_a_major_unit_of_any_currency_is_a_credit(
    scrip: Deployment, account: str, value: str, paid: str, credits: str
) -> None:
    """Never divided by a hundred by habit."""
    answer = refund(scrip, account, value, paid)
    assert (answer.body["lot"]["granted"], answer.body["lot"]["cost_basis"]) == (credits, money(value))


def test_so_many_credits_may_be_named(scrip: Deployment, account: str) -> None:
    answer = refund(scrip, account, "1000USD", amount="250")
    assert (answer.body["lot"]["granted"], answer.body["lot"]["cost_basis"]) == ("250", money("1000USD"))
    scrip.burn(account, "125")
    assert scrip.entries(account)[-1]["draws"][0]["value"] == money("500USD")


def test_money_that_the_unit_cannot_write_asks_for_an_amount(scrip: Deployment, account: str) -> None:
    unit = f"whole-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0})
    refused(
        refund(scrip, account, "1050USD", unit=unit), 422, "precision_exceeded", field="value", precision=0
    )
    refused(
        refund(scrip, account, "1050USD", unit=unit, amount="10.5"),
        422,
        "precision_exceeded",
        field="amount",
        precision=0,
    )
    assert refund(scrip, account, "1050USD", unit=unit, amount="11").status == 201
    assert refund(scrip, account, "1000USD", unit=unit, key="r2").body["lot"]["granted"] == "10"


def test_any_number_of_partial_refunds_is_never_above_what_was_paid(scrip: Deployment, account: str) -> None:
    for number in range(7):
        assert refund(scrip, account, "14USD", "100USD", f"r{number}").status == 201
    answer = refund(scrip, account, "3USD", "100USD", "r7")
    refused(
        answer,
        422,
        "policy_violation",
        policy="refund_total",
        refunded=money("98USD"),
        paid=money("100USD"),
    )
    assert refund(scrip, account, "2USD", "100USD", "r7").status == 201
    refused(refund(scrip, account, "1USD", "100USD", "r8"), 422, "policy_violation")
    assert scrip.balance(account)["total"] == "1"
    assert sum(lot["cost_basis"]["amount"] for lot in scrip.lots(account)) == 100


def test_one_source_has_one_total_whoever_is_refunded_and_in_whatever_unit(
    scrip: Deployment, account: str
) -> None:
    unit = f"miles-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 2})
    assert refund(scrip, account, "60USD", "100USD").status == 201
    assert refund(scrip, f"{account}-b", "30USD", "100USD", source=account, unit=unit).status == 201
    answer = refund(scrip, f"{account}-c", "11USD", "100USD", source=account)
    refused(
        answer, 422, "policy_violation", policy="refund_total", refunded=money("90USD"), paid=money("100USD")
    )
    assert refund(scrip, f"{account}-c", "10USD", "100USD", source=account).status == 201


def test_an_invoice_and_a_payment_of_one_name_are_two_sources(scrip: Deployment, account: str) -> None:
    for kind in ("invoice", "payment"):
        source = {"type": kind, "id": "same"}
        answer = scrip.post(
            f"/v1/accounts/{account}/refunds",
            {"source": source, "value": money("100USD"), "paid": money("100USD")},
            key=kind,
        )
        assert answer.status == 201


@pytest.mark.parametrize("paid", ["9999USD", "10001USD", "20000USD"])
def test_what_was_paid_is_said_once(scrip: Deployment, account: str, paid: str) -> None:
    refund(scrip, account, "100USD")
    answer = refund(scrip, account, "100USD", paid, "r2")
    refused(answer, 422, "policy_violation", policy="refund_source")
    assert "10000 USD" in answer.body["detail"]


def test_another_currency_of_a_known_source_is_refused(scrip: Deployment, account: str) -> None:
    refund(scrip, account, "100USD")
    refused(
        refund(scrip, account, "100EUR", "10000EUR", "r2"), 422, "policy_violation", policy="refund_source"
    )


def test_a_refused_refund_leaves_the_source_as_it_was(scrip: Deployment, account: str) -> None:
    unit = f"whole-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0})
    scrip.grant(account, "1" + "0" * 27, unit=unit)
    refused(refund(scrip, account, "100USD", "100USD", unit=unit), 422, "amount_out_of_range")
    assert refund(scrip, account, "50USD", "50USD", "r2").status == 201, "nothing was said of it yet"


def test_a_refund_is_replayed_and_counted_once(scrip: Deployment, account: str) -> None:
    """Law 3."""
    first = refund(scrip, account, "60USD", "100USD")
    scrip.cold()
    again = refund(scrip, account, "60USD", "100USD")
    assert (again.text, again.replayed) == (first.text, True)
    assert refund(scrip, account, "40USD", "100USD", "r2").status == 201
    again = refund(scrip, account, "60USD", "100USD")
    assert (again.text, again.replayed) == (first.text, True), "though nothing is left of the source"
    assert scrip.balance(account)["total"] == "1"


@pytest.mark.parametrize(
    "change",
    [
        {"value": money("61USD")},
        {"amount": "7"},
        {"paid": money("101USD")},
        {"source": {"type": "payment", "id": "x"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_carries_one_refund(scrip: Deployment, account: str, change: Json) -> None:
    refund(scrip, account, "60USD", "100USD")
    said = {
        "source": {"type": "invoice", "id": f"in_{account}"},
        "value": money("60USD"),
        "paid": money("100USD"),
    }
    answer = scrip.post(f"/v1/accounts/{account}/refunds", {**said, **change}, key="r1")
    refused(answer, 422, "idempotency_key_reused")


def test_two_refunds_at_once_are_not_above_what_was_paid(scrip: Deployment, account: str) -> None:
    """The other's refund is written between this one's reading and its commit."""
    other = f"{account}-b"
    with scrip.meanwhile(lambda: refund(scrip, other, "60USD", "100USD", source=account)):
        answer = refund(scrip, account, "60USD", "100USD")
    refused(
        answer, 422, "policy_violation", policy="refund_total", refunded=money("60USD"), paid=money("100USD")
    )
    with scrip.meanwhile(lambda: refund(scrip, other, "10USD", "100USD", "r2", source=account)):
        assert refund(scrip, account, "30USD", "100USD", "r2").status == 201
    assert (scrip.balance(account)["total"], scrip.balance(other)["total"]) == ("0.3", "0.7")


def test_a_frozen_wallet_is_refunded_and_a_closed_one_is_not(scrip: Deployment, account: str) -> None:
    scrip.post(f"/v1/accounts/{account}/close", {}, key="x")
    refused(refund(scrip, account, "100USD"), 409, "wallet_closed")
    scrip.post(f"/v1/accounts/{account}-b/freeze", {}, key="x")
    assert refund(scrip, f"{account}-b", "100USD").status == 201


def test_a_closed_wallet_is_the_first_reason(scrip: Deployment, account: str) -> None:
    """409 before 422, as documented."""
    refund(scrip, account, "10000USD")
    scrip.post(f"/v1/accounts/{account}-b/close", {}, key="x")
    refused(refund(scrip, f"{account}-b", "1USD", source=account), 409, "wallet_closed")


BAD: list[tuple[str, Json, str]] = [
    ("nothing", {"value": money("0USD")}, "value.amount"),
    ("more than was paid", {"value": money("101USD"), "paid": money("100USD")}, "value.amount"),
    ("another currency", {"value": money("1EUR")}, "value.currency"),
    ("no currency", {"value": {"amount": 1}}, "value.currency"),
    ("a text", {"value": {"amount": "1", "currency": "USD"}}, "value.amount"),
    ("no credits", {"amount": "0"}, "amount"),
    ("a receipt", {"source": {"type": "receipt", "id": "1"}}, "source.type"),
    ("no source", {"source": None}, "source"),
    ("a source without id", {"source": {"type": "invoice", "id": ""}}, "source.id"),
]


@pytest.mark.parametrize(("_", "change", "field"), BAD, ids=[row[0].replace(" ", "-") for row in BAD])
def test_there_is_no_refund_of(scrip: Deployment, account: str, _: str, change: Json, field: str) -> None:
    said = {"source": {"type": "invoice", "id": "1"}, "value": money("10USD"), "paid": money("10000USD")}
    invalid(scrip.post(f"/v1/accounts/{account}/refunds", {**said, **change}, key="r1"), field)
    assert scrip.wallet(account) == []


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("burn", 403), ("grant", 201), ("admin", 201)])
def test_who_grants_may_refund(scrip: Deployment, account: str, scope: str, status: int) -> None:
    assert refund(scrip, account, "100USD", caller=Key(scope)).status == status


def test_a_refund_needs_a_key(scrip: Deployment, account: str) -> None:
    said = {"source": {"type": "invoice", "id": "1"}, "value": money("10USD"), "paid": money("10USD")}
    refused(scrip.post(f"/v1/accounts/{account}/refunds", said), 400, "idempotency_key_missing")
