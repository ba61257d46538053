"""Which wallets are noted, and how much a look costs however many entries a wallet has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.events.event import Event
from scrip.domain.events.run_outs import DAY_MS
from scrip.http.events.run_outs import run_out_event
from scrip.services.audit.changes import Author
from scrip.services.catalogue import units
from scrip.services.engine.executor import Executor, Moment
from scrip.services.events.run_outs import SHARES, Forecasts, LookedAt, Notes
from scrip.store import candidates, documents, items, keys
from scrip.store.candidates import CandidateWallet
from scrip.store.tables import Tables
from tests.aws import InMemory
from tests.domain.memory import vault

NOW = 20_000 * DAY_MS
HOUR = 3_600_000


class World:
    """A unit that wants to hear of run-outs, a clock, and what was told."""

    def __init__(self, *days: int) -> None:
        self.tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
        executor = Executor(self.tables, lambda _: None, now=lambda: NOW)
        wanted = Unit("credits", 6, policy=Policy(run_out_days=days))
        units.put_unit(executor, wanted, Moment(NOW), Author("key:ann", NOW))
        self.now, self.time_left = NOW, True
        self.notes = Notes(lambda: self.now)
        self.told: list[Event] = []
        self.failed: list[str] = []

    def noted(self) -> list[CandidateWallet]:
        return [one for share in range(SHARES) for one in candidates.noted(self.tables, share)]

    def look(self, now: int) -> LookedAt:
        def failed(account: str, _unit: str, error: Exception) -> None:
            self.failed.append(f"{account}: {error}")

        forecasts = Forecasts(self.tables, run_out_event, self.told.extend, lambda: self.time_left, failed)
        return forecasts.look(range(SHARES), now)

    def put(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.tables.client.put_item(TableName="ledger", Item=items.entry_item(entry))


def moved(seq: int, account: str = "acme", amount: int = -1, at: int = NOW, **other: Any) -> Entry:
    (first,) = vault("10").entries
    before = 10**9 - seq if seq > 1 else 0
    return replace(
        first,
        id=f"e{seq:09d}",
        account=account,
        unit="credits",
        seq=seq,
        kind="burn" if seq > 1 else "grant",
        at=at,
        recorded_at=at,
        before=Totals(before),
        after=Totals(before + amount if seq > 1 else 10**9),
        amount=amount,
        **other,
    )


def test_a_wallet_is_noted_once_an_hour_by_a_process_and_only_where_run_outs_are_wanted() -> None:
    world = World(7)
    for number in range(3):
        world.notes.note(world.tables, [moved(2 + number)])
    assert world.noted() == [CandidateWallet("acme", "credits", NOW // HOUR)]
    world.now += HOUR
    world.notes.note(world.tables, [moved(10)])
    assert world.noted() == [CandidateWallet("acme", "credits", NOW // HOUR + 1)]
    quiet = World()
    quiet.notes.note(quiet.tables, [moved(2)])
    assert quiet.noted() == []


def test_what_moves_nothing_available_notes_nothing() -> None:
    world = World(7)
    world.notes.note(world.tables, [replace(moved(2), after=Totals(10**9 - 2))])
    assert world.noted() == []


def test_a_wallet_of_many_entries_is_read_as_far_as_the_time_goes_and_then_goes_on() -> None:
    """2 500 burns of one step: three lists, each of which may be the last that there is time for."""
    world = World(365)
    world.put([moved(seq, at=NOW + seq) for seq in range(1, 2502)])
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    world.time_left = True
    looked = world.look(NOW + HOUR)
    assert (looked.wallets, looked.failed, world.failed) == (1, 0, [])
    spending = documents.get(world.tables, keys.forecast("acme", "credits")).body["spending"]
    assert (spending["seq"], spending["used"]) == (2501, {"20000": "2500"})


def test_where_the_time_is_up_what_was_read_is_kept_and_the_wallet_stays_noted() -> None:
    world = World(365)
    world.put([moved(seq, at=NOW + seq) for seq in range(1, 2502)])
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    asked = [True]

    def once() -> bool:
        return asked.pop() if asked else False

    forecasts = Forecasts(world.tables, run_out_event, world.told.extend, once, lambda *_: None)
    forecasts.look([keys.run_out_share("acme", "credits")], NOW + HOUR)
    body = documents.get(world.tables, keys.forecast("acme", "credits")).body
    assert body["spending"]["seq"] == 1000
    assert world.noted() == [CandidateWallet("acme", "credits", NOW // HOUR)]
    world.look(NOW + HOUR)
    assert documents.get(world.tables, keys.forecast("acme", "credits")).body["spending"]["seq"] == 2501
    assert world.noted() == []


def test_a_gap_in_the_timeline_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index may lag: a sum that lacks an entry would lack it for ever."""
    world = World(7)
    monkeypatch.setattr("scrip.store.ledger.LAG_WAIT", 0)
    world.put([moved(1), moved(2), moved(4)])
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    assert world.look(NOW + HOUR).failed == 1
    assert world.failed == ["acme: the ledger's timeline lags behind"]
    assert len(world.noted()) == 1
    world.put([moved(3)])
    assert world.look(NOW + HOUR).failed == 0


def test_what_is_new_is_read_on_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three entries, and three more an hour later: nothing is missing, and nothing is waited for."""
    world, waits = World(7), list[float]()
    monkeypatch.setattr("scrip.store.ledger.time.sleep", waits.append)
    for hour in (0, 1):
        world.put([moved(seq, at=NOW + hour * HOUR) for seq in range(3 * hour + 1, 3 * hour + 4)])
        candidates.note(world.tables, "acme", "credits", NOW // HOUR + hour)
        assert world.look(NOW + (hour + 1) * HOUR).failed == 0
    body = documents.get(world.tables, keys.forecast("acme", "credits")).body
    assert (body["spending"]["seq"], waits) == (6, [])


def test_an_entry_of_long_ago_counts_for_how_long_credits_are_used() -> None:
    """First used 40 days ago; nothing of that is read again."""
    world = World(365)
    world.put([moved(1, at=NOW - 41 * DAY_MS), moved(2, at=NOW - 40 * DAY_MS), moved(3, at=NOW)])
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    world.look(NOW + 1)
    spending = documents.get(world.tables, keys.forecast("acme", "credits")).body["spending"]
    assert (spending["first"], spending["used"]) == (NOW - 40 * DAY_MS, {"20000": "1"})
