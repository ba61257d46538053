"""Rows of the ledger as they are stored: whatever one says, it is read or named, and its hash is checked (law 4)."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest

from scrip.domain.credits.entries import chain
from scrip.domain.credits.records import Records
from scrip.domain.wallets.record_sums import RecordCost
from scrip.store import items, keys, rows
from scrip.store.rows import Row
from scrip.store.tables import Tables
from tests.domain.memory import Vault, vault
from tests.domain.wallets.test_burn_pages import book
from tests.store.stored import as_read, put

PK = keys.wallet("acme", "credits")


@pytest.fixture
def made(tables: Tables) -> Vault:
    """A grant of 100 and three burns, in the tables."""
    made = vault("100")
    for amount in (30, 20, 10):
        made.burn(amount)
        made.wait("1h")
    return put(tables, made)


@pytest.fixture
def stored(tables: Tables, made: Vault) -> list[Row]:
    """The rows, in the order of their entries."""
    return sorted(rows.stored(tables, "acme", "credits"), key=lambda row: row.seq or 0)


def told(made: Vault, stored: list[Row]) -> list[str]:
    return [one.what for one in rows.read_entries(stored, made.wallet)[0]]


def test_rows_are_their_entries(made: Vault, stored: list[Row]) -> None:
    broken, entries = rows.read_entries(reversed(stored), made.wallet)
    assert broken == []
    assert entries == {entry.seq: as_read(entry) for entry in made.entries}


def test_a_wallet_without_entries_has_no_rows(tables: Tables) -> None:
    assert list(rows.stored(tables, "acme", "credits")) == []


def test_law_4_a_changed_byte_is_found_by_the_rows_own_hash(made: Vault, stored: list[Row]) -> None:
    stored[2] = replace(stored[2], body=stored[2].body.replace('"-20"', '"-21"'))
    assert told(made, stored) == ["entry 3 does not match its hash"]


def test_a_row_written_in_another_form_is_found_though_it_says_the_same(
    made: Vault, stored: list[Row]
) -> None:
    """A space more, beside the hash that was there, or that of just this text: the canonical text is the only one."""
    body = stored[2].body.replace(":", ": ", 1)
    for digest in (stored[2].hash, chain(stored[2].previous_hash, body.encode())):
        stored[2] = replace(stored[2], body=body, hash=digest)
        assert told(made, stored) == ["entry 3 does not match its hash"]


@pytest.mark.parametrize(
    ("place", "also"),
    [
        (lambda row: replace(row, id="x.3"), []),
        (lambda row: replace(row, kind="grant"), []),
        (lambda row: replace(row, timeline="5.3"), ["entry 3 is not where it belongs"]),
    ],
    ids=["id", "kind", "timeline"],
)
def test_a_row_under_another_key_or_in_another_place_is_found(
    made: Vault, stored: list[Row], place: Callable[[Row], Row], also: list[str]
) -> None:
    """What its keys say is under its hash. A row of before says it itself."""
    former = replace(stored[2], body=made.entries[2].canonical().decode())
    stored[2] = place(stored[2])
    assert told(made, stored) == ["entry 3 does not match its hash", *also]
    stored[2] = place(former)
    assert told(made, stored) == ["entry 3 is not where it belongs"]


def test_a_row_of_another_wallet_is_found(made: Vault, stored: list[Row]) -> None:
    """Each of them, since each says whose it is."""
    broken, _ = rows.read_entries(stored, replace(made.wallet, account="beta"))
    assert [one.what for one in broken] == [f"entry {seq} is not where it belongs" for seq in (1, 2, 3, 4)]


def test_an_entry_twice_or_beyond_the_wallets_version_is_one_too_many(made: Vault, stored: list[Row]) -> None:
    assert told(made, [*stored, stored[1]]) == ["entry 2 is one too many"]
    broken, _ = rows.read_entries(stored, replace(made.wallet, version=3))
    assert [(one.what, one.seq) for one in broken] == [("entry 4 is one too many", 4)]


def test_a_row_that_is_no_entry_is_named_by_its_key_and_place(made: Vault, stored: list[Row]) -> None:
    stored[2] = replace(stored[2], body="{")
    broken, entries = rows.read_entries(stored, made.wallet)
    assert [(one.what, one.seq, one.entry_id) for one in broken] == [
        (f"entry {stored[2].id} cannot be read", 3, stored[2].id)
    ]
    assert sorted(entries) == [1, 2, 4]


def test_a_sequence_is_that_of_the_timeline_or_else_of_the_body(stored: list[Row]) -> None:
    row = stored[2]
    assert replace(row, timeline="5.000000000007").seq == 7
    assert replace(row, timeline="").seq == 3
    assert replace(row, timeline="", body="{").seq is None


@pytest.mark.parametrize(
    ("timeline", "seq"),
    [("000000000000001.000000000002", 2), ("", None), ("1", None), ("1.x", None), ("1.-2", None)],
)
def test_a_sequence_is_read_from_a_position(timeline: str, seq: int | None) -> None:
    assert rows.seq_in(timeline) == seq


def test_an_attribute_that_a_row_lacks_is_given_as_empty(tables: Tables) -> None:
    tables.client.put_item(TableName="ledger", Item=items.key(PK, "k.bare"))
    assert list(rows.stored(tables, "acme", "credits")) == [Row(PK, "k.bare", "", b"", b"", "", "")]


def test_the_index_lists_id_place_and_kind_of_each_row_in_its_order(tables: Tables, made: Vault) -> None:
    expected = [(entry.id, keys.timeline(entry.at, entry.seq), entry.kind) for entry in made.entries]
    assert list(rows.listed(tables, "acme", "credits")) == expected


def test_a_row_without_its_place_is_in_no_list(tables: Tables, made: Vault, stored: list[Row]) -> None:
    item = items.entry_item(made.entries[2])
    del item["tl"]
    tables.client.put_item(TableName="ledger", Item=item)
    assert [id_ for id_, _, _ in rows.listed(tables, "acme", "credits")] == [
        entry.id for entry in made.entries if entry.seq != 3
    ]


@pytest.fixture
def paged(tables: Tables) -> Vault:
    """A grant and twenty pages of three records."""
    paged = Vault(account="beta")
    paged.grant("100")
    for _ in range(20):
        book(paged, [RecordCost(1, "a"), None, RecordCost(2, "b")])
    return put(tables, paged)


def test_records_are_checked_as_a_row_is_read_and_not_kept(
    tables: Tables, paged: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages of a wallet may have more of them than a machine has memory."""
    there: list[weakref.ref[Records]] = []

    def of(packed: bytes) -> Records:
        made = Records(packed)
        there.append(weakref.ref(made))
        return made

    monkeypatch.setattr(rows, "Records", of)
    stored = list(rows.stored(tables, "beta", "credits"))
    gc.collect()
    assert len(stored) == 21
    assert len(there) == 20
    assert not any(one() for one in there)


