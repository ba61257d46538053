"""The files of events/: what arrives at each door, for ``sam local invoke -e`` and for these tests, which give each to
the handler that it is for. Those of what Scrip itself tells are tests/contract/test_events.py's."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.standins.dodo import sign
from openapi import samples
from openapi.declare import Operation
from openapi.document import PAGES, scopes_of_routes
from openapi.routes import OPERATIONS
from scrip.domain.credits.ids import key_entry_id
from tests.aws import ROOT, WEBHOOK_SECRET, Buyer, Context, Deployment, event, function, routes

EVENTS = ROOT / "events"
# Answers in empty tables, or after what comes before the colon was put there.
EXPECTED = {
    "delete_allowance": 404,
    "delete_key": 404,
    "get_allowance": 404,
    "get_balance": 200,
    "get_entries": 200,
    "get_entry": 404,
    "get_explanation": 200,
    "get_hold": 404,
    "get_find_record": 404,
    "get_list_records": 404,
    "get_lots": 200,
    "get_pack": 404,
    "get_payment": 404,
    "get_payments": 200,
    "get_promotion": 404,
    "get_rate": 404,
    "get_reconciliation": 404,
    "get_refund_quote": 404,
    "get_search": 200,
    "get_topup": 404,
    "get_unit": 200,
    "post_adjustment": 201,
    "post_burn": 402,
    "post_burn_batch": 200,
    "post_capture": 404,
    "post_close": 201,
    "post_compensation": 200,
    "post_extend": 404,
    "post_freeze": 201,
    "post_grant": 201,
    "post_hold": 402,
    "post_key": 201,
    "post_payment_refund": 404,
    "post_quote": 200,
    "post_redemption": 404,
    "post_refund": 201,
    "post_release": 404,
    "post_resolution": 404,
    "post_reversal": 404,
    "post_topup": 404,
    "post_transfer": 422,
    "post_unfreeze": 201,
    "post_void": 404,
    "post_webhook": 401,
    "put_allowance": 201,
    "put_pack": 201,
    "put_promotion": 201,
    "put_rate": 201,
    "put_unit": 201,
}
NOT_HTTP = [
    "authorizer.json",
    "outbox.json",
    "schedule.json",
    "sqs_payment.json",
    "sqs_usage.json",
    "stream.json",
    "verification.json",
]
HTTP = sorted((EVENTS / "http").glob("*.json"))
RATES = sorted((EVENTS / "rates").glob("*.json"))
WEBHOOKS = sorted((EVENTS / "webhooks").glob("*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text())


@pytest.fixture(autouse=True)
def _empty(deployment: Deployment) -> None:
    deployment.make_tables()


def test_every_file_is_known_here() -> None:
    woken_by = [path.name for path in EVENTS.glob("*.json") if not path.name.startswith("scrip.")]
    assert sorted(woken_by) == NOT_HTTP
    assert set(EXPECTED) <= {path.stem for path in HTTP}
    assert {path.name for path in EVENTS.iterdir() if path.is_dir()} == {
        "http",
        "rates",
        "schemas",
        "webhooks",
    }


def test_there_is_one_for_every_route() -> None:
    assert sorted(read(path)["routeKey"] for path in HTTP) == sorted(
        route.key for route in routes() if route.key not in PAGES
    )


@pytest.mark.parametrize("path", HTTP, ids=lambda path: path.stem)
def test_an_http_event_is_answered(scrip: Deployment, path: Path) -> None:
    """Of a sample that ``make openapi`` wrote, any status that the document has."""
    status = scrip.invoke(read(path)).status
    assert status == EXPECTED.get(path.stem, status)
    assert status < 500


def test_a_route_without_a_file_gets_one_and_those_that_there_are_stay() -> None:
    assert samples.missing(OPERATIONS, scopes_of_routes()) == {}
    another = replace(OPERATIONS[0], route="POST /v1/accounts/{account}/debts", id="owe")
    ((path, text),) = samples.missing([*OPERATIONS, another], {another.route: "burn"}).items()
    assert path == EVENTS / "http" / "post_owe.json"
    assert json.loads(text)["rawPath"] == "/v1/accounts/acme/debts"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_a_sample_that_is_made_has_the_gateways_shape(operation: Operation) -> None:
    _has_the_gateways_shape(samples.sample(operation, scopes_of_routes()[operation.route]))


@pytest.mark.parametrize("path", HTTP, ids=lambda path: path.stem)
def test_an_http_event_has_the_gateways_shape(path: Path) -> None:
    _has_the_gateways_shape(read(path))


def _has_the_gateways_shape(sent: Any) -> None:
    """Asserts that it has every member that the tests' own builder makes, and no other."""
    method, _, _ = sent["routeKey"].partition(" ")
    made = event(
        method,
        sent["rawPath"],
        raw=sent.get("body"),
        headers=sent["headers"],
        query=sent.get("queryStringParameters"),
    )
    assert set(sent) == set(made)
    assert set(sent["requestContext"]) == set(made["requestContext"])
    assert sent["pathParameters" if "pathParameters" in made else "version"] == made.get(
        "pathParameters", "2.0"
    )


def test_the_events_in_the_order_of_a_first_day_all_succeed(buyer: Buyer) -> None:
    scrip = buyer.scrip
    for name in (
        "put_unit",
        "put_pack",
        "get_pack",
        "put_rate",
        "get_rate",
        "put_promotion",
        "get_promotion",
        "post_grant",
        "post_burn",
        "post_burn",
        "post_topup",
        "post_key",
    ):
        answer = scrip.invoke(read(EVENTS / "http" / f"{name}.json"))
        assert answer.status in (200, 201), name
    sent = read(EVENTS / "http" / "get_entry.json")
    burned = read(EVENTS / "http" / "post_burn.json")["headers"]["idempotency-key"]
    sent["pathParameters"]["entry_id"] = key_entry_id("acme", "credits", burned)
    assert scrip.invoke(sent).body["amount"] == "-30"
    assert scrip.balance("acme")["total"] == "70"


