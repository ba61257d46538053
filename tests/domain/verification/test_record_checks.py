"""Whatever was done to records, to the offsets of a stream or to a lease is found and named (laws 3, 4 and 6)."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.records import MEMBER, Record, Records
from scrip.domain.credits.units import Policy
from scrip.domain.verification.record_checks import check_leases, check_records, check_streams
from scrip.domain.wallets import holds, record_reversals, streams
from scrip.domain.wallets.record_sums import RecordCost
from tests.domain.memory import Vault
from tests.domain.wallets.test_burn_pages import book
from tests.domain.wallets.test_leases import placed, settled

AMOUNT, THIRD = RecordCost(4, "a"), Fraction(7, 3)


def counted(steps: int | Fraction, meter: str, reference: str = "r") -> RecordCost:
    return RecordCost(steps, reference, meter, Fraction(2), {"model": "x"}, 1)


@pytest.fixture
def made() -> Vault:
    """Of 20, a page: 4, one skipped, 7/3 of a meter (2), 30 that are refused; then offset 9 of another meter (3), with
    4 to 8 given up, and 4 again. A lease of the last 7, of which 6 are settled."""
    made = Vault(Policy())
    made.grant("9 cost=90USD prio=1; 11")
    book(made, [AMOUNT, None, counted(THIRD, "api"), RecordCost(30, "b")])
    book(made, [counted(3, "gpu"), AMOUNT], first=9, since=4)
    lease = placed(made, 7)
    settled(made, lease, 0, [2, 9, 4])
    return made


FIRST, SECOND, SETTLED = 2, 3, 5
"""Places of the entries with records."""


def said(made: Vault) -> list[str]:
    return [one.what for one in made.findings()]


def of(made: Vault, place: int) -> Entry:
    return made.entries[place]


def test_sound_records_have_no_findings(made: Vault) -> None:
    assert [made.entries[place].records is not None for place in range(6)] == [
        False, False, True, True, False, True,
    ]  # fmt: skip
    assert said(made) == []


def test_changed_records_are_found_by_the_hash_that_their_entry_says(made: Vault) -> None:
    entry = of(made, FIRST)
    assert entry.records
    listed = [*entry.records.listed]
    assert listed[0]
    listed[0] = listed[0]._replace(reference="c")
    made.entries[FIRST] = replace(entry, records=Records.of(listed))
    assert said(made) == ["entry 3 has records that do not match their hash"]


@pytest.mark.parametrize(
    ("packed", "what"),
    [
        (None, "has lost its records"),
        (b"", "has records that do not match their hash"),
        (b"no deflate", "has records that do not match their hash"),
        (b"\x03\x00", "has records that do not match their hash"),
    ],
)
def test_records_that_are_lost_or_no_deflate_are_found(made: Vault, packed: bytes | None, what: str) -> None:
    records = None if packed is None else Records(packed)
    made.entries[FIRST] = replace(of(made, FIRST), records=records)
    assert said(made) == [f"entry 3 {what}"]


@pytest.mark.parametrize("more", [b"\x00", b"\x03\x00"])
def test_bytes_after_the_records_are_found(made: Vault, more: bytes) -> None:
    entry = of(made, SECOND)
    assert entry.records
    made.entries[SECOND] = replace(entry, records=Records(entry.records.packed + more))
    assert said(made) == ["entry 4 has records that do not match their hash"]


def test_records_that_unpack_to_more_than_any_page_has_are_not_unpacked(made: Vault) -> None:
    """50 MB of zeros are 49 kB deflated."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflate.compress(b"0" * 50_000_000) + deflate.flush()
    made.entries[FIRST] = replace(of(made, FIRST), records=Records(bomb))
    assert said(made) == ["entry 3 has records that do not match their hash"]


def test_an_entry_that_says_nothing_of_records_has_none(made: Vault) -> None:
    made.entries[0] = replace(made.entries[0], records=of(made, FIRST).records)
    assert said(made) == ["entry 1 has records, and does not say so"]


