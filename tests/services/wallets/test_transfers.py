"""A receiver of several versions: somebody wrote it while it was read (law 1)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.services.engine.executor import Executor, Moment, Result
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.wallets import transfers
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.transfers import TransferCredits
from tests.aws import Deployment, listening
from tests.services.verification.damage import Tables

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture
def unit(scrip: Deployment) -> str:
    """A unit whose credits may move."""
    body = {"precision": 0, "policy": {"transferable": True}}
    assert scrip.put("/v1/units/miles", body).status == 201
    return "miles"


@pytest.fixture
def receiver(scrip: Deployment, account: str, unit: str) -> Tables:
    """Bob has 30 lots of 1, of which some lie in a page; ann has 5, which come behind them."""
    for number in range(30):
        scrip.grant("bob", "1", f"g{number}", unit=unit)
    scrip.grant("ann", "5", "g", unit=unit, priority=90)
    return Tables(scrip, "bob", unit)


def moved(unit: str) -> Result:
    request = WalletRequest("ann", unit, "t1", "key:k1", Moment(runtime.now()))
    done, _, _ = transfers.transfer(runtime.executor(), TransferCredits("bob", "5"), request)
    return done


def test_what_cannot_be_read_though_nobody_wrote_is_an_error_of_ours(
    scrip: Deployment, unit: str, receiver: Tables
) -> None:
    receiver.change("page#", lots={"B": b"\xff"})
    with scrip.unwritten(), pytest.raises(ValueError):  # noqa: PT011 - of a page that is none
        moved(unit)


def test_a_receiver_that_was_written_while_it_was_read_is_read_again(
    scrip: Deployment, unit: str, receiver: Tables
) -> None:
    """Its page is read as none. Then it is as it was again, and a burn of 7 has come between."""
    (page,) = receiver.of("wallets", "page#")
    receiver.change("page#", lots={"B": b"\xff"})
    seen: list[Any] = []

    def hears(parsed: Any, **_: Any) -> None:
        if not seen and r"b'\xff'" in str(parsed):
            seen.append(parsed)
            receiver.put("wallets", page)
            asked = WalletRequest("bob", unit, "b1", "key:k2", Moment(runtime.now()))
            execute(Executor(runtime.tables()), BurnCredits("7"), asked)

    with listening("after-call.dynamodb", hears):
        assert not moved(unit).replayed
    assert seen
    assert scrip.balance("bob", query={"unit": unit})["total"] == "28"
    scrip.sound("bob", unit)
    scrip.sound("ann", unit)
