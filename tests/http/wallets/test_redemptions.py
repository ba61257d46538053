"""Promotions: as often and for as much as they say, once to an account and once to a person, whose names nobody keeps
(laws 2 and 3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip import runtime
from scrip.http.edge import parameters
from scrip.store import documents, keys, promotions
from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment, Key
from tests.http.contract import (
    GRANT_ENTRY,
    MOVED_BALANCE,
    invalid,
    refused,
    whole_balance,
    whole_entry,
    whole_lot,
)

Json = dict[str, Any]
EMAIL: Json = {"email": "ann@example.com"}


@pytest.fixture
def code(account: str) -> str:
    return f"LAUNCH-{account}"


def promote(scrip: Deployment, code: str, **terms: Any) -> None:
    """Stores a promotion of 10 credits; what is not said is without bound."""
    body = {
        "unit": "credits",
        "amount": "10",
        "kind": "promotional",
        "starts_at": None,
        "ends_at": None,
        "expires_in": None,
        "max_redemptions": None,
        "budget": None,
        "identities": [],
        "version": 1,
        **terms,
    }
    assert documents.put(runtime.tables(), keys.promotion(code), documents.NEW, body)


def redeem(scrip: Deployment, account: str, code: str, key: str = "p1", **body: Any) -> Answer:
    request = {name: body.pop(name) for name in ("clock", "caller") if name in body}
    return scrip.post(f"/v1/accounts/{account}/redemptions", {"code": code, **body}, key=key, **request)


def instant(text: str) -> int:
    return parameters.instant(text, "at")


def counted(code: str) -> tuple[int, int]:
    return promotions.counted(runtime.tables(), code)


def test_a_redemption_makes_a_lot(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, expires_in="P1D")
    answer = redeem(scrip, account, code, clock=NEW_YEAR, reason="hello", metadata={"from": "mail"})
    assert (answer.status, set(answer.body)) == (201, {"entry", "balance", "lot"})
    entry, lot = answer.body["entry"], answer.body["lot"]
    whole_entry(entry, GRANT_ENTRY | {"promotion"})
    assert entry["promotion"] == lot["source"]["id"]
    whole_balance(answer.balance, MOVED_BALANCE)
    whole_lot(lot)
    assert (entry["kind"], entry["amount"], entry["reason"]) == ("grant", "10", "hello")
    assert (lot["kind"], lot["expires_at"], lot["cost_basis"]) == ("promotional", NEXT_DAY, None)
    (listed,) = scrip.lots(account)
    assert (listed["source"], listed["metadata"]) == ({"type": "promotion", "id": code}, {"from": "mail"})
    assert counted(code) == (1, 10_000_000)
    scrip.sound(account)


def test_a_redemption_is_replayed_and_counted_once(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, max_redemptions=1, identities=["email"])
    first = redeem(scrip, account, code, identities=EMAIL)
    for cold in (False, True):
        if cold:
            scrip.cold()
        again = redeem(scrip, account, code, identities=EMAIL)
        assert (again.status, again.text, again.replayed) == (201, first.text, True)
    other = redeem(scrip, account, code, identities={"email": "ANN+x@EXAMPLE.com"})
    assert (other.text, other.replayed) == (first.text, True), (
        "one person in another spelling is the same request"
    )
    assert counted(code) == (1, 10_000_000)
    assert scrip.balance(account)["total"] == "10"


@pytest.mark.parametrize(
    "change", [{"code": "ANOTHER"}, {"identities": {"email": "bob@example.com"}}, {"reason": "x"}]
)
def test_a_key_carries_one_redemption(scrip: Deployment, account: str, code: str, change: Json) -> None:
    promote(scrip, code, identities=["email"])
    if change.get("code"):
        change = {"code": f"{code}-2"}
        promote(scrip, f"{code}-2", identities=["email"])
    redeem(scrip, account, code, identities=EMAIL)
    answer = redeem(scrip, account, **{"code": code, "identities": EMAIL, **change})
    refused(answer, 422, "idempotency_key_reused")
    assert scrip.balance(account)["total"] == "10"


# Cap and budget


def test_a_cap_of_three_gives_three(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, max_redemptions=3)
    answers = [redeem(scrip, f"{account}-{number}", code) for number in range(5)]
    assert [answer.status for answer in answers] == [201, 201, 201, 409, 409]
    refused(answers[3], 409, "promotion_exhausted")
    assert (counted(code), scrip.wallet(f"{account}-3")) == ((3, 30_000_000), [])


BUDGETS: list[tuple[str, str, int]] = [
    # amount, budget, how many fit
    ("10", "30", 3),
    ("10", "39.999999", 3),
    ("10", "40", 4),
    ("0.1", "0.3", 3),
    ("10", "10", 1),
]


@pytest.mark.parametrize(("amount", "budget", "fits"), BUDGETS)
def test_a_budget_gives_as_many_as_fit_into_it(
    scrip: Deployment, account: str, code: str, amount: str, budget: str, fits: int
) -> None:
    promote(scrip, code, amount=amount, budget=budget)
    answers = [redeem(scrip, f"{account}-{number}", code) for number in range(fits + 1)]
    assert [answer.status for answer in answers] == [201] * fits + [409]
    assert answers[-1].code == "promotion_exhausted"


def test_the_tighter_of_cap_and_budget_holds(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, budget="25", max_redemptions=5)
    assert [redeem(scrip, f"{account}-{n}", code).status for n in range(3)] == [201, 201, 409]
    promote(scrip, f"{code}-2", budget="100", max_redemptions=2)
    assert [redeem(scrip, f"{account}-{n}", f"{code}-2", "p2").status for n in range(3)] == [201, 201, 409]


def test_a_refused_redemption_counts_for_nothing(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, max_redemptions=1)
    scrip.post(f"/v1/accounts/{account}-x/close", {}, key="x")
    refused(redeem(scrip, f"{account}-x", code), 409, "wallet_closed")
    assert counted(code) == (0, 0)
    assert redeem(scrip, account, code).status == 201


def test_of_two_for_the_last_one_one_is_refused(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, max_redemptions=1)
    with scrip.meanwhile(lambda: redeem(scrip, f"{account}-b", code)):
        refused(redeem(scrip, account, code), 409, "promotion_exhausted")
    assert (counted(code)[0], scrip.wallet(account)) == (1, [])


def test_a_wallet_written_meanwhile_is_decided_on_again(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, max_redemptions=1)
    scrip.grant(account, "1")
    with scrip.meanwhile(lambda: scrip.grant(account, "1")):
        assert redeem(scrip, account, code).balance["total"] == "12"
    assert counted(code)[0] == 1


# Once


def test_an_account_claims_once_whatever_its_keys(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code)
    redeem(scrip, account, code)
    refused(redeem(scrip, account, code, "p2"), 409, "promotion_already_claimed")
    assert redeem(scrip, f"{account}-b", code).status == 201
    assert counted(code)[0] == 2


SPELLINGS = [
    "ann.lee@gmail.com",
    "annlee@gmail.com",
    "Ann.Lee@Gmail.com",
    "a.n.n.l.e.e@gmail.com",
    "annlee+promo@gmail.com",
    "ann.lee+x+y@googlemail.com",
    "  ANNLEE@GMAIL.COM ",
    "\uff41nnlee@gmail.com",
]


def test_a_person_claims_once_in_whatever_account_and_spelling(
    scrip: Deployment, account: str, code: str
) -> None:
    promote(scrip, code, identities=["email"])
    assert redeem(scrip, account, code, identities={"email": SPELLINGS[0]}).status == 201
    for number, email in enumerate(SPELLINGS):
        answer = redeem(scrip, f"{account}-{number}", code, identities={"email": email})
        refused(answer, 409, "promotion_already_claimed")
    assert redeem(scrip, f"{account}-z", code, identities={"email": "ann.lee@example.com"}).status == 201
    other = redeem(scrip, f"{account}-y", code, identities={"email": "annlee@example.com"})
    assert other.status == 201, "elsewhere a dot makes another address"
    assert counted(code)[0] == 3


def test_each_identity_that_the_promotion_asks_for_claims_by_itself(
    scrip: Deployment, account: str, code: str
) -> None:
    promote(scrip, code, identities=["email", "card_fingerprint", "device"])
    who = {"email": "a@example.com", "card_fingerprint": "fp-1", "device": "d-1"}
    assert redeem(scrip, account, code, identities=who).status == 201
    for number, kind in enumerate(who):
        fresh = {"email": f"b{number}@example.com", "card_fingerprint": f"g{number}", "device": f"e{number}"}
        answer = redeem(scrip, f"{account}-{number}", code, identities={**fresh, kind: who[kind]})
        refused(answer, 409, "promotion_already_claimed")
    # Of those that were refused nothing was claimed.
    fresh = {"email": "b0@example.com", "card_fingerprint": "g1", "device": "e2"}
    assert redeem(scrip, f"{account}-z", code, identities=fresh).status == 201


def test_an_identity_that_was_not_asked_for_claims_nothing(
    scrip: Deployment, account: str, code: str
) -> None:
    promote(scrip, code, identities=["email"])
    for number in range(2):
        who = {"email": f"a{number}@example.com", "device": "the same"}
        assert redeem(scrip, f"{account}-{number}", code, identities=who).status == 201


def test_one_promotions_claims_are_not_anothers(scrip: Deployment, account: str, code: str) -> None:
    for name in (code, f"{code}-2"):
        promote(scrip, name, identities=["email"])
        assert redeem(scrip, account, name, name, identities=EMAIL).status == 201


def test_exhausted_comes_before_claimed(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, max_redemptions=1)
    redeem(scrip, account, code)
    refused(redeem(scrip, account, code, "p2"), 409, "promotion_exhausted")


def test_of_one_person_in_two_accounts_at_once_one_is_refused(
    scrip: Deployment, account: str, code: str
) -> None:
    promote(scrip, code, identities=["email"])
    with scrip.meanwhile(lambda: redeem(scrip, f"{account}-b", code, identities=EMAIL)):
        answer = redeem(scrip, account, code, identities=EMAIL)
    refused(answer, 409, "promotion_already_claimed")
    assert (counted(code)[0], scrip.wallet(account)) == (1, [])


# Nobody's name


def test_an_address_is_nowhere_but_as_a_keyed_hash(
    scrip: Deployment, account: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both tables, the ledger's rows, the answers and the log are searched for every spelling of it."""
    promote(scrip, code, identities=["email", "card_fingerprint", "device"])
    who = {"email": "Zo.E+tag@Gmail.com", "card_fingerprint": "fp-4242-secret", "device": "dev-9-secret"}
    answers = [redeem(scrip, account, code, identities=who), redeem(scrip, account, code, identities=who)]
    answers.append(redeem(scrip, f"{account}-b", code, identities=who))
    answers.append(redeem(scrip, f"{account}-c", code, identities={"email": "zoe@@gmail"}))
    assert [answer.status for answer in answers] == [201, 201, 409, 400]
    printed = capsys.readouterr()
    kept = json.dumps(scrip.everything(), default=repr)
    said = "".join(answer.text for answer in answers)
    for text in (kept, said, printed.out, printed.err):
        for secret in ("zo.e", "zoe@", "zoe%", "+tag", "gmail", "fp-4242", "dev-9", "k" * 16):
            assert secret not in text.lower(), secret
    mine = [item["sk"]["S"] for item in scrip.everything() if item["pk"]["S"] == keys.promotion(code)]
    (claim,) = [sk for sk in mine if sk.startswith("claim#email#")]
    assert len(claim.removeprefix("claim#email#")) == 64


