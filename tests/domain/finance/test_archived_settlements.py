"""What the archive keeps of a movement of a provider's balance: its members by name, and what it posts."""

from __future__ import annotations

from scrip.domain.finance.archived_settlements import MEMBERS, archived_settlement
from scrip.domain.finance.settlement import ProviderSettlement


def test_it_keeps_the_fact_and_what_it_posts_in_each_currency() -> None:
    """10 000 yen that became 65.00 dollars."""
    exchanged = ProviderSettlement(
        "txn_1", "payment", 6500, "USD", 7, "payment:pi_1", "pi_1", charged=(10_000, "JPY")
    )
    said = archived_settlement("stripe", exchanged, 9)
    assert [*said] == [*MEMBERS]
    assert (said["provider"], said["held_at"], said["recorded_at"]) == ("stripe", 7, 9)
    assert (said["amount"], said["currency"], said["paid"], said["paid_currency"]) == (
        6500,
        "USD",
        10_000,
        "JPY",
    )
    lines = [
        (one["currency"], line["name"], line["amount"]) for one in said["postings"] for line in one["lines"]
    ]
    assert lines == [
        ("JPY", "conversion", 10_000),
        ("JPY", "cash.stripe", -10_000),
        ("USD", "cash.stripe", 6500),
        ("USD", "conversion", -6500),
    ]


def test_what_posts_nothing_is_kept_too() -> None:
    said = archived_settlement("dodo", ProviderSettlement("ble_1", "reserve", -3, "JPY", 7), 9)
    assert (said["type"], said["amount"], said["postings"]) == ("reserve", -3, [])
