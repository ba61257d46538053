"""Alerts: of what the owner of a wallet wants to hear, by a unit's policy or of an account's own, and since when.

Which alerts count for an entry is a question of its ``recorded_at``: each change makes a version with the instant from
which on it is in force, and versions are kept. So a replay says what was said before. Does not own what crosses a
threshold, nor where versions are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from scrip.domain.credits import members
from scrip.domain.credits.calendar import after
from scrip.domain.credits.units import Policy, Threshold, by_share

MOST: Final = 10
"""Most members of each list."""
LONGEST_NOTICE_MS: Final = 366 * 86_400_000
SHORTEST_NOTICE_MS: Final = 60_000
"""An end that nobody is told of moves by the last of them, each time with an entry."""
LEAP_YEAR: Final = 946_684_800_000
"""2000-01-01T00:00:00Z: from here on a year is as long as it may be. Lengths of durations are compared from here."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """Of what somebody wants to hear.

    Attributes:
        low_balance: what available credits fall to: amounts in steps, largest first, then percentages of the wallet's
            base (``20%``), largest first.
        run_out_days: how many days before credits are forecast to run out, largest first.
        expiry_notices: how long before a lot ends, ISO 8601, longest first.
        expiry_requires_notice: whether a paid lot ends only if its last notice was delivered in time.
    """

    low_balance: tuple[Threshold, ...] = members.added(())
    run_out_days: tuple[int, ...] = members.added(())
    expiry_notices: tuple[str, ...] = members.added(())
    expiry_requires_notice: bool = members.added(False)

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """Returns the alerts of a unit's policy."""
        return cls(
            policy.low_balance,
            policy.run_out_days,
            policy.expiry_notices,
            policy.expiry_requires_notice,
        )

    def to_json(self) -> dict[str, Any]:
        """Returns the alerts as they are stored."""
        return members.of(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote."""
        return cls(**_tuples(body))


NONE: Final = Alerts()


@dataclass(frozen=True, slots=True)
class OwnAlerts:
    """An account's own alerts in a unit, as of ``Alerts``. What is None is the unit's."""

    low_balance: tuple[Threshold, ...] | None = None
    run_out_days: tuple[int, ...] | None = None
    expiry_notices: tuple[str, ...] | None = None
    expiry_requires_notice: bool | None = None

    @property
    def by_share(self) -> bool:
        """Tells whether a threshold is a percentage, so that the wallet's base counts."""
        return by_share(self.low_balance or ())

    def over(self, unit: Alerts) -> Alerts:
        """Returns the alerts that count for the account, where these are its unit's.

        Without any notice none is required: the unit's requirement does not outlast the unit's notices.
        """
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        found = Alerts(
            **{name: getattr(unit, name) if value is None else value for name, value in said.items()}
        )
        if found.expiry_requires_notice and not found.expiry_notices:
            return Alerts(found.low_balance, found.run_out_days)
        return found

    def to_json(self) -> dict[str, Any]:
        """Returns the alerts as they are stored."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in said.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote."""
        return cls(**_tuples(body))


Version = tuple[int, Mapping[str, Any] | None]
"""Since when (epoch milliseconds), and the alerts as they are stored; None: an account had none of its own."""


def added(versions: Sequence[Version], since: int, body: Mapping[str, Any] | None) -> list[Version]:
    """Returns the versions with one more, in force from ``since`` on. What began no earlier is in force no more."""
    return [*(version for version in versions if version[0] < since), (since, body)]


def in_force(versions: Sequence[Version], at: int) -> Mapping[str, Any] | None:
    """Returns the alerts in force at an instant, as they are stored; None where there are none.

    Args:
        versions: oldest first.
    """
    return next((body for since, body in reversed(versions) if since <= at), None)


def steps_of(threshold: Threshold, base: int | None) -> int | None:
    """Returns a threshold in steps: what is at most that many is low. None: a percentage, and no base is known.

    A percentage of the base is rounded down, and nothing is lost by that: available credits are whole steps.
    """
    if isinstance(threshold, int):
        return threshold
    if base is None:
        return None
    whole, _, decimals = threshold.rstrip("%").partition(".")
    hundred: int = 10 ** (2 + len(decimals))
    return base * int(whole + decimals) // hundred


def in_order(low_balance: Sequence[Threshold]) -> tuple[Threshold, ...]:
    """Returns thresholds in their order: amounts, largest first, then percentages, largest first."""

    def place(threshold: Threshold) -> tuple[bool, int]:
        share = isinstance(threshold, str)
        # A percentage has four decimals at most, so this base tells any two apart.
        return share, -(steps_of(threshold, 10**6) or 0)

    return tuple(sorted(low_balance, key=place))


def notice_ms(duration: str) -> int:
    """Returns how long a notice is, in milliseconds, counted from the beginning of a leap year.

    Raises:
        InvalidRequest: it reaches beyond the year 9999.
    """
    return after(LEAP_YEAR, duration, "expiry_notices") - LEAP_YEAR


def _tuples(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
