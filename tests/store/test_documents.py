"""Documents outside the wallets: each is written only on the revision that was read, several of them all or none."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.errors import Unavailable
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import DEFAULT_UNIT, Unit, default_unit
from scrip.store import documents, keys
from scrip.store.documents import NEW, Document, Listing
from scrip.store.tables import Tables
from tests.aws import Fault
from tests.store.stored import hearing

A, B = keys.pack("a"), keys.pack("b")


def test_a_document_that_there_is_not_is_empty_at_revision_0(tables: Tables) -> None:
    assert documents.get(tables, A) == Document(A, 0, {})


def test_a_document_is_read_as_it_was_written(tables: Tables) -> None:
    body: dict[str, Any] = {
        "name": "Zoë 🂡",
        "credits": "10",
        "parts": [1, None, True],
        "more": {"b": 1, "a": 2},
    }
    assert documents.put(tables, A, NEW, body) == Document(A, 1, body)
    found = documents.get(tables, A)
    assert (found, list(found.body["more"])) == (Document(A, 1, body), ["b", "a"])


@pytest.mark.parametrize("rev", [NEW, 1, 3])
def test_a_revision_that_is_not_the_present_one_writes_nothing(tables: Tables, rev: int) -> None:
    """Another writer made revision 2 of it."""
    documents.put(tables, A, NEW, {"by": "one"})
    documents.put(tables, A, 1, {"by": "another"})
    assert documents.put(tables, A, rev, {"by": "a third"}) is None
    assert documents.get(tables, A) == Document(A, 2, {"by": "another"})


def test_a_document_that_there_is_not_cannot_be_changed(tables: Tables) -> None:
    assert documents.put(tables, A, 1, {}) is None
    assert documents.get(tables, A).rev == NEW


def test_several_documents_are_written_all_or_none(tables: Tables) -> None:
    documents.put(tables, A, NEW, {})
    stale = [documents.write(tables, A, 1, {"n": 1}), documents.write(tables, B, 5, {})]
    assert documents.put_all(tables, stale) is False
    assert (documents.get(tables, A).rev, documents.get(tables, B).rev) == (1, 0)
    fresh = [documents.write(tables, A, 1, {"n": 1}), documents.write(tables, B, NEW, {})]
    assert documents.put_all(tables, fresh) is True
    assert documents.get_many(tables, [A, B, A, keys.pack("c")]) == {
        A: Document(A, 2, {"n": 1}),
        B: Document(B, 1, {}),
    }


def test_a_document_is_removed_with_what_else_is_written_whether_or_not_it_is_there(tables: Tables) -> None:
    documents.put(tables, A, NEW, {})
    for rev in (NEW, 1):
        assert documents.put_all(tables, [documents.removal(tables, A), documents.write(tables, B, rev, {})])
        assert (documents.get(tables, A).rev, documents.get(tables, B).rev) == (NEW, rev + 1)


def test_a_document_is_listed_where_it_says_and_as_long_as_it_says(tables: Tables) -> None:
    def place() -> tuple[Any, Any]:
        item = tables.get("wallets", A, keys.HEAD) or {}
        return item.get("shard"), item.get("sweep_at")

    documents.put(tables, A, NEW, {}, Listing("parked", 7))
    assert place() == ({"S": "parked"}, {"N": "7"})
    documents.put(tables, A, 1, {})
    assert place() == (None, None)
    assert documents.put_all(tables, [documents.write(tables, A, 2, {}, Listing("paid#dodo", 9))])
    assert place() == ({"S": "paid#dodo"}, {"N": "9"})


def test_an_error_that_is_no_failed_condition_is_a_refusal(tables: Tables) -> None:
    with (
        hearing(tables, "before-call.dynamodb.PutItem", lambda **_: Fault.timeout()),
        pytest.raises(Unavailable),
    ):
        documents.put(tables, A, NEW, {})


def test_the_default_unit_is_there_before_it_is_stored_and_no_other_is(tables: Tables) -> None:
    assert documents.read_unit(DEFAULT_UNIT, None) == (default_unit(), NEW)
    assert documents.read_unit("miles", None) is None


def test_a_stored_unit_is_read_with_its_revision(tables: Tables) -> None:
    stored = Unit.from_json({**default_unit().to_json(), "unit": "miles", "precision": 0})
    documents.put(tables, keys.unit("miles"), NEW, stored.to_json())
    item = tables.get("wallets", keys.unit("miles"), keys.HEAD)
    assert documents.read_unit("miles", item) == (stored, 1)


def test_the_versions_of_a_rate_card_are_read_oldest_first(tables: Tables) -> None:
    versions = [
        {
            "version": number,
            "unit": "credits",
            "effective_at": at,
            "minimum": "0",
            "price": {"model": "per_unit", "credits": credits},
        }
        for number, at, credits in ((1, 0, "2"), (2, 1000, "3"))
    ]
    documents.put(tables, keys.rate("calls"), NEW, {"versions": versions})
    item = tables.get("wallets", keys.rate("calls"), keys.HEAD)
    assert item
    found = documents.read_rates("calls", item)
    assert [type(one) for one in found] == [RateVersion] * 2
    assert [one.effective_at for one in found] == [0, 1000]
    assert documents.rates_of(documents.get(tables, keys.rate("none"))) == []
