"""Another end for a lot: what is answered, and every refusal in its documented order; laws 3, 5 and 10."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Answer, Deployment, Key, lot_of
from tests.http.contract import GRANT_ENTRY, MOVED_BALANCE, invalid, refused, whole_entry, whole_lot

pytestmark = pytest.mark.usefixtures("in_memory")

DAY_1, DAY_2, DAY_3, DAY_9 = (f"2030-01-0{day}T00:00:00.000Z" for day in (1, 2, 3, 9))
GRANT = Key("grant")
USD = {"amount": 1000, "currency": "USD"}


def change(scrip: Deployment, account: str, key: str = "e1", number: int = 1, **body: Any) -> Answer:
    request = {name: body.pop(name) for name in ("clock", "caller", "headers") if name in body}
    request.setdefault("clock", DAY_1)
    path = f"/v1/accounts/{account}/lots/{lot_of(account, number)}/expiry"
    if request.get("caller") == GRANT:
        del request["clock"]
    return scrip.post(path, body, key=key, **request)


def given(scrip: Deployment, account: str, end: str | None = DAY_3, **more: Any) -> None:
    assert scrip.grant(account, "10", "g", expires_at=end, clock=DAY_1, **more).status == 201


def test_a_later_end_is_answered_with_the_entry_and_the_lot(scrip: Deployment, account: str) -> None:
    given(scrip, account, DAY_2)
    answer = change(scrip, account, expires_at="2030-01-03T02:00:00+02:00", reason="outage")
    assert answer.status == 201
    entry, lot = answer.body["entry"], answer.body["lot"]
    whole_entry(entry, GRANT_ENTRY | {"expiry"})
    whole_lot(lot)
    assert set(answer.balance) == MOVED_BALANCE
    assert (entry["kind"], entry["amount"], entry["draws"]) == ("expiry_change", "0", [])
    assert (entry["lot_id"], entry["reason"]) == (lot["lot_id"], "outage")
    assert entry["expiry"] == {"before": DAY_2, "after": DAY_3}
    assert (lot["expires_at"], lot["remaining"], lot["status"]) == (DAY_3, "10", "open")
    assert scrip.balance(account, clock="2030-01-02T23:59:59.999Z")["available"] == "10"
    assert scrip.balance(account, clock=DAY_3)["available"] == "0"
    scrip.sound(account)


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ({"expires_in": "P2D"}, DAY_3),
        ({"never": True}, None),
        ({"expires_at": None}, None),
        ({"expires_in": None}, None),
    ],
)
def test_each_way_to_say_an_end(
    scrip: Deployment, account: str, body: dict[str, Any], end: str | None
) -> None:
    given(scrip, account, DAY_2)
    answer = change(scrip, account, **body)
    assert (answer.status, answer.body["lot"]["expires_at"]) == (201, end)


def test_the_same_key_is_answered_the_same_also_when_the_end_has_passed(
    scrip: Deployment, account: str
) -> None:
    given(scrip, account, DAY_2)
    first = change(scrip, account, expires_at=DAY_3)
    again = change(scrip, account, expires_at=DAY_3, clock=DAY_9)
    assert (again.replayed, again.text) == (True, first.text)
    refused(change(scrip, account, expires_at=DAY_9), 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"never": False},
        {"never": None},
        {"never": True, "expires_in": "P1D"},
        {"expires_at": DAY_3, "expires_in": "P1D"},
        {"expires_at": DAY_1},
        {"expires_at": "2029-01-01T00:00:00Z"},
        {"expires_in": "P0D"},
        {"expires_at": DAY_3, "amount": "1"},
        {"expires_at": DAY_3, "force": "yes"},
    ],
)
def test_what_says_no_end_is_invalid(scrip: Deployment, account: str, body: dict[str, Any]) -> None:
    given(scrip, account)
    answer = change(scrip, account, **body)
    assert (answer.status, answer.code) == (400, "invalid_request"), answer.text


def test_an_earlier_end_needs_admin_and_a_paid_lot_force(scrip: Deployment, account: str) -> None:
    given(scrip, account, DAY_9, kind="paid", cost_basis=USD)
    refused(change(scrip, account, expires_at=DAY_3, caller=GRANT), 403, "forbidden", scope="admin")
    refused(change(scrip, account, expires_at=DAY_3), 422, "policy_violation", policy="paid_lot")
    assert change(scrip, account, expires_at=DAY_3, force=True).status == 201


def test_an_end_for_a_lot_that_had_none_is_earlier(scrip: Deployment, account: str) -> None:
    given(scrip, account, None)
    refused(change(scrip, account, expires_at=DAY_3, caller=GRANT), 403, "forbidden", scope="admin")
    assert change(scrip, account, expires_at=DAY_3).status == 201


def test_a_later_end_needs_no_admin(scrip: Deployment, account: str) -> None:
    given(scrip, account, DAY_3)
    assert change(scrip, account, never=True, caller=GRANT).status == 201


def test_of_several_refusals_the_first_documented_one_is_given(scrip: Deployment, account: str) -> None:
    """403 before 400 before 404 before 409 before 422."""
    given(scrip, account, DAY_9, kind="paid", cost_basis=USD)
    assert change(scrip, account, caller=Key("burn"), clock=None).code == "forbidden"
    unknown = change(scrip, account, expires_at=DAY_1, caller=GRANT, number=7)
    refused(unknown, 404, "not_found", lot_id=lot_of(account, 7))
    invalid(change(scrip, account, expires_at=DAY_1), "expires_at")
    early = change(scrip, account, expires_at=DAY_3, clock="2029-01-01T00:00:00Z")
    refused(early, 422, "clock_backwards", last_entry_at=DAY_1)
    path = f"/v1/accounts/{account}/lots/{lot_of(account, 1)}/expiry"
    assert scrip.post(path, {"expires_at": DAY_3}).code == "idempotency_key_missing"


def test_what_has_expired_is_not_open(scrip: Deployment, account: str) -> None:
    given(scrip, account, DAY_2)
    answer = change(scrip, account, expires_at=DAY_9, clock=DAY_2)
    refused(answer, 409, "lot_not_open", lot_id=lot_of(account, 1))


def test_a_lot_of_another_account_or_unit_is_not_found(scrip: Deployment, account: str) -> None:
    """Law 3."""
    given(scrip, account, DAY_2)
    path = f"/v1/accounts/other-{account}/lots/{lot_of(account, 1)}/expiry"
    assert scrip.post(path, {"never": True}, key="e").code == "not_found"
    assert change(scrip, account, never=True, unit="images").code == "not_found"


def test_the_explanation_shows_the_change_and_proves_the_balance(scrip: Deployment, account: str) -> None:
    given(scrip, account, DAY_2)
    changed = change(scrip, account, expires_at=DAY_3).body["entry"]["entry_id"]
    explained = scrip.get(f"/v1/accounts/{account}/explain", clock=DAY_2).body
    (lot,) = explained["lots"]
    assert (lot["expires_at"], lot["entries"][-1]) == (DAY_3, changed)
    assert explained["proof"]["agrees"]
    assert explained["changes"][0]["entries"][-1] == changed
