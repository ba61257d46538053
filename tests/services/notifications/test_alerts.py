"""Which alerts were in force when: a version never begins before it is written, whoever asks and however late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.credits.units import Policy, Threshold, Unit
from scrip.domain.events.alerts import Alerts, OwnAlerts
from scrip.domain.wallets.wallet import Wallet
from scrip.services.audit.changes import Author
from scrip.services.catalogue import units
from scrip.services.engine.executor import Executor, Moment
from scrip.services.notifications import alerts
from scrip.services.notifications.alerts import LEAD_MS, AlertsRequest
from scrip.store import documents, items, keys, ledger
from scrip.store.tables import Tables
from tests.aws import InMemory

NOW = 1_900_000_000_000
UNIT = Unit("images", 0)
LOW = Alerts((100,))


class Clock:
    """A clock that goes on as somebody waits, and what was waited for."""

    def __init__(self) -> None:
        self.at, self.waited = NOW, 0.0

    def __call__(self) -> int:
        return self.at

    def pause(self, seconds: float) -> None:
        self.waited += seconds
        self.at += round(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def executor(clock: Clock) -> Executor:
    tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    return Executor(tables, clock.pause, now=clock)


def author(at: int = NOW) -> Author:
    return Author("key:ann", at)


def put_unit(executor: Executor, used: bool, moment: Moment | None = None, **policy: Any) -> None:
    """Puts the unit's policy; of one that is used its document says so."""
    moment = moment or Moment(executor.now())
    units.put_unit(executor, replace(UNIT, policy=Policy(**policy)), moment, author(moment.at))
    if used:
        known, rev = executor._load_unit("images")
        documents.put(executor.tables, keys.unit("images"), rev, replace(known, used=True).to_json())


def asked(account: str = "acme", at: int | None = None, moment: Moment | None = None) -> AlertsRequest:
    return AlertsRequest(account, "images", moment or Moment(at or NOW), author())


def has_wallet(executor: Executor, account: str = "acme") -> None:
    wallet = Wallet(account, "images", "priority_expiry_cost", version=1, at=NOW - 1)
    executor.tables.client.put_item(TableName="wallets", Item=items.wallet_item(wallet))


def at(executor: Executor, instant: int, account: str = "acme") -> Alerts:
    return alerts.in_force(executor.tables, account, "images", instant)


def test_before_anybody_said_anything_nobody_wants_to_hear_anything(executor: Executor) -> None:
    assert at(executor, NOW) == Alerts()


def test_alerts_of_a_unit_that_is_not_used_are_in_force_for_ever(executor: Executor, clock: Clock) -> None:
    """Whenever its first entry is recorded, by whatever clock: nothing was said before it."""
    put_unit(executor, False, low_balance=(100,))
    assert (at(executor, 0), at(executor, NOW), clock.waited) == (LOW, LOW, 0)
    put_unit(executor, False, low_balance=(50,))
    assert at(executor, 0) == Alerts((50,)), "no entry was ever judged by the first"


def test_of_a_used_unit_a_version_begins_a_second_after_it_was_decided_and_its_put_ends_then(
    executor: Executor, clock: Clock
) -> None:
    put_unit(executor, True, low_balance=(100,))
    clock.at = NOW + 5_000
    put_unit(executor, True, low_balance=(50,))
    begun = NOW + 5_000 + LEAD_MS
    assert clock.at == begun
    assert [at(executor, instant) for instant in (0, begun - 1, begun)] == [LOW, LOW, Alerts((50,))]
    put_unit(executor, True, low_balance=())
    assert [at(executor, instant) for instant in (begun, clock.at - 1, clock.at)] == [
        Alerts((50,)),
        Alerts((50,)),
        Alerts(),
    ]


def test_a_put_that_changes_no_alert_waits_for_nothing(executor: Executor, clock: Clock) -> None:
    put_unit(executor, True, low_balance=(100,))
    put_unit(executor, True, low_balance=(100,), transferable=True)
    assert (clock.waited, at(executor, NOW)) == (0, LOW)


def test_alerts_of_a_unit_that_was_used_before_it_had_any_begin_when_they_are_put(
    executor: Executor, clock: Clock
) -> None:
    put_unit(executor, True)
    put_unit(executor, True, low_balance=(100,))
    assert [at(executor, instant) for instant in (NOW, NOW + LEAD_MS - 1, NOW + LEAD_MS)] == [
        Alerts(),
        Alerts(),
        LOW,
    ]


