"""What is wrong outside of Scrip is said in a sentence, with status 2. (1: something is wrong with a ledger.)"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

import command_line
from command_line.operator.mistakes import outside
from local.stack import PROVIDERS, operator_settings
from scrip import runtime
from scrip.domain.credits.errors import NotFound
from scrip.providers.clients import ProviderError
from tests.aws import Deployment

ROOT: Final = Path(__file__).parents[3]
COMMANDS: Final = (
    ["verify", "acme"],
    ["verify", "--all"],
    ["key", "bootstrap"],
    ["redrive"],
    ["reconcile", "dodo"],
    ["deliveries", "list"],
    ["deliveries", "show", "dodo", "msg_1"],
    ["deliveries", "replay", "dodo", "msg_1"],
)
SETTINGS: Final = {
    "SCRIP_WALLETS_TABLE": "none-wallets",
    "SCRIP_LEDGER_TABLE": "none-ledger",
    "SCRIP_DELIVERIES_TABLE": "none-deliveries",
    "SCRIP_PAYMENTS_QUEUE_URL": "http://127.0.0.1:9/queue.fifo",
    "SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL": "http://127.0.0.1:9/dead.fifo",
    "SCRIP_DODO_API_KEY_SECRET_ID": "none",
    "SCRIP_DODO_BASE_URL": "http://127.0.0.1:9",
    "SCRIP_DODO_OURS": "",
}


def scrip(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with these variables and no others of AWS's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SCRIP_"))}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, "-m", "command_line", *arguments],
        env={**kept, **nowhere, "AWS_EC2_METADATA_DISABLED": "true", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def is_a_sentence(done: subprocess.CompletedProcess[str], said: str) -> None:
    assert (done.returncode, done.stdout) == (2, ""), done.stdout + done.stderr
    assert re.fullmatch(r"scrip: [^\n]+\n", done.stderr), done.stderr
    assert said in done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_without_settings_says_which_one_to_set(command: list[str]) -> None:
    is_a_sentence(scrip(command, {"AWS_DEFAULT_REGION": "us-east-1"}), "set SCRIP_")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_without_a_region_says_so(command: list[str]) -> None:
    said = "does not answer" if command[0] in ("redrive", "reconcile") else "AWS_DEFAULT_REGION"
    is_a_sentence(scrip(command, SETTINGS), said)


@pytest.mark.parametrize(
    "arguments", [["reconcile", "nosuch"], ["reconcile", "paddle"], ["reconcile", "Dodo"]]
)
def test_a_provider_that_there_is_not_cannot_be_reconciled(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is asked for in the environment for its sake."""
    assert command_line.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"scrip: there is no provider {arguments[1]} ")
    assert "dodo, stripe" in said


@pytest.mark.parametrize("what", ["show", "replay"])
def test_a_delivery_of_no_provider_or_that_is_not_kept_is_not_found(
    scrip: Deployment, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["deliveries", what, "dodo", "msg_1"]) == 2
    assert capsys.readouterr().err == "scrip: no body of this delivery is kept\n"
    assert command_line.main(["deliveries", what, "nosuch", "msg_1"]) == 2
    assert re.fullmatch(r"scrip: [^\n]+\n", capsys.readouterr().err)


