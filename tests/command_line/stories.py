"""Somebody types every command with every option: what is printed, what is asked for it, and the exit status, whole.

``python -m tests.command_line.stories`` writes ``data/said.json`` and ``data/help.json`` anew; what that changes is
to be read, line by line. What chance makes is written as ``<key 1>``, an instant of the real clock as ``<now>``.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import shlex
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
import typer

import command_line
from command_line import connections, triggers
from command_line.application import app
from local.standins import dodo as dodo_standin
from local.standins import paddle as paddle_standin
from local.standins import stripe as stripe_standin
from scrip import runtime
from scrip.store.tables import Tables
from tests.aws import NOBODY, PROVIDER_KEY, ROOT, WEBHOOK_SECRET, Answer, Deployment, InMemory, deployed
from tests.clients.gateway import serving

Json = dict[str, Any]
DATA: Final = Path(__file__).parent / "data"
SAID: Final = DATA / "said.json"
HELP: Final = DATA / "help.json"

_HEADERS: Final = ("accept", "authorization", "content-type", "idempotency-key", "scrip-test-clock")
_ANOTHER: Final = {
    re.compile(r"\b20(?!3|9)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"): "<now>",
    re.compile(r"\b202\d-\d\d-\d\d\b"): "<today>",
    re.compile(r"\b1[78]\d{11}\b"): "<now>",
    re.compile(r"\b[0-9a-f]{64}\b"): "<hash>",
    re.compile(r"(?<=[?&]cursor=)[^&]+"): "<cursor>",
}
"""What is another in every run, and how it is written."""
_MADE: Final = re.compile(
    r"\b(?P<key>scrip_[0-9a-f]{16}_[A-Za-z0-9_-]{43})|(?P<key_id>(?<![0-9a-f_.-])[0-9a-f]{16}(?![0-9a-f]))"
    r"|(?P<entry>\bk\.[A-Za-z0-9_-]{12}\.[A-Za-z0-9_-]{22})|(?P<msg>msg_[0-9a-f]{16})|(?P<export>exp_[0-9a-f]{24})"
    r"|(?P<id>\b(?:cks|pay|ref|dsp|sub|cs_test|pi|re|du|txn|adj|in|req)_[0-9a-z]{16,})"
    r"|(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|(?P<chance>[0-9a-f]{32}(?![0-9a-f]))"
)


class Terminal(StringIO):
    """What somebody looks at, or types on."""

    def isatty(self) -> bool:
        return True


def _without_time(rows: list[str]) -> list[str]:
    """Returns what was said, of what turns while something is read only that it did."""
    turning = [row for row in rows if "read …" in row]
    return [row for row in rows if row not in turning] + ["<read …>"] * bool(turning)


@dataclass
class _Heard:
    """A deployment that notes what it is asked."""

    scrip: Deployment
    asked: list[Json] = field(default_factory=list)

    def invoke(self, sent: Json) -> Answer:
        headers = {name: sent["headers"][name] for name in _HEADERS if name in sent["headers"]}
        query = sent["rawQueryString"]
        self.asked.append(
            {
                "asked": f"{sent['requestContext']['http']['method']} {sent['rawPath']}{'?' if query else ''}{query}",
                **headers,
                "body": json.loads(sent.get("body") or "null"),
            }
        )
        return self.scrip.invoke(sent)


@dataclass
class Story:
    """What was typed and said so far. ``words`` are those that stand for what earlier commands made."""

    scrip: Deployment
    heard: _Heard
    folder: Path
    told: list[Json] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)

    def type(self, line: str, keys: str | None = None, *, piped: str | None = "", seen: bool = False) -> str:
        """Types a command, and whatever it asks for; or that is ``piped``: None where there is no standard input.

        ``seen``: on a terminal. Returns its standard output.
        """
        self.heard.asked.clear()
        out, err = (Terminal() if seen else StringIO() for _ in range(2))
        typed = None if keys is None else Terminal(keys)
        read = typed or (None if piped is None else StringIO(piped))
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "stdin", read)
            status = command_line.main(shlex.split(line.format(**self.words)))
            if read is None:
                sys.stdin.close()  # what the command opened in its place
        printed = out.getvalue()
        self.told.append(
            {
                "typed": line,
                "status": status,
                "out": printed.splitlines(),
                "err": _without_time(err.getvalue().splitlines()),
                "asked": [*self.heard.asked],
            }
        )
        return printed

    def both(self, line: str) -> Any:
        """Types a command for people and for a program. Returns what the program reads."""
        self.type(line)
        return json.loads(self.type(f"{line} --json") or "null")

    def written(self, url: str) -> list[Json]:
        """Returns what was told, without what is another in every run."""
        text = json.dumps(self.told, ensure_ascii=False)
        for name in ("dodo", "stripe", "paddle"):
            text = text.replace(self.words[name], f"<{name}>")
        text = text.replace(url, "<url>").replace(str(self.folder), "<folder>").replace(str(ROOT), "<root>")
        made: dict[str, str] = {}

        def called(found: re.Match[str]) -> str:
            return made.setdefault(found[0], f"<{found.lastgroup} {len(made) + 1}>")

        for form, mark in _ANOTHER.items():
            text = form.sub(mark, text)
        text = _MADE.sub(called, text)
        found: list[Json] = json.loads(text)
        return found


def told(scrip: Deployment, folder: Path) -> list[Json]:
    """Tells the story to a deployment whose tables are empty. Returns what was typed and said."""
    heard = _Heard(scrip)
    with serving(heard) as url, _alone(url, folder):  # type: ignore[arg-type] # as much of one as it asks
        story = Story(scrip, heard, folder)
        key = json.loads(story.type("key bootstrap --name 'The first'"))["key"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SCRIP_API_KEY", key)
            for part in (
                _catalogue,
                _wallets,
                _holds,
                _lists,
                _payments,
                _triggers,
                _statements,
                _books,
                _keys,
                _operator,
                _profiles,
                _mistakes,
            ):
                part(story)
        return story.written(url)


@contextmanager
def _alone(url: str, folder: Path) -> Iterator[None]:
    """Nothing of this machine's own settings is there."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SCRIP_PROFILE", "SCRIP_TRACEBACK", "NO_COLOR", "FORCE_COLOR", "COLORTERM"):
            patch.delenv(name, raising=False)
        patch.setattr(connections, "ATTEMPTS", 1)
        # What each command makes anew, always the same, takes most of its time: all commands, and a context for TLS.
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        # Scrip's own log is not what the command prints.
        patch.setattr(runtime, "print", lambda *_, **__: None, raising=False)
        patch.setenv("SCRIP_URL", url)
        patch.setenv("SCRIP_STANDARD_WEBHOOK_SECRET", WEBHOOK_SECRET)
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", "120")
        yield


