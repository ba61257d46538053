"""Portal sessions, short-lived keys of one customer each: the body and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, Field

from scrip.domain.credits import calendar
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import UNIQUE, Body, Duration, Identifier, Url, distinct
from scrip.http.edge.parameters import format_instant
from scrip.services.catalogue.keys import DAY_MS, MadeKey, NewKey

if TYPE_CHECKING:
    from scrip.http.edge.forms import At

SessionScope = Literal["read", "top_up", "auto_top_up"]
"""One of several things that a customer may do in a portal."""
MAY: Final[tuple[SessionScope, ...]] = ("read",)
"""What a session may do that says nothing of it."""
LONGEST_MS: Final = DAY_MS


class PortalSessionBody(Body):
    """Which customer may do what, for how long."""

    account: Identifier
    """The customer, by your own id for them."""
    expires_in: Duration = "PT1H"
    """How long the session lives; at most a day."""
    may: Annotated[
        list[SessionScope],
        Field(min_length=1, max_length=3, json_schema_extra=UNIQUE),
        AfterValidator(distinct),
    ] = Field(default_factory=lambda: list(MAY))
    """What the customer may do: see the account, order packs, set automatic top-ups."""
    return_url: Url | None = None
    """Where the customer goes back to: https, or this machine."""

    def new_key(self, now: int) -> NewKey:
        """Returns what is asked for at ``now``, epoch milliseconds.

        Raises:
            InvalidRequest: the session would live for more than a day.
        """
        ends = calendar.after(now, self.expires_in, "expires_in")
        if ends - now > LONGEST_MS:
            raise InvalidRequest([("expires_in", "must be at most P1D")])
        scopes = tuple(sorted(self.may))
        return NewKey(
            scopes,
            self.account,
            expires_at=ends,
            session=True,
            return_url=self.return_url,
            expires_in=self.expires_in,
        )


class PortalSessionView(TypedDict):
    """A session of one customer."""

    token: str | None
    """The key of the session, as in `Authorization: Bearer <token>`. It is stored nowhere. Null where this is a replay,
    and another key asked the first time."""
    url: str | None
    """Where the portal is; null while there is none."""
    expires_at: At
    """From when on the token opens nothing."""


def portal_session_view(made: MadeKey) -> PortalSessionView:
    """Shows a new session."""
    assert made.key.wanted.expires_at
    return {"token": made.text, "url": None, "expires_at": format_instant(made.key.wanted.expires_at)}
