"""The public keys that statements were signed with, since when and until when. They are kept for ever.

A key that signs is listed before its first signature. Does not own the private key, which nobody has:
``StatementSigner`` is what may be asked to sign.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scrip.domain.credits.errors import Contended
from scrip.domain.finance.statements import key_id
from scrip.store import documents, keys
from scrip.store.tables import Tables

TRIES = 5
"""How often the list is put where others put it too."""


@dataclass(frozen=True, slots=True)
class StatementSigner:
    """The key that signs now: its public half, and what asks for a signature."""

    public_key: bytes
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class StatementKey:
    """A public key; ``since`` and ``until`` say when it signed, in epoch milliseconds. ``until`` None: it signs now."""

    public_key: bytes
    since: int
    until: int | None

    @property
    def key_id(self) -> str:
        """Returns its id, which follows from the key."""
        return key_id(self.public_key)


def list_keys(tables: Tables, signer: StatementSigner, now: int) -> Sequence[StatementKey]:
    """Returns all keys, the one that signs now last; it is listed first where it is new.

    Raises:
        Contended: others change the list all the time.
    """
    for _ in range(TRIES):
        document = documents.get(tables, keys.STATEMENT_KEYS)
        known = [
            StatementKey(base64.b64decode(one["public_key"]), one["since"], one["until"])
            for one in document.body.get("keys", ())
        ]
        if any(one.public_key == signer.public_key for one in known):
            return known
        ended = [
            StatementKey(one.public_key, one.since, now if one.until is None else one.until) for one in known
        ]
        made = [*ended, StatementKey(signer.public_key, now, None)]
        body = {
            "keys": [
                {
                    "public_key": base64.b64encode(one.public_key).decode(),
                    "since": one.since,
                    "until": one.until,
                }
                for one in made
            ]
        }
        if documents.put(tables, keys.STATEMENT_KEYS, document.rev, body):
            return made
    raise Contended("the list of keys is changed faster than it can be read: send it again")