_CATALOGUE: Final = """
units:
  images: {precision: 2, name: Images, policy: {transferable: true, overdraft_limit: "5"}}
rates:
  tokens: {price: {model: per_unit, credits: "0.5"}}
  pages: {price: {model: table, by: [size], prices: {a4: {model: per_unit, credits: "2"}}}}
packs:
  small: {credits: "100", price: {amount: 1050, currency: USD}, expires_in: P1Y}
  never: {credits: "5", unit: images, price: {amount: 500, currency: JPY}, expires_in: null}
promotions:
  HELLO: {amount: "5", ends_at: 2090-01-01T02:00:00+02:00, max_redemptions: 3, expires_in: P30D}
  AGAIN: {amount: "5"}
"""
_CHANGED: Final = """
units: {images: {precision: 2, policy: {overdraft_limit: "7"}}}
packs: {small: {price: {amount: 1200, currency: USD}, expires_in: null}, never: {expires_in: P1M, end_of: month}}
promotions: {HELLO: {max_redemptions: 4, amount: "5.00"}}
"""


def _catalogue(story: Story) -> None:
    file = story.folder / "scrip.yaml"
    story.words["file"] = str(file)
    story.type("pull")
    file.write_text(_CATALOGUE)
    story.both("diff {file}")
    story.type("push {file}")
    story.type("push {file}", piped=None)
    story.type("push {file}", "n\n")
    story.type("push {file}", "y\n", seen=True)
    story.both("push {file} --yes")
    story.both("pull")
    file.write_text(_CHANGED)
    story.both("diff {file}")
    story.type("push {file} --yes")
    story.type("diff {file}")
    file.write_text("units: {one: {precision: 0}, two: {precision: 99}}")
    story.type("push {file} --yes")
    for wrong in (
        *("units: [", "units: {a: {precision: 0}, a: {precision: 1}}", "\0", "units: {a: {sort: 1}}"),
        *(
            "lots: {}",
            "units: {1: {}}",
            "units: {a: 1}",
            "units: 7",
            "[]",
            "",
            "units: {}",
            "{[a]: 1, [b]: 2}",
            "- " * 50 + "a",
            "{a: " * 45 + "1" + "}" * 45,
        ),
    ):
        file.write_text(wrong)
        story.type("diff {file}")
    story.type("diff -", piped="units: {images: {name: Pictures}}\n")
    story.type("push {file}.none")
    story.type("push {file}.none/x")


