"""Sustained overload: DynamoDB refuses everything, or every transaction, or does not answer at all. Whatever is asked
for hears 429 or 503 and when to come back, soon: what is counted is the calls, their attempts and the pauses, not the
clock. Nothing is written, and afterwards the same key goes on (law 3)."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber

from scrip import runtime
from scrip.services.engine import attempts
from tests.aws import ROOT, Answer, Deployment, Fault, listening, patient_executor, template

PATHS: Final = sorted((ROOT / "events" / "http").glob("*.json"))
ATTEMPTS: Final = 2
"""Of one call, by botocore: runtime.client."""
ASK_NOTHING: Final = {
    "post_webhook": 401,
    "get_get_health": 200,
    "get_get_version": 200,
    "get_get_openapi": 200,
}
"""Samples that are answered without a table, and how: a webhook that nobody signed, what is the same for everybody."""
BACKOFF: Final = 1.0
"""Seconds that botocore waits at most between the two."""
READ_TIMEOUT: Final = 3.0


@dataclass
class Overload:
    """What was tried and waited for meanwhile."""

    sent: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)


@contextmanager
def overload(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch, fail: Callable[[], Any]
) -> Iterator[Overload]:
    """Each request to DynamoDB fails on the wire, so that botocore's own retries are part of it. Nobody sleeps.

    With a new client: an old one has a quota of retries, and soon gives up at the first attempt.
    """
    runtime.client.cache_clear()
    scrip.cold()
    seen = Overload()
    executor, answered = patient_executor(seen.pauses), BotocoreStubber.__call__

    def on_the_wire(moto: BotocoreStubber, event_name: str, request: Any, **more: Any) -> Any:
        if not event_name.startswith("before-send.dynamodb"):
            return answered(moto, event_name, request, **more)
        seen.sent.append(event_name.rpartition(".")[2])
        return fail()

    with monkeypatch.context() as patch:
        patch.setattr(runtime, "executor", lambda: executor)
        patch.setattr(time, "sleep", seen.pauses.append)
        patch.setattr(BotocoreStubber, "__call__", on_the_wire)
        yield seen


class Raw:
    """What botocore reads an answer's body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body


def throttled() -> AWSResponse:
    body = b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Rate exceeded"}'
    return AWSResponse("https://dynamodb.example.test", 400, {}, Raw(body))  # type: ignore[arg-type]


def silent() -> Any:
    raise ReadTimeoutError(endpoint_url="https://dynamodb.eu-west-1.amazonaws.com")


def come_back(answer: Answer, *statuses: int) -> None:
    assert answer.status in statuses, answer.text
    assert 1 <= int(answer.headers["retry-after"]) <= 3


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_table_that_refuses_everything_is_a_429_after_two_attempts_and_a_second(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch, path: Any
) -> None:
    """Every route there is."""
    sent = json.loads(path.read_text())
    before = scrip.everything()
    with overload(scrip, monkeypatch, throttled) as seen:
        answer = scrip.invoke(sent)
    if path.stem in ASK_NOTHING:
        assert (answer.status, seen.sent) == (ASK_NOTHING[path.stem], [])
        return
    come_back(answer, 429)
    assert len(seen.sent) == ATTEMPTS
    assert sum(seen.pauses) <= BACKOFF
    assert scrip.everything() == before


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_table_that_does_not_answer_is_a_503_within_the_functions_time(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch, path: Any
) -> None:
    """Two attempts of 3 s and a second between them are 7 s; a function has 10 s or more."""
    sent = json.loads(path.read_text())
    with overload(scrip, monkeypatch, silent) as seen:
        answer = scrip.invoke(sent)
    if path.stem in ASK_NOTHING:
        assert (answer.status, seen.sent) == (ASK_NOTHING[path.stem], [])
        return
    come_back(answer, 503)
    config = runtime.client("dynamodb").meta.config
    assert (config.read_timeout, config.retries["total_max_attempts"]) == (READ_TIMEOUT, ATTEMPTS)
    seconds = template()["Globals"]["Function"]["Timeout"]
    assert len(seen.sent) == ATTEMPTS
    assert len(seen.sent) * READ_TIMEOUT + sum(seen.pauses) <= 7 < seconds


