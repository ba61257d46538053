"""Meter events, as Stripe's SDK sends them: each is an event of usage, once for ever."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
import stripe

from tests.aws import Deployment
from tests.http.contract import invalid
from tests.http.usage.reported import AT, accepted

FORM = "application/x-www-form-urlencoded"


def form(account: str, **more: str) -> dict[str, str]:
    said = {
        "event_name": "calls",
        "payload[stripe_customer_id]": account,
        "payload[value]": "2",
        "identifier": "m-1",
    }
    return {name: value for name, value in (said | more).items() if value}


def send(scrip: Deployment, fields: dict[str, str], **request: Any) -> Any:
    raw = urlencode(fields)
    return scrip.send("POST", "/v1/usage", raw=raw, content_type=FORM, clock=AT, **request)


def burned(scrip: Deployment, account: str) -> list[Any]:
    assert scrip.book_usage() == []
    return [one for one in scrip.entries(account) if one["kind"] == "burn"]


@pytest.mark.usefixtures("calls")
def test_a_form_is_burned_once(scrip: Deployment, account: str) -> None:
    fields = form(account, timestamp="1893452400") | {"payload[model]": "large"}
    accepted(send(scrip, fields), 1)
    accepted(send(scrip, fields), 1)
    (one,) = burned(scrip, account)
    assert (one["amount"], one["event"]) == ("-4", {"source": "stripe", "id": "m-1"})
    assert one["usage"]["time"] == "2029-12-31T23:00:00.000Z"
    assert one["usage"]["dimensions"] == {"model": "large"}


@pytest.mark.usefixtures("calls")
def test_what_the_sdk_sends_is_taken_as_it_is(scrip: Deployment, account: str) -> None:
    """With no identifier the SDK's own Idempotency-Key names it."""
    sent: list[tuple[str, str, dict[str, str]]] = []

    class Client(stripe.HTTPClient):
        name = "none"

        def request(
            self, method: str, url: str, headers: Any, post_data: Any = None, *, _usage: Any = None
        ) -> Any:
            sent.append((method, post_data, dict(headers)))
            return "{}", 200, {}

    client = stripe.StripeClient("sk_test_1", http_client=Client())
    payload = {"stripe_customer_id": account, "value": "3"}
    client.v1.billing.meter_events.create(
        {"event_name": "calls", "payload": payload, "timestamp": 1893456000}
    )
    ((method, body, headers),) = sent
    named = {name.lower(): value for name, value in headers.items()}
    assert method == "post"
    for _ in range(2):
        answer = scrip.send(
            "POST",
            "/v1/usage",
            raw=body,
            content_type=named["content-type"],
            headers={"idempotency-key": named["idempotency-key"]},
            clock=AT,
        )
        accepted(answer, 1)
    (one,) = burned(scrip, account)
    assert (one["amount"], one["event"]["id"]) == ("-6", named["idempotency-key"])


@pytest.mark.usefixtures("calls")
def test_a_stream_of_them_is_json(scrip: Deployment, account: str) -> None:
    payload = {"stripe_customer_id": account, "value": "1"}
    events = [
        {"event_name": "calls", "payload": payload, "identifier": "a", "timestamp": AT},
        {"event_name": "calls", "payload": payload, "identifier": "a", "timestamp": AT},
        {"event_name": "calls", "payload": payload, "identifier": "b"},
        {"event_name": "calls", "payload": payload},
        {"event_name": "calls", "identifier": "c"},
        {"event_name": "none", "payload": payload, "identifier": "d"},
    ]
    answer = scrip.post("/v1/usage", {"events": events}, clock=AT)
    accepted(answer, 3, {3: ["identifier"], 4: ["payload"], 5: ["type"]})
    assert len(burned(scrip, account)) == 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"identifier": ""}, "identifier"),
        ({"payload[value]": ""}, "data.quantity"),
        ({"payload[value]": "0"}, "data.quantity"),
        ({"payload[value]": "-1"}, "data.quantity"),
        ({"payload[stripe_customer_id]": ""}, "payload.stripe_customer_id"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "1893456301"}, "time"),
        ({"identifier": "x" * 256}, "identifier"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("calls")
def test_what_is_wrong_with_one_is_named_as_it_names_it(
    scrip: Deployment, account: str, fields: dict[str, str], wrong: str
) -> None:
    accepted(send(scrip, form(account, **fields)), 0, {0: [wrong]})


def test_a_form_that_is_none_is_refused(scrip: Deployment) -> None:
    invalid(send(scrip, {"amount": "1"}), "event_name")
    answer = scrip.send("POST", "/v1/usage", raw="event_name=a&event_name=b", content_type=FORM)
    invalid(answer, "event_name")


@pytest.mark.usefixtures("calls")
def test_each_counts_one_where_the_request_says_so(scrip: Deployment, account: str) -> None:
    accepted(send(scrip, form(account) | {"payload[value]": "9"}, query={"quantity": "1"}), 1)
    (one,) = burned(scrip, account)
    assert one["usage"]["quantity"] == "1"
