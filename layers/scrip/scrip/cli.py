"""``scrip``: what an operator does from a shell, with AWS credentials of their own.

Tables and queues are named by variables such as SCRIP_WALLETS_TABLE and SCRIP_LEDGER_TABLE, each an output of the
stack (WalletsTable, LedgerTable). A command says which ones it misses.

    scrip key create --scope admin [--account ACCOUNT]
    scrip key delete KEY_ID
    scrip verify ACCOUNT [--unit UNIT]
    scrip verify --all [--workers 4] [--resume FILE] [--segment 1/8]
    scrip redrive
    scrip deliveries list [--since INSTANT]
    scrip deliveries show PROVIDER DELIVERY_ID
    scrip deliveries replay PROVIDER DELIVERY_ID
    scrip reconcile PROVIDER [--days 3]

To reconcile, also set SCRIP_PAYMENTS_QUEUE_URL, and for the provider (here Dodo) SCRIP_DODO_API_KEY_SECRET_ID and
SCRIP_DODO_BASE_URL.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from scrip import runtime
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge.parameters import format_instant, instant
from scrip.services.catalogue import keys
from scrip.services.payments import deliveries as intake
from scrip.services.payments import reconciliation, reconciliation_reports
from scrip.services.verification import survey as surveying
from scrip.services.verification import wallets
from scrip.services.verification.survey import Progress, Survey

CALL_SECONDS: Final = 20.0
"""How long a provider may take for one answer."""
MOST_SHARES: Final = 1000
"""Shares that a verification is cut into: more machines than anybody would give to it."""
TOLD_SECONDS: Final = 2.0
"""How often a long verification says how far it is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; prints JSON. 0: done and well; 1: something is wrong with a ledger; 2: refused."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except Refusal as refusal:
        print(f"scrip: {refusal.detail}", file=sys.stderr)
        return 2
    except KeyError as error:
        print(f"scrip: set {error.args[0]}", file=sys.stderr)
        return 2


def _create_key(options: argparse.Namespace) -> int:
    key_id, key = keys.create_key(runtime.tables(), options.scope, options.account)
    return _print({"key_id": key_id, "key": key})


def _delete_key(options: argparse.Namespace) -> int:
    keys.delete_key(runtime.tables(), options.key_id)
    return _print({"key_id": options.key_id, "deleted": True})


def _verify(options: argparse.Namespace) -> int:
    if options.all:
        return _verify_all(options)
    if options.account is None:
        print("scrip: name an account, or --all", file=sys.stderr)
        return 2
    count, found = wallets.verify(runtime.executor(), options.account, options.unit)
    findings = [{"seq": finding.seq, "entry_id": finding.entry_id, "what": finding.what} for finding in found]
    _print({"account": options.account, "unit": options.unit, "entries": count, "findings": findings})
    return 1 if found else 0


def _verify_all(options: argparse.Namespace) -> int:
    """A pass over both tables, or over one share of them, or the rest of one that was broken off."""
    share, shares = options.segment
    file = Path(options.resume) if options.resume else None
    survey = Survey(runtime.now(), share, shares)
    if file and file.exists():
        try:
            survey = Survey.from_body(json.loads(file.read_text()))
        except (ValueError, TypeError, KeyError):
            print(f"scrip: {file} is not of a verification", file=sys.stderr)
            return 2
        if (survey.share, survey.shares) != (share, shares):
            print(
                f"scrip: {file} is of --segment {survey.share + 1}/{survey.shares}: give that too",
                file=sys.stderr,
            )
            return 2
    started = time.monotonic()
    run = surveying.SurveyRun(
        runtime.tables(),
        survey,
        lambda survey: _save(file, survey) if file else None,
        progress=Progress(_Ticker(started)),
    )
    run.go(options.workers)
    _print(_surveyed(survey, time.monotonic() - started))
    return 1 if survey.total("found") else 0


class _Ticker:
    """Says how far a verification is, now and then: the report is the only thing on the standard output."""

    def __init__(self, started: float) -> None:
        self._started, self._next = started, started + TOLD_SECONDS

    def __call__(self, done: Progress) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + TOLD_SECONDS
            seconds = now - self._started
            print(f"{done.wallets} wallets, {done.entries} entries, {seconds:.0f} s", file=sys.stderr)


def _save(file: Path, survey: Survey) -> None:
    """By rename: whenever it is broken off, the file is whole."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_text(json.dumps(survey.to_body()))
    draft.replace(file)


def _surveyed(survey: Survey, seconds: float) -> Mapping[str, Any]:
    return {
        "begun_at": format_instant(survey.begun_at),
        "seconds": round(seconds, 1),
        "segment": f"{survey.share + 1}/{survey.shares}",
        "done": survey.done,
        **{name: survey.total(name) for name in ("wallets", "entries", "payments")},
        "parked": {"count": survey.total("parked"), "payments": survey.listed("parked_names")},
        "left_out": {"count": survey.total("left"), "wallets": survey.listed("left_names")},
        "findings": {"count": survey.total("found"), "items": [*map(_dated, survey.listed("findings"))]},
    }


def _dated(finding: Mapping[str, Any]) -> dict[str, Any]:
    """A finding with its instants as the API writes them."""
    said = dict(finding)
    if "since" in said:
        said["since"] = format_instant(said["since"])
    if "surplus" in said:
        said["surplus"] = [{**entry, "at": format_instant(entry["at"])} for entry in said["surplus"]]
    return said


def _segment(text: str) -> tuple[int, int]:
    """``3/8`` is the third of eight: (2, 8)."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= MOST_SHARES):
        raise argparse.ArgumentTypeError(f"is like 1/8, with at most {MOST_SHARES} shares")
    return int(number) - 1, int(of)


