"""Lots in a list: each once and in its place, however the list is cut into pages (laws 1 and 5)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits import limits
from scrip.domain.credits.lots import Lot, order_key
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.lot_lists import BEGINNING, LotPlace, Slice, list_lots
from tests.domain.giving import hold
from tests.domain.memory import Vault

MANY = limits.BESIDE_BLOCKS * limits.BLOCK_SEQS + limits.BLOCK_SEQS
"""Lots that fill one block more than is listed in burn order."""


def page_of(made: Vault, after: LotPlace, limit: int, *, ended: bool) -> tuple[list[Lot], LotPlace | None]:
    """A page, and where the next one begins."""
    found, following = made.reading(lambda draft: list_lots(draft, made.now, after, limit, ended=ended))
    return [one.lot for one in found], following


def pages(made: Vault, limit: int, *, ended: bool = False) -> list[list[Lot]]:
    """A whole list, page by page, as the wallet stands."""
    found: list[list[Lot]] = []
    after: LotPlace | None = BEGINNING
    while after is not None:
        page, after = page_of(made, after, limit, ended=ended)
        assert len(page) <= limit
        found.append(page)
        assert len(found) < 10_000
    return found


def listed(made: Vault, limit: int, *, ended: bool = False) -> list[int]:
    return [lot.seq for page in pages(made, limit, ended=ended) for lot in page]


def in_burn_order(made: Vault, *, ended: bool = False) -> list[int]:
    """The lots that a list shows, sorted by the rule itself."""
    shown = [lot for lot in made.all_lots() if ended or not lot.fate]
    return [lot.seq for lot in sorted(shown, key=lambda lot: order_key(lot, made.wallet.order))]


def busy() -> Vault:
    """130 lots, of which thirty are used up, five wholly held and seven have not begun."""
    made = Vault(checked=False)
    made.grant("; ".join(f"1 exp=+{number * 7 % 31 + 5}d prio={number % 3}" for number in range(123)))
    made.grant("; ".join(f"1 from=+{number + 1}d exp=+{number * 3 + 9}d" for number in range(7)))
    made.burn(30)
    hold(made, 5)
    return made


@pytest.mark.parametrize("limit", [1, 7, 16, 40, 99, 100, 1000])
@pytest.mark.parametrize("ended", [False, True])
def test_lots_come_in_burn_order_whatever_the_pages(limit: int, ended: bool) -> None:
    made = busy()
    assert listed(made, limit, ended=ended) == in_burn_order(made, ended=ended)
    full = pages(made, limit, ended=ended)
    assert all(len(page) == limit for page in full[:-1])
    assert full[-1], "no page is empty"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3), st.booleans()), min_size=1, max_size=90),
    st.integers(0, 60),
    st.integers(1, 40),
    st.booleans(),
)
def test_whatever_lots_there_are_each_comes_once(
    lots: list[tuple[int, int, bool]], burned: int, limit: int, ended: bool
) -> None:
    made = Vault(checked=False)
    for days, priority, pending in lots:
        made.grant(f"1 exp=+{days + 40}d prio={priority}" + (f" from=+{days}d" if pending else ""))
    burned = min(burned, made.wallet.totals.available)
    if burned:
        made.burn(burned)
    made.wait("10d")  # what begins meanwhile is not booked
    expected = made.reading(
        lambda draft: [one.lot.seq for one in list_lots(draft, made.now, BEGINNING, 1000, ended=ended)[0]]
    )
    assert listed(made, limit, ended=ended) == expected
    assert sorted(expected) == sorted(in_burn_order(made, ended=ended))


def test_of_many_lots_at_rest_the_open_ones_come_first_and_each_lot_once() -> None:
    """500 used up and 40 open: the open ones in burn order, then the others by their grant."""
    made = Vault(checked=False)
    made.grant("; ".join(f"1 exp=+{number % 97 + 5}d" for number in range(MANY + 40)))
    made.burn(MANY)
    order = in_burn_order(made, ended=True)
    opened = [seq for seq in order if made.lot(seq).spendable]
    assert len(opened) == 40
    for limit in (33, 100, 1000):
        found = listed(made, limit, ended=True)
        assert found[:40] == opened
        assert found[40:] == sorted(set(order) - set(opened))
    assert listed(made, 33) == opened, "and without those that ended nothing of them is read"


def test_of_many_pending_lots_the_open_ones_come_first_and_each_lot_once() -> None:
    count = limits.BESIDE_DUES + 30
    made = Vault(checked=False)
    made.grant("; ".join(f"1 from=+{number % 50 + 2}d" for number in range(count)) + "; 1; 1; 1")
    found = listed(made, 33)
    assert found[:3] == [count + 1, count + 2, count + 3]
    begin = [made.lot(seq).effective_at for seq in found[3:]]
    assert begin == sorted(begin)
    assert sorted(found) == list(range(1, count + 4))


def test_what_is_held_is_found_behind_many_lots_that_are_used_up() -> None:
    """A wholly held lot lies among the used up ones: pages without it may be empty, and the list goes on."""
    made = Vault(checked=False)
    made.grant("; ".join("1 prio=1" for _ in range(2 * MANY)) + "; 5 prio=2; 7 prio=3")
    made.burn(MANY)
    made.burn(MANY)
    hold(made, 5)
    assert listed(made, 100) == [2 * MANY + 2, 2 * MANY + 1]


def test_a_list_goes_on_where_it_was_however_many_lots_end_meanwhile() -> None:
    """It began in burn order; 500 lots ended since. What was listed does not come again, the rest is not left out."""
    made = Vault(checked=False)
    made.grant("; ".join(f"1 exp=+{number // 10 + 5}d" for number in range(MANY + 100)))
    whole = in_burn_order(made)
    first, following = page_of(made, BEGINNING, 50, ended=True)
    assert [lot.seq for lot in first] == whole[:50]
    made.burn(MANY)
    rest: list[int] = []
    while following is not None:
        page, following = page_of(made, following, 50, ended=True)
        rest += [lot.seq for lot in page]
    assert sorted(rest) == sorted(whole[50:])


def test_each_page_of_open_lots_reads_a_few_pages_of_the_wallet() -> None:
    """400 lots in pages of 100: eight pages of the wallet at most for each."""
    made = Vault(checked=False)
    made.grant("; ".join(f"1 exp=+{number + 5}d" for number in range(400)))
    after: LotPlace | None = BEGINNING
    read: list[int] = []
    while after is not None:

        def look(draft: Draft, start: LotPlace = after) -> Slice:
            found = list_lots(draft, made.now, start, 100, ended=False)
            read.append(len(draft.snapshot.pages))
            assert not draft.snapshot.complete
            assert not draft.snapshot.due_limit
            return found

        _, after = made.reading(look)
    assert len(read) == 4
    assert max(read) <= 8
