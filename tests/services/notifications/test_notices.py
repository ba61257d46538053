"""Notices are given when they are due, each once; and a lot that must not end unannounced ends only once one of its
notices was delivered in time: laws 5 and 10."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import CatchingUp, Contended, Throttled, Unavailable
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.services.engine import walks
from scrip.services.events import bus
from scrip.services.notifications.notices import Noticed
from scrip.store import due, keys
from tests.aws import NEW_YEAR, Deployment
from tests.noticing import deliver, give, give_all
from tests.sweeps import NOTHING, sweep

Json = dict[str, Any]
END = "2030-03-02T00:00:00.000Z"
"""Sixty days after the new year."""
MONTH, WEEK, DAY = "2030-01-31T00:00:00.000Z", "2030-02-23T00:00:00.000Z", "2030-03-01T00:00:00.000Z"
"""When notices of that end are due."""
BEFORE_THE_END = "2030-03-01T23:59:59.999Z"
NEXT_END = "2030-03-03T00:00:00.000Z"
NOTHING_DUE = Noticed()
COST = {"amount": 1000, "currency": "USD"}


@pytest.fixture(autouse=True)
def noticed_unit(scrip: Deployment, one_shard_at_a_time: None, in_memory: None) -> None:
    """Units notice lots' ends a month, a week and a day before them; paid lots need one."""
    policy = {"expiry_notices": ["P30D", "P7D", "P1D"], "expiry_requires_notice": True}
    assert scrip.put("/v1/units/credits", {"precision": 6, "policy": policy}, clock=NEW_YEAR).status < 300
    scrip.told()


def paid(scrip: Deployment, account: str, amount: str = "100", **more: Any) -> str:
    """A paid lot; its id."""
    said = {"kind": "paid", "cost_basis": COST, "expires_at": END, "clock": NEW_YEAR, **more}
    answer = scrip.grant(account, amount, **said)
    lot_id: str = answer.body["lot"]["lot_id"]
    return lot_id


def told(scrip: Deployment) -> list[tuple[str, str, str]]:
    """The notices that were told: span, what is left, and the end."""
    found = [one["data"] for one in scrip.told("scrip.lot.expiring")]
    return [(one["notice"], one["remaining"], one["expires_at"]) for one in found]


def listed(scrip: Deployment, account: str) -> list[Json]:
    answer = scrip.get(f"/v1/accounts/{account}/notices")
    assert answer.status == 200, answer.text
    found: list[Json] = answer.body["items"]
    return found


def ends(scrip: Deployment, account: str, clock: str) -> Any:
    (lot,) = scrip.get(f"/v1/accounts/{account}/lots", clock=clock).body["items"]
    return lot["expires_at"]


def test_a_lot_has_its_three_notices_when_they_are_due_and_each_once(scrip: Deployment, account: str) -> None:
    lot_id = paid(scrip, account)
    assert give(account, "2030-01-30T23:59:59.999Z") == NOTHING_DUE
    assert give(account, MONTH) == Noticed(1, 1)
    (event,) = scrip.told("scrip.lot.expiring")
    assert (event["subject"], event["time"]) == (account, MONTH)
    data = event["data"]
    assert data == {
        "unit": "credits",
        "lot_id": lot_id,
        "remaining": "100",
        "expires_at": END,
        "notice": "P30D",
        "notice_id": data["notice_id"],
    }
    assert give(account, MONTH) == NOTHING_DUE, "its place moved to the week before"
    scrip.burn(account, "40", clock=MONTH)
    assert give(account, WEEK) == Noticed(1, 1)
    assert give(account, DAY) == Noticed(1, 1)
    assert told(scrip) == [("P7D", "60", END), ("P1D", "60", END)]
    shown = listed(scrip, account)
    assert [one["notice"] for one in shown] == ["P1D", "P7D", "P30D"]
    assert shown[2] == {**data, "booked_at": MONTH, "deliveries": []}
    scrip.sound(account)


