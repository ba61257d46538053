"""Allowances: credits that are granted again in each period.

Periods follow from ``anchor``, ``every`` and the time zone, for ever and in both directions. At the start of each the
allowance grants its amount, once. Whatever else makes it begin in the middle of a period (it is new, it is resumed, its
amount was raised, its periods were changed) grants the difference to what the period has had, for the part of the
period that is left. So nothing is granted twice, and nothing is ever taken back (law 10).

Does not own calendars (``credits.calendar``), nor what becomes of what is left (``expiry``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from scrip.domain.credits import calendar, limits
from scrip.domain.credits.entries import TIME, Cause, Entry, fingerprint
from scrip.domain.credits.errors import InvalidRequest, NotFound
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.credits.terms import NONE, Rollover, Terms
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.grants import Grant, grant
from scrip.domain.wallets.lot_terms import code_of
from scrip.domain.wallets.status import require_open

KIND: Final = "allowance"
PERIOD_END: Final = "period_end"
NEVER: Final = "never"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an allowance grants. Amounts in credit steps, instants in milliseconds.

    Attributes:
        every: ISO 8601, of one calendar unit: ``P1D``, ``P2W``, ``P1M``, ``P1Y``.
        anchor: an instant at which a period begins, in ``zone``'s calendar.
        expires: ``period_end``, ``never``, or an ISO 8601 duration from the grant.
        starts_at, ends_at: grants are made at instants in ``[starts_at, ends_at)``.
    """

    amount: int
    every: str
    anchor: int
    zone: str
    starts_at: int
    expires: str = PERIOD_END
    rollover: Rollover | None = None
    ends_at: int | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Allowance:
    """A plan, and how far it has been followed.

    Attributes:
        version: counts changes.
        repays: whether its lots repay debt (the unit's policy when it was last changed).
        since, until: the period that was credited last; 0 before the first.
        level: the amount that period was credited for.
        next_at: the instant at which it is to be applied next; None: never, as it is.
    """

    name: str
    plan: Plan
    version: int = 1
    repays: bool = True
    since: int = 0
    until: int = 0
    level: int = 0
    next_at: int | None = None
    deleted: bool = False

    def runs(self, at: int) -> bool:
        """Tells whether it grants anything at this instant."""
        plan = self.plan
        return (
            not (self.deleted or plan.paused)
            and plan.starts_at <= at
            and (plan.ends_at is None or at < plan.ends_at)
        )

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON values, amounts in steps as strings: as it is kept in its wallet."""
        plan = {**asdict(self.plan), "amount": str(self.plan.amount)}
        return {**asdict(self), "plan": plan, "level": str(self.level)}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> Allowance:
        """Reads what ``to_json`` gave."""
        said = body["plan"]
        rollover = Rollover(**said["rollover"]) if said["rollover"] else None
        plan = Plan(**{**said, "amount": int(said["amount"]), "rollover": rollover})
        return Allowance(**{**body, "plan": plan, "level": int(body["level"])})


@dataclass(frozen=True, slots=True)
class PutAllowance:
    """Gives a wallet an allowance, or changes the one with this name. ``policy``: the unit's, as it is now."""

    name: str
    plan: Plan
    policy: Policy


def find(draft: Draft, name: str) -> Allowance | None:
    """Returns the allowance with this name, a deleted one too; None where there never was one."""
    sidecar = draft.sidecar(KIND, name)
    return Allowance.from_json(sidecar) if sidecar else None


def put(draft: Draft, command: PutAllowance, now: int, cause: Cause) -> Entry | None:
    """Puts the allowance, changed or new. Returns its entry; None where nothing changes.

    The entry is the grant that the change brings at once, or a ``status`` entry where it brings none.

    Raises:
        WalletClosed: a closed wallet takes nothing in.
        AmountOutOfRange: the wallet would hold more than the largest total.
        PolicyViolation: the wallet's lots have as many different terms as they may.
        InvalidRequest: its credits would end beyond the year 9999.
    """
    require_open(draft)
    name, plan, repays = command.name, command.plan, command.policy.repay_first
    known = find(draft, name)
    if known and not known.deleted and known.plan == plan:
        return None
    before = known or Allowance(name, plan, version=0)
    changed = replace(before, plan=plan, version=before.version + 1, repays=repays, deleted=False)
    code_of(draft, _terms(plan), now)
    entry = _credit(draft, changed, before.next_at, now, cause)
    if entry is None:
        entry = draft.record("status", [], now, cause, {"allowance": name, "version": changed.version})
    return entry


