"""What a statement says, and in which bytes it is signed."""

from __future__ import annotations

import hashlib

import pytest

from scrip.domain.credits.entries import GENESIS, Entry, Totals
from scrip.domain.finance.periods import month_before, month_bounds
from scrip.domain.finance.statements import (
    NO_ENTRIES,
    Statement,
    StatementBalance,
    canonical,
    digest,
    key_id,
    raw_key,
    shown_entry,
    signed_line,
)
from scrip.domain.wallets.funds import Funds

DAY = 86_400_000
NOVEMBER = 1_793_491_200_000
"""2026-11-01T00:00:00Z: date -d 2026-11-01T00:00:00Z +%s"""


@pytest.mark.parametrize(
    ("month", "days"), [("2026-11", 30), ("2026-12", 31), ("2028-02", 29), ("2100-02", 28), ("2000-02", 29)]
)
def test_a_month_lasts_from_its_first_instant_to_before_the_next_ones(month: str, days: int) -> None:
    begins, ends = month_bounds(month)
    assert ends - begins == days * DAY
    assert month_bounds(month_before(month))[1] == begins


def test_a_month_begins_in_utc() -> None:
    assert month_bounds("2026-11") == (NOVEMBER, NOVEMBER + 30 * DAY)
    assert month_bounds("1970-01")[0] == 0
    assert (month_before("2026-01"), month_before("2026-11")) == ("2025-12", "2026-10")


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "26-11", "2026-1", "2026-11-01", "0000-01", "", "2026-11\n"]
)
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="must be a month such as 2026-11"):
        month_bounds(text)


def entry(seq: int, kind: str, before: Totals, after: Totals, head: bytes = GENESIS, **more: object) -> Entry:
    return Entry(
        id=f"s.{seq}",
        account="acme",
        unit="credits",
        seq=seq,
        kind=kind,  # type: ignore[arg-type]
        at=NOVEMBER + seq,
        amount=after.total - before.total,
        before=before,
        after=after,
        status="active",
        draws=(),
        previous_hash=head,
        **more,  # type: ignore[arg-type]
    )


def granted() -> Entry:
    lot = {"seq": 1, "cost": [1000, "USD"], "kind": "paid"}
    return entry(1, "grant", Totals(), Totals(100, paid=100), extra={"lot": lot})


def test_a_balance_is_what_the_entries_come_to() -> None:
    first = granted()
    then = StatementBalance().after(first)
    funds = (Funds("USD", paid=1000),)
    assert then == StatementBalance(1, NOVEMBER + 1, first.hash(), Totals(100, paid=100), funds)
    assert StatementBalance.of_json(then.to_json()) == then
    assert then.shown(2) == {
        "seq": 1,
        "head": first.hash().hex(),
        "total": "1",
        "available": "1",
        "held": "0",
        "frozen": "0",
        "pending": "0",
        "owed": "0",
        "money": [
            {
                "currency": "USD",
                "paid": 1000,
                "recognised": 0,
                "deferred": 1000,
                "refunded": 0,
                "breakage": 0,
                "moved": 0,
                "bad_debt": 0,
            }
        ],
    }


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"lot": 1, "refunded": 500, "recognised": 0, "currency": "USD"}, True),
        ({"lot": 1, "refunded": 500, "recognised": 0}, False),
        ({"lot": 1, "refunded": 0, "recognised": 0}, True),
        ({"lot": 1, "refunded": 0, "recognised": 5}, False),
        ({"lot": 1, "refunded": 0, "recognised": 0, "bad_debt": 5}, False),
    ],
)
def test_money_that_entries_of_before_do_not_say_is_not_guessed(said: dict[str, object], known: bool) -> None:
    """A clawback of before did not say its currency. From there on what became of the money is unknown for good."""
    then = StatementBalance().after(granted())
    totals = Totals(100, paid=100)
    then = then.after(entry(2, "clawback", totals, totals, then.head, extra=said))
    assert (then.funds is not None) is known
    assert (then.after(entry(3, "hold", totals, totals, then.head)).funds is not None) is known
    assert StatementBalance.of_json(then.to_json()) == then


def test_the_digest_goes_on_from_entry_to_entry() -> None:
    one, two = b"\x01" * 32, b"\x02" * 32
    by_hand = hashlib.sha256(hashlib.sha256(bytes(32) + one).digest() + two).digest()
    assert digest(digest(NO_ENTRIES, one), two) == by_hand


def test_the_signed_line_names_all_but_entries_cursor_and_signature() -> None:
    made = Statement(
        "acme", "credits", 6, "2026-11", NOVEMBER, True, StatementBalance(), StatementBalance(), bytes(32)
    ).summary()
    text = canonical({**made, "entries": [1], "next_cursor": "x", "signature": {}})
    assert text == canonical(made)
    assert text.startswith(
        b'{"account":"acme","as_of":"2026-11-01T00:00:00.000Z","closing":{"available":"0",'
    )
    line = f"scrip-statement-1 acme credits 2026-11 {'0' * 64} {hashlib.sha256(text).hexdigest()}"
    assert signed_line(made) == line
    for name in made:
        assert canonical({**made, name: "another"}) != text


def test_a_line_is_far_shorter_than_what_kms_takes() -> None:
    """4 096 bytes; account and unit have 128 at the most, 64 each for the head and the SHA-256."""
    longest = Statement(
        "a" * 128, "u" * 128, 0, "2026-11", 0, True, StatementBalance(), StatementBalance(), b""
    )
    assert len(signed_line(longest.summary()).encode()) == 17 + 1 + 128 + 1 + 128 + 1 + 7 + 1 + 64 + 1 + 64


def test_an_entry_is_shown_with_the_text_that_was_hashed() -> None:
    shown = shown_entry(granted(), 2, "2026-11")
    assert (shown["amount"], shown["balance_after"], shown["reference"]) == ("1", "1", None)
    assert (shown["late_for"], shown_entry(granted(), 2, "2027-01")["late_for"]) == (None, "2026-11")
    assert hashlib.sha256(GENESIS + shown["text"].encode()).hexdigest() == shown["hash"]


def test_the_id_of_a_key_follows_from_the_key() -> None:
    """printf '%032d' 0 | tr 0 '\\0' | sha256sum"""
    assert key_id(bytes(32)) == "stk_66687aadf862bd776c8fc18b8e9f8e20"


def test_a_key_of_another_kind_is_none() -> None:
    begins = bytes.fromhex("302a300506032b6570032100")
    assert raw_key(begins + b"k" * 32) == b"k" * 32
    for wrong in (begins + b"k" * 31, begins + b"k" * 33, b"\x30\x2b" + begins[2:] + b"k" * 32, b""):
        with pytest.raises(ValueError, match="not a public key of Ed25519"):
            raw_key(wrong)


def test_what_is_signed_is_the_text_itself_in_utf_8() -> None:
    assert (
        canonical({"b": "ä", "a": [1, {"d": None, "c": "€"}]})
        == '{"a":[1,{"c":"€","d":null}],"b":"ä"}'.encode()
    )
