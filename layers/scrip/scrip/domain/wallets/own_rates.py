"""An account's own rate cards: prices that come before those of a meter's card, in one wallet.

A card is a record beside the wallet, and each change of it is an entry that says it all: so whoever burns on what the
wallet was before is refused the commit, and a new price may begin at once. A version without a price ends the card:
from then on the meter's own counts again.

Pure. Does not own what a price means (``credits.rates``), nor how many versions are kept (``credits.rate_cards``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from scrip.domain.credits import rates
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.credits.rate_cards import RateCard, RateDefinition
from scrip.domain.credits.rates import RateVersion
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.status import require_open
from scrip.domain.wallets.wallet import NeedSidecars, Sidecar

KIND: Final = "rates"
"""The kind of sidecar that keeps an account's own card of a meter, under the meter's name."""
MEMBER: Final = "own_rates"
"""What an entry says of a card that it changes: the meter, and the version."""


@dataclass(frozen=True, slots=True)
class OwnRateVersion(RateVersion):
    """A version of an account's own card; one with an empty ``price`` ends it."""


def need(draft: Draft, meters: Iterable[str]) -> None:
    """Asks for the cards of all these meters at once, where one was not read."""
    names = tuple((KIND, meter) for meter in dict.fromkeys(meters))
    if not all(draft.knows(name) for name in names):
        raise NeedSidecars(names)


def versions_of(draft: Draft, meter: str) -> list[OwnRateVersion]:
    """Returns the versions of the account's own card, oldest first; an empty list where it never had one."""
    return read(draft.sidecar(KIND, meter)) if draft.own_rates else []


def in_force(draft: Draft, meter: str, at: int) -> OwnRateVersion | None:
    """Returns the version by which the account is priced at an instant; None: by the meter's own card."""
    found = rates.in_force(versions_of(draft, meter), at)
    return found if isinstance(found, OwnRateVersion) and found.price else None


def read(body: Sidecar | None) -> list[OwnRateVersion]:
    """Reads the versions of a card as it is kept. Raises one of ``UNREADABLE`` for anything else."""
    return [OwnRateVersion(**version) for version in body["versions"]] if body else []


def put(draft: Draft, meter: str, wanted: RateDefinition, now: int, cause: Cause) -> Entry | None:
    """Gives the account's card of a meter its next version. None where the same price holds from that instant already.

    Raises:
        WalletClosed.
        PolicyViolation: ``rate_effective_at``: it would begin before now. ``max_rate_versions``: too many versions are
            still needed.
    """
    known = versions_of(draft, meter)
    begins = now if wanted.effective_at is None else wanted.effective_at
    same = rates.in_force(known, begins)
    unchanged = same is not None and (same.minimum, same.price) == (wanted.minimum, wanted.price)
    if same and unchanged and wanted.effective_at in (None, same.effective_at):
        return None
    require_open(draft)
    if begins < now:
        said = "an account's own price begins now or later: leave effective_at out to begin at once"
        raise PolicyViolation(said, policy="rate_effective_at", field="effective_at", earliest_at=now)
    added = OwnRateVersion(_next(known), wanted.unit, begins, wanted.minimum, wanted.price)
    return _change(draft, meter, known, added, now, cause)


def end(draft: Draft, meter: str, now: int, cause: Cause) -> Entry:
    """Ends the account's card of a meter now, with versions that were still to begin.

    Raises:
        NotFound: it has none, or it ended.
        WalletClosed.
    """
    known = versions_of(draft, meter)
    if not known or not known[-1].price:
        raise NotFound(f"the account has no card of its own for {meter}", meter=meter)
    require_open(draft)
    added = OwnRateVersion(_next(known), known[-1].unit, now, "0", {})
    return _change(draft, meter, known, added, now, cause)


def with_version(
    known: Sequence[OwnRateVersion], added: OwnRateVersion, meter: str, at: int
) -> list[OwnRateVersion]:
    """Returns the versions that are kept once one is added at an instant. Raises ``PolicyViolation`` as ``put``."""
    if not added.price:
        known = [one for one in known if one.effective_at <= at]
    kept = RateCard(meter, known).kept_with(added, at)
    return [one for one in kept if isinstance(one, OwnRateVersion)]


def told_of(entry: Entry) -> tuple[str, OwnRateVersion] | None:
    """Returns the meter and the version that an entry gives an account's own card; None: it gives none."""
    said = entry.extra.get(MEMBER)
    return (said["meter"], OwnRateVersion(**said["version"])) if said else None


def to_json(versions: Sequence[OwnRateVersion]) -> dict[str, Any]:
    """Returns a card as it is kept."""
    return {"versions": [asdict(version) for version in versions]}


def _change(
    draft: Draft, meter: str, known: Sequence[OwnRateVersion], added: OwnRateVersion, now: int, cause: Cause
) -> Entry:
    """Keeps a version more, and records it."""
    draft.keep(KIND, meter, to_json(with_version(known, added, meter, now)))
    draft.own_rates = True
    said: Mapping[str, Any] = {MEMBER: {"meter": meter, "version": asdict(added)}}
    return draft.record("status", [], now, cause, said)


def _next(known: Sequence[RateVersion]) -> int:
    """Returns the number of the next version."""
    return max((one.version for one in known), default=0) + 1
