"""Extensions that are cut, busy, refused or done by two at once: each lot is moved once, and counted once (law 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from typing import Any, Final

import pytest

from scrip import runtime
from scrip.domain.credits.errors import KeyReused, NotFound, Throttled, Unavailable
from scrip.services.engine.executor import Moment
from scrip.services.wallets import extensions
from scrip.services.wallets.extensions import Extension, ExtensionProgress
from scrip.store import documents, keys
from tests.aws import Deployment, Fault, listening
from tests.services.verification.damage import Tables
from tests.services.wallets.test_warm_reads import another

pytestmark = pytest.mark.usefixtures("in_memory")
DAY_1, DAY_2, DAY_5 = (f"2030-01-0{day}T00:00:00.000Z" for day in (1, 2, 5))
NOW: Final = Moment(1_893_456_000_000)
LATE: Final = "not done yet: send the same request again"
Looks = Callable[[], bool]


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extensions, "WORKERS", 1)


@pytest.fixture
def three(scrip: Deployment, account: str) -> list[str]:
    """Three accounts with 3, 1 and 2 lots that end on 2 January."""
    names = [f"{account}-{number}" for number in range(3)]
    for name, lots in zip(names, (3, 1, 2), strict=True):
        for number in range(lots):
            assert scrip.grant(name, "10", f"g{number}", expires_at=DAY_2, clock=DAY_1).status == 201
    return names


def times(looks: int) -> Looks:
    """There is time for so many looks at it."""
    left = chain([True] * looks, repeat(False))
    return lambda: next(left)


def asked(account: str, by: str = "P3D") -> Extension:
    return Extension(f"incident-{account}", by, "credits", "key:k1", "outage", "Ann")


def extended(account: str, accounts: list[str], looks: int = 99) -> list[tuple[int, str | None]]:
    """Of each account how many lots were moved, or why not."""
    found = extensions.extend(runtime.executor(), asked(account), accounts, NOW, times(looks))
    assert [one.account for one in found] == accounts
    return [(one.moved, one.refusal.detail if one.refusal else None) for one in found]


def ended(scrip: Deployment, account: str) -> list[str]:
    items = scrip.get(f"/v1/accounts/{account}/lots", clock=DAY_1).body["items"]
    return [lot["expires_at"] for lot in items]


@contextmanager
def first(operation: str, write: Callable[[], object], times: int = 1) -> Iterator[None]:
    """Somebody else writes before each of the next calls of an operation."""
    left = [True] * times

    def hears(**_: Any) -> None:
        if left:
            left.pop()
            write()

    with listening(f"before-parameter-build.dynamodb.{operation}", hears):
        yield


@pytest.mark.parametrize(
    ("looks", "moved"),
    [(0, [0, 0, 0]), (1, [0, 0, 0]), (2, [3, 0, 0]), (3, [3, 0, 0]), (4, [3, 1, 0]), (6, [3, 1, 2])],
)
def test_once_the_time_is_up_the_rest_are_left_and_the_same_request_goes_on(
    scrip: Deployment, account: str, three: list[str], looks: int, moved: list[int]
) -> None:
    """It looks before each account and after each commit, and says that it is done only where it knows."""
    assert extended(account, three, looks) == [(lots, None if lots else LATE) for lots in moved]
    assert extended(account, three) == [(3, None), (1, None), (2, None)]
    assert [ended(scrip, name) for name in three] == [[DAY_5] * 3, [DAY_5], [DAY_5] * 2]
    kinds = [entry["kind"] for name in three for entry in scrip.entries(name)]
    assert kinds.count("expiry_change") == 6


def test_lots_that_do_not_fit_into_one_commit_are_moved_in_several(
    scrip: Deployment, account: str, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extensions, "ROOM", 2)
    with scrip.calls() as made:
        assert extended(account, three, 2) == [(0, LATE)] * 3
        assert ended(scrip, three[0]).count(DAY_5) == 2, "and then the time is up"
        assert extended(account, three) == [(3, None), (1, None), (2, None)]
    assert len([call for call in made if call.name == "TransactWriteItems"]) == 6
    assert ended(scrip, three[0]) == [DAY_5] * 3


def test_lots_that_another_one_moved_meanwhile_are_moved_and_counted_once(
    scrip: Deployment, account: str, three: list[str]
) -> None:
    with first("TransactWriteItems", lambda: extended(account, three[:1])):
        assert extended(account, three[:1]) == [(3, None)]
    assert ended(scrip, three[0]) == [DAY_5] * 3
    assert [entry["kind"] for entry in scrip.entries(three[0])].count("expiry_change") == 3


def test_lots_of_which_another_one_moved_some_meanwhile_are_all_counted(
    scrip: Deployment, account: str, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else moves two of three lots in a commit, and has no time for the third one."""

    def moves_two() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(extensions, "ROOM", 2)
            assert extended(account, three[:1], 1) == [(0, LATE)]

    with first("TransactWriteItems", moves_two):
        assert extended(account, three[:1]) == [(3, None)]
    assert ended(scrip, three[0]) == [DAY_5] * 3


