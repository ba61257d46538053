"""Answers: how they are sent, and the parts that answers of several nouns have in common."""

from __future__ import annotations

import pytest

from scrip.domain.credits.lots import Money
from scrip.http.edge.answers import answer, money_view, put_answer, recurring_view, reference_view


def test_an_answer_carries_its_document_as_json_in_characters_and_not_escapes() -> None:
    assert answer(200, {"name": "Zoë"}) == {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": '{"name": "Zoë"}',
    }


def test_an_underscore_in_a_headers_name_stands_for_a_hyphen() -> None:
    headers = answer(201, {}, idempotent_replay="true")["headers"]
    assert headers == {"content-type": "application/json", "idempotent-replay": "true"}


@pytest.mark.parametrize(("new", "status"), [(True, 201), (False, 200)])
def test_a_put_says_whether_it_made_something(new: bool, status: int) -> None:
    assert put_answer({"version": 1}, new) == answer(status, {"version": 1})


def test_money_is_minor_units_beside_their_currency() -> None:
    assert money_view(Money(1250, "USD")) == {"amount": 1250, "currency": "USD"}


def test_a_reference_is_its_type_and_id_whether_they_were_kept_as_a_tuple_or_in_json() -> None:
    shown = {"type": "job", "id": "j1"}
    assert reference_view(("job", "j1")) == shown
    assert reference_view(["job", "j1"]) == shown
    assert reference_view(None) is None


def test_a_single_payment_recurs_in_no_period() -> None:
    assert recurring_view("P1M") == {"every": "P1M"}
    assert recurring_view(None) is None
