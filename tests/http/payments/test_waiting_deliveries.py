"""A delivery waits from when it is kept until it is applied, parked or refused, whatever happens in between.

The close of a month goes by this: as long as one waits that came before the month's end, the month is not complete.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

import command_line
from scrip import runtime
from scrip.services.payments import deliveries as intake
from tests.aws import Buyer, Deployment, Fault, Json

FAR = 4_000_000_000_000
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _afresh(scrip: Deployment) -> None:
    scrip.make_tables()
    scrip.queued()
    scrip.asked()


def waiting(before: int = FAR) -> list[str]:
    return [one.delivery_id for one in intake.waiting_before(runtime.deliveries(), before, 100)]


def state(scrip: Deployment, delivery: str) -> list[str | None]:
    """How each body of a delivery stands, in the order they came."""
    return [kept.state for kept in runtime.deliveries().of("dodo", delivery)]


def apply_all(scrip: Deployment) -> None:
    assert scrip.apply(scrip.queued()) == []


def test_what_is_kept_waits_until_it_is_applied(scrip: Deployment, buyer: Buyer) -> None:
    """It came before the millisecond after its own, and not before its own."""
    buyer.order()
    assert scrip.webhook(buyer.pays(), "paid").status == 200
    ((one),) = runtime.deliveries().of("dodo", "paid")
    assert (waiting(one.received_at), waiting(one.received_at + 1)) == ([], ["paid"])
    assert state(scrip, "paid") == ["waiting"]
    apply_all(scrip)
    assert (waiting(), state(scrip, "paid")) == ([], ["applied"])
    (kept,) = scrip.kept()
    assert int(kept["expires_at"]) > runtime.now() // 1000 + 29 * 86_400


def test_of_one_that_is_parked_the_reasons_are_kept_with_it(scrip: Deployment, buyer: Buyer) -> None:
    buyer.order()
    body = buyer.pays()
    body["data"]["total_amount"] = 90_000
    scrip.webhook(body, "paid")
    apply_all(scrip)
    (kept,) = runtime.deliveries().of("dodo", "paid")
    assert (waiting(), kept.state) == ([], "parked")
    assert list(kept.causes) == scrip.payment(body["data"]["payment_id"])["parked"]
    assert kept.causes


def test_what_is_no_json_is_refused_at_once(scrip: Deployment) -> None:
    scrip.webhook("no json", "msg_1")
    (kept,) = runtime.deliveries().of("dodo", "msg_1")
    assert (waiting(), kept.state, kept.causes) == ([], "refused", ("not_json",))


@pytest.mark.parametrize("call", ["GetItem", "PutItem", "TransactWriteItems", "UpdateItem"])
def test_whatever_fails_while_it_is_applied_leaves_it_waiting_until_the_message_comes_again(
    scrip: Deployment, buyer: Buyer, call: str
) -> None:
    """The last call of all is the one that says that it waits no more: its credits are there by then, once."""
    buyer.order()
    scrip.webhook(buyer.pays(), "paid")
    records = scrip.queued()
    broken = scrip.broken(call, Fault.error("InternalServerError", 500), times=9)
    with broken, pytest.raises(BatchProcessingError):
        scrip.apply(records)
    assert waiting() == ["paid"]
    assert scrip.balance(buyer.account)["total"] == ("10000" if call == "UpdateItem" else "0")
    assert scrip.apply(records) == []
    assert (waiting(), scrip.balance(buyer.account)["total"]) == ([], "10000")


def test_it_waits_where_the_queue_did_not_take_it_until_the_provider_sends_it_again(
    scrip: Deployment, buyer: Buyer
) -> None:
    buyer.order()
    body = buyer.pays()
    with scrip.broken("SendMessage", Fault.error("AccessDenied"), times=9, service="sqs"):
        assert scrip.webhook(body, "paid").status == 503
    assert (waiting(), scrip.queued()) == (["paid"], [])
    assert scrip.webhook(body, "paid").status == 200
    apply_all(scrip)
    assert waiting() == []


def test_the_same_body_again_is_one_that_waits_though_the_queue_drops_its_message(
    scrip: Deployment, buyer: Buyer
) -> None:
    buyer.order()
    body = buyer.pays()
    for _ in range(3):
        scrip.webhook(body, "paid")
    records = scrip.queued()
    assert (len(records), waiting()) == (1, ["paid"])
    assert scrip.apply(records) == []
    scrip.webhook(body, "paid")
    assert (waiting(), state(scrip, "paid")) == ([], ["applied"])


def test_another_body_of_the_same_delivery_waits_for_its_own_message(scrip: Deployment, buyer: Buyer) -> None:
    buyer.order()
    scrip.webhook(buyer.pays(), "paid")
    (first,) = scrip.queued()
    scrip.webhook({**buyer.pays(), "more": True}, "paid")
    (second,) = scrip.queued()
    scrip.apply([second])
    assert sorted(map(str, state(scrip, "paid"))) == ["applied", "waiting"]
    scrip.apply([first])
    assert (waiting(), state(scrip, "paid")) == ([], ["applied", "applied"])


def test_a_message_of_before_bodies_waited_is_applied_as_it_was(scrip: Deployment, buyer: Buyer) -> None:
    """Its digest had 32 digits, and what was kept of it has no state."""
    buyer.order()
    scrip.webhook(buyer.pays(), "paid")
    (record,) = scrip.queued()
    message = json.loads(record["body"])
    record["body"] = json.dumps({**message, "body": message["body"][:32]})
    assert scrip.apply([record]) == []
    assert scrip.balance(buyer.account)["total"] == "10000"


def test_what_a_providers_api_answers_is_of_no_kept_body(scrip: Deployment, buyer: Buyer) -> None:
    """Nor is how a subscription stands."""
    buyer.order()
    message, group = intake.message(
        intake.read(intake.adapter("dodo"), json.dumps(buyer.pays()).encode(), "none"), "read:1"
    )
    runtime.enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)
    apply_all(scrip)
    assert scrip.balance(buyer.account)["total"] == "10000"
    assert (waiting(), scrip.kept()) == ([], [])


# What an operator does


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Any]:
    """What a command prints, a document to a line."""
    capsys.readouterr()
    assert command_line.main(["deliveries", *arguments]) == 0
    printed = capsys.readouterr().out
    return (
        [json.loads(printed)] if arguments[0] == "replay" else [json.loads(x) for x in printed.splitlines()]
    )


def test_a_message_that_is_lost_is_made_again_by_a_replay_which_the_queue_does_not_drop(
    scrip: Deployment, buyer: Buyer, capsys: pytest.CaptureFixture[str]
) -> None:
    buyer.order()
    scrip.webhook(buyer.pays(), "paid")
    scrip.queued()
    (shown,) = run(capsys, "waiting")
    assert (shown["provider"], shown["delivery_id"]) == ("dodo", "paid")
    assert run(capsys, "waiting", "--before", shown["received_at"]) == []
    assert run(capsys, "replay", "dodo", "paid")[0]["queued"] == 1
    apply_all(scrip)
    assert (run(capsys, "waiting"), scrip.balance(buyer.account)["total"]) == ([], "10000")
    assert [one["state"] for one in run(capsys, "list")] == ["applied"]


def test_a_replay_ends_the_waiting_of_what_means_nothing_by_now(
    scrip: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that could not read it kept it; the next one knows that it is no payment's."""
    unknown = {"type": "payment.teleported", "data": {}}
    scrip.webhook(unknown, "odd")
    scrip.queued()
    assert waiting() == ["odd"]
    adapter = intake.adapter("dodo")
    ignores = adapter.translate({"type": "payout.created", "data": {}}, None)
    assert ignores.ignored
    monkeypatch.setattr(adapter, "translate", lambda *_: ignores)
    assert run(capsys, "replay", "dodo", "odd")[0]["queued"] == 0
    (kept,) = runtime.deliveries().of("dodo", "odd")
    assert (waiting(), kept.state, kept.causes) == ([], "refused", ("ignored",))


