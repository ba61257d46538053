"""A meter's rate card: its versions, and which of them are kept when one is added.

A version is in force from its ``effective_at`` until that of another. It prices everything decided at or after that
instant, in every environment (law 10): so it begins no sooner than all of them can know it. Does not own what a price
means (``rates``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from scrip.domain.credits.errors import InvalidRequest, PolicyViolation
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.rates import RateVersion, in_force

RATE_VERSIONS: Final = 50
"""Versions of a meter that are kept: they are one item, read whole to price one event."""
RATE_BYTES: Final = 65_536
"""Bytes of one version: what a card of a thousand prices needs."""
RATE_ITEM_BYTES: Final = 350_000
"""Bytes of all versions of a meter: DynamoDB takes 400 KB as one item."""
RATE_LEAD_MS: Final = 60_000
"""How long after its PUT a version begins at the earliest: as long as a warm function remembers the card (30 s), a PUT
may take (10 s) and two machines' clocks may differ, twice (5 s each: a wallet may be ahead of the clock it is burned
by); and some seconds to spare."""
RATE_KEPT_MS: Final = 35 * 86_400_000
"""How long a version is kept at least after another replaced it, for events that are reported late."""


@dataclass(frozen=True, slots=True)
class RateDefinition:
    """A version as it is put: it has no number yet.

    Attributes:
        effective_at: epoch milliseconds; None is as soon as all can know it (``RATE_LEAD_MS``), and for the first
            version of a meter since ever, for there is no earlier price, and nobody remembers one.
        minimum, price: as in ``RateVersion``.
    """

    unit: str
    effective_at: int | None
    minimum: str
    price: Mapping[str, Any]

    def check_size(self) -> None:
        """Refuses a definition that is too long to be stored.

        Raises:
            InvalidRequest: it is longer than ``RATE_BYTES``.
        """
        if _size(asdict(self)) > RATE_BYTES:
            raise InvalidRequest([("price", f"has more than {RATE_BYTES} bytes")])


@dataclass(frozen=True, slots=True)
class RateCard:
    """A meter and the versions of its price that are kept, oldest first."""

    meter: str
    versions: Sequence[RateVersion]

    @property
    def newest(self) -> RateVersion:
        """Returns the version that was put last, whenever it is in force."""
        return self.versions[-1]

    def check_unit(self, unit: str) -> None:
        """Refuses a unit in which the meter is not counted.

        Raises:
            PolicyViolation: ``rate_unit``: the meter has versions in another one.
        """
        if self.versions and self.newest.unit != unit:
            raise PolicyViolation(f"the meter is counted in {self.newest.unit}", policy="rate_unit")

    def find(self, wanted: RateDefinition, now: int) -> RateVersion | None:
        """Returns the version that is the same: in force when the wanted one would begin, and of the same price."""
        found = in_force(self.versions, self._begins(wanted, now))
        if found and (found.minimum, found.price) == (wanted.minimum, wanted.price):
            return found if wanted.effective_at in (None, found.effective_at) else None
        return None

    def add(self, wanted: RateDefinition, now: int, lead: int = RATE_LEAD_MS) -> tuple[RateCard, RateVersion]:
        """Returns the card with a new version, and that version.

        Args:
            lead: milliseconds from now on in which no version may begin but a meter's first.

        Raises:
            PolicyViolation: ``max_rate_versions``: too many versions are still needed. ``rate_effective_at``: it would
                begin before all can know it.
        """
        effective_at = self._begins(wanted, now)
        if self.versions and effective_at < now + lead:
            raise PolicyViolation(
                "a version may not begin before every process can know it: leave effective_at out to begin as soon as "
                "that is, or send a later one",
                policy="rate_effective_at",
                field="effective_at",
                earliest_at=now + lead,
            )
        number = self.newest.version + 1 if self.versions else 1
        added = RateVersion(number, wanted.unit, effective_at, wanted.minimum, wanted.price)
        return RateCard(self.meter, self.kept_with(added, now)), added

    def to_json(self) -> dict[str, Any]:
        """Returns the card as it is stored."""
        return {"versions": [asdict(version) for version in self.versions]}

    def _begins(self, wanted: RateDefinition, now: int) -> int:
        """Returns the instant from which on the definition would be in force."""
        if wanted.effective_at is not None:
            return wanted.effective_at
        return now + RATE_LEAD_MS if self.versions else 0

    def kept_with(self, added: RateVersion, now: int) -> list[RateVersion]:
        """Returns the versions with a new one, without as many old ones as must go.

        First those go that are never in force, because a later version is so from the same instant; then those that
        were replaced long ago.

        Raises:
            PolicyViolation: ``max_rate_versions``: too many versions are still needed.
        """
        kept = [*self.versions, added]
        while len(kept) > RATE_VERSIONS or _size([asdict(version) for version in kept]) > RATE_ITEM_BYTES:
            replaced = {version.version: _replaced_at(version, kept) for version in kept[:-1]}
            never = [version for version in kept[:-1] if replaced[version.version] == version.effective_at]
            past = [version for version in kept[:-1] if replaced[version.version] <= now - RATE_KEPT_MS]
            if not (never or past):
                raise PolicyViolation(
                    f"the meter has {len(self.versions)} versions, and all of them are still needed",
                    policy="max_rate_versions",
                )
            kept.remove(min(never or past, key=_precedence))
        return kept


def _replaced_at(version: RateVersion, versions: Sequence[RateVersion]) -> int:
    """Returns the instant at which another version replaces this one; never is after all instants."""
    later = (one.effective_at for one in versions if _precedence(one) > _precedence(version))
    return min(later, default=MAX_INSTANT + 1)


def _precedence(version: RateVersion) -> tuple[int, int]:
    """Orders versions: of two, the one in force is the later by this."""
    return version.effective_at, version.version


def _size(document: Any) -> int:
    """Returns the bytes of a document as it is stored."""
    return len(json.dumps(document, ensure_ascii=False).encode())
