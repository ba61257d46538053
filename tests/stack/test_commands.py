"""The operator's command in a shell that has read ``.local/env`` and nothing else, as beside ``make run``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from local.__main__ import settings
from tests.pages import Reader
from tests.stack.conftest import App

SENTENCES: Final = {
    "scrip verify nosuch": "nosuch has no entries in credits",
    "scrip verify {account} --unit nosuch": "there is no unit nosuch",
    "scrip verify {account} --all": "name an account, or --all, and not both",
    "scrip reconcile nosuch": "there is no provider nosuch with an API to ask: there are dodo, stripe",
    "scrip deliveries show dodo nosuch": "no body of this delivery is kept",
    "AWS_DEFAULT_REGION= scrip verify {account}": "set AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL=http://127.0.0.1:9 scrip verify {account}": "does not answer",
    "SCRIP_WALLETS_TABLE=nosuch scrip verify {account}": "AWS knows no such table or secret here",
    "SCRIP_LEDGER_TABLE=nosuch scrip verify {account}": "AWS knows no such table or secret here",
    "SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL=nosuch scrip redrive": "the queue does not answer",
    "SCRIP_DODO_API_KEY_SECRET_ID=nosuch scrip reconcile dodo": "the secret does not answer",
    "SCRIP_DODO_BASE_URL=http://127.0.0.1:9 scrip reconcile dodo --days 1": "dodo could not be asked",
}
"""What cannot be done, and what is said of it."""


@pytest.fixture
def shell(stack: App, tmp_path: Path) -> Iterator[Reader]:
    with Reader(tmp_path, settings(stack.stack)) as reader:
        yield reader


def printed(shell: Reader, command: str) -> Any:
    text, status = shell.paste(f"{command} 2>/dev/null")
    assert status == 0, text
    return json.loads(text)


def test_every_setting_reaches_what_the_shell_starts(stack: App, shell: Reader) -> None:
    """Without ``set -a``: each line exports."""
    text, _ = shell.paste("python3 -c 'import json, os; print(json.dumps(dict(os.environ)))'")
    known = json.loads(text)
    lines = settings(stack.stack).splitlines()
    names = [re.fullmatch(r"export (\w+)=.*", line)[1] for line in lines]  # type: ignore[index]
    assert {"SCRIP_URL", "SCRIP_API_KEY", "AWS_DEFAULT_REGION", "SCRIP_DODO_BASE_URL"} <= set(names)
    assert set(names) <= known.keys()
    assert (known["SCRIP_URL"], known["SCRIP_API_KEY"]) == (stack.url, stack.key)


def test_a_wallet_is_verified_and_a_key_is_made_and_deleted(stack: App, shell: Reader, account: str) -> None:
    stack.grant(account, "5")
    stack.burn(account, "2")
    report = printed(shell, f"scrip verify {account}")
    assert (report["account"], report["entries"], report["findings"]) == (account, 2, [])
    made = printed(shell, f"scrip key create --json --scope read --account {account}")
    answer, _ = shell.paste(
        f'curl -s "$SCRIP_URL/v1/accounts/{account}/balance" -H "Authorization: Bearer {made["key"]}"'
    )
    assert json.loads(answer)["total"] == "3"
    assert shell.paste(f"scrip key delete {made['key'].split('_')[1]}")[1] == 0


def test_queues_and_deliveries_and_providers_are_found(shell: Reader) -> None:
    """What they find depends on what came before; that they look does not. A finding is status 1."""
    assert printed(shell, "scrip redrive")["done"] is True
    assert shell.paste("scrip deliveries list")[1] == 0
    for provider in ("dodo", "stripe"):
        text, status = shell.paste(f"scrip reconcile {provider} --days 1 2>/dev/null")
        report = json.loads(text)
        assert (report["provider"], report["error"]) == (provider, None)
        found = [kind["count"] for one in report["reports"] for kind in one["found"].values()]
        assert len(found) >= 8
        assert status == int(any(found)), text


@pytest.mark.parametrize("command", SENTENCES)
def test_what_cannot_be_done_is_said_in_a_sentence(
    stack: App, shell: Reader, account: str, command: str
) -> None:
    """With status 2, and never a traceback."""
    stack.grant(account, "5")
    text, status = shell.paste(command.format(account=account) + " 2>&1 >/dev/null")
    assert status == 2, text
    said = [line for line in text.splitlines() if line.startswith("scrip: ")]
    assert len(said) == 1, text
    assert SENTENCES[command] in said[0]
    assert "Traceback" not in text
