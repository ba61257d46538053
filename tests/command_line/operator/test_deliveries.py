"""The operator's command on what providers sent: put back what could not be applied, look at a body, read it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

import command_line
from scrip import runtime
from scrip.store.deliveries import Kept
from tests.aws import ROOT, Deployment, Fault

DISPUTE = (ROOT / "events" / "webhooks" / "dodo_dispute_opened.json").read_text()
PAYMENT = (ROOT / "events" / "webhooks" / "dodo_payment_succeeded.json").read_text()

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _afresh(scrip: Deployment) -> None:
    scrip.make_tables()
    scrip.queued()


@pytest.fixture
def run(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that succeeds: what it prints."""

    def command(*arguments: str) -> Any:
        capsys.readouterr()
        assert command_line.main(arguments) == 0
        return json.loads(capsys.readouterr().out)

    return command


def fail(scrip: Deployment, *messages: tuple[str, str]) -> None:
    """Puts messages, each with its group, where those fall that could not be applied."""
    for number, (group, body) in enumerate(messages):
        scrip.sqs.send_message(
            QueueUrl=scrip.dead_url,
            MessageBody=body,
            MessageGroupId=group,
            MessageDeduplicationId=hashlib.sha256(f"{number} {group} {body}".encode()).hexdigest(),
        )


def left(scrip: Deployment) -> int:
    found = scrip.sqs.get_queue_attributes(QueueUrl=scrip.dead_url, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])


def test_a_redrive_of_nothing_moves_nothing(run: Run) -> None:
    assert run("redrive") == {"moved": 0, "done": True}


def test_a_redrive_moves_every_message_with_its_group_and_body_in_order(scrip: Deployment, run: Run) -> None:
    messages = [(f"group-{number % 3}", f"body {number}") for number in range(25)]
    fail(scrip, *messages)
    assert run("redrive") == {"moved": 25, "done": True}
    assert left(scrip) == 0
    found = [(record["attributes"]["MessageGroupId"], record["body"]) for record in scrip.queued()]
    for group in ("group-0", "group-1", "group-2"):
        assert [one for one in found if one[0] == group] == [one for one in messages if one[0] == group]


def test_a_redriven_message_is_not_taken_for_an_equal_one_that_came_by_itself(
    scrip: Deployment, run: Run
) -> None:
    """The queue drops what has a name that it heard within five minutes; this message has one of its own."""
    scrip.webhook(PAYMENT, "msg_1")
    (record,) = scrip.queued()
    fail(scrip, (record["attributes"]["MessageGroupId"], record["body"]))
    assert run("redrive")["moved"] == 1
    assert [again["body"] for again in scrip.queued()] == [record["body"]]


