"""Who calls, as the authorizer says it, and what a scope allows.

Owns which scope includes which. Does not own what a route needs: its ``Route`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scrip import runtime
from scrip.domain.credits.errors import Forbidden, Unauthenticated

INCLUDED: Final[Mapping[str, frozenset[str]]] = {
    "read": frozenset({"read"}),
    "burn": frozenset({"read", "burn"}),
    "grant": frozenset({"read", "burn", "grant", "top_up", "auto_top_up"}),
    "admin": frozenset({"read", "burn", "grant", "admin", "top_up", "auto_top_up"}),
    "top_up": frozenset({"top_up"}),
    "auto_top_up": frozenset({"auto_top_up"}),
}
"""What each scope includes: ``read``, ``burn``, ``grant`` and ``admin`` are each wider than the one before."""
NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Access:
    """A caller whom the authorizer knows.

    Attributes:
        scopes: all that the key may do, with what each of its scopes includes.
        account: the only one that it may see; empty where it may see all.
        name: what people call the key; may be empty.
        rate_limit: requests a second; 0: as many as the API takes.
        ends_at: when the key is over, in epoch milliseconds; 0: never.
        token: what was sent in ``Authorization``, after its kind.
    """

    key_id: str
    scopes: frozenset[str]
    account: str = ""
    name: str = ""
    rate_limit: int = 0
    ends_at: int = 0
    token: str = ""

    @staticmethod
    def of(event: Mapping[str, Any], headers: Mapping[str, str]) -> Access | None:
        """Reads what the authorizer said of the caller; None where it knows nobody by what was sent."""
        said = (event.get("requestContext", {}).get("authorizer") or {}).get("lambda") or {}
        scopes = said.get("scopes")
        if not scopes:
            return None
        return Access(
            key_id=said.get("key_id") or "",
            scopes=NONE.union(*(INCLUDED.get(scope, NONE) for scope in scopes.split(" "))),
            account=said.get("account") or "",
            name=said.get("name") or "",
            rate_limit=int(said.get("rate_limit") or 0),
            ends_at=int(said.get("ends_at") or 0),
            token=headers.get("authorization", "").partition(" ")[2].strip(),
        )

    def admit(self) -> None:
        """Checks that the key is not over, and counts the request where the key is limited.

        Raises:
            Unauthenticated: it is over.
            Throttled: it has had its requests of this second.
        """
        if self.ends_at and self.ends_at <= runtime.now():
            raise Unauthenticated("the API key is over: use another one")
        if self.rate_limit:
            runtime.rate_limits().take(self.key_id, self.rate_limit)

    def require(self, scope: str) -> None:
        """Raises ``Forbidden`` where the key has not this scope, nor one that includes it."""
        if scope not in self.scopes:
            raise Forbidden(f"this needs a key with scope {scope}", scope=scope)

    def see(self, account: str) -> None:
        """Raises ``Forbidden`` where the key is bound to another account. An empty name is nobody's account."""
        if self.account not in ("", account):
            raise Forbidden("this key sees one account only")
