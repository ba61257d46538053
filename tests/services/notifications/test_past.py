"""Events of a time that is over are those that were told, piece by piece."""

from __future__ import annotations

from scrip import runtime
from scrip.domain.notifications.endpoint import EndpointSecret, WebhookEndpoint
from scrip.http.edge.parameters import instant
from scrip.http.events.tellers import tellers
from scrip.services.notifications.past import PastEvents
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
    one = WebhookEndpoint(**{**{name: getattr(ONE, name) for name in ONE.__slots__}, "accounts": (account,)})
    events, place = past.piece(begin, end, one, None)
    assert ([event.event_id for event in events], place) == (told, [])
    assert past.piece(begin, end, one, place) == ([], None), "nothing was kept"
    assert past.piece(end, end + 1, one, None) == ([], [])
