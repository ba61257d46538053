"""Limits of a key's requests: two environments come together to the limit and a block each, whatever they do.

Time stands still in these tests but where it is moved, and the table is the simulator's."""

from __future__ import annotations

import random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scrip.domain.credits.errors import Throttled
from scrip.services.catalogue.rate_limits import RateLimits
from scrip.store.api_keys import ApiKeys
from simulation.dynamodb import Dynamo
from simulation.tables import TableDefinition

START = 1_800_000_000_000
KEY = "0123456789abcdef"


class Table:
    """A keys table whose calls are counted, and a clock."""

    def __init__(self) -> None:
        self.now, self.calls, self.broken = START, 0, ""
        self._dynamo = Dynamo([TableDefinition("keys")])

    def update_item(self, **request: Any) -> Any:
        self.calls += 1
        if self.broken:
            response: Any = {"Error": {"Code": self.broken, "Message": self.broken}, "ResponseMetadata": {}}
            raise ClientError(response, "UpdateItem")
        return self._dynamo.update_item(**request)

    def environment(self) -> RateLimits:
        """An environment that has not taken anything."""
        store = ApiKeys(self, "keys")  # type: ignore[arg-type]
        return RateLimits(store, lambda: self.now)


def taken(limits: RateLimits, limit: int) -> bool:
    """Whether one more request is let in."""
    try:
        limits.take(KEY, limit)
    except Throttled:
        return False
    return True


def burst(limits: RateLimits, limit: int, asked: int) -> int:
    """How many of so many requests at one moment are let in."""
    return sum(taken(limits, limit) for _ in range(asked))


@pytest.mark.parametrize("limit", [1, 2, 5, 9, 10, 11, 19, 25, 99, 100, 1000])
def test_at_one_moment_a_key_has_its_limit_and_not_one_more(limit: int) -> None:
    assert burst(Table().environment(), limit, 3 * limit) == limit


@pytest.mark.parametrize(
    ("limit", "calls"),
    [
        (5, 5),  # a block of one, five times
        (10, 10),
        (100, 10),  # ten blocks of ten
        (1000, 10),  # ten blocks of a hundred
        (25, 13),  # twelve blocks of two, and the one that is left
    ],
)
def test_the_table_is_asked_once_for_each_block_and_not_at_all_once_there_is_nothing(
    limit: int, calls: int
) -> None:
    """Also where a flood goes on: it is known until when there is nothing to take."""
    table = Table()
    assert burst(table.environment(), limit, 10 * limit) == limit
    assert table.calls == calls


def test_a_second_later_there_is_as_much_again_and_a_moment_before_there_is_not() -> None:
    table = Table()
    limits = table.environment()
    assert burst(limits, 10, 20) == 10
    table.now += 999
    assert burst(limits, 10, 20) == 0
    table.now += 1
    assert burst(limits, 10, 20) == 10


def test_a_refusal_says_when_to_come_back() -> None:
    """Five at 0 ms and five at 300: at 400 the first are free again in 600."""
    table = Table()
    limits = table.environment()
    assert burst(limits, 10, 5) == 5
    table.now += 300
    assert burst(limits, 10, 5) == 5
    table.now += 100
    with pytest.raises(Throttled) as refused:
        limits.take(KEY, 10)
    assert (refused.value.wait_ms, refused.value.facts) == (600, {"rate_limit": 10})


def test_what_is_not_used_of_a_block_is_lost_after_a_second() -> None:
    """Else who is quiet for long could come with more than the limit at once."""
    table = Table()
    limits = table.environment()
    assert burst(limits, 100, 1) == 1  # of a block of ten
    table.now += 1000
    assert burst(limits, 100, 300) == 100


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("limit", "environments"), [(1, 2), (7, 2), (10, 2), (50, 2), (200, 3), (1000, 5)])
def test_environments_come_together_to_the_limit_and_a_block_each_in_any_second(
    limit: int, environments: int, seed: int
) -> None:
    """Each asks when it likes, for four seconds. In no second that one may look at are there more."""
    chance, table = random.Random(seed), Table()
    all_of_them = [table.environment() for _ in range(environments)]
    let_in: list[int] = []
    while table.now < START + 4000:
        asked = [taken(chance.choice(all_of_them), limit) for _ in range(chance.randint(0, limit))]
        let_in += [table.now] * sum(asked)
        table.now += chance.choice((1, 10, 50, 200))
    most = limit + environments * max(1, limit // 10)
    for first, at in enumerate(let_in):
        within = sum(1 for other in let_in[first:] if other < at + 1000)
        assert within <= most
    assert len(let_in) >= 3 * limit // 2, "and the limit is not far from what is had"


def test_two_environments_that_ask_in_turn_have_the_limit_together() -> None:
    """With blocks of one there is nothing left over: not one request more."""
    table = Table()
    one, other = table.environment(), table.environment()
    assert sum(taken(limits, 9) for _ in range(20) for limits in (one, other)) == 9


def test_keys_are_limited_each_for_itself() -> None:
    table = Table()
    limits = table.environment()
    assert burst(limits, 3, 9) == 3
    for _ in range(3):
        limits.take("other-key", 3)
    with pytest.raises(Throttled):
        limits.take("other-key", 3)


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "RequestLimitExceeded"])
def test_a_table_that_does_not_answer_stops_nobody_and_is_asked_again_soon(code: str) -> None:
    """A limit spares callers each other; it guards nothing. The block that an environment gives itself is a tenth."""
    table = Table()
    limits = table.environment()
    table.broken = code
    assert burst(limits, 100, 10) == 10
    assert table.calls == 1
    table.broken, table.now = "", table.now + 100
    assert burst(limits, 100, 300) == 100


def test_a_limit_without_a_tenth_is_let_in_one_by_one_while_the_table_does_not_answer() -> None:
    table = Table()
    limits = table.environment()
    table.broken = "InternalServerError"
    assert burst(limits, 3, 5) == 5
    assert table.calls == 5


def test_what_was_handed_is_deleted_an_hour_later_and_nobody_is_confused() -> None:
    """The table deletes it by its clock; an environment that knew of it begins anew."""
    table = Table()
    limits = table.environment()
    assert burst(limits, 10, 20) == 10
    (item,) = [
        item for part in table._dynamo.tables["keys"].partitions.values() for item in part.items.values()
    ]
    assert item["ends"] == {"N": str(START // 1000 + 3600)}
    table.now += 5_000_000
    table._dynamo.tables["keys"].partitions.clear()
    assert burst(limits, 10, 20) == 10


def test_an_environment_remembers_a_bounded_number_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrip.services.catalogue.rate_limits.REMEMBERED", 3)
    limits = Table().environment()
    for number in range(10):
        limits.take(f"key-{number}", 5)
    assert len(limits._blocks) == 3


def test_who_is_overtaken_at_each_try_is_told_to_come_again_in_a_tenth_of_a_second() -> None:
    """Eight tries: each finds that another environment has taken one more, out of 1 000."""
    table = Table()
    mine, other = table.environment(), table.environment()
    update, racing = table.update_item, [True]

    def overtaken(**request: Any) -> Any:
        if racing[0]:
            racing[0] = False
            other._blocks.clear()
            other.take(KEY, 1000)
            racing[0] = True
        return update(**request)

    table.update_item = overtaken  # type: ignore[method-assign]
    with pytest.raises(Throttled) as refused:
        mine.take(KEY, 1000)
    assert refused.value.wait_ms == 100
    assert refused.value.facts == {"rate_limit": 1000}
