"""``scrip rollup``: makes the sums of what a wallet used anew, and says of how many entries."""

from __future__ import annotations

import json

import pytest

import command_line
from tests.aws import NEW_YEAR, Deployment


def test_it_says_of_how_many_entries_the_sums_are(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.make_tables()
    scrip.grant(account, "5", clock=NEW_YEAR)
    scrip.burn(account, "1", clock=NEW_YEAR)
    capsys.readouterr()
    for _ in range(2):
        assert command_line.main(["rollup", account]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said == {"account": account, "unit": "credits", "entries": 2}
    assert command_line.main(["rollup", account, "--unit", "nothing"]) != 0
    assert "there is no unit nothing" in capsys.readouterr().err
    (row,) = scrip.get(f"/v1/accounts/{account}/usage").body["items"]
    assert row["credits"] == "1"
