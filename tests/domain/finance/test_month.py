"""The worked month, played over the handlers, posts what was worked out by hand, line for line (law 8)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.entries import Entry
from scrip.domain.finance import accounts
from scrip.domain.finance.postings import Posting, deferred, postings
from scrip.store import ledger
from tests.aws import Deployment
from tests.month import Month, through

Json = dict[str, Any]


@pytest.fixture(scope="module")
def played(deployment: Deployment) -> dict[str, list[Entry]]:
    """The month's entries by account."""
    deployment.fresh()
    deployment.make_tables()
    month = Month("m-")
    month.play(through(deployment))
    return {
        account: [
            found
            for entry in reversed(deployment.entries(account, unit=month.unit, limit="100"))
            if (found := ledger.find(runtime.tables(), account, month.unit, entry["entry_id"]))
        ]
        for account in month.wallets()
    }


def posted(played: dict[str, list[Entry]]) -> list[tuple[Entry, Posting]]:
    return [(entry, one) for entries in played.values() for entry in entries for one in postings(entry)]


def test_each_entry_of_the_month_posts_what_was_worked_out(played: dict[str, list[Entry]]) -> None:
    """47 postings. A move's other half, in another entry, is called ``moved`` there."""

    def lines(one: Posting) -> Json:
        found: Counter[str] = Counter()
        for line in one.lines:
            taxed = line.account == accounts.TAX_DEFERRED
            found["moved_tax" if line.transit and taxed else "moved" if line.transit else line.account] += (
                line.amount
            )
        return dict(found)

    made = [
        (entry.account, entry.seq, entry.kind, one.cause, one.currency, one.meter, one.lot, lines(one))
        for entry, one in posted(played)
    ]
    wanted = [
        (
            *(said[name] for name in ("account", "seq", "kind", "cause", "currency")),
            meter,
            said["lot"],
            said["lines"],
        )
        for said in Month("m-").said["journal"]
        for meter in [None if said["meter"] == "(none)" else said["meter"]]
    ]
    assert len(made) == 47
    assert sorted(made, key=str) == sorted(wanted, key=str)


def test_the_month_adds_up_to_its_trial_balance(played: dict[str, list[Entry]]) -> None:
    found: dict[str, Counter[str]] = {}
    for _, one in posted(played):
        for line in one.lines:
            found.setdefault(one.currency, Counter())[line.account] += line.amount
    balance = {currency: {name: one for name, one in sums.items() if one} for currency, sums in found.items()}
    assert balance == Month("m-").said["expected"]["trial_balance"]


def test_what_each_account_has_deferred_is_what_its_postings_leave(played: dict[str, list[Entry]]) -> None:
    found = {account: Counter[str]() for account in played}
    for entry, one in posted(played):
        found[entry.account].update(deferred([one]))
    wanted = Month("m-").said["expected"]["deferred_by_account"]
    assert {
        account: {"USD": 0} | dict(sums) if not sums else dict(sums) for account, sums in found.items()
    } == wanted


def test_the_credits_of_the_month_are_what_was_worked_out(
    played: dict[str, list[Entry]], deployment: Deployment
) -> None:
    for name, wanted in Month("m-").said["expected"]["credits"].items():
        account, unit = name.split("/")
        at = Month("m-").said["ends"]
        found = deployment.get(f"/v1/accounts/{account}/balance", query={"unit": unit}, clock=at).body
        shown = {member: found[member] for member in ("available", "held", "frozen", "owed")}
        assert (name, shown, len(played[account])) == (
            name,
            {member: wanted[member] for member in shown},
            wanted["entries"],
        )
