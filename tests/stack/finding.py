"""A world to find things in: 1 000 accounts with 100 000 entries, and some hundred of everything else that is listed.

It is made through the functions' own handlers in this process, on the deployed tables: over HTTP it would take an hour.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from bench.meter import Bill, billed, item_size
from bench.stage import Stage, environment
from scrip import runtime
from tests.aws import event, find_route
from tests.stack.conftest import App

ACCOUNTS: Final = 1_000
BATCH: Final = 90
"""Burns of one commit: an account has a grant and these, 91 entries; the busy one has all that is left of 100 000."""
ENTRIES: Final = 100_000
SOME: Final = 120
"""Of everything else: a page of 100, and one more."""
ORDERS, PAID = 110, 3
"""Orders, all of one account, and how many of them are paid."""
CALLER: Final = {"accept": "application/json"}


class SizedBill(Bill):
    """A bill on which a query costs by what it brings: half a unit for each 4 KB, a whole one where it is consistent.
    The local AWS counts each as of 4 KB."""

    _consistent = False

    def ask(self, params: dict[str, Any], **_: Any) -> None:
        super().ask(params)
        self._consistent = bool(params.get("ConsistentRead"))

    def note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        super().note(parsed, model)
        if model.name == "Query" and "Items" in parsed:
            size = sum(map(item_size, parsed["Items"]))
            units = max(1, -(-size // 4096)) * (1 if self._consistent else 0.5)
            self.read_units += max(0, units - parsed["ConsumedCapacity"]["CapacityUnits"])


class Inside:
    """The deployed functions' handlers, called in this process, so that what they ask of DynamoDB can be counted."""

    def __init__(self, stack: App) -> None:
        self._stage = Stage(stack.stack)

    def send(self, method: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """The document that is answered to an admin; each request has a key of its own."""
        sent = event(
            method, path, body=body, query=query, headers={**CALLER, "idempotency-key": uuid.uuid4().hex}
        )
        route, _ = find_route(method, path)
        reply = self._stage.function(route.function)(sent, None)
        assert reply["statusCode"] < 300, reply["body"]
        document: dict[str, Any] = json.loads(reply["body"])
        return document

    def counted(self, path: str, query: Mapping[str, str]) -> tuple[dict[str, Any], Bill]:
        """A page of a list, and what it asked of DynamoDB."""
        bill = SizedBill()
        with billed(runtime.client("dynamodb"), bill):
            page = self.send("GET", path, **query)
        return page, bill


@dataclass(frozen=True, slots=True)
class World:
    """What there is to be found. All names begin with ``tag``.

    Attributes:
        accounts: by name, the busy one last.
        orders: in the order in which they were made; the first ``PAID`` of them are paid.
    """

    tag: str
    inside: Inside
    accounts: list[str]
    orders: list[dict[str, Any]]

    @property
    def busy(self) -> str:
        return self.accounts[-1]

    @property
    def usual(self) -> str:
        """An account with 91 entries, and all holds, allowances and orders."""
        return self.accounts[0]

    def names(self, what: str) -> list[str]:
        """The names of some of a kind, in their order."""
        return [f"{self.tag}-{what}-{number:03d}" for number in range(SOME)]


@contextmanager
def inside(stack: App) -> Iterator[Inside]:
    """This process's environment is the stack's meanwhile."""
    kept = dict(os.environ)
    cached = [made for made in vars(runtime).values() if hasattr(made, "cache_clear")]
    os.environ.update(environment(stack.stack))
    for made in cached:
        made.cache_clear()
    try:
        yield Inside(stack)
    finally:
        os.environ.clear()
        os.environ.update(kept)
        for made in cached:
            made.cache_clear()


def populate(stack: App, made: Inside) -> World:
    """Makes the world."""
    tag = f"find{uuid.uuid4().hex[:6]}"
    accounts = [f"{tag}-a{number:04d}" for number in range(ACCOUNTS)]
    world = World(tag, made, accounts, [])
    _catalogue(world)
    for number, account in enumerate(accounts[:-1]):
        _live(world, account, number, 1)
    _live(world, world.busy, ACCOUNTS - 1, (ENTRIES - (ACCOUNTS - 1) * (BATCH + 1) - 1) // BATCH)
    gift = f"{tag}-gift"
    made.send("PUT", f"/v1/units/{gift}", {"precision": 0, "policy": {"transferable": True}})
    made.send("POST", f"/v1/accounts/{world.usual}/grants", {"amount": "100", "unit": gift})
    sent = {"to_account": accounts[1], "amount": "40", "unit": gift}
    made.send("POST", f"/v1/accounts/{world.usual}/transfers", sent)
    _beside(world)
    world.orders.extend(_orders(stack, world))
    return world


def _live(world: World, account: str, number: int, batches: int) -> None:
    """A grant, and batches of burns: the first for a job in every tenth account, the fourth of a meter, the eighth with
    metadata."""
    path = f"/v1/accounts/{account}"
    world.inside.send("POST", f"{path}/grants", {"amount": str(batches * BATCH + 5)})
    for batch in range(batches):
        burns: list[dict[str, Any]] = [
            {"amount": "1", "key": f"b{batch}-{place}", "unit": "credits"} for place in range(BATCH)
        ]
        if number % 10 == 0 and batch == 0:
            burns[0]["reference"] = {"type": "job", "id": world.tag}
        burns[3] = {"meter": f"{world.tag}-rate-000", "quantity": 2, "key": f"b{batch}-3", "unit": "credits"}
        burns[7]["metadata"] = {"run": str(number)}
        done = world.inside.send("POST", f"{path}/burns/batch", {"burns": burns})
        assert {one["status"] for one in done["items"]} == {201}


def _catalogue(world: World) -> None:
    """Some of each: units, packs, rate cards, promotions, keys."""
    send = world.inside.send
    for unit, pack, meter, code in zip(
        *(world.names(what) for what in ("unit", "pack", "rate", "promo")), strict=True
    ):
        send("PUT", f"/v1/units/{unit}", {"precision": 0})
        price = {"amount": 1_000, "currency": "USD"}
        refs = {"dodo": f"pdt_{pack}"}
        send("PUT", f"/v1/packs/{pack}", {"credits": "10", "price": price, "provider_refs": refs})
        send("PUT", f"/v1/rates/{meter}", {"price": {"model": "per_unit", "credits": "0.5"}})
        send("PUT", f"/v1/promotions/{code}", {"amount": "5"})
        send("POST", "/v1/keys", {"scopes": ["read"], "name": code})


def _beside(world: World) -> None:
    """Holds and allowances of one account, and incidents that it is compensated for."""
    path, send = f"/v1/accounts/{world.usual}", world.inside.send
    send("POST", f"{path}/grants", {"amount": "1000", "unit": f"{world.tag}-unit-001"})
    for number, name in enumerate(world.names("plan")):
        unit = f"{world.tag}-unit-001"
        held = send("POST", f"{path}/holds", {"amount": "1", "unit": unit, "expires_in": "P1D"})["hold"]
        if number % 2:
            send("POST", f"{path}/holds/{held['hold_id']}/capture", {"amount": "1"})
        plan = {"amount": "1", "every": "P1M", "unit": f"{world.tag}-unit-002"}
        send("PUT", f"{path}/allowances/{name}", plan)
    for name in world.names("incident"):
        wanted = {"incident": name, "amount": "1", "unit": f"{world.tag}-unit-003"}
        send("POST", "/v1/compensations", {**wanted, "accounts": [{"account": world.usual}]})


def _orders(stack: App, world: World) -> Iterator[dict[str, Any]]:
    """Orders over HTTP, since they are made at a provider too."""
    from tests.stack.test_buying import provider

    for number in range(ORDERS):
        wanted = {
            "account": world.usual,
            "pack": f"{world.tag}-pack-000",
            "provider": "dodo",
            "return_url": "https://shop.example/",
            "accept_terms": True,
        }
        answer = stack.post("/v1/topups", wanted)
        assert answer.status_code == 201, answer.text
        order = answer.json()
        if number < PAID:
            assert provider(order, "pay", {})["webhook_status"] == 200
        yield order
