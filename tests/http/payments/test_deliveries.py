"""From a provider's POST to the queue, at every provider: kept, queued, answered, and nothing lost on the way."""

from __future__ import annotations

import base64
import hmac
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrip import runtime
from scrip.providers import webhooks
from tests.aws import ROOT, WEBHOOK_SECRET, Answer, Deployment, Fault, Json
from tests.http.contract import refused
from tests.signing import SIGN

STEADY = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PROVIDERS = sorted(SIGN)
VECTORS = json.loads((ROOT / "tests" / "providers" / "data" / "vectors.json").read_text())["vectors"]
SAMPLES = sorted((ROOT / "events" / "webhooks").glob("*.json"))
UNREADABLE = '{"type": "payment.teleported", "id": "evt_1", "event_id": "evt_1", "data": {}}'
"""An event that no provider knows; signed, it is parked."""

EVERYTHING = ("dynamodb", "sqs", "secretsmanager")
ALL_PROVIDERS = pytest.mark.parametrize("name", PROVIDERS)


@pytest.fixture(autouse=True)
def _afresh(scrip: Deployment) -> Iterator[None]:
    scrip.make_tables()
    scrip.queued()
    yield
    scrip.put_back_secrets()


def sample(name: str) -> str:
    return (ROOT / "events" / "webhooks" / f"{name}.json").read_text()


def signed(name: str, raw: bytes, secret: str = WEBHOOK_SECRET, at: int | None = None) -> dict[str, str]:
    return SIGN[name](secret, "msg_1", raw, at)


def post(scrip: Deployment, name: str, raw: bytes, headers: dict[str, str], **request: Any) -> Answer:
    """Bytes as the gateway passes what it takes for no text: base64."""
    text = base64.b64encode(raw).decode()
    return scrip.send(
        "POST", f"/v1/webhooks/{name}", raw=text, base64_encoded=True, headers=headers, **request
    )


def test_every_adapter_is_tested_here() -> None:
    assert set(PROVIDERS) == webhooks.names()


# Kept


