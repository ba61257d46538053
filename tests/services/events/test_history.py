"""The entries of a time that is over, in pieces: all of them, each once, and no other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits import limits
from scrip.domain.credits.errors import Unavailable
from scrip.services.events import history
from scrip.services.events.history import Stretch, piece
from scrip.store import keys, ledger, lists
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

DAY = 86_400_000
NEW_YEAR = 1_893_456_000_000


@pytest.fixture(autouse=True)
def _lists_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows how long they are to be."""
    monkeypatch.setattr(ledger, "time", SimpleNamespace(sleep=lambda _: pytest.fail("it waits")))


def at(day: float) -> str:
    hours = round(day * 24)
    return f"2030-01-{1 + hours // 24:02}T{hours % 24:02}:00:00.000Z"


def read(stretch: Stretch) -> tuple[list[tuple[str, str, int]], int]:
    """Account, unit and seq of what is found, and in how many pieces."""
    found: list[tuple[str, str, int]] = []
    after: str | None = None
    pieces = 0
    while True:
        one = piece(runtime.tables(), stretch, after)
        pieces += 1
        found += [(entry.account, entry.unit, entry.seq) for entry in one.entries]
        after = one.following
        if after is None:
            return found, pieces


def days(first: float, last: float, accounts: Sequence[str] | None = None) -> Stretch:
    return Stretch(round(NEW_YEAR + first * DAY), round(NEW_YEAR + last * DAY), accounts)


def ledger_rows(account: str) -> list[Any]:
    answer = runtime.tables().client.query(
        TableName="ledger",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": keys.wallet(account, "credits")}},
    )
    rows: list[Any] = answer["Items"]
    return rows


@pytest.fixture
def three(scrip: Deployment, account: str) -> list[str]:
    """Three accounts with an entry a day, of noon, for five days; the second in two units."""
    scrip.make_tables()
    scrip.put("/v1/units/tokens", {"precision": 0})
    names = [f"{account}-{letter}" for letter in "abc"]
    for day in range(5):
        for name in names:
            scrip.grant(name, "1", clock=at(day + 0.5))
        scrip.grant(names[1], "1", unit="tokens", clock=at(day + 0.5))
    return names


def test_a_time_has_what_was_committed_in_it_from_its_beginning_on_and_without_its_end(
    three: list[str],
) -> None:
    a, b, c = three
    found, _ = read(days(1.5, 3.5))
    assert found == [
        *[(a, "credits", seq) for seq in (2, 3)],
        *[(b, "credits", seq) for seq in (2, 3)],
        *[(b, "tokens", seq) for seq in (2, 3)],
        *[(c, "credits", seq) for seq in (2, 3)],
    ]
    assert read(days(0, 9))[0] == [
        (name, unit, seq)
        for name, unit in ((a, "credits"), (b, "credits"), (b, "tokens"), (c, "credits"))
        for seq in range(1, 6)
    ]


def test_of_accounts_it_is_theirs_alone_each_once(three: list[str]) -> None:
    a, _, c = three
    found, _ = read(days(0, 1, [c, a, c, "nobody"]))
    assert found == [(a, "credits", 1), (c, "credits", 1)]
    assert read(days(0, 1, [])) == ([], 1)


@pytest.mark.parametrize("shares", [1, 2, 5])
def test_shares_of_the_accounts_are_together_all_of_them(three: list[str], shares: int) -> None:
    whole, _ = read(days(0, 9))
    parts = [read(replace(days(0, 9), share=(number, shares)))[0] for number in range(shares)]
    assert sorted(one for part in parts for one in part) == whole


