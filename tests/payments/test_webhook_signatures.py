"""Nobody but the provider can make Scrip believe in a payment: signatures, on the raw bytes, whatever is
sent."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.standins.dodo import sign
from scrip.payments.signatures import BadSignature, NoSecrets, verify_standard
from tests.payments.samples import DATA, steady

VECTORS = json.loads((DATA / "vectors.json").read_text())["vectors"]
NEW = "whsec_" + base64.b64encode(b"the new secret, 32 bytes of key!").decode()
OLD = "whsec_" + base64.b64encode(b"the old secret, 32 bytes of key!").decode()
NOW = 1793611000
RAW = b'{"type":"payment.succeeded"}'

Headers = dict[str, str]


def signed(raw: bytes = RAW, secret: str = NEW, at: int = NOW, **changed: str) -> Headers:
    """The headers of a good delivery, with some replaced: ``id``, ``timestamp``, ``signature``."""
    headers = sign(secret, "msg_1", raw, at)
    return headers | {f"webhook-{name}": value for name, value in changed.items()}


def accepts(headers: Headers, raw: bytes = RAW, secrets: tuple[str, ...] = (NEW,), now: int = NOW) -> bool:
    try:
        return verify_standard(raw, headers, secrets, now * 1000) == headers["webhook-id"]
    except BadSignature:
        return False


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    raw = base64.b64decode(vector["body_b64"]) if "body_b64" in vector else vector["body"].encode()

    accepted = accepts(vector["headers"], raw, tuple(vector["secrets"]), vector["now"])

    assert accepted == (vector["expect"] == "accept")


GOOD_SIGNATURE = signed()["webhook-signature"]
FULL_WIDTH = "".join(chr(ord("\uff10") + int(digit)) for digit in str(NOW))


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        (signed(), True),
        (signed(at=NOW + 300), True),
        (signed(at=NOW + 301), False),
        (signed(at=NOW - 300), True),
        (signed(at=NOW - 301), False),
        (signed(signature=f"v1,AAAA {GOOD_SIGNATURE}"), True),
        (signed(signature=f"v1a,AAAA v2,{'A' * 88} {GOOD_SIGNATURE}"), True),
        (signed(signature=f"{GOOD_SIGNATURE} {GOOD_SIGNATURE}"), True),
        (signed(signature=" ".join(["v1,AAAA"] * 7 + [GOOD_SIGNATURE])), True),
        (signed(signature=" ".join(["v1,AAAA"] * 8 + [GOOD_SIGNATURE])), False),
        (signed(signature=GOOD_SIGNATURE.replace("v1,", "v2,")), False),
        (signed(signature=GOOD_SIGNATURE.replace("v1,", "v1,v1,")), False),
        (signed(signature=GOOD_SIGNATURE.replace("v1,", "V1,")), False),
        (signed(signature=GOOD_SIGNATURE.removeprefix("v1,")), False),
        (signed(signature=GOOD_SIGNATURE.rstrip("=")), False),
        (signed(signature=f"{GOOD_SIGNATURE},{GOOD_SIGNATURE}"), False),
        (signed(signature="v1,"), False),
        (signed(signature=""), False),
        (signed(signature="v1,\x00"), False),
        (signed(signature="v1,\ud800"), False),
        (signed(signature="v1,AAAA " * 40_000), False),
        (signed(signature=f"{'A' * 2048} {GOOD_SIGNATURE}"), False),
        (signed(timestamp=f"0{NOW}"), False),
        (signed(timestamp=f" {NOW}"), False),
        (signed(timestamp=f"+{NOW}"), False),
        (signed(timestamp=f"{NOW}\n"), False),
        (signed(timestamp=f"{NOW}.0"), False),
        (signed(timestamp="1.793611e9"), False),
        (signed(timestamp="1_793_611_000"), False),
        (signed(timestamp=f"-{NOW}"), False),
        (signed(timestamp="١٧٩٣٦١١٠٠٠"), False),
        (signed(timestamp=FULL_WIDTH), False),
        (signed(timestamp="nan"), False),
        (signed(timestamp="9" * 5000), False),
        (signed(timestamp="0"), False),
        (signed(timestamp=""), False),
        (signed(id=""), False),
        (signed(id="msg_2"), False),
        (signed(id="msg\x00"), False),
        (signed(id="m" * 257), False),
        (signed(id="m" * 1_000_000), False),
    ],
    ids=[
        "as it should be",
        "300 s in the future",
        "301 s in the future",
        "300 s old",
        "301 s old",
        "a second secret's signature first",
        "unknown versions beside it",
        "twice the same",
        "eighth of 8",
        "ninth of 9",
        "another version",
        "the version twice",
        "version in capitals",
        "no version",
        "no padding",
        "joined by a comma",
        "empty signature",
        "empty header",
        "NUL in the signature",
        "half a surrogate",
        "320 kB of signatures",
        "2 kB before the good one",
        "leading zero",
        "leading space",
        "a plus",
        "a newline",
        "a fraction",
        "an exponent",
        "underscores",
        "negative",
        "Arabic digits",
        "full-width digits",
        "not a number",
        "5000 digits",
        "the epoch",
        "no timestamp",
        "no id",
        "another id",
        "NUL in the id",
        "257 characters of id",
        "1 MB of id",
    ],
)
def test_headers(headers: Headers, accepted: bool) -> None:
    assert accepts(headers) == accepted


def test_an_id_with_a_dot_is_refused_even_if_it_was_signed() -> None:
    # "a.1" at second 2 and "a" at "1.2" would be one signed text.
    assert not accepts(sign(NEW, "msg.1", RAW, NOW))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_every_header_is_needed(name: str) -> None:
    headers = signed()
    del headers[name]

    with pytest.raises(BadSignature, match=f"{name} is missing"):
        verify_standard(RAW, headers, [NEW], NOW * 1000)


@pytest.mark.parametrize(
    ("raw", "accepted"),
    [
        (b"", True),
        (b"\x00", True),
        ('{"name":"Zoë 😀"}'.encode(), True),
        (b'\xef\xbb\xbf{"a": 1}\r\n', True),
        (b"\xff\xfe", False),
    ],
    ids=["empty", "NUL", "beyond ASCII", "byte order mark and line end", "no UTF-8"],
)
def test_the_raw_bytes_count_and_the_parser_judges_their_meaning_later(raw: bytes, accepted: bool) -> None:
    assert accepts(signed(raw), raw) == accepted


@steady
@given(raw=st.binary(max_size=200), flip=st.integers(0, 10**6))
def test_a_flipped_bit_is_found(raw: bytes, flip: int) -> None:
    changed = bytearray(raw or b"{}")
    headers = signed(bytes(changed))
    changed[flip % len(changed)] ^= 1 << flip % 8

    assert not accepts(headers, bytes(changed))


HEADER_TEXT = st.text(max_size=60) | st.sampled_from(["msg_1", str(NOW), GOOD_SIGNATURE])


@steady
@given(
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), HEADER_TEXT
    ),
    raw=st.binary(max_size=40),
)
def test_whatever_is_sent_is_a_bad_signature_and_never_another_error(headers: Headers, raw: bytes) -> None:
    assert not accepts(headers, raw)


def test_while_rotating_both_secrets_are_good_and_afterwards_only_the_new_one() -> None:
    assert accepts(signed(secret=OLD), secrets=(NEW, OLD))
    assert accepts(signed(secret=NEW), secrets=(NEW, OLD))
    assert not accepts(signed(secret=OLD), secrets=(NEW,))


def test_every_secret_is_tried_even_after_a_match_so_that_time_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[bytes] = []
    compare = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        compared.append(other)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", spy)

    assert accepts(signed(signature=f"{GOOD_SIGNATURE} v1,AAAA"), secrets=(NEW, OLD))
    assert len(compared) == 4


@pytest.mark.parametrize(
    "secrets",
    [(), ("",), ("whsec_",), ("whsec_not base64!",), ("whsec_ä",), ("whsec_A",), (NEW + "\n",)],
    ids=["none", "empty", "only the prefix", "no base64", "no ASCII", "half a byte", "a newline"],
)
def test_without_a_usable_secret_nothing_is_said_about_the_sender(secrets: tuple[str, ...]) -> None:
    with pytest.raises(NoSecrets):
        verify_standard(RAW, signed(), secrets, NOW * 1000)


def test_a_mistyped_secret_does_not_turn_the_other_one_off() -> None:
    assert accepts(signed(), secrets=("whsec_not base64!", NEW))


def test_an_error_says_neither_the_secret_nor_the_signature() -> None:
    with pytest.raises(BadSignature) as caught:
        verify_standard(RAW, signed(secret=OLD), [NEW], NOW * 1000)

    assert str(caught.value) == "no signature matches"
