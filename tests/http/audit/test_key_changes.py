"""Keys and portal sessions in the audit: their table is another than the audit's, and both are written together."""

from __future__ import annotations

from dataclasses import replace

from tests.aws import ADMIN, Deployment
from tests.http.audit.test_changes import PACK, audit


def test_a_keys_life_is_in_the_audit_without_its_secrets(scrip: Deployment, account: str) -> None:
    made = scrip.post("/v1/keys", {"scope": "read", "account": account, "name": "Ann"}).body
    key_id = made["key_id"]
    assert scrip.post(f"/v1/keys/{key_id}/rotation", {}).status == 201
    assert scrip.send("DELETE", f"/v1/keys/{key_id}").status == 204
    found = {one["action"]: one for one in audit(scrip, target=f"key:{key_id}")}
    assert set(found) == {"key.create", "key.rotate", "key.delete"}
    shown = {name: value for name, value in made.items() if name not in ("key", "previous_ends_at")}
    assert (found["key.create"]["before"], found["key.create"]["after"]) == (None, shown)
    assert (found["key.delete"]["before"], found["key.delete"]["after"]) == (shown, None)
    assert made["key"].rpartition("_")[2] not in str(found)


def test_a_key_that_is_asked_for_twice_under_one_idempotency_key_is_one_change(
    scrip: Deployment, account: str
) -> None:
    for _ in range(2):
        made = scrip.post("/v1/keys", {"scope": "read"}, key=f"k-{account}")
    assert len(audit(scrip, target=f"key:{made.body['key_id']}")) == 1


def test_a_portal_session_is_in_the_audit(scrip: Deployment, account: str) -> None:
    assert scrip.post("/v1/portal-sessions", {"account": account}).status == 201
    (made,) = [
        one for one in audit(scrip, action="portal_session.create") if one["after"]["account"] == account
    ]
    assert (made["target"]["type"], made["before"], made["after"]["scopes"]) == (
        "portal_session",
        None,
        ["read"],
    )


def test_who_changed_something_is_shown_with_the_name_of_the_key(scrip: Deployment, account: str) -> None:
    made = scrip.post("/v1/keys", {"scope": "admin", "name": "Deploys"}).body
    caller = replace(ADMIN, key_id=made["key_id"], more={"name": "Deploys"})
    assert scrip.put(f"/v1/packs/{account}", PACK, caller=caller).status == 201
    (change,) = audit(scrip, target=f"pack:{account}")
    assert (change["actor"], change["actor_name"]) == (f"key:{made['key_id']}", "Deploys")
