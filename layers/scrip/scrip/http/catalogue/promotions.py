"""Promotions: the body and the answer."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.payments.promotion import IdentityKind, Promotion, PromotionKind
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import UNIQUE, Amount, Identifier, Instant, LifetimeBody, distinct
from scrip.http.edge.parameters import format_instant
from scrip.services.catalogue.promotions import CountedPromotion
from scrip.services.engine.paging import Found

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Count, Credits, Name, Ordinal

MAX_REDEMPTIONS: Final = 10**9
"""Most redemptions that a promotion may be limited to: more is as good as no limit."""


class PromotionBody(LifetimeBody):
    """Credits that an account may claim once, within a window and a budget."""

    unit: Identifier = DEFAULT_UNIT
    """The unit: with the account it names the wallet."""
    amount: Amount
    """What each redemption gives."""
    kind: PromotionKind = "promotional"
    """Kind of the lot."""
    starts_at: Instant | None = None
    """From when on it can be redeemed; null: from the beginning."""
    ends_at: Instant | None = None
    """From when on it cannot any more; later than `starts_at`. Null: never."""
    max_redemptions: Annotated[int, Field(ge=1, le=MAX_REDEMPTIONS)] | None = None
    """How often it can be redeemed in all; null: no bound."""
    budget: Amount | None = None
    """How many credits it gives in all, `amount` at least; null: no bound."""
    identities: Annotated[
        list[IdentityKind],
        Field(max_length=3, json_schema_extra=UNIQUE),
        AfterValidator(distinct),
    ] = Field(default_factory=list)
    """What a redemption must name, and may be used once each."""

    @model_validator(mode="after")
    def _consistent(self) -> PromotionBody:
        """Refuses a window that ends before it starts, and a budget that pays for no redemption."""
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at: must be later than starts_at")
        if self.budget is not None and Fraction(self.budget) < Fraction(self.amount):
            raise ValueError("budget: must be at least amount")
        return self

    def definition(self, code: str) -> Promotion:
        """Returns the promotion that the body defines, without a version."""
        return Promotion(
            code=code,
            unit=self.unit,
            amount=self.amount,
            kind=self.kind,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            expires_in=self.expires_in,
            time_zone=self.time_zone,
            end_of=self.end_of,
            never_expires=self.never_expires,
            max_redemptions=self.max_redemptions,
            budget=self.budget,
            identities=tuple(self.identities),
        )


class PromotionView(TypedDict):
    """Credits for whoever has the code."""

    code: Name
    """What a customer redeems it by."""
    unit: Name
    """What its credits are counted in."""
    amount: Credits
    """What each redemption gives."""
    kind: PromotionKind
    """Kind of the lot."""
    starts_at: At | None
    """From when on it can be redeemed; null: from the beginning."""
    ends_at: At | None
    """From when on it cannot any more; null: never."""
    expires_in: str | None
    """How long its credits live, ISO 8601; null: as the unit's policy says, or (`never_expires`) for ever."""
    time_zone: str
    """The zone whose calendar `expires_in` keeps, of the IANA database."""
    end_of: EndOf | None
    """Until the end of the day or month there that `expires_in` ends in."""
    never_expires: bool
    """Whether its credits live for ever, whatever the unit's policy says."""
    max_redemptions: Ordinal | None
    """How often it can be redeemed in all; null: no bound."""
    budget: Credits | None
    """How many credits it gives in all; null: no bound."""
    identities: list[IdentityKind]
    """What a redemption must name, and may be used once each."""
    redeemed: Count
    """How often it was redeemed."""
    granted: Credits
    """How many credits it gave in all."""
    version: Ordinal
    """Counts changes."""


class PromotionPageView(TypedDict):
    """Promotions as they are now, by their codes."""

    items: list[PromotionView]
    """The promotions."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def promotion_page_view(found: Found[str, CountedPromotion]) -> PromotionPageView:
    """Shows promotions."""
    items, cursor = pages.shown(found, promotion_view)
    return {"items": items, "next_cursor": cursor}


def promotion_view(counted: CountedPromotion) -> PromotionView:
    """Shows a promotion, with what was redeemed of it."""
    promotion = counted.promotion
    starts_at, ends_at = promotion.starts_at, promotion.ends_at
    return {
        "code": promotion.code,
        "unit": promotion.unit,
        "amount": promotion.amount,
        "kind": promotion.kind,
        "starts_at": None if starts_at is None else format_instant(starts_at),
        "ends_at": None if ends_at is None else format_instant(ends_at),
        "expires_in": promotion.expires_in,
        "time_zone": promotion.time_zone,
        "end_of": promotion.end_of,
        "never_expires": promotion.never_expires,
        "max_redemptions": promotion.max_redemptions,
        "budget": promotion.budget,
        "identities": list(promotion.identities),
        "redeemed": counted.redeemed,
        "granted": counted.granted,
        "version": promotion.version,
    }
