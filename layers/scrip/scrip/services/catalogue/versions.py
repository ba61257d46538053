"""How a definition of the catalogue gets its next version: each PUT that changes it makes one (law 10).

Does not own what may change: each definition's own type says that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from scrip.domain.credits.errors import Contended
from scrip.store import documents
from scrip.store.documents import Document
from scrip.store.tables import Tables

WRITE_TRIES: Final = 5
"""A catalogue has one writer at a time; a few more are not worth a refusal."""

T = TypeVar("T")
Json = Mapping[str, Any]


def replace_document(
    tables: Tables, pk: str, what: str, decide: Callable[[Document], tuple[T, Json | None]]
) -> T:
    """Stores what ``decide`` makes of the stored document, and returns what it answers.

    Args:
        what: the name of the definition's kind, for the refusal.
        decide: gives the answer and the next body, None where nothing is to be written. It is asked again with the
            present document where another writer was faster, and may refuse.

    Raises:
        Contended: other writers were faster each time.
    """
    for _ in range(WRITE_TRIES):
        known = documents.get(tables, pk)
        answer, body = decide(known)
        if body is None or documents.put(tables, pk, known.rev, body):
            return answer
    raise Contended(f"several writers of this {what} at once")


def put_version(
    tables: Tables, pk: str, what: str, body: Json, check: Callable[[Json], None] | None = None
) -> tuple[int, bool]:
    """Stores a definition as its next version; the same definition again makes none.

    Args:
        body: the definition; its member ``version`` is replaced.
        check: refuses the definition where the stored one, which it is given, cannot become it.

    Returns:
        The version, and whether it is the first.

    Raises:
        Contended: other writers were faster each time.
    """

    def decide(known: Document) -> tuple[tuple[int, bool], Json | None]:
        if check and known.body:
            check(known.body)
        version = int(known.body.get("version", 0))
        if version and {**body, "version": version} == known.body:
            return (version, False), None
        return (version + 1, version == 0), {**body, "version": version + 1}

    return replace_document(tables, pk, what, decide)
