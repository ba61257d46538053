"""What goes wrong between a function and its tables: refused transactions, throttling, lost answers. Whatever it is,
the caller hears 409, 429 or 503 and when to come back; the same key then succeeds once (law 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scrip import runtime
from scrip.services.engine import attempts
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, Fault, patient_executor
from tests.http.contract import refused

CONFLICT = ("TransactionConflict", "None")


@pytest.fixture
def pauses(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses the executor would make; it makes none."""
    made: list[float] = []
    executor = patient_executor(made)
    monkeypatch.setattr(runtime, "executor", lambda: executor)
    return made


PASSING: list[tuple[str, Callable[[], Any]]] = [
    ("a conflict on the wallet", Fault.cancelled("TransactionConflict", "None")),
    ("a conflict on the entry", Fault.cancelled("None", "TransactionConflict")),
    ("a conflict on both", Fault.cancelled("TransactionConflict", "TransactionConflict")),
    ("a throttled wallet", Fault.cancelled("ThrottlingError", "None")),
    ("a throttled ledger", Fault.cancelled("None", "ProvisionedThroughputExceeded")),
    ("conflict and throttling", Fault.cancelled("TransactionConflict", "ThrottlingError")),
]


@pytest.mark.parametrize(("_", "fault"), PASSING, ids=[row[0] for row in PASSING])
@pytest.mark.parametrize("times", [1, 3, attempts.ATTEMPTS - 1])
def test_a_burn_survives(
    scrip: Deployment, account: str, pauses: list[float], _: str, fault: Callable[[], Any], times: int
) -> None:
    scrip.grant(account, "10")
    with scrip.broken("TransactWriteItems", fault, times=times):
        answer = scrip.burn(account, "1", "b1")
    assert (answer.status, answer.replayed, answer.balance["total"]) == (201, False, "9")
    assert len(pauses) == times
    assert all(0 <= pause <= attempts.LONGEST_PAUSE for pause in pauses)
    assert [entry["kind"] for entry in scrip.entries(account)] == ["grant", "burn"]
    scrip.sound(account)


@pytest.mark.parametrize(
    ("codes", "status", "code"),
    [
        (("TransactionConflict", "None"), 409, "contended"),
        (("ThrottlingError", "None"), 429, "throttled"),
        (("None", "ProvisionedThroughputExceeded"), 429, "throttled"),
    ],
)
def test_it_is_tried_14_times_and_then_refused_with_when_to_come_back(
    scrip: Deployment, account: str, pauses: list[float], codes: tuple[str, ...], status: int, code: str
) -> None:
    scrip.grant(account, "10")
    before = scrip.wallet(account)
    with scrip.broken("TransactWriteItems", Fault.cancelled(*codes), times=100), scrip.calls() as made:
        answer = scrip.burn(account, "1", "b1")
    refused(answer, status, code)
    commits = [call for call in made if call.name == "TransactWriteItems"]
    assert len(commits) == 14
    tokens = {call.params["ClientRequestToken"] for call in commits}
    assert len(tokens) == 14
    assert scrip.wallet(account) == before
    assert scrip.burn(account, "1", "b1").status == 201


ERRORS: list[tuple[str, Callable[[], Any], int, str]] = [
    ("no answer", Fault.timeout, 503, "unavailable"),
    ("an internal error", Fault.error("InternalServerError", 500), 503, "unavailable"),
    ("an unavailable service", Fault.error("ServiceUnavailable", 503), 503, "unavailable"),
    ("a transaction in progress", Fault.error("TransactionInProgressException"), 503, "unavailable"),
    ("a throttled request", Fault.error("ThrottlingException"), 429, "throttled"),
    ("a throttled table", Fault.error("ProvisionedThroughputExceededException"), 429, "throttled"),
    ("a limit of the account", Fault.error("RequestLimitExceeded"), 429, "throttled"),
]


@pytest.mark.parametrize(("_", "fault", "status", "code"), ERRORS, ids=[row[0] for row in ERRORS])
@pytest.mark.parametrize("lost", [False, True], ids=["before the commit", "after the commit"])
def test_an_answer_that_is_not_heard_is_a_503_and_the_same_key_books_once(
    scrip: Deployment,
    account: str,
    pauses: list[float],
    lost: bool,
    _: str,
    fault: Callable[[], Any],
    status: int,
    code: str,
) -> None:
    scrip.grant(account, "10")

    def fail() -> Any:
        # After the commit a hook cannot answer in its place: whatever is not heard then is the same.
        return Fault.timeout() if lost else fault()

    with scrip.broken("TransactWriteItems", fail, lost=lost):
        answer = scrip.burn(account, "3", "b1")
    refused(answer, 503 if lost else status, "unavailable" if lost else code)
    again = scrip.burn(account, "3", "b1")
    assert (again.status, again.replayed, again.balance["total"]) == (201, lost, "7")
    assert scrip.burn(account, "3", "b1").body == again.body
    assert [entry["kind"] for entry in scrip.entries(account)] == ["grant", "burn"]
    scrip.sound(account)


