"""Changes of a wallet's status: the body. The answer is that of any movement (``movements``)."""

from __future__ import annotations

from typing import ClassVar

from scrip.http.edge.bodies import MovementBody


class StatusBody(MovementBody):
    """Why a wallet is frozen, unfrozen or closed."""

    may_be_missing: ClassVar[bool] = True
