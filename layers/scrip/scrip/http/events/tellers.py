"""The tellers of a deployment: whatever is told of entries, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from scrip.http.events.balances import balance_event
from scrip.http.events.budgets import budget_event
from scrip.http.events.entries import entry_event
from scrip.http.events.orders import topup_event
from scrip.http.events.runaways import runaway_event
from scrip.services.events import balances, budgets, entries, orders, runaways
from scrip.services.events.tellers import Teller


def tellers(burns: bool) -> Mapping[str, Teller]:
    """Returns what makes events of entries, by the name of its step.

    Args:
        burns: whether burns have events of their own.
    """
    return {
        "events": partial(entries.events_of, entry_event, burns),
        "alerts": partial(balances.events_of, balance_event),
        "orders": partial(orders.events_of, topup_event),
        "budgets": partial(budgets.events_of, budget_event),
        "runaways": partial(runaways.events_of, runaway_event),
    }
