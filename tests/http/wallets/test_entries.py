"""Entries of a wallet, as they are listed: newest first, page by page, and how far the list reaches (law 1)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits import limits
from scrip.http.edge import parameters
from scrip.store import ledger
from tests.aws import ADMIN, NEW_YEAR, NEXT_DAY, Deployment, Key, cursor_in, lot_of
from tests.http.contract import refused
from tests.http.wallets.test_balances import history
from tests.http.wallets.test_lots import paged

pytestmark = pytest.mark.usefixtures("in_memory")


def heavy(number: int) -> dict[str, str]:
    """The most metadata there can be: 50 members of 500 characters that JSON writes with six bytes each."""
    return {f"m{member:02d}-{number}": "\x01" * 500 for member in range(50)}


def test_a_page_of_the_heaviest_lots_and_entries_stays_under_lambdas_six_megabytes(
    scrip: Deployment, account: str
) -> None:
    """45 of 150 KB are 6.7 MB: the page ends early and the cursor goes on, none missing."""
    for number in range(45):
        scrip.grant(account, "1", clock=NEW_YEAR, metadata=heavy(number))
    lots = paged(scrip, f"/v1/accounts/{account}/lots", 100)
    assert [lot["lot_id"] for lot in lots] == [lot_of(account, number) for number in range(1, 46)]
    assert lots[44]["metadata"] == heavy(44)
    entries = paged(scrip, f"/v1/accounts/{account}/entries", 100)
    assert [entry["seq"] for entry in entries] == list(range(45, 0, -1))


# Entries


def test_entries_come_newest_first_in_pages_and_say_how_far_they_reach(
    scrip: Deployment, account: str
) -> None:
    for _ in range(5):
        scrip.grant(account, "1", clock=NEW_YEAR)
    for _ in range(5):
        scrip.burn(account, "1", clock=NEXT_DAY)
    answer = scrip.get(f"/v1/accounts/{account}/entries")
    assert set(answer.body) == {"items", "next_cursor", "through_seq"}
    assert answer.body["through_seq"] == 10
    whole = answer.body["items"]
    assert [entry["seq"] for entry in whole] == list(range(10, 0, -1))
    for limit in (1, 3, 5, 9, 10, 11):
        assert paged(scrip, f"/v1/accounts/{account}/entries", limit) == whole
    for newer, older in pairwise(whole):
        assert newer["previous_hash"] == older["hash"]
        assert newer["balance_before"] == older["balance_after"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_what_time_did_and_nobody_booked_is_in_the_pages_of_a_span_too(
    scrip: Deployment, account: str, limit: int
) -> None:
    """Two lots end at noon and at one: that and the burn before are of the span; the grants are not."""
    for hour in (12, 13):
        scrip.grant(account, "5", clock=NEW_YEAR, expires_at=f"2030-01-02T{hour}:00:00.000Z")
    scrip.burn(account, "1", clock="2030-01-02T11:00:00.000Z")
    span = {"from": "2030-01-02T00:00:00Z"}
    entries = paged(scrip, f"/v1/accounts/{account}/entries", limit, clock="2030-01-03T00:00:00Z", **span)
    found = [(entry["kind"], entry["amount"]) for entry in entries]
    assert found == [("expiry", "-5"), ("expiry", "-4"), ("burn", "-1")]


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        ({"kind": "grant"}, [2, 1]),
        ({"kind": "burn"}, [5, 3]),
        ({"kind": "expiry"}, [4]),
        ({"kind": "hold"}, []),
        ({"from": "2030-01-01T02:00:00Z"}, [5, 4, 3]),
        ({"from": "2030-01-01T02:00:00.001Z"}, [5, 4]),
        ({"to": "2030-01-01T02:00:00Z"}, [3, 2, 1]),
        ({"to": "2030-01-01T01:59:59.999Z"}, [2, 1]),
        ({"from": "2030-01-01T01:00:00Z", "to": "2030-01-01T03:00:00Z"}, [4, 3, 2]),
        ({"from": "2030-01-01T01:00:00Z", "to": "2030-01-01T03:00:00Z", "kind": "burn"}, [3]),
        ({"from": "2030-01-01T03:00:00Z", "to": "2030-01-01T01:00:00Z"}, []),
        ({"from": "1960-01-01T00:00:00Z"}, [5, 4, 3, 2, 1]),
        ({"to": "1960-01-01T00:00:00Z"}, []),
        ({"from": "1950-01-01T00:00:00Z", "to": "1960-01-01T00:00:00Z"}, []),
        ({"from": "1950-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z"}, [5, 4, 3, 2, 1]),
        ({"from": "9999-12-31T23:59:59.999Z"}, []),
        ({"to": "9999-12-31T23:59:59.999Z"}, [5, 4, 3, 2, 1]),
    ],
)
def test_entries_may_be_asked_for_by_kind_and_instant(
    scrip: Deployment, account: str, query: dict[str, str], seqs: list[int]
) -> None:
    history(scrip, account)
    with scrip.calls() as made:
        answer = scrip.get(f"/v1/accounts/{account}/entries", query=query)
    assert [entry["seq"] for entry in answer.body["items"]] == seqs
    assert answer.body["through_seq"] == 5
    for call in made:
        bounds = call.params.get("ExpressionAttributeValues", {})
        if ":first" in bounds:
            # What DynamoDB refuses and moto does not: a BETWEEN from the later to the earlier.
            assert bounds[":first"]["S"] <= bounds[":last"]["S"]


def test_a_rare_kind_among_many_entries_is_found_in_a_few_calls(scrip: Deployment, account: str) -> None:
    """A limit counts what is read, not what is found: one by one it would take a call for each entry."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    for _ in range(40):
        scrip.burn(account, "1", clock=NEW_YEAR)
    with scrip.calls() as made:
        answer = scrip.get(f"/v1/accounts/{account}/entries", query={"kind": "grant", "limit": "1"})
    assert [entry["seq"] for entry in answer.body["items"]] == [1]
    assert len(made) <= 5


