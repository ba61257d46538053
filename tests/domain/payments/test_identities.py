"""One spelling for each person, and a hash that tells nothing to who has not the key."""

from __future__ import annotations

import pytest

from scrip.domain.payments.identities import canonical_email, identity_hash

SAME: list[tuple[str, str]] = [
    ("ann@example.com", "ann@example.com"),
    ("Ann@Example.COM", "ann@example.com"),
    (" ann@example.com\n", "ann@example.com"),
    ("ann+promo@example.com", "ann@example.com"),
    ("ann+a+b@example.com", "ann@example.com"),
    ("ann.lee@example.com", "ann.lee@example.com"),
    ("a.n.n@gmail.com", "ann@gmail.com"),
    ("A.n.n+x@GoogleMail.com", "ann@gmail.com"),
    ("\uff41nn@example.com", "ann@example.com"),
    ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
    ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
    ("ann@sub.example.co.uk", "ann@sub.example.co.uk"),
    ("jos\u00e9@example.com", "jos\u00e9@example.com"),
    ("jose\u0301@example.com", "jos\u00e9@example.com"),
]


@pytest.mark.parametrize(("text", "canonical"), SAME)
def test_an_address_has_one_spelling(text: str, canonical: str) -> None:
    assert canonical_email(text) == canonical
    assert canonical_email(canonical) == canonical, "and it is its own"


NONE = [
    "",
    "ann",
    "@example.com",
    "ann@",
    "ann@example",
    "ann@.com",
    "ann@example..com",
    "ann lee@example.com",
    "ann@exa mple.com",
    "ann@@example.com",
    "a@b@example.com",
    "+x@example.com",
    "...@gmail.com",
    "x" * 65 + "@example.com",
    "ann@" + "x" * 64 + ".com",
    "ann@" + "x." * 130 + "com",
    "ann\x00\x20@example.com",
]


@pytest.mark.parametrize("text", NONE, ids=[repr(text)[:30] for text in NONE])
def test_it_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="must be an e-mail address"):
        canonical_email(text)


def test_a_hash_is_of_key_kind_and_value() -> None:
    one = identity_hash(b"k" * 64, "email", "ann@example.com")
    assert len(one) == 64
    assert one == identity_hash(b"k" * 64, "email", "ann@example.com")
    others = [
        identity_hash(b"l" * 64, "email", "ann@example.com"),
        identity_hash(b"k" * 64, "device", "ann@example.com"),
        identity_hash(b"k" * 64, "email", "bob@example.com"),
        identity_hash(b"k" * 64, "email\x00ann", "example.com"),
    ]
    assert len({one, *others}) == 5


def test_any_text_has_a_hash() -> None:
    """JSON may hold half of a surrogate pair, and a caller may send one."""
    assert len(identity_hash(b"k", "device", "\ud800")) == 64
