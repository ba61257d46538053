"""Entries by their ids and by time. The index may lag: then the answer waits, or says so (law 5)."""

from __future__ import annotations

import time
from typing import Any, Final

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Entry
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
LAG_WAIT: Final = ledger.LAG_WAIT


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


# In pages of any length


@pytest.fixture(params=[1, 2, 3, 1000])
def _by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has so many rows of the timeline read at a time."""
    monkeypatch.setattr(limits, "LISTED_ENTRIES", request.param)


BASES: Final = [(1, None), (2, 1), (3, 1), (4, 1), (5, 4)]
"""Of each entry, the one before it that renews the wallet's base."""


@pytest.mark.usefixtures("_by")
@pytest.mark.parametrize(("seq", "renewal"), BASES)
def test_the_last_entry_that_renewed_the_base_is_found(
    tables: Tables, made: Vault, seq: int, renewal: int | None
) -> None:
    found = ledger.last_renewal(tables, made.entries[seq - 1])
    assert (found.seq if found else None) == renewal


@pytest.mark.usefixtures("_by")
def test_a_grant_of_what_begins_later_renews_nothing(tables: Tables) -> None:
    """Its lot is pending. Entries 2 and 3 are such grants, and 4 is a burn."""
    made = vault("5")
    made.grant("9 from=+2d; 8 from=+3d")
    made.burn(1)
    put(tables, made)
    found = ledger.last_renewal(tables, made.entries[3])
    assert found == as_read(made.entries[0])


@pytest.mark.usefixtures("_by")
@pytest.mark.parametrize(("seq", "lacks"), [(3, 3), (3, 2), (2, 1), (1, 1), (5, 4)])
def test_a_renewal_that_the_index_may_lack_is_not_said_to_be_none(
    tables: Tables, made: Vault, seq: int, lacks: int
) -> None:
    """Law 5: it lacks the entry itself, one in between, or the first of all."""
    with lagging(tables, lacks, 999), pytest.raises(Unavailable, match="lags behind"):
        ledger.last_renewal(tables, made.entries[seq - 1])


@pytest.mark.usefixtures("_by")
@pytest.mark.parametrize(
    ("kinds", "at"),
    [
        (("burn",), "+1h"),
        (("grant",), "+0h"),
        (("expiry", "grant"), "+0h"),
        (("expiry", "transfer_in"), None),
        ((), None),
    ],
)
def test_the_first_entry_of_some_kinds_says_since_when(
    tables: Tables, made: Vault, kinds: tuple[str, ...], at: str | None
) -> None:
    assert ledger.first_of_kinds(tables, "acme", "credits", kinds) == (moment(at) if at else None)
    assert ledger.first_of_kinds(tables, "beta", "credits", kinds) is None


@pytest.mark.usefixtures("_by")
@pytest.mark.parametrize(
    ("since", "position"),
    [
        ("+0h", ("+0h", 0)),
        ("+1ms", ("+1ms", 0)),
        ("+1h", ("+1h", 0)),
        ("+2h", ("+1h", 5)),
        ("+5h", ("+1h", 5)),
        ("+9h", ("+1h", 5)),
        ("+9h+1ms", ("+9h+1ms", 0)),
    ],
)
def test_what_was_committed_since_an_instant_begins_at_the_first_that_was_committed_late(
    tables: Tables, since: str, position: tuple[str, int]
) -> None:
    """Entries 1 to 4 are grants. At nine hours three lots expire that ended at one, two and three: entries 5 to 7."""
    made = vault("10; 1 exp=+1h; 1 exp=+2h; 1 exp=+3h")
    made.wait("9h")
    made.burn(1)
    assert [(entry.at, entry.committed_at) for entry in made.entries[4:6]] == [
        (moment(at), moment("+9h")) for at in ("+1h", "+2h")
    ]
    put(tables, made)
    found = ledger.committed_since(tables, "acme", "credits", moment(since))
    assert found == (moment(position[0]), position[1])


@pytest.mark.usefixtures("_by")
@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_what_was_committed_late_at_one_instant_the_first_is_found(tables: Tables, count: int) -> None:
    """So many pending lots begin at an hour, each by an entry that was committed at nine."""
    made = vault("; ".join(["1 from=+1h"] * count))
    made.wait("9h")
    made.burn(1)
    late = made.entries[count : 2 * count]
    assert {(entry.at, entry.committed_at) for entry in late} == {(moment("+1h"), moment("+9h"))}
    put(tables, made)
    found = ledger.committed_since(tables, "acme", "credits", moment("+5h"))
    assert found == (moment("+1h"), count + 1)


