"""Units, packs, rate cards and promotions."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT
from scrip.http.catalogue.packs import PackPageView, PackView
from scrip.http.catalogue.promotions import PromotionPageView, PromotionView
from scrip.http.catalogue.rates import RateCardPageView, RateCardView
from scrip.http.catalogue.units import UnitPageView, UnitView
from scrip.http.wallets.own_rates import OwnRateCardPageView, OwnRateCardView

MADE: Final = "It is new."
CHANGED: Final = "A new version; or the same again, which makes none."

OPERATIONS: Final = (
    Operation(
        route="PUT /v1/units/{unit}",
        id="put_unit",
        tag="Catalogue",
        summary="Define a unit, or change it",
        description="A change binds what is granted later. Precision and order are fixed once the unit is used.",
        body="UnitBody",
        clock=True,
        answers={200: (UnitView, CHANGED), 201: (UnitView, MADE)},
        refusals=(*AMOUNT, "policy_violation", "contended"),
        example={"precision": 0, "name": "Images", "policy": {"transferable": True, "low_balance": ["100"]}},
    ),
    Operation(
        route="GET /v1/units",
        id="list_units",
        tag="Catalogue",
        summary="Units",
        answers={200: UnitPageView},
        query=("limit", "cursor"),
        table=True,
    ),
    Operation(
        route="GET /v1/units/{unit}",
        id="get_unit",
        tag="Catalogue",
        summary="A unit",
        answers={200: UnitView},
        refusals=("invalid_request", "not_found"),
    ),
    Operation(
        route="PUT /v1/packs/{pack}",
        id="put_pack",
        tag="Catalogue",
        summary="Define a pack, or change it",
        description="A change touches no order that was made before.",
        body="PackBody",
        clock=True,
        answers={200: (PackView, CHANGED), 201: (PackView, MADE)},
        refusals=(*AMOUNT, "not_found", "contended"),
        example={
            "credits": "1000",
            "price": {"amount": 1000, "currency": "USD"},
            "bonus": [{"from_quantity": 5, "percent": "10"}],
            "expires_in": "P1Y",
            "provider_refs": {"dodo": "pdt_1"},
        },
    ),
    Operation(
        route="GET /v1/packs",
        id="list_packs",
        tag="Catalogue",
        summary="Packs",
        answers={200: PackPageView},
        query=("limit", "cursor"),
        table=True,
    ),
    Operation(
        route="GET /v1/packs/{pack}",
        id="get_pack",
        tag="Catalogue",
        summary="A pack",
        answers={200: PackView},
        refusals=("invalid_request", "not_found"),
    ),
    Operation(
        route="PUT /v1/rates/{meter}",
        id="put_rate",
        tag="Catalogue",
        summary="Price a meter",
        description="Each PUT is a version, in force from its `effective_at` on. What was burned keeps its price.",
        body="RateBody",
        answers={200: (RateCardView, CHANGED), 201: (RateCardView, "The meter is new.")},
        clock=True,
        refusals=("not_found", "policy_violation", "contended"),
        example={"price": {"model": "per_unit", "credits": "0.01"}},
    ),
    Operation(
        route="GET /v1/rates",
        id="list_rates",
        tag="Catalogue",
        summary="Rate cards",
        answers={200: RateCardPageView},
        query=("limit", "cursor"),
        table=True,
    ),
    Operation(
        route="GET /v1/rates/{meter}",
        id="get_rate",
        tag="Catalogue",
        summary="A meter's rate card",
        answers={200: RateCardView},
        refusals=("invalid_request", "not_found"),
    ),
    Operation(
        route="PUT /v1/accounts/{account}/rates/{meter}",
        id="put_own_rate",
        tag="Catalogue",
        summary="Price a meter for one account",
        description="It comes before the meter's own card, from its `effective_at` on: left out, from now on, and "
        "whatever is burned after the answer is priced by it. The same again changes nothing.",
        body="OwnRateBody",
        clock=True,
        answers={200: (OwnRateCardView, CHANGED), 201: (OwnRateCardView, "The account had none.")},
        refusals=("not_found", "clock_backwards", "policy_violation", "wallet_closed", "contended"),
        example={"price": {"model": "per_unit", "credits": "0.008"}},
    ),
    Operation(
        route="GET /v1/accounts/{account}/rates",
        id="list_own_rates",
        tag="Catalogue",
        summary="An account's own rate cards",
        answers={200: OwnRateCardPageView},
        query=("unit", "limit", "cursor"),
        table=True,
        refusals=("invalid_request", "not_found"),
    ),
    Operation(
        route="GET /v1/accounts/{account}/rates/{meter}",
        id="get_own_rate",
        tag="Catalogue",
        summary="An account's own rate card",
        answers={200: OwnRateCardView},
        refusals=("invalid_request", "not_found"),
    ),
    Operation(
        route="DELETE /v1/accounts/{account}/rates/{meter}",
        id="delete_own_rate",
        tag="Catalogue",
        summary="End an account's own rate card",
        description="The meter's own card counts from now on; what was used before keeps its price.",
        clock=True,
        answers={204: (None, "It prices nothing any more.")},
        refusals=("invalid_request", "not_found", "clock_backwards", "wallet_closed", "contended"),
    ),
    Operation(
        route="PUT /v1/promotions/{code}",
        id="put_promotion",
        tag="Catalogue",
        summary="Define a promotion, or change it",
        body="PromotionBody",
        clock=True,
        answers={200: (PromotionView, CHANGED), 201: (PromotionView, MADE)},
        refusals=(*AMOUNT, "not_found", "policy_violation", "contended"),
        example={"amount": "50", "max_redemptions": 1000, "identities": ["email"]},
    ),
    Operation(
        route="GET /v1/promotions",
        id="list_promotions",
        tag="Catalogue",
        summary="Promotions",
        answers={200: PromotionPageView},
        query=("limit", "cursor"),
        table=True,
    ),
    Operation(
        route="GET /v1/promotions/{code}",
        id="get_promotion",
        tag="Catalogue",
        summary="A promotion",
        answers={200: PromotionView},
        refusals=("invalid_request", "not_found"),
    ),
)
