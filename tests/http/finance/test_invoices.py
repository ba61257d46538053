"""Credits pay lines of invoices, and a void gives them back: over HTTP, by figures worked by hand (laws 1, 3, 7, 8)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.ids import business_key, key_entry_id
from tests.aws import NEW_YEAR, Answer, Deployment, Key, listening, lot_of
from tests.http.contract import invalid, refused

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("in_memory")
SEATS: Json = {"line_id": "seats", "description": "5 seats", "amount": 5000, "tax": 1000}
STORAGE: Json = {"line_id": "storage", "amount": 2500, "tax": 500}


def usd(amount: int) -> Json:
    return {"amount": amount, "currency": "USD"}


def unit(scrip: Deployment, name: str, value: str = "100USD", precision: int = 2, **policy: Any) -> None:
    """A unit in which a credit is worth so many minor units."""
    worth = {"value": {"amount": int(value[:-3]), "currency": value[-3:]}} if value else {}
    answer = scrip.put(f"/v1/units/{name}", {"precision": precision, "policy": {**worth, **policy}})
    assert answer.status in (200, 201), answer.text


def grant(scrip: Deployment, account: str, amount: str, cost: int = 0, key: str = "", **more: Any) -> None:
    kind = {"kind": "paid", "cost_basis": usd(cost)} if cost else {"kind": "promotional"}
    answer = scrip.grant(account, amount, key or f"{amount}-{cost}", unit=account, **kind, **more)
    assert answer.status == 201, answer.text


def apply(
    scrip: Deployment, account: str, /, *lines: Json, key: str = "a1", invoice: str = "", **body: Any
) -> Answer:
    """Applies credits of the account, in the unit that has its name, to the invoice that has its name."""
    request = {name: body.pop(name) for name in ("clock", "caller") if name in body}
    wallet = {"account": account, "unit": account}
    said = {**wallet, "currency": "USD", "tax": "after", "lines": list(lines), **body}
    return scrip.post(f"/v1/invoices/{invoice or account}/applications", said, key=key, **request)


def void(scrip: Deployment, invoice: str, key: str = "v1", **more: Any) -> Answer:
    return scrip.post(f"/v1/invoices/{invoice}/void", more.pop("body", {}), key=key, **more)


def shown(scrip: Deployment, invoice: str) -> Json:
    answer = scrip.get(f"/v1/invoices/{invoice}")
    assert answer.status == 200, answer.text
    body: Json = answer.body
    return body


def test_credits_pay_lines_in_their_order_and_the_answer_says_which_paid_what(
    scrip: Deployment, account: str
) -> None:
    """20 free credits, then 60 that cost 48.00, each worth 1.00: 80.00 of 90.00. The seats and their tax are 60.00: 20
    free ones and 40 paid ones, whose money is 32.00. The storage gets the 20.00 that are left, of 30.00."""
    unit(scrip, account)
    grant(scrip, account, "20")
    grant(scrip, account, "60", 4800)
    answer = apply(scrip, account, SEATS, STORAGE, reason="November")
    assert answer.status == 201, answer.text
    entry, balance = answer.body.pop("entry"), answer.body.pop("balance")
    free, paid = lot_of(account, 1, account), lot_of(account, 2, account)
    assert answer.body == {
        "invoice_id": account,
        "applied": usd(8000),
        "paid_part": usd(6000),
        "free_part": usd(2000),
        "credits": "80",
        "lines": [
            {
                "line_id": "seats",
                "applied": usd(6000),
                "paid_part": usd(4000),
                "free_part": usd(2000),
                "draws": [
                    {"lot_id": free, "amount": "20"},
                    {"lot_id": paid, "amount": "40", "value": usd(3200)},
                ],
            },
            {
                "line_id": "storage",
                "applied": usd(2000),
                "paid_part": usd(2000),
                "free_part": usd(0),
                "draws": [{"lot_id": paid, "amount": "20", "value": usd(1600)}],
            },
        ],
    }
    assert (entry["kind"], entry["amount"], entry["reason"]) == ("burn", "-80", "November")
    assert entry["reference"] == {"type": "invoice", "id": account}
    assert balance["available"] == "0"
    scrip.sound(account, account)


def test_an_invoice_shows_which_credits_paid_which_line(scrip: Deployment, account: str) -> None:
    """Of 60.00 and 30.00, 80.00 are paid: 10.00 of the storage are left."""
    unit(scrip, account)
    grant(scrip, account, "80", 4800)
    made = apply(scrip, account, SEATS, STORAGE).body
    found = shown(scrip, account)
    (application,) = found.pop("applications")
    assert found == {
        "invoice_id": account,
        "account": account,
        "unit": account,
        "currency": "USD",
        "tax": "after",
        "status": "open",
        "applied": usd(8000),
        "lines": [
            {**SEATS, "applied": 6000, "left": 0},
            {**STORAGE, "description": None, "applied": 2000, "left": 1000},
        ],
        "voided_at": None,
        "reversal_entry_ids": [],
    }
    shared = {name: made[name] for name in ("applied", "paid_part", "free_part", "credits", "lines")}
    entry = made["entry"]
    assert application == {"entry_id": entry["entry_id"], "seq": 2, "at": entry["at"], **shared}


TAXED: list[tuple[str, int, int]] = [
    # tax, applied to 50.00 with 10.00 tax, and what may still be paid of it
    ("before", 5000, 0),
    ("after", 6000, 0),
]


@pytest.mark.parametrize(("tax", "applied", "left"), TAXED)
def test_before_tax_credits_pay_amounts_alone_after_tax_the_tax_too(
    scrip: Deployment, account: str, tax: str, applied: int, left: int
) -> None:
    unit(scrip, account)
    grant(scrip, account, "100")
    answer = apply(scrip, account, SEATS, tax=tax)
    assert (answer.body["applied"], answer.body["credits"]) == (usd(applied), f"{applied // 100}")
    (line,) = shown(scrip, account)["lines"]
    assert (line["applied"], line["left"]) == (applied, left)


WORTH: list[tuple[str, int, str, int, str, int]] = [
    # a credit is worth, decimals of credits, credits there, the line, credits taken, applied
    ("100USD", 2, "100", 1234, "12.34", 1234),
    ("100USD", 0, "100", 1234, "12", 1200),  # whole credits: 0.34 stay to be paid in money
    ("3USD", 2, "100", 10, "3.34", 10),  # 3.33 credits are worth 9 cents, 3.34 are worth 10 and a fiftieth
    ("3USD", 2, "3.33", 10, "3", 9),  # what is there: 9.99 cents. Three credits are worth the nine
    ("7JPY", 2, "1000", 100, "14.29", 100),  # 14.28 credits are worth 99 yen
    ("150JPY", 0, "7", 1000, "6", 900),  # 6 credits are 900 yen, 7 are more than the line
    ("1500KWD", 3, "1000", 2000, "1.333", 1999),  # a step is 1.5 fils: 1.334 would be 2.001 dinars
    ("1500KWD", 3, "1000", 2001, "1.334", 2001),
    ("1KWD", 0, "1000", 12, "12", 12),
    ("10000USD", 4, "1", 1, "0.0001", 1),
]


@pytest.mark.parametrize(("value", "precision", "there", "money", "credits", "applied"), WORTH)
def test_no_more_than_the_credits_are_worth_and_no_more_than_the_line(
    scrip: Deployment,
    account: str,
    value: str,
    precision: int,
    there: str,
    money: int,
    credits: str,
    applied: int,
) -> None:
    unit(scrip, account, value, precision)
    grant(scrip, account, there)
    line = {"line_id": "one", "amount": money}
    answer = apply(scrip, account, line, currency=value[-3:])
    assert answer.status == 201, answer.text
    assert (answer.body["credits"], answer.body["applied"]["amount"]) == (credits, applied)
    assert answer.body["applied"]["currency"] == value[-3:]


def test_max_cuts_what_is_taken(scrip: Deployment, account: str) -> None:
    unit(scrip, account)
    grant(scrip, account, "100")
    answer = apply(scrip, account, SEATS, max="12.5")
    assert (answer.body["credits"], answer.body["applied"]) == ("12.5", usd(1250))
    assert apply(scrip, account, SEATS, max=None, key="a2").body["applied"] == usd(4750)


def test_applications_never_pay_more_of_a_line_than_it_says(scrip: Deployment, account: str) -> None:
    """60.00 in three parts: 25.00, 25.00, and then 10.00 are left. A fourth finds nothing."""
    unit(scrip, account)
    grant(scrip, account, "100")
    applied = [
        apply(scrip, account, SEATS, max="25", key=f"a{n}").body["applied"]["amount"] for n in range(3)
    ]
    assert applied == [2500, 2500, 1000]
    refused(
        apply(scrip, account, SEATS, key="a4"), 422, "policy_violation", policy="invoice_left", field="lines"
    )
    more = apply(scrip, account, STORAGE, SEATS, key="a5")
    assert [line["applied"]["amount"] for line in more.body["lines"]] == [3000, 0]
    assert [line["line_id"] for line in shown(scrip, account)["lines"]] == ["seats", "storage"]
    assert len(shown(scrip, account)["applications"]) == 4
    scrip.sound(account, account)


def test_the_same_key_gets_the_same_answer_also_when_the_lines_are_paid_or_void(
    scrip: Deployment, account: str
) -> None:
    unit(scrip, account)
    grant(scrip, account, "100")
    first = apply(scrip, account, SEATS)
    again = apply(scrip, account, SEATS)
    assert (again.status, again.body, again.replayed) == (201, first.body, True)
    undone = void(scrip, account)
    assert apply(scrip, account, SEATS).body == first.body
    repeated = void(scrip, account)
    assert (repeated.status, repeated.body, repeated.replayed) == (201, undone.body, True)
    refused(apply(scrip, account, STORAGE), 422, "idempotency_key_reused")


MEMBERS: list[Json] = [
    {"lines": [SEATS, STORAGE]},
    {"lines": [{**SEATS, "line_id": "more"}]},
    {"lines": [{**SEATS, "description": "6 seats"}]},
    {"lines": [{**SEATS, "amount": 1}]},
    {"lines": [{**SEATS, "tax": 1}]},
    {"currency": "EUR"},
    {"max": "5"},
    {"tax": "before"},
    {"reason": "another"},
    {"metadata": {"a": "b"}},
    {"invoice": "another"},
]


@pytest.mark.parametrize("said", MEMBERS, ids=lambda said: str(said)[:40])
def test_another_value_of_a_member_is_another_request(scrip: Deployment, account: str, said: Json) -> None:
    """Law 3: each member matters, so none is passed nowhere. A void has a reason and metadata alone."""
    unit(scrip, account)
    grant(scrip, account, "100")
    assert apply(scrip, account, SEATS).status == 201
    refused(apply(scrip, account, **{"lines": [SEATS], **said}), 422, "idempotency_key_reused")
    assert void(scrip, account).status == 201
    about = {name: value for name, value in said.items() if name in ("reason", "metadata")}
    if about:
        refused(void(scrip, account, body=about), 422, "idempotency_key_reused")


def test_a_void_gives_back_to_the_same_lots_with_their_money(scrip: Deployment, account: str) -> None:
    """20 free and 60 paid credits in two applications of 50.00 and 30.00: all of it comes back, in one commit."""
    unit(scrip, account)
    grant(scrip, account, "20", expires_at="2050-01-01T00:00:00Z", priority=10)
    grant(scrip, account, "60", 4800)
    before = scrip.lots(account, unit=account)
    apply(scrip, account, SEATS, max="50")
    apply(scrip, account, SEATS, STORAGE, key="a2")
    answer = void(scrip, account, body={"reason": "billed twice", "metadata": {"by": "7"}})
    assert answer.status == 201, answer.text
    assert (answer.body["voided"], answer.body["credits"]) == (usd(8000), "80")
    entries = answer.body["entries"]
    assert [(one["kind"], one["amount"], one["seq"]) for one in entries] == [
        ("reversal", "50", 5),
        ("reversal", "30", 6),
    ]
    assert answer.body["entry"] == entries[-1]
    assert {one["reference"]["id"] for one in entries} == {account}
    assert {(one["reason"], one["metadata"]["by"]) for one in entries} == {("billed twice", "7")}
    assert answer.balance["available"] == "80"
    assert scrip.lots(account, unit=account) == before
    found = shown(scrip, account)
    assert (found["status"], found["applied"]) == ("void", usd(0))
    assert found["voided_at"] == entries[-1]["at"]
    assert found["reversal_entry_ids"] == [one["entry_id"] for one in entries]
    assert [one["applied"] for one in found["applications"]] == [usd(5000), usd(3000)]
    scrip.sound(account, account)


def test_what_has_ended_meanwhile_ends_at_once(scrip: Deployment, account: str) -> None:
    """30 credits that end in February pay 30.00 in January. Voided in March they come back, and end at once."""
    unit(scrip, account)
    grant(scrip, account, "30", 2400, expires_at="2030-02-01T00:00:00Z", clock=NEW_YEAR)
    grant(scrip, account, "5", 400, clock=NEW_YEAR)
    apply(scrip, account, SEATS, max="20", clock="2030-01-10T00:00:00Z")
    apply(scrip, account, SEATS, max="10", key="a2", clock="2030-01-11T00:00:00Z")
    answer = void(scrip, account, clock="2030-03-01T00:00:00Z")
    assert answer.status == 201, answer.text
    assert answer.balance["available"] == "5"
    kinds = [(one["kind"], one["amount"]) for one in scrip.entries(account, unit=account)]
    assert kinds[4:] == [("reversal", "20"), ("expiry", "-20"), ("reversal", "10"), ("expiry", "-10")]
    scrip.sound(account, account)


@pytest.mark.parametrize(
    ("limit", "most", "commits"),
    [
        ("BOOKING_ITEMS", 5, [7, 5, 7]),
        ("BOOKING_ITEMS", 7, [7, 10]),
        ("BOOKING_ITEMS", 9, [10, 7]),
        ("BOOKING_ITEMS", 11, [15]),
        ("COMMIT_ITEMS", 15, [5, 5, 5, 6]),
        ("COMMIT_ITEMS", 18, [8, 9]),
        ("COMMIT_ITEMS", 20, [11, 6]),
        ("COMMIT_ITEMS", 22, [15]),
    ],
)
def test_a_void_that_does_not_fit_into_one_commit_takes_several(
    scrip: Deployment,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    most: int,
    commits: list[int],
) -> None:
    """Three lots of 5 have ended when it is voided, and so have the three of 10 that come back. Each commit has the
    wallet, the page of its lots, an item for each entry and for what each application got back; the last the invoice.
    """
    unit(scrip, account)
    for number in range(3):
        ends = f"2030-02-0{number + 2}T00:00:00Z"
        grant(scrip, account, "10", 800 + number, clock=NEW_YEAR, expires_at="2030-02-01T00:00:00Z")
        grant(scrip, account, "5", 400 + number, clock=NEW_YEAR, expires_at=ends)
    for number in range(3):
        apply(scrip, account, SEATS, max="10", key=f"a{number}", clock=f"2030-01-1{number}T00:00:00Z")
    made: list[int] = []

    def note(params: Json, **_: Any) -> None:
        made.append(len(params["TransactItems"]))

    monkeypatch.setattr(limits, limit, most)
    with listening("before-call.dynamodb.TransactWriteItems", note):
        answer = void(scrip, account, clock="2030-03-01T00:00:00Z")
    monkeypatch.undo()
    assert (answer.status, made) == (201, commits)
    entries = scrip.entries(account, unit=account)[9:]
    assert [(one["kind"], one["amount"]) for one in entries] == [
        *[("expiry", "-5")] * 3,
        *[("reversal", "10"), ("expiry", "-10")] * 3,
    ]
    back = [one["entry_id"] for one in entries if one["kind"] == "reversal"]
    found = shown(scrip, account)
    assert (found["status"], found["reversal_entry_ids"]) == ("void", back)
    # All but the last, which has the request's key, are named by what they give back: a void that goes on after an
    # update finds them.
    named = [business_key("invoice", account, "void", one["entry_id"]) for one in found["applications"][:-1]]
    assert back[:-1] == [key_entry_id(account, account, key) for key in named]
    scrip.sound(account, account)


@pytest.mark.parametrize(
    ("most", "commits"), [(13, [4, 5, 5]), (14, [4, 5, 5]), (15, [4, 5, 5]), (16, [8, 5]), (19, [11])]
)
def test_an_application_is_given_back_to_all_of_its_lots_or_waits_for_the_next_commit(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, most: int, commits: list[int]
) -> None:
    """The second application is of two lots, which lie 20 lots apart: with 15 items one of them fits beside the first.
    The third is of another page. Each commit has the wallet, an entry and what came back of each application, and what
    has the lots; the last the invoice."""
    unit(scrip, account)
    for number in range(45):
        amount, priority = ("10", 10) if number in (0, 24, 44) else ("1", 90)
        grant(scrip, account, amount, 800 + number, clock=NEW_YEAR, priority=priority)
    for key, taken in (("a0", "10"), ("a1", "20"), ("a2", "1")):
        assert apply(scrip, account, SEATS, max=taken, key=key).status == 201
    made: list[int] = []

    def note(params: Json, **_: Any) -> None:
        made.append(len(params["TransactItems"]))

    monkeypatch.setattr(limits, "COMMIT_ITEMS", most)
    with listening("before-call.dynamodb.TransactWriteItems", note):
        answer = void(scrip, account)
    monkeypatch.undo()
    assert (answer.status, answer.body["credits"], made) == (201, "31", commits)
    scrip.sound(account, account)


@pytest.mark.parametrize("applications", [1, 6])
def test_a_void_reads_as_often_however_many_applications_it_gives_back(
    scrip: Deployment, account: str, applications: int
) -> None:
    """What was undone of each is asked for at once; at last the invoice is read as it is shown."""
    unit(scrip, account)
    grant(scrip, account, "100")
    for number in range(applications):
        assert apply(scrip, account, SEATS, max="1", key=f"a{number}").status == 201
    scrip.cold()
    with scrip.calls() as made:
        assert void(scrip, account).body["credits"] == str(applications)
    names = [call.name for call in made]
    batch = "BatchGetItem"
    assert names == ["GetItem", batch, "GetItem", batch, batch, "TransactWriteItems", "GetItem", batch]


def test_a_void_invoice_takes_no_credits_and_is_voided_once(scrip: Deployment, account: str) -> None:
    unit(scrip, account)
    grant(scrip, account, "100")
    apply(scrip, account, SEATS)
    at = void(scrip, account).body["entry"]["at"]
    refused(apply(scrip, account, STORAGE, key="a2"), 409, "invoice_void", voided_at=at)
    refused(void(scrip, account, "v2"), 409, "invoice_void", voided_at=at)
    assert scrip.balance(account, query={"unit": account})["available"] == "100"


def test_an_application_is_undone_with_its_invoice_alone(scrip: Deployment, account: str) -> None:
    unit(scrip, account)
    grant(scrip, account, "100")
    entry = apply(scrip, account, SEATS).body["entry"]
    answer = scrip.post(f"/v1/accounts/{account}/burns/{entry['entry_id']}/reversal", {}, key="r1")
    refused(answer, 422, "policy_violation", policy="reversal_whole")
    assert f"invoice {account}" in answer.body["detail"]


OTHERWISE: list[tuple[Json, str, str]] = [
    ({"lines": [{**SEATS, "amount": 5001}]}, "lines.0.amount", "invoice"),
    ({"lines": [STORAGE, {**SEATS, "tax": 0}]}, "lines.1.amount", "invoice"),
    ({"tax": "before"}, "tax", "invoice"),
    ({"account": "somebody"}, "account", "invoice"),
    ({"unit": "credits"}, "currency", "value"),
    ({"unit": "credits", "currency": "EUR"}, "account", "invoice"),
]


@pytest.mark.parametrize(("said", "field", "policy"), OTHERWISE)
def test_what_is_said_of_an_invoice_does_not_change(
    scrip: Deployment, account: str, said: Json, field: str, policy: str
) -> None:
    unit(scrip, account)
    unit(scrip, "credits", "100EUR", 6)
    grant(scrip, account, "100")
    scrip.grant("somebody", "5", unit=account)
    apply(scrip, account, SEATS, max="1")
    answer = apply(scrip, account, key="a2", **{"lines": [SEATS], **said})
    refused(answer, 422, "policy_violation", field=field, policy=policy)


def test_a_unit_without_a_value_pays_no_invoice_and_one_of_another_currency_none_of_this(
    scrip: Deployment, account: str
) -> None:
    unit(scrip, account, "")
    grant(scrip, account, "100")
    answer = apply(scrip, account, SEATS)
    refused(answer, 422, "policy_violation", policy="value", field="unit")
    unit(scrip, account, "100EUR")
    answer = apply(scrip, account, SEATS, clock="2040-01-01T00:00:00Z")
    scrip.fresh()
    refused(apply(scrip, account, SEATS), 422, "policy_violation", policy="value", field="currency")


def test_without_credits_nothing_is_applied_and_no_debt_is_made(scrip: Deployment, account: str) -> None:
    """Also where the unit allows debt. The same key works once there are credits."""
    unit(scrip, account, "3USD", 2, overdraft_limit="1000", up_to="overdraft")
    refused(
        apply(scrip, account, SEATS),
        402,
        "insufficient_credits",
        available="0",
        required="2000",
        unit=account,
    )
    grant(scrip, account, "0.33")
    answer = apply(scrip, account, SEATS)  # It is worth 0.99 cents.
    refused(answer, 402, "insufficient_credits", available="0.33", required="2000", unit=account)
    grant(scrip, account, "0.01")
    answer = apply(scrip, account, SEATS)
    assert (answer.status, answer.body["credits"], answer.body["applied"]) == (201, "0.34", usd(1))
    assert answer.body["entry"]["owed_after"] == "0"


def test_credits_for_certain_meters_pay_no_invoice(scrip: Deployment, account: str) -> None:
    unit(scrip, account)
    scrip.put("/v1/rates/api", {"unit": account, "tiers": [{"up_to": None, "price": "1"}]})
    grant(scrip, account, "10", scope=["api"])
    grant(scrip, account, "5")
    assert apply(scrip, account, SEATS).body["credits"] == "5"


def test_a_frozen_wallet_pays_nothing_and_may_get_back_what_it_paid(scrip: Deployment, account: str) -> None:
    unit(scrip, account)
    grant(scrip, account, "100")
    apply(scrip, account, SEATS, max="10")
    scrip.post(f"/v1/accounts/{account}/freeze", {"unit": account}, key="f")
    refused(apply(scrip, account, SEATS, key="a2"), 409, "wallet_frozen")
    assert void(scrip, account).status == 201


def test_an_application_is_no_runaway(scrip: Deployment, account: str) -> None:
    """A wallet that may spend 10 credits in a minute pays an invoice of 60.00, and is not frozen; burns still count."""
    unit(scrip, account, runaway={"amount": "10", "within": "PT1M", "action": "freeze"})
    grant(scrip, account, "100")
    scrip.burn(account, "4", "b1", unit=account)
    answer = apply(scrip, account, SEATS)
    assert answer.status == 201, answer.text
    assert void(scrip, account).status == 201
    assert scrip.balance(account, query={"unit": account})["status"] == "active"
    scrip.burn(account, "7", "b2", unit=account)
    assert scrip.balance(account, query={"unit": account})["status"] == "frozen"
    scrip.sound(account, account)


def test_an_invoice_that_no_credits_were_applied_to_is_not_there(scrip: Deployment, account: str) -> None:
    refused(void(scrip, account), 404, "not_found", invoice_id=account)
    refused(scrip.get(f"/v1/invoices/{account}"), 404, "not_found", invoice_id=account)


WRONG: list[tuple[Json, str]] = [
    ({"lines": []}, "lines"),
    ({"lines": [SEATS, SEATS]}, "lines"),
    ({"lines": [{**SEATS, "amount": -1}]}, "lines.0.amount"),
    ({"lines": [{**SEATS, "amount": "50.00"}]}, "lines.0.amount"),
    ({"lines": [{"line_id": "seats"}]}, "lines.0.amount"),
    ({"currency": "usd"}, "currency"),
    ({"max": 5}, "max"),
    ({"tax": "during"}, "tax"),
    ({"account": "a b"}, "account"),
]


@pytest.mark.parametrize(("said", "field"), WRONG)
def test_what_is_wrong_is_named(scrip: Deployment, account: str, said: Json, field: str) -> None:
    invalid(apply(scrip, account, **{"lines": [SEATS], **said}), field)


def test_an_amount_has_the_units_decimals(scrip: Deployment, account: str) -> None:
    unit(scrip, account)
    refused(apply(scrip, account, SEATS, max="0.001"), 422, "precision_exceeded", field="max", precision=2)


@pytest.mark.parametrize("scope", ["read", "burn", "grant"])
def test_an_invoice_needs_an_admin_key(scrip: Deployment, account: str, scope: str) -> None:
    refused(apply(scrip, account, SEATS, caller=Key(scope)), 403, "forbidden")
    refused(void(scrip, account, caller=Key(scope)), 403, "forbidden")
    refused(scrip.get(f"/v1/invoices/{account}", caller=Key(scope)), 403, "forbidden")
