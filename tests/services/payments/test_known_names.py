"""Names of a payment: which they are, how many are written at once, and whose they stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.lots import Money
from scrip.domain.payments.delivery import Names
from scrip.domain.payments.facts import REQUEST, Dispute, Paid, PaymentFacts, Refund, Unpaid
from scrip.domain.payments.payment import Payment, RequestedRefund
from scrip.domain.wallets.credit_refunds import NamedSource, RefundedSource
from scrip.services.payments import known_names
from scrip.services.payments.known_names import KnownNames
from scrip.store import documents, keys
from scrip.store.tables import Tables
from tests.aws import InMemory

AT = 1_900_000_000_000
PAID = Paid(1000, 0, "USD", AT, session_id="cs_1", subscription_id="sub_1", topup_id="top_1")
ASKED = RequestedRefund("money", 100, 1, "key:k1", None, force=False, at=AT)


class Sources:
    """A table, and what is stored under names."""

    def __init__(self) -> None:
        self.client = InMemory()
        self.tables = Tables(self.client, "wallets", "ledger")  # type: ignore[arg-type]
        self.asked: list[Any] = []
        self.written: list[int] = []
        events = self.client.meta.events
        events.register("before-call.dynamodb.BatchGetItem", lambda params, **_: self.asked.append(params))
        events.register("before-call.dynamodb.TransactWriteItems", self._writes)

    def _writes(self, params: Any, **_: Any) -> None:
        self.written.append(len(params["TransactItems"]))

    def put(self, name: str, source: NamedSource) -> None:
        known = documents.get(self.tables, keys.named_source(name))
        assert documents.put(self.tables, known.pk, known.rev, source.to_json())

    def of(self, name: str) -> str | None:
        return NamedSource.from_json(documents.get(self.tables, keys.named_source(name)).body).payment


def refunds(number: int) -> PaymentFacts:
    return PaymentFacts(
        refunds={f"re_{one}": Refund(f"re_{one}", "pending", 1, "USD", AT) for one in range(number)}
    )


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ({}, []),
        ({"facts": PaymentFacts(PAID)}, ["cs_1"]),
        ({"facts": PaymentFacts(unpaid=Unpaid("failed", AT, session_id="cs_2"))}, ["cs_2"]),
        ({"facts": PaymentFacts(PAID, Unpaid("failed", AT, session_id="cs_2"))}, ["cs_1"]),
        ({"facts": PaymentFacts(part_of="in_1")}, ["in_1"]),
        ({"facts": refunds(2)}, ["re_0", "re_1"]),
        ({"facts": PaymentFacts(refunds={"r": Refund(f"{REQUEST}rf_1", "pending", 1, "USD", AT)})}, []),
        ({"requests": {"rf_1": ASKED}}, ["rf_1"]),
        (
            {"facts": PaymentFacts(disputes={"dp_1": Dispute("dp_1", "open", 0, "dispute", 1, "USD", AT)})},
            ["dp_1"],
        ),
        ({"named": Names(charge_id="CH_1", subscription_id="sub_1", topup_id="top_1")}, ["ch_1"]),
        ({"facts": PaymentFacts(PAID), "names": ("cs_1", "old")}, ["cs_1", "old"]),
    ],
)
def test_a_payment_is_known_by_its_own_names_and_not_by_its_orders_or_its_subscriptions(
    more: dict[str, Any], names: list[str]
) -> None:
    sources = Sources()
    payment = Payment("stripe", "PI_1", **more)
    known = KnownNames(sources.tables, payment)
    assert known.known(payment).names == tuple(sorted([*names, "pi_1"]))
    assert known.take()
    assert sources.written == []
    new = [name for name in (*names, "pi_1") if name not in payment.names]
    writes = known.writes()
    assert len(writes) == len(new)
    assert documents.put_all(sources.tables, writes)
    assert {name: sources.of(name) for name in new} == dict.fromkeys(new, "stripe:PI_1")


def test_names_that_are_stored_are_neither_read_nor_written_again() -> None:
    sources = Sources()
    payment = Payment("stripe", "pi_1", names=("pi_1",))
    known = KnownNames(sources.tables, payment)
    assert (known.writes(), known.known(payment) is payment, known.reasons) == ([], True, [])
    assert sources.asked == []


@pytest.mark.parametrize(
    ("number", "written", "left"),
    [(2, [], 3), (3, [3], 1), (5, [3], 3), (6, [3, 3], 1), (8, [3, 3], 3)],
)
def test_as_many_names_are_written_at_once_as_a_transaction_has_room_for(
    monkeypatch: pytest.MonkeyPatch, number: int, written: list[int], left: int
) -> None:
    """Three at once; the payment's own name is one more."""
    monkeypatch.setattr(known_names, "STEP", 3)
    sources = Sources()
    payment = Payment("stripe", "pi_1", facts=refunds(number))
    known = KnownNames(sources.tables, payment)
    assert known.take()
    assert (sources.written, len(known.writes())) == (written, left)
    assert len(known.known(payment).names) == number + 1
    before = [name for name in known.known(payment).names if sources.of(name)]
    assert before == sorted(known.known(payment).names)[: sum(written)]


