"""Entries that are due and not booked, at the edges of pages, and while somebody books them (laws 1 and 5)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from scrip import runtime
from scrip.domain.credits.limits import LAST_SEQ
from scrip.http.edge import parameters
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.wallets import entries as listing
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.entries import EntryQuery, ListedEntries
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, listening

pytestmark = pytest.mark.usefixtures("in_memory")
BEGAN, DUE, NOON, EVENING, NOW = (
    parameters.instant(text, "")
    for text in (NEW_YEAR, "2030-01-01T00:15:00Z", "2030-01-01T12:00:00Z", "2030-01-01T18:00:00Z", NEXT_DAY)
)
END: Final = (NOW, LAST_SEQ)


@pytest.fixture(autouse=True)
def _timed_out(in_memory: None, scrip: Deployment, account: str) -> None:
    """A grant and a hold at New Year; the hold has timed out since, and nobody booked it."""
    scrip.grant(account, "10", clock=NEW_YEAR)
    scrip.move(account, "holds", "h1", amount="2", clock=NEW_YEAR)


def listed(account: str, limit: int, since: int = 0, last: tuple[int, int] = END) -> ListedEntries:
    query = EntryQuery(None, since, last, limit)
    return listing.entries(runtime.executor(), account, "credits", query, Moment(NOW, pinned=True))


def kinds(found: ListedEntries) -> list[str]:
    return [entry.kind for entry in found.page.entries]


@pytest.mark.parametrize(
    ("since", "following"),
    [(0, (BEGAN, 2)), (BEGAN, (BEGAN, 2)), (BEGAN + 1, None)],
    ids=["all", "from", "after"],
)
def test_a_page_that_what_is_due_fills_goes_on_where_there_is_more(
    account: str, since: int, following: tuple[int, int] | None
) -> None:
    """The list of all goes on with the hold at New Year; from the next millisecond on there is nothing more."""
    found = listed(account, 1, since)
    assert (kinds(found), found.unbooked, found.through) == (["release"], 1, 2)
    assert found.page.following == following


def test_a_page_of_what_is_booked_reads_nothing_of_what_is_due(scrip: Deployment, account: str) -> None:
    """The first page reads the hold that timed out; the second one the wallet, its newest entry and its rows."""
    following = listed(account, 1).page.following
    assert following
    with scrip.calls() as second:
        found = listed(account, 1, last=following)
    assert (kinds(found), found.unbooked) == (["hold"], 0)
    assert [call.name for call in second] == ["GetItem", "Query", "Query", "BatchGetItem"]


def test_what_is_booked_meanwhile_is_listed_up_to_the_instant_that_was_asked_for(
    scrip: Deployment, account: str
) -> None:
    """Entries until noon. While the hold is read somebody burns in the evening, which books its end too."""
    written: list[Any] = []

    def hears(params: Any, **_: Any) -> None:
        if not written and "hold" in str(params):
            written.append(params)
            asked = WalletRequest(account, "credits", "b1", "key:k2", Moment(EVENING, pinned=True))
            execute(Executor(runtime.tables()), BurnCredits("1"), asked)

    with listening("before-parameter-build.dynamodb", hears):
        found = listed(account, 9, last=(NOON, LAST_SEQ))
    assert written
    assert (kinds(found), found.unbooked) == (["release", "hold", "grant"], 0)
    assert [entry.at for entry in found.page.entries] == [DUE, BEGAN, BEGAN]
    assert kinds(listed(account, 9)) == ["burn", "release", "hold", "grant"]
