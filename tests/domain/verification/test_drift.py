"""A ledger and a wallet of different instants: which entries only one of them has, and since when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.verification.drift import Drift, drift
from scrip.domain.wallets.wallet import Wallet
from tests.domain.builders import START, moment
from tests.domain.memory import Vault, vault


@pytest.fixture
def wallets() -> list[Wallet]:
    """The wallet as it was at versions 0 to 3."""
    return []


@pytest.fixture
def made(wallets: list[Wallet]) -> Vault:
    """A grant of 100, an hour later a burn of 30, another hour later a burn of 10."""
    made = vault()
    wallets.append(made.wallet)
    made.grant("100")
    wallets.append(made.wallet)
    for amount in (30, 10):
        made.wait("1h")
        made.burn(amount)
        wallets.append(made.wallet)
    return made


def entries(made: Vault, *seqs: int) -> dict[int, Entry]:
    return {entry.seq: entry for entry in made.entries if entry.seq in seqs}


def test_a_wallet_and_all_of_its_entries_are_not_apart(made: Vault, wallets: list[Wallet]) -> None:
    assert drift(wallets[3], entries(made, 1, 2, 3)) is None
    assert drift(wallets[0], {}) is None


@pytest.mark.parametrize(
    ("version", "first", "since"), [(2, 3, moment("+1h")), (1, 2, START), (0, 1, 0)], ids=["2", "1", "0"]
)
def test_a_wallet_of_before_has_a_ledger_that_is_ahead(
    made: Vault, wallets: list[Wallet], version: int, first: int, since: int
) -> None:
    found = drift(wallets[version], entries(made, 1, 2, 3))
    assert found == Drift("ledger_ahead", first, 3, since)
    assert found.entries == 3 - version


@pytest.mark.parametrize(
    ("count", "since"), [(2, moment("+1h")), (1, START), (0, 0)], ids=["two", "one", "none"]
)
def test_a_ledger_of_before_is_behind(made: Vault, wallets: list[Wallet], count: int, since: int) -> None:
    found = drift(wallets[3], entries(made, *range(1, count + 1)))
    assert found == Drift("ledger_behind", count + 1, 3, since)
    assert found.entries == 3 - count


def test_a_sequence_with_a_gap_is_broken_and_no_drift(made: Vault, wallets: list[Wallet]) -> None:
    assert drift(wallets[3], entries(made, 1, 3)) is None
    assert drift(wallets[1], entries(made, 1, 3)) is None


def test_entries_that_do_not_follow_the_wallets_head_are_no_drift(made: Vault, wallets: list[Wallet]) -> None:
    """Two more entries, but of another history: a drift would have somebody ask for the wrong burns again."""
    other = replace(wallets[1], head=b"x" * 32)
    assert drift(other, entries(made, 1, 2, 3)) is None