def test_by_the_test_clock_a_version_begins_at_its_instant_and_nobody_waits(
    executor: Executor, clock: Clock
) -> None:
    put_unit(executor, True, low_balance=(100,))
    put_unit(executor, True, Moment(NOW - 500, pinned=True), low_balance=(50,))
    assert (at(executor, NOW - 501), at(executor, NOW - 500), clock.waited) == (LOW, Alerts((50,)), 0)


def test_an_accounts_own_count_before_the_units_until_they_are_taken_away(
    executor: Executor, clock: Clock
) -> None:
    put_unit(executor, True, low_balance=(100,), run_out_days=(7,))
    has_wallet(executor)
    unit = executor.unit("images")
    known, new = alerts.put(executor, unit, OwnAlerts(low_balance=(5,)), asked())
    assert (known.counting, new) == (Alerts((5,), (7,)), True)
    begun = NOW + LEAD_MS
    assert clock.at == begun
    assert [at(executor, instant) for instant in (begun - 1, begun)] == [
        Alerts((100,), (7,)),
        Alerts((5,), (7,)),
    ]
    assert at(executor, begun, "other") == Alerts((100,), (7,))
    alerts.delete(executor, asked())
    assert at(executor, clock.at - 1) == Alerts((5,), (7,))
    assert at(executor, clock.at) == Alerts((100,), (7,)), "a replay still says what was said before"
    with pytest.raises(NotFound):
        alerts.delete(executor, asked())
    with pytest.raises(NotFound):
        alerts.get(executor, unit, "acme")


def test_an_accounts_own_are_in_force_for_ever_where_it_has_no_wallet_yet(
    executor: Executor, clock: Clock
) -> None:
    put_unit(executor, True, low_balance=(100,))
    alerts.put(executor, executor.unit("images"), OwnAlerts(low_balance=(5,)), asked())
    assert (at(executor, 0), clock.waited) == (Alerts((5,)), 0)


def test_the_same_again_writes_nothing_and_waits_for_nothing(executor: Executor, clock: Clock) -> None:
    put_unit(executor, True)
    has_wallet(executor)
    unit = executor.unit("images")
    alerts.put(executor, unit, OwnAlerts((5,)), asked())
    waited = clock.waited
    known, new = alerts.put(executor, unit, OwnAlerts((5,)), asked())
    assert (known.own, new, clock.waited) == (OwnAlerts((5,)), False, waited)


def test_a_unit_of_before_versions_were_kept_has_the_alerts_of_its_policy(
    executor: Executor, clock: Clock
) -> None:
    """And its next change leaves what counted until then."""
    used = replace(UNIT, policy=Policy(low_balance=(100,)), version=1, used=True)
    documents.put(executor.tables, keys.unit("images"), documents.NEW, used.to_json())
    assert (at(executor, 0), at(executor, NOW)) == (LOW, LOW)
    put_unit(executor, True, low_balance=(50,))
    assert [at(executor, instant) for instant in (0, clock.at - 1, clock.at)] == [LOW, LOW, Alerts((50,))]


def test_versions_are_kept_however_many_there_are(executor: Executor, clock: Clock) -> None:
    """A document has the last fifty; each of those before is an item of its own, the first of all among them."""
    put_unit(executor, True, low_balance=(100,))
    has_wallet(executor)
    unit = executor.unit("images")
    begun = []
    for number in range(1, 61):
        put_unit(executor, True, low_balance=(1000 + number,))
        alerts.put(executor, unit, OwnAlerts(run_out_days=(number,)), asked())
        begun.append(clock.at)
    assert [at(executor, instant) for instant in begun] == [
        Alerts((1000 + number,), (number,)) for number in range(1, 61)
    ]
    assert [at(executor, instant) for instant in (0, NOW)] == [LOW, LOW]


def test_of_alerts_that_are_all_in_one_document_nothing_more_is_read_whatever_the_instant(
    executor: Executor,
) -> None:
    put_unit(executor, True)
    put_unit(executor, True, low_balance=(100,))
    known, calls = alerts.load(executor.tables, [("acme", "images")]), list[str]()
    executor.tables.client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.append(model.name)
    )
    assert [known.at("acme", "images", instant) for instant in (0, NOW, NOW + LEAD_MS)] == [
        Alerts(),
        Alerts(),
        LOW,
    ]
    assert calls == []


