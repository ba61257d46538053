"""Walks through what may become of a subscription, chosen by a seed: renewals that fail and are paid, deliveries that
come again and in another order, prompts, other top-ups, a bus and a table that fail in between.

Whatever comes, in whatever order: one run and one grace for each failure, no prompt once something was paid, one order
for each prompt and all but the last cancelled or paid, and every paid period credited once (laws 3, 8 and 9)."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ReadTimeoutError

from tests.aws import Context, Deployment, Fault, function
from tests.http.payments.test_consequences import Gateway

pytestmark = pytest.mark.usefixtures("in_memory")

SEEDS = (1, 2, 3, 4, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(5, 60)))
SCHEDULE = {"prompts": ["PT0S", "P1D", "P2D"], "grace": {"amount": "5", "expires_in": "P30D"}}


class Walk:
    """A gateway with a clock of its own: what happens later has a later instant."""

    def __init__(self, gateway: Gateway, dice: random.Random) -> None:
        self.gateway, self.scrip, self.dice = gateway, gateway.scrip, dice
        self.minute = 60
        self.day = 0
        self.said: list[dict[str, Any]] = []
        self.failures = self.periods = self.others = self.spells = 0
        self.quiet = self.paid_for = True
        self.told: list[dict[str, Any]] = []

    def event(self, word: str, payment_id: str, **more: Any) -> dict[str, Any]:
        self.minute += 1
        made = self.gateway.body(word, 0, payment_id, **more)
        at = f"2026-11-{1 + self.minute // 1440:02d}T{self.minute // 60 % 24:02d}:{self.minute % 60:02d}:00.000Z"
        made["timestamp"] = made["data"]["created_at"] = at
        return made

    def renewal(self, word: str, payment_id: str) -> dict[str, Any]:
        return self.event(word, payment_id, subscription_id=f"sub-{self.gateway.account}")

    @property
    def clock(self) -> str:
        return f"20{30 + self.day // 28}-01-{1 + self.day % 28:02d}T00:00:00.000Z"

    def deliver(self, told: dict[str, Any]) -> None:
        """A webhook, at the instant that it is here."""
        assert self.scrip.webhook(told, provider="standard", clock=self.clock).status == 200
        self.apply()

    def apply(self) -> None:
        """What is queued; sometimes the table fails meanwhile, before or after it has written, and it comes again."""
        records = self.scrip.queued()
        if records and self.dice.random() < 0.4:
            operation = self.dice.choice(["TransactWriteItems", "Query", "GetItem"])
            times, lost, left = self.dice.randrange(1, 4), self.dice.random() < 0.5, [0]

            def late() -> Any:
                left[0] += 1
                return Fault.timeout() if left[0] == times else None

            with self.scrip.broken(operation, late, times=9, lost=lost), suppress(BatchProcessingError):
                self.scrip.apply(records)
        assert self.scrip.apply(records) == []

    def pays(self, told: dict[str, Any]) -> None:
        """Something is paid: nobody is owed a reminder from then on."""
        self.said.append(told)
        self.deliver(told)
        assert [run for run in self.runs() if run["status"] == "open"] == []
        self.quiet = True

    def step(self) -> None:
        what = self.dice.choice(["fail", "fail", "pay", "other", "again", "tick", "tick", "tick"])
        if what == "fail":
            self.failures += 1
            if self.paid_for:
                # Further tries of the period are the same failure, whatever ended it.
                self.spells, self.paid_for, self.quiet = self.spells + 1, False, False
            self.said.append(self.renewal("failed", f"f{self.failures}"))
            self.deliver(self.said[-1])
        elif what == "pay":
            self.periods, self.paid_for = self.periods + 1, True
            self.pays(self.renewal("succeeded", f"s{self.periods}"))
        elif what == "other" and self.others == 0:
            self.others += 1
            self.pays(self.event("succeeded", "o1", topup_id=self.gateway.once))
        elif what == "again" and self.said:
            self.deliver(self.dice.choice(self.said))
        elif what == "tick":
            self.tick()

    def tick(self) -> None:
        """The schedule, some hours later; sometimes the bus or the table fails in between."""
        self.day += self.dice.choice([0, 0, 1, 1, 3])
        self.scrip.told()
        if self.dice.random() < 0.3:
            lost = self.dice.random() < 0.5
            with (
                self.scrip.broken("TransactWriteItems", Fault.timeout, lost=lost),
                suppress(RuntimeError, ReadTimeoutError),
            ):
                function("dunning").handler({"time": self.clock}, Context())
        function("dunning").handler({"time": self.clock}, Context())
        told = self.scrip.told("scrip.topup.prompt")
        assert not (told and self.quiet), "nobody is prompted once something was paid"
        self.told += told
        self.apply()

    def runs(self) -> list[dict[str, Any]]:
        path = f"/v1/accounts/{self.gateway.account}/dunning"
        return list(self.scrip.get(path, query={"limit": "100"}).body["items"])

    def check(self) -> None:
        entries = self.scrip.entries(self.gateway.account)
        grants = [entry for entry in entries if entry["kind"] == "grant"]
        graces = [entry for entry in grants if entry["actor"] == "dunning"]
        assert len(grants) - len(graces) == 1 + self.periods + self.others
        runs = self.runs()
        assert len(runs) == self.spells, "tries of one period are one failure"
        assert sorted(entry["entry_id"] for entry in graces) == sorted(
            run["grace_entry_id"] for run in runs if run["grace_entry_id"]
        )
        assert sum(run["status"] == "open" for run in runs) <= 1
        of_prompts: dict[str, set[str]] = {}
        for one in self.told:
            of_prompts.setdefault(one["id"], set()).add(one["data"]["topup_id"])
        assert all(len(orders) == 1 for orders in of_prompts.values()), "a prompt has one order"
        for run in runs:
            made = [prompt["topup_id"] for prompt in run["prompts"]]
            assert len(set(made)) == len(made) <= 3
            assert set(made) <= {topup for orders in of_prompts.values() for topup in orders}
            for earlier in made[:-1]:
                assert self.scrip.get(f"/v1/topups/{earlier}").body["status"] == "cancelled"
        self.scrip.sound(self.gateway.account)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_comes_each_failure_is_dunned_once_until_something_is_paid(
    scrip: Deployment, account: str, seed: int
) -> None:
    assert scrip.put("/v1/dunning", SCHEDULE).status == 200
    gateway = Gateway(scrip, account)
    gateway.begins()
    scrip.told()
    walk = Walk(gateway, random.Random(seed))
    for _ in range(40):
        walk.step()
    walk.check()
