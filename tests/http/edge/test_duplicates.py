"""A body that says two things at once is refused by the member that comes twice, at any depth, and changes nothing."""

from __future__ import annotations

import base64

import pytest

from tests.aws import Deployment
from tests.http.contract import invalid

pytestmark = pytest.mark.usefixtures("in_memory")

A = "/v1/accounts/acme"
MONEY = '{"amount":1,"currency":"USD"}'
# ruff: noqa: E501 - one row is one line
TWICE: list[tuple[str, str, list[str]]] = [
    (f"POST {A}/burns", '{"amount":"1","amount":"60"}', ["amount"]),
    (f"POST {A}/burns", '{"amount":"1","amount":"1"}', ["amount"]),
    (f"POST {A}/burns", '{"amount":"1","am\\u006funt":"60"}', ["amount"]),
    (f"POST {A}/burns", '{"amount":"1","reason":null,"reason":"x"}', ["reason"]),
    (f"POST {A}/burns", '{"unit":"credits","unit":"images","amount":"1","amount":"2"}', ["amount", "unit"]),
    (f"POST {A}/burns", '{"amount":"1","metadata":{"a":"1","a":"2"}}', ["metadata.a"]),
    (f"POST {A}/burns", '{"meter":"m","quantity":1,"dimensions":{"size":"s","size":"l"}}', ["dimensions.size"]),
    (f"POST {A}/burns", '{"amount":"1","reference":{"type":"a","id":"1","id":"2"}}', ["reference.id"]),
    (f"POST {A}/burns/batch", '{"burns":[{"key":"a","amount":"1"},{"key":"b","key":"c","amount":"1"}]}', ["burns.1.key"]),
    (f"POST {A}/burns/batch", '{"burns":[],"burns":[{"key":"a","amount":"1"}]}', ["burns"]),
    (f"POST {A}/quotes", '{"amount":"1","amount":"2"}', ["amount"]),
    (f"POST {A}/holds", '{"amount":"1","expires_in":"PT1M","expires_in":"P7D"}', ["expires_in"]),
    (f"POST {A}/holds/hold_2/capture", '{"final":true,"final":false}', ["final"]),
    (f"POST {A}/holds/hold_2/release", '{"reason":"a","reason":"b"}', ["reason"]),
    (f"POST {A}/lots/lot_1/void", '{"amount":"1","amount":"2"}', ["amount"]),
    (f"POST {A}/burns/k.x/reversal", '{"amount":"1","amount":"2"}', ["amount"]),
    (f"POST {A}/grants", f'{{"amount":"1","kind":"paid","cost_basis":{MONEY},"cost_basis":null}}', ["cost_basis"]),
    (f"POST {A}/grants", '{"amount":"1","kind":"paid","cost_basis":{"amount":1,"amount":2,"currency":"USD"}}', ["cost_basis.amount"]),
    (f"POST {A}/refunds", f'{{"source":{{"type":"invoice","id":"1"}},"value":{MONEY},"paid":{MONEY},"paid":{MONEY}}}', ["paid"]),
    (f"POST {A}/transfers", '{"to_account":"a","to_account":"b","amount":"1"}', ["to_account"]),
    (f"POST {A}/redemptions", '{"code":"A","code":"B"}', ["code"]),
    (f"POST {A}/freeze", '{"unit":"credits","unit":"images"}', ["unit"]),
    (f"PUT {A}/allowances/a", '{"amount":"1","every":"P1M","every":"P1D"}', ["every"]),
    ("POST /v1/compensations", '{"incident":"i","amount":"1","accounts":[{"account":"a","account":"b"}]}', ["accounts.0.account"]),
    ("PUT /v1/units/images", '{"precision":0,"policy":{"overdraft_limit":"0","overdraft_limit":"9"}}', ["policy.overdraft_limit"]),
    ("PUT /v1/packs/p", f'{{"credits":"1","price":{MONEY},"bonus":[{{"from_quantity":1,"from_quantity":2,"credits":"1"}}]}}', ["bonus.0.from_quantity"]),
    ("PUT /v1/rates/m", '{"price":{"model":"per_unit","credits":"1","credits":"2"}}', ["price.credits"]),
    ("PUT /v1/promotions/P", '{"amount":"1","amount":"2"}', ["amount"]),
    ("POST /v1/topups", '{"account":"a","pack":"p","pack":"q","provider":"dodo","return_url":"https://a.test","accept_terms":true}', ["pack"]),
    ("POST /v1/keys", '{"scope":"read","scope":"admin"}', ["scope"]),
    ("POST /v1/payments/dodo/p/refunds", '{"amount":1,"amount":2,"as":"money"}', ["amount"]),
]  # fmt: skip


@pytest.mark.parametrize(("route", "raw", "fields"), TWICE, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("binary", [False, True], ids=["text", "base64"])
def test_a_member_that_comes_twice_is_named(
    scrip: Deployment, route: str, raw: str, fields: list[str], binary: bool
) -> None:
    """A library that takes the first and one that takes the last would burn 1 and 60 of the same body."""
    method, _, path = route.partition(" ")
    text = base64.b64encode(raw.encode()).decode() if binary else raw
    with scrip.unwritten():
        answer = scrip.send(method, path, raw=text, base64_encoded=binary, key="k")
    invalid(answer, *fields)
    assert {error["message"] for error in answer.body["errors"]} == {"comes twice: send it once"}


def test_what_comes_once_in_each_of_two_objects_is_no_mistake(scrip: Deployment, account: str) -> None:
    body = {
        "amount": "1",
        "metadata": {"amount": "2", "a": "x", "A": "y"},
        "reference": {"type": "a", "id": "a"},
    }
    assert scrip.post(f"/v1/accounts/{account}/grants", body, key="k").status == 201


def test_many_that_come_twice_have_a_short_answer(scrip: Deployment) -> None:
    many = ",".join(f'"{number:x}":1,"{number:x}":2' for number in range(10_000))
    answer = scrip.send("POST", f"{A}/burns", raw=f"{{{many}}}", key="k")
    assert answer.status == 400
    assert len(answer.body["errors"]) == 20
    assert (
        len(scrip.send("POST", f"{A}/burns", raw=f'{{"{"x" * 99_999}":1,"{"x" * 99_999}":1}}', key="k").text)
        < 1000
    )
