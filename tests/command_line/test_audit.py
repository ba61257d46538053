"""``scrip audit``: who changed what."""

from __future__ import annotations

from tests.command_line.conftest import Line


def test_a_key_that_was_made_is_in_the_audit(line: Line) -> None:
    made = line.json("key", "create", "--scope", "read")
    (change,) = line.json("audit", "--target", f"key:{made['key_id']}")["items"]
    assert (change["action"], change["after"]["scopes"]) == ("key.create", ["read"])
    row = line.table("audit", "--target", f"key:{made['key_id']}")[1]
    assert f"key:{made['key_id']}" in row
    assert "key.create" in row
    assert line.sentence(1, "audit", "--action", "key.lose").startswith("invalid_request: ")