# Each begins with a grant of 100 and a hold of 50, and ends with so many credits.
DAYS: dict[str, tuple[list[str], str]] = {
    "a job that took less": (["post_extend", "get_hold", "post_capture", "get_hold"], "70"),
    "a job that never ran": (["post_release", "get_hold", "get_explanation"], "100"),
    "a batch of events": (["post_quote", "post_burn_batch"], "96.5"),
    "a job that failed": (["post_burn", "post_reversal", "get_explanation"], "80"),
    "a mistake": (["post_void", "post_adjustment"], "100"),
    "a refund, and an incident": (["post_refund", "post_compensation"], "110"),
    "credits for somebody else": (["post_transfer"], "90"),
    "a pause": (["post_freeze", "get_balance", "post_unfreeze"], "100"),
    "an allowance": (["put_allowance", "get_allowance", "delete_allowance"], "200"),
}


@pytest.mark.parametrize(("names", "total"), DAYS.values(), ids=DAYS.keys())
def test_the_events_of_a_day_all_succeed(scrip: Deployment, names: list[str], total: str) -> None:
    scrip.put("/v1/units/credits", {"precision": 6, "policy": {"transferable": True}})
    for name in ("post_grant", "post_hold", *names):
        answer = scrip.invoke(read(EVENTS / "http" / f"{name}.json"))
        assert answer.status in (200, 201, 204), (name, answer.text)
        if name == "post_burn_batch":
            assert (
                [item["status"] for item in answer.body["items"]] == [201] * len(answer.body["items"]) != []
            )
    assert scrip.balance("acme")["total"] == total
    scrip.sound("acme")


def test_the_webhook_event_is_taken_once_it_is_signed(scrip: Deployment) -> None:
    sent = read(EVENTS / "http" / "post_webhook.json")
    sent["headers"] |= sign(WEBHOOK_SECRET, "msg_wk4A001", sent["body"].encode())
    assert scrip.invoke(sent).status == 200
    (record,) = scrip.queued()
    sample = read(EVENTS / "sqs_payment.json")["Records"][0]
    assert json.loads(record["body"]) == json.loads(sample["body"])
    assert record["attributes"]["MessageGroupId"] == sample["attributes"]["MessageGroupId"]


def test_the_payment_of_the_queue_is_parked_for_its_order_is_not_known(scrip: Deployment) -> None:
    answer = function("payments").handler(read(EVENTS / "sqs_payment.json"), Context())
    assert answer == {"batchItemFailures": []}
    assert scrip.payment("pay_wk4A001")["parked"] == ["no order has the checkout session cks_wk4S001"]


def test_the_events_of_usage_of_the_queue_are_told_as_rejected_for_there_is_no_such_meter(
    scrip: Deployment,
) -> None:
    answer = function("usage_events").handler(read(EVENTS / "sqs_usage.json"), Context())
    assert answer == {"batchItemFailures": []}
    told = scrip.told("scrip.usage.rejected")
    assert [one["data"]["event"]["id"] for one in told] == ["req-4711", "req-4712", "req-4713"]
    assert {one["data"]["detail"] for one in told} == {"there is no meter tiles"}


def test_the_entry_that_the_stream_brings_is_found_by_its_reference(scrip: Deployment) -> None:
    answer = function("outbox").handler(read(EVENTS / "outbox.json"), Context())
    assert answer == {"state": {}, "batchItemFailures": []}
    found = scrip.invoke(read(EVENTS / "http" / "get_search.json")).body
    assert [(one["account"], one["kind"], one["seq"]) for one in found["items"]] == [("acme", "grant", 1)]


def test_the_schedule_wakes_a_sweep_of_all_shards(scrip: Deployment) -> None:
    answer = function("expiry").handler(read(EVENTS / "schedule.json"), Context())
    assert answer == {"wallets": 0, "entries": 0, "failed": 0, "done": True}


def test_the_authorizers_event_names_a_key_that_there_is_not(scrip: Deployment) -> None:
    sent = read(EVENTS / "authorizer.json")
    assert function("authorizer").handler(sent, None) == {"isAuthorized": True, "context": {}}
    key = scrip.post("/v1/keys", {"scope": "read"}).body["key"]
    sent["headers"]["authorization"] = f"Bearer {key}"
    assert function("authorizer").handler(sent, None)["context"]["scopes"] == "read"


@pytest.mark.parametrize("path", WEBHOOKS, ids=lambda path: path.stem)
def test_a_providers_webhook_is_answered_and_applied(scrip: Deployment, path: Path) -> None:
    provider = path.stem.partition("_")[0]
    assert scrip.webhook(path.read_text(), provider=provider).status == 200
    assert scrip.apply(scrip.queued()) == []
    assert not [item for item in scrip.everything() if item["pk"]["S"].startswith("w#")]


@pytest.mark.parametrize("path", RATES, ids=lambda path: path.stem)
def test_a_rate_card_is_put_and_is_the_one_that_the_guide_puts(scrip: Deployment, path: Path) -> None:
    meter = path.stem.replace("_", "-")
    assert scrip.put(f"/v1/rates/{meter}", read(path)).status == 201
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    (shown,) = re.findall(rf"^api PUT /rates/{meter} '(.*?)'$", guide, re.MULTILINE | re.DOTALL)
    assert {"unit": "credits", **json.loads(shown)} == read(path)
