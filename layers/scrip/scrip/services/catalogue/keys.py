"""API keys and portal sessions: made once, shown to whoever made them, stored as hashes, rotated, at last deleted.

A key is ``scrip_<key id>_<secret>``, a session ``scrip_session_<id>_<secret>``. The secret has 256 random bits, so that
its plain SHA-256 tells nothing. Under an Idempotency-Key it is derived from the caller's own key, which is stored
nowhere either: so the same caller is shown the same key again, and nobody else (decision 0049).

Does not own what a scope allows (``http.edge.access``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import fingerprint
from scrip.domain.credits.errors import Contended, InvalidRequest, KeyReused, NotFound, PolicyViolation
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.services.audit.changes import Author, Change, record
from scrip.services.engine.paging import Found
from scrip.store import keys
from scrip.store.api_keys import ApiKeys, KeyDocument, KeyRequest
from scrip.store.tables import Tables

DAY_MS: Final = 86_400_000
OVERLAP_MS: Final = DAY_MS
"""How long the secret before a rotation opens what it opened."""
SECRETS: Final = 2
"""Secrets of one key that are valid at the same time, at most."""
BOUND: Final = ("read", "burn", "top_up", "auto_top_up")
"""Scopes that a key of one account may have."""
TRIES: Final = 14
"""How often a write is tried again that met another one."""
_KEY: Final = re.compile(r"scrip_(session_)?([a-z0-9]{16})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Who a key belongs to.

    Attributes:
        scopes: what it may do.
        account: the only one that it may see; empty where it may see all.
        name: what people call it; may be empty.
        rate_limit: requests a second; 0: as many as the API takes.
        ends_at: when it, or this secret of it, is over, in epoch milliseconds; None: never.
    """

    key_id: str
    scopes: tuple[str, ...]
    account: str = ""
    name: str = ""
    rate_limit: int = 0
    ends_at: int | None = None


class Secret(NamedTuple):
    """A secret of a key: SHA-256 in hexadecimal, and until when it is valid, in epoch milliseconds (None: the key)."""

    hashed: str
    ends_at: int | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that is asked for. Instants are epoch milliseconds.

    Attributes:
        session: whether it is a portal session: it is in no list, and is deleted when it is over.
        expires_in: the duration that a session's end was asked for by; its end is no part of the request.
        return_url: where a session's customer goes back to.
    """

    scopes: tuple[str, ...]
    account: str | None = None
    name: str | None = None
    expires_at: int | None = None
    rate_limit: int | None = None
    session: bool = False
    return_url: str | None = None
    expires_in: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns what is asked for, without what was left out."""
        asked = {
            "account": self.account,
            "name": self.name,
            "expires_at": self.expires_at,
            "rate_limit": self.rate_limit,
            "session": self.session or None,
            "return_url": self.return_url,
            "expires_in": self.expires_in,
        }
        return {
            "scopes": list(self.scopes),
            **{name: value for name, value in asked.items() if value is not None},
        }