_CLOCK: Final = "--test-clock 2031-01-0{}T00:00:00Z "
_ABOUT: Final = " --reference job:7 --reason 'an image' --metadata a=b=c --metadata d="


def _wallets(story: Story) -> None:
    one = _CLOCK.format(1)
    paid = (
        f"{one}grant ann 100 --kind paid --cost-basis 1050:USD --expires-in P1Y --priority 3 --unit credits"
    )
    story.both(f"{paid}{_ABOUT} --idempotency-key g-1")
    story.both(f"{one}grant ann 5 --kind promotional --expires-at 2031-01-31T00:00:00Z --idempotency-key g-2")
    story.both(f"{one}grant ann 3.25 --unit images --idempotency-key g-3")
    story.both(f"{one}burn ann 30 --unit credits{_ABOUT} --mode exact --idempotency-key b-1")
    meter = "burn ann --meter pages --quantity 2 --dimension size=a4"
    story.both(f"{one}{meter} --idempotency-key b-2")
    story.both(f"{one}burn ann 900 --mode up_to --unit images --idempotency-key b-3")
    who = "--member ada --tag team=search --tag env=live"
    story.type(f"{one}burn ann 1 {who} --idempotency-key b-5")
    story.type(f"{one}burn ann 1 --tag 7")
    story.type(f"{one}burn ann 1 --quote none")
    story.type(f"{one}grant bob 1 --idempotency-key g-5")
    story.type(f"{one}burn bob 2")
    story.type(f"{one}burn bob")
    story.type(f"{one}burn bob 2 --meter pages")
    for wrong in (
        "--reference 7",
        "--metadata 7",
        "--dimension 7",
        "--reason",
        "--colour red",
        "--metadata =7",
    ):
        story.type(f"{one}burn bob 1 {wrong}")
    for wrong in (
        *("--cost-basis 10", "--cost-basis 1.5:USD", "--cost-basis ²:USD", "--cost-basis 1:", "--priority x"),
        *(
            "--expires-at soon",
            "--expires-at 2030-01-01",
            "--expires-at 2030-01-01T00:00:00",
            "--expires-in soon",
        ),
    ):
        story.type(f"{one}grant bob 1 {wrong}")
    story.type(f"{one}grant bob -- -5")
    story.type(f"{one}grant")
    gift = {"unit": "images", "to_account": "bob", "amount": "1.5"}
    clock = {"clock": "2031-01-01T00:00:00Z"}
    story.scrip.post("/v1/accounts/ann/grants", {"amount": "9", "unit": "images"}, key="g-4", **clock)
    story.scrip.post("/v1/accounts/ann/transfers", gift, key="gift-1", **clock)
    story.scrip.post("/v1/accounts/bob/redemptions", {"code": "HELLO"}, key="r-1", **clock)
    items = [
        {"meter": "tokens", "quantity": 3},
        {"meter": "pages", "quantity": 1, "dimensions": {"size": "a4"}},
    ]
    story.scrip.post("/v1/accounts/ann/burns", {"items": items}, key="b-4", **clock)
    outage = {"incident": "outage-1", "amount": "2", "accounts": [{"account": "bob"}]}
    story.scrip.post("/v1/compensations", outage, **clock)
    story.scrip.put("/v1/accounts/ann/profile", {"email": "ann@example.test"})


