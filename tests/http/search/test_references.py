"""The function that the ledger's stream wakes: entries become found by their reference, once, whatever comes again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip import runtime
from scrip.services.events import bus as buses
from scrip.store import marks
from scrip.store.shards import LedgerStream
from simulation.stream import ARN, Stream
from tests.aws import WRITES, Call, Context, Deployment, Fault, function
from tests.http.search.streaming import SHARD, index, records, search
from tests.metrics import logged

pytestmark = pytest.mark.usefixtures("in_memory")
Json = dict[str, Any]
JOB = {"type": "job", "id": "j_1"}


def wake(event: Json) -> Json:
    answer: Json = function("outbox").handler(event, Context())
    return answer


def test_an_entry_is_found_by_its_reference_with_where_it_is(scrip: Deployment, account: str) -> None:
    """Ten are granted, and 4 of them burned for the job."""
    scrip.grant(account, "10")
    burned = scrip.burn(account, "4", reference=JOB).body["entry"]
    assert search(scrip, reference="job:j_1")["items"] == []
    index(account)
    found = search(scrip, reference="job:j_1")
    assert found["items"] == [
        {
            "account": account,
            "unit": "credits",
            "entry_id": burned["entry_id"],
            "seq": 2,
            "kind": "burn",
            "at": burned["at"],
        }
    ]
    assert found["next_cursor"] is None


def test_it_is_found_once_however_often_the_stream_brings_it(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", reference=JOB)
    for _ in range(3):
        index(account)
    assert len(search(scrip, reference="job:j_1")["items"]) == 1


def test_an_entry_with_a_reference_is_one_put_more_and_one_without_none(
    scrip: Deployment, account: str
) -> None:
    """And a mark for the whole batch."""
    scrip.grant(account, "10")
    scrip.burn(account, "1")
    with scrip.calls() as made:
        index(account)
    assert [call.name for call in made if call.name in WRITES] == ["UpdateItem"]
    scrip.burn(account, "1", reference=JOB)
    with scrip.calls() as made:
        index(account)
    assert [call.name for call in made if call.name in WRITES] == ["BatchWriteItem", "UpdateItem"]
    assert puts(made) == 1


def puts(made: list[Call]) -> int:
    return sum(len(call.params["RequestItems"]["wallets"]) for call in made if call.name == "BatchWriteItem")


def test_the_request_itself_writes_nothing_for_its_reference(scrip: Deployment, account: str) -> None:
    """A warm burn stays one call with three items: the index is the stream's reader's."""
    scrip.grant(account, "10")
    scrip.burn(account, "1", reference=JOB)
    with scrip.calls() as made:
        scrip.burn(account, "1", reference=JOB)
    assert [call.name for call in made] == ["TransactWriteItems"]


def test_what_cannot_be_put_comes_again_from_its_first_record(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", reference=JOB)
    told = {"Records": records(account), "shardId": SHARD, "state": {}}
    with scrip.broken("BatchWriteItem", Fault.error("ThrottlingException")):
        answer = wake(told)
    first = told["Records"][0]["dynamodb"]["SequenceNumber"]  # type: ignore[index]
    assert answer == {"state": {}, "batchItemFailures": [{"itemIdentifier": first}]}
    assert marks.load(runtime.tables()).marks == {}
    assert wake(told)["batchItemFailures"] == []
    assert len(search(scrip, reference="job:j_1")["items"]) == 1


def test_the_state_of_a_window_is_given_back_and_its_end_is_nothing(scrip: Deployment) -> None:
    """Lambda takes an answer without it for a failure."""
    event = {"Records": [], "shardId": SHARD, "state": {"a": "b"}, "isFinalInvokeForWindow": True}
    assert wake(event) == {"state": {"a": "b"}, "batchItemFailures": []}


def test_a_failed_step_is_told_in_the_log_without_what_it_was_about(
    scrip: Deployment, account: str, capfd: pytest.CaptureFixture[str]
) -> None:
    scrip.grant(account, "10", reference=JOB)
    told = records(account)
    capfd.readouterr()
    with scrip.broken("BatchWriteItem", Fault.error("ThrottlingException")):
        wake({"Records": told, "shardId": SHARD})
    (line,) = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert (line["message"], line["step"], line["error"]) == (
        "step failed",
        "search",
        "Throttled: the table is busy",
    )


def test_each_step_that_fails_is_told_by_its_name(
    scrip: Deployment, account: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator reads what waits. Neither the bus nor the queue of automatic top-ups takes anything.

    Of 100 credits 90 are burned: an alert at 50 is crossed, and a budget of 100 a day is warned of at 80 of 100.
    """
    pack = {"credits": "100", "price": {"amount": 1000, "currency": "USD"}}
    scrip.put(f"/v1/packs/{account}", pack)
    topped = {"threshold": "50", "pack": account, "provider": "stripe"}
    for path, body in (
        ("auto-topup", topped),
        ("alerts", {"low_balance": ["50"]}),
        ("budgets/daily", {"limit": "100", "every": "P1D", "warn_at": ["80%"]}),
    ):
        assert scrip.put(f"/v1/accounts/{account}/{path}", body).status < 300
    scrip.grant(account, "100")
    scrip.burn(account, "90")
    scrip.cold()

    class Full:
        def send_message(self, **_: Any) -> Any:
            raise Fault.timeout()

    known = runtime.client
    monkeypatch.setattr(runtime, "client", lambda name: Full() if name == "sqs" else known(name))
    monkeypatch.setattr(buses, "WAIT", 0)
    capfd.readouterr()
    with scrip.refusing():
        wake({"Records": records(account), "shardId": SHARD})
    steps = [line["step"] for line in logged(capfd, "step failed")]
    assert sorted(steps) == ["alerts", "auto_topups", "budgets", "events"]


