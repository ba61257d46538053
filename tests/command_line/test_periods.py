"""``scrip period``: a month is closed, listed and shown; one that takes longer is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from scrip import runtime
from scrip.domain.finance.periods import ends
from scrip.services.finance import periods
from scrip.services.finance.periods import Period
from scrip.store import documents, keys
from scrip.store.documents import NEW
from tests.aws import Deployment
from tests.closing import closing
from tests.command_line.conftest import Line

CLOCK = ("--test-clock", "2030-02-01T00:20:00.000Z")
COST = {"amount": 1000, "currency": "USD"}


@pytest.fixture(scope="module", autouse=True)
def _january(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with closing(deployment, tmp_path_factory.mktemp("periods")) as made:
        made.scrip.grant("ann", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
        yield


def test_a_month_is_closed_and_told(line: Line) -> None:
    assert "can be closed ten minutes after it is over" in line.sentence(
        1, "--test-clock", "2030-01-31T00:00:00.000Z", "period", "close", "2030-01"
    )
    told = dict(row.split(maxsplit=1) for row in line.table(*CLOCK, "period", "close", "2030-01"))
    assert (told["period"], told["status"]) == ("2030-01", "closed")
    shown = line.table("period", "show", "2030-01")
    assert any(row.startswith("liability") and " account " in row for row in shown)
    (listed,) = line.json("period", "list")["items"]
    assert listed["sha256"] == line.json("period", "show", "2030-01")["close"]["sha256"]
    assert any(row.endswith(listed["sha256"]) for row in shown)


def test_a_close_that_goes_on_by_itself_is_waited_for(
    line: Line, monkeypatch: pytest.MonkeyPatch, deployment: Deployment
) -> None:
    """Another run is at it, and comes to an end. It is told as January's, of the test before."""
    table = runtime.tables()
    begun = Period("2029-12", "booking", ends("2029-12"), True, "key:k1", None, held_until=10**15)
    document = documents.put(table, keys.period("2029-12"), NEW, begun.to_json())
    assert document
    status, _, err = line.run(*CLOCK, "period", "close", "2029-12", "--no-wait")
    assert (status, err) == (0, "scrip: it goes on by itself: scrip period show 2029-12\n")

    asked = count(1)

    def ends_at_last(_: float) -> None:
        known = documents.get(table, keys.period("2029-12"))
        told = documents.get(table, keys.period("2030-01")).body if next(asked) == 2 else known.body
        assert documents.put(table, known.pk, known.rev, {**told, "period": "2029-12"})

    monkeypatch.setattr("command_line.periods.time.sleep", ends_at_last)
    assert line.json(*CLOCK, "period", "close", "2029-12")["status"] == "closed"
    assert next(asked) == 3


def test_what_is_missing_is_said(line: Line, deployment: Deployment) -> None:
    reason = periods.Reason("deliveries", "1 deliveries wait", ["dodo:1"])
    refused = Period("2030-03", "refused", ends("2030-03"), True, "key:k1", None, reasons=(reason,))
    assert documents.put(runtime.tables(), keys.period("2030-03"), NEW, refused.to_json())
    status, _, err = line.run("period", "show", "2030-03")
    assert (status, err) == (0, "scrip: 1 deliveries wait: dodo:1\n")
    assert "nobody has closed this month yet" in line.sentence(1, "period", "show", "2030-09")
