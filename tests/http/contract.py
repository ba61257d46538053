"""The documented members of every answer, written out, and what a problem document looks like."""

from __future__ import annotations

import re
from typing import Any, Final

from tests.aws import Answer
from tests.http.sentences import known

INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
URL_SAFE: Final = re.compile(r"[A-Za-z0-9._~-]+")
HASH: Final = re.compile(r"[0-9a-f]{64}")

ENTRY: Final = {
    "entry_id",
    "seq",
    "kind",
    "amount",
    "balance_before",
    "balance_after",
    "available_after",
    "held_after",
    "frozen_after",
    "owed_after",
    "draws",
    "reference",
    "reason",
    "actor",
    "actor_name",
    "metadata",
    "at",
    "recorded_at",
    "hash",
    "previous_hash",
}
GRANT_ENTRY: Final = ENTRY | {"lot_id"}
MOVED_BALANCE: Final = {
    "account",
    "unit",
    "as_of",
    "total",
    "available",
    "held",
    "frozen",
    "pending",
    "owed",
    "by_category",
    "status",
    "version",
}
BALANCE: Final = MOVED_BALANCE | {"spendable", "overdraft_left", "money", "next_expiry"}
LOT: Final = {
    "lot_id",
    "kind",
    "granted",
    "remaining",
    "held",
    "frozen",
    "priority",
    "effective_at",
    "expires_at",
    "cost_basis",
    "scope",
    "status",
    "source",
    "metadata",
}
TOPUP: Final = {
    "topup_id",
    "status",
    "checkout_url",
    "credits",
    "price",
    "recurring",
    "terms",
    "terms_version",
    "accepted_at",
    "expires_at",
    "checkout_session_id",
    "waiting",
    "account",
    "pack",
    "pack_version",
    "quantity",
    "provider",
    "unit",
    "failed_renewal",
    "payment_id",
    "save_payment_method",
    "automatic",
}
PROBLEM: Final = {"type", "title", "status", "detail", "code"}


def refused(answer: Answer, status: int, code: str, **facts: Any) -> None:
    """The answer is a problem document with this status, this code and these facts, and no others."""
    assert (answer.status, answer.code) == (status, code), answer.text[:2000]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["status"] == status
    assert answer.body["type"].endswith(f":{code}")
    assert answer.body["title"]
    assert answer.body["detail"]
    assert "Traceback" not in answer.text
    known(answer.body)
    passing = code in ("contended", "throttled", "unavailable")
    assert ("retry-after" in answer.headers) == passing
    if passing:
        assert int(answer.headers["retry-after"]) >= 1
    if code == "invalid_request":
        assert set(answer.body) == PROBLEM | {"errors"}
        assert answer.body["errors"]
        for error in answer.body["errors"]:
            assert set(error) == {"field", "message"}
            assert error["field"]
            assert error["message"]
    else:
        found = {name: value for name, value in answer.body.items() if name not in PROBLEM}
        assert found == facts or not facts


def invalid(answer: Answer, *fields: str) -> None:
    """A 400 that names these fields, and no others."""
    refused(answer, 400, "invalid_request")
    assert sorted(set(answer.fields)) == sorted(fields), answer.text[:2000]


def whole_entry(entry: Any, members: set[str] = ENTRY) -> None:
    """An entry with all its documented members, each of its type."""
    assert set(entry) == members
    assert URL_SAFE.fullmatch(entry["entry_id"])
    assert INSTANT.fullmatch(entry["at"])
    assert INSTANT.fullmatch(entry["recorded_at"])
    assert entry["at"] <= entry["recorded_at"]
    assert HASH.fullmatch(entry["hash"])
    assert HASH.fullmatch(entry["previous_hash"])
    assert isinstance(entry["seq"], int)


def whole_balance(balance: Any, members: set[str] = BALANCE) -> None:
    """A balance with all its documented members, whose parts add up (law 1)."""
    assert set(balance) == members
    assert set(balance["by_category"]) == {"paid", "free"}
    assert INSTANT.fullmatch(balance["as_of"])


def whole_lot(lot: Any, *more: str) -> None:
    """A lot with all its documented members."""
    assert set(lot) == LOT | set(more)
    assert INSTANT.fullmatch(lot["effective_at"])
    assert URL_SAFE.fullmatch(lot["lot_id"])