@dataclass(frozen=True, slots=True)
class KeyAsker:
    """Who asks for a key.

    Attributes:
        author: who, and when.
        request: the Idempotency-Key; None: it is another request each time.
        proof: the caller's own key, which only the caller has; empty where it is not known.
    """

    author: Author
    request: str | None = None
    proof: str = ""

    @property
    def at(self) -> int:
        """Returns when, in epoch milliseconds."""
        return self.author.at


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored. ``used_at``: when it was used last, but for a day. Instants are epoch milliseconds."""

    key_id: str
    wanted: NewKey
    created_by: str
    created_at: int
    secrets: tuple[Secret, ...]
    used_at: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns its document."""
        return {
            **self.wanted.to_json(),
            "created_by": self.created_by,
            "created_at": self.created_at,
            "secrets": [list(secret) for secret in self.secrets],
        }

    @staticmethod
    def from_json(key_id: str, body: Mapping[str, Any], used_at: int | None = None) -> ApiKey:
        """Reads a document."""
        asked = dict(body)
        made_by, made_at, hashes = (asked.pop(name) for name in ("created_by", "created_at", "secrets"))
        wanted = NewKey(**{**asked, "scopes": tuple(asked["scopes"])})
        return ApiKey(key_id, wanted, made_by, made_at, tuple(Secret(*one) for one in hashes), used_at)


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was made or rotated, now or before (``replayed``).

    ``text`` is the key itself; None where it was made by somebody else, and nobody can show it.
    """

    key: ApiKey
    text: str | None
    replayed: bool = False


def create_key(store: ApiKeys, tables: Tables, wanted: NewKey, asker: KeyAsker) -> MadeKey:
    """Makes a new key or session; under the same Idempotency-Key the same one again.

    Raises:
        KeyReused: something else was asked for under that key.
        InvalidRequest: it would be over at once.
        Contended: others write under it at this moment.
    """
    operation = "session" if wanted.session else "key"
    asked = fingerprint(
        operation, replace(wanted, expires_at=None if wanted.session else wanted.expires_at).to_json()
    )
    for _ in _tries():
        if known := _known(store, asker, asked):
            return known
        if wanted.expires_at is not None and wanted.expires_at <= asker.at:
            raise InvalidRequest([("expires_at", "must be later than now")])
        key_id, salt = secrets.token_hex(8), secrets.token_hex(16)
        secret = _secret(asker, salt)
        key = ApiKey(key_id, wanted, asker.author.actor, asker.at, (Secret(_hash(secret), None),))
        ends = wanted.expires_at // 1000 + 1 if wanted.session and wanted.expires_at else None
        listed = None if wanted.session else asker.at
        request = _request(asker, asked, salt, key)
        change = Change("portal_session.create" if wanted.session else "key.create", key_id, None, _told(key))
        beside = [record(tables, asker.author, change)]
        if store.create(key_id, key.to_json(), created_at=listed, ends=ends, request=request, beside=beside):
            return MadeKey(key, _text(key, secret))
    raise Contended("others make a key under this Idempotency-Key at the same time: send it again")


def rotate_key(store: ApiKeys, tables: Tables, key_id: str, asker: KeyAsker) -> MadeKey:
    """Gives a key a new secret. The one before is valid for another 24 h, no longer than the key; older ones are over.

    Raises:
        NotFound: there is no such key.
        PolicyViolation: the key is over, and a new secret of it would be too.
        KeyReused, Contended: as ``create_key``.
    """
    asked = fingerprint("rotation", {"key_id": key_id})
    for _ in _tries():
        if known := _known(store, asker, asked):
            return known
        stored = _get(store, key_id)
        key = ApiKey.from_json(key_id, stored.body, stored.used_at)
        if key.wanted.expires_at is not None and key.wanted.expires_at <= asker.at:
            raise PolicyViolation("the key is over: make another one", policy="key_ended")
        salt = secrets.token_hex(16)
        secret = _secret(asker, salt)
        newest, *_ = key.secrets
        before = Secret(newest.hashed, min(asker.at + OVERLAP_MS, key.wanted.expires_at or MAX_INSTANT))
        rotated = replace(key, secrets=(Secret(_hash(secret), None), before)[:SECRETS])
        request = _request(asker, asked, salt, rotated)
        change = Change("key.rotate", key_id, _told(key), _told(rotated))
        beside = [record(tables, asker.author, change)]
        if store.replace(key_id, stored.rev, rotated.to_json(), request, beside):
            return MadeKey(rotated, _text(rotated, secret))
    raise Contended("others rotate this key at the same time: send it again")


def delete_key(store: ApiKeys, tables: Tables, key_id: str, author: Author) -> None:
    """Deletes a key: within a minute it is refused everywhere.

    Raises:
        NotFound: there is no such key.
        Contended: others change it at this moment.
    """
    for _ in _tries():
        stored = _get(store, key_id)
        key = ApiKey.from_json(key_id, stored.body)
        beside = [record(tables, author, Change("key.delete", key_id, _told(key), None))]
        if store.delete(key_id, stored.rev, key.created_at, beside):
            return
    raise Contended("others change this key at the same time: send it again")


def list_keys(store: ApiKeys, limit: int, before: str | None) -> Found[str, ApiKey]:
    """Returns a page of API keys, newest first: those made before the place ``before``; None: from the newest.

    One call for the names, and one for each fifty keys.
    """
    places = store.listed(limit, before)
    named = [(place, keys.named_at(place)) for place in places.found]
    found = store.get_many([key_id for _, key_id in named])
    listed = [
        (place, ApiKey.from_json(key_id, found[key_id].body, found[key_id].used_at))
        for place, key_id in named
        if key_id in found
    ]
    return Found(listed, places.following)


def find_owner(store: ApiKeys, text: str, now: int) -> KeyOwner | None:
    """Returns the owner of a key at ``now``, epoch milliseconds; None for a text that is no key, or not any more.

    Notes once a day that an API key is used.
    """
    parts = _KEY.fullmatch(text)
    if not parts:
        return None
    session, key_id, secret = parts.groups()
    stored = store.get(key_id)
    if stored is None:
        return None
    key, hashed = ApiKey.from_json(key_id, stored.body, stored.used_at), _hash(secret)
    matching = [one for one in key.secrets if hmac.compare_digest(one.hashed, hashed)]
    if not matching or key.wanted.session != bool(session):
        return None
    ends = [at for at in (matching[0].ends_at, key.wanted.expires_at) if at is not None]
    if ends and min(ends) <= now:
        return None
    if not key.wanted.session and (key.used_at is None or key.used_at <= now - DAY_MS):
        store.note_use(key_id, now, now - DAY_MS)
    wanted = key.wanted
    return KeyOwner(
        key_id,
        wanted.scopes,
        wanted.account or "",
        wanted.name or "",
        wanted.rate_limit or 0,
        min(ends) if ends else None,
    )


def _get(store: ApiKeys, key_id: str) -> KeyDocument:
    """Returns an API key's document. Raises ``NotFound``, also for a session, which has no id for callers."""
    stored = store.get(key_id)
    if stored is None or stored.body.get("session"):
        raise NotFound(f"there is no key {key_id}", key_id=key_id)
    return stored


