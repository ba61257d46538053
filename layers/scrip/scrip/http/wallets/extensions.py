"""Extensions after an outage: the body and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge.answers import ProblemView, TypedDict
from scrip.http.edge.bodies import UNIQUE, Body, Duration, Identifier, Reason, distinct
from scrip.http.edge.parameters import ID_PATTERN
from scrip.http.edge.problems import problem_document
from scrip.services.wallets.extensions import Extended, Extension, ExtensionProgress

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import Count, Name
    from scrip.services.wallets.extensions import Status as ExtensionStatus


def _named(value: Any) -> Any:
    """Takes ``{"account": "acme"}`` for ``"acme"``: so compensations name accounts."""
    return value["account"] if isinstance(value, dict) and value.keys() == {"account"} else value


_ID = {"type": "string", "pattern": ID_PATTERN}
ExtendedAccount = Annotated[
    Identifier,
    BeforeValidator(_named),
    WithJsonSchema(
        {
            "anyOf": [
                _ID,
                {
                    "type": "object",
                    "required": ["account"],
                    "properties": {"account": _ID},
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""An account by its id, or as compensations name one."""


class ExtensionBody(Body):
    """By how much lots end later, and whose: exactly one of `accounts` and `all`."""

    incident: Identifier
    """What went wrong: a lot is moved for it once, for ever."""
    by: Duration
    """How much later each lot ends; a calendar duration, ISO 8601, in UTC. An incident has one."""
    accounts: Annotated[
        list[ExtendedAccount],
        Field(min_length=1, max_length=500, json_schema_extra=UNIQUE),
        AfterValidator(distinct),
    ] = None  # type: ignore[assignment]  # left out, unless it is said
    """Whose lots end later: ids, or objects with an `account`."""
    all: Literal[True] = None  # type: ignore[assignment]  # the same
    """Everybody's lots end later."""
    unit: Identifier = DEFAULT_UNIT
    """The unit of the lots."""
    reason: Reason | None = None
    """Why, for people; in the entries for ever."""

    @model_validator(mode="after")
    def _of_somebody(self) -> ExtensionBody:
        if ("accounts" in self.model_fields_set) == ("all" in self.model_fields_set):
            raise ValueError("accounts: send either accounts or all")
        return self

    def extension(self, actor: str, actor_name: str | None) -> Extension:
        """Returns what is asked for."""
        return Extension(self.incident, self.by, self.unit, actor, self.reason, actor_name)


class ExtendedView(TypedDict):
    """What became of one account."""

    account: Name
    """Whose lots end later."""
    status: int
    """The status that it would have been answered with by itself."""
    moved: Count
    """How many of its lots end later for this incident, now or from before."""
    problem: NotRequired[ProblemView]
    """Why it was refused; where it was."""


class ExtensionView(TypedDict):
    """How far an extension is."""

    incident: Name
    """What is made good, as the request named it."""
    unit: Name
    """The unit of the lots."""
    by: str
    """How much later they end."""
    status: ExtensionStatus
    """`running`: of all accounts, it goes on by itself, and the same request again says how far it is; of some
    accounts, the same request again goes on with those that are left."""
    moved: Count
    """How many lots end later, now or from before."""
    accounts: Count
    """How many accounts have such lots."""
    seen: Count
    """How many accounts were seen to."""
    failed: Count
    """How many accounts could not be."""
    items: NotRequired[list[ExtendedView]]
    """What became of each account, in the order of the request; where it named them."""


def extension_view(found: Sequence[Extended], body: ExtensionBody) -> ExtensionView:
    """Shows what became of each account that a request named."""
    left = sum(one.refusal is not None for one in found)
    return {
        "incident": body.incident,
        "unit": body.unit,
        "by": body.by,
        "status": "running" if left else "done",
        "moved": sum(one.moved for one in found),
        "accounts": sum(one.moved > 0 for one in found),
        "seen": len(found) - left,
        "failed": left,
        "items": [_extended_view(one) for one in found],
    }


def _extended_view(one: Extended) -> ExtendedView:
    view: ExtendedView = {"account": one.account, "status": 201, "moved": one.moved}
    if one.refusal:
        problem = problem_document(one.refusal)
        view = {**view, "status": problem["status"], "problem": problem}
    return view


def extension_progress_view(progress: ExtensionProgress, body: ExtensionBody) -> ExtensionView:
    """Shows how far an extension of all accounts is."""
    return {
        "incident": body.incident,
        "unit": body.unit,
        "by": body.by,
        "status": progress.status,
        "moved": progress.moved,
        "accounts": progress.accounts,
        "seen": progress.seen,
        "failed": progress.failed,
    }
