"""Notices are put once, and each delivery of one is kept once."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.events.lots import GivenNotice, NoticeDelivery
from scrip.store import notices
from scrip.store.tables import Tables
from tests.aws import InMemory


@pytest.fixture
def tables() -> Tables:
    return Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]


def said(lot: int) -> dict[str, Any]:
    """What is kept of a notice of this lot: 500 steps are left, and it ends at 9 s."""
    return {"lot": lot, "span": "P7D", "expires_at": 9_000, "remaining": "500", "at": 2_000, "required": True}


def test_a_notice_is_put_once(tables: Tables) -> None:
    assert notices.put(tables, "acme", "credits", "notice_1", said(3))
    assert not notices.put(tables, "acme", "credits", "notice_1", said(4))
    found = notices.get(tables, "acme", "credits", "notice_1")
    assert found == GivenNotice("notice_1", 3, "P7D", 9_000, 500, 2_000, True)
    assert notices.get(tables, "acme", "images", "notice_1") is None
    there = [("acme", "credits", "notice_1"), ("acme", "credits", "notice_2"), ("acme", "images", "notice_1")]
    assert notices.known(tables, there) == {("acme", "credits", "notice_1")}


def test_of_each_receiver_the_first_delivery_is_kept(tables: Tables) -> None:
    first = NoticeDelivery("webhook", "crm", "delivered", 1_000)
    assert not notices.deliver(tables, "acme", "credits", "notice_1", first), "there is no such notice"
    notices.put(tables, "acme", "credits", "notice_1", said(3))
    assert notices.deliver(tables, "acme", "credits", "notice_1", first)
    assert not notices.deliver(tables, "acme", "credits", "notice_1", first._replace(at=2_000))
    mail = NoticeDelivery("email", "profile", "delivered", 500)
    assert notices.deliver(tables, "acme", "credits", "notice_1", mail)
    found = notices.get(tables, "acme", "credits", "notice_1")
    assert found
    assert found.deliveries == (mail, first)


def test_those_that_were_due_last_come_first_page_by_page(tables: Tables) -> None:
    for number in (2, 1, 3):
        notices.put(tables, "acme", "credits", f"notice_{number}", said(number))
    found, following = notices.page(tables, "acme", "credits", 2, None)
    assert ([one.notice_id for one in found], following) == (["notice_3", "notice_2"], "notice_2")
    found, following = notices.page(tables, "acme", "credits", 2, following)
    assert ([one.notice_id for one in found], following) == (["notice_1"], None)
