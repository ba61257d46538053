"""Allowances: credits that are granted again in each period.

Periods follow from ``anchor``, ``every`` and the time zone, for ever and in both directions. At the start of each the
allowance grants its amount, once; of a last period that ``ends_at`` cuts off, the part before it. Whatever else makes
it begin in the middle of a period (it is new, it is resumed, its amount was raised) grants the difference to what the
period has had, for the part of the period that is left. Other periods, and their amount, take over when the one that
was credited is over. So nothing is granted twice, and nothing is ever taken back (law 10).

One that is to catch up grants, beside that, what it would have granted from ``starts_at`` on until it was first
followed, at those instants, which are then past: time books it, as it books what nobody looked at for a while.

Does not own calendars (``credits.calendar``), nor what becomes of what is left (``expiry``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal

from scrip.domain.credits import calendar, limits, members
from scrip.domain.credits.entries import TIME, Cause, Entry, fingerprint
from scrip.domain.credits.errors import InvalidRequest, NotFound
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.credits.terms import NONE, Rollover, Terms
from scrip.domain.credits.units import CreditValue, Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.grants import Grant, grant
from scrip.domain.wallets.lot_terms import code_of
from scrip.domain.wallets.status import require_open

Overage = Literal["forgive", "carry", "carry_auto_repay", "invoice"]
"""What becomes of what is owed at a period's end: it is forgiven; the allowance's grants do not repay it, or do; it is
billed elsewhere."""
KIND: Final = "allowance"
PERIOD_END: Final = "period_end"
NEVER: Final = "never"
_CARRIED: Final = ("carry", "carry_auto_repay")
_DAY: Final = 86_400_000
_SHORTEST: Final = {"D": _DAY, "W": 7 * _DAY, "M": 28 * _DAY, "Y": 365 * _DAY}
"""How long a day, week, month and year are at least, but for changes of the clocks, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an allowance grants. Amounts in credit steps, instants in milliseconds.

    Attributes:
        every: ISO 8601, of one calendar unit: ``P1D``, ``P2W``, ``P1M``, ``P1Y``.
        anchor: an instant at which a period begins, in ``zone``'s calendar.
        expires: ``period_end``, ``never``, or an ISO 8601 duration from the grant.
        starts_at, ends_at: grants are made at instants in ``[starts_at, ends_at)``, and for that time.
        priority: of its lots.
        catch_up: it also grants for the time from ``starts_at`` until it was first followed.
        overage: what becomes of what the wallet owes at a period's end; None: its grants repay as the unit says.
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
    priority: int = members.added(limits.DEFAULT_PRIORITY)
    catch_up: bool = members.added(False)
    overage: Overage | None = members.added()

    @property
    def settles(self) -> bool:
        """Tells whether what is owed at a period's end is owed no more then."""
        return self.overage in ("forgive", "invoice")

    def repays(self, policy: Policy) -> bool:
        """Tells whether its grants repay what is owed; ``policy``: the unit's."""
        return policy.repay_first if self.overage not in _CARRIED else self.overage == "carry_auto_repay"

    def period(self, at: int) -> tuple[int, int]:
        """Returns beginning and end of the period that ``at`` lies in, in epoch milliseconds."""
        return calendar.period(self.anchor, self.every, self.zone, at)

    def until(self, at: int) -> int:
        """Returns ``at``, or the end of the plan where that comes first."""
        return at if self.ends_at is None else min(at, self.ends_at)

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON values, amounts in steps as strings."""
        return _plan_json(self)


@lru_cache(maxsize=64)
def _plan_json(plan: Plan) -> dict[str, Any]:
    """Returns a plan as JSON values, made once: time keeps an allowance again in each period. Nobody changes them."""
    rollover = members.of(plan.rollover) if plan.rollover else None
    return {**members.of(plan), "amount": str(plan.amount), "rollover": rollover}


@dataclass(frozen=True, slots=True)
class Allowance:
    """A plan, and how far it has been followed.

    Attributes:
        version: counts changes.
        repays: whether its lots repay debt (the unit's policy when it was last changed).
        notices, spans: which notices of their ends its lots have (the same policy's): the number under which the unit
            keeps these spans.
        since, until: the period that was credited last; 0 before the first.
        level: the highest amount that what is left of that period was credited for.
        next_at: the instant at which it is to be applied next; None: never, as it is.
        parts: where the period was not credited for one level to its end: until when for which level, the highest and
            soonest first.
        begun: since when it is followed; 0: never was, or before this was kept.
        behind: the time that is still to be caught up with, before ``begun`` of then; and ``first`` of then.
        late: sequence and instant of the change that began to catch up: lots after it that end by then are late.
        first: when the period ends in which ``begun`` lies. To catch up grants the part of it that was missed, later,
            perhaps after that end.
        value: what credits are worth where what is owed is billed (the same policy's).
        rolled: how far what is carried at such ends has come: the instant, the share and the steps, as texts.
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
    parts: tuple[tuple[int, int], ...] = members.added(())
    begun: int = members.added(0)
    behind: tuple[int, ...] | None = members.added()
    late: tuple[int, int] | None = members.added()
    first: int = members.added(0)
    rolled: tuple[tuple[int, str, str], ...] = members.added(())
    notices: int = members.added(0)
    spans: tuple[str, ...] = members.added(())
    value: CreditValue | None = members.added()

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
        said = {**members.of(self), "plan": self.plan.to_json(), "level": str(self.level)}
        if self.parts:
            said["parts"] = [[until, str(level)] for until, level in self.parts]
        if self.value:
            said["value"] = self.value.to_json()
        if self.rolled:
            said["rolled"] = [list(one) for one in self.rolled]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> Allowance:
        """Reads what ``to_json`` gave."""
        said = body["plan"]
        rollover = Rollover(**said["rollover"]) if said["rollover"] else None
        plan = Plan(**{**said, "amount": int(said["amount"]), "rollover": rollover})
        pairs: dict[str, Any] = {name: tuple(body[name]) for name in ("behind", "late") if body.get(name)}
        parts = tuple((until, int(level)) for until, level in body.get("parts", ()))
        rolled = tuple((at, share, steps) for at, share, steps in body.get("rolled", ()))
        if body.get("value"):
            pairs["value"] = CreditValue.from_json(body["value"])
        lists = {"parts": parts, "rolled": rolled, "spans": tuple(body.get("spans", ()))}
        said = {**body, "plan": plan, "level": int(body["level"]), **lists}
        return Allowance(**{**said, **pairs})

    def credited(self, at: int) -> tuple[Allowance, int]:
        """Returns the allowance once its period has its amount from ``at`` on, and the steps that this takes.

        What was credited before counts, also where it was for another amount or until another end. Rounded down.
        """
        amount, end = self.plan.amount, self.plan.until(self.until)
        parts = [one for one in self._parts if one[0] > at]
        steps, start = 0, at
        for until, level in (*parts, (self.until, 0)):
            stop = min(until, end)
            if stop > start:
                steps += max(0, amount - level) * (stop - start)
                start = stop
        above = [one for one in parts if one[1] > amount]
        later = [one for one in parts if one[1] <= amount and one[0] > end]
        hidden = (bool(above) and above[-1][0] >= end) or (bool(later) and later[0][1] == amount)
        parts = [*above, *(() if hidden or end <= at else ((end, amount),)), *later]
        level = parts[0][1] if parts else 0
        kept = tuple(parts) if parts != [(self.until, level)] else ()
        return replace(self, level=level, parts=kept), steps // (self.until - self.since)

    @property
    def _parts(self) -> tuple[tuple[int, int], ...]:
        """Returns until when which level was credited, the highest first."""
        return self.parts or (((self.until, self.level),) if self.level else ())

    @property
    def following(self) -> int | None:
        """Returns when it is to be applied next, as a period begins or the last one is settled; None: never."""
        end = self.plan.ends_at
        return self.until if end is None or self.until < end else end if self.plan.settles else None

    def ends(self, at: int) -> bool:
        """Tells whether the period that was credited last ends at this instant."""
        return bool(self.until) and at == self.plan.until(self.until)


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
        InvalidRequest: its credits would end beyond the year 9999, or it would have too many periods to catch up with.
    """
    require_open(draft)
    name, plan, policy = command.name, command.plan, command.policy
    known = find(draft, name)
    value = policy.value if plan.overage == "invoice" else None
    if known and not known.deleted and (known.plan, known.value) == (plan, value):
        return None
    before = known or Allowance(name, plan, version=0)
    changed = replace(
        before,
        plan=plan,
        version=before.version + 1,
        repays=plan.repays(policy),
        deleted=False,
        value=value,
        behind=None,
        notices=policy.notices,
        spans=policy.expiry_notices,
    )
    code_of(draft, _terms(plan), now)
    changed = _catching_up(draft, changed, now)
    entry = None
    if changed.late == (draft.next_seq, now) and not changed.until:
        # All of it lies behind: time grants it, from the start on.
        _wait(draft, changed, before.next_at, plan.starts_at)
    else:
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
    gone = replace(known, version=known.version + 1, deleted=True, next_at=None, behind=None)
    draft.set_timer(KIND, name, known.next_at, None)
    draft.keep(KIND, name, gone.to_json())
    return draft.record(
        "status", [], now, cause, {"allowance": name, "version": gone.version, "deleted": True}
    )


def come_due(draft: Draft, name: str, instant: int) -> None:
    """Applies an allowance at the instant of its timer.

    It never refuses: what cannot be granted (the wallet is closed, or as full as wallets get) is not granted.
    """
    found = known(draft, name)
    if draft.status == "closed":
        draft.set_timer(KIND, name, found.next_at, None)
        draft.keep(KIND, name, replace(found, next_at=None).to_json())
        draft.record("status", [], instant, None, {"allowance": name, "version": found.version})
        return
    cause = _of_time(draft, name, instant)
    catch_up = found.behind is not None and found.behind[0] <= instant
    credit = _credit_behind if catch_up else _credit
    entry = credit(draft, found, found.next_at, instant, cause, clamped=True)
    if entry is None:
        draft.record("status", [], instant, None, {"allowance": name, "version": found.version})


def known(draft: Draft, name: str) -> Allowance:
    """Returns an allowance that there is; the one that time has kept last without reading it again."""
    sidecar, found = draft.sidecar(KIND, name), draft.times.parsed.get((KIND, name))
    assert sidecar
    read: Allowance = found[1] if found and found[0] is sidecar else Allowance.from_json(sidecar)
    return read


def _of_time(draft: Draft, name: str, instant: int) -> Cause:
    """Returns the cause of the entry that time makes of an allowance; without its id where it is only looked at."""
    if not draft.chained:
        return Cause("", "", TIME, reference=(KIND, name))
    key = business_key(KIND, name, str(instant))
    entry_id = key_entry_id(draft.wallet.account, draft.wallet.unit, key)
    return Cause(entry_id, fingerprint(KIND, {"key": key}), TIME, reference=(KIND, name))


def _catching_up(draft: Draft, changed: Allowance, now: int) -> Allowance:
    """Returns the allowance with the time that it is to catch up with, if there is any.

    That is from its start on until now, or until it was first followed.

    Raises:
        InvalidRequest: more periods than one allowance catches up with began in that time.
    """
    plan, until = changed.plan, changed.begun if changed.until else now
    if not plan.catch_up or plan.paused or plan.starts_at >= until:
        return changed
    shortest = _SHORTEST[plan.every[-1]] * int(plan.every[1:-1]) * limits.MISSED_PERIODS
    if until - plan.starts_at > shortest:
        said = f"to catch up with more than {limits.MISSED_PERIODS} periods, begin later, or grant what was missed"
        raise InvalidRequest([("starts_at", said)])
    late = (draft.next_seq, now)
    if not changed.until:
        return replace(changed, late=late)
    behind = (plan.starts_at, until, changed.first)
    first = _end_of(*plan.period(plan.starts_at), until, changed.first)
    return replace(changed, behind=behind, begun=plan.starts_at, first=first, late=late)


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
        present = plan.period(at)
        if at >= allowance.until:
            since, until = present
            begun, first = (allowance.begun, allowance.first) if allowance.until else (at, until)
            # Mostly all of it is there to be credited: what follows from that is known.
            whole = at == since and plan.until(until) == until
            steps, level = (plan.amount, plan.amount) if whole else (0, 0)
            allowance = replace(
                allowance,
                since=since,
                until=until,
                level=level,
                parts=(),
                begun=begun,
                first=first,
                next_at=until,
            )
        if not steps and (allowance.since, allowance.until) == present:
            allowance, steps = allowance.credited(at)
        # Other periods, and their amount, wait until the one that was credited is over.
        next_at = allowance.following
    elif not (allowance.deleted or plan.paused) and at < plan.starts_at:
        next_at = plan.starts_at
    _wait(draft, allowance, was, next_at)
    return _grant(draft, allowance, steps, allowance.until, at, cause, clamped)


def _credit_behind(
    draft: Draft, allowance: Allowance, was: int | None, at: int, cause: Cause, *, clamped: bool = False
) -> Entry | None:
    """Grants the part of a period that was missed before the allowance was followed, if any, and sets its timer.

    What is missed of the period in which it was first followed ends with that period, whatever its periods are by now.
    """
    assert allowance.behind
    plan, (start, stop, *first) = allowance.plan, allowance.behind
    since, until = plan.period(start)
    end = plan.until(min(until, stop))
    more = until < stop and end == until
    ends = _end_of(since, until, stop, *first)
    allowance = replace(allowance, behind=(until, stop, *first) if more else None)
    steps = plan.amount * max(0, end - start) // (until - since)
    _wait(draft, allowance, was, allowance.following)
    return _grant(draft, allowance, steps, ends, at, cause, clamped)


def _end_of(since: int, until: int, begun: int, first: int = 0) -> int:
    """Returns when such a period ends; the one in which an allowance was first followed at ``begun``: at ``first``."""
    return first if since < begun < until and begun < first else until


def _wait(draft: Draft, allowance: Allowance, was: int | None, next_at: int | None) -> None:
    """Keeps the allowance, with a timer for when it is to be applied next; ``was``: the instant of its timer so far."""
    if allowance.behind:
        next_at = allowance.behind[0]
    if next_at is not None and next_at > limits.MAX_INSTANT:
        next_at = None
    draft.set_timer(KIND, allowance.name, was, next_at)
    if allowance.next_at != next_at:
        allowance = replace(allowance, next_at=next_at)
    said = allowance.to_json()
    draft.keep(KIND, allowance.name, said)
    draft.times.parsed[KIND, allowance.name] = (said, allowance)


def _grant(
    draft: Draft, allowance: Allowance, steps: int, until: int, at: int, cause: Cause, clamped: bool
) -> Entry | None:
    """Grants so many steps for a period that ends at ``until``; None where there are none to grant.

    Args:
        clamped: no more than the wallet can take, instead of refusing.
    """
    plan = allowance.plan
    if clamped:
        steps = min(steps, limits.LARGEST_TOTAL - draft.totals.total)
    if steps <= 0:
        return None
    order = Grant(
        amount=steps,
        kind="allowance",
        priority=plan.priority,
        expires_at=_ends(plan, until, at, clamped),
        note={"source": [KIND, allowance.name]},
        terms=_terms(plan),
    )
    # A period's end is an instant of the calendar, not one that a caller wrote: no boundary is added to it.
    policy = Policy(repay_first=allowance.repays, notices=allowance.notices, expiry_notices=allowance.spans)
    facts = {"allowance": allowance.name, "version": allowance.version}
    return grant(draft, order, policy, at, cause, extra=facts)[0]


def _ends(plan: Plan, until: int, at: int, clamped: bool) -> int | None:
    """Returns when what is granted at this instant, for a period that ends at ``until``, expires; None: never.

    Raises:
        InvalidRequest: beyond the year 9999, unless ``clamped``.
    """
    if plan.expires == NEVER:
        return None
    if plan.expires == PERIOD_END:
        return until
    try:
        return calendar.after(at, plan.expires, "expires", plan.zone)
    except InvalidRequest:
        if clamped:
            return limits.MAX_INSTANT + 1
        raise


def _terms(plan: Plan) -> Terms:
    return Terms(rollover=plan.rollover) if plan.rollover else NONE
