"""Errors of AWS that nobody expects are passed on, by every call of the store; those of a busy table are refusals.

A condition that fails is an answer: somebody else was faster. Whoever took any other error for that answer would tell a
caller that something is there which is not (laws 2 and 3).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from scrip import store
from scrip.domain.credits.errors import Contended, Throttled, Unavailable
from scrip.domain.credits.usage_events import RejectedPlace
from scrip.domain.events.lots import NoticeDelivery
from scrip.domain.notifications.dispatch import Dispatch
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.domain.wallets.wallet import Wallet
from scrip.store import (
    candidates,
    crossings,
    documents,
    due,
    heads,
    kept_events,
    lists,
    marks,
    notices,
    promotions,
    references,
    rejections,
    rollups,
    scan,
    statements,
)
from scrip.store.api_keys import ApiKeys, Handed
from scrip.store.archive import Archive
from scrip.store.candidates import CandidateWallet
from scrip.store.commit import commit
from scrip.store.crossings import CrossingRow
from scrip.store.deliveries import Deliveries, Kept
from scrip.store.letters import SentLetters
from scrip.store.marks import Reading, StreamPosition
from scrip.store.notifications import Notifications
from scrip.store.shards import TRIMMED, LedgerStream
from scrip.store.tables import Tables
from tests.domain.memory import vault
from tests.store.test_references import entry

FAILED: Final = "ConditionalCheckFailedException"
DENIED: Final = "AccessDeniedException"
WALLET: Final = ("acme", "credits")
KEPT: Final = Kept("dodo", "msg_1", "payment.succeeded", "pay_1", 5, b"{}")
EVENT: Final = OutgoingEvent("evt_1", "scrip.payment.parked", None, 5, b"{}")
SENT: Final = Dispatch("evt_1", "scrip.entry.burn", 5, "pending", 6)
TOLD: Final = NoticeDelivery("webhook", "crm", "delivered", 5)
PLACE: Final = RejectedPlace(5, "evt_1")
ITEM: Final = {"pk": {"S": "a"}, "sk": {"S": "b"}, "hours": {"B": b""}}
SOME: Final = {"Items": [ITEM]}


class Denying:
    """A client of AWS that answers some operations, and refuses every other one with an error."""

    def __init__(self, error: Exception, **answers: Any) -> None:
        self._error, self._answers = error, answers
        self.asked: list[str] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def called(**_: Any) -> Any:
            self.asked.append(operation)
            if operation in self._answers:
                return self._answers[operation]
            raise self._error

        return called


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Operation")


def tables(client: Any) -> Tables:
    return Tables(client, "wallets", "ledger")


def deliveries(client: Any) -> Deliveries:
    return Deliveries(client, "deliveries")


def notifications(client: Any) -> Notifications:
    return Notifications(client, "notifications")


def letters(client: Any) -> SentLetters:
    return SentLetters(client, "notifications")


def key_store(client: Any) -> ApiKeys:
    return ApiKeys(client, "keys")


CALLS: Final[dict[str, tuple[Callable[[Any], Any], dict[str, Any]]]] = {
    "api_keys.hand": (lambda client: key_store(client).hand("k", Handed(1, [(5, 1)]), 5), {}),
    "api_keys.note_use": (lambda client: key_store(client).note_use("k", 5, 4), {}),
    "candidates.forget": (lambda client: candidates.forget(tables(client), CandidateWallet(*WALLET, 7)), {}),
    "candidates.note": (lambda client: candidates.note(tables(client), *WALLET, 7), {}),
    "commit.commit": (lambda client: commit(tables(client), vault("1").commits[0]), {}),
    "crossings.put": (lambda client: crossings.put(tables(client), *WALLET, "20%", CrossingRow(5, {})), {}),
    "deliveries._all": (lambda client: deliveries(client).of("dodo", "msg_1"), {}),
    "deliveries._erase": (lambda client: deliveries(client).erase_of("dodo", "pay_1", 5), {"query": SOME}),
    "deliveries._note": (lambda client: deliveries(client).file("dodo", "pay_1", "msg_1", 5), {}),
    "deliveries.keep": (lambda client: deliveries(client).keep(KEPT, 5), {}),
    "deliveries.mark": (lambda client: deliveries(client).mark("dodo", "msg_1", "0" * 64, "applied"), {}),
    "deliveries.since": (lambda client: deliveries(client).since(5), {}),
    "deliveries.waiting_before": (lambda client: deliveries(client).waiting_before(5, 10), {}),
    "documents.put": (lambda client: documents.put(tables(client), "pack#a", 1, {}), {}),
    "documents.put_all": (lambda client: documents.put_all(tables(client), []), {}),
    "documents.put_with": (lambda client: documents.put_with(tables(client), "pack#a", 1, {}, []), {}),
    "due.listed": (lambda client: due.listed(tables(client), "07", None, 5, 10), {}),
    "due.overdue": (lambda client: list(due.overdue(tables(client), 5)), {}),
    "due.postpone": (lambda client: due.postpone(tables(client), Wallet(*WALLET, "lago", version=1), 5), {}),
    "heads._segment": (lambda client: list(heads.every(tables(client))), {}),
    "kept_events.keep": (
        lambda client: kept_events.keep(notifications(client), EVENT, 5),
        {},
    ),
    "letters.has": (lambda client: letters(client).has("acme", "evt_1"), {}),
    "letters.note": (lambda client: letters(client).note("acme", "evt_1", 5), {}),
    "lists.put": (lambda client: lists.put(tables(client), "packs", "a"), {}),
    "marks._update": (lambda client: marks.read_to(tables(client), "s", StreamPosition("1", 5), 6), {}),
    "marks.forget": (lambda client: marks.forget(tables(client), "s"), {}),
    "marks.save": (lambda client: marks.save(tables(client), Reading()), {}),
    "notices.deliver": (lambda client: notices.deliver(tables(client), *WALLET, "n", TOLD), {}),
    "notices.put": (lambda client: notices.put(tables(client), *WALLET, "n", {}), {}),
    "notifications._conditional": (lambda client: notifications(client).add("crm#a1", SENT, 5), {}),
    "notifications.fail": (lambda client: notifications(client).fail("crm", 5), {}),
    "notifications.recover": (lambda client: notifications(client).recover("crm"), {}),
    "promotions._set": (lambda client: promotions.renew(tables(client), "WELCOME", 2), {}),
    "references._put": (lambda client: references.put_all(tables(client), [entry("acme", 1)]), {}),
    "rejections._write": (lambda client: rejections.remove(notifications(client), [PLACE]), {}),
    "rollups._delete": (lambda client: rollups.forget(tables(client), *WALLET, 1), {"query": SOME}),
    "scan._page": (lambda client: scan.wallets(tables(client), scan.Segment(0, 1), None), {}),
    "scan.rows": (lambda client: scan.rows(tables(client), scan.Segment(0, 1), None), {}),
    "shards._iterator": (lambda client: LedgerStream(client, "arn").behind("s", "1", trimmed=True), {}),
    "shards.behind": (
        lambda client: LedgerStream(client, "arn").behind("s", "1", trimmed=True),
        {"get_shard_iterator": {"ShardIterator": "i"}},
    ),
    "shards.shards": (lambda client: LedgerStream(client, "arn").shards(), {}),
    "statements.put_counted": (lambda client: statements.put_counted(tables(client), *WALLET, "m", {}), {}),
    "statements.put_once": (lambda client: statements.put_once(tables(client), *WALLET, "m", {}), {}),
    "tables.get": (lambda client: tables(client).get("wallets", "a", "b"), {}),
    "tables.get_many": (lambda client: tables(client).get_many("wallets", [("a", "b")]), {}),
    "tables.pages": (lambda client: list(tables(client).pages(TableName="wallets")), {}),
}
"""A call of each function of the store that asks DynamoDB itself, and what else DynamoDB answers to it."""

OBJECTS: Final[dict[str, Callable[[Any, Path], Any]]] = {
    "archive.put": lambda client, _: Archive(client, "b").put("k", b""),
    "archive.get": lambda client, _: Archive(client, "b").get("k"),
    "archive.fetch": lambda client, folder: Archive(client, "b").fetch("k", folder / "file"),
    "archive.listed": lambda client, _: list(Archive(client, "b").listed("raw/")),
    "archive.delete": lambda client, _: Archive(client, "b").delete(["k"]),
}
"""The same of the archive's bucket: whatever it does not answer, the caller may try again."""

