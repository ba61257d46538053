"""The catalogue: units, packs, rate cards, promotions, and API keys."""

from typing import Any

from scrip import runtime
from scrip.http.catalogue.keys import KeyBody, key_view
from scrip.http.catalogue.packs import PackBody, pack_view
from scrip.http.catalogue.promotions import PromotionBody, promotion_view
from scrip.http.catalogue.rates import RateBody, rate_view
from scrip.http.catalogue.units import UnitBody, unit_view
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer, answer, put_answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.services.catalogue import keys, packs, promotions, rates, units


def put_unit(request: HttpRequest) -> Answer:
    """Defines a unit, or changes it: 201 where it is new."""
    body, unit_id = request.body(UnitBody), parameters.identifier(request.path, "unit")
    stored, new = units.put_unit(runtime.tables(), body.definition(unit_id), request.author())
    return put_answer(unit_view(stored), new)


def get_unit(request: HttpRequest) -> Answer:
    """Shows a unit and its policy."""
    unit = units.get_unit(runtime.tables(), parameters.identifier(request.path, "unit"))
    return answer(200, unit_view(unit))


def put_pack(request: HttpRequest) -> Answer:
    """Defines a pack, or changes it: 201 where it is new."""
    body, pack_id = request.body(PackBody), parameters.identifier(request.path, "pack")
    stored, new = packs.put_pack(runtime.executor(), body.definition(pack_id), request.author())
    return put_answer(pack_view(stored), new)


def get_pack(request: HttpRequest) -> Answer:
    """Shows the present version of a pack."""
    pack = packs.get_pack(runtime.tables(), parameters.identifier(request.path, "pack"))
    return answer(200, pack_view(pack))


def put_rate(request: HttpRequest) -> Answer:
    """Prices a meter from an instant on: 201 where the meter is new."""
    body, meter = request.body(RateBody), parameters.identifier(request.path, "meter")
    moment, author = request.moment(), request.author()
    card, stored, new = rates.put_rate(runtime.executor(), meter, body.definition(), moment, author)
    return put_answer(rate_view(card, stored), new)


def get_rate(request: HttpRequest) -> Answer:
    """Shows the price that a meter has now, and all versions that are kept."""
    card = rates.get_rate(runtime.tables(), parameters.identifier(request.path, "meter"))
    return answer(200, rate_view(card, card.newest))


def put_promotion(request: HttpRequest) -> Answer:
    """Defines a promotion, or changes it: 201 where it is new."""
    body, code = request.body(PromotionBody), parameters.identifier(request.path, "code")
    stored, new = promotions.put_promotion(runtime.executor(), body.definition(code), request.author())
    return put_answer(promotion_view(stored), new)


def get_promotion(request: HttpRequest) -> Answer:
    """Shows a promotion and how much of it was redeemed."""
    promotion = promotions.get_promotion(runtime.executor(), parameters.identifier(request.path, "code"))
    return answer(200, promotion_view(promotion))


def create_key(request: HttpRequest) -> Answer:
    """Makes an API key. This answer alone shows the key itself."""
    body = request.body(KeyBody)
    key_id, key = keys.create_key(runtime.tables(), body.scope, body.account)
    return answer(201, key_view(key_id, key, body.scope, body.account))


def delete_key(request: HttpRequest) -> Answer:
    """Deletes an API key."""
    keys.delete_key(runtime.tables(), parameters.opaque(request.path, "key_id"))
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


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