def _reconcile(options: argparse.Namespace) -> int:
    """A pass of its own, to its end; 1 where there is anything to look at, or the provider does not answer."""
    client = runtime.provider(options.provider, CALL_SECONDS)
    if client is None:
        print(f"scrip: there is no API key of {options.provider}", file=sys.stderr)
        return 2
    anew = True
    while True:
        run = reconciliation.Run(
            runtime.tables(), options.provider, client, runtime.pass_on, runtime.now(), lambda: True
        )
        outcome = run.go(options.days, anew=anew)
        place, anew = reconciliation_reports.place(runtime.tables(), options.provider), False
        if outcome.done or outcome.error:
            break
        # What was fed has to be applied before anything is judged.
        time.sleep(max(0, place.ready_at - runtime.now()) / 1000)
    days = range(place.first, reconciliation_reports.day_of(place.until) + 1)
    found = [
        reconciliation_reports.load(runtime.tables(), options.provider, day)[0].to_body() for day in days
    ]
    _print({"provider": options.provider, "error": outcome.error, "reports": found})
    return 1 if outcome.error or outcome.findings else 0


def _redrive(_options: argparse.Namespace) -> int:
    moved, done = runtime.redrive(
        dead="SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL", queue="SCRIP_PAYMENTS_QUEUE_URL"
    )
    return _print({"moved": moved, "done": done})


def _list_deliveries(options: argparse.Namespace) -> int:
    """Everything that is kept since an instant: one line for each delivery, not what it says."""
    since = instant(options.since, "since") if options.since else 0
    for kept in runtime.deliveries().since(since):
        line = {
            "received_at": format_instant(kept.received_at),
            "provider": kept.provider,
            "delivery_id": kept.delivery_id,
            "type": kept.type,
            "payment_id": kept.payment_id,
        }
        print(json.dumps(line))
    return 0


def _show_deliveries(options: argparse.Namespace) -> int:
    found = intake.kept(runtime.deliveries(), options.provider, options.delivery_id)
    bodies = [
        {
            "received_at": format_instant(kept.received_at),
            "type": kept.type,
            "payment_id": kept.payment_id,
            "reasons": kept.reasons,
            **_text(kept.body),
        }
        for kept in found
    ]
    return _print({"provider": options.provider, "delivery_id": options.delivery_id, "bodies": bodies})


def _replay_deliveries(options: argparse.Namespace) -> int:
    """What an older version could not read, or read wrongly: understood as today, and queued."""
    provider, delivery_id = options.provider, options.delivery_id
    found = intake.kept(runtime.deliveries(), provider, delivery_id)
    ours = runtime.Settings.value(f"SCRIP_{provider.upper()}_OURS")
    said = [intake.read(provider, kept.body, ours) for kept in found]
    queued = [delivery for delivery in said if not delivery.ignored]
    for delivery in queued:
        message, group = intake.message(delivery, delivery_id)
        runtime.enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)
    facts = sum(len(delivery.facts) for delivery in queued)
    parked = [f"{parked.about}: {parked.reason}" for delivery in queued for parked in delivery.parked]
    return _print(
        {
            "provider": provider,
            "delivery_id": delivery_id,
            "queued": len(queued),
            "facts": facts,
            "parked": parked,
        }
    )


def _text(body: bytes) -> dict[str, str]:
    """A body as JSON can hold it, byte for byte."""
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}


def _print(document: Any) -> int:
    print(json.dumps(document, indent=2))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scrip", description="Operate a Scrip deployment.")
    commands = parser.add_subparsers(required=True)
    key = commands.add_parser("key", help="API keys").add_subparsers(required=True)
    create = key.add_parser("create", help="make a key; it is shown this once")
    create.add_argument("--scope", choices=("read", "burn", "grant", "admin"), required=True)
    create.add_argument("--account", help="bind a read key to one account")
    create.set_defaults(run=_create_key)
    delete = key.add_parser("delete", help="a key opens nothing any more, within a minute")
    delete.add_argument("key_id")
    delete.set_defaults(run=_delete_key)
    verify = commands.add_parser(
        "verify", help="check a wallet's ledger, its chain and its sums, or all of them"
    )
    verify.add_argument("account", nargs="?")
    verify.add_argument("--unit", default=DEFAULT_UNIT)
    verify.add_argument("--all", action="store_true", help="every wallet and every payment")
    verify.add_argument("--workers", type=int, choices=range(1, 17), default=4, metavar="1..16")
    verify.add_argument("--resume", metavar="FILE", help="keep there how far it came, and go on from there")
    verify.add_argument("--segment", type=_segment, default=(0, 1), metavar="1/8", help="one share of all")
    verify.set_defaults(run=_verify)
    reconcile = commands.add_parser(
        "reconcile", help="compare with what a provider lists, and feed what is missing"
    )
    reconcile.add_argument("provider")
    reconcile.add_argument("--days", type=int, choices=range(1, 31), default=3, metavar="1..30")
    reconcile.set_defaults(run=_reconcile)

    redrive = commands.add_parser(
        "redrive", help="put payments that could not be applied back into their queue"
    )
    redrive.set_defaults(run=_redrive)
    deliveries = commands.add_parser("deliveries", help="what providers sent").add_subparsers(required=True)
    listed = deliveries.add_parser("list", help="print which deliveries are kept, one to a line")
    listed.add_argument("--since", metavar="INSTANT", help="like 2026-11-23T10:00:00Z")
    listed.set_defaults(run=_list_deliveries)
    for name, run, what in (
        ("show", _show_deliveries, "print what is kept of a delivery: personal data"),
        ("replay", _replay_deliveries, "read what is kept of a delivery again, and queue it"),
    ):
        command = deliveries.add_parser(name, help=what)
        command.add_argument("provider")
        command.add_argument("delivery_id")
        command.set_defaults(run=run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