def test_after_a_lost_answer_another_request_under_the_key_is_refused(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10")
    with scrip.broken("TransactWriteItems", Fault.timeout, lost=True):
        assert scrip.burn(account, "3", "b1").status == 503
    assert scrip.burn(account, "4", "b1").code == "idempotency_key_reused"
    assert scrip.balance(account)["total"] == "7"


def test_after_a_lost_answer_the_next_burn_reads_first(scrip: Deployment, account: str) -> None:
    """What was remembered of the wallet may be old."""
    scrip.grant(account, "10")
    scrip.burn(account, "1")
    with scrip.broken("TransactWriteItems", Fault.timeout, lost=True):
        scrip.burn(account, "1", "b1")
    with scrip.calls() as made:
        assert scrip.burn(account, "1", "b2").balance["total"] == "7"
    assert [call.name for call in made] == ["GetItem", "TransactWriteItems"]


@pytest.mark.parametrize("operation", ["GetItem", "BatchGetItem", "Query"])
@pytest.mark.parametrize(("_", "fault", "status", "code"), ERRORS, ids=[row[0] for row in ERRORS])
def test_a_read_that_fails_is_a_503_or_a_429(
    scrip: Deployment, account: str, operation: str, _: str, fault: Callable[[], Any], status: int, code: str
) -> None:
    scrip.grant(account, "10")
    before = scrip.wallet(account)
    path = f"/v1/accounts/{account}"
    asks: dict[str, Callable[[], Any]] = {
        "GetItem": lambda: scrip.get(f"{path}/entries/s.1"),
        "BatchGetItem": lambda: scrip.burn(account, "1"),
        "Query": lambda: scrip.get(f"{path}/entries"),
    }
    scrip.cold()
    if operation == "GetItem":
        scrip.get(f"{path}/entries/s.1")
    with scrip.broken(operation, fault):
        refused(asks[operation](), status, code)
    assert scrip.wallet(account) == before


@pytest.mark.parametrize(
    "send",
    [
        lambda scrip, name: scrip.put(f"/v1/units/{name}", {"precision": 0}),
        lambda scrip, name: scrip.post("/v1/keys", {"scope": "read"}),
        lambda scrip, name: scrip.put(
            f"/v1/packs/{name}", {"credits": "1", "price": {"amount": 1, "currency": "USD"}}
        ),
    ],
    ids=["unit", "key", "pack"],
)
def test_a_catalogue_that_cannot_be_written_is_a_503(
    scrip: Deployment, account: str, send: Callable[[Deployment, str], Any]
) -> None:
    with scrip.broken("PutItem", Fault.timeout), scrip.broken("TransactWriteItems", Fault.timeout):
        refused(send(scrip, account), 503, "unavailable")
    assert send(scrip, account).status == 201


CONFLICTED = Fault.error("TransactionConflictException")
"""A write by itself met a transaction that was writing the same item."""


@pytest.mark.parametrize("name", ["unit", "pack"])
def test_a_document_that_a_transaction_is_writing_is_a_409_and_then_written(
    scrip: Deployment, account: str, name: str
) -> None:
    """The simulator found it: it was a 500."""
    bodies = {"unit": {"precision": 0}, "pack": {"credits": "1", "price": {"amount": 1, "currency": "USD"}}}
    with scrip.broken("TransactWriteItems", CONFLICTED):
        refused(scrip.put(f"/v1/{name}s/{account}", bodies[name]), 409, "contended")
    assert scrip.put(f"/v1/{name}s/{account}", bodies[name]).status == 201


def test_a_wallet_that_a_transaction_is_writing_does_not_keep_the_sweep(
    scrip: Deployment, account: str
) -> None:
    """Its place in the index is moved by the next sweep; this one does not fail. The simulator found that it did."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NEXT_DAY)
    scrip.burn(account, "10", clock=NEW_YEAR)
    with scrip.broken("UpdateItem", CONFLICTED):
        assert scrip.sweep(NEXT_DAY)["failed"] == 0
    assert scrip.sweep(NEXT_DAY)["wallets"] == 1
    assert scrip.sweep(NEXT_DAY)["wallets"] == 0


def test_keys_that_a_batch_left_unread_are_asked_for_again(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    scrip.cold()
    key: Any = [{"pk": {"S": f"w#{account}#credits"}, "sk": {"S": "wallet"}}]

    def part() -> Any:
        http = type("Response", (), {"status_code": 200, "headers": {}})()
        return http, {"Responses": {}, "UnprocessedKeys": {"wallets": {"Keys": key}}}

    with scrip.broken("BatchGetItem", part), scrip.calls() as made:
        assert scrip.burn(account, "1").balance["total"] == "9"
    assert [call.name for call in made] == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    scrip.cold()
    with scrip.broken("BatchGetItem", part, times=100):
        refused(scrip.burn(account, "1"), 429, "throttled")
