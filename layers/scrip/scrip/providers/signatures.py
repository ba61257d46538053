"""Checks that a webhook really comes from its provider. Both schemes are HMAC-SHA256 over a timestamp and the raw body.

``verify_standard`` is Standard Webhooks, version 1 (https://www.standardwebhooks.com): ``id.timestamp.body`` under
the decoded secret, in three headers. ``verify_timestamped`` is Stripe's scheme, which others took over: one header
of ``name=value`` fields, with the timestamp and one hexadecimal digest for each active secret, under the secret as
it is written (https://docs.stripe.com/webhooks/signature).

Both check the raw body, byte for byte as it arrived. So API Gateway's base64 is decoded first, and the body is never
parsed and serialised again. The libraries' own ``verify`` reads the machine's clock, stops at the first match and
raises undeclared errors on hostile headers (Stripe's also accepts any timestamp in the future). So everything around
the digest is checked here.

Errors
    BadSignature   something is wrong with the request: 401. The message is for our log, never for the caller.
    NoSecrets      no usable secret is configured. That is our own failure: 500 or 503, so the provider tries again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

#: Seconds a signature stays good, in both directions: the reference library's value. Older ones may be
#: replays.
TOLERANCE_SECONDS = 300
#: A sender signs once for each of its active secrets, two while rotating. More only buys an attacker guesses.
MAX_SIGNATURES = 8
#: Eight signatures of 47 characters and their spaces are 383, eight in hexadecimal 550; room for other versions'.
MAX_SIGNATURE_HEADER = 2048

_SECRET_PREFIX = "whsec_"
# No '.' in an id: it separates the signed parts, and with it one signed text could be read as two different
# messages.
_ID = re.compile(r"[!-\-/-~]{1,256}")
# No leading zero: the library signs the number, the provider the text. [0-9], since \d also matches other
# scripts.
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,10}")
_SIGNATURES = re.compile(r"[ -~]+")
# One spelling: no spaces, nothing beyond ASCII, and a name to every value.
_FIELD = re.compile(r"([a-z0-9_]{1,16})=([!-~]*)")
# What can be typed as a secret. Its prefix alone would be a key that everybody knows.
_TEXT_SECRET = re.compile(r"[!-~]+")


class BadSignature(Exception):
    """The error of a request that is not proven to come from the provider."""


class NoSecrets(Exception):
    """The error of having no secret to check a signature against: to accept and to refuse would both be wrong."""


def verify_standard(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now_ms: int) -> str:
    """Returns the id of a webhook whose Standard Webhooks signature holds.

    The id is the same in every retry of the delivery. ``headers`` has lower-case names. ``secrets`` are ``whsec_``
    and base64: the new and the old one while a secret is rotated. All are tried without an early exit, so that
    neither the time nor the answer says which one matched. ``now_ms`` is the clock, in epoch milliseconds.

    Raises:
        BadSignature: something that the sender sent is wrong.
        NoSecrets: no secret is usable.
    """
    keys = [key for key in map(_key, secrets) if key]
    if not keys:
        raise NoSecrets(f"none of {len(secrets)} webhook secrets is usable")
    webhook_id = _header(headers, "webhook-id", _ID, 256)
    timestamp = int(_header(headers, "webhook-timestamp", _TIMESTAMP, 11))
    if abs(now_ms - timestamp * 1000) > TOLERANCE_SECONDS * 1000:
        raise BadSignature("webhook-timestamp is too far from now")
    candidates = _header(headers, "webhook-signature", _SIGNATURES, MAX_SIGNATURE_HEADER).split(" ")
    if len(candidates) > MAX_SIGNATURES:
        raise BadSignature("webhook-signature has too many signatures")

    matched = False
    for key in keys:
        expected = _expected(key, webhook_id, timestamp, raw)
        for candidate in candidates:
            # As text with its version, not decoded: there is one right spelling, and bytes that are no
            # base64 are no match.
            matched |= hmac.compare_digest(expected, candidate.encode("ascii"))
    if not matched:
        raise BadSignature("no signature matches")
    return webhook_id


def verify_timestamped(
    raw: bytes,
    header: str | None,
    secrets: Sequence[str],
    now_ms: int,
    *,
    fields: str = ",",
    time: str = "t",
    digest: str = "v1",
    joint: bytes = b".",
) -> None:
    """Checks that one of ``secrets`` signed this body, and returns nothing if so.

    ``header`` is ``t=1793611000,v1=<64 hexadecimal digits>``. ``fields`` separates its fields, ``time`` names the
    only timestamp (in seconds) and ``digest`` every candidate. Fields of other names belong to other schemes and
    prove nothing. What is signed is the timestamp as written, ``joint``, and the body. The key is a secret's whole
    text, with its prefix. All secrets are tried without an early exit. ``now_ms`` is the clock, in epoch
    milliseconds.

    Raises:
        BadSignature: something that the sender sent is wrong.
        NoSecrets: no secret is usable.
    """
    keys = [key for key in map(_text_key, secrets) if key]
    if not keys:
        raise NoSecrets(f"none of {len(secrets)} webhook secrets is usable")
    if not isinstance(header, str) or not 0 < len(header) <= MAX_SIGNATURE_HEADER:
        raise BadSignature("the signature header is missing or too long")
    named: dict[str, list[str]] = {}
    for one in header.split(fields):
        field = _FIELD.fullmatch(one)
        if not field:
            raise BadSignature("the signature header is malformed")
        named.setdefault(field[1], []).append(field[2])
    times, candidates = named.get(time, []), named.get(digest, [])
    if len(times) != 1 or not _TIMESTAMP.fullmatch(times[0]):
        raise BadSignature("the signature header has not exactly one timestamp")
    if abs(now_ms - int(times[0]) * 1000) > TOLERANCE_SECONDS * 1000:
        raise BadSignature("the timestamp is too far from now")
    if not 0 < len(candidates) <= MAX_SIGNATURES:
        raise BadSignature(f"the signature header has {len(candidates)} signatures")

    signed = times[0].encode("ascii") + joint + raw
    matched = False
    for key in keys:
        expected = hmac.new(key, signed, hashlib.sha256).hexdigest().encode("ascii")
        for candidate in candidates:
            matched |= hmac.compare_digest(expected, candidate.encode("ascii"))
    if not matched:
        raise BadSignature("no signature matches")


def _header(headers: Mapping[str, str], name: str, shape: re.Pattern[str], limit: int) -> str:
    """Returns a header's value, if it has this form and length. Raises ``BadSignature`` otherwise."""
    value = headers.get(name)
    if not isinstance(value, str) or len(value) > limit or not shape.fullmatch(value):
        raise BadSignature(f"{name} is missing or malformed")
    return value


def _key(secret: str) -> bytes | None:
    """Decodes the HMAC key in a secret; returns None where it is none, so that the other secrets still count."""
    try:
        text = secret.removeprefix(_SECRET_PREFIX)
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _text_key(secret: str) -> bytes | None:
    """Returns the text of a secret as the HMAC key; None where it cannot be one."""
    usable = _TEXT_SECRET.fullmatch(secret) and secret != _SECRET_PREFIX
    return secret.encode("ascii") if usable else None


def _expected(key: bytes, webhook_id: str, timestamp: int, raw: bytes) -> bytes:
    """Computes the signature that the sender should have sent. Raises ``BadSignature`` where it cannot be computed."""
    try:
        signed_at = datetime.fromtimestamp(timestamp, tz=UTC)
        # A webhook's body is JSON and so UTF-8; the library takes text only. Bytes that are not cannot be
        # signed by it.
        return Webhook(key).sign(webhook_id, signed_at, raw.decode("utf-8")).encode("ascii")
    except Exception as error:  # noqa: BLE001 - whatever the library raises on hostile input is a bad signature, never a 500
        raise BadSignature(f"the signature cannot be computed: {type(error).__name__}") from None
