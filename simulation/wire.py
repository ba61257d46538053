"""Between a client and DynamoDB: every call may be late, lost, repeated, refused, or the client's last.

What botocore does is done here too: a call whose answer does not come is sent once more, with the same client token.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Final

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from simulation import bucket
from simulation.clock import Clock
from simulation.dynamodb import CONFLICT, Dynamo, cancelled, error
from simulation.hands import Died, Hands

ANSWER_MS: Final = 4_000
"""What a client waits for an answer before it gives up."""
FUNCTION_MS: Final = 10_000
"""What a function may take in all: then its process is stopped, wherever it is."""
MARGIN_MS: Final = 4_500
"""What must be left of it for another call."""
SLOW_MS: Final = 3_000
LATE_TICKS: Final = 12
LONGEST_WAIT: Final = 7
LATE_MS: Final = 30_000
"""After so long a request that was lost does not arrive any more."""
SENT_AGAIN: Final = 0.5
"""How often the second attempt of the same call is heard."""
URL: Final = "https://dynamodb.example.test"

CALLS: Final = (
    "get_item",
    "batch_get_item",
    "query",
    "put_item",
    "update_item",
    "delete_item",
    "batch_write_item",
    "transact_write_items",
)
OF_THE_ARCHIVE: Final = {
    "query": "query_all",
    "scan": "scan_all",
    "batch_get_item": "batch_get_all",
    **{name: name for name in bucket.CALLS},
}
"""What else is called for the archive, by the names of it: reads of wallets that are no more, too (``attic``)."""
WRITES: Final = frozenset(
    {
        *("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items"),
        *("put_object", "delete_objects"),
    }
)
ALONE: Final = frozenset({"put_item", "update_item", "delete_item"})
OF_READS: Final = {
    "late request": "lost request",
    "conflict": "throttled",
    "lost answer": "lost request",
    "broken after": "broken before",
    "died after": "died before",
}
"""A read that is done and not heard is as one that was not done."""
OPERATION: Final = {
    called: "".join(part.title() for part in name.split("_"))
    for name, called in [*zip(CALLS, CALLS, strict=True), *OF_THE_ARCHIVE.items()]
}
"""The names that DynamoDB and S3 have for them."""
BUSY: Final = frozenset(OPERATION[name] for name in bucket.CALLS)
"""Operations of S3, which has words of its own for what it does not do now."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How much goes wrong. ``rate``: of calls that anything happens to; ``alone``: the same of writes by
    themselves, of which there are few; ``open``: of transactions that others may
    come into; ``up``: of looks at the time that is left, after which there is none; ``weights``: what happens, of
    those calls."""

    rate: float = 0.14
    alone: float = 0.5
    open: float = 0.06
    up: float = 0.01
    weights: tuple[tuple[str, float], ...] = (
        ("waits", 60),
        ("slow", 6),
        ("lost request", 3),
        ("lost answer", 7),
        ("late request", 3),
        ("broken before", 2),
        ("broken after", 3),
        ("throttled", 5),
        ("conflict", 5),
        ("died before", 3),
        ("died after", 4),
        ("in parts", 6),
    )

    def chooser(self) -> Callable[[random.Random], str]:
        names = [name for name, _ in self.weights]
        sums = list(accumulate(weight for _, weight in self.weights))
        return lambda dice: names[bisect(sums, dice.random() * sums[-1])]


@dataclass(slots=True)
class Turn:
    """One step's own dice, and what happened to it. ``quiet``: nothing goes wrong. ``number``: the step's, below zero
    while a request of it is heard that it waits for no more. ``up``: its function's time has run out. ``limit``: how
    long that time is; ``calm``: by what goes wrong less often, where a step has very many calls."""

    number: int
    dice: random.Random
    quiet: bool
    started: int
    client: str = ""
    up: bool = False
    limit: int = FUNCTION_MS
    calm: float = 1


class Wire:
    """The client object that a simulated process has for DynamoDB."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.turn: Turn | None = None
        call = network.call
        for name in CALLS:
            setattr(self, name, lambda _name=name, **request: call(self.turn, _name, request))


