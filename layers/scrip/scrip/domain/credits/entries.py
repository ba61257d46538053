"""Entries of the ledger: what happened, and the hash chain that shows if anybody changed an entry since (law 4).

The canonical JSON of an entry has sorted members, no white space, UTF-8, and every credit amount as a string of steps
(numbers of 28 digits do not survive most JSON readers). ``hash = SHA-256(previous hash ‖ canonical JSON)``; the first
entry's previous hash is 32 zero bytes. Which entries a command makes is decided in ``domain.wallets``; where they are
stored is in ``store``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from scrip.domain.credits.lots import Money

if TYPE_CHECKING:
    from scrip.domain.credits.records import Records

EntryKind = Literal[
    "grant",
    "activation",
    "burn",
    "hold",
    "extend",
    "capture",
    "release",
    "expiry",
    "void",
    "reversal",
    "freeze",
    "thaw",
    "clawback",
    "reinstatement",
    "write_off",
    "rollover",
    "transfer_in",
    "transfer_out",
    "adjustment",
    "status",
    "expiry_change",
]
"""What an entry says that happened."""
Status = Literal["active", "frozen", "closed"]
"""`frozen`: no credits leave the wallet until it is unfrozen. `closed`: for ever."""
GENESIS: Final = bytes(32)
"""The previous hash of a wallet's first entry."""
RENEWING: Final = frozenset[str](("grant", "activation", "transfer_in", "rollover", "reinstatement"))
"""Kinds of entries after which what is available becomes the wallet's base, of which alerts may be percentages."""
TIME: Final = "time"
"""The actor of what nobody asked for."""
SYSTEM: Final = "system"
"""The actor of what nobody asked for and time did because somebody else did not: of an end that was moved."""
NAMED: Final = ("account", "at", "id", "kind", "unit")
"""Members of the canonical JSON that name an entry and say where it belongs: who keeps an entry under its name need not
repeat them (``Entry.kept``). The sequence is repeated, so that a row that lost its place is known by it."""
MADE_FOR: Final = "made_for"
"""What an entry says that it was made for, a type and an id: only with all that was made for it is it undone."""
T = TypeVar("T")
UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What may come of stored JSON that is not what it was written as, where nobody expects that."""
_JSON: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Totals(NamedTuple):
    """A wallet's credits by state, in steps.

    ``paid`` is the part of ``available`` that has cost basis. ``scoped`` is the part of ``available`` that may pay
    for certain meters only.
    """

    available: int = 0
    held: int = 0
    frozen: int = 0
    pending: int = 0
    owed: int = 0
    paid: int = 0
    scoped: int = 0

    @property
    def total(self) -> int:
        """Returns all credits of the wallet, in steps, less what it owes."""
        return self.available + self.held + self.frozen + self.pending - self.owed


NOTHING: Final = Totals()


class Draw(NamedTuple):
    """Credit steps taken from one lot, and the money that left the lot with them (None: the lot has no cost basis).

    ``tax`` is the tax that left with them, minor units of the money's currency: of a lot whose tax is due as its
    credits are spent, and whenever credits with cost basis become another lot's; else None.
    """

    lot: int
    amount: int
    value: Money | None = None
    tax: int | None = None

    def plus(self, other: Draw) -> Draw:
        """Returns this draw and another of the same lot as one."""
        value, tax = self.value, self.tax
        if value is not None and other.value is not None:
            value = Money(value.amount + other.value.amount, value.currency)
        if tax is not None and other.tax is not None:
            tax += other.tax
        return Draw(self.lot, self.amount + other.amount, value, tax)


@dataclass(frozen=True, slots=True)
class Cause:
    """The reason for a command: who asked, under which key, about what.

    Attributes:
        entry_id: the id that its entry gets, made from the key (see ``ids.key_entry_id``).
        fingerprint: of the parsed command with defaults applied. The same key with another fingerprint is another
            request.
        actor: who asked.
        actor_name: what people called the actor's key then; None: it had no name, or was none.
        member: which of the account's people or keys used the credits; ``tags``: what for. Of what uses credits alone.
    """

    entry_id: str
    fingerprint: str
    actor: str
    reference: tuple[str, str] | None = None
    reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    actor_name: str | None = None
    member: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(
    frozen=True
)  # no slots: what is said of it below is worked out once, though asked for five times a burn
class Entry:
    """One immutable row. Amounts are credit steps, ``at`` epoch milliseconds.

    Attributes:
        amount: the signed change of the wallet's total.
        before, after: the wallet's totals around it.
        status: the wallet's status after it.
        cause: of the caller's entry; None where nobody asked for it.
        extra: what the operation's answer needs beside the entry, as JSON values.
        base: the wallet's base before it: what was available right after the last entry that ``renews`` it. None where
            entries of the wallet do not show it.
        recorded_at: when it was committed, by the clock of the attempt that did it: not before ``at``, nor before that
            of the entry before it. None of what is not booked, and of entries of before it was kept.
        records: the single uses that it books together; None: it is one. ``extra`` says their hash.
    """

    id: str
    account: str
    unit: str
    seq: int
    kind: EntryKind
    at: int
    amount: int
    before: Totals
    after: Totals
    status: Status
    draws: Sequence[Draw]
    previous_hash: bytes
    cause: Cause | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    recorded_at: int | None = None
    base: int | None = None
    records: Records | None = None

    @property
    def renews(self) -> bool:
        """Tells whether the wallet's base is what is available after it. What is pending counts once it begins."""
        return self.kind in RENEWING and self.after.pending <= self.before.pending

    @property
    def base_after(self) -> int | None:
        """Returns the wallet's base after it; None where the entry does not show it."""
        return self.after.available if self.base is not None and self.renews else self.base

    @property
    def member(self) -> str | None:
        """Returns which member used the credits; of a hold's later entries, whom it was placed for. None: nobody."""
        said: str | None = self.extra.get("hold", {}).get("member")
        return self.cause.member if self.cause and self.cause.member is not None else said

    @property
    def tags(self) -> Mapping[str, str]:
        """Returns what the credits were used for; of a hold's later entries, what it was placed for."""
        said: Mapping[str, str] = self.extra.get("hold", {}).get("tags", {})
        return self.cause.tags if self.cause and self.cause.tags else said

    @property
    def made_for(self) -> tuple[str, str] | None:
        """Returns what it was made for, with all of which alone it is undone: a type and an id; None: nothing."""
        said = self.extra.get(MADE_FOR)
        return (said[0], said[1]) if said else None

    @property
    def timely(self) -> bool:
        """Returns whether time made the entry, and no caller asked for it."""
        return self.cause is None or self.cause.actor in (TIME, SYSTEM)

    @property
    def committed_at(self) -> int:
        """Returns when it was committed; of an entry of before that was kept, when it holds."""
        return self.at if self.recorded_at is None else self.recorded_at

    def canonical(self) -> bytes:
        """Returns the entry's canonical JSON: the bytes that the hash is over."""
        return self._canonical

    def kept(self) -> str:
        """Returns the canonical JSON without the members that name the entry."""
        return _JSON.encode({name: value for name, value in self._members.items() if name not in NAMED})

    def hash(self) -> bytes:
        """Returns SHA-256 over the previous hash and the canonical JSON."""
        return self._hash

    @cached_property
    def _canonical(self) -> bytes:
        return _JSON.encode(self._members).encode()

    @cached_property
    def _members(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "account": self.account,
            "after": [str(number) for number in self.after],
            "amount": str(self.amount),
            "at": self.at,
            "before": [str(number) for number in self.before],
            "draws": [_draw_json(draw) for draw in self.draws],
            "id": self.id,
            "kind": self.kind,
            "seq": self.seq,
            "status": self.status,
            "unit": self.unit,
        }
        if self.extra:
            body["extra"] = dict(self.extra)
        if self.cause:
            body["cause"] = _cause_json(self.cause)
        if self.recorded_at is not None:
            # Of most burns a few milliseconds: less bytes than the instant.
            body["lag"] = self.recorded_at - self.at
        if self.base is not None:
            body |= {"b": str(self.base)}
        return body

    @cached_property
    def _hash(self) -> bytes:
        return chain(self.previous_hash, self._canonical)


