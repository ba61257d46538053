"""Statements of months that were closed say what the books say: what a close has not seen is the next month's in both.

Fifteen wallets have credits in January; each does something more in it after January was closed. Second opinions: the
books' reports, and sums of the archive's own rows of entries.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from scrip import runtime
from scrip.domain.finance.statement_checks import check_continues, check_statement
from scrip.services.finance import manifests, periods
from scrip.services.finance.workspaces import Workspace
from scrip.store import documents, keys
from scrip.store.archive import Archive
from scrip.store.documents import NEW
from tests.aws import BUCKET, Deployment, lot_of
from tests.closing import Closing, closing, frozen_amounts

Json = dict[str, Any]
EARLY, LATE = "2030-01-10T00:00:00.000Z", "2030-01-31T23:59:59.999Z"
AFTER: Final = {"2030-01": "2030-02-01T00:10:00.000Z", "2030-02": "2030-03-01T00:10:00.000Z"}
UNIT = "cs-tok"
BY_HAND: Final = (
    *("burned", "captured", "undone", "voided", "debited", "credited"),
    *("sender", "invoiced", "given-back", "quiet", "asked"),
)
"""Wallets of 100 credits that were paid by hand, 33.33 each in one of three currencies."""
ARRIVED: Final = ("granted", "ended", "receiver")
"""Wallets that have nothing before January is closed."""
BOUGHT: Final = "bought"
UNSEEN: Final = {"2030-01": 1666, "2030-02": 0}
"""Yen by which the statement of "asked" has more deferred than the books: ⌊3 333 · 50 / 100⌋. It was made before the
close, and then 50 of its credits were burned, which the close saw."""


def post(made: Closing, path: str, clock: str, **body: Any) -> Json:
    return made.send({"method": "POST", "path": path, "query": {}, "body": body, "key": path, "at": clock})


def play(made: Closing) -> dict[str, str]:
    """January, before it is closed; returns what later requests need."""
    policy = {"transferable": True, "refund_shortfall": "owe", "value": {"amount": 10, "currency": "USD"}}
    for path, body in (
        (f"/v1/units/{UNIT}", {"precision": 2, "policy": policy}),
        ("/v1/packs/yen", {"unit": UNIT, "credits": "300", "price": {"amount": 10000, "currency": "JPY"}}),
    ):
        made.send({"method": "PUT", "path": path, "query": {}, "body": body, "at": EARLY})
    for number, account in enumerate(BY_HAND):
        cost = {"amount": 3333, "currency": ("USD", "JPY", "BHD")[number % 3]}
        lot: Json = {"unit": UNIT, "amount": "100", "kind": "paid", "cost_basis": cost}
        post(made, f"/v1/accounts/{account}/grants", EARLY, **lot)
    burned = post(made, "/v1/accounts/undone/burns", EARLY, unit=UNIT, amount="7")
    before = {"expires_in": "P7D", "amount": "30"}
    held = post(made, "/v1/accounts/captured/holds", "2030-01-30T00:00:00.000Z", unit=UNIT, **before)
    kept = {"burn": burned["entry"]["entry_id"], "hold": held["hold"]["hold_id"]}
    line = {"line_id": "seats", "amount": 500, "tax": 0}
    wallet = {"unit": UNIT, "currency": "USD", "tax": "after", "lines": [line]}
    post(made, "/v1/invoices/in-1/applications", EARLY, account="given-back", **wallet)
    order = {"pack": "yen", "provider": "standard", "return_url": "https://example.test/"}
    topup = post(made, "/v1/topups", EARLY, account=BOUGHT, accept_terms=True, **order)["topup_id"]
    paid = {"payment_id": "p1", "amount": 11000, "tax": 1000, "currency": "JPY"}
    disputed = {"payment_id": "p1", "dispute_id": "dp1", "amount": 1, "currency": "CHF"}
    for kind, data in (("payment.succeeded", paid), ("dispute.opened", disputed)):
        made.scrip.deliver({"type": kind, "timestamp": EARLY, "data": data}, provider="standard")
    resolve(made, EARLY, action="accept", topup_id=topup)
    post(made, f"/v1/accounts/{BOUGHT}/burns", EARLY, unit=UNIT, amount="220")
    return kept


def come_late(made: Closing, kept: dict[str, str]) -> None:
    """What has an instant in January, and comes after January was closed."""
    dinars = {"amount": 1001, "currency": "BHD"}
    lot: Json = {"unit": UNIT, "amount": "3", "kind": "paid", "cost_basis": dinars}
    post(made, "/v1/accounts/granted/grants", LATE, **lot)
    # It ends before January does, so that its expiry is late too.
    ends = {"expires_at": "2030-01-31T23:59:59.999Z"}
    post(made, "/v1/accounts/ended/grants", "2030-01-31T12:00:00.000Z", **lot, **ends)
    post(made, "/v1/accounts/burned/burns", LATE, unit=UNIT, amount="0.25")
    post(made, f"/v1/accounts/captured/holds/{kept['hold']}/capture", LATE, unit=UNIT, amount="12")
    post(made, f"/v1/accounts/undone/burns/{kept['burn']}/reversal", LATE, unit=UNIT, amount="2", reason="r")
    lot_id = lot_of("voided", 1, UNIT)
    post(made, f"/v1/accounts/voided/lots/{lot_id}/void", LATE, unit=UNIT, amount="3", reason="r")
    for account, way in (("debited", "debit"), ("credited", "credit")):
        amount = {"unit": UNIT, "direction": way, "amount": "20.5"}
        post(made, f"/v1/accounts/{account}/adjustments", LATE, **amount, reason="r")
    post(made, "/v1/accounts/sender/transfers", LATE, unit=UNIT, to_account="receiver", amount="10")
    line = {"line_id": "seats", "amount": 300, "tax": 0}
    wallet = {"unit": UNIT, "currency": "USD", "tax": "after", "lines": [line]}
    post(made, "/v1/invoices/in-2/applications", LATE, account="invoiced", **wallet)
    post(made, "/v1/invoices/in-1/void", LATE)
    # 10 000 yen for 300 credits, of which 220 were burned: half of it was lost, so 50 of 100 taken back are owed.
    resolve(made, LATE, action="state", about="dispute:dp1", amount=5500)
    resolve(made, LATE, action="settle", about="dispute:dp1", status="lost")


def resolve(made: Closing, clock: str, **body: Any) -> None:
    body = {"reason": "r", **body}
    path = "/v1/payments/standard/p1/resolutions"
    made.send({"method": "POST", "path": path, "query": {}, "body": body, "at": clock})


@pytest.fixture(scope="module")
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """January closed, what came late for it, and February closed. Nobody has asked for a statement."""
    with closing(deployment, tmp_path_factory.mktemp("statements")) as made:
        kept = play(made)
        before_it_is_closed(made)
        assert made.close("2030-01", AFTER["2030-01"]).status == 200
        come_late(made, kept)
        post(made, "/v1/accounts/quiet/burns", "2030-02-10T00:00:00.000Z", unit=UNIT, amount="1")
        assert made.close("2030-02", AFTER["2030-02"]).status == 200
        yield made


def before_it_is_closed(made: Closing) -> None:
    """One wallet's statement is asked for, and then its lot loses a credit, which the close still sees."""
    stated(made, "asked", "2030-01", "2030-02-01T00:00:00.000Z")
    post(made, "/v1/accounts/asked/burns", LATE, unit=UNIT, amount="50")


