"""How a coalescer and a lease work; ``AsyncScrip`` says what each of these means."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What both have."""

    unit: str | None = None
    member: str | None = None
    tags: Mapping[str, str] | None = None
    journal: str | os.PathLike[str] | None = None
    fsync: bool = False
    patience: float = 30.0

    @property
    def marks(self) -> dict[str, Any]:
        """Who uses the credits, and what for, as entries have it; nothing where nobody said."""
        said = {"member": self.member, "tags": None if self.tags is None else dict(self.tags)}
        return {name: value for name, value in said.items() if value is not None}

    def journal_of(self, kind: str, account: str) -> dict[str, Any]:
        """Returns what a journal is of: another's records are not sent as these."""
        return {"kind": kind, "account": account, "unit": self.unit, **self.marks}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoalescerSettings(Settings):
    """How a coalescer works."""

    page: int = 500
    linger: float = 0.005
    room: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseSettings(Settings):
    """How a lease is kept."""

    renew: str
    expires_in: str = "PT15M"
    every: float = 5.0
