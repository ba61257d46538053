"""An account's own rate cards: the body and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrip.domain.credits.rate_cards import RateDefinition
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.catalogue.rates import PriceView, VersionBody, rate_version_view
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Identifier
from scrip.services.engine.paging import Found
from scrip.services.wallets.own_rates import OwnRateCard

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Name, Ordinal, UnroundedCredits


class OwnRateBody(VersionBody):
    """The price of a meter for one account, from an instant on."""

    unit: Identifier | None = None
    """The unit that it is priced in: the meter's, which may be left out."""

    def definition(self) -> RateDefinition:
        """Returns the version that the body defines, without a number. Its unit is the meter's."""
        return self.in_unit(self.unit or DEFAULT_UNIT)


class OwnRateVersionView(TypedDict):
    """What an event of a meter costs an account, from an instant on."""

    effective_at: At
    """From when on it is in force, until another is."""
    minimum: UnroundedCredits
    """What an event costs at least."""
    price: PriceView | None
    """What an event costs; null: as the meter's own card says, for this one ended."""
    version: Ordinal
    """Counts the versions."""


class OwnRateCardView(TypedDict):
    """An account's own rate card: its newest version, and all that are kept."""

    account: Name
    """The account whose events it prices, before the meter's own card."""
    meter: Name
    """What is counted."""
    unit: Name
    """The unit that it is priced in."""
    effective_at: At
    """From when on the newest version is in force."""
    minimum: UnroundedCredits
    """What an event costs at least."""
    price: PriceView
    """What an event costs."""
    version: Ordinal
    """Counts the versions."""
    versions: list[OwnRateVersionView]
    """The versions that are kept, oldest first."""


class OwnRateCardPageView(TypedDict):
    """An account's own rate cards, by their meters."""

    items: list[OwnRateCardView]
    """The rate cards."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def own_rate_page_view(found: Found[str, OwnRateCard]) -> OwnRateCardPageView:
    """Shows rate cards of an account."""
    items, cursor = pages.shown(found, own_rate_view)
    return {"items": items, "next_cursor": cursor}


def own_rate_view(card: OwnRateCard) -> OwnRateCardView:
    """Shows an account's own rate card."""
    newest = card.newest
    return {
        "account": card.account,
        "meter": card.meter,
        "unit": newest.unit,
        **rate_version_view(newest),
        "versions": [_version_view(one) for one in card.versions],
    }


def _version_view(version: RateVersion) -> OwnRateVersionView:
    return {**rate_version_view(version), "price": version.price or None}
