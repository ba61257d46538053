"""What is told of lots: that one is to end, and the notice that says so.

Does not own which notices are due (``domain.wallets.announcements``), nor what an event shows (``scrip.http.events``).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final, NamedTuple

from scrip.domain.credits.ids import lot_id
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.notices import Notice

NOTICE_PATTERN: Final = r"^notice_[0-9a-f]{12}_[A-Za-z0-9_-]{22}$"
"""Every notice's id: when it is due, and which it is. So ids sort as the notices are due."""


@dataclass(frozen=True, slots=True)
class LotExpiring:
    """A notice that a lot is to end. Amounts in steps, instants in epoch milliseconds.

    Attributes:
        seq: the lot's sequence within its wallet.
        remaining: what is left of it, without what holds have set aside.
        expires_at: its end, as callers say it.
        span: how long before that the notice was due, ISO 8601.
        at: when it was found to be due.
        required: whether the lot ends only if such a notice was delivered in time.
    """

    notice_id: str
    account: str
    unit: Unit
    seq: int
    remaining: int
    expires_at: int
    span: str
    at: int
    required: bool

    @property
    def lot_id(self) -> str:
        """Returns the lot's id."""
        return lot_id(self.account, self.unit.unit, self.seq)


class NoticeDelivery(NamedTuple):
    """That a notice was delivered: by which channel, to what, with which status and when (epoch milliseconds)."""

    channel: str
    to: str
    status: str
    at: int


class GivenNotice(NamedTuple):
    """A notice that is kept, and its deliveries, earliest first.

    ``lot`` is the sequence of its lot, ``span`` how long before the end it was due (ISO 8601), ``remaining`` the credit
    steps that were left. Instants are epoch milliseconds: when the lot ends, and when the notice was found to be due.
    ``required``: the lot ends only if such a notice was delivered in time.
    """

    notice_id: str
    lot: int
    span: str
    expires_at: int
    remaining: int
    at: int
    required: bool
    deliveries: tuple[NoticeDelivery, ...] = ()


def lot_expiring(account: str, unit: Unit, notice: Notice, at: int) -> LotExpiring:
    """Returns what a notice that was found to be due at this instant says."""
    lot = notice.lot
    return LotExpiring(
        notice_id(account, unit.unit, notice),
        account,
        unit,
        lot.seq,
        lot.remaining,
        notice.expires_at,
        notice.span,
        at,
        bool(lot.notices & 1 and lot.cost),
    )


def notice_id(account: str, unit: str, notice: Notice) -> str:
    """Returns the id of a notice: the same for ever for this lot, this span and this end, and no other's."""
    said = "\x00".join(map(str, (account, unit, notice.lot.seq, notice.span, notice.expires_at)))
    digest = hashlib.sha256(said.encode()).digest()[:16]
    return f"notice_{max(0, notice.at):012x}_{base64.urlsafe_b64encode(digest).rstrip(b'=').decode('ascii')}"
