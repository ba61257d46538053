"""Compensations of a table that is busy, and of two requests at once: each account is compensated once (law 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Throttled, Unavailable
from scrip.services.engine.executor import Moment
from scrip.services.engine.requests import WalletRequest
from scrip.services.wallets import compensations
from scrip.services.wallets.compensations import Incident, RecordedIncident
from scrip.services.wallets.grants import LotTerms
from tests.aws import Deployment, Fault
from tests.services.wallets.test_extension_runs import first, times

pytestmark = pytest.mark.usefixtures("in_memory")
INCIDENT: Final = Incident("outage", "credits", LotTerms())
NAMES: Final = ["ann", "bob", "cid"]


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compensations, "WORKERS", 1)


def compensated(
    names: list[str], actor: str = "key:k1", left: Callable[[], bool] = lambda: True
) -> list[type[Exception] | None]:
    """Of each account why it was not compensated; None: it was."""
    asked = [WalletRequest(name, "credits", INCIDENT.key, actor, Moment(7), reason="down") for name in names]
    found, _ = compensations.compensate(runtime.executor(), INCIDENT, [(one, "5") for one in asked], left)
    assert [one.account for one in found] == names
    return [type(one.outcome.refusal) if one.outcome.refusal else None for one in found]


def test_a_busy_table_is_asked_for_no_further_account(scrip: Deployment) -> None:
    """The first one's commit is refused as often as it is tried; the others are not tried."""
    assert compensated(NAMES[:1]) == [None]
    with scrip.broken("TransactWriteItems", Fault.error("ProvisionedThroughputExceededException"), times=99):
        assert compensated(NAMES) == [Throttled, Unavailable, Unavailable]
    assert compensated(NAMES) == [None] * 3
    assert [scrip.balance(name)["total"] for name in NAMES] == ["5"] * 3


def test_it_looks_for_time_before_each_account(scrip: Deployment) -> None:
    assert compensated(NAMES, left=times(2)) == [None, None, Unavailable]
    assert compensated(NAMES) == [None] * 3


def test_an_incident_that_two_begin_at_once_is_that_of_the_faster(scrip: Deployment) -> None:
    with first("TransactWriteItems", lambda: compensated(NAMES[:1], "key:faster")):
        assert compensated(NAMES[1:]) == [None, None]
    (listed,) = compensations.incidents(runtime.tables(), 10, None).items
    assert listed == ("outage#credits", RecordedIncident("outage", "credits", "key:faster", "down", 7))
