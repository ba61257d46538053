"""The pace of a wallet: what it keeps in 23 bytes, held against a plain list of what was spent, and when."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.entries import Cause, Entry, EntryKind, Totals
from scrip.domain.credits.units import Runaway
from scrip.domain.wallets import pace
from tests.domain.builders import START, steady

MINUTE = Runaway(100, "PT1M", "notify")


def up_to(amount: int) -> Runaway:
    return MINUTE._replace(amount=amount)


ENTRY = Entry(
    id="",
    account="acme",
    unit="credits",
    seq=1,
    kind="burn",
    at=START,
    amount=0,
    before=Totals(),
    after=Totals(),
    status="active",
    draws=(),
    previous_hash=b"",
    cause=Cause("", "", "test"),
)


class Spender:
    """A wallet that spends, and a list of what it spent: ``spent``, instants and steps."""

    def __init__(self, breaker: Runaway) -> None:
        self.breaker, self.now, self.data, self.kept_at = breaker, START, b"", START
        self.spent: list[tuple[int, int]] = []
        self.lost = Fraction(0)

    def at(self, seconds: float) -> Spender:
        self.now = START + round(1000 * seconds)
        return self

    def burn(self, steps: int) -> int | None:
        """What a crossing says was burned; None where there is none."""
        self.spent.append((self.now, steps))
        return self._count("burn", -steps)

    def reverse(self, number: int, some: int | None = None) -> None:
        """What was spent then was not, or so much less was."""
        at, there = self.spent[number]
        steps = there if some is None else some
        self.spent[number] = (at, there - steps)
        self._count("reversal", steps, at)
        self.lost += 1

    def _count(self, kind: EntryKind, amount: int, undoes: int | None = None) -> int | None:
        entry = replace(ENTRY, kind=kind, amount=amount, at=self.now)
        self.data, crossing = pace.counted(self.breaker, self.data, self.kept_at, entry, undoes)
        self.kept_at = self.now
        assert len(self.data) <= 23
        return crossing.burned if crossing else None

    def within(self, share: Fraction = Fraction(1)) -> int:
        """What was spent within the while up to now, or within so much of it."""
        begins = self.now - pace.within_ms(self.breaker.within) * share
        return sum(steps for at, steps in self.spent if at > begins)

    @property
    def counted(self) -> int:
        """What is counted now."""
        made = pace.Pace(self.breaker)
        made.read(self.data, self.kept_at)
        made.pass_time(self.now)
        return made.total << made.shift


def test_what_passes_the_amount_within_the_while_crosses_it_once() -> None:
    wallet = Spender(MINUTE)
    assert wallet.at(0).burn(60) is None
    assert wallet.at(20).burn(40) is None, "just the amount is not more than it"
    assert wallet.at(59.999).burn(1) == 101
    assert wallet.at(59.999).burn(50) is None, "it was told"


def test_what_was_spent_the_whole_while_ago_counts_no_more() -> None:
    wallet = Spender(MINUTE)
    wallet.at(0).burn(60)
    assert wallet.at(60).burn(60) is None
    assert wallet.at(119.999).burn(41) == 101


def test_it_crosses_again_once_it_fell_to_the_amount() -> None:
    wallet = Spender(MINUTE)
    wallet.at(0).burn(60)
    assert wallet.at(30).burn(60) == 120
    assert wallet.at(59).burn(10) is None
    assert wallet.at(61).burn(31) == 101, "70 were left of the last minute"


def test_what_is_undone_was_not_spent() -> None:
    wallet = Spender(MINUTE)
    wallet.at(0).burn(90)
    wallet.at(10).reverse(0)
    assert wallet.at(11).burn(100) is None
    assert wallet.at(12).burn(1) == 101


def test_what_is_undone_after_its_while_gives_nothing_back() -> None:
    wallet = Spender(MINUTE)
    wallet.at(0).burn(90)
    wallet.at(61).burn(100)
    wallet.at(62).reverse(0)
    assert wallet.at(63).burn(1) == 101


def test_a_steady_spender_within_the_amount_is_never_told_of_and_one_above_it_is() -> None:
    """1 each second is 60 a minute, in whatever tenth it falls; 61 a minute is told within the minute after."""
    steadily = Spender(MINUTE._replace(amount=60))
    assert [steadily.at(second).burn(1) for second in range(600)] == [None] * 600
    faster = Spender(MINUTE._replace(amount=59))
    assert [second for second in range(600) if faster.at(second).burn(1)][:1] == [59]


def test_a_million_small_burns_lose_nothing_by_rounding() -> None:
    """Each is far less than a share of the amount: 1 of 10^12 steps, 40 times in each tenth, and no tenth loses any."""
    wallet = Spender(Runaway(1_000_000, "PT1H", "notify"))
    for number in range(900):
        wallet.at(number * 3.9).burn(1111)
    assert wallet.within() == wallet.counted == 999_900
    assert wallet.at(3599).burn(100) is None
    assert wallet.at(3599).burn(1) == 1_000_001


def test_amounts_of_28_digits_are_counted_to_a_share() -> None:
    amount = 10**27
    wallet = Spender(Runaway(amount, "P31D", "notify"))
    for number in range(50):
        assert wallet.at(number * 53_000).burn(amount // 50) is None
    crossed = [wallet.at(50 * 53_000).burn(amount // 1000) for _ in range(3)]
    assert [one is not None for one in crossed].count(True) == 1


def test_few_burns_are_counted_to_the_millisecond() -> None:
    """50 after 5.9 s count after 60.1 s, when 60 from the beginning do not."""
    wallet = Spender(MINUTE)
    wallet.at(0).burn(60)
    wallet.at(5.9).burn(30)
    assert wallet.at(60.1).burn(60) is None
    assert wallet.counted == 90
    assert wallet.at(65.899).burn(11) == 101


def test_burns_of_one_instant_are_one_and_those_of_nothing_none() -> None:
    wallet = Spender(up_to(10**6))
    wallet.at(0).burn(1000)
    kept = wallet.data
    for _ in range(50):
        wallet.burn(1000)
        wallet.burn(0)
    assert (wallet.counted, len(wallet.data)) == (51_000, len(kept) + 1)
    wallet.at(1).burn(0)
    assert wallet.counted == 51_000


def test_a_part_is_given_back() -> None:
    wallet = Spender(MINUTE)
    wallet.at(0).burn(90)
    wallet.at(1).reverse(0, 40)
    assert (wallet.counted, wallet.at(2).burn(50)) == (50, None)
    assert wallet.at(3).burn(1) == 101


def test_many_burns_are_counted_until_a_while_after_the_first_and_single_ones_begin_again() -> None:
    """Twenty burns of one tenth: all of it counts for 59.999 s, and nothing after a minute."""
    wallet = Spender(up_to(20_000))
    for number in range(20):
        wallet.at(number / 10).burn(1000)
    assert wallet.at(59.999).counted == 20_000
    assert wallet.at(60).counted == 0
    wallet.at(60).burn(5)
    assert len(wallet.data) == pace.MARK + 4 + 1, "one instant, and its steps"


def test_each_tenth_is_forgotten_by_itself() -> None:
    """A burn of 100 every half second is 1 200 in a tenth. 54 to 60 seconds count, less a share at most."""
    breaker = up_to(20_000)
    wallet = Spender(breaker)
    for number in range(600):
        assert wallet.at(number / 2).burn(100) is None
        assert wallet.within(Fraction(9, 10)) - 79 <= wallet.counted <= wallet.within()
    assert 10_700 <= wallet.counted <= 12_000


@pytest.mark.parametrize("amount", [50, 9_999, 10**6, 10**12, 10**27])
def test_whatever_is_spent_and_undone_is_counted_within_its_bounds(amount: int) -> None:
    """By chance, many at a time, so that nearly all is kept in tenths."""
    dice = random.Random(amount)
    for _ in range(40):
        wallet = Spender(up_to(amount))
        share = Fraction(amount, 255) + 1 + Fraction(amount, 2**38)
        for _ in range(80):
            wallet.now += dice.choice((0, 1, 40, 333, 1_700, 5_999, 6_000, 11_000))
            room = amount - wallet.within()
            if dice.random() < 0.1 and wallet.spent:
                at, there = wallet.spent[-dice.randint(1, min(6, len(wallet.spent)))]
                wallet.reverse(wallet.spent.index((at, there)), dice.randint(0, there))
            elif room > 0:
                assert wallet.burn(dice.randint(0, min(room, amount // 9 + 1))) is None, (
                    "it is within the amount"
                )
            assert wallet.counted <= wallet.within()
            assert wallet.counted >= wallet.within(Fraction(9, 10)) - share * (1 + wallet.lost)


def test_another_breaker_begins_anew_and_the_same_does_not() -> None:
    wallet = Spender(MINUTE)
    wallet.at(0).burn(60)
    before = wallet.data
    assert pace.told_of(MINUTE, before) == {}
    other = MINUTE._replace(within="PT2M")
    assert pace.told_of(other, before) == {"breaker": {"amount": "100", "within": "PT2M", "action": "notify"}}
    assert pace.told_of(None, before) == {"breaker": None}
    assert pace.told_of(None, b"") == {}
    wallet.breaker = other
    assert wallet.at(1).burn(50) is None


def test_what_is_kept_is_the_same_as_of_a_later_instant_of_the_wallet() -> None:
    """A grant moves the wallet's instant on, and with it what its pace is as of."""
    wallet = Spender(MINUTE)
    wallet.at(0).burn(60)
    wallet.data, wallet.kept_at = pace.moved(wallet.data, 30_000), START + 30_000
    assert wallet.at(59.999).burn(41) == 101
    assert pace.moved(wallet.data, 2**32) == pace.emptied(wallet.data)
    assert len(pace.emptied(wallet.data)) == pace.MARK
    assert pace.moved(pace.emptied(wallet.data), 5) == pace.emptied(wallet.data)


