"""Who somebody is, as far as a promotion must know: the kinds of identities, and their keyed hashes.

A hash is HMAC-SHA-256 under a key that only Scrip has, so a list of hashes tells nobody whether an address is in it.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

KINDS: Final = ("email", "card_fingerprint", "device")


def identity_hash(secret: bytes, kind: str, value: str) -> str:
    """Returns the hexadecimal HMAC-SHA-256 of an identity in its canonical form."""
    return hmac.new(secret, f"{kind}\x00{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
