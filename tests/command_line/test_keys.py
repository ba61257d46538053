"""``scrip key``: a key is shown once, opens what it may, and is refused after it was deleted."""

from __future__ import annotations

from tests.command_line.conftest import Line


def test_a_key_is_made_used_rotated_and_deleted(line: Line, account: str) -> None:
    terms = (
        "--account",
        account,
        "--name",
        account,
        "--rate-limit",
        "7",
        "--expires-at",
        "2099-01-01T00:00:00Z",
    )
    made = line.json("key", "create", "--scope", "read", "--scope", "burn", *terms)
    assert (made["scopes"], made["account"], made["rate_limit"]) == (["read", "burn"], account, 7)
    assert line.json("--key", made["key"], "balance", account)["total"] == "0"
    assert line.sentence(1, "--key", made["key"], "key", "list").startswith("forbidden: ")
    rotated = line.json("key", "rotate", made["key_id"])
    assert (rotated["key_id"], rotated["key"] != made["key"]) == (made["key_id"], True)
    out = "\n".join(line.table("key", "list", "--all"))
    assert account in out
    assert made["key"] not in out
    assert rotated["key"] not in out
    assert line.json("key", "delete", made["key_id"]) == {"key_id": made["key_id"], "deleted": True}
    assert line.sentence(1, "key", "delete", made["key_id"]).startswith("not_found: ")


def test_people_are_told_that_a_key_is_shown_once(line: Line) -> None:
    status, out, err = line.run("key", "create", "--scope", "read", "--name", "a\x1b[2Jb")
    if status == 0:
        assert "\x1b" not in out
        assert err == "scrip: keep the key: it is shown this once\n"
    assert "--scope" in line.sentence(2, "key", "create")
    assert line.sentence(2, "key", "create", "--scope", "all").startswith("scopes.0: ")
