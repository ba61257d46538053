"""The daily verification, as it is deployed and with its own rights alone."""

from __future__ import annotations

from tests.stack.conftest import App


def test_a_night_verifies_wallets_that_have_sent_each_other_credits(stack: App, account: str) -> None:
    """Law 7: it reads the other wallet's entries too, and may."""
    unit = f"miles-{account}"
    made = stack.client.put(f"/v1/units/{unit}", json={"precision": 0, "policy": {"transferable": True}})
    assert made.status_code == 201
    stack.grant(account, "10", unit=unit)
    said = {"to_account": f"{account}-b", "amount": "4", "unit": unit}
    assert stack.post(f"/v1/accounts/{account}/transfers", said).status_code == 201
    came = stack.verify_all()
    assert came["wallets"] >= 2
    assert came["entries"] >= 3
