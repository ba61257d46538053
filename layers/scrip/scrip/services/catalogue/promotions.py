"""Promotions as they are defined: each PUT makes a version, and what was granted before keeps its terms (law 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.credits.steps import format_amount
from scrip.services.catalogue.packs import put_version
from scrip.services.engine.executor import Executor
from scrip.store import documents, keys, promotions


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion: its definition (amounts as decimals, instants in milliseconds), its version, how often it was
    redeemed and how much it gave (a decimal)."""

    code: str
    version: int
    body: Mapping[str, Any]
    redeemed: int
    granted: str


def put_promotion(executor: Executor, code: str, body: Mapping[str, Any]) -> tuple[Promotion, bool]:
    """Stores a promotion's next version; the same definition again makes none. Says whether the promotion is new.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest: an amount is not one of the unit.
        PolicyViolation: the promotion has another unit, in which its redemptions are counted.
    """
    precision = executor.unit(body["unit"]).precision

    def told(name: str) -> str:
        return format_amount(parse_amount(body[name], precision, name), precision)

    stored = {**body, "amount": told("amount")}
    if body["budget"] is not None:
        stored["budget"] = told("budget")

    def same_unit(known: Mapping[str, Any]) -> None:
        if known["unit"] != body["unit"]:
            raise PolicyViolation(f"the promotion gives {known['unit']}", policy="promotion_unit")

    version, new = put_version(executor.tables, keys.promotion(code), stored, "promotion", same_unit)
    return _counted(executor, code, version, stored), new


def get_promotion(executor: Executor, code: str) -> Promotion:
    """The promotion as it is now.

    Raises:
        NotFound: there is no such promotion.
    """
    found = documents.get(executor.tables, keys.promotion(code))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no promotion {code}", promotion=code)
    body = dict(found.body)
    return _counted(executor, code, body.pop("version"), body)


def _counted(executor: Executor, code: str, version: int, body: Mapping[str, Any]) -> Promotion:
    redeemed, granted = promotions.counted(executor.tables, code)
    precision = executor.unit(body["unit"]).precision
    return Promotion(code, version, body, redeemed, format_amount(granted, precision))
