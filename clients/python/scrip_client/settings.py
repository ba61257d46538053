"""How a coalescer and a lease work; ``AsyncScrip`` says what each of these means."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoalescerSettings:
    """How a coalescer works: see ``AsyncScrip.coalescer``, which takes the same."""

    unit: str | None = None
    journal: str | os.PathLike[str] | None = None
    fsync: bool = False
    page: int = 500
    linger: float = 0.005
    room: int = 10_000
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class LeaseSettings:
    """How a lease is kept: see ``AsyncScrip.lease``, which takes the same."""

    renew: str
    unit: str | None = None
    expires_in: str = "PT15M"
    every: float = 5.0
    journal: str | os.PathLike[str] | None = None
    fsync: bool = False
    patience: float = 30.0