def test_a_kind_that_is_rare_among_many_entries_is_looked_for_page_by_page(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page looks at ten entries here: pages of 45 burns without a grant are empty, and the list goes on."""
    monkeypatch.setattr(limits, "LISTED_ENTRIES", 10)
    scrip.grant(account, "100", clock=NEW_YEAR)
    for _ in range(45):
        scrip.burn(account, "1", clock=NEW_YEAR)
    found: list[int] = []
    sizes: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"kind": "grant", "limit": "5", **({"cursor": cursor} if cursor else {})}
        with scrip.calls() as made:
            page = scrip.get(f"/v1/accounts/{account}/entries", query=query).body
        assert len(made) <= 4, "the wallet, how far the list is complete, the timeline, the entries"
        assert page["through_seq"] == 46
        found += [entry["seq"] for entry in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
    assert found == [1]
    assert sizes == [0, 0, 0, 0, 1]


def test_through_seq_says_how_far_the_timeline_reaches(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        scrip.grant(account, "1", clock=NEW_YEAR)
    whole = ledger._timeline
    monkeypatch.setattr(
        ledger,
        "_timeline",
        lambda *args, **kwargs: [
            item for item in whole(*args, **{**kwargs, "limit": 9}) if item["tl"]["S"][-1] != "3"
        ],
    )
    answer = scrip.get(f"/v1/accounts/{account}/entries").body
    assert ([entry["seq"] for entry in answer["items"]], answer["through_seq"]) == ([2, 1], 2)


def test_an_entry_that_there_is_not_is_not_found(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1")
    for entry_id in (
        "k.AAAAAAAAAAAAAAAAAAAAAA",
        "s.1",
        "s.99",
        "nothing",
        "-",
        "x" * 200,
        "x" * 5000,
        "%00",
        "ä",
        "%20",
    ):
        answer = scrip.get(f"/v1/accounts/{account}/entries/{entry_id}")
        refused(answer, 404, "not_found")
        assert len(answer.text) < 1000


def test_an_entry_of_another_account_is_not_found(scrip: Deployment, account: str) -> None:
    entry_id = scrip.grant(account, "1").body["entry"]["entry_id"]
    refused(scrip.get(f"/v1/accounts/{account}-b/entries/{entry_id}"), 404, "not_found")


@pytest.mark.parametrize("what", ["balance", "lots", "entries", "entries/s.1"])
def test_an_unknown_unit_is_not_found(scrip: Deployment, account: str, what: str) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/{what}", query={"unit": "nowhere"})
    refused(answer, 404, "not_found", unit="nowhere")


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ((0, 0), 200),
        ((253_402_300_799_999, 999_999_999_999), 200),
        ((-1, 1), 400),
        ((253_402_300_800_000, 1), 400),
        ((1, -1), 400),
        ((1, 1_000_000_000_000), 400),
        ((1, 1, 1), 400),
    ],
    ids=repr,
)
def test_a_cursor_of_entries_is_an_instant_and_a_sequence(
    scrip: Deployment, account: str, place: tuple[int, ...], status: int
) -> None:
    """The year 9999 ends at 253 402 300 799 999 ms; a wallet's last sequence has twelve digits."""
    assert limits.LAST_SEQ == 999_999_999_999
    query = {"cursor": cursor_in(f"/v1/accounts/{account}/entries", {}, *place)}
    assert scrip.get(f"/v1/accounts/{account}/entries", query=query).status == status


# When it was recorded, and by whom


def times(entries: list[Any]) -> list[tuple[str, str, str | None]]:
    return [(entry["kind"], entry["at"], entry["recorded_at"]) for entry in reversed(entries)]


def test_what_is_due_holds_from_its_instant_and_is_recorded_when_it_is_booked(
    scrip: Deployment, account: str
) -> None:
    """Law 4. Until somebody books it, it was not recorded at all. Under the test clock that is the pinned instant."""
    end = "2030-01-01T06:00:00.000Z"
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=end)
    scrip.grant(account, "10", clock=NEW_YEAR)
    granted = [("grant", NEW_YEAR, NEW_YEAR)] * 2
    path = f"/v1/accounts/{account}/entries"
    assert times(scrip.get(path, clock=NEXT_DAY).body["items"]) == [*granted, ("expiry", end, None)]
    entry = scrip.burn(account, "1", clock=NEXT_DAY).body["entry"]
    assert (entry["at"], entry["recorded_at"]) == (NEXT_DAY, NEXT_DAY)
    booked = scrip.get(path).body["items"]
    assert times(booked) == [*granted, ("expiry", end, NEXT_DAY), ("burn", NEXT_DAY, NEXT_DAY)]
    for one in booked:
        assert scrip.get(f"{path}/{one['entry_id']}").body["recorded_at"] == one["recorded_at"]
    table = scrip.get(path, headers={"accept": "text/csv"}).text
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["recorded_at"] for row in rows] == [one["recorded_at"] for one in booked]
    scrip.sound(account)


