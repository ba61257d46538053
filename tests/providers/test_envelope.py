"""A webhook's body taken apart: its type, its object, and what is parked where either cannot be used."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.payments.delivery import Delivery, Parked
from scrip.providers.envelope import Read, Subject, WebhookEvent, about, delivered, opened, parsed
from scrip.providers.reading import Json, Unreadable, identity
from tests.providers.samples import paid


def read(event: WebhookEvent) -> Read:
    """Reads an event as a provider's module does: one type, one payment."""
    if event.complete("type", "data") != "payment.succeeded":
        raise event.unknown()
    return Read(identity(event.data, "payment_id"), (paid(),))


def subject(data: Json, family: str) -> Subject:
    return Subject(data.get("of"), about(family, data.get("id")))


def test_what_can_be_read_is_a_delivery_with_its_facts() -> None:
    event = opened({"type": "payment.succeeded", "data": {"payment_id": "pay_1"}})
    assert delivered("acme", event, read, subject) == Delivery(
        "acme", "payment.succeeded", "pay_1", (paid(),), ()
    )


@pytest.mark.parametrize(
    ("body", "type_", "payment_id", "name", "why"),
    [
        ({"data": {}}, "", None, "payment", "the body has no type or no data"),
        ({"type": 7, "data": {}}, "", None, "payment", "the body has no type or no data"),
        (
            {"type": "refund.succeeded"},
            "refund.succeeded",
            None,
            "payment",
            "the body has no type or no data",
        ),
        (
            {"type": "refund.new", "data": {"id": "ref_1", "of": "pay_1"}},
            "refund.new",
            "pay_1",
            "refund:ref_1",
            "unknown event type refund.new",
        ),
        (
            {"type": "dispute.new", "data": {"id": "a/b"}},
            "dispute.new",
            None,
            "payment",
            "unknown event type dispute.new",
        ),
        (
            {"type": "somebody@example.test", "data": {}},
            "unreadable",
            None,
            "payment",
            "unknown event type unreadable",
        ),
        (
            {"type": "payment.succeeded", "data": {"payment_id": "a b"}},
            "payment.succeeded",
            None,
            "payment",
            "payment_id is missing or no id",
        ),
    ],
)
def test_what_cannot_be_read_is_parked_with_its_reason_under_what_it_is_about(
    body: Any, type_: str, payment_id: str | None, name: str, why: str
) -> None:
    """Of free text the reason says only that it is unreadable."""
    made = delivered("acme", opened(body), read, subject)
    assert made == Delivery("acme", type_, payment_id, (), (Parked(name, why),))


@pytest.mark.parametrize("names", [("type", "data"), ("event", "object")])
def test_whatever_a_body_is_it_is_taken_apart(names: tuple[str, str]) -> None:
    bodies: list[Any] = [None, [], "x", 7, {}, {names[0]: None, names[1]: []}]
    for body in bodies:
        event = opened(body, *names)
        assert (event.type, event.found, event.family, event.data) == (None, None, "", {})
    event = opened({names[0]: "refund.succeeded", names[1]: {"id": "ref_1"}}, *names)
    assert (event.type, event.family, event.data) == ("refund.succeeded", "refund", {"id": "ref_1"})


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("refund", "ref_1", "refund:ref_1"),
        ("dispute", "dsp_1", "dispute:dsp_1"),
        ("payment", "pay_1", "payment"),
        ("refund", None, "payment"),
        ("refund", "a/b", "payment"),
        (None, "ref_1", "payment"),
    ],
)
def test_a_reason_is_parked_under_a_refund_or_dispute_with_an_id_or_under_the_payment(
    kind: Any, name: Any, told: str
) -> None:
    assert about(kind, name) == told


@pytest.mark.parametrize("raw", [b"", b"x", b"[]", b"7", b"null", b"\xff", b"[" * 100_000, b'{"id": '])
def test_a_body_that_is_no_object_is_parsed_as_an_empty_one(raw: bytes) -> None:
    assert parsed(raw) == {}
    assert parsed(b'{"id": "evt_1"}') == {"id": "evt_1"}


def test_an_error_of_another_kind_is_not_parked() -> None:
    """A fault of ours is not put down to the provider."""

    def broken(_: WebhookEvent) -> Read:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        delivered("acme", opened({}), broken, subject)


def test_a_reason_names_what_the_provider_calls_type_and_object() -> None:
    with pytest.raises(Unreadable, match=r"the body has no event_type or no data\.object"):
        opened({}).complete("event_type", "data.object")
