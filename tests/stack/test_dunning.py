"""Dunning over HTTP: a renewal that fails is prompted for on the deployed bus, until it is paid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scrip.domain.credits.calendar import format_instant
from tests.stack.conftest import App
from tests.stack.test_events import Queue
from tests.stack.test_events import heard as heard

pytestmark = pytest.mark.long
"""Many at once, at each provider: minutes of a machine of two processors."""

Json = dict[str, Any]
SCHEDULE = {"prompts": ["PT0S", "P3D", "P7D"], "grace": {"amount": "50", "expires_in": "P7D"}}


class Member:
    """Somebody with a monthly subscription, paid once."""

    def __init__(self, stack: App, account: str, provider: str) -> None:
        self.stack, self.account, self.provider = stack, account, provider
        standin: Any = stack.standins[provider]
        self.standin = standin
        assert stack.client.put("/v1/dunning", json=SCHEDULE).status_code == 200
        if provider == "dodo":
            self.standin.product("pdt_member", {"price": 10000})
        price = {"amount": 10000, "currency": "USD"}
        pack = {"credits": "10000", "price": price, "recurring": {"every": "P1M"}}
        pack |= {"provider_refs": {"dodo": "pdt_member"}}
        assert stack.client.put(f"/v1/packs/{account}", json=pack).status_code == 201
        wanted = {"account": account, "pack": account, "provider": provider, "accept_terms": True}
        wanted |= {"return_url": "https://shop.example.test/done"}
        self.order = stack.post("/v1/topups", wanted).json()
        self.standin.pay(self.session, {})
        stack.eventually(lambda: self.balance == "10000")

    @property
    def session(self) -> str:
        return str(self.order["checkout_session_id"])

    @property
    def balance(self) -> str:
        return str(self.stack.balance(self.account)["available"])

    @property
    def run(self) -> Json | None:
        items = self.stack.get(f"/v1/accounts/{self.account}/dunning")["items"]
        assert len(items) < 2
        return dict(items[0]) if items else None

    def fails(self) -> Json:
        self.standin.renew(self.session, {"status": "failed"})
        found: Json = self.stack.eventually(lambda: self.run)
        return found

    def after(self, days: float) -> str:
        run = self.run
        assert run
        at = datetime.fromisoformat(run["since"]) + timedelta(days=days)
        return format_instant(int(at.astimezone(UTC).timestamp() * 1000))

    def dun(self, days: float) -> Json:
        swept: Json = self.stack._invoke("DunningFunction", {"time": self.after(days)})
        return swept


@pytest.fixture(params=["stripe", "dodo"])
def member(request: pytest.FixtureRequest, stack: App, account: str) -> Member:
    return Member(stack, account, request.param)


def test_a_renewal_that_fails_is_prompted_for_with_a_fresh_page_and_grace_once_until_it_is_paid(
    member: Member, heard: Queue
) -> None:
    """10 000 paid, 50 of grace, 10 000 by the page of the second prompt: 20 050; two prompts of three."""
    stack = member.stack
    member.fails()
    # Eight functions at once: still one order, and grace once.
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(member.dun, [0.0] * 8))
    stack.eventually(lambda: member.balance == "10050")
    first = stack.eventually(lambda: (member.run or {})["prompts"])
    assert len(first) == 1
    member.dun(3)
    run = member.run
    assert run
    assert run["prompts"][0]["topup_id"] == first[0]["topup_id"]
    assert stack.get(f"/v1/topups/{first[0]['topup_id']}")["status"] == "cancelled"

    def prompts() -> list[Json]:
        return [one for one in heard.take() if one["type"] == "scrip.topup.prompt"]

    stack.eventually(lambda: len({one["id"] for one in prompts()}) == 2)
    told = {one["data"]["prompt"]: one["data"] for one in prompts()}
    assert {number: one["topup_id"] for number, one in told.items()} == {
        number: prompt["topup_id"] for number, prompt in enumerate(run["prompts"], start=1)
    }
    second = stack.get(f"/v1/topups/{told[2]['topup_id']}")
    assert second["checkout_url"] == told[2]["checkout_url"] != told[1]["checkout_url"]
    member.standin.pay(second["checkout_session_id"], {})
    stack.eventually(lambda: (member.run or {})["status"] == "paid")
    stack.eventually(lambda: member.balance == "20050")
    member.dun(8)
    assert len((member.run or {})["prompts"]) == 2
    assert len({one["id"] for one in prompts()}) == 2
    assert member.stack.verify(member.account)["findings"] == []


def test_a_subscription_is_cancelled_at_its_provider_and_goes_on_again(member: Member) -> None:
    path = f"/v1/accounts/{member.account}/subscriptions"
    (found,) = member.stack.get(path)["items"]
    named = f"{path}/{member.provider}/{found['subscription_id']}"
    for what, state in (("cancel", "cancelling"), ("resume", "active")):
        answer = member.stack.client.post(f"{named}/{what}", json={})
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        # The provider's own event says the same.
        member.stack.eventually(lambda: member.stack.get(path)["items"][0]["state"] == state)  # noqa: B023


def test_a_declined_automatic_top_up_is_prompted_for_and_whoever_pays_there_ends_it(
    stack: App, account: str, heard: Queue
) -> None:
    """1 000 bought by hand and 950 burned; the charge is declined; the prompt's page brings 1 000: 1 050 are there."""
    stripe: Any = stack.standins["stripe"]
    assert stack.client.put("/v1/dunning", json={"prompts": ["PT0S", "P3D"]}).status_code == 200
    pack = {"credits": "1000", "price": {"amount": 10000, "currency": "USD"}}
    assert stack.client.put(f"/v1/packs/{account}", json=pack).status_code == 201
    wanted = {"account": account, "pack": account, "provider": "stripe", "accept_terms": True}
    wanted |= {"return_url": "https://shop.example.test/done", "save_payment_method": True}
    order = stack.post("/v1/topups", wanted).json()
    stripe.pay(order["checkout_session_id"], {})
    stack.eventually(lambda: stack.balance(account)["available"] == "1000")
    stripe.charges_come = "declined"
    try:
        terms = {"threshold": "100", "pack": account, "provider": "stripe"}
        assert stack.client.put(f"/v1/accounts/{account}/auto-topup", json=terms).status_code == 200
        stack.burn(account, "950")
        path = f"/v1/accounts/{account}/dunning"
        (run,) = stack.eventually(lambda: stack.get(path)["items"], 60)
    finally:
        stripe.charges_come = "succeeded"
    assert (run["reason"], run["status"]) == ("auto_topup_failed", "open")
    stack._invoke("DunningFunction", {"time": run["since"]})
    (prompt,) = stack.get(path)["items"][0]["prompts"]
    stack.eventually(lambda: [one for one in heard.take() if one["type"] == "scrip.topup.prompt"])
    stripe.pay(stack.get(f"/v1/topups/{prompt['topup_id']}")["checkout_session_id"], {})
    stack.eventually(lambda: stack.get(path)["items"][0]["status"] == "paid")
    stack.eventually(lambda: stack.balance(account)["available"] == "1050")
    assert stack.verify(account)["findings"] == []
