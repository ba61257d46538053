"""Answers of the catalogue, API keys and orders, as models (see ``answers``)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from openapi.answers import Answer, At, Count, Credits, Money, Name
from scrip.domain.credits.units import Boundary, Order, OverCapture, Shortfall, Stacking
from scrip.http.payments.topups import Provider

Exact = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,27})(\.[0-9]{0,17}[1-9])?$")]
"""Credits, perhaps with more decimals than their unit has."""
Version = Annotated[int, Field(ge=1)]


class Policy(Answer):
    """What a unit's wallets allow."""

    order: Order
    """In which order lots are taken. Fixed once the unit is used."""
    expiry_boundary: Boundary
    """Whether a lot still lives at the instant `expires_at` itself."""
    overdraft_limit: Credits
    """Debt that a burn may run up."""
    repay_first: bool
    """Whether a grant repays debt before it can be spent."""
    refund_shortfall: Shortfall
    """What becomes of the part of a clawback that was burned already."""
    default_expires_in: str | None
    """How long a grant that names no expiry lives, ISO 8601; null: for ever."""
    transferable: bool
    """Whether credits may move to another account."""
    stacking: Stacking
    """Whether promotional and paid credits are taken in one order, or one kind first."""
    promotional_share_max: str
    """The most of one burn that promotional credits pay, a decimal above 0, up to 1."""
    over_capture: OverCapture
    """What a capture of more than was held does, where the hold does not say."""
    low_balance: list[Credits]
    """Available amounts at which somebody wants to hear of it, largest first."""


class Unit(Answer):
    """What is counted, how finely, and the policy of its wallets."""

    unit: Name
    """Its id."""
    precision: Annotated[int, Field(ge=0, le=9)]
    """Decimals. Fixed once the unit is used."""
    name: str
    """Its name, for people."""
    policy: Policy
    """The policy, defaults filled in."""
    version: Count
    """Counts changes; 0 for the default unit before it was ever put."""


class Bonus(Answer):
    """Credits on top, from a quantity up."""

    from_quantity: Annotated[int, Field(ge=1)]
    """From how many packs on."""
    credits: Credits | None
    """So many; or null."""
    percent: str | None
    """So many percent of the packs' own; or null."""


class Recurring(Answer):
    """A subscription of the provider's: each payment of it grants."""

    every: str
    """How often it is paid: a number of days, weeks, months or years, ISO 8601."""


class ProviderRefs(Answer):
    """The pack's product at each provider."""

    dodo: str | None
    """At Dodo Payments; null: the pack's id."""
    paddle: str | None
    """At Paddle, for your own checkout."""
    standard: str | None
    """At your own gateway, for your own checkout."""
    stripe: str | None
    """At Stripe; null: one that is made for each session, named by its credits."""


class Pack(Answer):
    """Something sold."""

    pack: Name
    """Its id."""
    unit: Name
    """The unit of its credits."""
    credits: Credits
    """What one gives."""
    price: Money
    """What one costs, without tax."""
    prices: list[Money]
    """What one costs in further currencies."""
    recurring: Recurring | None
    """How often it is paid; null: once."""
    bonus: list[Bonus]
    """What more of them give on top; the highest that is reached counts."""
    expires_in: str | None
    """How long its credits live from the payment on, ISO 8601; null: as the unit's policy says."""
    priority: Annotated[int, Field(ge=0, le=100)]
    """The priority of its lots."""
    tax_point: Literal["purchase", "redemption"]
    """When tax is due."""
    terms: str | None
    """What a buyer agrees to; null: a text of Scrip's own."""
    provider_refs: ProviderRefs
    """Its product at each provider."""
    version: Version
    """Counts changes."""


class Topup(Answer):
    """An order for packs."""

    topup_id: str
    """Its id."""
    status: Literal["pending", "paid", "failed", "refunded", "partially_refunded", "disputed"]
    """What became of it."""
    account: Name
    """Who buys."""
    pack: Name
    """What is bought."""
    pack_version: Version
    """The pack as it was then."""
    quantity: Annotated[int, Field(ge=1, le=1000)]
    """How many."""
    provider: Provider
    """Where it is paid."""
    unit: Name
    """The unit of the credits."""
    credits: Credits
    """What it gives, bonus included."""
    price: Money
    """The total, without tax."""
    recurring: Recurring | None
    """How often it is paid; null: once."""
    terms: str
    """What the buyer agreed to."""
    terms_version: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    """What tells one text of terms from another."""
    accepted_at: At
    """When the buyer agreed."""
    checkout_url: str | None
    """Where to send the buyer; null where your app opens the checkout, and while the provider does not answer."""
    checkout_session_id: str | None
    """The provider's checkout session; null where there is none."""
    payment_id: str | None
    """The provider's payment, once it is paid; of a subscription the last one."""


class Received(Answer):
    """It is stored, and will be applied in order."""

    received: Literal[True]
    """Always true."""


class Price(Answer):
    """A price of a rate card. Its component is the body's."""


class RateVersion(Answer):
    """What an event of a meter costs, from an instant on."""

    effective_at: At
    """From when on it is in force, until another is."""
    minimum: Exact
    """What an event costs at least."""
    price: Price
    """What an event costs."""
    version: Version
    """Counts the versions."""


class RateCard(RateVersion):
    """A meter's rate card: one version of it, and all that are kept."""

    meter: Name
    """The meter."""
    unit: Name
    """The unit that it is priced in."""
    versions: list[RateVersion]
    """The versions that are kept, oldest first."""


class Promotion(Answer):
    """Credits for whoever has the code."""

    code: Name
    """The code."""
    unit: Name
    """The unit."""
    amount: Credits
    """What each redemption gives."""
    kind: Literal["promotional", "compensation"]
    """Kind of the lot."""
    starts_at: At | None
    """From when on it can be redeemed; null: from the beginning."""
    ends_at: At | None
    """From when on it cannot any more; null: never."""
    expires_in: str | None
    """How long its credits live, ISO 8601; null: as the unit's policy says."""
    max_redemptions: Annotated[int, Field(ge=1)] | None
    """How often it can be redeemed in all; null: no bound."""
    budget: Credits | None
    """How many credits it gives in all; null: no bound."""
    identities: list[Literal["email", "card_fingerprint", "device"]]
    """What a redemption must name, and may be used once each."""
    redeemed: Annotated[int, Field(ge=0)]
    """How often it was redeemed."""
    granted: Credits
    """How many credits it gave in all."""
    version: Version
    """Counts changes."""
