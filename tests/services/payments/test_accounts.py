"""Whose deliveries are ours, where no setting says so: the account that was seen first, for everybody and for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Paid
from scrip.services.payments.accounts import FirstSeen, first_seen, held_against_ours
from scrip.store.tables import Tables
from tests.aws import InMemory

PAID = Paid(total=12000, tax=2000, currency="USD", at=1_800_000_000_000)
LIVE = replace(Delivery("stripe", "payment_intent.succeeded", "pi_1", (PAID,)), own="livemode true")
TEST = replace(LIVE, own="livemode false")


@pytest.fixture
def tables() -> Tables:
    return Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]


def test_the_first_is_kept_and_said_once_and_others_are_parked(tables: Tables) -> None:
    assert first_seen(tables, "stripe") is None
    assert held_against_ours(tables, LIVE, 5) == (LIVE, "livemode true")
    assert held_against_ours(tables, LIVE, 6) == (LIVE, None)
    assert first_seen(tables, "stripe") == FirstSeen("livemode true", 5)
    parked, kept = held_against_ours(tables, TEST, 7)
    assert (parked.facts, kept) == ((), None)
    (reason,) = parked.parked
    assert reason.about == "payment"
    assert reason.reason == (
        "livemode false is not ours: livemode true was seen first; if that is wrong, set the parameter that says whose "
        "deliveries of stripe are ours, and replay this one"
    )
    assert first_seen(tables, "dodo") is None


def test_one_that_does_not_say_it_is_parked_once_the_first_is_known_and_decides_nothing_before(
    tables: Tables,
) -> None:
    silent = replace(LIVE, own="")
    assert held_against_ours(tables, silent, 5) == (silent, None)
    held_against_ours(tables, LIVE, 6)
    assert held_against_ours(tables, silent, 7)[0].parked[0].reason.startswith("no livemode is not ours")


def test_one_that_is_not_to_be_checked_is_let_by(tables: Tables) -> None:
    held_against_ours(tables, LIVE, 5)
    unchecked = replace(TEST, own=None)
    assert held_against_ours(tables, unchecked, 6) == (unchecked, None)


@pytest.mark.parametrize("first", [LIVE, TEST])
def test_of_two_first_ones_at_once_one_decides_for_both(tables: Tables, first: Delivery) -> None:
    """The other writes after this one has looked, and before it writes."""
    client = tables.client
    other = TEST if first is LIVE else LIVE
    put, told = client.put_item, list[object]()
    hurried: list[bool] = []

    def slow(**request: object) -> object:
        if not hurried:
            hurried.append(True)
            told.append(held_against_ours(tables, other, 4))
        return put(**request)  # type: ignore[arg-type]

    client.put_item = slow  # type: ignore[method-assign, assignment]
    parked, kept = held_against_ours(tables, first, 5)
    assert told == [(other, other.own)]
    assert (kept, parked.facts, first_seen(tables, "stripe")) == (None, (), FirstSeen(str(other.own), 4))
