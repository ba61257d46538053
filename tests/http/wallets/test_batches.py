"""Many burns in one request: each has its own key and its own answer, in as few commits as fit (laws 2 and 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scrip.domain.credits import limits
from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Call, Deployment, Key
from tests.http.contract import BALANCE, ENTRY, PROBLEM, invalid, refused, whole_balance, whole_entry

READS = frozenset({"GetItem", "BatchGetItem", "Query"})


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 4 and 8, after every test."""
    yield
    scrip.sound(account)


def batch(scrip: Deployment, account: str, *burns: dict[str, Any], **request: Any) -> Answer:
    """A batch, whatever its answer. It has no Idempotency-Key."""
    return scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": list(burns)}, **request)


def burns(text: str, **more: Any) -> list[dict[str, Any]]:
    """``"a 10, b 5"``: two burns, each a key and an amount."""
    return [
        {"key": key, "amount": amount, **more} for key, amount in (one.split() for one in text.split(", "))
    ]


def told(answer: Answer) -> list[tuple[str, int, str]]:
    """Each item's key, status and amount, or the code of its refusal."""
    assert answer.status == 200, answer.text
    return [
        (item["key"], item["status"], item["entry"]["amount"] if "entry" in item else item["problem"]["code"])
        for item in answer.body["items"]
    ]


def commits(made: list[Call]) -> list[int]:
    """How many items each transaction has."""
    return [len(call.items) for call in made if call.name == "TransactWriteItems"]


