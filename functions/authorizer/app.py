"""The authorizer says who a key belongs to, or that it is nobody's; what that means, the functions decide.

It refuses nobody itself: the gateway's refusal would be no problem document.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from scrip import runtime
from scrip.services.catalogue import keys
from scrip.services.catalogue.keys import KeyOwner

REMEMBERED_FOR: Final = 25.0
"""Seconds. With the gateway's own 30 a deleted key is dead everywhere within a minute."""
REMEMBERED: Final = 1000
_known: dict[str, tuple[float, KeyOwner]] = {}


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Answers in API Gateway's simple format: id, scope and account of the key's owner; nothing where nobody has it."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    kind, _, key = headers.get("authorization", "").partition(" ")
    owner = _owner(key.strip()) if kind.lower() == "bearer" else None
    runtime.count("Authorized" if owner else "Unauthorized", key_id=owner.key_id if owner else "")
    return {"isAuthorized": True, "context": asdict(owner) if owner else {}}


def _owner(key: str) -> KeyOwner | None:
    """Returns the owner of a key, remembered for ``REMEMBERED_FOR`` seconds."""
    now = time.monotonic()
    known = _known.get(key)
    if known and known[0] > now:
        return known[1]
    owner = keys.find_owner(runtime.tables(), key)
    if len(_known) >= REMEMBERED:
        _known.clear()
    if owner:
        _known[key] = (now + REMEMBERED_FOR, owner)
    return owner
