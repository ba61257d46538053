"""What the stand-in for Stripe reads in a request: forms, carts and pages of lists, as strict as Stripe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.standins import stripe_money
from local.standins import stripe_shapes as shapes
from local.standins.serving import Json, Problem

DEFAULT_PAGE, MAX_PAGE = 10, 100
MESSAGE = 1200
"""The most characters of a text beside the button."""


def form(raw: bytes) -> Json:
    """A body as Stripe takes it: ``a[b][0]=1`` is ``{"a": {"b": ["1"]}}``. Raises ``Problem``."""
    body: Json = {}
    for path, value in parse_qsl(raw.decode(errors="replace"), keep_blank_values=True):
        first, *more = re.findall(r"[^\[\]]+", path) or [path]
        place = body
        for part, following in zip([first, *more], more, strict=False):
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise wrong(path, f"{part} is no object, and has {following}")
        place[(more or [first])[-1]] = value
    listed: Json = _lists(body)
    return listed


def _lists(value: Any) -> Any:
    """Objects whose members are numbered are lists."""
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_lists(value[name]) for name in sorted(value, key=int)]
    return {name: _lists(one) for name, one in value.items()}


def _mode(body: Json) -> str:
    """Whether a session sells once or again and again: each has data that the other has not."""
    mode = str(body.get("mode"))
    if mode not in ("payment", "subscription"):
        raise wrong("mode", "payment or subscription")
    if ("payment_intent_data" if mode == "subscription" else "subscription_data") in body:
        raise wrong("mode", "this mode has no such data")
    if mode == "subscription" and "customer_creation" in body:
        raise wrong("customer_creation", "in payment and setup mode alone")
    return mode


def cart(body: Json) -> tuple[int, str]:
    """The price and currency of what a session is to sell."""
    mode, items = _mode(body), body.get("line_items")
    if urlsplit(str(body.get("success_url"))).scheme not in ("http", "https"):
        raise wrong("success_url", "not a valid URL")
    if not isinstance(items, list) or not 1 <= len(items) <= 100:
        raise wrong("line_items", "1 to 100 of them")
    if len(message(body)) > MESSAGE:
        raise wrong("custom_text[submit][message]", f"at most {MESSAGE} characters")
    price, currencies = 0, set()
    for item in items:
        each = item.get("price_data") if isinstance(item, dict) else None
        if not isinstance(each, dict) or not bought(each):
            raise wrong("line_items[price_data]", "needs a product or product_data[name]")
        if (mode == "subscription") != _is_period(each.get("recurring")):
            raise wrong("line_items[price_data][recurring]", "an interval for subscriptions alone")
        numbers = (str(item.get("quantity")), str(each.get("unit_amount")))
        if not all(re.fullmatch(r"[0-9]{1,12}", number) for number in numbers):
            raise wrong("line_items", "quantity and unit_amount are whole numbers")
        price += int(numbers[0]) * int(numbers[1])
        currencies.add(str(each.get("currency")))
        stripe_money.check(int(numbers[1]), str(each.get("currency")))
    if len(currencies) != 1 or not re.fullmatch(r"[a-z]{3}", next(iter(currencies))):
        raise wrong("currency", "one, of three small letters")
    if price == 0:
        raise Problem(HTTPStatus.BAD_REQUEST, "AMOUNT_TOO_SMALL", "the total is below the least amount")
    return price, currencies.pop()


def charge(body: Json) -> tuple[int, str]:
    """The amount and currency of an intent that is confirmed at once, while nobody is there."""
    for name in ("off_session", "confirm"):
        if body.get(name) != "true":
            raise wrong(name, "true: no other intents are stood in for")
    amount, currency = str(body.get("amount")), str(body.get("currency"))
    if not re.fullmatch(r"[1-9][0-9]{0,11}", amount):
        raise wrong("amount", "a whole number above 0")
    if not re.fullmatch(r"[a-z]{3}", currency):
        raise wrong("currency", "three small letters")
    if len(body.get("metadata") or {}) > 50:
        raise wrong("metadata", "at most 50 members")
    stripe_money.check(int(amount), currency)
    return int(amount), currency


def message(body: Json) -> str:
    """What a session says beside its button."""
    return str(((body.get("custom_text") or {}).get("submit") or {}).get("message") or "")


def _is_period(recurring: Any) -> bool:
    return isinstance(recurring, dict) and recurring.get("interval") in ("day", "week", "month", "year")


def bought(price: Json) -> str:
    return str(price.get("product") or (price.get("product_data") or {}).get("name") or "")


def page_of(rows: list[Json], kind: str, query: Mapping[str, str]) -> Json:
    """A page of a list, newest first."""
    size = int(query.get("limit", DEFAULT_PAGE))
    if not 1 <= size <= MAX_PAGE:
        raise wrong("limit", f"1 to {MAX_PAGE}")
    intent = query.get("payment_intent") or query.get("payment[payment_intent]")
    since, until = int(query.get("created[gte]", 0)), int(query.get("created[lt]", 10**12))
    found = [
        row
        for row in reversed(rows)
        if since <= row["created"] < until
        and intent in (None, row.get("payment_intent"), _paid_by(row))
        and query.get("invoice") in (None, row.get("invoice"))
        and query.get("customer") in (None, row.get("customer"))
    ]
    after = query.get("starting_after")
    if after:
        names = [row["id"] for row in found]
        if after not in names:
            raise missing(kind, after)
        found = found[names.index(after) + 1 :]
    return shapes.listed(found[:size], f"/v1/{kind}", len(found) > size)


def _paid_by(row: Json) -> str | None:
    payment = row.get("payment")
    return payment.get("payment_intent") if payment else None


def wrong(field: str, message: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "PARAMETER_INVALID", f"{field}: {message}")


def missing(kind: str, name: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "RESOURCE_MISSING", f"no such {kind}: {name}")
