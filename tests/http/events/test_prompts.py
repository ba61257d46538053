"""A prompt as an event: its order and where to pay it; the same however often it is told."""

from __future__ import annotations

from dataclasses import replace

from scrip.domain.credits.units import default_unit
from scrip.domain.payments.dunning import DunningRun
from scrip.domain.payments.order import agree
from scrip.http.events.prompts import prompt_event
from scrip.services.payments.prompts import MadePrompt
from tests.domain.payments.test_order import NOW, PLAIN, REQUEST

DAY = 86_400_000
SINCE = 1_800_000_000_000
ORDER = agree(replace(REQUEST, currency="EUR"), PLAIN, default_unit(), "k", "me", NOW)
RUN = DunningRun("dun_1", "acme", "credits", "auto_topup_failed", "top_0", SINCE, SINCE, (SINCE, SINCE + DAY))


def test_it_says_what_is_to_be_paid_where_and_when_it_is_said_again() -> None:
    order = replace(ORDER, account="acme", topup_id="top_1", checkout_url="https://pay.example.test/1")
    event = prompt_event(MadePrompt(RUN, 1, order, default_unit(), SINCE + 5))
    assert (event.type, event.account, event.at) == ("scrip.topup.prompt", "acme", SINCE + 5)
    assert event.data["topup_id"] == "top_1"
    assert event.data["checkout_url"] == "https://pay.example.test/1"
    assert event.data["reason"] == "auto_topup_failed"
    assert event.data["price"] == {"amount": order.price.amount, "currency": order.price.currency}
    assert event.data["next_prompt_at"] == "2027-01-16T08:00:00.000Z"


def test_its_run_and_its_number_make_the_id() -> None:
    told = [
        prompt_event(MadePrompt(RUN, number, ORDER, default_unit(), at)).id
        for number, at in ((1, 1), (1, 9), (2, 1))
    ]
    assert told[0] == told[1] != told[2]
    last = prompt_event(MadePrompt(RUN, 2, ORDER, default_unit(), SINCE))
    assert last.data["next_prompt_at"] is None
