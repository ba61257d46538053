"""Promotions as they are defined: each PUT makes a version, and what was granted before keeps its terms (law 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrip.domain.amounts import parse_amount
from scrip.domain.errors import NotFound
from scrip.domain.steps import format_amount
from scrip.operations.catalogue import put_version
from scrip.operations.teller import Teller
from scrip.store import documents, keys
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion: its definition (amounts as decimals, instants in milliseconds), and its version."""

    code: str
    version: int
    body: Mapping[str, Any]


def put_promotion(teller: Teller, code: str, body: Mapping[str, Any]) -> tuple[Promotion, bool]:
    """Stores a promotion's next version; the same definition again makes none. Says whether the promotion is new.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest: an amount is not one of the unit.
    """
    precision = teller.unit(body["unit"]).precision

    def told(name: str) -> str:
        return format_amount(parse_amount(body[name], precision, name), precision)

    stored = {**body, "amount": told("amount")}
    if body["budget"] is not None:
        stored["budget"] = told("budget")
    version, new = put_version(teller.tables, keys.promotion(code), stored, "promotion")
    return Promotion(code, version, stored), new


def get_promotion(tables: Tables, code: str) -> Promotion:
    """The promotion as it is now.

    Raises:
        NotFound: there is no such promotion.
    """
    found = documents.get(tables, keys.promotion(code))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no promotion {code}", promotion=code)
    body = dict(found.body)
    return Promotion(code, body.pop("version"), body)