def _holds(story: Story) -> None:
    one = _CLOCK.format(2)
    hold = story.both(
        f"{one}hold place ann 20 --unit credits --expires-in PT10H{_ABOUT} --idempotency-key h-1"
    )["hold"]["hold_id"]
    story.words["hold"] = hold
    more = f"--unit credits{_ABOUT}"
    story.both(f"{one}hold capture ann {{hold}} 5 --not-final {more} --idempotency-key c-1")
    story.both(f"{one}hold show ann {{hold}} --unit credits")
    story.both(f"{one}hold list ann --unit credits --status open --limit 3")
    story.both(f"{one}hold release ann {{hold}} {more} --idempotency-key c-2")
    story.words["hold"] = story.both(f"{one}hold place ann 2 --idempotency-key h-2")["hold"]["hold_id"]
    story.both(f"{one}hold capture ann {{hold}} --final --idempotency-key c-3")
    story.both(f"{one}hold list ann --all --status all")
    story.type(f"{one}hold place ann 1 --member ada --tag team=search --idempotency-key h-3")
    story.type(f"{one}hold place ann 1 --quote none")
    story.type(f"{one}hold capture ann {{hold}}")
    story.type(f"{one}hold list ann")
    story.type(f"{one}hold show ann none")
    story.type("hold")
    story.type("hold plaec")


def _records(story: Story) -> None:
    one, clock = _CLOCK.format(3), {"clock": "2031-01-03T00:00:00.000Z"}
    story.scrip.post("/v1/accounts/pam/grants", {"amount": "9", "unit": "images"}, key="g-pam", **clock)
    body = {"unit": "images", "stream": "worker-7", "first": 0, "records": [["2", "r-1"], None, ["3", "r-2"]]}
    page = story.scrip.post("/v1/accounts/pam/burns/pages", body, **clock).body["entry"]["entry_id"]
    story.words["page"] = page
    story.both(f"{one}records pam {{page}}")
    story.type(f"{one}records pam {{page}} --unit images --limit 2", seen=True)
    story.type(f"{one}records pam {{page}} --all")
    path = f"/v1/accounts/pam/burns/{page}/reversal"
    story.scrip.post(path, {"offset": 2, "amount": "1"}, key="undo-pam", **clock)
    story.type(f"{one}records pam {{page}}")
    story.type(f"{one}entries pam --unit images")


def _lists(story: Story) -> None:
    one = _CLOCK.format(3)
    story.both(f"{one}balance ann")
    story.both(f"{one}balance ann --unit images --at 2031-01-01T12:00:00Z")
    story.type(f"{one}balance ann", seen=True)
    story.both(f"{one}lots ann --unit credits --status all --limit 1")
    story.both(f"{one}lots ann --all")
    story.type(f"{one}entries ann", seen=True)
    story.both(f"{one}entries ann --all")
    story.both(f"{one}entries bob --unit images")
    story.both(f"{one}entries bob")
    story.both(f"{one}entries ann --kind burn --reference job:7 --metadata a=b=c --actor key:none --limit 2")
    story.both(f"{one}entries ann --unit credits --meter pages --lot lot_1 --limit 2")
    span = "--from 2031-01-01T00:00:00Z --to 2031-01-02T00:00:00Z"
    story.both(f"{one}entries ann {span} --limit 2")
    story.both(f"{one}entries ann --limit 100")
    story.type(f"{one}entries ann --limit 0")
    story.both(f"{one}entries nobody")
    _records(story)
    story.both(f"{one}usage show ann --by member --every PT1H {span} --unit credits --limit 3")
    story.both(f"{one}usage show ann --all")
    story.both(f"{one}forecast ann --unit credits")
    story.both(f"{one}explain ann --unit credits --limit 3 --at 2031-01-03T00:00:00Z")
    story.both(f"{one}explain ann --limit 1000")
    story.type(f"{one}explain nobody")
    story.both(f"{one}accounts --prefix b --limit 1")
    story.both(f"{one}accounts --all")
    story.both(f"{one}accounts --email Ann@example.test")
    story.both(
        f"{one}audit --action unit.put --target unit:images {span.replace('2031', '2020', 1)} --limit 1"
    )
    story.both("usage rejected --account ann --reason wallet_frozen --limit 1")
    story.both("usage rejected --all")
    story.both("usage redrive --account ann --reason wallet_frozen")
    story.both("usage redrive --all")
    story.both(f"usage redrive 1.evt_{'a' * 22}")
    story.type("usage redrive")
    story.type("usage redrive 1 --all")
    story.type("usage redrive 1")
    story.both("audit --all")
    story.type("audit --actor operator", seen=True)
    story.both("search --reference job:7 --unit credits --limit 1")
    story.both("search --key b-1 --account ann --all")
    story.both("search --lot lot_1 --account ann")
    story.type("search")