# Lists that end before all is read


@pytest.fixture
def _two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has two entries of a list read by one call."""
    monkeypatch.setattr(ledger, "BATCH_GET", 2)


def listed(tables: Tables, **asked: Any) -> tuple[list[int], int | None]:
    """The sequences of a page of the list, and of the entry that the next page begins with."""
    wanted = {"since": 0, "last": EVER, "kind": None, "limit": 100, **asked}
    page = ledger.entries(tables, "acme", "credits", **wanted)
    return [entry.seq for entry in page.entries], page.following[1] if page.following else None


def used(entry: Entry) -> bool:
    return entry.kind == "burn"


@pytest.mark.usefixtures("_two_at_a_time")
@pytest.mark.parametrize(
    ("asked", "found", "following"),
    [
        ({}, [5, 4, 3, 2, 1], None),
        ({"limit": 5}, [5, 4, 3, 2, 1], None),
        ({"limit": 4}, [5, 4, 3, 2], 1),
        ({"limit": 2}, [5, 4], 3),
        ({"kind": "burn", "limit": 3}, [5, 3, 2], None),
        ({"kind": "burn", "limit": 2}, [5, 3], 2),
        ({"kind": "burn", "limit": 1}, [5], 3),
        ({"fits": used}, [5, 3, 2], None),
        ({"fits": used, "limit": 3}, [5, 3, 2], None),
        ({"fits": used, "limit": 2}, [5, 3], 2),
        ({"fits": used, "limit": 1}, [5], 3),
        ({"fits": used, "kind": "grant"}, [], None),
        ({"in_time": lambda: True}, [5, 4, 3, 2, 1], None),
        ({"in_time": lambda: False}, [5, 4], 3),
        ({"in_time": lambda: False, "kind": "burn"}, [5, 3], 2),
        ({"in_time": lambda: False, "limit": 2}, [5, 4], 3),
    ],
)
def test_a_page_says_with_which_entry_the_next_one_begins(
    tables: Tables, made: Vault, asked: dict[str, Any], found: list[int], following: int | None
) -> None:
    """Two entries are read at a time, some in any case; those that do not fit are no part of the page's length."""
    assert listed(tables, **asked) == (found, following)


@pytest.mark.parametrize(
    ("looked_at", "asked", "found", "following"),
    [
        (2, {"kind": "grant"}, [4], 3),
        (2, {"fits": used}, [5], 3),
        (4, {"kind": "grant"}, [4], 1),
        (5, {"kind": "grant"}, [4, 1], None),
        (2, {"kind": "burn", "limit": 1}, [5], 3),
        (3, {"kind": "burn", "limit": 1}, [5], 3),
        (2, {}, [5, 4, 3, 2, 1], None),
    ],
)
def test_of_a_list_of_some_entries_so_many_are_looked_at(
    tables: Tables,
    made: Vault,
    monkeypatch: pytest.MonkeyPatch,
    looked_at: int,
    asked: dict[str, Any],
    found: list[int],
    following: int | None,
) -> None:
    monkeypatch.setattr(limits, "LISTED_ENTRIES", looked_at)
    assert listed(tables, **asked) == (found, following)


@pytest.mark.usefixtures("_two_at_a_time")
@pytest.mark.parametrize(
    ("more", "found", "followed"),
    [
        (-1, ([5, 4], 3), [1, 2]),
        (0, ([5, 4, 3, 2], 1), [1, 2, 3, 4]),
    ],
)
def test_no_more_is_read_once_an_answer_would_be_too_long(
    tables: Tables,
    made: Vault,
    monkeypatch: pytest.MonkeyPatch,
    more: int,
    found: tuple[list[int], int],
    followed: list[int],
) -> None:
    """As many characters as two entries have are not too many; one less are, after these."""

    def characters(*seqs: int) -> int:
        return sum(len(made.entries[seq - 1].kept()) for seq in seqs)

    monkeypatch.setattr(ledger, "MOST_BYTES", characters(5, 4) + more)
    assert listed(tables) == found
    monkeypatch.setattr(ledger, "MOST_BYTES", characters(1, 2) + more)
    there = ledger.following(tables, "acme", "credits", (0, 1), 100)
    assert [entry.seq for entry in there] == followed


