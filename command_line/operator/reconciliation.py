"""``scrip reconcile``: compares what a provider lists with what is stored, and feeds what is missing."""

from __future__ import annotations

import time
from typing import Final

from command_line.mistakes import Mistake
from command_line.output import print_json, say
from scrip import runtime
from scrip.domain.credits.errors import NotFound
from scrip.domain.payments.reconciliation import day_of
from scrip.providers import clients
from scrip.services.payments import reconciliation

CALL_SECONDS: Final = 20.0
"""How long a provider may take for one answer."""


def reconcile(provider: str, days: int) -> int:
    """Compares the last days with a provider's lists, in a pass of its own, and prints the reports.

    Returns 1 where a report has something to look at, and 2 where the provider did not answer: then the reports are of
    what was compared before.

    Raises:
        NotFound: there is no such provider, or none whose API is known.
        Mistake: there is no API key of it here.
    """
    if provider not in clients.names():
        known = ", ".join(sorted(clients.names()))
        raise NotFound(f"there is no provider {provider} with an API to ask: there are {known}")
    client = runtime.provider(provider, CALL_SECONDS)
    if client is None:
        raise Mistake(f"there is no API key of {provider}")
    anew = True
    while True:
        run = reconciliation.Run(
            runtime.tables(), provider, client, runtime.pass_on, runtime.now(), lambda: True
        )
        outcome = run.go(days, anew=anew)
        progress, anew = reconciliation.last_pass(runtime.tables(), provider), False
        if outcome.done or outcome.error:
            break
        # What was fed has to be applied before anything is judged.
        time.sleep(max(0, progress.ready_at - runtime.now()) / 1000)
    compared = range(progress.first, day_of(progress.until) + 1)
    found = [reconciliation.load_report(runtime.tables(), provider, day)[0].to_json() for day in compared]
    print_json({"provider": provider, "error": outcome.error, "reports": found})
    if outcome.error:
        say(f"{provider} could not be asked: {outcome.error}")
        return 2
    return 1 if outcome.findings else 0