class ArchiveWire(Wire):
    """That of a process which has the archive, too."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        call = network.call
        for name, called in OF_THE_ARCHIVE.items():
            if name == "put_object":
                continue
            setattr(self, name, lambda _name=called, **request: call(self.turn, _name, request))

    def put_object(self, *, Body: bytes | bucket.Body, **request: Any) -> Any:
        """A call that is sent again, or comes late, has all of its body."""
        body = Body if isinstance(Body, bytes) else Body.read()
        return self._network.call(self.turn, "put_object", {**request, "Body": body})


Late = tuple[int, int, Turn, str, dict[str, Any]]
"""When it comes at the latest (ticks, and milliseconds), whose it is, the call and its parameters."""


class Network:
    """All wires, and what is still under way in them."""

    def __init__(
        self,
        dynamo: Dynamo,
        clock: Clock,
        faults: Faults,
        wake: Callable[[Turn], None],
        more: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        """``more``: calls of others than DynamoDB, by their names here."""
        self._dynamo, self._clock, self._faults, self._wake = dynamo, clock, faults, wake
        self._choose = faults.chooser()
        self._calls = {name: getattr(dynamo, name) for name in CALLS} | dict(more or {})
        self._late: list[Late] = []
        self._ticks = 0
        self._tokens = 0
        self.hands: Hands | None = None
        self.happened: Counter[str] = Counter()
        self.calls = 0
        self.current: Callable[[], Turn | None] = lambda: None
        dynamo.midway = self.midway

    def call(self, turn: Turn | None, name: str, request: dict[str, Any]) -> Any:
        """One call of one client."""
        self.calls += 1
        rate = self._faults.alone if name in ALONE else self._faults.rate * (turn.calm if turn else 1)
        if turn is None or turn.quiet or turn.dice.random() >= rate:
            return self._calls[name](**request)
        fault = self._choose(turn.dice)
        return self._faulty(turn, fault, name, request)

    def tick(self, turn: Turn) -> None:
        """Requests that were thought lost arrive, or are never heard of again."""
        self._ticks += 1
        while self._late and (self._late[0][0] <= self._ticks or self._late[0][1] <= self._clock.now):
            _, until, sender, name, request = self._late.pop(0)
            if self._clock.now < until:
                self.happened["came late"] += 1
                self._wake(replace(sender, number=-sender.number))
                # Nobody is there to wait for it.
                self._dynamo.midway = None
                with suppress(ClientError):
                    self._calls[name](**request)
                self._dynamo.midway = self.midway
                self._wake(turn)

    def in_time(self) -> bool:
        """Whether the function has the time for another call, as its invocation says: sometimes it has not."""
        turn = self.current()
        if turn is None or turn.quiet:
            return True
        left = turn.limit - (self._clock.now - turn.started)
        if not turn.up and (left <= MARGIN_MS or turn.dice.random() < self._faults.up):
            turn.up = True
            self.happened["time was up"] += 1
        return not turn.up

    def arrive(self) -> None:
        """What is still under way is lost."""
        self._late.clear()

    def midway(self) -> None:
        """A transaction has begun and is not done: others may come in between."""
        turn = self.current()
        if turn is not None and not turn.quiet and turn.dice.random() < self._faults.open:
            self._wait(turn, "open transaction")

    def _faulty(self, turn: Turn, fault: str, name: str, request: dict[str, Any]) -> Any:
        dice = turn.dice
        if name == "transact_write_items" and "ClientRequestToken" not in request:
            self._tokens += 1
            request = {**request, "ClientRequestToken": f"sdk-{self._tokens}"}
        if fault == "in parts":
            return self._in_parts(dice, name, request)
        if fault == "waits":
            self._wait(turn, fault)
            return self._calls[name](**request)
        if name not in WRITES:
            fault = OF_READS.get(fault, fault)
        self.happened[f"{fault}: {OPERATION[name]}"] += 1
        if fault == "slow":
            self._clock.pass_(dice.randint(50, SLOW_MS))
            return self._calls[name](**request)
        if fault == "throttled":
            raise self._throttled(dice, name, request)
        if fault == "conflict":
            raise self._conflict(dice, name, request)
        if fault in ("died after", "broken after", "lost answer"):
            self._quietly(self._calls[name], request)
        if fault.startswith("died"):
            raise Died
        return self._unheard(turn, fault, name, request)

    def _unheard(self, turn: Turn, fault: str, name: str, request: dict[str, Any]) -> Any:
        """No answer, or an error that says nothing: botocore sends the call again, once."""
        dice = turn.dice
        if fault == "late request":
            until = self._clock.now + LATE_MS
            self._late.append((self._ticks + dice.randint(1, LATE_TICKS), until, turn, name, request))
            self._late.sort(key=lambda late: late[:2])
        if not fault.startswith("broken"):
            self._clock.pass_(dice.randint(1, ANSWER_MS))
        if dice.random() < SENT_AGAIN:
            self.happened[f"sent again: {OPERATION[name]}"] += 1
            return self._calls[name](**request)
        if fault.startswith("broken"):
            raise error("InternalServerError", "Internal server error", OPERATION[name], 500)
        if fault == "lost request" and dice.random() < SENT_AGAIN:
            raise ConnectTimeoutError(endpoint_url=URL)
        raise ReadTimeoutError(endpoint_url=URL)

    @staticmethod
    def _quietly(call: Callable[..., Any], request: dict[str, Any]) -> None:
        """The call is carried out, and whatever it says is not heard."""
        with suppress(ClientError):
            call(**request)

    def _in_parts(self, dice: random.Random, name: str, request: dict[str, Any]) -> Any:
        """A page that is shorter than it might be; a batch of which some keys are left for later."""
        if OPERATION[name] == "Query":
            self.happened["short page"] += 1
            return self._calls[name](**request, page_bytes=dice.choice((1, 400, 3000)))
        if OPERATION[name] == "Scan":
            return self._calls[name](**request, page_items=dice.choice((1, 7, 40)))
        if name == "batch_get_item":
            ((table, asked),) = request["RequestItems"].items()
            keys = asked["Keys"]
            taken = dice.randrange(len(keys) + 1)
            if taken < len(keys):
                self.happened["keys left unread"] += 1
                left = {table: {**asked, "Keys": keys[taken:]}}
                if not taken:
                    return {"Responses": {}, "UnprocessedKeys": left}
                part = {table: {**asked, "Keys": keys[:taken]}}
                return {**self._calls[name](RequestItems=part), "UnprocessedKeys": left}
        return self._calls[name](**request)

    def _wait(self, turn: Turn, why: str) -> None:
        """Others go on meanwhile. A function that has waited too long is stopped."""
        assert self.hands
        if self.hands.wait(turn.dice.randint(1, LONGEST_WAIT)):
            self.happened[why] += 1
            self._wake(turn)
            if self._clock.now - turn.started > turn.limit:
                self.happened["function timed out"] += 1
                raise Died

    @staticmethod
    def _throttled(dice: random.Random, name: str, request: dict[str, Any]) -> ClientError:
        if name == "transact_write_items" and dice.random() < 0.7:
            code = dice.choice(("ThrottlingError", "ProvisionedThroughputExceeded"))
            return cancelled(_one_of(dice, request["TransactItems"], {"Code": code, "Message": "Too busy"}))
        if OPERATION[name] in BUSY:
            return error("SlowDown", "Please reduce your request rate.", OPERATION[name], 503)
        code = dice.choice(
            ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded")
        )
        return error(code, "The level of configured throughput was exceeded", OPERATION[name])

    @staticmethod
    def _conflict(dice: random.Random, name: str, request: dict[str, Any]) -> ClientError:
        if OPERATION[name] in BUSY:
            return error("OperationAborted", "A conflicting operation is in progress", OPERATION[name], 409)
        if name != "transact_write_items":
            return error("TransactionConflictException", CONFLICT, OPERATION[name])
        reason = {"Code": "TransactionConflict", "Message": CONFLICT}
        return cancelled(_one_of(dice, request["TransactItems"], reason))


def _one_of(dice: random.Random, items: Sequence[Any], reason: dict[str, Any]) -> list[dict[str, Any]]:
    reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in items]
    reasons[dice.randrange(len(items))] = reason
    return reasons
