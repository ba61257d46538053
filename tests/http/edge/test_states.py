"""Every route's example, asked in every state: nothing there of what it names, a frozen or closed account, no credits,
too late, too early, again under the same key, or another request under it, while others are faster, or the tables busy;
and with each member of its body gone, or said otherwise.

Refusals are kept whole (``data/states.json``), all else by digests: ``python -m tests.http.edge.test_states``
writes them anew, and what that changes is to be read.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest

from local.standins import dodo as dodo_standin
from local.standins import stripe as stripe_standin
from openapi.declare import Operation
from scrip import runtime
from scrip.store.tables import Tables
from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET, Answer, Deployment, InMemory, deployed, provider_event
from tests.http.stories.story import Json, Story
from tests.world import THERE, World

FILE: Final = Path(__file__).parent / "data" / "states.json"
KEPT: Final[Json] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
ACCOUNT: Final = "ann"
AFTER: Final = ("2030-01-01T00:10:00.000Z", "2030-01-01T00:20:00.000Z")
LATE: Final = "2032-01-01T00:00:00.000Z"
EARLY: Final = "2029-12-31T00:00:00.000Z"
UNSIGNED: Final = [one for one in THERE if not one.signed]
ANOTHER: Final[dict[str, Any]] = {"amount": "3", "reason": "another", "quantity": "3", "name": "another"}
"""Members by which a request becomes another."""
OTHERS: Final[tuple[Any, ...]] = (
    None,
    "",
    "0",
    "1",
    "0.25",
    "7",
    "none",
    0,
    1,
    30,
    -1,
    True,
    False,
    [],
    ["0"],
    {},
)
"""What each member of a body is said to be instead."""
BY_CHANCE: Final = (
    *("create_key", "rotate_key", "list_keys", "create_portal_session", "get_version"),
    *("put_webhook_endpoint", "rotate_webhook_secret"),
)
"""What is answered is another each time."""


class _Asking:
    """A world, what it was when it was made, and what was answered since."""

    def __init__(
        self, scrip: Deployment, dodo: dodo_standin.Provider, stripe: stripe_standin.Provider
    ) -> None:
        self.scrip, self.dodo = scrip, dodo
        self.story = Story(scrip, dodo, stripe, by_chance=True)
        self.world = World(ACCOUNT, self._send, lambda answer: answer.body, self._pay)
        self.clock, self.body = "2030-01-01T00:00:00.000Z", dict[str, Any]()
        self.example: Any = None
        paid = next(one for one in THERE if one.id == "get_payment")
        self.world.fill(paid)
        for name in ("put_profile", "put_alerts"):
            for one in THERE:
                if one.id == name:
                    self.world.send(one)
        client: Any = runtime.tables().client
        self._dynamo = client._dynamo
        self._kept = pickle.dumps(self._dynamo.tables)
        self.ids = dict(self.world.ids)
        for name in ("key_id", "payment_id"):
            self.story.call(self.ids[name], name)
        self.story.call(dodo.url, "dodo")

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        path, _, query = path.partition("?")
        body = {**body, **self.body} if isinstance(body, dict) else body
        body = body if self.example is None else self.example
        clock = {"clock": self.clock} if self.clock else {}
        return self.scrip.send(
            method, path, body=body, headers=headers, query=dict(parse_qsl(query)), **clock
        )

    def _pay(self, order: Json) -> str:
        paid = self.dodo.pay(order["checkout_session_id"], {"webhook": False})
        payment_id = str(paid["payment_id"])
        self.scrip.deliver(provider_event("payment.succeeded", self.dodo.payment(payment_id)))
        return payment_id

    def has(self, operation: Operation) -> bool:
        """Tells whether there is all that the operation's path names."""
        return set(re.findall(r"\{(\w+)\}", operation.path)) <= self.ids.keys()

    def restore(self) -> None:
        """Makes all as it was at first, ten minutes later."""
        self._dynamo.tables = pickle.loads(self._kept)  # noqa: S301 - our own
        self.world.ids, self.clock, self.body, self.example = dict(self.ids), AFTER[0], {}, None
        self.scrip.cold()

    def post(self, what: str, **body: Any) -> None:
        answer = self.scrip.move(ACCOUNT, what, f"before {what}", clock=AFTER[0], **body)
        assert answer.status < 300, answer.text

    def ask(self, state: str, operation: Operation, key: str = "example") -> None:
        answer = self.world.send(operation, key)
        self.story.told.append(
            {"asked": f"{state}: {operation.id}", "status": answer.status, "body": answer.body}
        )