def test_a_replay_ends_the_waiting_of_what_was_erased_before_anybody_applied_it(
    scrip: Deployment, buyer: Buyer, capsys: pytest.CaptureFixture[str]
) -> None:
    buyer.order()
    body = buyer.pays()
    scrip.webhook(body, "paid")
    scrip.queued()
    payment_id = body["data"]["payment_id"]
    runtime.deliveries().file("dodo", payment_id, "paid", FAR)
    runtime.deliveries().erase_of("dodo", payment_id, runtime.now())
    assert run(capsys, "replay", "dodo", "paid")[0]["erased"] == 1
    (kept,) = runtime.deliveries().of("dodo", "paid")
    assert (waiting(), kept.state, kept.causes) == ([], "refused", ("erased",))


# Told


def test_what_waits_for_over_an_hour_is_measured(
    scrip: Deployment, buyer: Buyer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One came at 10:00, one at 10:30. At 10:59 none has waited for an hour, at 11:01 one, at 11:31 both."""

    def measured(at: str) -> list[float]:
        capsys.readouterr()
        scrip.try_parked(f"2026-11-23T{at}:00.000Z")
        lines = [json.loads(x) for x in capsys.readouterr().out.splitlines() if x.startswith("{")]
        return [line["DeliveriesWaitingOverHour"] for line in lines if "DeliveriesWaitingOverHour" in line]

    for name, clock in (("first", "2026-11-23T10:00:00.000Z"), ("second", "2026-11-23T10:30:00.000Z")):
        body: Json = {"type": "payment.teleported", "data": {}, "name": name}
        assert scrip.webhook(body, name, clock=clock).status == 200
    assert [measured(at) for at in ("10:59", "11:01", "11:31")] == [[], [1], [2]]
    apply_all(scrip)
    assert measured("11:31") == []
