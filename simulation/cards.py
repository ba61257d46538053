"""What an account pays by cards of its own, and what it has used of a meter in a day: counted anew from the entries.

Periods are whole days of UTC here, counted without a calendar. An account's own card is put and ended by steps of a
run, and holds from the entry on that says so (law 10).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.rate_cards import RateDefinition
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.records import numbered
from scrip.services.engine.executor import Executor, Moment
from scrip.services.wallets import own_rates
from scrip.services.wallets.own_rates import OwnRateRequest

OWN: Final = (11, 16)
"""Slots whose accounts have prices of their own."""
DAILY: Final = "narrow"
"""The unit in which the free quantity of a meter is a day's."""
DAY: Final = 86_400_000


def over(unit: str) -> dict[str, Any]:
    """What a price of tiers in this unit says of its period."""
    return {"over": "P1D", "time_zone": "UTC"} if unit == DAILY else {}


def change(executor: Executor, account: str, unit: str, moment: Moment, dice: random.Random) -> str:
    """Puts an account's own card, or ends it. Raises ``Refusal``."""
    meter = dice.choice((f"{unit}-gpu", f"{unit}-llm"))
    asked = OwnRateRequest(account, meter, "simulation", moment)
    if dice.random() < 0.3:
        own_rates.delete(executor, asked)
        return "ended"
    price: dict[str, Any] = {"model": "per_unit", "credits": dice.choice(("0.05", "0.2", "1"))}
    if meter.endswith("llm") and dice.random() < 0.7:
        tiers = [{"up_to": 30, "credits": "0"}, {"up_to": None, "credits": price["credits"]}]
        price = {"model": "graduated", **over(unit), "tiers": tiers}
    own_rates.put(executor, RateDefinition(unit, None, "0", price), asked, None)
    return "put"


@dataclass(slots=True)
class OwnCards:
    """An account's own cards, and what it used, as the entries of its wallet tell.

    ``versions``: by meter. ``used``: by meter and the first instant of a day. ``done``: how many steps of an entry were
    reversed, and of each of its records (by offset)."""

    versions: dict[str, list[RateVersion]] = field(default_factory=dict)
    used: dict[tuple[str, int], Fraction] = field(default_factory=dict)
    done: dict[tuple[str, int | None], int] = field(default_factory=dict)
    free: set[tuple[str, int | None]] = field(default_factory=set)

    def follow(self, entry: Entry) -> None:
        """Notes a version that an entry gives a card."""
        if said := entry.extra.get("own_rates"):
            self.versions.setdefault(said["meter"], []).append(RateVersion(**said["version"]))

    def in_force(self, meter: str, at: int) -> RateVersion | None:
        """The account's own version at an instant; None: the meter's counts."""
        begun = [one for one in self.versions.get(meter, ()) if one.effective_at <= at]
        last = max(begun, key=lambda one: one.version, default=None)
        return last if last and last.price else None

    def numbered(self, meter: str, number: int) -> RateVersion:
        return next(one for one in self.versions[meter] if one.version == number)

    def before(self, rate: RateVersion, meter: str, at: int) -> Fraction:
        """What the day has used before; nothing for a price that does not go by it."""
        return self.used.get((meter, at // DAY * DAY), Fraction(0)) if "over" in rate.price else Fraction(0)

    def use(self, rate: RateVersion, meter: str, at: int, quantity: Fraction) -> None:
        """Counts what a price that goes by the day was used for."""
        if "over" in rate.price:
            name = meter, at // DAY * DAY
            self.used[name] = self.used.get(name, Fraction(0)) + quantity

    def undo(self, entry: Entry, burned: Entry) -> None:
        """Takes off what a reversal undoes: its share of the steps, and all of what cost nothing."""
        if burned.records is not None:
            for offset, record in numbered(burned):
                asked = entry.extra.get("offset")
                if record is None or not record.paid or record.meter is None or asked not in (None, offset):
                    continue
                more = self._more(entry, burned, offset, record.steps, asked is not None)
                self._take(burned, record.meter, Fraction(record.quantity) * more)
            return
        more = self._more(entry, burned, None, -burned.amount, True)
        for usage in _usages(burned):
            self._take(burned, usage["meter"], Fraction(usage["quantity"]) * more)

    def _more(self, entry: Entry, burned: Entry, offset: int | None, steps: int, told: bool) -> Fraction:
        """The share of something that an entry undoes; ``told``: by what it says, else all that is left."""
        name, whole = (burned.id, offset), (burned.id, -1)
        before, all_before = self.done.get(name, 0), self.done.get(whole, 0)
        if not steps:
            fresh = name not in self.free
            self.free.add(name)
            return Fraction(1 if fresh else 0)
        more = int(entry.extra["reversed"]) - all_before if told else steps - before
        self.done[name] = before + more
        self.done[whole] = int(entry.extra["reversed"]) if told else all_before + more
        return Fraction(more, steps)

    def _take(self, burned: Entry, meter: str, quantity: Fraction) -> None:
        for usage in _usages(burned):
            for start, *_ in usage.get("counted", ()):
                if usage["meter"] == meter:
                    self.used[meter, start] = self.used.get((meter, start), Fraction(0)) - quantity
                    return


def _usages(entry: Entry) -> Iterator[Mapping[str, Any]]:
    said: Any = entry.extra.get("usage", ())
    listed: Sequence[Mapping[str, Any]] = said if isinstance(said, list) else [said] if said else ()
    yield from listed
