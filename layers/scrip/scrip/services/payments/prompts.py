"""Prompts: what a run of dunning does at its instants, each with an order of its own and a page to pay it on.

A prompt is told first and kept then, so it is told at least once, always under the same name. Does not own what a run
is (``domain.payments.dunning``), nor who hears of a prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from scrip.domain.credits.errors import TopupNotOpen
from scrip.domain.credits.units import Unit
from scrip.domain.payments.dunning import DunningRun, Prompt
from scrip.domain.payments.order import Order
from scrip.services.engine import sweeps
from scrip.services.engine.executor import Executor
from scrip.services.engine.sweeps import Ended
from scrip.services.payments import dunning, orders, subscriptions
from scrip.services.payments.orders import OpenSession
from scrip.store import documents, due, keys
from scrip.store.tables import Item, Tables

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class MadePrompt:
    """A prompt that is told: the run, the number of the prompt, its order and unit, and when (epoch milliseconds)."""

    run: DunningRun
    number: int
    order: Order
    unit: Unit
    at: int


@dataclass(frozen=True, slots=True)
class Ways:
    """How a prompt reaches others.

    Attributes:
        open_session: opens a checkout session.
        tell: tells of a prompt; it may be told before.
        ask_grace: asks for a run's grace, given the run's id.
    """

    open_session: OpenSession
    tell: Callable[[MadePrompt], None]
    ask_grace: Callable[[str], None]


def sweep(
    executor: Executor,
    now: int,
    ways: Ways,
    time_left: Callable[[], bool],
    failed: Callable[[str, Exception], None],
) -> Ended:
    """Does what all runs have to do by ``now`` (epoch milliseconds), oldest first.

    A run that fails is passed to ``failed``, and comes again with the next sweep; the others go on.
    """
    return sweeps.sweep(
        _due(executor.tables, now), lambda id_: step(executor, id_, now, ways), time_left, failed
    )


def step(executor: Executor, dunning_id: str, now: int, ways: Ways) -> DunningRun | None:
    """Does what a run has to do by ``now``. Returns the run as it is stored then; None where it was changed meanwhile.

    Raises:
        Unavailable: a provider, the bus or a queue does not answer.
    """
    tables = executor.tables
    document = documents.get(tables, keys.dunning(dunning_id))
    if not document.body:
        return None
    run = DunningRun.from_json(document.body)
    if run.wants_grace:
        ways.ask_grace(dunning_id)
    number = run.due(now)
    if number is None:
        return run
    if _is_paid(tables, run):
        ended = replace(run, status="paid")
        return ended if dunning.put(tables, document, ended, [dunning.unmark(tables, run)]) else None
    sold = orders.get(tables, run.topup_id)
    if run.subscription_id and _is_over(tables, sold.provider, run.subscription_id):
        ended = replace(run, status="ended")
        return ended if dunning.put(tables, document, ended) else None
    order = orders.again(executor, sold, f"{run.dunning_id}.{number}", now, ways.open_session)
    for before in run.prompts:
        _cancel(tables, before.topup_id)
    ways.tell(MadePrompt(run, number, order, executor.unit(order.unit), now))
    prompt = Prompt(now, order.topup_id, order.checkout_url)

    def kept(known: DunningRun) -> DunningRun:
        """Keeps the prompt, whatever else has become of the run meanwhile: its grace was granted, say."""
        asked = known.status == "open" and known.passed < number
        return known.prompted(number, prompt) if asked else known

    return dunning.change(tables, dunning_id, kept)


def _is_over(tables: Tables, provider: str, subscription_id: str) -> bool:
    """Tells whether a subscription is over: nobody is asked to pay for what was cancelled."""
    known = subscriptions.load(tables, provider, subscription_id)
    return known is not None and known.state == "cancelled"


def _is_paid(tables: Tables, run: DunningRun) -> bool:
    """Tells whether an order of an earlier prompt is paid, or the automatic top-up itself."""
    names = [prompt.topup_id for prompt in run.prompts]
    names += [run.topup_id] if run.reason == "auto_topup_failed" else []
    known = (orders.load(tables, name) for name in names)
    return any(one.body.status in dunning.PAID for one in known if one)


def _cancel(tables: Tables, topup_id: str) -> None:
    """Cancels the order of an earlier prompt. One that was paid meanwhile stays so, and ends the run by itself."""
    try:
        orders.cancel(tables, topup_id)
    except TopupNotOpen:
        return


def _due(tables: Tables, now: int) -> Iterator[str]:
    """Yields the ids of runs that have something to do by ``now``, oldest first."""
    end: Item | None = None
    while True:
        found, end = due.listed(tables, keys.DUNNING, None, now, PAGE, end)
        yield from (item["pk"]["S"].removeprefix(keys.DUNNING_OF) for item in found)
        if end is None:
            return
