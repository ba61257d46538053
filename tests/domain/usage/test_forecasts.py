"""What will be left of lots at their ends, if credits are used as they were."""

from __future__ import annotations

from scrip.domain.usage.forecasts import ENDS, ForecastEnd, LivingLot, ends

DAY = 86_400_000


def lot(key: str, steps: int, ends_in: float | None = None, begins_in: float = 0) -> LivingLot:
    return LivingLot(key, steps, int(begins_in * DAY), None if ends_in is None else int(ends_in * DAY))


def found(*lots: LivingLot, per_day: int = 10) -> list[ForecastEnd]:
    return list(ends(lots, 0, per_day, DAY))


def test_what_is_not_burned_until_its_end_is_left() -> None:
    """100 that end in 4 days, at 10 a day: 60 are left. Nothing is left of 30."""
    assert found(lot("a", 100, 4)) == [ForecastEnd(4 * DAY, 100, 60)]
    assert found(lot("a", 30, 4)) == [ForecastEnd(4 * DAY, 30, 0)]


def test_lots_are_burned_in_their_order() -> None:
    """30 in 3 days, then the other's 15 of the 5 days left but one; what is first in order is not what ends first."""
    assert found(lot("a", 30, 8), lot("b", 40, 5)) == [
        ForecastEnd(5 * DAY, 40, 20),
        ForecastEnd(8 * DAY, 30, 0),
    ]
    assert found(lot("a", 30), lot("b", 40, 5)) == [ForecastEnd(5 * DAY, 40, 20)]
    assert found(lot("b", 40, 5), lot("c", 50, 9)) == [
        ForecastEnd(5 * DAY, 40, 0),
        ForecastEnd(9 * DAY, 50, 0),
    ]


def test_what_has_ended_pays_no_more_and_what_begins_later_does_then() -> None:
    """20 of 50 until day 2; then the pending lot alone, until day 6: 40 of 100."""
    lots = (lot("a", 50, 2), lot("b", 100, 6, begins_in=1))
    assert found(*lots) == [ForecastEnd(2 * DAY, 50, 30), ForecastEnd(6 * DAY, 100, 60)]
    # Before it begins it pays nothing, though it is first in order.
    lots = (lot("b", 50, 2), lot("a", 100, 6, begins_in=1))
    assert found(*lots) == [ForecastEnd(2 * DAY, 50, 40), ForecastEnd(6 * DAY, 100, 50)]


def test_what_ends_at_one_instant_is_one() -> None:
    assert found(lot("a", 5, 1), lot("b", 7, 1), lot("c", 9)) == [ForecastEnd(DAY, 12, 2)]


def test_what_nothing_is_used_of_is_all_left() -> None:
    assert found(lot("a", 5, 1), per_day=0) == [ForecastEnd(DAY, 5, 5)]
    assert found(lot("c", 9)) == []


def test_what_is_rounded_does_not_add_up() -> None:
    """Three a week, in seven lots that end day by day: 0.43 a day. On the seventh day the third is burned."""
    lots = [lot(str(number), 1, number) for number in range(1, 8)]
    assert sum(one.unburned for one in ends(lots, 0, 3, 7 * DAY)) == 4


def test_the_soonest_are_told() -> None:
    told = found(*(lot(f"{number:04d}", 1, number + 1) for number in range(3 * ENDS)))
    assert [one.at for one in told] == [number * DAY for number in range(1, ENDS + 1)]
