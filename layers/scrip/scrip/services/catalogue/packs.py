"""Packs as they are defined: each PUT makes a version, and what was sold before keeps the terms it had (law 10).

Does not own what a pack gives and costs (``domain.payments.pack``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scrip.domain.credits.errors import NotFound
from scrip.domain.payments.pack import Pack
from scrip.services.audit.changes import Author
from scrip.services.catalogue.versions import list_documents, put_version
from scrip.services.engine.executor import Executor
from scrip.services.engine.paging import Found
from scrip.store import documents, keys
from scrip.store.tables import Tables


def put_pack(executor: Executor, wanted: Pack, author: Author) -> tuple[Pack, bool]:
    """Stores a pack's next version, and who made it; the same definition again makes none.

    Returns:
        The pack as it is stored now, and whether this is its first version.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest: an amount is not one of the unit.
        Contended: other writers were faster each time.
    """
    wanted.check(executor.unit(wanted.unit).precision)

    def rates(known: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns since when which share of its credits was expected to be left."""
        said = [list(one) for one in known.get("breakage_rates", ())]
        if (wanted.breakage_rate or "0") != (said[-1][1] if said else "0"):
            said.append([author.at, wanted.breakage_rate or "0"])
        return {"breakage_rates": said} if said else {}

    version, new = put_version(
        executor.tables,
        keys.pack(wanted.pack),
        ("pack", wanted.pack),
        wanted.to_json(),
        author,
        carry=rates,
    )
    return replace(wanted, version=version), new


def list_packs(tables: Tables, limit: int, after: str | None) -> Found[str, Pack]:
    """Returns a page of the packs as they are now, in the order of their ids."""
    return list_documents(
        tables, keys.PACKS, limit, after, keys.pack, lambda name, found: Pack.from_json(name, found.body)
    )


def get_pack(tables: Tables, pack_id: str) -> Pack:
    """Reads the pack as it is now.

    Raises:
        NotFound: there is no such pack.
    """
    found = documents.get(tables, keys.pack(pack_id))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no pack {pack_id}", pack=pack_id)
    return Pack.from_json(pack_id, found.body)