def forged(entry: Entry, change: Callable[[list[Record | None]], Any]) -> Entry:
    """The entry with other records, and their right hash."""
    assert entry.records
    listed = list(entry.records.listed)
    change(listed)
    records = Records.of(listed)
    page = {**entry.extra[MEMBER], "records": records.digest}
    return replace(entry, records=records, extra={**entry.extra, MEMBER: page})


def put(place: int, **members: Any) -> Callable[[list[Record | None]], None]:
    """Changes members of one record."""

    def change(listed: list[Record | None]) -> None:
        one = listed[place]
        assert one
        listed[place] = one._replace(**members)

    return change


@pytest.mark.parametrize(
    ("place", "change", "what"),
    [
        (FIRST, put(0, steps=5), "has records of 7, and an amount of -6"),
        (FIRST, put(0, steps=5), "burned 4 for no meter, and its records 5"),
        (FIRST, put(0, paid=False), "has 2 refused records, and says 1"),
        (FIRST, put(3, paid=True), "has records of 36, and an amount of -6"),
        (FIRST, put(2, quantity="3"), "says other sums by meter than its records add up to"),
        (FIRST, put(2, meter="gpu"), "says other sums by meter than its records add up to"),
        (FIRST, put(2, rest=Fraction(1, 4)), "carries on other fractions than its records have"),
        (FIRST, put(2, rest=Fraction(0)), "carries on other fractions than its records have"),
        (FIRST, lambda listed: listed.pop(1), "has 3 records, and says offsets 0 to 3"),
        (FIRST, lambda listed: listed.append(None), "has 5 records, and says offsets 0 to 3"),
        (SECOND, put(1, steps=3), "has records of 6, and an amount of -7"),
        (SETTLED, put(2, steps=3), "has records of 5, and an amount of -6"),
    ],
)
def test_records_written_anew_with_their_hash_do_not_add_up(
    made: Vault, place: int, change: Callable[[list[Record | None]], Any], what: str
) -> None:
    found = [one.what for one in check_records(forged(of(made, place), change))]
    assert f"entry {place + 1} {what}" in found


@pytest.mark.parametrize(
    ("place", "page", "what"),
    [
        (FIRST, {"first": 1}, "has 4 records, and says offsets 1 to 3"),
        (FIRST, {"next": 5}, "has 4 records, and says offsets 0 to 4"),
        (FIRST, {"refused": 0}, "has 1 refused records, and says 0"),
        (FIRST, {"stream": "t"}, "does not have the id of its stream and its first offset"),
        (FIRST, {"since": -1}, "has 4 records, and says offsets -1 to 3"),
        (FIRST, {"since": 0}, "gives up offsets, and names none"),
        (FIRST, {"first": "0"}, "has records that cannot be read"),
        (SECOND, {"since": 10}, "has 2 records, and says offsets 10 to 10"),
        (SETTLED, {"stream": "s"}, "has the records of another hold"),
    ],
)
def test_what_an_entry_says_of_its_records_is_held_against_them(
    made: Vault, place: int, page: dict[str, Any], what: str
) -> None:
    entry = of(made, place)
    told = replace(entry, extra={**entry.extra, MEMBER: {**entry.extra[MEMBER], **page}})
    assert f"entry {place + 1} {what}" in [one.what for one in check_records(told)]


def test_only_burns_and_captures_have_records(made: Vault) -> None:
    told = replace(of(made, FIRST), kind="expiry")
    assert [one.what for one in check_records(told)] == ["entry 3 is of kind expiry and has records"]


def test_each_draw_is_of_a_meter(made: Vault) -> None:
    entry = of(made, FIRST)
    assert entry.extra["items"] == [0, 1]
    told = replace(entry, extra={**entry.extra, "items": [1, 0]})
    assert [one.what for one in check_records(told)] == [
        "entry 3 burned 2 for no meter, and its records 4",
        "entry 3 burned 4 for meter api, and its records 2",
    ]
    told = replace(entry, extra={**entry.extra, "items": [0]})
    assert [one.what for one in check_records(told)] == [
        "entry 3 does not say which meter each of its draws is for"
    ]


