"""Lists, page by page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from scrip_client import AsyncScrip, Scrip, Unsendable
from tests.clients.python.answering import Answered, Server
from tests.clients.python.conftest import Call


def page(*accounts: str, then: str | None = None) -> Answered:
    return Answered(200, {"items": [{"account": name} for name in accounts], "next_cursor": then})


def table(*rows: str, then: str | None = None) -> Answered:
    link = {"link": f'<https://x.test/v1/accounts?limit=2&cursor={then}>; rel="next"'} if then else {}
    return Answered(200, "\r\n".join(("account", *rows, "")), {"content-type": "text/csv", **link})


PAGES = (page("a", "b", then="c1"), page(then="c2"), page("c", then="c 3"), page())


def test_a_list_goes_on_over_short_and_empty_pages(call: Call, server: Server) -> None:
    """Until there is no ``next_cursor``. Each page is asked for with what the first was asked with."""
    server.will(*PAGES)
    found = call("list_accounts", prefix="x", limit=2)
    assert [one.account for one in found] == ["a", "b", "c"]
    assert [asked.query for asked in server.asked] == [
        {"prefix": "x", "limit": "2"},
        {"prefix": "x", "limit": "2", "cursor": "c1"},
        {"prefix": "x", "limit": "2", "cursor": "c2"},
        {"prefix": "x", "limit": "2", "cursor": "c 3"},
    ]


def test_no_more_is_asked_for_than_is_looked_at(server: Server) -> None:
    """Nothing until somebody looks; the second page when the first is through."""
    server.will(*PAGES)
    with Scrip(server.url) as scrip:
        found = scrip.list_accounts()
        assert server.asked == []
        items = iter(found)
        assert [next(items).account, next(items).account] == ["a", "b"]
        assert len(server.asked) == 1
        assert next(items).account == "c"
        assert len(server.asked) == 3


def test_a_page_can_be_had_by_itself(server: Server) -> None:
    """The first, that of a cursor, and one after another."""
    server.will(*PAGES)
    with Scrip(server.url) as scrip:
        first = scrip.list_accounts(limit=2).page()
        assert ([one.account for one in first.items], first.next_cursor) == (["a", "b"], "c1")
        scrip.list_accounts(limit=2, cursor=first.next_cursor).page()
        assert server.asked[-1].query == {"limit": "2", "cursor": "c1"}
        server.will(*PAGES)
        assert [len(one.items) for one in scrip.list_accounts().pages()] == [2, 0, 1, 0]


def test_pages_are_awaited_as_well(server: Server) -> None:
    async def look() -> tuple[list[int], str | None, list[str]]:
        async with AsyncScrip(server.url) as scrip:
            server.will(*PAGES)
            sizes = [len(one.items) async for one in scrip.list_accounts().pages()]
            server.will(*PAGES)
            first = await scrip.list_accounts().page()
            server.will(table("a", then="c1"), table("b"))
            return sizes, first.next_cursor, [part async for part in scrip.list_accounts().csv()]

    assert asyncio.run(look()) == ([2, 0, 1, 0], "c1", ["account\r\na\r\n", "b\r\n"])


def test_a_list_as_csv_names_its_columns_once(server: Server) -> None:
    """Its next page is where its link leads."""
    server.will(table("a", "b", then="c%201"), table(then="c2"), table("c"))
    with Scrip(server.url) as scrip:
        assert "".join(scrip.list_accounts(limit=2).csv()) == "account\r\na\r\nb\r\nc\r\n"
    assert [asked.headers["accept"] for asked in server.asked] == ["text/csv"] * 3
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "c 1", "c2"]
    assert all(asked.query["limit"] == "2" for asked in server.asked)


def test_a_list_without_csv_says_so(server: Server) -> None:
    with Scrip(server.url) as scrip, pytest.raises(Unsendable, match="CSV"):
        next(scrip.explain("acme").csv())
    assert server.asked == []


def test_an_explanation_is_gone_through_by_its_entries(server: Server) -> None:
    """Its pages have what else it says."""
    server.will(Answered(200, {"entries": [], "next_cursor": None}))
    whole: Any = None
    with Scrip(server.url) as scrip:
        pages = scrip.explain("acme")
        with pytest.raises(Exception, match="200"):
            whole = pages.page()  # it lacks the balance
    assert whole is None
