"""``scrip key``: a key is shown once, opens what it may, and is refused after it was deleted."""

from __future__ import annotations

import json

import pytest

from scrip import cli, runtime
from scrip.services.catalogue.keys import KeyOwner, find_owner
from tests.aws import Deployment


def _owner(made: dict[str, str]) -> KeyOwner | None:
    return find_owner(runtime.api_keys(), made["key"], runtime.now())


def test_a_key_that_was_made_is_its_scopes(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["key", "create", "--scope", "burn"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["scopes"], made["created_by"]) == (["burn"], "operator")
    assert _owner(made) == KeyOwner(made["key_id"], ("burn",))


def test_a_key_may_be_bound_to_one_account(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["key", "create", "--scope", "read", "--account", "acme"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert _owner(made) == KeyOwner(made["key_id"], ("read",), "acme")


def test_a_key_may_have_several_scopes_a_name_an_end_and_a_limit(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = ["--name", "Portal", "--expires-at", "2099-01-01T00:00:00Z", "--rate-limit", "7"]
    assert cli.main(["key", "create", "--scope", "top_up", "--scope", "read", *terms]) == 0
    made = json.loads(capsys.readouterr().out)
    end = 4_070_908_800_000
    assert _owner(made) == KeyOwner(made["key_id"], ("read", "top_up"), "", "Portal", 7, end)


def test_keys_are_listed_without_themselves_and_rotated(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.make_tables()
    cli.main(["key", "create", "--scope", "read", "--name", "a"])
    made = json.loads(capsys.readouterr().out)
    assert cli.main(["key", "rotate", made["key_id"]]) == 0
    rotated = json.loads(capsys.readouterr().out)
    assert (rotated["key_id"], rotated["key"] != made["key"]) == (made["key_id"], True)
    assert _owner(rotated) is not None
    assert _owner(made) is not None
    assert cli.main(["key", "list"]) == 0
    out = capsys.readouterr().out
    (listed,) = json.loads(out)["items"]
    assert (listed["key_id"], listed["name"]) == (made["key_id"], "a")
    assert made["key"] not in out
    assert rotated["key"] not in out


def test_the_key_itself_is_stored_nowhere(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["key", "create", "--scope", "admin"])
    made = json.loads(capsys.readouterr().out)
    _, _, secret = made["key"].split("_", 2)
    stored = json.dumps(scrip.everything(), default=str)
    assert made["key_id"] in stored
    assert secret not in stored


def test_a_deleted_key_opens_nothing_and_is_not_deleted_twice(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["key", "create", "--scope", "admin"])
    made = json.loads(capsys.readouterr().out)
    assert cli.main(["key", "delete", made["key_id"]]) == 0
    assert json.loads(capsys.readouterr().out) == {"key_id": made["key_id"], "deleted": True}
    assert _owner(made) is None
    assert cli.main(["key", "delete", made["key_id"]]) == 2
    assert capsys.readouterr().err == f"scrip: there is no key {made['key_id']}\n"


@pytest.mark.parametrize("arguments", [[], ["--scope", "owner"]])
def test_a_key_has_a_scope_that_there_is(scrip: Deployment, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["key", "create", *arguments])
    assert left.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--scope", "read", "--account", "ux a/b"], "account: must be 1 to 128 letters, digits or ._:@|-"),
        (["--scope", "read", "--account", ""], "account: must be 1 to 128 letters, digits or ._:@|-"),
        (["--scope", "read", "--account", "x" * 129], "account: must be 1 to 128 letters, digits or ._:@|-"),
        (
            ["--scope", "grant", "--account", "acme"],
            "account: leave it out, or ask for read, burn or top_up alone",
        ),
        (
            ["--scope", "admin", "--account", "acme"],
            "account: leave it out, or ask for read, burn or top_up alone",
        ),
    ],
)
def test_the_command_makes_no_key_that_the_api_refuses(
    scrip: Deployment, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """One check for both doors, which says the same."""
    with scrip.unwritten():
        assert cli.main(["key", "create", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"scrip: {told}")
    body = dict(zip(["scope", "account"], arguments[1::2], strict=True))
    answer = scrip.post("/v1/keys", body)
    assert (answer.status, answer.fields) == (400, ["account"])
    assert told in answer.body["detail"]
