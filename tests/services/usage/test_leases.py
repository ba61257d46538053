"""What a settlement tells its holder is of the lease as it is, whichever process had it last (law 6)."""

from __future__ import annotations

import pytest

from scrip import runtime
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest
from scrip.services.usage.leases import SettleLease, settle
from scrip.services.usage.pages import SentRecord
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")
NOW = 1_900_000_000_000


def test_a_settlement_of_nothing_tells_the_lease_as_others_left_it(scrip: Deployment, account: str) -> None:
    """A process that remembers the lease: others move its deadline by 45 minutes, spend 3 of it, and give back 25."""
    clock = "2030-03-17T17:46:40.000Z"
    scrip.grant(account, "100", clock=clock)
    placed = scrip.move(account, "holds", amount="30", lease=True, clock=clock).body["hold"]
    path, seq = f"holds/{placed['hold_id']}", int(placed["hold_id"].rsplit("_", 1)[1])
    process = Executor(runtime.tables())

    def told(first: int, *records: SentRecord, renew: str | None = None) -> tuple[str, int, int, int]:
        asked = WalletRequest(account, "credits", "", "test", Moment(NOW))
        _, hold, _ = settle(process, asked, SettleLease(seq, first, records, renew))
        assert hold.lease
        return hold.status, hold.expires_at - NOW, hold.held, hold.lease["next"]

    spent = SentRecord("a", "2")
    assert told(0, spent) == ("open", 900_000, 28_000_000, 1)
    scrip.move(account, f"{path}/extend", expires_in="PT1H", clock=clock)
    assert told(1) == ("open", 3_600_000, 28_000_000, 1)
    scrip.post(f"/v1/accounts/{account}/{path}/settle", {"first": 1, "records": [["3", "b"]]}, clock=clock)
    assert told(0, spent) == ("open", 3_600_000, 25_000_000, 2)
    assert told(2, renew="28") == ("open", 3_600_000, 28_000_000, 2)
    scrip.move(account, f"{path}/release", clock=clock)
    assert told(2) == told(0, spent) == ("released", 3_600_000, 0, 2)
