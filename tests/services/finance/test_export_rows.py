"""Rows of exports: what was used by meter and currency, and rows of FOCUS that a customer's bills are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.finance.exports import ExportKind, ExportOrder, FocusNames
from scrip.domain.finance.periods import begins
from scrip.http.edge.parameters import instant
from scrip.services.finance import editions
from scrip.services.finance.export_rows import EntryRows
from scrip.services.finance.manifests import Manifest
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive
from tests.aws import Deployment

CLOCK = "2030-01-10T00:00:00.000Z"
NAMES = FocusNames("Example", "Example", "Example", "Example AI")
PRICE = {"price": {"model": "per_unit", "credits": "2"}}


@pytest.fixture
def made(scrip: Deployment, archive: Archive, tmp_path: Path) -> Manifest:
    """10.00 for 10 credits, tax not known: 3 tokens burned for 6 of them, of which a part is undone; 5 free ones."""
    scrip.make_tables()
    cost = {"amount": 1000, "currency": "USD"}
    assert scrip.put("/v1/rates/tokens", PRICE, clock="2030-01-01T00:00:00.000Z").status == 201
    scrip.grant("a", "10", clock=CLOCK, kind="paid", cost_basis=cost)
    body = {"meter": "tokens", "quantity": "3", "dimensions": {"model": "x"}, "member": "ann"}
    body |= {"tags": {"team": "red"}}
    burned = scrip.post("/v1/accounts/a/burns", body, key="b", clock=CLOCK).body
    entry = burned["entry"]["entry_id"]
    undo = scrip.post(f"/v1/accounts/a/burns/{entry}/reversal", {"amount": "2"}, key="r", clock=CLOCK)
    assert undo.status == 201, undo.text
    scrip.grant("free", "5", clock=CLOCK)
    scrip.burn("free", "1", clock=CLOCK)
    return editions.make(
        runtime.tables(), archive, tmp_path, instant("2030-02-01T00:30:00Z", "at"), 1
    ).manifest


def rows(
    archive: Archive,
    folder: Path,
    manifest: Manifest,
    kind: ExportKind,
    closes: dict[str, int],
    until: str = "2030-02",
) -> list[Any]:
    order = ExportOrder(kind, begins("2030-01"), begins(until), "jsonl", None, NAMES)
    assert manifest.last
    with Workspace(archive, folder) as space:
        paths = space.bring(part.key for part in manifest.of("entries"))
        query = EntryRows(space, runtime.executor(), order, closes, manifest.last.positions).query(paths)
        space.run([f"CREATE TABLE found AS {query}"])
        return [json.loads(text) for (text,) in space.rows(["SELECT to_json(found)::VARCHAR FROM found"])]


def test_what_was_used_and_given_back_has_its_meter_and_money(
    made: Manifest, archive: Archive, tmp_path: Path
) -> None:
    burn, undone, free = sorted(
        rows(archive, tmp_path, made, "usage", {}), key=lambda row: (row["account"], row["seq"])
    )

    assert len(burn.pop("entry_id")) > 10
    assert burn == {
        "account": "a",
        "unit": "credits",
        "seq": 2,
        "kind": "burn",
        "at": CLOCK,
        "used_at": CLOCK,
        "meter": "tokens",
        "dimensions": '{"model": "x"}',
        "quantity": "3",
        "credits": "6",
        "value": 600,
        "currency": "USD",
        "member": "ann",
        "tags": '{"team": "red"}',
    }
    # 2 of 6 credits, so a third of what was counted.
    assert (undone["quantity"], undone["credits"], undone["value"], undone["currency"]) == (
        "-1",
        "-2",
        -200,
        "USD",
    )
    assert (free["account"], free["credits"], free["value"], free["currency"]) == ("free", "1", None, None)


NAMED = ("SkuId", "ConsumedQuantity", "PricingCurrencyEffectiveCost", "x_Member", "Tags")


def test_what_was_used_says_of_what_and_by_whom_and_what_was_bought_of_which_pack(
    scrip: Deployment, made: Manifest, archive: Archive, tmp_path: Path
) -> None:
    found = rows(archive, tmp_path, made, "focus", {})
    assert [tuple(row[name] for name in NAMED) for row in found if row["ChargeCategory"] == "Usage"] == [
        ("tokens", "3", "6", "ann", '{"team": "red"}'),
        ("tokens", "-1", "-2", "ann", '{"team": "red"}'),
    ]


def made_in(archive: Archive, folder: Path, after: str) -> Manifest:
    return editions.make(runtime.tables(), archive, folder, instant(after, "at"), 1).manifest


def test_what_is_used_of_lots_in_two_currencies_is_counted_once(
    scrip: Deployment, archive: Archive, tmp_path: Path
) -> None:
    """Two tokens are 4 credits: two of a lot of 2 for 2.00 dollars, and two of 8 for 8.00 euros."""
    scrip.make_tables()
    assert scrip.put("/v1/rates/tokens", PRICE, clock="2030-01-01T00:00:00.000Z").status == 201
    for amount, currency, ends in (("2", "USD", "2030-02-01"), ("8", "EUR", "2030-03-01")):
        lot: dict[str, Any] = {
            "kind": "paid",
            "cost_basis": {"amount": int(amount) * 100, "currency": currency},
        }
        scrip.grant("a", amount, clock=CLOCK, expires_at=f"{ends}T00:00:00.000Z", **lot)
    body = {"meter": "tokens", "quantity": "2"}
    assert scrip.post("/v1/accounts/a/burns", body, key="b", clock=CLOCK).status == 201
    manifest = made_in(archive, tmp_path, "2030-02-01T00:30:00Z")
    names = ("currency", "value", "credits", "quantity")
    assert sorted(
        tuple(row[name] for name in names) for row in rows(archive, tmp_path, manifest, "usage", {})
    ) == [("EUR", 200, "0", "0"), ("USD", 200, "4", "2")]
    columns = ("BillingCurrency", "EffectiveCost", *NAMED[1:3], "SkuMeter")
    used = [row for row in rows(archive, tmp_path, manifest, "focus", {}) if row["ChargeCategory"] == "Usage"]
    assert sorted(tuple(row[name] for name in columns) for row in used) == [
        ("EUR", "2.00", "1", "0", "tokens"),
        ("USD", "2.00", "2", "4", "tokens"),
    ]


def test_what_is_free_is_of_the_currency_of_the_last_purchase_or_of_the_units_value(
    scrip: Deployment, archive: Archive, tmp_path: Path
) -> None:
    """Ann bought for dinars and then for yen; Bob, who bought nothing, is of the unit's euros."""
    scrip.make_tables()
    policy = {"value": {"amount": 50, "currency": "EUR"}}
    assert scrip.put("/v1/units/tok", {"precision": 0, "policy": policy}, clock=CLOCK).status == 201
    for day, currency in ((2, "BHD"), (3, "JPY")):
        clock, cost = f"2030-01-0{day}T00:00:00.000Z", {"amount": 100, "currency": currency}
        scrip.grant("ann", "1", unit="tok", clock=clock, kind="paid", cost_basis=cost)
    for account in ("ann", "bob"):
        scrip.grant(account, "5", unit="tok", clock=CLOCK, expires_at="2030-01-20T00:00:00.000Z")
        assert scrip.burn(account, "5", unit="tok", clock=CLOCK).status == 201
    manifest = made_in(archive, tmp_path, "2030-02-01T00:30:00Z")
    found = rows(archive, tmp_path, manifest, "focus", {})
    names = ("BillingAccountId", "BillingCurrency", "EffectiveCost", "PricingCurrencyEffectiveCost")
    assert [tuple(row[name] for name in names) for row in found if row["ChargeCategory"] == "Usage"] == [
        ("ann", "JPY", "0", "5"),
        ("bob", "EUR", "0.00", "5"),
    ]


