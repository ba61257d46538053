"""Which wallets are noted, and how much a look costs however many entries a wallet has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
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
from scrip.services.events import run_outs
from scrip.services.events.run_outs import SHARES, Forecasts, LookedAt, Notes
from scrip.services.notifications.notices import Noticed
from scrip.services.wallets.sweep import Swept
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


def used(*steps: tuple[float, int]) -> list[Entry]:
    """A wallet's entries: 100 are granted, and each use is of so many after so many days."""
    (first,) = vault("10").entries
    found = [replace(first, id="e1", seq=1, at=NOW, recorded_at=NOW, after=Totals(100), amount=100)]
    for seq, (day, amount) in enumerate(steps, 2):
        at, before = NOW + round(day * DAY_MS), found[-1].after
        after = Totals(before.available - amount)
        made = replace(first, id=f"e{seq}", seq=seq, kind="burn", at=at, recorded_at=at)
        found.append(replace(made, before=before, after=after, amount=-amount))
    return found


def near(world: World, entries: Sequence[Entry], day: float) -> tuple[LookedAt, list[int], list[int]]:
    """Looks on a day at what has come: what the look says, what it tells, and what was told and still holds."""
    world.put(entries)
    world.told.clear()
    now = NOW + round(day * DAY_MS)
    candidates.note(world.tables, "acme", "credits", now // HOUR - 1)
    looked = world.look(now)
    kept = documents.get(world.tables, keys.forecast("acme", "credits")).body
    return looked, [event.data["days"] for event in world.told], kept["spending"]["near"]


def test_a_run_out_that_moves_off_can_be_told_again_though_nothing_happens() -> None:
    """50 of 100 on one day: the others last a day more. On the third, 25 a day were used, and two days are left."""
    world = World(7, 1)
    assert near(world, used((0, 50)), 1) == (LookedAt(1, 2, 0, True), [7, 1], [7, 1])
    document = keys.forecast("acme", "credits")
    assert documents.get(world.tables, document).rev == 2, "what is to be told, and that it was"
    assert near(world, [], 1) == (LookedAt(1, 0, 0, True), [], [7, 1])
    assert documents.get(world.tables, document).rev == 2, "nothing is new"
    assert near(world, [], 2) == (LookedAt(1, 0, 0, True), [], [7])
    assert documents.get(world.tables, document).rev == 3


@pytest.mark.parametrize("piece", [1, 2, 3, 1000])
def test_a_run_out_that_moved_off_before_more_was_used_is_told_again_in_however_many_pieces_that_is_read(
    monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    """50 on one day, and on the fifth twice 20: before these 10 a day, of 50; after them 18 a day, of 10."""
    monkeypatch.setattr(run_outs, "PIECE", piece)
    world, entries = World(7, 1), used((0, 50), (5, 20), (5.001, 20))
    assert near(world, entries[:2], 1)[1:] == ([7, 1], [7, 1])
    assert near(world, entries[2:], 5.01)[1:] == ([1], [7, 1])


@pytest.mark.parametrize("piece", [1, 2, 3, 1000])
def test_what_was_told_counts_until_all_that_is_new_is_read(
    monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    """Half an hour after it was told 1 is used, and four days later 30: what lies between is not looked at by itself,
    and after it 9 are left, which last half a day."""
    monkeypatch.setattr(run_outs, "PIECE", piece)
    world, entries = World(7, 1), used((0, 60), (1.02, 1), (5, 30))
    assert near(world, entries[:2], 1)[1:] == ([7, 1], [7, 1])
    assert near(world, entries[2:], 5.01)[1:] == ([], [7, 1])


def in_parts(world: World, entries: Sequence[Entry], day: float, parts: int) -> list[list[int]]:
    """Looks so often at what has come, each time with time for one list of entries: what each look tells."""
    world.put(entries)
    now, told = NOW + round(day * DAY_MS), list[list[int]]()
    candidates.note(world.tables, "acme", "credits", now // HOUR - 1)
    for _ in range(parts):
        found: list[Event] = []
        time_left = partial(next, iter([True]), False)
        looks = Forecasts(world.tables, run_out_event, found.extend, time_left, lambda *_: None)
        looks.look([keys.run_out_share("acme", "credits")], now)
        told.append([event.data["days"] for event in found])
    return told


def test_of_what_is_read_in_part_nothing_is_told_and_nothing_of_before_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One entry at a time. After 50 on the first day the other 50 would last 5 days more on the fifth; with 20 then, 30
    last for 2. On the twentieth, with 30 more on the sixth, what was told of within 7 days holds: of that nothing is
    new."""
    monkeypatch.setattr(run_outs, "PIECE", 1)
    world = World(7, 1)
    assert in_parts(world, used((0, 50), (5, 20)), 5.01, 4) == [[], [], [], [7]]
    world, entries = World(7, 1), used((0, 60), (1.02, 1), (1.5, 30))
    assert near(world, entries[:2], 1)[1:] == ([7, 1], [7, 1])
    assert in_parts(world, entries[2:], 20, 3) == [[], [], []]
    kept = documents.get(world.tables, keys.forecast("acme", "credits")).body
    assert kept["spending"]["near"] == [7]


@pytest.mark.parametrize(("amount", "told"), [(50, [7, 1]), (1, [])])
def test_of_two_who_look_at_a_wallet_at_once_one_tells_and_the_other_leaves_it(
    amount: int, told: list[int]
) -> None:
    world, now = World(7, 1), NOW + DAY_MS
    world.put(used((0, amount)))
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    others: list[LookedAt] = []

    def publish(events: Sequence[Event]) -> None:
        assert not events, "the other tells"
        if not others:
            others.append(world.look(now))

    looks = Forecasts(world.tables, run_out_event, publish, lambda: True, lambda *_: pytest.fail("it fails"))
    assert looks.look([keys.run_out_share("acme", "credits")], now) == LookedAt()
    assert others == [LookedAt(1, len(told))]
    assert [event.data["days"] for event in world.told] == told


def test_a_wallet_of_which_nobody_wants_to_hear_any_more_is_not_read() -> None:
    world = World()
    world.put(used((0, 90)))
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    assert world.look(NOW + HOUR) == LookedAt(1, 0, 0, True)
    assert documents.get(world.tables, keys.forecast("acme", "credits")).body == {}
    assert world.noted() == []


def test_a_process_remembers_no_more_wallets_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """And notes one that it has forgotten once more, which is the same."""
    monkeypatch.setattr(run_outs, "REMEMBERED", 2)
    world = World(7)
    sizes = []
    for number in range(8):
        world.notes.note(world.tables, [moved(2, f"a{number}")])
        sizes.append(len(world.notes._noted))
    assert sizes == [1, 2, 3, 1, 2, 3, 1, 2]
    world.notes.note(world.tables, [moved(3, "a0")])
    assert sorted(one.account for one in world.noted()) == [f"a{number}" for number in range(8)]


@pytest.mark.parametrize("kind", [LookedAt, Noticed, Swept])
def test_what_several_did_is_the_sum_and_it_is_done_where_all_of_them_are(kind: Any) -> None:
    for one, other in ((True, True), (True, False), (False, True), (False, False)):
        assert kind(1, 2, 3, one) + kind(10, 20, 30, other) == kind(11, 22, 33, one and other)


def test_a_wallet_is_noted_once_an_hour_by_a_process_and_only_where_run_outs_are_wanted() -> None:
    world, writes = World(7), list[str]()
    world.tables.client.meta.events.register("before-call.dynamodb.PutItem", lambda **_: writes.append("put"))
    for number in range(3):
        world.notes.note(world.tables, [moved(2 + number)])
    assert writes == ["put"]
    assert world.noted() == [CandidateWallet("acme", "credits", NOW // HOUR)]
    world.now += HOUR
    world.notes.note(world.tables, [moved(10)])
    assert world.noted() == [CandidateWallet("acme", "credits", NOW // HOUR + 1)]
    quiet = World()
    quiet.notes.note(quiet.tables, [moved(2)])
    assert quiet.noted() == []


@pytest.mark.parametrize("hours", [(-3, -5), (2, 1), (1, 2), (2, -1)])
def test_it_is_noted_in_the_hour_of_its_last_entry_or_in_the_present_one(hours: tuple[int, int]) -> None:
    """By the test clock an entry may be of an hour that is yet to come; and it may come late."""
    world = World(7)
    world.notes.note(world.tables, [moved(2 + n, at=NOW + hour * HOUR) for n, hour in enumerate(hours)])
    assert world.noted() == [CandidateWallet("acme", "credits", NOW // HOUR + max(0, *hours))]


def test_a_wallet_stays_noted_until_it_is_looked_at_in_a_later_hour() -> None:
    """What comes after a look in its hour is not lost."""
    world = World(7)
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    assert world.look(NOW + HOUR - 1) == LookedAt(1)
    assert len(world.noted()) == 1
    assert world.look(NOW + HOUR) == LookedAt(1)
    assert world.noted() == []


def test_what_moves_nothing_available_notes_nothing() -> None:
    world = World(7)
    world.notes.note(world.tables, [replace(moved(2), after=Totals(10**9 - 2))])
    assert world.noted() == []


def test_a_wallet_of_many_entries_is_read_as_far_as_the_time_goes_and_then_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """25 burns of one step, ten rows at a time: three lists, each of which may be the last that there is time for."""
    monkeypatch.setattr(run_outs, "PIECE", 10)
    world = World(365)
    world.put([moved(seq, at=NOW + seq) for seq in range(1, 27)])
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    world.time_left = True
    looked = world.look(NOW + HOUR)
    assert (looked.wallets, looked.failed, world.failed) == (1, 0, [])
    spending = documents.get(world.tables, keys.forecast("acme", "credits")).body["spending"]
    assert (spending["seq"], spending["used"]) == (26, {"20000": "25"})


def test_where_the_time_is_up_what_was_read_is_kept_and_the_wallet_stays_noted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_outs, "PIECE", 10)
    world = World(365)
    world.put([moved(seq, at=NOW + seq) for seq in range(1, 27)])
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    asked = [True]

    def once() -> bool:
        return asked.pop() if asked else False

    forecasts = Forecasts(world.tables, run_out_event, world.told.extend, once, lambda *_: None)
    forecasts.look([keys.run_out_share("acme", "credits")], NOW + HOUR)
    body = documents.get(world.tables, keys.forecast("acme", "credits")).body
    assert body["spending"]["seq"] == 10
    assert world.noted() == [CandidateWallet("acme", "credits", NOW // HOUR)]
    world.look(NOW + HOUR)
    assert documents.get(world.tables, keys.forecast("acme", "credits")).body["spending"]["seq"] == 26
    assert world.noted() == []


def test_entries_by_which_nothing_is_used_are_not_read_but_for_the_last() -> None:
    """A grant, two burns and three grants: what the wallet has is what it had after the last."""
    world, read = World(7), list[int]()

    def asked(params: Any, **_: Any) -> None:
        read.extend(len(keys["Keys"]) for name, keys in params["RequestItems"].items() if name == "ledger")

    world.put([moved(1), moved(2), moved(3), *(replace(moved(seq), kind="grant") for seq in (4, 5, 6))])
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    world.tables.client.meta.events.register("before-call.dynamodb.BatchGetItem", asked)
    assert world.look(NOW + HOUR) == LookedAt(1)
    assert read == [3]


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


def test_an_entry_of_long_ago_counts_for_how_long_credits_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """First used 40 days ago; nothing of that is read again, or waited for."""
    world = World(365)
    monkeypatch.setattr("scrip.store.ledger.time.sleep", lambda _: pytest.fail("it waits"))
    world.put([moved(1, at=NOW - 41 * DAY_MS), moved(2, at=NOW - 40 * DAY_MS), moved(3, at=NOW)])
    candidates.note(world.tables, "acme", "credits", NOW // HOUR)
    world.look(NOW + 1)
    spending = documents.get(world.tables, keys.forecast("acme", "credits")).body["spending"]
    assert (spending["first"], spending["used"]) == (NOW - 40 * DAY_MS, {"20000": "1"})