def test_a_lot_that_is_used_up_meanwhile_is_not_counted(
    scrip: Deployment, account: str, three: list[str]
) -> None:
    """The first of three lots is burned before the commit: two are moved."""
    with first("TransactWriteItems", lambda: scrip.burn(three[0], "10", clock=DAY_1)):
        assert extended(account, three[:1]) == [(2, None)]


def test_a_lot_that_another_process_grants_is_moved_by_the_same_request(
    scrip: Deployment, account: str, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process remembers the wallet as it was when all of its lots had been moved."""
    assert extended(account, three[:1]) == [(3, None)]
    with another(monkeypatch):
        assert scrip.grant(three[0], "10", "g9", expires_at=DAY_2, clock=DAY_1).status == 201
    assert extended(account, three[:1]) == [(4, None)]


def test_an_account_that_the_time_does_not_suffice_for_is_no_failure(
    scrip: Deployment, account: str, three: list[str]
) -> None:
    """There is time for a commit of the first account, and not to see that it was all of it."""
    extensions.extend_all(runtime.executor(), asked(account))
    assert go_on(account, 2).seen == 0
    assert ended(scrip, three[0]) == [DAY_5] * 3
    assert (go_on(account).seen, progress(account).moved, progress(account).failed) == (3, 6, 0)


def test_a_busy_table_is_asked_for_no_further_account(
    scrip: Deployment, account: str, three: list[str]
) -> None:
    busy = Fault.error("ProvisionedThroughputExceededException")
    with scrip.broken("TransactWriteItems", busy, times=99):
        found = extensions.extend(runtime.executor(), asked(account), three, NOW, lambda: True)
    assert [type(one.refusal) for one in found] == [Throttled, Unavailable, Unavailable]
    assert extended(account, three) == [(3, None), (1, None), (2, None)]


def test_an_incident_that_somebody_else_begins_meanwhile_moves_ends_by_one_span(account: str) -> None:
    """The one that comes second is told what the first one said; where it is the same, it goes on."""
    tables, pk = runtime.tables(), keys.extension(asked(account).incident)

    def begins(by: str) -> Callable[[], object]:
        return lambda: documents.put(tables, pk, documents.NEW, {"by": by})

    with first("PutItem", begins("P9D")), pytest.raises(KeyReused, match="moves ends by P9D"):
        extended(account, [])
    assert extensions.extend(runtime.executor(), asked(account, "P9D"), [], NOW, lambda: True) == []
    with pytest.raises(NotFound):
        extensions.extend(runtime.executor(), Extension("i", "P1D", "none", "key:k1"), [], NOW, lambda: True)
    assert documents.get(tables, keys.extension("i")).rev == documents.NEW


def progress(account: str) -> ExtensionProgress:
    body = documents.get(runtime.tables(), keys.extension_of(asked(account).incident, "credits")).body
    return ExtensionProgress(**body)


def go_on(
    account: str,
    looks: int = 99,
    unit: str = "credits",
    failing: list[tuple[str, type[Exception]]] | None = None,
) -> ExtensionProgress:
    """Goes on with it. ``failing``: the accounts that cannot be seen to, and why."""
    failed: list[tuple[str, type[Exception]]] = []
    told = extensions.go_on(
        runtime.executor(),
        asked(account).incident,
        unit,
        NOW,
        times(looks),
        lambda name, error: failed.append((name, type(error))),
    )
    assert failed == (failing or [])
    return told


def test_an_extension_of_all_accounts_that_two_begin_is_one(account: str, three: list[str]) -> None:
    begun = ExtensionProgress("key:k1", "outage", actor_name="Ann")
    place = (asked(account).incident, "credits")
    with first("TransactWriteItems", lambda: extensions.extend_all(runtime.executor(), asked(account))):
        assert extensions.extend_all(runtime.executor(), asked(account)) == begun
    assert extensions.running(runtime.tables()) == [place]
    assert extensions.extend_all(runtime.executor(), asked(account)) == begun
    with pytest.raises(KeyReused):
        extensions.extend_all(runtime.executor(), asked(account, "P9D"))


def test_an_extension_of_all_accounts_that_two_go_on_with_is_counted_once(
    scrip: Deployment, account: str, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of two accounts. Somebody else keeps the first one before it is kept here: that one counts."""
    monkeypatch.setattr(extensions, "PAGE", 2)
    extensions.extend_all(runtime.executor(), asked(account))
    assert go_on(account, 0).seen == 0
    for name in three[:2]:
        extended(account, [name])
    with first("TransactWriteItems", lambda: go_on(account, 4)):
        told = go_on(account)
    whole = ExtensionProgress("key:k1", "outage", "done", told.after, 6, 3, 3, 0, "Ann")
    assert told == whole == progress(account) == go_on(account)
    assert extensions.running(runtime.tables()) == []
    assert [ended(scrip, name) for name in three] == [[DAY_5] * 3, [DAY_5], [DAY_5] * 2]


def test_accounts_that_were_busy_are_tried_again_and_not_counted(
    scrip: Deployment, account: str, three: list[str]
) -> None:
    extensions.extend_all(runtime.executor(), asked(account))
    busy = Fault.error("ProvisionedThroughputExceededException")
    with scrip.broken("TransactWriteItems", busy, times=99):
        assert go_on(account).seen == 0
    assert (progress(account).seen, progress(account).status) == (0, "running")
    assert extensions.running(runtime.tables()) == [(asked(account).incident, "credits")]
    assert (go_on(account).seen, progress(account).moved) == (3, 6)


def test_an_account_that_cannot_be_seen_to_is_told_counted_and_left_out(
    scrip: Deployment, account: str, three: list[str]
) -> None:
    """The second wallet is damaged: who asks for it alone is told so, and who goes on with all comes to the third."""
    Tables(scrip, three[1]).change("wallet", window={"B": b"\xff\xff"})
    with pytest.raises(ValueError):  # noqa: PT011 - of a window that is none
        extended(account, three[1:])
    extensions.extend_all(runtime.executor(), asked(account))
    told = go_on(account, failing=[(three[1], ValueError)])
    assert (told.status, told.moved, told.accounts, told.seen, told.failed) == ("done", 5, 2, 3, 1)


def test_accounts_that_are_refused_for_good_are_told_counted_and_left_out(
    account: str, three: list[str]
) -> None:
    """The unit is none: nobody has a wallet in it, today or tomorrow."""
    begun = {"actor": "key:k1", "status": "running"}
    place = keys.extension_of(asked(account).incident, "none")
    extended(account, [])
    assert documents.put(runtime.tables(), place, documents.NEW, begun)
    told = go_on(account, unit="none", failing=[(name, NotFound) for name in three])
    assert (told.status, told.moved, told.seen, told.failed) == ("done", 0, 3, 3)
