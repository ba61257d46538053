"""Lists, page by page: asked for when somebody wants to see them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

from scrip_client.calls import Answered, Call
from scrip_client.errors import Unsendable


class Paged(Protocol):
    """A page, which says where the next one begins."""

    next_cursor: str | None


Item = TypeVar("Item")
Page = TypeVar("Page", bound=Paged)


class Table(str):
    """A page as CSV.

    Attributes:
        link: where the next one is; None for the last.
    """

    link: str | None = None


class _Listed(Generic[Item, Page]):
    """A list, of which nothing was asked for yet."""

    def __init__(
        self, send: Any, call: Call[Page], items: Callable[[Page], list[Item]], has_tables: bool
    ) -> None:
        self._send, self._call, self._items, self._has_tables = send, call, items, has_tables

    def _at(self, cursor: str | None) -> Call[Page]:
        """Returns the call of the page at a cursor; None: of the first that was asked for."""
        return replace(self._call, query={**self._call.query, "cursor": cursor}) if cursor else self._call

    def _table(self, cursor: str | None) -> Call[str]:
        if not self._has_tables:
            raise Unsendable("this list has no CSV")
        at = self._at(cursor)
        return Call(at.method, at.path, str, query=at.query, clocked=at.clocked, clock=at.clock)


class Pages(_Listed[Item, Page]):
    """A list that is read as it is gone through: ``for entry in scrip.list_entries("acme")``. Each time it is gone
    through it is asked for again."""

    def __iter__(self) -> Iterator[Item]:
        """Yields every item. A page may be short, or empty, and others follow it."""
        for page in self.pages():
            yield from self._items(page)

    def pages(self) -> Iterator[Page]:
        """Yields every page, from the one that was asked for on."""
        cursor: str | None = None
        while True:
            page: Page = self._send(self._at(cursor))
            yield page
            cursor = page.next_cursor
            if cursor is None:
                return

    def page(self) -> Page:
        """Returns one page: the first, or that of the ``cursor`` that was given."""
        return next(self.pages())

    def table(self) -> Table:
        """Returns one page as CSV, whose ``link`` leads on: the first, or that of the ``cursor`` that was given."""
        found: Table = self._send(self._table(None))
        return found

    def csv(self) -> Iterator[str]:
        """Yields the list as CSV, page by page. Only the first page has the row of names."""
        cursor: str | None = None
        while True:
            table = self._send(self._table(cursor))
            yield without_names(table) if cursor else str(table)
            cursor = cursor_of(table)
            if cursor is None:
                return


class AsyncPages(_Listed[Item, Page]):
    """A list that is read as it is gone through: ``async for entry in scrip.list_entries("acme")``. Each time it is
    gone through it is asked for again."""

    async def __aiter__(self) -> AsyncIterator[Item]:
        """Yields every item. A page may be short, or empty, and others follow it."""
        async for page in self.pages():
            for item in self._items(page):
                yield item

    async def pages(self) -> AsyncIterator[Page]:
        """Yields every page, from the one that was asked for on."""
        cursor: str | None = None
        while True:
            page: Page = await self._send(self._at(cursor))
            yield page
            cursor = page.next_cursor
            if cursor is None:
                return

    async def page(self) -> Page:
        """Returns one page: the first, or that of the ``cursor`` that was given."""
        page: Page = await self._send(self._call)
        return page

    async def table(self) -> Table:
        """Returns one page as CSV, whose ``link`` leads on: the first, or that of the ``cursor`` that was given."""
        found: Table = await self._send(self._table(None))
        return found

    async def csv(self) -> AsyncIterator[str]:
        """Yields the list as CSV, page by page. Only the first page has the row of names."""
        cursor: str | None = None
        while True:
            table = await self._send(self._table(cursor))
            yield without_names(table) if cursor else str(table)
            cursor = cursor_of(table)
            if cursor is None:
                return


def without_names(table: str) -> str:
    """Returns a page of CSV without its first row, which names the columns."""
    return table.partition("\n")[2]


def cursor_of(table: str) -> str | None:
    """Returns the cursor of the page after one as CSV, which only its link says."""
    link = getattr(table, "link", None)
    if not link or 'rel="next"' not in link:
        return None
    query = urlsplit(link.partition("<")[2].partition(">")[0]).query
    return next(iter(parse_qs(query).get("cursor", [])), None)


Send = Callable[[Call[Answered]], Answered]
AsyncSend = Callable[[Call[Answered]], Awaitable[Answered]]
