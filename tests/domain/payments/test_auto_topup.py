"""One automatic top-up: what follows from what happens to it. Nothing is charged twice, and never more than its cap."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.lots import Money
from scrip.domain.payments.auto_topup import (
    HOUR_MS,
    KNOWN_MS,
    LEASE_MS,
    LOOKS_MS,
    MINUTE_MS,
    MOST_CHARGES,
    PAUSES_MS,
    AutoTopup,
    AutoTopupTerms,
    Cap,
    ChargeAttempt,
    PastCharge,
    month_of,
    packs_needed,
)
from scrip.domain.payments.payment_method import PaymentMethod

DAY = 24 * HOUR_MS
NOW = 1_893_456_000_000
"""2030-01-01, a Tuesday."""
CARD, OTHER = PaymentMethod("pm_1", "cus_1"), PaymentMethod("pm_2", "cus_1")
PRICE = Money(10_000, "USD")


def terms(cap: Cap | None = None, *, enabled: bool = True) -> AutoTopupTerms:
    return AutoTopupTerms(100, "starter", "stripe", 1, None, cap, enabled)


def put(cap: Cap | None = None) -> AutoTopup:
    return AutoTopup("acme", "credits", None).put(terms(cap), CARD, NOW)


def attempt_of(known: AutoTopup, at: int = NOW) -> ChargeAttempt:
    number = known.attempts + 1
    return ChargeAttempt(known.topup_id or f"top_{number}", number, PRICE, 1000, "1000 credits", CARD, at, at)


def begun(known: AutoTopup, at: int = NOW) -> AutoTopup:
    """With a charge in flight, and all told."""
    return known.begun(attempt_of(known, at)).having_told()


def said(known: AutoTopup) -> list[tuple[str, str | None]]:
    return [(one.type, one.reason) for one in known.tell]


def test_it_is_ready_and_looked_at_once_more_when_the_stream_surely_knows_of_it() -> None:
    assert (put().state, put().reason, put().listed_at) == ("ready", None, NOW + KNOWN_MS)


def test_without_a_method_it_waits_for_the_buyer() -> None:
    waits = AutoTopup("acme", "credits", None).put(terms(), None, NOW)
    assert (waits.state, waits.reason, said(waits)) == (
        "needs_action",
        "method_missing",
        [("needs_action", "method_missing")],
    )
    assert not waits.ready(NOW, None)
    assert waits.ready(NOW, CARD)


def test_a_charge_in_flight_belongs_to_its_maker_for_a_while() -> None:
    flying = put().begun(attempt_of(put()))
    assert (flying.state, flying.next_at, said(flying)) == ("in_flight", NOW + LEASE_MS, [("started", None)])
    assert not flying.ready(NOW + DAY, OTHER)
    assert flying.listed_at == 0, "there is something to tell"


def test_four_declines_are_four_pauses_and_then_it_is_suspended() -> None:
    known, at, tries = put(), NOW, []
    for pause in (*PAUSES_MS, None):
        known = begun(known, at).failed("declined", at)
        tries.append(said(known))
        if pause is None:
            break
        assert (known.state, known.next_attempt_at) == ("backing_off", at + pause)
        assert not known.ready(at + pause - 1, CARD)
        at += pause
        assert known.ready(at, CARD)
        known = known.having_told()
    assert (known.state, known.reason) == ("suspended", "suspended_after_failures")
    assert tries == [[("failed", "declined")]] * 3 + [
        [("failed", "declined"), ("suspended", "suspended_after_failures")]
    ]
    assert not known.ready(at + 9 * DAY, CARD)
    assert known.ready(at, OTHER)
    assert known.listed_at == 0
    assert known.having_told().next_at is None


@pytest.mark.parametrize("reason", ["authentication_required", "method_missing", "method_expired"])
def test_what_only_the_buyer_can_mend_is_not_tried_again(reason: Any) -> None:
    known = begun(put()).failed(reason, NOW)
    assert (known.state, known.reason, said(known)) == ("needs_action", reason, [("needs_action", reason)])
    assert not known.ready(NOW + DAY, CARD)


def test_a_payment_forgets_the_failures_of_before_and_no_later_ones() -> None:
    known = begun(put()).failed("declined", NOW)
    assert known.paid(NOW - 1) == known
    assert (known.paid(NOW).state, known.paid(NOW).tries) == ("ready", 0)


def test_a_payment_does_not_lift_the_cap_nor_open_a_wallet() -> None:
    capped = put(Cap("P1D", "UTC", NOW, count=1)).met(NOW)
    assert capped.paid(NOW + 1) == capped
    closed = put().stopped("suspended", "wallet_closed", NOW)
    assert closed.paid(NOW + 1) == closed
    assert not closed.ready(NOW, OTHER)


def test_what_nobody_knows_stays_in_flight_and_is_looked_at_less_and_less() -> None:
    known, at = begun(put()), NOW
    for pause in (*LOOKS_MS, LOOKS_MS[-1], LOOKS_MS[-1]):
        known = known.unknown(at)
        assert (known.state, known.reason, known.next_at) == ("in_flight", "provider_unavailable", at + pause)
        at += pause
    assert known.unknown(at, "pi_1").reason is None


def test_what_the_provider_surely_does_not_know_gets_another_key() -> None:
    known = begun(put())
    assert known.attempt
    first, second = known.attempt.key, known.asking(NOW + DAY, again=True).attempt
    assert second
    assert (second.key != first, second.asked_at, second.begun_at) == (True, NOW + DAY, NOW)
    again = known.asking(NOW + DAY, again=False)
    assert (again.attempt, again.next_at) == (known.attempt, NOW + DAY + LEASE_MS)


def test_a_charge_that_is_paid_counts_and_stays_in_flight_until_its_credits_are_there() -> None:
    known = begun(put()).charged("pi_1", NOW)
    assert (known.state, known.next_at, known.spent(NOW).count) == ("in_flight", NOW + MINUTE_MS, 1)
    there = known.succeeded(NOW + 1)
    assert (there.state, there.spent(NOW).count, said(there)) == ("ready", 1, [("succeeded", None)])
    assert there.tries == 0


def test_a_charge_whose_payment_a_person_dismissed_was_charged_and_is_followed_no_more() -> None:
    """It counts for the cap, and the next attempt may be made at once."""
    known = begun(put())
    assert known.attempt
    resolved = known.resolved()
    assert [(one.topup_id, one.money) for one in resolved.charges] == [(known.attempt.topup_id, PRICE)]
    assert (resolved.attempt, resolved.standing, resolved.tries) == (None, "ready", 0)
    assert (resolved.topup_id, resolved.next_at, resolved.reason) == (None, None, None)
    assert resolved.ready(NOW, CARD)


def test_credits_that_come_before_the_answer_count_once() -> None:
    known = begun(put()).succeeded(NOW)
    assert known.spent(NOW).money == {"USD": 10_000}
    assert known.came_late(PastCharge("top_1", NOW, PRICE)) == known
    assert known.came_late(PastCharge("top_9", NOW, PRICE)).spent(NOW).count == 2


def test_one_that_is_taken_away_follows_its_charge_and_remembers_it() -> None:
    gone = begun(put()).deleted()
    assert (gone.state, gone.enabled) == ("in_flight", False)
    assert gone.failed("declined", NOW).state == "off"
    assert gone.succeeded(NOW).put(terms(), CARD, NOW).spent(NOW).count == 1


def test_an_order_goes_on_with_its_tries_and_not_after_the_wallet_had_enough() -> None:
    known = begun(put()).failed("declined", NOW)
    assert known.topup_id == "top_1"
    assert known.content().topup_id is None
    assert known.content().tries == 1, "failures are forgotten by a payment alone"
    assert (begun(known).orders, begun(known.content()).orders) == (1, 2)


def test_a_provider_that_takes_no_such_charge_is_asked_each_hour_and_that_is_told_once() -> None:
    known = begun(put()).refused(NOW)
    assert (known.state, known.reason, known.next_attempt_at) == (
        "backing_off",
        "provider_unavailable",
        NOW + HOUR_MS,
    )
    assert (known.tries, said(known)) == (0, [("failed", "provider_unavailable")])
    assert said(known.having_told().waiting(NOW + HOUR_MS)) == []


# The cap


def charged(known: AutoTopup, at: int, name: str, money: Money = PRICE) -> AutoTopup:
    return known.came_late(PastCharge(name, at, money))


def test_the_cap_counts_charges_and_money_of_its_own_period() -> None:
    """Three a day, and USD 250.00: the third of 100.00 does not fit."""
    known = put(Cap("P1D", "UTC", NOW, count=3, money=Money(25_000, "USD")))
    assert known.fits(PRICE, NOW)
    known = charged(charged(known, NOW, "a"), NOW + 1, "b")
    assert not known.fits(PRICE, NOW + 2)
    assert known.fits(Money(5_000, "USD"), NOW + 2)
    assert not known.fits(Money(5_001, "USD"), NOW + 2)
    assert not known.fits(Money(1, "EUR"), NOW + 2), "what is in another money cannot be held against it"
    assert known.fits(PRICE, NOW + DAY)
    full = charged(known, NOW, "c", Money(1, "USD"))
    assert not full.fits(Money(1, "USD"), NOW + DAY - 1)


def test_a_cap_that_is_met_is_told_once_a_period() -> None:
    known = put(Cap("P1D", "UTC", NOW, count=1)).met(NOW + 5)
    assert (known.state, known.reason, known.next_attempt_at) == ("backing_off", "cap_reached", NOW + DAY)
    assert said(known) == [("failed", "cap_reached")]
    assert said(known.having_told().met(NOW + 6)) == []
    assert said(known.having_told().met(NOW + DAY)) == [("failed", "cap_reached")]


def test_no_period_has_more_charges_than_are_remembered() -> None:
    known = put()
    for number in range(MOST_CHARGES + 1):
        assert known.fits(PRICE, NOW) == (number < MOST_CHARGES)
        known = charged(known, NOW, str(number))
    assert len(known.charges) == MOST_CHARGES


@pytest.mark.parametrize(
    ("at", "zone", "month"),
    [
        (NOW, "UTC", NOW),
        (NOW - 1, "UTC", NOW - 31 * DAY),
        (NOW + 31 * DAY, "UTC", NOW + 31 * DAY),
        (NOW, "America/New_York", NOW - 31 * DAY + 5 * HOUR_MS),
        (NOW + 5 * HOUR_MS, "America/New_York", NOW + 5 * HOUR_MS),
    ],
)
def test_a_month_begins_by_the_clocks_of_its_zone(at: int, zone: str, month: int) -> None:
    assert month_of(at, zone) == month


@pytest.mark.parametrize(
    ("missing", "packs"), [(-5, 1), (0, 1), (1, 1), (10, 1), (11, 2), (55, 5), (10_000, 9)]
)
def test_the_fewest_packs_are_ordered_that_give_what_is_missing(missing: int, packs: int) -> None:
    """Ten each, and five more from five packs on; nine at most."""
    assert packs_needed(lambda number: 10 * number + (5 if number >= 5 else 0), missing, 9) == packs


def becomes(known: AutoTopup, attempt: ChargeAttempt, what: str, at: int) -> AutoTopup:
    """What is in flight, after the provider said this of it. What it called paid it does not decline later."""
    match what:
        case "paid":
            return known.charged("pi_1", at)
        case "credits":
            return known.succeeded(at)
        case "lost":
            return known.unknown(at)
        case "found":
            return known.asking(at, again=False)
        case "declined" if not attempt.charged:
            return known.failed("declined", at)
        case "expired" if not attempt.charged:
            return known.failed("method_expired", at)
        case "refused" if not attempt.charged:
            return known.refused(at)
    return known


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("begin", "begin", "paid", "declined", "lost", "found", "credits", "credits"),
                *("put", "delete", "payment", "expired", "tell", "refused"),
            ]
        ),
        st.integers(0, 26 * HOUR_MS),
    ),
    max_size=60,
)


@given(HAPPENINGS, st.integers(1, 4))
def test_whatever_happens_one_charge_is_in_flight_at_most_and_the_cap_holds(
    happenings: list[tuple[str, int]], count: int
) -> None:
    """Law 3 for charges. Each is counted once, in the period in which it was begun."""
    cap = Cap("P1D", "UTC", NOW, count=count)
    known, at = put(cap), NOW
    made: dict[str, int] = {}
    told: list[int] = []
    for what, pause in happenings:
        at += pause
        if what == "begin" and known.ready(at, CARD) and known.fits(PRICE, at):
            assert known.attempt is None
            known = known.begun(attempt_of(known, at))
        elif what == "put":
            known = known.put(terms(cap), CARD, at)
        elif what == "delete":
            known = known.deleted()
        elif what == "payment":
            known = known.paid(at)
        elif what == "tell":
            told += [one.number for one in known.tell]
            known = known.having_told()
        elif known.attempt:
            if what in ("paid", "credits"):
                made.setdefault(known.attempt.topup_id, known.attempt.begun_at)
            known = becomes(known, known.attempt, what, at)
        assert AutoTopup.from_json(json.loads(json.dumps(known.to_json()))) == known
        days: dict[int, int] = {}
        for begun_at in made.values():
            days[(begun_at - NOW) // DAY] = days.get((begun_at - NOW) // DAY, 0) + 1
        assert max(days.values(), default=0) <= count
        assert sum(days.values()) == len(known.charges)
    told += [one.number for one in known.tell]
    assert told == list(range(1, len(told) + 1))


def test_terms_and_what_is_in_flight_are_read_as_they_were_written() -> None:
    dice = random.Random(7)
    cap = Cap("P3M", "Europe/Berlin", NOW, 5, Money(10**12, "JPY"))
    for target in (None, 10**27):
        known = replace(put(cap), terms=AutoTopupTerms(0, "p", "dodo", None, target, cap, True))
        known = begun(known).unknown(NOW + dice.randrange(DAY), "pay_1")
        assert AutoTopup.from_json(json.loads(json.dumps(known.to_json()))) == known