def test_a_time_in_which_nothing_was_has_nothing(three: list[str]) -> None:
    assert read(days(2.6, 2.9))[0] == []
    assert read(days(3, 3))[0] == []
    assert read(days(4, 2))[0] == []


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize(("size", "wallets"), [(1, 50), (2, 50), (3, 1), (7, 2), (100, 1), (100, 3)])
def test_however_it_is_cut_into_pieces_it_is_the_same(
    three: list[str], monkeypatch: pytest.MonkeyPatch, size: int, wallets: int, named: bool
) -> None:
    """Also where accounts and wallets are listed one by one, and where the accounts are named."""
    whole, _ = read(days(0.6, 4))
    monkeypatch.setattr(history, "PIECE", size)
    monkeypatch.setattr(history, "WALLETS", wallets)
    monkeypatch.setattr(history, "BATCH", 1)
    found, pieces = read(days(0.6, 4, three if named else None))
    assert found == whole
    assert len(found) == 12
    assert pieces >= 12 / size


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_what_was_committed_in_one_millisecond_is_cut_into_pieces_too(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    for _ in range(5):
        scrip.grant(account, "1", clock=at(1))
    monkeypatch.setattr(history, "PIECE", size)
    assert [seq for *_, seq in read(days(0, 2, [account]))[0]] == [1, 2, 3, 4, 5]


def test_a_piece_is_bounded_also_where_wallets_have_nothing(
    three: list[str], scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four wallets, two to a piece: two pieces, both empty. What else an account lists is no wallet."""
    lists.put(runtime.tables(), keys.account(three[1]), "what comes after wallets")
    monkeypatch.setattr(history, "WALLETS", 2)
    assert read(days(20, 21)) == ([], 2)
    with scrip.calls() as made:
        piece(runtime.tables(), days(20, 21))
    assert len(made) <= 2 * 4 + 3


def test_what_was_committed_late_belongs_to_the_time_of_its_commit(scrip: Deployment, account: str) -> None:
    """Ten lots end on the second; nobody looks before the fourth, and the burn of then books them. Whoever missed the
    fourth day missed them all: eleven entries, of which ten hold on the second."""
    scrip.grant(account, "1", clock=at(0))
    for hour in range(10):
        scrip.grant(account, "1", expires_at=at(2 + hour / 24), clock=at(0))
    scrip.burn(account, "1", clock=at(4.5))
    kinds = [(entry["kind"], entry["at"][:10]) for entry in scrip.entries(account)[11:]]
    assert kinds == [("expiry", "2030-01-03")] * 10 + [("burn", "2030-01-05")]
    assert read(days(4, 5, [account]))[0] == [(account, "credits", seq) for seq in range(12, 23)]
    assert read(days(1, 4, [account]))[0] == []


def test_a_time_of_one_millisecond_has_what_was_committed_in_it(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1", clock=at(1))
    noon = NEW_YEAR + DAY
    found = [read(Stretch(noon + ms, noon + ms + 1, [account]))[0] for ms in (-1, 0, 1)]
    assert found == [[], [(account, "credits", 1)], []]


def gone(account: str, seq: int) -> None:
    """An intruder deletes an entry."""
    tables = runtime.tables()
    (row,) = [one for one in ledger_rows(account) if json.loads(one["body"]["S"])["seq"] == seq]
    tables.client.delete_item(TableName=tables.ledger, Key={"pk": row["pk"], "sk": row["sk"]})


def test_an_entry_that_somebody_deleted_holds_nothing_up(scrip: Deployment, account: str) -> None:
    """The verification finds it. What is older than a minute before the end of the time is no lag."""
    for day in range(5):
        scrip.grant(account, "1", clock=at(day))
    gone(account, 3)
    found, _ = read(days(0, 9, [account]))
    assert [seq for *_, seq in found] == [1, 2, 4, 5]


def test_an_index_that_lags_is_waited_for_and_then_it_is_said_so(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry before the last is not there yet, and the last was committed within the last minute, to its end."""
    waits: list[float] = []
    monkeypatch.setattr(history, "time", SimpleNamespace(sleep=waits.append))
    for day in range(3):
        scrip.grant(account, "1", clock=at(day))
    gone(account, 2)
    end = round(NEW_YEAR + 2 * DAY) + 1
    with pytest.raises(Unavailable):
        read(Stretch(NEW_YEAR, end, [account]))
    assert waits == [history.WAIT] * history.TRIES
    end = round(NEW_YEAR + 2 * DAY) + history.LAG_MS
    with pytest.raises(Unavailable):
        read(Stretch(NEW_YEAR, end, [account]))
    assert read(Stretch(NEW_YEAR, end + 1, [account]))[0] == [(account, "credits", seq) for seq in (1, 3)]


def test_however_many_were_committed_late_their_first_is_found_by_few_reads(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of forty entries thirty were late. Four rows of the index at a time: the first of them is found all the same."""
    monkeypatch.setattr(limits, "LISTED_ENTRIES", 4)
    for _ in range(10):
        scrip.grant(account, "1", clock=at(0))
    for number in range(30):
        scrip.grant(account, "1", expires_at=at(2 + number / 24), clock=at(0))
    scrip.burn(account, "1", clock=at(9))
    assert ledger.committed_since(runtime.tables(), account, "credits", NEW_YEAR + 5 * DAY)[1] == 41
    assert read(days(5, 10, [account]))[0] == [(account, "credits", seq) for seq in range(41, 72)]