def test_a_promotion_that_asks_for_nobody_needs_no_key_of_hashes(
    scrip: Deployment, account: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bytes:
        raise AssertionError("asked for")

    promote(scrip, code)
    monkeypatch.setattr(runtime, "identity_key", fail)
    assert redeem(scrip, account, code, identities=EMAIL).status == 201


# What is wrong


WINDOWS: list[tuple[str, str | None, str | None, bool]] = [
    # decided at New Year 2030: from, to, whether it is on
    ("no bounds", None, None, True),
    ("begins now", NEW_YEAR, None, True),
    ("begins a millisecond later", "2030-01-01T00:00:00.001Z", None, False),
    ("ends a millisecond later", None, "2030-01-01T00:00:00.001Z", True),
    ("ends now", None, NEW_YEAR, False),
    ("in the middle", "2029-12-31T00:00:00Z", NEXT_DAY, True),
    ("over", "2029-01-01T00:00:00Z", "2029-12-31T00:00:00Z", False),
]


@pytest.mark.parametrize(
    ("_", "starts", "ends", "on"), WINDOWS, ids=[row[0].replace(" ", "-") for row in WINDOWS]
)
def test_a_promotion_has_its_window(
    scrip: Deployment, account: str, code: str, _: str, starts: str | None, ends: str | None, on: bool
) -> None:
    promote(
        scrip,
        code,
        starts_at=instant(starts) if starts else None,
        ends_at=instant(ends) if ends else None,
    )
    answer = redeem(scrip, account, code, clock=NEW_YEAR)
    if on:
        assert answer.status == 201
    else:
        refused(answer, 422, "policy_violation", policy="promotion_window")
        assert counted(code) == (0, 0)


def test_what_was_redeemed_in_time_is_replayed_after_it(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, ends_at=instant(NEXT_DAY))
    first = redeem(scrip, account, code, clock=NEW_YEAR)
    again = redeem(scrip, account, code, clock=NEXT_DAY)
    assert (again.text, again.replayed) == (first.text, True)


def test_an_unknown_code_is_not_found(scrip: Deployment, account: str, code: str) -> None:
    refused(redeem(scrip, account, code), 404, "not_found", promotion=code)


def test_every_missing_identity_is_named(scrip: Deployment, account: str, code: str) -> None:
    promote(scrip, code, identities=["email", "device"])
    invalid(redeem(scrip, account, code), "identities.email", "identities.device")
    invalid(redeem(scrip, account, code, identities=EMAIL), "identities.device")
    assert counted(code) == (0, 0)


def test_the_unit_is_the_promotions(scrip: Deployment, account: str, code: str) -> None:
    unit = f"miles-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"default_expires_in": "P1D"}})
    promote(scrip, code, unit=unit, kind="compensation")
    invalid(redeem(scrip, account, code, unit="credits"), "unit")
    answer = redeem(scrip, account, code, clock=NEW_YEAR)
    assert (answer.balance["unit"], answer.balance["total"]) == (unit, "10")
    assert (answer.body["lot"]["expires_at"], answer.body["lot"]["kind"]) == (NEXT_DAY, "compensation")
    assert redeem(scrip, f"{account}-b", code, unit=unit, clock=NEW_YEAR).status == 201


BAD: list[tuple[str, Json, str]] = [
    ("no code", {"code": None}, "code"),
    ("a code that is none", {"code": "A B"}, "code"),
    ("an amount", {"amount": "10"}, "amount"),
    ("no address", {"identities": {"email": "ann"}}, "identities.email"),
    ("an address of nobody", {"identities": {"email": "+x@gmail.com"}}, "identities.email"),
    ("an empty device", {"identities": {"device": ""}}, "identities.device"),
    ("another identity", {"identities": {"phone": "1"}}, "identities.phone"),
    ("identities of a list", {"identities": []}, "identities"),
]


@pytest.mark.parametrize(("_", "change", "field"), BAD, ids=[row[0].replace(" ", "-") for row in BAD])
def test_there_is_no_redemption_with(
    scrip: Deployment, account: str, code: str, _: str, change: Json, field: str
) -> None:
    promote(scrip, code)
    invalid(scrip.post(f"/v1/accounts/{account}/redemptions", {"code": code, **change}, key="p1"), field)


def test_a_redemption_needs_a_key(scrip: Deployment, account: str, code: str) -> None:
    answer = scrip.post(f"/v1/accounts/{account}/redemptions", {"code": code})
    refused(answer, 400, "idempotency_key_missing")


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("burn", 403), ("grant", 201), ("admin", 201)])
def test_who_grants_may_redeem(scrip: Deployment, account: str, code: str, scope: str, status: int) -> None:
    promote(scrip, code)
    assert redeem(scrip, account, code, caller=Key(scope)).status == status
