"""API keys: made once, shown once, stored as a hash.

A key is ``scrip_<key id>_<secret>``. The secret has 256 random bits, so that its plain SHA-256 tells nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.credits.errors import NotFound
from scrip.store import documents, keys
from scrip.store.tables import Tables

_KEY: Final = re.compile(r"scrip_([a-z0-9]{16})_([A-Za-z0-9_-]{43})")


def create_key(tables: Tables, scope: str, account: str | None) -> tuple[str, str]:
    """A new key: its id, and the key itself, which is stored nowhere."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    body = {"scope": scope, "account": account, "hash": _hash(secret)}
    if not documents.put(tables, keys.api_key(key_id), documents.NEW, body):
        raise AssertionError("64 random bits came twice")
    return key_id, f"scrip_{key_id}_{secret}"


def delete_key(tables: Tables, key_id: str) -> None:
    """The key opens nothing any more, everywhere within a minute.

    Raises:
        NotFound: there is no such key.
    """
    if not documents.delete(tables, keys.api_key(key_id)):
        raise NotFound(f"there is no key {key_id}", key_id=key_id)


def who(tables: Tables, key: str) -> Mapping[str, Any] | None:
    """Id, scope and account of the key's owner, or None for a key that is none."""
    parts = _KEY.fullmatch(key)
    if not parts:
        return None
    found = documents.get(tables, keys.api_key(parts[1]))
    if not hmac.compare_digest(str(found.body.get("hash", "")), _hash(parts[2])):
        return None
    return {"key_id": parts[1], "scope": found.body["scope"], "account": found.body["account"] or ""}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