def test_a_delivery_is_kept_word_for_word_and_what_it_was_understood_as(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = runtime.now()
    monkeypatch.setattr(runtime, "now", lambda: now)
    body = sample("dodo_payment_succeeded")
    assert scrip.webhook(body, "msg_1").status == 200
    (kept,) = scrip.kept()
    assert (kept["provider"], kept["delivery_id"], kept["type"], kept["payment_id"]) == (
        "dodo",
        "msg_1",
        "payment.succeeded",
        "pay_wk4A001",
    )
    assert (kept["body"], int(kept["received_at"])) == (body, now)
    assert "reasons" not in kept
    assert re.fullmatch(r"dodo#[0-9a-f]{64}", kept["pk"])


def test_a_body_is_kept_for_30_days_in_seconds_as_the_table_counts(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "now", lambda: 1_793_611_000_500)
    headers = signed("dodo", UNREADABLE.encode(), at=1_793_611_000)
    assert post(scrip, "dodo", UNREADABLE.encode(), headers).status == 200
    (kept,) = scrip.kept()
    assert (int(kept["keep_until"]), "expires_at" in kept) == (1_796_203_000, False), "not while it waits"
    assert scrip.apply(scrip.queued()) == []
    (kept,) = scrip.kept()
    assert int(kept["expires_at"]) == 1_796_203_000


def test_a_stored_body_is_small(scrip: Deployment) -> None:
    """Compressed: a body of 256 KiB of JSON must fit into an item, and cost little."""
    raw = sample("dodo_payment_succeeded")
    scrip.webhook(raw)
    (item,) = scrip.dynamodb.scan(TableName="deliveries")["Items"]
    assert len(item["body"]["B"]) < len(raw) / 2


def test_the_largest_body_fits_even_if_nothing_in_it_repeats(scrip: Deployment) -> None:
    noise = base64.b64encode(random.Random(1).randbytes(190_000)).decode()
    raw = json.dumps({"type": "x.y", "note": noise})
    assert len(raw) > 250_000
    assert scrip.webhook(raw).status == 200
    assert [item["body"] for item in scrip.kept()] == [raw]


def test_the_same_body_again_is_kept_once_as_it_first_came(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = runtime.now()
    for later in (0, 5_000, 60_000):
        monkeypatch.setattr(runtime, "now", lambda later=later: first + later)
        assert scrip.webhook(UNREADABLE, "msg_1").status == 200
    (kept,) = scrip.kept()
    assert int(kept["received_at"]) == first


def test_a_retry_that_says_more_is_kept_beside_the_first(scrip: Deployment) -> None:
    """Dodo sends what it knows by then: neither body replaces the other."""
    first, then = sample("dodo_payment_succeeded"), sample("dodo_payment_succeeded_redelivered_after_refund")
    for body in (first, then, first):
        assert scrip.webhook(body, "msg_1").status == 200
    assert [kept["body"] for kept in scrip.kept("msg_1")] == [first, then]


def test_one_id_of_two_providers_is_two_deliveries(scrip: Deployment) -> None:
    for provider in ("dodo", "standard"):
        scrip.webhook(UNREADABLE, "msg_1", provider)
    assert sorted(kept["provider"] for kept in scrip.kept()) == ["dodo", "standard"]


@pytest.mark.parametrize("name", ["dodo_credit_added"])
def test_what_means_nothing_to_the_ledger_is_neither_kept_nor_queued(scrip: Deployment, name: str) -> None:
    with scrip.calls("dynamodb", "sqs") as made:
        assert scrip.webhook(sample(name)).status == 200
    assert made == []


def test_how_a_subscription_stands_is_queued_and_its_body_is_not_kept(scrip: Deployment) -> None:
    """No payment leads to it, so nobody could find it to erase it."""
    with scrip.calls("dynamodb", "sqs") as made:
        assert scrip.webhook(sample("dodo_subscription_renewed")).status == 200
    assert [call.name for call in made] == ["SendMessage"]
    assert scrip.apply(scrip.queued()) == []


@ALL_PROVIDERS
def test_what_cannot_be_read_is_kept_with_its_reason_queued_and_counted(
    scrip: Deployment, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert scrip.webhook(UNREADABLE, "msg_1", name).status == 200
    (kept,) = scrip.kept()
    assert kept["body"] == UNREADABLE
    assert len(kept["reasons"]) == 1
    (record,) = scrip.queued()
    assert json.loads(record["body"])["delivery"]["parked"]
    assert capsys.readouterr().out.count('"UnknownEvent":1') == 1


@ALL_PROVIDERS
def test_a_body_that_is_no_json_is_refused_and_kept_all_the_same(scrip: Deployment, name: str) -> None:
    """The provider did sign it: somebody will want to know what it was."""
    refused(scrip.webhook("amount=12000", "msg_1", name), 400, "invalid_request")
    (kept,) = scrip.kept()
    assert (kept["body"], kept["reasons"]) == ("amount=12000", [{"S": "body: is not JSON"}])
    assert scrip.queued() == []


@ALL_PROVIDERS
def test_nothing_is_kept_of_what_is_not_signed(scrip: Deployment, name: str) -> None:
    headers = signed(name, b"{}")
    refused(post(scrip, name, b"{ }", headers), 401, "unauthenticated")
    assert scrip.kept() == []
    assert scrip.queued() == []


# Calls, and what happens when one of them fails


@ALL_PROVIDERS
def test_a_delivery_costs_one_write_and_one_message(scrip: Deployment, name: str) -> None:
    assert scrip.webhook(UNREADABLE, "msg_1", name).status == 200
    with scrip.calls(*EVERYTHING) as made:
        assert scrip.webhook(UNREADABLE + " ", "msg_2", name).status == 200
    assert [call.name for call in made] == ["PutItem", "SendMessage"]


DENIED = Fault.error("AccessDeniedException")
BUSY = Fault.error("ThrottlingException")
DOWN = Fault.error("ServiceUnavailable", 503)
FAULTS = pytest.mark.parametrize(
    "fault", [DENIED, BUSY, DOWN, Fault.timeout], ids=["denied", "busy", "down", "silent"]
)


def tried_again(scrip: Deployment, answer: Answer, out: str, body: str) -> None:
    """Asserts that the provider was told to try again, that somebody hears of it, and that trying again mends it."""
    refused(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert out.count('"WebhookUnavailable":1') == 1
    assert scrip.queued() == []
    assert scrip.webhook(body, "msg_1").status == 200
    assert [kept["body"] for kept in scrip.kept()] == [body]
    assert len(scrip.queued()) == 1


@FAULTS
def test_where_the_table_fails_the_provider_tries_again(
    scrip: Deployment, fault: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with scrip.broken("PutItem", fault, times=9):
        answer = scrip.webhook(UNREADABLE, "msg_1")
    assert scrip.kept() == []
    tried_again(scrip, answer, capsys.readouterr().out, UNREADABLE)


def test_where_a_body_is_kept_and_the_answer_is_lost_the_provider_tries_again(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with scrip.broken("PutItem", Fault.timeout, times=9, lost=True):
        answer = scrip.webhook(UNREADABLE, "msg_1")
    assert len(scrip.kept()) == 1
    tried_again(scrip, answer, capsys.readouterr().out, UNREADABLE)


@FAULTS
def test_where_the_queue_fails_the_provider_tries_again(
    scrip: Deployment, fault: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with scrip.broken("SendMessage", fault, times=9, service="sqs"):
        answer = scrip.webhook(UNREADABLE, "msg_1")
    assert len(scrip.kept()) == 1
    tried_again(scrip, answer, capsys.readouterr().out, UNREADABLE)


@FAULTS
def test_where_the_secret_cannot_be_read_the_provider_tries_again(
    scrip: Deployment, fault: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with scrip.broken("GetSecretValue", fault, times=9, service="secretsmanager"):
        answer = scrip.webhook(UNREADABLE, "msg_1")
    assert scrip.kept() == []
    tried_again(scrip, answer, capsys.readouterr().out, UNREADABLE)


# Secrets


def asked(scrip: Deployment, requests: Callable[[], Any]) -> int:
    """How often the functions ask for a secret meanwhile."""
    with scrip.calls("secretsmanager") as made:
        requests()
    assert {call.name for call in made} <= {"GetSecretValue"}
    return len(made)


def test_a_secret_is_remembered_for_five_minutes() -> None:
    assert runtime.SECRET_SECONDS == 300


@ALL_PROVIDERS
def test_a_secret_is_asked_for_once_in_a_while(scrip: Deployment, name: str) -> None:
    def five() -> None:
        for number in range(5):
            assert scrip.webhook(UNREADABLE, f"msg_{number}", name).status == 200

    assert asked(scrip, five) == 1
    assert asked(scrip, five) == 0


@ALL_PROVIDERS
def test_a_flood_of_bad_signatures_asks_for_the_secret_once_a_minute(
    scrip: Deployment, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = runtime.now()
    raw, headers = b"{}", signed(name, b"[]", at=now // 1000)

    def flood() -> None:
        for _ in range(20):
            refused(post(scrip, name, raw, headers), 401, "unauthenticated")

    monkeypatch.setattr(runtime, "now", lambda: now)
    assert asked(scrip, flood) == 2  # as it was cold, and once more
    monkeypatch.setattr(runtime, "now", lambda: now + 59_999)
    assert asked(scrip, flood) == 0
    monkeypatch.setattr(runtime, "now", lambda: now + 60_000)
    assert asked(scrip, flood) == 1


def test_one_providers_flood_does_not_keep_anothers_new_secret_out(scrip: Deployment) -> None:
    for provider in ("stripe", "dodo"):
        scrip.webhook(UNREADABLE, "msg_1", provider)
    refused(post(scrip, "stripe", b"{}", {}), 401, "unauthenticated")
    scrip.put_secrets("dodo", [FRESH])
    raw = UNREADABLE.encode()
    assert post(scrip, "dodo", raw, signed("dodo", raw, FRESH)).status == 200


FRESH = "whsec_" + base64.b64encode(b"the next one, also 32 bytes long").decode()


@ALL_PROVIDERS
def test_a_new_secret_works_at_once_and_while_rotating_so_does_the_old(scrip: Deployment, name: str) -> None:
    """Warm functions, which remember the old one alone: the first signature they do not know makes them look."""
    raw = UNREADABLE.encode()
    old, new = signed(name, raw), signed(name, raw, FRESH)
    assert post(scrip, name, raw, old).status == 200
    scrip.put_secrets(name, [FRESH, WEBHOOK_SECRET])
    assert post(scrip, name, raw, new).status == 200
    assert post(scrip, name, raw, old).status == 200
    scrip.put_secrets(name, [FRESH])
    scrip.cold()
    assert post(scrip, name, raw, new).status == 200
    refused(post(scrip, name, raw, old), 401, "unauthenticated")


@ALL_PROVIDERS
def test_a_secret_that_is_put_at_last_works_at_once(scrip: Deployment, name: str) -> None:
    scrip.put_secrets(name, [])
    raw = UNREADABLE.encode()
    headers = signed(name, raw)
    refused(post(scrip, name, raw, headers), 503, "unavailable")
    scrip.put_secrets(name, [WEBHOOK_SECRET])
    # It was asked for out of turn just now; a minute later it is again.
    runtime._asked_again().clear()
    assert post(scrip, name, raw, headers).status == 200


@ALL_PROVIDERS
@pytest.mark.parametrize(
    "secrets", [[], [""], ["whsec_"], None, "whsec_AAAA", {"a": "b"}, [7], [None], [["whsec_AAAA"]]], ids=repr
)
def test_without_a_usable_secret_the_provider_is_told_to_try_again(
    scrip: Deployment, name: str, secrets: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.put_secrets(name, secrets)
    capsys.readouterr()
    answer = scrip.webhook(UNREADABLE, "msg_1", name)
    refused(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    out = capsys.readouterr().out
    assert (out.count('"WebhookSecretMissing":1'), out.count("WebhookRefused")) == (1, 0)


@pytest.mark.parametrize("text", ["", "whsec_AAAA", "[]", "null", '"x"'], ids=repr)
def test_a_secret_of_another_shape_is_our_own_failure(scrip: Deployment, text: str) -> None:
    if not text:
        text = " "
    scrip.put_secret_text("dodo", text)
    refused(scrip.webhook(UNREADABLE), 503, "unavailable")


# Signatures


@pytest.mark.parametrize(
    ("name", "vector"),
    [
        (provider, vector)
        for vector in VECTORS
        for provider in {"standard-webhooks": ("dodo", "standard"), "stripe-v1": ("stripe",)}[
            vector["scheme"]
        ]
    ],
    ids=lambda value: value if isinstance(value, str) else value["name"],
)
def test_vector(scrip: Deployment, name: str, vector: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "now", lambda: vector["now"] * 1000)
    scrip.put_secrets(name, vector["secrets"])
    raw = base64.b64decode(vector["body_b64"]) if "body_b64" in vector else vector["body"].encode()
    answer = post(scrip, name, raw, vector["headers"])
    assert answer.status == {"accept": 200, "reject": 401}[vector["expect"]], answer.text
    assert len(scrip.kept()) == (vector["expect"] == "accept")


@ALL_PROVIDERS
@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-300, 200), (0, 200), (300, 200), (301, 401)])
def test_a_signature_is_good_for_five_minutes_both_ways(
    scrip: Deployment, name: str, seconds: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "now", lambda: 1_793_611_000_000)
    raw = UNREADABLE.encode()
    headers = signed(name, raw, at=1_793_611_000 + seconds)
    assert post(scrip, name, raw, headers).status == status


@ALL_PROVIDERS
def test_a_bad_signature_is_counted_with_its_provider_and_without_itself(
    scrip: Deployment, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = signed(name, b"[]")
    capsys.readouterr()
    refused(post(scrip, name, b"{}", headers), 401, "unauthenticated")
    out = capsys.readouterr().out
    (line,) = [json.loads(line) for line in out.splitlines() if "WebhookRefused" in line]
    assert line["provider"] == name
    for value in headers.values():
        assert value not in out.replace(headers.get("webhook-timestamp", "-"), "")


TOO_MUCH: dict[str, list[dict[str, str]]] = {
    "standard": [
        {"webhook-id": "x" * 257},
        {"webhook-timestamp": "1" * 12},
        {"webhook-signature": "v1,AAAA " * 9},
        {"webhook-signature": "v1," + "A" * 3000},
    ],
    "stripe": [
        {"stripe-signature": "t=1793611000," + ",".join(["v1=" + "a" * 64] * 9)},
        {"stripe-signature": "t=1793611000,v1=" + "a" * 3000},
        {"stripe-signature": "t=" + "1" * 5000 + ",v1=" + "a" * 64},
    ],
    "paddle": [
        {"paddle-signature": "ts=1793611000;" + ";".join(["h1=" + "a" * 64] * 9)},
        {"paddle-signature": "ts=1793611000;h1=" + "a" * 3000},
    ],
}
TOO_MUCH["dodo"] = TOO_MUCH["standard"]


@pytest.fixture
def digests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A note of every HMAC that is begun."""
    made: list[str] = []
    for name in ("new", "digest"):
        begin = getattr(hmac, name)

        def noted(*args: Any, begin: Any = begin, **named: Any) -> Any:
            made.append("one")
            return begin(*args, **named)

        monkeypatch.setattr(hmac, name, noted)
    return made


@pytest.mark.parametrize(
    ("name", "change"),
    [(provider, change) for provider, changes in TOO_MUCH.items() for change in changes],
    ids=lambda value: value if isinstance(value, str) else f"{next(iter(value))}-{len(str(value))}",
)
def test_headers_past_their_limits_are_refused_before_anything_is_computed(
    scrip: Deployment,
    name: str,
    change: dict[str, str],
    digests: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime, "now", lambda: 1_793_611_000_000)
    headers = signed(name, b"{}", at=1_793_611_000) | change
    # moto signs its own requests' parts with HMAC: the secret is asked for before.
    runtime.secret(f"SCRIP_{name.upper()}_WEBHOOK_SECRET_ID")
    monkeypatch.setattr(runtime, "secret_again", lambda name: None)
    digests.clear()
    refused(post(scrip, name, b"{}", headers), 401, "unauthenticated")
    assert digests == []


@ALL_PROVIDERS
def test_a_body_past_256_kib_is_refused_before_anything_is_computed(
    scrip: Deployment, name: str, digests: list[str]
) -> None:
    raw = b"x" * (256 * 1024 + 1)
    headers = signed(name, raw)
    digests.clear()
    refused(post(scrip, name, raw, headers), 413, "body_too_large")
    text = {"raw": raw.decode(), "headers": headers}
    refused(scrip.send("POST", f"/v1/webhooks/{name}", **text), 413, "body_too_large")
    assert digests == []


@ALL_PROVIDERS
@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/octet-stream", "nonsense"])
def test_the_content_type_says_nothing(scrip: Deployment, name: str, content_type: str | None) -> None:
    raw = UNREADABLE.encode()
    answer = post(scrip, name, raw, signed(name, raw), content_type=content_type)
    assert answer.status == 200


def test_header_names_may_be_of_any_case(scrip: Deployment) -> None:
    raw = UNREADABLE.encode()
    for provider in PROVIDERS:
        headers = {name.title(): value for name, value in signed(provider, raw).items()}
        assert post(scrip, provider, raw, headers).status == 200


# What JSON can do to a reader

HAZARDS: dict[str, tuple[bytes, int]] = {
    "an integer of 5000 digits": (b'{"type":"x","data":{"total_amount":' + b"9" * 5000 + b"}}", 400),
    "an integer of 4000 digits": (b'{"type":"x","data":{"total_amount":' + b"9" * 4000 + b"}}", 200),
    "a number past every float": (b'{"type":"payment.succeeded","data":{"total_amount":1e999}}', 200),
    "brackets 100 000 deep": (b'{"a":' + b"[" * 100_000, 400),
    "brackets 100 000 deep, closed": (b"[" * 100_000 + b"]" * 100_000, 400),
    "braces 40 000 deep": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, 400),
    "NaN": (b'{"type":"x","data":{"total_amount":NaN}}', 400),
    "Infinity": (b'{"type":"x","data":{"total_amount":Infinity}}', 400),
    "minus Infinity": (b'{"type":"x","data":{"total_amount":-Infinity}}', 400),
    "a key twice": (b'{"type":"x.y","type":"z.w","data":{}}', 200),
    "half a surrogate, escaped": (b'{"type":"\\ud800","data":{"payment_id":"\\udfff"}}', 200),
    "half a surrogate, as a key": (b'{"type":"x","\\ud800":{"\\udfff":1}}', 200),
    "NUL, escaped": (b'{"type":"\\u0000","data":{}}', 200),
    "a byte order mark": (b'\xef\xbb\xbf{"type":"x.y","data":{}}', 200),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbf{}", 400),
    "a byte order mark alone": (b"\xef\xbb\xbf", 400),
    "nothing": (b"", 400),
    "white space": (b" \n\t", 400),
    "two documents": (b"{}{}", 400),
    "a comment": (b"{} // yes", 400),
    "single quotes": (b"{'type': 'x'}", 400),
    "a list of everything": (b'[null, true, 1, 1.5, "x", [], {}]', 200),
    "the type is a list": (b'{"type":["payment.succeeded"],"data":{}}', 200),
    "the type is 100 kB": (b'{"type":"' + b"x" * 100_000 + b'","data":{}}', 200),
}


@ALL_PROVIDERS
@pytest.mark.parametrize(("raw", "status"), HAZARDS.values(), ids=HAZARDS.keys())
def test_a_signed_body_with(scrip: Deployment, name: str, raw: bytes, status: int) -> None:
    answer = post(scrip, name, raw, signed(name, raw))
    assert answer.status == status, answer.text
    assert [kept["body"].encode("utf-8", "surrogateescape") for kept in scrip.kept()] == [raw]
    assert len(scrip.queued()) == (status == 200)


@pytest.mark.parametrize(("encoding", "standard"), [("utf-16", 401), ("utf-32", 401), ("utf-16-be", 200)])
def test_other_unicode_is_read_too(scrip: Deployment, encoding: str, standard: int) -> None:
    """Where the scheme signs any bytes. Standard Webhooks signs UTF-8, which a byte order mark of another is not."""
    raw = UNREADABLE.encode(encoding)
    for name, status in {"stripe": 200, "paddle": 200, "standard": standard, "dodo": standard}.items():
        assert post(scrip, name, raw, signed(name, raw)).status == status


@pytest.mark.parametrize("name", ["stripe", "paddle"])
@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b'{"type":"\xff"}', b"\x00\x00\xfe\xff", b"\xed\xa0"])
def test_bytes_that_are_no_text_are_no_json(scrip: Deployment, name: str, raw: bytes) -> None:
    refused(post(scrip, name, raw, signed(name, raw)), 400, "invalid_request")


def test_half_a_surrogate_in_a_body_that_was_passed_as_text(scrip: Deployment) -> None:
    for provider in PROVIDERS:
        text = '{"type":"\ud800"}'
        headers = signed(provider, text.encode("utf-8", "surrogatepass"))
        answer = scrip.send("POST", f"/v1/webhooks/{provider}", raw=text, headers=headers)
        assert answer.status in (200, 400, 401)


# Anything at all

HEADER_NAMES = [
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "stripe-signature",
    "paddle-signature",
]
HEADER_VALUES = (
    st.text(max_size=80)
    | st.from_regex(r"t=[0-9]{0,12},v1=[0-9a-f]{0,70}(,v1=[0-9a-f]{0,70}){0,9}", fullmatch=True)
    | st.from_regex(r"ts=[0-9]{0,12};h1=[0-9a-f]{0,70}", fullmatch=True)
    | st.from_regex(r"v1,[A-Za-z0-9+/=]{0,60}", fullmatch=True)
    | st.sampled_from(["1793611000", "msg_1", "t=1793611000,v1=", "v1,", "t=,v1=", ",", ";", "="])
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
WORDS = st.sampled_from(
    ["payment.succeeded", "refund.succeeded", "dispute.lost", "charge.refunded", "payment_intent.succeeded",
     "checkout.session.completed", "refund.updated", "charge.dispute.closed", "invoice.paid", "transaction.completed",
     "adjustment.updated", "succeeded", "paid", "completed", "USD", "pay_1", "pi_1", "12000", "refund", "chargeback"]
)  # fmt: skip
MEMBERS = st.sampled_from(
    ["type", "event_type", "event_id", "id", "data", "object", "status", "payment_id", "total_amount", "currency",
     "tax", "amount", "refunds", "disputes", "refund_id", "dispute_id", "dispute_status", "dispute_stage", "metadata",
     "payment_intent", "payment_status", "mode", "livemode", "created", "created_at", "timestamp", "custom_data",
     "details", "totals", "items", "action", "transaction_id", "topup_id", "balance_transactions", "parent"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=6),
    max_leaves=20,
)
EVENTS = st.fixed_dictionaries(
    {}, optional={"type": WORDS, "event_type": WORDS, "data": VALUES, "id": VALUES}
)


@ALL_PROVIDERS
@STEADY
@given(headers=st.dictionaries(st.sampled_from(HEADER_NAMES), HEADER_VALUES), raw=st.binary(max_size=60))
def test_whatever_is_sent_unsigned_is_refused(
    scrip: Deployment, name: str, headers: dict[str, str], raw: bytes
) -> None:
    refused(post(scrip, name, raw, headers), 401, "unauthenticated")


@ALL_PROVIDERS
@STEADY
@given(body=VALUES | EVENTS)
def test_whatever_is_signed_and_json_is_taken(scrip: Deployment, name: str, body: Any) -> None:
    raw = json.dumps(body).encode()
    answer = post(scrip, name, raw, signed(name, raw))
    assert answer.status == 200, answer.text


@ALL_PROVIDERS
@STEADY
@given(raw=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_whatever_is_signed_is_taken_or_no_json(scrip: Deployment, name: str, raw: bytes) -> None:
    answer = post(scrip, name, raw, signed(name, raw))
    # Standard Webhooks signs text, so bytes that are none have no signature there.
    assert answer.status in ((200, 400) if _is_text(raw) or name in ("stripe", "paddle") else (401,))


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# What is said of it elsewhere

PRIVATE = {
    "name", "email", "phone", "phone_number", "city", "street", "line1", "line2", "zipcode", "postal_code", "last4",
    "card_last_four", "card_holder_name", "receipt_email", "customer_email", "fingerprint",
}  # fmt: skip
"""Members of a body that tell who somebody is."""


def private(body: Any, name: str = "") -> set[str]:
    """What stands in such members anywhere in a body."""
    if isinstance(body, dict):
        return set().union(*(private(value, key) for key, value in body.items()))
    if isinstance(body, list):
        return set().union(*(private(value, name) for value in body))
    return {body} if name in PRIVATE and isinstance(body, str) and body else set()


def test_the_samples_do_hold_personal_data() -> None:
    told = set().union(*(private(json.loads(path.read_text())) for path in SAMPLES))
    assert {"Example Customer", "customer@example.test", "4242", "Uppsala", "E CUSTOMER"} <= told


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_log_line_queue_or_wallet_knows_who_somebody_is(
    scrip: Deployment, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    provider, raw = path.stem.partition("_")[0], path.read_text()
    headers = signed(provider, raw.encode())
    capfd.readouterr()
    assert post(scrip, provider, raw.encode(), headers).status == 200
    refused(post(scrip, provider, b" " + raw.encode(), headers), 401, "unauthenticated")
    records = scrip.queued()
    assert scrip.apply(records) == []
    with scrip.broken("PutItem", DENIED, times=9):
        post(scrip, provider, raw.encode(), headers)
    out, err = capfd.readouterr()
    said = out + err + "".join(record["body"] for record in records) + str(scrip.everything())
    assert '"Latency"' in out
    for secret in private(json.loads(raw)):
        assert not re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", said), secret
    for secret in (WEBHOOK_SECRET, WEBHOOK_SECRET.removeprefix("whsec_"), raw[:200]):
        assert secret not in said
    for header in headers.values():
        assert len(header) < 20 or header not in said