class EntryPage(NamedTuple):
    """Entries of a page, and the position (instant, sequence) of the next one there is; None: there is none."""

    entries: Sequence[Entry]
    following: tuple[int, int] | None


def chain(previous_hash: bytes, canonical: bytes) -> bytes:
    """Computes the hash of an entry: SHA-256 over the previous hash and the entry's canonical JSON."""
    return hashlib.sha256(previous_hash + canonical).digest()


def read_entry(
    text: bytes | str,
    previous_hash: bytes,
    records: Records | None = None,
    named: Mapping[str, Any] | None = None,
) -> Entry:
    """Parses an entry: its canonical JSON, or what ``Entry.kept`` gave. A kind that a later version made is accepted.

    Args:
        records: those that are stored beside it.
        named: the members that name it, where the text does not.

    Raises:
        One of ``UNREADABLE``: the text is not an entry's.
    """
    body = {**(named or {}), **json.loads(text)}
    cause = body.get("cause")
    return Entry(
        id=_a(str, body["id"]),
        account=_a(str, body["account"]),
        unit=_a(str, body["unit"]),
        seq=_a(int, body["seq"]),
        kind=_a(str, body["kind"]),  # type: ignore[arg-type]  # one of a later version is read too
        at=_a(int, body["at"]),
        amount=int(body["amount"]),
        before=Totals(*map(int, body["before"])),
        after=Totals(*map(int, body["after"])),
        status=_a(str, body["status"]),  # type: ignore[arg-type]  # the same
        draws=[_read_draw(*draw) for draw in body["draws"]],
        previous_hash=previous_hash,
        cause=_read_cause(body["id"], cause) if cause else None,
        extra=_a(dict, body.get("extra", {})),
        recorded_at=body["at"] + _a(int, body["lag"]) if "lag" in body else None,
        base=int(body["b"]) if "b" in body else None,
        records=records,
    )


