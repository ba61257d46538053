"""Run-out: woken once an hour, it forecasts when wallets in which something moved run out, and tells of those soon."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from scrip import invocation, runtime
from scrip.http.edge import schedule
from scrip.http.events.run_outs import run_out_event
from scrip.services.events import bus, run_outs
from scrip.services.events.run_outs import Forecasts

MARGIN_MS: Final = 10_000
"""Milliseconds kept back for the wallets that are being looked at: what is left is still noted."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Looks at the wallets of the shares that an event of the schedule names.

    Args:
        event: ``time`` is the schedule's instant; ``shards`` are the first and the last share, all where it is missing.

    Raises:
        RuntimeError: some wallets failed; the log names them.
    """
    shares, now = schedule.shards(event, run_outs.SHARES), schedule.now(event)

    def in_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > MARGIN_MS)

    forecasts = Forecasts(
        runtime.tables(), run_out_event, partial(bus.publish, runtime.bus()), in_time, _failed
    )
    with invocation.lasting(context):
        looked = forecasts.look(shares, now)
    runtime.count("Forecast", shares=f"{shares[0]}-{shares[-1]}", wallets=str(looked.wallets))
    if looked.failed:
        raise RuntimeError(f"{looked.failed} wallets could not be forecast; the log names them")
    return asdict(looked)


def _failed(account: str, unit: str, error: Exception) -> None:
    """Logs a wallet that could not be forecast."""
    runtime.logger().error(
        "wallet not forecast", account=account, unit=unit, error=f"{type(error).__name__}: {error}"
    )
