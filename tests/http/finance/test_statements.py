"""Statements of a wallet over HTTP: opening + entries = closing, chained month to month, and told alike for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scrip import runtime
from scrip.domain.credits.entries import read_entry
from scrip.domain.finance.statement_checks import check_continues, check_statement, signature_of
from scrip.services.finance import statements
from scrip.services.finance.statements import BrokenLedger
from scrip.store import items, keys, ledger
from tests.aws import STATEMENTS_SEED, Answer, Context, Deployment, Key, listening
from tests.http.contract import invalid, refused
from tests.month import Month

Json = dict[str, Any]
ZEROS = "0" * 64
PAID = {"amount": 1000, "currency": "USD"}


def ask(scrip: Deployment, account: str, month: str, clock: str, **query: str) -> Answer:
    return scrip.get(f"/v1/accounts/{account}/statements/{month}", query=query, clock=clock)


def statement(scrip: Deployment, account: str, month: str, clock: str, **query: str) -> Json:
    """A statement that proves all that it says."""
    answer = ask(scrip, account, month, clock, **query)
    assert answer.status == 200, answer.text
    found: Json = answer.body
    assert list(check_statement(found)) == []
    if signed := signature_of(found):
        line, signature = signed
        Ed25519PrivateKey.from_private_bytes(STATEMENTS_SEED).public_key().verify(signature.value, line)
    return found


def january_and_february(scrip: Deployment, account: str) -> None:
    """100 credits for 10.00 USD in January, 33.5 burned then and 10 in February; the rest ends on the 20th."""
    end = "2030-02-20T00:00:00.000Z"
    lot: Json = {"cost_basis": PAID, "kind": "paid", "expires_at": end}
    scrip.grant(account, "100", clock="2030-01-10T00:00:00.000Z", **lot)
    reference = {"type": "job", "id": "j1"}
    scrip.burn(account, "33.5", clock="2030-01-11T00:00:00.000Z", reference=reference)
    scrip.burn(account, "10", clock="2030-02-11T00:00:00.000Z")


def test_opening_and_entries_make_the_closing_in_credits_and_in_money(
    scrip: Deployment, account: str
) -> None:
    january_and_february(scrip, account)
    found = statement(scrip, account, "2030-02", "2030-03-01T00:00:00.000Z")
    assert (found["status"], found["entries_count"], found["next_cursor"]) == ("final", 2, None)
    assert (found["from"], found["to"]) == ("2030-02-01T00:00:00.000Z", "2030-03-01T00:00:00.000Z")
    assert [(one["kind"], one["amount"]) for one in found["entries"]] == [
        ("burn", "-10"),
        ("expiry", "-56.5"),
    ]
    assert (found["opening"]["total"], found["closing"]["total"]) == ("66.5", "0")
    # 10.00 USD over 100 credits: 33.5 were 3.35, 10 are 1.00, and 56.5 that nobody spent 5.65.
    nothing = {"currency": "USD", "refunded": 0, "moved": 0, "bad_debt": 0}
    was = {**nothing, "paid": 1000, "recognised": 335, "deferred": 665, "breakage": 0}
    now = {**nothing, "paid": 1000, "recognised": 435, "deferred": 0, "breakage": 565}
    assert (found["opening"]["money"], found["closing"]["money"]) == ([was], [now])


def test_what_is_due_is_booked_before_it_is_told(scrip: Deployment, account: str) -> None:
    january_and_february(scrip, account)
    found = statement(scrip, account, "2030-02", "2030-03-01T00:00:00.000Z")
    booked = scrip.entries(account)
    assert [one["kind"] for one in booked] == ["grant", "burn", "burn", "expiry"]
    assert booked[-1]["hash"] == found["head"] == found["closing"]["head"] == found["entries"][-1]["hash"]


def test_whoever_has_the_texts_recomputes_the_chain(scrip: Deployment, account: str) -> None:
    """A second implementation, of a few lines."""
    january_and_february(scrip, account)
    found = statement(scrip, account, "2030-01", "2030-03-01T00:00:00.000Z")
    head, digest = bytes.fromhex(found["opening"]["head"]), bytes(32)
    for one in found["entries"]:
        head = hashlib.sha256(head + one["text"].encode()).digest()
        digest = hashlib.sha256(digest + head).digest()
        assert head.hex() == one["hash"]
    assert (head.hex(), digest.hex()) == (found["head"], found["entries_digest"])
    said = {
        name: value for name, value in found.items() if name not in ("entries", "next_cursor", "signature")
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    line = f"scrip-statement-1 {account} credits 2030-01 {head.hex()} {hashlib.sha256(text).hexdigest()}"
    assert found["signature"]["line"] == line
    assert found["signature"]["algorithm"] == "Ed25519"


def test_a_month_goes_on_where_the_one_before_closed(scrip: Deployment, account: str) -> None:
    january_and_february(scrip, account)
    months = [
        statement(scrip, account, name, "2030-04-01T00:00:00.000Z")
        for name in ("2029-12", "2030-01", "2030-02", "2030-03")
    ]
    assert months[0]["closing"]["head"] == ZEROS == months[1]["opening"]["head"]
    for before, one in pairwise(months):
        assert list(check_continues(before, one)) == []
    assert [one["entries_count"] for one in months] == [0, 2, 2, 0]
    wrong = list(check_continues(months[0], months[2]))
    assert wrong == ["month: 2030-02 does not follow 2029-12"]


def test_the_month_that_runs_is_provisional_and_one_ahead_is_none(scrip: Deployment, account: str) -> None:
    january_and_february(scrip, account)
    noon = "2030-02-11T12:00:00.000Z"
    found = statement(scrip, account, "2030-02", noon)
    assert (found["status"], found["as_of"], found["signature"]) == ("provisional", noon, None)
    assert (found["entries_digest"], found["entries_count"], found["closing"]["total"]) == (None, 1, "56.5")
    invalid(ask(scrip, account, "2030-03", noon), "month")
    # The very instant at which the month is over.
    late = statement(scrip, account, "2030-02", "2030-02-28T23:59:59.999Z")
    assert late["status"] == "provisional"
    assert statement(scrip, account, "2030-02", "2030-03-01T00:00:00.000Z")["status"] == "final"


def test_a_month_that_was_told_is_told_alike_for_ever(scrip: Deployment, account: str) -> None:
    """An entry that comes later with an instant in it is the next month's."""
    scrip.grant(account, "100", clock="2030-01-10T00:00:00.000Z")
    end = "2030-02-01T00:00:00.000Z"
    first = ask(scrip, account, "2030-01", end)
    scrip.burn(account, "1", clock="2030-01-31T23:59:59.999Z")
    scrip.burn(account, "2", clock="2030-02-03T00:00:00.000Z")
    again = ask(scrip, account, "2030-01", "2030-02-03T00:00:00.000Z")
    assert again.text == first.text
    found = statement(scrip, account, "2030-02", "2030-03-01T00:00:00.000Z")
    assert [(one["at"], one["late_for"]) for one in found["entries"]] == [
        ("2030-01-31T23:59:59.999Z", "2030-01"),
        ("2030-02-03T00:00:00.000Z", None),
    ]
    assert list(check_continues(first.body, found)) == []