def test_what_is_owed_for_a_meter_is_part_of_what_its_records_cost() -> None:
    """Of 5: 4 of a meter are there, 6 plain ones are not: 5 of them are owed."""
    made = Vault(Policy(overdraft_limit=10))
    made.grant("5")
    (entry,) = book(made, [counted(4, "api"), RecordCost(6, "b")])
    assert entry.extra["owes"]
    assert list(check_records(entry)) == []
    told = replace(entry, extra={name: said for name, said in entry.extra.items() if name != "owes"})
    assert [one.what for one in check_records(told)] == ["entry 2 burned 1 for no meter, and its records 6"]


def of_streams(made: Vault, *, without: int | None = None) -> list[str]:
    entries = [entry for place, entry in enumerate(made.entries) if place != without]
    return [one.what for one in check_streams(made.wallet, entries, made.sidecars)]


@pytest.mark.parametrize(
    ("goes_on", "said_then"),
    [(None, 0), (4, 4), (10, 10), (12, 12)],
    ids=["lost", "a page behind", "behind", "ahead"],
)
def test_a_cursor_that_is_not_where_the_entries_end_is_found(
    made: Vault, goes_on: int | None, said_then: int
) -> None:
    assert made.sidecars[streams.KIND, "s"] == {"next": 11}
    del made.sidecars[streams.KIND, "s"]
    if goes_on is not None:
        made.sidecars[streams.KIND, "s"] = {"next": goes_on}
    assert said(made) == [f"stream s goes on with offset {said_then}, by its entries with 11"]


def test_a_stream_without_entries_is_found(made: Vault) -> None:
    made.sidecars[streams.KIND, "t"] = {"next": 1}
    assert said(made) == ["stream t goes on with offset 1, by its entries with 0"]


def test_offsets_in_no_entry_are_named(made: Vault) -> None:
    assert of_streams(made, without=FIRST) == ["offsets 0 to 3 of stream s are in no entry before entry 4"]
    entry = of(made, SECOND)
    page = {name: told for name, told in entry.extra[MEMBER].items() if name != "since"}
    made.entries[SECOND] = replace(entry, extra={**entry.extra, MEMBER: page})
    assert of_streams(made) == ["offsets 4 to 8 of stream s are in no entry before entry 4"]


def test_an_offset_that_is_booked_twice_is_named(made: Vault) -> None:
    entry = of(made, SECOND)
    page = {**entry.extra[MEMBER], "since": 3}
    made.entries[SECOND] = replace(entry, extra={**entry.extra, MEMBER: page})
    assert of_streams(made) == ["entry 4 books offset 3 of stream s again"]


def test_an_entry_that_names_no_stream_is_found(made: Vault) -> None:
    entry = of(made, SECOND)
    for page in ({}, {**entry.extra[MEMBER], "stream": []}, {**entry.extra[MEMBER], "next": "x"}, 7):
        made.entries[SECOND] = replace(entry, extra={**entry.extra, MEMBER: page})
        assert "entry 4 says nothing of its records that can be read" in of_streams(made)


LEASE = (holds.KIND, "5")


def with_lease(made: Vault, **changes: Any) -> list[str]:
    """What is said where the lease has other members."""
    made.sidecars[LEASE] = {**made.sidecars[LEASE], **changes}
    entries = made.entries
    found = [
        *check_streams(made.wallet, entries, made.sidecars),
        *check_leases(entries, made.sidecars),
    ]
    return [one.what for one in found]


