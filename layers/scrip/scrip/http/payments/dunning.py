"""Dunning: the schedule's body and answer, and what is shown of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from scrip.domain.credits.calendar import DURATION_PATTERN, after, check_duration
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.payments.dunning import PROMPTS, DunningRun, Grace, Schedule
from scrip.domain.payments.dunning import Reason as DunningReason
from scrip.domain.payments.dunning import Status as DunningStatus
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import UNIQUE, Amount, Body, Duration, distinct
from scrip.http.edge.parameters import canonical, format_instant
from scrip.services.engine.paging import Found

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, EntryId, Name

MAX_PROMPTS: Final = 10
"""Prompts of one run."""
LONGEST_MS: Final = 366 * 86_400_000
"""How long after a failure the last prompt may be: nobody who did not pay for a year does so then."""
NOTHING: Final = "PT0S"


def _after_failure(text: str) -> str:
    """Refuses what is no duration up to a year; nothing is one here, with a ``ValueError``."""
    if text == NOTHING:
        return text
    try:
        check_duration(text)
    except ValueError as error:
        raise ValueError("must be PT0S, for at once, or an ISO 8601 duration such as P3D") from error
    if _instant_after(text) > LONGEST_MS:
        raise ValueError("must be at most a year")
    return text


def _bounded(text: str) -> str:
    """Refuses a duration longer than ten years, with a ``ValueError``."""
    if _instant_after(text) > 10 * LONGEST_MS:
        raise ValueError("must be at most ten years")
    return text


def _instant_after(text: str) -> int:
    """Returns how many milliseconds after 1970 a duration ends; a very long one, the last that there are."""
    try:
        return after(0, text, "prompts")
    except InvalidRequest:
        return MAX_INSTANT


AfterFailure = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_after_failure),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": DURATION_PATTERN}),
]
"""How long after a failure something is."""


def _more_than_zero(amount: str) -> str:
    """Refuses no credits at all, of whatever unit, with a ``ValueError``."""
    if not amount.strip("0."):
        raise ValueError("must be more than zero")
    return amount


class GraceBody(Body):
    """Credits to go on with."""

    amount: Annotated[Amount, AfterValidator(_more_than_zero)]
    """How many, in the unit of the wallet; a unit with fewer decimals has none."""
    expires_in: Annotated[Duration, AfterValidator(_bounded)]
    """How long they live; ISO 8601, ten years at most."""


class DunningBody(Body):
    """What follows a renewal or an automatic top-up that failed. Runs that have begun keep what they began with."""

    prompts: Annotated[
        list[AfterFailure],
        Field(max_length=MAX_PROMPTS, json_schema_extra=UNIQUE),
        AfterValidator(distinct),
    ] = Field(default_factory=lambda: list(PROMPTS))
    """When there are prompts, each so long after the failure; none: an empty list."""
    grace: GraceBody | None = None
    """What is granted once for each failure; null: nothing."""

    def schedule(self) -> Schedule:
        """Returns the schedule that the body says."""
        grace = Grace(self.grace.amount, self.grace.expires_in) if self.grace else None
        return Schedule(tuple(self.prompts), grace)


class GraceView(TypedDict):
    """Credits to go on with."""

    amount: Credits
    """How many, in the unit of the wallet."""
    expires_in: str
    """How long they live; ISO 8601."""


class DunningView(TypedDict):
    """What follows a renewal or an automatic top-up that failed."""

    prompts: list[str]
    """When there are prompts, each so long after the failure; ISO 8601."""
    grace: GraceView | None
    """What is granted once for each failure; null: nothing."""


class PromptView(TypedDict):
    """A prompt that was made."""

    at: At
    """When."""
    topup_id: str
    """Its order: the same sale once more. That of an earlier prompt is cancelled; if it is paid, that counts."""
    checkout_url: str | None
    """Where to pay it; null where your app opens the checkout, or where the provider took no order."""


class DunningRunView(TypedDict):
    """What follows one failure."""

    dunning_id: str
    """What tells it from any other, for ever: the same failure has the same."""
    account: Name
    """Whose renewal or top-up failed."""
    unit: Name
    """The unit of the wallet."""
    reason: DunningReason
    """What failed."""
    topup_id: str
    """The order whose renewal, or which itself, was not paid."""
    since: At
    """When Scrip heard of it."""
    prompts: list[PromptView]
    """The prompts that were made, the first first."""
    next_prompt_at: At | None
    """When there is one next; null: never."""
    grace_entry_id: EntryId | None
    """The entry that granted credits to go on with; null: there is none."""
    status: DunningStatus
    """How it stands: `open`; `paid`: a top-up of the wallet was paid since; `ended`: all prompts were made and nothing
    was paid yet."""


class DunningPageView(TypedDict):
    """What followed an account's failures, newest first."""

    items: list[DunningRunView]
    """The runs."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def dunning_view(schedule: Schedule) -> DunningView:
    """Shows the schedule."""
    grace = schedule.grace
    return {
        "prompts": list(schedule.prompts),
        "grace": {"amount": canonical(grace.amount), "expires_in": grace.expires_in} if grace else None,
    }


def dunning_page_view(found: Found[str, DunningRun]) -> DunningPageView:
    """Shows runs."""
    items, cursor = pages.shown(found, dunning_run_view)
    return {"items": items, "next_cursor": cursor}


def dunning_run_view(run: DunningRun) -> DunningRunView:
    """Shows a run."""
    following = run.next_prompt_at
    return {
        "dunning_id": run.dunning_id,
        "account": run.account,
        "unit": run.unit,
        "reason": run.reason,
        "topup_id": run.topup_id,
        "since": format_instant(run.since),
        "prompts": [
            {"at": format_instant(one.at), "topup_id": one.topup_id, "checkout_url": one.checkout_url}
            for one in run.prompts
        ],
        "next_prompt_at": None if following is None else format_instant(following),
        "grace_entry_id": run.grace_entry_id,
        "status": run.status,
    }
