"""Automatic top-ups as callers set them: what is refused, and what is kept of what was said before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.errors import Contended, InvalidRequest, PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.payments.auto_topup import AutoTopup
from scrip.services.audit.changes import Author
from scrip.services.payments import auto_topups
from scrip.services.payments.auto_topups import AutoTopupRequest, CapRequest
from scrip.store import keys, lists
from tests.services.payments.test_auto_charges import NOW, Emptied

DAY = 86_400_000
MONTH = 1_898_812_800_000
"""2030-03-04T00:00:00Z."""


def put(emptied: Emptied, at: int = NOW, **wanted: Any) -> AutoTopup:
    terms: dict[str, Any] = {"threshold": "5", "pack": "small", "provider": "dodo", "quantity": None}
    request = AutoTopupRequest(**{**terms, "target": "20", "cap": None, "enabled": True, **wanted})
    return auto_topups.put(emptied.executor, "ann", "points", request, Author("key:k1", at))[0]


def audited(emptied: Emptied) -> int:
    return len(lists.page(emptied.tables, keys.AUDIT, 99).found)


def test_a_target_is_above_the_threshold_which_may_be_nothing() -> None:
    emptied = Emptied()
    known = put(emptied, threshold="0", target="0.1")
    assert known.terms
    assert (known.terms.threshold, known.terms.target) == (0, 1)
    for target in ("4.9", "5"):
        with pytest.raises(InvalidRequest, match="target: must be more than threshold"):
            put(emptied, target=target)
    with pytest.raises(InvalidRequest, match="target"):
        put(emptied, target="-1")


def test_a_pack_of_another_unit_or_that_cannot_be_charged_is_refused() -> None:
    emptied = Emptied()
    emptied.pack(unit="minutes")
    with pytest.raises(InvalidRequest, match="is of the unit minutes: name one of points"):
        put(emptied)
    emptied.pack(price=Money(1000, "IRR"))
    with pytest.raises(PolicyViolation) as refusal:
        put(emptied)
    assert (refusal.value.facts["policy"], refusal.value.facts["field"]) == ("provider_amount", "pack")


def test_a_cap_is_in_the_currency_of_the_pack() -> None:
    emptied = Emptied()
    put(emptied, cap=CapRequest(money=Money(5000, "USD")))
    with pytest.raises(InvalidRequest, match=r"cap.money.currency: must be USD, which the pack costs"):
        put(emptied, cap=CapRequest(money=Money(5000, "EUR")))


def test_a_cap_keeps_the_anchor_that_it_had_until_its_period_is_another() -> None:
    emptied = Emptied()

    def anchor(at: int, cap: CapRequest) -> int:
        known = put(emptied, at, cap=cap)
        assert known.terms
        assert known.terms.cap
        return known.terms.cap.anchor

    first = anchor(NOW, CapRequest(count=1))
    assert anchor(NOW + 40 * DAY, CapRequest(count=2)) == first
    assert anchor(NOW + 40 * DAY, CapRequest(anchor=0, count=2)) == 0
    assert anchor(NOW + 40 * DAY, CapRequest(anchor=MONTH, count=2)) == MONTH
    weekly = anchor(NOW + 40 * DAY, CapRequest("P7D", count=2))
    assert weekly not in (first, MONTH)
    assert anchor(NOW + 40 * DAY, CapRequest("P7D", count=2)) == weekly


def test_whoever_changes_the_terms_is_kept_and_a_look_is_no_change_of_them() -> None:
    emptied = Emptied()
    before = audited(emptied)
    put(emptied)
    put(emptied, NOW + 1)
    assert audited(emptied) == before + 1
    emptied.look()
    assert audited(emptied) == before + 1


def test_its_account_is_listed_and_it_is_among_those_that_are_looked_at_while_it_is_enabled() -> None:
    emptied = Emptied()
    assert lists.has(emptied.tables, keys.ACCOUNTS, "ann")
    assert auto_topups.enabled(emptied.tables) == {("ann", "points")}
    put(emptied, enabled=False)
    assert auto_topups.enabled(emptied.tables) == frozenset()


def test_whoever_finds_others_changing_it_ten_times_is_told_so() -> None:
    emptied, tries = Emptied(), list[int]()

    def edit(known: AutoTopup) -> AutoTopup:
        """Changes it, and has somebody else be faster."""
        tries.append(1)
        stored = auto_topups.load(emptied.tables, "ann", "points")
        auto_topups.store(emptied.tables, stored, replace(stored.body, attempts=len(tries)))
        return replace(known, orders=99)

    with pytest.raises(Contended, match="several writers of this automatic top-up at once"):
        auto_topups.change(emptied.tables, "ann", "points", edit)
    assert len(tries) == auto_topups.TRIES == 10
