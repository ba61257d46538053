"""Verification: woken by a schedule, goes on with a share of the tables, wallet by wallet. It can write nothing but how
far it result."""

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
    run = daily.DailyRun(runtime.tables(), share, shares, schedule.now(event), runtime.now)
    result = run.go(lambda: bool(context.get_remaining_time_in_millis() > MARGIN_MS))
    named = f"{share + 1}/{shares}"
    about = {"share": named, "wallets": result.wallets, "entries": result.entries}
    for finding in result.findings:
        runtime.logger().error("verification found", **finding)
    for name in result.left:
        runtime.logger().warning("wallet not verified", wallet=name)
    if result.idle:
        return about
    runtime.measure("VerificationFindings", result.found, share=named)
    if result.done:
        runtime.measure("VerifiedWallets", result.wallets, share=named)
    else:
        runtime.count("VerificationUnfinished", share=named)
    return about
