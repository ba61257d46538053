"""Verification: goes on with the daily pass over a share of the tables, wallet by wallet. A schedule wakes it.

It may write nothing except how far the pass is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from scrip import runtime
from scrip.http.edge import schedule
from scrip.http.events.drift import drift_event
from scrip.services.events import bus
from scrip.services.verification import daily

MARGIN_MS: Final = 60_000
"""Milliseconds kept back for the wallets that are being verified: one of the largest takes half a minute."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Goes on with today's pass over one share, logs what it finds, and counts it; idle once the pass is done.

    ``share`` is the share's number, from 0, and how many shares there are.
    """
    share, shares = event["share"]
    now = schedule.now(event)

    def tell(findings: Sequence[Mapping[str, Any]], begun_at: int) -> None:
        of_wallets = [one for one in findings if "payment" not in one]
        bus.publish(runtime.bus(), [drift_event(one, begun_at, now) for one in of_wallets])

    run = daily.DailyRun(runtime.tables(), share, shares, now, runtime.now, tell)
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
