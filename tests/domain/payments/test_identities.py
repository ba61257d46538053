"""A hash of an identity tells nothing to who has not the key."""

from __future__ import annotations

from scrip.domain.payments.identities import identity_hash


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