@pytest.mark.parametrize(("name", "written"), [("re_0", [3]), ("re_4", [3, 3])])
def test_where_somebody_changes_a_name_meanwhile_what_was_written_before_stays(
    monkeypatch: pytest.MonkeyPatch, name: str, written: list[int]
) -> None:
    """The names are ``pi_1`` and ``re_0`` to ``re_6``, three at once. Read again, the others follow."""
    monkeypatch.setattr(known_names, "STEP", 3)
    sources = Sources()
    payment = Payment("stripe", "pi_1", facts=refunds(7))
    known = KnownNames(sources.tables, payment)
    sources.put(name, NamedSource(payment="dodo:pay_1"))
    assert not known.take()
    assert sources.written == written
    taken = sum(written) - 3
    assert [one for one in known.known(payment).names if sources.of(one) == payment.name] == [
        *sorted(known.known(payment).names)[:taken]
    ]
    again = KnownNames(sources.tables, payment)
    assert again.take()
    assert documents.put_all(sources.tables, again.writes())
    assert {one: sources.of(one) for one in again.known(payment).names} == {
        **dict.fromkeys(again.known(payment).names, "stripe:pi_1"),
        name: "dodo:pay_1",
    }


def test_what_became_credit_by_a_name_is_said_and_stays_beside_whose_the_name_is() -> None:
    """3.00 USD of a payment, 5.00 EUR of a dispute; nothing of a refund that was voided since."""
    sources = Sources()
    credited = RefundedSource(Money(1000, "USD"), 300)
    sources.put("pi_1", NamedSource({"invoice": replace(credited, refunded=0), "payment": credited}))
    sources.put("re_0", NamedSource({"payment": replace(credited, refunded=0)}))
    sources.put("re_1", NamedSource({"payment": RefundedSource(Money(1000, "EUR"), 500)}, "dodo:pay_1"))
    payment = Payment("stripe", "pi_1", facts=refunds(2))
    known = KnownNames(sources.tables, payment)
    way = "void that lot and accept the order, or refund the payment at the provider and dismiss this"
    assert known.reasons == [
        f"300 USD of it became credit before it was known, as pi_1: {way}",
        f"500 EUR of it became credit before it was known, as re_1: {way}",
    ]
    assert len(known.writes()) == 2
    assert documents.put_all(sources.tables, known.writes())
    kept = NamedSource.from_json(documents.get(sources.tables, keys.named_source("pi_1")).body)
    assert (kept.refunded, kept.payment) == (Money(300, "USD"), "stripe:pi_1")
    assert sources.of("re_1") == "dodo:pay_1"