TIMES = st.lists(
    st.tuples(
        st.sampled_from((0, 1, 700, 5_000, 6_000, 6_001, 31_000, 66_000)),
        st.sampled_from((0, 1, 2, 3, 9, 40, 99, 100, 250)),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


@steady
@given(TIMES, st.sampled_from((3, 100, 10**9, 10**15, 10**27)), st.booleans())
def test_never_more_is_counted_than_within_the_while_nor_less_than_in_nine_tenths_of_it(
    steps: list[tuple[int, int, bool]], amount: int, undoing: bool
) -> None:
    wallet = Spender(Runaway(amount, "PT1M", "notify"))
    share = Fraction(amount, 255) + 1 + Fraction(len(steps) * amount, 2**44)
    for ago, hundredths, undo in steps:
        wallet.now += ago
        if undo and undoing and wallet.spent:
            wallet.reverse(-1)
        elif (crossing := wallet.burn(amount * hundredths // 100)) is not None:
            assert amount < crossing <= wallet.within()
            if undoing:
                return  # of what passed the amount not all is known later
        assert wallet.counted <= wallet.within()
        least = min(wallet.within(Fraction(9, 10)), amount)
        assert wallet.counted >= least - share * (1 + wallet.lost)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 2**35 - 1, 10**27])
def test_numbers_are_read_as_they_were_written(number: int) -> None:
    assert pace._numbers(pace._written(number) + pace._written(7)) == [number, 7]


def in_tenths(wallet: Spender, since: int) -> None:
    """Twenty burns of 100, one each tenth of a second: so many are kept in tenths."""
    for number in range(20):
        wallet.at(since + number / 10).burn(100)


def test_what_is_undone_after_its_while_gives_nothing_back_of_tenths_either() -> None:
    wallet = Spender(up_to(20_000))
    wallet.at(0).burn(5_000)
    in_tenths(wallet, 61)
    wallet.at(64).reverse(0)
    assert wallet.counted == 2_000


def test_what_was_spent_before_the_count_began_gives_back_a_share_at_most() -> None:
    """79 is a share of 20 000: such a burn cannot be told from one that lay below a share."""
    wallet = Spender(up_to(20_000))
    wallet.at(0).burn(5_000)
    wallet.data = pace.emptied(wallet.data)
    in_tenths(wallet, 10)
    wallet.at(14).reverse(0)
    assert wallet.counted == 2_000 - 79
