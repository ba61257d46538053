"""``scrip audit``: who changed what."""

from __future__ import annotations

from typing import Any

import pytest

from command_line.audit import changed
from tests.aws import Deployment
from tests.command_line.conftest import Line


def test_a_key_that_was_made_is_in_the_audit(line: Line) -> None:
    made = line.json("key", "create", "--scope", "read")
    (change,) = line.json("audit", "--target", f"key:{made['key_id']}")["items"]
    assert (change["action"], change["after"]["scopes"]) == ("key.create", ["read"])
    row = line.table("audit", "--target", f"key:{made['key_id']}")[1]
    assert f"key:{made['key_id']}" in row
    assert "key.create" in row
    assert line.sentence(1, "audit", "--action", "key.lose").startswith("invalid_request: ")


def test_the_audit_says_what_a_limit_was_and_became(line: Line, scrip: Deployment, account: str) -> None:
    """Somebody raises the overdraft limit of a unit to 100, and puts it back."""
    unit = f"unit-{account}"
    for limit in ("0", "100", "0"):
        policy = {"overdraft_limit": limit}
        assert scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": policy}).status in (200, 201)
    back, raised, made = line.table("audit", "--target", f"unit:{unit}")[1:]
    assert back.endswith("policy.overdraft_limit: 100 → 0")
    assert raised.endswith("policy.overdraft_limit: 0 → 100")
    assert made.endswith("  made")


Y40, Y41 = "y" * 40, "y" * 41


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, {"name": "b"}, "made"),
        ({"name": "a"}, None, "deleted"),
        (None, None, "made"),
        ({"name": "a", "version": 1}, {"name": "b", "version": 2}, "name: a → b"),
        ({"name": "a"}, {"name": "a"}, ""),
        ({"name": "a"}, {}, "name: a → nothing"),
        ({}, {"name": "b", "on": False}, "name: nothing → b; on: nothing → no"),
        ({"name": Y40}, {"name": Y41}, f"name: {Y40} → {Y40}…"),
    ],
)
def test_a_change_is_told_by_the_members_that_are_others_now(before: Any, after: Any, told: str) -> None:
    """A value is cut after 40 characters; a version always is another."""
    assert changed({"before": before, "after": after}) == told