def stated(made: Closing, account: str, month: str, clock: str = "2030-03-02T00:00:00.000Z") -> Json:
    """A statement that proves all that it says."""
    query = {"unit": UNIT}
    answer = made.scrip.get(f"/v1/accounts/{account}/statements/{month}", query=query, clock=clock)
    assert answer.status == 200, answer.text
    found: Json = answer.body
    assert list(check_statement(found)) == []
    return found


@pytest.fixture(scope="module")
def told(played: Closing) -> dict[str, dict[str, Json]]:
    """The statements of all accounts, by month."""
    accounts = (*BY_HAND, *ARRIVED, BOUGHT)
    return {month: {account: stated(played, account, month) for account in accounts} for month in AFTER}


def of_money(statements: dict[str, Json], name: str) -> Counter[tuple[str, str]]:
    """A sum of money by currency and account, as statements close with it."""
    return Counter(
        {
            (one["currency"], account): one[name]
            for account, said in statements.items()
            for one in said["closing"]["money"]
            if one[name]
        }
    )


@pytest.mark.parametrize("month", AFTER)
def test_statements_of_all_accounts_add_up_to_the_books(
    played: Closing, told: dict[str, dict[str, Json]], month: str
) -> None:
    """Deferred of each account, and deferred and breakage of all, are those that the close has frozen."""
    period = played.scrip.get(f"/v1/periods/{month}").body
    statements = told[month]
    assert {said["status"] for said in statements.values()} == {"final"}

    by_account = frozen_amounts(period, "liability", "account", by="account")
    booked = {(currency, name): left for currency, rows in by_account.items() for name, left in rows.items()}
    deferred = of_money(statements, "deferred")
    deferred["JPY", "asked"] -= UNSEEN[month]
    assert deferred == Counter({place: left for place, left in booked.items() if left})
    balance = frozen_amounts(period, "trial-balance", "account")
    for currency, rows in balance.items():
        assert sum(rows.values()) == 0
        for name, account in (("deferred", "deferred_revenue"), ("breakage", "breakage")):
            said = sum(left for (code, _), left in of_money(statements, name).items() if code == currency)
            unseen = UNSEEN[month] if (name, currency) == ("deferred", "JPY") else 0
            assert said - unseen == -rows.get(account, 0), (currency, name)


