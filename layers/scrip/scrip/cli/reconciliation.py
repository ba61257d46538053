"""``scrip reconcile``: compares what a provider lists with what is stored, and feeds what is missing."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Final

from scrip import runtime
from scrip.cli.output import print_json
from scrip.domain.credits.errors import NotFound
from scrip.domain.payments.reconciliation import day_of
from scrip.providers import clients
from scrip.services.payments import reconciliation

CALL_SECONDS: Final = 20.0
"""How long a provider may take for one answer."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``reconcile``."""
    reconcile = commands.add_parser(
        "reconcile", help="compare with what a provider lists, and feed what is missing"
    )
    reconcile.add_argument("provider")
    reconcile.add_argument("--days", type=int, choices=range(1, 31), default=3, metavar="1..30")
    reconcile.set_defaults(run=_reconcile)


def _reconcile(options: argparse.Namespace) -> int:
    """Compares the last days with a provider's lists, in a pass of its own, and prints the reports.

    Returns 1 where a report has something to look at, and 2 where the provider did not answer: then the reports are of
    what was compared before.

    Raises:
        NotFound: there is no such provider, or none whose API is known.
    """
    if options.provider not in clients.names():
        known = ", ".join(sorted(clients.names()))
        raise NotFound(f"there is no provider {options.provider} with an API to ask: there are {known}")
    client = runtime.provider(options.provider, CALL_SECONDS)
    if client is None:
        print(f"scrip: there is no API key of {options.provider}", file=sys.stderr)
        return 2
    anew = True
    while True:
        run = reconciliation.Run(
            runtime.tables(), options.provider, client, runtime.pass_on, runtime.now(), lambda: True
        )
        outcome = run.go(options.days, anew=anew)
        progress, anew = reconciliation.last_pass(runtime.tables(), options.provider), False
        if outcome.done or outcome.error:
            break
        # What was fed has to be applied before anything is judged.
        time.sleep(max(0, progress.ready_at - runtime.now()) / 1000)
    days = range(progress.first, day_of(progress.until) + 1)
    found = [reconciliation.load_report(runtime.tables(), options.provider, day)[0].to_json() for day in days]
    print_json({"provider": options.provider, "error": outcome.error, "reports": found})
    if outcome.error:
        print(f"scrip: {options.provider} could not be asked: {outcome.error}", file=sys.stderr)
        return 2
    return 1 if outcome.findings else 0
