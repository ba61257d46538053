"""Quotes of burns: the answer."""

from __future__ import annotations

from typing import Any

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.wallets.entries import draw_view
from scrip.services.wallets.quotes import Quote


def quote_view(quote: Quote, unit: Unit) -> dict[str, Any]:
    """What a burn would do. ``refusal`` is the code of the refusal it would meet."""
    precision = unit.precision
    return {
        "amount": format_amount(quote.amount, precision),
        "draws": [draw_view(draw, precision) for draw in quote.draws],
        "available_after": format_amount(quote.available_after, precision),
        "rate_version": quote.rate_version,
        "allowed": quote.refusal is None,
        "refusal": quote.refusal,
    }
