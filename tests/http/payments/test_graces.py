"""Grace: credits to go on with, once for each failure, as the schedule was when it began (law 10)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Deployment
from tests.http.payments.test_consequences import Gateway

pytestmark = pytest.mark.usefixtures("in_memory")

LATER = "2030-01-01T00:00:00.000Z"
AFTER = "2030-01-02T00:00:00.000Z"


@pytest.fixture
def gateway(scrip: Deployment, account: str) -> Gateway:
    return Gateway(scrip, account)


def schedule(scrip: Deployment, *prompts: str, amount: str | None = "50") -> None:
    grace = {"amount": amount, "expires_in": "P7D"} if amount else None
    assert scrip.put("/v1/dunning", {"prompts": list(prompts), "grace": grace}).status == 200


def run(gateway: Gateway) -> dict[str, Any]:
    (found,) = gateway.scrip.get(f"/v1/accounts/{gateway.account}/dunning").body["items"]
    return dict(found)


def test_it_is_a_lot_of_its_own_for_as_long_as_was_said_and_says_what_for(gateway: Gateway) -> None:
    schedule(gateway.scrip, "PT0S")
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    schedule(gateway.scrip, "PT0S", amount="70")
    gateway.scrip.dun(LATER)
    entry = gateway.scrip.entries(gateway.account)[-1]
    assert (entry["kind"], entry["amount"], entry["actor"]) == ("grant", "50", "dunning")
    assert entry["reference"] == {"type": "dunning", "id": run(gateway)["dunning_id"]}
    assert entry["entry_id"] == run(gateway)["grace_entry_id"]
    lot = gateway.scrip.lots(gateway.account)[0]
    assert (lot["kind"], lot["expires_at"]) == ("promotional", "2030-01-08T00:00:00.000Z")
    gateway.scrip.sound(gateway.account)


def test_it_is_granted_once_though_it_is_asked_for_again_and_the_message_comes_twice(
    gateway: Gateway,
) -> None:
    schedule(gateway.scrip, "P1D")
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    message = {"grace": run(gateway)["dunning_id"]}
    records = [
        {"messageId": "m", "body": str(message).replace("'", '"'), "attributes": {"MessageGroupId": "d"}}
    ]
    for _ in range(3):
        assert gateway.scrip.apply(records) == []
    gateway.scrip.dun(LATER)
    grants = [entry["amount"] for entry in gateway.scrip.entries(gateway.account) if entry["kind"] == "grant"]
    assert grants == ["10000", "50"]


def test_without_prompts_there_is_grace_alone_and_the_run_has_ended(gateway: Gateway) -> None:
    schedule(gateway.scrip)
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    gateway.scrip.told()
    gateway.scrip.dun(LATER)
    assert (run(gateway)["status"], run(gateway)["prompts"]) == ("ended", [])
    assert run(gateway)["grace_entry_id"]
    assert gateway.scrip.told() == []


def test_what_is_paid_before_it_is_granted_needs_none(gateway: Gateway) -> None:
    schedule(gateway.scrip, "PT0S")
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    gateway.renewal("succeeded", 3, "p3")
    gateway.scrip.dun(LATER)
    assert run(gateway)["grace_entry_id"] is None


@pytest.mark.parametrize("why", ["decimals", "closed"])
def test_a_wallet_that_cannot_have_it_keeps_nothing_from_being_prompted(
    gateway: Gateway, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule(gateway.scrip, "PT0S", amount="0.1234567" if why == "decimals" else "5")
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    if why == "closed":
        gateway.scrip.set_status(gateway.account, "closed")
    gateway.scrip.dun(LATER)
    gateway.scrip.dun(AFTER)
    assert (len(run(gateway)["prompts"]), run(gateway)["grace_entry_id"]) == (1, None)
    assert capsys.readouterr().out.count('"DunningGraceRefused":1') == 1
