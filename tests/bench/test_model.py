"""The model of many writers: who comes when, who is in whose way, and how much a partition takes."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.meter import item_size
from bench.model import Clock, Table


class Accepting:
    """A DynamoDB that takes everything, and notes when."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.taken: list[float] = []

    def transact_write_items(self, **_: Any) -> Any:
        self.taken.append(self.clock.now)
        return {}


def put(pk: str, sk: str) -> dict[str, Any]:
    return {"Put": {"TableName": "t", "Item": {"pk": {"S": pk}, "sk": {"S": sk}}}}


def reason(error: ClientError) -> str:
    response: Any = error.response
    return str(response["CancellationReasons"][0]["Code"])


def test_writers_take_turns_by_the_clock() -> None:
    """Waits of 3 and of 2: 2, 3, 4, 6, 6. At one instant, whoever began to wait first."""
    clock, seen = Clock(), []

    def writer(name: str, wait: float, times: int) -> None:
        for _ in range(times):
            clock.sleep(wait)
            seen.append((name, clock.now))

    clock.run([lambda: writer("a", 3, 2), lambda: writer("b", 2, 3)])
    assert seen == [("b", 2), ("a", 3), ("b", 4), ("a", 6), ("b", 6)]


def test_what_a_writer_raises_ends_the_run() -> None:
    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Clock().run([fails, lambda: None])


def test_two_transactions_of_one_item_at_once_are_a_conflict_and_of_two_items_are_none() -> None:
    """Each holds its items for the second half of some 10 ms, and all begin within one."""
    for keys, expected in ((("same", "same"), 1), (("one", "other"), 0)):
        clock = Clock()
        table = Table(Accepting(clock), clock)
        told: list[str] = []

        def write(key: str, table: Table = table, told: list[str] = told) -> None:
            try:
                table.transact_write_items(TransactItems=[put(key, "wallet")])
            except ClientError as error:
                told.append(reason(error))

        clock.run([lambda key=key, write=write: write(key) for key in keys])  # type: ignore[misc]
        assert told == ["TransactionConflict"] * expected
        assert table.conflicts == expected


def test_a_partition_takes_a_thousand_units_a_second() -> None:
    """Transactions of 90 small items are 180 units. In 3 s there are 250 and 3 000: 18 of them, and no more."""
    clock = Clock()
    client = Accepting(clock)
    table = Table(client, clock)
    told: set[str] = set()

    def writer() -> None:
        number = 0
        while clock.now < 3:
            number += 1
            try:
                table.transact_write_items(TransactItems=[put("p", f"{number}.{item}") for item in range(90)])
            except ClientError as error:
                told.add(reason(error))

    clock.run([writer])
    assert len(client.taken) in (17, 18)
    assert told == {"ThrottlingError"}
    assert table.write_units == 180 * len(client.taken)


def test_an_item_is_as_large_as_dynamodb_says() -> None:
    """pk (2) + abc (3) + n (1) + 12345 (3 digits' bytes and one) + b (1) + 4 bytes."""
    item = {"pk": {"S": "abc"}, "n": {"N": "12345"}, "b": {"B": b"1234"}}
    assert item_size(item) == 2 + 3 + 1 + 4 + 1 + 4
