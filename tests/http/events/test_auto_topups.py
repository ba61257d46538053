"""Automatic top-ups as events."""

from __future__ import annotations

from dataclasses import replace

from scrip.domain.events.auto_topups import AutoTopupTold
from scrip.http.events.auto_topups import auto_topup_event

TOLD = AutoTopupTold(
    "failed", "acme", "credits", 3, 1_893_456_000_000, "top_1", "declined", 1_893_459_600_000
)


def test_an_event_says_why_and_when_it_is_tried_again() -> None:
    event = auto_topup_event(TOLD)
    assert (event.type, event.account, event.at) == ("scrip.auto_topup.failed", "acme", 1_893_456_000_000)
    assert event.data == {
        "unit": "credits",
        "topup_id": "top_1",
        "reason": "declined",
        "next_attempt_at": "2030-01-01T01:00:00.000Z",
    }


def test_each_telling_of_each_wallet_has_one_id_whenever_it_is_made() -> None:
    tellings = [TOLD, replace(TOLD, number=4), replace(TOLD, account="beta"), replace(TOLD, unit="images")]
    ids = [auto_topup_event(one).id for one in tellings]
    assert len(set(ids)) == 4
    assert ids[0] == auto_topup_event(replace(TOLD, at=0)).id
