"""Our payments against a provider's own: what is new, what is not granted, and which amounts differ (laws 8 and 9).

100.00 USD and 20.00 of tax buy 10 000 credits of one step each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from scrip.domain.payments.comparison import (
    Finding,
    amounts_differ,
    grant_without_payment,
    missed,
    paid_without_grant,
)
from scrip.domain.payments.delivery import Delivery, Parked
from scrip.domain.payments.facts import Fact, OwnPart, PartOf, Unpaid
from scrip.domain.payments.order import Order
from scrip.domain.payments.parking import Telling
from scrip.domain.payments.payment import Note, Payment
from scrip.domain.wallets.position import Position
from tests.providers.samples import PAID_AT, asked_for, dispute, facts, paid, refund

ORDERS = json.loads((Path(__file__).parent / "data" / "orders.json").read_text())
ORDER: Final = replace(Order.from_json(json.loads(ORDERS["paid"])), credits=10000)
ORDER_OF_TEN_THOUSAND: Final = replace(ORDER, price=replace(ORDER.price, amount=10000))


def listed(*told: Fact, parked: Sequence[Parked] = ()) -> Delivery:
    """What the provider lists of the payment."""
    return Delivery("dodo", "listed", "pay_1", told, tuple(parked))


def known(*told: Fact, lot: int = 0, clawed: int = 0, refunded: int = 0) -> Payment:
    """The payment as it is known and posted here."""
    posted = Position(lot=lot, clawed=clawed, refunded=refunded)
    return Payment("dodo", "pay_1", facts(*told), posted, topup_id="top_1" if lot else None)


def said(found: Sequence[Finding]) -> list[tuple[str, Sequence[str]]]:
    return [(finding.about, finding.reasons) for finding in found]


# Missed


@pytest.mark.parametrize(
    ("here", "there", "about", "reason"),
    [
        (known(), paid(), "payment", "paid 12000 USD"),
        (known(paid()), refund(3000, "re_1"), "refund:re_1", "succeeded 3000 USD"),
        (
            known(paid(), refund(3000, "re_1", "pending")),
            refund(3000, "re_1"),
            "refund:re_1",
            "succeeded 3000 USD",
        ),
        (known(paid()), dispute("open"), "dispute:dsp_1", "open 12000 USD"),
        (known(paid()), refund(None, "re_1"), "refund:re_1", "succeeded unknown amount USD"),
        (known(), PartOf("pay_0"), "payment", "part of pay_0"),
        (known(), OwnPart("in_1", "top_9"), "part:in_1", "its part in_1 pays top_9"),
    ],
)
def test_what_nobody_has_told_is_missed(here: Payment, there: Fact, about: str, reason: str) -> None:
    assert said(missed(here, listed(there))) == [(about, (reason,))]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (known(paid()), paid()),
        (known(paid()), replace(paid(), at=PAID_AT + 5)),
        (known(paid(), dispute("won", rank=5)), dispute("won", rank=9)),
        (known(paid()), Unpaid("failed", PAID_AT)),
        (known(paid(), refund(3000, "re_1")), refund(3000, "re_1", "pending")),
    ],
    ids=["the same", "at another instant", "of a higher rank", "an attempt that failed", "an earlier status"],
)
def test_what_is_known_is_not_missed(here: Payment, there: Fact) -> None:
    assert missed(here, listed(there)) == []


def test_a_payment_that_is_part_of_another_is_told_under_that_ones_id() -> None:
    assert said(missed(known(), listed(PartOf("in_1"), paid()))) == [("payment", ("part of in_1",))]


def test_what_cannot_be_read_is_missed_once() -> None:
    unread = Parked("refund:re_1", "amount is missing")
    assert said(missed(known(paid()), listed(parked=[unread]))) == [("refund:re_1", ("amount is missing",))]
    noted = replace(known(paid()), notes={"refund:re_1": (Note("amount is missing", Telling("msg_1")),)})
    assert missed(noted, listed(parked=[unread])) == []


# Paid there, and nothing granted here


def test_money_for_which_nothing_is_granted_is_found_with_its_reason() -> None:
    parked = replace(known(paid()), parked=("it names no order",))
    reasons = [
        found and (found.reasons, found.theirs)
        for found in (
            paid_without_grant(known(), listed(paid())),
            paid_without_grant(parked, listed(paid())),
            paid_without_grant(known(paid()), listed(paid())),
        )
    ]
    assert reasons == [
        (("it was passed on and is not applied yet",), 12000),
        (("it names no order",), 12000),
        (("nothing was granted for it",), 12000),
    ]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (known(paid(), lot=1), listed(paid())),
        (replace(known(paid()), dismissed=("it names no order",)), listed(paid())),
        (known(paid()), listed(refund(3000))),
        (known(paid(), PartOf("in_1")), listed(paid())),
        (known(paid(), OwnPart("in_1", "top_9")), listed(paid())),
        (known(paid(0)), listed(paid(0))),
    ],
    ids=[
        *("granted", "dismissed by a person", "not listed as paid", "part of another"),
        *("granted for its parts", "of nothing"),
    ],
)
def test_there_is_nothing_to_grant_for_a_payment_that_is(here: Payment, there: Delivery) -> None:
    assert paid_without_grant(here, there) is None


# Granted here, and not paid there


def test_a_grant_without_a_payment_says_what_was_paid_here() -> None:
    found = grant_without_payment(known(paid(), lot=1), "dodo does not know it")
    assert (found.about, found.reasons, found.theirs, found.ours) == (
        "payment",
        ("dodo does not know it",),
        None,
        12000,
    )
    assert (found.currency, found.topup_id) == ("USD", "top_1")


# Amounts


def differing(here: Payment, *there: Fact) -> list[Finding]:
    return list(amounts_differ(here, listed(*there), ORDER_OF_TEN_THOUSAND))


def test_what_is_posted_and_listed_alike_does_not_differ() -> None:
    here = known(paid(), refund(3000, "re_1"), lot=1, clawed=2500, refunded=2500)
    assert differing(here, paid(), refund(3000, "re_1")) == []


def test_another_total_differs() -> None:
    (found,) = differing(known(paid(), lot=1), paid(11000))
    assert (found.reasons, found.theirs, found.ours) == (
        ("paid 11000 USD there, paid 12000 USD here",),
        11000,
        12000,
    )


def test_a_refund_that_is_not_known_here_differs_and_so_does_what_is_posted() -> None:
    refunded, position = differing(known(paid(), lot=1), paid(), refund(3000, "re_1"))
    assert (refunded.reasons, refunded.ours) == (("succeeded 3000 USD there, not known here",), None)
    assert (position.about, position.reasons) == (
        "position",
        ("2500 steps are to be clawed back, 0 are",),
    )
    assert (position.theirs, position.ours) == (2500, 0)


def test_another_status_differs_and_an_amount_that_one_side_does_not_know_differs_from_none() -> None:
    here = known(paid(), refund(None, "re_1", "failed"), lot=1)
    assert differing(here, refund(3000, "re_1", "failed")) == []
    other = differing(known(paid(), dispute("open"), lot=1), dispute("open", rank=10), dispute("won"))
    assert said(other) == [("dispute:dsp_1", ("won 12000 USD there, open 12000 USD here",))]


def test_nothing_differs_before_the_grant_or_without_an_order_to_compare_with() -> None:
    assert differing(known(paid()), paid(11000)) == []
    here = known(paid(), asked_for(3000, "rf_1"), lot=1)
    assert list(amounts_differ(here, listed(paid()), None)) == []


def test_a_finding_is_written_and_read() -> None:
    finding = Finding("pay_1", "refund:re_1", ("one", "two"), 5, None, "USD", "top_1", "acme")
    assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding
