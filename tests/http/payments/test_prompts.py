"""Prompts where something fails in their midst: told at least once, always as the same, and one order for each."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from scrip import runtime
from tests.aws import Buyer, Deployment, Fault, function
from tests.http.payments.test_consequences import Gateway
from tests.http.payments.test_dunning import Member
from tests.http.payments.test_dunning import member as member
from tests.metrics import counted, logged

pytestmark = pytest.mark.usefixtures("in_memory")

LATER = "2030-01-01T00:00:00.000Z"
LAST_WRITE = 2


@pytest.fixture
def gateway(scrip: Deployment, account: str) -> Gateway:
    assert scrip.put("/v1/dunning", {"prompts": ["PT0S", "P3D"]}).status == 200
    made = Gateway(scrip, account)
    made.begins()
    made.renewal("failed", 2, "p2")
    scrip.told()
    return made


def runs(buyer: Buyer | Gateway) -> list[dict[str, Any]]:
    return list(buyer.scrip.get(f"/v1/accounts/{buyer.account}/dunning").body["items"])


def test_a_bus_that_takes_nothing_is_asked_again_with_the_same_order(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    with gateway.scrip.refusing(), pytest.raises(RuntimeError, match="1 runs could not be worked on"):
        gateway.scrip.dun(LATER)
    (run,) = runs(gateway)
    assert run["prompts"] == []
    (failed,) = logged(capsys, "dunning not gone on with")
    assert failed["dunning"] == run["dunning_id"]
    assert failed["error"].startswith("Throttled: ")
    gateway.scrip.dun(LATER)
    (prompt,) = runs(gateway)[0]["prompts"]
    (told,) = gateway.scrip.told("scrip.topup.prompt")
    assert told["data"]["topup_id"] == prompt["topup_id"]
    orders = gateway.scrip.get("/v1/topups", query={"account": gateway.account}).body["items"]
    assert len(orders) == 3, "the plan, what is bought once, and the prompt's"


def test_a_prompt_that_was_told_and_not_kept_is_told_again_under_the_same_id(gateway: Gateway) -> None:
    """The run is what is written last: the order's own transaction before it passes."""
    written = []

    def second() -> Any:
        written.append(1)
        return Fault.timeout() if len(written) == LAST_WRITE else None

    with (
        gateway.scrip.broken("TransactWriteItems", second, times=99),
        suppress(RuntimeError, ReadTimeoutError),
    ):
        gateway.scrip.dun(LATER)
    assert runs(gateway)[0]["prompts"] == []
    gateway.scrip.dun(LATER)
    first, again = gateway.scrip.told("scrip.topup.prompt")
    assert first["id"] == again["id"]
    assert len(runs(gateway)[0]["prompts"]) == 1


@pytest.mark.parametrize("member", ["stripe", "dodo"], indirect=True)
def test_a_provider_that_is_down_puts_a_prompt_off_and_one_that_refuses_leaves_it_without_a_page(
    member: Member,
) -> None:
    member.fails()
    standin = member.standins[member.name]
    standin.down = True
    with pytest.raises(RuntimeError, match="could not be worked on"):
        function("dunning").handler({"time": member.days(0)}, _Patient())
    assert member.run["prompts"] == []
    standin.down = False
    member.scrip.dun(member.days(0))
    assert member.run["prompts"][0]["checkout_url"]


@pytest.mark.parametrize("member", ["dodo"], indirect=True)
def test_an_order_that_the_provider_refuses_is_prompted_for_without_a_page(member: Member) -> None:
    member.fails()
    member.provider.gone.add("pdt_month")
    try:
        member.scrip.dun(member.days(0))
    finally:
        member.provider.gone.discard("pdt_month")
    (prompt,) = member.run["prompts"]
    assert prompt["checkout_url"] is None


@pytest.mark.parametrize("member", ["stripe", "dodo"], indirect=True)
def test_who_has_no_key_of_a_provider_prompts_without_a_page_and_that_is_counted(
    member: Member, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    member.fails()
    monkeypatch.setattr(runtime, "provider", lambda *_: None)
    capsys.readouterr()
    member.scrip.dun(member.days(0))
    (prompt,) = member.run["prompts"]
    assert prompt["checkout_url"] is None
    about = {"dunning": member.run["dunning_id"], "provider": member.name}
    assert counted(capsys, "DunningWithoutPage") == [{"DunningWithoutPage": 1, **about}]


@pytest.mark.parametrize("member", ["stripe", "dodo"], indirect=True)
def test_nobody_is_prompted_for_a_subscription_that_is_over(member: Member) -> None:
    member.fails()
    member.scrip.dun(member.days(0))
    name = member.renewing["subscription_id"]
    path = f"/v1/accounts/{member.account}/subscriptions/{member.name}/{name}"
    assert member.scrip.post(f"{path}/cancel", {"at": "now"}).body["state"] == "cancelled"
    member.scrip.dun(member.days(3))
    assert (member.run["status"], len(member.run["prompts"])) == ("ended", 1)


class _Patient:
    """A context with all the time that there is."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000
