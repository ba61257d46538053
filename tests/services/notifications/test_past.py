"""Events of a time that is over are those that were told, piece by piece."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from scrip import runtime
from scrip.domain.notifications.endpoint import EndpointSecret, WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.http.edge.parameters import instant
from scrip.http.events.tellers import tellers
from scrip.services.notifications.past import PastEvents, keep
from scrip.store import kept_events
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment
from tests.http.search.streaming import index

ONE = WebhookEndpoint("e", "m", "https://x.example/", ("*",), None, True, 0, (EndpointSecret("s", 0, None),))


def test_what_was_told_is_told_again_in_the_same_bytes(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "5", clock=NEW_YEAR)
    scrip.burn(account, "2", clock=NEW_YEAR)
    scrip.told()
    index(account)
    told = [one["id"] for one in scrip.told()]
    past = PastEvents(runtime.tables(), tellers(burns=True).values(), "/scrip/tests", runtime.notifications())
    begin, end = instant(NEW_YEAR, "from"), instant(NEXT_DAY, "to")
    one = replace(ONE, accounts=(account,))
    events, place = past.piece(begin, end, one, None)
    assert ([event.event_id for event in events], place) == (told, [])
    assert past.piece(begin, end, one, place) == ([], None), "nothing was kept"
    assert past.piece(end, end + 1, one, None) == ([], [])


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_after_what_follows_from_entries_come_events_that_were_kept_in_pieces(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Three in an hour, so many to a piece, whatever account the endpoint names: what it wants is for the replay."""
    monkeypatch.setattr(kept_events, "PAGE", size)
    scrip.make_tables()
    begin, end = instant(NEW_YEAR, "from"), instant(NEW_YEAR, "from") + 3_600_000
    kept = [
        OutgoingEvent(f"evt_{number}", "scrip.payment.parked", None, begin + number, b"{}")
        for number in range(3)
    ]
    for one in kept:
        keep(runtime.notifications(), one, begin)
    past = PastEvents(runtime.tables(), tellers(burns=True).values(), "/scrip/tests", runtime.notifications())
    endpoint = replace(ONE, accounts=(account,))
    found, pieces, place = list[OutgoingEvent](), 0, None
    while True:
        events, place = past.piece(begin, end, endpoint, json.loads(json.dumps(place)))
        found += events
        pieces += 1
        if place is None:
            break
    assert (found, pieces) == (kept, 1 + -(-3 // size))
