"""One incident, many accounts: each is compensated once, however often and by whomever it is asked for (law 3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Context, Deployment, Key
from tests.http.contract import GRANT_ENTRY, invalid, refused, whole_entry

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]


@pytest.fixture
def incident(account: str) -> str:
    """An incident that nobody was compensated for."""
    return f"outage-{account}"


@pytest.fixture
def accounts(account: str) -> list[str]:
    return [f"{account}-{letter}" for letter in "abcde"]


def compensate(
    scrip: Deployment, incident: str, accounts: list[str], amount: str | None = "5", **body: Any
) -> Answer:
    request = {name: body.pop(name) for name in ("clock", "caller", "context") if name in body}
    said: Json = {"incident": incident, "accounts": [{"account": name} for name in accounts], **body}
    if amount is not None:
        said["amount"] = amount
    return scrip.post("/v1/compensations", said, **request)


def statuses(answer: Answer) -> list[int]:
    return [item["status"] for item in answer.body["items"]]


def test_each_account_of_an_incident_gets_its_credits(
    scrip: Deployment, incident: str, accounts: list[str]
) -> None:
    answer = compensate(
        scrip,
        incident,
        accounts,
        clock=NEW_YEAR,
        expires_in="P1D",
        priority=2,
        reason="outage",
        reference={"type": "incident", "id": "7"},
        metadata={"by": "ann"},
    )
    assert answer.status == 200
    assert set(answer.body) == {"incident", "unit", "items", "compensated", "left"}
    assert (answer.body["incident"], answer.body["unit"]) == (incident, "credits")
    assert (answer.body["compensated"], answer.body["left"]) == (5, 0)
    assert [item["account"] for item in answer.body["items"]] == accounts
    for item in answer.body["items"]:
        assert set(item) == {"account", "status", "replayed", "entry"}
        assert (item["status"], item["replayed"]) == (201, False)
        whole_entry(item["entry"], GRANT_ENTRY | {"incident"})
        assert item["entry"]["incident"] == answer.body["incident"]
        assert (item["entry"]["amount"], item["entry"]["reason"]) == ("5", "outage")
        (lot,) = scrip.lots(item["account"])
        assert (lot["kind"], lot["priority"], lot["expires_at"]) == ("compensation", 2, NEXT_DAY)
        assert (lot["cost_basis"], lot["source"]) == (None, {"type": "incident", "id": "7"})


def test_the_same_again_compensates_nobody_twice(
    scrip: Deployment, incident: str, accounts: list[str]
) -> None:
    first = compensate(scrip, incident, accounts)
    scrip.cold()
    again = compensate(scrip, incident, accounts)
    assert [item["replayed"] for item in again.body["items"]] == [True] * 5
    assert [item["entry"] for item in again.body["items"]] == [item["entry"] for item in first.body["items"]]
    assert (again.body["compensated"], again.body["left"]) == (5, 0)
    assert [scrip.balance(name)["total"] for name in accounts] == ["5"] * 5


def test_more_accounts_of_a_known_incident_are_compensated_beside_the_others(
    scrip: Deployment, incident: str, accounts: list[str]
) -> None:
    compensate(scrip, incident, accounts[:2])
    answer = compensate(scrip, incident, accounts)
    assert [item["replayed"] for item in answer.body["items"]] == [True, True, False, False, False]
    assert [scrip.balance(name)["total"] for name in accounts] == ["5"] * 5


def test_another_incident_compensates_again(scrip: Deployment, incident: str, accounts: list[str]) -> None:
    compensate(scrip, incident, accounts)
    compensate(scrip, f"{incident}-2", accounts)
    assert scrip.balance(accounts[0])["total"] == "10"


def test_each_account_may_have_an_amount_of_its_own(
    scrip: Deployment, incident: str, accounts: list[str]
) -> None:
    items = [{"account": accounts[0], "amount": "1.5"}, {"account": accounts[1]}]
    body = {"incident": incident, "amount": "2", "accounts": items}
    assert statuses(scrip.post("/v1/compensations", body)) == [201, 201]
    assert [scrip.balance(name)["total"] for name in accounts[:2]] == ["1.5", "2"]


def test_an_incident_in_another_unit_is_of_other_wallets(
    scrip: Deployment, incident: str, accounts: list[str]
) -> None:
    unit = f"unit-{incident}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0})
    compensate(scrip, incident, accounts)
    answer = compensate(scrip, incident, accounts, "7", unit=unit)
    assert (answer.body["unit"], statuses(answer)) == (unit, [201] * 5)


CHANGES: list[tuple[str, Json]] = [
    ("amount", {"amount": "6"}),
    ("priority", {"priority": 3}),
    ("expiry", {"expires_in": "P1D"}),
    ("scope", {"scope": ["images"]}),
    ("reason", {"reason": "another"}),
]


@pytest.mark.parametrize(("_", "change"), CHANGES, ids=[row[0] for row in CHANGES])
def test_an_incident_gives_an_account_one_thing(
    scrip: Deployment, incident: str, accounts: list[str], _: str, change: Json
) -> None:
    """Those it has not reached yet get the other."""
    compensate(scrip, incident, accounts[:1])
    answer = compensate(scrip, incident, accounts[:2], **{"amount": "5", **change})
    assert (answer.status, statuses(answer)) == (200, [422, 201])
    problem = answer.body["items"][0]["problem"]
    assert (problem["code"], problem["status"]) == ("idempotency_key_reused", 422)
    assert (answer.body["compensated"], answer.body["left"]) == (1, 1)
    assert scrip.balance(accounts[0])["total"] == "5"


def test_an_account_that_is_refused_does_not_keep_the_others(
    scrip: Deployment, incident: str, accounts: list[str]
) -> None:
    scrip.post(f"/v1/accounts/{accounts[1]}/close", {}, key="x")
    scrip.grant(accounts[2], "1" + "0" * 21)
    scrip.post(f"/v1/accounts/{accounts[3]}/freeze", {}, key="x")
    answer = compensate(scrip, incident, accounts)
    assert statuses(answer) == [201, 409, 422, 201, 201]
    assert [item["problem"]["code"] for item in answer.body["items"] if "problem" in item] == [
        "wallet_closed",
        "amount_out_of_range",
    ]
    assert (answer.body["compensated"], answer.body["left"]) == (3, 2)
    scrip.burn(accounts[2], "5")
    assert statuses(compensate(scrip, incident, accounts)) == [201, 409, 201, 201, 201]


def test_where_the_time_runs_out_the_rest_is_left_and_the_same_request_goes_on(
    scrip: Deployment, incident: str, accounts: list[str]
) -> None:
    """When it begins, and for the first two accounts, there is a minute left; later there are two seconds."""
    short = Context(60_000, 60_000, 60_000, *[2_000] * 20)
    answer = compensate(scrip, incident, accounts, context=short)
    assert answer.status == 200
    assert sorted(statuses(answer)) == [201, 201, 503, 503, 503]
    assert (answer.body["compensated"], answer.body["left"]) == (2, 3)
    assert {item["problem"]["code"] for item in answer.body["items"] if item["status"] == 503} == {
        "unavailable"
    }
    assert sum(scrip.balance(name)["total"] == "5" for name in accounts) == 2
    done = compensate(scrip, incident, accounts)
    assert (statuses(done), done.body["left"]) == ([201] * 5, 0)
    assert sum(item["replayed"] for item in done.body["items"]) == 2
    assert [scrip.balance(name)["total"] for name in accounts] == ["5"] * 5


def test_with_no_time_at_all_nothing_is_done(scrip: Deployment, incident: str, accounts: list[str]) -> None:
    answer = compensate(scrip, incident, accounts, context=Context(*[0] * 20))
    assert statuses(answer) == [503] * 5
    assert scrip.wallet(accounts[0]) == []


def test_five_hundred_accounts_fit_into_one_request_and_not_one_more(
    scrip: Deployment, incident: str, account: str
) -> None:
    many = [f"{account}-{number}" for number in range(501)]
    invalid(compensate(scrip, incident, many), "accounts")
    answer = compensate(scrip, incident, many[:500], context=Context(*[0] * 600))
    assert (answer.status, answer.body["left"]) == (200, 500)


def test_a_key_that_a_caller_chose_is_never_an_incidents(
    scrip: Deployment, incident: str, accounts: list[str]
) -> None:
    for key in (incident, f"compensation:{incident}"):
        scrip.grant(accounts[0], "1", key)
    assert statuses(compensate(scrip, incident, accounts[:1])) == [201]
    assert scrip.balance(accounts[0])["total"] == "7"


BAD: list[tuple[str, Json, list[str]]] = [
    ("no incident", {"incident": None}, ["incident"]),
    ("a name that is none", {"incident": "a b"}, ["incident"]),
    ("nobody", {"accounts": []}, ["accounts"]),
    ("somebody twice", {"accounts": [{"account": "a"}, {"account": "a"}]}, ["accounts.1.account"]),
    ("somebody without a name", {"accounts": [{"amount": "1"}]}, ["accounts.0.account"]),
    ("nothing", {"amount": "0"}, ["amount"]),
    ("no amount", {"amount": None}, ["accounts.0.amount"]),
    ("a cost", {"cost_basis": {"amount": 1, "currency": "USD"}}, ["cost_basis"]),
    ("two ends", {"expires_at": NEXT_DAY, "expires_in": "P1D"}, ["expires_in"]),
]


@pytest.mark.parametrize(("_", "change", "fields"), BAD, ids=[row[0].replace(" ", "-") for row in BAD])
def test_there_is_no_compensation_with(
    scrip: Deployment, incident: str, accounts: list[str], _: str, change: Json, fields: list[str]
) -> None:
    body: Json = {"incident": incident, "amount": "5", "accounts": [{"account": accounts[0]}], **change}
    answer = scrip.post(
        "/v1/compensations", {name: value for name, value in body.items() if value is not None}
    )
    invalid(answer, *fields)
    assert scrip.wallet(accounts[0]) == []


AMOUNTS: list[tuple[str, int, str]] = [
    ("0", 400, "invalid_request"),
    ("1.0000001", 422, "precision_exceeded"),
    ("9" * 28, 422, "amount_out_of_range"),
]


@pytest.mark.parametrize(("amount", "status", "code"), AMOUNTS)
def test_an_amount_that_no_account_can_have_is_refused_before_anybody_gets_any(
    scrip: Deployment, incident: str, accounts: list[str], amount: str, status: int, code: str
) -> None:
    refused(compensate(scrip, incident, accounts, amount), status, code)
    items = [{"account": accounts[0]}, {"account": accounts[1], "amount": amount}]
    answer = scrip.post("/v1/compensations", {"incident": incident, "amount": "1", "accounts": items})
    refused(answer, status, code)
    assert scrip.wallet(accounts[0]) == []


def test_an_unknown_unit_is_not_found(scrip: Deployment, incident: str, accounts: list[str]) -> None:
    refused(compensate(scrip, incident, accounts, unit="nowhere"), 404, "not_found", unit="nowhere")


@pytest.mark.parametrize("scope", ["read", "burn", "grant"])
def test_compensations_are_for_administrators(
    scrip: Deployment, incident: str, accounts: list[str], scope: str
) -> None:
    refused(compensate(scrip, incident, accounts, caller=Key(scope)), 403, "forbidden", scope="admin")


def test_incidents_are_listed_from_the_first_request_on(scrip: Deployment, account: str) -> None:
    """Once for each unit; the same request again, and one whose accounts are all refused, change nothing of it."""
    scrip.move(f"{account}.b", "close")
    body = {"incident": account, "amount": "5", "reason": "down", "accounts": [{"account": f"{account}.a"}]}
    assert scrip.post("/v1/compensations", body, clock="2030-01-01T00:00:00.000Z").status == 200
    refused_alone = {**body, "reason": "later", "accounts": [{"account": f"{account}.b"}]}
    scrip.post("/v1/compensations", refused_alone)
    listed = [one for one in _incidents(scrip) if one["incident"] == account]
    assert listed == [
        {
            "incident": account,
            "unit": "credits",
            "reason": "down",
            "actor": "key:k1",
            "actor_name": None,
            "at": "2030-01-01T00:00:00.000Z",
        }
    ]
    scrip.put(f"/v1/units/{account}", {"precision": 0})
    scrip.post("/v1/compensations", {**body, "unit": account})
    units = [one["unit"] for one in _incidents(scrip) if one["incident"] == account]
    assert units == sorted([account, "credits"])


def test_an_incident_that_is_refused_as_a_whole_is_not_listed(scrip: Deployment, account: str) -> None:
    body = {"incident": account, "amount": "0.1234567", "accounts": [{"account": account}]}
    assert scrip.post("/v1/compensations", body).status == 422
    assert scrip.post("/v1/compensations", {**body, "unit": f"{account}.none"}).status == 404
    assert account not in [one["incident"] for one in _incidents(scrip)]


def _incidents(scrip: Deployment) -> list[Any]:
    found: list[Any] = scrip.get("/v1/compensations", query={"limit": "1000"}).body["items"]
    return found
