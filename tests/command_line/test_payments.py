"""``scrip topup``, ``payments`` and ``search``."""

from __future__ import annotations

from tests.aws import Deployment
from tests.command_line.conftest import Line


def test_an_order_is_made_shown_listed_and_cancelled(line: Line, scrip: Deployment, account: str) -> None:
    pack = f"pack-{account}"
    body = {"credits": "100", "price": {"amount": 1000, "currency": "USD"}}
    assert scrip.put(f"/v1/packs/{pack}", body).status == 201
    order = (
        "topup",
        "create",
        account,
        pack,
        "--return-url",
        "https://example.test/",
        "--provider",
        "standard",
    )
    assert line.sentence(2, *order).startswith("a buyer agrees to the pack's terms")
    made = line.json(*order, "--accept-terms", "--quantity", "2")
    assert (made["status"], made["credits"], made["price"]["amount"]) == ("pending", "200", 2000)
    name = made["topup_id"]
    assert line.json("topup", "show", name)["quantity"] == 2
    assert [one["topup_id"] for one in line.json("topup", "list", "--account", account)["items"]] == [name]
    assert "20.00 USD" in line.table("topup", "list", "--account", account)[1]
    assert line.json("topup", "cancel", name)["status"] == "cancelled"


def test_payments_are_listed_and_one_that_there_is_not_is_refused(line: Line, account: str) -> None:
    assert line.json("payments", "list", "--account", account)["items"] == []
    assert line.sentence(1, "payments", "show", "dodo", f"pay_{account}").startswith("not_found: ")
    assert line.sentence(1, "payments", "show", f"dodo:pay_{account}").startswith("not_found: ")
    assert line.sentence(2, "payments", "show", f"pay_{account}").startswith("which payment? ")
    assert line.sentence(1, "payments", "list", "--status", "lost").startswith("invalid_request: ")


def test_entries_are_searched_by_what_they_were_for(line: Line, account: str) -> None:
    """By key an entry is found at once: no index is asked."""
    made = line.json("grant", account, "5", "--idempotency-key", f"k-{account}")
    found = line.json("search", "--key", f"k-{account}", "--account", account)["items"]
    assert [one["entry_id"] for one in found] == [made["entry"]["entry_id"]]
    assert line.table("search", "--key", f"k-{account}", "--account", account)[1].split()[0] == account
    assert line.sentence(1, "search").startswith("invalid_request: ")