def test_a_wallet_whose_notices_cannot_be_told_is_named_and_they_are_told_by_the_next_run(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(scrip, account)
    capsys.readouterr()
    monkeypatch.setattr(bus, "WAIT", 0.0)
    could_not = "notices of 1 wallets could not be given"
    with scrip.refusing(), pytest.raises(RuntimeError, match=could_not):
        scrip.wake(MONTH)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (failed,) = [line for line in said if line.get("message") == "notices not given"]
    assert (failed["account"], failed["unit"]) == (account, "credits")
    assert failed["error"] == "Throttled: the bus did not take 1 events"
    assert [line for line in said if "NoticesGiven" in line] == []
    scrip.wake(MONTH)
    assert told(scrip) == [("P30D", "100", END)]
    assert json.loads(capsys.readouterr().out.splitlines()[0])["NoticesGiven"] == 1


def test_undelivered_the_end_moves_by_the_last_span_for_readers_at_once_and_is_booked_once(
    scrip: Deployment, account: str
) -> None:
    paid(scrip, account)
    give(account, DAY)
    scrip.told()
    assert ends(scrip, account, "2030-03-01T23:59:59.998Z") == END
    assert ends(scrip, account, BEFORE_THE_END) == NEXT_END, "reads show it as if it were booked"
    (shown,) = scrip.get(f"/v1/accounts/{account}/entries", clock=END, query={"kind": "expiry_change"}).body[
        "items"
    ]
    assert (shown["booked"], shown["reason"], shown["actor"]) == (False, "no_notice", "system")
    assert sweep(scrip, account, END) == {"wallets": 1, "entries": 1, "failed": 0, "done": True}
    entry = scrip.entries(account)[-1]
    assert (entry["kind"], entry["at"], entry["amount"]) == ("expiry_change", BEFORE_THE_END, "0")
    assert (entry["reason"], entry["actor"]) == ("no_notice", "system")
    assert entry["expiry"] == {"before": END, "after": NEXT_END}
    assert sweep(scrip, account, END)["entries"] == 0
    assert give(account, END) == Noticed(1, 3), "the new end has notices of its own"
    assert told(scrip) == [(span, "100", NEXT_END) for span in ("P30D", "P7D", "P1D")]
    scrip.sound(account)


def test_delivered_in_time_it_ends_at_its_end(scrip: Deployment, account: str) -> None:
    lot_id = paid(scrip, account)
    give(account, WEEK)
    month, week = listed(scrip, account)[::-1]
    first = deliver(account, week["notice_id"], WEEK)
    assert first
    assert first.id == key_entry_id(account, "credits", business_key("notice", week["notice_id"]))
    entry = scrip.entries(account)[-1]
    assert (entry["kind"], entry["amount"], entry["lot_id"]) == ("status", "0", lot_id)
    assert (entry["notice_id"], entry["actor"], entry["at"]) == (week["notice_id"], "system", WEEK)
    again = deliver(account, week["notice_id"], WEEK, to="another")
    assert again
    assert again.id == first.id, "one entry for each notice"
    assert deliver(account, week["notice_id"], DAY) is not None, "the queue brings it again"
    assert len(scrip.entries(account)) == 2
    shown = listed(scrip, account)[0]["deliveries"]
    arrived = {"channel": "webhook", "status": "delivered", "delivered_at": WEEK}
    assert shown == [{**arrived, "to": "another"}, {**arrived, "to": "crm"}]
    assert deliver(account, month["notice_id"], DAY), "another notice"
    sweep(scrip, account, END)
    assert [one["kind"] for one in scrip.entries(account)] == ["grant", "status", "status", "expiry"]
    scrip.sound(account)


def test_delivered_too_late_it_is_an_entry_and_the_end_moves_all_the_same(
    scrip: Deployment, account: str
) -> None:
    paid(scrip, account)
    give(account, DAY)
    late = "2030-03-01T00:00:00.001Z"
    assert deliver(account, listed(scrip, account)[0]["notice_id"], late)
    sweep(scrip, account, END)
    assert [one["kind"] for one in scrip.entries(account)] == ["grant", "status", "expiry_change"]


def test_what_did_not_arrive_is_kept_and_is_no_entry(scrip: Deployment, account: str) -> None:
    paid(scrip, account)
    give(account, WEEK)
    week = listed(scrip, account)[0]["notice_id"]
    assert deliver(account, week, WEEK, status="failed") is None
    assert [one["status"] for one in listed(scrip, account)[0]["deliveries"]] == ["failed"]
    sweep(scrip, account, END)
    assert [one["kind"] for one in scrip.entries(account)] == ["grant", "expiry_change"]


def test_a_notice_of_an_end_that_moved_since_changes_nothing(scrip: Deployment, account: str) -> None:
    lot_id = paid(scrip, account)
    give(account, WEEK)
    old = listed(scrip, account)[0]["notice_id"]
    moved = scrip.move(
        account, f"lots/{lot_id}/expiry", expires_at="2030-06-01T00:00:00Z", reason="x", clock=WEEK
    )
    assert moved.status == 201, moved.text
    assert deliver(account, old, WEEK) is None
    assert listed(scrip, account)[0]["deliveries"] != []
    scrip.told()
    assert give(account, "2030-05-01T23:59:59.999Z").notices == 0
    assert give(account, "2030-05-02T00:00:00.000Z").notices == 1
    assert told(scrip) == [("P30D", "100", "2030-06-01T00:00:00.000Z")]
    assert deliver(account, "notice_000000000000_ThereIsNoSuchNotice--", WEEK) is None


def test_free_lots_have_notices_and_no_entries_and_end(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=END)
    give(account, DAY)
    for notice in listed(scrip, account):
        assert deliver(account, notice["notice_id"], DAY) is None
    sweep(scrip, account, END)
    assert [one["kind"] for one in scrip.entries(account)] == ["grant", "expiry"]


def test_who_is_interrupted_tells_again_under_the_same_ids(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrip.store import notices

    paid(scrip, account)
    failures: list[str] = []
    note: Json = {"failed": lambda _, error: failures.append(type(error).__name__)}
    with scrip.refusing():
        assert give(account, MONTH, **note) == Noticed(1, 0, failed=1)
    assert listed(scrip, account) == []

    def broken(*_: Any) -> bool:
        raise Throttled("busy")

    with monkeypatch.context() as patch:
        patch.setattr(notices, "put", broken)
        assert give(account, MONTH, **note).failed == 1
    first = scrip.told("scrip.lot.expiring")
    assert failures == ["Throttled", "Throttled"]
    assert give(account, MONTH) == Noticed(1, 1)
    assert [one["id"] for one in scrip.told("scrip.lot.expiring")] == [one["id"] for one in first]
    assert len(listed(scrip, account)) == 1


def test_a_burn_in_between_leaves_the_wallet_where_it_is_and_the_next_look_tells_nothing_twice(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(scrip, account)
    postpone = due.postpone

    def late(*of: Any) -> None:
        scrip.burn(account, "1", clock=MONTH)
        postpone(*of)

    with monkeypatch.context() as patch:
        patch.setattr(due, "postpone", late)
        assert give(account, MONTH) == Noticed(1, 1)
    assert give(account, MONTH) == Noticed(1, 0)
    assert give(account, MONTH) == NOTHING_DUE
    assert len(scrip.told("scrip.lot.expiring")) == 1


def test_what_the_sweep_finds_nothing_due_in_stays_where_a_notice_is_due(
    scrip: Deployment, account: str
) -> None:
    """Its place is in one index for both; who books what is due does not know of notices."""
    paid(scrip, account)
    assert sweep(scrip, account, MONTH) == {**NOTHING, "wallets": 1}
    assert give(account, MONTH) == Noticed(1, 1)
    assert sweep(scrip, account, MONTH) == NOTHING


def test_a_burn_and_a_grant_cost_no_unit_more(scrip: Deployment, account: str) -> None:
    """Also the first grant in a wallet: what is kept of its notices lies in its unit already."""

    def written(to: str, unit: str) -> list[list[str]]:
        made = []
        for what in ("first grant", "second grant", "burn"):
            with scrip.calls() as calls:
                if what == "burn":
                    scrip.burn(to, "1", unit=unit, clock=NEW_YEAR)
                else:
                    scrip.grant(to, "100", unit=unit, expires_at=END, clock=NEW_YEAR)
            made.append(
                sorted(f"{one.name} {one.items if 'TransactItems' in one.params else ''}" for one in calls)
            )
        return made

    scrip.put("/v1/units/plain", {"precision": 6}, clock=NEW_YEAR)
    for unit in ("plain", "credits"):
        scrip.grant(f"{account}-0", "1", unit=unit, clock=NEW_YEAR)
    assert written(account, "credits") == written(account, "plain")


def test_an_accounts_own_notices_count_for_its_next_lot_wherever_it_is_granted(
    scrip: Deployment, account: str
) -> None:
    scrip.put(
        f"/v1/accounts/{account}/alerts",
        {"expiry_notices": ["P2D"]},
        query={"unit": "credits"},
        clock=NEW_YEAR,
    )
    paid(scrip, account)
    assert give(account, "2030-02-27T23:59:59.999Z").notices == 0
    assert give(account, "2030-02-28T00:00:00.000Z").notices == 1
    assert told(scrip) == [("P2D", "100", END)]
    sweep(scrip, account, END)
    assert ends(scrip, account, END) == "2030-03-04T00:00:00.000Z", (
        "required as the unit says, by its own span"
    )
    assert scrip.send("DELETE", f"/v1/accounts/{account}/alerts", clock=END).status == 204
    scrip.grant(account, "1", clock=END, expires_at="2030-09-01T00:00:00Z")
    scrip.sound(account)


def test_an_allowances_lots_have_the_notices_that_counted_when_it_was_put(
    scrip: Deployment, account: str
) -> None:
    path = f"/v1/accounts/{account}/allowances/plan"
    assert scrip.put(path, {"amount": "10", "every": "P3M"}, clock=NEW_YEAR).status == 201
    give(account, "2030-03-31T00:00:00.000Z")
    assert told(scrip) == [(span, "10", "2030-04-01T00:00:00.000Z") for span in ("P30D", "P7D", "P1D")]
    give(account, "2030-06-01T00:00:00.000Z")
    sweep(scrip, account, "2030-06-01T00:00:00.000Z")
    give(account, "2030-06-01T00:00:00.000Z")
    assert told(scrip) == [("P30D", "10", "2030-07-01T00:00:00.000Z")]
    scrip.sound(account)


@pytest.mark.parametrize(
    ("error", "fails"), [(Unavailable("no answer"), 1), (CatchingUp("later"), 0), (Contended("again"), 0)]
)
def test_several_wallets_are_told_of_together_and_one_that_fails_keeps_no_other(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, error: Exception, fails: int
) -> None:
    """One that somebody writes at this moment, or in which too much is due, is no failure: the next run tells of it."""
    names = [f"{account}-{number}" for number in range(12)]
    for name in names:
        paid(scrip, name)
    failures: list[str] = []
    executor = runtime.executor()
    unit = executor.unit
    monkeypatch.setattr(walks, "WORKERS", 1)
    given: list[int] = []

    from scrip.services.notifications import notices

    looked = notices._look
    failing: list[
        str
    ] = []  # The first that is looked at: in which order they come is for their shards to say.

    def look(executor_: Any, wallet: Any, *of: Any) -> Any:
        if not failing:
            failing.append(wallet.account)
        if wallet.account in failing:
            raise error
        return looked(executor_, wallet, *of)

    monkeypatch.setattr(notices, "_look", look)
    from tests.noticing import moment

    found = notices.sweep(
        executor,
        range(keys.SHARDS),
        moment(MONTH),
        lambda facts: given.append(len(facts)),
        lambda: True,
        lambda wallet, _: failures.append(wallet.account),
    )
    assert (found.notices, found.failed, failures, found.done) == (11, fails, failing[:fails], True)
    assert given == [9, 2]
    assert unit("credits").unit == "credits"
    assert threading.active_count() >= 1


def test_wallets_of_a_run_have_each_the_notices_of_their_own_unit(scrip: Deployment, account: str) -> None:
    """Both units keep their spans under the number 1. Several wallets, so that either is looked at before the other."""
    scrip.put("/v1/units/images", {"precision": 0, "policy": {"expiry_notices": ["P2D"]}}, clock=NEW_YEAR)
    for unit in ("credits", "images"):
        for number in range(3):
            scrip.grant(f"{account}-{number}", "5", unit=unit, expires_at=END, clock=NEW_YEAR)
    assert give_all(DAY) == Noticed(6, 12)
    found = {(one["data"]["unit"], one["data"]["notice"]) for one in scrip.told("scrip.lot.expiring")}
    assert found == {("images", "P2D"), *(("credits", span) for span in ("P30D", "P7D", "P1D"))}


def test_it_stops_when_the_time_is_up_and_says_so(scrip: Deployment, account: str) -> None:
    paid(scrip, account)
    found = give(account, MONTH, time_left=lambda: False)
    assert found == Noticed(0, 0, 0, done=False)
    assert give(account, MONTH) == Noticed(1, 1)


def test_an_extension_moves_the_notices_with_the_end(scrip: Deployment, account: str) -> None:
    paid(scrip, account)
    give(account, MONTH)
    scrip.told()
    body = {"incident": f"o-{account}", "by": "P10D", "accounts": [account]}
    moved = scrip.post("/v1/extensions", body, key=f"x-{account}", clock=MONTH)
    assert moved.status in (200, 201, 202), moved.text
    assert give(account, "2030-02-09T23:59:59.999Z").notices == 0
    assert give(account, "2030-02-10T00:00:00.000Z").notices == 1
    assert told(scrip) == [("P30D", "100", "2030-03-12T00:00:00.000Z")]
    assert ends(scrip, account, END) == "2030-03-12T00:00:00.000Z"
    scrip.sound(account)


def test_what_moves_to_another_account_has_notices_of_its_own(scrip: Deployment, account: str) -> None:
    policy = {"expiry_notices": ["P7D"], "expiry_requires_notice": True, "transferable": True}
    scrip.put("/v1/units/credits", {"precision": 6, "policy": policy}, clock=NEW_YEAR)
    scrip.cold()
    paid(scrip, account)
    give(account, WEEK)
    assert deliver(account, listed(scrip, account)[0]["notice_id"], WEEK)
    other = f"{account}-2"
    sent = scrip.move(account, "transfers", to_account=other, amount="30", clock=WEEK)
    assert sent.status == 201, sent.text
    scrip.told()
    give(other, WEEK)
    assert told(scrip) == [("P7D", "30", END)]
    assert [one["deliveries"] for one in listed(scrip, other)] == [[]]
    assert scrip.balance(account, clock=END)["available"] == "0", "its holder was told"
    assert scrip.balance(other, clock=END)["available"] == "30", "nobody else was"
    scrip.sound(account)
    scrip.sound(other)


def test_wallets_without_notices_take_time_too_and_the_next_run_goes_on(
    scrip: Deployment, account: str
) -> None:
    """The index lists what is due of whatever kind: a night of expiries is looked through."""
    scrip.put("/v1/units/plain", {"precision": 0}, clock=NEW_YEAR)
    shard_of = keys.shard(keys.wallet(account, "credits"))
    beside = [
        name
        for name in (f"{account}-{number}" for number in range(400))
        if keys.shard(keys.wallet(name, "plain")) == shard_of
    ][:3]
    for name in beside:
        scrip.grant(name, "1", unit="plain", clock=NEW_YEAR, expires_at="2030-01-02T00:00:00Z")
    paid(scrip, account)
    left = iter([True, True, False])
    assert give(account, MONTH, time_left=lambda: next(left)) == Noticed(0, 0, 0, done=False)
    assert give(account, MONTH) == Noticed(1, 1)
