"""Refusals as problem documents (RFC 9457).

Owns the form of the answer. Does not own what a refusal says: its class in ``domain.credits.errors`` does.
"""

from __future__ import annotations

import json
import random
from typing import Any, Final

from scrip.domain.credits.errors import Refusal
from scrip.http.edge.parameters import format_instant

TYPE: Final = "urn:scrip:problem:"
"""Names a problem for ever, wherever the documentation (docs/errors.md) is published."""


def problem(refusal: Refusal) -> dict[str, Any]:
    """Returns the answer to a request that is refused.

    ``Retry-After`` is as long as the refusal says, in whole seconds, or else 1 to 3, drawn anew each time.
    """
    document = problem_document(refusal)
    headers = {"content-type": "application/problem+json"}
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    if refusal.passing:
        wait = refusal.wait_ms
        headers["retry-after"] = str(random.randint(1, 3) if wait is None else max(1, -(-wait // 1000)))
    return {
        "statusCode": document["status"],
        "headers": headers,
        "body": json.dumps(document, ensure_ascii=False),
    }


def problem_document(refusal: Refusal) -> dict[str, Any]:
    """Returns the document that says why: its facts stand beside the members of every problem."""
    return {
        "type": TYPE + refusal.code,
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        **{name: _told(name, fact) for name, fact in refusal.facts.items()},
    }


def _told(name: str, fact: Any) -> Any:
    """Formats an instant: it is a number inside and RFC 3339 at the edge."""
    return format_instant(fact) if name.endswith("_at") and isinstance(fact, int) else fact
