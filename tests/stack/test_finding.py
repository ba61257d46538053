"""Everything can be found among 1 000 accounts and 100 000 entries: every list, filter and search over HTTP answers
right, as JSON and as CSV, and a page costs what docs/lists.md says, at the first one and at the last."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tests.stack import finding
from tests.stack.conftest import App
from tests.stack.finding import BATCH, ORDERS, PAID, SOME, World

pytestmark = pytest.mark.long
Item = dict[str, Any]
BUSY: Final = finding.ENTRIES - (finding.ACCOUNTS - 1) * (BATCH + 1)
"""Entries of the busy account: 9 091."""


@pytest.fixture(scope="module")
def world(stack: App) -> Iterator[World]:
    with finding.inside(stack) as made:
        begun = time.monotonic()
        found = finding.populate(stack, made)
        print(f"{finding.ENTRIES} entries in {time.monotonic() - begun:.0f} s")  # noqa: T201
        yield found


@dataclass(frozen=True)
class Listed:
    """A list: what is asked for, what it must have, and what a page of 100 may cost.

    Attributes:
        path: after ``/v1``, with the world's names in it; query: likewise.
        expected: values of ``member`` that the list has, of those that are the world's.
        calls, units: the most of a page.
    """

    name: str
    path: str
    member: str
    expected: Callable[[World], list[Any]]
    calls: int
    units: float
    query: dict[str, str] = field(default_factory=dict)

    def at(self, world: World) -> tuple[str, dict[str, str]]:
        def filled(text: str) -> str:
            return text.format(usual=world.usual, second=world.accounts[1], busy=world.busy, tag=world.tag)

        return "/v1" + filled(self.path), {name: filled(value) for name, value in self.query.items()}

    def mine(self, items: list[Item], world: World) -> list[Any]:
        """What the list has of the world's own."""
        values = [item[self.member] for item in items]
        own = set(self.expected(world))
        return [one for one in values if one in own]


def named(what: str) -> Callable[[World], list[str]]:
    return lambda world: world.names(what)


def seqs(*of: int) -> Callable[[World], list[int]]:
    return lambda _: list(of)


def topups(count: int) -> Callable[[World], list[str]]:
    """The newest of the orders, newest first."""
    return lambda world: [order["topup_id"] for order in reversed(world.orders[:count])]


