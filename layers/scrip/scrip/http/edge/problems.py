"""Refusals as problem documents (RFC 9457). The one table of statuses."""

from __future__ import annotations

import json
import random
from typing import Any, Final

from scrip.domain.credits import errors
from scrip.domain.credits.errors import Refusal
from scrip.http.edge.parameters import format_instant

STATUS: Final[dict[type[Refusal], int]] = {
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.BodyTooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.InvalidRequest: 400,
    errors.KeyMissing: 400,
    errors.NotFound: 404,
    errors.PrecisionExceeded: 422,
    errors.AmountOutOfRange: 422,
    errors.KeyReused: 422,
    errors.ClockBackwards: 422,
    errors.WalletClosed: 409,
    errors.WalletFrozen: 409,
    errors.HoldNotOpen: 409,
    errors.LotNotOpen: 409,
    errors.AlreadyReversed: 409,
    errors.PromotionExhausted: 409,
    errors.AlreadyClaimed: 409,
    errors.InsufficientCredits: 402,
    errors.PolicyViolation: 422,
    errors.Contended: 409,
    errors.Throttled: 429,
    errors.Unavailable: 503,
    errors.CatchingUp: 503,
    errors.ClockSkew: 503,
}
PASSING: Final = (errors.Contended, errors.Throttled, errors.Unavailable)
"""Refusals that a moment may cure: their answers say when to try again."""
TYPE: Final = "urn:scrip:problem:"
"""Names a problem for ever, wherever the documentation (docs/errors.md) is published."""


def problem(refusal: Refusal) -> dict[str, Any]:
    """The answer that says a refusal."""
    document = problem_document(refusal)
    headers = {"content-type": "application/problem+json"}
    if isinstance(refusal, PASSING):
        headers["retry-after"] = str(random.randint(1, 3))
    return {
        "statusCode": document["status"],
        "headers": headers,
        "body": json.dumps(document, ensure_ascii=False),
    }


def problem_document(refusal: Refusal) -> dict[str, Any]:
    """The document that says a refusal."""
    return {
        "type": TYPE + refusal.code,
        "title": refusal.title,
        "status": STATUS[type(refusal)],
        "detail": refusal.detail,
        "code": refusal.code,
        **{name: _told(name, fact) for name, fact in refusal.facts.items()},
    }


def _told(name: str, fact: Any) -> Any:
    """Instants are numbers inside and RFC 3339 at the edge."""
    return format_instant(fact) if name.endswith("_at") and isinstance(fact, int) else fact
