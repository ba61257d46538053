"""Allowances, rollover rules and holds in one line, for the tests of what gives and takes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.terms import Rollover, Terms
from scrip.domain.credits.units import Policy
from scrip.domain.verification.replay import replay
from scrip.domain.wallets import captures, holds
from scrip.domain.wallets.allowances import Plan
from tests.domain.builders import span
from tests.domain.memory import Vault

NEW_YEAR = 1_798_761_600_000
"""1 January 2027, 00:00 UTC."""


def day(text: str) -> int:
    """An instant: ``2027-01-31`` is midnight UTC, ``2027-01-31T09:30`` later that day."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def days(text: str) -> list[int]:
    """Several instants, apart by spaces."""
    return [day(word) for word in text.split()]


def plan(amount: int = 100, every: str = "P1M", **more: Any) -> Plan:
    """An allowance of so many credits, by default every calendar month in UTC, from New Year 2027 on."""
    anchor = more.pop("anchor", NEW_YEAR)
    said = {"zone": "UTC", "starts_at": anchor, **more}
    return Plan(amount=amount, every=every, anchor=anchor, **said)


def allowed(amount: int = 100, every: str = "P1M", at: int | None = None, **more: Any) -> Vault:
    """A wallet that was given such an allowance when it starts, or at the instant ``at``."""
    wanted = plan(amount, every, **more)
    made = Vault(now=wanted.starts_at if at is None else at)
    made.allow(wanted)
    return made


def rule(**said: Any) -> Rollover:
    """A rollover rule over calendar months in UTC."""
    return Rollover(anchor=NEW_YEAR, **said)


def rolling(**said: Any) -> Terms:
    """The terms of a lot with such a rule."""
    return Terms(rollover=rule(**said))


def hold(made: Vault, amount: int, lasts: str = "15m") -> int:
    """Sets credits aside; the hold's sequence."""
    return made.carry_out(
        lambda draft, now: holds.place(
            draft,
            holds.Hold(0, amount, now + span(lasts), "burn_extra", ()),
            made.policy,
            now,
            made.cause("hold"),
        )
    ).seq


def capture(made: Vault, seq: int, amount: int | None = None, *, final: bool = True) -> Entry:
    return made.carry_out(
        lambda draft, now: captures.capture(
            draft, captures.Capture(seq, made.policy, amount, final), now, made.cause("capture")
        )
    )


def release(made: Vault, seq: int) -> Entry:
    return made.carry_out(lambda draft, now: holds.release(draft, seq, now, made.cause("release")))


def parts(made: Vault, seq: int) -> dict[str, int]:
    """Where the money of a lot is, in minor units (law 8); what is nought is left out."""
    told = replay(made.entries)[seq]
    found = {name: getattr(told, name) for name in ("recognised", "refunded", "breakage", "moved")}
    return {name: amount for name, amount in (("deferred", made.lot(seq).deferred), *found.items()) if amount}


def movable(**policy: Any) -> Policy:
    """The policy of a unit whose credits may move."""
    return Policy(transferable=True, **policy)
