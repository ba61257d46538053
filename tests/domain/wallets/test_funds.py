"""What became of the money, summed as the entries go (law 8). The vault compares it with lots and entries after each
step. The first lot of these examples is 100 credits for 10.00 USD: ten cents a credit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scrip.domain.wallets.funds import Funds
from tests.domain.memory import Vault, vault

FACE = "100 cost=1000USD"


def usd(made: Vault) -> Funds:
    assert made.wallet.funds is not None
    (found,) = made.wallet.funds
    return found


def bought() -> Vault:
    made = vault()
    made.pay("p", FACE)
    return made


def test_a_wallet_without_money_has_no_sums() -> None:
    made = vault("100")
    made.burn(30)
    assert made.wallet.funds == ()


def burned(made: Vault) -> None:
    made.burn(30)


def burned_and_reversed(made: Vault) -> None:
    made.reverse(made.burn(30), 10)


def held_and_captured(made: Vault) -> None:
    made.capture(made.hold(40).seq, 30)


def voided(made: Vault) -> None:
    made.void(1, 30)


def debited(made: Vault) -> None:
    made.debit(30)


def refunded(made: Vault) -> None:
    made.burn(30)
    made.pay("p", FACE, 70, 700)


def refunded_more_than_there_was(made: Vault) -> None:
    """30 are earned for 3.00; all is given back, so that nothing is earned."""
    made.burn(30)
    made.pay("p", FACE, 100, 1000)


def refunded_and_reinstated(made: Vault) -> None:
    made.pay("p", FACE, 100, 1000)
    made.pay("p", FACE, 0, 0)


def kept(made: Vault) -> None:
    """70 credits for 7.00 go out of the lot and come back as one of their own, paid by what was kept."""
    made.burn(30)
    made.keep("p", 70, 700)


@pytest.mark.parametrize(
    ("act", "sums", "deferred"),
    [
        (burned, Funds("USD", 1000, recognised=300), 700),
        (burned_and_reversed, Funds("USD", 1000, recognised=200), 800),
        (held_and_captured, Funds("USD", 1000, recognised=300), 700),
        (debited, Funds("USD", 1000, breakage=300), 700),
        (refunded, Funds("USD", 1000, recognised=300, refunded=700), 0),
        (refunded_more_than_there_was, Funds("USD", 1000, recognised=0, refunded=1000), 0),
        (refunded_and_reinstated, Funds("USD", 1000), 1000),
        (kept, Funds("USD", 1700, recognised=300, refunded=700), 700),
    ],
)
def test_every_way_of_money_has_its_sum(act: Callable[[Vault], None], sums: Funds, deferred: int) -> None:
    made = bought()
    act(made)
    assert usd(made) == sums
    assert usd(made).deferred == deferred


def test_what_expires_unspent_is_breakage() -> None:
    made = vault("100 cost=1000USD exp=+1d")
    made.burn(30)
    made.wait("2d")
    made.sweep()
    assert (usd(made), usd(made).deferred) == (Funds("USD", 1000, recognised=300, breakage=700), 0)


def test_a_void_is_breakage_and_a_mistake_was_never_paid() -> None:
    made = vault("100 cost=1000USD; 50 cost=400USD")
    made.void(1, 30)
    assert usd(made) == Funds("USD", 1400, breakage=300)
    made.void(2, mistake=True)
    assert (usd(made), usd(made).deferred) == (Funds("USD", 1000, breakage=300), 700)


def test_what_is_transferred_is_the_other_wallets_by_then() -> None:
    made, other = (
        vault(FACE, transferable=True),
        Vault(account="other", policy=vault(transferable=True).policy),
    )
    made.transfer(other, 40)
    assert (usd(made), usd(made).deferred) == (Funds("USD", 1000, moved=400), 600)
    assert (usd(other), usd(other).deferred) == (Funds("USD", 0, moved=-400), 400)


def test_each_currency_has_its_own_sums_in_the_order_of_the_codes() -> None:
    made = vault("10 cost=100USD; 10 cost=100EUR; 10 cost=100USD")
    made.burn(15)
    assert made.wallet.funds == (Funds("EUR", 100, recognised=100), Funds("USD", 200, recognised=50))


def test_a_wallet_that_was_not_counted_from_its_beginning_stays_without() -> None:
    made = bought()
    made.wallet = replace(made.wallet, funds=None)
    made.burn(30)
    assert made.wallet.funds is None