def test_without_the_test_clock_it_is_recorded_while_the_request_is_answered(
    scrip: Deployment, account: str
) -> None:
    """A batch of three burns is one commit, and recorded at once."""
    scrip.grant(account, "100")
    before = runtime.now()
    burns = [{"amount": "1", "key": f"k{number}"} for number in range(3)]
    found = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}).body["items"]
    after = runtime.now()
    recorded = {parameters.instant(one["entry"]["recorded_at"], "recorded_at") for one in found}
    assert len(recorded) == 1
    assert before <= recorded.pop() <= after


def test_an_entry_says_what_its_actors_key_was_called(scrip: Deployment, account: str) -> None:
    """And what time does has no name; a key of the account is not shown any."""
    named = replace(ADMIN, more={"name": "checkout"})
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NEXT_DAY)
    scrip.burn(account, "1", clock=NEW_YEAR, caller=named)
    path = f"/v1/accounts/{account}/entries"
    scrip.burn(account, "1", "k", clock=NEXT_DAY, caller=named)
    scrip.grant(account, "1", clock=NEXT_DAY, caller=named)
    found = [(one["actor"], one["actor_name"]) for one in reversed(scrip.get(path).body["items"])]
    key = "key:k1"
    assert found == [(key, None), (key, "checkout"), ("time", None), (key, "checkout")]
    shown = scrip.get(path, caller=Key("read", account)).body["items"]
    assert not [one for one in shown if {"actor", "actor_name"} & one.keys()]


