"""Each crossing is told once by its id, whatever comes again, in another order, or is asked for after a change of the
alerts: it is judged by those in force when its entry was committed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.credits.units import Policy, Threshold, Unit
from scrip.domain.events.balances import Crossing
from scrip.domain.events.event import Event
from scrip.http.events.balances import balance_event
from scrip.services.audit.changes import Author
from scrip.services.catalogue import units
from scrip.services.engine.executor import Executor, Moment
from scrip.services.events import balances
from scrip.store import documents, items, keys
from scrip.store.tables import Tables
from tests.aws import InMemory
from tests.domain.memory import vault

UNIT = Unit("credits", 6)
AUTHOR = Author("key:ann", 0)
CHOICES: Sequence[tuple[Threshold, ...]] = (
    (),
    (50,),
    (80, 50, 20),
    ("50%",),
    (50, "75%", "25%"),
    (20, "50%"),
)


def entries_of(walk: Sequence[tuple[int, bool]]) -> list[Entry]:
    """A wallet's entries: each leaves so much available, and is a grant or something else."""
    (first,) = vault("10").entries
    found: list[Entry] = []
    before, base = 0, 0
    for seq, (after, grants) in enumerate(walk, 1):
        kind = "grant" if grants else "burn"
        entry = replace(
            first,
            id=f"e{seq}",
            seq=seq,
            kind=kind,  # type: ignore[arg-type]
            at=1000 * seq,
            recorded_at=1000 * seq,
            before=Totals(before),
            after=Totals(after),
            amount=after - before,
            base=base,
        )
        found.append(entry)
        before, base = after, after if grants else base
    return found


def expected(entries: Sequence[Entry], versions: Sequence[tuple[int, tuple[Threshold, ...]]]) -> set[str]:
    """What is told of these entries, in order, worked out by whoever reads them from the beginning."""
    told: set[str] = set()
    was_told: dict[Threshold, bool] = {}
    base = 0
    for entry in entries:
        thresholds = next(said for since, said in reversed(versions) if since <= entry.at)
        base_after = entry.after.available if entry.kind == "grant" else base
        for threshold in thresholds if entry.seq > 1 else ():
            share = int(threshold[:-1]) if isinstance(threshold, str) else 0
            above = [
                100 * available > share * of if share else available > int(threshold)
                for available, of in ((entry.before.available, base), (entry.after.available, base_after))
            ]
            change = entry.after.available - entry.before.available
            if above == [True, False] and change < 0:
                told.add(f"low {entry.seq} {threshold}")
                was_told[threshold] = True
            elif above == [False, True] and change > 0 and was_told.pop(threshold, False):
                told.add(f"recovered {entry.seq} {threshold}")
        if entry.seq > 1 and entry.before.available > 0 == entry.after.available:
            told.add(f"depleted {entry.seq} None")
        base = base_after
    return told


def named(crossing: Crossing, _unit: Unit) -> Event:
    name = f"{crossing.what} {crossing.seq} {crossing.threshold}"
    return Event(name, "scrip.balance", crossing.account, crossing.at, {})


class Told:
    """A unit with alerts, and what is told of entries there."""

    def __init__(self) -> None:
        self.tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
        self.executor = Executor(self.tables, lambda _: None, now=lambda: 0)
        self.versions: list[tuple[int, tuple[Threshold, ...]]] = [(0, ())]

    def put(self, since: int, thresholds: tuple[Threshold, ...]) -> None:
        """The first version is of a unit that is not used yet; later ones begin when they are put."""
        wanted = replace(UNIT, policy=Policy(low_balance=thresholds))
        stored, _ = units.put_unit(self.executor, wanted, Moment(since, pinned=True), AUTHOR)
        if len(self.versions) == 1 and self.versions[0] == (0, ()) and not since:
            self.versions = []
        self.versions.append((since, thresholds))
        document = documents.get(self.tables, keys.unit(UNIT.unit))
        if document.body:
            documents.put(self.tables, document.pk, document.rev, {**replace(stored, used=True).to_json()})

    def of(self, entries: Sequence[Entry]) -> list[str]:
        return [event.id for event in balances.events_of(named, self.tables, entries)]


STEPS = st.tuples(st.sampled_from([0, 10, 20, 25, 50, 51, 80, 100, 120]), st.booleans())
WALK = st.lists(STEPS, min_size=1, max_size=14)
SEEDS = st.integers(0, 2**32)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(WALK, st.sampled_from(CHOICES), SEEDS)
def test_in_whatever_order_and_however_often_entries_come_the_same_is_told(
    walk: list[tuple[int, bool]], thresholds: tuple[Threshold, ...], seed: int
) -> None:
    chance = random.Random(seed)
    told, entries = Told(), entries_of(walk)
    told.put(0, thresholds)
    wanted = expected(entries, told.versions)
    batches = [entries[start : start + 3] for start in range(0, len(entries), 3)]
    batches += chance.choices(batches, k=3)
    chance.shuffle(batches)
    found = {name for batch in batches for name in told.of(batch)}
    assert found == wanted
    again = told.of(entries)
    assert set(again) == wanted


