"""``scrip invoice``: which credits paid an invoice, and all of them given back."""

from __future__ import annotations

from tests.aws import Deployment
from tests.command_line.conftest import Line


def test_an_invoice_is_shown_and_voided(line: Line, scrip: Deployment, account: str) -> None:
    """30.00 of 50.00 by credits that are worth 1.00 each."""
    policy = {"value": {"amount": 100, "currency": "USD"}}
    scrip.put(f"/v1/units/{account}", {"precision": 2, "policy": policy})
    scrip.grant(account, "30", unit=account, kind="promotional")
    seats = {"line_id": "seats", "amount": 5000, "tax": 0}
    wallet = {"account": account, "unit": account, "currency": "USD", "tax": "after"}
    scrip.post("/v1/invoices/in-1/applications", {**wallet, "lines": [seats]}, key="a1")

    assert any("30.00 USD" in row for row in line.table("invoice", "show", "in-1"))
    done = line.json("invoice", "void", "in-1", "--reason", "wrong customer", "--idempotency-key", "v1")
    assert (
        line.json("invoice", "void", "in-1", "--reason", "wrong customer", "--idempotency-key", "v1") == done
    )
    assert line.json("balance", account, "--unit", account)["available"] == "30"
    assert line.json("invoice", "show", "in-1")["status"] == "void"
    assert "not_found" in line.sentence(1, "invoice", "show", "in-none")
