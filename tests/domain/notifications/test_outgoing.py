"""An event as it goes out has the bytes that it was published in, whatever read it in between."""

from __future__ import annotations

import json

from scrip.domain.events.event import Event, cloud_event
from scrip.domain.notifications.outgoing import outgoing


def test_the_bytes_are_those_of_the_bus() -> None:
    event = Event("evt_1", "scrip.entry.burn", "acme", 1000, {"b": "\u00fc", "a": [1, None, {"x": "1.50"}]})
    body = cloud_event(event, "/scrip/tests")
    found = outgoing(json.loads(body), 1000)
    assert (found.body, found.event_id, found.type, found.account) == (
        body,
        "evt_1",
        "scrip.entry.burn",
        "acme",
    )
    assert found.data == event.data


def test_one_that_is_about_no_account_has_none() -> None:
    body = cloud_event(Event("evt_1", "scrip.x.y", None, 1000, {}), "/scrip/tests")
    assert outgoing(json.loads(body), 1000).account is None
