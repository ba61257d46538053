"""Nobody but the provider can make Scrip believe in a payment: signatures, on the raw bytes, whatever is
sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.standins.dodo import sign
from scrip.providers.signatures import BadSignature, NoSecrets, verify_standard, verify_timestamped
from scrip.providers.stripe import webhook
from tests.providers.samples import DATA, steady

VECTORS = json.loads((DATA / "vectors.json").read_text())["vectors"]
NEW = "whsec_" + base64.b64encode(b"the new secret, 32 bytes of key!").decode()
OLD = "whsec_" + base64.b64encode(b"the old secret, 32 bytes of key!").decode()
NOW = 1793611000
RAW = b'{"type":"payment.succeeded"}'

SCHEMES = {"standard-webhooks": verify_standard, "stripe-v1": webhook.verify}

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

    verify = SCHEMES[vector["scheme"]]
    try:
        verify(raw, vector["headers"], vector["secrets"], vector["now"] * 1000)
        accepted = True
    except BadSignature:
        accepted = False

    assert accepted == (vector["expect"] == "accept")


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_machine_in_another_zone_accepts_the_same(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert accepts(signed())
        assert not accepts(signed(at=NOW - 301))
    finally:
        monkeypatch.undo()
        time.tzset()


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


# Stripe's scheme, which others took over with other letters.

TEXT_NEW, TEXT_OLD = "whsec_the+new+secret", "whsec_the+old+secret"


def digest(
    raw: bytes = RAW,
    secret: str = TEXT_NEW,
    at: str = str(NOW),
    joint: bytes = b".",
    key: bytes | None = None,
) -> str:
    """The hexadecimal digest that Stripe's documentation asks for."""
    return hmac.new(key or secret.encode(), at.encode() + joint + raw, hashlib.sha256).hexdigest()


def accepts_timestamped(
    header: Any, raw: bytes = RAW, secrets: tuple[str, ...] = (TEXT_NEW,), **letters: Any
) -> bool:
    try:
        verify_timestamped(raw, header, secrets, NOW * 1000, **letters)
    except BadSignature:
        return False
    return True


GOOD = digest()
T = f"t={NOW}"


def at(text: str) -> str:
    """A header whose timestamp is spelled so, and signed so."""
    return f"t={text},v1={digest(at=text)}"


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (f"{T},v1={GOOD}", True),
        (f"v1={GOOD},{T}", True),
        (f"{T},v1={GOOD},v0={'0' * 64}", True),
        (f"{T},v1={'0' * 64},v1={GOOD}", True),
        (f"{T},v1={GOOD},v1={GOOD}", True),
        (T + f",v1={'0' * 64}" * 7 + f",v1={GOOD}", True),
        (T + f",v1={'0' * 64}" * 8 + f",v1={GOOD}", False),
        (T + f",v1={GOOD}" * 9, False),
        (T + f",v0={'0' * 64}" * 20 + f",v1={GOOD}", True),
        (at(str(NOW + 300)), True),
        (at(str(NOW + 301)), False),
        (at(str(NOW - 300)), True),
        (at(str(NOW - 301)), False),
        (at(str(NOW * 1000)), False),
        (at("99999999999"), False),
        (at("9" * 400), False),
        (at("0"), False),
        (at(""), False),
        (at(f"0{NOW}"), False),
        (at(f"+{NOW}"), False),
        (at(f"-{NOW}"), False),
        (at(f" {NOW}"), False),
        (at(f"{NOW} "), False),
        (at(f"{NOW}.0"), False),
        (at(f"{NOW}\n"), False),
        (at("1_793_611_000"), False),
        (at("1.793611e9"), False),
        (at("nan"), False),
        (at("١٧٩٣٦١١٠٠٠"), False),
        (at(FULL_WIDTH), False),
        (f"{T},{T},v1={GOOD}", False),
        (f"{T},t=1,v1={GOOD}", False),
        (f"v1={GOOD}", False),
        (T, False),
        (f"{T},v1=", False),
        (f"{T},v0={GOOD}", False),
        (f"{T},v2={GOOD}", False),
        (f"{T},V1={GOOD}", False),
        (f"T={NOW},v1={GOOD}", False),
        (f"{T},v1={GOOD.upper()}", False),
        (f"{T},v1={GOOD[:-1]}", False),
        (f"{T},v1={GOOD}0", False),
        (f"{T},v1=={GOOD}", False),
        (f"{T},v1:{GOOD}", False),
        (f"{T}, v1={GOOD}", False),
        (f"{T};v1={GOOD}", False),
        (f"{T},v1={GOOD},", False),
        (f"{T},,v1={GOOD}", False),
        (f"{T},v1={GOOD},=", False),
        (f"{T},v1={GOOD},whatever", False),
        (f"{T},v1={GOOD},{'n' * 17}=1", False),
        (f"{T},v1={GOOD}\x00", False),
        (f"{T},v1=\xe9", False),
        (f"{T},v1=\ud800", False),
        (f"{T},v1={GOOD},x={'1' * 2048}", False),
        (f"{T},v1={GOOD}" * 100_000, False),
        ("", False),
        (None, False),
        ([f"{T},v1={GOOD}"], False),
        (f"{T},v1={GOOD}".encode(), False),
        (7, False),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_header_of_a_timestamp_and_digests(header: Any, accepted: bool) -> None:
    assert accepts_timestamped(header) == accepted


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\xff\xfe", b"{}\r\n", "Zo\u00eb".encode()])
def test_any_bytes_can_be_signed_and_only_these_are(raw: bytes) -> None:
    assert accepts_timestamped(f"{T},v1={digest(raw)}", raw)
    assert not accepts_timestamped(f"{T},v1={digest(raw)}", raw + b" ")