def test_a_row_whose_records_were_changed_is_named(tables: Tables, paged: Vault) -> None:
    item = items.entry_item(paged.entries[3])
    other = items.entry_item(paged.entries[4])
    for packed, what in (
        (None, "has lost its records"),
        ({"B": b"x"}, "has records that do not match their hash"),
        ({"S": "x"}, "has records that do not match their hash"),
    ):
        changed = {**item, **({items.RECORDS: packed} if packed else {})}
        if packed is None:
            del changed[items.RECORDS]
        tables.client.put_item(TableName="ledger", Item=changed)
        broken, entries = rows.read_entries(rows.stored(tables, "beta", "credits"), paged.wallet)
        assert [(one.what, one.seq) for one in broken] == [(f"entry 4 {what}", 4)]
        assert len(entries) == 21
    tables.client.put_item(TableName="ledger", Item={**item, items.RECORDS: other[items.RECORDS]})
    assert rows.read_entries(rows.stored(tables, "beta", "credits"), paged.wallet)[0] == []
    tables.client.put_item(
        TableName="ledger", Item={**items.entry_item(paged.entries[0]), items.RECORDS: {"B": b""}}
    )
    broken, _ = rows.read_entries(rows.stored(tables, "beta", "credits"), paged.wallet)
    assert [one.what for one in broken] == ["entry 1 has records, and does not say so"]


@pytest.mark.parametrize(
    ("more", "found", "looked_at"),
    [(-1, [1, 2], 2), (0, [1, 2, 3, 4], 6)],
)
def test_rows_by_their_ids_are_read_until_there_are_too_many_characters(
    tables: Tables, made: Vault, monkeypatch: pytest.MonkeyPatch, more: int, found: list[int], looked_at: int
) -> None:
    """Two at a time. Of ids that there are not nothing is counted: those behind them are looked at all the same."""
    monkeypatch.setattr(rows, "BATCH_GET", 2)
    first, second, third, fourth = (entry.id for entry in made.entries)
    ids = [first, second, "k.none", "k.neither", third, fourth]
    most = sum(len(entry.kept()) for entry in made.entries[:2]) + more
    there, count = rows.named(tables, "acme", "credits", ids, most)
    assert ([row.seq for row in there], count) == (found, looked_at)