def _as_it_is(asking: _Asking, operation: Operation) -> Iterator[str]:
    yield "as it is"
    asking.clock = AFTER[1]
    yield "again"
    asking.body = {name: one for name, one in ANOTHER.items() if name in operation.example} or {
        "reason": "another"
    }
    yield "another under its key"


def _nothing(asking: _Asking, operation: Operation) -> Iterator[str]:
    for name in re.findall(r"\{(\w+)\}", operation.path):
        known = asking.world.ids[name]
        asking.world.ids[name] = "none"
        yield f"no {name}"
        # An id of the same form, of another account's.
        other = known[:-3] + ("aaa" if known[-1].isalpha() else "999")
        asking.world.ids[name] = asking.story.call(other, f"another {name}") if name == "key_id" else other
        yield f"another {name}"
        asking.world.ids[name] = known


def _frozen(asking: _Asking, operation: Operation) -> Iterator[str]:
    asking.post("freeze", reason="a fraud")
    yield "frozen"


def _closed(asking: _Asking, operation: Operation) -> Iterator[str]:
    asking.scrip.set_status(ACCOUNT, "closed")
    yield "closed"


def _poor(asking: _Asking, operation: Operation) -> Iterator[str]:
    left = asking.scrip.balance(ACCOUNT, clock=AFTER[0])["available"]
    asking.post("burns", amount=left)
    yield "without a credit"


def _of_no_unit(asking: _Asking, operation: Operation) -> Iterator[str]:
    for name, one in (("unit", "none"), ("amount", "0.0000001"), ("amount", "1" * 20), ("meter", "none")):
        if operation.body and (name in operation.example or name == "unit"):
            asking.body = {name: one}
            yield f"{name} {one}"


def _at_another_time(asking: _Asking, operation: Operation) -> Iterator[str]:
    asking.clock = EARLY
    yield "too early"
    asking.clock = LATE
    yield "too late"


