"""What a page of a list asks of DynamoDB: the same at the first page and at a late one (docs/lists.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from scrip import runtime
from scrip.store import items, keys, lists
from tests.aws import Call, Deployment

pytestmark = pytest.mark.usefixtures("in_memory")
ACCOUNTS, ENTRIES = 1_000, 1_000
DOCUMENTED = (Path(__file__).resolve().parents[3] / "docs" / "lists.md").read_text(encoding="utf-8")


def asked(made: Sequence[Call]) -> list[tuple[str, int]]:
    """Each call, and how many items it asks for: at most so many, or so many keys."""
    found = []
    for call in made:
        if call.name == "BatchGetItem":
            ((_, keys_of),) = call.params["RequestItems"].items()
            found.append((call.name, len(keys_of["Keys"])))
        else:
            found.append((call.name, call.params.get("Limit", 1)))
    return found


def pages(scrip: Deployment, path: str, **query: str) -> Iterator[list[tuple[str, int]]]:
    """What each page of a list asks for, from the first to the last."""
    cursor: str | None = ""
    while cursor is not None:
        with scrip.calls() as made:
            answer = scrip.get(path, query={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status == 200, answer.text
        cursor = answer.body["next_cursor"]
        yield asked(made)


def calls_of(name: str) -> int:
    """The calls that docs/lists.md says of a list."""
    match = re.search(rf"^\| {name} \| (\d+)", DOCUMENTED, re.M)
    assert match, name
    return int(match[1])


@contextmanager
def filled(scrip: Deployment, pk: str, names: Sequence[str]) -> Iterator[None]:
    tables = runtime.tables()
    for name in names:
        lists.put(tables, pk, name)
    yield
    for name in names:
        tables.client.delete_item(TableName=tables.wallets, Key=items.key(pk, name))


def test_a_thousand_accounts_cost_one_query_a_page(scrip: Deployment) -> None:
    with filled(scrip, keys.ACCOUNTS, [f"cost-{number:04d}" for number in range(ACCOUNTS)]):
        found = list(pages(scrip, "/v1/accounts", prefix="cost-"))
    assert found == [[("Query", 101)]] * 10
    assert calls_of("accounts") == 1


def test_a_thousand_entries_cost_the_same_at_the_last_page(scrip: Deployment, account: str) -> None:
    """The wallet, how far the list is complete, the timeline and 100 rows."""
    scrip.grant(account, "2000")
    for number in range(1, ENTRIES, 90):
        burns = [{"key": f"{number}.{one}", "amount": "1"} for one in range(min(90, ENTRIES - number))]
        assert scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}).status == 200
    path = f"/v1/accounts/{account}/entries"
    found = list(pages(scrip, path))
    page = [("GetItem", 1), ("Query", 1), ("Query", 101), ("BatchGetItem", 100)]
    assert found == [page] * 10
    assert calls_of("entries") == len(page)
    sifted = list(pages(scrip, path, actor="nobody"))
    assert [sum(keys_ for name, keys_ in one if name == "BatchGetItem") for one in sifted] == [1_000]
    assert len(sifted[0]) == calls_of("entries by another filter")


@pytest.mark.parametrize(
    ("what", "body"), [("packs", {"credits": "1", "price": {"amount": 1, "currency": "USD"}})]
)
def test_a_catalogue_costs_a_query_and_a_read_of_each(
    scrip: Deployment, account: str, what: str, body: dict[str, object]
) -> None:
    for number in range(12):
        assert scrip.put(f"/v1/{what}/{account}.{number:02d}", body).status == 201
    found = list(pages(scrip, f"/v1/{what}", limit="4"))
    assert all(page == [("Query", 5), ("BatchGetItem", 4)] for page in found[:-1])
    assert calls_of("units, packs, compensations") == 2


def test_open_holds_cost_the_same_at_every_page(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    for _ in range(9):
        scrip.move(account, "holds", amount="1")
    first, second, third = pages(scrip, f"/v1/accounts/{account}/holds", status="open", limit="3")
    assert [name for name, _ in first] == [name for name, _ in second]
    assert len(first) == calls_of("holds, open")
    assert len(third) <= len(first)
