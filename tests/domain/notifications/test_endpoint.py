"""An endpoint: patterns of types, whose events it hears, its secrets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.notifications.endpoint import (
    EndpointSecret,
    EndpointStop,
    WebhookEndpoint,
    check_pattern,
    matches,
)

HOUR = 3_600_000
ONE = WebhookEndpoint(
    "e", "m", "https://x.example/", ("scrip.balance.*",), None, True, 0, (EndpointSecret("a", 0, None),)
)
TYPES = ("scrip.balance.low", "scrip.balance.depleted", "scrip.lot.expiring")


@pytest.mark.parametrize(
    ("pattern", "type_", "fits"),
    [
        ("*", "scrip.balance.low", True),
        ("scrip.*", "scrip.balance.low", True),
        ("scrip.balance.*", "scrip.balance.low", True),
        ("scrip.balance.low", "scrip.balance.low", True),
        ("scrip.balance.*", "scrip.balances.low", False),
        ("scrip.balance.*", "scrip.balance", False),
        ("scrip.balance", "scrip.balance.low", False),
        ("scrip.balance.low.*", "scrip.balance.low", False),
    ],
)
def test_a_star_stands_for_whole_segments_at_the_end(pattern: str, type_: str, fits: bool) -> None:
    assert matches(pattern, type_) == fits


def test_a_pattern_fits_at_least_one_type() -> None:
    for pattern in ("*", "scrip.*", "scrip.balance.*", "scrip.lot.expiring"):
        assert check_pattern(pattern, TYPES) == pattern
    for pattern in ("scrip.bal*", "*.low", "scrip.*.low", "**", "scrip.lot", "", ".", ".*", "*.*"):
        with pytest.raises(ValueError, match=r"scrip\.balance|docs/events\.md"):
            check_pattern(pattern, TYPES)


def test_it_wants_its_types_of_its_accounts_while_it_is_enabled() -> None:
    assert ONE.wants("scrip.balance.low", "acme")
    assert ONE.wants("scrip.balance.low", None)
    assert not ONE.wants("scrip.lot.expiring", "acme")
    assert not replace(ONE, enabled=False).wants("scrip.balance.low", "acme")
    bound = replace(ONE, accounts=("acme",))
    assert [bound.wants("scrip.balance.low", account) for account in ("acme", "other", None)] == [
        *(True, False, False)
    ]


def test_a_rotated_secret_is_valid_for_24_hours_and_there_are_never_three() -> None:
    first = ONE.rotated("b", HOUR)
    assert [one.sealed for one in first.valid_secrets(25 * HOUR - 1)] == ["b", "a"]
    assert [one.sealed for one in first.valid_secrets(25 * HOUR)] == ["b"]
    second = first.rotated("c", 2 * HOUR)
    assert [one.sealed for one in second.valid_secrets(2 * HOUR)] == ["c", "b"]


def test_a_document_is_read_as_it_was_written() -> None:
    for one in (
        ONE,
        ONE.rotated("b", 1).stop(EndpointStop("gone", 5, 410)),
        replace(ONE, accounts=("a", "b")),
    ):
        assert WebhookEndpoint.from_json("e", one.to_json()) == one
