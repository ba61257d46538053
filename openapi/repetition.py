"""Which operations a client may send again though they may have been carried out.

Owns the reason for each that has no ``Idempotency-Key``. Does not own when a client sends one again.
"""

from __future__ import annotations

from typing import Any, Final

SAFE_TO_REPEAT: Final = {
    "quote": "it moves nothing",
    "burn_batch": "each burn has a key of its own",
    "burn_page": "each record is burned once, by its stream and offset",
    "report_usage": "each event is burned once, by its source and id",
    "redrive_usage": "an event that is brought back twice is burned once",
    "dismiss_usage": "an event that is dismissed is not there any more",
    "settle": "as burn_page; and what is filled up is filled up to the same",
    "compensate": "an account is compensated for an incident once",
    "extend_lots": "a lot is moved for an incident once",
    "cancel_order": "an order is cancelled once",
    "resolve_payment": "the same resolution again changes nothing",
    "webhook": "an event is known by its id",
}
"""Operations without an Idempotency-Key that change something by POST, and may yet be sent twice, with the reason."""


def is_repeatable(method: str, operation: dict[str, Any], keyed: bool) -> bool:
    """Tells whether twice is the same as once: of what has a key, names what it changes, or changes nothing."""
    return keyed or method.upper() != "POST" or operation["operationId"] in SAFE_TO_REPEAT
