"""Records as they are read and undone: listed by entry, found by stream and offset, reversed one by one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment
from tests.http.contract import invalid, refused
from tests.http.usage.test_burn_pages import page
from tests.http.usage.test_leases import lease, settle

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 3, 4, 6 and 8, after every test."""
    yield
    scrip.sound(account)


def listed(scrip: Deployment, account: str, entry_id: str, **query: str) -> Any:
    answer = scrip.get(f"/v1/accounts/{account}/entries/{entry_id}/records", query=query)
    assert answer.status == 200, answer.text
    return answer.body


def found(scrip: Deployment, account: str, stream: str, offset: int, **query: str) -> Answer:
    return scrip.get(
        f"/v1/accounts/{account}/burns", query={"stream": stream, "offset": str(offset), **query}
    )


def reverse(scrip: Deployment, account: str, entry_id: str, **body: Any) -> Answer:
    return scrip.move(account, f"burns/{entry_id}/reversal", **body)


def plain(offset: int, status: str, amount: str, reference: str | None) -> dict[str, Any]:
    """A record of an amount."""
    return {
        "offset": offset,
        "status": status,
        "amount": amount,
        "reference": reference,
        "meter": None,
        "quantity": None,
        "dimensions": {},
    }


@pytest.fixture
def metered(scrip: Deployment) -> tuple[str, str]:
    """A unit, and a meter of it that costs 2 each."""
    unit, meter = f"u-{uuid.uuid4().hex[:8]}", f"m-{uuid.uuid4().hex[:8]}"
    assert scrip.put(f"/v1/units/{unit}", {"precision": 2}).status == 201
    card = {"unit": unit, "price": {"model": "per_unit", "credits": "2"}}
    assert scrip.put(f"/v1/rates/{meter}", card).status == 201
    return unit, meter


def test_the_records_of_a_page_are_listed_in_their_order(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    unit, meter = metered
    scrip.grant(account, "10", unit=unit)
    records = [["2", "req-1"], [meter, "1.5", "req-2", {"model": "x"}], None, ["9", "req-3"]]
    entry = page(scrip, account, 0, records, unit=unit).body["entry"]
    counted = {
        **plain(1, "burned", "3", "req-2"),
        "meter": meter,
        "quantity": "1.5",
        "dimensions": {"model": "x"},
    }
    all_of = [
        plain(0, "burned", "2", "req-1"),
        counted,
        plain(2, "skipped", "0", None),
        {**plain(3, "refused", "0", "req-3"), "reason": "insufficient_credits"},
    ]
    assert listed(scrip, account, entry["entry_id"]) == {"items": all_of, "next_cursor": None}
    first = listed(scrip, account, entry["entry_id"], limit="3")
    assert first["items"] == all_of[:3]
    rest = listed(scrip, account, entry["entry_id"], limit="3", cursor=first["next_cursor"])
    assert rest == {"items": all_of[3:], "next_cursor": None}


def test_records_are_a_table_too(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    entry = page(scrip, account, 0, [["2", "req-1"], None]).body["entry"]
    path = f"/v1/accounts/{account}/entries/{entry['entry_id']}/records"
    answer = scrip.get(path, headers={"accept": "text/csv"})
    assert answer.status == 200, answer.text
    head, *rows = answer.text.split("\r\n")
    assert head.startswith("offset,status,amount,reference,meter,quantity")
    assert [row.split(",")[:4] for row in rows[:2]] == [
        ["0", "burned", "2", "req-1"],
        ["1", "skipped", "0", ""],
    ]


def test_an_entry_of_another_kind_has_no_records(scrip: Deployment, account: str) -> None:
    granted = scrip.grant(account, "10").body["entry"]
    assert listed(scrip, account, granted["entry_id"]) == {"items": [], "next_cursor": None}


def test_a_thousand_records_come_in_pages_of_a_thousand_at_most(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000")
    entry = page(scrip, account, 0, [["1", f"r-{number}"] for number in range(1000)]).body["entry"]
    part = listed(scrip, account, entry["entry_id"], limit="300")
    seen = [one["reference"] for one in part["items"]]
    while part["next_cursor"]:
        part = listed(scrip, account, entry["entry_id"], limit="300", cursor=part["next_cursor"])
        seen += [one["reference"] for one in part["items"]]
    assert seen == [f"r-{number}" for number in range(1000)]


def test_a_record_is_found_by_its_stream_and_offset(scrip: Deployment, account: str) -> None:
    """Also one that was refused, skipped or given up; not one that is still to come, or of another stream."""
    scrip.grant(account, "10")
    first = page(scrip, account, 0, [["2", "a"], None]).body["entry"]["entry_id"]
    second = page(scrip, account, 5, [["1", "b"], ["99", "c"]], gap="skip").body["entry"]["entry_id"]
    for offset, entry_id, record in (
        (0, first, plain(0, "burned", "2", "a")),
        (1, first, plain(1, "skipped", "0", None)),
        (2, second, plain(2, "skipped", "0", None)),
        (4, second, plain(4, "skipped", "0", None)),
        (5, second, plain(5, "burned", "1", "b")),
        (6, second, {**plain(6, "refused", "0", "c"), "reason": "insufficient_credits"}),
    ):
        answer = found(scrip, account, "s", offset)
        assert (answer.status, answer.body) == (200, {"entry_id": entry_id, "record": record})
    refused(found(scrip, account, "s", 7), 404, "not_found")
    refused(found(scrip, account, "t", 0), 404, "not_found")
    refused(found(scrip, account, "s", 10**12 - 1), 404, "not_found")


@pytest.mark.parametrize("first", [0, 1, 3])
def test_offsets_that_were_given_up_are_known_to_be(scrip: Deployment, account: str, first: int) -> None:
    """Law 3: also where the page that is sent again has none of those that were booked."""
    scrip.grant(account, "10")
    page(scrip, account, 4, [["1", "a"]], gap="skip")
    answer = page(scrip, account, first, [["1", "z"]])
    assert answer.status == 200, answer.text
    assert [(one["offset"], one["status"]) for one in answer.body["records"]] == [(first, "skipped")]
    assert (answer.body["burned"], answer.body["next"]) == ("0", 5)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"stream": "s"}, "offset"),
        ({"offset": "0"}, "stream"),
        ({"stream": "s", "offset": "-1"}, "offset"),
        ({"stream": "s", "offset": "01"}, "offset"),
        ({"stream": "s", "offset": str(10**12)}, "offset"),
        ({"stream": "a b", "offset": "0"}, "stream"),
        ({"stream": "x" * 129, "offset": "0"}, "stream"),
    ],
)
def test_who_looks_for_a_record_says_which(
    scrip: Deployment, account: str, query: dict[str, str], field: str
) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/burns", query=query), field)
    invalid(scrip.get(f"/v1/accounts/{account}/burns"), "stream", "offset")


