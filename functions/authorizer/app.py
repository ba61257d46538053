"""The authorizer says who a key belongs to, or that it is nobody's; what that means, the functions decide.

It refuses nobody itself: the gateway's refusal would be no problem document.
"""

import hashlib
import time
from collections.abc import Mapping
from typing import Any, Final

from scrip import runtime
from scrip.services.catalogue import keys
from scrip.services.catalogue.keys import KeyOwner

REMEMBERED_FOR: Final = 25.0
"""Seconds. With the gateway's own 30 a deleted key is dead everywhere within a minute."""
REMEMBERED: Final = 1000
"""Keys of somebody that are remembered at the same time, and as many of nobody, whose flood makes none of those
forgotten."""
_known: dict[str, tuple[float, KeyOwner | None]] = {}
_unknown: dict[str, tuple[float, KeyOwner | None]] = {}


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Answers in API Gateway's simple format: who the key's owner is, and nothing where nobody has it."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    kind, _, key = headers.get("authorization", "").partition(" ")
    owner = _owner(key.strip()) if kind.lower() == "bearer" else None
    runtime.count("Authorized" if owner else "Unauthorized", key_id=owner.key_id if owner else "")
    return {"isAuthorized": True, "context": _context_of(owner) if owner else {}}


def _context_of(owner: KeyOwner) -> dict[str, str]:
    """Returns what the functions and the access log are told, as texts; what is empty is as if it were not there."""
    return {
        "key_id": owner.key_id,
        "scopes": " ".join(owner.scopes),
        "account": owner.account,
        "name": owner.name,
        "rate_limit": str(owner.rate_limit or ""),
        "ends_at": str(owner.ends_at or ""),
    }


def _owner(key: str) -> KeyOwner | None:
    """Returns the owner of a key, or that there is none, remembered for ``REMEMBERED_FOR`` seconds."""
    now, name = time.monotonic(), hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    known = _known.get(name) or _unknown.get(name)
    if known and known[0] > now:
        return known[1]
    owner = _found(key)
    _forget(name)
    memory = _known if owner else _unknown
    if len(memory) >= REMEMBERED:
        del memory[next(iter(memory))]  # whoever was met first
    memory[name] = (now + REMEMBERED_FOR, owner)
    return owner


def _found(key: str) -> KeyOwner | None:
    """Looks up whose a key is, or reads a JSON Web Token, which has two points and is none."""
    issuer = runtime.jwt_issuer()
    if issuer and key.count(".") == 2:
        return issuer.find_owner(key)
    return keys.find_owner(runtime.api_keys(), key, runtime.now())


def _forget(name: str) -> None:
    """Forgets a key of which something else is true by now."""
    _known.pop(name, None)
    _unknown.pop(name, None)
