"""Profiles of accounts: put whole, read, and found by their addresses.

A profile is one document; the index by address and the history of countries change in its own transaction. What is left
of one that was erased is a document that says so and names nobody: by its revision a writer who read the profile before
knows that it is another by now, and by its presence what providers send later is known to be nobody's (``erasure``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrip.domain.accounts.profile import Profile, ProfileRecord
from scrip.domain.credits.errors import NotFound
from scrip.services.accounts import countries
from scrip.services.audit.changes import Action, Author, Change, record
from scrip.services.catalogue.versions import replace_document
from scrip.services.engine.paging import Found
from scrip.services.wallets import accounts
from scrip.store import documents, keys, lists
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KnownProfile:
    """A profile as it is stored, of which account, and when it was changed last (epoch milliseconds)."""

    account: str
    profile: Profile
    updated_at: int


def put(tables: Tables, account: str, wanted: Profile, author: Author) -> tuple[KnownProfile, bool]:
    """Stores a profile in place of the one before; the same again changes nothing.

    Returns:
        The profile as it is stored now, and whether there was none before.

    Raises:
        Contended: other writers were faster each time.
    """
    moved: list[Item] = []

    def decide(document: Document) -> tuple[tuple[KnownProfile, bool], State | None]:
        known = ProfileRecord.from_json(document.body)
        if known.profile == wanted:
            return (KnownProfile(account, wanted, known.updated_at), False), None
        moved[:] = countries.follow(tables, account, wanted.country, author.at)
        made = KnownProfile(account, wanted, author.at)
        return (made, known.profile is None), ProfileRecord(wanted, author.at).to_json()

    def beside(before: State, _after: State) -> list[Item]:
        return [
            lists.add(tables, keys.ACCOUNTS, account),
            *moved,
            *change_writes(tables, account, before, wanted, author),
        ]

    return replace_document(tables, keys.profile(account), "profile", decide, beside)


def get(tables: Tables, account: str) -> KnownProfile:
    """Reads a profile.

    Raises:
        NotFound: there is none, or it is erased.
    """
    known = load(tables, account)
    if known.profile is None:
        raise missing(account)
    return KnownProfile(account, known.profile, known.updated_at)


def find(
    tables: Tables, mailbox: str, prefix: str, limit: int, after: str | None, only: str | None
) -> Found[str, str]:
    """Returns a page of the accounts whose profiles have an address of a mailbox; else as ``accounts.accounts``.

    Args:
        mailbox: in its one spelling.
    """
    return accounts.accounts(tables, prefix, limit, after, only, keys.mailbox(mailbox))


def load(tables: Tables, account: str) -> ProfileRecord:
    """Reads what is stored of an account's profile, read consistently."""
    return ProfileRecord.from_json(documents.get(tables, keys.profile(account)).body)


def missing(account: str) -> NotFound:
    """Returns the refusal of an account that has no profile."""
    return NotFound(f"{account} has no profile")


def change_writes(
    tables: Tables, account: str, before: State, after: Profile | None, author: Author
) -> list[Item]:
    """Returns the transact items that belong to a change of a profile: where its address leads to it, and the audit.

    Args:
        before: the document's body before it.
        after: the profile after it; None: it is erased.
    """
    known = ProfileRecord.from_json(before).profile
    old, new = (keys.mailbox(one.mailbox) if one and one.mailbox else None for one in (known, after))
    moved: list[Item] = []
    if old != new:
        moved += [lists.remove(tables, old, account)] if old else []
        moved += [lists.add(tables, new, account)] if new else []
    action: Action = "profile.put" if after else "profile.delete"
    return [*moved, record(tables, author, Change(action, account, _told(known), _told(after)))]


def _told(profile: Profile | None) -> State | None:
    """Returns what the audit is told of a profile: of what it is made, not what it says."""
    return None if profile is None else {"members": profile.members}
