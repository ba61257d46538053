"""Answers of the catalogue, and of what is ordered from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge.parameters import canonical, format_instant
from scrip.services.catalogue.packs import Pack
from scrip.services.catalogue.promotions import Promotion
from scrip.services.catalogue.rates import Rate


def unit_view(unit: Unit) -> dict[str, Any]:
    limit = format_amount(unit.policy.overdraft_limit, unit.precision)
    low = [format_amount(steps, unit.precision) for steps in unit.policy.low_balance]
    return {
        "unit": unit.unit,
        "precision": unit.precision,
        "name": unit.name,
        "policy": {**asdict(unit.policy), "overdraft_limit": limit, "low_balance": low},
        "version": unit.version,
    }


def pack_view(pack: Pack) -> dict[str, Any]:
    bonus = [
        {**one, "credits": None if one["credits"] is None else canonical(one["credits"])}
        for one in pack.body["bonus"]
    ]
    amounts = {"credits": canonical(pack.body["credits"]), "bonus": bonus}
    return {"pack": pack.pack, **pack.body, **amounts, "version": pack.version}


def rate_view(rate: Rate, version: RateVersion) -> dict[str, Any]:
    """A meter's rate card: one version of it, and then all that are kept, oldest first."""
    return {
        "meter": rate.meter,
        "unit": version.unit,
        **_version_view(version),
        "versions": [_version_view(one) for one in rate.versions],
    }


def promotion_view(promotion: Promotion) -> dict[str, Any]:
    window = {
        name: None if promotion.body[name] is None else format_instant(promotion.body[name])
        for name in ("starts_at", "ends_at")
    }
    counted = {"redeemed": promotion.redeemed, "granted": promotion.granted}
    return {"code": promotion.code, **promotion.body, **window, **counted, "version": promotion.version}


def topup_view(order: Mapping[str, Any], unit: Unit) -> dict[str, Any]:
    named = ("topup_id", "status", "account", "pack", "pack_version", "quantity", "provider", "unit")
    shown = (
        "checkout_url",
        "checkout_session_id",
        "price",
        "recurring",
        "terms",
        "terms_version",
        "accepted_at",
    )
    accepted_at = format_instant(order["accepted_at"])
    view = {**order, "checkout_session_id": order["session_id"], "accepted_at": accepted_at}
    credits = format_amount(int(order["credits"]), unit.precision)
    return {name: view[name] for name in (*named, *shown, "payment_id")} | {"credits": credits}


def _version_view(version: RateVersion) -> dict[str, Any]:
    return {
        "effective_at": format_instant(version.effective_at),
        "minimum": version.minimum,
        "price": version.price,
        "version": version.version,
    }
