"""Changes of what is no wallet: who made each, when, and what there was before and after.

What a change was is written in one transaction with it, so no change lacks it and it tells of none that was not made.
Credits are not among them: the ledger says of each entry who made it. Does not own how a change is shown
(``http.audit.changes``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from scrip.services.engine.paging import Found, read_on
from scrip.store import audit
from scrip.store.tables import Item, Tables

TargetType = Literal[
    "unit",
    "pack",
    "rate",
    "promotion",
    "key",
    "portal_session",
    "payment",
    "profile",
    "alerts",
    "webhook_endpoint",
    "dunning",
    "auto_topup",
    "budget",
    "chart_of_accounts",
]
"""What a change is of."""
Action = Literal[
    "unit.put",
    "pack.put",
    "rate.put",
    "promotion.put",
    "key.create",
    "key.rotate",
    "key.delete",
    "portal_session.create",
    "payment.resolve",
    "profile.put",
    "profile.delete",
    "alerts.put",
    "alerts.delete",
    "webhook_endpoint.put",
    "webhook_endpoint.rotate",
    "webhook_endpoint.delete",
    "dunning.put",
    "auto_topup.put",
    "auto_topup.delete",
    "budget.put",
    "budget.delete",
    "chart_of_accounts.put",
]
"""What was done: the type of what was changed, and how."""
OPERATOR: Final = "operator"
"""Who changes something from a shell, with AWS's own rights."""
State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something.

    Attributes:
        actor: ``key:<id>``, or ``OPERATOR``.
        name: what people call the actor's key; None: it has no name.
        at: when, in epoch milliseconds.
        request_id: of the request; None: it came by none.
    """

    actor: str
    at: int
    name: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed.

    Attributes:
        action: what was done.
        target: the id of what was changed; its type is the action's.
        before, after: as it is stored; None: there was nothing, or is nothing any more. No secret is in them.
    """

    action: Action
    target: str
    before: State | None
    after: State | None

    @property
    def target_type(self) -> TargetType:
        """Returns the type of what was changed."""
        return cast("TargetType", self.action.partition(".")[0])


@dataclass(frozen=True, slots=True)
class AuthoredChange:
    """A change, and who made it."""

    change: Change
    author: Author


@dataclass(frozen=True, slots=True)
class ChangeQuery:
    """Which changes are asked for. Of what is None, all are.

    Attributes:
        since, until: of the instant, both included; epoch milliseconds.
    """

    actor: str | None
    action: str | None
    target: tuple[str, str] | None
    since: int
    until: int

    def fits(self, one: AuthoredChange) -> bool:
        """Tells whether a change is one of those."""
        change = one.change
        return (
            self.actor in (None, one.author.actor)
            and self.action in (None, change.action)
            and self.target in (None, (change.target_type, change.target))
        )


def record(tables: Tables, author: Author, change: Change) -> Item:
    """Returns the transact item that keeps who made a change, to be written with the change itself."""
    told = {
        "actor": author.actor,
        "actor_name": author.name,
        "request_id": author.request_id,
        "action": change.action,
        "target": change.target,
        "before": change.before,
        "after": change.after,
    }
    return audit.write(tables, author.at, {name: value for name, value in told.items() if value is not None})


def list_changes(
    tables: Tables, query: ChangeQuery, limit: int, after: str | None
) -> Found[str, AuthoredChange]:
    """Returns a page of the changes, newest first; it may be short, or empty, and yet be followed by another."""

    def look(after: str | None, count: int) -> tuple[Sequence[tuple[str, AuthoredChange | None]], str | None]:
        rows, following = audit.page(tables, query.since, query.until, count, after)
        found = [(row.place, _read(row)) for row in rows]
        return [(place, one if query.fits(one) else None) for place, one in found], following

    return read_on(look, after, limit)


def _read(row: audit.AuditRow) -> AuthoredChange:
    """Reads a change as it was kept."""
    told = row.body
    author = Author(told["actor"], row.at, told.get("actor_name"), told.get("request_id"))
    return AuthoredChange(
        Change(told["action"], told["target"], told.get("before"), told.get("after")), author
    )
