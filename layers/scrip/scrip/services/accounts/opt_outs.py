"""Who wants no letters, and the link by which somebody says so.

A link names an account and the hash of a mailbox, signed with a key that only this part of a deployment has: so nobody
ends another's letters, and the link in an old letter does not end those to a new address. What is kept is that hash
alone, under the account; it goes when the profile is erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits import signed_texts
from scrip.domain.credits.errors import NotFound
from scrip.services.catalogue.versions import replace_document
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

PURPOSE: Final = "mail"
LONGEST: Final = 600
"""Letters of a link's token, at the most: an account's id has 128 of them."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a letter goes to: an account, and the hash of the mailbox that its profile has."""

    account: str
    mailbox: str


def recipient(account: str, mailbox: str) -> Recipient:
    """Returns whom a letter goes to.

    Args:
        mailbox: the address in its one spelling.
    """
    named = f"{account}\n{mailbox}".encode()
    return Recipient(account, hashlib.sha256(named).hexdigest()[:32])


def token(key: bytes, one: Recipient) -> str:
    """Returns what names a recipient in a link. It holds no address."""
    said = json.dumps([one.account, one.mailbox]).encode()
    return signed_texts.sign(key, PURPOSE, said)


def read_token(key: bytes, text: str) -> Recipient:
    """Returns the recipient that a link names.

    Raises:
        NotFound: it is none of ours.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError
        body = signed_texts.read([key], PURPOSE, text)
    except ValueError:
        raise NotFound("there is no such link: use the one in the last message") from None
    account, mailbox = json.loads(body)
    return Recipient(account, mailbox)


def end(tables: Tables, one: Recipient, at: int) -> None:
    """Notes that a recipient wants no letters. Said again it is the same.

    Args:
        at: now, epoch milliseconds.

    Raises:
        Contended: other writers were faster each time.
    """

    def decide(known: Document) -> tuple[None, Mapping[str, Any] | None]:
        ended = known.body.get("mailboxes", {})
        if one.mailbox in ended:
            return None, None
        return None, {"mailboxes": {**ended, one.mailbox: at}}

    replace_document(tables, keys.opt_out(one.account), "opt-out", decide)


def has_ended(tables: Tables, one: Recipient) -> bool:
    """Tells whether a recipient wants no letters."""
    return one.mailbox in documents.get(tables, keys.opt_out(one.account)).body.get("mailboxes", {})


def removal(tables: Tables, account: str) -> Item:
    """Returns the transact item that removes what is kept of an account, whose profile is erased with it."""
    return documents.removal(tables, keys.opt_out(account))
