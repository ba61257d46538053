"""What an operation costs: calls and write units, counted by the local AWS, not timed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pytest

from scrip.domain.credits.entries import Cause
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.lots import Money
from scrip.domain.credits.rate_cards import RateDefinition
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import grants, holds
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.audit.changes import OPERATOR, Author
from scrip.services.catalogue import rates
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.verification import wallets as verifying
from scrip.services.wallets import holds as holding
from scrip.services.wallets.batches import BatchedBurn, execute_batch
from scrip.services.wallets.burns import BurnCredits
from scrip.store import items, keys
from tests.stack.conftest import App

NOW = 1_800_000_000_000
YEAR = 365 * 24 * 3600 * 1000


@dataclass
class Bill:
    """The calls made, by name, the items of their transactions, and their units on tables and indexes together."""

    calls: list[str] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    units: float = 0

    def ask(self, params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        self.items.append(len(params.get("TransactItems", [])))

    def note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append(model.name)
        consumed = parsed.get("ConsumedCapacity", [])
        self.units += sum(
            one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed])
        )

    def reset(self) -> None:
        self.calls, self.items, self.units = [], [], 0


@pytest.fixture
def bill(executor: Executor) -> Iterator[Bill]:
    bill, events = Bill(), executor.tables.client.meta.events
    events.register("provide-client-params.dynamodb", bill.ask)
    events.register("after-call.dynamodb", bill.note)
    yield bill
    events.unregister("provide-client-params.dynamodb", bill.ask)
    events.unregister("after-call.dynamodb", bill.note)


def many_lots(executor: Executor, account: str, count: int) -> None:
    """A wallet with ``count`` lots of 10 credits, each expiring a second after the one before it: one decision of the
    domain's own, written in bulk, as so many grants would have left it."""
    draft = Draft(Snapshot(Wallet(account, "credits", "priority_expiry_cost")))
    for number in range(count):
        order = grants.Grant(
            amount=10_000_000, kind="paid", cost=Money(100, "USD"), expires_at=NOW + YEAR + number * 1000
        )
        cause = Cause(key_entry_id(account, "credits", f"grant-{number}"), "bulk", "test")
        grants.grant(draft, order, Policy(), NOW, cause)
    _write(executor, draft.decision())


def _write(executor: Executor, decision: Decision) -> None:
    pk = keys.wallet(decision.wallet.account, decision.wallet.unit)
    wallets = [items.wallet_item(decision.wallet)]
    wallets += [items.page_item(pk, page) for page in decision.pages.values() if page]
    wallets += [items.due_item(pk, due) for due in decision.dues.values() if due]
    wallets += [
        items.sidecar_item(pk, name, sidecar) for name, sidecar in decision.sidecars.items() if sidecar
    ]
    for table, rows in (
        (executor.tables.wallets, wallets),
        (executor.tables.ledger, [items.entry_item(entry) for entry in decision.entries]),
    ):
        for start in range(0, len(rows), 25):
            puts: Any = [{"PutRequest": {"Item": row}} for row in rows[start : start + 25]]
            answer = executor.tables.client.batch_write_item(RequestItems={table: puts})
            assert not answer["UnprocessedItems"]


def burning(account: str, key: str, at: int = NOW + 1000) -> WalletRequest:
    """The request to burn under this key."""
    return WalletRequest(account, "credits", key, "test", Moment(at, pinned=True))


def burn(executor: Executor, account: str, amount: str, key: str) -> int:
    """Burns at a pinned instant; how many lots it drew from."""
    done, _ = execute(executor, BurnCredits(amount), burning(account, key))
    return len(done.entry.draws)


@pytest.mark.parametrize("count", [1, 16, 10_000])
def test_a_warm_burn_is_one_transaction_of_four_write_units_however_many_lots_there_are(
    stack: App, executor: Executor, bill: Bill, account: str, count: int
) -> None:
    """One TransactWriteItems of two items: 2 units each, and 1 for the entry's row in the index ``timeline``; the
    wallet's place in the index ``due`` stays. A replay is one call too."""
    many_lots(executor, account, count)
    burn(executor, account, "1", "cold")
    place = [wallet_item(executor, account).get(name) for name in ("shard", "sweep_at")]
    bill.reset()
    burn(executor, account, "1", "warm")
    assert (bill.calls, bill.items, bill.units) == (["TransactWriteItems"], [2], 5.0)
    bill.reset()
    burn(executor, account, "1", "warm")
    assert bill.calls == ["TransactWriteItems"]
    assert [wallet_item(executor, account).get(name) for name in ("shard", "sweep_at")] == place


def wallet_item(executor: Executor, account: str) -> dict[str, Any]:
    item = executor.tables.get(executor.tables.wallets, keys.wallet(account, "credits"), keys.WALLET)
    assert item
    return item


def test_a_cold_burn_and_a_refused_one_are_two_calls(
    stack: App, executor: Executor, bill: Bill, account: str
) -> None:
    many_lots(executor, account, 3)
    bill.reset()
    burn(executor, account, "1", "cold")
    assert bill.calls == ["BatchGetItem", "TransactWriteItems"]
    bill.reset()
    with pytest.raises(Exception, match="fewer credits"):
        burn(executor, account, "1000", "refused")
    assert bill.calls == ["GetItem", "GetItem"]


