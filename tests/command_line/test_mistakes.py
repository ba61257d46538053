"""Whatever happens is a sentence and an exit status: no traceback ever."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

import pytest
from botocore.exceptions import NoRegionError

import command_line
from command_line import mistakes, wallets
from command_line.mistakes import STATUSES, Mistake, explain
from tests.aws import ROOT
from tests.command_line.conftest import Line

GATEWAY: Final = '{"message": "Unauthorized"}'


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    """Serves answers that are not Scrip's: /STATUS/TEXT answers with both."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, status, what, *_ = self.path.split("/")
            text = {"html": "<html>hello</html>", "json": "[1]", "gateway": GATEWAY, "none": ""}[what]
            self.send_response(int(status))
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        ("200/html", 3, "the answer is not Scrip's: 200"),
        ("200/json", 3, "the answer is not Scrip's"),
        ("200/none", 3, "the answer is not Scrip's"),
        ("404/html", 3, "the answer is not Scrip's: 404"),
        ("401/gateway", 1, "the gateway answers 401: Unauthorized"),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(
    bare: Line, odd: str, answer: str, status: int, told: str
) -> None:
    assert bare.sentence(status, "--url", f"{odd}/{answer}", "--key", "k", "balance", "acme").startswith(told)


@pytest.mark.parametrize(
    ("url", "status", "told"),
    [
        ("http://127.0.0.1:9", 3, "http://127.0.0.1:9: "),
        ("ftp://x", 2, "no URL"),
        ("nonsense", 2, "no URL"),
        ("http://", 2, ""),
        ("http://[::1", 2, ""),
        ("http://x:99999999", 2, ""),
        ("http://\x00", 2, ""),
    ],
)
def test_where_nobody_listens_or_what_is_no_url(bare: Line, url: str, status: int, told: str) -> None:
    found, out, err = bare.run("--url", url, "--key", "k", "balance", "acme")
    assert (found in (status, 3), out) == (True, ""), err
    assert err.startswith(f"scrip: {told}")
    assert err.count("\n") == 1
    assert "itself failed" not in err


@pytest.mark.parametrize("key", ["k\n", "é", "\x00"])
def test_a_key_that_cannot_be_sent_is_refused(bare: Line, key: str) -> None:
    assert "printable ASCII" in bare.sentence(
        2, "--url", "http://127.0.0.1:9", "--key", key, "balance", "acme"
    )


