"""Law of the index by address: an account is found by a mailbox exactly if its profile has an address of it, whoever
writes meanwhile. Profiles are put, read and refused in tests/http/accounts."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrip import runtime
from scrip.services.accounts import profiles
from scrip.services.accounts.countries import Countries
from scrip.store import documents, keys
from tests.aws import Answer, Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

MAILBOXES = ("ann@example.com", "bob@example.com", "ann@example.org")
COUNTRIES = ("DE", "AT")
ALWAYS = 10**14


def lawful(account: str, *more: str) -> None:
    """Asserts that exactly those mailboxes lead to the account that its profile has, and that the newest country of
    its history is the profile's."""
    known = profiles.load(runtime.tables(), account).profile
    for mailbox in (*MAILBOXES, *more):
        found = profiles.find(runtime.tables(), mailbox, account, 10, None, None).items
        assert (account in dict(found)) == (known is not None and known.mailbox == mailbox), mailbox
    if known:
        assert Countries(runtime.tables()).at(account, ALWAYS) == known.country


def test_who_reads_and_writes_while_another_does_leaves_no_address_behind(
    scrip: Deployment, account: str
) -> None:
    """Ann is put; while she becomes Bob, another erases her and puts Ann at another domain: revision 1 is not what it
    was, though the profile is new again."""
    path = f"/v1/accounts/{account}/profile"
    scrip.put(path, {"email": MAILBOXES[0]})

    def otherwise() -> None:
        assert scrip.send("DELETE", path).status == 204
        assert scrip.put(path, {"email": MAILBOXES[2]}).status == 201

    with scrip.meanwhile(otherwise):
        assert scrip.put(path, {"email": MAILBOXES[1]}).status == 200
    lawful(account)
    assert scrip.get(path).body["email"] == MAILBOXES[1]


def test_without_a_stone_the_address_that_was_put_in_between_would_stay(
    scrip: Deployment, account: str
) -> None:
    """The same again, where an erased profile's document is taken away: what the law is for is seen by it."""
    path = f"/v1/accounts/{account}/profile"
    scrip.put(path, {"email": MAILBOXES[0]})

    def otherwise() -> None:
        scrip.send("DELETE", path)
        tables = runtime.tables()
        assert documents.put_all(tables, [documents.removal(tables, keys.profile(account))])
        scrip.put(path, {"email": MAILBOXES[2]})

    with scrip.meanwhile(otherwise):
        assert scrip.put(path, {"email": MAILBOXES[1]}).status == 200
    with pytest.raises(AssertionError, match=MAILBOXES[2]):
        lawful(account)


def test_who_erases_while_another_puts_erases_what_was_put(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/profile"
    scrip.put(path, {"email": MAILBOXES[0], "country": "DE"})
    with scrip.meanwhile(lambda: scrip.put(path, {"email": MAILBOXES[1], "country": "AT"})):
        assert scrip.send("DELETE", path).status == 204
    lawful(account)
    assert scrip.get(path).status == 404
    assert Countries(runtime.tables()).at(account, ALWAYS) == "AT"


def test_two_who_erase_at_once_erase_once(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/profile"
    scrip.put(path, {"email": MAILBOXES[0]})
    with scrip.meanwhile(lambda: scrip.send("DELETE", path)):
        assert scrip.send("DELETE", path).status == 404
    told = scrip.get("/v1/audit", query={"target": f"profile:{account}"}).body["items"]
    # Both may be of one millisecond.
    assert sorted(one["action"] for one in told) == ["profile.delete", "profile.put"]


PUT = st.fixed_dictionaries(
    {}, optional={"email": st.sampled_from(MAILBOXES), "country": st.sampled_from(COUNTRIES)}
)
ACTS = st.lists(st.tuples(PUT | st.none(), st.none() | st.tuples(PUT | st.none())), min_size=1, max_size=6)
NUMBERS = iter(range(10**9))


@given(ACTS)
@settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_account_is_found_by_the_address_of_its_profile_whatever_is_done_between_reading_and_writing(
    scrip: Deployment, acts: list[tuple[Any, Any]]
) -> None:
    """Each act is a PUT, or (None) a DELETE; another one may happen after it has read, before it writes."""
    account = f"law-{next(NUMBERS)}"
    path = f"/v1/accounts/{account}/profile"

    def act(what: Any) -> Answer:
        return scrip.send("DELETE", path) if what is None else scrip.put(path, what)

    for mine, theirs in acts:
        with ExitStack() as stack:
            if theirs:
                stack.enter_context(scrip.meanwhile(lambda other=theirs[0]: act(other)))  # type: ignore[misc]
            assert act(mine).status in ((204, 404) if mine is None else (200, 201))
        lawful(account)


def test_an_address_is_in_no_key_as_it_is() -> None:
    """AWS logs the keys of a table where its data events, or its statistics of hot keys, are on."""
    key = keys.mailbox("ann@example.com")
    assert key.startswith("email#")
    assert "ann" not in key
    assert "example" not in key
