"""One event, one letter: to whom, whether at all, and that it is sent once.

A letter that was handed over is noted after it. If that fails, it is sent again: better twice than never. Does not own
what it says (``composition``), nor how it is handed over (``post``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from scrip.domain.credits.errors import NotFound
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.domain.payments.mailbox import canonical_email
from scrip.services.accounts import opt_outs, profiles
from scrip.services.catalogue import units
from scrip.services.notifications.mail.composition import EVENTS, compose
from scrip.services.notifications.mail.post import LetterRefused, PostOffice
from scrip.store.letters import SentLetters
from scrip.store.tables import Tables

STALE_MS: Final = 3 * 86_400_000
"""An event that is older is no news: one that was published again after an outage."""
REMEMBERED_SECONDS: Final = 40 * 86_400
"""How long it is known that a letter was sent: longer than an event may be published again."""

Outcome = Literal["sent", "sent_before", "no_letter", "no_address", "ended", "stale", "refused"]


@dataclass(frozen=True, slots=True)
class Written:
    """What came of an event.

    Attributes:
        code: of the refusal, where the post refused the letter.
    """

    outcome: Outcome
    code: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """What a letter needs.

    Attributes:
        link: returns where letters are ended, given the token that names the recipient.
        key: signs such tokens.
    """

    tables: Tables
    sent: SentLetters
    post: PostOffice
    link: Callable[[str], str]
    key: bytes


def write(office: Office, event: OutgoingEvent, now: int) -> Written:
    """Sends the letter about an event, where there is one and somebody wants it.

    Args:
        event: as it was on the bus.
        now: epoch milliseconds.

    Raises:
        Throttled, Unavailable: not now. It may have been sent.
    """
    if event.type not in EVENTS:
        return Written("no_letter")
    if now - event.at > STALE_MS:
        return Written("stale")
    account = event.account or ""
    profile = profiles.load(office.tables, account).profile
    if profile is None or profile.email is None:
        return Written("no_address")
    recipient = opt_outs.recipient(account, canonical_email(profile.email))
    if opt_outs.has_ended(office.tables, recipient):
        return Written("ended")
    name = _name(event)
    if office.sent.has(account, name):
        return Written("sent_before")
    link = office.link(opt_outs.token(office.key, recipient))
    letter = compose(event, profile, _unit_name(office.tables, event.data.get("unit") or ""), link)
    try:
        office.post.send(letter, profile.email, link)
    except LetterRefused as refused:
        return Written("refused", refused.code)
    office.sent.note(account, name, now // 1000 + REMEMBERED_SECONDS)
    return Written("sent")


def _name(event: OutgoingEvent) -> str:
    """Returns what a letter is known by: its event; of a low balance its entry, which may cross several thresholds."""
    if EVENTS[event.type] == "low":
        return f"low#{event.data.get('unit')}#{event.data.get('entry_id')}"
    return event.event_id


def _unit_name(tables: Tables, unit_id: str) -> str:
    """Returns what people call a unit: its name, else its id."""
    try:
        return units.get_unit(tables, unit_id).name or unit_id
    except NotFound:
        return unit_id