@pytest.mark.parametrize("fail", [throttled, silent])
def test_a_signed_webhook_that_cannot_be_kept_is_a_503_after_two_attempts_and_taken_when_it_comes_again(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch, fail: Callable[[], Any]
) -> None:
    """A provider takes any 5xx as "again"; nothing is queued that is not kept."""
    said = json.loads((ROOT / "events" / "webhooks" / "dodo_payment_succeeded.json").read_text())
    delivery = f"msg_{fail.__name__}"
    with overload(scrip, monkeypatch, fail) as seen:
        answer = scrip.webhook(said, delivery)
    come_back(answer, 503)
    assert (seen.sent, scrip.kept(delivery), scrip.queued()) == (["PutItem"] * ATTEMPTS, [], [])
    assert scrip.webhook(said, delivery).status == 200
    assert len(scrip.queued()) == 1


def test_a_balance_and_a_burn_by_the_same_key_go_on_when_the_table_does(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrip.grant(account, "10")
    before = scrip.everything()
    with overload(scrip, monkeypatch, throttled):
        for _ in range(3):
            come_back(scrip.burn(account, "3", "b1"), 429)
            come_back(scrip.get(f"/v1/accounts/{account}/balance"), 429)
    assert scrip.everything() == before
    burned = scrip.burn(account, "3", "b1")
    assert (burned.status, burned.replayed, burned.balance["total"]) == (201, False, "7")
    assert scrip.balance(account)["total"] == "7"


# Reads work, and every transaction is refused: by the wallet's partition, the ledger's, or another transaction

Prepare = Callable[[Deployment, str], Any]


def _nothing(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", "first")


def _held(scrip: Deployment, account: str) -> str:
    _nothing(scrip, account)
    return str(scrip.move(account, "holds", amount="50").body["hold"]["hold_id"])


def _burned(scrip: Deployment, account: str) -> str:
    _nothing(scrip, account)
    return str(scrip.burn(account, "30").body["entry"]["entry_id"])


def _lot(scrip: Deployment, account: str) -> str:
    return str(scrip.grant(account, "100").body["lot"]["lot_id"])


def _miles(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/units/{account}", {"precision": 0, "policy": {"transferable": True}})
    scrip.grant(account, "100", unit=account)


def _code(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/promotions/{account}", {"amount": "10", "identities": ["email"]})


def _frozen(scrip: Deployment, account: str) -> None:
    _nothing(scrip, account)
    scrip.move(account, "freeze", reason="a look")


ABOUT_MONEY: Final = {"value": {"amount": 100, "currency": "USD"}, "paid": {"amount": 100, "currency": "USD"}}
# What was done before; what is asked for, under the account's path or from the root; with {} for what that gave.
MOVES: Final[dict[str, tuple[Prepare, str, dict[str, Any]]]] = {
    "grant": (_nothing, "grants", {"amount": "5"}),
    "burn": (_nothing, "burns", {"amount": "5"}),
    "reversal": (_burned, "burns/{}/reversal", {}),
    "hold": (_nothing, "holds", {"amount": "5"}),
    "capture": (_held, "holds/{}/capture", {}),
    "release": (_held, "holds/{}/release", {}),
    "extend": (_held, "holds/{}/extend", {"expires_in": "PT1H"}),
    "void": (_lot, "lots/{}/void", {}),
    "transfer": (_miles, "transfers", {"unit": "ACCOUNT", "to_account": "somebody", "amount": "5"}),
    "refund": (_nothing, "refunds", {"source": {"type": "invoice", "id": "ACCOUNT"}, **ABOUT_MONEY}),
    "redemption": (_code, "redemptions", {"code": "ACCOUNT", "identities": {"email": "a@example.test"}}),
    "adjustment": (_nothing, "adjustments", {"direction": "credit", "amount": "5", "reason": "counted"}),
    "freeze": (_nothing, "freeze", {"reason": "a look"}),
    "unfreeze": (_frozen, "unfreeze", {"reason": "looked"}),
    "batch": (_nothing, "burns/batch", {"burns": [{"key": f"b{n}", "amount": "1"} for n in range(90)]}),
}


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        (("ThrottlingError", "None"), 429),
        (("None", "ProvisionedThroughputExceeded"), 429),
        (("TransactionConflict", "None"), 409),
    ],
    ids=["a throttled wallet", "a throttled ledger", "contention"],
)
@pytest.mark.parametrize("name", MOVES)
def test_a_move_whose_every_transaction_is_refused_is_told_so_after_14_of_them_and_2500_ms(
    scrip: Deployment,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    codes: tuple[str, ...],
    status: int,
) -> None:
    """The longest pauses that chance allows, and no more than 2.5 s of them; then the same key goes on."""
    prepare, path, body = MOVES[name]
    path = path.format(prepare(scrip, account))
    body = json.loads(json.dumps(body).replace("ACCOUNT", account))
    sent = {"body": body, "key": None if name == "batch" else "k1"}
    before = scrip.everything()
    pauses: list[float] = []
    executor = patient_executor(pauses)
    with monkeypatch.context() as patch:
        patch.setattr(random, "uniform", lambda _least, most: most)
        patch.setattr(time, "sleep", pauses.append)
        patch.setattr(runtime, "executor", lambda: executor)
        with scrip.broken("TransactWriteItems", Fault.cancelled(*codes), times=1000), scrip.calls() as made:
            answer = scrip.send("POST", f"/v1/accounts/{account}/{path}", **sent)
    come_back(answer, status)
    assert [call.name for call in made].count("TransactWriteItems") == attempts.ATTEMPTS == 14
    assert sum(pauses) == pytest.approx(attempts.PATIENCE) == 2.5
    assert scrip.everything() == before
    again = scrip.send("POST", f"/v1/accounts/{account}/{path}", **sent)
    assert (again.status, again.replayed) == (200 if name == "batch" else 201, False)


def test_an_incident_of_500_accounts_stops_where_the_table_is_throttled_and_goes_on_afterwards(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight accounts are tried side by side; the other 492 are not, once one of these was throttled.

    The first transaction is that of the incident itself.
    """
    accounts = [f"{account}-{number}" for number in range(500)]
    listed = [{"account": one} for one in accounts]
    body = {"incident": account, "accounts": listed, "amount": "5", "reason": "an outage"}
    pauses: list[float] = []
    executor, turn, throttle = patient_executor(pauses), count(), Fault.cancelled("ThrottlingError", "None")
    with monkeypatch.context() as patch:
        patch.setattr(runtime, "executor", lambda: executor)
        with (
            scrip.broken("TransactWriteItems", lambda: throttle() if next(turn) else None, times=10_000),
            scrip.calls() as made,
        ):
            answer = scrip.post("/v1/compensations", body)
    assert (answer.status, answer.body["compensated"], answer.body["left"]) == (200, 0, 500)
    assert {item["problem"]["code"] for item in answer.body["items"]} == {"throttled", "unavailable"}
    assert [call.name for call in made].count("TransactWriteItems") <= 1 + 2 * 8 * 14
    assert sum(pauses) <= 2 * 8 * attempts.PATIENCE
    few = {**body, "accounts": listed[:8]}
    assert scrip.post("/v1/compensations", few).body["compensated"] == 8
    assert {scrip.balance(one)["total"] for one in accounts[:8]} == {"5"}


# One hot wallet and the others: they share a process, and no lock


def test_while_a_hot_wallet_is_throttled_another_burns_with_one_call_and_no_pause(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered of the other wallet stays remembered."""
    pauses: list[float] = []
    executor = patient_executor(pauses)
    monkeypatch.setattr(runtime, "executor", lambda: executor)
    hot, other = f"{account}-hot", f"{account}-other"
    for name in (hot, other):
        scrip.grant(name, "100")
    with scrip.broken("TransactWriteItems", Fault.cancelled("ThrottlingError", "None"), times=14):
        come_back(scrip.burn(hot, "1"), 429)
    waited = len(pauses)
    with scrip.calls() as made:
        assert scrip.burn(other, "1").balance["total"] == "99"
    assert [call.name for call in made] == ["TransactWriteItems"]
    assert len(pauses) == waited


def test_while_a_burn_of_a_hot_wallet_waits_in_the_middle_another_wallet_is_burned(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten burns of the other begin and end while the hot wallet's transaction is on its way, in the same process."""
    hot, other = f"{account}-hot", f"{account}-other"
    for name in (hot, other):
        scrip.grant(name, "100")
    on_its_way, go_on, answers = threading.Event(), threading.Event(), []

    def wait(params: Any, **_: Any) -> None:
        if hot in json.dumps(
            params["body"].decode() if isinstance(params["body"], bytes) else params["body"]
        ):
            on_its_way.set()
            assert go_on.wait(30)

    stuck = threading.Thread(target=lambda: answers.append(scrip.burn(hot, "1")))
    with listening("before-call.dynamodb.TransactWriteItems", wait):
        try:
            stuck.start()
            assert on_its_way.wait(30)
            totals = [scrip.burn(other, "1").balance["total"] for _ in range(10)]
            assert (totals[-1], answers) == ("90", [])
        finally:
            go_on.set()
            stuck.join()
    assert answers[0].balance["total"] == "99"
