"""What a look at an automatic top-up does at the very instants that count, and where others are faster.

10 points for 10.00 USD at 5 points or fewer; the wallet is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from scrip.domain.credits.errors import Contended
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Unit
from scrip.domain.events.auto_topups import AutoTopupTold
from scrip.domain.payments.auto_topup import LEASE_MS, SETTLED_MS, AutoTopup
from scrip.domain.payments.order import Order, Status
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.providers.clients import Charge, Charged, ProviderUnavailable
from scrip.services.audit.changes import Author
from scrip.services.catalogue import packs, units
from scrip.services.engine.executor import Executor, Moment
from scrip.services.payments import auto_charges, auto_topups, orders
from scrip.services.payments.auto_charges import ChargeDesk
from scrip.services.payments.auto_topups import AutoTopupRequest
from scrip.store import documents, keys
from scrip.store.tables import Tables
from tests.aws import InMemory

NOW = 1_900_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR
AUTHOR = Author("key:k1", NOW)


@dataclass
class SilentTill:
    """A provider that charges and says nothing of it, and finds nothing; what it was asked is kept."""

    key_ms: int = 0
    asked: list[str] = field(default_factory=list)
    charged: Charged | None = None

    def charge(self, wanted: Charge) -> Charged:
        self.asked.append(f"charge {wanted.key.rpartition('.')[2]}")
        if self.charged is None:
            raise ProviderUnavailable("no answer")
        return self.charged

    def find_charge(self, wanted: Charge, payment_id: str | None) -> Charged | None:
        self.asked.append(f"find {wanted.key.rpartition('.')[2]}")
        return None


class Emptied:
    """An empty wallet with an automatic top-up and a kept method, at a provider."""

    def __init__(self, key_ms: int = 0, **wanted: Any) -> None:
        self.executor = Executor(Tables(InMemory(), "wallets", "ledger"), now=lambda: NOW)  # type: ignore[arg-type]
        self.tables, self.till = self.executor.tables, SilentTill(key_ms)
        self.told: list[AutoTopupTold] = []
        self.unsold: list[tuple[str, str, str]] = []
        units.put_unit(self.executor, Unit("points", 1), Moment(NOW), AUTHOR)
        units.put_unit(self.executor, Unit("minutes", 0), Moment(NOW), AUTHOR)
        self.pack()
        kept = {**PaymentMethod("pm_1").to_json(), "at": NOW, "topup_id": "top_0"}
        assert documents.put(self.tables, keys.payment_method("ann", "dodo"), documents.NEW, kept)
        terms: dict[str, Any] = {"threshold": "5", "pack": "small", "provider": "dodo", "quantity": 1}
        terms |= {"target": None, "cap": None, "enabled": True, **wanted}
        auto_topups.put(self.executor, "ann", "points", AutoTopupRequest(**terms), AUTHOR)

    def pack(self, **more: Any) -> None:
        """Puts the pack, or another in its place."""
        told: dict[str, Any] = {
            "unit": "points",
            "price": Money(1000, "USD"),
            "provider_refs": {"dodo_on_demand": "od"},
        }
        told = {**told, "every": None, **more}
        pack = Pack(
            **{"pack": "small", "credits": "10", "prices": (), "bonus": (), "expires_in": None, **told},
            priority=50,
            tax_point="purchase",
            terms=None,
        )
        packs.put_pack(self.executor, pack, AUTHOR)

    def look(self, at: int = NOW, tell: Callable[[Sequence[AutoTopupTold]], None] | None = None) -> str:
        desk = ChargeDesk(
            executor=self.executor,
            provider=lambda _: self.till,  # type: ignore[arg-type, return-value] # as much of a client as is asked
            pass_on=lambda *_: None,
            tell=tell or self.told.extend,
            refused=lambda *_: None,
            unsold=lambda *said: self.unsold.append(said),
        )
        return auto_charges.look(desk, "ann", "points", Moment(at))

    @property
    def body(self) -> AutoTopup:
        return auto_topups.load(self.tables, "ann", "points").body

    @property
    def order(self) -> Order:
        assert self.body.topup_id
        return orders.get(self.tables, self.body.topup_id)

    def stands(self, status: Status) -> None:
        """Has the order stand so."""
        stored = orders.require(self.tables, self.order.topup_id)
        body = replace(stored.body, status=status).to_json()
        assert documents.put(self.tables, stored.pk, stored.rev, body)


@pytest.mark.parametrize("status", ["paid", "refunded", "partially_refunded", "disputed"])
def test_an_order_that_was_granted_ends_its_charge_whatever_became_of_it_since(status: Status) -> None:
    emptied = Emptied()
    assert emptied.look() == "in_flight"
    emptied.stands(status)
    emptied.till.charged = Charged("processing")
    emptied.look(NOW + 1000)
    assert [one.type for one in emptied.told][:2] == ["started", "succeeded"]
    assert len(emptied.body.charges) == 1


def test_the_same_key_is_asked_with_for_as_long_as_the_provider_knows_it() -> None:
    """It is known for an hour: from then on its lists are looked at, and after them another key is charged with."""
    for since, asked in ((HOUR - 1, ["charge 1"]), (HOUR, ["find 1", "charge 2"])):
        emptied = Emptied(key_ms=HOUR)
        emptied.look()
        emptied.till.asked.clear()
        emptied.look(NOW + since)
        assert emptied.till.asked == asked


def test_what_is_not_listed_ten_minutes_after_it_was_asked_for_was_not_charged() -> None:
    for since, asked in ((SETTLED_MS - 1, ["find 1"]), (SETTLED_MS, ["find 1", "charge 2"])):
        emptied = Emptied()
        emptied.look()
        emptied.till.asked.clear()
        emptied.look(NOW + since)
        assert emptied.till.asked == asked
        attempt = emptied.body.attempt
        assert attempt
        assert (attempt.keys, attempt.asked_at) == ((1, NOW) if len(asked) == 1 else (2, NOW + since))


def test_a_look_at_the_very_instant_of_a_charge_asks_with_the_same_key() -> None:
    """Its maker died: the lease is over when the clock stands as it did."""
    emptied = Emptied(key_ms=HOUR)
    emptied.look()
    known = auto_topups.load(emptied.tables, "ann", "points")
    attempt = known.body.attempt
    assert attempt
    later = replace(known.body, attempt=replace(attempt, asked_at=NOW + LEASE_MS))
    auto_topups.store(emptied.tables, known, later)
    emptied.till.asked.clear()
    emptied.look(NOW + LEASE_MS)
    assert emptied.till.asked == ["charge 1"]


def test_whoever_finds_others_looking_twelve_times_leaves_it_to_them() -> None:
    emptied = Emptied()
    told: list[int] = []

    def tell(_: object) -> None:
        """Somebody else has something more to tell, each time."""
        told.append(1)
        auto_topups.change(emptied.tables, "ann", "points", lambda known: replace(known, told=known.told + 1))

    with pytest.raises(Contended, match="others are looking at this automatic top-up at this moment"):
        emptied.look(tell=tell)
    # The first of the twelve begins the charge.
    assert len(told) == auto_charges.STEPS - 1 == 11


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"unit": "minutes"}, "pack: is of the unit minutes by now"),
        ({"every": "P1M"}, "the pack small is a subscription, which dodo charges by itself"),
        (
            {"provider_refs": {}},
            "the pack small names no dodo_on_demand among its provider_refs: put it there",
        ),
        ({"price": Money(1000, "IRR")}, "dodo cannot move"),
    ],
)
def test_a_pack_that_cannot_be_sold_as_it_was_is_told_of_and_waited_for(
    changed: dict[str, Any], why: str
) -> None:
    emptied = Emptied()
    emptied.pack(**changed)
    assert emptied.look() == "backing_off"
    ((account, unit, said),) = emptied.unsold
    assert (account, unit) == ("ann", "points")
    assert why in said
    assert (emptied.body.next_at, emptied.till.asked) == (NOW + HOUR, [])


def test_a_target_is_reached_with_the_fewest_packs_of_which_none_is_said() -> None:
    """The wallet is empty, and 25 points are wanted: three packs."""
    emptied = Emptied(quantity=None, target="25")
    emptied.look()
    assert (emptied.order.quantity, emptied.order.credits) == (3, 300)
    assert (emptied.order.return_url, emptied.order.actor, emptied.order.automatic) == (
        "",
        "auto_topup",
        True,
    )
