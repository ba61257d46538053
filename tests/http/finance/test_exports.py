"""Exports of the worked month: each kind in each format, the same whatever dies, and what is refused."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import duckdb
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from scrip import runtime
from scrip.store import documents, keys
from tests.aws import BUCKET, Answer, Context, Deployment, Key, function
from tests.closing import Closing, closing
from tests.http.contract import invalid, refused

SPAN = {"from": "2030-11-01T00:00:00Z", "to": "2030-12-01T00:00:00Z"}
CLOCK = "2030-12-01T00:30:00.000Z"
ISSUER = {"provider": "Example", "publisher": "Example", "invoice_issuer": "Example", "service": "Example AI"}


NUMBERS = count(1)


@pytest.fixture(scope="module")
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The worked month, not closed."""
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.play()
        yield made


def ask(played: Closing, key: str, kind: str, form: str, **more: Any) -> Answer:
    body = {"kind": kind, "format": form, **SPAN, **more}
    return played.scrip.post("/v1/exports", body, key=key, clock=CLOCK)


def files(played: Closing, kind: str, form: str, **more: Any) -> list[bytes]:
    """The files of an export, from its beginning to its end."""
    key = f"k-{next(NUMBERS)}"
    asked = ask(played, key, kind, form, **more)
    assert (asked.status, asked.body["status"]) == (202, "queued"), asked.text
    played.scrip.work_reports()
    found = played.scrip.get(f"/v1/exports/{asked.body['export_id']}").body
    assert found["status"] == "done"
    texts = []
    for file in found["files"]:
        link = urlsplit(file["url"])
        assert parse_qs(link.query)["X-Amz-Expires"] == ["900"]
        name = f"exports/{found['export_id']}/{file['name']}"
        text = boto3.client("s3").get_object(Bucket=BUCKET, Key=name)["Body"].read()
        assert hashlib.sha256(text).hexdigest() == file["sha256"]
        assert len(text) == file["bytes"]
        texts.append(text)
    return texts


def rows(played: Closing, kind: str, form: str = "jsonl", **more: Any) -> list[Any]:
    (text,) = files(played, kind, form, **more)
    if form == "csv":
        return list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    return [json.loads(line) for line in text.decode().splitlines()]


def test_the_exported_journal_adds_up_to_the_trial_balance_in_every_format(played: Closing) -> None:
    expected = played.month.said["expected"]["trial_balance"]

    found: dict[str, dict[str, int]] = {}
    for row in rows(played, "journal"):
        of = found.setdefault(row["currency"], {})
        of[row["account"]] = of.get(row["account"], 0) + row["amount"]
    assert {
        currency: {name: sum_ for name, sum_ in of.items() if sum_} for currency, of in found.items()
    } == expected

    told = rows(played, "journal", "csv")
    places = {"USD": 2, "JPY": 0, "BHD": 3}
    for row in told:
        _, point, decimals = row["amount"].partition(".")
        assert (len(decimals), bool(point)) == (places[row["currency"]], places[row["currency"]] > 0)
        found[row["currency"]][row["account"]] -= int(row["amount"].replace(".", ""))
    assert all(not sum_ for of in found.values() for sum_ in of.values())


def test_parquet_has_what_json_has(played: Closing, tmp_path: Any) -> None:
    for kind in ("journal", "entries", "lots", "usage"):
        (packed,) = files(played, kind, "parquet")
        path = tmp_path / f"{kind}.parquet"
        path.write_bytes(packed)
        lines = rows(played, kind, "jsonl")
        text = "SELECT to_json(one)::VARCHAR FROM read_parquet($path) AS one"
        read = duckdb.connect().execute(text, {"path": str(path)}).fetchall()
        assert [json.loads(text) for (text,) in read] == lines
        assert lines


def test_every_entry_of_the_month_is_exported_once(played: Closing) -> None:
    exported = [(row["account"], int(row["seq"])) for row in rows(played, "entries", "csv")]

    query = {"unit": played.month.unit, "limit": "100"}
    listed = [
        (account, entry["seq"])
        for account in played.month.wallets()
        for entry in played.scrip.get(f"/v1/accounts/{account}/entries", query=query, clock=CLOCK).body[
            "items"
        ]
        if entry["hash"] and entry["at"] < "2030-12"
    ]
    assert sorted(exported) == sorted(listed)


