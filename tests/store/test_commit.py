"""One decision is one transaction: all of it is written or nothing, and the outcome says why (laws 1, 3 and 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.errors import Throttled, Unavailable
from scrip.domain.wallets.draft import Decision
from scrip.store import commit as commit_module
from scrip.store import documents, items, keys
from scrip.store.commit import Busy, Committed, Existing, Moved, Stale, commit, writes_of
from scrip.store.tables import Tables
from tests.aws import Fault
from tests.domain.memory import Vault, vault
from tests.services.verification.surveys import items_of
from tests.store.stored import as_read, hearing, put, requests, rich


def rows(tables: Tables) -> dict[str, list[Any]]:
    """All that the tables hold, by table and key."""
    return {
        name: sorted(
            tables.client.scan(TableName=name)["Items"], key=lambda row: (row["pk"]["S"], row["sk"]["S"])
        )
        for name in ("wallets", "ledger")
    }


def asked(decision: Decision) -> set[str]:
    """The ids of its entries, as if callers had asked for all of them."""
    return {entry.id for entry in decision.entries}


@pytest.fixture
def made() -> Vault:
    """A grant of 100, then a burn of 30: two decisions."""
    made = vault("100")
    made.burn(30)
    return made


def test_what_was_decided_is_what_lies_in_the_tables(tables: Tables) -> None:
    """Wallet, pages, due items, sidecars, blocks and entries of a wallet that has one of each; and its lists."""
    made = put(tables, rich())
    expected = items_of([made])
    expected["wallets"] += [items.key("accounts", "acme"), items.key("account#acme", "wallet#credits")]
    assert len(made.pages) > 1
    assert set(rows(tables)) == set(expected)
    for name, found in rows(tables).items():
        assert found == sorted(expected[name], key=lambda row: (row["pk"]["S"], row["sk"]["S"]))


def test_a_wallets_first_commit_lists_it_and_its_account_and_no_later_one_does(
    tables: Tables, made: Vault
) -> None:
    first, later = (writes_of(tables, one) for one in made.commits)
    listed = [write["Put"]["Item"] for write in first[2:]]
    assert listed == [items.key("accounts", "acme"), items.key("account#acme", "wallet#credits")]
    assert all("ConditionExpression" not in write["Put"] for write in first[2:])
    assert [write["Put"]["TableName"] for write in later] == ["wallets", "ledger"]


def test_a_wallet_of_before_there_were_lists_is_listed_with_its_next_commit(
    tables: Tables, made: Vault
) -> None:
    """Its item does not say that lists have it."""
    granted, burned = made.commits
    before = items.wallet_item(granted.wallet)
    del before["l"]
    assert items.read_wallet(before) == replace(granted.wallet, listed=False)
    writes = writes_of(tables, replace(burned, listed=items.read_wallet(before).listed))
    assert [write["Put"]["Item"]["pk"]["S"] for write in writes[2:]] == ["accounts", "account#acme"]
    assert writes[0]["Put"]["Item"]["l"] == items.s("1")


def test_a_plain_burn_writes_two_items_each_on_its_condition(tables: Tables, made: Vault) -> None:
    wallet, entry = (write["Put"] for write in writes_of(tables, made.commits[1]))
    assert (wallet["TableName"], wallet["ConditionExpression"]) == ("wallets", "version = :seen")
    assert wallet["ExpressionAttributeValues"] == {":seen": {"N": "1"}}
    assert (entry["TableName"], entry["ConditionExpression"]) == ("ledger", "attribute_not_exists(pk)")


def test_law_3_a_decision_that_was_written_before_is_known_by_its_entries(
    tables: Tables, made: Vault
) -> None:
    put(tables, made)
    before = rows(tables)
    again = made.commits[1]
    assert commit(tables, again, asked=asked(again)) == Existing([as_read(made.entries[1])])
    assert rows(tables) == before


def test_a_wallet_that_somebody_wrote_meanwhile_comes_with_the_failure(tables: Tables, made: Vault) -> None:
    """Decided on version 1, while version 2 is there: no read is needed to decide again."""
    put(tables, made)
    other = vault("100")
    other.burn(5)
    before = rows(tables)
    late = replace(other.commits[1], entries=[replace(other.entries[1], id="k.other")])
    assert commit(tables, late, asked={"k.other"}) == Moved(made.wallet)
    assert rows(tables) == before


def test_the_first_decision_of_a_wallet_that_exists_by_now_has_moved(tables: Tables, made: Vault) -> None:
    put(tables, made)
    first = replace(made.commits[0], entries=[replace(made.entries[0], id="k.other")])
    assert commit(tables, first) == Moved(made.wallet)


def test_an_entry_that_time_made_for_somebody_else_is_no_replay(tables: Tables, made: Vault) -> None:
    """Nobody asked for it: the wallet is read again, and decided on anew."""
    tables.client.put_item(TableName="ledger", Item=items.entry_item(made.entries[0]))
    first = made.commits[0]
    assert commit(tables, first) == Moved(None)
    assert commit(tables, first, asked=asked(first)) == Existing([as_read(made.entries[0])])
    assert rows(tables)["wallets"] == []


def test_a_document_beside_the_wallet_that_is_not_as_it_was_read_is_named_by_its_number(
    tables: Tables, made: Vault
) -> None:
    """The first of two is as it was read, the second is at revision 1 and not at 7. Nothing is written of either."""
    for name in ("a", "b"):
        documents.put(tables, keys.pack(name), documents.NEW, {"name": name})
    before = rows(tables)
    beside = [documents.write(tables, keys.pack("a"), 1, {}), documents.write(tables, keys.pack("b"), 7, {})]
    assert commit(tables, made.commits[0], beside) == Stale(1)
    assert rows(tables) == before
    beside[1] = documents.write(tables, keys.pack("b"), 1, {})
    assert commit(tables, made.commits[0], beside) == Committed()
    assert documents.get(tables, keys.pack("b")).rev == 2


@pytest.mark.parametrize(
    ("codes", "throttled"),
    [
        (("TransactionConflict", "None"), False),
        (("None", "TransactionConflict"), False),
        (("ThrottlingError", "None"), True),
        (("None", "ProvisionedThroughputExceeded"), True),
        (("TransactionConflict", "ThrottlingError"), True),
    ],
)
def test_a_transaction_that_met_another_or_a_full_table_is_busy(
    tables: Tables, made: Vault, codes: tuple[str, ...], throttled: bool
) -> None:
    fault = Fault.cancelled(*codes)
    with hearing(tables, "before-call.dynamodb.TransactWriteItems", lambda **_: fault()):
        assert commit(tables, made.commits[0]) == Busy(throttled)
    assert commit(tables, made.commits[0]) == Committed()


def test_a_reason_that_nobody_knows_is_an_error(tables: Tables, made: Vault) -> None:
    fault = Fault.cancelled("None", "ValidationError")
    with (
        hearing(tables, "before-call.dynamodb.TransactWriteItems", lambda **_: fault()),
        pytest.raises(ValueError, match="ValidationError"),
    ):
        commit(tables, made.commits[0])


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (Fault.timeout, Unavailable),
        (Fault.error("InternalServerError", 500), Unavailable),
        (Fault.error("ThrottlingException"), Throttled),
    ],
)
def test_where_nobody_knows_whether_it_was_written_that_is_said(
    tables: Tables, made: Vault, fault: Any, refusal: type[Exception]
) -> None:
    with (
        hearing(tables, "before-call.dynamodb.TransactWriteItems", lambda **_: fault()),
        pytest.raises(refusal),
    ):
        commit(tables, made.commits[0])


def test_each_attempt_has_a_token_of_its_own(tables: Tables, made: Vault) -> None:
    """With the token of another attempt DynamoDB would answer what it answered to that."""
    with requests(tables, "TransactWriteItems") as sent:
        for _ in range(3):
            commit(tables, made.commits[0])
    assert len({request["ClientRequestToken"] for request in sent}) == 3


def test_lots_enter_and_leave_their_block_without_a_read_of_it(tables: Tables) -> None:
    """Lots 1 and 2 are emptied; a reversal brings lot 2 back. Block 0 holds lot 1 alone then."""
    made = vault("10; 10; 10")
    made.reverse(made.burn(20), 5)
    with requests(tables, "GetItem") as read:
        put(tables, made)
    assert read == []
    item = tables.get("wallets", keys.wallet("acme", "credits"), keys.exhausted(0))
    assert item
    assert items.read_block(item) == made.blocks[0]
    assert list(made.blocks[0]) == [1]


def test_a_failed_condition_that_brings_no_item_says_that_the_wallet_is_to_be_read() -> None:
    """The wallet's own, as where an item was deleted; and that of an entry which nobody asked for. The first of a
    document beside them says which document it was."""
    failed, fine = {"Code": "ConditionalCheckFailed"}, {"Code": "None"}
    assert commit_module._outcome([failed, fine], 2, 2, ()) == Moved(None)
    entry = {**failed, "Item": {"sk": {"S": "s.2"}}}
    assert commit_module._outcome([fine, entry], 2, 2, ("k.other",)) == Moved(None)
    assert commit_module._outcome([fine, fine, fine, failed], 2, 2, ()) == Stale(1)
