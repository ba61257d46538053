"""API keys: made once, shown once, stored as a hash.

A key is ``scrip_<key id>_<secret>``. The secret has 256 random bits, so that its plain SHA-256 tells nothing. Does not
own what a scope allows (``http.edge.request``).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Final

from scrip.domain.credits.errors import NotFound
from scrip.store import documents, keys
from scrip.store.tables import Tables

_KEY: Final = re.compile(r"scrip_([a-z0-9]{16})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Who a key belongs to. ``account``: the only one that the key may read; empty where it may read all."""

    key_id: str
    scope: str
    account: str


@dataclass(frozen=True, slots=True)
class _StoredKey:
    """A key's document. ``hash``: SHA-256 of the secret in hexadecimal."""

    scope: str
    account: str | None
    hash: str


def create_key(tables: Tables, scope: str, account: str | None) -> tuple[str, str]:
    """Makes a new key. Returns its id, and the key itself, which is stored nowhere."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    stored = _StoredKey(scope, account, _hash(secret))
    if not documents.put(tables, keys.api_key(key_id), documents.NEW, asdict(stored)):
        raise AssertionError("64 random bits came twice")
    return key_id, f"scrip_{key_id}_{secret}"


def delete_key(tables: Tables, key_id: str) -> None:
    """Deletes a key: within a minute it is refused everywhere.

    Raises:
        NotFound: there is no such key.
    """
    if not documents.delete(tables, keys.api_key(key_id)):
        raise NotFound(f"there is no key {key_id}", key_id=key_id)


def find_owner(tables: Tables, key: str) -> KeyOwner | None:
    """Returns the owner of a key; None for a text that is no key, or not any more."""
    parts = _KEY.fullmatch(key)
    if not parts:
        return None
    key_id, secret = parts.groups()
    body = documents.get(tables, keys.api_key(key_id)).body
    if not body:
        return None
    stored = _StoredKey(**body)
    if not hmac.compare_digest(stored.hash, _hash(secret)):
        return None
    return KeyOwner(key_id, stored.scope, stored.account or "")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