def _payments(story: Story) -> None:
    order = "topup create ann small --return-url https://shop.example.test/ --provider standard"
    story.type(order)
    made = story.both(f"{order} --accept-terms --quantity 2 --currency USD --idempotency-key o-1")
    story.words["order"] = made["topup_id"]
    story.both("topup show {order}")
    story.both(
        "topup list --account ann --status pending --from 2020-01-01T00:00:00Z --to 2090-01-01T00:00:00Z"
    )
    story.both("trigger standard payment.succeeded {order}")
    story.scrip.apply(story.scrip.queued())
    story.type("trigger standard payment.succeeded {order} --amount 2101 --tax 1")
    story.scrip.apply(story.scrip.queued())
    story.words["payment"] = f"pay_{made['topup_id'].replace(':', '_')}"
    story.both("payments show standard:{payment}")
    story.type("trigger standard refund.succeeded {order} --amount 500")
    story.scrip.apply(story.scrip.queued())
    story.type("trigger standard dispute.opened {order}")
    story.scrip.apply(story.scrip.queued())
    story.both("payments show standard {payment}")
    story.type("payments show {payment}")
    story.type("payments show standard:")
    story.type("payments show dodo pay_none")
    story.both("payments list --account ann --limit 1")
    story.both("payments list --topup {order} --all")
    story.both("payments list --status parked")
    story.type("payments list --status lost")
    story.both("search --topup {order}")
    story.both("search --payment standard:{payment}")
    story.words["second"] = json.loads(story.type(f"{order} --accept-terms --idempotency-key o-2 --json"))[
        "topup_id"
    ]
    story.both("topup list --limit 1")
    story.both("topup cancel {second}")
    story.both("topup list --all --status cancelled")
    story.type("topup show topup_none")
    for wrong in ("nosuch payment.succeeded", "standard payment.lost", "dodo payment.succeeded", "paddle x"):
        story.type(f"trigger {wrong} {{second}}")
    story.type("--url https://x.test trigger dodo payment.succeeded {second}")


def _triggers(story: Story) -> None:
    """Every event of every stand-in, of an order at each; what a stand-in is asked is told, too."""
    refs = {"dodo": "pdt_1", "stripe": "price_1", "paddle": "pro_1"}
    pack = {"credits": "10", "price": {"amount": 1050, "currency": "USD"}, "provider_refs": refs}
    story.scrip.put("/v1/packs/everywhere", {**pack, "recurring": {"every": "P1M"}})
    with pytest.MonkeyPatch.context() as patch:
        for module in (dodo_standin, stripe_standin, paddle_standin):
            standin = module.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
            name = standin.NAME
            patch.setattr(standin, "answer", _noting(standin.answer, name, story))
            story.words[name] = standin.url
            patch.setenv(f"SCRIP_{name.upper()}_BASE_URL", standin.url)
            patch.setenv(f"SCRIP_{name.upper()}_STANDIN", standin.url)
            patch.setenv("SCRIP_PADDLE_APP_KEY", PROVIDER_KEY)
            if isinstance(standin, dodo_standin.Provider):
                standin.product("pdt_1", {"price": 1050, "currency": "USD"})
            story.scrip.cold()
            order = f"topup create bob everywhere --provider {name} --idempotency-key {name} --accept-terms"
            story.words["order"] = json.loads(story.type(f"{order} --return-url https://x.test/ --json"))[
                "topup_id"
            ]
            for event in triggers.EVENTS[name]:
                story.type(f"trigger {name} {event} {{order}}")
            story.type(f"trigger {name} refund.succeeded {{order}} --amount 5")
            standin.stop()
            story.type(f"trigger {name} payment.succeeded {{order}}")
            patch.delenv(f"SCRIP_{name.upper()}_STANDIN")
            story.type(f"trigger {name} payment.succeeded {{order}}")
        patch.setenv("SCRIP_STANDARD_WEBHOOK_SECRET", "whsec_abcd*")
        story.type("trigger standard payment.succeeded {second}")
        patch.setenv("SCRIP_STANDARD_WEBHOOK_SECRET", "")
        story.type("trigger standard payment.succeeded {second}")
    for event in triggers.EVENTS["standard"]:
        story.type(f"trigger standard {event} {{second}} --amount 7")


def _noting(answer: Callable[[Any], Any], name: str, story: Story) -> Callable[[Any], Any]:
    """Returns what answers at a stand-in, and notes the request."""

    def noting(asked: Any) -> Any:
        body = asked.raw.decode()
        said = {"asked": f"{name} {asked.method} /{'/'.join(asked.path)}", "body": body}
        story.heard.asked.append(said)
        return answer(asked)

    return noting


