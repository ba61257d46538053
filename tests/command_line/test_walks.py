"""The README's calls, and the walks of the guide and the recipes that have commands, typed: the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.aws import WEBHOOK_SECRET, Deployment
from tests.command_line.conftest import Line

CARD = 'rates: {cli-images: {price: {model: per_unit, credits: "12"}}}'


def test_the_readmes_three_calls(line: Line, account: str) -> None:
    """100 credits for USD 10.00; 30 are burned, which earns USD 3.00; sent again, 70 are there still (law 3)."""
    granted = line.json(
        "grant",
        account,
        "100",
        "--kind",
        "paid",
        "--cost-basis",
        "1000:USD",
        "--idempotency-key",
        f"order-{account}",
    )
    assert granted["lot"]["cost_basis"] == {"amount": 1000, "currency": "USD"}
    burn = ("burn", account, "30", "--idempotency-key", f"job-{account}")
    first, again = line.json(*burn), line.json(*burn)
    assert first["entry"]["draws"][0]["value"] == {"amount": 300, "currency": "USD"}
    assert again["entry"]["entry_id"] == first["entry"]["entry_id"]
    found = line.json("balance", account)
    assert (found["total"], found["available"], found["held"]) == ("70", "70", "0")


def test_the_guides_hold_whose_free_credits_end_meanwhile(line: Line, account: str) -> None:
    """10 free until 00:30 and 100 paid; 25 held at 00:10, 8 captured at 00:40: 2 of 17 given back end, 100 left."""

    def at(time: str, *command: str) -> Any:
        return line.json("--test-clock", f"2030-01-01T{time}:00Z", *command)

    at("00:00", "grant", account, "10", "--expires-at", "2030-01-01T00:30:00Z")
    at("00:00", "grant", account, "100", "--kind", "paid", "--cost-basis", "1000:USD")
    placed = at("00:10", "hold", "place", account, "25", "--expires-in", "PT1H")
    assert [draw["amount"] for draw in placed["hold"]["draws"]] == ["10", "15"]
    captured = at("00:40", "hold", "capture", account, placed["hold"]["hold_id"], "8")
    assert (captured["hold"]["captured"], captured["hold"]["released"]) == ("8", "17")
    assert captured["balance"]["total"] == "100"
    kinds = [entry["kind"] for entry in at("00:40", "entries", account)["items"]]
    assert sorted(kinds) == ["capture", "expiry", "grant", "grant", "hold", "release"]


def test_the_recipes_image_tool(line: Line, account: str, tmp_path: Path) -> None:
    """A meter that costs 12: of 100 credits 3 images take 36, and the lot says so."""
    file = tmp_path / "credits.yaml"
    file.write_text(CARD)
    assert line.run("push", str(file), "--yes")[0] == 0
    line.run("grant", account, "100")
    # A price that was just put holds a minute later.
    later = ("--test-clock", "2031-01-01T00:00:00Z")
    burned = line.json(
        *later, "burn", account, "--meter", "cli-images", "--quantity", "3", "--reference", "job:4711"
    )
    assert (burned["burned"], burned["balance"]["total"]) == ("36", "64")
    (found,) = line.json(*later, "entries", account, "--reference", "job:4711")["items"]
    assert (found["amount"], found["usage"]["meter"]) == ("-36", "cli-images")


def test_the_recipes_paywall(
    line: Line, scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has nothing is refused and told so; an order is made, paid, and the same burn is done."""
    pack = {
        "credits": "10000",
        "price": {"amount": 100000, "currency": "USD"},
        "provider_refs": {"standard": "p"},
    }
    assert scrip.put(f"/v1/packs/{account}", pack).status == 201
    burn = ("burn", account, "1", "--idempotency-key", f"request-{account}")
    assert line.sentence(1, *burn).startswith("insufficient_credits")
    buy = ("--provider", "standard", "--return-url", "https://example.test/", "--accept-terms")
    order = line.json("topup", "create", account, account, *buy)
    assert (order["status"], order["credits"]) == ("pending", "10000")
    monkeypatch.setenv("SCRIP_STANDARD_WEBHOOK_SECRET", WEBHOOK_SECRET)
    line.json("trigger", "standard", "payment.succeeded", order["topup_id"])
    scrip.apply(scrip.queued())
    assert line.json("topup", "show", order["topup_id"])["status"] == "paid"
    # A refusal is not remembered: the key is still free.
    assert line.json(*burn)["balance"]["total"] == "9999"