@pytest.mark.usefixtures("_two_at_a_time")
def test_entries_by_their_places_are_read_some_at_a_time(tables: Tables, made: Vault) -> None:
    ids = [entry.id for entry in made.entries]
    with requests(tables, "BatchGetItem") as sent:
        found = ledger.find_many(tables, "acme", "credits", [*ids, "k.none"])
    assert found == {entry.id: as_read(entry) for entry in made.entries}
    assert [len(one["RequestItems"]["ledger"]["Keys"]) for one in sent] == [2, 2, 2]
    places = [(keys.wallet("acme", "credits"), entry_id) for entry_id in ids]
    assert len(ledger.find_places(tables, places)) == 5
    whole = ledger.with_records(tables, "acme", "credits", [*ids, ids[0], "k.none"])
    assert whole == {entry.id: as_read(entry) for entry in made.entries}


def test_what_follows_a_position_is_read_up_to_a_number(tables: Tables, made: Vault) -> None:
    first = (moment("+1h"), 2)
    for limit, found in ((1, [2]), (3, [2, 3, 4]), (9, [2, 3, 4, 5])):
        followed = ledger.following(tables, "acme", "credits", first, limit)
        assert [entry.seq for entry in followed] == found


@pytest.mark.parametrize(
    ("first", "until", "expected", "limit", "found"),
    [
        (("+0h", 0), "+9h", 5, 100, [1, 2, 3, 4, 5]),
        (("+0h", 1), "+9h", 3, 100, [1, 2, 3, 4, 5]),
        (("+1h", 3), "+9h", 5, 100, [3, 4, 5]),
        (("+1h", 3), "+9h", 4, 100, [3, 4, 5]),
        (("+0h", 1), "+1h", 3, 100, [1, 2, 3]),
        (("+0h", 1), "+2h-1ms", 3, 100, [1, 2, 3]),
        (("+0h", 1), "+9h", 2, 2, [1, 2]),
    ],
)
def test_rows_that_the_timeline_lists_whole_are_asked_for_once(
    tables: Tables,
    made: Vault,
    first: tuple[str, int],
    until: str,
    expected: int,
    limit: int,
    found: list[int],
) -> None:
    at = (moment(first[0]), first[1])
    with requests(tables, "Query") as sent:
        rows = ledger.listed_from(tables, "acme", "credits", at, moment(until), expected, limit)
    assert [row.position[1] for row in rows] == found
    assert rows == [
        ledger.ListedRow(one.id, (one.at, one.seq), one.kind)
        for one in (made.entries[seq - 1] for seq in found)
    ]
    assert len(sent) == 1


def test_a_timeline_that_lags_is_waited_for_for_a_second(
    tables: Tables, made: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(ledger, "LAG_WAIT", LAG_WAIT)
    monkeypatch.setattr(time, "sleep", waited.append)
    with lagging(tables, 3, 999), pytest.raises(Unavailable, match="lags behind"):
        ledger.last_until(tables, "acme", "credits", moment("+1h"))
    assert sum(waited) == pytest.approx(1)
    assert len(waited) == 20


STREAM: Final = [(0, 2), (2, 5), (5, 6), (9, 11)]
"""Offsets that entries of a stream begin with and end before. Nobody sent 6, 7 and 8: the last gave them up."""


@pytest.mark.parametrize(
    ("first", "last", "given_up", "found"),
    [
        (0, 10, False, [9, 5, 2, 0]),
        (0, 5, False, [5, 2, 0]),
        (5, 5, False, [5]),
        (4, 4, False, [2]),
        (3, 5, False, [5, 2]),
        (1, 2, False, [2, 0]),
        (6, 8, False, []),
        (5, 7, False, [5]),
        (6, 8, True, [9]),
        (8, 8, True, [9]),
        (5, 7, True, [9, 5]),
        (5, 5, True, [5]),
        (10, 10, True, [9]),
        (11, 11, True, []),
        (11, 30, False, []),
    ],
)
def test_the_entries_of_a_streams_offsets_are_found_newest_first(
    tables: Tables, first: int, last: int, given_up: bool, found: list[int]
) -> None:
    made = vault("100")
    for begins, ends in STREAM:
        book(made, [RecordCost(1, "a")] * (ends - begins), "s", begins, since=6 if begins == 9 else None)
    book(made, [RecordCost(1, "a")], "other")
    put(tables, made)
    pages = ledger.pages_of(tables, "acme", "credits", "s", first, last, given_up=given_up)
    assert [entry.extra["page"]["first"] for entry in pages] == found
