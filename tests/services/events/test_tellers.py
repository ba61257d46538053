"""What several tellers make of entries goes out together, and a step that fails holds up no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Throttled, Unavailable
from scrip.domain.events.event import Event
from scrip.services.events import bus as buses
from scrip.services.events.bus import Bus
from scrip.services.events.tellers import Teller, events_of, publish
from scrip.services.outbox import reader
from scrip.store import items
from scrip.store.tables import Tables
from simulation import bus as doubles
from tests.aws import Context, Deployment, Fault, function
from tests.domain.memory import vault
from tests.http.search.streaming import SHARD, index, records, search
from tests.metrics import logged

TABLES: Tables = None  # type: ignore[assignment]  # these tellers read nothing


def saying(what: str) -> Teller:
    def tell(_tables: Tables, entries: Sequence[Entry]) -> list[Event]:
        return [
            Event(f"evt_{what}_{one.seq}", f"scrip.test.{what}", one.account, one.at, {}) for one in entries
        ]

    return tell


def test_all_that_follows_from_entries_is_what_each_teller_makes_of_them() -> None:
    made = vault("10; 5").entries
    told = events_of([saying("a"), saying("b")], TABLES, made)
    assert [event.id for event in told] == ["evt_a_1", "evt_a_2", "evt_b_1", "evt_b_2"]


def test_a_step_publishes_what_its_teller_makes() -> None:
    double = doubles.Bus()
    publish(Bus(double, "bus", "/scrip/tests"), saying("a"), TABLES, vault("10; 5").entries)
    assert [one["id"] for one in double.taken] == ["evt_a_1", "evt_a_2"]


def wake(scrip: Deployment, account: str) -> list[str]:
    event = {"Records": records(account), "shardId": SHARD, "state": {}}
    answer = function("outbox").handler(event, Context())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_a_bus_that_does_not_answer_holds_up_no_search_and_nothing_is_lost(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records come again from the first on, for all steps: whoever was done does the same thing again."""
    monkeypatch.setattr(buses, "WAIT", 0)
    scrip.grant(account, "10", reference={"type": "job", "id": account})
    with scrip.refusing():
        again = wake(scrip, account)
    assert again == [records(account)[0]["dynamodb"]["SequenceNumber"]]
    assert len(search(scrip, reference=f"job:{account}")["items"]) == 1
    assert scrip.told() == []
    assert wake(scrip, account) == []
    assert [one["data"]["seq"] for one in scrip.told()] == [1]
    assert len(search(scrip, reference=f"job:{account}")["items"]) == 1


def test_an_index_that_cannot_be_written_holds_up_no_event_and_it_is_told_again_under_its_id(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.grant(account, "10", reference={"type": "job", "id": account})
    with scrip.broken("BatchWriteItem", Fault.error("ThrottlingException")):
        assert wake(scrip, account) != []
    assert [line["step"] for line in logged(capsys, "step failed")] == ["search"]
    (first,) = scrip.told()
    assert wake(scrip, account) == []
    assert scrip.told() == [first]


def test_a_step_that_publishes_tells_of_its_failure_and_the_records_come_again() -> None:
    failed: list[tuple[str, str]] = []
    double = Bus(doubles.Bus(lambda: True), "bus", "/scrip/tests")
    steps = {"events": lambda tables, entries: publish(double, saying("a"), tables, entries)}
    record = {"dynamodb": {"SequenceNumber": "5", "ApproximateCreationDateTime": 5, "NewImage": row()}}
    again = reader.read(
        TABLES, [record], None, 0, lambda step, error: failed.append((step, type(error).__name__)), steps
    )
    assert again == "5"
    assert failed == [("events", Throttled.__name__)]


def row() -> object:
    (entry,) = vault("10").entries
    return items.entry_item(entry)


def test_a_stream_that_does_not_tell_its_shards_keeps_no_entry_from_being_read(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A local AWS names no shard with its records: then how far it was read is noted for none."""
    scrip.grant(account, "10", reference={"type": "job", "id": account})

    class Silent:
        def shards(self) -> Any:
            raise Unavailable("the stream does not answer")

    monkeypatch.setattr(runtime, "stream", Silent)
    index(account, shard=None)
    assert len(search(scrip, reference=f"job:{account}")["items"]) == 1
