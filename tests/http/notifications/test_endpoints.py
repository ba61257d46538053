"""Endpoints over the routes: what may be said of one, its secret, its rotation, its test, its life in the audit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, Deployment, Key
from tests.http.audit.test_changes import audit
from tests.http.contract import invalid, refused
from tests.http.notifications.conftest import Hook

URL = "https://hooks.example.com/scrip"
VIEW = {
    *("endpoint_id", "url", "types", "accounts", "enabled", "created_at", "disabled", "failing_since"),
    "previous_secret_ends_at",
}


def put(scrip: Deployment, endpoint_id: str, **body: Any) -> Any:
    return scrip.put(f"/v1/webhook-endpoints/{endpoint_id}", {"url": URL, "types": ["*"], **body})


def test_a_new_endpoint_is_shown_with_its_secret_once(scrip: Deployment, account: str) -> None:
    made = put(scrip, account, types=["scrip.balance.*", "scrip.lot.expiring"], accounts=["acme"])
    assert made.status == 201
    assert set(made.body) == VIEW | {"secret"}
    assert made.body["secret"].startswith("whsec_")
    assert len(made.body["secret"]) == len("whsec_") + 44
    seen = {name: value for name, value in made.body.items() if name != "secret"}
    again = put(scrip, account, types=["scrip.balance.*", "scrip.lot.expiring"], accounts=["acme"])
    assert (again.status, again.body) == (200, seen)
    assert scrip.get(f"/v1/webhook-endpoints/{account}").body == seen
    listed = scrip.get("/v1/webhook-endpoints").body["items"]
    assert [one for one in listed if one["endpoint_id"] == account] == [seen]
    assert made.body["secret"] not in str(scrip.dynamodb.scan(TableName="notifications"))


def test_a_deleted_endpoint_is_gone_and_one_of_its_name_is_new(scrip: Deployment, account: str) -> None:
    first = put(scrip, account).body["secret"]
    assert scrip.send("DELETE", f"/v1/webhook-endpoints/{account}").status == 204
    gone = scrip.get(f"/v1/webhook-endpoints/{account}")
    refused(gone, 404, "not_found", endpoint_id=account)
    refused(scrip.send("DELETE", f"/v1/webhook-endpoints/{account}"), 404, "not_found", endpoint_id=account)
    second = put(scrip, account)
    assert second.status == 201
    assert second.body["secret"] != first


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.example.com/", "ftp://hooks.example.com/", "hooks.example.com", "https://", "", "x"),
        *(
            "https://user@hooks.example.com/",
            "https://hooks.example.com/#part",
            "https://hooks.example.com:0/",
        ),
        *("https://127.0.0.1.nip.internal/", "https://printer.local/", "https://app.localhost/"),
        *("https://10.0.0.1/", "https://2852039166/", "https://0xa9fea9fe/", "https://0251.254.169.254/"),
        *(
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
        ),
        *("https://169.254.169.254/latest/meta-data", "https://metadata.google.internal./"),
        *("https://\uff11\uff10.0.0.1/", "https://0.0.0.0/", "https://127.1/", "http://127.1:8080/"),
        "https://hooks.example.com/" + "a" * 2048,
    ],
)
def test_a_url_that_may_not_be_called_is_refused_by_name(scrip: Deployment, account: str, url: str) -> None:
    invalid(put(scrip, account, url=url), "url")


def test_a_name_that_leads_to_a_private_address_is_refused_as_it_is_put(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrip.services.notifications import calls

    found = {"inside.example.com": ["93.184.216.34", "10.1.2.3"], "outside.example.com": ["93.184.216.34"]}
    monkeypatch.setattr(calls, "resolved", lambda host, _: found[host])
    invalid(put(scrip, account, url="https://inside.example.com/"), "url")
    assert put(scrip, account, url="https://outside.example.com/").status == 201


def test_this_machine_may_be_named_in_dev_alone(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in (
        "http://localhost:3000/x",
        "http://127.0.0.1:3000",
        "http://[::1]:3000/",
        "https://localhost/",
    ):
        assert put(scrip, account, url=url).status < 300
    monkeypatch.setenv("SCRIP_ENVIRONMENT", "prod")
    monkeypatch.setenv("SCRIP_TEST_CLOCK", "disabled")
    scrip.cold()
    for url in ("http://localhost:3000/x", "https://localhost/", "https://127.0.0.1/", "https://[::1]/"):
        invalid(put(scrip, account, url=url), "url")


@pytest.mark.parametrize(
    ("types", "field"),
    [
        ([], "types"),
        (["scrip.balance"], "types.0"),
        (["scrip.nothing.*"], "types.0"),
        (["scrip.entry.burn", "*.low"], "types.1"),
        (["scrip.*.low"], "types.0"),
        (["scrip.bal*"], "types.0"),
        (["**"], "types.0"),
        (["scrip.entry.burn.*"], "types.0"),
        (["SCRIP.balance.low"], "types.0"),
        ([""], "types.0"),
        (["*", "*"], "types"),
        (["*"] * 51, "types"),
    ],
)
def test_a_pattern_that_fits_no_type_is_refused(
    scrip: Deployment, account: str, types: list[str], field: str
) -> None:
    invalid(put(scrip, account, types=types), field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"accounts": []}, "accounts"),
        ({"accounts": ["a b"]}, "accounts.0"),
        ({"accounts": ["a", "a"]}, "accounts"),
        ({"enabled": "yes"}, "enabled"),
        ({"secret": "whsec_x"}, "secret"),
    ],
)
def test_what_else_is_wrong_is_refused_by_name(
    scrip: Deployment, account: str, body: dict[str, Any], field: str
) -> None:
    invalid(put(scrip, account, **body), field)


def test_only_an_admin_key_sees_endpoints(scrip: Deployment, account: str) -> None:
    put(scrip, account)
    for scope in ("read", "burn", "grant"):
        answer = scrip.get("/v1/webhook-endpoints", caller=Key(scope))
        refused(answer, 403, "forbidden", scope="admin")


def test_there_are_fifty_at_the_most(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrip.services.notifications import endpoints

    scrip.make_tables()
    monkeypatch.setattr(endpoints, "MOST_ENDPOINTS", 2)
    assert [put(scrip, f"{account}-{number}").status for number in range(2)] == [201, 201]
    refused(put(scrip, f"{account}-2"), 422, "policy_violation", policy="max_webhook_endpoints")
    assert put(scrip, f"{account}-1", enabled=False).status == 200


def test_a_rotated_secret_signs_beside_the_one_before_for_24_hours(hook: Hook) -> None:
    """Rotated at noon; an hour later both sign, and a day later the new one alone. Never more than two."""
    hook.put(clock="2030-01-01T12:00:00.000Z")
    first = hook.secret
    rotation = f"{hook.path}/rotation"
    made = hook.scrip.post(rotation, {}, clock="2030-01-01T12:00:00.000Z")
    assert made.status == 201
    second = made.body["secret"]
    assert second != first
    assert made.body["previous_secret_ends_at"] == "2030-01-02T12:00:00.000Z"

    def signed_by(at: str) -> list[str]:
        before = len(hook.receiver.received)
        hook.scrip.post(f"{hook.path}/test", {}, clock=at)
        assert hook.scrip.call() == []
        (one,) = hook.receiver.received[before:]
        good = []
        for name, secret in (("first", first), ("second", second)):
            try:
                one.verified(secret)
                good.append(name)
            except Exception:  # noqa: BLE001, S110 - the library's own
                pass
        signatures.append(len(one.headers["webhook-signature"].split(" ")))
        return good

    signatures: list[int] = []

    assert signed_by("2030-01-01T13:00:00.000Z") == ["first", "second"]
    assert signed_by("2030-01-02T11:59:59.999Z") == ["first", "second"]
    assert signed_by("2030-01-02T12:00:00.000Z") == ["second"]
    hook.scrip.post(rotation, {}, clock="2030-01-01T14:00:00.000Z")
    assert signed_by("2030-01-01T15:00:00.000Z") == ["second"], "and the newest, which is not tried here"
    assert signatures == [2, 2, 1, 2]


def test_a_rotation_under_one_idempotency_key_is_one_and_shown_to_its_caller_again(
    scrip: Deployment, account: str
) -> None:
    put(scrip, account)
    path = f"/v1/webhook-endpoints/{account}/rotation"
    mine = {"authorization": "Bearer scrip_mine"}
    first = scrip.post(path, {}, key=f"r-{account}", headers=mine)
    again = scrip.post(path, {}, key=f"r-{account}", headers=mine)
    assert (first.status, again.status, again.replayed) == (201, 201, True)
    assert first.body["secret"] == again.body["secret"]
    other = scrip.post(path, {}, key=f"r-{account}", headers={"authorization": "Bearer scrip_other"})
    assert other.body["secret"] is None
    put(scrip, f"{account}-b")
    reused = scrip.post(f"/v1/webhook-endpoints/{account}-b/rotation", {}, key=f"r-{account}", headers=mine)
    refused(reused, 422, "idempotency_key_reused")


def test_a_test_is_sent_whatever_the_types_say_and_though_nothing_else_is(hook: Hook) -> None:
    hook.put("scrip.lot.expiring", enabled=False)
    sent = hook.scrip.post(f"{hook.path}/test", {}, clock=NEW_YEAR)
    assert sent.status == 202
    assert hook.scrip.call() == []
    (one,) = hook.receiver.received
    assert one.verified(hook.secret) == one.event
    assert one.event["type"] == "scrip.webhook.test"
    assert (one.event["id"], one.event["time"]) == (sent.body["event_id"], NEW_YEAR)
    assert one.event["data"] == {"endpoint_id": hook.id}
    assert [(one["status"], one["event_id"]) for one in hook.sent()] == [("delivered", sent.body["event_id"])]


def test_a_test_under_one_idempotency_key_is_one(hook: Hook) -> None:
    hook.put()
    ids = {hook.scrip.post(f"{hook.path}/test", {}, key="t-1").body["event_id"] for _ in range(3)}
    assert len(ids) == 1
    assert hook.scrip.call() == []
    assert len(hook.receiver.received) == 1
    refused(hook.scrip.post("/v1/webhook-endpoints/no/test", {}), 404, "not_found", endpoint_id="no")


def test_an_endpoints_life_is_in_the_audit_without_its_secrets(scrip: Deployment, account: str) -> None:
    made = put(scrip, account).body
    put(scrip, account, enabled=False)
    scrip.post(f"/v1/webhook-endpoints/{account}/rotation", {})
    scrip.send("DELETE", f"/v1/webhook-endpoints/{account}")
    found = audit(scrip, target=f"webhook_endpoint:{account}")
    assert [one["action"] for one in found[::-1]] == [
        "webhook_endpoint.put",
        "webhook_endpoint.put",
        "webhook_endpoint.rotate",
        "webhook_endpoint.delete",
    ]
    shown = {name: value for name, value in made.items() if name != "secret"}
    assert (found[-1]["before"], found[-1]["after"]) == (None, shown)
    assert (found[-2]["before"], found[-2]["after"]) == (shown, {**shown, "enabled": False})
    assert found[0]["after"] is None
    assert "whsec" not in str(found)
