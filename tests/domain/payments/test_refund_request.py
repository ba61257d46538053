"""A request for a refund is stored as it always was: documents of the code before it had a type (commit 0234e66)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scrip.domain.payments.payment import Payment
from scrip.domain.payments.refund_request import OpenRequest, RefundPayment, RefundRequest

STORED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "refund_requests.json").read_text())
NEW = RefundRequest("dodo", "pay_1", "said")


@pytest.mark.parametrize("name", STORED)
def test_a_stored_request_is_read_and_written_back_byte_for_byte(name: str) -> None:
    request = RefundRequest.from_json(json.loads(STORED[name]))
    assert json.dumps(request.to_json(), ensure_ascii=False) == STORED[name]


def test_a_request_with_a_member_that_nobody_knows_is_not_read() -> None:
    with pytest.raises(TypeError):
        RefundRequest.from_json({**json.loads(STORED["open"]), "discount": 5})


def test_a_request_is_opened_asked_for_and_answered() -> None:
    opened = NEW.opened("rf_1", "k.1")
    assert (opened.open, opened.answer) == (OpenRequest("rf_1", "k.1", 0), None)
    asked = opened.asked(7)
    assert asked.open == OpenRequest("rf_1", "k.1", 7)
    answered = asked.answered("rf_1", Payment("dodo", "pay_1"), "k.2")
    assert answered.open is None
    assert answered.answer
    assert (answered.answer.request_id, answered.answer.entry) == ("rf_1", "k.2")


def test_a_refused_request_is_as_new_but_for_its_next_id() -> None:
    once = NEW.opened("rf_1", None).refused()
    assert (once.open, once.answer, once.refusals) == (None, None, 1)
    ids = [NEW.next_id("rf_1"), once.next_id("rf_1"), once.opened("rf_1.2", None).refused().next_id("rf_1")]
    assert ids == ["rf_1", "rf_1.2", "rf_1.3"]


def test_a_command_says_all_of_itself_to_its_fingerprint() -> None:
    command = RefundPayment("money", 36000, "goodwill", force=True)
    assert command.to_json(Payment("dodo", "pay_1")) == {
        "payment": "dodo:pay_1",
        "as": "money",
        "amount": 36000,
        "reason": "goodwill",
        "force": True,
        "expires_in": None,
    }
