"""``scrip``: what an operator does from a shell, with AWS credentials of their own.

Tables and queues are named by variables such as SCRIP_WALLETS_TABLE and SCRIP_LEDGER_TABLE, each an output of the
stack (WalletsTable, LedgerTable). A command says which ones it misses.

    scrip key create --scope admin [--account ACCOUNT]
    scrip key delete KEY_ID
    scrip verify ACCOUNT [--unit UNIT]
    scrip redrive
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
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from scrip import runtime
from scrip.api.fields import format_instant
from scrip.domain.errors import Refusal
from scrip.domain.units import DEFAULT_UNIT
from scrip.operations import access, intake, reconciling, reports, verifying

CALL_SECONDS: Final = 20.0
"""How long a provider may take for one answer."""


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
    key_id, key = access.create_key(runtime.tables(), options.scope, options.account)
    return _print({"key_id": key_id, "key": key})


def _delete_key(options: argparse.Namespace) -> int:
    access.delete_key(runtime.tables(), options.key_id)
    return _print({"key_id": options.key_id, "deleted": True})


def _verify(options: argparse.Namespace) -> int:
    count, found = verifying.verify(runtime.teller(), options.account, options.unit)
    findings = [{"seq": finding.seq, "entry_id": finding.entry_id, "what": finding.what} for finding in found]
    _print({"account": options.account, "unit": options.unit, "entries": count, "findings": findings})
    return 1 if found else 0


def _reconcile(options: argparse.Namespace) -> int:
    """A pass of its own, to its end; 1 where there is anything to look at, or the provider does not answer."""
    client = runtime.provider(options.provider, CALL_SECONDS)
    if client is None:
        print(f"scrip: there is no API key of {options.provider}", file=sys.stderr)
        return 2
    anew = True
    while True:
        run = reconciling.Run(
            runtime.tables(), options.provider, client, runtime.pass_on, runtime.now(), lambda: True
        )
        outcome = run.go(options.days, anew=anew)
        place, anew = reports.place(runtime.tables(), options.provider), False
        if outcome.done or outcome.error:
            break
        # What was fed has to be applied before anything is judged.
        time.sleep(max(0, place.ready_at - runtime.now()) / 1000)
    days = range(place.first, reports.day_of(place.until) + 1)
    found = [reports.load(runtime.tables(), options.provider, day)[0].to_body() for day in days]
    _print({"provider": options.provider, "error": outcome.error, "reports": found})
    return 1 if outcome.error or outcome.findings else 0


def _redrive(_options: argparse.Namespace) -> int:
    moved, done = runtime.redrive(
        dead="SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL", queue="SCRIP_PAYMENTS_QUEUE_URL"
    )
    return _print({"moved": moved, "done": done})


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
    verify = commands.add_parser("verify", help="check a wallet's ledger, its chain and its sums")
    verify.add_argument("account")
    verify.add_argument("--unit", default=DEFAULT_UNIT)
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