def _statements(story: Story) -> None:
    """Of a wallet that nobody has: nothing in it is another in every run."""
    file, keys = story.folder / "statement.json", story.folder / "statement-keys.json"
    story.words |= {"statement": str(file), "keys": str(keys)}
    keys.write_text(story.scrip.get("/v1/statement-keys").text)
    one = _CLOCK.format(1)
    story.type(f"{one}statement fetch nobody 2030-12 --unit credits --output {{statement}}")
    story.type(f"{one}statement fetch nobody 2030-12 --json")
    story.type("statement verify {statement} --keys {keys}")
    story.type("statement verify {statement} --json")
    file.write_text(file.read_text().replace('"total": "0"', '"total": "1"', 1))
    story.type("statement verify {statement} --keys {keys}")
    story.type("statement verify {statement} --keys {statement}")
    story.type("statement verify {statement}.none")
    story.type("statement verify")


def _books(story: Story) -> None:
    """Of a month in which nothing is booked, and of which no edition is made: nothing in it is another in every run."""
    file, month = story.folder / "books.csv", "--period 2030-12"
    story.words |= {"books": str(file), "folder": str(story.folder / "exports")}
    which = "--unit credits --currency USD"
    story.both(f"report revenue {month} --by meter {which}")
    story.both("report liability --at 2030-12-31T00:00:00Z")
    story.type(f"report breakage {month} --method proportional --csv")
    story.type(f"report cash {month} --output {{books}}")
    story.both(f"report balance {month}")
    story.both(f"journal {month} {which} --limit 5")
    story.type(f"journal {month} --csv --output {{books}}")
    story.type(f"journal {month} --all")
    story.type(f"journal {month} --layout quickbooks --group entry")
    story.type(f"journal {month} --layout beancount")
    story.both("chart put revenue=4000 cash.stripe=Assets:Stripe")
    story.type("chart put revenue=")
    story.type("chart put sales=1")
    story.both("chart get")
    story.both("period close 2090-01 --no-wait")
    story.type("period close 2090-01 --wait")
    story.both("period list --limit 3")
    story.type("period list --all")
    story.both("period show 2030-12")
    span = "--from 2030-12-01T00:00:00Z --to 2031-01-01T00:00:00Z --format jsonl"
    made = story.both(f"export start journal {span} --account ann --idempotency-key x-1")
    story.words |= {"export": made["export_id"]}
    story.type(f"export start focus {span} --issuer provider=Example --issuer publisher=Example")
    story.both("export show {export}")
    story.both("export fetch exp_none --output {folder}")
    story.both("invoice show in-1")
    story.both("invoice void in-1 --reason wrong --metadata a=b --idempotency-key v-1")


def _keys(story: Story) -> None:
    until = "--expires-at 2099-01-01T00:00:00Z --rate-limit 7 --idempotency-key k-1"
    made = story.both(f"key create --scope read --scope burn --account ann --name 'The shop' {until}")
    story.words |= {"key_id": made["key_id"], "key": made["key"]}
    story.type("--key {key} balance ann")
    story.type("--key {key} key list")
    story.type("--key wrong balance ann")
    story.both("key list --limit 1")
    story.both("key list --all")
    story.both("key rotate {key_id} --idempotency-key k-2")
    story.both("key delete {key_id}")
    story.type("key create")
    story.type("key create --scope all")
    story.type("key bootstrap --expires-at soon")
    story.type("key bootstrap --expires-at 2099-01-01T00:00:00Z --json")


