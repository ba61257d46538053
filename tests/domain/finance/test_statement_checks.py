"""A statement proves itself: whatever is changed in it is found, and what is said names the place."""

from __future__ import annotations

import base64
import copy
import json
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby, pairwise
from typing import Any

import pytest

from scrip.domain.credits.calendar import format_instant
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import BurnOrder, Policy
from scrip.domain.finance.periods import month_bounds
from scrip.domain.finance.statement_checks import (
    UnreadableStatement,
    check_continues,
    check_statement,
    keys_of,
    signature_of,
)
from scrip.domain.finance.statements import (
    NO_ENTRIES,
    Statement,
    StatementBalance,
    digest,
    key_id,
    shown_entry,
    signed_line,
)
from tests.domain.life import Life
from tests.domain.memory import Vault, vault

Json = dict[str, Any]
SIGNED_BY = b"nobody, since a signature is no part of these checks, 64 bytes.."

OWN = {"key_id": None, "value": None}


def month_of(entry: Entry) -> str:
    return format_instant(entry.at)[:7]


def stated(
    opening: StatementBalance, month: str, entries: Sequence[Entry], precision: int = 2
) -> tuple[Json, StatementBalance]:
    """A month's statement of these entries, and what the wallet has then."""
    closing, counted = opening, NO_ENTRIES
    for entry in entries:
        closing, counted = closing.after(entry), digest(counted, entry.hash())
    end = month_bounds(month)[1]
    made = Statement("acme", "credits", precision, month, end, True, opening, closing, counted).summary()
    shown = [shown_entry(entry, precision, month) for entry in entries]
    value = base64.b64encode(SIGNED_BY).decode()
    signature = {"algorithm": "Ed25519", "key_id": "stk_1", "line": signed_line(made), "value": value}
    return {**made, "entries": shown, "next_cursor": None, "signature": signature}, closing


def found(statement: Json) -> list[str]:
    """What is wrong with a statement, its signature's line too."""
    wrong: list[str] = []
    try:
        wrong += check_statement(statement)
    except UnreadableStatement as error:
        wrong.append(str(error))
    try:
        signature_of(statement)
    except UnreadableStatement as error:
        wrong.append(str(error))
    return wrong


@cache
def example() -> Json:
    """January 2027: 10 credits for 10.00 USD, of which 3 are burned, 2 held and captured, and 1 is given back."""
    made = vault("10 cost=1000USD; 5")
    burned = made.burn(3)
    held = made.hold(2)
    made.capture(held.seq)
    made.reverse(burned, 1)
    return stated(StatementBalance(), "2027-01", made.entries)[0]


def changed(change: Callable[[Json], Any]) -> list[str]:
    statement = copy.deepcopy(example())
    change(statement)
    return found(statement)


def test_a_statement_that_was_not_changed_is_right() -> None:
    assert found(example()) == []
    assert [one["kind"] for one in example()["entries"]] == [
        "grant",
        "grant",
        "burn",
        "hold",
        "capture",
        "reversal",
    ]


@pytest.mark.parametrize("order", ["priority_expiry_cost", "stripe", "openmeter", "lago", "flexprice"])
def test_every_month_of_a_random_life_proves_itself(order: BurnOrder) -> None:
    """Operations of every kind: what the statements end with is what the wallet has, and each goes on from the last."""
    life = Life(random.Random(f"statements {order}"), Vault(Policy(order=order), checked=False))
    for _ in range(150):
        life.step()
    closing, months = StatementBalance(), list[Json]()
    for month, entries in groupby(life.vault.entries, month_of):
        made, closing = stated(closing, month, list(entries))
        months.append(made)
        assert found(made) == []
    wallet = life.vault.wallet
    assert (closing.seq, closing.head, closing.totals) == (wallet.version, wallet.head, wallet.totals)
    assert closing.funds == wallet.funds
    for before, one in pairwise(months):
        assert [wrong for wrong in check_continues(before, one) if "does not follow" not in wrong] == []


def test_one_flipped_bit_anywhere_is_found() -> None:
    """Of each byte of the file one bit, by chance: it is no JSON any more, or says the very same, or is found."""
    raw = json.dumps(example(), ensure_ascii=False).encode()
    same = 0
    for place in range(len(raw)):
        bit = 1 << zlib.crc32(str(place).encode()) % 8
        flipped = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]
        try:
            statement = json.loads(flipped.decode("utf-8"))
        except ValueError:
            continue
        if statement == example():
            same += 1
            continue
        # The key's name and the signature itself are for the arithmetic to find: all but them is seen here.
        signature, whole = statement.get("signature"), example()["signature"]
        alike = isinstance(signature, dict) and {**signature, **OWN} == {**whole, **OWN}
        if alike and {**statement, "signature": whole} == example():
            continue
        assert found(statement), (place, flipped[max(0, place - 30) : place + 30])
    assert same < len(raw) // 20, "blanks alone, and letters of escapes"