@pytest.mark.long
def test_refilling_the_window_adds_one_read_and_two_items_at_most_once_per_eight_lots(
    stack: App, executor: Executor, bill: Bill, account: str
) -> None:
    """200 lots of 10 burned one by one out of 10 000: each burn that empties a lot puts it to rest (one item more);
    a refill adds a Query and at most two items."""
    many_lots(executor, account, 10_000)
    burn(executor, account, "10", "first")
    refills = []
    for number in range(200):
        bill.reset()
        assert burn(executor, account, "10", f"burn-{number}") == 1
        if bill.calls != ["TransactWriteItems"]:
            assert bill.calls == ["Query", "TransactWriteItems"], bill.calls
            assert bill.items[-1] <= 3 + 2
            refills.append(number)
        else:
            assert bill.items[-1] == 3
    assert all(later - earlier >= 8 for earlier, later in itertools.pairwise(refills)), refills
    assert 200 / 16 <= len(refills) <= 200 / 8
    bill.reset()
    assert verifying.verify(executor, account, "credits")[1] == []


def test_a_burn_of_five_hundred_lots_is_one_transaction(
    stack: App, executor: Executor, bill: Bill, account: str
) -> None:
    many_lots(executor, account, 1000)
    burn(executor, account, "1", "cold")
    bill.reset()
    assert burn(executor, account, "5000", "much") == 501
    assert bill.calls.count("TransactWriteItems") == 1
    assert bill.items[-1] <= 100
    assert verifying.verify(executor, account, "credits")[1] == []


def test_a_hold_is_one_transaction_of_four_items_and_its_capture_reads_nothing(
    stack: App, executor: Executor, bill: Bill, account: str
) -> None:
    """Wallet, entry, the hold, its due item: 8 units, and 1 for the timeline. The index ``due`` is moved where the
    hold's deadline comes before all else (2 more). The capture takes the due item away; the hold is remembered."""
    many_lots(executor, account, 3)
    burn(executor, account, "1", "cold")
    request = WalletRequest(account, "credits", "hold", "test", Moment(NOW + 2000, pinned=True))
    bill.reset()
    done, _ = execute(executor, holding.PlaceHold("5", "PT15M"), request)
    assert (bill.calls, bill.items) == (["TransactWriteItems"], [4])
    assert bill.units == 8 + 1 + 2
    bill.reset()
    request = replace(request, key="capture", moment=Moment(NOW + 3000, pinned=True))
    execute(executor, holding.CaptureHold(done.entry.seq), request)
    assert bill.calls == ["TransactWriteItems"]
    assert bill.items[-1] == 4


@pytest.mark.parametrize("open_holds", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_open_holds_do_not_make_a_burn_dearer(
    stack: App, executor: Executor, bill: Bill, account: str, open_holds: int
) -> None:
    """Law 6 at no cost for law 2: one call, two items, five units, as without them."""
    draft = Draft(Snapshot(Wallet(account, "credits", "priority_expiry_cost")))
    grant = grants.Grant(amount=10**12, kind="promotional")
    grants.grant(
        draft, grant, Policy(), NOW, Cause(key_entry_id(account, "credits", "grant"), "bulk", "test")
    )
    _write(executor, draft.decision())
    for number in range(open_holds):
        draft = Draft(Snapshot(draft.decision().wallet))
        cause = Cause(key_entry_id(account, "credits", f"hold-{number}"), "bulk", "test")
        wanted = holds.Hold(0, 1, NOW + 600_000 + number, "refuse", ())
        holds.place(draft, wanted, Policy(), NOW, cause)
        _write(executor, draft.decision())
    burn(executor, account, "1", "cold")
    bill.reset()
    burn(executor, account, "1", "warm")
    assert (bill.calls, bill.items, bill.units) == (["TransactWriteItems"], [2], 5.0)
    assert verifying.verify(executor, account, "credits")[1] == []


def test_a_batch_of_ninety_burns_is_one_transaction_of_ninety_one_items(
    stack: App, executor: Executor, bill: Bill, account: str
) -> None:
    """2.02 write units a burn, and 1 for its row in the timeline."""
    many_lots(executor, account, 1)
    burn(executor, account, "0.5", "cold")
    requests = [burning(account, f"b-{number}", NOW + 2000) for number in range(90)]
    burns = [BatchedBurn(BurnCredits("0.1"), request) for request in requests]
    bill.reset()
    outcomes, balance, _ = execute_batch(executor, burns)
    assert all(outcome.result and not outcome.refusal for outcome in outcomes)
    assert balance.totals.available == 500_000
    assert bill.calls.count("TransactWriteItems") == 1
    assert bill.items[0] == 91
    assert bill.units <= 182 + 90 + 3


def test_a_burn_of_a_meter_reads_its_rate_once_and_then_costs_as_much_as_any(
    stack: App, executor: Executor, bill: Bill, account: str
) -> None:
    """A fraction of a step is one item more, and remembered; a meter without fractions has none."""
    many_lots(executor, account, 3)
    for meter, credits in (("whole", "0.01"), ("odd", "0.0000001")):
        wanted = RateDefinition("credits", 0, "0", {"model": "per_unit", "credits": credits})
        rates.put_rate(executor, f"{account}-{meter}", wanted, Moment(NOW), Author(OPERATOR, NOW))
    # Pinned requests read the card anew: the test clock may be past a version that is not a minute old.
    request = [replace(burning(account, f"m-{number}"), moment=Moment(NOW + 1000)) for number in range(4)]
    whole, odd = (BurnCredits(meter=f"{account}-{name}", quantity=Fraction(3)) for name in ("whole", "odd"))
    execute(executor, whole, request[0])
    bill.reset()
    execute(executor, whole, request[1])
    assert (bill.calls, bill.items, bill.units) == (["TransactWriteItems"], [2], 5.0)
    execute(executor, odd, request[2])
    bill.reset()
    execute(executor, odd, request[3])
    assert (bill.calls, bill.items[-1]) == (["TransactWriteItems"], 3)
