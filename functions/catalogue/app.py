"""The catalogue: units, packs, rate cards, promotions, and API keys."""

from typing import Any

from scrip import runtime
from scrip.api import catalogue_views, fields
from scrip.api.catalogue_schemas import KeyBody, PackBody, PromotionBody, UnitBody
from scrip.api.door import Answer, Event, Request, Route, answer, serve
from scrip.api.rate_schemas import RateBody
from scrip.domain.units import Unit
from scrip.operations import access, catalogue, promoting, rating


def put_unit(request: Request) -> Answer:
    """``PUT /v1/units/{unit}``."""
    body, unit_id = request.body(UnitBody), fields.identifier(request.path, "unit")
    policy = catalogue.policy(body.policy.model_dump(), body.precision)
    wanted = Unit(unit_id, body.precision, body.name, policy)
    stored, new = catalogue.put_unit(runtime.tables(), wanted)
    return answer(201 if new else 200, catalogue_views.unit_view(stored))


def get_unit(request: Request) -> Answer:
    """``GET /v1/units/{unit}``."""
    unit = catalogue.get_unit(runtime.tables(), fields.identifier(request.path, "unit"))
    return answer(200, catalogue_views.unit_view(unit))


def put_pack(request: Request) -> Answer:
    """``PUT /v1/packs/{pack}``."""
    body, pack_id = request.body(PackBody), fields.identifier(request.path, "pack")
    stored, new = catalogue.put_pack(runtime.teller(), pack_id, body.model_dump())
    return answer(201 if new else 200, catalogue_views.pack_view(stored))


def get_pack(request: Request) -> Answer:
    """``GET /v1/packs/{pack}``."""
    return answer(
        200,
        catalogue_views.pack_view(
            catalogue.get_pack(runtime.tables(), fields.identifier(request.path, "pack"))
        ),
    )


def put_rate(request: Request) -> Answer:
    """``PUT /v1/rates/{meter}``."""
    body, meter = request.body(RateBody), fields.identifier(request.path, "meter")
    rate, stored, new = rating.put_rate(runtime.teller(), meter, body.model_dump(), request.moment().at)
    return answer(201 if new else 200, catalogue_views.rate_view(rate, stored))


def get_rate(request: Request) -> Answer:
    """``GET /v1/rates/{meter}``."""
    rate = rating.get_rate(runtime.tables(), fields.identifier(request.path, "meter"))
    return answer(200, catalogue_views.rate_view(rate, rate.newest))


def put_promotion(request: Request) -> Answer:
    """``PUT /v1/promotions/{code}``."""
    body, code = request.body(PromotionBody), fields.identifier(request.path, "code")
    stored, new = promoting.put_promotion(runtime.teller(), code, body.model_dump())
    return answer(201 if new else 200, catalogue_views.promotion_view(stored))


def get_promotion(request: Request) -> Answer:
    """``GET /v1/promotions/{code}``."""
    promotion = promoting.get_promotion(runtime.teller(), fields.identifier(request.path, "code"))
    return answer(200, catalogue_views.promotion_view(promotion))


def create_key(request: Request) -> Answer:
    """``POST /v1/keys``: the only time the key is shown."""
    body = request.body(KeyBody)
    key_id, key = access.create_key(runtime.tables(), body.scope, body.account)
    return answer(201, {"key_id": key_id, "key": key, "scope": body.scope, "account": body.account})


def delete_key(request: Request) -> Answer:
    """``DELETE /v1/keys/{key_id}``."""
    access.delete_key(runtime.tables(), fields.opaque(request.path, "key_id"))
    return {"statusCode": 204}


ROUTES = {
    "PUT /v1/units/{unit}": Route(put_unit, "admin"),
    "GET /v1/units/{unit}": Route(get_unit, "admin"),
    "PUT /v1/packs/{pack}": Route(put_pack, "admin"),
    "GET /v1/packs/{pack}": Route(get_pack, "admin"),
    "PUT /v1/rates/{meter}": Route(put_rate, "admin"),
    "GET /v1/rates/{meter}": Route(get_rate, "admin"),
    "PUT /v1/promotions/{code}": Route(put_promotion, "admin"),
    "GET /v1/promotions/{code}": Route(get_promotion, "admin"),
    "POST /v1/keys": Route(create_key, "admin"),
    "DELETE /v1/keys/{key_id}": Route(delete_key, "admin"),
}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
