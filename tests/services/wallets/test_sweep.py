"""Law 5: expiry is a fact of time; the sweep only books it, each credit once, and finds nothing the second time."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import CatchingUp
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.wallets.wallet import Wallet
from scrip.http.edge import parameters
from scrip.services.engine.executor import Executor, Moment
from scrip.services.wallets import sweep as sweeping
from scrip.services.wallets.sweep import Swept
from scrip.store import due
from tests.aws import NEW_YEAR, NEXT_DAY, Context, Deployment, Fault, function
from tests.metrics import logged
from tests.sweeps import NOTHING, shard, sweep

pytestmark = pytest.mark.usefixtures("one_shard_at_a_time", "in_memory")


NOON = "2030-01-01T12:00:00.000Z"


def kinds(scrip: Deployment, account: str) -> list[str]:
    return [entry["kind"] for entry in scrip.entries(account)]


def test_a_lot_that_expired_is_booked_once_at_its_own_instant(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    assert sweep(scrip, account, "2030-01-01T11:59:59.999Z") == NOTHING
    assert sweep(scrip, account, NEXT_DAY) == {"wallets": 1, "entries": 1, "failed": 0, "done": True}
    entry = scrip.entries(account)[-1]
    assert (entry["kind"], entry["amount"], entry["at"]) == ("expiry", "-10", NOON)
    assert (entry["actor"], entry["reference"], entry["entry_id"]) == (
        "time",
        None,
        time_entry_id(account, "credits", 2),
    )
    before = scrip.everything()
    with scrip.unwritten():
        assert sweep(scrip, account, NEXT_DAY) == NOTHING
    assert scrip.everything() == before
    scrip.sound(account)


def test_a_sweep_books_expiries_and_activations_of_all_wallets_in_order(
    scrip: Deployment, account: str
) -> None:
    names = [f"{account}-{number}" for number in range(12)]
    for name in names:
        scrip.grant(name, "1", clock=NEW_YEAR, expires_at=NOON)
        scrip.grant(
            name, "2", clock=NEW_YEAR, effective_at="2030-01-01T06:00:00Z", expires_at="2030-01-01T18:00:00Z"
        )
        scrip.grant(name, "4", clock=NEW_YEAR)
    assert scrip.sweep(NEXT_DAY) == {"wallets": 12, "entries": 36, "failed": 0, "done": True}
    for name in names:
        assert kinds(scrip, name) == ["grant", "grant", "grant", "activation", "expiry", "expiry"]
        assert scrip.balance(name)["total"] == "4"
        scrip.sound(name)
    assert scrip.sweep(NEXT_DAY) == NOTHING


def test_a_wallet_with_120_lots_that_expire_is_swept_in_several_commits(
    scrip: Deployment, account: str
) -> None:
    """Each commit fits into one transaction, and each books what is true as of its instant."""
    for number in range(120):
        scrip.grant(account, "1", clock=NEW_YEAR, expires_at=f"2030-01-01T12:{number % 50:02d}:00.000Z")
    swept = sweep(scrip, account, NEXT_DAY)
    assert (swept["wallets"], swept["failed"], swept["done"]) == (1, 0, True)
    assert scrip.balance(account)["total"] == "0"
    expired = [
        draw for entry in scrip.entries(account) if entry["kind"] == "expiry" for draw in entry["draws"]
    ]
    assert sorted(int(draw["lot_id"].rpartition("_")[2]) for draw in expired) == list(range(1, 121))
    assert sweep(scrip, account, NEXT_DAY) == NOTHING
    scrip.sound(account)


def test_a_sweep_does_not_count_what_a_burn_booked_before_it(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "5", clock=NEW_YEAR)
    scrip.burn(account, "1", clock="2030-01-01T13:00:00Z")
    assert sweep(scrip, account, NEXT_DAY)["entries"] == 0
    assert kinds(scrip, account) == ["grant", "grant", "expiry", "burn"]


def test_a_wallet_whose_expiring_lot_was_burned_is_looked_at_once_and_left(
    scrip: Deployment, account: str
) -> None:
    """The bound in the index may be early; the sweep moves it to what is really due next."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at="2031-01-01T00:00:00Z")
    scrip.burn(account, "10", clock=NEW_YEAR)
    assert sweep(scrip, account, NEXT_DAY) == {"wallets": 1, "entries": 0, "failed": 0, "done": True}
    assert sweep(scrip, account, NEXT_DAY) == NOTHING
    assert sweep(scrip, account, "2031-01-01T00:00:00Z")["entries"] == 1


def test_a_sweep_takes_the_shards_it_is_told_to(scrip: Deployment, account: str) -> None:
    names = [f"{account}-{number}" for number in range(20)]
    for name in names:
        scrip.grant(name, "1", clock=NEW_YEAR, expires_at=NOON)
    for first in (0, 16, 32, 48):
        mine = [name for name in names if first <= shard(name) < first + 16]
        assert scrip.sweep(NEXT_DAY, shards=[first, first + 15])["wallets"] == len(mine)
    assert [kinds(scrip, name) for name in names] == [["grant", "expiry"]] * 20


