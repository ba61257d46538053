"""Answers of what spends credits, beside those of every movement: quotes and batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.wallets.entries import balance_view, draw_view, item_view
from scrip.services.engine.executor import Result
from scrip.services.wallets.balances import Balance
from scrip.services.wallets.quotes import Quote


def batch_view(
    keys: Sequence[str], results: Sequence[Result | Refusal], balance: Balance, unit: Unit
) -> dict[str, Any]:
    """What became of each burn of a batch: its status, and its entry or its problem."""
    items = [{"key": key, **item_view(result, unit)} for key, result in zip(keys, results, strict=True)]
    return {"items": items, "balance": balance_view(balance, unit)}


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
