"""Law 3: a key changes a wallet at most once, for ever. The same request again is answered as the first time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")


def replayed(first: Answer, again: Answer) -> None:
    """The same status, the same text, and the header that says so."""
    assert not first.replayed
    assert again.headers == {**first.headers, "idempotent-replay": "true"}
    assert (again.status, again.text) == (first.status, first.text)


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
@pytest.mark.parametrize("moved_on", [False, True], ids=["at once", "after the wallet moved on"])
def test_a_burn_is_replayed(scrip: Deployment, account: str, warm: bool, moved_on: bool) -> None:
    scrip.grant(account, "100")
    first = scrip.burn(account, "30", "b1")
    if moved_on:
        scrip.burn(account, "50")
        scrip.grant(account, "1000")
    if not warm:
        scrip.cold()
    before = scrip.wallet(account)
    again = scrip.burn(account, "30", "b1")
    replayed(first, again)
    assert again.balance["total"] == "70"
    assert scrip.wallet(account) == before


def test_a_replay_is_the_first_answer_to_the_byte_whatever_the_order_of_its_metadata(
    scrip: Deployment, account: str
) -> None:
    metadata = {"b": "1", "a": "2", "A": "3"}
    replayed(
        scrip.grant(account, "10", "g1", metadata=metadata),
        scrip.grant(account, "10", "g1", metadata=metadata),
    )
    first = scrip.burn(account, "1", "b1", metadata=metadata)
    replayed(first, scrip.burn(account, "1", "b1", metadata=metadata))
    replayed(first, scrip.burn(account, "1", "b1", metadata=dict(reversed(metadata.items()))))


def test_a_grant_is_replayed_with_its_lot_as_it_was_then(scrip: Deployment, account: str) -> None:
    first = scrip.grant(account, "10", "g1", kind="paid", cost_basis={"amount": 5, "currency": "EUR"})
    scrip.burn(account, "10")
    again = scrip.grant(account, "10", "g1", kind="paid", cost_basis={"amount": 5, "currency": "EUR"})
    replayed(first, again)
    assert (again.body["lot"]["remaining"], again.body["lot"]["status"]) == ("10", "open")


def test_a_grant_is_replayed_after_its_expiry(scrip: Deployment, account: str) -> None:
    body = {"expires_at": "2030-01-01T12:00:00.000Z"}
    first = scrip.grant(account, "10", "g1", clock=NEW_YEAR, **body)
    replayed(first, scrip.grant(account, "10", "g1", clock=NEXT_DAY, **body))
    scrip.sweep(NEXT_DAY)
    scrip.cold()
    replayed(first, scrip.grant(account, "10", "g1", clock=NEXT_DAY, **body))
    assert [entry["kind"] for entry in scrip.entries(account)] == ["grant", "expiry"]


def test_a_grant_that_began_later_is_replayed_after_it_began(scrip: Deployment, account: str) -> None:
    body = {"effective_at": "2030-01-01T12:00:00.000Z"}
    first = scrip.grant(account, "10", "g1", clock=NEW_YEAR, **body)
    replayed(first, scrip.grant(account, "10", "g1", clock=NEXT_DAY, **body))
    assert first.body["lot"]["status"] == "pending"


def test_a_request_is_replayed_whatever_the_test_clock_says(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEXT_DAY)
    first = scrip.burn(account, "1", "b1", clock=NEXT_DAY)
    replayed(first, scrip.burn(account, "1", "b1", clock=NEW_YEAR))
    replayed(first, scrip.burn(account, "1", "b1", clock="2031-01-01T00:00:00Z"))


def test_a_request_is_replayed_from_a_wallet_that_was_closed_since(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    first = scrip.burn(account, "10", "b1")
    scrip.set_status(account, "closed")
    replayed(first, scrip.burn(account, "10", "b1"))


def test_a_burn_is_replayed_from_a_wallet_that_has_nothing_left(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    first = scrip.burn(account, "10", "b1")
    replayed(first, scrip.burn(account, "10", "b1"))
    nothing = scrip.burn(account, "10", "b2", mode="up_to")
    scrip.grant(account, "10")
    replayed(nothing, scrip.burn(account, "10", "b2", mode="up_to"))
    assert scrip.balance(account)["total"] == "10"


def test_a_refusal_is_not_remembered(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    refused(scrip.burn(account, "30", "b1"), 402, "insufficient_credits")
    refused(scrip.burn(account, "30", "b1"), 402, "insufficient_credits")
    scrip.grant(account, "90")
    first = scrip.burn(account, "30", "b1")
    assert (first.status, first.replayed, first.balance["total"]) == (201, False, "70")
    replayed(first, scrip.burn(account, "30", "b1"))


def test_a_key_that_was_refused_may_carry_another_request(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    refused(scrip.burn(account, "30", "b1"), 402, "insufficient_credits")
    assert scrip.burn(account, "5", "b1").status == 201


SAME: list[tuple[str, dict[str, Any]]] = [
    ("the default unit is named", {"unit": "credits"}),
    ("10 is written 10.0", {"amount": "10.0"}),
    ("10 is written 10.000000", {"amount": "10.000000"}),
    ("the default mode is named", {"mode": "exact"}),
    ("nothing is said of a reference", {"reference": None}),
    ("nothing is said of a reason", {"reason": None}),
]


@pytest.mark.parametrize(("_", "change"), SAME, ids=[row[0] for row in SAME])
def test_it_is_the_same_request_where(
    scrip: Deployment, account: str, _: str, change: dict[str, Any]
) -> None:
    scrip.grant(account, "100")
    first = scrip.burn(account, "10", "b1", metadata={"a": "1", "b": "2"})
    path, body = f"/v1/accounts/{account}/burns", {"amount": "10", "metadata": {"a": "1", "b": "2"}, **change}
    replayed(first, scrip.post(path, body, key="b1"))
    assert scrip.balance(account)["total"] == "90"


def test_it_is_the_same_request_whatever_the_order_of_its_members_and_its_white_space(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100")
    first = scrip.burn(account, "10", "b1", metadata={"a": "1", "b": "2"}, reason="r")
    raw = ' { "reason" : "\\u0072", "metadata":{"b":"2","a":"1"},\n"amount":"10" } '
    path = f"/v1/accounts/{account}/burns"
    replayed(first, scrip.send("POST", path, raw=raw, key="b1"))
    replayed(
        first, scrip.send("POST", path, raw=raw, key="b1", content_type="application/json; charset=utf-8")
    )


OTHER: list[tuple[str, dict[str, Any]]] = [
    ("another amount", {"amount": "11"}),
    ("another mode", {"mode": "up_to"}),
    ("a reason", {"reason": "r"}),
    ("a reference", {"reference": {"type": "job", "id": "1"}}),
    ("other metadata", {"metadata": {"a": "2"}}),
    ("more metadata", {"metadata": {"a": "1", "b": "2"}}),
    ("no metadata", {"metadata": {}}),
]


@pytest.mark.parametrize(("_", "change"), OTHER, ids=[row[0] for row in OTHER])
def test_a_key_is_refused_to_a_burn_with(
    scrip: Deployment, account: str, _: str, change: dict[str, Any]
) -> None:
    scrip.grant(account, "100")
    first = scrip.burn(account, "10", "b1", metadata={"a": "1"}).body["entry"]
    before = scrip.wallet(account)
    path, body = f"/v1/accounts/{account}/burns", {"amount": "10", "metadata": {"a": "1"}, **change}
    for _try in range(2):
        answer = scrip.post(path, body, key="b1")
        refused(answer, 422, "idempotency_key_reused", entry_id=first["entry_id"], kind="burn")
    assert scrip.wallet(account) == before


GRANTS: list[tuple[str, dict[str, Any]]] = [
    ("another kind", {"kind": "compensation"}),
    ("another priority", {"priority": 51}),
    ("an expiry", {"expires_in": "P1D"}),
    ("another instant of expiry", {"expires_at": "2099-01-01T00:00:00Z"}),
    ("a beginning", {"effective_at": "2099-01-01T00:00:00Z"}),
]


@pytest.mark.parametrize(("_", "change"), GRANTS, ids=[row[0] for row in GRANTS])
def test_a_key_is_refused_to_a_grant_with(
    scrip: Deployment, account: str, _: str, change: dict[str, Any]
) -> None:
    scrip.grant(account, "10", "g1")
    answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "10", **change}, key="g1")
    refused(answer, 422, "idempotency_key_reused")
    assert scrip.balance(account)["total"] == "10"


def test_a_key_is_one_over_all_operations_of_a_wallet(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", "k")
    refused(scrip.burn(account, "10", "k"), 422, "idempotency_key_reused")
    scrip.burn(account, "1", "l")
    answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1"}, key="l")
    refused(answer, 422, "idempotency_key_reused")


def test_a_key_belongs_to_one_wallet(scrip: Deployment, account: str) -> None:
    scrip.put("/v1/units/images", {"precision": 0})
    scrip.grant(account, "10", "k")
    assert not scrip.grant(f"{account}-b", "10", "k").replayed
    assert not scrip.grant(account, "10", "k", unit="images").replayed


def test_what_is_not_valid_is_refused_before_the_key_is_looked_at(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", "k")
    path = f"/v1/accounts/{account}/grants"
    invalid(scrip.post(path, {"amount": "-10"}, key="k"), "amount")
    refused(scrip.post(path, {"amount": "0.0000001"}, key="k"), 422, "precision_exceeded")
    refused(scrip.post(path, {"amount": "1000000000000000000001"}, key="k"), 422, "amount_out_of_range")


@pytest.mark.parametrize("path", ["grants", "burns"])
def test_a_movement_without_a_key_is_refused(scrip: Deployment, account: str, path: str) -> None:
    answer = scrip.post(f"/v1/accounts/{account}/{path}", {"amount": "1"})
    refused(answer, 400, "idempotency_key_missing")
    assert scrip.wallet(account) == []


@pytest.mark.parametrize("key", ["x", "x" * 255, '~!@#$%^&*()_+{}|:"<>?', "a b", "0"])
def test_any_printable_ascii_is_a_key(scrip: Deployment, account: str, key: str) -> None:
    first = scrip.grant(account, "1", key)
    replayed(first, scrip.grant(account, "1", key))


@pytest.mark.parametrize(
    "key",
    ["", " ", "x" * 256, "ä", "日本", "a\x00b", "a\nb", "a\tb", "\x7f", "\ud800", "x" * 10**5],
    ids=lambda key: f"{len(key)}-{ascii(key)[:12]}",
)
def test_anything_else_is_none(scrip: Deployment, account: str, key: str) -> None:
    answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1"}, key=key)
    invalid(answer, "Idempotency-Key")
    assert scrip.wallet(account) == []


def test_keys_that_differ_in_case_are_two(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1", "k")
    assert not scrip.grant(account, "1", "K").replayed
    assert scrip.balance(account)["total"] == "2"


def test_header_names_have_no_case(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/grants"
    headers = {"Idempotency-KEY": "k", "Content-Type": "application/json"}
    first = scrip.send("POST", path, raw='{"amount":"1"}', headers=headers, content_type=None)
    replayed(first, scrip.grant(account, "1", "k"))