def test_each_burn_has_its_own_answer_in_the_order_of_the_request(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    about = {"reference": {"type": "job", "id": "j-1"}, "reason": "rendering", "metadata": {"run": "7"}}
    answer = batch(scrip, account, {"key": "b", "amount": "30.0", **about}, *burns("a 5"), clock=NEW_YEAR)
    assert answer.status == 200
    assert answer.headers == {"content-type": "application/json", "request-id": "r1"}
    assert set(answer.body) == {"items", "balance"}
    first, second = answer.body["items"]
    assert set(first) == set(second) == {"key", "status", "replayed", "entry"}
    for item, key, amount in ((first, "b", "-30"), (second, "a", "-5")):
        whole_entry(item["entry"], ENTRY)
        assert (item["key"], item["status"], item["replayed"]) == (key, 201, False)
        assert (item["entry"]["kind"], item["entry"]["amount"]) == ("burn", amount)
    assert {name: first["entry"][name] for name in about} == about
    assert second["entry"]["previous_hash"] == first["entry"]["hash"]
    whole_balance(answer.balance, BALANCE)
    assert (answer.balance["total"], answer.balance["version"]) == ("65", 3)
    assert scrip.entries(account)[1:] == [first["entry"], second["entry"]]


def test_a_burn_that_cannot_be_paid_is_refused_alone(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    answer = batch(scrip, account, *burns("a 4, b 7, c 6, d 0.000001"), clock=NEW_YEAR)
    assert told(answer) == [
        ("a", 201, "-4"),
        ("b", 402, "insufficient_credits"),
        ("c", 201, "-6"),
        ("d", 402, "insufficient_credits"),
    ]
    refusal = answer.body["items"][1]
    assert set(refusal) == {"key", "status", "problem"}
    facts = {"required": "7", "available": "6", "unit": "credits"}
    assert set(refusal["problem"]) == PROBLEM | set(facts)
    assert refusal["problem"]["status"] == 402
    assert {name: refusal["problem"][name] for name in facts} == facts
    assert answer.balance["total"] == "0"
    assert len(scrip.entries(account)) == 3


def test_a_batch_of_which_nothing_can_be_paid_writes_nothing(scrip: Deployment, account: str) -> None:
    with scrip.unwritten():
        answer = batch(scrip, account, *burns("a 4, b 7"))
    assert [status for _, status, _ in told(answer)] == [402, 402]
    assert (answer.balance["total"], answer.balance["version"]) == ("0", 0)
    assert scrip.wallet(account) == []


def test_a_refusal_is_not_remembered(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    assert told(batch(scrip, account, *burns("a 4, b 7")))[1] == ("b", 402, "insufficient_credits")
    scrip.grant(account, "10")
    answer = batch(scrip, account, *burns("a 4, b 7"))
    assert told(answer) == [("a", 201, "-4"), ("b", 201, "-7")]
    assert [item["replayed"] for item in answer.body["items"]] == [True, False]
    assert answer.balance["total"] == "9"


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_the_same_batch_again_is_answered_item_by_item_as_the_first_time(
    scrip: Deployment, account: str, warm: bool
) -> None:
    """Law 3. The balance is that of now."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    first = batch(scrip, account, *burns("a 4, b 7, c 1"), clock=NEW_YEAR)
    scrip.burn(account, "8", clock=NEXT_DAY)
    if not warm:
        scrip.cold()
    before = scrip.wallet(account)
    again = batch(scrip, account, *burns("c 1.0, a 4, b 7"), clock=NEXT_DAY)
    assert told(again) == [("c", 201, "-1"), ("a", 201, "-4"), ("b", 201, "-7")]
    assert all(item["replayed"] for item in again.body["items"])
    entries = {item["key"]: item["entry"] for item in first.body["items"]}
    assert {item["key"]: item["entry"] for item in again.body["items"]} == entries
    assert again.balance["total"] == "80"
    assert scrip.wallet(account) == before


def test_a_batch_that_is_known_is_replayed_whatever_the_test_clock_says(
    scrip: Deployment, account: str
) -> None:
    """As a burn of its own is; what is new among the known is refused alone."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    batch(scrip, account, *burns("a 4, b 7"), clock=NEW_YEAR)
    scrip.burn(account, "1", clock=NEXT_DAY)
    before = scrip.wallet(account)
    answer = batch(scrip, account, *burns("a 4, b 7"), clock=NEW_YEAR)
    assert told(answer) == [("a", 201, "-4"), ("b", 201, "-7")]
    answer = batch(scrip, account, *burns("a 4, c 7"), clock=NEW_YEAR)
    assert told(answer) == [("a", 201, "-4"), ("c", 422, "clock_backwards")]
    assert answer.body["items"][1]["problem"]["last_entry_at"] == NEXT_DAY
    assert scrip.wallet(account) == before


def test_known_new_and_impossible_burns_may_be_mixed(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "20")
    assert scrip.burn(account, "4", "a").status == 201
    answer = batch(scrip, account, *burns("x 5, a 4, y 12, z 6"))
    assert told(answer) == [
        ("x", 201, "-5"),
        ("a", 201, "-4"),
        ("y", 402, "insufficient_credits"),
        ("z", 201, "-6"),
    ]
    assert [item.get("replayed") for item in answer.body["items"]] == [False, True, None, False]
    assert answer.balance["total"] == "5"


def test_a_key_is_one_with_the_burns_and_all_else_of_the_wallet(scrip: Deployment, account: str) -> None:
    """A key that was used otherwise is refused alone; a burn of a batch is replayed as a burn of its own."""
    scrip.grant(account, "20", "g")
    burned = scrip.burn(account, "4", "a").body["entry"]
    answer = batch(scrip, account, *burns("g 20, a 5, b 1"))
    assert told(answer) == [
        ("g", 422, "idempotency_key_reused"),
        ("a", 422, "idempotency_key_reused"),
        ("b", 201, "-1"),
    ]
    problem = answer.body["items"][1]["problem"]
    assert (problem["entry_id"], problem["kind"]) == (burned["entry_id"], "burn")
    again = scrip.burn(account, "1", "b")
    assert (again.replayed, again.body["entry"]) == (True, answer.body["items"][2]["entry"])
    assert again.body["burned"] == "1"


def test_a_batch_that_was_cut_off_goes_on_where_it_ended(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    batch(scrip, account, *burns("a 1, b 2"))
    answer = batch(scrip, account, *burns("a 1, b 2, c 3, d 4"))
    assert [item["replayed"] for item in answer.body["items"]] == [True, True, False, False]
    assert answer.balance["total"] == "90"


@pytest.mark.parametrize("mode", ["exact", "up_to"])
def test_each_burn_has_its_own_mode(scrip: Deployment, account: str, mode: str) -> None:
    scrip.grant(account, "10")
    answer = batch(scrip, account, *burns("a 4"), *burns("b 20", mode=mode), *burns("c 1"))
    partly = mode == "up_to"
    assert told(answer)[1] == (("b", 201, "-6") if partly else ("b", 402, "insufficient_credits"))
    assert told(answer)[2] == (("c", 402, "insufficient_credits") if partly else ("c", 201, "-1"))


@pytest.mark.parametrize(("status", "code"), [("closed", "wallet_closed"), ("frozen", "wallet_frozen")])
def test_from_a_frozen_or_closed_wallet_only_what_is_known_is_answered(
    scrip: Deployment, account: str, status: str, code: str
) -> None:
    scrip.grant(account, "10")
    scrip.burn(account, "4", "a")
    scrip.set_status(account, status)
    with scrip.unwritten():
        answer = batch(scrip, account, *burns("a 4, b 1"))
    assert told(answer) == [("a", 201, "-4"), ("b", 409, code)]


def test_an_overdraft_is_used_in_the_order_of_the_request(scrip: Deployment, account: str) -> None:
    unit = f"debt-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"overdraft_limit": "5"}})
    scrip.grant(account, "10", unit=unit)
    answer = batch(scrip, account, *burns("a 12, b 4, c 3", unit=unit))
    assert told(answer) == [("a", 201, "-12"), ("b", 402, "insufficient_credits"), ("c", 201, "-3")]
    assert (answer.balance["total"], answer.balance["owed"]) == ("-5", "5")
    scrip.sound(account, unit)


def test_what_is_due_is_booked_first_and_in_the_same_commit(scrip: Deployment, account: str) -> None:
    """Law 5."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_in="PT1H")
    scrip.grant(account, "20", clock=NEW_YEAR)
    with scrip.calls() as made:
        answer = batch(scrip, account, *burns("a 15, b 15, c 5"), clock=NEXT_DAY)
    assert told(answer) == [("a", 201, "-15"), ("b", 402, "insufficient_credits"), ("c", 201, "-5")]
    assert len(commits(made)) == 1
    kinds = [entry["kind"] for entry in scrip.entries(account)]
    assert kinds == ["grant", "grant", "expiry", "burn", "burn"]


# In as few commits as fit


def many(count: int, amount: str = "1", prefix: str = "k") -> list[dict[str, Any]]:
    return [{"key": f"{prefix}{number}", "amount": amount} for number in range(count)]


def test_ninety_burns_are_one_commit_of_91_items(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    scrip.burn(account, "1")
    with scrip.calls() as made:
        answer = batch(scrip, account, *many(90))
    assert [status for _, status, _ in told(answer)] == [201] * 90
    assert commits(made) == [91]
    assert answer.balance["total"] == "9"


def test_ninety_burns_of_which_a_part_is_refused_are_one_commit(scrip: Deployment, account: str) -> None:
    """And one read of the keys of those that are refused (law 3), so that none of them was burned before."""
    scrip.grant(account, "60")
    scrip.burn(account, "1")
    scrip.cold()
    with scrip.calls() as made:
        answer = batch(scrip, account, *many(90))
    assert [status for _, status, _ in told(answer)] == [201] * 59 + [402] * 31
    assert commits(made) == [61], "59 burns, the wallet, and the lot that they used up"
    assert len([call for call in made if call.name in READS]) <= 4


def test_ninety_burns_that_are_known_are_no_commit(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    first = batch(scrip, account, *many(90))
    scrip.cold()
    before = scrip.wallet(account)
    with scrip.calls() as made:
        answer = batch(scrip, account, *many(90))
    assert all(item["replayed"] for item in answer.body["items"])
    assert [item["entry"] for item in answer.body["items"]] == [item["entry"] for item in first.body["items"]]
    assert commits(made) == [12], "ten that could be paid again, tried once, and cancelled: their keys exist"
    assert len([call for call in made if call.name in READS]) <= 4
    assert scrip.wallet(account) == before


def test_burns_that_empty_many_lots_are_few_commits(scrip: Deployment, account: str) -> None:
    """Forty lots of 3 and ninety burns of 1: each burn is an entry, and lots that are used up come to rest."""
    for _ in range(40):
        scrip.grant(account, "3", clock=NEW_YEAR)
    with scrip.calls() as made:
        answer = batch(scrip, account, *many(90), clock=NEW_YEAR)
    assert [status for _, status, _ in told(answer)] == [201] * 90
    assert len(commits(made)) <= 2
    assert max(commits(made)) <= 100
    assert answer.balance["total"] == "30"


def test_what_does_not_fit_into_a_commit_comes_with_the_next(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit of the wallet and thirteen entries: thirty burns are two of those, and one of four."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    monkeypatch.setattr(limits, "BATCH_BURNS", 13)
    with scrip.calls() as made:
        answer = batch(scrip, account, *many(30), clock=NEW_YEAR)
    assert [status for _, status, _ in told(answer)] == [201] * 30
    assert [int(item["balance_after"]) for item in (one["entry"] for one in answer.body["items"])] == list(
        range(99, 69, -1)
    )
    assert commits(made) == [14, 14, 5]


def test_a_writer_in_between_costs_one_commit_more_and_nothing_is_burned_twice(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100")
    scrip.burn(account, "1")
    with scrip.calls() as made, scrip.meanwhile(lambda: scrip.burn(account, "5", "other")):
        answer = batch(scrip, account, *many(10))
    assert [status for _, status, _ in told(answer)] == [201] * 10
    assert answer.balance["total"] == "84"
    assert len(commits(made)) == 3, "the other's, the one that came too late, and the one that did not"


def test_a_twin_in_between_makes_them_replays(scrip: Deployment, account: str) -> None:
    """The same batch twice at once: every burn happens once."""
    scrip.grant(account, "100")
    scrip.burn(account, "1")
    with scrip.meanwhile(lambda: batch(scrip, account, *many(5))):
        answer = batch(scrip, account, *many(5))
    assert [item["replayed"] for item in answer.body["items"]] == [True] * 5
    assert answer.balance["total"] == "94"


# What is no batch


NO_KEYS: list[Any] = ["", " ", "a b ", " a", "x" * 256, "ä", "a\x00b", "a\n", "\x7f", None, 1, True, [], {}]
NO_BURN: list[tuple[dict[str, Any], str]] = [
    *[({"amount": "1", "key": key}, "key") for key in NO_KEYS],
    ({"amount": "1"}, "key"),
    ({"key": "k"}, "amount"),
    ({"key": "k", "amount": "-1"}, "amount"),
    ({"key": "k", "amount": 1}, "amount"),
    ({"key": "k", "amount": "0"}, "amount"),
    ({"key": "k", "amount": "1", "meter": "m", "quantity": 1}, "amount"),
    ({"key": "k", "meter": "m"}, "quantity"),
    ({"key": "k", "amount": "1", "quantity": 1}, "quantity"),
    ({"key": "k", "amount": "1", "dimensions": {"a": "b"}}, "dimensions"),
    ({"key": "k", "meter": "m", "quantity": -1}, "quantity"),
    ({"key": "k", "amount": "1", "mode": "all"}, "mode"),
    ({"key": "k", "amount": "1", "colour": "red"}, "colour"),
    ({"key": "k", "amount": "1", "metadata": {"a": 1}}, "metadata.a"),
    ({"key": "k", "amount": "1", "unit": "a b"}, "unit"),
    ({"key": "k", "amount": "1", "unit": "images"}, "unit"),
    ({"key": "k", "amount": "1", "idempotency_key": "k"}, "idempotency_key"),
]


@pytest.mark.parametrize(("burn", "field"), NO_BURN, ids=lambda value: str(value)[:40])
def test_one_burn_that_is_not_valid_refuses_the_batch_and_is_named(
    scrip: Deployment, account: str, burn: dict[str, Any], field: str
) -> None:
    """Validation comes before everything else: nothing of it is burned."""
    scrip.grant(account, "10")
    with scrip.unwritten():
        answer = batch(scrip, account, *burns("a 1"), burn)
    invalid(answer, f"burns.1.{field}")


PAST_THE_UNIT = [("0.0000001", "precision_exceeded"), ("9" * 28, "amount_out_of_range")]


@pytest.mark.parametrize(("amount", "code"), PAST_THE_UNIT)
def test_one_amount_past_the_unit_refuses_the_batch_and_is_named(
    scrip: Deployment, account: str, amount: str, code: str
) -> None:
    scrip.grant(account, "10")
    with scrip.unwritten():
        answer = batch(scrip, account, *burns(f"a 1, b {amount}"))
    refused(answer, 422, code)
    assert answer.body["field"] == "burns.1.amount"


NO_BATCH: list[tuple[str, Any, str]] = [
    ("none", {}, "burns"),
    ("no burns", {"burns": []}, "burns"),
    ("91 burns", {"burns": many(91)}, "burns"),
    ("1000 burns", {"burns": many(1000)}, "burns"),
    ("null", {"burns": None}, "burns"),
    ("an object", {"burns": {"key": "k", "amount": "1"}}, "burns"),
    ("a text", {"burns": "x"}, "burns"),
    ("no object", {"burns": [1]}, "burns.0"),
    ("null among them", {"burns": [None]}, "burns.0"),
    ("a burn of its own", {"key": "k", "amount": "1", "burns": burns("a 1")}, "amount"),
    ("a key twice", {"burns": burns("a 1, b 1, a 1")}, "burns.2.key"),
    ("the same burn twice", {"burns": burns("a 1, a 1")}, "burns.1.key"),
    ("another unit", {"burns": [*burns("a 1"), *burns("b 1", unit="images")]}, "burns.1.unit"),
    ("a unit for all", {"burns": burns("a 1"), "unit": "credits"}, "unit"),
]


@pytest.mark.parametrize(("_", "body", "field"), NO_BATCH, ids=[row[0] for row in NO_BATCH])
def test_a_batch_is_refused_with(scrip: Deployment, account: str, _: str, body: Any, field: str) -> None:
    scrip.grant(account, "10")
    with scrip.unwritten():
        answer = scrip.post(f"/v1/accounts/{account}/burns/batch", body)
    refused(answer, 400, "invalid_request")
    assert field in answer.fields


def test_the_default_unit_may_be_named_or_left_out(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    answer = batch(scrip, account, *burns("a 1"), *burns("b 1", unit="credits"))
    assert [status for _, status, _ in told(answer)] == [201, 201]


def test_a_batch_of_an_unknown_unit_is_not_found(scrip: Deployment, account: str) -> None:
    refused(batch(scrip, account, *burns("a 1", unit="nowhere")), 404, "not_found", unit="nowhere")


def test_keys_that_differ_in_case_are_two(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    assert told(batch(scrip, account, *burns("k 1, K 1"))) == [("k", 201, "-1"), ("K", 201, "-1")]


def test_a_batch_needs_scope_burn_and_no_key(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    refused(batch(scrip, account, *burns("a 1"), caller=Key("read")), 403, "forbidden", scope="burn")
    assert told(batch(scrip, account, *burns("a 1"), caller=Key("burn"), key="ignored")) == [("a", 201, "-1")]
    assert told(batch(scrip, account, *burns("ignored 2"))) == [("ignored", 201, "-2")]


@pytest.mark.parametrize(("meters", "field"), [(90, None), (91, "burns")])
def test_a_batch_is_of_so_many_meters_at_the_most(
    scrip: Deployment, account: str, meters: int, field: str | None
) -> None:
    """Their rate cards are read together. Five burns of twenty meters name more than one call reads."""
    names = [f"m{number}" for number in range(meters)]
    several = [
        {"key": f"k{first}", "items": [{"meter": one, "quantity": 1} for one in names[first : first + 20]]}
        for first in range(0, meters, 20)
    ]
    answer = batch(scrip, account, *several)
    if field:
        invalid(answer, field)
        assert "90 different meters at most" in answer.text
    else:
        refused(answer, 404, "not_found")