def test_months_may_be_asked_for_in_any_order(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "BATCH", 1)
    january_and_february(scrip, account)
    scrip.burn(account, "0.5", clock="2030-02-11T00:00:00.000Z")
    end = "2030-06-01T00:00:00.000Z"
    orders = (("2030-05", "2030-02", "2030-01", "2030-03"), ("2030-01", "2030-02", "2030-03", "2030-05"))
    told: list[Json] = []
    for number, order in enumerate(orders):
        other = f"{account}-{number}"
        january_and_february(scrip, other)
        told.append({name: statement(scrip, other, name, end) for name in order})
    for name in orders[1]:
        counts = [(one[name]["entries_count"], one[name]["opening"]["seq"]) for one in told]
        assert counts[0] == counts[1]
    assert [told[0][name]["entries_count"] for name in orders[1]] == [2, 2, 0, 0]


def test_a_wallet_never_seen_has_statements_of_nothing(scrip: Deployment, account: str) -> None:
    found = statement(scrip, account, "2030-01", "2030-02-01T00:00:00.000Z")
    assert (found["status"], found["entries"], found["head"]) == ("final", [], ZEROS)
    assert found["opening"] == found["closing"]


def test_pages_join_to_the_whole(scrip: Deployment, account: str) -> None:
    january_and_february(scrip, account)
    end = "2030-03-01T00:00:00.000Z"
    whole = ask(scrip, account, "2030-01", end).body
    first = ask(scrip, account, "2030-01", end, limit="1").body
    second = ask(scrip, account, "2030-01", end, limit="1", cursor=first["next_cursor"]).body
    assert [len(first["entries"]), len(second["entries"]), second["next_cursor"]] == [1, 1, None]
    assert {**second, "entries": first["entries"] + second["entries"]} == whole
    wrong = list(check_statement(first))
    assert len(wrong) == 1
    assert "entries follow that are not in this file" in wrong[0]
    invalid(ask(scrip, account, "2030-02", end, limit="1", cursor=first["next_cursor"]), "cursor")