def test_an_export_of_one_account_has_nothing_of_others(played: Closing) -> None:
    account = next(iter(played.month.wallets()))
    for kind in ("entries", "lots", "usage"):
        found = rows(played, kind, account=account)
        assert {row["account"] for row in found} == {account}
    assert {row["customer"] for row in rows(played, "journal", account=account)} == {account}


def test_lots_have_what_is_deferred(played: Closing) -> None:
    deferred: dict[str, int] = {}
    for row in rows(played, "lots"):
        deferred[row["currency"]] = deferred.get(row["currency"], 0) + row["deferred"]
    expected = played.month.said["expected"]["roll_forward"]
    assert deferred == {currency: lines["closing"] for currency, lines in expected.items()}


def test_what_was_used_adds_up_to_what_meters_earned(played: Closing) -> None:
    used: dict[str, dict[str, int]] = {}
    for row in rows(played, "usage"):
        if row["value"]:
            of = used.setdefault(row["currency"], {})
            name = row["meter"] or "(none)"
            of[name] = of.get(name, 0) + row["value"]
    expected = played.month.said["expected"]["revenue_by_meter"]
    for currency, of in expected.items():
        for meter, amount in of.items():
            if meter.startswith("m-"):
                assert used[currency][meter] == amount


def test_a_ledger_of_beancount_is_one_that_beancount_takes(played: Closing, tmp_path: Any) -> None:
    from beancount import loader

    (text,) = files(played, "journal", "beancount")
    path = tmp_path / "month.beancount"
    path.write_bytes(text)
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    assert len(entries) > 40


def test_rows_of_focus_bill_what_was_paid_and_cost_what_was_used(played: Closing) -> None:
    found = rows(played, "focus", "csv", issuer=ISSUER)

    billed: dict[str, int] = {}
    for row in found:
        amount = int(row["BilledCost"].replace(".", ""))
        billed[row["BillingCurrency"]] = billed.get(row["BillingCurrency"], 0) + amount
    trial = played.month.said["expected"]["trial_balance"]
    for currency, of in trial.items():
        paid = sum(sum_ for name, sum_ in of.items() if name.startswith(("cash.", "funding.")))
        assert billed[currency] == paid


def test_a_text_that_a_spreadsheet_takes_for_a_formula_begins_with_an_apostrophe(played: Closing) -> None:
    issuer = {**ISSUER, "provider": "=1+1", "publisher": "@SUM(1)"}
    for row in rows(played, "focus", "csv", issuer=issuer):
        assert (row["ProviderName"], row["PublisherName"]) == ("'=1+1", "'@SUM(1)")
        # A number below zero is none.
        assert row["ListCost"][0] in "-0123456789"
    for row in rows(played, "focus", "jsonl", issuer=issuer):
        assert (row["ProviderName"], row["PublisherName"]) == ("=1+1", "@SUM(1)")


def test_an_export_goes_on_where_its_time_was_up(played: Closing) -> None:
    (whole,) = files(played, "entries", "jsonl", account="m-bob")
    asked = ask(played, "cut", "entries", "jsonl", account="m-bob").body
    message = json.dumps({"export": asked["export_id"]})

    with played.scrip.calls("sqs") as left:
        played.scrip.bring_reports(message, 240_000, 240_000, 240_000, 240_000)
    assert [(call.params["MessageBody"], call.params["DelaySeconds"]) for call in left] == [(message, 5)]
    cut = played.scrip.get(f"/v1/exports/{asked['export_id']}").body
    assert (cut["status"], cut["progress"], cut["files"]) == ("running", {"done": 0, "of": 1}, [])

    with played.scrip.calls("sqs") as left:
        played.scrip.bring_reports(message)
        # Whoever brings it once more changes nothing.
        played.scrip.bring_reports(message)
    assert left == []
    done = played.scrip.get(f"/v1/exports/{asked['export_id']}").body
    assert (done["status"], done["progress"]) == ("done", {"done": 1, "of": 1})
    assert [file["sha256"] for file in done["files"]] == [hashlib.sha256(whole).hexdigest()]


