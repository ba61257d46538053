"""Which entries have a wallet's automatic top-up looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Cause, Entry, EntryKind, Totals
from scrip.services.payments import auto_topup_wakes
from scrip.services.payments.auto_topup_wakes import KnownAutoTopups, lessened, topped_up_by
from scrip.store import keys, lists
from scrip.store.tables import Tables
from tests.aws import InMemory

CAUSE = Cause("k.1", "f", "webhook:stripe", ("payment", "stripe:pi_1"), metadata={"topup_id": "top_1"})


def entry(
    kind: EntryKind, before: int, after: int, seq: int = 1, cause: Cause | None = None, **more: Any
) -> Entry:
    totals = Totals(available=before), Totals(available=after)
    made = Entry(
        f"s.{seq}",
        "acme",
        "credits",
        seq,
        kind,
        1000 + seq,
        after - before,
        *totals,
        "active",
        [],
        b"",
        cause,
    )
    return replace(made, **more)


class Woken:
    """The queue, the list, and a clock."""

    def __init__(self) -> None:
        self.tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
        self.sent: list[tuple[Mapping[str, Any], str]] = []
        self.now = 0
        self.known = KnownAutoTopups(lambda: self.now)

    def has(self, account: str = "acme", unit: str = "credits") -> None:
        lists.put(self.tables, keys.AUTO_TOPUPS, keys.auto_topup_of(account, unit))

    def read(self, *entries: Entry, pinned: bool = False) -> list[Mapping[str, Any]]:
        self.sent.clear()
        auto_topup_wakes.wake(
            self.known,
            lambda message, group: self.sent.append((message, group)),
            pinned,
            self.tables,
            entries,
        )
        return [message for message, _ in self.sent]


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (entry("burn", 10, 9), True),
        (entry("hold", 10, 4), True),
        (entry("expiry", 10, 0), True),
        (entry("freeze", 10, 5), True),
        (entry("grant", 0, 10), False),
        (entry("release", 5, 10), False),
        (entry("extend", 5, 5), False),
        (entry("status", 5, 5), True),
        (entry("status", 5, 5, status="frozen"), False),
    ],
)
def test_what_leaves_less_or_thaws_a_wallet_has_it_looked_at(made: Entry, expected: bool) -> None:
    assert lessened(made) == expected


def test_a_payments_grant_names_the_order_that_it_pays() -> None:
    assert topped_up_by(entry("grant", 0, 10, cause=CAUSE)) == "top_1"
    assert topped_up_by(entry("clawback", 10, 0, cause=CAUSE)) is None
    assert topped_up_by(entry("grant", 0, 10, cause=replace(CAUSE, reference=("job", "1")))) is None
    assert topped_up_by(entry("grant", 0, 10, cause=replace(CAUSE, reference=None))) is None
    assert topped_up_by(entry("grant", 0, 10)) is None


def test_a_wallet_of_a_batch_is_asked_about_once(woken: Woken) -> None:
    woken.has()
    burns = [entry("burn", 10 - number, 9 - number, number + 1) for number in range(5)]
    assert woken.read(*burns) == [{"account": "acme", "unit": "credits", "seq": 5}]
    assert woken.sent[0][1] == "acme#credits"
    assert woken.read(*burns, pinned=True)[0]["at"] == 1005


def test_a_payment_is_told_with_its_instant(woken: Woken) -> None:
    woken.has()
    (message,) = woken.read(entry("grant", 0, 10, 1, CAUSE), entry("burn", 10, 9, 2))
    assert message == {
        "account": "acme",
        "unit": "credits",
        "seq": 2,
        "paid": {"topup_id": "top_1", "at": 1001},
    }


def test_a_wallet_without_one_costs_nothing_and_is_known_within_half_a_minute(woken: Woken) -> None:
    assert woken.read(entry("burn", 10, 9)) == []
    woken.has()
    woken.now = auto_topup_wakes.REMEMBERED_MS - 1
    assert woken.read(entry("burn", 10, 9)) == []
    woken.now += 1
    assert len(woken.read(entry("burn", 10, 9))) == 1
    woken.now = 0, "a clock that goes back"  # type: ignore[assignment]
    woken.now = 0
    assert len(woken.read(entry("burn", 10, 9), entry("burn", 9, 8, unit="images"))) == 1