@contextmanager
def _answering(answer: Callable[[str, Json], Json | None]) -> Iterator[None]:
    """Has DynamoDB refuse what ``answer`` gives an error for, by operation and request. Nobody waits meanwhile."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(time, "sleep", lambda _: None)
        patch.setattr(runtime.executor(), "_pause", lambda _: None)
        for client in (runtime.tables().client, runtime.client("dynamodb")):
            events: Any = client.meta.events
            for operation in (
                "TransactWriteItems",
                "PutItem",
                "UpdateItem",
                "DeleteItem",
                "GetItem",
                "Query",
            ):
                name = f"before-call.dynamodb.{operation}"

                def refuse(params: Json, operation: str = operation, **_: Any) -> Any:
                    told = answer(operation, params)
                    return told and (SimpleNamespace(status_code=400, headers={}), told)

                events.register(name, refuse)
                stack.callback(events.unregister, name, refuse)
        yield


def _outrun(asking: _Asking, operation: Operation) -> Iterator[str]:
    """Somebody else is faster each time."""

    def answer(name: str, params: Json) -> Json | None:
        if name == "TransactWriteItems":
            body = params.get("TransactItems") or json.loads(params["body"])["TransactItems"]
            reasons = [{"Code": "TransactionConflict"} for _ in body]
            return {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
        failed = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "no"}}
        return failed if name in ("PutItem", "UpdateItem", "DeleteItem") else None

    with _answering(answer):
        yield "outrun"


def _busy(asking: _Asking, operation: Operation) -> Iterator[str]:
    """The tables take nothing more."""
    busy = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "later"}}
    with _answering(lambda name, _: busy if name not in ("GetItem", "Query") else None):
        yield "busy"
    with _answering(lambda _, __: {"Error": {"Code": "InternalServerError", "Message": "later"}}):
        yield "down"


STATES: Final[tuple[Callable[[_Asking, Operation], Iterator[str]], ...]] = (
    *(_as_it_is, _nothing, _frozen, _closed, _poor, _of_no_unit, _at_another_time, _outrun, _busy),
)


def told(
    scrip: Deployment, dodo: dodo_standin.Provider, stripe: stripe_standin.Provider
) -> dict[str, dict[str, Any]]:
    """Asks everything of a deployment whose tables are empty. Returns by operation and state what was answered."""
    asking = _Asking(scrip, dodo, stripe)
    for operation in UNSIGNED:
        if not asking.has(operation):
            continue
        for states in STATES:
            asking.restore()
            for state in states(asking, operation):
                asking.ask(state, operation)
    found: dict[str, dict[str, Any]] = {}
    for one in asking.story.written():
        state, _, name = one["asked"].rpartition(": ")
        text = json.dumps(one["body"], sort_keys=True)
        digest = "" if name in BY_CHANCE else hashlib.sha256(text.encode()).hexdigest()[:8]
        found.setdefault(name, {})[state] = (
            one["body"] if one["status"] >= 400 else f"{one['status']} {digest}"
        )
    return found


def said_otherwise(
    scrip: Deployment, dodo: dodo_standin.Provider, stripe: stripe_standin.Provider
) -> dict[str, str]:
    """Asks each example with each of its members gone, and said otherwise. Returns a digest by operation and member."""
    asking, found = _Asking(scrip, dodo, stripe), dict[str, str]()
    for operation in UNSIGNED:
        if not operation.body or operation.id in (*BY_CHANCE, "order") or not asking.has(operation):
            continue
        asking.restore()
        for path in _members(operation.example):
            asking.story.told.clear()
            for number, body in enumerate(_bodies(operation.example, path)):
                asking.example = body
                asking.ask(str(number), operation, f"{path} {number}")
            text = json.dumps(asking.story.written(), sort_keys=True)
            name = f"{operation.id} {'.'.join(map(str, path))}"
            found[name] = hashlib.sha256(text.encode()).hexdigest()[:8]
    return found


def _members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, one in inner:
        yield (*path, name)
        yield from _members(one, (*path, name))


def _bodies(example: Any, path: tuple[Any, ...]) -> Iterator[Any]:
    """Yields bodies in which one member is gone, or another."""
    for other in (*OTHERS, ...):
        body = json.loads(json.dumps(example))
        place = body
        for step in path[:-1]:
            place = place[step]
        if other is ...:
            del place[path[-1]]
        else:
            place[path[-1]] = other
        yield body


@pytest.mark.usefixtures("in_memory")
def test_whatever_a_member_of_a_body_says_is_answered_as_it_was(
    scrip: Deployment, provider: dodo_standin.Provider, stripe: stripe_standin.Provider
) -> None:
    found, kept = said_otherwise(scrip, provider, stripe), KEPT["members"]
    assert sorted(found) == sorted(kept)
    assert [name for name in found if found[name] != kept[name]] == []


@pytest.mark.usefixtures("in_memory")
def test_every_route_answers_in_every_state_as_it_did(
    scrip: Deployment, provider: dodo_standin.Provider, stripe: stripe_standin.Provider
) -> None:
    found = told(scrip, provider, stripe)
    assert [*found] == [*KEPT["states"]]
    for name, answers in found.items():
        assert (name, answers) == (name, KEPT["states"][name])


def main() -> None:
    """Writes what is answered now."""
    with ExitStack() as stack:
        dodo = dodo_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
        stripe = stripe_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
        stack.callback(dodo.stop)
        stack.callback(stripe.stop)
        scrip = stack.enter_context(deployed(dodo.url, stripe.url))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        found: Json = {}
        for name, ask in (("states", told), ("members", said_otherwise)):
            tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
            patch.setattr(runtime, "tables", cache(lambda tables=tables: tables))
            scrip.cold()
            found[name] = ask(scrip, dodo, stripe)
    FILE.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
