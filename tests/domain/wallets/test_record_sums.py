"""What records come to: whole steps one after the other, and sums by meter (law 7)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.errors import BodyTooLarge
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.record_sums import RecordCost, RecordSums
from scrip.domain.wallets.wallet import Snapshot, Wallet


def sums() -> RecordSums:
    """Records of a wallet that nothing was carried in."""
    snapshot = Snapshot(Wallet("acme", "credits", "priority_expiry_cost"))
    snapshot.sidecars = {("carry", name): None for name in ("api", "gpu")}
    return RecordSums(Draft(snapshot))


def paid(made: RecordSums, *costs: RecordCost) -> list[int]:
    steps = []
    for one in costs:
        made.pay(one, *made.price(one))
        steps.append(made.sums[one.meter].steps)
    return steps


def test_thirds_of_a_step_are_a_step_at_the_third_record() -> None:
    made = sums()
    third = RecordCost(Fraction(1, 3), "r", "api", Fraction(1), {}, 1)
    assert paid(made, third, third, third, third) == [0, 0, 1, 1]
    assert made.rests == {"api": Fraction(1, 3)}
    assert [one and one.rest for one in made.records] == [
        Fraction(1, 3),
        Fraction(1, 3),
        Fraction(-2, 3),
        Fraction(1, 3),
    ]


def test_each_meter_is_an_item_and_amounts_are_the_last() -> None:
    made = sums()
    paid(
        made,
        RecordCost(5, "a"),
        RecordCost(2, "b", "gpu", Fraction(4), {}, 3),
        RecordCost(1, "c", "api", Fraction(1), {}, 1),
    )
    assert [(part.item, part.meter, part.steps) for part in made.parts] == [
        (0, "gpu", 2),
        (1, "api", 1),
        (2, None, 5),
    ]
    said = made.told("s", 7, None, made.packed(), [0, 1, 2])
    assert [(one["meter"], one["quantity"], one["rate_version"], one["steps"]) for one in said["usage"]] == [
        ("gpu", "4", 3, "2"),
        ("api", "1", 1, "1"),
    ]
    assert (said["page"]["first"], said["page"]["next"], said["items"]) == (7, 10, [0, 1, 2])


def test_what_was_refused_is_in_no_sum() -> None:
    made = sums()
    made.refuse(RecordCost(5, "a"), 5)
    made.skip()
    assert (made.steps, made.meters, made.refused, len(made.records)) == (0, [], 1, 2)


def test_a_row_over_300_kilobytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAGE_ROW_BYTES", 20)
    made = sums()
    paid(made, RecordCost(5, "a reference of some length"))
    with pytest.raises(BodyTooLarge) as refusal:
        made.packed()
    assert refusal.value.facts["limit"] == 20
