"""``scrip key``: a key is shown once, opens what it may, and is refused after it was deleted."""

from __future__ import annotations

import json

import pytest

from scrip import cli, runtime
from scrip.services.catalogue.keys import KeyOwner, find_owner
from tests.aws import Deployment


def test_a_key_that_was_made_is_its_scopes(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["key", "create", "--scope", "burn"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made.keys() == {"key_id", "key"}
    assert find_owner(runtime.tables(), made["key"]) == KeyOwner(made["key_id"], "burn", "")


def test_a_key_may_be_bound_to_one_account(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["key", "create", "--scope", "read", "--account", "acme"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert find_owner(runtime.tables(), made["key"]) == KeyOwner(made["key_id"], "read", "acme")


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
    assert find_owner(runtime.tables(), made["key"]) is None
    assert cli.main(["key", "delete", made["key_id"]]) == 2
    assert capsys.readouterr().err == f"scrip: there is no key {made['key_id']}\n"


@pytest.mark.parametrize("arguments", [[], ["--scope", "owner"]])
def test_a_key_has_one_of_four_scopes(scrip: Deployment, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["key", "create", *arguments])
    assert left.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--scope", "read", "--account", "ux a/b"], "account: must be 1 to 128 letters, digits or ._:@|-"),
        (["--scope", "read", "--account", ""], "account: must be 1 to 128 letters, digits or ._:@|-"),
        (["--scope", "read", "--account", "x" * 129], "account: must be 1 to 128 letters, digits or ._:@|-"),
        (["--scope", "burn", "--account", "acme"], "account: leave it out, or ask for scope read"),
        (["--scope", "admin", "--account", "acme"], "account: leave it out, or ask for scope read"),
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
