"""Statements of an account: the parameters, and the answers. Their members are made in ``domain.finance.statements``:
what is signed is the answer itself."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.domain.finance.periods import month_bounds
from scrip.domain.finance.statements import (
    ALGORITHM,
    MOST_ENTRIES,
    Statement,
    shown_entry,
    signed_line,
)
from scrip.http.edge import parameters
from scrip.http.edge.answers import ReferenceView, TypedDict
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.request import HttpRequest
from scrip.http.wallets.balances import FundsView
from scrip.services.finance.statement_keys import StatementKey
from scrip.services.finance.statements import ReadStatement, StatementQuery

if TYPE_CHECKING:
    from scrip.domain.credits.entries import EntryKind
    from scrip.http.edge.forms import (
        At,
        Count,
        Credits,
        EntryId,
        Hash,
        Month,
        Name,
        Ordinal,
        Precision,
        SignedCredits,
    )

StatementStatus = Literal["final", "provisional"]
"""Whether anything can come to the month."""
SignatureAlgorithm = Literal["Ed25519"]
"""How statements are signed."""
_INSTANTS, _SEQS = range(MAX_INSTANT + 1), range(LAST_SEQ + 1)


class StatementBalanceView(TypedDict):
    """A wallet as a month begins, or ends. `total` = available + held + frozen + pending - owed."""

    seq: Count
    """Its last entry; 0 before its first."""
    head: Hash
    """That entry's hash, on which the next one is chained; 64 zeros before the first."""
    total: SignedCredits
    """All there is, less what is owed."""
    available: Credits
    """What can be spent."""
    held: Credits
    """Set aside by open holds."""
    frozen: Credits
    """Under open dispute or pending refund."""
    pending: Credits
    """In lots that have not begun."""
    owed: Credits
    """Debt: taken back, or burned by allowed overdraft, beyond what there was."""
    money: list[FundsView] | None
    """What became of the money of all its credits until then, by currency. Null where it was not counted from the
    wallet's beginning."""


class StatementEntryView(TypedDict):
    """An entry of the month. All but `text` and `hash` is in the text too, for whoever does not compute."""

    seq: Ordinal
    """Its place in the wallet, from 1, without a gap."""
    entry_id: EntryId
    """Names it."""
    kind: EntryKind
    """What happened."""
    at: At
    """When it holds."""
    late_for: Month | None
    """The month in which it holds, where that is before this one: it came after that month had been closed, or told."""
    amount: SignedCredits
    """Signed change of the total."""
    balance_after: SignedCredits
    """The total after it."""
    reference: ReferenceView | None
    """What it is about, as the caller said."""
    hash: Hash
    """SHA-256 over the hash before it and the text: 32 bytes, and the text in UTF-8."""
    text: str
    """The entry's canonical JSON, as it was hashed: all that it says, who asked and why too."""


class StatementSignatureView(TypedDict):
    """Proves who made a statement, to whoever has the public key from elsewhere."""

    algorithm: SignatureAlgorithm
    """RFC 8032, over the bytes of `line` themselves."""
    key_id: str
    """Which of the keys at `/v1/statement-keys`. It follows from the key."""
    line: str
    """What is signed: `scrip-statement-1`, account, unit, month, `head` and the SHA-256 of the canonical statement,
    with spaces between them. Canonical: sorted members, no white space, UTF-8, without `entries`, `next_cursor`,
    `signature`."""
    value: str
    """The signature: 64 bytes in base64."""


# A member that is a keyword of Python can be declared in no other way.
StatementFromView = TypedDict("StatementFromView", {"from": "At"})
"""The month's first instant."""


class StatementView(StatementFromView):
    """A month of a wallet: opening + entries = closing, in credits and in money. A month that is over is signed, and
    told alike for ever."""

    version: Ordinal
    """Of this form."""
    account: Name
    """Whose wallet it is."""
    unit: Name
    """What its credits are counted in."""
    precision: Precision
    """Decimals of the unit."""
    month: Month
    """In UTC."""
    to: At
    """The first instant of the next month."""
    as_of: At
    """Up to when it goes: `to`, or while the month runs, when it was read."""
    status: StatementStatus
    """`provisional` while something can still come to the month: it is not signed, and another one follows."""
    opening: StatementBalanceView
    """What the month before ended with."""
    closing: StatementBalanceView
    """What the opening and the entries come to."""
    head: Hash
    """That of the closing: the chain's end."""
    entries_count: Count
    """How many entries the month has, on all pages."""
    entries_digest: Hash | None
    """Of their hashes: from 32 zero bytes on, SHA-256 over the digest so far and the next hash. Null while
    provisional."""
    entries: list[StatementEntryView]
    """The entries, oldest first: up to 1 000 on a page."""
    next_cursor: str | None
    """`cursor` of the next page of entries; null on the last."""
    signature: StatementSignatureView | None
    """Null while provisional."""


class StatementKeyView(TypedDict):
    """A public key that statements were signed with."""

    key_id: str
    """Its name, which follows from it."""
    algorithm: SignatureAlgorithm
    """What it is a key of."""
    public_key: str
    """32 bytes in base64."""
    since: At
    """When it began to sign."""
    until: At | None
    """When another one took its place. Null: it signs now. What it signed stays valid."""


class StatementKeyListView(TypedDict):
    """All keys that statements were ever signed with, the oldest first."""

    items: list[StatementKeyView]
    """The keys."""


def statement_query(request: HttpRequest) -> StatementQuery:
    """Reads which statement is asked for. Raises ``InvalidRequest``."""
    month = request.path.get("month", "")
    try:
        month_bounds(month)
    except ValueError as error:
        raise InvalidRequest([("month", str(error))]) from error
    place = request.query.cursor(_INSTANTS, _SEQS)
    after = (place[0], place[1]) if place else None
    return StatementQuery(month, after, request.query.limit(MOST_ENTRIES))


def statement_view(read: ReadStatement) -> StatementView:
    """Shows a statement with a page of its entries."""
    summary, signature = read.statement.summary(), read.signature
    shown: dict[str, Any] = {
        **summary,
        "entries": _shown(read.entries, read.statement),
        "next_cursor": parameters.make_cursor(*read.following) if read.following else None,
        "signature": None
        if signature is None
        else {
            "algorithm": ALGORITHM,
            "key_id": signature.key_id,
            "line": signed_line(summary),
            "value": base64.b64encode(signature.value).decode(),
        },
    }
    return cast(StatementView, shown)


def statement_key_list_view(keys: Sequence[StatementKey]) -> StatementKeyListView:
    """Shows the public keys."""
    items: list[StatementKeyView] = [
        {
            "key_id": key.key_id,
            "algorithm": ALGORITHM,
            "public_key": base64.b64encode(key.public_key).decode(),
            "since": format_instant(key.since),
            "until": None if key.until is None else format_instant(key.until),
        }
        for key in keys
    ]
    return {"items": items}


def _shown(entries: Sequence[Entry], statement: Statement) -> list[dict[str, Any]]:
    return [shown_entry(entry, statement.precision, statement.month) for entry in entries]
