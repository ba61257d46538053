"""What automatic top-ups have to tell. Does not own when it is told (``domain.payments.auto_topup``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AutoTopupType = Literal["started", "succeeded", "failed", "needs_action", "suspended"]
"""What happened to an automatic top-up."""


@dataclass(frozen=True, slots=True)
class AutoTopupTold:
    """Something that happened to a wallet's automatic top-up.

    Attributes:
        number: of what it has told, from 1 on: with the wallet it names this telling for ever.
        at: epoch milliseconds.
        topup_id: the order that it is about; None: of none.
        next_attempt_at: when it tries again; None: it does not.
    """

    type: AutoTopupType
    account: str
    unit: str
    number: int
    at: int
    topup_id: str | None
    reason: str | None
    next_attempt_at: int | None
