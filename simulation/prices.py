"""What events cost by the cards as they are stored, and which lots may pay for them: each entry held against that.

Which version prices an event follows from its instant alone (law 10), whatever a process remembers. Captures of one
hold cost together what they would cost at once, by the version of when the hold was placed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.rates import RateVersion, cost
from scrip.domain.credits.records import Records
from scrip.domain.credits.units import Policy
from scrip.domain.verification.replay import ReplayedLot
from scrip.store import documents, keys
from simulation.cards import OwnCards
from simulation.expressions import Item

PRICED: Final = frozenset({"burn", "hold", "capture"})
RATE: Final = keys.rate("")
UNIT: Final = keys.unit("")


@dataclass(slots=True)
class Counted:
    """What the captures of a hold counted of a meter: how much, and the most that it has cost.

    ``slices``: what each cost by itself, of a price that goes by a day's use."""

    quantity: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    slices: Fraction = Fraction(0)


@dataclass(slots=True)
class Prices:
    """All rate cards with every version that they ever had, and the precision and policy of each unit.

    ``latest``: by meter, the latest instant at which something was priced."""

    cards: dict[str, dict[int, RateVersion]] = field(default_factory=dict)
    precisions: dict[str, int] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    latest: dict[str, int] = field(default_factory=dict)

    def written(self, pk: str, item: Item) -> str:
        """Notes a document that was written. What is wrong with it; nothing where nothing is."""
        if pk.startswith(UNIT):
            unit = documents.read_unit(pk.removeprefix(UNIT), item)
            assert unit
            self.precisions[unit[0].unit] = unit[0].precision
            self.policies[unit[0].unit] = unit[0].policy
        if not pk.startswith(RATE):
            return ""
        meter = pk.removeprefix(RATE)
        card = self.cards.setdefault(meter, {})
        for version in documents.read_rates(meter, item):
            known = card.setdefault(version.version, version)
            if known is version and version.effective_at <= self.latest.get(meter, -1):
                return f"version {version.version} of {meter} begins before what was priced already"
        return ""

    def wrong(
        self,
        entry: Entry,
        hold: Mapping[str, Any] | None,
        counted: dict[tuple[int, str], Counted],
        own: OwnCards,
    ) -> str:
        """What is wrong with the price of an entry; nothing where nothing is.

        ``hold``: the one it is of, as it was before. ``counted``: by hold and meter, what was captured before; what the
        entry captures is added. ``own``: the account's own cards, and what it used; what the entry uses is added.
        """
        usages = usages_of(entry)
        if entry.kind not in PRICED or not usages:
            return ""
        if entry.records is not None:
            return self._wrong_records(entry, entry.records, own)
        at = entry.at if hold is None or entry.kind == "hold" else hold["placed_at"]
        at = usages[0].get("time", at)
        exact, sums, precision = Fraction(0), dict[str, Counted](), self.precisions[entry.unit]
        added: dict[str, Fraction] = {}
        for usage in usages:
            meter, quantity = usage["meter"], Fraction(usage["quantity"])
            version, mine = self._version(meter, at, hold if entry.kind == "capture" else None, own)
            if (usage["rate_version"], usage.get("card") == "account") != (version.version, mine):
                return f"prices {meter} by version {usage['rate_version']}, at {at} it is {version.version}"
            before = own.before(version, meter, at) + (added.get(meter, 0) if "over" in version.price else 0)
            if entry.kind == "hold":
                added[meter] = added.get(meter, Fraction(0)) + quantity
            else:
                own.use(version, meter, at, quantity)
            if entry.kind == "burn":
                exact += cost(version, quantity, {}, precision, before)
                continue
            known = sums if entry.kind == "hold" else counted
            name: Any = meter if entry.kind == "hold" else (entry.extra["hold"]["seq"], meter)
            one = known.setdefault(name, Counted())
            one.quantity += quantity
            one.slices += cost(version, quantity, {}, precision, before)
            sum_of = one.slices if "over" in version.price else cost(version, one.quantity, {}, precision)
            whole = max(one.cost, sum_of)
            exact, one.cost = exact + whole - one.cost, whole
        self._priced(usages, at)
        if entry.kind == "hold":
            spare = int(entry.extra["hold"]["amount"]) - exact
            return "" if 0 <= spare < len(sums) else f"sets {spare} aside beyond what {exact} cost"
        missing = int(entry.extra.get("missing", 0)) if entry.kind == "burn" else 0
        carried = sum(Fraction(change) for change in entry.extra.get("carry", {}).values())
        paid = missing - entry.amount + carried
        return "" if paid == exact else f"takes {paid} for what costs {exact}"

    def _wrong_records(self, entry: Entry, records: Records, own: OwnCards) -> str:
        """What is wrong with the prices of records: each costs for itself what its meter costs at the entry's instant,
        and what it has beyond whole steps is carried."""
        versions = {one["meter"]: one["rate_version"] for one in usages_of(entry)}
        counted, carried = dict[str, Fraction](), Fraction(0)
        for one in records.listed:
            if one is None or not one.paid or one.meter is None:
                continue
            version, _ = self._version(one.meter, entry.at, None, own)
            if versions[one.meter] != version.version:
                said = versions[one.meter]
                return f"prices {one.meter} by version {said}, at {entry.at} it is {version.version}"
            before, quantity = own.before(version, one.meter, entry.at), Fraction(one.quantity)
            exact = cost(version, quantity, one.dimensions, self.precisions[entry.unit], before)
            own.use(version, one.meter, entry.at, quantity)
            if one.steps + one.rest != exact:
                return f"takes {one.steps} and {one.rest} for what costs {exact}"
            counted[one.meter] = counted.get(one.meter, Fraction(0)) + Fraction(one.quantity)
            carried += one.rest
        said_carried = sum(Fraction(change) for change in entry.extra.get("carry", {}).values())
        if carried != said_carried:
            return f"takes {said_carried} beyond its steps for records that cost {carried} beyond theirs"
        said_counted = {one["meter"]: Fraction(one["quantity"]) for one in usages_of(entry)}
        if counted != said_counted:
            return f"counts {said_counted}, and its records {counted}"
        self._priced(usages_of(entry), entry.at)
        return ""

    def _version(
        self, meter: str, at: int, hold: Mapping[str, Any] | None, own: OwnCards
    ) -> tuple[RateVersion, bool]:
        """The version that prices a meter, and whether it is the account's own; that of a hold stays its captures'."""
        if hold and meter in (numbers := hold.get("rates") or {}):
            mine = meter in (hold.get("own_rates") or ())
            number = numbers[meter]
            return (own.numbered(meter, number) if mine else self.cards[meter][number]), mine
        found = own.in_force(meter, at)
        return (found, True) if found else (self._in_force(meter, at), False)

    def _in_force(self, meter: str, at: int) -> RateVersion:
        begun = [one for one in self.cards[meter].values() if one.effective_at <= at]
        return max(begun, key=lambda one: (one.effective_at, one.version))

    def _priced(self, usages: Sequence[Mapping[str, Any]], at: int) -> None:
        for usage in usages:
            meter = usage["meter"]
            self.latest[meter] = max(at, self.latest.get(meter, 0))


