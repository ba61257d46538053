"""Texts that leave and come back are believed where a key of ours signed them for that purpose, and nowhere else."""

from __future__ import annotations

import pytest

from scrip.domain.credits import signed_texts
from scrip.domain.credits.signed_texts import read, sign, text_of

KEY, OTHER = b"k" * 64, b"o" * 64
SAID = b'["acme", 1]'


def test_what_was_signed_is_read_by_any_of_the_keys() -> None:
    text = sign(KEY, "quote", SAID)
    assert [read([KEY], "quote", text), read([OTHER, KEY], "quote", text)] == [SAID, SAID]


def test_a_key_is_asked_for_only_where_those_before_it_signed_nothing() -> None:
    asked = []

    def keys() -> object:
        for key in (KEY, OTHER):
            asked.append(key)
            yield key

    assert read(keys(), "quote", sign(KEY, "quote", SAID)) == SAID  # type: ignore[arg-type]
    assert asked == [KEY]


def test_a_text_for_another_purpose_is_none_of_these() -> None:
    """One key signs links in letters and quotes: none of them is the other."""
    with pytest.raises(ValueError, match="nobody here has signed it"):
        read([KEY], "quote", sign(KEY, "mail", SAID))


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ".",
        "no base64!.AAAA",
        "\u00e4.AAAA",
        f"{text_of(SAID)}.{text_of(bytes(signed_texts.MAC_BYTES))}",
        f"{text_of(b'other')}.{sign(KEY, 'quote', SAID).partition('.')[2]}",
        f"{sign(KEY, 'quote', SAID)}=",
        f"{sign(OTHER, 'quote', SAID)}",
        f"{sign(KEY, 'quote', SAID)[:-1]}",
    ],
)
def test_whatever_else_is_said_is_refused(forged: str) -> None:
    with pytest.raises(ValueError, match=r"^(not |nobody |string )"):
        read([KEY], "quote", forged)


def test_a_mac_has_sixteen_bytes_and_the_text_one_spelling() -> None:
    said, _, mac = sign(KEY, "quote", SAID).partition(".")
    assert (said, len(mac), "=" in said + mac) == ("WyJhY21lIiwgMV0", 22, False)
