"""``scrip key bootstrap``: the first key, with AWS credentials. It is an admin's, and is shown this once."""

from __future__ import annotations

import json

import pytest

import command_line
from scrip import runtime
from scrip.services.catalogue.keys import KeyOwner, find_owner
from tests.aws import Deployment


def test_the_first_key_is_an_admins_and_is_stored_nowhere(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        command_line.main(["key", "bootstrap", "--name", "me", "--expires-at", "2099-01-01T00:00:00Z"]) == 0
    )
    told = capsys.readouterr()
    made = json.loads(told.out)
    owner = find_owner(runtime.api_keys(), made["key"], runtime.now())
    assert owner == KeyOwner(made["key_id"], ("admin",), "", "me", 0, 4_070_908_800_000)
    assert (made["created_by"], told.err) == ("operator", "scrip: keep the key: it is shown this once\n")
    stored = json.dumps(scrip.everything(), default=str)
    assert made["key_id"] in stored
    assert made["key"].split("_", 2)[2] not in stored


@pytest.mark.parametrize(
    ("arguments", "told"), [(["--expires-at", "soon"], "expires_at"), (["--name", ""], "name")]
)
def test_a_key_that_the_api_refuses_is_refused(
    scrip: Deployment, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert command_line.main(["key", "bootstrap", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"scrip: {told}: ")
