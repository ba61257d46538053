"""Entries by their ids and by time. The index may lag: then the answer waits, or says so (law 5)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from scrip.domain.credits.errors import Unavailable
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.domain.wallets.record_sums import RecordCost
from scrip.domain.wallets.streams import LAST_OFFSET
from scrip.store import keys, ledger
from scrip.store.tables import Tables
from tests.domain.builders import START, moment
from tests.domain.memory import Vault, vault
from tests.domain.wallets.test_burn_pages import book
from tests.store.stored import as_read, hearing, put, requests

EVER = (MAX_INSTANT, LAST_SEQ)


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)


@pytest.fixture
def made(tables: Tables) -> Vault:
    """A grant, two burns an hour later at one instant, a grant and a burn an hour after these: entries 1 to 5."""
    made = vault("100")
    made.wait("1h")
    made.burn(30)
    made.burn(20)
    made.wait("1h")
    made.grant("7")
    made.burn(10)
    return put(tables, made)


def seqs(tables: Tables, **asked: Any) -> list[int]:
    """The sequences of the entries that are found: by default all of them."""
    wanted = {"since": 0, "last": EVER, "kind": None, "limit": 100, **asked}
    return [entry.seq for entry in ledger.entries(tables, "acme", "credits", **wanted).entries]


def test_an_entry_is_found_by_its_id_in_its_own_wallet(tables: Tables, made: Vault) -> None:
    entry = made.entries[2]
    assert ledger.find(tables, "acme", "credits", entry.id) == as_read(entry)
    assert ledger.find(tables, "acme", "credits", "k.none") is None
    assert ledger.find(tables, "beta", "credits", entry.id) is None


def test_of_many_ids_those_that_exist_are_found(tables: Tables, made: Vault) -> None:
    first, last = made.entries[0], made.entries[4]
    found = ledger.find_many(tables, "acme", "credits", [first.id, "k.none", last.id])
    assert found == {first.id: as_read(first), last.id: as_read(last)}
    assert ledger.find_many(tables, "acme", "credits", []) == {}


def test_of_many_entries_the_records_are_let_go(tables: Tables) -> None:
    """A list of a thousand pages would have more of them than a function has memory. One entry has its own."""
    paged = Vault(account="beta")
    paged.grant("10")
    (page,) = book(paged, [RecordCost(1, "a"), None])
    put(tables, paged)
    whole = ledger.find(tables, "beta", "credits", page.id)
    assert whole
    assert whole.records
    several = [
        *ledger.find_many(tables, "beta", "credits", [page.id]).values(),
        *ledger.find_places(tables, [(keys.wallet("beta", "credits"), page.id)]),
        *ledger.entries(tables, "beta", "credits", since=0, last=EVER, kind="burn", limit=9).entries,
    ]
    assert [(entry.records, entry.hash()) for entry in several] == [(None, page.hash())] * 3


def test_the_newest_entry_is_known_by_its_sequence(tables: Tables, made: Vault) -> None:
    assert ledger.newest(tables, "acme", "credits") == 5
    assert ledger.newest(tables, "beta", "credits") == 0


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"limit": 2}, [5, 4]),
        ({"since": moment("+1h")}, [5, 4, 3, 2]),
        ({"since": moment("+1h") + 1}, [5, 4]),
        ({"last": (moment("+1h"), LAST_SEQ)}, [3, 2, 1]),
        ({"last": (moment("+1h"), 2)}, [2, 1]),
        ({"last": (START - 1, LAST_SEQ)}, []),
        ({"since": moment("+2h"), "last": (moment("+1h"), LAST_SEQ)}, []),
        ({"kind": "burn"}, [5, 3, 2]),
        ({"kind": "grant", "limit": 1}, [4]),
        ({"kind": "expiry"}, []),
    ],
)
def test_entries_are_listed_newest_first_between_two_bounds(
    tables: Tables, made: Vault, asked: dict[str, Any], found: list[int]
) -> None:
    assert seqs(tables, **asked) == found


@pytest.mark.parametrize(
    ("at", "seq"),
    [(START - 1, None), (START, 1), (moment("+1h") - 1, 1), (moment("+1h"), 3), (moment("+2h") - 1, 3)],
)
def test_the_last_entry_until_an_instant(tables: Tables, made: Vault, at: int, seq: int | None) -> None:
    found = ledger.last_until(tables, "acme", "credits", at)
    assert (found.seq if found else None) == seq


def lagging(tables: Tables, seq: int, answers: int) -> Any:
    """Has the index lack an entry in its next answers."""
    left = [answers]

    def drop(parsed: Any, **_: Any) -> None:
        if left[0] > 0:
            left[0] -= 1
            parsed["Items"] = [row for row in parsed["Items"] if not row["tl"]["S"].endswith(f".{seq:012d}")]

    return hearing(tables, "after-call.dynamodb.Query", drop)


def test_an_index_that_lags_is_asked_again(tables: Tables, made: Vault) -> None:
    """It does not list entry 3 yet. An answer of entry 2 would be wrong, and 1 and 4 are no neighbours."""
    with lagging(tables, 3, 2 * (ledger.LAG_TRIES - 1)):
        found = ledger.last_until(tables, "acme", "credits", moment("+1h"))
    assert found == as_read(made.entries[2])


def test_an_index_that_lags_for_long_is_said_to(tables: Tables, made: Vault) -> None:
    with lagging(tables, 3, 999), pytest.raises(Unavailable, match="lags behind"):
        ledger.last_until(tables, "acme", "credits", moment("+1h"))


@pytest.mark.parametrize(("lacks", "left"), [(3, [1, 2]), (1, []), (5, [1, 2, 3, 4]), (6, [1, 2, 3, 4, 5])])
def test_what_follows_ends_before_the_first_that_is_not_listed_yet(
    tables: Tables, made: Vault, lacks: int, left: list[int]
) -> None:
    """Law 4: whoever goes on from there leaves nothing out."""
    with lagging(tables, lacks, 1):
        found = ledger.following(tables, "acme", "credits", (0, 1), 100)
    assert [entry.seq for entry in found] == left


@pytest.mark.parametrize("gone", [1, 3, 5])
def test_what_follows_ends_before_one_that_is_listed_and_is_not_there(
    tables: Tables, made: Vault, gone: int
) -> None:
    row = {"pk": keys.wallet("acme", "credits"), "sk": made.entries[gone - 1].id}
    listed = ledger.listed_from(tables, "acme", "credits", (0, 1), MAX_INSTANT, 5, 100)
    tables.client.delete_item(TableName=tables.ledger, Key={name: {"S": text} for name, text in row.items()})
    told = [{"pk": {"S": row["pk"]}, "sk": {"S": one.entry_id}} for one in listed]
    with hearing(tables, "after-call.dynamodb.Query", lambda parsed, **_: parsed.update(Items=told)):
        found = ledger.following(tables, "acme", "credits", (0, 1), 100)
    assert [entry.seq for entry in found] == [*range(1, gone)]


@pytest.mark.parametrize(("lacks", "asked"), [(9, 1), (3, ledger.LAG_TRIES)])
def test_a_list_that_is_whole_is_asked_for_once_and_else_until_the_time_is_up(
    tables: Tables, made: Vault, lacks: int, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is a pause between two, and none after the last."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    with requests(tables, "Query") as sent, lagging(tables, lacks, 999):
        ledger.listed_from(tables, "acme", "credits", (0, 1), MAX_INSTANT, 5, 100)
    assert (len(sent), len(waited)) == (asked, asked - 1)


def test_where_nothing_was_committed_late_one_look_says_so(tables: Tables, made: Vault) -> None:
    """The first entry holds from the instant on, so that none before it is looked at, whenever it was committed."""
    with requests(tables, "Query") as sent:
        assert ledger.committed_since(tables, "acme", "credits", START) == (START, 0)
    assert len(sent) == 1


def test_after_the_last_offset_there_is_nothing_to_ask_for(tables: Tables) -> None:
    """DynamoDB refuses bounds the wrong way round."""
    with requests(tables, "Query") as sent:
        found = ledger.pages_of(tables, "acme", "credits", "w", LAST_OFFSET, LAST_OFFSET, given_up=True)
    assert (found, len(sent)) == ([], 1)