def test_a_wallet_that_is_made_at_this_moment_is_not_judged_by_alerts_of_after_its_first_entry(
    executor: Executor, clock: Clock
) -> None:
    """Alerts that are put where there is no wallet are in force for ever; here it is there before they are written."""
    put_unit(executor, True, low_balance=(100,))
    events, made = executor.tables.client.meta.events, list[str]()

    def first(**_: Any) -> None:
        if not made:
            made.append("a wallet")
            has_wallet(executor)

    events.register("before-call.dynamodb.TransactWriteItems", first)
    alerts.put(executor, executor.unit("images"), OwnAlerts(low_balance=(5,)), asked())
    begun = NOW + LEAD_MS
    assert [at(executor, instant) for instant in (0, begun - 1, begun)] == [LOW, LOW, Alerts((5,))]


def test_a_wallet_shows_its_base_while_a_percentage_of_its_own_counts_and_each_change_of_that_is_an_entry(
    executor: Executor,
) -> None:
    """It is made for that where there is none. What it shows already, or not, is said once."""
    put_unit(executor, True)
    unit, found = executor.unit("images"), list[tuple[int, bool]]()

    def look() -> None:
        wallet = executor.context("acme", "images", fresh=True).snapshot.wallet
        found.append((wallet.version, wallet.shows_base))

    wanted: Sequence[Sequence[Threshold]] = [(5,), ("50%",), (5, "25%"), (5,), ("50%",)]
    for low in wanted:
        alerts.put(executor, unit, OwnAlerts(tuple(low)), asked())
        look()
    alerts.delete(executor, asked())
    look()
    assert found == [(0, False), (1, True), (1, True), (2, False), (3, True), (4, False)]
    ids = [time_entry_id("acme", "images", seq) for seq in (1, 2, 3, 4)]
    entries = ledger.find_many(executor.tables, "acme", "images", ids)
    causes = [entries[one].cause for one in ids]
    assert [cause and (cause.actor, cause.actor_name) for cause in causes] == [("key:ann", None)] * 4


def test_whether_a_wallet_shows_its_base_is_not_remembered_from_before(
    executor: Executor, clock: Clock
) -> None:
    """Two processes: what the one has said, the other has taken back."""
    put_unit(executor, True)
    other = Executor(executor.tables, clock.pause, now=clock)
    said: Sequence[tuple[Executor, Threshold]] = [(executor, "50%"), (other, 5), (executor, "50%")]
    for process, low in said:
        alerts.put(process, process.unit("images"), OwnAlerts((low,)), asked())
    wallet = other.context("acme", "images", fresh=True).snapshot.wallet
    assert (wallet.version, wallet.shows_base) == (3, True)


def test_whether_a_wallet_has_notices_of_its_own_is_not_remembered_from_before(
    executor: Executor, clock: Clock
) -> None:
    """The one process has seen a wallet without; the other has given it some, which the first one's alerts lack."""
    put_unit(executor, True)
    other = Executor(executor.tables, clock.pause, now=clock)
    alerts.put(executor, executor.unit("images"), OwnAlerts(("50%",)), asked())
    alerts.put(other, other.unit("images"), OwnAlerts(("50%",), expiry_notices=("P2D",)), asked())
    assert other.context("acme", "images", fresh=True).snapshot.wallet.own_notices
    alerts.put(executor, executor.unit("images"), OwnAlerts(("50%",)), asked())
    assert not other.context("acme", "images", fresh=True).snapshot.wallet.own_notices


def test_what_is_listed_already_is_not_listed_again(executor: Executor, clock: Clock) -> None:
    """The document, what it was before, and who did it; of an account's first alerts that there is the account, and of
    the first of all that some account has its own."""
    put_unit(executor, True)
    for name in ("acme", "other"):
        has_wallet(executor, name)
    unit, written = executor.unit("images"), list[int]()
    executor.tables.client.meta.events.register(
        "before-call.dynamodb.TransactWriteItems",
        lambda params, **_: written.append(len(params["TransactItems"])),
    )
    for name, low in (("acme", 5), ("acme", 6), ("other", 5)):
        alerts.put(executor, unit, OwnAlerts((low,)), asked(name))
    assert written == [4, 2, 3]


def test_where_no_account_has_its_own_one_read_of_two_items_answers_for_all_of_a_unit(
    executor: Executor,
) -> None:
    put_unit(executor, False, low_balance=(100,))
    found = alerts.load(executor.tables, [(f"a{number}", "images") for number in range(100)])
    assert {found.at(f"a{number}", "images", NOW) for number in range(100)} == {LOW}
    assert not alerts.has_own(executor.tables, "images")
