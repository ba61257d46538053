"""Every type of event that there is, with the type of its data and when it is told.

``make openapi`` writes events/schemas from it, and an example of each type that has none. A new type is a line here,
and a view of its data in a module beside this one.
"""

from __future__ import annotations

from typing import Final, NamedTuple, get_args

from scrip.domain.credits.entries import EntryKind
from scrip.domain.notifications.endpoint import DISABLED, TEST
from scrip.http.events import prompts
from scrip.http.events.auto_topups import TYPE as AUTO_TOPUP
from scrip.http.events.auto_topups import AutoTopupEventView
from scrip.http.events.balances import BalanceEventView
from scrip.http.events.budgets import REACHED, WARNING, BudgetEventView
from scrip.http.events.drift import DRIFT, WalletDriftEventView
from scrip.http.events.entries import TYPE, EntryEventView
from scrip.http.events.lots import EXPIRING, LotExpiringView
from scrip.http.events.orders import PARKED, PaymentParkedEventView, TopupEventView
from scrip.http.events.prompts import PromptEventView
from scrip.http.events.run_outs import RunOutEventView
from scrip.http.events.runaways import TYPE as RUNAWAY
from scrip.http.events.runaways import RunawayEventView
from scrip.http.events.usage_rejections import TYPE as USAGE_REJECTED
from scrip.http.events.usage_rejections import UsageRejectedEventView
from scrip.http.events.webhook_endpoints import EndpointDisabledEventView, EndpointTestEventView


class EventType(NamedTuple):
    """A type of events.

    Attributes:
        data: the view of its ``data``.
        said: when it is told, a sentence.
        schema: the name of its schema's file, where several types have one.
        of_account: whether it is always about an account, its ``subject``.
        of_entry: whether it follows from entries, so that the ledger can make it again. Any other is kept for replays.
    """

    data: type
    said: str
    schema: str = ""
    of_account: bool = True
    of_entry: bool = False


TYPES: Final[dict[str, EventType]] = {
    f"{TYPE}.{kind}": EventType(
        EntryEventView, f"An entry of kind `{kind}` was written to the ledger.", TYPE, of_entry=True
    )
    for kind in get_args(EntryKind)
} | {
    "scrip.balance.low": EventType(
        BalanceEventView,
        "Available credits fell to a threshold of the wallet's alerts, or below it.",
        of_entry=True,
    ),
    "scrip.balance.recovered": EventType(
        BalanceEventView,
        "Available credits rose above a threshold again, of which `scrip.balance.low` was told.",
        of_entry=True,
    ),
    "scrip.balance.run_out_soon": EventType(
        RunOutEventView,
        "The forecast run-out of a wallet came within a number of days of its alerts: told once, until it is further "
        "off again.",
    ),
    "scrip.balance.depleted": EventType(
        BalanceEventView, "Available credits fell to nothing.", of_entry=True
    ),
    WARNING: EventType(
        BudgetEventView, "What is spent of a budget passed a percentage of its limit.", of_entry=True
    ),
    REACHED: EventType(BudgetEventView, "All of a budget is spent, or more.", of_entry=True),
    RUNAWAY: EventType(
        RunawayEventView,
        "A wallet spent faster than the breaker of its unit allows, and was frozen if that says so.",
        of_entry=True,
    ),
    "scrip.topup.paid": EventType(
        TopupEventView, "An order was paid, and its credits were granted.", of_entry=True
    ),
    "scrip.topup.failed": EventType(TopupEventView, "An attempt to pay an order failed, and it is not paid."),
    "scrip.topup.refunded": EventType(
        TopupEventView,
        "Credits of an order went back, all or some: it was refunded, or a dispute was lost.",
        of_entry=True,
    ),
    "scrip.topup.disputed": EventType(TopupEventView, "The payment of an order is disputed."),
    PARKED: EventType(PaymentParkedEventView, "A payment waits for a person.", of_account=False),
    DRIFT: EventType(
        WalletDriftEventView, "The daily verification found that a wallet's ledger does not add up."
    ),
    USAGE_REJECTED: EventType(
        UsageRejectedEventView, "An event of usage had been accepted, and could not be burned."
    ),
    EXPIRING: EventType(LotExpiringView, "A lot is to end, and a notice of it is due."),
    DISABLED: EventType(
        EndpointDisabledEventView,
        "A webhook endpoint was disabled: it answered 410, or failed for five days.",
        of_account=False,
    ),
    TEST: EventType(
        EndpointTestEventView,
        "Somebody asked for a test of a webhook endpoint. It is on no bus.",
        of_account=False,
    ),
    prompts.TYPE: EventType(
        PromptEventView, "A renewal or an automatic top-up failed, and its run of dunning has a prompt now."
    ),
    **{
        f"{AUTO_TOPUP}.{what}": EventType(AutoTopupEventView, said)
        for what, said in {
            "started": "An automatic top-up made an order, and charges it.",
            "succeeded": "An automatic top-up was paid, and its credits are there.",
            "failed": "An automatic top-up could not be charged, for now; or the cap is met, once for each period.",
            "needs_action": "An automatic top-up waits for the buyer: without them nothing can be charged.",
            "suspended": "An automatic top-up has given up, until it is put again or a payment tops up the wallet.",
        }.items()
    },
}
"""By name."""
