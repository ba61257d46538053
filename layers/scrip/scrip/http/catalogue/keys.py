"""API keys: the body."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from scrip.http.edge.bodies import Body, Identifier


class KeyBody(Body):
    """What an API key may do."""

    scope: Literal["read", "burn", "grant", "admin"]
    """What the key may do; each wider than the one before."""
    account: Identifier | None = None
    """The one account that the key sees; only with scope `read`."""

    @model_validator(mode="after")
    def _bound(self) -> KeyBody:
        if self.account and self.scope != "read":
            raise ValueError("account: a key bound to an account has scope read")
        return self
