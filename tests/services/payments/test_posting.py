"""Two deliveries of one payment at once: what the slower one read is not there any more (law 9). And one that comes too
late for its wallet."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.steps import format_amount
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Paid, Refund, Unpaid
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.payments import posting
from scrip.services.payments.payment import load_payment
from scrip.services.verification import wallets as verifying
from scrip.services.wallets import balances
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.status import SetStatus
from scrip.store.tables import Tables
from simulation.dynamodb import Dynamo
from simulation.market import PRICE, PROVIDER, TAX, Market
from simulation.requests import stock
from simulation.world import TABLES

NOW = 1_893_456_000_000
UNIT = "exact"


def refund(status: Any) -> Refund:
    """The refund of a tenth of the price, and of its tax."""
    return Refund("re", status, 119, "USD", NOW)


FASTER: list[tuple[str, list[Any], Any]] = [
    ("a refund that fails", [refund("succeeded")], refund("failed")),
    ("a refund", [], refund("succeeded")),
    ("a dispute", [], Dispute("d", "open", 0, "dispute", 700, "USD", NOW)),
    (
        "a dispute that is lost",
        [Dispute("d", "open", 0, "dispute", 700, "USD", NOW)],
        Dispute("d", "lost", 1, "dispute", 700, "USD", NOW),
    ),
    (
        "a dispute that is won",
        [Dispute("d", "lost", 1, "dispute", 700, "USD", NOW)],
        Dispute("d", "won", 3, "dispute", 700, "USD", NOW),
    ),
]


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize(("_", "before", "fact"), FASTER, ids=[row[0].replace(" ", "-") for row in FASTER])
def test_the_slower_of_two_deliveries_finds_the_payment_posted(
    _: str, before: list[Any], fact: Any, warm: bool
) -> None:
    """Both read the payment before either posts it. The second reads it again, and has nothing to book."""
    dynamo = Dynamo(TABLES)

    def made() -> Executor:
        return Executor(Tables(dynamo, "wallets", "ledger"))  # type: ignore[arg-type]

    faster, slower, market = made(), made(), Market()
    stock(faster, NOW)
    market.stock(faster)
    market.order(faster, "a", UNIT, "k", Moment(NOW))
    (payment,) = market.payments
    paid = Paid(PRICE + TAX, TAX, "USD", NOW, session_id=payment.session)

    def told(number: int, *facts: Any) -> Delivery:
        return Delivery(PROVIDER, "webhook", payment.id, facts, said_at=NOW + number)

    posting.apply(slower if warm else faster, told(0, paid), "m0", Moment(NOW))
    if before:
        posting.apply(slower if warm else faster, told(1, *before), "m1", Moment(NOW))
    read = load_payment(slower.tables, PROVIDER, payment.id)
    posting.apply(faster, told(2, fact), "m2", Moment(NOW))
    applied = posting.change(slower, read, lambda one: one.told(told(2, fact), "m2"), Moment(NOW))
    assert applied.entries == 0
    _entries, findings = verifying.verify(made(), "a", UNIT)
    assert findings == []
    assert applied.payment.posted == load_payment(faster.tables, PROVIDER, payment.id).payment.posted


def test_a_payment_that_fails_late_waits_for_a_person_where_its_wallet_is_closed() -> None:
    """What it granted was spent, and nothing can be taken back any more."""
    executor, market = Executor(Tables(Dynamo(TABLES), "wallets", "ledger")), Market()  # type: ignore[arg-type]
    stock(executor, NOW)
    market.stock(executor)
    market.order(executor, "a", UNIT, "k", Moment(NOW))
    (payment,) = market.payments
    paid = Paid(PRICE + TAX, TAX, "USD", NOW, session_id=payment.session, said_at=NOW)
    posting.apply(executor, Delivery(PROVIDER, "webhook", payment.id, (paid,)), "m0", Moment(NOW))
    balance, unit = balances.balance(executor, "a", UNIT, Moment(NOW))
    spent = BurnCredits(amount=format_amount(balance.totals.available, unit.precision))
    for number, command in enumerate((spent, SetStatus(status="closed"))):
        execute(executor, command, WalletRequest("a", UNIT, f"k{number}", "key:k1", Moment(NOW)))
    failed = Unpaid("failed", NOW, said_at=NOW + 1)
    told = Delivery(PROVIDER, "webhook", payment.id, (failed,))
    applied = posting.apply(executor, told, "m1", Moment(NOW))
    assert (applied.entries, applied.payment.parked) == (0, ("the wallet is closed for ever",))
    assert verifying.verify(executor, "a", UNIT)[1] == []
