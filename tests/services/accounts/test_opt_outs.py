"""Who wants no letters: the links by which somebody says so name one account and one mailbox, and cannot be made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip import runtime
from scrip.domain.accounts.profile import Profile
from scrip.domain.credits.errors import Contended, NotFound
from scrip.services.accounts import opt_outs, profiles
from scrip.services.audit.changes import Author
from scrip.store import documents, keys
from tests.aws import Deployment, Fault

KEY, OTHER = b"k" * 64, b"l" * 64
ANN = opt_outs.recipient("acme", "ann@example.com")


def test_a_link_names_whom_it_was_made_for_and_holds_no_address() -> None:
    token = opt_outs.token(KEY, ANN)
    assert opt_outs.read_token(KEY, token) == ANN
    assert "ann" not in token.lower()
    assert "ann@example.com" not in str(ANN)


@given(st.text(max_size=700) | st.from_regex(r"[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,30}", fullmatch=True))
def test_nothing_that_was_made_up_is_a_link(text: str) -> None:
    with pytest.raises(NotFound):
        opt_outs.read_token(KEY, text)


def test_the_link_in_a_letter_of_long_ago_still_ends_letters() -> None:
    """What is signed, and how a mailbox is named, is what it was when the letter went out."""
    token = "WyJhY21lIiwgIjk2NWViMTE2NzY5MTEzMDM2MGJhMTU4MmE3Y2RmMWY0Il0.3OH8anH-I6fs4Di_MD3Wkw"
    assert opt_outs.token(KEY, ANN) == token
    assert len(ANN.mailbox) == 32


def test_a_text_that_is_longer_than_any_link_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    token = opt_outs.token(KEY, ANN)
    monkeypatch.setattr(opt_outs, "LONGEST", len(token))
    assert opt_outs.read_token(KEY, token) == ANN
    monkeypatch.setattr(opt_outs, "LONGEST", len(token) - 1)
    with pytest.raises(NotFound):
        opt_outs.read_token(KEY, token)


def test_a_link_with_any_letter_changed_is_none() -> None:
    token = opt_outs.token(KEY, ANN)
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(NotFound):
            opt_outs.read_token(KEY, token[:place] + other + token[place + 1 :])


def test_a_link_of_another_deployments_key_is_none() -> None:
    with pytest.raises(NotFound):
        opt_outs.read_token(KEY, opt_outs.token(OTHER, ANN))


def test_the_longest_account_has_a_link() -> None:
    longest = opt_outs.recipient("a" * 128, "x" * 254)
    assert opt_outs.read_token(KEY, opt_outs.token(KEY, longest)) == longest


@pytest.mark.usefixtures("in_memory", "scrip")
def test_whoever_ended_letters_gets_none_and_another_address_of_the_account_does(account: str) -> None:
    tables = runtime.tables()
    old, new = (opt_outs.recipient(account, f"{name}@example.com") for name in ("old", "new"))
    assert not opt_outs.has_ended(tables, old)
    opt_outs.end(tables, old, 1)
    opt_outs.end(tables, old, 2)
    assert documents.get(tables, keys.opt_out(account)).body == {"mailboxes": {old.mailbox: 1}}
    assert opt_outs.has_ended(tables, old)
    assert not opt_outs.has_ended(tables, new)
    opt_outs.end(tables, new, 3)
    assert opt_outs.has_ended(tables, new)
    assert opt_outs.has_ended(tables, old)


@pytest.mark.usefixtures("in_memory")
def test_who_finds_others_faster_each_time_is_told_of_what(scrip: Deployment, account: str) -> None:
    tables, author = runtime.tables(), Author("key:ann", 1)
    faster = Fault.cancelled("ConditionalCheckFailed")
    with scrip.broken("TransactWriteItems", faster, times=50), scrip.broken("PutItem", faster, times=50):
        with pytest.raises(Contended, match="several writers of this opt-out at once"):
            opt_outs.end(tables, opt_outs.recipient(account, "ann@example.com"), 1)
        with pytest.raises(Contended, match="several writers of this profile at once"):
            profiles.put(tables, account, Profile(name="Ann"), author)


@pytest.mark.usefixtures("in_memory")
def test_what_is_kept_of_it_goes_with_the_profile(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/profile"
    assert scrip.put(path, {"email": "ann@example.com"}).status == 201
    one = opt_outs.recipient(account, "ann@example.com")
    opt_outs.end(runtime.tables(), one, 1)
    assert scrip.send("DELETE", path).status == 204
    assert not opt_outs.has_ended(runtime.tables(), one)
