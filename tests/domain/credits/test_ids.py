"""Ids name one thing over the whole ledger (law 3): each carries a hash of its wallet, and can be read back."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.ids import (
    PATTERNS,
    Kind,
    business_key,
    former_entry_id,
    hold_id,
    is_former,
    key_entry_id,
    lot_id,
    read_id,
    time_entry_id,
    wallet_hash,
)

NAMES = st.from_regex(r"[A-Za-z0-9._:@|-]{1,12}", fullmatch=True)
WALLETS = st.tuples(NAMES, NAMES)
KEYS = st.from_regex(r"[!-~]{1,20}", fullmatch=True)
SEQS = st.integers(1, 10**12 - 1)


def base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_a_wallets_hash_is_nine_bytes_of_its_sha_256() -> None:
    assert wallet_hash("acme", "credits") == base64url(hashlib.sha256(b"acme\x00credits").digest()[:9])
    assert len(wallet_hash("x" * 128, "y" * 128)) == 12
    assert wallet_hash("acme:a", "b") != wallet_hash("acme", "a:b") != wallet_hash("acm", "ea:b")


def test_the_entry_id_of_a_key_is_that_of_its_wallet_and_half_its_sha_256() -> None:
    half = base64url(hashlib.sha256(b"order-4711").digest()[:16])
    found = key_entry_id("acme", "credits", "order-4711")
    assert found == f"k.{wallet_hash('acme', 'credits')}.{half}"
    assert len(key_entry_id("x" * 128, "y" * 128, "x" * 255)) == 37
    assert found != key_entry_id("acme", "credits", "order-4712")


def test_ids_of_keys_and_of_time_never_meet() -> None:
    assert time_entry_id("acme", "credits", 7) == f"s.{wallet_hash('acme', 'credits')}.7"
    assert key_entry_id("acme", "credits", "s.7").startswith("k.")


def test_no_caller_can_take_a_key_of_scrips_own() -> None:
    """A caller's key is printable ASCII; these begin with a character that is not."""
    assert business_key("dodo", "payment", "pay_1") == "\x00dodo:payment:pay_1"
    assert key_entry_id("a", "credits", business_key("a")) != key_entry_id("a", "credits", "a")


def test_rows_of_before_are_told_by_their_ids() -> None:
    assert former_entry_id("order-4711") == "k." + base64url(hashlib.sha256(b"order-4711").digest()[:16])
    assert is_former(former_entry_id("a"))
    assert is_former("s.7")
    assert not is_former(key_entry_id("a", "credits", "a"))
    assert not is_former(time_entry_id("a", "credits", 7))


@given(WALLETS, WALLETS, KEYS, SEQS)
def test_ids_of_two_wallets_never_meet(
    one: tuple[str, str], other: tuple[str, str], key: str, seq: int
) -> None:
    """The same key of two customers, or of two units of one, gives two entries; so do equal sequences."""
    same = one == other
    assert (key_entry_id(*one, key) == key_entry_id(*other, key)) == same
    for make in (time_entry_id, lot_id, hold_id):
        assert (make(*one, seq) == make(*other, seq)) == same


@given(WALLETS, KEYS, SEQS)
def test_an_id_is_read_back_and_says_its_wallet(wallet: tuple[str, str], key: str, seq: int) -> None:
    made: tuple[tuple[Kind, str, int], ...] = (
        ("entry", key_entry_id(*wallet, key), 0),
        ("entry", time_entry_id(*wallet, seq), 0),
        ("lot", lot_id(*wallet, seq), seq),
        ("hold", hold_id(*wallet, seq), seq),
    )
    for kind, text, number in made:
        assert read_id(kind, text) == (text, wallet_hash(*wallet), number)
        assert re.search(PATTERNS[kind], text)
        assert all(read_id(other, text) is None for other in PATTERNS if other != kind)


WALLET = wallet_hash("acme", "credits")
NONE: dict[Kind, list[str]] = {
    "lot": ["lot_1", "lot_0", "lot_01", "lot_", f"lot_{WALLET}_0", f"lot_{WALLET}_01", f"lot_{WALLET}", "",
            f"lot_{WALLET}_1\n", f" lot_{WALLET}_1", f"LOT_{WALLET}_1", f"lot_{WALLET[:-1]}_1", f"lot_{WALLET}_-1",
            f"lot_{WALLET}_1000000000000", f"lot_{WALLET}_\u0661", f"hold_{WALLET}_1"],
    "hold": ["hold_1", "hold_0", "hold_01", f"hold_{WALLET}_0", f"lot_{WALLET}_1", f"hold_{WALLET}_1.0"],
    "entry": ["s.1", "s.0", "k.", "-", former_entry_id("a"), f"s.{WALLET}.0", f"s.{WALLET}.01", f"k.{WALLET}.1",
              f"k.{WALLET}.{'a' * 21}", f"k.{WALLET}.{'a' * 23}", f"k.{WALLET}.{'a' * 21}=", f"p.{WALLET}.1"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in NONE.items() for text in texts])
def test_what_has_another_form_is_no_id(kind: Any, text: str) -> None:
    assert read_id(kind, text) is None
