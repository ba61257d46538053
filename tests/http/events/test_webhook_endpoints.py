"""That an endpoint was disabled, and a test, as events: each under an id that is the same for the same."""

from __future__ import annotations

from scrip.domain.notifications.endpoint import EndpointSecret, EndpointStop, WebhookEndpoint
from scrip.http.events.webhook_endpoints import disabled_event
from scrip.http.events.webhook_endpoints import test_event as a_test

ONE = WebhookEndpoint(
    "crm", "a1", "https://x.example/", ("*",), None, True, 5, (EndpointSecret("s", 5, None),)
)


def test_who_finds_an_endpoint_gone_beside_others_tells_it_under_one_id() -> None:
    first = disabled_event(ONE.stop(EndpointStop("gone", 1000, 410)), 7)
    second = disabled_event(ONE.stop(EndpointStop("gone", 1001, 410)), 7)
    later = disabled_event(ONE.stop(EndpointStop("failing", 2000, None)), 8)
    assert first.id == second.id != later.id
    assert (first.type, first.account, first.at) == ("scrip.webhook_endpoint.disabled", None, 1000)
    assert later.data == {"endpoint_id": "crm", "reason": "failing", "last_status_code": None}


def test_a_test_is_named_by_what_asked_for_it() -> None:
    assert a_test(ONE, "k", 1).id == a_test(ONE, "k", 2).id != a_test(ONE, "l", 1).id