def test_the_same_scheme_with_other_letters() -> None:
    paddle: dict[str, Any] = {"fields": ";", "time": "ts", "digest": "h1", "joint": b":"}
    signed = digest(joint=b":")

    assert accepts_timestamped(f"ts={NOW};h1={signed}", **paddle)
    assert accepts_timestamped(f"ts={NOW};h1={'0' * 64};h1={signed}", **paddle)
    assert not accepts_timestamped(f"ts={NOW};h1={GOOD}", **paddle)
    assert not accepts_timestamped(f"t={NOW},v1={signed}", **paddle)


def test_the_key_is_the_whole_text_of_a_secret_and_not_what_it_decodes_to() -> None:
    assert not accepts_timestamped(f"{T},v1={digest(secret='the+new+secret')}")
    decoded = base64.b64decode(NEW.removeprefix("whsec_"))
    assert not accepts_timestamped(f"{T},v1={digest(key=decoded)}", secrets=(NEW,))
    assert accepts_timestamped(f"{T},v1={digest(secret=NEW)}", secrets=(NEW,))


def test_while_rotating_either_secret_of_stripes_is_good() -> None:
    old = f"{T},v1={digest(secret=TEXT_OLD)}"

    assert accepts_timestamped(old, secrets=(TEXT_NEW, TEXT_OLD))
    assert accepts_timestamped(f"{old},v1={GOOD}", secrets=(TEXT_NEW,))
    assert not accepts_timestamped(old, secrets=(TEXT_NEW,))


def test_every_secret_is_tried_on_every_digest_even_after_a_match(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    compare = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        compared.append(other)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", spy)

    assert accepts_timestamped(f"{T},v1={GOOD},v1={'0' * 64}", secrets=(TEXT_NEW, TEXT_OLD))
    assert len(compared) == 4


@pytest.mark.parametrize(
    "secrets", [(), ("",), ("whsec_",), ("whsec_\u00e4",), ("two words",), ("whsec_a\n",)]
)
def test_without_a_usable_secret_no_digest_is_judged(secrets: tuple[str, ...]) -> None:
    with pytest.raises(NoSecrets):
        verify_timestamped(RAW, f"{T},v1={GOOD}", secrets, NOW * 1000)


def test_a_mistyped_secret_of_stripes_does_not_turn_the_other_one_off() -> None:
    assert accepts_timestamped(f"{T},v1={GOOD}", secrets=("", "whsec_a\n", TEXT_NEW))


@steady
@given(header=st.text(max_size=80) | st.text(alphabet="tv01=,;.", max_size=40), raw=st.binary(max_size=40))
def test_whatever_a_header_holds_it_is_a_bad_signature_and_never_another_error(
    header: str, raw: bytes
) -> None:
    assert not accepts_timestamped(header, raw)


def named(raw: bytes) -> str:
    """The delivery's name that Stripe's ``verify`` gives this body, well signed."""
    headers = {"stripe-signature": f"{T},v1={digest(raw)}"}
    return webhook.verify(raw, headers, [TEXT_NEW], NOW * 1000)


def test_a_delivery_of_stripes_is_named_by_the_event_in_its_body() -> None:
    assert named(b'{"id": "evt_1MqqbKLt4dXK03v5qaIbiNCC", "type": "x"}') == "evt_1MqqbKLt4dXK03v5qaIbiNCC"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not JSON",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"id": null}',
        b'{"id": 7}',
        b'{"id": "pi_1"}',
        b'{"id": "evt_"}',
        b'{"id": "evt_a/b"}',
        b'{"id": "evt_' + b"1" * 97 + b'"}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_a_body_without_an_events_id_is_named_by_its_hash(raw: bytes) -> None:
    assert named(raw) == "sha256." + hashlib.sha256(raw).hexdigest()


def test_no_body_is_named_before_it_is_proven() -> None:
    with pytest.raises(BadSignature):
        webhook.verify(b'{"id": "evt_1"}', {"stripe-signature": f"{T},v1={GOOD}"}, [TEXT_NEW], NOW * 1000)