def test_more_entries_than_a_request_counts_are_counted_in_several(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4 entries, two to a batch, and no time for a second batch: the second request goes on."""
    monkeypatch.setattr(statements, "BATCH", 2)
    january_and_february(scrip, account)
    scrip.sweep("2030-02-25T00:00:00.000Z")
    path, end = f"/v1/accounts/{account}/statements/2030-03", "2030-04-01T00:00:00.000Z"
    first = scrip.get(path, clock=end, context=Context(*[4_000] * 9))
    refused(first, 503, "unavailable")
    assert first.headers["retry-after"]
    assert "2 of 4 entries are counted" in first.body["detail"]
    second = scrip.get(path, clock=end, context=Context(*[4_000] * 9))
    assert (second.status, second.body["opening"]["seq"]) == (200, 4)
    assert second.body["opening"] == statement(scrip, account, "2030-02", end)["closing"]


def test_a_ledger_that_was_changed_is_not_signed(scrip: Deployment, account: str) -> None:
    january_and_february(scrip, account)
    row = scrip.dynamodb.query(
        TableName="ledger",
        IndexName="timeline",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"w#{account}#credits"}},
        Limit=1,
    )["Items"][0]
    key: Any = {"pk": row["pk"], "sk": row["sk"]}
    item: Any = scrip.dynamodb.get_item(TableName="ledger", Key=key)["Item"]
    item["body"]["S"] = item["body"]["S"].replace("100000000", "100000001")
    scrip.dynamodb.put_item(TableName="ledger", Item=item)
    with pytest.raises(BrokenLedger, match="entry 1 is not what was hashed"):
        ask(scrip, account, "2030-01", "2030-03-01T00:00:00.000Z")


def rows_of(scrip: Deployment, account: str) -> list[Json]:
    """The rows of a wallet's ledger as they are stored, oldest first."""
    found = scrip.dynamodb.query(
        TableName="ledger",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"w#{account}#credits"}},
    )["Items"]
    return sorted((dict(item) for item in found), key=lambda item: item["tl"]["S"])


