"""An event has the same id and the same bytes for ever."""

from __future__ import annotations

import json
import re

from scrip.domain.events.event import Event, cloud_event, event_id


def test_an_id_is_the_same_for_ever() -> None:
    """The first 16 bytes of SHA-256 over the type and the parts, with a NUL between them."""
    assert event_id("scrip.entry", "acme", "credits", 7) == "evt_MOaGyBCFmLsriDcicmlO-A"
    assert re.fullmatch(r"evt_[A-Za-z0-9_-]{22}", event_id("scrip.entry"))


def test_other_parts_and_another_type_make_another_id_wherever_parts_are_cut() -> None:
    ids = [
        event_id("scrip.entry", "acme", "credits", 7),
        event_id("scrip.entry", "acme", "credits", 8),
        event_id("scrip.entry", "acmec", "redits", 7),
        event_id("scrip.entry", "acme", "credits7"),
        event_id("scrip.entry", "acme", "credits", "7", ""),
        event_id("scrip.balance.low", "acme", "credits", 7),
    ]
    assert len(set(ids)) == len(ids)


def test_it_is_written_as_a_cloud_event() -> None:
    event = Event("evt_1", "scrip.entry.burn", "acme", 1_893_456_000_123, {"unit": "crédits", "n": 1})
    written = cloud_event(event, "/scrip/prod")
    assert json.loads(written) == {
        "specversion": "1.0",
        "id": "evt_1",
        "source": "/scrip/prod",
        "type": "scrip.entry.burn",
        "subject": "acme",
        "time": "2030-01-01T00:00:00.123Z",
        "datacontenttype": "application/json",
        "data": {"unit": "crédits", "n": 1},
    }
    assert written == cloud_event(event, "/scrip/prod")
    assert "crédits".encode() in written


def test_what_is_about_no_account_has_no_subject() -> None:
    """In a CloudEvent what is not there is left out: null is no subject."""
    event = Event("evt_1", "scrip.webhook_endpoint.disabled", None, 0, {})
    assert "subject" not in json.loads(cloud_event(event, "/scrip/prod"))
