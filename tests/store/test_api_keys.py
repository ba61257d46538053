"""The keys table: what is written of a key is written together, and only where it is as it was read."""

from __future__ import annotations

import pytest

from scrip import runtime
from scrip.store import api_keys
from scrip.store.api_keys import ApiKeys, Handed, KeyRequest
from tests.aws import Deployment, Fault

ID = "0123456789abcdef"


@pytest.fixture
def store(scrip: Deployment) -> ApiKeys:
    scrip.make_tables()
    return runtime.api_keys()


def create(store: ApiKeys, key_id: str = ID, request: KeyRequest | None = None) -> bool:
    return store.create(key_id, {"n": key_id}, created_at=7, ends=None, request=request)


def test_a_key_is_put_once_with_its_name_in_the_list(store: ApiKeys) -> None:
    assert create(store)
    assert not create(store)
    assert store.listed(10, None).found == [f"000000000000007#{ID}"]
    assert store.get(ID) == api_keys.KeyDocument(1, {"n": ID}, None)
    assert store.get("f" * 16) is None


def test_under_one_request_nothing_is_made_twice(store: ApiKeys) -> None:
    """Neither the key nor its name is there where the request was."""
    request = KeyRequest("h", {"first": True})
    assert create(store, request=request)
    assert not create(store, "f" * 16, request)
    assert store.get("f" * 16) is None
    assert len(store.listed(10, None).found) == 1
    assert store.request("h") == {"first": True}
    assert store.request("other") is None


def test_a_key_is_replaced_and_deleted_only_as_it_was_read(store: ApiKeys) -> None:
    create(store)
    assert not store.replace(ID, 2, {"n": "x"}, None)
    assert store.replace(ID, 1, {"n": "x"}, None)
    assert not store.delete(ID, 1, 7)
    store.note_use(ID, 50, 0)
    assert store.get(ID) == api_keys.KeyDocument(2, {"n": "x"}, 50)
    assert store.delete(ID, 2, 7)
    assert not store.delete(ID, 2, 7)
    assert store.client.scan(TableName="keys")["Items"] == []


def test_what_does_not_pass_is_no_answer(scrip: Deployment, store: ApiKeys) -> None:
    """An error that is no failed condition is raised, of whatever write."""
    denied = Fault.error("AccessDeniedException")
    with scrip.broken("TransactWriteItems", denied), pytest.raises(Exception, match="AccessDenied"):
        create(store)
    with scrip.broken("UpdateItem", denied), pytest.raises(Exception, match="AccessDenied"):
        store.note_use(ID, 1, 0)
    with scrip.broken("UpdateItem", denied), pytest.raises(Exception, match="AccessDenied"):
        store.hand(ID, Handed(0, [(1, 1)]), 1)


def test_who_is_slower_is_told_what_was_handed(store: ApiKeys) -> None:
    assert store.hand(ID, Handed(0, [(5, 2)]), 5) is None
    assert store.hand(ID, Handed(0, [(6, 3)]), 6) == Handed(1, [(5, 2)])
    assert store.hand(ID, Handed(1, [(5, 2), (6, 3)]), 6) is None
    assert store.hand("gone", Handed(9, [(5, 2)]), 5) == Handed(0, [])
