"""Statements: what a wallet had as a month began, each entry of the month, and what it had as the month ended.

A statement is signed over one line, which names its canonical JSON by its SHA-256. That has everything but the entries,
which it names by their digest; and each entry is under the hash chain of the ledger (law 4). So whoever has the file
and the public key can recompute all of it, without any access: ``statement_checks`` does.

Owns what a statement says and in which bytes it is signed. Does not own from where entries are read and which key signs
(``services.finance``), nor how a statement looks (``http.finance``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.calendar import format_instant
from scrip.domain.credits.entries import GENESIS, NOTHING, Entry, Totals
from scrip.domain.credits.steps import format_amount
from scrip.domain.finance.periods import month_bounds, month_of
from scrip.domain.wallets.funds import Funds, follow

VERSION: Final = 1
"""Of the form of statements. Another form gets another number, and this one stays readable."""
MOST_ENTRIES: Final = 1_000
"""Entries up to which a statement has them all in itself."""
ALGORITHM: Final = "Ed25519"
SIGNED_AS: Final = "scrip-statement-1"
"""How each signed line begins, so that nothing else that is signed can be taken for one."""
KEY_BYTES: Final = 32
"""Bytes of a public key of Ed25519."""
OUTSIDE: Final = ("entries", "next_cursor", "signature")
"""Members of a statement that its canonical JSON leaves out."""
STATES: Final = ("available", "held", "frozen", "pending", "owed")
"""The states of credits that a statement shows, as ``Totals`` calls them."""
NO_ENTRIES: Final = bytes(32)
"""The digest of no entries."""
_JSON: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before a public key of Ed25519 in its SubjectPublicKeyInfo (RFC 8410)."""


