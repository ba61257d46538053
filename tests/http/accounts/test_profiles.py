"""Profiles over HTTP: put whole, read by who may, found by address, told of by the names of their members, erased."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip import runtime
from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment, Key
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")

WHOLE = {
    "name": "Ann Example",
    "email": "Ann.Example@gmail.com",
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "locale": "de-DE",
    "currency": "EUR",
}
NOTHING: dict[str, Any] = dict.fromkeys(WHOLE)


@pytest.fixture
def path(account: str) -> str:
    return f"/v1/accounts/{account}/profile"


def delete(scrip: Deployment, path: str, **request: Any) -> Answer:
    return scrip.send("DELETE", path, **request)


def found(scrip: Deployment, email: str, **request: Any) -> list[str]:
    query = {"email": email, **request.pop("query", {})}
    answer = scrip.get("/v1/accounts", query=query, **request)
    assert answer.status == 200, answer.text
    return [one["account"] for one in answer.body["items"]]


def test_a_profile_is_put_read_replaced_and_erased(scrip: Deployment, account: str, path: str) -> None:
    refused(scrip.get(path), 404, "not_found")
    made = scrip.put(path, WHOLE, clock=NEW_YEAR)
    shown = {"account": account, **WHOLE, "updated_at": NEW_YEAR}
    assert (made.status, made.body, scrip.get(path).body) == (201, shown, shown)
    same = scrip.put(path, WHOLE, clock=NEXT_DAY)
    assert (same.status, same.body) == (200, shown), "the same again changes nothing"
    replaced = scrip.put(path, {"country": "AT"}, clock=NEXT_DAY)
    shown = {"account": account, **NOTHING, "country": "AT", "updated_at": NEXT_DAY}
    assert (replaced.status, replaced.body, scrip.get(path).body) == (200, shown, shown)
    gone = delete(scrip, path)
    assert (gone.status, gone.text) == (204, "")
    refused(scrip.get(path), 404, "not_found")
    refused(delete(scrip, path), 404, "not_found")
    assert scrip.put(path, {}).status == 201, "of one that was erased nothing is remembered"
    assert scrip.get(path).body["country"] is None


def test_the_same_profile_again_writes_nothing(scrip: Deployment, path: str) -> None:
    scrip.put(path, WHOLE)
    with scrip.unwritten():
        assert scrip.put(path, dict(reversed(WHOLE.items()))).status == 200
        assert scrip.put(path, {**WHOLE, "currency": "EURO"}).status == 400


def test_null_says_that_something_is_not_known(scrip: Deployment, path: str) -> None:
    assert scrip.put(path, {**NOTHING, "name": "Ann"}).body["name"] == "Ann"
    assert scrip.put(path, {"name": None}).body["name"] is None


@pytest.mark.parametrize(
    ("member", "wrong", "said"),
    [
        ("name", "", "empty"),
        ("name", "a" * 201, "200"),
        ("name", "Ann\nExample", "control character"),
        ("name", " \u200b", "letters"),
        ("name", 1, "string"),
        ("email", "ann", "e-mail"),
        ("email", "Ann <ann@example.com>", "e-mail"),
        ("email", "ann@example.com,bob@example.com", "e-mail"),
        ("email", "a@b.c" + "x" * 250, "254"),
        ("email", ["ann@example.com"], "string"),
        *(
            ("country", code, "ISO 3166-1")
            for code in ("de", "DEU", "UK", "XK", "EU", "ZZ", "Germany", "", "D")
        ),
        *(("time_zone", zone, "time zone") for zone in ("Berlin", "../etc", "posix/UTC", "GMT+25", "")),
        *(("locale", tag, "BCP 47") for tag in ("de_DE", "germanish", "", "d", "de-")),
        ("locale", "de" + "-abcde" * 11, "64"),
        *(("currency", code, "ISO 4217") for code in ("eur", "EURO", "XAU", "DEM", "BTC", "")),
    ],
)
def test_a_member_that_is_wrong_is_named(
    scrip: Deployment, path: str, member: str, wrong: Any, said: str
) -> None:
    answer = scrip.put(path, {**WHOLE, member: wrong})
    invalid(answer, member)
    assert said in answer.body["errors"][0]["message"], answer.body
    refused(scrip.get(path), 404, "not_found")


def test_a_member_that_there_is_not_is_refused_by_its_name(scrip: Deployment, path: str) -> None:
    invalid(scrip.put(path, {**WHOLE, "phone": "+49 30 1"}), "phone")
    invalid(scrip.put(path, WHOLE, query={"unit": "credits"}), "unit")
    invalid(scrip.get(path, query={"at": NEW_YEAR}), "at")


# Who may


def test_who_may_grant_puts_and_erases_and_who_reads_reads(
    scrip: Deployment, account: str, path: str
) -> None:
    for scope in ("read", "burn", "top_up"):
        refused(scrip.put(path, WHOLE, caller=Key(scope)), 403, "forbidden")
        refused(delete(scrip, path, caller=Key(scope)), 403, "forbidden")
    assert scrip.put(path, WHOLE, caller=Key("grant")).status == 201
    mine, other = Key("read", account), Key("read burn top_up", f"{account}.b")
    assert scrip.get(path, caller=Key("read")).body == scrip.get(path, caller=mine).body
    assert scrip.get(path, caller=mine).body["name"] == WHOLE["name"], "a customer is shown their own"
    refused(scrip.get(path, caller=other), 403, "forbidden")
    refused(scrip.put(path, WHOLE, caller=mine), 403, "forbidden")
    assert delete(scrip, path, caller=Key("grant")).status == 204


# Found by address


def test_an_account_is_found_by_its_address_however_that_is_spelled(
    scrip: Deployment, account: str, path: str
) -> None:
    address = f"{account}@gmail.com"
    scrip.put(path, {"email": address})
    scrip.put(f"/v1/accounts/{account}.b/profile", {"email": f"{account.upper()}+shop@googlemail.com"})
    both = [account, f"{account}.b"]
    assert found(scrip, address) == found(scrip, f"{account}+x@GMAIL.com") == both
    assert found(scrip, address, query={"prefix": f"{account}."}) == both[1:]
    assert found(scrip, f"x{address}") == []
    assert found(scrip, address, caller=Key("read", account)) == [account]
    assert found(scrip, address, caller=Key("read", f"{account}.c")) == []
    first = scrip.get("/v1/accounts", query={"email": address, "limit": "1"}).body
    assert [one["account"] for one in first["items"]] == both[:1]
    cursor = first["next_cursor"]
    assert found(scrip, address, query={"limit": "1", "cursor": cursor}) == both[1:]
    invalid(scrip.get("/v1/accounts", query={"email": f"x{address}", "cursor": cursor}), "cursor")


def test_an_address_may_have_letters_of_any_script(scrip: Deployment, account: str, path: str) -> None:
    """RFC 6531; a domain's own letters and their Punycode are one domain."""
    assert scrip.put(path, {"email": f"änn.{account}@münchen.example"}).status == 201
    assert found(scrip, f"ÄNN.{account}@xn--mnchen-3ya.example") == [account]