@pytest.mark.parametrize("table", ["SCRIP_WALLETS_TABLE", "SCRIP_LEDGER_TABLE"])
@pytest.mark.parametrize("which", [["acme"], ["--all", "--workers", "1"]], ids=["one", "all"])
def test_a_table_that_there_is_not_is_no_finding(
    scrip: Deployment,
    account: str,
    table: str,
    which: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scrip.grant("acme", "5")
    capsys.readouterr()
    monkeypatch.setenv(table, "nosuch")
    runtime.tables.cache_clear()
    runtime.executor.cache_clear()
    try:
        assert command_line.main(["verify", *which]) == 2
    finally:
        monkeypatch.undo()
        runtime.tables.cache_clear()
        runtime.executor.cache_clear()
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert told.err.startswith("scrip: ")


def test_a_wallet_that_there_is_not_is_not_sound(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.grant(account, "5")
    capsys.readouterr()
    assert command_line.main(["verify", "nosuch"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("scrip: nosuch has no entries in credits")
    assert command_line.main(["verify", account]) == 0


def test_a_file_that_cannot_be_read_is_named(
    scrip: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["verify", "--all", "--resume", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"scrip: {tmp_path}: Is a directory\n"


@pytest.mark.parametrize("which", [[], ["acme", "--all"]], ids=["neither", "both"])
def test_one_wallet_is_verified_or_all_of_them(which: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["verify", *which]) == 2
    assert capsys.readouterr() == ("", "scrip: name an account, or --all, and not both\n")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AWS_DEFAULT_REGION", "", "set AWS_DEFAULT_REGION"),
        ("AWS_DEFAULT_REGION", "us east", "region"),
        ("AWS_ENDPOINT_URL", "nonsense", "set AWS_ENDPOINT_URL to a URL"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9", "does not answer"),
        ("AWS_ACCESS_KEY_ID", "", "there are no AWS credentials"),
        ("AWS_PROFILE", "nosuch", "nosuch"),
    ],
)
def test_a_setting_of_awss_that_is_no_use_is_named(name: str, value: str, said: str) -> None:
    """Also one that is set to nothing: status 1 would say that a ledger is wrong."""
    there = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_MAX_ATTEMPTS": "1",
    }
    is_a_sentence(scrip(["verify", "acme"], {**SETTINGS, **there, name: value}), said)


def caused(error: BaseException, cause: BaseException | None) -> BaseException:
    error.__cause__ = cause
    return error


NO_CREDENTIALS: Final = "there are no AWS credentials: sign in, or set AWS_PROFILE"
UNKNOWN: Final = (
    "AWS knows no such table or secret here (Query): check the region, and the names in SCRIP_WALLETS_TABLE, "
    "SCRIP_LEDGER_TABLE and the like"
)
DENIED: Final = ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "GetItem")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            NoRegionError(),
            "AWS has no region to go to: set AWS_DEFAULT_REGION, or AWS_PROFILE to a profile that has one",
        ),
        (NoCredentialsError(), NO_CREDENTIALS),
        (PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), NO_CREDENTIALS),
        (DENIED, "AWS refused GetItem: AccessDenied: not you"),
        (ClientError({}, "GetItem"), "AWS refused GetItem: unknown: "),
        (
            ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Query"),
            UNKNOWN,
        ),
        (
            EndpointConnectionError(endpoint_url="http://x"),
            'Could not connect to the endpoint URL: "http://x"',
        ),
        (ProviderError("dodo answered 500"), "dodo answered 500"),
        (FileNotFoundError(2, "No such file", "state.json"), "state.json: No such file"),
        (OSError("the disk is full"), "the disk is full"),
        (
            ValueError("Invalid endpoint: x"),
            "Invalid endpoint: x: set AWS_ENDPOINT_URL to a URL, or not at all",
        ),
        (
            KeyError("SCRIP_LEDGER_TABLE"),
            "set SCRIP_LEDGER_TABLE: it is an output of the stack, or stands in .local/env",
        ),
        (KeyError("SCRIP_ledger"), None),
        (KeyError("lot"), None),
        (ValueError("SCRIP_LEDGER_TABLE"), None),
        (NotFound("there is no key k1"), "there is no key k1"),
        (
            caused(NotFound("there is no key k1"), DENIED),
            "there is no key k1: AWS refused GetItem: AccessDenied: not you",
        ),
        (
            caused(NotFound("there is no key k1"), NoCredentialsError()),
            f"there is no key k1: {NO_CREDENTIALS}",
        ),
        (caused(NotFound("there is no key k1"), OSError("the disk is full")), "there is no key k1"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_is_wrong_outside_is_told_with_what_to_do(error: BaseException, told: str | None) -> None:
    assert outside(error) == told


def test_an_error_of_scrips_own_says_where_and_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KeyError("lot")

    monkeypatch.setattr(runtime, "api_keys", broken)
    assert command_line.main(["key", "bootstrap"]) == 70
    told = capsys.readouterr()
    assert told.out == ""
    assert re.fullmatch(
        r"scrip: Scrip itself failed \(\S+test_mistakes.py, line \d+\); SCRIP_TRACEBACK=1 shows all of it: "
        r"KeyError: 'lot'\n",
        told.err,
    )


class _Outputs(dict[str, str]):
    def __missing__(self, name: str) -> str:
        raise AssertionError(f"the template has no output {name}")


def test_the_local_env_has_every_variable_that_a_command_reads() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    outputs = _Outputs((name, name) for name in re.findall(r"^  (\w+): \{ Value:", text, re.MULTILINE))
    there = operator_settings(outputs, {"DodoBaseUrl": "http://127.0.0.1:1"})
    read = {
        name
        for file in (ROOT / "command_line").glob("operator/*.py")
        for name in re.findall(r'"(SCRIP_[A-Z_{}.()a-z]+)"', file.read_text(encoding="utf-8"))
    }
    read |= {f"SCRIP_{name}_TABLE" for name in ("WALLETS", "LEDGER", "DELIVERIES")}
    read |= {"SCRIP_{name.upper()}_API_KEY_SECRET_ID", "SCRIP_{name.upper()}_BASE_URL"}
    expanded = {
        re.sub(r"\{[^}]+\}", provider.upper(), name)
        for name in read
        for provider in (PROVIDERS if name.endswith("_OURS") else ("dodo", "stripe"))
    }
    assert len(expanded) == 13
    assert expanded <= there.keys()
    assert there["SCRIP_DODO_BASE_URL"] == "http://127.0.0.1:1"
