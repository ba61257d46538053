"""A customer is forgotten on the whole stack: her name and address are looked for in all that it keeps, however they
are written, first where they should be, then where they must not be any more."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote, quote_plus

import httpx
import pytest

from scrip.domain.payments.mailbox import canonical_email
from scrip.store import keys
from tests.stack.conftest import App
from tests.stack.test_buying import PACK, provider, status
from tests.stack.test_events import Queue

PATIENCE: Final = 60.0
"""Seconds for nine webhooks to be applied, on a machine that has other things to do."""
PROVIDERS: Final = ("dodo", "stripe", "paddle")
Json = dict[str, Any]


def spellings(text: str) -> set[bytes]:
    """A text as it may be written: in any case, in URLs, in JSON, in hexadecimal, in base64 wherever it begins."""
    cases = {text, text.lower(), text.upper(), text.replace("@", r"\u0040")}
    written = {one for text in cases for one in (text, quote(text, safe=""), quote_plus(text))}
    found = {one.encode() for one in written} | {text.encode().hex().encode()}
    for said in (text, text.lower()):
        for shift in range(3):
            # Letters of base64 that hang on what stands before or after it are left out.
            coded = base64.b64encode(b"\x00" * shift + said.encode()).rstrip(b"=")
            found.add(coded[(0, 2, 3)[shift] : -1 if len(coded) % 4 else None])
    return found


def plain(value: Any) -> Iterator[bytes]:
    """Every text and every bytes in a value, bytes also as what they are the compressed form of."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield str(name).encode()
            yield from plain(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from plain(member)
    elif isinstance(value, bytes):
        yield value
        for width in (15, -15, 31):
            try:
                yield zlib.decompress(value, width)
            except zlib.error:
                continue
    else:
        yield str(value).encode("utf-8", "surrogateescape")


def rows(stack: App) -> Iterator[tuple[str, Any]]:
    """Every row of every table: of which, and what it is."""
    dynamodb, outputs = stack.stack.client("dynamodb"), stack.stack.outputs
    for table in dynamodb.list_tables()["TableNames"]:
        name = next((one for one, value in outputs.items() if value == table), table)
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            yield from ((name, item) for item in page["Items"])


def kept(stack: App) -> Iterator[tuple[str, Any]]:
    """All that the stack keeps: where, and what."""
    client = stack.stack.client
    yield from rows(stack)
    yield from ((f"stream of {arn}", record) for arn, record in streamed(stack))
    sqs = client("sqs")
    for url in sqs.list_queues().get("QueueUrls", []):
        seen: set[str] = set()
        # Not hidden for long: what waits for a function is still to come to it.
        while messages := [
            one
            for one in sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=2, AttributeNames=["All"]
            ).get("Messages", [])
            if one["MessageId"] not in seen
        ]:
            seen.update(one["MessageId"] for one in messages)
            yield from ((url, message) for message in messages)
    logs = client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        named = {"logGroupName": group["logGroupName"]}
        for line in logs.filter_log_events(**named).get("events", []):
            yield named["logGroupName"], line
    s3 = client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            body = s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
            yield bucket["Name"], {item["Key"]: body}
    events = client("events")
    yield from (("buses", bus) for bus in events.list_event_buses()["EventBuses"])
    yield from (("rules", rule) for rule in events.list_rules()["Rules"])
    yield from (("metrics", metric) for metric in client("cloudwatch").list_metrics()["Metrics"])
    yield from (("what the local AWS said", line) for line in stack.stack.function_logs().splitlines())
    for path in (stack.stack.workdir / "state").rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()


def streamed(stack: App) -> Iterator[tuple[str, Any]]:
    """Every record of every stream."""
    streams = stack.stack.client("dynamodbstreams")
    for stream in streams.list_streams()["Streams"]:
        arn = stream["StreamArn"]
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while iterator:
                answer = streams.get_records(ShardIterator=iterator)
                yield from ((arn, record) for record in answer["Records"])
                iterator = answer.get("NextShardIterator") if answer["Records"] else None


def found(stack: App, *texts: str) -> set[str]:
    """Where any of the texts is, in any spelling."""
    written: dict[str, list[bytes]] = {}
    for where, value in kept(stack):
        written.setdefault(where, []).extend(plain(value))
    wanted = {one for text in texts for one in spellings(text)}
    # One search in all of a place: there are a million texts.
    together = {where: b"\0".join(parts) for where, parts in written.items()}
    return {where for where, text in together.items() if any(one in text for one in wanted)}


def buy(stack: App, account: str, name: str, person: Json) -> Json:
    """Orders a pack and pays it as this person; at Paddle as the app that sells there does it. The order."""
    pack = f"{name}-{account}"
    assert (
        stack.client.put(f"/v1/packs/{pack}", json={**PACK, "provider_refs": {"dodo": "pdt_10k"}}).status_code
        == 201
    )
    wanted = {"account": account, "pack": pack, "return_url": "https://shop.example/", "accept_terms": True}
    answer = stack.post("/v1/topups", {**wanted, "provider": name})
    assert answer.status_code == 201, answer.text
    order: Json = answer.json()
    if name == "paddle":
        standin = stack.standins[name]
        price = {"unit_price": {"amount": "100000", "currency_code": "USD"}}
        asked = {
            "items": [{"price": price, "quantity": 1}],
            "custom_data": {"topup_id": order["topup_id"], "email": person["email"]},
        }
        made = httpx.post(
            f"{standin.url}/transactions",
            json=asked,
            headers={"authorization": "Bearer paddle_app"},
            timeout=30,
            trust_env=False,
        )
        order["checkout_url"] = made.raise_for_status().json()["data"]["checkout"]["url"]
    assert provider(order, "pay", {"customer": person})["webhook_status"] == 200
    stack.eventually(lambda: status(stack, order, "paid"), PATIENCE)
    return order


