"""Compensations: one incident that many accounts are compensated for, each of them once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Final

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.errors import Refusal, Throttled, Unavailable
from scrip.domain.credits.ids import business_key
from scrip.domain.credits.units import Unit
from scrip.services.engine.executor import Executor
from scrip.services.engine.requests import ItemOutcome, WalletRequest, execute
from scrip.services.wallets.grants import GrantCredits, LotTerms

WORKERS: Final = 8
"""Accounts compensated side by side: the time goes into waiting for the table."""


@dataclass(frozen=True, slots=True)
class Incident:
    """What many accounts are compensated for, in which unit, and on what terms."""

    name: str
    unit: str
    terms: LotTerms

    @property
    def key(self) -> str:
        """Returns the key of each account's grant, by which an account is compensated once for ever."""
        return business_key("compensation", self.name)


@dataclass(frozen=True, slots=True)
class Compensated:
    """What became of one account of an incident."""

    account: str
    outcome: ItemOutcome


def compensate(
    executor: Executor,
    incident: Incident,
    amounts: Sequence[tuple[WalletRequest, str]],
    time_left: Callable[[], bool],
) -> tuple[Sequence[Compensated], Unit]:
    """Grants each account its amount for an incident, once for ever. The requests have the incident's key.

    An account that is refused does not keep the others. Where the time is up, or the table is busy, the rest are
    answered ``Unavailable``: the same request again goes on where this one ended.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest, PrecisionExceeded, AmountOutOfRange: an amount is none of the unit; nobody was granted any.
    """
    unit = executor.unit(incident.unit)
    for amount in dict.fromkeys(amount for _, amount in amounts):
        parse_amount(amount, unit.precision)

    busy = Event()

    def one(of: tuple[WalletRequest, str]) -> Compensated:
        request, amount = of
        account = request.account
        if busy.is_set() or not time_left():
            return Compensated(
                account, ItemOutcome(refusal=Unavailable("not done yet: send the same request again"))
            )
        try:
            done, _ = execute(executor, GrantCredits(amount, incident.terms, incident.name), request)
            return Compensated(account, ItemOutcome(done))
        except Refusal as refusal:
            if isinstance(refusal, Throttled):
                busy.set()
            return Compensated(account, ItemOutcome(refusal=refusal))

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, amounts)), unit
