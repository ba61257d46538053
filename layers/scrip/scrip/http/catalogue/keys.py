"""API keys: the bodies and the answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from scrip.domain.accounts.names import check_name
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import UNIQUE, Body, Identifier, Instant, Label, distinct
from scrip.http.edge.parameters import format_instant
from scrip.services.catalogue.keys import BOUND, ApiKey, MadeKey, NewKey
from scrip.services.engine.paging import Found

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Name, Ordinal

KeyScope = Literal["read", "burn", "grant", "admin"]
"""What an API key may do; each scope is wider than the one before."""
KeyScopeWord = Literal["read", "burn", "top_up", "grant", "admin"]
"""One of several things that an API key may do."""
SCOPES: Final = ("read", "burn", "top_up", "grant", "admin")
MAX_RATE: Final = 10_000
"""Requests a second of one key: more than the gateway takes of all of them."""
PLACE: Final = re.compile(r"[0-9]{15}#[0-9a-f]{16}")
"""Where a page of the list of keys ends."""


class KeyBody(Body):
    """What an API key may do, for how long, and how often: `scope`, or else `scopes`."""

    scope: KeyScope | None = None
    """What the key may do; each wider than the one before. Or else send `scopes`."""
    scopes: (
        Annotated[
            list[KeyScopeWord],
            Field(min_length=1, max_length=len(SCOPES), json_schema_extra=UNIQUE),
            AfterValidator(distinct),
        ]
        | None
    ) = None
    """All that the key may do, each with what it includes; `top_up`: order packs. Or else send `scope`."""
    account: Identifier | None = None
    """The one account that the key sees; only with `read`, `burn` and `top_up`."""
    name: Annotated[Label, AfterValidator(check_name)] | None = None
    """What people call it."""
    expires_at: Instant | None = None
    """From when on it opens nothing; null: never."""
    rate_limit: Annotated[int, Field(ge=1, le=MAX_RATE)] | None = None
    """Requests a second; null: as many as the API takes."""

    @model_validator(mode="after")
    def _scoped(self) -> KeyBody:
        """Refuses a key that may do nothing, and an account for one that may do more than a customer."""
        if self.scope and self.scopes is not None:
            raise ValueError("scopes: send either scope or scopes")
        if not self.scope and self.scopes is None:
            raise ValueError("scope: say what the key may do, or send scopes")
        if self.account and not set(self.words) <= set(BOUND):
            raise ValueError(
                "account: leave it out, or ask for read, burn or top_up alone: a customer has no more"
            )
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """Returns its scopes, always in the same order."""
        asked = [self.scope] if self.scope else self.scopes or []
        return tuple(word for word in SCOPES if word in asked)

    def new_key(self) -> NewKey:
        """Returns what is asked for."""
        return NewKey(self.words, self.account, self.name, self.expires_at, self.rate_limit)


class RotationBody(Body):
    """Nothing is said: the path names the key."""

    may_be_missing: ClassVar[bool] = True


class KeyView(TypedDict):
    """An API key, without the key itself."""

    key_id: str
    """Its id, to rotate or delete it by; `actor` of what it does is `key:` and this."""
    scope: KeyScope | None
    """What it may do, where that is one of these; null: see `scopes`."""
    scopes: list[KeyScopeWord]
    """All that it may do, each with what it includes."""
    account: Name | None
    """The one account that it may see; null: all."""
    name: str | None
    """What people call it."""
    created_by: str
    """Who made it: `key:<key id>`; or `operator`, from a shell."""
    created_at: At
    """When."""
    expires_at: At | None
    """From when on it opens nothing; null: never."""
    rate_limit: Ordinal | None
    """Requests a second; null: as many as the API takes."""
    last_used_at: At | None
    """When it was used last, but for a day; null: not yet."""


class ApiKeyView(KeyView):
    """An API key with the key itself, for whoever made or rotated it."""

    key: str | None
    """The key itself. It is stored nowhere. Null where this is a replay, and another key asked the first time."""
    previous_ends_at: At | None
    """Until when the key of before works too; null where it was not rotated."""


class KeyPageView(TypedDict):
    """API keys, newest first."""

    items: list[KeyView]
    """The keys."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def key_view(key: ApiKey) -> KeyView:
    """Shows a key, without the key itself."""
    wanted = key.wanted
    scopes: list[Any] = [word for word in SCOPES if word in wanted.scopes]
    expires_at, used_at = wanted.expires_at, key.used_at
    return {
        "key_id": key.key_id,
        "scope": scopes[0] if len(scopes) == 1 and scopes[0] != "top_up" else None,
        "scopes": scopes,
        "account": wanted.account,
        "name": wanted.name,
        "created_by": key.created_by,
        "created_at": format_instant(key.created_at),
        "expires_at": None if expires_at is None else format_instant(expires_at),
        "rate_limit": wanted.rate_limit,
        "last_used_at": None if used_at is None else format_instant(used_at),
    }


def made_key_view(made: MadeKey) -> ApiKeyView:
    """Shows a key that was made or rotated, with the key itself."""
    _, *before = made.key.secrets
    ends_at = before[0].ends_at if before else None
    return {
        **key_view(made.key),
        "key": made.text,
        "previous_ends_at": None if ends_at is None else format_instant(ends_at),
    }


def key_page_view(found: Found[str, ApiKey]) -> KeyPageView:
    """Shows a page of keys."""
    items, cursor = pages.shown(found, key_view)
    return {"items": items, "next_cursor": cursor}
