"""Requests to change a wallet: what makes two of them the same, and how one is executed beside other documents
(law 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from scrip import runtime
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import Contended, PrecisionExceeded, PromotionExhausted, Refusal
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.units import Unit, default_unit
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.grants import Grant
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import TRIES, Attempt, Command, WalletRequest, execute
from scrip.services.wallets.burns import BurnCredits
from scrip.store import documents
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

UNIT = default_unit()
REQUEST = WalletRequest("acme", "credits", "k1", "key:k1", Moment(0))


def test_an_entry_is_named_by_wallet_and_key_alone_and_says_who_asked() -> None:
    request = replace(REQUEST, reference=("job", "j1"), reason="asked for", metadata={"a": "1"})
    cause = request.cause(BurnCredits("3"), UNIT)
    assert (
        cause.entry_id
        == key_entry_id("acme", "credits", "k1")
        == REQUEST.cause(BurnCredits("4"), UNIT).entry_id
    )
    assert (cause.actor, cause.reference, cause.reason) == ("key:k1", ("job", "j1"), "asked for")
    assert cause.metadata == {"a": "1"}


@pytest.mark.parametrize(
    "change",
    [{"actor": "key:k2"}, {"actor_name": "ann"}, {"moment": Moment(5, pinned=True)}, {"key": "k2"}],
    ids=lambda change: next(iter(change)),
)
def test_who_asks_when_and_under_which_key_is_not_what_is_asked_for(change: dict[str, Any]) -> None:
    known = REQUEST.cause(BurnCredits("3"), UNIT).fingerprint
    assert replace(REQUEST, **change).cause(BurnCredits("3.000000"), UNIT).fingerprint == known


@pytest.mark.parametrize(
    "change",
    [
        {"account": "other"},
        {"unit": "images"},
        {"reference": ("job", "j1")},
        {"reason": "asked for"},
        {"metadata": {"a": "1"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_wallet_and_other_words_are_another_request(change: dict[str, Any]) -> None:
    known = REQUEST.cause(BurnCredits("3"), UNIT).fingerprint
    assert replace(REQUEST, **change).cause(BurnCredits("3"), UNIT).fingerprint != known


def test_an_amount_that_is_none_of_the_unit_has_no_fingerprint() -> None:
    with pytest.raises(PrecisionExceeded):
        REQUEST.cause(BurnCredits("0.0000001"), UNIT)


COUNT = "count#tests"
"""The key of a document that is written with each entry of ``Counted``."""


@dataclass(frozen=True, slots=True)
class Counted(Command):
    """Grants one credit and counts it in a document. ``meanwhile`` happens after the document was read."""

    operation: ClassVar[str] = "counted"
    meanwhile: Callable[[], object]
    exhausted: Refusal | None = None

    def to_json(self, unit: Unit) -> Mapping[str, Any]:
        return {}

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        document = documents.get(executor.tables, COUNT)
        count = {"count": document.body.get("count", 0) + 1}
        self.meanwhile()

        def decide(draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
            order = Grant(10**context.unit.precision, "promotional")
            return grants.grant(draft, order, context.unit.policy, now, cause)[0]

        return Attempt(decide, lambda: [documents.write(executor.tables, COUNT, document.rev, count)])

    def stale(self, index: int) -> Refusal | None:
        assert index == 0
        return self.exhausted


class Other:
    """Somebody who counts as well, so many times."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    def __call__(self) -> None:
        self.asked += 1
        if self.asked <= self.times:
            found = documents.get(runtime.tables(), COUNT)
            body = {"count": found.body.get("count", 0) + 1}
            assert documents.put(runtime.tables(), COUNT, found.rev, body)


def counted() -> Any:
    return documents.get(runtime.tables(), COUNT).body.get("count", 0)


def request(account: str, key: str = "k1") -> WalletRequest:
    return WalletRequest(account, "credits", key, "key:k1", Moment(runtime.now()))


def test_an_entry_and_the_document_beside_it_are_written_once_for_a_key(
    scrip: Deployment, account: str
) -> None:
    executor, command = runtime.executor(), Counted(Other(0))
    first, unit = execute(executor, command, request(account))
    again, _ = execute(executor, command, request(account))
    assert (first.replayed, again.replayed, unit.unit) == (False, True, "credits")
    assert again.entry.hash() == first.entry.hash()
    assert (scrip.balance(account)["total"], counted()) == ("1", 1)


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_a_document_that_was_changed_meanwhile_is_read_again(
    scrip: Deployment, account: str, times: int
) -> None:
    """Every other count is in the document, and ours once beside them."""
    other = Other(times)
    execute(runtime.executor(), Counted(other), request(account))
    assert (scrip.balance(account)["total"], counted(), other.asked) == ("1", times + 1, times + 1)
    scrip.sound(account)


def test_a_document_that_is_changed_14_times_is_contended_and_nothing_is_granted(
    scrip: Deployment, account: str
) -> None:
    with pytest.raises(Contended):
        execute(runtime.executor(), Counted(Other(TRIES)), request(account))
    assert (scrip.balance(account)["total"], counted()) == ("0", TRIES)


def test_a_command_may_refuse_where_its_document_is_not_as_it_must_be(
    scrip: Deployment, account: str
) -> None:
    other, refusal = Other(1), PromotionExhausted("it was redeemed as often as it may be")
    with pytest.raises(PromotionExhausted):
        execute(runtime.executor(), Counted(other, refusal), request(account))
    assert (scrip.balance(account)["total"], other.asked) == ("0", 1)