def _told(key: ApiKey) -> dict[str, Any]:
    """Returns a key as the audit keeps it: without its secrets."""
    return {**key.to_json(), "secrets": []}


def _tries() -> Iterator[int]:
    """Counts tries; each but the first comes after a pause of some milliseconds, for another write to end."""
    for number in range(TRIES):
        if number:
            time.sleep(random.uniform(0, 0.02))
        yield number


def _known(store: ApiKeys, asker: KeyAsker, asked: str) -> MadeKey | None:
    """Returns what was made under this Idempotency-Key before; None where nothing was.

    Raises:
        KeyReused: something else was asked for under that key.
    """
    kept = store.request(_hash(asker.request)) if asker.request is not None else None
    if kept is None:
        return None
    if kept["fingerprint"] != asked:
        raise KeyReused("this Idempotency-Key was used for another request about keys: take a new one")
    key = ApiKey.from_json(kept["key_id"], kept["key"])
    secret = _secret(asker, kept["salt"])
    same = hmac.compare_digest(key.secrets[0].hashed, _hash(secret))
    return MadeKey(key, _text(key, secret) if same else None, replayed=True)


def _request(asker: KeyAsker, asked: str, salt: str, key: ApiKey) -> KeyRequest | None:
    """Returns what is kept of the request, so that it is answered the same again; None where it has no key."""
    if asker.request is None:
        return None
    body = {"fingerprint": asked, "salt": salt, "key_id": key.key_id, "key": key.to_json()}
    return KeyRequest(_hash(asker.request), body)


def _secret(asker: KeyAsker, salt: str) -> str:
    """Returns a secret: at random, or, for a request that may come again, the same for the same caller and salt."""
    if asker.request is None or not asker.proof:
        return secrets.token_urlsafe(32)
    derived = hmac.new(asker.proof.encode(), f"{salt} {asker.request}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(derived).rstrip(b"=").decode()


def _text(key: ApiKey, secret: str) -> str:
    return f"scrip_{'session_' if key.wanted.session else ''}{key.key_id}_{secret}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
