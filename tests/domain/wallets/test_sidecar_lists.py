"""Holds and allowances as lists show them: each once, page by page, open holds by their deadline."""

from __future__ import annotations

from functools import partial

import pytest

from scrip.domain.wallets.sidecar_lists import list_allowances, list_holds
from tests.domain.giving import allowed
from tests.domain.memory import Vault, vault


def walked(made: Vault, status: str | None, limit: int) -> list[list[int]]:
    """The holds of a list, page by page, by their sequences."""
    pages: list[list[int]] = []
    place: str | None = ""
    while place is not None:
        look = partial(list_holds, now=made.now, status=status, after=place, limit=limit)
        found, place = made.reading(look)
        pages.append([hold.seq for hold, _ in found])
    return pages


@pytest.fixture
def holding() -> Vault:
    """Entry 1 grants 100; holds 2 to 13 of 1 each, for 20 down to 9 minutes; hold 5 captured, hold 6 released."""
    made = vault("100")
    for minutes in range(20, 8, -1):
        made.hold(1, f"{minutes}m")
    made.capture(5)
    made.release(6)
    return made


def test_open_holds_come_by_their_deadline_the_next_first(holding: Vault) -> None:
    assert walked(holding, "open", 100) == [[13, 12, 11, 10, 9, 8, 7, 4, 3, 2]]
    assert walked(holding, "open", 4) == [[13, 12, 11, 10], [9, 8, 7, 4], [3, 2]]
    assert walked(holding, "open", 5) == [[13, 12, 11, 10, 9], [8, 7, 4, 3, 2]]


def test_all_holds_come_once_by_their_names(holding: Vault) -> None:
    """As texts: 10 before 2."""
    assert walked(holding, None, 100) == [[10, 11, 12, 13, 2, 3, 4, 5, 6, 7, 8, 9]]
    assert walked(holding, None, 5) == [[10, 11, 12, 13, 2], [3, 4, 5, 6, 7], [8, 9]]
    assert walked(holding, "captured", 100) == [[5]]
    assert walked(holding, "released", 1) == [[6]]


def test_a_hold_whose_deadline_is_over_is_expired_though_nobody_has_booked_it(holding: Vault) -> None:
    """After ten minutes those of 9 and 10 minutes, the last two, are over."""
    holding.until("+10m")
    assert walked(holding, "expired", 100) == [[12, 13]]
    assert walked(holding, "open", 100) == [[11, 10, 9, 8, 7, 4, 3, 2]]


def test_allowances_come_by_their_names_without_those_that_were_deleted() -> None:
    made = allowed(10, "P1D")
    for name in ("b", "a", "c"):
        made.allow(made.allowance().plan, name)
    made.disallow("b")
    assert made.reading(lambda draft: list_allowances(draft, "", 10))[1] is None
    pages: list[list[str]] = []
    place: str | None = ""
    while place is not None:
        found, place = made.reading(partial(list_allowances, after=place, limit=2))
        pages.append([one.name for one in found])
    assert pages == [["a"], ["c", "plan"]]
