"""Bytes of the rows that a burn writes: at their usual, and with everything that a burn may have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bench.meter import item_size
from bench.stage import CREDIT, YEAR, empty
from scrip.domain.credits.entries import Cause, Entry, fingerprint
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import grants
from scrip.domain.wallets.burns import Burn, burn
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.wallet import Snapshot
from scrip.store import items

NOW: Final = 1_900_000_000_000
LONG: Final = "0f8fad5b-d9cb-469f-a165-70867728950e"
"""36 characters: a UUID, as many use for keys and references."""
NAME: Final = "production checkout"
"""What the key is called."""
LAG: Final = 47
"""Milliseconds from the request to the attempt that commits it."""
OVERHEAD: Final = 100
"""Bytes that DynamoDB adds to each item of a table, and to each of an index, where storage is billed."""


def burned(lots: int, draws: int, **more: Any) -> Decision:
    """A burn of so many draws from a wallet with so many paid lots that end one after the other.

    Args:
        more: ``usage`` of the burn; ``shows_base`` of its unit; ``reference``, ``metadata``, ``member``, ``tags`` and
            ``actor_name`` of its cause.
    """
    draft = Draft(Snapshot(empty(LONG)), recorded_at=NOW + LAG)
    for number in range(lots):
        order = grants.Grant(
            amount=1_000 * CREDIT,
            kind="paid",
            cost=Money(10_000, "USD"),
            expires_at=NOW + YEAR + number * 1000,
        )
        cause = Cause(key_entry_id(LONG, "credits", f"grant-{number}"), "bulk", "bench")
        grants.grant(draft, order, Policy(), NOW, cause)
    draft = Draft(
        Snapshot(draft.decision().wallet),
        recorded_at=NOW + 1000 + LAG,
        shows_base=more.get("shows_base", False),
    )
    amount = 1_000 * CREDIT * (draws - 1) + 123_456_789
    cause = Cause(
        key_entry_id(LONG, "credits", LONG),
        fingerprint("burn", {"key": LONG}),
        "key:0123456789abcdef",
        more.get("reference", ("job", "j-118")),
        metadata=more.get("metadata", {}),
        actor_name=more.get("actor_name"),
        member=more.get("member"),
        tags=more.get("tags", {}),
    )
    usage = more.get("usage")
    extra = {"usage": usage} if usage else {}
    meter = usage["meter"] if usage else None
    burn(draft, Burn(amount, Policy(), "exact", meter, extra), NOW + 1000, cause)
    return draft.decision()


def rows() -> list[dict[str, Any]]:
    """Each row with its bytes as DynamoDB counts them."""
    usage = {
        "meter": "gpt-output-tokens",
        "quantity": "1234567.5",
        "dimensions": {"model": "gpt-large", "region": "eu-central-1"},
        "rate_version": 12,
    }
    everything = {
        "reference": ("request", LONG),
        "metadata": {"trace": LONG},
        "member": LONG,
        "tags": {"project": LONG},
        "usage": usage,
        "actor_name": NAME,
        "shows_base": True,
    }
    found = []
    for name, made in (
        ("burn row, plain", burned(3, 1)),
        ("burn row with everything", burned(3, 3, **everything)),
    ):
        found.append(_size(name, items.entry_item(_last(made.entries))))
    wallets = {lots: items.wallet_item(burned(lots, 1).wallet) for lots in (1, 4, 16)}
    return found + [_size(f"wallet item, {lots} lots", item) for lots, item in wallets.items()]


def timeline_bytes(entry: Entry) -> int:
    """Returns the bytes of an entry's row in the index ``timeline``: the keys of both, and the kind."""
    item = items.entry_item(entry)
    return item_size({name: item[name] for name in ("pk", "sk", "tl", "kind")})


def _last(entries: Sequence[Entry]) -> Entry:
    return entries[-1]


def _size(name: str, item: Any) -> dict[str, Any]:
    return {"row": name, "bytes": item_size(item)}
