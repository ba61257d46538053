"""What comes to the functions by other doors than HTTP: messages of the queues, a schedule's events, the authorizer's.
A message that cannot be used fails alone and is kept, changes nothing and is nowhere told; an event of a schedule that
is not as the template writes it does nothing; whatever a caller shows to the authorizer, only a key opens.

Records of the ledger's stream are test_tampering.py's.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.payments.payment import Payment
from tests.aws import Buyer, Context, Deployment, function
from tests.http.edge.test_fuzz import JSON, STEADY, TEXT
from tests.http.edge.test_fuzz_routes import SOMEBODY, places
from tests.http.payments.refunds import TAX

Json = dict[str, Any]

GARBAGE: Final = [
    "", "{", "null", "[]", "7", '"x"', SOMEBODY, "{}", '{"delivery": {}}', '{"delivery": null, "delivery_id": "x"}',
    '{"delivery": [], "delivery_id": 7}', "[" * 20_000, '{"delivery": "' + "x" * 200_000 + '"}', "\ud800", "NaN",
    json.dumps({"delivery": SOMEBODY, "delivery_id": SOMEBODY}),
]  # fmt: skip
VALUES: Final = st.sampled_from(
    [
        None,
        True,
        -1,
        1.5,
        10**30,
        "",
        "120000",
        SOMEBODY,
        "\ud800",
        [],
        [SOMEBODY],
        {},
        {"a": SOMEBODY},
        "x" * 300_000,
    ]
)


@pytest.fixture(autouse=True)
def _empty_queues(scrip: Deployment) -> None:
    scrip.queued()
    scrip.asked()


def record(good: Json, body: str, number: int = 0) -> Json:
    """A message with this body, of a group of its own."""
    attributes = {**good["attributes"], "MessageGroupId": f"group-{number}"}
    return {**good, "messageId": f"bad-{number}", "body": body, "attributes": attributes}


@st.composite
def nearly_right(draw: st.DrawFn, message: Json) -> str:
    """A message with something else in it, beside it, or twice."""
    made = copy.deepcopy(message)
    where = draw(st.sampled_from([*places(made)]))
    inner: Any = made
    for step in where[:-1]:
        inner = inner[step]
    what = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add", "twice"]))
    if what == "remove":
        del inner[where[-1]]
    elif what == "add" and isinstance(inner, dict):
        inner["unheard_of"] = SOMEBODY
    elif what == "replace":
        inner[where[-1]] = draw(VALUES | JSON)
    text = json.dumps(made)
    return text[:-1] + f', "delivery": {json.dumps(draw(VALUES))}}}' if what == "twice" else text


def untold(capfd: pytest.CaptureFixture[str], error: str = "") -> str:
    """What was printed, in which nobody is named."""
    out, err = capfd.readouterr()
    assert SOMEBODY not in out + err + error
    return out


# The queue of payments


@pytest.fixture
def paid(buyer: Buyer) -> Json:
    """The message of an order's payment, not yet applied."""
    assert buyer.order().status == 201
    assert buyer.scrip.webhook(buyer.pays(tax=TAX)).status == 200
    (message,) = buyer.scrip.queued()
    return dict(message)


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: body[:30])
def test_a_message_that_is_none_fails_alone_is_kept_and_the_log_says_why_and_not_what_was_in_it(
    buyer: Buyer, paid: Json, body: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with buyer.scrip.unwritten(), pytest.raises(BatchProcessingError) as told:
        buyer.scrip.apply([record(paid, body)])
    untold(capfd, str(told.value))
    assert buyer.scrip.apply([record(paid, body), paid]) == ["bad-0"]
    assert buyer.kinds == [("grant", "10000")]
    out = untold(capfd)
    (line,) = [json.loads(line) for line in out.splitlines() if '"MessageFailed"' in line]
    assert line["message_id"] == "bad-0"
    assert re.match(r"\w+(Error|Exception|Failure): ", line["error"])
    assert len(line["error"]) < 300


UNFIT: Final[list[tuple[str, Any]]] = [
    ("total", "120000"), ("total", None), ("total", -1), ("total", 1.5), ("total", True), ("tax", "20000"),
    ("at", "2026-11-23T10:00:00Z"), ("at", 10**18), ("currency", ["USD"]), ("session_id", 7), ("topup_id", {}),
    ("fact", "teleported"), ("fact", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), UNFIT, ids=repr)
def test_a_fact_of_another_kind_is_not_kept_with_its_payment_which_is_granted_after_it(
    buyer: Buyer, paid: Json, name: str, value: Any
) -> None:
    """It would be read with all that is said of the payment later, and fail it for ever."""
    message = json.loads(paid["body"])
    message["delivery"]["facts"][0][name] = value
    with buyer.scrip.unwritten(), pytest.raises(BatchProcessingError):
        buyer.scrip.apply([record(paid, json.dumps(message))])
    assert buyer.scrip.apply([paid]) == []
    assert buyer.kinds == [("grant", "10000")]


@settings(STEADY, max_examples=50)
@given(data=st.data())
def test_a_message_that_is_nearly_right_is_applied_or_fails_alone_and_changes_nothing(
    buyer: Buyer, paid: Json, capfd: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    scrip = buyer.scrip
    body = data.draw(nearly_right(json.loads(paid["body"])))
    scrip.make_tables()
    scrip.cold()
    capfd.readouterr()
    other = record(paid, json.dumps({"delivery_id": "o", "delivery": OTHER}), 1)
    failed = scrip.apply([record(paid, body), other])
    assert failed in ([], ["bad-0"])
    if failed:
        assert [item["pk"]["S"] for item in payments_of(scrip)] == ["payment#dodo#pay_other"]
        untold(capfd)
    # Its order is gone with the tables, so nothing is granted, whatever is said; and what is kept can be read.
    assert scrip.balance(buyer.account)["version"] == 0
    for item in payments_of(scrip):
        Payment.from_json(json.loads(item["body"]["S"]))


def payments_of(scrip: Deployment) -> list[Json]:
    """The documents of payments. Beside each lies the name by which it is found as a source."""
    return [item for item in scrip.everything() if item["pk"]["S"].startswith("payment#")]


OTHER: Final = {
    "provider": "dodo",
    "type": "x",
    "payment_id": "pay_other",
    "facts": [],
    "parked": [{"about": "payment", "reason": "it cannot be read"}],
}
"""A delivery of another payment, of which it says no more than that."""


# The queue of inquiries


@settings(STEADY, max_examples=40)
@given(
    body=st.sampled_from(GARBAGE)
    | nearly_right({"provider": "dodo", "payment_id": "pay_1", "session_id": "cks_1"})
    | JSON.map(json.dumps)
)
def test_an_inquiry_that_is_none_fails_alone_and_asks_nobody(
    scrip: Deployment, capfd: pytest.CaptureFixture[str], body: str
) -> None:
    good = {
        "messageId": "good",
        "receiptHandle": "r",
        "body": json.dumps({"provider": "dodo", "payment_id": "pay_unknown"}),
        "attributes": {"MessageGroupId": "good", "SequenceNumber": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": scrip.inquiries_arn,
        "awsRegion": "eu-west-1",
    }
    capfd.readouterr()
    with scrip.unwritten():
        failed = scrip.inquire([record(good, body), good])
    assert failed in ([], ["bad-0"])
    if failed:
        untold(capfd)
    for message in scrip.queued():
        told = json.loads(message["body"])["delivery"]
        assert told["provider"] in ("dodo", "stripe")
        assert told["facts"] == []


# Schedules

SCHEDULED: Final[dict[str, Callable[[Json], Any]]] = {
    "expiry": lambda event: function("expiry").handler(event, Context()),
    "payments": lambda event: function("payments").handler(event, Context()),
    "reconciliation": lambda event: function("reconciliation").handler(event, Context()),
}
TIMES: Final[list[Any]] = [
    "", 0, False, [], "yesterday", "2026-11-23", "2026-11-23T10:00:00", "2026-11-23T10:00:00+24:00",
    "2026-11-23T10:00:00.1234Z",
    "2026-02-30T00:00:00Z", "2026-11-23t10:00:00z", " 2026-11-23T10:00:00Z", "1795428000", SOMEBODY, "<time>", "\ud800",
    1795428000, 1.5, True, ["2026-11-23T10:00:00Z"], {"a": 1},
]  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULED)
@pytest.mark.parametrize("time", TIMES, ids=repr)
def test_a_schedules_event_with_no_instant_does_nothing(
    scrip: Deployment, account: str, name: str, time: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is booked as of a time that nobody meant; the next event comes by itself."""
    scrip.grant(account, "10", expires_in="PT1S", clock="2026-11-23T09:00:00.000Z")
    with scrip.unwritten(), pytest.raises(InvalidRequest):
        SCHEDULED[name]({"time": time})
    untold(capfd)


SHARDS: Final[list[Any]] = [
    "", 0, [], "0", 7, [0], [0, 1, 2], ["0", "15"], [0.0, 1.0], [None, 1], {"first": 0}, [True, 1], [-1, 3],
    [60, 64], [5, 4],
]  # fmt: skip


@pytest.mark.parametrize("shards", SHARDS, ids=repr)
def test_a_sweep_of_shards_that_there_are_not_does_nothing(
    scrip: Deployment, account: str, shards: Any
) -> None:
    scrip.grant(account, "10", expires_in="PT1S", clock="2026-11-23T09:00:00.000Z")
    with scrip.unwritten(), pytest.raises(InvalidRequest):
        scrip.sweep("2026-11-23T10:00:00.000Z", shards=shards)


# The authorizer

SHOWN: Final = (
    TEXT
    | st.text("scrip_0123456789abcdefBearer ", max_size=80)
    | st.from_regex(r"[Bb]earer +scrip_[a-z0-9]{16}_[A-Za-z0-9_-]{43}", fullmatch=True)
)


@settings(STEADY, max_examples=100)
@given(
    headers=st.none()
    | st.dictionaries(
        st.sampled_from(["authorization", "Authorization", "AUTHORIZATION", "x"]), SHOWN, max_size=3
    ),
    more=st.dictionaries(
        st.sampled_from(["identitySource", "type", "routeArn", "requestContext"]), JSON, max_size=2
    ),
)
def test_whatever_is_shown_to_the_authorizer_only_a_key_opens(
    scrip: Deployment, capfd: pytest.CaptureFixture[str], headers: Any, more: Json
) -> None:
    capfd.readouterr()
    with scrip.unwritten():
        answer = function("authorizer").handler({**more, "headers": headers}, None)
    assert answer == {"isAuthorized": True, "context": {}}
    out, _ = capfd.readouterr()
    assert all(value not in out for value in (headers or {}).values() if len(value) > 20)