def test_a_sweep_stops_in_time_and_the_next_goes_on(scrip: Deployment, account: str) -> None:
    names = [f"{account}-{number}" for number in range(6)]
    for name in names:
        scrip.grant(name, "1", clock=NEW_YEAR, expires_at=NOON)
    hurried = Context(60_000, 60_000, 60_000, *[9_999] * 100)
    swept = function("expiry").handler({"time": NEXT_DAY}, hurried)
    assert (swept["wallets"], swept["entries"], swept["done"]) == (2, 2, False)
    assert scrip.sweep(NEXT_DAY) == {"wallets": 4, "entries": 4, "failed": 0, "done": True}


def test_a_wallet_that_cannot_be_booked_is_named_and_does_not_stop_the_others(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{account}-{number}" for number in range(3)]
    for name in names:
        scrip.grant(name, "1", clock=NEW_YEAR, expires_at=NOON)
    first = min(names, key=shard)
    capsys.readouterr()
    broken = scrip.broken("TransactWriteItems", Fault.timeout)
    with broken, pytest.raises(RuntimeError, match="1 wallets could not be booked"):
        scrip.sweep(NEXT_DAY)
    said = {"account": first, "unit": "credits", "error": "Unavailable: the table does not answer"}
    assert logged(capsys, "wallet not booked") == [said]
    assert kinds(scrip, first) == ["grant"]
    assert scrip.sweep(NEXT_DAY) == {"wallets": 1, "entries": 1, "failed": 0, "done": True}
    assert [kinds(scrip, name) for name in names] == [["grant", "expiry"]] * 3


def test_a_wallet_that_is_written_while_it_is_swept_is_swept_once(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "5", clock=NEW_YEAR)
    with scrip.meanwhile(lambda: scrip.burn(account, "1", clock="2030-01-01T13:00:00Z")):
        assert sweep(scrip, account, NEXT_DAY)["failed"] == 0
    assert kinds(scrip, account) == ["grant", "grant", "expiry", "burn"]
    scrip.sound(account)


def test_a_wallet_that_is_ahead_of_the_sweep_is_booked_to_its_own_instant(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", clock=NEXT_DAY, expires_at="2030-01-03T00:00:00Z")
    assert sweep(scrip, account, NEW_YEAR) == NOTHING
    assert scrip.burn(account, "1", clock=NEXT_DAY).status == 201


def test_a_grant_that_comes_before_a_wallets_place_is_moved_keeps_its_place(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first lot was burned, so the sweep puts the wallet off to 2031. A grant of 5 that ends on 1 March 2030 comes
    just before it does, and moves the version: the wallet stays listed, and the sweep of 2 March books the 5."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at="2031-01-01T00:00:00Z")
    scrip.burn(account, "10", clock=NEW_YEAR)
    moved = due.postpone

    def late(*of: Any) -> None:
        scrip.grant(account, "5", clock=NEXT_DAY, expires_at="2030-03-01T00:00:00Z")
        moved(*of)

    with monkeypatch.context() as patch:
        patch.setattr(due, "postpone", late)
        assert sweep(scrip, account, NEXT_DAY)["entries"] == 0
    assert sweep(scrip, account, "2030-03-02T00:00:00Z")["entries"] == 1
    assert scrip.balance(account, clock="2030-03-02T00:00:00Z")["total"] == "10"
    scrip.sound(account)


def test_a_wallet_of_which_more_is_due_than_there_is_time_for_is_left_to_the_next_run(
    scrip: Deployment, account: str
) -> None:
    """It is no failure, but the run was not done; only who has to know what was there at an instant calls it one."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    next_day = Moment(parameters.instant(NEXT_DAY, ""), pinned=True)
    told: list[tuple[str, type[Exception]]] = []

    def failed(wallet: Wallet, error: Exception) -> None:
        told.append((wallet.account, type(error)))

    def swept(in_time: bool) -> Swept:
        executor = Executor(runtime.tables(), in_time=lambda: in_time)
        return sweeping.sweep(executor, [shard(account)], next_day, lambda: True, failed)

    assert (swept(False), told) == (Swept(0, 0, 0, done=False), [])
    late = Executor(runtime.tables(), in_time=lambda: False)
    overdue = sweeping.sweep_overdue(late, next_day.at, next_day, lambda: True, failed)
    assert (overdue, told) == (Swept(0, 0, 1, done=False), [(account, CatchingUp)])
    assert (swept(True), len(told)) == (Swept(1, 1, 0, done=True), 1)
    assert kinds(scrip, account) == ["grant", "expiry"]


@pytest.mark.parametrize(("due_at", "entries"), [(NOON, 1), ("2030-01-01T12:00:00.001Z", 0)])
def test_what_is_overdue_is_what_was_due_before_an_instant(
    scrip: Deployment, account: str, due_at: str, entries: int
) -> None:
    """Before one millisecond after noon."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=due_at)
    before = parameters.instant(NOON, "") + 1
    done = sweeping.sweep_overdue(
        runtime.executor(), before, Moment(before, pinned=True), lambda: True, lambda *_: None
    )
    assert (done.entries, done.failed, done.done) == (entries, 0, True)