def test_a_lease_has_its_id_for_a_stream(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    placed = lease(scrip, account, "30")
    settled = settle(scrip, account, placed, records=[["2", "a"], ["3", "b"]], renew="30")
    answer = found(scrip, account, placed["hold_id"], 1)
    assert answer.body == {
        "entry_id": settled.body["entry"]["entry_id"],
        "record": plain(1, "burned", "3", "b"),
    }
    assert len(listed(scrip, account, answer.body["entry_id"])["items"]) == 2


def test_one_record_is_undone_and_shows_it(scrip: Deployment, account: str) -> None:
    """2 and 3 of 10; of the 3 first 1, then what is left; then the rest of the page."""
    scrip.grant(account, "10")
    entry_id = page(scrip, account, 0, [["2", "a"], ["3", "b"], ["50", "c"], None]).body["entry"]["entry_id"]
    undone = reverse(scrip, account, entry_id, offset=1, amount="1")
    assert undone.status == 201, undone.text
    entry = undone.body["entry"]
    assert (entry["amount"], entry["of_entry_id"], entry["offset"]) == ("1", entry_id, 1)
    assert [one.get("reversed") for one in listed(scrip, account, entry_id)["items"]] == [
        None,
        "1",
        None,
        None,
    ]
    assert reverse(scrip, account, entry_id, offset=1).body["entry"]["amount"] == "2"
    assert found(scrip, account, "s", 1).body["record"]["reversed"] == "3"
    refused(reverse(scrip, account, entry_id, offset=1), 409, "already_reversed", entry_id=entry_id)
    refused(reverse(scrip, account, entry_id, offset=2), 409, "already_reversed")
    refused(reverse(scrip, account, entry_id, offset=3), 409, "already_reversed")
    assert reverse(scrip, account, entry_id).body["entry"]["amount"] == "2"
    assert [one.get("reversed") for one in listed(scrip, account, entry_id)["items"]] == [
        "2",
        "3",
        None,
        None,
    ]
    refused(reverse(scrip, account, entry_id), 409, "already_reversed")
    assert scrip.balance(account)["available"] == "10"


def test_the_same_reversal_again_is_the_first_and_another_offset_is_another(
    scrip: Deployment, account: str
) -> None:
    """Law 3."""
    scrip.grant(account, "10")
    entry_id = page(scrip, account, 0, [["2", "a"], ["3", "b"]]).body["entry"]["entry_id"]
    first = reverse(scrip, account, entry_id, offset=1, key="undo-1")
    again = reverse(scrip, account, entry_id, offset=1, key="undo-1")
    assert again.body == first.body
    refused(reverse(scrip, account, entry_id, offset=0, key="undo-1"), 422, "idempotency_key_reused")
    refused(reverse(scrip, account, entry_id, key="undo-1"), 422, "idempotency_key_reused")


def test_a_part_says_of_which_record_it_is(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    entry_id = page(scrip, account, 0, [["2", "a"]]).body["entry"]["entry_id"]
    invalid(reverse(scrip, account, entry_id, amount="1"), "offset")
    answer = reverse(scrip, account, entry_id, offset=0, amount="3")
    refused(answer, 422, "amount_out_of_range", field="amount", largest="2", unit="credits")
    refused(reverse(scrip, account, entry_id, offset=1), 404, "not_found")
    invalid(reverse(scrip, account, entry_id, offset=-1), "offset")
    burned = scrip.burn(account, "1").body["entry"]["entry_id"]
    invalid(reverse(scrip, account, burned, offset=0), "offset")
    assert reverse(scrip, account, burned, amount="1").status == 201


def test_a_record_of_a_lease_is_undone(scrip: Deployment, account: str) -> None:
    """What comes back is nobody's lease: it is available."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    placed = lease(scrip, account, "30")
    settled = settle(scrip, account, placed, records=[["2", "a"], ["3", "b"]])
    answer = reverse(scrip, account, settled.body["entry"]["entry_id"], offset=1, clock=NEW_YEAR)
    assert (answer.status, answer.body["balance"]["available"], answer.body["balance"]["held"]) == (
        201,
        "73",
        "25",
    )
