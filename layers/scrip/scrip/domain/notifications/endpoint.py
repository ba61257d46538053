"""An endpoint for webhooks: its URL, what it wants to hear of, and its secrets, which are encrypted.

Owns patterns of types. Does not own which types there are (``http.events``), nor which URLs may be called
(``addresses``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

DAY_MS: Final = 86_400_000
OVERLAP_MS: Final = DAY_MS
"""How long the secret before a rotation signs beside the new one."""
SECRETS: Final = 2
"""Secrets of one endpoint that sign at the same time, at most."""
ENDURED_MS: Final = 5 * DAY_MS
"""How long nothing may be delivered, though it is tried, before an endpoint is disabled."""
TEST: Final = "scrip.webhook.test"
"""The type of an event that is sent on request, whatever an endpoint's types say."""
DISABLED: Final = "scrip.webhook_endpoint.disabled"

StopReason = Literal["gone", "failing"]
"""Why an endpoint was disabled: it answered 410, or nothing could be delivered for five days."""


class EndpointSecret(NamedTuple):
    """A secret: encrypted, since when it signs, and until when (None: for good). Instants are epoch milliseconds."""

    sealed: str
    made_at: int
    ends_at: int | None


class EndpointStop(NamedTuple):
    """Why and when (epoch milliseconds) an endpoint was disabled, and what it answered last."""

    reason: StopReason
    at: int
    status_code: int | None


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """An endpoint.

    Attributes:
        made: tells it from one that had the same id before, and was deleted.
        types: types of events and patterns of them.
        accounts: of whose events it hears; None: of all, and of those that are about no account.
        secrets: the newest first.
        stopped: None where it was not disabled by what it answered, or was enabled again since.
    """

    endpoint_id: str
    made: str
    url: str
    types: tuple[str, ...]
    accounts: tuple[str, ...] | None
    enabled: bool
    created_at: int
    secrets: tuple[EndpointSecret, ...]
    stopped: EndpointStop | None = None

    def wants(self, type_: str, account: str | None) -> bool:
        """Tells whether an event of a type, about an account or about none, is to be sent to it."""
        if not self.enabled or not any(matches(pattern, type_) for pattern in self.types):
            return False
        return self.accounts is None or account in self.accounts

    def valid_secrets(self, at: int) -> list[EndpointSecret]:
        """Returns the secrets that sign at an instant, epoch milliseconds, the newest first."""
        return [one for one in self.secrets if one.ends_at is None or one.ends_at > at]

    def rotated(self, sealed: str, at: int) -> WebhookEndpoint:
        """Returns it with a new secret; the one before signs for 24 h longer, and older ones not any more."""
        newest, *_ = self.secrets
        before = newest._replace(ends_at=at + OVERLAP_MS)
        return replace(self, secrets=(EndpointSecret(sealed, at, None), before)[:SECRETS])

    def stop(self, stopped: EndpointStop) -> WebhookEndpoint:
        """Returns it disabled."""
        return replace(self, enabled=False, stopped=stopped)

    def to_json(self) -> dict[str, Any]:
        """Returns its document."""
        return {
            "made": self.made,
            "url": self.url,
            "types": list(self.types),
            "accounts": None if self.accounts is None else list(self.accounts),
            "enabled": self.enabled,
            "created_at": self.created_at,
            "secrets": [list(secret) for secret in self.secrets],
            "stopped": None if self.stopped is None else list(self.stopped),
        }

    @staticmethod
    def from_json(endpoint_id: str, kept: Mapping[str, Any]) -> WebhookEndpoint:
        """Reads a document."""
        return WebhookEndpoint(
            endpoint_id=endpoint_id,
            made=kept["made"],
            url=kept["url"],
            types=tuple(kept["types"]),
            accounts=None if kept["accounts"] is None else tuple(kept["accounts"]),
            enabled=kept["enabled"],
            created_at=kept["created_at"],
            secrets=tuple(EndpointSecret(*secret) for secret in kept["secrets"]),
            stopped=EndpointStop(*kept["stopped"]) if kept["stopped"] else None,
        )


def matches(pattern: str, type_: str) -> bool:
    """Tells whether a pattern fits a type: the type itself, or what it begins with, whole segments, and ``*``."""
    if pattern == "*":
        return True
    start, dot, last = pattern.rpartition(".")
    if last != "*":
        return pattern == type_
    return type_.startswith(start + dot)


def check_pattern(pattern: str, types: Collection[str]) -> str:
    """Returns a pattern that fits at least one of the types.

    Raises:
        ValueError: there is no such type, or the ``*`` stands elsewhere than for whole segments at the end.
    """
    if "*" in pattern.removesuffix("*") or (pattern.endswith("*") and pattern != "*" and pattern[-2] != "."):
        raise ValueError("* stands for whole segments at the end alone, as in scrip.balance.*")
    if not any(matches(pattern, type_) for type_ in types):
        raise ValueError(f"name a type that docs/events.md has: {pattern} is none")
    return pattern
