"""What the archive keeps of one entry: the entry as it is signed, with what it posts and what it says of lots.

Its form is a flat JSON object, which any engine reads. Does not own the rules of postings (``postings``), nor where the
archive is (``store.archive``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scrip.domain.credits.entries import UNREADABLE, Entry, read_entry
from scrip.domain.credits.records import Records
from scrip.domain.finance import accounts
from scrip.domain.finance.gifts import gifts
from scrip.domain.finance.postings import Posting, postings
from scrip.domain.verification.record_checks import check_records
from scrip.domain.wallets.expiry_changes import KIND as EXPIRY_CHANGE

Json = dict[str, Any]

MEMBERS: Final = {
    "account": "VARCHAR",
    "unit": "VARCHAR",
    "seq": "BIGINT",
    "id": "VARCHAR",
    "kind": "VARCHAR",
    "held_at": "BIGINT",
    "recorded_at": "BIGINT",
    "amount": "VARCHAR",
    "body": "VARCHAR",
    "previous_hash": "VARCHAR",
    "hash": "VARCHAR",
    "records": "VARCHAR",
    "country": "VARCHAR",
    "lots": (
        "STRUCT(lot BIGINT, made BOOLEAN, origin VARCHAR, pack VARCHAR, pack_version BIGINT, currency VARCHAR, "
        "cost BIGINT, tax BIGINT, tax_point VARCHAR, credits VARCHAR, expires_at BIGINT, country VARCHAR)[]"
    ),
    "postings": (
        "STRUCT(number BIGINT, cause VARCHAR, currency VARCHAR, lot BIGINT, meter VARCHAR, credits VARCHAR, "
        "lines STRUCT(name VARCHAR, amount BIGINT, transit BOOLEAN)[])[]"
    ),
    "gifts": "STRUCT(lot BIGINT, cause VARCHAR, credits VARCHAR, promotion VARCHAR)[]",
}
"""The members of the object and their types in SQL. Instants are epoch milliseconds, credits texts of steps, hashes
hexadecimal, records base64. ``body`` is the entry's canonical JSON without what names it. ``postings`` are null of an
entry that cannot be booked."""


def archived(entry: Entry, country: str | None) -> Json:
    """Returns what the archive keeps of an entry.

    Args:
        country: that of the account when the entry was recorded; None: it had none.
    """
    made = booked(entry)
    records = base64.b64encode(entry.records.packed).decode("ascii") if entry.records else None
    return {
        "account": entry.account,
        "unit": entry.unit,
        "seq": entry.seq,
        "id": entry.id,
        "kind": entry.kind,
        "held_at": entry.at,
        "recorded_at": entry.committed_at,
        "amount": str(entry.amount),
        "body": entry.kept(),
        "previous_hash": entry.previous_hash.hex(),
        "hash": entry.hash().hex(),
        "records": records,
        "country": country,
        "lots": [*_lots(entry)],
        "postings": None if made is None else [_posting(number, one) for number, one in enumerate(made)],
        "gifts": _gifts(entry),
    }


def intact(row: Mapping[str, Any]) -> bool:
    """Tells whether an object is what follows from the entry in it, its hash and its records included."""
    try:
        named = {name: row[name] for name in ("account", "id", "kind", "unit")} | {"at": row["held_at"]}
        records = Records(base64.b64decode(row["records"], validate=True)) if row["records"] else None
        entry = read_entry(row["body"], bytes.fromhex(row["previous_hash"]), records, named)
        return archived(entry, row["country"]) == row and not any(check_records(entry))
    except UNREADABLE:
        return False


def booked(entry: Entry) -> list[Posting] | None:
    """Returns the postings of an entry; None of one that does not say all that they need, which verification finds."""
    try:
        return postings(entry)
    except (*UNREADABLE, AssertionError):
        return None


def _gifts(entry: Entry) -> list[Json]:
    """Returns what an entry does to credits that were given away; nothing of one that says too little."""
    try:
        return [one._asdict() | {"credits": str(one.credits)} for one in gifts(entry)]
    except UNREADABLE:
        return []


def _posting(number: int, posting: Posting) -> Json:
    """Returns a posting. One that moved no money has a line of nothing, so that its credits are counted."""
    lines = [{"name": name, "amount": amount, "transit": transit} for name, amount, transit in posting.lines]
    return {
        "number": number,
        "cause": posting.cause,
        "currency": posting.currency,
        "lot": posting.lot,
        "meter": posting.meter,
        "credits": str(posting.credits),
        "lines": lines or [{"name": accounts.DEFERRED, "amount": 0, "transit": False}],
    }


def _lots(entry: Entry) -> Iterator[Json]:
    """Yields what an entry says of a lot with cost basis that it made, or of the end that it gave a lot."""
    said = entry.extra.get("lot")
    if not isinstance(said, dict):
        return
    made = said["seq"] == entry.seq and entry.kind != EXPIRY_CHANGE
    if not made and entry.kind != EXPIRY_CHANGE:
        return
    cost, currency = said.get("cost", (None, None))
    tax, point = said.get("tax", (0, "purchase"))
    pack, version = said.get("pack", (None, None))
    if made and cost is None:
        return
    yield {
        "lot": said["seq"],
        "made": made,
        "origin": said.get("kind"),
        "pack": pack,
        "pack_version": version,
        "currency": currency,
        "cost": cost,
        "tax": tax,
        "tax_point": point,
        "credits": said.get("granted"),
        "expires_at": said.get("expires_at"),
        "country": said.get("country"),
    }