def usages_of(entry: Entry) -> Sequence[Mapping[str, Any]]:
    """What the entry says was used, each as it is stored; nothing of an amount."""
    said = entry.extra.get("usage")
    if said is None:
        return ()
    return said if isinstance(said, list) else (said,)


def meters_of(entry: Entry) -> Sequence[str | None]:
    """The meter that each draw of the entry pays for; None: for none."""
    usages, hold = usages_of(entry), entry.extra.get("hold")
    if "items" in entry.extra:
        # Of records, amounts are the item after the last: out of a lease they are for its meter.
        named = [*(one["meter"] for one in usages), hold["meter"] if hold and not hold.get("split") else None]
        return [named[item] for item in entry.extra["items"]]
    meter = usages[0]["meter"] if usages else hold["meter"] if hold else None
    return [meter] * len(entry.draws)


def out_of_scope(entry: Entry, told: Mapping[int, ReplayedLot]) -> str:
    """Which lot of the entry may not pay for what it pays for; nothing where all may."""
    if entry.kind not in PRICED:
        return ""
    usages, hold = usages_of(entry), entry.extra.get("hold")
    first = 0
    if entry.kind == "capture" and hold and hold.get("split") and not usages:
        first = entry.extra["held"]  # an amount, of what was set aside for several meters
    for draw, meter in list(zip(entry.draws, meters_of(entry), strict=True))[first:]:
        scope = told[draw.lot].facts.get("scope", ())
        if scope and meter not in scope:
            return f"takes from lot {draw.lot}, which may not pay for {meter}"
    return ""
