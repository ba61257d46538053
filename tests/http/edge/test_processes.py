"""Processes side by side: whatever one remembers of a wallet, it answers what is stored (laws 1 and 5)."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest

from scrip import runtime
from tests.aws import Answer, Deployment
from tests.world import THERE, World

pytestmark = pytest.mark.usefixtures("in_memory")

FIRST, THEN, LAST = "2030-01-01T00:00:00.000Z", "2030-01-01T00:10:00.000Z", "2030-01-01T00:20:00.000Z"
OTHERS: Final = (
    *("get_entry", "list_records", "find_record", "get_statement"),
    *("list_notices", "list_dunning", "list_subscriptions"),
)
"""What is never changed once it is there, and what other tables hold than those of wallets."""
READ: Final = [
    one
    for one in THERE
    if one.method == "GET" and "/accounts/{account}/" in one.path and one.id not in OTHERS
]
WRITTEN: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    *(("grant", {}), ("burn", {}), ("reverse", {}), ("hold", {}), ("extend", {}), ("order", {})),
    *(("put_allowance", {"amount": "200"}), ("put_budget", {"limit": "50"})),
    *(("put_profile", {"name": "Ann"}), ("put_alerts", {"low_balance": ["50"]})),
    *(
        ("put_own_rate", {"price": {"model": "per_unit", "credits": "1"}}),
        ("put_auto_topup", {"quantity": 2}),
    ),
)
"""What another process writes, and with which members of its body: each list and each figure changes by it."""


class Processes(World):
    """An account that has one of everything, in a deployment whose processes are asked in turn."""

    def __init__(self, scrip: Deployment, account: str) -> None:
        self.scrip, self.clock = scrip, FIRST
        self.body: dict[str, Any] = {}
        super().__init__(account, self._ask, lambda answer: answer.body, lambda _: "")
        for one in READ:
            self.fill(one)

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        path, _, query = path.partition("?")
        body = body and {**body, **self.body}
        asked = {"body": body, "headers": headers, "query": dict(parse_qsl(query)), "clock": self.clock}
        answer: Answer = self.scrip.send(method, path, **asked)
        assert answer.status < 300, (method, path, answer.text)
        return answer

    def all(self) -> dict[str, Any]:
        """What is answered, by what is asked."""
        return {one.id: self.send(one).body for one in READ}


def test_a_process_that_remembers_a_wallet_answers_what_another_has_written_to_it(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a process answers that has just begun is the second opinion: it remembers nothing."""
    made = Processes(scrip, account)
    made.clock = THEN
    before = made.all()
    scrip.burn(account, "1", clock=THEN)
    warm = runtime.executor()
    scrip.cold()
    for name, made.body in WRITTEN:
        made.send(next(one for one in THERE if one.id == name), f"another {name}")
    made.body, made.clock = {}, LAST
    scrip.cold()
    stored = made.all()
    monkeypatch.setattr(runtime, "executor", lambda: warm)
    assert made.all() == stored
    assert [name for name in stored if stored[name] == before[name]] == []


def test_also_of_a_wallet_of_which_it_remembers_all_that_it_is_asked_for(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is due and the only budget is the whole wallet's, nothing of it has to be read any more.

    A budget of 50, of which 1 is spent, becomes one of 60, of which 3 are; then it is to be one of 50 again.
    """
    paths = [one.path for one in READ if set(re.findall(r"\{(\w+)\}", one.path)) <= {"account", "budget_id"}]

    def asked() -> dict[str, Any]:
        answers = {
            path: scrip.get(path.format(account=account, budget_id="daily"), clock=LAST) for path in paths
        }
        return {path: answer.body for path, answer in answers.items() if answer.status == 200}

    def put(limit: str) -> Any:
        body = {"limit": limit, "every": "P1D"}
        return scrip.put(f"/v1/accounts/{account}/budgets/daily", body, clock=THEN).body

    scrip.grant(account, "100", clock=FIRST)
    put("50")
    scrip.burn(account, "1", clock=THEN)
    before, warm = asked(), runtime.executor()
    scrip.cold()
    put("60")
    scrip.burn(account, "2", clock=THEN)
    scrip.cold()
    stored = asked()
    monkeypatch.setattr(runtime, "executor", lambda: warm)
    assert asked() == stored
    same = {path.rpartition("/")[2] for path in stored if stored[path] == before[path]}
    assert same == {"holds", "allowances", "rates"}
    again = put("50")
    assert (again["limit"], again["spent"], again["version"]) == ("50", "3", 3)
