"""Prompts to top up as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrip.domain.credits.steps import format_amount
from scrip.domain.events.event import Event, event_id
from scrip.domain.payments.dunning import Reason as DunningReason
from scrip.http.edge.answers import MoneyView, TypedDict, money_view
from scrip.http.edge.parameters import format_instant
from scrip.services.payments.prompts import MadePrompt

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, Name, Ordinal

TYPE: Final = "scrip.topup.prompt"


class PromptEventView(TypedDict):
    """A prompt to top up, with a page to pay on."""

    topup_id: str
    """The order to pay: made for this prompt, and cancelled by the next."""
    unit: Name
    """What its credits are counted in."""
    credits: Credits
    """What the order gives, bonus included."""
    price: MoneyView
    """The total, without tax."""
    reason: DunningReason
    """What failed."""
    checkout_url: str | None
    """Where to send the buyer; null where your app opens the checkout, or where the provider took no order."""
    dunning_id: str
    """The run that the prompt is of."""
    prompt: Ordinal
    """Which of the schedule's prompts it is, from 1 on."""
    next_prompt_at: At | None
    """When there is one next, if nothing is paid; null: never."""


def prompt_event(made: MadePrompt) -> Event:
    """Makes the event of a prompt: the same whenever it is made."""
    run, order = made.run, made.order
    later = run.times[made.number :]
    data: PromptEventView = {
        "topup_id": order.topup_id,
        "unit": order.unit,
        "credits": format_amount(order.credits, made.unit.precision),
        "price": money_view(order.price),
        "reason": run.reason,
        "checkout_url": order.checkout_url,
        "dunning_id": run.dunning_id,
        "prompt": made.number,
        "next_prompt_at": format_instant(later[0]) if later else None,
    }
    return Event(event_id(TYPE, run.dunning_id, made.number), TYPE, order.account, made.at, data)
