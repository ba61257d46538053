"""Verification: woken by a schedule, goes on with a share of the tables, wallet by wallet. It can write nothing but how
far it came."""

from collections.abc import Mapping
from typing import Any, Final

from scrip import runtime
from scrip.http.edge import schedule
from scrip.services.verification import daily

MARGIN_MS: Final = 60_000
"""Time kept back for the wallets in hand: one of the largest takes half a minute."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """``share``: its number from 0, and how many there are. Today's pass over it goes on; once it is through, nothing
    is done until tomorrow."""
    share, shares = event["share"]
    night = daily.Night(runtime.tables(), share, shares, schedule.now(event), runtime.now)
    came = night.go(lambda: bool(context.get_remaining_time_in_millis() > MARGIN_MS))
    named = f"{share + 1}/{shares}"
    about = {"share": named, "wallets": came.wallets, "entries": came.entries}
    for finding in came.findings:
        runtime.logger().error("verification found", **finding)
    for name in came.left:
        runtime.logger().warning("wallet not verified", wallet=name)
    if came.idle:
        return about
    runtime.measure("VerificationFindings", came.found, share=named)
    if came.done:
        runtime.measure("VerifiedWallets", came.wallets, share=named)
    else:
        runtime.count("VerificationUnfinished", share=named)
    return about