def test_an_account_is_found_by_the_address_that_it_has_now(
    scrip: Deployment, account: str, path: str
) -> None:
    first, second = f"{account}@example.com", f"{account}@example.org"
    scrip.put(path, {"email": first})
    scrip.put(path, {"email": second, "name": "Ann"})
    assert (found(scrip, first), found(scrip, second)) == ([], [account])
    scrip.put(path, {"name": "Ann"})
    assert found(scrip, second) == []
    scrip.put(path, {"email": first})
    delete(scrip, path)
    assert found(scrip, first) == []


def test_an_address_with_a_plus_is_found_by_it_as_it_is_and_encoded(scrip: Deployment, account: str) -> None:
    """``urlencode`` writes a space as a plus, as a caller sends who encodes nothing; no address has a space."""
    scrip.put(f"/v1/accounts/{account}/profile", {"email": f"{account}+shop@example.com"})
    for sent in (f"{account} shop@example.com", f"{account}+shop@example.com", f"{account}@example.com"):
        assert found(scrip, sent) == [account], sent


@pytest.mark.parametrize(
    "email", ["", "ann", "ann@example.com, bob@example.com", "a" * 300 + "@example.com", " ann@example.com"]
)
def test_what_is_no_address_finds_nothing_and_is_refused(scrip: Deployment, email: str) -> None:
    invalid(scrip.get("/v1/accounts", query={"email": email}), "email")