USUAL, BUSY_ENTRIES = "/accounts/{usual}/entries", "/accounts/{busy}/entries"
FOURTH: Final = [2 + 3 + BATCH * batch for batch in reversed(range((BUSY - 1) // BATCH))]
"""Sequences of the busy account's burns of a meter, newest first: the grant is 1."""
LISTS: Final = (
    Listed("accounts", "/accounts", "account", lambda world: world.accounts, 1, 2, {"prefix": "{tag}-"}),
    Listed("one account", "/accounts", "account", lambda world: [world.busy], 1, 2, {"prefix": "{busy}"}),
    Listed(
        "wallets", "/accounts/{second}/wallets", "unit", lambda world: ["credits", f"{world.tag}-gift"], 2, 3
    ),
    Listed("units", "/units", "unit", named("unit"), 2, 102),
    Listed("packs", "/packs", "pack", named("pack"), 2, 102),
    Listed("rates", "/rates", "meter", named("rate"), 10, 105),
    Listed("promotions", "/promotions", "code", named("promo"), 19, 1_802),
    Listed("compensations", "/compensations", "incident", named("incident"), 2, 102),
    Listed("keys", "/keys", "name", lambda world: world.names("promo")[::-1], 3, 202),
    Listed(
        "allowances", "/accounts/{usual}/allowances", "allowance_id", named("plan"), 3, 15,
        {"unit": "{tag}-unit-002"},
    ),
    Listed(
        "holds, open", "/accounts/{usual}/holds", "amount", lambda _: ["1"] * (SOME // 2), 4, 107,
        {"unit": "{tag}-unit-001", "status": "open"},
    ),
    Listed(
        "holds", "/accounts/{usual}/holds", "amount", lambda _: ["1"] * SOME, 3, 11,
        {"unit": "{tag}-unit-001"},
    ),
    Listed(
        "holds, captured", "/accounts/{usual}/holds", "amount", lambda _: ["1"] * (SOME // 2), 3, 80,
        {"unit": "{tag}-unit-001", "status": "captured"},
    ),
    Listed("entries", BUSY_ENTRIES, "seq", lambda _: list(range(BUSY, 0, -1)), 4, 104),
    Listed("entries by kind", BUSY_ENTRIES, "seq", seqs(1), 4, 117, {"kind": "grant"}),
    Listed(
        "entries by meter", BUSY_ENTRIES, "seq", seqs(*FOURTH), 13, 1_017, {"meter": "{tag}-rate-000"}
    ),
    Listed(
        "entries by metadata", BUSY_ENTRIES, "seq", seqs(*(seq + 4 for seq in FOURTH)), 13, 1_017,
        {"metadata.run": str(finding.ACCOUNTS - 1)},
    ),
    Listed("entries by reference", USUAL, "seq", seqs(2), 13, 1_017, {"reference": "job:{tag}"}),
    Listed("entries by actor", USUAL, "seq", seqs(*range(BATCH + 1, 0, -1)), 13, 1_017, {"actor": "key:k1"}),
    Listed("orders of an account", "/topups", "topup_id", topups(ORDERS), 2, 103, {"account": "{usual}"}),
    Listed("orders", "/topups", "topup_id", topups(ORDERS), 2, 103),
    Listed("orders, paid", "/topups", "topup_id", topups(PAID), 11, 1_030, {"status": "paid", "account": "{usual}"}),
    Listed("payments of an account", "/payments", "topup_id", topups(PAID), 3, 203, {"account": "{usual}"}),
    Listed(
        "payments, paid", "/payments", "topup_id", topups(PAID), 30, 2_030,
        {"account": "{usual}", "status": "paid"},
    ),
)  # fmt: skip


def pages(stack: App, path: str, query: dict[str, str], limit: int) -> Iterator[dict[str, Any]]:
    """Every page of a list, over HTTP."""
    asked = {**query, "limit": str(limit)}
    while True:
        page = stack.get(path, **asked)
        yield page
        if page["next_cursor"] is None:
            return
        asked["cursor"] = page["next_cursor"]


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_a_list_has_all_that_it_should_and_nothing_else(stack: App, world: World, one: Listed) -> None:
    """Page by page over HTTP, none twice and in its order."""
    path, query = one.at(world)
    limit = 1_000 if "entries" in one.name else 100
    items = [item for page in pages(stack, path, query, limit) for item in page["items"]]
    found = one.mine(items, world)
    expected = one.expected(world)
    if one.name.startswith(("payments", "wallets")):
        found, expected = sorted(found), sorted(expected)
    assert found == expected


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_a_page_costs_what_is_said_at_the_first_and_at_the_last(world: World, one: Listed) -> None:
    """In this process, on the deployed tables. Full pages cost the same wherever they are."""
    path, query = one.at(world)
    asked, costs = {**query, "limit": "100"}, []
    world.inside.counted(path, asked)  # what is warm then is: the unit, and the names of units
    while True:
        page, bill = world.inside.counted(path, asked)
        costs.append((len(page["items"]), len(bill.calls), bill.read_units))
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    print(f"{one.name}: first {costs[0]}, last {costs[-1]}, {len(costs)} pages")  # noqa: T201
    assert max(calls for _, calls, _ in costs) <= one.calls, costs[:3]
    assert max(units for *_, units in costs) <= one.units, costs[:3]
    full = [(calls, units) for count, calls, units in costs if count == 100]
    if full:
        (first, last) = (full[0], full[-1])
        assert first[0] == last[0]
        assert abs(first[1] - last[1]) <= 0.1 * first[1] + 1


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_a_page_as_csv_has_the_same_rows_and_leads_to_the_next(stack: App, world: World, one: Listed) -> None:
    path, query = one.at(world)
    page = stack.get(path, **query)
    answer = stack.client.get(path, params=query, headers={"accept": "text/csv"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row[one.member] for row in rows] == [str(item[one.member]) for item in page["items"]]
    assert ("link" in answer.headers) == (page["next_cursor"] is not None)


def test_entries_between_two_instants_are_those_of_that_time(stack: App, world: World) -> None:
    """The last batch was committed at one instant; all of it is from then on, and nothing else."""
    path = f"/v1/accounts/{world.busy}/entries"
    last = stack.get(path, limit="1")["items"][0]["at"]
    found = stack.get(path, limit="1000", **{"from": last})["items"]
    assert [one["seq"] for one in found] == list(range(BUSY, BUSY - BATCH, -1))
    (granted,) = [one for page in pages(stack, path, {"kind": "grant"}, 1_000) for one in page["items"]]
    assert [one["seq"] for one in stack.get(path, to=granted["at"])["items"]] == [1]


def test_a_reference_is_found_in_every_account_that_has_it(stack: App, world: World) -> None:
    """In every tenth of 1 000, and once in each."""

    def look() -> list[Item]:
        query = {"reference": f"job:{world.tag}"}
        found = [one for page in pages(stack, "/v1/search", query, 30) for one in page["items"]]
        return found if len(found) == finding.ACCOUNTS // 10 else []

    found = stack.eventually(look, 120)
    assert sorted(one["account"] for one in found) == world.accounts[::10]
    assert {(one["kind"], one["seq"]) for one in found} == {("burn", 2)}


def test_what_people_ask_is_one_call(stack: App, world: World) -> None:
    """To whom these 40 went, what these 5 were for, which order is this payment's; a key's and a lot's entries."""
    path, gift = f"/v1/accounts/{world.usual}/entries", f"{world.tag}-gift"
    (sent,) = stack.get(path, unit=gift, kind="transfer_out")["items"]
    assert (sent["amount"], sent["counterpart"]["account"]) == ("-40", world.accounts[1])
    (spent,) = stack.get(path, meter=f"{world.tag}-rate-000")["items"]
    assert (spent["amount"], spent["usage"]["quantity"]) == ("-1", "2")
    order = world.orders[0]
    (payment,) = stack.get("/v1/payments", topup=order["topup_id"])["items"]
    shown = stack.get(f"/v1/payments/{payment['provider']}/{payment['payment_id']}")
    assert shown["topup_id"] == order["topup_id"]
    (by_key,) = stack.get("/v1/search", key="b0-5", account=world.usual)["items"]
    assert by_key["seq"] == 7
    lot = stack.get(f"/v1/accounts/{world.usual}/lots")["items"][-1]["lot_id"]
    assert stack.get("/v1/search", lot=lot, account=world.usual)["items"]
    for query in (
        {"topup": order["topup_id"]},
        {"payment": f"{payment['provider']}:{payment['payment_id']}"},
    ):
        found = stack.get("/v1/search", **query)["items"]
        assert {(one["account"], one["kind"]) for one in found} == {(world.usual, "grant")}


@pytest.mark.parametrize(
    ("path", "query", "calls", "units"),
    [
        ("/audit", {}, 3, 110),
        ("/audit", {"target": "unit:{tag}-gift"}, 11, 1_030),
        ("/search", {"reference": "job:{tag}"}, 33, 40),
        ("/search", {"key": "b0-5", "account": "{usual}", "unit": "credits"}, 3, 3),
        ("/search", {"lot": "{lot}", "account": "{usual}"}, 5, 110),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_the_audit_and_a_search_cost_what_is_said(
    stack: App, world: World, path: str, query: dict[str, str], calls: int, units: float
) -> None:
    lot = stack.get(f"/v1/accounts/{world.usual}/lots", status="all")["items"][-1]["lot_id"]
    asked = {name: value.format(tag=world.tag, usual=world.usual, lot=lot) for name, value in query.items()}
    world.inside.counted(f"/v1{path}", asked)
    page, bill = world.inside.counted(f"/v1{path}", asked)
    print(f"{path} {query}: {len(page['items'])}, {bill.calls}, {bill.read_units}")  # noqa: T201
    assert page["items"]
    assert len(bill.calls) <= calls, bill.calls
    assert bill.read_units <= units


def test_an_address_leads_to_its_account(stack: App, world: World) -> None:
    account = world.accounts[7]
    put = stack.client.put(f"/v1/accounts/{account}/profile", json={"email": f"{world.tag}@example.org"})
    assert put.status_code in (200, 201), put.text

    def look() -> list[Item]:
        items: list[Item] = stack.get("/v1/accounts", email=f"{world.tag}@example.org")["items"]
        return items

    assert [one["account"] for one in stack.eventually(look)] == [account]


def test_who_changed_a_unit_is_in_the_audit(stack: App, world: World) -> None:
    (change,) = stack.get("/v1/audit", target=f"unit:{world.tag}-gift")["items"]
    assert (change["action"], change["actor"]) == ("unit.put", "key:k1")
