"""What a lease has, and until when."""

from __future__ import annotations

import time

import pytest

from scrip_client import models
from scrip_client.amounts import parse
from scrip_client.funds import Funds

RENEW = parse("500")


def hold(left: str) -> models.Hold:
    return models.Hold.model_construct(left=left)


@pytest.fixture
def funds() -> Funds:
    made = Funds(RENEW, lasts=900.0)
    made.extend(time.monotonic())
    made.count(hold("500"), 0)
    return made


def test_what_is_there_is_spent_to_the_last_part_and_no_more(funds: Funds) -> None:
    """Of 500: 499.999999, then 0.000002 is too much, and 0.000001 is not."""
    assert funds.spend(parse("499.999999"))
    assert not funds.spend(parse("0.000002"))
    assert funds.spend(parse("0.000001"))
    assert funds.left == 0


def test_what_was_spent_meanwhile_is_not_there_twice(funds: Funds) -> None:
    """Scrip holds 500 again, and 20 were spent since it was asked. More than it holds is nothing, and no debt."""
    funds.count(hold("500"), parse("20"))
    assert funds.left == parse("480")
    funds.count(hold("10"), parse("20"))
    assert funds.left == 0


def test_nothing_is_spent_from_the_deadline_on(funds: Funds) -> None:
    funds.extend(time.monotonic() - 900)
    assert not funds.spend(1)
    assert funds.left == RENEW


def test_many_who_began_together_come_apart() -> None:
    """32 in lock-step: each has marks of its own, from 30 to 60 % of what it is filled up to, and from 40 to 60 % of
    its time; no tenth of either has half of them."""
    many = [Funds(RENEW, lasts=900.0) for _ in range(32)]
    for one in many:
        one.extend(0.0)
        one.count(hold("500"), 0)
    for marks, least, most in (
        ([one.low for one in many], RENEW * 0.3, RENEW * 0.6),
        ([one.half for one in many], 360.0, 540.0),
    ):
        assert all(least <= mark <= most for mark in marks)
        tenths = [int((mark - least) / (most - least) * 9.999) for mark in marks]
        assert max(tenths.count(tenth) for tenth in range(10)) < 16
        assert len(set(marks)) == 32
