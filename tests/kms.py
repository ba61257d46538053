"""A key of Ed25519 in moto's KMS, which has none: as AWS documents ``ECC_NIST_EDWARDS25519``.

It signs a message as it is (``MessageType`` RAW, ``ED25519_SHA_512``), of up to 4 096 bytes, and gives its public half
as SubjectPublicKeyInfo. The local AWS has such keys itself.
"""

from __future__ import annotations

from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms import models
from moto.kms.exceptions import ValidationException

ALGORITHM: Final = "ED25519_SHA_512"
MOST_BYTES: Final = 4096


class _Pair:
    """What moto asks of the private key of one of its own."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, message: bytes, signing_algorithm: str) -> bytes:
        if signing_algorithm != ALGORITHM or len(message) > MOST_BYTES:
            raise ValidationException("not of this key, or too long")
        return self._key.sign(message)

    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class _Ed25519Key(models.Key):
    """A key of this kind."""

    @property
    def signing_algorithms(self) -> list[str]:
        return [ALGORITHM]


def make_key(seed: bytes, region: str) -> str:
    """Makes a key of 32 bytes in moto's KMS. Returns its id."""
    kind: Any = _Ed25519Key
    key = kind(None, "SIGN_VERIFY", "ECC_NIST_P256", "", DEFAULT_ACCOUNT_ID, region)
    key.key_spec, key.private_key = "ECC_NIST_EDWARDS25519", _Pair(seed)
    models.kms_backends[DEFAULT_ACCOUNT_ID][region].keys[key.id] = key
    return str(key.id)
