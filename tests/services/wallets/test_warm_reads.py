"""What another process wrote is read at once, however much this one remembers of the wallet (law 1); and what time has
done is read the same before somebody books it and after it (law 5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from scrip import runtime
from scrip.services.engine.executor import Executor
from tests.aws import NEW_YEAR, Deployment, hold_of

pytestmark = pytest.mark.usefixtures("in_memory")
PRICE: Final = {"model": "per_unit", "credits": "3"}
MARCH: Final = "2030-03-15T00:00:00.000Z"


@contextmanager
def another(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process, that remembers nothing, and of which this one hears nothing."""
    with monkeypatch.context() as patch:
        other = Executor(runtime.tables())
        patch.setattr(runtime, "executor", lambda: other)
        yield


def read(scrip: Deployment, account: str, meter: str, clock: str = NEW_YEAR) -> dict[str, Any]:
    """All that is read of a wallet, each by its path."""
    path = f"/v1/accounts/{account}"
    held = f"holds/{hold_of(account, 2)}"
    parts = ("balance", "lots", "entries", "explain", "holds", held, "allowances", "allowances/plan", "rates")
    found = {part: scrip.get(f"{path}/{part}", clock=clock) for part in (*parts, f"rates/{meter}", "wallets")}
    found["quotes"] = scrip.move(account, "quotes", amount="20", clock=clock)
    return {part: (answer.status, answer.body) for part, answer in found.items()}


def write(scrip: Deployment, account: str, meter: str, times: int) -> None:
    """A grant, a hold, an allowance and a card of the account's own, each again with other terms."""
    path, amount = f"/v1/accounts/{account}", str(9 + times)
    assert scrip.grant(account, amount, clock=NEW_YEAR).status == 201
    if times == 1:
        assert scrip.move(account, "holds", amount="2", clock=NEW_YEAR).status == 201
    else:
        held = f"holds/{hold_of(account, 2)}/extend"
        assert scrip.move(account, held, expires_in="PT2H", clock=NEW_YEAR).status == 201
    plan = {"amount": amount, "every": "P1M"}
    assert scrip.put(f"{path}/allowances/plan", plan, clock=NEW_YEAR).status in (200, 201)
    card = {"price": {**PRICE, "credits": amount}}
    assert scrip.put(f"{path}/rates/{meter}", card, clock=NEW_YEAR).status in (200, 201)


def test_what_another_process_wrote_is_read_at_once(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process wrote the wallet last, as far as it knows; then another one changes all of it."""
    meter = f"calls-{account}"
    assert scrip.put(f"/v1/rates/{meter}", {"price": PRICE}, clock=NEW_YEAR).status == 201
    write(scrip, account, meter, 1)
    before = read(scrip, account, meter)
    with another(monkeypatch):
        write(scrip, account, meter, 2)
    warm = read(scrip, account, meter)
    with another(monkeypatch):
        cold = read(scrip, account, meter)
    assert {status for status, _ in warm.values()} == {200}
    for part, found in warm.items():
        assert found == cold[part], part
        assert found != before[part], part


def test_what_another_process_wrote_first_is_read_at_once(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process knows one lot, that ends at noon. Another one books that it has, grants 7 and 3, places the first
    hold and puts the first allowance."""
    path, evening = f"/v1/accounts/{account}", "2030-01-01T18:00:00.000Z"
    assert scrip.grant(account, "5", clock=NEW_YEAR, expires_at="2030-01-01T12:00:00Z").status == 201
    with another(monkeypatch):
        for amount in ("7", "3"):
            assert scrip.grant(account, amount, clock=evening).status == 201
        assert scrip.move(account, "holds", amount="2", clock=evening).status == 201
        plan = {"amount": "1", "every": "P1M", "starts_at": "2031-01-01T00:00:00Z"}
        assert scrip.put(f"{path}/allowances/plan", plan, clock=evening).status == 201
    parts = ("balance", "lots", "entries", "explain", "holds", "allowances")
    found = {part: scrip.get(f"{path}/{part}", clock=evening).body for part in parts}
    assert [len(found[part]["items"]) for part in ("lots", "entries", "holds", "allowances")] == [2, 6, 1, 1]
    with another(monkeypatch):
        for part in parts:
            assert found[part] == scrip.get(f"{path}/{part}", clock=evening).body, part


def test_lots_that_time_has_granted_are_read_the_same_once_they_are_booked(
    scrip: Deployment, account: str
) -> None:
    """Of an allowance of 5 a month those of February and March are due, each with what it was granted for."""
    plan = {"amount": "5", "every": "P1M", "expires": "never"}
    assert scrip.put(f"/v1/accounts/{account}/allowances/plan", plan, clock=NEW_YEAR).status == 201

    def lots() -> Any:
        return scrip.get(f"/v1/accounts/{account}/lots", clock=MARCH).body["items"]

    due = lots()
    assert [(lot["granted"], lot["source"]) for lot in due] == [("5", due[0]["source"])] * 3
    assert due[0]["source"] is not None
    scrip.sweep(MARCH)
    assert lots() == due
