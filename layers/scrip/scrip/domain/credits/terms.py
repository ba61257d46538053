"""The terms of a lot beyond its numbers: for which meters it may pay, and what becomes of it at its end.

Owns these types, their JSON and what a rollover rule carries. Does not own where a wallet keeps its terms
(``wallets.lot_terms``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from scrip.domain.credits import calendar, members


@dataclass(frozen=True, slots=True)
class Rollover:
    """The rule for what is carried into a new lot when a lot ends. Amounts are credit steps.

    What is carried is ``min(most, max(least, ⌊remaining × fraction⌋))``, and never more than remains: once for all that
    one allowance carries at one instant, however many lots that is.

    Attributes:
        of: the allowance whose rule it is.
        fraction: a decimal from 0 to 1.
        most: None: no limit.
        times: how often credits are carried at most; None: no limit.
        expires_in: how long the new lot lives (ISO 8601, in ``zone``); None: until the end of the period that
            then begins, one of those that ``every`` and ``anchor`` make.
        never: the new lot lives for ever.
        living: ``most`` is of all that the allowance has carried, then and before, and that still lives.
    """

    of: str = ""
    fraction: str = "1"
    least: int = 0
    most: int | None = None
    times: int | None = 1
    expires_in: str | None = None
    every: str = "P1M"
    anchor: int = 0
    zone: str = "UTC"
    never: bool = members.added(False)
    living: bool = members.added(False)

    def share(self, remaining: int) -> Fraction | int:
        """Returns ``remaining × fraction``; a plain number where it is whole, with which sums are faster."""
        fraction = _fraction(self.fraction)
        whole, rest = divmod(fraction.numerator * remaining, fraction.denominator)
        return fraction * remaining if rest else whole

    def carried(self, remaining: int, share: Fraction | int, before: int = 0) -> int:
        """Returns the steps that are carried of a lot.

        Args:
            remaining: what is left of the lot.
            share: the sum of ``remaining × fraction`` of this lot and those before it that end with it.
            before: the steps that were carried of those before it.
        """
        wanted = max(self.least, share.numerator // share.denominator)
        if self.most is not None:
            wanted = min(self.most, wanted)
        return max(0, min(remaining, wanted - before))

    def ends(self, at: int) -> int | None:
        """Returns when a lot that is carried at ``at`` expires, both in epoch milliseconds; None: never."""
        if self.never:
            return None
        if self.expires_in:
            return calendar.after(at, self.expires_in, "expires_in", self.zone)
        return calendar.period(self.anchor, self.every, self.zone, at)[1]


@dataclass(frozen=True, slots=True)
class RolloverTerms:
    """What becomes of what is left at the end of a lot. Amounts as decimals.

    ``living``: ``most`` is of all that lives of what was carried, and not of what one period's end carries.
    """

    fraction: str = "1"
    least: str = "0"
    most: str | None = None
    max_times: int | None = 1
    expires_in: str | None = None
    never_expires: bool = False
    living: bool = False


@lru_cache(maxsize=256)
def _fraction(text: str) -> Fraction:
    """Returns a decimal as a fraction. Thousands of lots may have the same."""
    return Fraction(text)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a lot.

    ``scope`` names the meters that it may pay for. Where it is empty, the lot may pay for anything.
    """

    scope: tuple[str, ...] = ()
    rollover: Rollover | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns the terms as the JSON that the wallet stores."""
        return {"scope": list(self.scope), "rollover": members.of(self.rollover) if self.rollover else None}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> Terms:
        """Reads terms as ``to_json`` writes them; raises ``KeyError`` or ``TypeError`` for anything else."""
        rollover = body["rollover"]
        return Terms(tuple(body["scope"]), Rollover(**rollover) if rollover else None)


NONE: Final = Terms()
"""The terms of a lot that has none."""
