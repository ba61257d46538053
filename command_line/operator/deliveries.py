"""``scrip deliveries`` and ``scrip redrive``: shows and replays what providers sent."""

from __future__ import annotations

import base64
import json
from typing import Final

from command_line.output import print_json
from scrip import runtime
from scrip.http.edge.parameters import format_instant, instant
from scrip.services.payments import deliveries as intake

SHOWN: Final = 1000
"""Deliveries of those that wait which are shown, oldest first."""


def redrive() -> int:
    """Moves messages of payments from the dead-letter queue back into their queue, and prints how many."""
    moved, done = runtime.redrive(
        dead="SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL", queue="SCRIP_PAYMENTS_QUEUE_URL"
    )
    return print_json({"moved": moved, "done": done})


def list_deliveries(since_text: str | None) -> int:
    """Prints a line for each delivery that was received since an instant, without its body."""
    since = instant(since_text, "since") if since_text else 0
    for kept in runtime.deliveries().since(since):
        line = {
            "received_at": format_instant(kept.received_at),
            "provider": kept.provider,
            "delivery_id": kept.delivery_id,
            "type": kept.type,
            "payment_id": kept.payment_id,
            "state": kept.state,
            **_erased(kept.erased_at),
        }
        print(json.dumps(line))
    return 0


def waiting(before_text: str | None) -> int:
    """Prints a line for each delivery that came before an instant (else: until now) and is not applied yet."""
    before = instant(before_text, "before") if before_text else runtime.now()
    for one in intake.waiting_before(runtime.deliveries(), before, SHOWN):
        line = {
            "received_at": format_instant(one.received_at),
            "provider": one.provider,
            "delivery_id": one.delivery_id,
        }
        print(json.dumps(line))
    return 0


def show(provider: str, delivery_id: str) -> int:
    """Prints every stored body of a delivery. Raises ``NotFound`` where there is none."""
    found = intake.kept(runtime.deliveries(), provider, delivery_id)
    bodies = [
        {
            "received_at": format_instant(kept.received_at),
            "type": kept.type,
            "payment_id": kept.payment_id,
            "reasons": kept.reasons,
            "state": kept.state,
            "causes": kept.causes,
            **(_erased(kept.erased_at) or _text(kept.body)),
        }
        for kept in found
    ]
    return print_json({"provider": provider, "delivery_id": delivery_id, "bodies": bodies})


def replay(provider: str, delivery_id: str) -> int:
    """Reads every stored body of a delivery as it is read today, and queues the facts.

    It is for bodies that an older version could not read, or read wrongly, and for those that wait though no message of
    them is left; what is erased is left out. A body that means nothing by now waits no more,
    nor does one that was erased.

    Raises ``NotFound`` where there is none.
    """
    deliveries = runtime.deliveries()
    found = intake.kept(deliveries, provider, delivery_id)
    ours = runtime.Settings.value(f"SCRIP_{provider.upper()}_OURS")
    adapter = intake.adapter(provider)
    read = [(kept, intake.read(adapter, kept.body, ours)) for kept in found if kept.erased_at is None]
    for kept, delivery in read:
        if delivery.ignored:
            intake.refuse(deliveries, kept, intake.IGNORED)
        else:
            message, group = intake.message(delivery, delivery_id, raw=kept.body, again=True)
            runtime.enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)
    for kept in found:
        if kept.erased_at is not None and kept.state == "waiting":
            intake.refuse(deliveries, kept, intake.ERASED)
    queued = [delivery for _, delivery in read if not delivery.ignored]
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
