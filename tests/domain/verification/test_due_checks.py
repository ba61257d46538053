"""Law 5: what time will change is listed for the sweep. A bound may be early, and is never late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from scrip.domain.verification.due_checks import KINDS, check_due
from scrip.domain.wallets.wallet import Due, Page, Wallet
from tests.domain.builders import START, moment
from tests.domain.giving import hold, plan
from tests.domain.memory import Vault, vault


def findings(
    made: Vault,
    *,
    wallet: Wallet | None = None,
    pages: Sequence[Page] | None = None,
    dues: Sequence[Due] | None = None,
) -> list[str]:
    """What the check says of a wallet, some of it replaced."""
    found = check_due(
        wallet or made.wallet,
        list(made.pages.values()) if pages is None else pages,
        list(made.dues.values()) if dues is None else dues,
        {name: sidecar for name, sidecar in made.sidecars.items() if name[0] in KINDS},
    )
    return [one.what for one in found]


@pytest.fixture
def paged() -> Vault:
    """Sixteen lots fill the window; the seventeenth, which expires after nine days, lies in a page."""
    return vault("; ".join(["1 prio=1"] * 16) + "; 1 exp=+9d")


@pytest.fixture
def pending() -> Vault:
    """20 credits that begin after two days."""
    return vault("20 from=+2d")


@pytest.fixture
def held() -> Vault:
    """100 credits, of which entry 2 holds 30 for 15 minutes."""
    made = vault("100")
    hold(made, 30)
    return made


@pytest.fixture
def allowed() -> Vault:
    """Ten credits a day."""
    made = vault()
    made.allow(plan(10, "P1D", anchor=START))
    return made


def test_a_sound_wallet_has_no_findings(paged: Vault, pending: Vault, held: Vault, allowed: Vault) -> None:
    assert [findings(made) for made in (vault(), paged, pending, held, allowed)] == [[]] * 5


def test_a_page_without_its_due_item_is_found(paged: Vault) -> None:
    at = moment("+9d")
    assert findings(paged, dues=[]) == [f"the page of lot 17 has no due item at {at}"]


def test_a_page_that_is_due_after_its_first_expiry_is_found(paged: Vault) -> None:
    ((key, page),) = paged.pages.items()
    late = moment("+9d") + 1
    told = findings(paged, pages=[replace(page, due_at=late)], dues=[Due(late, key)])
    assert told == [f"the page of lot 17 has a lot that expires at {moment('+9d')} and is due later"]


def test_a_page_that_is_due_before_its_first_expiry_is_sound(paged: Vault) -> None:
    ((key, page),) = paged.pages.items()
    early = moment("+3d")
    wallet = replace(paged.wallet, due_at=early)
    assert findings(paged, wallet=wallet, pages=[replace(page, due_at=early)], dues=[Due(early, key)]) == []


def test_a_number_of_lots_in_pages_that_is_not_the_wallets_is_found(paged: Vault) -> None:
    told = findings(paged, wallet=replace(paged.wallet, paged=2))
    assert told == ["1 lots are in pages, the wallet says 2"]


def test_a_pending_lot_at_another_instant_than_its_own_is_found(pending: Vault) -> None:
    (due,) = pending.dues.values()
    told = findings(pending, dues=[replace(due, at=due.at + 1)])
    assert told == ["the due item of pending lot 1 is not at its instant"]


def test_a_hold_that_nothing_ends_is_found(held: Vault) -> None:
    told = findings(held, dues=[])
    assert told == [f"hold 2 changes at {moment('+15m')} and has no due item there"]


def test_a_hold_that_was_captured_needs_nothing_to_end_it(held: Vault) -> None:
    held.capture(2)
    assert held.dues == {}
    assert findings(held) == []


def test_an_allowance_that_is_not_applied_again_is_found(allowed: Vault) -> None:
    told = findings(allowed, dues=[])
    assert told == [f"allowance plan changes at {moment('+1d')} and has no due item there"]


def test_a_bound_of_the_due_items_that_is_late_is_found(held: Vault) -> None:
    at = moment("+15m")
    for bound in (None, at + 1):
        told = findings(held, wallet=replace(held.wallet, due_at=bound))
        assert told == [f"a due item is at {at}, the wallet says that none is before {bound}"]


def test_a_bound_is_held_against_the_first_of_several_due_items() -> None:
    """Due on the second, the third and the fourth day, in whichever order they are read: a bound on the second and a
    millisecond is late, although it is before the others."""
    made = vault("20 from=+2d; 20 from=+4d; 20 from=+3d")
    at = moment("+2d")
    assert made.wallet.due_at == at
    for dues in (list(made.dues.values()), list(made.dues.values())[::-1]):
        assert findings(made, dues=dues) == []
        assert findings(made, wallet=replace(made.wallet, due_at=at + 1), dues=dues) == [
            f"a due item is at {at}, the wallet says that none is before {at + 1}"
        ]


def test_a_sweep_that_does_not_look_or_looks_late_is_found(held: Vault) -> None:
    at = moment("+15m")
    assert findings(held, wallet=held.wallet.sweep(None)) == [
        f"something is due at {at} and the sweep will not look (sweep_at is missing)"
    ]
    assert findings(held, wallet=held.wallet.sweep(at + 1)) == [
        f"something is due at {at} and the sweep looks at {at + 1}"
    ]


def test_an_expiry_in_the_window_is_what_the_sweep_must_know(paged: Vault) -> None:
    made = vault("5 exp=+4d")
    assert findings(made, wallet=made.wallet.sweep(moment("+4d") + 1)) != []


def test_early_bounds_are_sound(held: Vault) -> None:
    assert findings(held, wallet=replace(held.wallet, due_at=START, sweep_at=START)) == []
