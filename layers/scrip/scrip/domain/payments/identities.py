"""Who somebody is, as far as a promotion must know: identities in one canonical form, and as keyed hashes.

A hash is HMAC-SHA-256 under a key that only Scrip has, so a list of hashes tells nobody whether an address is in it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from typing import Final

KINDS: Final = ("email", "card_fingerprint", "device")
_EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+")
_DOTLESS: Final = frozenset({"gmail.com", "googlemail.com"})
"""Domains that ignore dots before the at sign."""


def canonical_email(text: str) -> str:
    """Returns the address that mail to ``text`` reaches, in one spelling.

    It is in lower case, without a tag after ``+``, with its domain in ASCII; at Gmail without dots before it.

    Raises:
        ValueError: it is no address.
    """
    address = unicodedata.normalize("NFKC", text).strip().lower()
    if not _EMAIL.fullmatch(address) or len(address) > 254:
        raise ValueError("must be an e-mail address")
    name, _, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("must be an e-mail address") from error
    name = name.partition("+")[0]
    if domain in _DOTLESS:
        name, domain = name.replace(".", ""), "gmail.com"
    if not name:
        raise ValueError("must be an e-mail address")
    return f"{name}@{domain}"


def identity_hash(secret: bytes, kind: str, value: str) -> str:
    """Returns the hexadecimal HMAC-SHA-256 of an identity in its canonical form."""
    return hmac.new(secret, f"{kind}\x00{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
