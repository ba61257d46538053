"""The window and its pages: a wallet of ten thousand lots works and burns at the cost of one with a single lot."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Totals
from scrip.domain.credits.limits import LARGEST_TOTAL, MAX_INSTANT
from scrip.domain.credits.lots import Money, order_key
from scrip.domain.credits.units import BurnOrder
from scrip.domain.wallets.wallet import NeedFront, NeedPage, Page, Wallet
from scrip.store import items, keys
from tests.domain.builders import lot, story
from tests.domain.giving import hold, release
from tests.domain.memory import ITEM_BYTES, Vault, hoard, item_bytes, vault
from tests.domain.test_history import ORDERS

LONGEST = "x" * 128


@pytest.fixture(scope="module")
def ten_thousand() -> Vault:
    """Ten thousand lots of one credit, in the order of their grants."""
    return hoard(10_000)


def one_by_one(made: Vault, burns: int) -> Iterator[tuple[int, list[object]]]:
    """Items of the commit and needs read, burn by burn."""
    for _ in range(burns):
        made.burn(1)
        yield made.commits[-1].items, list(made.reads)


def test_ten_thousand_lots_are_a_window_and_500_pages(ten_thousand: Vault) -> None:
    assert len(ten_thousand.wallet.window) == 16
    assert ten_thousand.wallet.paged == 9_984
    assert len(ten_thousand.pages) == 500


def test_a_burn_inside_the_window_is_two_items_and_no_read(ten_thousand: Vault) -> None:
    made = ten_thousand.copy()
    made.grant("1000 prio=0")
    for items_written, reads in one_by_one(made, 50):
        assert (items_written, reads) == (2, [])


def test_a_refill_is_one_read_and_two_items_at_most_once_per_eight_lots(ten_thousand: Vault) -> None:
    """A lot that is used up is one item more, the block in which it comes to rest."""
    made = ten_thousand.copy()
    made.burn(1)
    refills = []
    for number, (items_written, reads) in enumerate(one_by_one(made, 1_999)):
        if reads:
            assert len(reads) == 1
            assert isinstance(reads[0], NeedFront)
            refills.append(number)
        assert items_written <= 3 + (2 if reads else 0)
    made.check()
    assert min(later - earlier for earlier, later in pairwise(refills)) >= 8
    assert made.look() == Totals(available=8_000)


def test_many_grants_one_after_the_other_fill_window_and_pages() -> None:
    """And so does ``hoard``, which the tests with thousands of lots begin with."""
    made, same = Vault(checked=False), hoard(500)
    made.grant("; ".join(["1"] * 500))
    assert made.stored_lots() == same.stored_lots()
    assert made.pages == same.pages
    assert made.wallet.totals == same.wallet.totals


def test_all_of_ten_thousand_can_be_spent(ten_thousand: Vault) -> None:
    made = ten_thousand.copy()
    for _ in range(20):
        assert made.burn(500).amount == -500
    made.check()
    assert (made.pages, made.wallet.paged, made.look()) == ({}, 0, Totals())


def test_a_grant_past_the_window_reads_one_page_and_writes_it(ten_thousand: Vault) -> None:
    """The first commit of a wallet that no list has puts it into two, besides."""
    made = ten_thousand.copy()
    made.grant("1 prio=60")
    assert [type(need) for need in made.reads] == [NeedPage]
    assert made.commits[-1].items <= 4 + 2
    made.grant("1 prio=60")
    assert made.commits[-1].items == 3


def test_a_grant_into_a_full_window_pushes_its_last_lot_to_the_first_page(ten_thousand: Vault) -> None:
    made = ten_thousand.copy()
    made.grant("1 prio=40")
    assert [type(need) for need in made.reads] == [NeedFront]
    assert made.wallet.window[0].priority == 40
    assert len(made.wallet.window) == 16
    made.check()


def test_the_first_page_makes_room_when_lots_come_before_it_again_and_again() -> None:
    """Each grant sorts before all: the window pushes to the front of the first page, which splits and splits."""
    made = vault()
    for priority in range(100, -1, -1):
        made.grant(f"1 prio={priority}")
    assert made.open() == " ".join(f"{seq}:1" for seq in range(101, 0, -1))
    assert len(made.pages) <= 10


def test_a_grant_finds_room_where_the_last_page_has_just_expired() -> None:
    """The window is full and its last lot must go to a page, but the one page there was is used up in this commit."""
    made = vault("; ".join(["10 prio=10"] * 16) + "; 5 exp=+1h")
    made.wait("1h")
    made.grant("7 prio=5")
    assert story(made.commits[-1].entries) == ["expiry -5 (5 of 17)", "grant +7"]
    assert (len(made.wallet.window), made.wallet.paged) == (16, 1)


def test_a_window_emptied_by_expiry_is_filled_from_the_pages() -> None:
    made = vault("; ".join(["1 exp=+1h"] * 16 + ["1"] * 30))
    made.wait("1h")
    made.burn(1)
    assert len(made.wallet.window) >= limits.WINDOW_LOW
    assert made.look() == Totals(available=29)


@pytest.mark.parametrize("order", ORDERS)
def test_a_grant_of_anything_is_few_items_however_many_lots_there_are(order: BurnOrder) -> None:
    """Wallet, entry, page; another page and due items where the page splits."""
    dice = random.Random(order)
    made = Vault(vault(order=order).policy, checked=False)
    for _ in range(400):
        life = f" exp=+{dice.randint(1, 999)}h" if dice.random() < 0.8 else ""
        made.grant(f"{dice.randint(1, 99)} prio={dice.choice((0, 50))} cost={dice.randint(0, 999)}USD{life}")
        assert made.commits[-1].items <= 8
        assert len(made.reads) <= 2
    made.check()


# One write unit: 1 KB


def test_the_wallet_item_is_under_1_kb_at_its_longest() -> None:
    """Ids of 128 characters, numbers of 28 digits, a full window; booked as late as can be."""
    wallet = Wallet(
        account=LONGEST,
        unit=LONGEST,
        order="priority_expiry_cost",
        version=10**12 - 1,
        at=MAX_INSTANT,
        status="active",
        totals=Totals(*[LARGEST_TOTAL] * 6),
        paged=10**12 - 1,
        due_at=MAX_INSTANT,
        sweep_at=MAX_INSTANT,
        recorded_at=2 * MAX_INSTANT,
        listed=True,
    )
    assert item_bytes(items.wallet_item(wallet)) + limits.WINDOW_BYTES - 256 <= ITEM_BYTES


@pytest.mark.parametrize("order", ORDERS)
def test_a_page_is_under_1_kb_at_its_longest(order: BurnOrder) -> None:
    key = order_key(
        lot("1 cost=1USD", 10**12 - 1)._replace(
            cost=Money(10**15, "USD"),
            effective_at=MAX_INSTANT,
            expires_at=MAX_INSTANT + 1,
        ),
        order,
    )
    bare = items.page_item(keys.wallet(LONGEST, LONGEST), Page(key, (), MAX_INSTANT))
    assert item_bytes(bare) + limits.PAGE_BYTES - 256 <= ITEM_BYTES


def test_a_wallet_of_the_largest_lots_and_longest_names_lives() -> None:
    """Every commit is checked to fit. Lots of 10²⁵ steps, bought for billions, in part frozen, in part refunded."""
    made = Vault(account=LONGEST, unit=LONGEST)
    face = f"{10**25} cost=999999999999999USD exp=+3000d"
    for number in range(60):
        made.pay(f"p{number}", face)
        if number % 2:
            made.pay(f"p{number}", face, clawed=10**24 + 1, refunded=7, frozen=3 * 10**24 + 1)
    assert len(made.pages) > 4
    made.burn(2 * 10**26 + 12_345)
    for number in range(59, -1, -3):
        made.pay(f"p{number}", face, clawed=10**25, refunded=999_999_999_999_999)
    made.until("+3000d")
    made.sweep()
    assert made.look().total == made.look().frozen - made.look().owed


def test_the_largest_amount_lives_in_one_lot() -> None:
    made = Vault(account=LONGEST, unit=LONGEST)
    made.grant(f"{LARGEST_TOTAL} cost=999999999999999USD exp=+1d")
    made.burn(LARGEST_TOTAL - 1)
    made.wait("1d")
    made.sweep()
    assert made.look() == Totals()


def test_a_lot_that_outgrows_the_window_makes_another_leave_it() -> None:
    """A freeze and a refund make a lot's bytes more; the window gives its last lot to a page."""
    made = Vault(account=LONGEST, unit=LONGEST)
    face = f"{10**20} cost=99999USD exp=+9d"
    for number in range(30):
        made.pay(f"p{number}", face)
    within = len(made.wallet.window)
    for number in range(within):
        made.pay(f"p{number}", face, clawed=1, refunded=1, frozen=10**19)
    assert len(made.wallet.window) < within
    assert made.look().frozen == within * 10**19


def test_a_hold_over_hundreds_of_lots_is_given_back_in_as_many_commits_as_it_takes() -> None:
    """Lots that come back to the order fill pages, and pages are split: all of that is counted before it is done."""
    made = hoard(900, "1 exp=+9d")
    held = hold(made, 700)
    before = len(made.commits)
    release(made, held)
    assert made.look() == Totals(available=900)
    assert all(decision.items <= limits.COMMIT_ITEMS for decision in made.commits[before:])
    made.check()


def test_lots_with_a_scope_lie_before_the_others_of_their_priority_over_all_pages() -> None:
    """Sixty lots, each third for a meter: those come first, whichever came first, in the window and in pages."""
    made = vault(order="openmeter", scoped_first=True)
    for number in range(60):
        made.grant("1 scope=gpu" if number % 3 == 0 else "1")
    made.check()
    taken = [int(one.split(":")[0]) for one in made.open().split()]
    assert taken == [*range(1, 61, 3), *(seq for seq in range(1, 61) if seq % 3 != 1)]
    burned = made.burn(25, meter="gpu")
    assert [draw.lot for draw in burned.draws] == taken[:25]
    assert [draw.lot for draw in made.burn(3).draws] == taken[25:28]
    made.check()