@dataclass(frozen=True, slots=True)
class StatementBalance:
    """A wallet right after one of its entries, as a statement begins or ends with it.

    Attributes:
        seq: the entry's sequence; 0 before the first.
        at: its instant, epoch milliseconds; 0 before the first.
        head: its hash.
        funds: what became of the money so far; None where that was not counted from the wallet's beginning.
    """

    seq: int = 0
    at: int = 0
    head: bytes = GENESIS
    totals: Totals = NOTHING
    funds: tuple[Funds, ...] | None = ()

    def after(self, entry: Entry) -> StatementBalance:
        """Returns the wallet after one more entry."""
        return StatementBalance(entry.seq, entry.at, entry.hash(), entry.after, self._funds(entry))

    def uncounted(self) -> StatementBalance:
        """Returns the same without its money."""
        return replace(self, funds=None)

    def _funds(self, entry: Entry) -> tuple[Funds, ...] | None:
        """Returns what became of the money after an entry; None where entries of before do not say it."""
        extra = entry.extra
        if self.funds is None or ("refunded" in extra and "currency" not in extra and _moves_money(extra)):
            return None
        return follow(self.funds, entry, lambda _: extra.get("currency"))

    def shown(self, precision: int) -> dict[str, Any]:
        """Returns it as a statement shows it."""
        totals = self.totals
        money = None if self.funds is None else [_money(one) for one in self.funds]
        return {
            "seq": self.seq,
            "head": self.head.hex(),
            "total": format_amount(totals.total, precision),
            **{name: format_amount(getattr(totals, name), precision) for name in STATES},
            "money": money,
        }

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON values, as it is stored."""
        return {
            "seq": self.seq,
            "at": self.at,
            "head": self.head.hex(),
            "totals": [str(number) for number in self.totals],
            "funds": None if self.funds is None else [list(one) for one in self.funds],
        }

    @staticmethod
    def of_json(said: Mapping[str, Any]) -> StatementBalance:
        """Reads what ``to_json`` gave."""
        money, totals = said["funds"], Totals(*map(int, said["totals"]))
        funds = None if money is None else tuple(Funds(*one) for one in money)
        return StatementBalance(said["seq"], said["at"], bytes.fromhex(said["head"]), totals, funds)


@dataclass(frozen=True, slots=True)
class StatementSignature:
    """Who signed a statement, and the signature."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement without its entries.

    Attributes:
        as_of: the instant up to which it goes: the month's end, or while the month runs the instant of reading.
        final: whether nothing can come to the month any more. What is not final has no digest and is not signed.
        digest: of the entries; None where it is not final.
    """

    account: str
    unit: str
    precision: int
    month: str
    as_of: int
    final: bool
    opening: StatementBalance
    closing: StatementBalance
    digest: bytes | None = None

    @property
    def count(self) -> int:
        """Returns how many entries the month has."""
        return self.closing.seq - self.opening.seq

    def summary(self) -> dict[str, Any]:
        """Returns the statement as JSON values, without entries and signature."""
        begins, ends = month_bounds(self.month)
        return {
            "version": VERSION,
            "account": self.account,
            "unit": self.unit,
            "precision": self.precision,
            "month": self.month,
            "from": format_instant(begins),
            "to": format_instant(ends),
            "as_of": format_instant(self.as_of),
            "status": "final" if self.final else "provisional",
            "opening": self.opening.shown(self.precision),
            "closing": self.closing.shown(self.precision),
            "head": self.closing.head.hex(),
            "entries_count": self.count,
            "entries_digest": None if self.digest is None else self.digest.hex(),
        }


def shown_entry(entry: Entry, precision: int, month: str) -> dict[str, Any]:
    """Returns an entry as the statement of a month shows it: what people look for, and the text that was hashed."""
    held = month_of(entry.at)
    reference = entry.cause.reference if entry.cause else None
    return {
        "seq": entry.seq,
        "entry_id": entry.id,
        "kind": entry.kind,
        "at": format_instant(entry.at),
        "late_for": held if held < month else None,
        "amount": format_amount(entry.amount, precision),
        "balance_after": format_amount(entry.after.total, precision),
        "reference": {"type": reference[0], "id": reference[1]} if reference else None,
        "hash": entry.hash().hex(),
        "text": entry.canonical().decode(),
    }


def digest(before: bytes, entry_hash: bytes) -> bytes:
    """Returns the digest of entries after one more: SHA-256 over the digest so far and the entry's hash.

    So it is counted entry by entry, and goes on where counting was interrupted.
    """
    return hashlib.sha256(before + entry_hash).digest()


def canonical(statement: Mapping[str, Any]) -> bytes:
    """Returns the canonical JSON of a statement: sorted members, no white space, UTF-8, without ``OUTSIDE``."""
    return _JSON.encode({name: value for name, value in statement.items() if name not in OUTSIDE}).encode()


def signed_line(statement: Mapping[str, Any]) -> str:
    """Returns the line that is signed: the account, the unit, the month, the head, and the SHA-256 of the statement."""
    named = (statement[name] for name in ("account", "unit", "month", "head"))
    return " ".join((SIGNED_AS, *named, hashlib.sha256(canonical(statement)).hexdigest()))


def key_id(public_key: bytes) -> str:
    """Returns the id of a key, which follows from the key: nobody can give its name to another one."""
    return f"stk_{hashlib.sha256(public_key).hexdigest()[:32]}"


def raw_key(spki: bytes) -> bytes:
    """Returns the bytes of a public key of Ed25519 from its SubjectPublicKeyInfo. Raises ``ValueError`` for others."""
    if len(spki) != len(_SPKI) + KEY_BYTES or not spki.startswith(_SPKI):
        raise ValueError("not a public key of Ed25519")
    return spki[len(_SPKI) :]


def _moves_money(extra: Mapping[str, Any]) -> bool:
    """Tells whether what an entry says of money that went back is more than nothing."""
    return any(extra.get(name) for name in ("refunded", "recognised", "bad_debt"))


def _money(funds: Funds) -> dict[str, Any]:
    """Returns what became of the money in one currency, as a statement shows it."""
    return {**funds._asdict(), "deferred": funds.deferred}
