"""What is asked of a wallet that is far behind is answered, or told to come again, before the function's time is up
(law 3: what is told so is done once, and goes on where it ended)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ReadTimeoutError

from scrip import invocation, runtime
from tests.aws import NEW_YEAR, Answer, Buyer, Context, Deployment
from tests.sweeps import sweep

pytestmark = pytest.mark.usefixtures("in_memory")

DAILY = {"amount": "1", "every": "P1D"}
LATE = "2030-07-01T00:00:00.000Z"
"""181 days after New Year: so many grants and expiries of a daily allowance, some 9 commits of them."""
Hurry = Callable[[int], None]


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Hurry:
    """Leaves each invocation the time for so many calls that it looks before, and for no more."""
    left = [0]

    def bounded(looks: int) -> None:
        @contextmanager
        def lasting(_context: Any) -> Iterator[None]:
            left[0] = looks
            yield

        def seconds_left() -> float:
            left[0] -= 1
            return 100.0 if left[0] >= 0 else 0.0

        monkeypatch.setattr(invocation, "lasting", lasting)
        monkeypatch.setattr(invocation, "seconds_left", seconds_left)

    return bounded


def behind(scrip: Deployment, account: str, clock: str = NEW_YEAR) -> None:
    """A wallet with 100 credits, and a daily allowance that nothing has booked since."""
    scrip.grant(account, "100", clock=clock)
    assert scrip.put(f"/v1/accounts/{account}/allowances/daily", DAILY, clock=clock).status == 201


def version(scrip: Deployment, account: str) -> int:
    context = runtime.executor().context(account, "credits", fresh=True)
    return context.snapshot.wallet.version


def persisted(scrip: Deployment, account: str, ask: Callable[[], Answer]) -> tuple[Answer, int]:
    """Asks until it is answered, and how often it was told to come again; each time more of the wallet is booked."""
    told, reached = 0, version(scrip, account)
    while (answer := ask()).status == 503:
        assert (answer.code, "retry-after" in answer.headers) == ("unavailable", True)
        before, reached = reached, version(scrip, account)
        assert reached > before, "it does not go on"
        told += 1
        assert told < 30
    return answer, told


ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a burn": ("POST", "burns", {"amount": "2"}),
    "a hold": ("POST", "holds", {"amount": "2"}),
    "a grant": ("POST", "grants", {"amount": "2", "kind": "promotional"}),
    "a void": ("POST", "lots/lot_1/void", {"amount": "2", "reason": "mistake"}),
    "a debit": ("POST", "adjustments", {"direction": "debit", "amount": "2", "reason": "mistake"}),
    "a freeze": ("POST", "freeze", {"reason": "look"}),
    "another allowance": ("PUT", "allowances/weekly", {"amount": "2", "every": "P1W"}),
    "the end of the allowance": ("DELETE", "allowances/daily", {}),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_is_told_to_come_again_until_all_is_booked_and_is_then_done_once(
    scrip: Deployment, account: str, hurry: Hurry, name: str
) -> None:
    behind(scrip, account)
    hurry(6)
    method, path, body = ASKED[name]
    sent: dict[str, Any] = {} if method != "POST" else {"key": "k"}
    if method != "DELETE":
        sent["body"] = body

    def ask() -> Answer:
        return scrip.send(method, f"/v1/accounts/{account}/{path}", clock=LATE, **sent)

    answer, told = persisted(scrip, account, ask)
    assert answer.status in (200, 201, 204), answer.text
    assert told >= 2
    entries = version(scrip, account)
    ask()
    assert version(scrip, account) == entries, "a second one"
    scrip.sound(account)


def test_a_batch_of_burns_is(scrip: Deployment, account: str, hurry: Hurry) -> None:
    behind(scrip, account)
    hurry(6)
    burns = {"burns": [{"amount": "1", "key": f"b{number}"} for number in range(5)]}
    path = f"/v1/accounts/{account}/burns/batch"
    answer, told = persisted(scrip, account, lambda: scrip.post(path, burns, clock=LATE))
    assert ([one["status"] for one in answer.body["items"]], told >= 2) == ([201] * 5, True)
    assert answer.body["balance"]["available"] == "96", "100 and the day's 1, less 5"
    scrip.sound(account)


@pytest.mark.parametrize("late", ["sender", "receiver", "both"])
def test_a_transfer_is_whichever_wallet_is_behind(
    scrip: Deployment, account: str, hurry: Hurry, late: str
) -> None:
    unit = scrip.put("/v1/units/moved", {"precision": 0, "policy": {"transferable": True}})
    assert unit.status in (200, 201), unit.text
    other = f"{account}-b"
    for name, is_late in ((account, late != "receiver"), (other, late != "sender")):
        scrip.grant(name, "100", unit="moved", clock=NEW_YEAR)
        if is_late:
            body = {**DAILY, "unit": "moved"}
            assert scrip.put(f"/v1/accounts/{name}/allowances/daily", body, clock=NEW_YEAR).status == 201
    hurry(8)
    body = {"to_account": other, "amount": "7", "unit": "moved"}
    path, told = f"/v1/accounts/{account}/transfers", 0
    while (answer := scrip.post(path, body, key="t", clock=LATE)).status == 503:
        told += 1
        assert told < 40
    assert (answer.status, told >= 2) == (201, True), answer.text
    for name in (account, other):
        scrip.sound(name, "moved")
    hurry(1000)
    assert scrip.balance(other, clock=LATE, query={"unit": "moved"})["total"] in ("107", "108")


def test_a_compensation_is_account_by_account(scrip: Deployment, account: str, hurry: Hurry) -> None:
    behind(scrip, account)
    other = f"{account}-b"
    hurry(6)
    body = {
        "incident": f"i-{account}",
        "accounts": [{"account": name} for name in (account, other)],
        "amount": "5",
        "reason": "outage",
    }
    told = 0
    while True:
        answer = scrip.post("/v1/compensations", body, clock=LATE)
        assert answer.status == 200, answer.text
        if not answer.body["left"]:
            break
        told += 1
    assert told >= 2
    assert {item["status"] for item in answer.body["items"]} == {201}
    scrip.sound(account)


def test_a_capture_of_a_hold_goes_on_and_comes_to_its_end(
    scrip: Deployment, account: str, hurry: Hurry
) -> None:
    """120 lots that end one a second are three commits. The hold's own deadline is a week away."""
    for number in range(120):
        scrip.grant(
            account, "1", clock=NEW_YEAR, expires_at=f"2030-01-01T12:{number // 60:02d}:{number % 60:02d}Z"
        )
    scrip.grant(account, "10", clock=NEW_YEAR, priority=0)
    hold = scrip.move(account, "holds", amount="10", expires_in="P6D", clock=NEW_YEAR).body["hold"]["hold_id"]
    scrip.cold()
    hurry(4)
    path = f"/v1/accounts/{account}/holds/{hold}/capture"
    answer, told = persisted(
        scrip, account, lambda: scrip.post(path, {"amount": "4"}, key="c", clock="2030-01-03T00:00:00Z")
    )
    assert (answer.status, answer.body["hold"]["captured"], told >= 1) == (201, "4", True)
    scrip.sound(account)