def delete(draft: Draft, name: str, now: int, cause: Cause) -> Entry:
    """Deletes the allowance. What it granted stays.

    What it has credited for the present period is remembered, in case it is put again.

    Raises:
        NotFound: there is none.
    """
    known = find(draft, name)
    if known is None or known.deleted:
        raise NotFound(f"there is no allowance {name} in this wallet", allowance=name)
    gone = replace(known, version=known.version + 1, deleted=True, next_at=None)
    draft.set_timer(KIND, name, known.next_at, None)
    draft.keep(KIND, name, gone.to_json())
    return draft.record(
        "status", [], now, cause, {"allowance": name, "version": gone.version, "deleted": True}
    )


def come_due(draft: Draft, name: str, instant: int) -> None:
    """Applies an allowance at the instant of its timer.

    It never refuses: what cannot be granted (the wallet is closed, or as full as wallets get) is not granted.
    """
    known = find(draft, name)
    assert known
    if draft.status == "closed":
        draft.set_timer(KIND, name, known.next_at, None)
        draft.keep(KIND, name, replace(known, next_at=None).to_json())
        draft.record("status", [], instant, None, {"allowance": name, "version": known.version})
        return
    key = business_key(KIND, name, str(instant))
    entry_id = key_entry_id(draft.wallet.account, draft.wallet.unit, key)
    cause = Cause(entry_id, fingerprint(KIND, {"key": key}), TIME, reference=(KIND, name))
    entry = _credit(draft, known, known.next_at, instant, cause, clamped=True)
    if entry is None:
        draft.record("status", [], instant, None, {"allowance": name, "version": known.version})


def _credit(
    draft: Draft, allowance: Allowance, was: int | None, at: int, cause: Cause, *, clamped: bool = False
) -> Entry | None:
    """Grants what the allowance is to grant at this instant, if anything, and sets its timer.

    Args:
        was: the instant of its timer so far.
        clamped: grants no more than the wallet can take, instead of refusing.
    """
    plan, steps = allowance.plan, 0
    next_at: int | None = None
    if allowance.runs(at):
        since, until = allowance.since, allowance.until
        level = allowance.level if at < until else 0
        if at >= until:
            since, until = calendar.period(plan.anchor, plan.every, plan.zone, at)
        steps = max(0, plan.amount - level) * (until - at) // (until - since)
        allowance = replace(allowance, since=since, until=until, level=max(level, plan.amount))
        next_at = until if plan.ends_at is None or until < plan.ends_at else None
    elif not (allowance.deleted or plan.paused) and at < plan.starts_at:
        next_at = plan.starts_at
    if next_at is not None and next_at > limits.MAX_INSTANT:
        next_at = None
    if clamped:
        steps = min(steps, limits.LARGEST_TOTAL - draft.totals.total)
    draft.set_timer(KIND, allowance.name, was, next_at)
    draft.keep(KIND, allowance.name, replace(allowance, next_at=next_at).to_json())
    if steps <= 0:
        return None
    order = Grant(
        amount=steps,
        kind="allowance",
        expires_at=_ends(allowance, at, clamped),
        note={"source": [KIND, allowance.name]},
        terms=_terms(plan),
    )
    # A period's end is an instant of the calendar, not one that a caller wrote: no boundary is added to it.
    policy = Policy(repay_first=allowance.repays)
    facts = {"allowance": allowance.name, "version": allowance.version}
    return grant(draft, order, policy, at, cause, extra=facts)[0]


def _ends(allowance: Allowance, at: int, clamped: bool) -> int | None:
    """Returns when what is granted at this instant expires; None: never.

    Raises:
        InvalidRequest: beyond the year 9999, unless ``clamped``.
    """
    expires = allowance.plan.expires
    if expires == NEVER:
        return None
    if expires == PERIOD_END:
        return allowance.until
    try:
        return calendar.after(at, expires, "expires", allowance.plan.zone)
    except InvalidRequest:
        if clamped:
            return limits.MAX_INSTANT + 1
        raise


def _terms(plan: Plan) -> Terms:
    return Terms(rollover=plan.rollover) if plan.rollover else NONE