# Who used the credits, and what for


@pytest.fixture
def used(scrip: Deployment, account: str) -> str:
    """A burn of ann's for search, one of bob's for search, a hold of ann's with a capture, a page of bob's for mail."""
    path = f"/v1/accounts/{account}"
    scrip.grant(account, "100", clock=NEW_YEAR)
    for member, tags in (("ann", {"team": "search"}), ("bob", {"team": "search", "internal.cell": "7"})):
        assert scrip.burn(account, "1", member=member, tags=tags, clock=NEW_YEAR).status == 201
    placed = scrip.move(
        account, "holds", amount="9", member="ann", tags={"team": "mail"}, clock=NEW_YEAR
    ).body
    assert (placed["hold"]["member"], placed["hold"]["tags"]) == ("ann", {"team": "mail"})
    scrip.move(account, f"holds/{placed['hold']['hold_id']}/capture", amount="4", clock=NEW_YEAR)
    page = {"stream": "s", "first": 0, "records": [["2", "r"]], "member": "bob", "tags": {"team": "mail"}}
    assert scrip.post(f"{path}/burns/pages", page, clock=NEW_YEAR).status == 200
    scrip.burn(account, "1", clock=NEW_YEAR)
    return f"{path}/entries"


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"member": "ann"}, ["burn", "hold", "release", "capture"]),
        ({"member": "bob"}, ["burn", "burn"]),
        ({"tags.team": "search"}, ["burn", "burn"]),
        ({"tags.team": "mail", "member": "bob"}, ["burn"]),
        ({"tags.team": "mail", "member": "ann", "kind": "capture"}, ["capture"]),
        ({"tags.internal.cell": "7"}, ["burn"]),
        ({"tags.team": "sales"}, []),
        ({"member": "carol"}, []),
    ],
)
def test_entries_are_found_by_who_used_the_credits_and_what_for(
    scrip: Deployment, used: str, query: dict[str, str], kinds: list[str]
) -> None:
    """What becomes of a hold is its placer's: the release of the rest goes before the capture."""
    found = scrip.get(used, query=query)
    assert [one["kind"] for one in reversed(found.body["items"])] == kinds


def test_a_key_of_the_account_is_not_shown_tags_that_are_internal(scrip: Deployment, used: str) -> None:
    account = used.split("/")[3]
    mine = Key("read", account)
    shown = scrip.get(used, query={"member": "bob"}, caller=mine).body["items"]
    assert [one["tags"] for one in reversed(shown)] == [{"team": "search"}, {"team": "mail"}]
    refused(scrip.get(used, query={"tags.internal.cell": "7"}, caller=mine), 403, "forbidden")


def test_a_burn_that_says_neither_has_neither(scrip: Deployment, used: str) -> None:
    newest = scrip.get(used, query={"limit": "1"}).body["items"][0]
    assert not newest.keys() & {"member", "tags"}


def test_another_member_or_tag_is_another_request(scrip: Deployment, account: str) -> None:
    """Law 3."""
    scrip.grant(account, "100")
    first = {"member": "ann", "tags": {"team": "search"}}
    assert scrip.burn(account, "1", "k", **first).status == 201
    assert scrip.burn(account, "1", "k", **first).headers["idempotent-replay"] == "true"
    for other in ({**first, "member": "bob"}, {**first, "tags": {"team": "mail"}}, {}):
        assert scrip.burn(account, "1", "k", **other).code == "idempotency_key_reused"
    scrip.sound(account)
