"""Another writer between this one's reading and its commit: decided again on what is there now (laws 1 to 3)."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import count
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Contended
from scrip.domain.wallets.draft import Draft
from scrip.http.edge import parameters
from scrip.services.engine import attempts
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.wallets.burns import BurnCredits
from tests.aws import NEW_YEAR, Deployment, lot_of, patient_executor


@pytest.fixture(autouse=True)
def _patient(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    executor = patient_executor([])
    monkeypatch.setattr(runtime, "executor", lambda: executor)


def test_a_burn_that_met_another_is_decided_again_on_what_the_failure_brings(
    scrip: Deployment, account: str
) -> None:
    """Within two calls: no read."""
    scrip.grant(account, "100")
    scrip.burn(account, "1")
    with scrip.calls() as made, scrip.meanwhile(lambda: scrip.burn(account, "9")):
        answer = scrip.burn(account, "30")
    assert (answer.balance["total"], answer.body["entry"]["seq"]) == ("60", 4)
    mine = [call.name for call in made]
    # The other's call is among them: a read, for its memory is empty, and its commit.
    assert sorted(mine) == sorted(["TransactWriteItems"] * 3 + ["BatchGetItem"])
    scrip.sound(account)


def test_a_cold_burn_that_met_another_is_two_calls_more_than_the_other(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100")
    executor = patient_executor([])
    runtime.executor = lambda: executor  # type: ignore[assignment]  # undone by the fixture
    with scrip.calls() as made, scrip.meanwhile(lambda: scrip.burn(account, "9")):
        assert scrip.burn(account, "30").balance["total"] == "61"
    assert len(made) == 2 + 3


def test_of_two_burns_for_the_last_credits_one_is_refused(scrip: Deployment, account: str) -> None:
    """Law 2."""
    scrip.grant(account, "10")
    scrip.burn(account, "1")
    with scrip.meanwhile(lambda: scrip.burn(account, "9")):
        answer = scrip.burn(account, "9")
    assert (answer.status, answer.body["available"]) == (402, "0")
    assert scrip.balance(account)["total"] == "0"
    scrip.sound(account)


def test_a_burn_whose_credits_were_granted_meanwhile_succeeds(scrip: Deployment, account: str) -> None:
    """A refusal is given only on the present wallet."""
    scrip.grant(account, "10")
    scrip.burn(account, "1")
    other = patient_executor([])
    mine = runtime.executor
    runtime.executor = lambda: other  # type: ignore[assignment]
    scrip.grant(account, "100")
    runtime.executor = mine
    assert scrip.burn(account, "50").balance["total"] == "59"


def test_twins_under_one_key_at_once_book_once(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    scrip.burn(account, "1")
    twins: list[Any] = []
    with scrip.meanwhile(lambda: twins.append(scrip.burn(account, "30", "b1"))):
        answer = scrip.burn(account, "30", "b1")
    assert (twins[0].status, twins[0].replayed, answer.status, answer.replayed) == (201, False, 201, True)
    assert twins[0].body == answer.body
    assert scrip.balance(account)["total"] == "69"


def test_twins_for_the_last_credits_are_both_answered_with_the_one_burn(
    scrip: Deployment, account: str
) -> None:
    """The slower twin finds nothing left, and then its own entry: the wallet is read before the key."""
    scrip.grant(account, "30")
    with scrip.meanwhile(lambda: scrip.burn(account, "30", "b1")):
        answer = scrip.burn(account, "30", "b1")
    assert (answer.status, answer.replayed) == (201, True)


def test_a_key_taken_meanwhile_by_another_request_is_refused(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    with scrip.meanwhile(lambda: scrip.burn(account, "10", "b1")):
        answer = scrip.burn(account, "20", "b1")
    assert answer.code == "idempotency_key_reused"
    assert scrip.balance(account)["total"] == "90"


def test_two_first_grants_of_a_wallet_at_once_both_count(scrip: Deployment, account: str) -> None:
    with scrip.meanwhile(lambda: scrip.grant(account, "10")):
        answer = scrip.grant(account, "5")
    assert (answer.balance["total"], answer.balance["version"]) == ("15", 2)
    scrip.sound(account)


def test_a_writer_that_is_overtaken_13_times_gets_through(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000")
    with scrip.meanwhile(lambda: scrip.burn(account, "1"), times=attempts.ATTEMPTS - 1):
        assert scrip.burn(account, "100").balance["total"] == "887"
    scrip.sound(account)


def test_a_writer_that_is_overtaken_14_times_is_told_so_and_may_come_again(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "1000")
    with scrip.meanwhile(lambda: scrip.burn(account, "1"), times=attempts.ATTEMPTS):
        answer = scrip.burn(account, "100", "b1")
    assert (answer.status, answer.code) == (409, "contended")
    assert scrip.burn(account, "100", "b1").balance["total"] == "886"


@pytest.mark.parametrize(("torn", "done"), [(attempts.ATTEMPTS - 1, True), (attempts.ATTEMPTS, False)])
def test_what_cannot_be_decided_while_others_write_is_tried_as_often(
    scrip: Deployment, account: str, torn: int, done: bool
) -> None:
    """Rows of several moments may contradict each other: each attempt meets such ones, and a burn of 1 meanwhile."""
    scrip.grant(account, "1000")
    executor, seen = patient_executor([]), []

    def act(draft: Draft, _now: int) -> None:
        seen.append(draft.totals.total // 1_000_000)
        if len(seen) <= torn:
            assert scrip.burn(account, "1").status == 201
            raise LookupError("a lot that is not there")

    with nullcontext() if done else pytest.raises(Contended):
        executor.change(executor.context(account, "credits"), Moment(runtime.now()), act)
    assert seen == [1000 - number for number in range(attempts.ATTEMPTS)]


def test_what_is_recorded_is_the_clock_of_the_attempt_that_committed(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are asked for at one instant. The clock is 10 ms further at each attempt: the burn that was overtaken at 20
    is committed at 30. The other one's clock is behind: it is moved up to 10, what it follows. So is a clock that goes
    back by a second (law 4)."""
    at, clock, executor = runtime.now() + 60_000, count(10, 10), runtime.executor()
    monkeypatch.setattr(runtime, "now", lambda: at)
    executor.now = lambda: at + next(clock)
    scrip.grant(account, "100")
    with scrip.meanwhile(lambda: scrip.burn(account, "9")):
        scrip.burn(account, "30")
    executor.now = lambda: at - 1_000
    scrip.burn(account, "1")
    entries = scrip.get(f"/v1/accounts/{account}/entries").body["items"]
    instant = parameters.format_instant
    assert {entry["at"] for entry in entries} == {instant(at)}
    found = [entry["recorded_at"] for entry in reversed(entries)]
    assert found == [instant(at + ms) for ms in (10, 10, 30, 30)]
    scrip.sound(account)