# Looks, and what is complete


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Stream:
    """A stream of one shard with nothing in it."""
    made = Stream(runtime.now)
    monkeypatch.setattr(runtime, "stream", lambda: LedgerStream(made, ARN))
    return made


def look(monkeypatch: pytest.MonkeyPatch, at: int) -> Json:
    """What a look at an instant comes to."""
    monkeypatch.setattr(runtime, "now", lambda: at)
    return wake({"time": "2030-01-01T00:00:00Z"})


@pytest.mark.usefixtures("stream")
def test_a_search_says_up_to_when_it_has_all_once_that_is_known(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look is no evidence; the second one confirms it. Looks come once a minute."""
    at = 1_893_456_000_000
    assert search(scrip, reference="job:j_1")["complete_through"] is None
    assert look(monkeypatch, at)["complete_through"] is None
    assert search(scrip, reference="job:j_1")["complete_through"] is None
    found = look(monkeypatch, at + 60_000)
    assert found == {"shards": 1, "behind": 0, "lost": [], "complete_through": "2030-01-01T00:00:00.000Z"}
    assert search(scrip, reference="job:j_1")["complete_through"] == "2030-01-01T00:00:00.000Z"


def test_with_the_reader_stopped_it_stands_still(
    scrip: Deployment, account: str, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry is committed at one minute past, and nobody reads it: what is said stays at midnight."""
    at = 1_893_456_000_000
    for minute in (0, 1):
        look(monkeypatch, at + minute * 60_000)
    scrip.grant(account, "10", reference=JOB)
    stream.wrote([("ledger", ("w#acme#credits", "k"), None, records(account)[0]["dynamodb"]["NewImage"])])
    for minute in range(2, 6):
        assert look(monkeypatch, at + minute * 60_000)["behind"] == 1
        assert search(scrip, reference="job:j_1")["complete_through"] == "2030-01-01T00:00:00.000Z"


def test_a_stream_that_has_forgotten_what_nobody_read_is_an_error(
    scrip: Deployment,
    stream: Stream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that an alarm goes off: its function failed."""
    look(monkeypatch, 1_893_456_000_000)
    stream.wrote([("ledger", ("w#acme#credits", "k"), None, {})])
    stream.split(SHARD)
    stream.forget(SHARD)
    with pytest.raises(RuntimeError, match=f"not read of: {SHARD}"):
        look(monkeypatch, 1_893_456_060_000)


@pytest.mark.usefixtures("stream")
def test_an_event_of_a_local_aws_names_no_shard_and_is_of_the_only_one(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", reference=JOB)
    index(account, shard=None)
    assert set(marks.load(runtime.tables()).marks) == {SHARD}