def _operator(story: Story) -> None:
    story.type("verify ann")
    story.type("verify bob --unit images")
    story.type("verify nobody")
    story.type("verify")
    story.type("verify ann --all")
    story.words["state"] = str(story.folder / "state.json")
    (story.folder / "state.json").write_text("[]")
    story.type("verify --all --segment 1/2 --resume {state}")
    story.type("verify --all --segment 3/2")
    story.type("verify --all --workers 17")
    story.type("reconcile nosuch")
    dodo = dodo_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRIP_DODO_BASE_URL", dodo.url)
        story.type("reconcile dodo --days 1")
        dodo.stop()
        patch.setenv("SCRIP_DODO_BASE_URL", NOBODY)
        story.type("reconcile dodo --days 2")
    story.type("reconcile dodo --days 31")
    for line in ("redrive", "verify ann", "reconcile nosuch", "deliveries list"):
        story.type(line)
        story.type(f"{line} --json")
    story.type("republish --from 2030-01-01T00:00:00Z --to 2030-01-01T05:00:00Z --account ann --workers 1")
    story.type("republish --from 2030-01-02T00:00:00Z --to 2030-01-01T00:00:00Z --json")
    story.type("republish --from soon")
    told = story.type("deliveries list --since 2020-01-01T00:00:00Z")
    story.type("deliveries list")
    story.type("deliveries list --since soon")
    for more in ("", " --json"):
        story.type(f"deliveries waiting --before 2100-01-01T00:00:00Z{more}")
    story.words["delivery"] = json.loads(told.splitlines()[0])["delivery_id"]
    story.both("deliveries show standard {delivery}")
    story.both("deliveries replay standard {delivery}")
    story.type("deliveries show standard none")
    story.scrip.queued()


def _profiles(story: Story) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SCRIP_URL")
        key = os.environ["SCRIP_API_KEY"]
        story.type("balance ann")
        story.both("profile list")
        story.type("profile add here")
        story.type("--url http://127.0.0.1:9 profile add here", piped=f"{key}\n")
        story.type("--url http://127.0.0.1:9 --key k profile add there")
        for typed in ("k-typed", ""):
            patch.setattr(getpass, "getpass", lambda _prompt, typed=typed: typed)
            story.type(f"--url http://127.0.0.1:9 profile add asked{typed}", "", seen=True)
        story.type("--stack scrip profile add stacked --use --json")
        story.type("--url u profile add 'no name'")
        story.both("profile list")
        story.type("profile use there --json")
        story.type("balance ann")
        story.type("profile use none")
        story.type("--profile none balance ann")
        story.type("profile delete there --json")
        story.type("profile delete there")
        story.both("profile list")
        file = story.folder / "config" / "scrip" / "config.toml"
        for said in (
            *(
                '[profiles.zoe]\nurl = "u"\n[profiles.ann]\nstack = "s"\n',
                "[profiles.zoe]\nkey = 'k'\n",
                "default = 7\n",
            ),
            *(
                "profiles = []\n",
                "[profiles.zoe]\nother = 'o'\n",
                "[profiles.zoe]\nurl = 7\n",
                "profiles = {zoe = 1}\n",
            ),
        ):
            file.write_text(said)
            story.type("--profile none balance ann")
            story.type("--profile zoe balance ann")
        file.write_bytes(b"\xff")
        story.type("--profile none balance ann")
        file.chmod(0o644)
        story.type("profile list")
        file.unlink()
        file.mkdir()
        story.type("profile list")
        story.type("--url u --stack s balance ann")
        patch.delenv("SCRIP_API_KEY")
        story.type("--url http://127.0.0.1:9 balance ann")
        story.type("--url http://127.0.0.1:9 --key k grant ann 1 --idempotency-key once")


def _mistakes(story: Story) -> None:
    story.both("version")
    story.type("")
    story.type("blance ann")
    story.type("--colour red")
    story.type("balance 'ux a/b'")
    story.type("balance ann --unit none")
    story.type("entries ann --kind none")


def commands() -> dict[str, Any]:
    """Returns every command by its whole name; the app itself has none."""
    found: dict[str, Any] = {}

    def collect(command: Any, name: str) -> None:
        found[name] = command
        for member, inner in getattr(command, "commands", {}).items():
            collect(inner, f"{name} {member}".strip())

    collect(typer.main.get_command(app), "")
    return found


def helps() -> dict[str, list[str]]:
    """Returns what every command says of itself."""
    told: dict[str, list[str]] = {}
    with TemporaryDirectory() as folder, _alone("", Path(folder)):
        for name in commands():
            out = StringIO()
            with redirect_stdout(out):
                assert command_line.main([*name.split(), "--help"]) == 0
            told[name] = out.getvalue().splitlines()
    return told


def main() -> None:
    """Writes what is said now."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        scrip = stack.enter_context(deployed())
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
        patch.setattr(runtime, "tables", cache(lambda: tables))
        scrip.cold()
        said = told(scrip, folder)
    for file, what in ((SAID, said), (HELP, helps())):
        file.write_text(json.dumps(what, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
