"""Rate cards as they are defined: one document for each meter, with its recent versions in it.

A version is in force from its ``effective_at`` until that of another. One that came later never touches an event
already priced (law 10), but may be in force from an instant that has passed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from scrip.domain.credits.errors import Contended, InvalidRequest, NotFound, PolicyViolation
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.rates import RateVersion, in_force
from scrip.services.catalogue.versions import WRITE_TRIES
from scrip.services.engine.executor import Executor
from scrip.store import documents, keys
from scrip.store.tables import Tables

RATE_VERSIONS: Final = 50
"""Versions of a meter that are kept: they are one item, read whole to price one event."""
RATE_BYTES: Final = 65_536
"""Bytes of one version: what a card of a thousand prices needs."""
RATE_ITEM_BYTES: Final = 350_000
"""Bytes of all versions of a meter: DynamoDB takes 400 KB as one item."""
RATE_KEPT_MS: Final = 35 * 86_400_000
"""How long a version is kept at least after another took its place, for events that are told late."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A meter's rate card: the versions that are kept, oldest first."""

    meter: str
    versions: Sequence[RateVersion]

    @property
    def newest(self) -> RateVersion:
        return self.versions[-1]


def put_rate(
    executor: Executor, meter: str, wanted: Mapping[str, Any], now: int
) -> tuple[Rate, RateVersion, bool]:
    """Stores a meter's next version; the same definition again makes none. Gives that version too, and whether the
    meter is new.

    Args:
        wanted: ``unit``, ``minimum``, ``price``, and ``effective_at`` (None: from now on; and the first version
            of a meter since ever, for there is no earlier price).

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: the definition is too long.
        PolicyViolation: the meter has another unit (``rate_unit``), or too many versions that are still needed
            (``max_rate_versions``).
    """
    executor.unit(wanted["unit"])
    if _size([wanted]) > RATE_BYTES:
        raise InvalidRequest([("price", f"has more than {RATE_BYTES} bytes")])
    for _ in range(WRITE_TRIES):
        known = documents.get(executor.tables, keys.rate(meter))
        versions = documents.rates_of(known)
        if versions and versions[-1].unit != wanted["unit"]:
            raise PolicyViolation(f"the meter is counted in {versions[-1].unit}", policy="rate_unit")
        same = _same(versions, wanted, now)
        if same:
            return Rate(meter, versions), same, False
        made = _next(versions, wanted, now)
        kept = _kept(versions, made, now)
        body = {"versions": [asdict(version) for version in kept]}
        if documents.put(executor.tables, keys.rate(meter), known.rev, body):
            return Rate(meter, kept), made, not versions
    raise Contended("several writers of this rate at once")


def get_rate(tables: Tables, meter: str) -> Rate:
    """The meter's rate card as it is now.

    Raises:
        NotFound: there is no such meter.
    """
    found = documents.get(tables, keys.rate(meter))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no rate for {meter}", meter=meter)
    return Rate(meter, documents.rates_of(found))


def _same(versions: Sequence[RateVersion], wanted: Mapping[str, Any], now: int) -> RateVersion | None:
    """The version that says already what is wanted: the one in force then, if it has the same price."""
    wished = wanted["effective_at"]
    found = in_force(versions, now if wished is None else wished)
    if found and (found.minimum, found.price) == (wanted["minimum"], wanted["price"]):
        return found if wished in (None, found.effective_at) else None
    return None


def _next(versions: Sequence[RateVersion], wanted: Mapping[str, Any], now: int) -> RateVersion:
    effective_at = wanted["effective_at"]
    if effective_at is None:
        effective_at = now if versions else 0
    number = versions[-1].version + 1 if versions else 1
    return RateVersion(number, wanted["unit"], effective_at, wanted["minimum"], wanted["price"])


def _kept(versions: Sequence[RateVersion], made: RateVersion, now: int) -> list[RateVersion]:
    """The versions with a new one, without as many of the old as must go: first those that are never in force, because
    a later one is so from the same instant, then those whose time is long over."""
    kept = [*versions, made]
    while len(kept) > RATE_VERSIONS or _size([asdict(version) for version in kept]) > RATE_ITEM_BYTES:
        over = {version.version: _over_at(version, kept) for version in kept[:-1]}
        never = [version for version in kept[:-1] if over[version.version] == version.effective_at]
        past = [version for version in kept[:-1] if over[version.version] <= now - RATE_KEPT_MS]
        if not (never or past):
            raise PolicyViolation(
                f"the meter has {len(versions)} versions, all of them needed: there is no room for another",
                policy="max_rate_versions",
            )
        kept.remove(min(never or past, key=lambda version: (version.effective_at, version.version)))
    return kept


def _over_at(version: RateVersion, versions: Sequence[RateVersion]) -> int:
    """When another version takes this one's place; never is after all instants."""
    place = (version.effective_at, version.version)
    later = (one.effective_at for one in versions if (one.effective_at, one.version) > place)
    return min(later, default=MAX_INSTANT + 1)


def _size(versions: Sequence[Any]) -> int:
    """Bytes of the versions in their document."""
    return len(json.dumps(versions, ensure_ascii=False).encode())
