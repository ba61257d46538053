"""Units and packs: each PUT makes a version; what was sold or granted before keeps the terms it had (law 10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.errors import Contended, InvalidRequest, NotFound, PolicyViolation
from scrip.domain.credits.units import Policy, Unit
from scrip.services.engine.executor import Executor
from scrip.store import documents, keys
from scrip.store.tables import Tables

WRITE_TRIES: Final = 5
"""A catalogue has one writer at a time; a few more are not worth a refusal."""


def put_unit(tables: Tables, unit: Unit) -> tuple[Unit, bool]:
    """Stores a unit's next version; the same definition again makes none. Says whether the unit is new.

    Raises:
        PolicyViolation: the unit is used, and its precision or order would change.
    """
    for _ in range(WRITE_TRIES):
        known, rev = _stored(tables, unit.unit)
        if known:
            if known.used and unit.precision != known.precision:
                raise PolicyViolation("precision is fixed once the unit is used", policy="precision")
            if known.used and unit.policy.order != known.policy.order:
                raise PolicyViolation("the order is fixed once the unit is used", policy="order")
        version = known.version if known else 0
        wanted = replace(unit, version=version + 1, used=known.used if known else False)
        if known and version and replace(wanted, version=version) == known:
            return known, False
        if documents.put(tables, keys.unit(unit.unit), rev, documents.unit_body(wanted)):
            return wanted, version == 0
    raise Contended("several writers of this unit at once")


def policy(said: Mapping[str, Any], precision: int) -> Policy:
    """A policy with its amounts in steps of a unit of this precision.

    Raises:
        PrecisionExceeded, AmountOutOfRange: an amount is not one of the unit.
        InvalidRequest: a low balance comes twice.
    """
    limit = parse_amount(said["overdraft_limit"], precision, "policy.overdraft_limit", zero=True)
    low: list[int] = []
    for number, text in enumerate(said["low_balance"]):
        steps = parse_amount(text, precision, f"policy.low_balance.{number}", zero=True)
        if steps in low:
            raise InvalidRequest([(f"policy.low_balance.{number}", "comes twice")])
        low.append(steps)
    return Policy(**{**said, "overdraft_limit": limit, "low_balance": tuple(sorted(low, reverse=True))})


def get_unit(tables: Tables, unit_id: str) -> Unit:
    """The unit as it is now.

    Raises:
        NotFound: there is no such unit.
    """
    known, _ = _stored(tables, unit_id)
    if not known:
        raise NotFound(f"there is no unit {unit_id}", unit=unit_id)
    return known


@dataclass(frozen=True, slots=True)
class Pack:
    """Something sold: its definition as it was put (amounts as decimals), and its version."""

    pack: str
    version: int
    body: Mapping[str, Any]

    def credits(self, quantity: int, precision: int) -> int:
        """Steps that ``quantity`` packs give, the highest bonus they reach included."""
        own = parse_amount(self.body["credits"], precision, "credits") * quantity
        reached = [bonus for bonus in self.body["bonus"] if bonus["from_quantity"] <= quantity]
        if not reached:
            return own
        bonus = max(reached, key=lambda one: int(one["from_quantity"]))
        if bonus["credits"] is not None:
            return own + parse_amount(bonus["credits"], precision, "bonus.credits", zero=True)
        return own + int(own * Fraction(bonus["percent"]) / 100)

    def price(self, currency: str | None) -> Mapping[str, Any]:
        """What one costs in ``currency``, None: in the pack's own.

        Raises:
            InvalidRequest: it has no price in that.
        """
        prices = [self.body["price"], *self.body["prices"]]
        known = {price["currency"]: price for price in prices}
        found: Mapping[str, Any] | None = known.get(currency or prices[0]["currency"])
        if found is None:
            raise InvalidRequest([("currency", f"the pack has prices in {', '.join(known)} alone")])
        return found


def put_pack(executor: Executor, pack_id: str, body: Mapping[str, Any]) -> tuple[Pack, bool]:
    """Stores a pack's next version; the same definition again makes none. Says whether the pack is new.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest: an amount is not one of the unit.
    """
    precision = executor.unit(body["unit"]).precision
    parse_amount(body["credits"], precision, "credits")
    for index, bonus in enumerate(body["bonus"]):
        if bonus["credits"] is not None:
            parse_amount(bonus["credits"], precision, f"bonus.{index}.credits", zero=True)
    version, new = put_version(executor.tables, keys.pack(pack_id), body, "pack")
    return Pack(pack_id, version, body), new


def get_pack(tables: Tables, pack_id: str) -> Pack:
    """The pack as it is now.

    Raises:
        NotFound: there is no such pack.
    """
    found = documents.get(tables, keys.pack(pack_id))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no pack {pack_id}", pack=pack_id)
    body = dict(found.body)
    return Pack(pack_id, body.pop("version"), body)


Check = Callable[[Mapping[str, Any]], None]
"""Raises a refusal where a definition, as it is, cannot become the one that is wanted."""


def put_version(
    tables: Tables, pk: str, body: Mapping[str, Any], what: str, check: Check | None = None
) -> tuple[int, bool]:
    """Stores a definition's next version, or none where it is as the last; the version, and whether it is the first.

    Args:
        check: asked with what is there, on the very revision that is then replaced.
    """
    for _ in range(WRITE_TRIES):
        known = documents.get(tables, pk)
        if check and known.body:
            check(known.body)
        version = int(known.body.get("version", 0))
        if version and {**body, "version": version} == known.body:
            return version, False
        if documents.put(tables, pk, known.rev, {**body, "version": version + 1}):
            return version + 1, version == 0
    raise Contended(f"several writers of this {what} at once")


def _stored(tables: Tables, unit_id: str) -> tuple[Unit | None, int]:
    item = tables.get(tables.wallets, keys.unit(unit_id), keys.HEAD)
    return documents.read_unit(unit_id, item) or (None, documents.NEW)