PLACES: dict[str, tuple[Callable[[Json], Any], str]] = {
    "an amount": (
        lambda one: one["entries"][2].update(amount="-2"),
        "entries[2].amount: is not what its text",
    ),
    "a hash": (lambda one: one["entries"][3].update(hash="0" * 64), "entries[3].hash: is not what its text"),
    "a text": (
        lambda one: one["entries"][1].update(
            text=one["entries"][1]["text"].replace('"amount":"5"', '"amount":"6"')
        ),
        "entries[1].amount: is not what its text",
    ),
    "a text with blanks": (
        lambda one: one["entries"][1].update(text=one["entries"][1]["text"].replace(",", ", ", 1)),
        "entries[1].text: is not the canonical JSON",
    ),
    "a text that is none": (
        lambda one: one["entries"][1].update(text="{}"),
        "entries[1].text: cannot be read",
    ),
    "no text": (lambda one: one["entries"][1].pop("text"), "entries[1].text: is missing"),
    "another member": (
        lambda one: one["entries"][1].update(note="x"),
        "entries[1].note: is not what its text",
    ),
    "an entry less": (lambda one: one["entries"].pop(2), "entries[2].hash: is not what its text"),
    "the last entry less": (lambda one: one["entries"].pop(), "closing.seq: is 6, the entries end with 5"),
    "an entry twice": (
        lambda one: one["entries"].append(one["entries"][-1]),
        "entries[6].hash: is not what its text and the entry before it make it",
    ),
    "the opening": (
        lambda one: one["opening"].update(available="1", total="1"),
        "entries[0].text: does not begin",
    ),
    "an opening without its sum": (
        lambda one: one["opening"].update(available="1"),
        "opening: is not what the rest",
    ),
    "the opening's head": (
        lambda one: one["opening"].update(head="1" * 64),
        "entries[0].hash: is not what its text",
    ),
    "the closing": (
        lambda one: one["closing"].update(total="99", available="99"),
        "closing.available: is not what",
    ),
    "the closing's head": (
        lambda one: (one["closing"].update(head="1" * 64), one.update(head="1" * 64)),
        "closing.head: is not the hash of the last entry",
    ),
    "the head alone": (lambda one: one.update(head="1" * 64), "head: is not what the rest"),
    "the money": (
        lambda one: one["closing"]["money"][0].update(recognised=1, deferred=999),
        "closing.money: is not",
    ),
    "money that does not add up": (
        lambda one: one["closing"]["money"][0].update(deferred=1),
        "closing: is not what",
    ),
    "the count": (lambda one: one.update(entries_count=7), "entries_count: is not what the rest"),
    "the digest": (lambda one: one.update(entries_digest="1" * 64), "entries_digest: is not the digest"),
    "the month": (lambda one: one.update(month="2027-02"), "as_of: is not what the rest"),
    "another account": (lambda one: one.update(account="beta"), "entries[0].text: is of another wallet"),
    "the precision": (lambda one: one.update(precision=3), "entries[0].amount: is not what its text"),
    "a page": (
        lambda one: one.update(next_cursor="x"),
        "next_cursor: entries follow that are not in this file",
    ),
    "the version": (lambda one: one.update(version=2), "version: must be 1"),
    "true for one": (lambda one: one.update(version=True), "version: must be 1"),
    "another one of its members": (lambda one: one.update(more=1), "more: is not what the rest"),
    "no member": (lambda one: one.pop("closing"), "closing: is missing"),
    "no entries": (lambda one: one.pop("entries"), "entries: is missing"),
    "no list": (lambda one: one.update(entries={}), "entries: must be a list"),
    "no month": (lambda one: one.update(month="2027-13"), "month: must be a month"),
    "the status": (
        lambda one: one.update(status="provisional"),
        "entries_digest: must be 64 hex digits of a final",
    ),
    "an amount that is none": (
        lambda one: one["opening"].update(held="x"),
        "opening: its credits or its money",
    ),
    "money that is none": (
        lambda one: one["opening"].update(money=[{}]),
        "opening: its credits or its money",
    ),
    "a fraction": (
        lambda one: one["closing"]["money"][0].update(paid=1.0),
        "closing: its credits or its money",
    ),
    "the line": (
        lambda one: one["signature"].update(line="scrip-statement-1 acme"),
        "signature.line: does not name this statement",
    ),
    "the algorithm": (
        lambda one: one["signature"].update(algorithm="none"),
        "signature.algorithm: must be Ed25519",
    ),
    "a short signature": (
        lambda one: one["signature"].update(value="AAAA"),
        "signature.value: must be 64 bytes",
    ),
    "a key that is no text": (
        lambda one: one["signature"].update(key_id=7),
        "signature.key_id: must be a text",
    ),
    "a signature that is no base64": (
        lambda one: one["signature"].update(value="!" * 88),
        "signature.value: must be 64 bytes in base64",
    ),
    "a signature that is no text": (
        lambda one: one["signature"].update(value=7),
        "signature.value: must be 64 bytes in base64",
    ),
    "no signature's member": (lambda one: one["signature"].pop("key_id"), "signature: must have algorithm"),
}


