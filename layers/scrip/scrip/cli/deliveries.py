"""``scrip deliveries`` and ``scrip redrive``: shows and replays what providers sent."""

from __future__ import annotations

import argparse
import base64
import json

from scrip import runtime
from scrip.cli.output import print_json
from scrip.http.edge.parameters import format_instant, instant
from scrip.services.payments import deliveries as intake


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``redrive``, and ``deliveries list``, ``show`` and ``replay``."""
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


def _redrive(_options: argparse.Namespace) -> int:
    """Moves messages of payments from the dead-letter queue back into their queue, and prints how many."""
    moved, done = runtime.redrive(
        dead="SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL", queue="SCRIP_PAYMENTS_QUEUE_URL"
    )
    return print_json({"moved": moved, "done": done})


def _list_deliveries(options: argparse.Namespace) -> int:
    """Prints a line for each delivery that was received since an instant, without its body."""
    since = instant(options.since, "since") if options.since else 0
    for kept in runtime.deliveries().since(since):
        line = {
            "received_at": format_instant(kept.received_at),
            "provider": kept.provider,
            "delivery_id": kept.delivery_id,
            "type": kept.type,
            "payment_id": kept.payment_id,
            **_erased(kept.erased_at),
        }
        print(json.dumps(line))
    return 0


def _show_deliveries(options: argparse.Namespace) -> int:
    """Prints every stored body of a delivery. Raises ``NotFound`` where there is none."""
    found = intake.kept(runtime.deliveries(), options.provider, options.delivery_id)
    bodies = [
        {
            "received_at": format_instant(kept.received_at),
            "type": kept.type,
            "payment_id": kept.payment_id,
            "reasons": kept.reasons,
            **(_erased(kept.erased_at) or _text(kept.body)),
        }
        for kept in found
    ]
    return print_json({"provider": options.provider, "delivery_id": options.delivery_id, "bodies": bodies})


def _replay_deliveries(options: argparse.Namespace) -> int:
    """Reads every stored body of a delivery as it is read today, and queues the facts.

    It is for bodies that an older version could not read, or read wrongly; what is erased is left out.

    Raises ``NotFound`` where there is none.
    """
    provider, delivery_id = options.provider, options.delivery_id
    found = intake.kept(runtime.deliveries(), provider, delivery_id)
    ours = runtime.Settings.value(f"SCRIP_{provider.upper()}_OURS")
    adapter = intake.adapter(provider)
    said = [intake.read(adapter, kept.body, ours) for kept in found if kept.erased_at is None]
    queued = [delivery for delivery in said if not delivery.ignored]
    for delivery in queued:
        message, group = intake.message(delivery, delivery_id)
        runtime.enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)
    erased = sum(kept.erased_at is not None for kept in found)
    facts = sum(len(delivery.facts) for delivery in queued)
    parked = [f"{parked.about}: {parked.reason}" for delivery in queued for parked in delivery.parked]
    return print_json(
        {
            "provider": provider,
            "delivery_id": delivery_id,
            "queued": len(queued),
            "facts": facts,
            "parked": parked,
            **({"erased": erased} if erased else {}),
        }
    )


def _erased(at: int | None) -> dict[str, str]:
    """Returns when a body was erased; nothing where it was not."""
    return {} if at is None else {"erased_at": format_instant(at)}


def _text(body: bytes) -> dict[str, str]:
    """Returns a body as JSON can hold it, byte for byte: as text, or as base64 where it is not UTF-8."""
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}
