"""Wallets in the tables, as their decisions were committed, and what the store asks DynamoDB for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from scrip.domain.credits.entries import Entry
from scrip.store import items
from scrip.store.commit import Committed, commit
from scrip.store.tables import Tables
from tests.domain.giving import hold, plan
from tests.domain.memory import Vault, vault


def rich() -> Vault:
    """A wallet with one of everything: pages, exhausted lots in blocks, pending lots, a note, a hold, an allowance.

    Eighty lots of 1, of which the first twenty are burned and the next three held.
    """
    made = vault("; ".join(f"1 exp=+{number}d" for number in range(1, 81)) + "; 9 from=+2d; 5 note=ad")
    made.burn(20)
    hold(made, 3)
    made.allow(plan(10, "P1D", anchor=made.now))
    return made


def put(tables: Tables, made: Vault) -> Vault:
    """Commits every decision of a wallet, in their order. Returns the wallet."""
    for decision in made.commits:
        assert commit(tables, decision) == Committed()
    return made


def as_read(entry: Entry) -> Entry:
    """The entry as its row is read: its draws are a list then."""
    return items.read_entry_item(items.entry_item(entry))


@contextmanager
def hearing(tables: Tables, event: str, hears: Callable[..., Any]) -> Iterator[None]:
    """Has the client tell of one of botocore's events, which may answer in DynamoDB's place."""
    events = tables.client.meta.events
    events.register(event, hears)
    try:
        yield
    finally:
        events.unregister(event, hears)


@contextmanager
def requests(tables: Tables, operation: str) -> Iterator[list[Any]]:
    """Lists the requests of an operation that are sent meanwhile."""
    sent: list[Any] = []

    def note(params: Any, **_: Any) -> None:
        sent.append(params)

    with hearing(tables, f"before-parameter-build.dynamodb.{operation}", note):
        yield sent
