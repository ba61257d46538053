"""Quotes of burns: the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import TypedDict
from scrip.http.wallets.entries import DrawView, draw_view
from scrip.services.wallets.quotes import Quote

if TYPE_CHECKING:
    from scrip.http.edge.forms import Credits


class QuoteView(TypedDict):
    """What a burn would do, were it made now."""

    amount: Credits
    """What it would cost."""
    draws: list[DrawView]
    """What it would take, in this order; nothing where it would be refused."""
    available_after: Credits
    """What could be spent after it."""
    rate_version: int | None
    """The version of the rate card that priced it; null without meter."""
    allowed: bool
    """Whether it would be carried out."""
    refusal: str | None
    """The code of the refusal that it would meet."""


def quote_view(account: str, quote: Quote, unit: Unit) -> QuoteView:
    """Shows what a burn of the account would do: it has moved nothing."""
    precision = unit.precision
    return {
        "amount": format_amount(quote.amount, precision),
        "draws": [draw_view(draw, account, unit) for draw in quote.draws],
        "available_after": format_amount(quote.available_after, precision),
        "rate_version": quote.rate_version,
        "allowed": quote.refusal is None,
        "refusal": quote.refusal,
    }
