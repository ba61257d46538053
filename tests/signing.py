"""How each provider signs, written down once more from its documentation: nothing of the code that verifies is used."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from local.standins.dodo import sign

Sign: TypeAlias = Callable[..., dict[str, str]]
"""Secret, delivery id, raw body and epoch second (default: now) to the headers of a delivery."""


def sign_stripe(secret: str, _id: str, raw: bytes, at: int | None = None) -> dict[str, str]:
    """Stripe: the whole secret is the key, and the id is in the body."""
    timestamp = int(time.time()) if at is None else at
    return {"stripe-signature": f"t={timestamp},v1={_hex(secret, f'{timestamp}.', raw)}"}


def sign_paddle(secret: str, _id: str, raw: bytes, at: int | None = None) -> dict[str, str]:
    """Paddle: the same with other letters."""
    timestamp = int(time.time()) if at is None else at
    return {"paddle-signature": f"ts={timestamp};h1={_hex(secret, f'{timestamp}:', raw)}"}


def _hex(secret: str, before: str, raw: bytes) -> str:
    return hmac.new(secret.encode(), before.encode() + raw, hashlib.sha256).hexdigest()


SIGN: Final[Mapping[str, Sign]] = {
    "dodo": sign,
    "stripe": sign_stripe,
    "standard": sign,
    "paddle": sign_paddle,
}
"""By provider."""