@pytest.mark.parametrize("what", PLACES)
def test_what_was_changed_is_named_with_its_place(what: str) -> None:
    change, said = PLACES[what]
    wrong = changed(change)
    assert any(one.startswith(said) for one in wrong), wrong


def test_what_cannot_be_text_is_no_signed_statement() -> None:
    """Half of a surrogate pair: JSON can say it, UTF-8 cannot."""
    assert (
        changed(lambda one: one.update(account="\ud800"))[-1]
        == "the statement lacks what its signature names"
    )
    assert changed(lambda one: one["entries"][0].update(text="\ud800"))[0].startswith(
        "entries[0].text: cannot be read"
    )


def test_an_entry_of_the_next_month_is_out_of_place() -> None:
    made = vault("10")
    made.wait("40d")
    made.burn(1)
    statement, _ = stated(StatementBalance(), "2027-01", made.entries)
    assert found(statement) == ["entries[1] lies after the month"]


def test_credits_that_are_invented_are_found_though_every_hash_is_right() -> None:
    """Whoever can write the ledger could hash anything: the sums do not allow it."""
    made = vault("10")
    forged = replace(made.entries[0], amount=11)
    statement, _ = stated(StatementBalance(), "2027-01", [forged])
    assert "entries[0].amount: is not the change of the total" in found(statement)


def test_an_entry_that_is_earlier_than_the_one_before_it_is_found() -> None:
    """Whoever can write the ledger could hash anything: instants do not go back. At the same instant is right."""
    made = vault("10")
    made.wait("1h")
    made.burn(1)
    made.burn(1)
    for earlier, said in ((0, False), (1, True)):
        forged = replace(made.entries[2], at=made.entries[1].at - earlier)
        statement, _ = stated(StatementBalance(), "2027-01", [*made.entries[:2], forged])
        assert ("entries[2].at: is before the entry before it" in found(statement)) is said


def test_money_that_was_not_counted_is_not_checked_and_stays_null() -> None:
    made = vault("10 cost=1000USD")
    made.burn(3)
    statement, _ = stated(StatementBalance().uncounted(), "2027-01", made.entries)
    assert (statement["opening"]["money"], statement["closing"]["money"]) == (None, None)
    assert found(statement) == []


def test_a_provisional_statement_says_when_it_was_read_and_no_digest() -> None:
    statement = copy.deepcopy(example())
    statement |= {"status": "provisional", "as_of": "2027-01-20T00:00:00.000Z"}
    statement |= {"entries_digest": None, "signature": None}
    assert found(statement) == []
    assert signature_of(statement) is None
    for wrong in ("2027-02-02T00:00:00.000Z", "2027-01-20", "soon"):
        assert found({**statement, "as_of": wrong}) == [
            "as_of: is not what the rest of the statement makes it"
        ]


def test_it_is_told_in_what_a_month_does_not_go_on() -> None:
    made = vault("10")
    made.wait("20d")
    made.burn(1)
    january, closing = stated(StatementBalance(), "2027-01", made.entries[:1])
    february, _ = stated(closing, "2027-02", made.entries[1:])
    assert list(check_continues(january, february)) == []
    assert list(check_continues(february, january)) == ["month: 2027-01 does not follow 2027-02"]
    forged = copy.deepcopy(january)
    forged["closing"]["head"] = "1" * 64
    assert list(check_continues(forged, february)) == ["opening.head: is not what 2027-01 closed with"]
    other = {**january, "account": "beta", "unit": "images"}
    assert list(check_continues(other, february)) == [
        "account: is acme, that of 2027-01 has beta",
        "unit: is credits, that of 2027-01 has images",
    ]
    with pytest.raises(UnreadableStatement, match="precision: must be"):
        list(check_continues({}, february))


def test_keys_are_read_by_their_ids_and_none_has_anothers() -> None:
    key = bytes(range(32))
    said = {"key_id": key_id(key), "public_key": base64.b64encode(key).decode(), "since": "", "until": None}
    assert keys_of({"items": [said]}) == {key_id(key): key}
    another, short = {**said, "key_id": "stk_1"}, {**said, "public_key": "AA=="}
    no_lists: list[Any] = [{"items": [another]}, {"items": [short]}, {}, [], {"items": 1}]
    for wrong in no_lists:
        with pytest.raises(UnreadableStatement):
            keys_of(wrong)