ANSWERED: Final[dict[str, Any]] = {
    "api_keys.hand": Handed(0, []),
    "api_keys.note_use": None,
    "candidates.forget": None,
    "deliveries._erase": None,
    "deliveries.keep": False,
    "deliveries.mark": None,
    "documents.put": None,
    "due.postpone": None,
    "marks._update": False,
    "marks.save": False,
    "notices.deliver": False,
    "notices.put": False,
    "notifications._conditional": None,
    "statements.put_once": {},
}
"""What a call answers where its condition fails: that somebody else was faster, or that there is nothing to do."""


def asking() -> Iterator[str]:
    """Yields the functions of the store in which AWS is asked, by module and name."""
    for file in sorted(Path(store.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                held = [item for one in ast.walk(node) if isinstance(one, ast.With) for item in one.items]
                if any(ast.unparse(item) in ("refusals()", "_answering()") for item in held):
                    yield f"{file.stem}.{node.name}"


def test_every_call_of_the_store_is_looked_at() -> None:
    assert sorted({*CALLS, *OBJECTS}) == sorted(set(asking()))
    assert ANSWERED.keys() <= CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_an_error_that_nobody_expects_is_passed_on(name: str) -> None:
    """Of a delivery it is said that it cannot be kept: its provider sends it again then."""
    call, answers = CALLS[name]
    error = refused(DENIED)
    with pytest.raises(Unavailable if name == "deliveries.keep" else ClientError) as told:
        call(Denying(error, **answers))
    assert error in (told.value, told.value.__cause__)


@pytest.mark.parametrize("name", CALLS)
def test_of_a_busy_table_it_is_said_that_one_may_try_again(name: str) -> None:
    call, answers = CALLS[name]
    with pytest.raises(Throttled):
        call(Denying(refused("ProvisionedThroughputExceededException"), **answers))
    with pytest.raises(Unavailable):
        call(Denying(ReadTimeoutError(endpoint_url="https://aws.example.test"), **answers))


@pytest.mark.parametrize("name", ANSWERED)
def test_a_condition_that_fails_is_an_answer(name: str) -> None:
    call, answers = CALLS[name]
    client = Denying(refused(FAILED), get_item={}, **answers)
    assert call(client) == ANSWERED[name]
    assert len(client.asked) > len(answers), "it was asked"


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("error", [refused(DENIED), ReadTimeoutError(endpoint_url="https://s3.example.test")])
def test_a_bucket_that_does_not_answer_may_be_asked_again(
    name: str, error: Exception, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable):
        OBJECTS[name](Denying(error), tmp_path)


@pytest.mark.parametrize("code", ["NoSuchKey", "404"])
def test_an_object_that_there_is_not_is_none(code: str) -> None:
    assert Archive(Denying(refused(code)), "b").get("k") is None


def test_what_the_bucket_did_not_delete_is_told() -> None:
    """The answer of a call that deletes many names those that it could not delete; else it names none."""
    for answer in ({}, {"Errors": list[Any]()}):
        Archive(Denying(refused(DENIED), delete_objects=answer), "b").delete(["raw/a"])
    left = {"Errors": [{"Key": "raw/a", "Code": "InternalError"}]}
    with pytest.raises(Unavailable, match="does not delete"):
        Archive(Denying(refused(DENIED), delete_objects=left), "b").delete(["raw/a"])


def test_only_of_a_record_that_may_be_forgotten_the_rest_of_its_shard_is_read() -> None:
    """Any other error of an iterator is passed on at once: a second one is not asked for."""
    for code, trimmed, asked in ((TRIMMED, True, 2), (TRIMMED, False, 1), (DENIED, True, 1)):
        client = Denying(refused(code))
        with pytest.raises(ClientError, match=code):
            LedgerStream(client, "arn").behind("s", "1", trimmed=trimmed)
        assert len(client.asked) == asked


def test_bounds_are_set_again_while_redemptions_are_at_work_and_then_it_is_said() -> None:
    """Five times, each of them met by a transaction."""
    client = Denying(refused("TransactionConflictException"))
    with pytest.raises(Contended):
        promotions.renew(tables(client), "WELCOME", 2)
    assert client.asked == ["update_item"] * promotions.RENEWAL_TRIES


class Conflicted:
    """A client whose transactions are cancelled so often, by others that are at work on the same items."""

    def __init__(self, times: int, *codes: str) -> None:
        self.left = times
        reasons: Any = [{"Code": code} for code in codes]
        self._error = refused("TransactionCanceledException")
        self._error.response["CancellationReasons"] = reasons

    def transact_write_items(self, **_: Any) -> None:
        self.left -= 1
        if self.left >= 0:
            raise self._error


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest pauses that are made; none is made."""
    made: list[float] = []
    monkeypatch.setattr("random.uniform", lambda least, most: most if least == 0 else -1)
    monkeypatch.setattr("time.sleep", made.append)
    return made


@pytest.mark.parametrize(("times", "waited"), [(0, []), (1, [0.02]), (4, [0.02, 0.04, 0.08, 0.16])])
def test_a_document_that_others_are_writing_is_put_again_after_longer_and_longer_pauses(
    pauses: list[float], times: int, waited: list[float]
) -> None:
    client = Conflicted(times, "None", "TransactionConflict")
    found = documents.put_with(tables(client), "pack#a", 1, {"n": 1}, [])
    assert found == documents.Document("pack#a", 2, {"n": 1})
    assert pauses == pytest.approx(waited)


def test_after_five_times_it_is_said_that_others_are_writing_it(pauses: list[float]) -> None:
    client = Conflicted(5, "TransactionConflict", "None")
    with pytest.raises(Contended):
        documents.put_with(tables(client), "pack#a", 1, {}, [])
    assert client.left == 0


@pytest.mark.parametrize(
    ("codes", "tried"), [(("None", "ThrottlingError"), Throttled), (("ConditionalCheckFailed", "None"), None)]
)
def test_of_a_busy_table_and_of_another_revision_it_is_said_at_once(
    pauses: list[float], codes: tuple[str, ...], tried: type[Exception] | None
) -> None:
    client = Conflicted(9, *codes)
    if tried:
        with pytest.raises(tried):
            documents.put_with(tables(client), "pack#a", 1, {}, [])
    else:
        assert documents.put_with(tables(client), "pack#a", 1, {}, []) is None
    assert (client.left, pauses) == (8, [])


class LeavingItems:
    """A client that writes nothing of a batch, so often."""

    def __init__(self, times: int) -> None:
        self.left = times

    def batch_write_item(self, *, RequestItems: Any) -> Any:  # noqa: N803
        self.left -= 1
        return {"UnprocessedItems": RequestItems if self.left >= 0 else {}}


def test_references_that_were_left_are_sent_four_times_after_pauses(pauses: list[float]) -> None:
    references.put_all(tables(LeavingItems(3)), [entry("acme", 1)])
    assert pauses == [0.2, 0.2, 0.2]
    with pytest.raises(Throttled):
        references.put_all(tables(LeavingItems(4)), [entry("acme", 1)])
