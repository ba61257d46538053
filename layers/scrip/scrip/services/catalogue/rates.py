"""Rate cards as they are defined: one document for each meter, with its recent versions in it.

Does not own which versions are kept (``domain.credits.rate_cards``), nor what a price means (``domain.credits.rates``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.rate_cards import RATE_LEAD_MS, RateCard, RateDefinition
from scrip.domain.credits.rates import RateVersion
from scrip.services.audit.changes import Author
from scrip.services.catalogue.versions import list_documents, replace_definition
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Found
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Tables

CARDS_TOGETHER: Final = 20
"""Rate cards that a list reads at a time: one may have 350 KB, and a batch read ends at 16 MB."""
PutRate = tuple[RateCard, RateVersion, bool]
"""A meter's card, the version that was put, and whether the meter is new."""


def put_rate(
    executor: Executor, meter: str, wanted: RateDefinition, moment: Moment, author: Author
) -> PutRate:
    """Stores a meter's next version, and who made it; the same definition again makes none.

    Args:
        moment: when it is put. Under the test clock a version may begin at once, since whoever is asked there reads the
            card anew.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: the definition is too long.
        PolicyViolation: the meter has another unit (``rate_unit``), or too many versions that are still needed
            (``max_rate_versions``), or the version would begin too soon (``rate_effective_at``).
        Contended: other writers were faster each time.
    """
    executor.unit(wanted.unit)
    wanted.check_size()

    def decide(document: Document) -> tuple[PutRate, dict[str, Any] | None]:
        known = RateCard(meter, documents.rates_of(document))
        known.check_unit(wanted.unit)
        if same := known.find(wanted, moment.at):
            return (known, same, False), None
        card, added = known.add(wanted, moment.at, 0 if moment.pinned else RATE_LEAD_MS)
        return (card, added, not known.versions), card.to_json()

    def told(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        versions: list[Mapping[str, Any]] = body.get("versions", [])
        return versions[-1] if versions else None

    pk = keys.rate(meter)
    return replace_definition(executor.tables, pk, ("rate", meter), decide, author, told)


def list_rates(tables: Tables, limit: int, after: str | None) -> Found[str, RateCard]:
    """Returns a page of the rate cards as they are now, in the order of their meters."""
    return list_documents(
        tables,
        keys.RATES,
        limit,
        after,
        keys.rate,
        lambda meter, found: RateCard(meter, documents.rates_of(found)),
        CARDS_TOGETHER,
    )


def get_rate(tables: Tables, meter: str) -> RateCard:
    """Reads the meter's rate card as it is now.

    Raises:
        NotFound: there is no such meter.
    """
    found = documents.get(tables, keys.rate(meter))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no rate for {meter}", meter=meter)
    return RateCard(meter, documents.rates_of(found))
