"""API keys: the body and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import model_validator

from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body, Identifier

if TYPE_CHECKING:
    from scrip.http.edge.forms import Name

KeyScope = Literal["read", "burn", "grant", "admin"]
"""What an API key may do; each scope is wider than the one before."""


class KeyBody(Body):
    """What an API key may do."""

    scope: KeyScope
    """What the key may do; each wider than the one before."""
    account: Identifier | None = None
    """The one account that the key sees; only with scope `read`."""

    @model_validator(mode="after")
    def _bound(self) -> KeyBody:
        """Refuses an account for a key that may do more than read."""
        if self.account and self.scope != "read":
            raise ValueError("account: leave it out, or ask for scope read: a key of one account only reads")
        return self


class ApiKeyView(TypedDict):
    """A new API key, shown this once."""

    key_id: str
    """Its id, to delete it by."""
    key: str
    """The key itself. It is stored nowhere."""
    scope: KeyScope
    """What it may do; each wider than the one before."""
    account: Name | None
    """The one account that it may read; null: all."""


def key_view(key_id: str, key: str, scope: KeyScope, account: str | None) -> ApiKeyView:
    """Shows a new key. Nothing can show it a second time."""
    return {"key_id": key_id, "key": key, "scope": scope, "account": account}
