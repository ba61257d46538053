"""Promotions, as customers redeem them: the grant, the count and the claims are one transaction.

The count is one item for all who redeem a promotion, changed on a condition that holds under any concurrency; a claim
is an item that can be put once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import (
    AlreadyClaimed,
    InvalidRequest,
    NotFound,
    PolicyViolation,
    PromotionExhausted,
)
from scrip.domain.credits.units import Unit
from scrip.domain.payments.identities import identity_hash
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Result, StaleDocument
from scrip.services.engine.requests import About, Caller, cause_of, execute
from scrip.services.wallets.grants import LotTerms, on_terms
from scrip.store import documents, keys, promotions
from scrip.store.tables import Item

ACCOUNT: Final = "account"
"""The identity that everybody has."""


def redeem(
    executor: Executor,
    account: str,
    unit_id: str | None,
    code: str,
    identities: Mapping[str, str],
    secret: Callable[[], bytes],
    about: About,
    caller: Caller,
) -> tuple[Result, Unit]:
    """Grants what the promotion gives, once to an account and once to each identity it asks for.

    Args:
        unit_id: must be the promotion's, where it is given.
        identities: by kind, in canonical form. They are kept, and written into the ledger, as keyed hashes alone.
        secret: gives the key of the hashes; asked for where there is something to hash.

    Raises:
        NotFound: there is no such promotion.
        InvalidRequest: an identity that it asks for is missing, or the unit is another one.
        PolicyViolation: it has not begun, or is over.
        PromotionExhausted, AlreadyClaimed.
        AmountOutOfRange, WalletClosed, KeyReused, Contended.
    """
    found = documents.get(executor.tables, keys.promotion(code))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no promotion {code}", promotion=code)
    promotion = found.body
    missing = [kind for kind in promotion["identities"] if kind not in identities]
    if missing:
        raise InvalidRequest([(f"identities.{kind}", "the promotion asks for it") for kind in missing])
    if unit_id not in (None, promotion["unit"]):
        raise InvalidRequest([("unit", f"the promotion gives {promotion['unit']}")])
    unit_id = promotion["unit"]
    context = executor.context(account, unit_id)
    precision = context.unit.precision
    steps = parse_amount(promotion["amount"], precision)
    budget = promotion["budget"] and parse_amount(promotion["budget"], precision, "budget")
    hashes = {kind: identity_hash(secret(), kind, identities[kind]) for kind in promotion["identities"]}
    cause = cause_of("redemption", account, unit_id, caller, about, {"code": code, "identities": hashes})
    terms = LotTerms(kind=promotion["kind"], expires_in=promotion["expires_in"])
    note = {**(about.note() or {}), "source": ["promotion", code]}

    def act(draft: Draft, now: int) -> Entry:
        _check_window(promotion, now)
        order = on_terms(steps, terms, context.unit.policy, now, note)
        return grants.grant(draft, order, context.unit.policy, now, cause)[0]

    def beside() -> list[Item]:
        counted = promotions.count(executor.tables, code, steps, promotion["max_redemptions"], budget)
        claims = {ACCOUNT: account, **hashes}
        return [counted, *(promotions.claim(executor.tables, code, *one) for one in claims.items())]

    try:
        return execute(executor, context, caller, cause, act, beside)
    except StaleDocument as stale:
        if stale.index == 0:
            raise PromotionExhausted("it was redeemed as often, or for as much, as it may be") from stale
        raise AlreadyClaimed(
            "it was claimed by this account, or by somebody with the same identity"
        ) from stale


def _check_window(promotion: Mapping[str, Any], now: int) -> None:
    starts_at, ends_at = promotion["starts_at"], promotion["ends_at"]
    if (starts_at is not None and now < starts_at) or (ends_at is not None and now >= ends_at):
        raise PolicyViolation("the promotion is not on now", policy="promotion_window")
