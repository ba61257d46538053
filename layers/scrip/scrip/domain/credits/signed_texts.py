"""Texts that leave and come back: what they say is signed, so that nothing of it is kept.

A text is what it says and a MAC, each as base64url, with a point between them. Does not own the keys (the caller's).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

MAC_BYTES: Final = 16
"""Of HMAC-SHA-256: nobody guesses 128 bits."""


def sign(key: bytes, purpose: str, said: bytes) -> str:
    """Returns the text of what is said.

    Args:
        purpose: what texts of a kind are for: one of another kind under the same key is not taken for one of these.
    """
    return f"{text_of(said)}.{text_of(_mac(key, purpose, said))}"


def read(keys: Iterable[bytes], purpose: str, text: str) -> bytes:
    """Returns what a text says, that one of these keys signed for this purpose. The next key is asked for if need be.

    Raises:
        ValueError: none did.
    """
    said, _, mac = text.partition(".")
    body, signature = _bytes(said), _bytes(mac)
    if not any(hmac.compare_digest(_mac(key, purpose, body), signature) for key in keys):
        raise ValueError("nobody here has signed it")
    return body


def text_of(data: bytes) -> str:
    """Returns bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _mac(key: bytes, purpose: str, said: bytes) -> bytes:
    return hmac.new(key, f"{purpose}\n".encode() + said, hashlib.sha256).digest()[:MAC_BYTES]


def _bytes(text: str) -> bytes:
    """Reads what ``text_of`` wrote; raises ``ValueError`` for anything else."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if text_of(found) != text:
        raise ValueError("not in its one spelling")
    return found