@pytest.mark.parametrize("number", [0, 2])
def test_while_a_row_is_not_there_nothing_is_told_of_what_follows(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The first of three, and the last. Once it is there the statement is what it would have been."""
    january_and_february(scrip, account)
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)
    end = "2030-03-01T00:00:00.000Z"
    row: Any = rows_of(scrip, account)[number]
    scrip.dynamodb.delete_item(TableName="ledger", Key={"pk": row["pk"], "sk": row["sk"]})
    answer = ask(scrip, account, "2030-02", end)
    refused(answer, 503, "unavailable")
    assert answer.body["detail"] == "the ledger's timeline lags behind"
    scrip.dynamodb.put_item(TableName="ledger", Item=row)
    assert statement(scrip, account, "2030-02", end)["closing"]["seq"] == 4


def test_a_row_that_follows_another_one_than_the_one_before_it_is_not_signed(
    scrip: Deployment, account: str
) -> None:
    """The hash of the second is that of what it says; but that is not the first."""
    january_and_february(scrip, account)
    row: Any = rows_of(scrip, account)[1]
    named = items.named_by(row["pk"]["S"], row["sk"]["S"], row["tl"]["S"], row["kind"]["S"])
    other = read_entry(row["body"]["S"], b"1" * 32, None, named)
    changed = {**row, "prev": {"B": other.previous_hash}, "hash": {"B": other.hash()}}
    scrip.dynamodb.put_item(TableName="ledger", Item=changed)
    with pytest.raises(BrokenLedger, match="entry 2 does not follow the one before it"):
        ask(scrip, account, "2030-01", "2030-03-01T00:00:00.000Z")


def test_a_month_ends_as_whoever_was_first_has_kept_it(scrip: Deployment, account: str) -> None:
    """Another one asks for January too, who has seen the grant alone, and keeps that right before this one does."""
    scrip.grant(account, "100", clock="2030-01-10T00:00:00.000Z", cost_basis=PAID, kind="paid")
    end = "2030-02-01T00:00:00.000Z"
    granted = statement(scrip, account, "2030-01", end)
    client, pk = runtime.tables().client, keys.statements(account, "credits")
    kept: Any = client.get_item(TableName="wallets", Key=items.key(pk, "2030-01"))["Item"]
    for sk in ("2030-01", keys.signed_statement("2030-01")):
        client.delete_item(TableName="wallets", Key=items.key(pk, sk))
    scrip.burn(account, "33.5", clock="2030-01-11T00:00:00.000Z")
    others: list[Json] = []

    def faster(params: Json, **_: Any) -> None:
        if not others and params["Item"]["sk"] == kept["sk"]:
            others.append(kept)
            client.put_item(TableName="wallets", Item=kept)

    with listening("before-parameter-build.dynamodb.PutItem", faster):
        found = statement(scrip, account, "2030-01", end)
    assert others == [kept]
    assert found == granted
    february = statement(scrip, account, "2030-02", "2030-03-01T00:00:00.000Z")
    assert [one["amount"] for one in february["entries"]] == ["-33.5"]


def test_money_that_was_not_counted_up_to_a_month_is_not_told_of_it(scrip: Deployment, account: str) -> None:
    """The wallet is as it was before its money was counted, while January is told; then it is counted."""
    january_and_february(scrip, account)
    (wallet,) = (
        item for item in scrip.everything() if item["pk"] == {"S": f"w#{account}#credits"} and "funds" in item
    )
    scrip.dynamodb.put_item(TableName="wallets", Item={k: v for k, v in wallet.items() if k != "funds"})
    assert statement(scrip, account, "2030-01", "2030-02-11T00:00:00.000Z")["closing"]["money"] is None
    scrip.dynamodb.put_item(TableName="wallets", Item=wallet)
    february = statement(scrip, account, "2030-02", "2030-02-12T00:00:00.000Z")
    assert (february["status"], february["closing"]["money"]) == ("provisional", None)
    assert february["closing"]["total"] == "56.5"


def test_it_needs_an_admin_and_a_month(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/statements/2030-01"
    refused(scrip.get(path, caller=Key("grant")), 403, "forbidden")
    for wrong in ("2030-13", "2030-1", "2030", "0000-01", "2030-01-01", "²030-01"):
        invalid(ask(scrip, account, wrong, "2031-01-01T00:00:00.000Z"), "month")
    refused(ask(scrip, account, "2030-01", "2031-01-01T00:00:00.000Z", unit="none"), 404, "not_found")


def test_it_names_no_person(scrip: Deployment, account: str) -> None:
    profile = {"name": "Ada Lovelace", "email": "ada@example.com", "country": "GB"}
    scrip.put(f"/v1/accounts/{account}/profile", profile)
    january_and_february(scrip, account)
    for accept in ("application/json", "text/html", "text/csv"):
        path = f"/v1/accounts/{account}/statements/2030-01"
        answer = scrip.get(path, clock="2030-03-01T00:00:00.000Z", headers={"accept": accept})
        assert answer.status == 200
        assert "Ada" not in answer.text
        assert "ada@" not in answer.text


def test_entries_are_a_table_for_whoever_accepts_csv(scrip: Deployment, account: str) -> None:
    january_and_february(scrip, account)
    path = f"/v1/accounts/{account}/statements/2030-01"
    answer = scrip.get(path, clock="2030-03-01T00:00:00.000Z", headers={"accept": "text/csv"})
    names, *rows = answer.text.splitlines()
    assert names == "seq,entry_id,kind,at,late_for,amount,balance_after,reference.type,reference.id,hash,text"
    assert rows[1].startswith("2,k.")
    assert ",burn,2030-01-11T00:00:00.000Z,,-33.5,66.5,job,j1," in rows[1]


# The worked month


@pytest.fixture(scope="module")
def played(deployment: Deployment) -> Iterator[Month]:
    """The worked month in its fourth year ahead, played."""
    deployment.fresh()
    deployment.make_tables()

    def send(step: Mapping[str, Any]) -> Json:
        if "webhook" in step:
            deployment.deliver(step["body"], provider=step["webhook"])
            return {}
        request = {"body": step.get("body"), "key": step.get("key"), "clock": step["at"]}
        answer = deployment.send(step["method"], step["path"], query=step["query"], **request)
        assert answer.status in (200, 201, 202), (step, answer.text)
        return answer.body or {}

    month = Month("st-")
    month.play(send)
    yield month
    deployment.make_tables()


def test_statements_of_the_worked_month_add_up_to_its_reports(deployment: Deployment, played: Month) -> None:
    """What accounts have deferred, and what broke, is by their statements what was worked out by hand."""
    said, total = played.said["expected"], dict[tuple[str, str], int]()
    by_account: dict[str, dict[str, int]] = {}
    for account in played.wallets():
        found = statement(deployment, account, "2030-11", "2030-12-01T00:00:00.000Z", unit=played.unit)
        assert (found["status"], found["opening"]["seq"]) == ("final", 0)
        for one in found["closing"]["money"]:
            currency = one["currency"]
            if one["deferred"] or account == "st-hal":  # whose lot has ended: it is listed with 0
                by_account.setdefault(account, {})[currency] = one["deferred"]
            for name in ("deferred", "breakage", "moved"):
                total[currency, name] = total.get((currency, name), 0) + one[name]
    for currency, sums in said["trial_balance"].items():
        assert total[currency, "deferred"] == -sums.get("deferred_revenue", 0)
        assert total[currency, "breakage"] == -sums.get("breakage", 0)
        assert total[currency, "moved"] == 0
    assert said["deferred_by_account"] == by_account


def test_a_late_fact_of_the_worked_month_is_the_next_months(deployment: Deployment, played: Month) -> None:
    account = "st-ann"
    end = "2030-12-01T00:00:00.000Z"
    before = ask(deployment, account, "2030-11", end, unit=played.unit)
    for step in played.said["late"]:
        request = {"body": step["body"], "key": step["key"], "clock": step["at"]}
        assert deployment.send(step["method"], step["path"], **request).status == 201
    assert ask(deployment, account, "2030-11", end, unit=played.unit).text == before.text
    found = statement(deployment, account, "2030-12", "2031-01-01T00:00:00.000Z", unit=played.unit)
    assert found["entries"][0]["at"] == "2030-11-30T23:59:59.999Z"
    assert list(check_continues(before.body, found)) == []


def test_time_that_is_up_ends_a_request_in_time(scrip: Deployment, account: str) -> None:
    """With no time left but for the answer nothing is lost: a short wallet is counted at once."""
    january_and_february(scrip, account)
    answer = scrip.get(
        f"/v1/accounts/{account}/statements/2030-01",
        clock="2030-03-01T00:00:00.000Z",
        context=Context(100_000, 100_000),
    )
    assert answer.status == 200
