"""What an explanation finds where a wallet is not what its entries say, in one page and in several (laws 1 and 4)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from scrip.store import ledger
from tests.aws import NEW_YEAR, Deployment
from tests.http.wallets.test_explanations import pages
from tests.services.verification.damage import Item, Tables
from tests.services.verification.test_wallets import index_without

pytestmark = pytest.mark.usefixtures("in_memory")

HEAD: Final = "the wallet's head is not the hash of its last entry"
TOTAL: Final = "the last entry says 36000000 steps, the balance is 101000000"
DAMAGE: Final[list[tuple[str, Item, list[str], list[str]]]] = [
    ("nothing", {}, [], []),
    ("the head", {"head": {"B": b"x" * 32}}, [HEAD], [HEAD]),
    (
        "the balance",
        {"available": {"N": "99000000"}},
        ["the wallet's totals are not those of its last entry", TOTAL],
        [TOTAL],
    ),
]
"""Attributes of the wallet's item; what is found in one page that has all, and on the last of several."""


def history(scrip: Deployment, account: str) -> Tables:
    """Seven entries: four grants of 10, burns of 3 and 1, a hold of 2 between them."""
    for number in range(4):
        scrip.grant(account, "10", f"g{number}", clock=NEW_YEAR)
    scrip.burn(account, "3", "b1", clock=NEW_YEAR)
    scrip.move(account, "holds", "h1", amount="2", clock=NEW_YEAR)
    scrip.burn(account, "1", "b2", clock=NEW_YEAR)
    return Tables(scrip, account)


@pytest.mark.parametrize(("_", "change", "whole", "last"), DAMAGE, ids=[row[0] for row in DAMAGE])
def test_a_wallet_that_is_not_what_its_last_entry_says_shows_on_the_last_page(
    scrip: Deployment, account: str, _: str, change: Item, whole: list[str], last: list[str]
) -> None:
    """Of 40 granted 4 were burned. Seven entries: one page, or pages of 3, 3 and 1; or as many as fit exactly."""
    tables = history(scrip, account)
    tables.change("wallet", **change)
    for limit, found in ((8, [whole]), (7, [whole]), (6, [[], last]), (3, [[], [], last])):
        told = [page["proof"] for page in pages(scrip, account, limit)]
        assert [proof["findings"] for proof in told] == found
        assert [proof["agrees"] for proof in told] == [not findings for findings in found]


SUMS: Final[list[tuple[str, str, list[str]]]] = [
    ('"actor":"key:k1"', '"actor":"key:k2"', []),
    (
        '"amount":"-3000000"',
        '"amount":"-2000000"',
        ["its amounts add up to 37000000 steps, the last entry says 36000000"],
    ),
    (
        '"draws":[[1,"3000000"',
        '"draws":[[1,"4000000"',
        ["its lots add up to 35000000 steps, the last entry says 36000000"],
    ),
]


@pytest.mark.parametrize(("was", "now", "sums"), SUMS, ids=["who asked", "its amount", "its draw"])
@pytest.mark.parametrize("limit", [7, 6, 3])
def test_sums_that_are_not_the_balance_are_told_with_what_they_should_be(
    scrip: Deployment, account: str, limit: int, was: str, now: str, sums: list[str]
) -> None:
    """The burn of 3, the fifth of seven entries, is not what it was; its own page says so, and those after it."""
    tables = history(scrip, account)
    row = tables.entry(5)
    assert was in row["body"]["S"]
    tables.put("ledger", {**row, "body": {"S": row["body"]["S"].replace(was, now)}})
    for page in pages(scrip, account, limit):
        told = [one for one in page["proof"]["findings"] if "add up to" in one]
        last = page["entries"][-1]["seq"]
        assert len(told) == (len(sums) if last >= 5 else 0)
        assert last < 7 or told == sums
        assert page["proof"]["agrees"] is (not page["proof"]["findings"])


@pytest.mark.parametrize(
    ("clock", "found"),
    [("2030-01-01T00:00:59.999Z", None), ("2030-01-01T00:01:00.000Z", ["entry 5 is missing"])],
)
def test_a_row_that_the_timeline_lacks_is_late_for_a_minute_and_missing_then(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, clock: str, found: list[str] | None
) -> None:
    """Entry 5 is on the second page of three: the wallet's last entry is of New Year."""
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)
    tables = history(scrip, account)
    path, query = f"/v1/accounts/{account}/explain", {"limit": "3"}
    first = scrip.get(path, query=query, clock=clock).body
    assert (len(first["entries"]), first["proof"]["agrees"]) == (3, True)
    with index_without(tables, 5, 99):
        answer = scrip.get(path, query={**query, "cursor": first["next_cursor"]}, clock=clock)
    if found is None:
        assert (answer.status, answer.body["detail"]) == (503, "the ledger's timeline lags behind")
        return
    proof: Any = answer.body["proof"]
    assert (answer.status, proof["agrees"]) == (200, False)
    assert proof["findings"][: len(found)] == found


def test_a_wallet_never_seen_has_nothing_to_explain_before_1970_either(
    scrip: Deployment, account: str
) -> None:
    (only,) = pages(scrip, account, 1, at="1960-01-01T00:00:00.000Z")
    assert (only["balance"]["as_of"], only["balance"]["total"]) == ("1960-01-01T00:00:00.000Z", "0")
    assert (only["entries"], only["proof"]["agrees"]) == ([], True)
