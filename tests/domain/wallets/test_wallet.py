"""A wallet as it is read: when time changes it next, what a due item stands for, and whether it was read in parts."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.wallets.wallet import Due, Page, Snapshot, Wallet
from tests.domain.builders import lot, lots, moment

EMPTY = Wallet("acme", "credits", "priority_expiry_cost")


def test_a_new_wallet_has_nothing_and_time_changes_nothing_of_it() -> None:
    assert (EMPTY.version, EMPTY.totals.total, EMPTY.window, EMPTY.next_due) == (0, 0, (), None)


@pytest.mark.parametrize(
    ("window", "due_at", "next_due"),
    [
        ("1; 1", None, None),
        ("1 exp=+3d; 1", None, moment("+3d")),
        ("1 exp=+3d; 1 exp=+2d", None, moment("+2d")),
        ("1", moment("+1d"), moment("+1d")),
        ("1 exp=+3d", moment("+1d"), moment("+1d")),
        ("1 exp=+3d", moment("+4d"), moment("+3d")),
    ],
)
def test_time_changes_it_at_its_first_expiry_or_first_due_item(
    window: str, due_at: int | None, next_due: int | None
) -> None:
    wallet = Wallet("acme", "credits", "priority_expiry_cost", window=tuple(lots(window)), due_at=due_at)
    assert wallet.next_due == next_due


def test_a_wallet_is_listed_for_the_sweep_and_is_otherwise_the_same() -> None:
    listed = EMPTY.sweep(7)
    assert (EMPTY.sweep_at, listed.sweep_at) == (None, 7)
    assert listed.sweep(None) == EMPTY


@pytest.mark.parametrize(
    ("due", "sidecar", "page"),
    [
        (Due(1, "7f00"), None, "7f00"),
        (Due(1, "lot.3", lot("1 from=+1d", 3)), None, None),
        (Due(1, "hold.2"), ("hold", "2"), None),
        (Due(1, "allowance.pro.2027"), ("allowance", "pro.2027"), None),
    ],
    ids=["page", "lot", "hold", "allowance"],
)
def test_a_due_item_stands_for_a_page_a_lot_or_a_sidecar(
    due: Due, sidecar: tuple[str, str] | None, page: str | None
) -> None:
    assert (due.sidecar, due.page) == (sidecar, page)


@pytest.mark.parametrize(
    ("read", "in_parts"),
    [
        ({}, False),
        ({"pages": {"7f": Page("7f", (lot("1"),))}}, True),
        ({"blocks": {0: {}}}, True),
        ({"due_limit": 25}, True),
        ({"sidecars": {("note", "1"): None}}, True),
        ({"complete": True}, False),
    ],
)
def test_whoever_read_more_than_the_wallet_item_read_in_parts(read: dict[str, Any], in_parts: bool) -> None:
    """Even if there was none: somebody may have written between the two reads."""
    assert Snapshot(EMPTY, **read).in_parts is in_parts
