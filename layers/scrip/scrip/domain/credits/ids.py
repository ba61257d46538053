"""Ids of entries, lots and holds. Each carries its wallet, so that it names one thing over the whole ledger (law 3).

entry of a key    ``k.<wallet>.<22 characters of the key's hash>``
entry of time     ``s.<wallet>.<sequence>``
entry of a page   ``p.<wallet><10 characters of the stream's hash>.<12 digits of the first offset that it books>``
lot, hold         ``lot_<wallet>_<sequence>``, ``hold_<wallet>_<sequence>``

``<wallet>`` is a hash of account and unit, always of 12 characters. Whoever knows the account finds the unit by it:
that of whose wallet it is the hash. Inside a wallet lots and holds have their sequence alone, and only what is shown
is an id. Ids that callers choose (of allowances, packs, incidents) are not made here.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

Kind = Literal["entry", "lot", "hold"]
"""What an id names."""
WALLET_CHARS: Final = 12
_WALLET_BYTES: Final = WALLET_CHARS * 6 // 8
_HASH: Final = "[A-Za-z0-9_-]"
_WALLET: Final = f"{_HASH}{{{WALLET_CHARS}}}"
_STREAM_CHARS: Final = 10
_SEQ: Final = "[1-9][0-9]{0,11}"
_OF_PAGE: Final = rf"p\.{_WALLET}{_HASH}{{{_STREAM_CHARS}}}\.[0-9]{{12}}"
PATTERNS: Final[dict[Kind, str]] = {
    "entry": rf"^(k\.{_WALLET}\.{_HASH}{{22}}|s\.{_WALLET}\.{_SEQ}|{_OF_PAGE})$",
    "lot": f"^lot_{_WALLET}_{_SEQ}$",
    "hold": f"^hold_{_WALLET}_{_SEQ}$",
}
"""Every id of a kind, and nothing else."""
_COMPILED: Final = {kind: re.compile(pattern.strip("^$")) for kind, pattern in PATTERNS.items()}
_START: Final[dict[Kind, int]] = {"entry": 2, "lot": 4, "hold": 5}
"""Where the hash of the wallet begins."""


class GivenId(NamedTuple):
    """An id as a caller gives it: its text, the hash of its wallet, and a lot's or hold's sequence (an entry's: 0)."""

    text: str
    wallet: str
    seq: int


@lru_cache(1024)
def wallet_hash(account: str, unit: str) -> str:
    """Returns 72 bits of SHA-256 over account and unit as 12 characters of base64url."""
    digest = hashlib.sha256(f"{account}\x00{unit}".encode()).digest()
    return _text(digest[:_WALLET_BYTES])


def key_entry_id(account: str, unit: str, key: str) -> str:
    """Returns the id of the entry that a key makes in a wallet, whatever the operation.

    So the ledger row is the idempotency record. The key's part is 128 bits of its SHA-256.
    """
    return f"k.{wallet_hash(account, unit)}.{_digest(key)}"


def time_entry_id(account: str, unit: str, seq: int) -> str:
    """Returns the id of an entry that nobody asked for by a key; its sequence makes it unique in the wallet."""
    return f"s.{wallet_hash(account, unit)}.{seq}"


def page_entry_id(account: str, unit: str, stream: str, offset: int) -> str:
    """Returns the id of the entry that books records of a stream, the first at this offset.

    Ids of one stream sort by their offsets. Its part is 60 bits of its SHA-256.
    """
    return f"p.{wallet_hash(account, unit)}{_digest(stream)[:_STREAM_CHARS]}.{offset:012d}"


def former_entry_id(key: str) -> str:
    """Returns the id that a key's entry had when ids did not carry the wallet yet: rows of then are verified by it."""
    return f"k.{_digest(key)}"


def is_former(entry_id: str) -> bool:
    """Returns whether an entry's id is of the time when ids did not carry the wallet yet."""
    return entry_id.count(".") == 1


def lot_id(account: str, unit: str, seq: int) -> str:
    """Returns the id of a lot, from its sequence within its wallet."""
    return f"lot_{wallet_hash(account, unit)}_{seq}"


def hold_id(account: str, unit: str, seq: int) -> str:
    """Returns the id of a hold, from its sequence within its wallet."""
    return f"hold_{wallet_hash(account, unit)}_{seq}"


def business_key(*parts: str) -> str:
    """Joins the parts of a key of Scrip's own, such as a payment's or an allowance's.

    It begins with a character that no caller's key may have, so that no caller can use it first.
    """
    return "\x00" + ":".join(parts)


def read_id(kind: Kind, text: str) -> GivenId | None:
    """Reads the id of an entry, a lot or a hold; None where the text has another form."""
    if not _COMPILED[kind].fullmatch(text):
        return None
    start = _START[kind]
    end = start + WALLET_CHARS
    return GivenId(text, text[start:end], 0 if kind == "entry" else int(text[end + 1 :]))


def _digest(key: str) -> str:
    return _text(hashlib.sha256(key.encode()).digest()[:16])


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
