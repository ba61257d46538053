"""Expiry: woken by a schedule, it books what time has done to wallets that nobody touched since.

Of the invocations side by side, the one with the first shard goes on with extensions of all accounts, which move ends.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from scrip import invocation, runtime
from scrip.domain.wallets.wallet import Wallet
from scrip.http.edge import schedule
from scrip.services.engine import walks
from scrip.services.wallets import extensions, sweep

MARGIN_MS: Final = 10_000
"""Milliseconds kept back for the wallets that are being booked: a sweep stops by itself, and the next one goes on."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Sweeps the shards of wallets that an event of the schedule names.

    Args:
        event: ``time`` is the schedule's instant; ``shards`` are the first and the last, all where it is missing.

    Raises:
        RuntimeError: some wallets failed; the log names them.
    """
    shards, moment = schedule.shards(event, walks.SHARDS), schedule.moment(event)

    def in_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > MARGIN_MS)

    with invocation.lasting(context):
        swept = sweep.sweep(
            runtime.executor(),
            shards,
            moment,
            in_time,
            _failed,
        )
        if 0 in shards:
            for incident, unit in extensions.running(runtime.executor().tables):
                extensions.go_on(runtime.executor(), incident, unit, moment, in_time, _not_extended)
    runtime.count(
        "Swept", shards=f"{shards[0]}-{shards[-1]}", wallets=str(swept.wallets), entries=str(swept.entries)
    )
    if swept.failed:
        raise RuntimeError(f"{swept.failed} wallets could not be booked; the log names them")
    return asdict(swept)


def _not_extended(account: str, error: Exception) -> None:
    """Logs an account whose lots could not be extended."""
    runtime.logger().error("not extended", account=account, error=f"{type(error).__name__}: {error}")


def _failed(wallet: Wallet, error: Exception) -> None:
    """Logs a wallet that could not be booked."""
    runtime.logger().error(
        "wallet not booked",
        account=wallet.account,
        unit=wallet.unit,
        error=f"{type(error).__name__}: {error}",
    )
