"""A search for entries: its parameters, and the answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from scrip import runtime
from scrip.domain.credits import ids
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.http.edge import parameters
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import EXAMPLES, KEY_FORM, KEY_PATTERN, format_instant
from scrip.http.edge.request import HttpRequest
from scrip.services.search import searches
from scrip.services.search.searches import FoundPage

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.domain.credits.entries import EntryKind
    from scrip.http.edge.forms import At, EntryId, Name, Ordinal

SearchedBy = Literal["reference", "payment", "topup", "key", "lot"]
"""What entries are searched by: exactly one of them."""
BY: Final[tuple[SearchedBy, ...]] = ("reference", "payment", "topup", "key", "lot")
OF_AN_ACCOUNT: Final = ("key", "lot")
"""What is searched for in one account, which has to be said."""
_ENTRY_ID: Final = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_KEY: Final = re.compile(KEY_PATTERN.strip("^$"))
_INSTANTS, _SEQS = range(MAX_INSTANT + 1), range(LAST_SEQ + 1)


class FoundEntryView(TypedDict):
    """Where an entry is. The entry itself is at `/v1/accounts/{account}/entries/{entry_id}`."""

    account: Name
    """The account that the entry is of."""
    unit: Name
    """In which of its wallets."""
    entry_id: EntryId
    """The entry's id; no other entry has it."""
    seq: Ordinal
    """Its place in the wallet."""
    kind: EntryKind
    """What happened."""
    at: At
    """When it happened."""


class FoundPageView(TypedDict):
    """Entries that were found, newest first. A page may be short, or empty, and yet have a `next_cursor`: by `lot`, by
    `topup` of a subscription, and with a key of one account, it passes over 1 000 entries at most."""

    items: list[FoundEntryView]
    """Where the entries are."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    complete_through: At | None
    """No entry that was committed before this instant is missing. Null: that is not known yet, so ask again."""
    topup_id: NotRequired[str]
    """The order of the payment, or the one made under the key; where there is one."""


def found(request: HttpRequest) -> FoundPage:
    """Searches as the query says.

    Raises:
        InvalidRequest: it says not exactly one thing to search by, or what it says is not of the right form.
        NotFound: there is no such unit, or lot.
        Forbidden: it is about another account than the one that the key is bound to.
    """
    by, text = _said(request)
    query, tables, limit, now = request.query, runtime.tables(), request.query.limit(), request.moment()
    if by == "reference":
        last = query.cursor(_INSTANTS, _SEQS, _ENTRY_ID) or searches.NEWEST
        name = query.reference() or ""
        return searches.by_reference(tables, name, (last[0], last[1], last[2]), limit, request.bound)
    if by in ("payment", "topup"):
        place = query.cursor(_INSTANTS, _SEQS)
        step = (place[0], place[1]) if place else None
        if by == "topup":
            return searches.by_topup(runtime.executor(), _named(by, text), step, limit, request.bound, now)
        provider, _, payment_id = _payment(text).partition(":")
        return searches.by_payment(tables, provider, payment_id, step, limit, request.bound, now.at)
    account = _account(request)
    if by == "key":
        if not _KEY.fullmatch(text):
            raise InvalidRequest([("key", KEY_FORM)])
        last = query.cursor(_INSTANTS, _SEQS, _ENTRY_ID) or searches.NEWEST
        unit = query.said_unit()
        return searches.by_key(tables, account, unit, text, (last[0], last[1], last[2]), limit, now.at)
    if ids.read_id("lot", text) is None:
        raise InvalidRequest(
            [("lot", f"must be the id of a lot as an answer gave it, such as {EXAMPLES['lot']}")]
        )
    position = query.cursor(_INSTANTS, _SEQS) or searches.NEWEST_IN_WALLET
    with request.hiding():
        unit_id, lot = request.named("lot", query.said_unit(), {"account": account, "lot_id": text}, account)
    return searches.by_lot(
        runtime.executor(), account, unit_id, lot.seq, (position[0], position[1]), limit, now
    )


def found_page_view(page: FoundPage) -> FoundPageView:
    """Shows what was found."""
    view: FoundPageView = {
        "items": [
            {
                "account": one.account,
                "unit": one.unit,
                "entry_id": one.entry_id,
                "seq": one.seq,
                "kind": one.kind,  # type: ignore[typeddict-item]  # as it was stored
                "at": format_instant(one.at),
            }
            for one in page.entries
        ],
        "next_cursor": parameters.make_cursor(*page.following) if page.following else None,
        "complete_through": None if page.complete_through is None else format_instant(page.complete_through),
    }
    if page.topup_id is not None:
        view["topup_id"] = page.topup_id
    return view


def _said(request: HttpRequest) -> tuple[SearchedBy, str]:
    """Returns what is searched by, and for what. Raises ``InvalidRequest`` where that is not exactly one thing."""
    query = request.query
    given = [name for name in BY if query.text(name) is not None]
    if len(given) != 1:
        wrong = given[1:] or ["reference"]
        raise InvalidRequest([(name, f"send exactly one of {', '.join(BY)}") for name in wrong])
    by = given[0]
    if by not in OF_AN_ACCOUNT:
        more = [name for name in ("account", "unit") if query.text(name) is not None]
        if more:
            said = f"leave it out: a search by {by} is across accounts"
            raise InvalidRequest([(name, said) for name in more])
    return by, query.text(by) or ""


def _account(request: HttpRequest) -> str:
    """Reads the account that a key or a lot is of.

    Raises:
        InvalidRequest: it is missing, or no account's id.
        Forbidden: the caller's key is bound to another one.
    """
    text = request.query.text("account")
    if text is None:
        raise InvalidRequest([("account", "send the account that it is of")])
    account = parameters.check_identifier(text, "account")
    request.allow_account(account)
    return account


def _payment(text: str) -> str:
    """Checks the name of a payment. Raises ``InvalidRequest``."""
    if not re.fullmatch(r"[a-z]+:[A-Za-z0-9._~:@-]{1,200}", text):
        said = "must be a provider, a colon and the provider's id of the payment, as references show it"
        raise InvalidRequest([("payment", said)])
    return text


def _named(name: str, text: str) -> str:
    """Checks an id that Scrip gave out. Raises ``InvalidRequest``."""
    if not re.fullmatch(r"[A-Za-z0-9._~:@-]{1,200}", text):
        raise InvalidRequest([(name, "must be an id as an answer gave it")])
    return text