def refund(stack: App, order: Json, name: str, amount: int) -> None:
    body = {"action": "refund", "amount": amount, "tax": 0} if name == "paddle" else {"amount": amount}
    provider(order, "adjust" if name == "paddle" else "refund", body)


def test_nothing_of_a_customer_who_is_forgotten_is_found_anywhere(stack: App, account: str) -> None:
    """Ann buys 10 000 credits at each provider, and gets a tenth back at each; she is erased; then another tenth goes
    back. 27 000 credits are left, then 24 000, and the ledger verifies."""
    number = account.removeprefix("acct-")
    # All that is published while the test lasts, in a queue of its own, which is looked through like the others.
    everything = Queue(stack, {"source": ["scrip"]})
    person = {"name": f"Ann Q{number}", "email": f"Ann.Q{number}@Example.com"}
    path, mailbox = f"/v1/accounts/{account}/profile", keys.mailbox(canonical_email(person["email"]))
    stack.client.put(path, json={**person, "country": "DE"}).raise_for_status()
    stack.client.put(path, json={**person, "country": "AT"}).raise_for_status()
    assert stack.get("/v1/accounts", email=person["email"].lower())["items"] == [{"account": account}]
    orders = {name: buy(stack, account, name, person) for name in PROVIDERS}
    for name, order in orders.items():
        refund(stack, order, name, 10_000)
    stack.eventually(lambda: stack.balance(account)["total"] == "27000", PATIENCE)

    there = found(stack, *person.values(), mailbox)
    assert there == {"WalletsTable", "DeliveriesTable"}, "where it should be, and nowhere else"
    deliveries = [item for where, item in rows(stack) if where == "DeliveriesTable"]
    for name in PROVIDERS:
        bodies = [item for item in deliveries if item.get("provider") == {"S": name}]
        assert any(
            one in text for item in bodies for text in plain(item) for one in spellings(person["email"])
        ), name

    entries = stack.entries(account)
    assert stack.client.delete(path).status_code == 204
    assert stack.client.get(path).status_code == 404
    assert stack.get("/v1/accounts", email=person["email"])["items"] == []
    assert found(stack, *person.values(), mailbox) == set()

    assert stack.entries(account) == entries
    for name, order in orders.items():
        refund(stack, order, name, 10_000)
    stack.eventually(lambda: stack.balance(account)["total"] == "24000", PATIENCE)
    stack.eventually(lambda: found(stack, *person.values(), mailbox) == set(), PATIENCE)
    assert stack.verify(account)["findings"] == []
    told = stack.get("/v1/audit", target=f"profile:{account}")["items"]
    assert [one["action"] for one in told] == ["profile.delete", "profile.put", "profile.put"]
    assert json.dumps(told).count("email") == 4
    shown = stack.stack.scrip("deliveries", "list")
    assert person["email"] not in shown
    # What is told comes by the stream and the bus, after what is asked for.
    refunded = ("scrip.topup.refunded", account)
    stack.eventually(
        lambda: refunded in {(one["type"], one["subject"]) for one in everything.take()}, PATIENCE
    )
    everything.close()


def test_an_account_that_many_change_at_once_is_found_by_the_address_that_it_has(
    stack: App, account: str
) -> None:
    """Six callers put and erase 24 times: whatever order that was in, one address leads to the account, or none."""
    path = f"/v1/accounts/{account}/profile"
    emails = [f"{name}@{account}.example" for name in ("ann", "bob", "eve")]

    def act(number: int) -> int:
        if number % 4 == 3:
            return stack.client.delete(path).status_code
        person = {"email": emails[number % 3], "country": ("DE", "AT")[number % 2]}
        return stack.client.put(path, json=person).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(act, range(24)))
    assert answers <= {200, 201, 204, 404, 409, 503}
    shown = stack.client.get(path)
    has = shown.json()["email"] if shown.status_code == 200 else None
    leading = {email for email in emails if stack.get("/v1/accounts", email=email)["items"]}
    assert leading == ({has} if has else set())


@pytest.mark.parametrize("shift", range(4))
def test_what_is_looked_for_is_found_wherever_it_begins(shift: int) -> None:
    """The search itself: in base64 at any place, compressed, in a URL, in other letters."""
    text = "Ann.Q1@Example.com"
    for said in (text, text.lower()):
        hidden = b"x" * shift + said.encode() + b"yz"
        for one in (
            hidden,
            base64.b64encode(hidden),
            hidden.hex().encode() if said == text else hidden,
            zlib.compress(hidden),
        ):
            assert any(wanted in seen for seen in plain(one) for wanted in spellings(text)), one
    assert not any(wanted in b"Bob@Example.com" for wanted in spellings(text))
