"""API keys: the body."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from scrip.http.edge.bodies import Body, Identifier


class KeyBody(Body):
    """``POST /v1/keys``."""

    scope: Literal["read", "burn", "grant", "admin"]
    account: Identifier | None = None

    @model_validator(mode="after")
    def _bound(self) -> KeyBody:
        if self.account and self.scope != "read":
            raise ValueError("account: a key bound to an account has scope read")
        return self
