"""How long credits live, at every door that says it: a duration by a zone's calendar, for ever by a null that is said,
and by the unit's policy where nothing is (law 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment, short
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]
USD = {"amount": 500, "currency": "USD"}
Send = Callable[[Deployment, str, str, Json], Answer]


def by_grant(scrip: Deployment, account: str, unit: str, said: Json) -> Answer:
    return scrip.post(
        f"/v1/accounts/{account}/grants",
        {"amount": "10", "unit": unit, **said},
        key="k1",
        clock=NEW_YEAR,
    )


def by_adjustment(scrip: Deployment, account: str, unit: str, said: Json) -> Answer:
    body = {"direction": "credit", "amount": "10", "reason": "miscounted", "unit": unit, **said}
    return scrip.post(f"/v1/accounts/{account}/adjustments", body, key="k1", clock=NEW_YEAR)


def by_refund(scrip: Deployment, account: str, unit: str, said: Json) -> Answer:
    body = {"source": {"type": "invoice", "id": account}, "value": USD, "paid": USD, "unit": unit, **said}
    return scrip.post(f"/v1/accounts/{account}/refunds", body, key="k1", clock=NEW_YEAR)


def by_compensation(scrip: Deployment, account: str, unit: str, said: Json) -> Answer:
    body = {"incident": f"i-{account}", "amount": "10", "unit": unit, "accounts": [{"account": account}]}
    return scrip.post("/v1/compensations", {**body, **said}, clock=NEW_YEAR)


def by_promotion(scrip: Deployment, account: str, unit: str, said: Json) -> Answer:
    put = scrip.put(f"/v1/promotions/{unit}", {"amount": "10", "unit": unit, **said})
    if put.status >= 400:
        return put
    return scrip.post(f"/v1/accounts/{account}/redemptions", {"code": unit}, key="k1", clock=NEW_YEAR)


DOORS: list[Send] = [by_grant, by_adjustment, by_refund, by_compensation, by_promotion]
SAID: list[tuple[str, Json, str | None]] = [
    # what is said; when the credits end. The unit's own: 30 days, to the end of the month in Kathmandu
    ("nothing", {}, "2030-01-31T18:15:00.000Z"),
    ("a null", {"expires_in": None}, None),
    ("a duration", {"expires_in": "P10D"}, "2030-01-11T00:00:00.000Z"),
    ("to a day's end", {"expires_in": "P10D", "end_of": "day"}, "2030-01-11T00:00:00.000Z"),
    (
        "to a day's end in New York",
        {"expires_in": "P10D", "end_of": "day", "time_zone": "America/New_York"},
        "2030-01-11T05:00:00.000Z",
    ),
    (
        "a month in Auckland",
        {"expires_in": "P2M", "time_zone": "Pacific/Auckland"},
        "2030-03-01T00:00:00.000Z",
    ),
    (
        "to a month's end in Auckland",
        {"expires_in": "PT1H", "end_of": "month", "time_zone": "Pacific/Auckland"},
        "2030-01-31T11:00:00.000Z",
    ),
]


def kathmandu(scrip: Deployment, account: str, **more: Any) -> str:
    """A unit of the account's own, whose credits live for 30 days and on to the end of that month in Kathmandu."""
    policy = {"default_expires_in": "P30D", "time_zone": "Asia/Kathmandu", "end_of": "month", **more}
    assert scrip.put(f"/v1/units/u-{account}", {"precision": 2, "policy": policy}).status == 201
    return f"u-{account}"


@pytest.mark.parametrize("send", DOORS)
@pytest.mark.parametrize(("_", "said", "end"), SAID, ids=[row[0].replace(" ", "-") for row in SAID])
def test_credits_end(
    scrip: Deployment, account: str, send: Send, _: str, said: Json, end: str | None
) -> None:
    """Now is midnight of New Year: in Kathmandu a quarter to six; 30 days later, the 31st there too."""
    unit = kathmandu(scrip, account)
    assert send(scrip, account, unit, said).status in (200, 201)
    (lot,) = scrip.lots(account, unit=unit)
    assert lot["expires_at"] == end


@pytest.mark.parametrize("said", [{"expires_at": None}, {"expires_at": None, "expires_in": None}], ids=str)
@pytest.mark.parametrize("send", [by_grant, by_adjustment, by_compensation])
def test_an_instant_that_is_said_to_be_null_is_never_too(
    scrip: Deployment, account: str, send: Send, said: Json
) -> None:
    unit = kathmandu(scrip, account)
    send(scrip, account, unit, said)
    assert scrip.lots(account, unit=unit)[0]["expires_at"] is None


def test_a_null_beside_an_end_says_nothing_more(scrip: Deployment, account: str) -> None:
    unit = kathmandu(scrip, account)
    answer = by_grant(scrip, account, unit, {"expires_at": None, "expires_in": "P1D"})
    assert answer.body["lot"]["expires_at"] == "2030-01-02T00:00:00.000Z"
    answer = scrip.grant(
        account, "1", unit=unit, expires_in=None, expires_at="2030-01-03T00:00:00.000Z", clock=NEW_YEAR
    )
    assert answer.body["lot"]["expires_at"] == "2030-01-03T00:00:00.000Z"