def test_an_account_with_nothing_but_a_profile_is_listed_and_stays_so(
    scrip: Deployment, account: str, path: str
) -> None:
    """Its id is for ever, and so is since when it is of which country."""
    scrip.put(path, {"country": "DE"})
    delete(scrip, path)
    listed = scrip.get("/v1/accounts", query={"prefix": account}).body["items"]
    assert listed == [{"account": account}]


def test_a_search_by_address_costs_one_query(scrip: Deployment, account: str, path: str) -> None:
    scrip.put(path, {"email": f"{account}@example.com"})
    with scrip.calls() as made:
        assert found(scrip, f"{account}@example.com") == [account]
    assert [call.name for call in made] == ["Query"]


# What remains


def test_the_audit_tells_the_names_of_members_and_nothing_of_what_they_are(
    scrip: Deployment, account: str, path: str
) -> None:
    scrip.put(path, WHOLE, clock=NEW_YEAR)
    scrip.put(path, {"email": "bob@example.com"}, clock=NEXT_DAY)
    delete(scrip, path, clock="2030-01-03T00:00:00Z")
    answer = scrip.get("/v1/audit", query={"target": f"profile:{account}"})
    told = [(one["action"], one["before"], one["after"], one["actor"]) for one in answer.body["items"]]
    whole, email = {"members": list(WHOLE)}, {"members": ["email"]}
    assert told == [
        ("profile.delete", email, None, "key:k1"),
        ("profile.put", whole, email, "key:k1"),
        ("profile.put", None, whole, "key:k1"),
    ]


def test_nothing_of_an_erased_profile_is_left_in_any_table(
    scrip: Deployment, account: str, path: str
) -> None:
    """It is looked for before, too: it is found in one item, and in no key."""
    person = {
        **WHOLE,
        "name": f"Ann {account}",
        "email": f"{account}@example.com",
        "time_zone": "Asia/Kathmandu",
    }
    told = (person["name"], person["email"], person["time_zone"])

    def items_with(text: str) -> list[str]:
        return [one["pk"]["S"] for one in scrip.everything() if text in json.dumps(one, ensure_ascii=False)]

    scrip.put(path, person)
    scrip.put(path, {**person, "currency": "USD"})
    assert [items_with(text) for text in told] == [[f"profile#{account}"]] * 3
    delete(scrip, path)
    assert [items_with(text) for text in told] == [[], [], []]
    left = {one["pk"]["S"] for one in scrip.everything() if account in one["pk"]["S"] + one["sk"]["S"]}
    assert left == {"accounts", f"country#{account}", f"profile#{account}"}
    (stone,) = [one for one in scrip.everything() if one["pk"]["S"] == f"profile#{account}"]
    assert set(json.loads(stone["body"]["S"])) == {"updated_at"}


def test_a_put_costs_three_calls_and_an_erasure_without_payments_five(scrip: Deployment, path: str) -> None:
    """Read, the newest country, write; and read, write, read, the account's payments, the note that it is done."""
    with scrip.calls() as made:
        scrip.put(path, WHOLE)
    assert [call.name for call in made] == ["GetItem", "Query", "TransactWriteItems"]
    with scrip.calls() as made:
        delete(scrip, path)
    assert [call.name for call in made] == ["GetItem", "TransactWriteItems", "GetItem", "Query", "PutItem"]
    assert runtime.settings().test_clock