@pytest.mark.parametrize("month", AFTER)
def test_credits_that_statements_close_with_are_those_of_the_entries_in_the_books(
    played: Closing, told: dict[str, dict[str, Json]], month: str
) -> None:
    """The archive's rows of entries, added up to the month in which each is booked."""
    tables, archive = runtime.tables(), Archive(played.scrip.s3, BUCKET)
    manifest = manifests.present(tables, archive)
    closes = periods.closes(tables)
    added: Counter[str] = Counter()
    with Workspace(archive, Path(tempfile.gettempdir())) as space:
        paths = space.bring(part.key for part in manifest.of("entries"))
        query = "SELECT account, strftime(held_at, '%Y-%m'), edition, amount FROM read_parquet($paths)"
        for account, held, edition, amount in space.rows([query], paths=paths):
            # January's are in the books of January if its close has seen them, and else in February's.
            booked = "2030-02" if held == "2030-01" and edition > closes["2030-01"] else held
            added[account] += int(amount) if booked <= month else 0
    if UNSEEN[month]:
        added["asked"] += 5000
    totals = {name: float(said["closing"]["total"]) for name, said in told[month].items()}
    assert totals == {name: added[name] / 100 for name in totals}


def test_what_came_late_is_in_the_next_months_statement_and_says_for_which(
    played: Closing, told: dict[str, dict[str, Json]]
) -> None:
    january, february = told["2030-01"], told["2030-02"]
    for account in january:
        assert list(check_continues(january[account], february[account])) == []
        assert {one["late_for"] for one in january[account]["entries"]} <= {None}
    late = {name: [one["kind"] for one in said["entries"]] for name, said in february.items()}
    assert late.pop("ended") == ["grant", "expiry"]
    assert late.pop(BOUGHT)[-1] == "clawback"
    assert late == {
        "burned": ["burn"],
        "captured": ["release", "capture"],
        "undone": ["reversal"],
        "voided": ["void"],
        "debited": ["adjustment"],
        "credited": ["adjustment"],
        "sender": ["transfer_out"],
        "receiver": ["transfer_in"],
        "invoiced": ["burn"],
        "given-back": ["reversal"],
        "granted": ["grant"],
        "quiet": ["burn"],
        "asked": ["burn"],
    }
    for account, said in february.items():
        months = {one["late_for"] for one in said["entries"]}
        assert months == ({None} if account == "quiet" else {"2030-01"}), account
    journal = played.frozen_journal(played.scrip.get("/v1/periods/2030-02").body)
    booked = {one["entry_id"] for one in journal if one["late_for"] == "2030-01"}
    # That of "asked" came before the close, so the books have it in January.
    shown = {
        one["entry_id"]
        for name, said in february.items()
        for one in said["entries"]
        if one["late_for"] and name != "asked"
    }
    assert booked <= shown
    # An adjustment upwards and a release move no money; an expiry does, and so do both ends of a transfer.
    assert len(booked) == 13


