"""Promotions as they are defined: each PUT makes a version, and what was granted before keeps its terms (law 10).

Does not own a promotion's rules (``domain.payments.promotion``), nor redemptions (``services.wallets.redemptions``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scrip.domain.credits.steps import format_amount
from scrip.domain.payments.promotion import Promotion
from scrip.services.audit.changes import Author
from scrip.services.catalogue.versions import list_documents, put_version
from scrip.services.engine.executor import Executor
from scrip.services.engine.paging import Found
from scrip.store import keys, promotions


@dataclass(frozen=True, slots=True)
class CountedPromotion:
    """A promotion, how often it was redeemed, and what it granted in all (a decimal of its unit)."""

    promotion: Promotion
    redeemed: int
    granted: str


def put_promotion(executor: Executor, wanted: Promotion, author: Author) -> tuple[CountedPromotion, bool]:
    """Stores a promotion's next version, and who made it; the same definition again makes none.

    Returns:
        The promotion as it is stored now, and whether this is its first version.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest: an amount is not one of the unit.
        PolicyViolation: the promotion has another unit, in which its redemptions are counted.
        Contended: other writers were faster each time.
    """
    code = wanted.code
    promotion = wanted.normalized(executor.unit(wanted.unit).precision)

    def check(known: Mapping[str, Any]) -> None:
        Promotion.from_json(code, known).check_successor(promotion)

    pk = keys.promotion(code)
    version, new = put_version(executor.tables, pk, ("promotion", code), promotion.to_json(), author, check)
    return _count(executor, replace(promotion, version=version)), new


def list_promotions(executor: Executor, limit: int, after: str | None) -> Found[str, CountedPromotion]:
    """Returns a page of the promotions as they are now, in the order of their codes."""
    tables = executor.tables
    found = list_documents(
        tables,
        keys.PROMOTIONS,
        limit,
        after,
        keys.promotion,
        lambda code, one: Promotion.from_json(code, one.body),
    )
    counts = promotions.counted_all(tables, [code for code, _ in found.items])
    return Found(
        [(code, _counted(executor, one, *counts[code])) for code, one in found.items], found.following
    )


def get_promotion(executor: Executor, code: str) -> CountedPromotion:
    """Reads the promotion as it is now.

    Raises:
        NotFound: there is no such promotion.
    """
    return _count(executor, promotions.get(executor.tables, code))


def _count(executor: Executor, promotion: Promotion) -> CountedPromotion:
    """Reads what was redeemed of a promotion."""
    return _counted(executor, promotion, *promotions.counted(executor.tables, promotion.code))


def _counted(executor: Executor, promotion: Promotion, redeemed: int, granted: int) -> CountedPromotion:
    """Adds how often a promotion was redeemed, and the steps it granted in all."""
    precision = executor.unit(promotion.unit).precision
    return CountedPromotion(promotion, redeemed, format_amount(granted, precision))
