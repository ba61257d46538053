"""How a definition of the catalogue gets its next version: each PUT that changes it makes one (law 10); and how the
definitions of a kind are listed.

Does not own what may change: each definition's own type says that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

from scrip.domain.credits.errors import Contended
from scrip.services.audit.changes import Action, Author, Change, record
from scrip.services.engine.paging import BATCH, Found, read_on
from scrip.store import documents, keys, lists
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

WRITE_TRIES: Final = 5
"""A catalogue has one writer at a time; a few more are not worth a refusal."""

Definition = Literal["unit", "pack", "rate", "promotion"]
ACTIONS: Final[Mapping[Definition, Action]] = {
    "unit": "unit.put",
    "pack": "pack.put",
    "rate": "rate.put",
    "promotion": "promotion.put",
}
"""What a PUT of each is called in the audit."""
LISTS: Final[Mapping[Definition, str]] = {
    "unit": keys.UNITS,
    "pack": keys.PACKS,
    "rate": keys.RATES,
    "promotion": keys.PROMOTIONS,
}
"""The list that has each."""
T = TypeVar("T")
Json = Mapping[str, Any]


def _nothing(_before: Json, _after: Json) -> list[Item]:
    """Returns no transact items."""
    return []


def _as_stored(body: Json) -> Json | None:
    """Returns a document's body; None for that of a document that there is not."""
    return body or None


def replace_document(
    tables: Tables,
    pk: str,
    what: str,
    decide: Callable[[Document], tuple[T, Json | None]],
    beside: Callable[[Json, Json], list[Item]] = _nothing,
) -> T:
    """Stores what ``decide`` makes of the stored document, and returns what it answers.

    Args:
        what: the name of the document's kind, for the refusal.
        decide: gives the answer and the next body, None where nothing is to be written. It is asked again with the
            present document where another writer was faster, and may refuse.
        beside: gives the transact items that are written with it, of the body before and the next one.

    Raises:
        Contended: other writers were faster each time.
    """
    for _ in range(WRITE_TRIES):
        known = documents.get(tables, pk)
        answer, body = decide(known)
        if body is None:
            return answer
        if documents.put_with(tables, pk, known.rev, body, beside(known.body, body)):
            return answer
    raise Contended(f"several writers of this {what} at once")


def replace_definition(
    tables: Tables,
    pk: str,
    named: tuple[Definition, str],
    decide: Callable[[Document], tuple[T, Json | None]],
    author: Author,
    told: Callable[[Json], Json | None] = _as_stored,
    more: Callable[[], Sequence[Item]] = tuple,
) -> T:
    """Stores a definition as ``replace_document`` does, lists it, and keeps who changed it.

    Args:
        named: the definition's kind, and its id.
        told: what is told of a document's body as what was before or after; None: nothing.
        more: gives further transact items that are written with it, asked for after ``decide``.

    Raises:
        Contended: other writers were faster each time.
    """
    what, name = named

    def beside(before: Json, after: Json) -> list[Item]:
        change = Change(ACTIONS[what], name, told(before), told(after))
        return [lists.add(tables, LISTS[what], name), record(tables, author, change), *more()]

    return replace_document(tables, pk, what, decide, beside)


def put_version(
    tables: Tables,
    pk: str,
    named: tuple[Definition, str],
    body: Json,
    author: Author,
    check: Callable[[Json], None] | None = None,
    carry: Callable[[Json], Json] | None = None,
) -> tuple[int, bool]:
    """Stores a definition as its next version; the same definition again makes none.

    Args:
        body: the definition; its member ``version`` is replaced.
        named: the definition's kind, and its id.
        check: refuses the definition where the stored one, which it is given, cannot become it.
        carry: returns members that it has of the stored one beside what is put.

    Returns:
        The version, and whether it is the first.

    Raises:
        Contended: other writers were faster each time.
    """

    def decide(known: Document) -> tuple[tuple[int, bool], Json | None]:
        if check and known.body:
            check(known.body)
        version = int(known.body.get("version", 0))
        wanted = {**body, **(carry(known.body) if carry else {})}
        if version and {**wanted, "version": version} == known.body:
            return (version, False), None
        return (version + 1, version == 0), {**wanted, "version": version + 1}

    return replace_definition(tables, pk, named, decide, author)


def list_documents(
    tables: Tables,
    pk: str,
    limit: int,
    after: str | None,
    pk_of: Callable[[str], str],
    read: Callable[[str, Document], T],
    together: int = BATCH,
) -> Found[str, T]:
    """Returns a page of a list of definitions, by name, in the order of their names.

    Args:
        pk: the list's partition key.
        pk_of: returns the partition key of a definition, given its name.
        read: reads a definition, given its name.
        together: how many are read at a time.
    """

    def look(after: str | None, count: int) -> tuple[Sequence[tuple[str, T | None]], str | None]:
        places = lists.page(tables, pk, count, after=after)
        known = documents.get_many(tables, map(pk_of, places.found))
        found = [
            (name, read(name, known[pk_of(name)]) if pk_of(name) in known else None) for name in places.found
        ]
        return found, places.following

    return read_on(look, after, limit, min(limit, together))
