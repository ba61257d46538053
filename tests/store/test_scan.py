"""Scans of both tables: segments together are the whole, a page goes on after any key, and nothing else is listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from scrip import runtime
from scrip.domain.credits.entries import Entry
from scrip.store import documents, items, keys, scan
from scrip.store.scan import Key, Segment
from scrip.store.tables import Tables
from tests.aws import Deployment, listening
from tests.domain.memory import Vault
from tests.services.verification.surveys import put

Scan = Callable[[Tables, Segment, Key | None], tuple[Sequence[Key], Key | None]]


@pytest.fixture
def stored(scrip: Deployment) -> list[Vault]:
    """Twelve wallets with two entries each, a payment, and a pack that no scan lists."""
    scrip.make_tables()
    made = [Vault(account=f"acme-{number}") for number in range(12)]
    for one in made:
        one.grant("10 exp=+1d")
        one.burn(3)
    put(scrip, made)
    tables = runtime.tables()
    for pk in (keys.payment("dodo", "pay_1"), keys.pack("p")):
        documents.put(tables, pk, documents.NEW, {})
    return made


def walk(walked: Scan, of: int = 1) -> list[tuple[str, str]]:
    """Every key that a scan in so many segments lists, in order."""
    found: list[tuple[str, str]] = []
    for number in range(of):
        after: Key | None = None
        while True:
            page, after = walked(runtime.tables(), Segment(number, of), after)
            found += [(key["pk"], key["sk"]) for key in page]
            if after is None:
                break
    return sorted(found)


@pytest.mark.parametrize("of", [1, 4])
@pytest.mark.parametrize("page", [3, 500])
def test_wallets_and_payments_are_listed_whole_in_any_number_of_segments_and_pages(
    stored: list[Vault], monkeypatch: pytest.MonkeyPatch, of: int, page: int
) -> None:
    monkeypatch.setattr(scan, "PAGE", page)
    expected = [(keys.wallet(one.account, "credits"), keys.WALLET) for one in stored]
    expected.append((keys.payment("dodo", "pay_1"), keys.HEAD))
    assert walk(scan.wallets, of) == sorted(expected)


@pytest.mark.parametrize("page", [3, 4000])
def test_entries_are_listed_whole(stored: list[Vault], monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(scan, "LEDGER_PAGE", page)
    expected = [(keys.wallet(one.account, "credits"), entry.id) for one in stored for entry in one.entries]
    assert walk(scan.entries) == sorted(expected)


def test_a_scan_goes_on_after_the_key_that_it_came_to(
    stored: list[Vault], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever resumes it has that key alone."""
    whole = walk(scan.wallets)
    monkeypatch.setattr(scan, "PAGE", 5)
    first, after = scan.wallets(runtime.tables(), Segment(0, 1), None)
    assert after
    monkeypatch.setattr(scan, "PAGE", 500)
    rest, end = scan.wallets(runtime.tables(), Segment(0, 1), dict(after))
    assert end is None
    assert sorted((key["pk"], key["sk"]) for key in [*first, *rest]) == whole


def test_a_wallet_is_missing_where_nothing_of_its_partition_is_left(stored: list[Vault]) -> None:
    """A wallet that lacks only its wallet item is not: its other items are found by a scan."""
    tables = runtime.tables()
    here, note = keys.wallet("acme-0", "credits"), keys.wallet("beta", "credits")
    tables.client.put_item(TableName="wallets", Item=items.sidecar_item(note, ("note", "1"), {}))
    gone = keys.wallet("gone", "credits")
    assert scan.missing(tables, [here, note, gone]) == [gone]
    assert scan.missing(tables, []) == []


@pytest.mark.parametrize("of", [1, 4])
@pytest.mark.parametrize("page", [3, 1000])
def test_the_ledgers_rows_are_read_as_entries_whole(
    stored: list[Vault], monkeypatch: pytest.MonkeyPatch, of: int, page: int
) -> None:
    """A row that is no entry is left out."""
    monkeypatch.setattr(scan, "ROWS_PAGE", page)
    tables = runtime.tables()
    tables.client.put_item(TableName="ledger", Item={**items.key("w#acme-0#credits", "x"), "tl": {"S": "?"}})
    found: list[Entry] = []
    for number in range(of):
        after: Key | None = None
        while True:
            entries, after = scan.rows(tables, Segment(number, of), after)
            assert len(entries) <= page
            found += entries
            if after is None:
                break
    expected = {entry.id: entry.hash() for one in stored for entry in one.entries}
    assert {entry.id: entry.hash() for entry in found} == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize("size", [1, 500])
def test_units_are_listed_whole(stored: list[Vault], size: int) -> None:
    tables = runtime.tables()
    names = [f"unit-{number}" for number in range(5)]
    for name in names:
        documents.put(tables, keys.unit(name), documents.NEW, {})
    found: list[str] = []
    after: Key | None = None
    with listening("provide-client-params.dynamodb.Scan", lambda params, **_: {**params, "Limit": size}):
        while True:
            page, after = scan.units(tables, after)
            found += page
            if after is None:
                break
    assert sorted(found) == names
