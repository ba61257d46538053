"""What the store reads whole is whole however few items an answer has: an answer of DynamoDB ends at a megabyte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.notifications.endpoint import EndpointSecret, WebhookEndpoint
from scrip.domain.verification.due_checks import KINDS
from scrip.domain.wallets.wallet import NeedBlock, NeedDue, NeedFront, NeedPage, Snapshot
from scrip.store import (
    crossings,
    documents,
    due,
    heads,
    keys,
    ledger,
    lists,
    marks,
    partition,
    references,
    rollups,
    rows,
    scan,
    statements,
    wallets,
)
from scrip.store.marks import Reading, StreamPosition
from scrip.store.notifications import Notifications
from scrip.store.tables import Tables
from tests.aws import InMemory
from tests.domain.builders import moment
from tests.domain.memory import Vault
from tests.store.stored import hearing, put, requests, rich
from tests.store.test_references import LAST, entry

ENDPOINT: Final = WebhookEndpoint(
    "crm", "a1", "https://x.example/", ("*",), None, True, 5, (EndpointSecret("s", 5, None),)
)
MONTHS: Final = ("2029-11", "2029-12", "2030-01", "2030-02", "2030-03")


@contextmanager
def one_by_one(tables: Tables) -> Iterator[None]:
    """Has each answer of a query or a scan end after one item."""

    def query(params: Any, **_: Any) -> None:
        params["Limit"] = 1

    def scan(params: Any, **_: Any) -> None:
        params["page_items"] = 1

    with (
        hearing(tables, "before-parameter-build.dynamodb.Query", query),
        hearing(tables, "before-parameter-build.dynamodb.Scan", scan),
    ):
        yield


@pytest.fixture(scope="module")
def filled() -> Tables:
    """Tables with several of everything that is read whole."""
    tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    put(tables, rich())
    for number in range(4):
        made = Vault(account=f"b-{number}")
        made.grant(f"10 exp=+{number + 1}d")
        put(tables, made)
        documents.put_all(tables, [lists.add(tables, keys.UNITS, f"unit-{number}")])
        marks.read_to(tables, f"shard-{number}", StreamPosition("7", 9_000), 9_000)
    marks.save(tables, Reading({"shard-1": 5}))
    references.put_all(tables, [entry("acme", seq) for seq in range(1, 6)])
    head = rollups.head(tables, "acme", "credits")
    rollups.save(tables, head, {}, 3, [(hour, b"%d" % hour) for hour in (-7, 0, 5, 24)])
    for month in MONTHS:
        statements.put_once(tables, "acme", "credits", month, {"month": month})
        statements.put_once(tables, "acme", "credits", keys.signed_statement(month), {})
        statements.put_counted(tables, "acme", "credits", month, {})
    store = Notifications(tables.client, "wallets")
    store.put_endpoint(0, ENDPOINT, [])
    store.put_endpoint(0, replace(ENDPOINT, endpoint_id="crm-2"), [])
    store.fail("crm", 7)
    for number in range(3):
        store.take_slot("crm", number, 100 + number, 5, "me")
    return tables


def provided(tables: Tables, *needs: Any) -> Snapshot:
    """What a decision needs of the wallet with one of everything."""
    snapshot = Snapshot(wallets.load(tables, "acme", "credits", "lago"))
    for need in needs:
        wallets.provide(tables, snapshot, need)
    return snapshot


READS: Final[dict[str, Callable[[Tables], Any]]] = {
    "wallets that are due": lambda tables: sorted(one.account for one in due.overdue(tables, moment("+9d"))),
    "heads of all wallets": lambda tables: sorted(heads.every(tables)),
    "names of units": documents.listed_units,
    "marks of the stream": marks.load,
    "an endpoint": lambda tables: Notifications(tables.client, "wallets").state("crm"),
    "all endpoints": lambda tables: Notifications(tables.client, "wallets").all_endpoints(),
    "endpoints as they stand": lambda tables: Notifications(tables.client, "wallets").all_states(),
    "hours of a rollup": lambda tables: list(rollups.hours(tables, "acme", "credits", 3, -20, 20)),
    "rows of a wallet": lambda tables: list(rows.stored(tables, "acme", "credits")),
    "what the timeline lists": lambda tables: list(rows.listed(tables, "acme", "credits")),
    "a wallet's partition": lambda tables: partition.read(tables, "acme", "credits", KINDS),
    "a wallet's blocks": lambda tables: provided(tables, NeedBlock(None)),
    "a wallet's pages": lambda tables: provided(tables, NeedFront(3)),
    "what is due in a wallet": lambda tables: provided(tables, NeedDue(1, moment("+70d"))).dues[:5],
    "entries of a reference": lambda tables: [
        one
        for page in references.listed(tables, "job:j_1", keys.reference_share("acme", "credits"), LAST, 10)
        for one in page
    ],
}


@pytest.mark.parametrize("name", READS)
def test_what_is_read_whole_is_the_same_one_by_one(filled: Tables, name: str) -> None:
    whole = READS[name](filled)
    assert whole
    with requests(filled, "Query") as queries, requests(filled, "Scan") as scans, one_by_one(filled):
        assert READS[name](filled) == whole
    assert len(queries) + len(scans) > 2


SINGLE: Final[dict[str, Callable[[Tables], Any]]] = {
    "the crossing before an entry": lambda tables: crossings.before(tables, "acme", "credits", "20%", 9),
    "the crossing after an entry": lambda tables: crossings.after(tables, "acme", "credits", "20%", 1),
    "whether there is anything of a wallet": lambda tables: scan.missing(tables, ["w#b-0#credits", "w#c#x"]),
    "the page of a lot": lambda tables: provided(tables, NeedPage("~")),
    "the first page": lambda tables: provided(tables, NeedPage("")),
    "the page after a lot's": lambda tables: provided(tables, NeedPage("", spanning=True)),
    "an entry of a stream": lambda tables: ledger.pages_of(tables, "acme", "credits", "s", 0, 9),
}
"""Reads that ask for one item alone."""


@pytest.mark.parametrize("name", SINGLE)
def test_of_what_is_wanted_once_one_item_is_asked_for(filled: Tables, name: str) -> None:
    with requests(filled, "Query") as queries:
        SINGLE[name](filled)
    assert queries
    assert {query["Limit"] for query in queries} == {1}


@pytest.mark.parametrize("name", [*READS, *SINGLE])
def test_all_that_was_written_before_is_read(filled: Tables, name: str) -> None:
    """Law 2: whoever decides by what is read would else decide by what was. An index alone cannot be read so."""
    sent: list[Any] = []

    def note(params: Any, model: Any, **_: Any) -> None:
        if model.name == "BatchGetItem":
            sent.extend(params["RequestItems"].values())
        else:
            sent.append(params)

    with hearing(filled, "before-parameter-build.dynamodb", note):
        (READS | SINGLE)[name](filled)
    assert sent
    assert all(read.get("ConsistentRead") or "IndexName" in read for read in sent)


def test_the_hours_of_a_rollup_are_deleted_one_by_one(tables: Tables) -> None:
    head = rollups.head(tables, "acme", "credits")
    rollups.save(tables, head, {}, 3, [(hour, b"") for hour in range(4)])
    with one_by_one(tables):
        rollups.forget(tables, "acme", "credits", 3)
    assert list(rollups.hours(tables, "acme", "credits", 3, 0, 9)) == []


def test_what_each_of_these_reads_is_so(filled: Tables) -> None:
    """Of the wallets four are due within nine days, and one with lots that end each day."""
    assert READS["wallets that are due"](filled) == ["acme", "b-0", "b-1", "b-2", "b-3"]
    assert [head.account for head in READS["heads of all wallets"](filled)] == [
        "acme",
        *(f"b-{number}" for number in range(4)),
    ]
    assert READS["names of units"](filled) == [f"unit-{number}" for number in range(4)]
    assert sorted(marks.load(filled).marks) == [f"shard-{number}" for number in range(4)]
    state = Notifications(filled.client, "wallets").state("crm")
    assert state
    assert (state.rev, state.failing_since, state.slots) == (1, 7, {0: 100, 1: 101, 2: 102})
    assert [hour for hour, _ in READS["hours of a rollup"](filled)] == [-7, 0, 5]
    assert [one.seq for one in READS["entries of a reference"](filled)] == [5, 4, 3, 2, 1]
    assert [one.endpoint_id for one in READS["all endpoints"](filled)] == ["crm", "crm-2"]
    assert [(one.rev, one.failing_since, one.slots) for one in READS["endpoints as they stand"](filled)] == [
        (1, 7, {}),
        (1, None, {}),
    ]


@pytest.mark.parametrize("at", [moment("+1d") - 1, moment("+1d"), moment("+2d"), moment("+4d")])
def test_a_scan_for_what_is_due_has_each_wallet_by_its_instant(filled: Tables, at: int) -> None:
    """``b-0`` is due after a day, ``b-1`` after two, and so on; the bound is included."""
    found = [one.account for one in due.overdue(filled, at) if one.account != "acme"]
    assert sorted(found) == [f"b-{number}" for number in range(4) if moment(f"+{number + 1}d") <= at]


@pytest.mark.parametrize(
    ("month", "before", "after"),
    [
        ("2029-10", None, "2029-11"),
        ("2029-11", None, "2029-12"),
        ("2030-01", "2029-12", "2030-02"),
        ("2030-03", "2030-02", None),
        ("2031-01", "2030-03", None),
    ],
)
def test_the_nearest_months_are_found_one_by_one(
    filled: Tables, month: str, before: str | None, after: str | None
) -> None:
    with one_by_one(filled):
        found = statements.last_before(filled, "acme", "credits", month)
        assert found == ((before, {"month": before}) if before else None)
        found = statements.first_after(filled, "acme", "credits", month)
        assert found == ((after, {"month": after}) if after else None)