def fingerprint(operation: str, command: Mapping[str, Any]) -> str:
    """Returns 128 bits of SHA-256 over an operation and its command with defaults applied, as base64 text."""
    text = _JSON.encode([operation, command])
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode("ascii")


def _draw_json(draw: Draw) -> list[Any]:
    value: list[Any] = [draw.value.amount, draw.value.currency] if draw.value else []
    if draw.value and draw.tax is not None:
        value.append(draw.tax)
    return [draw.lot, str(draw.amount), *value]


def _read_draw(lot: Any, amount: Any, *value: Any) -> Draw:
    """Reads a draw from its JSON members; raises one of ``UNREADABLE`` for other types."""
    money = Money(_a(int, value[0]), _a(str, value[1])) if value else None
    return Draw(_a(int, lot), int(amount), money, _a(int, value[2]) if len(value) > 2 else None)


def _cause_json(cause: Cause) -> dict[str, Any]:
    """Returns a cause as JSON values, without what was not said."""
    said = {
        "reference": list(cause.reference) if cause.reference else None,
        "reason": cause.reason,
        "metadata": dict(cause.metadata) or None,
        "name": cause.actor_name,
        "member": cause.member,
        "tags": dict(cause.tags) or None,
    }
    body: dict[str, Any] = {"actor": cause.actor, "fingerprint": cause.fingerprint}
    return body | {name: value for name, value in said.items() if value is not None}


def _read_cause(entry_id: str, body: Mapping[str, Any]) -> Cause:
    """Reads a cause from its JSON; ``entry_id`` is the id of the entry it belongs to."""
    reference = body.get("reference")
    return Cause(
        entry_id=entry_id,
        fingerprint=body["fingerprint"],
        actor=body["actor"],
        reference=(_a(str, reference[0]), _a(str, reference[1])) if reference else None,
        reason=body.get("reason"),
        metadata=body.get("metadata", {}),
        actor_name=body.get("name"),
        member=body.get("member"),
        tags=body.get("tags", {}),
    )


def _a(kind: type[T], value: Any) -> T:
    """Returns the value if it is exactly of this type (a ``bool`` is no ``int``); raises ``TypeError`` otherwise."""
    if type(value) is not kind:
        raise TypeError(f"not a {kind.__name__}: {value!r:.40}")
    return value
