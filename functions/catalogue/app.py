"""The catalogue: units, packs, rate cards, promotions, API keys and portal sessions; the chart of accounts."""

from collections.abc import Callable
from typing import Any

from scrip import runtime
from scrip.http.catalogue.keys import PLACE, KeyBody, KeyView, RotationBody, key_page_view, made_key_view
from scrip.http.catalogue.packs import PackBody, pack_view
from scrip.http.catalogue.portal_sessions import PortalSessionBody, portal_session_view
from scrip.http.catalogue.promotions import PromotionBody, promotion_view
from scrip.http.catalogue.rates import RateBody, rate_view
from scrip.http.catalogue.units import UnitBody, unit_view
from scrip.http.edge import pages, parameters
from scrip.http.edge.answers import Answer, Table, answer, put_answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.finance.charts import ChartOfAccountsBody, chart_view, names
from scrip.http.payments.dunning import DunningBody, dunning_view
from scrip.services.catalogue import keys, packs, promotions, rates, units
from scrip.services.catalogue.keys import KeyAsker, MadeKey
from scrip.services.finance import charts
from scrip.services.payments import dunning


def put_unit(request: HttpRequest) -> Answer:
    """Defines a unit, or changes it: 201 where it is new."""
    body, unit_id = request.body(UnitBody), parameters.identifier(request.path, "unit")
    moment, author = request.moment(), request.author()
    stored, new = units.put_unit(runtime.executor(), body.definition(unit_id), moment, author)
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


def put_dunning(request: HttpRequest) -> Answer:
    """Says what follows a renewal or an automatic top-up that fails from now on."""
    wanted = request.body(DunningBody).schedule()
    return answer(200, dunning_view(dunning.put_schedule(runtime.tables(), wanted, request.author())))


def get_dunning(_: HttpRequest) -> Answer:
    """Shows what follows a renewal or an automatic top-up that fails."""
    return answer(200, dunning_view(dunning.get_schedule(runtime.tables())))


def put_chart(request: HttpRequest) -> Answer:
    """Says what accounts of the books are called from now on."""
    wanted = names(request.body(ChartOfAccountsBody))
    return answer(200, chart_view(charts.put_chart(runtime.tables(), wanted, request.author())))


def get_chart(_: HttpRequest) -> Answer:
    """Shows what the accounts of the books are called."""
    return answer(200, chart_view(charts.get_chart(runtime.tables())))


def create_key(request: HttpRequest) -> Answer:
    """Makes an API key; under the same Idempotency-Key the same one again."""
    body, asker = request.body(KeyBody), _asker(request)
    made = keys.create_key(runtime.api_keys(), runtime.tables(), body.new_key(), asker)
    return _made(made_key_view, made)


def list_keys(request: HttpRequest) -> Answer:
    """Lists API keys, newest first."""
    after, limit = pages.after(request.query, PLACE), request.query.limit()
    return request.page(key_page_view(keys.list_keys(runtime.api_keys(), limit, after)))


def rotate_key(request: HttpRequest) -> Answer:
    """Gives an API key a new secret; the one before works for another 24 h."""
    request.body(RotationBody)
    key_id = parameters.opaque(request.path, "key_id")
    made = keys.rotate_key(runtime.api_keys(), runtime.tables(), key_id, _asker(request))
    return _made(made_key_view, made)


def delete_key(request: HttpRequest) -> Answer:
    """Deletes an API key."""
    key_id = parameters.opaque(request.path, "key_id")
    keys.delete_key(runtime.api_keys(), runtime.tables(), key_id, request.author())
    return {"statusCode": 204}


def create_portal_session(request: HttpRequest) -> Answer:
    """Makes a short-lived key of one customer."""
    body, asker = request.body(PortalSessionBody), _asker(request)
    made = keys.create_key(runtime.api_keys(), runtime.tables(), body.new_key(asker.at), asker)
    return _made(portal_session_view, made)


def _asker(request: HttpRequest) -> KeyAsker:
    """Returns who asks for a key."""
    token = request.access.token if request.access else ""
    return KeyAsker(request.author(), request.idempotency_key(), token)


def _made(view: Callable[[MadeKey], Any], made: MadeKey) -> Answer:
    """Answers that a key was made, now or before."""
    replay = {"idempotent_replay": "true"} if made.replayed else {}
    return answer(201, view(made), **replay)


ROUTES = {
    "PUT /v1/units/{unit}": Route(put_unit, "admin"),
    "GET /v1/units/{unit}": Route(get_unit, "read", bound=True),
    "PUT /v1/packs/{pack}": Route(put_pack, "admin"),
    "GET /v1/packs/{pack}": Route(get_pack, "read", bound=True),
    "PUT /v1/rates/{meter}": Route(put_rate, "admin"),
    "GET /v1/rates/{meter}": Route(get_rate, "read", bound=True),
    "PUT /v1/promotions/{code}": Route(put_promotion, "admin"),
    "GET /v1/promotions/{code}": Route(get_promotion, "read"),
    "PUT /v1/dunning": Route(put_dunning, "admin"),
    "GET /v1/dunning": Route(get_dunning, "admin"),
    "PUT /v1/chart-of-accounts": Route(put_chart, "admin"),
    "GET /v1/chart-of-accounts": Route(get_chart, "admin"),
    "POST /v1/keys": Route(create_key, "admin"),
    "GET /v1/keys": Route(list_keys, "admin", ("limit", "cursor"), Table(KeyView)),
    "POST /v1/keys/{key_id}/rotation": Route(rotate_key, "admin"),
    "DELETE /v1/keys/{key_id}": Route(delete_key, "admin"),
    "POST /v1/portal-sessions": Route(create_portal_session, "grant"),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
