"""Batches of burns: the bodies and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, model_validator

from scrip.domain.credits import limits
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body
from scrip.http.edge.mistakes import matching
from scrip.http.edge.parameters import KEY_FORM, KEY_PATTERN
from scrip.http.wallets.balances import BalanceView, balance_view
from scrip.http.wallets.burns import BurnBody
from scrip.http.wallets.entries import OutcomeView, outcome_view
from scrip.services.engine.requests import ItemOutcome
from scrip.services.wallets.balances import Balance

EntryKey = Annotated[str, matching(KEY_PATTERN, KEY_FORM)]


class BatchedBurnBody(BurnBody):
    """One burn of a batch."""

    key: EntryKey
    """The burn's own idempotency key."""


class BatchBody(Body):
    """Burns of one wallet, carried out in order."""

    burns: Annotated[list[BatchedBurnBody], Field(min_length=1, max_length=limits.BATCH_BURNS)]
    """Burns of one wallet, each with a key of its own; a key comes once."""

    @model_validator(mode="after")
    def _of_one_wallet(self) -> BatchBody:
        keys: set[str] = set()
        meters = {meter for burn in self.burns for meter in burn.command().meters}
        if len(meters) > limits.BATCH_BURNS:
            raise ValueError(f"burns: a batch may be of {limits.BATCH_BURNS} different meters at most")
        for number, burn in enumerate(self.burns):
            if burn.key in keys:
                raise ValueError(f"burns.{number}.key: use each key once in a batch")
            if burn.unit != self.burns[0].unit:
                raise ValueError(f"burns.{number}.unit: must be the unit of the first burn")
            keys.add(burn.key)
        return self


class BatchItemView(OutcomeView):
    """What became of one burn."""

    key: str
    """The idempotency key that the request gave it."""


class BatchView(TypedDict):
    """What became of each burn, and the balance then."""

    items: list[BatchItemView]
    """In the order of the request."""
    balance: BalanceView
    """What is there after all of them."""


def batch_view(
    keys: Sequence[str], outcomes: Sequence[ItemOutcome], balance: Balance, unit: Unit
) -> BatchView:
    """Shows what became of each burn of a batch: its status, and its entry or its problem."""
    items: list[BatchItemView] = [
        {"key": key, **outcome_view(outcome, unit)} for key, outcome in zip(keys, outcomes, strict=True)
    ]
    return {"items": items, "balance": balance_view(balance, unit)}
