"""The public keys of statements: listed for ever, to anybody; a new one takes the place of the one before."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scrip import runtime
from scrip.domain.finance.statement_checks import keys_of
from tests.aws import REGION, STATEMENTS_SEED, Deployment, Key
from tests.kms import make_key

OTHER = b"and later on with this, 32 bytes"
END = "2030-02-01T00:00:00.000Z"


def public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def test_the_key_is_listed_before_it_ever_signed_and_to_anybody(scrip: Deployment) -> None:
    scrip.make_tables()
    (one,) = scrip.get("/v1/statement-keys", caller=None).body["items"]
    assert set(one) == {"key_id", "algorithm", "public_key", "since", "until"}
    assert (one["algorithm"], one["until"]) == ("Ed25519", None)
    assert base64.b64decode(one["public_key"]) == public(STATEMENTS_SEED)
    assert one["key_id"] == "stk_" + hashlib.sha256(public(STATEMENTS_SEED)).hexdigest()[:32]
    assert scrip.get("/v1/statement-keys").body["items"] == [one]


def test_another_key_takes_its_place_and_what_was_signed_stays(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrip.make_tables()
    scrip.grant(account, "1", clock="2030-01-10T00:00:00.000Z")
    path = f"/v1/accounts/{account}/statements"
    before = scrip.get(f"{path}/2030-01", clock=END)
    monkeypatch.setenv("SCRIP_STATEMENTS_KEY_ID", make_key(OTHER, REGION))
    scrip.cold()
    assert scrip.get(f"{path}/2030-01", clock=END).text == before.text
    later = scrip.get(f"{path}/2030-02", clock="2030-03-01T00:00:00.000Z").body
    old, new = scrip.get("/v1/statement-keys").body["items"]
    assert [old["key_id"], new["key_id"]] == [
        before.body["signature"]["key_id"],
        later["signature"]["key_id"],
    ]
    assert (old["until"], new["until"]) == (new["since"], None)
    assert keys_of({"items": [old, new]}) == {
        old["key_id"]: public(STATEMENTS_SEED),
        new["key_id"]: public(OTHER),
    }
    # An environment of before still signs with the old one for a moment: the list stays as it is.
    monkeypatch.undo()
    scrip.cold()
    assert scrip.get("/v1/statement-keys").body["items"] == [old, new]


def test_a_key_of_one_account_sees_them_too(scrip: Deployment) -> None:
    assert scrip.get("/v1/statement-keys", caller=Key("read", "acme")).status == 200


def test_a_key_of_another_kind_signs_nothing(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that the template did not make: the list stays without it."""
    made = runtime.client("kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    monkeypatch.setenv("SCRIP_STATEMENTS_KEY_ID", made["KeyMetadata"]["KeyId"])
    scrip.cold()
    with pytest.raises(ValueError, match="not a public key of Ed25519"):
        scrip.get("/v1/statement-keys")
