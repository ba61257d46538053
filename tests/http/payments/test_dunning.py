"""Dunning over the handlers: what a failed renewal begins, prompts, grants and ends with, at each provider.

10 000 credits a month for 100.00 USD. Prompts at once, after three days and after seven; 50 credits of grace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.standins import paddle as paddle_standin
from local.standins import stripe as stripe_standin
from local.standins.dodo import Provider
from tests.aws import WEBHOOK_SECRET, Buyer, Deployment
from tests.metrics import counted

pytestmark = pytest.mark.usefixtures("in_memory")

SCHEDULE = {"prompts": ["PT0S", "P3D", "P7D"], "grace": {"amount": "50", "expires_in": "P7D"}}
DAY = 86_400
PROVIDERS = ("stripe", "dodo", "paddle", "standard")


class Member(Buyer):
    """Somebody with a monthly subscription at a provider, of which renewals fail and are paid."""

    name = "stripe"
    made: list[str]
    standins: dict[str, Any]

    def begin(self) -> None:
        """Orders, and pays the first period."""
        self.made = []
        assert self.order(provider=self.name, key=f"order-{self.account}").status == 201
        if self.name == "paddle":
            paddle = self.standins["paddle"]
            price: dict[str, Any] = {"unit_price": {"amount": "10000", "currency_code": "USD"}}
            price |= {"billing_cycle": {"interval": "month", "frequency": 1}}
            named = {"topup_id": self.topup["topup_id"]}
            asked = {"items": [{"price": price, "quantity": 1}], "custom_data": named}
            self.first = paddle.create(asked)["id"]
            self.happens(lambda: paddle.pay(self.first, {"webhook": False}))
        elif self.name == "standard":
            self.gateway("succeeded", "p1", topup_id=self.topup["topup_id"])
        else:
            self.happens(lambda: self.standins[self.name].pay(self.session, {"webhook": False}))
        assert self.status == "paid"

    def happens(self, what: Callable[[], Any]) -> dict[str, Any]:
        """Something at the provider, and its events, each of them twice."""
        standin = self.standins[self.name]
        before = len(standin.said)
        made = dict(what())
        told = standin.said[before:]
        self.scrip.deliver(*told, *told, provider=self.name)
        return made

    def gateway(self, word: str, payment_id: str, **more: Any) -> None:
        """An event of a gateway of one's own."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        paid = {"amount": 10000, "tax": 0, "currency": "USD"} if word == "succeeded" else {}
        name = f"{payment_id}-{self.account}"
        data = {
            "payment_id": name,
            "subscription_id": f"sub-{self.account}",
            "created_at": at,
            **paid,
            **more,
        }
        event = {"type": f"payment.{word}", "timestamp": at, "data": data}
        self.scrip.deliver(event, event, provider="standard")

    def fails(self) -> None:
        """A renewal is declined."""
        time.sleep(0.002)
        if self.name == "standard":
            self.gateway("failed", "p2")
        elif self.name == "paddle":
            made = self.happens(
                lambda: self.standins["paddle"].bill(self.first, {"status": "past_due", "webhook": False})
            )
            self.made.append(made["transaction_id"])
        else:
            asked = {"status": "failed", "webhook": False}
            made = self.happens(lambda: self.standins[self.name].renew(self.session, asked))
            self.made.append(made.get("invoice") or made["payment_id"])

    def pays_renewal(self) -> None:
        """The renewal that was declined is paid after all."""
        time.sleep(0.002)
        if self.name == "standard":
            self.gateway("succeeded", "p3")
        elif self.name == "paddle":
            options = {"transaction_id": self.made[-1], "webhook": False}
            self.happens(lambda: self.standins["paddle"].bill(self.first, options))
        else:
            named = {"invoice": self.made[-1]} if self.name == "stripe" else {}
            self.happens(lambda: self.standins[self.name].renew(self.session, {"webhook": False, **named}))

    @property
    def runs(self) -> list[dict[str, Any]]:
        answer = self.scrip.get(f"/v1/accounts/{self.account}/dunning")
        assert answer.status == 200
        return list(answer.body["items"])

    @property
    def run(self) -> dict[str, Any]:
        (run,) = self.runs
        return run

    @property
    def renewing(self) -> dict[str, Any]:
        answer = self.scrip.get(f"/v1/accounts/{self.account}/subscriptions")
        assert answer.status == 200
        (found,) = answer.body["items"]
        return dict(found)

    def shown(self) -> dict[str, Any]:
        """The order of the subscription."""
        return dict(self.scrip.get(f"/v1/topups/{self.topup['topup_id']}").body)

    def days(self, count: int) -> str:
        """So many days after the failure was heard of."""
        since = datetime.fromisoformat(self.run["since"]).timestamp() + count * DAY
        return datetime.fromtimestamp(since, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture(params=PROVIDERS)
def member(
    request: pytest.FixtureRequest,
    scrip: Deployment,
    provider: Provider,
    stripe: stripe_standin.Provider,
    account: str,
) -> Iterator[Member]:
    price = {"amount": 10000, "currency": "USD"}
    paddle = paddle_standin.start(0, "http://127.0.0.1:9", WEBHOOK_SECRET, "k")
    provider.product("pdt_month", {"price": 10000})
    refs = {"dodo": "pdt_month"}
    buyer = Member(scrip, provider, account, price=price, recurring={"every": "P1M"}, provider_refs=refs)
    buyer.name = request.param
    buyer.standins = {"stripe": stripe, "dodo": provider, "paddle": paddle}
    assert scrip.put("/v1/dunning", SCHEDULE).status == 200
    scrip.told()
    buyer.begin()
    yield buyer
    paddle.stop()


def test_a_failed_renewal_prompts_by_the_schedule_grants_grace_once_and_stops_when_it_is_paid(
    member: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prompts 1 and 2 of 3 are made, each with an order of its own; then the renewal is paid, and there is no third."""
    scrip = member.scrip
    member.fails()
    run = member.run
    assert (run["status"], run["reason"], run["prompts"]) == ("open", "renewal_failed", [])
    assert run["topup_id"] == member.topup["topup_id"]
    about = {"dunning": run["dunning_id"], "reason": "renewal_failed"}
    # A webhook that comes again is told of once more.
    assert {**about, "DunningBegun": 1} in counted(capsys, "DunningBegun")
    scrip.dun(member.days(0))
    scrip.dun(member.days(0))
    assert counted(capsys, "DunningPrompted") == [{**about, "DunningPrompted": 1}]
    (first,) = member.run["prompts"]
    assert [amount for kind, amount in member.kinds if kind == "grant"] == ["10000", "50"]
    assert member.run["grace_entry_id"]
    (told,) = scrip.told("scrip.topup.prompt")
    assert told["subject"] == member.account
    assert told["data"]["topup_id"] == first["topup_id"] != member.topup["topup_id"]
    assert told["data"]["checkout_url"] == first["checkout_url"]
    assert (told["data"]["credits"], told["data"]["price"]) == ("10000", {"amount": 10000, "currency": "USD"})
    assert (told["data"]["reason"], told["data"]["unit"]) == ("renewal_failed", "credits")
    assert (first["checkout_url"] is None) == (member.name in ("paddle", "standard"))
    assert member.run["next_prompt_at"] == member.days(3)
    scrip.dun(member.days(2))
    assert len(member.run["prompts"]) == 1
    scrip.dun(member.days(3))
    _, second = member.run["prompts"]
    assert scrip.get(f"/v1/topups/{first['topup_id']}").body["status"] == "cancelled"
    assert scrip.get(f"/v1/topups/{second['topup_id']}").body["status"] == "pending"
    member.pays_renewal()
    assert counted(capsys, "DunningPaid")[0] == {"DunningPaid": 1, "dunning": run["dunning_id"]}
    assert (member.run["status"], member.run["next_prompt_at"]) == ("paid", None)
    scrip.dun(member.days(8))
    assert len(member.run["prompts"]) == 2
    assert [amount for kind, amount in member.kinds if kind == "grant"] == ["10000", "50", "10000"]
    scrip.sound(member.account)


def test_the_order_and_the_subscription_show_a_failed_renewal_until_one_is_paid(member: Member) -> None:
    assert (member.renewing["state"], member.renewing["last_failure"]) == ("active", None)
    assert member.renewing["next_renewal_at"]
    assert member.shown()["failed_renewal"] is None
    member.fails()
    assert member.renewing["state"] == "past_due"
    assert member.shown()["failed_renewal"] == member.renewing["last_failure"]
    assert member.shown()["status"] == "paid"
    member.pays_renewal()
    assert member.renewing["state"] == "active"
    assert member.renewing["last_failure"]["at"]
    assert member.shown()["failed_renewal"] is None


def test_any_other_top_up_of_the_wallet_that_is_paid_ends_the_run(member: Member) -> None:
    member.fails()
    member.scrip.dun(member.days(0))
    scrip, account = member.scrip, member.account
    body = {"credits": "7", "price": {"amount": 500, "currency": "USD"}, "provider_refs": {}}
    assert scrip.put("/v1/packs/once", body).status in (200, 201)
    order = scrip.post(
        "/v1/topups", {**member.wants(provider="standard"), "pack": "once"}, key=f"once-{account}"
    ).body
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data = {"payment_id": f"once-{account}", "topup_id": order["topup_id"], "created_at": at}
    paid = {**data, "amount": 500, "tax": 0, "currency": "USD"}
    scrip.deliver({"type": "payment.succeeded", "timestamp": at, "data": paid}, provider="standard")
    assert member.run["status"] == "paid"


def test_the_payment_of_an_earlier_prompts_order_counts_and_ends_the_run(member: Member) -> None:
    if member.name not in ("stripe", "dodo"):
        pytest.skip("there is no page here")
    member.fails()
    member.scrip.dun(member.days(0))
    member.scrip.dun(member.days(3))
    first = member.scrip.get(f"/v1/topups/{member.run['prompts'][0]['topup_id']}").body
    assert first["status"] == "cancelled"
    session = first["checkout_session_id"]
    member.happens(lambda: member.standins[member.name].pay(session, {"webhook": False}))
    assert member.run["status"] == "paid"
    assert [amount for kind, amount in member.kinds if kind == "grant"] == ["10000", "50", "10000"]
    assert member.scrip.get(f"/v1/topups/{first['topup_id']}").body["status"] == "paid"


def test_a_run_whose_prompts_were_all_made_ends_and_a_later_payment_is_still_shown(member: Member) -> None:
    member.fails()
    for day in (0, 3, 7):
        member.scrip.dun(member.days(day))
    assert (member.run["status"], len(member.run["prompts"])) == ("ended", 3)
    member.scrip.dun(member.days(30))
    assert len(member.run["prompts"]) == 3
    member.pays_renewal()
    assert member.run["status"] == "paid"


def test_of_prompts_that_are_due_together_the_last_alone_is_made(member: Member) -> None:
    member.fails()
    member.scrip.dun(member.days(4))
    (told,) = member.scrip.told("scrip.topup.prompt")
    assert told["data"]["prompt"] == 2
    assert (len(member.run["prompts"]), member.run["next_prompt_at"]) == (1, member.days(7))


def test_another_try_that_fails_is_the_same_failure_and_one_after_a_payment_another(member: Member) -> None:
    member.fails()
    first = member.run["dunning_id"]
    if member.name == "stripe":
        again = {"invoice": member.made[-1], "status": "failed", "webhook": False}
        member.happens(lambda: member.standins["stripe"].renew(member.session, again))
    elif member.name == "dodo":
        member.fails()
    elif member.name == "standard":
        member.gateway("failed", "p2b")
    assert member.run["dunning_id"] == first
    member.pays_renewal()
    if member.name == "standard":
        time.sleep(0.002)
        member.gateway("failed", "p4")
    elif member.name == "stripe":
        time.sleep(1.1)  # its instants are whole seconds
        member.fails()
    else:
        member.fails()
    assert [run["status"] for run in member.runs] == ["open", "paid"]


@pytest.mark.parametrize("amount", ["0", "0.00"])
def test_grace_of_no_credits_is_refused(scrip: Deployment, amount: str) -> None:
    answer = scrip.put("/v1/dunning", {"grace": {"amount": amount, "expires_in": "P7D"}})
    assert (answer.status, answer.fields) == (400, ["grace.amount"])


@pytest.mark.parametrize("member", ["dodo"], indirect=True)
def test_a_subscription_that_is_put_on_hold_begins_a_run_before_its_payment_is_told_of(
    member: Member,
) -> None:
    """Law 9: what was declined is told of later, and it is one run. Others tell of it by what is to be paid."""
    standin = member.standins[member.name]
    before = len(standin.said)
    standin.renew(member.session, {"status": "failed", "webhook": False})
    payment, standing = standin.said[before:]
    member.scrip.deliver(standing, provider=member.name)
    begun = member.run
    assert (begun["status"], begun["reason"]) == ("open", "renewal_failed")
    member.scrip.deliver(payment, provider=member.name)
    assert member.run == begun