@pytest.mark.parametrize("broken", ["SendMessage", "DeleteMessage"])
def test_a_redrive_that_breaks_off_loses_nothing(
    scrip: Deployment, run: Run, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # What was received and not deleted comes back after its time: here at once.
    scrip.sqs.set_queue_attributes(QueueUrl=scrip.dead_url, Attributes={"VisibilityTimeout": "0"})
    try:
        fail(scrip, ("g", f"{broken} one"), ("g", f"{broken} two"))
        with scrip.broken(broken, Fault.error("AccessDenied"), times=9, service="sqs"):
            assert command_line.main(["redrive"]) == 2
        assert capsys.readouterr().err.startswith("scrip: the queue does not answer: AWS refused ")
        assert left(scrip) == 2
        assert run("redrive") == {"moved": 2, "done": True}
    finally:
        scrip.sqs.set_queue_attributes(QueueUrl=scrip.dead_url, Attributes={"VisibilityTimeout": "30"})
    found = sorted(record["body"] for record in scrip.queued())
    assert found == [f"{broken} one", f"{broken} two"], "and a second copy of the first was dropped"


def test_a_redrive_is_bounded_and_the_next_one_goes_on(
    scrip: Deployment, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "REDRIVEN", 10)
    fail(scrip, *[("g", str(number)) for number in range(15)])
    assert run("redrive") == {"moved": 10, "done": False}
    assert run("redrive") == {"moved": 5, "done": True}


def test_a_payment_that_failed_is_applied_after_a_redrive(scrip: Deployment, run: Run) -> None:
    scrip.webhook(PAYMENT, "msg_1")
    (record,) = scrip.queued()
    denied = scrip.broken("GetItem", Fault.error("AccessDeniedException"), times=9)
    with denied, pytest.raises(BatchProcessingError):
        scrip.apply([record])
    fail(scrip, (record["attributes"]["MessageGroupId"], record["body"]))
    run("redrive")
    assert scrip.apply(scrip.queued()) == []
    assert scrip.payment("pay_wk4A001")["facts"]


def test_a_list_has_a_line_for_each_delivery_since_an_instant_in_the_order_they_came(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    """They came on 2026-11-23 at 10:00:00.000, a millisecond later, and a minute later. ``--since`` is included."""
    first = 1_795_428_000_000
    for number, (provider, payment_id) in enumerate(
        [("stripe", None), ("paddle", "txn_2"), ("dodo", "pay_3")]
    ):
        at = first + (0, 1, 60_000)[number]
        kept = Kept(provider, f"msg_{number}", f"type.{number}", payment_id, at, b"{}", ("body: is odd",))
        assert runtime.deliveries().keep(kept, 30)

    def listed(*arguments: str) -> list[Any]:
        capsys.readouterr()
        assert command_line.main(["deliveries", "list", *arguments]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert listed() == [
        {
            "received_at": f"2026-11-23T10:0{minute}Z",
            "provider": provider,
            "delivery_id": f"msg_{number}",
            "type": f"type.{number}",
            "payment_id": payment_id,
            "state": None,
        }
        for number, (minute, provider, payment_id) in enumerate(
            [("0:00.000", "stripe", None), ("0:00.001", "paddle", "txn_2"), ("1:00.000", "dodo", "pay_3")]
        )
    ]
    for since, count in (("10:00:00.001Z", 2), ("10:00:00.002Z", 1), ("10:01:00Z", 1), ("10:01:00.001Z", 0)):
        assert len(listed("--since", f"2026-11-23T{since}")) == count


@pytest.mark.parametrize("since", ["yesterday", "2026-11-23", "2026-11-23T25:00:00Z"])
def test_a_list_since_no_instant_is_refused(
    scrip: Deployment, since: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["deliveries", "list", "--since", since]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "since" in said.err


def test_show_prints_every_body_of_a_delivery_as_it_came(scrip: Deployment, run: Run) -> None:
    scrip.webhook(PAYMENT, "msg_1")
    scrip.webhook("no json", "msg_1")
    shown = run("deliveries", "show", "dodo", "msg_1")
    assert (shown["provider"], shown["delivery_id"]) == ("dodo", "msg_1")
    first, second = sorted(shown["bodies"], key=lambda body: len(body["reasons"]))
    assert first.pop("received_at").endswith("Z")
    assert second.pop("received_at").endswith("Z")
    assert first == {
        "type": "payment.succeeded",
        "payment_id": "pay_wk4A001",
        "reasons": [],
        "state": "waiting",
        "causes": [],
        "body": PAYMENT,
    }
    assert second == {
        "type": "",
        "payment_id": None,
        "reasons": ["body: is not JSON"],
        "state": "refused",
        "causes": ["not_json"],
        "body": "no json",
    }


def test_show_prints_bytes_that_are_no_text_in_base64(scrip: Deployment, run: Run) -> None:
    from tests.http.payments.test_deliveries import post, signed

    post(scrip, "stripe", b"\xff", signed("stripe", b"\xff"))
    (kept,) = scrip.kept()
    (body,) = run("deliveries", "show", "stripe", kept["delivery_id"])["bodies"]
    assert body["body_base64"] == "/w=="


@pytest.mark.parametrize("what", ["show", "replay"])
def test_a_delivery_that_is_not_kept_is_said_to_be_so(
    scrip: Deployment, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.webhook(PAYMENT, "msg_1")
    for provider, delivery in (("dodo", "msg_2"), ("stripe", "msg_1"), ("nobody", "msg_1")):
        assert command_line.main(["deliveries", what, provider, delivery]) == 2
        assert capsys.readouterr().err == "scrip: no body of this delivery is kept\n"


def test_replay_reads_a_body_as_today_and_queues_its_facts(
    scrip: Deployment, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parked for it was another business's, by a typing error in the template's parameter; then that was mended."""
    monkeypatch.setenv("SCRIP_DODO_OURS", "bus_typo")
    scrip.webhook(DISPUTE, "msg_1")
    assert scrip.apply(scrip.queued()) == []
    monkeypatch.setenv("SCRIP_DODO_OURS", "bus_wk4Topups9")
    assert run("deliveries", "replay", "dodo", "msg_1") == {
        "provider": "dodo",
        "delivery_id": "msg_1",
        "queued": 1,
        "facts": 1,
        "parked": [],
    }
    assert scrip.apply(scrip.queued()) == []
    dispute = json.loads(DISPUTE)["data"]
    payment = scrip.payment(dispute["payment_id"])
    assert [fact["dispute_id"] for fact in payment["facts"]] == [dispute["dispute_id"]]
    assert payment["parked"] == ["the payment itself is not known yet"]


def test_what_was_applied_before_it_was_erased_stays_so(scrip: Deployment, run: Run) -> None:
    scrip.webhook(PAYMENT, "msg_1")
    assert scrip.apply(scrip.queued()) == []
    runtime.deliveries().erase_of("dodo", json.loads(PAYMENT)["data"]["payment_id"], runtime.now())
    (before,) = run("deliveries", "show", "dodo", "msg_1")["bodies"]
    assert run("deliveries", "replay", "dodo", "msg_1")["erased"] == 1
    (after,) = run("deliveries", "show", "dodo", "msg_1")["bodies"]
    assert before["state"] != "waiting"
    assert after == before


def test_replay_of_what_is_still_not_understood_is_parked_again(scrip: Deployment, run: Run) -> None:
    scrip.webhook({"type": "payment.teleported", "data": {}}, "msg_1")
    scrip.queued()
    told = run("deliveries", "replay", "dodo", "msg_1")
    assert (told["facts"], len(told["parked"])) == (0, 1)


def test_what_is_replayed_says_so_and_which_body_it_is_of(scrip: Deployment, run: Run) -> None:
    """Else it would be dropped where the queue knows an equal message."""
    scrip.webhook(PAYMENT, "msg_1")
    (came,) = scrip.queued()
    run("deliveries", "replay", "dodo", "msg_1")
    (again,) = scrip.queued()
    assert json.loads(again["body"]) == {**json.loads(came["body"]), "again": True}
    assert again["attributes"]["MessageGroupId"] == came["attributes"]["MessageGroupId"]


def test_replay_of_what_is_no_json_is_refused(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    scrip.webhook("no json", "msg_1")
    assert command_line.main(["deliveries", "replay", "dodo", "msg_1"]) == 2
    assert capsys.readouterr().err == "scrip: body: is not JSON\n"
    assert scrip.queued() == []


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["redrive"], "SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL"),
        (["redrive"], "SCRIP_PAYMENTS_QUEUE_URL"),
        (["deliveries", "show", "dodo", "msg_1"], "SCRIP_DELIVERIES_TABLE"),
        (["deliveries", "replay", "dodo", "msg_1"], "SCRIP_DODO_OURS"),
    ],
)
def test_a_command_says_which_variable_it_misses(
    scrip: Deployment,
    arguments: list[str],
    missing: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scrip.webhook(PAYMENT, "msg_1")
    scrip.cold()
    monkeypatch.delenv(missing)
    assert command_line.main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"scrip: set {missing}: ")
