"""Pages of burns: each record once for ever by its stream and offset (law 3), what can be paid taken in order."""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 3, 4 and 8, after every test."""
    yield
    scrip.sound(account)


def page(scrip: Deployment, account: str, first: int, records: list[Any], **rest: Any) -> Answer:
    """A page of stream `s`, whatever its answer."""
    request = {name: rest.pop(name) for name in ("clock", "caller") if name in rest}
    body = {"stream": "s", "first": first, "records": records, **rest}
    return scrip.post(f"/v1/accounts/{account}/burns/pages", body, **request)


def taken(answer: Answer) -> list[tuple[int, str, str]]:
    """Offset, status and amount of each record."""
    assert answer.status == 200, answer.text
    return [(one["offset"], one["status"], one["amount"]) for one in answer.body["records"]]


def test_three_records_are_one_entry_with_their_sum(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    answer = page(scrip, account, 0, [["2", "req-1"], ["0.5", "req-2"], ["3", "req-3"]])
    assert taken(answer) == [(0, "burned", "2"), (1, "burned", "0.5"), (2, "burned", "3")]
    assert (answer.body["burned"], answer.body["next"]) == ("5.5", 3)
    assert answer.body["balance"]["available"] == "4.5"
    entry = answer.body["entry"]
    assert (entry["kind"], entry["amount"], entry["records"], entry["stream"]) == ("burn", "-5.5", 3, "s")
    assert entry["first"] == 0
    assert [one["kind"] for one in scrip.entries(account)] == ["grant", "burn"]


def test_the_same_page_again_burns_nothing_and_says_what_was_burned(scrip: Deployment, account: str) -> None:
    """Law 3."""
    scrip.grant(account, "10")
    records = [["2", "req-1"], ["9", "req-2"], None]
    first = page(scrip, account, 0, records)
    assert taken(first) == [(0, "burned", "2"), (1, "refused", "0"), (2, "skipped", "0")]
    scrip.grant(account, "100")
    again = page(scrip, account, 0, records)
    assert taken(again) == [(0, "known", "2"), (1, "refused", "0"), (2, "skipped", "0")]
    assert (again.body["burned"], again.body["next"]) == ("0", 3)
    assert again.body["entry"] == first.body["entry"]
    assert again.body["balance"]["available"] == "108"
    assert len(scrip.entries(account)) == 3


def test_a_record_that_is_refused_says_why_whenever_it_is_asked(scrip: Deployment, account: str) -> None:
    """Of 10 with a budget of 5 a day: 4; 2 are past the budget; 11 are more than there are, and past it too. Without
    the budget: 5, then 2 are more than the 1 that is left. The list of records says the same (law 3)."""
    scrip.grant(account, "10", clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/budgets/day"
    assert scrip.put(path, {"limit": "5", "every": "P1D"}, clock=NEW_YEAR).status == 201
    first = page(scrip, account, 0, [["4", "a"], ["2", "b"], ["11", "c"], None], clock=NEW_YEAR)
    assert scrip.send("DELETE", path, clock=NEW_YEAR).status == 204
    second = page(scrip, account, 4, [["5", "d"], ["2", "e"]], clock=NEW_YEAR)
    reasons = [None, "budget_exceeded", "budget_exceeded", None, None, "insufficient_credits"]
    again = page(
        scrip,
        account,
        0,
        [["4", "a"], ["2", "b"], ["11", "c"], None, ["5", "d"], ["2", "e"]],
        clock=NEW_YEAR,
    )
    told = [*first.body["records"], *second.body["records"]]
    assert [one.get("reason") for one in told] == reasons
    assert [one.get("reason") for one in again.body["records"]] == reasons
    entries = [first.body["entry"]["entry_id"], second.body["entry"]["entry_id"]]
    listed = [
        one
        for entry in entries
        for one in scrip.get(
            f"/v1/accounts/{account}/entries/{entry}/records", query={}, clock=NEW_YEAR
        ).body["items"]
    ]
    assert [one.get("reason") for one in listed] == reasons


def test_pages_that_overlap_burn_what_is_new(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    page(scrip, account, 0, [["1", "a"], ["2", "b"]])
    page(scrip, account, 2, [["3", "c"]])
    answer = page(scrip, account, 1, [["2", "b"], ["3", "c"], ["4", "d"]])
    assert taken(answer) == [(1, "known", "2"), (2, "known", "3"), (3, "burned", "4")]
    assert (answer.body["burned"], answer.body["entry"]["first"], answer.body["next"]) == ("4", 3, 4)
    assert scrip.balance(account)["available"] == "90"


def test_records_are_taken_greedily_in_order(scrip: Deployment, account: str) -> None:
    """4 of 10, then 7 is refused, then 6 is burned."""
    scrip.grant(account, "10")
    answer = page(scrip, account, 0, [["4", "a"], ["7", "b"], ["6", "c"], ["1", "d"]])
    assert taken(answer) == [(0, "burned", "4"), (1, "refused", "0"), (2, "burned", "6"), (3, "refused", "0")]
    assert answer.body["burned"] == "10"


def test_an_overdraft_pays_as_it_does_for_a_burn(scrip: Deployment, account: str) -> None:
    name = f"u-{uuid.uuid4().hex[:8]}"
    assert scrip.put(f"/v1/units/{name}", {"precision": 0, "policy": {"overdraft_limit": "5"}}).status == 201
    scrip.grant(account, "10", unit=name)
    answer = page(scrip, account, 0, [["8", "a"], ["6", "b"], ["2", "c"], ["1", "d"]], unit=name)
    assert [one[1] for one in taken(answer)] == ["burned", "burned", "refused", "burned"]
    balance = scrip.balance(account, query={"unit": name})
    assert (balance["available"], balance["owed"]) == ("0", "5")


@pytest.mark.parametrize(("first", "given_up"), [(3, [0, 1, 2]), (1, [0])])
def test_a_gap_is_refused_unless_it_is_given_up(
    scrip: Deployment, account: str, first: int, given_up: list[int]
) -> None:
    scrip.grant(account, "10")
    answer = page(scrip, account, first, [["1", "a"]])
    refused(answer, 409, "offset_gap")
    assert answer.body["next"] == 0
    answer = page(scrip, account, first, [["1", "a"]], gap="skip")
    assert taken(answer) == [(first, "burned", "1")]
    again = page(scrip, account, 0, [["1", "z"]] * (first + 1))
    assert taken(again) == [*((offset, "skipped", "0") for offset in given_up), (first, "known", "1")]


def test_a_page_of_nothing_but_what_was_given_up_is_skipped(scrip: Deployment, account: str) -> None:
    """Law 3: offsets 2 and 3 lie before the page that gave them up, and no entry begins with them."""
    scrip.grant(account, "10")
    page(scrip, account, 0, [["1", "a"], ["1", "b"]])
    page(scrip, account, 4, [["1", "e"]], gap="skip")
    again = page(scrip, account, 2, [["1", "c"]])
    assert taken(again) == [(2, "skipped", "0")]
    assert (again.body["entry"], again.body["burned"], again.body["next"]) == (None, "0", 5)
    assert taken(page(scrip, account, 1, [["1", "b"], ["1", "c"]])) == [
        (1, "known", "1"),
        (2, "skipped", "0"),
    ]


def test_meters_are_priced_and_their_fractions_carried_from_record_to_record(
    scrip: Deployment, account: str
) -> None:
    """0.4 of a step each: five records burn 0, 0, 1, 0, 1, and the next page goes on with nothing carried (law 7)."""
    name, meter = f"u-{uuid.uuid4().hex[:8]}", f"m-{uuid.uuid4().hex[:8]}"
    assert scrip.put(f"/v1/units/{name}", {"precision": 0}).status == 201
    card = {"unit": name, "price": {"model": "per_unit", "credits": "0.4"}}
    assert scrip.put(f"/v1/rates/{meter}", card).status == 201
    scrip.grant(account, "10", unit=name)
    records = [[meter, "1", f"r-{number}", {"model": "x"}] for number in range(5)]
    answer = page(scrip, account, 0, [*records, ["2", "plain"]], unit=name)
    assert [amount for _, _, amount in taken(answer)] == ["0", "0", "1", "0", "1", "2"]
    entry = answer.body["entry"]
    assert [(one["meter"], one["quantity"], one["amount"]) for one in entry["usage"]] == [(meter, "5", "2")]
    assert [(one["item"], one["amount"]) for one in entry["draws"]] == [(0, "2"), (1, "2")]
    answer = page(scrip, account, 6, records[:3], unit=name)
    assert [amount for _, _, amount in taken(answer)] == ["0", "0", "1"]


def test_credits_for_one_meter_alone_pay_for_its_records_alone(scrip: Deployment, account: str) -> None:
    """Of 5 for one meter and 3 for anything: 4 of the meter, then 4 plain of which 3 are there, then 3 plain."""
    name, meter = f"u-{uuid.uuid4().hex[:8]}", f"m-{uuid.uuid4().hex[:8]}"
    assert scrip.put(f"/v1/units/{name}", {"precision": 0}).status == 201
    assert (
        scrip.put(f"/v1/rates/{meter}", {"unit": name, "price": {"model": "per_unit", "credits": "1"}}).status
        == 201
    )
    scrip.grant(account, "5", unit=name, scope=[meter])
    scrip.grant(account, "3", unit=name)
    answer = page(
        scrip,
        account,
        0,
        [[meter, "4", "a"], ["4", "b"], ["3", "c"], [meter, 2, "d"], [meter, 1, "e"]],
        unit=name,
    )
    assert [status for _, status, _ in taken(answer)] == ["burned", "refused", "burned", "refused", "burned"]


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ("x", "records.1"),
        ([], "records.1"),
        (["1"], "records.1"),
        (["1", "a", "b", {}, 5], "records.1"),
        ([1, "a"], "records.1.amount"),
        (["-1", "a"], "records.1.amount"),
        (["0", "a"], "records.1.amount"),
        (["1", ""], "records.1.reference"),
        (["1", "x" * 65], "records.1.reference"),
        (["1", 5], "records.1.reference"),
        (["a b", "1", "r"], "records.1.meter"),
        (["m", "0", "r"], "records.1.quantity"),
        (["m", "x", "r"], "records.1.quantity"),
        (["m", "1", "r", {"a": 1}], "records.1.dimensions"),
        (["m", "1", "r", []], "records.1.dimensions"),
    ],
)
def test_a_record_that_cannot_be_read_uses_no_offset(
    scrip: Deployment, account: str, record: Any, field: str
) -> None:
    scrip.grant(account, "10")
    invalid(page(scrip, account, 0, [["1", "a"], record]), field)
    assert taken(page(scrip, account, 0, [["1", "a"]])) == [(0, "burned", "1")]


def test_decimals_that_the_unit_has_not_use_no_offset(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    answer = page(scrip, account, 0, [["1", "a"], ["0.0000001", "b"]])
    refused(answer, 422, "precision_exceeded", field="records.1.amount", precision=6)
    assert scrip.balance(account)["available"] == "10"


def test_an_unknown_meter_is_not_found(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    refused(page(scrip, account, 0, [["1", "a"], ["nobody", "1", "b"]]), 404, "not_found")
    assert scrip.balance(account)["available"] == "10"


def test_a_frozen_wallet_takes_no_page_and_uses_no_offset(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    frozen = scrip.move(account, "freeze", reason="looked at")
    assert frozen.status == 201, frozen.text
    refused(page(scrip, account, 0, [["1", "a"]]), 409, "wallet_frozen")
    assert scrip.move(account, "unfreeze", reason="fine").status == 201
    assert taken(page(scrip, account, 0, [["1", "a"]])) == [(0, "burned", "1")]


def test_a_page_over_very_many_lots_is_booked_in_several_entries(scrip: Deployment, account: str) -> None:
    """300 lots of 1: the page of 150 records of 2 touches all of them, and one commit about 90."""
    for number in range(300):
        scrip.grant(account, "1", priority=number % 100)
    answer = page(scrip, account, 0, [["2", f"r-{number}"] for number in range(151)])
    statuses = [status for _, status, _ in taken(answer)]
    assert statuses == ["burned"] * 150 + ["refused"]
    assert (answer.body["burned"], answer.body["next"]) == ("300", 151)
    again = page(scrip, account, 0, [["2", f"r-{number}"] for number in range(151)])
    assert [status for _, status, _ in taken(again)] == ["known"] * 150 + ["refused"]


def test_a_page_whose_row_would_be_too_large_uses_no_offset(scrip: Deployment, account: str) -> None:
    """A row has 300 KB of records at most, deflated: what no deflate makes smaller is sent in two pages."""
    meter = f"m-{uuid.uuid4().hex[:8]}"
    card = {"unit": "credits", "price": {"model": "per_unit", "credits": "0.001"}}
    assert scrip.put(f"/v1/rates/{meter}", card).status == 201
    scrip.grant(account, "10")
    dice = random.Random(7)
    noise = ["".join(dice.choices(string.printable[:94], k=100)) for _ in range(4 * 1000)]
    records = [
        [meter, "1", f"r-{at}", {name: noise[4 * at + n] for n, name in enumerate("abcd")}]
        for at in range(1000)
    ]
    answer = page(scrip, account, 0, records)
    refused(answer, 413, "body_too_large", limit=300 * 1024)
    assert [one["kind"] for one in scrip.entries(account)] == ["grant"]
    # About 270 KB: it fits, and what is left goes on after it.
    assert {status for _, status, _ in taken(page(scrip, account, 0, records[:800]))} == {"burned"}
    answer = page(scrip, account, 600, records[600:])
    assert [status for _, status, _ in taken(answer)] == ["known"] * 200 + ["burned"] * 200
    assert scrip.balance(account)["available"] == "9"


def test_a_page_is_decided_at_the_test_clock(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", expires_at="2030-01-02T00:00:00Z", clock=NEW_YEAR)
    answer = page(scrip, account, 0, [["1", "a"]], clock="2030-01-01T23:59:59.999Z")
    assert taken(answer) == [(0, "burned", "1")]
    answer = page(scrip, account, 1, [["1", "a"]], clock="2030-01-02T00:00:00.000Z")
    assert taken(answer) == [(1, "refused", "0")]


def test_what_is_known_is_answered_at_any_test_clock(scrip: Deployment, account: str) -> None:
    """Law 3: the page was answered at 3, and is sent again at 2; what is new in it cannot be burned in the past."""
    scrip.grant(account, "10", clock=NEW_YEAR)
    late, early = "2030-01-01T03:00:00.000Z", "2030-01-01T02:00:00.000Z"
    page(scrip, account, 0, [["1", "a"], ["20", "b"]], clock=late)
    answer = page(scrip, account, 0, [["1", "a"], ["20", "b"]], clock=early)
    assert taken(answer) == [(0, "known", "1"), (1, "refused", "0")]
    refused(page(scrip, account, 1, [["20", "b"], ["1", "c"]], clock=early), 422, "clock_backwards")
    refused(page(scrip, account, 3, [["1", "c"]], clock=early), 422, "clock_backwards")


def test_a_page_that_gives_up_a_million_millions_of_offsets_is_read_and_undone_at_once(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10")
    last = 10**12 - 1
    answer = page(scrip, account, last, [["3", "a"]], gap="skip")
    assert taken(answer) == [(last, "burned", "3")]
    path = f"/v1/accounts/{account}/entries/{answer.body['entry']['entry_id']}/records"
    assert [one["offset"] for one in scrip.get(path).body["items"]] == [last]
    path = f"/v1/accounts/{account}/burns/{answer.body['entry']['entry_id']}/reversal"
    assert scrip.post(path, {"offset": last}, key="undo").status == 201
    assert scrip.balance(account)["available"] == "10"
    refused(page(scrip, account, 0, [["1", "a"]] * 2, gap="skip", unit="nowhere"), 404, "not_found")
    assert taken(page(scrip, account, 5, [["1", "a"]])) == [(5, "skipped", "0")]


def test_a_streams_name_is_no_leases(scrip: Deployment, account: str) -> None:
    """Records of a lease are settled: a page of burns beside them would count them twice (law 3)."""
    scrip.grant(account, "10")
    answer = page(scrip, account, 0, [["1", "r"]], stream="hold_2")
    invalid(answer, "stream")
    assert "must not begin with hold_" in answer.text
    assert scrip.balance(account)["available"] == "10"


@pytest.mark.parametrize(("meters", "status"), [(20, 404), (21, 400)])
def test_a_page_is_of_twenty_meters_at_the_most(
    scrip: Deployment, account: str, meters: int, status: int
) -> None:
    """Their rate cards are read together; the meters of these records are none."""
    answer = page(scrip, account, 0, [[f"m{number}", "1", "r"] for number in range(meters)])
    assert answer.status == status, answer.text
    if status == 400:
        invalid(answer, "records")
        assert "may be of 20 different meters at most" in answer.text


@pytest.mark.parametrize(
    ("record", "code", "field"),
    [
        ([None, "1", "r", {"size": "none"}], "policy_violation", "records.1"),
        ([None, "9" * 28, "r", {"size": "large"}], "amount_out_of_range", "records.1.quantity"),
    ],
)
def test_a_record_that_has_no_price_is_named_by_its_place(
    scrip: Deployment, account: str, record: list[Any], code: str, field: str
) -> None:
    """Before any offset is used: the page can be sent again without it."""
    meter = f"sized-{account}"
    prices = {"large": {"model": "per_unit", "credits": "1000"}}
    table = {"model": "table", "by": ["size"], "prices": prices}
    card = scrip.put(f"/v1/rates/{meter}", {"unit": "credits", "price": table})
    assert card.status == 201, card.text
    scrip.grant(account, "10")
    record[0] = meter
    answer = page(scrip, account, 0, [["1", "a"], record])
    assert (answer.status, answer.code, answer.body["field"]) == (422, code, field)
    assert scrip.balance(account)["total"] == "10"