def test_a_look_is_unavailable_until_the_sweep_has_booked_what_is_due(
    scrip: Deployment, account: str, hurry: Hurry
) -> None:
    """A read writes nothing: it says that it has no time. The sweep comes every minute, and goes on where it ended."""
    behind(scrip, account)
    path = f"/v1/accounts/{account}/balance"
    hurry(3)
    refused = scrip.get(path, clock=LATE)
    assert (refused.status, refused.code, "retry-after" in refused.headers) == (503, "unavailable", True)
    hurry(6)
    swept = [sweep(scrip, account, LATE)]
    while not swept[-1]["done"]:
        swept.append(sweep(scrip, account, LATE))
        assert len(swept) < 30
    assert len(swept) > 2
    assert all(one["failed"] == 0 for one in swept)
    shown = scrip.get(path, clock=LATE)
    assert (shown.status, shown.body["available"]) == (200, "101")
    scrip.sound(account)


def test_a_payments_grant_comes_again_by_the_queue(
    scrip: Deployment, account: str, hurry: Hurry, dodo: Any
) -> None:
    """Law 9. It is this machine's clock here: the allowance began in January 2026."""
    behind(scrip, account, clock="2026-01-01T00:00:00Z")
    buyer = Buyer(scrip, dodo, account)
    buyer.order()
    paid = buyer.pays()
    assert scrip.webhook(paid, provider="dodo").status == 200
    records, told = scrip.queued(), 0
    hurry(8)
    while True:
        try:
            assert scrip.apply(records) == []
            break
        except BatchProcessingError:  # all of the batch failed: the queue gives it again
            told += 1
            assert told < 60
    assert told >= 2
    hurry(1000)
    assert buyer.status == "paid"
    scrip.sound(account)


# The time itself


def test_within_an_invocation_its_time_runs_and_outside_there_is_no_end() -> None:
    assert invocation.in_time()
    with invocation.lasting(Context(10_000)):
        assert 9 < invocation.seconds_left() <= 10
        assert invocation.in_time()
    with invocation.lasting(Context(4_500)):
        assert not invocation.in_time()
    with invocation.lasting(None):
        assert invocation.in_time()
    assert invocation.seconds_left() == float("inf")


def test_an_invocation_that_fails_leaves_no_end_to_the_next() -> None:
    with pytest.raises(KeyError), invocation.lasting(Context(1)):
        raise KeyError
    assert invocation.in_time()


@pytest.mark.parametrize(("left", "attempts"), [(9_000, 2), (4_000, 1)])
def test_a_call_is_tried_a_second_time_only_where_that_one_has_time_to_end(
    monkeypatch: pytest.MonkeyPatch, left: int, attempts: int
) -> None:
    """One attempt takes four seconds at most: one to connect, three to be answered."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    client = runtime.client.__wrapped__("dynamodb")
    tried: list[str] = []

    def refuse(request: Any, **_: Any) -> None:
        tried.append(request.url)
        raise ReadTimeoutError(endpoint_url=request.url)

    client.meta.events.register("before-send", refuse)
    with invocation.lasting(Context(left)), pytest.raises(ReadTimeoutError):
        client.list_tables()
    assert len(tried) == attempts