def test_a_lease_that_goes_on_elsewhere_than_its_records_end_is_found(made: Vault) -> None:
    lease = made.sidecars[LEASE]["lease"]
    assert lease["next"] == 3
    found = with_lease(made, lease={**lease, "next": 2})
    assert found[0].endswith("goes on with offset 2, by its entries with 3")
    assert found[1:] == ["lease 5 is not as its last entry says"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"amount": "8"}, "says that 8 were set aside, its entries say 7"),
        ({"captured": "5"}, "says that 5 were captured, its entries say 6"),
        ({"draws": []}, "has 0 in its draws, and 1 are held"),
        ({"captured": "8"}, "is open and holds -1"),
        ({"status": "captured"}, "is captured and holds 1"),
        ({"expires_at": 5}, "is not as its last entry says"),
    ],
)
def test_the_numbers_of_a_lease_are_those_of_its_entries(
    made: Vault, changes: dict[str, Any], what: str
) -> None:
    assert f"lease 5 {what}" in with_lease(made, **changes)


def test_what_a_lease_has_dropped_of_its_draws_was_captured(made: Vault) -> None:
    lease = made.sidecars[LEASE]["lease"]
    found = with_lease(made, lease={**lease, "trimmed": "4"})
    assert "lease 5 has dropped 4 of its draws, and 6 were captured" in found


@pytest.mark.parametrize("said", [None, "5", 5.0])
def test_an_entry_that_does_not_name_its_lease_tells_nothing_of_it(made: Vault, said: Any) -> None:
    """It is no error: the lease is not as any other entry says then."""
    told = made.entries[SETTLED].extra["hold"]
    changed = {**made.entries[SETTLED].extra, "hold": {**told, "seq": said}}
    made.entries[SETTLED] = replace(made.entries[SETTLED], extra=changed)
    found = [one.what for one in check_leases(made.entries, made.sidecars)]
    assert "lease 5 is not as its last entry says" in found


@pytest.mark.parametrize("changes", [{"lease": 7}, {"lease": {"trimmed": "x", "next": 0}}, {"amount": "x"}])
def test_a_lease_that_cannot_be_read_is_as_one_that_is_not_stored(
    made: Vault, changes: dict[str, Any]
) -> None:
    """The check of due items names it."""
    found = with_lease(made, **changes)
    assert "lease 5 is not stored" in found


def test_a_lease_that_is_lost_is_found(made: Vault) -> None:
    del made.sidecars[LEASE]
    assert "lease 5 is not stored" in [one.what for one in check_leases(made.entries, made.sidecars)]
    assert any("goes on with offset 0, by its entries with 3" in what for what in said(made))


@pytest.mark.parametrize(
    ("kept", "what"),
    [
        (None, "nothing of entry {} is kept as reversed, its reversals say 3"),
        (
            {"steps": "1", "records": {"0": "1"}, "back": []},
            "1 of entry {} is kept as reversed, its reversals say 3",
        ),
        (
            {"steps": "3", "records": {"0": "1"}, "back": []},
            "what is kept as reversed of the records of entry {} does not add up",
        ),
        (
            {"steps": "3", "records": {"0": "x"}, "back": []},
            "what is kept as reversed of entry {} cannot be read",
        ),
    ],
    ids=["lost", "behind", "another record", "no number"],
)
def test_what_is_kept_of_reversals_is_what_they_say(made: Vault, kept: Any, what: str) -> None:
    """Of the first record 1 and then 2 of 4 were undone: where that is forgotten they could be undone again."""
    page = of(made, FIRST)
    made.reverse(page, 1, 0)
    made.reverse(page, 2, 0)
    name = (record_reversals.KIND, page.id)
    assert made.sidecars.pop(name)["steps"] == "3"
    if kept:
        made.sidecars[name] = kept
    assert said(made) == [what.format(page.id)]


def test_a_reversal_that_no_entry_tells_of_is_found(made: Vault) -> None:
    made.sidecars[record_reversals.KIND, "k.x"] = {"steps": "2"}
    assert said(made) == ["2 of entry k.x is kept as reversed, its reversals say nothing"]
