"""Lists and reports as CSV: who asks for it, its columns, its cells, and its next page."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from scrip.http.edge.answers import ReferenceView, TypedDict
from scrip.http.edge.tables import Column, columns, wanted, written
from tests.aws import Answer, Deployment, Key
from tests.http.contract import invalid

if TYPE_CHECKING:
    from scrip.http.edge.forms import SignedCredits

pytestmark = pytest.mark.usefixtures("in_memory")
CSV = {"accept": "text/csv"}


def rows(answer: Answer) -> list[dict[str, str]]:
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize(
    ("accept", "asked"),
    [
        ("text/csv", True),
        ("TEXT/CSV", True),
        ("text/csv; header=present", True),
        ("text/csv, application/json;q=0.9", True),
        ("text/csv, application/json", True),
        ("application/json, text/csv;q=0.5", False),
        ("text/csv;q=0", False),
        ("text/csv;q=x", False),
        ("*/*", False),
        ("text/*", False),
        ("application/xml", False),
        ("", False),
    ],
)
def test_csv_is_answered_to_whoever_names_it_and_json_to_all_others(accept: str, asked: bool) -> None:
    assert wanted(accept) is asked


class CellView(TypedDict):
    """A row with one of each."""

    name: str
    amount: SignedCredits
    reference: ReferenceView | None
    tags: dict[str, str]


def test_columns_are_the_members_and_those_of_objects_with_members_of_their_own() -> None:
    assert columns(CellView) == [
        Column(("name",), False),
        Column(("amount",), True),
        Column(("reference", "type"), False),
        Column(("reference", "id"), False),
        Column(("tags",), False),
    ]
    assert [column.name for column in columns(CellView)][2] == "reference.type"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n", "'\n"),
        ("\x00", "'\x00"),
        ("\x7f", "'\x7f"),
        ("\x85=1", "'\x85=1"),
        ("\x9f", "'\x9f"),
        ("\u00a0=1", "\u00a0=1"),
        ("1=1", "1=1"),
        ("", ""),
        (" =1", " =1"),
        ('a "quoted", text', 'a "quoted", text'),
    ],
)
def test_a_text_that_a_spreadsheet_would_take_for_a_formula_gets_an_apostrophe(text: str, cell: str) -> None:
    table = written(columns(CellView), [{"name": text, "reference": {"type": text, "id": "1"}}])
    (_, found) = csv.reader(io.StringIO(table, newline=""))
    assert found == [cell, "", cell, "1", ""]


def test_a_number_below_zero_stays_a_number_and_nothing_is_an_empty_cell() -> None:
    table = written(
        columns(CellView), [{"name": None, "amount": "-30", "reference": None, "tags": {"a": "="}}]
    )
    assert table == 'name,amount,reference.type,reference.id,tags\r\n,-30,,,"{""a"": ""=""}"\r\n'


def test_entries_as_csv_say_what_they_say_as_json(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", reason="=cmd|' /C calc'!A0", metadata={"a": "=1"})
    scrip.burn(account, "30", reference={"type": "job", "id": "-7"})
    path = f"/v1/accounts/{account}/entries"
    told = scrip.get(path).body["items"]
    burned, granted = rows(scrip.get(path, headers=CSV))
    assert (burned["amount"], burned["reference.type"], burned["reference.id"]) == ("-30", "job", "'-7")
    assert (granted["reason"], granted["metadata"]) == ("'=cmd|' /C calc'!A0", '{"a": "=1"}')
    assert (burned["booked"], burned["seq"], burned["counterpart.account"]) == ("", "2", "")
    assert [row["hash"] for row in (burned, granted)] == [entry["hash"] for entry in told]
    assert [row["balance_after"] for row in (burned, granted)] == ["70", "100"]


def test_the_next_page_is_in_a_header_and_goes_on(scrip: Deployment, account: str) -> None:
    for _ in range(5):
        scrip.grant(account, "1")
    path, query = f"/v1/accounts/{account}/entries", {"limit": "2", "kind": "grant"}
    seen, pages = [], 0
    while True:
        answer = scrip.get(path, query=query, headers=CSV)
        seen += [row["seq"] for row in rows(answer)]
        pages += 1
        link = answer.headers.get("link")
        if link is None:
            break
        target, _, relation = link.partition("; ")
        assert relation == 'rel="next"'
        assert target.startswith(f"<{path}?limit=2&kind=grant&cursor=")
        query["cursor"] = target.rpartition("cursor=")[2].rstrip(">")
    assert (seen, pages) == (["5", "4", "3", "2", "1"], 3)


LISTS = (
    "/v1/accounts",
    "/v1/accounts/{account}/wallets",
    "/v1/accounts/{account}/lots",
    "/v1/accounts/{account}/entries",
    "/v1/accounts/{account}/holds",
    "/v1/accounts/{account}/allowances",
    "/v1/units",
    "/v1/packs",
    "/v1/rates",
    "/v1/promotions",
    "/v1/compensations",
    "/v1/topups",
    "/v1/payments",
    "/v1/keys",
    "/v1/webhook-endpoints",
)


@pytest.mark.parametrize("path", LISTS)
def test_every_list_has_a_header_row_of_its_own(scrip: Deployment, account: str, path: str) -> None:
    answer = scrip.get(path.format(account=account), headers=CSV)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert "," in answer.text.splitlines()[0] or path == "/v1/accounts"


def test_keys_as_csv_say_what_they_may_and_never_the_key(scrip: Deployment) -> None:
    wanted = {"scopes": ["read", "burn"], "name": "=shop", "rate_limit": 50}
    made = scrip.post("/v1/keys", wanted, key="k").body
    answer = scrip.get("/v1/keys", headers=CSV)
    (row,) = [one for one in rows(answer) if one["key_id"] == made["key_id"]]
    assert (row["scope"], row["scopes"], row["name"], row["rate_limit"]) == (
        "",
        '["read", "burn"]',
        "'=shop",
        "50",
    )
    assert (row["expires_at"], row["created_at"]) == ("", made["created_at"])
    assert made["key"] not in answer.text


def test_what_is_no_list_and_what_is_refused_is_as_ever(scrip: Deployment, account: str) -> None:
    assert scrip.get(f"/v1/accounts/{account}/balance", headers=CSV).body["total"] == "0"
    invalid(scrip.get(f"/v1/accounts/{account}/entries", headers=CSV, query={"limit": "0"}), "limit")


def test_a_customers_table_shows_what_the_customer_is_shown(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1")
    answer = scrip.get(f"/v1/accounts/{account}/entries", headers=CSV, caller=Key("read", account))
    (row,) = rows(answer)
    assert row["amount"] == "1"


def test_what_is_no_text_in_a_cell_is_json_with_its_letters_as_they_are(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "1", metadata={"Straße": "Ü1"})
    answer = scrip.get(f"/v1/accounts/{account}/entries", headers=CSV)
    assert '{""Straße"": ""Ü1""}' in answer.text


@pytest.mark.parametrize("accept", ["application/json, text/csv;q=0.5", "text/csv;q=0"])
def test_who_would_rather_have_json_gets_it(scrip: Deployment, account: str, accept: str) -> None:
    scrip.grant(account, "1")
    answer = scrip.get(f"/v1/accounts/{account}/entries", headers={"accept": accept})
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
