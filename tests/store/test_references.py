"""Entries under their reference: one item each, the same again, in 16 shares, newest first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.credits.entries import NOTHING, Cause, Entry
from scrip.domain.credits.errors import Throttled
from scrip.store import keys, references
from scrip.store.references import FoundEntry
from scrip.store.tables import Tables
from simulation.tables import item_bytes
from tests.store.stored import hearing, requests

JOB: Final = ("job", "j_1")
LAST: Final = (10**15 - 1, 10**12 - 1, "~")


def entry(account: str, seq: int, reference: tuple[str, str] | None = JOB, at: int | None = None) -> Entry:
    cause = Cause(f"k.{account}.{seq}", "f", "key:k1", reference)
    return Entry(
        id=cause.entry_id,
        account=account,
        unit="credits",
        seq=seq,
        kind="burn",
        at=seq if at is None else at,
        amount=-1,
        before=NOTHING,
        after=NOTHING,
        status="active",
        draws=[],
        previous_hash=bytes(32),
        cause=cause,
    )


def of_share(
    tables: Tables, share: int, name: str = "job:j_1", last: tuple[int, int, str] = LAST
) -> list[int]:
    return [one.seq for page in references.listed(tables, name, share, last, 2) for one in page]


def everywhere(tables: Tables, name: str = "job:j_1") -> list[FoundEntry]:
    shares = range(keys.REFERENCE_SHARES)
    return [
        one for share in shares for page in references.listed(tables, name, share, LAST, 9) for one in page
    ]


def test_an_entry_is_found_where_it_is(tables: Tables) -> None:
    references.put_all(tables, [entry("acme", 7)])
    assert everywhere(tables) == [FoundEntry("acme", "credits", "k.acme.7", 7, "burn", 7)]
    assert of_share(tables, keys.reference_share("acme", "credits")) == [7]


def test_an_entry_without_a_reference_writes_nothing(tables: Tables) -> None:
    with requests(tables, "BatchWriteItem") as sent:
        references.put_all(tables, [entry("acme", 1, None), replace(entry("acme", 2), cause=None)])
    assert sent == []


def test_what_is_put_again_is_found_once_also_within_one_batch(tables: Tables) -> None:
    for _ in range(3):
        references.put_all(tables, [entry("acme", 1), entry("acme", 2), entry("acme", 1)])
    assert sorted(one.seq for one in everywhere(tables)) == [1, 2]


def test_sixty_entries_are_three_calls(tables: Tables) -> None:
    """25, 25 and 10: no more go into one."""
    with requests(tables, "BatchWriteItem") as sent:
        references.put_all(tables, [entry(f"a{number}", 1) for number in range(60)])
    assert [len(one["RequestItems"]["wallets"]) for one in sent] == [25, 25, 10]
    assert len(everywhere(tables)) == 60


def test_a_share_is_listed_newest_first_from_any_place_on(tables: Tables) -> None:
    """Two entries of one instant are in the order of their sequence."""
    share = keys.reference_share("acme", "credits")
    made = [entry("acme", seq, at=at) for seq, at in ((1, 10), (2, 20), (3, 20), (4, 30))]
    references.put_all(tables, made)
    assert of_share(tables, share) == [4, 3, 2, 1]
    assert of_share(tables, share, last=(20, 2, "k.acme.2")) == [2, 1]
    assert of_share(tables, share, last=(9, 9, "~")) == []


def test_a_reference_is_one_by_its_type_and_its_id(tables: Tables) -> None:
    references.put_all(tables, [entry("acme", 1, ("job", "1")), entry("acme", 2, ("invoice", "1"))])
    assert [one.seq for one in everywhere(tables, "invoice:1")] == [2]


@pytest.mark.parametrize("letter", ["j", "é", "🂡"])
def test_the_longest_item_is_one_write_unit(tables: Tables, letter: str) -> None:
    """1 024 bytes: with the longest reference, account and unit, the longest kind and the largest numbers."""
    longest = replace(
        entry("a" * 128, 999_999_999_999, (letter * 200, letter * 200), 10**14),
        unit="u" * 128,
        kind="reinstatement",
        id="k." + "x" * 12 + "." + "y" * 22,
    )
    with requests(tables, "BatchWriteItem") as sent:
        references.put_all(tables, [longest])
    (request,) = sent[0]["RequestItems"]["wallets"]
    assert item_bytes(request["PutRequest"]["Item"]) < 1024
    assert len(everywhere(tables, f"{letter * 200}:{letter * 200}")) == 1


def test_items_that_are_left_unprocessed_are_sent_again_for_a_while(tables: Tables) -> None:
    """Of the first answer one is left; of the next none."""
    answers: list[Any] = []

    def leave(parsed: Any, params: Any, **_: Any) -> None:
        if not answers:
            parsed["UnprocessedItems"] = {"wallets": params["RequestItems"]["wallets"][:1]}
        answers.append(len(params["RequestItems"]["wallets"]))

    with hearing(tables, "after-call.dynamodb.BatchWriteItem", leave):
        references.put_all(tables, [entry("acme", 1), entry("acme", 2)])
    assert answers == [2, 1]


def test_a_table_that_stays_busy_is_told_to_whoever_asked(tables: Tables) -> None:
    def leave(parsed: Any, params: Any, **_: Any) -> None:
        parsed["UnprocessedItems"] = params["RequestItems"]

    with (
        hearing(tables, "after-call.dynamodb.BatchWriteItem", leave),
        pytest.raises(Throttled, match="busy"),
    ):
        references.put_all(tables, [entry("acme", 1)])