def test_a_contended_wallet_is_read_first_for_two_seconds(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: at)
    scrip.grant(account, "100")
    scrip.burn(account, "1")
    with scrip.meanwhile(lambda: scrip.burn(account, "1")):
        scrip.burn(account, "1")
    for later, calls in ((0.0, ["GetItem", "TransactWriteItems"]), (1.9, ["GetItem", "TransactWriteItems"])):
        at = 1000.0 + later
        with scrip.calls() as made:
            scrip.burn(account, "1")
        assert [call.name for call in made] == calls
    at = 1002.1
    scrip.burn(account, "1")
    with scrip.calls() as made:
        scrip.burn(account, "1")
    assert [call.name for call in made] == ["TransactWriteItems"]


def test_pages_that_changed_under_a_big_burn_are_read_again(scrip: Deployment, account: str) -> None:
    """The wallet's version guards everything in its partition."""
    for _ in range(60):
        scrip.grant(account, "1", clock=NEW_YEAR)
    with scrip.meanwhile(lambda: scrip.burn(account, "20", clock=NEW_YEAR)):
        answer = scrip.burn(account, "30", clock=NEW_YEAR)
    assert answer.balance["total"] == "10"
    assert [draw["lot_id"] for draw in answer.body["entry"]["draws"]] == [
        lot_of(account, n) for n in range(21, 51)
    ]
    scrip.sound(account)


def test_the_first_users_of_a_unit_do_not_refuse_each_other(scrip: Deployment, account: str) -> None:
    """Each marks the unit as used; whoever finds it marked already goes on."""
    scrip.put(f"/v1/units/{account}", {"precision": 0})
    with scrip.meanwhile(lambda: scrip.grant(f"{account}-b", "1", unit=account)):
        answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1", "unit": account}, key="g")
    assert answer.status == 201, answer.text


def test_an_environment_that_knows_a_unit_as_unused_is_not_refused_for_it(
    scrip: Deployment, account: str
) -> None:
    scrip.put(f"/v1/units/{account}", {"precision": 0})
    scrip.balance(account, query={"unit": account})  # remembered as unused
    mine, other = runtime.executor, patient_executor([])
    runtime.executor = lambda: other  # type: ignore[assignment]
    scrip.grant(f"{account}-b", "1", unit=account)
    runtime.executor = mine
    answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1", "unit": account}, key="g")
    assert answer.status == 201, answer.text


def test_a_unit_that_was_changed_meanwhile_is_not_decided_on(scrip: Deployment, account: str) -> None:
    """Its precision may be another: the amount would mean something else. The caller comes again."""
    scrip.put(f"/v1/units/{account}", {"precision": 0})
    with scrip.meanwhile(lambda: scrip.put(f"/v1/units/{account}", {"precision": 3})):
        answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1", "unit": account}, key="g")
    assert (answer.status, answer.code) == (409, "contended")
    assert scrip.wallet(account, account) == []
    answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1", "unit": account}, key="g")
    assert answer.balance["total"] == "1"


@pytest.mark.parametrize(("at", "waits"), [(999, []), (1000, []), (1001, [0.001]), (3500, [2.5])])
def test_whoever_waits_for_an_instant_waits_for_what_is_left(at: int, waits: list[float]) -> None:
    """The clock stands at 1 000 ms."""
    waited: list[float] = []
    Executor(runtime.tables(), waited.append, now=lambda: 1000).wait_until(at)
    assert waited == waits


@pytest.mark.parametrize(("ahead", "told"), [(5000, []), (5001, [5001])])
def test_a_wallet_five_seconds_ahead_of_the_clock_is_no_broken_clock_and_one_more_is(
    scrip: Deployment, account: str, ahead: int, told: list[int]
) -> None:
    """Two machines may be seconds apart."""
    granted = scrip.grant(account, "10").body["entry"]["at"]
    at, skews = parameters.instant(granted, "at"), list[int]()
    executor = Executor(runtime.tables(), skewed=skews.append, now=lambda: at)
    request = WalletRequest(account, "credits", "skew", "key:k1", Moment(at - ahead))
    execute(executor, BurnCredits(amount="1"), request)
    assert skews == told
