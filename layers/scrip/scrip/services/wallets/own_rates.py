"""An account's own rate cards, as an administrator puts them, ends them and reads them.

Does not own what a card does (``domain.wallets.own_rates``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.credits.rate_cards import RateDefinition
from scrip.domain.wallets import own_rates
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.own_rates import OwnRateVersion
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Found, read_on
from scrip.services.engine.reads import read
from scrip.store import items, keys, lists


@dataclass(frozen=True, slots=True)
class OwnRateCard:
    """An account's own card of a meter: the versions that are kept, oldest first."""

    account: str
    meter: str
    versions: Sequence[OwnRateVersion]

    @property
    def newest(self) -> OwnRateVersion:
        """Returns the version that was put last."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class OwnRateRequest:
    """A request about an account's own card of a meter: who asks, and when.

    It has no key: to ask for the same again changes nothing.
    """

    account: str
    meter: str
    actor: str
    moment: Moment
    actor_name: str | None = None

    def cause(self, unit: str, seq: int) -> Cause:
        """Returns the cause of the entry that changes the card, the wallet's ``seq``-th."""
        entry_id = time_entry_id(self.account, unit, seq)
        return Cause(entry_id, "", self.actor, ("rate", self.meter), actor_name=self.actor_name)


def put(
    executor: Executor, wanted: RateDefinition, request: OwnRateRequest, unit: str | None
) -> tuple[OwnRateCard, bool]:
    """Puts the card's next version; the same price again makes none. Returns the card, and whether it is new.

    Args:
        unit: in which the price is said to be; None: in the meter's.

    Raises:
        NotFound: there is no such meter.
        PolicyViolation: the meter has another unit (``rate_unit``); or as ``domain.wallets.own_rates.put``.
        InvalidRequest: the definition is too long.
        WalletClosed, Contended.
    """
    wanted.check_size()
    counted = unit_of(executor, request.meter)
    if unit not in (None, counted):
        raise PolicyViolation(f"the meter is counted in {counted}", policy="rate_unit")
    wanted = replace(wanted, unit=counted)
    new, found = False, list[OwnRateVersion]()

    def act(draft: Draft, now: int) -> Entry | None:
        nonlocal new, found
        known = own_rates.versions_of(draft, request.meter)
        new = not known or not known[-1].price
        cause = request.cause(counted, draft.next_seq)
        entry = own_rates.put(draft, request.meter, wanted, now, cause)
        found = own_rates.versions_of(draft, request.meter)
        return entry

    executor.change(executor.context(request.account, counted), request.moment, act)
    return OwnRateCard(request.account, request.meter, found), new


def delete(executor: Executor, request: OwnRateRequest) -> None:
    """Ends the card: the meter's own counts from now on.

    Raises:
        NotFound: there is no such meter, or the account has no card of its own for it.
        WalletClosed, Contended.
    """
    unit = unit_of(executor, request.meter)

    def act(draft: Draft, now: int) -> Entry:
        return own_rates.end(draft, request.meter, now, request.cause(unit, draft.next_seq))

    executor.change(executor.context(request.account, unit), request.moment, act)


def get(executor: Executor, account: str, meter: str) -> OwnRateCard:
    """Returns an account's own card of a meter.

    Raises:
        NotFound: there is no such meter, or the account has no card of its own for it.
    """
    context = executor.context(account, unit_of(executor, meter), fresh=True)
    found = read(executor, context, lambda draft: own_rates.versions_of(draft, meter))
    if not found or not found[-1].price:
        raise NotFound(f"{account} has no card of its own for {meter}: the meter's counts", meter=meter)
    return OwnRateCard(account, meter, found)


def list_cards(
    executor: Executor, account: str, unit_id: str, limit: int, after: str | None
) -> Found[str, OwnRateCard]:
    """Returns a page of an account's own cards in a unit, in the order of their meters.

    Raises:
        NotFound: there is no such unit.
    """
    executor.unit(unit_id)
    tables, pk = executor.tables, keys.wallet(account, unit_id)
    first, last = keys.sidecar(own_rates.KIND, lists.FIRST), keys.sidecar(own_rates.KIND, lists.LAST)

    def look(after: str | None, count: int) -> tuple[Sequence[tuple[str, OwnRateCard | None]], str | None]:
        place = None if after is None else keys.sidecar(own_rates.KIND, after)
        rows, following = lists.rows(tables, pk, count, first=first, last=last, after=place)
        found: list[tuple[str, OwnRateCard | None]] = []
        for row in rows:
            _, meter = keys.sidecar_name(row["sk"]["S"])
            card = OwnRateCard(account, meter, own_rates.read(items.read_sidecar(row)))
            found.append((meter, card if card.newest.price else None))
        return found, None if following is None else keys.sidecar_name(following)[1]

    return read_on(look, after, limit)


def unit_of(executor: Executor, meter: str) -> str:
    """Returns the unit that a meter is counted in. Raises ``NotFound`` where there is no such meter."""
    return executor.rates(meter)[-1].unit
