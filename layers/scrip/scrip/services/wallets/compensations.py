"""Compensations: one incident that many accounts are compensated for, each of them once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Final

from scrip.domain.credits import members
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.errors import Refusal, Throttled, Unavailable
from scrip.domain.credits.ids import business_key
from scrip.domain.credits.units import Unit
from scrip.services.engine.executor import Executor
from scrip.services.engine.paging import Found
from scrip.services.engine.requests import ItemOutcome, WalletRequest, execute
from scrip.services.wallets.grants import GrantCredits, LotTerms
from scrip.store import documents, keys, lists
from scrip.store.tables import Tables

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
class RecordedIncident:
    """What is kept of an incident that accounts are compensated for, from the first request on.

    Attributes:
        actor, actor_name, reason: who asked first, and why.
        at: when that was, epoch milliseconds.
    """

    incident: str
    unit: str
    actor: str
    reason: str | None
    at: int
    actor_name: str | None = members.added()


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
    _record(executor.tables, incident, amounts[0][0])
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


def incidents(tables: Tables, limit: int, after: str | None) -> Found[str, RecordedIncident]:
    """Returns a page of the incidents that accounts are compensated for, by name and unit."""
    places = lists.page(tables, keys.COMPENSATIONS, limit, after=after)
    names = {sk: keys.compensation(*sk.split("#")) for sk in places.found}
    known = documents.get_many(tables, names.values())
    found = [(sk, RecordedIncident(**known[pk].body)) for sk, pk in names.items()]
    return Found(found, places.following)


def _record(tables: Tables, incident: Incident, request: WalletRequest) -> None:
    """Keeps that accounts are compensated for an incident, before the first of them is; once for ever."""
    pk = keys.compensation(incident.name, incident.unit)
    if documents.get(tables, pk).rev != documents.NEW:
        return
    said = (request.actor, request.reason, request.moment.at, request.actor_name)
    kept = RecordedIncident(incident.name, incident.unit, *said)
    place = lists.add(tables, keys.COMPENSATIONS, keys.incident(incident.name, incident.unit))
    documents.put_with(tables, pk, documents.NEW, members.of(kept), [place])