@pytest.mark.parametrize("send", [by_grant, by_adjustment, by_refund])
def test_never_and_nothing_are_two_requests(scrip: Deployment, account: str, send: Send) -> None:
    """Law 3: the same key with the other is another request; with the same it is a replay."""
    unit = kathmandu(scrip, account)
    first = send(scrip, account, unit, {"expires_in": None})
    again = send(scrip, account, unit, {"expires_in": None})
    assert (again.status, again.headers["idempotent-replay"], again.body) == (201, "true", first.body)
    refused(send(scrip, account, unit, {}), 422, "idempotency_key_reused")
    refused(send(scrip, account, unit, {"expires_in": "P1D"}), 422, "idempotency_key_reused")


def test_a_default_that_is_said_is_the_same_request(scrip: Deployment, account: str) -> None:
    unit = kathmandu(scrip, account)
    by_grant(scrip, account, unit, {"expires_in": "P1D"})
    again = by_grant(scrip, account, unit, {"expires_in": "P1D", "time_zone": "UTC", "end_of": None})
    assert again.headers["idempotent-replay"] == "true"


@pytest.mark.parametrize("send", DOORS)
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"end_of": "day"}, "end_of"),
        ({"time_zone": "UTC"}, "time_zone"),
        ({"expires_in": None, "end_of": "month"}, "end_of"),
        ({"expires_in": "P1D", "end_of": "week"}, "end_of"),
        ({"expires_in": "P1D", "time_zone": "Mars/Base"}, "time_zone"),
        ({"expires_in": "P1D", "time_zone": None}, "time_zone"),
        ({"expires_in": "P0D"}, "expires_in"),
    ],
    ids=str,
)
def test_a_lifetime_is_refused(scrip: Deployment, account: str, send: Send, said: Json, field: str) -> None:
    unit = kathmandu(scrip, account)
    invalid(send(scrip, account, unit, said), field)
    assert scrip.wallet(account, unit) == []


def test_at_an_inclusive_boundary_a_day_ends_with_its_last_millisecond(
    scrip: Deployment, account: str
) -> None:
    """Law 5: the lot lives at what it shows, and no more at midnight."""
    unit = kathmandu(scrip, account, expiry_boundary="inclusive")
    scrip.grant(account, "10", unit=unit, expires_in="P10D", end_of="month", clock=NEW_YEAR)
    (lot,) = scrip.lots(account, unit=unit)
    assert lot["expires_at"] == "2030-01-31T23:59:59.999Z"
    seen = [
        scrip.balance(account, query={"unit": unit}, clock=clock)["available"]
        for clock in ("2030-01-31T23:59:59.999Z", "2030-02-01T00:00:00.000Z")
    ]
    assert seen == ["10", "0"]


@pytest.mark.parametrize("body", [{"amount": "1", "expires_in": None}], ids=["null"])
def test_a_hold_always_has_an_end(scrip: Deployment, account: str, body: Json) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/holds"
    invalid(scrip.post(path, body, key="h1", clock=NEW_YEAR), "expires_in")
    held = scrip.post(path, {"amount": "1"}, key="h1", clock=NEW_YEAR).body["hold"]["hold_id"]
    invalid(scrip.post(f"{path}/{held}/extend", {"expires_in": None}, key="h2", clock=NEW_YEAR), "expires_in")


def test_what_was_granted_keeps_its_end_when_the_units_default_changes(
    scrip: Deployment, account: str
) -> None:
    """Law 10."""
    unit = kathmandu(scrip, account)
    by_grant(scrip, account, unit, {})
    scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": {}})
    scrip.cold()
    assert scrip.lots(account, unit=unit)[0]["expires_at"] == "2030-01-31T18:15:00.000Z"


def test_a_promotion_says_whether_its_credits_never_expire(scrip: Deployment, account: str) -> None:
    path = f"/v1/promotions/{account}"
    told = [
        scrip.put(path, {"amount": "1", **said}).body
        for said in ({}, {"expires_in": None}, {"expires_in": "P1D"})
    ]
    assert [(one["expires_in"], one["never_expires"], one["version"]) for one in told] == [
        (None, False, 1),
        (None, True, 2),
        ("P1D", False, 3),
    ]


def test_promotional_credits_pay_for_nothing_where_their_share_is_nothing(
    scrip: Deployment, account: str
) -> None:
    """5 paid and 10 promotional: of both, 5 can be burned, and 10 are withheld."""
    unit = kathmandu(scrip, account, promotional_share_max="0")
    scrip.grant(account, "10", unit=unit, clock=NEW_YEAR)
    scrip.grant(account, "5", kind="paid", cost_basis=USD, unit=unit, clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/burns"
    answer = scrip.post(path, {"amount": "5.01", "unit": unit}, key="b1", clock=NEW_YEAR)
    refused(answer, 402, "insufficient_credits")
    assert (answer.body["available"], answer.body["withheld"]) == ("5", "10")
    burned = scrip.post(path, {"amount": "5", "unit": unit}, key="b1", clock=NEW_YEAR).body["entry"]["draws"]
    assert [(short(draw["lot_id"]), draw["amount"]) for draw in burned] == [("lot_2", "5")]