@pytest.mark.parametrize(("month", "corrects"), [("01", None), ("02", "Correction")])
def test_what_is_given_back_in_a_later_month_corrects_the_one_that_was_billed(
    scrip: Deployment, archive: Archive, tmp_path: Path, month: str, corrects: str | None
) -> None:
    """A pack of 10 credits for 10.00 and 2.00 of tax, bought in January, of which 4 are burned. Then half of those are
    undone, and 6.00 of the payment are refunded with its tax."""
    scrip.make_tables()
    pack = {"unit": "credits", "credits": "10", "price": {"amount": 1000, "currency": "USD"}}
    pack["provider_refs"] = {"standard": "p"}
    assert scrip.put("/v1/packs/p", pack, clock=CLOCK).status == 201
    order = {"account": "a", "pack": "p", "provider": "standard", "accept_terms": True}
    order["return_url"] = "https://example.test/"
    topup = scrip.post("/v1/topups", order, key="o", clock=CLOCK).body["topup_id"]
    data = {"payment_id": "pay_1", "topup_id": topup, "amount": 1200, "tax": 200, "currency": "USD"}
    later = f"2030-{month}-20T00:00:00.000Z"

    def told(what: str, at: str, **more: Any) -> None:
        said = {"type": what, "timestamp": at, "data": {**data, **more}}
        assert scrip.webhook(said, provider="standard", clock=at).status == 200
        assert scrip.apply(scrip.queued()) == []

    told("payment.succeeded", CLOCK)
    burned = scrip.burn("a", "4", clock=CLOCK).body["entry"]["entry_id"]
    undo = scrip.post(f"/v1/accounts/a/burns/{burned}/reversal", {"amount": "2"}, key="r", clock=later)
    assert undo.status == 201, undo.text
    told("refund.succeeded", later, refund_id="re_1", amount=600, tax=100)
    manifest = made_in(archive, tmp_path, "2030-03-01T00:30:00Z")
    names = ("x_EntryKind", "ChargeCategory", "BilledCost", "EffectiveCost", "ChargeClass", "SkuPriceId")
    found = rows(archive, tmp_path, manifest, "focus", {}, "2030-03")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("grant", "Purchase", "10.00", "0.00", None, "p@1"),
        ("grant", "Tax", "2.00", "0.00", None, None),
        ("burn", "Usage", "0.00", "4.00", None, "credits"),
        ("reversal", "Usage", "0.00", "-2.00", corrects, "credits"),
        ("clawback", "Purchase", "-5.00", "0.00", corrects, "credits"),
        ("clawback", "Tax", "-1.00", "0.00", corrects, None),
    ]


def test_a_purchase_is_billed_and_its_use_costs(made: Manifest, archive: Archive, tmp_path: Path) -> None:
    found = rows(archive, tmp_path, made, "focus", {})

    billed = [row["BilledCost"] for row in found if row["ChargeCategory"] == "Purchase"]
    cost = [row["EffectiveCost"] for row in found if row["ChargeCategory"] == "Usage"]
    assert (billed, sorted(cost)) == (["10.00"], ["-2.00", "6.00"])
    # Who never paid has no bills, and the unit's credits have no value.
    assert {row["BillingAccountId"] for row in found} == {"a"}
    assert {row["BillingPeriodStart"] for row in found} == {"2030-01-01T00:00:00Z"}


def test_what_came_late_is_billed_in_the_month_that_it_is_booked_in(
    made: Manifest, archive: Archive, tmp_path: Path
) -> None:
    found = rows(archive, tmp_path, made, "focus", {"2030-01": made.edition - 1})
    assert {row["BillingPeriodStart"] for row in found} == {"2030-02-01T00:00:00Z"}
    assert {row["ChargeClass"] for row in found} == {"Correction"}
