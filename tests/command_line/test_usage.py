"""``scrip usage``: what could not be burned is listed, and brought back."""

from __future__ import annotations

from tests.aws import Deployment
from tests.command_line.conftest import Line
from tests.http.usage.reported import AT, CARD, accepted, used


def test_what_was_rejected_is_listed_with_its_reason_and_brought_back(
    line: Line, scrip: Deployment, account: str
) -> None:
    assert scrip.put("/v1/rates/calls", CARD, clock="2029-01-01T00:00:00Z").status in (200, 201)
    scrip.grant(account, "100", clock=AT)
    scrip.move(account, "freeze", reason="a chargeback", clock=AT)
    accepted(scrip.report(used("a", account), used("b", account), used("c", account), clock=AT), 3)
    assert scrip.book_usage() == []
    heading, *rows = line.table("usage", "rejected", "--account", account, "--reason", "wallet_frozen")
    assert heading.split() == ["received", "at", "subject", "type", "reason", "detail", "rejected", "id"]
    assert len(rows) == 3
    assert all("wallet_frozen" in row and account in row for row in rows)
    (first, *_) = line.json("usage", "rejected", "--account", account)["items"]
    scrip.move(account, "unfreeze", reason="it was won", clock=AT)
    assert line.json("usage", "redrive", first["rejected_id"]) == {"redriven": 1, "more": False}
    assert line.json("usage", "redrive", "--account", account) == {"redriven": 2, "more": False}
    assert scrip.book_usage() == []
    assert scrip.balance(account, clock=AT)["available"] == "94"
    assert line.json("usage", "rejected", "--account", account)["items"] == []


def test_what_is_to_be_brought_back_has_to_be_said_in_one_way(line: Line) -> None:
    said = "name events by their ids, or say --account, --reason or --all"
    assert line.sentence(2, "usage", "redrive") == said
    assert line.sentence(2, "usage", "redrive", "1", "--all") == said
