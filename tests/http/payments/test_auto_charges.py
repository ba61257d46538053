"""Automatic top-ups: what is charged, when, and what becomes of it (laws 3 and 9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from local.standins.dodo import Provider as Dodo
from local.standins.stripe import Provider as Stripe
from scrip import runtime
from scrip.http.edge.parameters import format_instant
from scrip.providers import calling
from scrip.services.payments import auto_charges, auto_topups
from tests.aws import Deployment, Fault
from tests.http.payments.automatic import PACK, Automatic
from tests.metrics import counted


@pytest.fixture(params=["dodo", "stripe"])
def at(request: pytest.FixtureRequest, dodo: Dodo, at_stripe: Stripe) -> Dodo | Stripe:
    """Each of those that charge what was kept."""
    return dodo if request.param == "dodo" else at_stripe


AT_ONE = pytest.mark.parametrize("at", ["dodo"], indirect=True)
"""What does not depend on the provider."""


@pytest.fixture
def automatic(
    scrip: Deployment, at: Dodo | Stripe, account: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Automatic]:
    monkeypatch.setattr(calling, "RETRY_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(auto_charges, "WORKERS", 1)
    scrip.told()
    yield Automatic(scrip, at, account)
    scrip.look()


def test_a_wallet_under_its_threshold_is_topped_up_once(automatic: Automatic) -> None:
    """1 000 credits, threshold 100: 850 burned leave 150; 60 more leave 90, and one pack of 1 000 comes."""
    automatic.buys()
    assert automatic.put().status == 200
    automatic.settle()
    assert automatic.state() == ("ready", None)
    automatic.burn("850")
    automatic.settle()
    assert len(automatic.provider.charged) == 0
    automatic.burn("60")
    automatic.settle()
    assert len(automatic.provider.charged) == 1
    assert (automatic.state(), automatic.available) == (("ready", None), "1090")
    assert automatic.told() == [("started", None), ("succeeded", None)]
    spent = automatic.known["spent"]
    assert (spent["count"], spent["money"]) == (1, {"amount": 10000, "currency": "USD"})
    automatic.scrip.sound(automatic.account)


HOUR = 3_600_000


def later(automatic: Automatic, milliseconds: int = 0) -> str:
    """So long after the instant at which it is looked at next."""
    body = auto_topups.load(runtime.tables(), automatic.account, "credits").body
    assert body.next_at is not None
    return format_instant(body.next_at + milliseconds)


def empty(automatic: Automatic, **more: Any) -> None:
    """A wallet that was topped up by hand and has 50 of 1 000 left, with an automatic top-up at 100."""
    automatic.buys()
    assert automatic.put(**more).status == 200
    automatic.settle()
    automatic.burn("950")
    automatic.told()


@AT_ONE
def test_a_wallet_that_cannot_be_looked_at_is_named_and_the_schedule_comes_again(
    automatic: Automatic, capsys: pytest.CaptureFixture[str]
) -> None:
    automatic.buys()
    automatic.put()
    automatic.scrip.look()
    automatic.burn("950")
    soon = format_instant(runtime.now() + 36_000)
    capsys.readouterr()
    broken = automatic.scrip.broken("TransactWriteItems", Fault.timeout, times=9)
    with broken, pytest.raises(RuntimeError, match="1 automatic top-ups could not be looked at"):
        automatic.scrip.look_at(soon)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (failed,) = [line for line in said if line.get("message") == "automatic top-up not looked at"]
    assert (failed["account"], failed["unit"]) == (automatic.account, "credits")
    assert failed["error"] == "Unavailable: the table does not answer"
    automatic.scrip.look_at(soon)
    automatic.settle()
    assert (automatic.available, len(automatic.provider.charged)) == ("1050", 1)


@AT_ONE
def test_whatever_the_stream_brings_again_is_charged_once(automatic: Automatic) -> None:
    """Law 3: the same entries are read five times, in five environments."""
    empty(automatic)
    for _ in range(5):
        automatic.scrip.cold()
        automatic.scrip.read_stream(automatic.account)
        automatic.settle()
    assert len(automatic.provider.charged) == 1
    assert automatic.available == "1050"


@AT_ONE
def test_one_that_is_put_on_an_empty_wallet_is_looked_at_without_an_entry(automatic: Automatic) -> None:
    automatic.buys()
    automatic.burn("950")
    automatic.settle()
    automatic.put()
    automatic.settle()
    assert (automatic.available, automatic.state()) == ("1050", ("ready", None))


@AT_ONE
def test_what_the_reader_did_not_know_of_yet_is_found_by_the_schedule(automatic: Automatic) -> None:
    """It remembers for 30 s which wallets have one; 35 s after the PUT the wallet is looked at once more."""
    automatic.buys()
    automatic.put()
    automatic.scrip.look()
    automatic.burn("950")
    assert automatic.scrip.look_at(format_instant(runtime.now() + 34_000))["looked"] == 0
    assert automatic.scrip.look_at(format_instant(runtime.now() + 36_000))["looked"] == 1
    automatic.settle()
    assert automatic.available == "1050"


@AT_ONE
def test_the_fewest_packs_that_reach_the_target_are_ordered(automatic: Automatic) -> None:
    """50 are left and 2 500 are wanted: three packs make 3 050, two 2 050."""
    empty(automatic, target="2500")
    automatic.settle()
    assert automatic.available == "3050"
    assert automatic.known["spent"]["money"] == {"amount": 30000, "currency": "USD"}
    (order,) = [
        one
        for one in automatic.scrip.get("/v1/topups", query={"account": automatic.account}).body["items"]
        if one["automatic"]
    ]
    assert (order["quantity"], order["status"], order["price"]["amount"]) == (3, "paid", 30000)


@AT_ONE
def test_without_a_kept_method_it_waits_for_one(automatic: Automatic) -> None:
    automatic.buys(save_payment_method=False)
    answer = automatic.put()
    assert (answer.status, answer.body["state"], answer.body["reason"]) == (
        200,
        "needs_action",
        "method_missing",
    )
    automatic.burn("950")
    automatic.settle()
    assert (automatic.told(), automatic.provider.charged) == ([("needs_action", "method_missing")], [])
    automatic.buys()
    automatic.settle()
    assert automatic.state() == ("ready", None)
    automatic.burn("1000")
    automatic.settle()
    assert automatic.available == "1050"


def test_a_decline_backs_off_four_times_and_then_it_is_suspended(
    automatic: Automatic, capsys: pytest.CaptureFixture[str]
) -> None:
    """Now, after an hour, after six more, after a day more; then a payment by hand forgets it."""
    empty(automatic)
    kept = {"PaymentMethodKept": 1, "provider": automatic.name}
    assert kept in counted(capsys, "PaymentMethodKept")
    automatic.provider.charges_come = "declined"
    automatic.settle()
    assert automatic.state() == ("backing_off", "declined")
    for pause in (1, 6, 24):
        known = automatic.known
        body = auto_topups.load(runtime.tables(), automatic.account, "credits").body
        assert body.failed_at is not None
        assert known["next_attempt_at"] == format_instant(body.failed_at + pause * HOUR)
        automatic.scrip.look_at(later(automatic, -1))
        tries = len(automatic.provider.charged)
        automatic.scrip.look_at(later(automatic))
        assert len(automatic.provider.charged) == tries + 1
    about = {"account": automatic.account, "unit": "credits", "reason": "suspended_after_failures"}
    assert counted(capsys, "AutoTopupSuspended") == [{"AutoTopupSuspended": 1, **about}]
    assert automatic.state() == ("suspended", "suspended_after_failures")
    assert automatic.told() == [
        ("started", None),
        *[("failed", "declined")] * 4,
        ("suspended", "suspended_after_failures"),
    ]
    assert automatic.known["spent"]["count"] == 0
    automatic.burn("10")
    automatic.settle()
    assert len(automatic.provider.charged) == 4
    automatic.provider.charges_come = "succeeded"
    assert automatic.put().body["state"] == "ready"
    automatic.settle()
    assert (automatic.available, automatic.state()) == ("1040", ("ready", None))


def test_the_four_tries_are_of_one_order_and_each_has_a_key_of_its_own(automatic: Automatic) -> None:
    empty(automatic)
    automatic.provider.charges_come = "declined"
    automatic.settle()
    automatic.provider.charges_come = "succeeded"
    automatic.scrip.look_at(later(automatic))
    automatic.settle()
    said = automatic.metadata
    assert [one["attempt"] for one in said] == ["1", "2"]
    assert len({one["topup_id"] for one in said}) == 1
    assert automatic.available == "1050"


@AT_ONE
def test_a_top_up_by_hand_in_between_forgets_the_decline(automatic: Automatic) -> None:
    empty(automatic)
    automatic.provider.charges_come = "declined"
    automatic.settle()
    automatic.buys(save_payment_method=False)
    automatic.settle()
    assert (automatic.state(), automatic.available) == (("ready", None), "1050")
    assert len(automatic.provider.charged) == 1


@pytest.mark.parametrize(
    ("come", "reason"), [("authentication_required",) * 2, ("expired", "method_expired")]
)
def test_what_only_the_buyer_can_mend_is_told_and_not_tried_again(
    automatic: Automatic, come: str, reason: str
) -> None:
    empty(automatic)
    automatic.provider.charges_come = come
    automatic.settle()
    assert automatic.state() == ("needs_action", reason)
    assert automatic.told() == [("started", None), ("needs_action", reason)]
    automatic.provider.charges_come = "succeeded"
    automatic.burn("10")
    automatic.settle()
    automatic.scrip.look_at("2090-01-01T00:00:00Z")
    assert len(automatic.provider.charged) == 1
    automatic.buys()
    automatic.settle()
    assert automatic.state() == ("ready", None)


def test_a_webhook_before_the_answer_is_the_same_charge(automatic: Automatic) -> None:
    """The provider tells of it, and the credits are there, before its answer is."""
    empty(automatic)
    automatic.provider.charges_told = "before"
    said = automatic.provider.say

    def deliver(event_id: str, event: Any, deliver: bool = True) -> int | None:
        automatic.deliver(event)
        return said(event_id, event, False)

    automatic.provider.say = deliver  # type: ignore[method-assign]
    automatic.settle()
    del automatic.provider.say
    assert (len(automatic.provider.charged), automatic.available) == (1, "1050")
    assert automatic.told() == [("started", None), ("succeeded", None)]


def test_a_charge_under_way_is_in_flight_until_it_is_told(automatic: Automatic) -> None:
    empty(automatic)
    automatic.provider.charges_come = "processing"
    automatic.settle()
    assert automatic.state() == ("in_flight", None)
    automatic.burn("10")
    automatic.settle()
    automatic.scrip.look_at(later(automatic))
    assert (len(automatic.provider.charged), automatic.state()) == (1, ("in_flight", None))
    automatic.settle_charge(0)
    automatic.settle()
    assert (automatic.state(), automatic.available) == (("ready", None), "1040")
    assert automatic.known["spent"]["count"] == 1


def test_a_charge_under_way_that_fails_is_a_decline(automatic: Automatic) -> None:
    empty(automatic)
    automatic.provider.charges_come = "processing"
    automatic.settle()
    automatic.settle_charge(0, "failed")
    automatic.scrip.look_at(later(automatic))
    assert automatic.state() == ("backing_off", "declined")
    assert automatic.known["spent"]["count"] == 0


def test_an_answer_that_is_lost_is_looked_up_and_nothing_is_charged_twice(automatic: Automatic) -> None:
    empty(automatic)
    # Stripe is asked twice at once, under one key.
    automatic.provider.lose_answers = 1 if automatic.name == "dodo" else 2
    automatic.settle()
    assert len(automatic.provider.charged) == 1
    assert automatic.state() == ("in_flight", "provider_unavailable")
    automatic.burn("10")
    automatic.settle()
    automatic.scrip.look_at(later(automatic))
    automatic.settle()
    assert (len(automatic.provider.charged), automatic.available) == (1, "1040")
    assert automatic.told() == [("started", None), ("succeeded", None)]


def test_a_provider_that_is_down_is_asked_again_and_charged_once(automatic: Automatic) -> None:
    """Dodo is asked anew ten minutes after, when its lists would have it; Stripe by the same key, at each look."""
    empty(automatic)
    automatic.provider.down = True
    automatic.settle()
    for _ in range(4):
        assert automatic.state() == ("in_flight", "provider_unavailable")
        automatic.scrip.look_at(later(automatic))
    automatic.provider.down = False
    automatic.scrip.look_at(later(automatic))
    automatic.settle()
    assert (len(automatic.provider.charged), automatic.available) == (1, "1050")


def test_a_500_that_the_key_keeps_is_asked_about_by_list_after_twenty_hours(automatic: Automatic) -> None:
    """Stripe answers the same 500 under the same key; only when it may have forgotten the key is another one sent."""
    empty(automatic)
    automatic.provider.charges_come = "unavailable"
    automatic.settle()
    automatic.provider.charges_come = "succeeded"
    for _ in range(26):
        if automatic.state()[0] != "in_flight":
            break
        automatic.scrip.look_at(later(automatic))
        automatic.settle()
    assert (len(automatic.provider.charged), automatic.available) == (1, "1050")


@AT_ONE
def test_the_cap_is_met_exactly_and_told_once_a_period(automatic: Automatic) -> None:
    """Two charges a month; the third waits for the next month, and is told once though the wallet is burned on."""
    empty(automatic, cap={"every": "P1M", "count": 2})
    for _ in range(2):
        automatic.settle()
        automatic.burn("1000")
    for _ in range(3):
        automatic.settle()
        automatic.burn("10")
    assert len(automatic.provider.charged) == 2
    known = automatic.known
    assert (known["state"], known["reason"]) == ("backing_off", "cap_reached")
    assert known["next_attempt_at"] == known["spent"]["to"]
    assert automatic.told().count(("failed", "cap_reached")) == 1
    automatic.scrip.look_at(known["next_attempt_at"])
    assert len(automatic.provider.charged) == 3


@AT_ONE
def test_a_cap_of_money_leaves_no_room_for_a_part(automatic: Automatic) -> None:
    """USD 250.00 a day are two packs of 100.00."""
    empty(automatic, cap={"every": "P1D", "money": {"amount": 25000, "currency": "USD"}})
    for _ in range(2):
        automatic.settle()
        automatic.burn("960")
    automatic.settle()
    assert len(automatic.provider.charged) == 2
    assert automatic.known["spent"]["money"] == {"amount": 20000, "currency": "USD"}


@AT_ONE
def test_a_cap_that_is_put_anew_counts_what_was_charged_before(automatic: Automatic) -> None:
    empty(automatic, cap={"count": 1})
    automatic.settle()
    automatic.scrip.send("DELETE", automatic.path)
    automatic.burn("1000")
    automatic.put(cap={"every": "P1Y", "count": 1})
    automatic.settle()
    assert (len(automatic.provider.charged), automatic.state()) == (1, ("backing_off", "cap_reached"))


def test_what_is_in_flight_when_it_is_taken_away_is_followed_and_granted(automatic: Automatic) -> None:
    empty(automatic)
    automatic.provider.charges_come = "processing"
    automatic.settle()
    assert automatic.scrip.send("DELETE", automatic.path).status == 204
    assert automatic.scrip.get(automatic.path).status == 404
    assert automatic.put().body["state"] == "in_flight"
    automatic.settle()
    assert len(automatic.provider.charged) == 1
    automatic.settle_charge(0)
    automatic.settle()
    assert (automatic.available, automatic.state()) == ("1050", ("ready", None))


@AT_ONE
def test_one_that_is_off_charges_nothing_and_costs_the_reader_nothing(automatic: Automatic) -> None:
    empty(automatic, enabled=False)
    automatic.settle()
    automatic.scrip.cold()
    automatic.burn("10")
    with automatic.scrip.calls("sqs") as calls:
        automatic.scrip.read_stream(automatic.account)
    assert calls == []
    assert (automatic.state(), automatic.provider.charged) == (("off", None), [])


@AT_ONE
def test_a_frozen_wallet_is_charged_once_it_is_unfrozen(automatic: Automatic) -> None:
    empty(automatic)
    automatic.scrip.move(automatic.account, "freeze", reason="asked for")
    automatic.settle()
    assert automatic.provider.charged == []
    automatic.scrip.move(automatic.account, "unfreeze", reason="answered")
    automatic.settle()
    assert len(automatic.provider.charged) == 1


@AT_ONE
def test_a_closed_wallet_is_charged_no_more(automatic: Automatic) -> None:
    empty(automatic)
    automatic.burn("50")
    assert automatic.scrip.move(automatic.account, "close", reason="asked for").status == 201
    automatic.settle()
    assert (automatic.state(), automatic.provider.charged) == (("suspended", "wallet_closed"), [])


def test_a_payment_that_was_given_up_and_comes_all_the_same_counts(automatic: Automatic) -> None:
    """An intent that needed the buyer is paid after all: its credits come, and it counts for the cap."""
    empty(automatic, cap={"count": 1})
    automatic.provider.charges_come = "authentication_required"
    automatic.settle()
    automatic.settle_charge(0)
    automatic.settle()
    assert (automatic.available, automatic.state()) == ("1050", ("ready", None))
    assert automatic.known["spent"]["count"] == 1
    automatic.burn("1000")
    automatic.settle()
    assert automatic.state() == ("backing_off", "cap_reached")


def test_a_method_that_is_no_more_waits_for_another(automatic: Automatic, at: Dodo | Stripe) -> None:
    empty(automatic)
    if isinstance(at, Dodo):
        at._checkouts.clear()
    else:
        at._methods.clear()
    automatic.settle()
    assert automatic.state() == ("needs_action", "method_missing")


def test_a_killed_function_charges_nothing_twice(automatic: Automatic) -> None:
    """What was said first is that a charge is in flight: whoever looks next asks the provider, and charges nothing."""
    empty(automatic)
    automatic.scrip.cold()
    automatic.scrip.read_stream(automatic.account)
    with pytest.raises(KeyboardInterrupt), automatic.scrip.broken("SendMessage", _killed, service="sqs"):
        automatic.scrip.look()
    assert len(automatic.provider.charged) == 1
    automatic.settle()
    automatic.scrip.look_at(later(automatic))
    automatic.settle()
    assert (len(automatic.provider.charged), automatic.available) == (1, "1050")


def _killed() -> None:
    raise KeyboardInterrupt


def test_what_could_not_be_told_is_told_by_the_schedule(
    automatic: Automatic, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty(automatic)
    automatic.scrip.cold()
    automatic.scrip.read_stream(automatic.account)

    def down(**_: Any) -> Any:
        raise RuntimeError("the bus is down")

    with monkeypatch.context() as patch:
        patch.setattr(automatic.scrip.bus, "put_events", down)
        with pytest.raises(BatchProcessingError):
            automatic.scrip.look()
    assert automatic.told() == []
    automatic.scrip.look_at(format_instant(runtime.now()))
    automatic.settle()
    assert automatic.told() == [("started", None), ("succeeded", None)]


@AT_ONE
def test_every_event_has_an_id_of_its_own_for_ever(automatic: Automatic) -> None:
    empty(automatic)
    automatic.provider.charges_come = "declined"
    automatic.settle()
    told = automatic.scrip.told("scrip.auto_topup")
    assert len({one["id"] for one in told}) == len(told) == 2
    assert {one["subject"] for one in told} == {automatic.account}
    assert told[1]["data"]["next_attempt_at"] == automatic.known["next_attempt_at"]


@AT_ONE
def test_a_pack_that_is_another_by_now_is_not_charged_and_that_is_counted(
    automatic: Automatic, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is of another unit than the wallet."""
    empty(automatic)
    automatic.scrip.put("/v1/units/others", {"precision": 2})
    changed = automatic.scrip.put(f"/v1/packs/{automatic.account}", {**PACK, "unit": "others"})
    assert changed.status == 200, changed.text
    capsys.readouterr()
    automatic.settle()
    about = {"account": automatic.account, "unit": "credits"}
    because = "pack: is of the unit others by now"
    assert counted(capsys, "AutoTopupNotSold") == [{"AutoTopupNotSold": 1, **about, "reason": because}]
    assert len(automatic.provider.charged) == 0


def test_a_charge_that_the_provider_does_not_take_as_it_is_made_is_counted(
    automatic: Automatic, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API key is not the provider's any more: that is no fault of the method's."""
    empty(automatic)
    monkeypatch.setattr(automatic.provider, "api_key", "another")
    capsys.readouterr()
    automatic.settle()
    about = {"account": automatic.account, "unit": "credits"}
    assert counted(capsys, "AutoTopupRefused") == [{"AutoTopupRefused": 1, **about}]
    assert len(automatic.provider.charged) == 0