@settings(max_examples=60, deadline=None, derandomize=True)
@given(WALK, st.lists(st.sampled_from(CHOICES), min_size=2, max_size=4), SEEDS)
def test_what_was_said_is_said_again_after_the_alerts_have_changed_and_nothing_else(
    walk: list[tuple[int, bool]], changes: list[tuple[Threshold, ...]], seed: int
) -> None:
    """A changed threshold tells nothing by itself, and a replay is not judged by today's policy."""
    chance = random.Random(seed)
    told, entries = Told(), entries_of(walk)
    places = sorted(chance.choices(range(len(entries) + 1), k=len(changes) - 1))
    told.put(0, changes[0])
    first: list[str] = []
    start = 0
    for place, thresholds in zip(places, changes[1:], strict=True):
        first += told.of(entries[start:place])
        if thresholds != told.versions[-1][1]:
            told.put(1000 * place + 500, thresholds)
        start = place
    first += told.of(entries[start:])
    assert set(first) == expected(entries, told.versions)
    assert len(set(first)) == len(first), "in order and once, each is told once"
    assert set(told.of(entries)) == set(first)


def test_a_rise_is_told_once_the_fall_before_it_is_known() -> None:
    told, entries = Told(), entries_of([(100, True), (10, False), (60, False)])
    told.put(0, (50,))
    assert told.of(entries[2:]) == []
    assert told.of(entries[1:2]) == ["low 2 50", "recovered 3 50"]


def test_a_base_that_an_entry_does_not_show_is_looked_up_in_the_ledger() -> None:
    """For half a minute after a unit's first percentage a function may not know of it."""
    told = Told()
    told.put(0, ("50%",))
    made = vault("100")
    made.burn(60)
    tables = told.tables
    for entry in made.entries:
        tables.client.put_item(TableName="ledger", Item=items.entry_item(entry))
    burn = made.entries[-1]
    assert burn.base is None
    assert told.of([burn]) == ["low 2 50%"]


@pytest.mark.parametrize(
    ("walk", "threshold", "names"),
    [
        ([(100, True), (40, False), (50, True)], "50%", ["low 2 50%", "recovered 3 50%"]),
        ([(100, True), (40, False), (50, False)], "50%", ["low 2 50%"]),
        ([(10, False), (1, False)], "100%", []),
    ],
)
def test_of_entries_that_show_no_base_it_is_what_there_was_after_the_last_grant(
    walk: list[tuple[int, bool]], threshold: str, names: list[str]
) -> None:
    """40 of 100 are low, 50 of 100 still are, and 50 of 50 are not. Before the first grant it is nothing."""
    told = Told()
    told.put(0, (threshold,))
    entries = [replace(entry, base=None) for entry in entries_of(walk)]
    for entry in entries:
        told.tables.client.put_item(TableName="ledger", Item=items.entry_item(entry))
    assert told.of(entries) == names


def test_what_nothing_can_follow_from_is_not_asked_about() -> None:
    """A first entry and one that changes nothing available cost nothing; a base is looked up for percentages alone."""
    told, entries = Told(), entries_of([(100, True), (100, False), (10, False)])
    told.put(0, (50,))
    calls: list[str] = []
    told.tables.client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.append(model.name)
    )
    assert told.of(entries[:2]) == []
    assert calls == []
    assert told.of([replace(entries[2], base=None)]) == ["low 3 50"]
    assert calls == ["BatchGetItem", "BatchGetItem", "PutItem", "Query"], (
        "units, alerts; the fall, a rise after it"
    )


@pytest.mark.parametrize("unit", ["nothing"])
def test_an_entry_of_a_unit_that_there_is_not_tells_nothing(unit: str) -> None:
    told, entries = Told(), entries_of([(100, True), (0, False)])
    told.put(0, (50,))
    assert told.of([replace(entry, unit=unit) for entry in entries]) == []


def test_an_event_has_the_same_id_for_ever_and_another_for_each_threshold() -> None:
    made = Crossing("acme", "credits", "low", 5_500_000, 5_000_000, "e2", 2, 2000)
    event = balance_event(made, UNIT)
    assert (event.type, event.account, event.at) == ("scrip.balance.low", "acme", 2000)
    said = {"unit": "credits", "threshold": "5.5", "available": "5", "entry_id": "e2", "seq": 2}
    assert event.data == said
    others = [
        made,
        replace(made, threshold="5.5%"),
        replace(made, threshold=None, what="depleted"),
        replace(made, what="recovered"),
        replace(made, seq=3),
        replace(made, account="other"),
    ]
    assert len({balance_event(one, UNIT).id for one in others}) == len(others)
    assert balance_event(others[2], UNIT).data["threshold"] is None
