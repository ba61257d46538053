"""Sums of what moved at a provider, by hand: currencies stay apart, and a difference that is gone counts no more."""

from __future__ import annotations

from scrip.domain.finance.settlement import SHOWN, MoneyOfDay, ProviderSettlement


def paid(
    number: int, amount: int, currency: str = "USD", charged: tuple[int, str] | None = None
) -> ProviderSettlement:
    return ProviderSettlement(
        f"txn_{number}", "payment", amount, currency, 0, f"payment:pi_{number}", None, charged
    )


def test_a_day_adds_up_by_currency_and_what_was_exchanged_is_compared_as_it_was_paid() -> None:
    """10.00 USD, and 1 000 yen that arrive as 6.50 USD less 0.49."""
    day = MoneyOfDay()
    day.add(paid(1, 1000), 1000, None, 1000)
    day.add(paid(2, 650, charged=(1000, "JPY")), 900, "it is another amount here", 900)
    day.add(ProviderSettlement("txn_2.fee", "fee", -49, "USD", 0), 0, None, None)
    assert {currency: (one.charged, one.booked, one.net) for currency, one in day.sums.items()} == {
        "USD": (1000, 1000, 1601),
        "JPY": (1000, 900, 0),
    }
    assert day.sums["USD"].moved == {"payment": 1650, "fee": -49}
    (difference,) = day.differences
    day.settled(difference, 1000)
    assert (day.sums["JPY"].booked, day.count, day.differences) == (1000, 0, [])


def test_a_dispute_is_no_difference_in_money_until_it_is_lost() -> None:
    day = MoneyOfDay()
    day.add(ProviderSettlement("txn_1", "dispute", -1000, "USD", 0), -1000, None, -1000)
    assert (day.sums["USD"].charged, day.sums["USD"].booked, day.sums["USD"].net) == (0, 0, -1000)


def test_the_first_differences_are_kept_and_all_are_counted() -> None:
    day = MoneyOfDay()
    for number in range(SHOWN + 5):
        day.add(paid(number, 1), 0, "nothing was granted here for the payment", None)
    assert (len(day.differences), day.count) == (100, 105)


def test_a_day_is_read_as_it_was_written() -> None:
    day = MoneyOfDay()
    assert MoneyOfDay.from_json({}) == day
    day.add(paid(1, 650, charged=(1000, "JPY")), 900, "it is another amount here", 900)
    assert MoneyOfDay.from_json(day.to_json()) == day
