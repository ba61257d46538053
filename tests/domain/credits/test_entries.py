"""Law 4: an entry is canonical text, and each carries the hash of the one before it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.entries import (
    GENESIS,
    Cause,
    Draw,
    Entry,
    Totals,
    chain,
    fingerprint,
    read_entry,
)
from scrip.domain.credits.lots import Money
from tests.domain.builders import START, steady
from tests.domain.memory import vault

BURN = Entry(
    id="k.q83vEjRWeJA",
    account="acme",
    unit="credits",
    seq=2,
    kind="burn",
    at=START,
    amount=-35,
    before=Totals(available=50, paid=30),
    after=Totals(available=15),
    status="active",
    draws=(Draw(1, 30, Money(90, "USD")), Draw(3, 5)),
    previous_hash=bytes(range(32)),
    cause=Cause("k.q83vEjRWeJA", "f", "key:1", ("job", "42"), "rendering", {"größe": "€"}),
    extra={"missing": "0"},
)
CANONICAL = (
    '{"account":"acme","after":["15","0","0","0","0","0","0"],"amount":"-35","at":1800000000000,'
    '"before":["50","0","0","0","0","30","0"],"cause":{"actor":"key:1","fingerprint":"f","metadata":{"größe":"€"},'
    '"reason":"rendering","reference":["job","42"]},"draws":[[1,"30",90,"USD"],[3,"5"]],"extra":{"missing":"0"},'
    '"id":"k.q83vEjRWeJA","kind":"burn","seq":2,"status":"active","unit":"credits"}'
)


def test_the_canonical_json_is_this_text_and_no_other() -> None:
    """Sorted members, no white space, UTF-8, amounts as strings. It is stored: it never changes."""
    assert BURN.canonical().decode() == CANONICAL


def test_when_it_was_recorded_is_in_the_text_as_milliseconds_after_its_instant() -> None:
    """Law 4: recorded 7 ms after it happened, and at its instant. An entry of before says neither, and is read as it
    was."""
    for lag in (7, 0):
        recorded = replace(BURN, recorded_at=START + lag)
        text = CANONICAL.replace('"kind":"burn",', f'"kind":"burn","lag":{lag},')
        assert recorded.canonical().decode() == text
        assert recorded.hash() != BURN.hash()
        assert read_entry(text, BURN.previous_hash).recorded_at == START + lag
    assert read_entry(CANONICAL, BURN.previous_hash).recorded_at is None


def test_the_name_of_the_actor_is_in_the_text_of_an_entry_that_has_one() -> None:
    assert BURN.cause
    named = replace(BURN, cause=replace(BURN.cause, actor_name="checkout"))
    text = CANONICAL.replace('"metadata":{"größe":"€"},', '"metadata":{"größe":"€"},"name":"checkout",')
    assert named.canonical().decode() == text
    read = read_entry(text, BURN.previous_hash)
    assert (read.cause, read.canonical()) == (named.cause, named.canonical())


def test_the_hash_is_sha_256_over_the_previous_hash_and_the_text() -> None:
    expected = hashlib.sha256(bytes(range(32)) + CANONICAL.encode()).digest()
    assert BURN.hash() == chain(bytes(range(32)), CANONICAL.encode()) == expected


def test_a_chain_worked_by_hand() -> None:
    """Genesis is 32 zero bytes. (`printf` of the zero bytes and the text, piped to `sha256sum`.)"""
    assert bytes(32) == GENESIS
    text = (
        '{"account":"a","after":["0","0","0","0","0","0","0"],"amount":"0","at":0,'
        '"before":["0","0","0","0","0","0","0"],'
        '"draws":[],"id":"s.1","kind":"status","seq":1,"status":"active","unit":"u"}'
    )
    first = Entry("s.1", "a", "u", 1, "status", 0, 0, Totals(), Totals(), "active", (), GENESIS)
    assert first.canonical().decode() == text
    assert first.hash().hex() == "fcda71896d5071215d22a5d3a5cce786a2601e34585af1469bd5ebba2fd0dd64"


def test_what_is_written_reads_the_same() -> None:
    read = read_entry(CANONICAL, BURN.previous_hash)
    assert replace(read, draws=tuple(read.draws)) == BURN
    assert read.canonical() == BURN.canonical()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "1", CANONICAL[:-1], CANONICAL.replace('"kind":"burn",', "")]
)
def test_what_is_not_an_entry_is_not_read(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        read_entry(text, GENESIS)


words = st.text(st.characters(codec="utf-8"), max_size=20)


@steady
@given(
    amount=st.integers(-(10**27), 10**27),
    totals=st.lists(st.integers(0, 10**27), min_size=7, max_size=7),
    reference=st.none() | st.tuples(words, words),
    reason=st.none() | words,
    metadata=st.dictionaries(words, words, max_size=3),
    draws=st.lists(
        st.builds(
            Draw,
            st.integers(1, 10**12),
            st.integers(1, 10**27),
            st.none() | st.builds(Money, st.integers(-5, 10**15), st.just("JPY")),
            st.none() | st.integers(-5, 10**15),
        ).map(lambda draw: draw if draw.value else draw._replace(tax=None)),
        max_size=3,
    ),
)
def test_any_entry_reads_as_it_was_written(
    amount: int,
    totals: list[int],
    reference: tuple[str, str] | None,
    reason: str | None,
    metadata: dict[str, str],
    draws: list[Draw],
) -> None:
    entry = replace(
        BURN,
        amount=amount,
        before=Totals(*totals),
        after=Totals(*totals[::-1]),
        draws=draws,
        cause=Cause(BURN.id, "f", "key:1", reference, reason, metadata),
    )
    assert read_entry(entry.canonical(), entry.previous_hash) == entry


@pytest.mark.parametrize(
    "change",
    [
        {"amount": -36},
        {"at": START + 1},
        {"account": "acmf"},
        {"draws": (Draw(1, 30, Money(91, "USD")), Draw(3, 5))},
        {"draws": BURN.draws[::-1]},
        {"status": "frozen"},
        {"cause": None},
        {"extra": {}},
        {"after": Totals(available=16)},
        {"previous_hash": GENESIS},
    ],
    ids=lambda change: next(iter(change)),
)
def test_no_part_of_an_entry_changes_without_its_hash(change: dict[str, object]) -> None:
    assert replace(BURN, **change).hash() != BURN.hash()  # type: ignore[arg-type]


def test_entries_of_a_wallet_are_a_chain_from_genesis_to_its_head() -> None:
    made = vault("100; 50 exp=+1d")
    made.burn(30)
    made.wait("1d")
    made.burn(10)
    head = GENESIS
    for seq, entry in enumerate(made.entries, 1):
        assert entry.seq == seq
        assert entry.previous_hash == head
        head = hashlib.sha256(head + entry.canonical()).digest()
    assert made.wallet.head == head
    assert made.wallet.version == 5


def test_a_request_is_the_same_whatever_the_order_of_its_members() -> None:
    """Law 3: same key and same request."""
    one = fingerprint("burn", {"amount": "10", "mode": "exact"})
    assert one == fingerprint("burn", {"mode": "exact", "amount": "10"})
    assert (
        len(
            {
                one,
                fingerprint("grant", {"amount": "10", "mode": "exact"}),
                fingerprint("burn", {"amount": "11"}),
            }
        )
        == 3
    )
    text = json.dumps(["burn", {"amount": "10", "mode": "exact"}], separators=(",", ":"))
    assert base64.urlsafe_b64decode(one + "==") == hashlib.sha256(text.encode()).digest()[:16]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Draw(1, 5), Draw(1, 3), Draw(1, 8)),
        (Draw(1, 5, Money(50, "USD")), Draw(1, 3, Money(31, "USD")), Draw(1, 8, Money(81, "USD"))),
        (
            Draw(1, 5, Money(50, "USD"), 10),
            Draw(1, 3, Money(31, "USD"), 7),
            Draw(1, 8, Money(81, "USD"), 17),
        ),
        (Draw(1, 5, Money(50, "USD"), 10), Draw(1, 3), Draw(1, 8, Money(50, "USD"), 10)),
        (Draw(1, 5), Draw(1, 3, Money(31, "USD"), 7), Draw(1, 8)),
    ],
)
def test_two_draws_of_a_lot_are_one_of_both_with_their_money_and_their_tax(
    one: Draw, other: Draw, both: Draw
) -> None:
    """Law 8: tax that is due at redemption goes with the credits, as their money does."""
    assert one.plus(other) == both