def test_an_export_that_another_edition_stands_in_the_way_of_goes_on_once_that_is_made(
    played: Closing,
) -> None:
    """Several are wanted at once: one of them makes the edition, and the others come again soon, held by nobody."""
    table = runtime.tables()
    known = documents.get(table, keys.ARCHIVE)
    making = documents.put(table, known.pk, known.rev, {**known.body, "held_until": 2 * runtime.now()})
    assert making
    asked = ask(played, "meets", "lots", "csv").body
    message = json.dumps({"export": asked["export_id"]})
    played.scrip.bring_reports(message)
    assert played.scrip.get(f"/v1/exports/{asked['export_id']}").body["status"] == "queued"

    assert documents.put(table, making.pk, making.rev, known.body)
    played.scrip.bring_reports(message)
    assert played.scrip.get(f"/v1/exports/{asked['export_id']}").body["status"] == "done"


def test_what_fails_is_brought_again_within_a_minute_and_not_after_an_hour_and_a_half(
    played: Closing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive is away when an export begins. Its queue would wait six times as long as the function may run."""
    module = function("reports")
    monkeypatch.setattr(module, "FAILED_SECONDS", 0)
    export_id = ask(played, "away", "lots", "csv").body["export_id"]
    sqs, url = boto3.client("sqs"), played.scrip.reports_url
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    (message,) = (one for one in found if export_id in one["Body"])
    record = {"messageId": "m", "receiptHandle": message["ReceiptHandle"], "body": message["Body"]}
    with monkeypatch.context() as away:
        away.setenv("SCRIP_ARCHIVE_BUCKET", "nowhere")
        played.scrip.cold()
        with pytest.raises(BatchProcessingError):
            module.handler({"Records": [{**record, "eventSource": "aws:sqs"}]}, Context())

    played.scrip.cold()
    played.scrip.work_reports()
    assert played.scrip.get(f"/v1/exports/{export_id}").body["status"] == "done"


def test_the_same_key_is_the_same_export(played: Closing) -> None:
    first, again = ask(played, "same", "lots", "csv"), ask(played, "same", "lots", "csv")
    other = ask(played, "same", "lots", "jsonl")

    assert first.body["export_id"] == again.body["export_id"]
    assert (first.replayed, again.replayed) == (False, True)
    refused(other, 422, "idempotency_key_reused")
    played.scrip.work_reports()


def test_an_export_of_nothing_has_a_file_without_rows(played: Closing) -> None:
    more = {"from": "2029-01-01T00:00:00Z", "to": "2029-02-01T00:00:00Z"}
    (text,) = files(played, "entries", "csv", **more)
    assert text.decode().splitlines() == [
        "account,unit,seq,entry_id,kind,at,recorded_at,amount,country,previous_hash,hash,body"
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"to": SPAN["from"]}, "to"),
        ({"to": "2031-11-03T00:00:00Z"}, "to"),
        ({"kind": "focus"}, "issuer"),
        ({"issuer": ISSUER}, "issuer"),
        ({"format": "xml"}, "format"),
        ({"kind": "secrets"}, "kind"),
        ({"account": "a b"}, "account"),
    ],
)
def test_what_cannot_be_exported_is_refused_by_name(
    played: Closing, more: dict[str, Any], field: str
) -> None:
    body = {"kind": "entries", "format": "csv", **SPAN, **more}
    invalid(played.scrip.post("/v1/exports", body, key="bad", clock=CLOCK), field)


def test_beancount_is_of_the_journal_and_of_whole_months(played: Closing) -> None:
    refused(ask(played, "b1", "entries", "beancount"), 422, "policy_violation")
    refused(ask(played, "b2", "journal", "beancount", to="2030-11-30T00:00:00Z"), 422, "policy_violation")


def test_only_an_admin_exports(played: Closing) -> None:
    body = {"kind": "entries", "format": "csv", **SPAN}
    for scope in ("read", "burn", "grant"):
        answer = played.scrip.post("/v1/exports", body, key="no", caller=Key(scope))
        assert answer.status == 403
    assert played.scrip.get("/v1/exports/exp_none").code == "not_found"
