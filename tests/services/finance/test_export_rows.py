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
    body = {"meter": "tokens", "quantity": "3", "member": "ann", "tags": {"team": "red"}}
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
    archive: Archive, folder: Path, manifest: Manifest, kind: ExportKind, closes: dict[str, int]
) -> list[Any]:
    order = ExportOrder(kind, begins("2030-01"), begins("2030-02"), "jsonl", None, NAMES)
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

    assert (burn["meter"], burn["quantity"], burn["credits"], burn["value"]) == ("tokens", "3", "6", 600)
    assert (burn["member"], json.loads(burn["tags"])) == ("ann", {"team": "red"})
    # 2 of 6 credits, so a third of what was counted.
    assert (undone["quantity"], undone["credits"], undone["value"], undone["currency"]) == (
        "-1",
        "-2",
        -200,
        "USD",
    )
    assert (free["account"], free["credits"], free["value"], free["currency"]) == ("free", "1", None, None)


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
