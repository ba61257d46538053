"""``scrip trigger``: a payment is made up for an order, on this machine alone (law 8)."""

from __future__ import annotations

import pytest

from tests.aws import WEBHOOK_SECRET, Deployment
from tests.command_line.conftest import Line


@pytest.fixture
def order(line: Line, scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Makes an order of 100 credits for 10.00 USD, which a gateway of one's own is paid for."""
    monkeypatch.setenv("SCRIP_STANDARD_WEBHOOK_SECRET", WEBHOOK_SECRET)
    body = {"credits": "100", "price": {"amount": 1000, "currency": "USD"}}
    assert scrip.put(f"/v1/packs/p-{account}", body).status == 201
    asked = (
        "topup",
        "create",
        account,
        f"p-{account}",
        "--provider",
        "standard",
        "--return-url",
        "https://x.test/",
    )
    return str(line.json(*asked, "--accept-terms")["topup_id"])


def test_an_order_is_paid_and_half_of_it_refunded(
    line: Line, scrip: Deployment, account: str, order: str
) -> None:
    """100 credits for 10.00 USD; 5.00 go back, and 50 credits with them."""
    said = line.json("trigger", "standard", "payment.succeeded", order)
    assert said["webhook_status"] == 200
    scrip.apply(scrip.queued())
    assert line.json("balance", account)["available"] == "100"
    assert line.json("topup", "show", order)["status"] == "paid"
    line.json("trigger", "standard", "refund.succeeded", order, "--amount", "500")
    scrip.apply(scrip.queued())
    assert line.json("balance", account)["available"] == "50"


def test_what_is_not_there_to_be_said_is_refused(
    line: Line, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert line.sentence(2, "trigger", "nosuch", "payment.succeeded", order).startswith(
        "there is no provider nosuch"
    )
    assert "payment.processing" in line.sentence(2, "trigger", "standard", "payment.lost", order)
    assert line.sentence(2, "trigger", "dodo", "payment.succeeded", order).endswith(
        "standard, and not at dodo"
    )
    assert line.sentence(1, "trigger", "standard", "payment.succeeded", "topup_none").startswith(
        "not_found: "
    )
    monkeypatch.setenv("SCRIP_STANDARD_WEBHOOK_SECRET", "whsec_é")
    assert line.sentence(2, "trigger", "standard", "payment.succeeded", order).startswith(
        "SCRIP_STANDARD_WEBHOOK"
    )
    monkeypatch.delenv("SCRIP_STANDARD_WEBHOOK_SECRET")
    assert ". .local/env does" in line.sentence(2, "trigger", "standard", "payment.succeeded", order)


def test_no_payment_is_made_up_elsewhere(bare: Line) -> None:
    said = bare.sentence(
        2, "--url", "https://x.test", "--key", "k", "trigger", "dodo", "payment.succeeded", "t"
    )
    assert said.startswith("https://x.test is not on this machine")