def test_a_change_that_may_have_been_made_is_named_by_its_key(
    bare: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrip_client import NotReached

    error = NotReached("http://x: timed out", sent=True)
    error.idempotency_key = "k-1"
    status, sentence = explain(error)
    assert status == 3
    assert sentence.endswith("the same command with --idempotency-key k-1 does it once")
    assert explain(NotReached("refused", sent=False)) == (3, "refused")


def test_without_scrip_anywhere_it_is_said_how_to_name_it(bare: Line) -> None:
    assert bare.sentence(2, "balance", "acme").startswith("where is Scrip? Give --url or --stack")


def test_ctrl_c_ends_a_command_with_130(bare: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(wallets, "invocation", interrupted)
    assert bare.sentence(130, "balance", "acme") == "interrupted"


def test_scrips_own_fault_says_where_it_is(bare: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("two\nlines \x1b[2J")

    monkeypatch.setattr(wallets, "invocation", broken)
    said = bare.sentence(70, "balance", "acme")
    assert said.startswith("Scrip itself failed (")
    assert said.endswith("SCRIP_TRACEBACK=1 shows all of it: RuntimeError: two lines \\x1b[2J")
    monkeypatch.setenv("SCRIP_TRACEBACK", "1")
    assert "Traceback" in bare.run("balance", "acme")[2]


def test_a_reader_that_goes_away_is_no_fault(bare: Line) -> None:
    """As in ``scrip ... | head -0``: the pipe is closed before anything is printed."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "command_line", "version"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("where", "status", "told"),
    [
        (">/dev/full", 2, "scrip: [Errno 28] No space left on device\n"),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
    ],
)
def test_outputs_that_are_full_or_closed_are_no_fault(where: str, status: int, told: str) -> None:
    command = f"{sys.executable} -m command_line version {where}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (status, told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Missing command: one of balance, lots"),
        (["key"], "Missing command: one of create, list, rotate, delete, bootstrap"),
        (["nosuch"], "No such command 'nosuch'"),
        (["balance"], "Missing argument"),
        (["key", "delete"], "Missing argument"),
        (["deliveries", "show", "dodo"], "Missing argument"),
        (["balance", "acme", "--nosuch"], "No such option: --nosuch"),
        (["entries", "acme", "--limit", "0"], "Invalid value for '--limit'"),
        (["entries", "acme", "--limit", "many"], "Invalid value for '--limit'"),
        (["entries", "acme", "--limit"], "Option '--limit' requires an argument"),
    ],
    ids=" ".join,
)
def test_half_a_command_is_told_what_is_missing(bare: Line, arguments: list[str], told: str) -> None:
    assert bare.sentence(2, *arguments).startswith(told)


def test_the_help_says_every_exit_status(bare: Line) -> None:
    status, out, _ = bare.run("--help")
    assert status == 0
    for number, meaning in STATUSES:
        assert f"  {number:<4} {meaning}\n" in out


def test_a_mistake_is_its_sentence() -> None:
    assert explain(Mistake("no")) == (2, "no")
    assert explain(FileNotFoundError(2, "No such file", "x.yaml")) == (2, "x.yaml: No such file")


def test_without_its_libraries_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in list(sys.modules):
        if name.startswith("command_line."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(command_line, "application", raising=False)
    monkeypatch.setitem(sys.modules, "typer", None)
    assert command_line.main(["version"]) == 2
    assert capsys.readouterr().err == "scrip: typer is not installed: pip install 'scrip[cli]'\n"


def test_what_a_refusal_knows_is_said_beside_its_sentence_where_that_does_not_say_it() -> None:
    problem = {
        "type": "https://x.test/insufficient",
        "title": "t",
        "status": 402,
        "code": "insufficient_credits",
        "detail": "the account has 5",
        "errors": [],
        "request_id": "r1",
        "available": "5",
        "required": "12",
        "hold_count": 3,
        "of": ["a"],
    }
    assert mistakes._facts(problem) == ": required 12, hold count 3"
    assert mistakes._facts({"code": "x", "detail": "y"}) == ""
    assert mistakes._named("r1") == " (request r1)"
    assert mistakes._named(None) == ""


def test_a_file_that_is_full_has_no_name_and_one_that_is_missing_has() -> None:
    assert explain(OSError(28, "No space left on device")) == (2, "[Errno 28] No space left on device")
    assert explain(PermissionError(13, "Permission denied", "a")) == (2, "a: Permission denied")


@pytest.mark.parametrize(
    ("loaded", "status"),
    [(("scrip.runtime", "botocore"), 2), (("scrip.runtime",), 2), (("botocore",), 2), ((), 70)],
    ids=str,
)
def test_an_error_of_aws_is_known_where_what_asks_it_is_there(
    monkeypatch: pytest.MonkeyPatch, loaded: tuple[str, ...], status: int
) -> None:
    """Who asks over HTTP alone has neither, and needs neither; a file's error is known all the same."""
    error = NoRegionError()
    for name in ("scrip.runtime", "botocore"):
        if name not in loaded:
            monkeypatch.delitem(sys.modules, name, raising=False)
    assert explain(error)[0] == status
    assert explain(PermissionError(13, "Permission denied", "a")) == (2, "a: Permission denied")


@pytest.mark.parametrize(("status", "known"), [(499, 1), (500, 3), (503, 3), (403, 1)])
def test_a_gateway_that_fails_gave_no_answer(status: int, known: int) -> None:
    from scrip_client import GatewayRefused

    error = GatewayRefused(status, "Forbidden")
    error.request_id = "r1"
    found, sentence = explain(error)
    assert found == known
    assert sentence.startswith("the gateway answers ")
    assert sentence.endswith(" (request r1)")


def test_a_report_that_is_too_big_is_brought_by_another_command() -> None:
    from scrip_client import InExport

    said = (
        "it is too big for an answer, or takes too long: the export exp_1 has it, or will: "
        "scrip export fetch exp_1"
    )
    assert explain(InExport("exp_1")) == (2, said)
