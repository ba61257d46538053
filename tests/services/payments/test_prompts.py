"""What a run of dunning does where something was paid, or done by somebody else, while nobody looked.

10 points for 10.00 USD; prompts at the failure and a day later.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Unit
from scrip.domain.payments.dunning import DunningRun, Grace, Reason, Schedule
from scrip.domain.payments.order import Order, OrderRequest
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.subscription import Standing, State, Subscription
from scrip.providers.clients import Sale, Session
from scrip.services.audit.changes import Author
from scrip.services.catalogue import packs, units
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import Caller
from scrip.services.payments import dunning, graces, orders, prompts
from scrip.services.payments.dunning import Failure
from scrip.services.payments.prompts import MadePrompt, Ways
from scrip.store import documents, keys, lists
from scrip.store.tables import Tables
from tests.aws import InMemory

NOW = 1_900_000_000_000
DAY = 86_400_000
AUTHOR = Author("key:k1", NOW)


def _no_session(provider: str, sale: Sale) -> Session:
    raise AssertionError(f"{provider} opens no checkout here for {sale.topup_id}")


class Dunned:
    """A failure of an order, and what was told of it."""

    def __init__(self, reason: Reason = "renewal_failed", grace: Grace | None = None) -> None:
        self.executor = Executor(Tables(InMemory(), "wallets", "ledger"), now=lambda: NOW)  # type: ignore[arg-type]
        self.tables = self.executor.tables
        self.told: list[MadePrompt] = []
        units.put_unit(self.executor, Unit("points", 1), Moment(NOW), AUTHOR)
        pack = Pack("small", "points", "10", Money(1000, "USD"), (), None, (), None, 50, "purchase", None, {})
        packs.put_pack(self.executor, pack, AUTHOR)
        dunning.put_schedule(self.tables, Schedule(("PT0S", "P1D"), grace), AUTHOR)
        self.order = self.ordered("first")
        failure = Failure(self.order, reason, ("renewal", "1"), NOW, "sub_1")
        run = dunning.begin(self.tables, failure, NOW)
        assert run
        self.id = run.dunning_id

    def ordered(self, key: str) -> Order:
        wanted = OrderRequest("ann", "small", 1, "standard", "https://shop.example.test")
        return orders.order(self.executor, wanted, Caller(key, "key:k1", Moment(NOW)), _no_session)[0]

    @property
    def run(self) -> DunningRun:
        run = dunning.load(self.tables, self.id)
        assert run
        return run

    @property
    def ways(self) -> Ways:
        return Ways(_no_session, self.told.append, lambda _: None)

    def step(self, at: int, ways: Ways | None = None) -> DunningRun | None:
        return prompts.step(self.executor, self.id, at, ways or self.ways)

    def pays(self, topup_id: str) -> None:
        """Has an order be paid while nothing has followed from it yet."""
        stored = orders.require(self.tables, topup_id)
        assert documents.put(
            self.tables, stored.pk, stored.rev, replace(stored.body, status="paid").to_json()
        )

    def stands(self, state: State) -> None:
        """Has the subscription stand so at its provider."""
        known = Subscription("standard", "sub_1", self.order.topup_id, "ann", "points")
        known = known.heard(Standing("sub_1", state, NOW))
        pk = keys.renewal("standard", "sub_1")
        assert documents.put(self.tables, pk, documents.get(self.tables, pk).rev, known.to_json())

    @property
    def marked(self) -> bool:
        """Tells whether the run is among those that nothing was paid after."""
        return lists.has(self.tables, keys.account("ann"), keys.dunned("points", self.id))


def test_a_run_that_there_is_not_has_nothing_to_do() -> None:
    dunned = Dunned()
    assert prompts.step(dunned.executor, "dun_none", NOW, dunned.ways) is None
    assert dunned.told == []


def test_a_run_ends_where_the_order_of_its_prompt_was_paid_and_nobody_has_said_so_yet() -> None:
    dunned = Dunned()
    dunned.step(NOW)
    assert len(dunned.told) == 1
    assert dunned.marked
    dunned.pays(dunned.run.prompts[0].topup_id)
    ended = dunned.step(NOW + DAY)
    assert ended == dunned.run
    assert (dunned.run.status, len(dunned.told), dunned.marked) == ("paid", 1, False)


@pytest.mark.parametrize(("reason", "told"), [("auto_topup_failed", 0), ("renewal_failed", 1)])
def test_an_automatic_top_up_that_is_paid_ends_its_run_and_the_first_order_of_a_subscription_does_not(
    reason: Reason, told: int
) -> None:
    dunned = Dunned(reason)
    dunned.pays(dunned.order.topup_id)
    dunned.step(NOW)
    assert len(dunned.told) == told
    assert dunned.run.status == ("open" if told else "paid")


@pytest.mark.parametrize(("state", "status", "told"), [("cancelled", "ended", 0), ("past_due", "open", 1)])
def test_a_subscription_that_is_over_ends_its_run_unpaid(state: State, status: str, told: int) -> None:
    dunned = Dunned()
    dunned.stands(state)
    assert dunned.step(NOW) == dunned.run
    assert (dunned.run.status, len(dunned.told), dunned.marked) == (status, told, True)


@pytest.mark.parametrize("why", ["paid", "over"])
def test_a_run_that_somebody_has_changed_meanwhile_is_left_to_the_next_look(why: str) -> None:
    """Grace is granted between the look at the run and its end."""
    dunned = Dunned(grace=Grace("1", "P1D"))
    dunned.step(NOW)
    if why == "paid":
        dunned.pays(dunned.run.prompts[0].topup_id)
    else:
        dunned.stands("cancelled")

    def granted(_: str) -> None:
        dunning.change(dunned.tables, dunned.id, lambda run: replace(run, grace_entry_id="k.1"))

    ways = Ways(_no_session, dunned.told.append, granted)
    assert dunned.step(NOW + DAY, ways) is None
    assert (dunned.run.status, dunned.run.grace_entry_id) == ("open", "k.1")
    ended = dunned.step(NOW + DAY)
    assert ended
    assert ended.status == ("paid" if why == "paid" else "ended")


def test_a_prompt_that_somebody_else_has_kept_meanwhile_is_kept_once() -> None:
    dunned = Dunned()

    def tell(made: MadePrompt) -> None:
        dunned.told.append(made)
        if len(dunned.told) == 1:
            dunned.step(NOW)

    assert dunned.step(NOW, Ways(_no_session, tell, lambda _: None)) is None
    assert len({made.order.topup_id for made in dunned.told}) == 1
    assert (len(dunned.told), len(dunned.run.prompts), dunned.run.passed) == (2, 1, 1)


def test_a_prompt_of_a_run_that_is_paid_meanwhile_is_not_kept() -> None:
    dunned = Dunned()

    def tell(made: MadePrompt) -> None:
        dunned.told.append(made)
        dunning.paid(dunned.tables, "ann", "points", NOW, granted=True)

    assert dunned.step(NOW, Ways(_no_session, tell, lambda _: None)) is None
    assert (dunned.run.status, dunned.run.prompts) == ("paid", ())


def test_grace_is_granted_to_a_run_that_there_is_and_that_wants_some() -> None:
    without, dunned = Dunned(), Dunned(grace=Grace("1", "P1D"))
    assert graces.grant(dunned.executor, "dun_none", Moment(NOW)) is None
    assert graces.grant(without.executor, without.id, Moment(NOW)) is None
    granted = graces.grant(dunned.executor, dunned.id, Moment(NOW))
    assert granted
    assert granted.grace_entry_id
    assert graces.grant(dunned.executor, dunned.id, Moment(NOW)) is None
