"""The sweep of one account, as tests wake it."""

from __future__ import annotations

from typing import Any, Final

from scrip.store import keys
from tests.aws import Deployment

NOTHING: Final = {"wallets": 0, "entries": 0, "failed": 0, "done": True}
"""What it answers where nothing is due."""


def shard(account: str) -> int:
    return int(keys.shard(keys.wallet(account, "credits")))


def sweep(scrip: Deployment, account: str, at: str | None = None) -> Any:
    """A sweep of the account's shard: 64 of them take their time."""
    return scrip.sweep(at, shards=[shard(account), shard(account)])
