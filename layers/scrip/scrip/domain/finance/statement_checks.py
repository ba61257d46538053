"""Checks of a statement from its own members alone, without any access: digest, chain of hashes, and sums.

What is wrong is said with its place, such as ``entries[3].amount``. The entries are checked up to the first that is
wrong: all after it would be wrong too.

Does not own the signature's arithmetic, which is no part of the standard library: ``signature_of`` gives what it needs.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.calendar import format_instant
from scrip.domain.credits.entries import UNREADABLE, Entry, Totals, read_entry
from scrip.domain.credits.errors import Refusal
from scrip.domain.finance import accounts
from scrip.domain.finance.periods import month_before, month_bounds
from scrip.domain.finance.postings import deferred, postings
from scrip.domain.finance.statements import (
    ALGORITHM,
    KEY_BYTES,
    NO_ENTRIES,
    OUTSIDE,
    STATES,
    VERSION,
    Statement,
    StatementBalance,
    StatementSignature,
    digest,
    key_id,
    shown_entry,
    signed_line,
)
from scrip.domain.wallets.funds import Funds

SIGNATURE_BYTES: Final = 64
_FUNDS: Final = ("currency", "paid", "recognised", "refunded", "breakage", "moved", "bad_debt")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_HASH: Final = re.compile("[0-9a-f]{64}")


class UnreadableStatement(Exception):
    """A statement says nothing that could be checked: its message says where and why."""


@dataclass(frozen=True, slots=True)
class _ToldStatement:
    """What a statement tells, each member of its form. ``rest`` is all of it but the entries and what proves them."""

    rest: Mapping[str, Any]
    account: str
    unit: str
    precision: int
    month: str
    as_of: str
    final: bool
    opening: StatementBalance
    closing: StatementBalance
    digest: bytes | None
    entries: Sequence[Any]
    complete: bool

    @property
    def ends(self) -> int:
        """Returns the first instant after the month."""
        return month_bounds(self.month)[1]

    def expected(self) -> dict[str, Any]:
        """Returns its members as they follow from the two balances, the month and whose it is."""
        made = Statement(
            self.account,
            self.unit,
            self.precision,
            self.month,
            self.ends,
            self.final,
            self.opening,
            self.closing,
            self.digest,
        ).summary()
        # Only the month's end is known of one that is over; of one that runs, when it was read.
        running = (
            not self.final and _INSTANT.fullmatch(self.as_of) and self.as_of <= format_instant(self.ends)
        )
        return {**made, "as_of": self.as_of} if running else made


def check_statement(document: Mapping[str, Any]) -> Iterator[str]:
    """Yields what is wrong with a statement, but for its signature.

    Raises:
        UnreadableStatement: a member is missing, unknown, or not of its form.
    """
    told = _read(document)
    expected = told.expected()
    for name in sorted(expected.keys() | told.rest.keys()):
        if told.rest.get(name) != expected.get(name):
            yield f"{name}: is not what the rest of the statement makes it"
    if not told.complete:
        yield "next_cursor: entries follow that are not in this file: scrip statement fetch joins all pages"
        return
    yield from _check_entries(told)


def check_continues(before: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    """Yields in what a statement does not go on where the one of the month before ended.

    Raises:
        UnreadableStatement: one of them cannot be read.
    """
    was, now = _read(before), _read(document)
    for name in ("account", "unit", "precision"):
        if getattr(was, name) != getattr(now, name):
            yield f"{name}: is {getattr(now, name)}, that of {was.month} has {getattr(was, name)}"
    if was.month != month_before(now.month):
        yield f"month: {now.month} does not follow {was.month}"
        return
    ended, begun = was.closing.shown(now.precision), now.opening.shown(now.precision)
    for name in sorted(begun):
        if ended[name] != begun[name]:
            yield f"opening.{name}: is not what {was.month} closed with"


def signature_of(document: Mapping[str, Any]) -> tuple[bytes, StatementSignature] | None:
    """Returns the line that is signed, and the signature; None: the statement is not signed.

    Raises:
        UnreadableStatement: the signature is none, or says another line.
    """
    said = document.get("signature")
    if said is None:
        return None
    if not isinstance(said, Mapping) or set(said) != {"algorithm", "key_id", "line", "value"}:
        raise UnreadableStatement("signature: must have algorithm, key_id, line and value")
    if said["algorithm"] != ALGORITHM:
        raise UnreadableStatement(f"signature.algorithm: must be {ALGORITHM}")
    try:
        line = signed_line(document)
    except (LookupError, TypeError, ValueError) as error:
        raise UnreadableStatement("the statement lacks what its signature names") from error
    if said["line"] != line:
        raise UnreadableStatement("signature.line: does not name this statement: something in it was changed")
    if not isinstance(said["key_id"], str):
        raise UnreadableStatement("signature.key_id: must be a text")
    value = _bytes(said["value"], "signature.value", SIGNATURE_BYTES)
    return line.encode(), StatementSignature(said["key_id"], value)


def keys_of(said: Any) -> dict[str, bytes]:
    """Returns the public keys of a list of them by their ids.

    Raises:
        UnreadableStatement: it is no such list, or a key has the id of another.
    """
    try:
        found = {one["key_id"]: _bytes(one["public_key"], "public_key", KEY_BYTES) for one in said["items"]}
    except (LookupError, TypeError) as error:
        raise UnreadableStatement("the keys must be a list as GET /v1/statement-keys gives it") from error
    for name, key in found.items():
        if name != key_id(key):
            raise UnreadableStatement(f"{name} is not the id of its key, which is {key_id(key)}")
    return found


def _read(document: Mapping[str, Any]) -> _ToldStatement:
    """Reads what a statement tells. Raises ``UnreadableStatement``."""
    opening, closing = _balance(document, "opening"), _balance(document, "closing")
    names = ("account", "unit", "month", "as_of", "status")
    account, unit, month, as_of, status = (document.get(name) for name in names)
    texts = (account, unit, month, as_of, status)
    if not all(isinstance(text, str) for text in texts):
        raise UnreadableStatement(f"{', '.join(names)}: must all be there, as texts")
    for name in OUTSIDE:
        if name not in document:
            raise UnreadableStatement(f"{name}: is missing")
    version, entries, counted = (document.get(name) for name in ("version", "entries", "entries_digest"))
    if version != VERSION or type(version) is not int:
        raise UnreadableStatement(
            f"version: must be {VERSION}; another needs another release of this command"
        )
    if not isinstance(entries, list):
        raise UnreadableStatement("entries: must be a list")
    try:
        month_bounds(str(month))
    except ValueError as error:
        raise UnreadableStatement(f"month: {error}") from error
    final = status == "final"
    if not (_is_hash(counted) if final else counted is None):
        raise UnreadableStatement("entries_digest: must be 64 hex digits of a final statement, else null")
    return _ToldStatement(
        {name: value for name, value in document.items() if name not in OUTSIDE},
        str(account),
        str(unit),
        _precision(document),
        str(month),
        str(as_of),
        final,
        opening,
        closing,
        bytes.fromhex(str(counted)) if final else None,
        entries,
        document.get("next_cursor") is None,
    )


def _check_entries(told: _ToldStatement) -> Iterator[str]:
    """Yields what is wrong with the entries: their texts, their chain, and what they come to."""
    opening, closing = told.opening, told.closing
    so_far, counted, moved = opening, NO_ENTRIES, dict[str, int]()
    booked = opening.funds is not None and closing.funds is not None
    for number, item in enumerate(told.entries):
        where = f"entries[{number}]"
        entry, wrong = _read_entry(item, so_far, told)
        if entry is None:
            yield f"{where}{wrong}"
            return
        found = [*_misplaced(told, entry, so_far, first=number == 0)]
        found += [" lies after the month"] if entry.at >= told.ends else []
        if found:
            yield from (f"{where}{what}" for what in found)
            return
        so_far, counted = so_far.after(entry), digest(counted, entry.hash())
        try:
            for currency, money in deferred(postings(entry)).items():
                moved[currency] = moved.get(currency, 0) + money
        except (*UNREADABLE, AssertionError):
            booked = False  # of before entries said all that a posting needs
    yield from _ends(told, so_far, counted)
    if booked:
        yield from _books(opening.funds or (), closing.funds or (), moved)


def _read_entry(item: Any, so_far: StatementBalance, told: _ToldStatement) -> tuple[Entry | None, str]:
    """Returns the entry that a member of ``entries`` shows; None with what is wrong with it."""
    if not isinstance(item, Mapping) or not isinstance(item.get("text"), str):
        return None, ".text: is missing: without it nothing proves the entry"
    try:
        entry = read_entry(item["text"], so_far.head)
        if entry.canonical() != item["text"].encode("utf-8", "surrogatepass"):
            return None, ".text: is not the canonical JSON of an entry"
        expected = shown_entry(entry, told.precision, told.month)
    except (*UNREADABLE, UnicodeError):
        return None, ".text: cannot be read as an entry"
    for name in sorted(expected.keys() | item.keys()):
        given, right = item.get(name), expected.get(name)
        # True is no 1, though Python has them equal.
        if given != right or type(given) is not type(right) or (name in item) != (name in expected):
            return None, f".{name}: is not what its text and the entry before it make it"
    return entry, ""


def _misplaced(told: _ToldStatement, entry: Entry, before: StatementBalance, *, first: bool) -> Iterator[str]:
    """Yields in what an entry does not follow what is before it."""
    if (entry.account, entry.unit) != (told.account, told.unit):
        yield ".text: is of another wallet"
    if entry.seq != before.seq + 1:
        yield f".seq: {entry.seq} does not follow {before.seq}"
    # Of the opening the states are known, not all of what they are made of.
    was = entry.before
    same = _states(was) == _states(before.totals) if first else was == before.totals
    if not same:
        yield ".text: does not begin with the credits that were there before it"
    if entry.amount != entry.after.total - was.total:
        yield ".amount: is not the change of the total"
    if entry.at < before.at:
        yield ".at: is before the entry before it"


def _ends(told: _ToldStatement, so_far: StatementBalance, counted: bytes) -> Iterator[str]:
    """Yields in what the closing is not what the opening and the entries come to."""
    closing = told.closing
    if so_far.seq != closing.seq:
        yield f"closing.seq: is {closing.seq}, the entries end with {so_far.seq}"
    if so_far.head != closing.head:
        yield "closing.head: is not the hash of the last entry"
    for name in STATES:
        if getattr(so_far.totals, name) != getattr(closing.totals, name):
            yield f"closing.{name}: is not what the opening and the entries come to"
    if so_far.funds != closing.funds:
        yield "closing.money: is not what the opening and the entries come to"
    if told.digest not in (None, counted):
        yield "entries_digest: is not the digest of the entries"


def _books(opening: tuple[Funds, ...], closing: tuple[Funds, ...], moved: Mapping[str, int]) -> Iterator[str]:
    """Yields the currencies in which the postings of the entries differ from the change of what is deferred."""
    was, now = ({one.currency: one.deferred for one in funds} for funds in (opening, closing))
    for currency in sorted(was.keys() | now.keys() | moved.keys()):
        if now.get(currency, 0) - was.get(currency, 0) != moved.get(currency, 0):
            yield (
                f"closing.money: {currency} deferred differs from the entries' postings "
                f"to {accounts.DEFERRED} by {moved.get(currency, 0)}"
            )


def _states(totals: Totals) -> tuple[int, ...]:
    return tuple(getattr(totals, name) for name in STATES)


def _precision(document: Mapping[str, Any]) -> int:
    """Returns how many decimals the unit has. Raises ``UnreadableStatement``."""
    found = document.get("precision")
    if type(found) is not int or not 0 <= found <= 9:
        raise UnreadableStatement("precision: must be a whole number from 0 to 9")
    return found


def _balance(document: Mapping[str, Any], name: str) -> StatementBalance:
    """Reads the opening or the closing of a statement. Raises ``UnreadableStatement``."""
    said, precision = document.get(name), _precision(document)
    if not isinstance(said, Mapping):
        raise UnreadableStatement(f"{name}: is missing")
    if type(said.get("seq")) is not int or not _is_hash(said.get("head")):
        raise UnreadableStatement(f"{name}: seq must be a whole number, and head 64 hex digits")
    try:
        steps = {one: parse_amount(said[one], precision, zero=True) for one in STATES}
        funds = None if said["money"] is None else tuple(map(_funds, said["money"]))
    except (LookupError, TypeError, ValueError, Refusal) as error:
        raise UnreadableStatement(f"{name}: its credits or its money cannot be read") from error
    # The rest of the totals are parts of what is available, which statements do not show.
    return StatementBalance(said["seq"], 0, bytes.fromhex(said["head"]), Totals(**steps), funds)


def _funds(said: Mapping[str, Any]) -> Funds:
    """Reads what became of the money in one currency. Raises one of ``UNREADABLE``."""
    if not all(type(said[name]) is int for name in _FUNDS[1:]) or not isinstance(said["currency"], str):
        raise TypeError("money is whole minor units of a currency")
    return Funds(**{name: said[name] for name in _FUNDS})


def _is_hash(text: Any) -> bool:
    return isinstance(text, str) and _HASH.fullmatch(text) is not None


def _bytes(text: Any, name: str, length: int) -> bytes:
    """Reads base64 of so many bytes, in its one spelling. Raises ``UnreadableStatement``."""
    try:
        found = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        found = b""
    if len(found) != length or base64.b64encode(found).decode() != text:
        raise UnreadableStatement(f"{name}: must be {length} bytes in base64")
    return found