def test_while_a_month_is_being_closed_nothing_of_it_is_final(played: Closing) -> None:
    """An entry that comes now may be in it, or be the next month's: only the close tells."""
    account, query = "waits", {"unit": UNIT}
    clocks = [f"2030-{month}-10T00:00:00.000Z" for month in ("03", "04", "05")]
    for clock in clocks:
        path = f"/v1/accounts/{account}/grants"
        made = {"method": "POST", "path": path, "query": {}, "key": clock, "at": clock}
        played.send({**made, "body": {"unit": UNIT, "amount": "1", "kind": "promotional"}})
    # April is being closed, and March with it: so nothing is final that begins with what they end with.
    tables = runtime.tables()
    under_way = {"status": "archiving", "period": "2030-04"}
    document = documents.put(tables, keys.period("2030-04"), NEW, under_way)
    assert document
    months = ("2030-03", "2030-04", "2030-05")
    closing = {month: stated(played, account, month, "2030-07-01T00:00:00.000Z") for month in months}
    assert {said["status"] for said in closing.values()} == {"provisional"}
    assert {(said["signature"], said["entries_digest"]) for said in closing.values()} == {(None, None)}
    assert [said["closing"]["total"] for said in closing.values()] == ["1", "2", "3"]
    page = f"/v1/accounts/{account}/statements/2030-04"
    printed = played.scrip.get(
        page, query=query, clock=AFTER["2030-02"].replace("03", "07"), headers={"accept": "text/html"}
    )
    assert "something may still come to the month" in printed.text
    # It was refused: then all of it is as it is.
    assert documents.put(tables, document.pk, document.rev, {**under_way, "status": "refused"})
    final = {month: stated(played, account, month, "2030-07-01T00:00:00.000Z") for month in months}
    assert {said["status"] for said in final.values()} == {"final"}
    for month, said in final.items():
        assert said["closing"] == closing[month]["closing"]


def test_people_read_for_which_month_an_entry_is_late(played: Closing) -> None:
    query, headers = {"unit": UNIT}, {"accept": "text/html"}
    path, clock = "/v1/accounts/burned/statements/2030-02", "2030-03-02T00:00:00.000Z"
    page = played.scrip.get(path, query=query, clock=clock, headers=headers).text
    assert "<td>burn (late for 2030-01)</td>" in page


def test_a_wallet_that_a_close_has_not_seen_had_nothing_then(played: Closing) -> None:
    """It came late, so its statement of January is of nothing for ever."""
    january, february = (stated(played, "granted", month) for month in AFTER)
    assert (january["entries_count"], january["closing"]["total"]) == (0, "0")
    assert (february["opening"], february["closing"]["total"]) == (january["closing"], "3")


def test_without_the_heads_of_a_close_nothing_is_told(played: Closing) -> None:
    """Lost or changed, they are no proof: the request fails, and may be sent again."""
    played.scrip.grant("unsure", "1", unit=UNIT, clock="2030-02-02T00:00:00.000Z")
    s3 = played.scrip.s3
    for found in s3.list_objects_v2(Bucket=BUCKET, Prefix="periods/heads/")["Contents"]:
        s3.put_object(Bucket=BUCKET, Key=found["Key"], Body=b"changed")
    path = "/v1/accounts/unsure/statements/2030-02"
    answer = played.scrip.get(path, query={"unit": UNIT}, clock="2030-03-02T00:00:00.000Z")
    assert (answer.status, answer.code) == (503, "unavailable")
    assert "are not as they were written" in answer.body["detail"]
