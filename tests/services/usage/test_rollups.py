"""Rollups: read on in order, each entry once, whoever writes them, and made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Cause, Draw, Entry, Totals
from scrip.domain.credits.lots import Money
from scrip.domain.credits.records import Record, Records
from scrip.domain.usage.rollups import HOUR_MS, By, pack
from scrip.services.usage import rollups
from scrip.services.usage.rollups import EVERY, KEPT, StoredRollup
from scrip.store import items, keys
from scrip.store import rollups as stored_rollups
from scrip.store.tables import Tables
from tests.aws import Fault, InMemory
from tests.domain.memory import vault
from tests.store.stored import hearing, requests

NOW = 500_000 * HOUR_MS


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Tables:
    monkeypatch.setattr("scrip.store.ledger.LAG_WAIT", 0)
    return Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]


def burned(seq: int, at: int = NOW, member: str | None = None, **other: Any) -> Entry:
    """A burn of one step, of a lot that gave two cents for it."""
    (first,) = vault("10").entries
    cause = Cause(f"e{seq:09d}", "f", "key:ann", member=member)
    before = 10**9 - seq
    made: dict[str, Any] = {
        "id": cause.entry_id,
        "seq": seq,
        "kind": "burn",
        "at": at,
        "recorded_at": at,
        "before": Totals(before),
        "after": Totals(before - 1),
        "amount": -1,
        "draws": [Draw(1, 1, Money(2, "EUR"))],
        "cause": cause,
    }
    return replace(first, **{**made, **other})


def put(tables: Tables, entries: Sequence[Entry]) -> None:
    for entry in entries:
        tables.client.put_item(TableName="ledger", Item=items.entry_item(entry))


def undoing(seq: int, of: Entry, at: int = NOW) -> Entry:
    """The reversal of a burn."""
    extra = {"of": of.id, "reversed": "1", "back": 1}
    return burned(seq, at, kind="reversal", amount=1, extra=extra)


def always() -> bool:
    return True


def caught(tables: Tables, version: int, **more: Any) -> rollups.CaughtUp:
    return rollups.catch_up(tables, "acme", "credits", version, always, **more)


def kept(tables: Tables) -> dict[int, int]:
    """Credits by hour, as they are kept."""
    there = rollups.load(tables, "acme", "credits")
    return {hour: one for part in _hours(tables, there) for hour, one in part.items()}


def _hours(tables: Tables, there: StoredRollup) -> list[dict[int, int]]:
    return [
        {hour: sum(each.steps for _, _, each in one.sums(None)) for hour, one in part.items()}
        for part in rollups.hours_between(tables, there, 0, 10**7)
    ]


def whole(tables: Tables) -> list[Any]:
    """Every byte of the rollup that counts."""
    there = rollups.load(tables, "acme", "credits")
    return [pack(part) for part in rollups.hours_between(tables, there, 0, 10**7)]


def test_few_entries_are_read_and_not_kept(tables: Tables) -> None:
    put(tables, [burned(seq) for seq in range(1, KEPT)])
    found = caught(tables, KEPT - 1)
    assert (found.spending.seq, len(list(found.uses)), found.stored.document.rev) == (KEPT - 1, KEPT - 1, 0)
    assert kept(tables) == {}


def test_many_are_kept_with_how_far_they_go(tables: Tables) -> None:
    put(tables, [burned(seq, NOW + seq * HOUR_MS // 4) for seq in range(1, 2502)])
    found = caught(tables, 2501)
    assert (found.spending.seq, found.after) == (2501, ())
    assert sum(kept(tables).values()) == 2501
    assert kept(tables)[500_001] == 4
    again = caught(tables, 2501)
    assert again.stored.document == found.stored.document


def test_nothing_is_read_where_nothing_is_new(tables: Tables) -> None:
    put(tables, [burned(seq) for seq in range(1, KEPT + 1)])
    caught(tables, KEPT)
    with requests(tables, "GetItem") as reads, requests(tables, "Query") as queries:
        caught(tables, KEPT)
    assert (len(reads), len(queries)) == (1, 0)


def test_a_gap_is_waited_for_and_heals(tables: Tables) -> None:
    """The index may lag: what comes behind a missing entry does not count before it is there."""
    put(tables, [burned(seq) for seq in range(1, 301) if seq != 150])
    assert caught(tables, 300).spending.seq == 149
    assert sum(kept(tables).values()) == 149
    put(tables, [burned(150)])
    assert caught(tables, 300).spending.seq == 300
    assert sum(kept(tables).values()) == 300


def test_who_comes_second_counts_nothing_twice(tables: Tables) -> None:
    """Between its reading and its writing somebody else keeps the same entries, and one more."""
    put(tables, [burned(seq) for seq in range(1, 202)])
    first = rollups.load(tables, "acme", "credits")
    after, _ = rollups._read(tables, first, 200)
    caught(tables, 201)
    assert rollups._keep(tables, first, after) is None
    assert sum(kept(tables).values()) == 201


def test_what_is_undone_goes_where_it_was_counted(tables: Tables) -> None:
    one = burned(1, member="ann")
    put(tables, [one, *(burned(seq, NOW + HOUR_MS) for seq in range(2, 150))])
    caught(tables, 149)
    put(tables, [undoing(150, one, NOW + 40 * 24 * HOUR_MS)])
    caught(tables, 150, kept=1)
    assert kept(tables) == {500_000: 0, 500_001: 148}


def test_the_reader_of_the_stream_reads_on_once_a_thousand_entries(tables: Tables) -> None:
    entries = [burned(seq) for seq in range(1, EVERY + 1)]
    put(tables, entries)
    with requests(tables, "GetItem") as reads:
        rollups.roll_up(tables, entries[:-1])
    assert reads == []
    for _ in range(2):
        rollups.roll_up(tables, entries[-100:])
        assert sum(kept(tables).values()) == EVERY
    other = [replace(one, account="other") for one in entries]
    rollups.roll_up(tables, [other[-1], entries[-1]])
    assert rollups.load(tables, "other", "credits").spending.seq == 0, "of which nothing is there"


def test_of_pages_it_reads_on_sooner() -> None:
    """A page of a thousand records counts for fifty entries: about one in twenty is due, the same ones each time."""
    pages = [
        burned(
            seq, id=f"p{seq:09d}", extra={"page": {"stream": "s", "first": 0, "next": 1000, "records": ""}}
        )
        for seq in range(1, 1000)
    ]
    due = [one.seq for one in pages if rollups.is_due(one)]
    assert 25 < len(due) < 80
    assert due == [one.seq for one in pages if rollups.is_due(one)]
    assert [seq for seq in range(1, 2001) if rollups.is_due(burned(seq))] == [1000, 2000]


def test_a_table_that_does_not_answer_keeps_nothing_else_from_the_batch(tables: Tables) -> None:
    """Whoever asks reads on all the same."""
    entries = [burned(seq) for seq in range(1, EVERY + 1)]
    put(tables, entries)
    busy = Fault.error("ThrottlingException")
    with hearing(tables, "before-call.dynamodb.TransactWriteItems", lambda **_: busy()):
        rollups.roll_up(tables, entries)
        assert kept(tables) == {}
        found = caught(tables, EVERY)
        assert (found.spending.seq, len(list(found.uses))) == (EVERY, EVERY), "though nobody can keep it"
    assert caught(tables, EVERY).stored.spending.seq == EVERY


def test_many_days_are_kept_in_as_many_writes_as_it_takes(tables: Tables) -> None:
    """400 days of an entry each, and each is an item: more than one transaction takes."""
    put(tables, [burned(seq, NOW + seq * 24 * HOUR_MS) for seq in range(1, 401)])
    assert caught(tables, 400).spending.seq == 400
    assert len(kept(tables)) == 400


def test_a_day_of_many_members_is_cut_and_found_again(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its hours, as it grows; and what is undone later finds its part."""
    monkeypatch.setattr("scrip.domain.usage.rollups.PACKED", 600)
    entries = [
        burned(seq, NOW + seq % 24 * HOUR_MS // 1, f"member-{seq * 7919 % 100_003}") for seq in range(1, 901)
    ]
    entries = [replace(one, at=NOW + number * HOUR_MS // 40) for number, one in enumerate(entries)]
    put(tables, entries)
    for version in range(100, 901, 100):
        caught(tables, version, kept=1)
    there = rollups.load(tables, "acme", "credits")
    parts = list(stored_rollups.hours(tables, "acme", "credits", 0, 0, 10**7))
    assert len(parts) > 4
    assert sum(kept(tables).values()) == 900
    put(
        tables,
        [undoing(901, entries[0], NOW + 999 * HOUR_MS), undoing(902, entries[-1], NOW + 999 * HOUR_MS)],
    )
    caught(tables, 902, kept=1)
    assert sum(kept(tables).values()) == 898
    found = {
        value: one.steps
        for part in rollups.hours_between(tables, there, 0, 10**7)
        for rolled in part.values()
        for value, _, one in rolled.sums(By("member"))
    }
    assert found["member-7919"] == 0


def test_made_anew_it_is_the_same(tables: Tables) -> None:
    one = burned(1, member="ann")
    put(tables, [one, *(burned(seq, NOW + seq * HOUR_MS // 9) for seq in range(2, 300))])
    put(tables, [undoing(300, one, NOW + 99 * HOUR_MS)])
    for version in (120, 240, 300):
        caught(tables, version, kept=1)
    before = whole(tables)
    tables.client.delete_item(
        TableName="wallets",
        Key=items.key(keys.rollup("acme", "credits"), keys.rollup_hour(0, 500_000 // 24 * 24)),
    )
    assert whole(tables) != before
    rebuilt = rollups.rebuild(tables, "acme", "credits", 300)
    assert (rebuilt.spending.seq, rebuilt.stored.number) == (300, 1)
    assert whole(tables) == before
    assert list(stored_rollups.hours(tables, "acme", "credits", 0, 0, 10**7)) == []


def test_records_of_pages_are_read_in_pieces(tables: Tables) -> None:
    """Ten pages of a thousand: they are kept before all are in memory."""
    records = Records.of([Record(1, f"r-{number}") for number in range(1000)])
    pages = [
        burned(
            seq,
            amount=-1000,
            draws=[Draw(1, 1000, Money(2000, "EUR"))],
            records=records,
            extra={"page": {"stream": "s", "first": 0, "next": 1000, "records": records.digest}},
        )
        for seq in range(1, 121)
    ]
    put(tables, pages)
    after, weight = rollups._read(tables, rollups.load(tables, "acme", "credits"), 120)
    assert (len(after), weight) == (100, 100_100)
    assert caught(tables, 120).spending.seq == 120
    assert kept(tables) == {500_000: 120_000}
