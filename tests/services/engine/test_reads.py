"""Reads of one version of a wallet, as if all that is due were booked (laws 1 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import ClockBackwards, Contended
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Wallet
from scrip.http.edge.parameters import instant
from scrip.services.engine.attempts import ATTEMPTS
from scrip.services.engine.executor import Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

EXPIRY = instant(NEXT_DAY, "")


@pytest.mark.parametrize(("at", "total"), [(EXPIRY - 1, 15_000_000), (EXPIRY, 5_000_000)])
def test_a_read_shows_what_is_due_as_booked_and_writes_nothing(
    scrip: Deployment, account: str, at: int, total: int
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NEXT_DAY)
    scrip.grant(account, "5", clock=NEW_YEAR)
    executor = runtime.executor()

    def view(draft: Draft) -> tuple[int, int]:
        return apply_all_due(draft, at), draft.totals.total

    with scrip.unwritten():
        assert read(executor, executor.context(account, "credits"), view) == (at, total)


def test_a_read_is_never_before_the_wallets_last_entry() -> None:
    wallet = Wallet("acme", "credits", "priority_expiry_cost", version=1, at=1_000)
    assert reading_instant(wallet, Moment(1_100)) == 1_100
    assert reading_instant(wallet, Moment(900)) == 1_000
    assert reading_instant(wallet, Moment(1_000, pinned=True)) == 1_000
    with pytest.raises(ClockBackwards):
        reading_instant(wallet, Moment(999, pinned=True))


def test_a_clock_that_is_minutes_behind_refuses_no_read() -> None:
    """A write it would refuse: the wallet is more than five seconds ahead."""
    wallet = Wallet("acme", "credits", "priority_expiry_cost", version=1, at=600_000)
    assert reading_instant(wallet, Moment(0)) == 600_000


class Torn:
    """A view of a wallet's total that reads a note beside the wallet, and has somebody burn 3 before it answers."""

    def __init__(self, scrip: Deployment, account: str, times: int) -> None:
        self.scrip, self.account, self.left = scrip, account, times
        self.seen: list[int] = []

    def __call__(self, draft: Draft) -> int:
        assert draft.sidecar("note", "1")
        if self.left:
            self.left -= 1
            assert self.scrip.burn(self.account, "3").status == 201
        self.seen.append(draft.totals.total)
        return self.seen[-1]


@pytest.fixture
def torn(scrip: Deployment, account: str) -> Any:
    def make(times: int) -> Torn:
        scrip.grant(account, "100", reference={"type": "job", "id": "j1"})
        return Torn(scrip, account, times)

    return make


def test_parts_that_were_read_while_somebody_wrote_are_read_again(account: str, torn: Any) -> None:
    """100 credits were seen, and 97 are there: what is given is 97."""
    executor, view = runtime.executor(), torn(1)
    assert read(executor, executor.context(account, "credits"), view) == 97_000_000
    assert view.seen == [100_000_000, 97_000_000]


def test_a_wallet_that_is_written_faster_than_it_is_read_is_contended(account: str, torn: Any) -> None:
    executor, view = runtime.executor(), torn(ATTEMPTS)
    with pytest.raises(Contended):
        read(executor, executor.context(account, "credits"), view)
    assert len(view.seen) == ATTEMPTS


def test_what_cannot_be_read_though_nobody_wrote_is_an_error_of_ours(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    executor = runtime.executor()

    def view(_draft: Draft) -> int:
        raise ValueError("a row that nobody wrote")

    with pytest.raises(ValueError, match="a row that nobody wrote"):
        read(executor, executor.context(account, "credits"), view)
